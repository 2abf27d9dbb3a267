"""JSON whose shape can't be trusted: where an object or a number should be, anything may stand. Not a reader."""

from collections.abc import Callable
from typing import Any

from campaignstats.readers import cells
from campaignstats.readers.base import Refused

READERS = ()


def mapping(value: Any) -> dict[str, Any]:
    """The object; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """The list; an empty one where something else stands."""
    return value if isinstance(value, list) else []


def inside(value: Any, *names: str) -> Any:
    """The value under nested names; None where the way ends."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def plain(value: Any) -> str | None:
    """The text of a string or number; None for anything that is neither, and for an empty text."""
    return cells.text(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


class Doubts:
    """The refused cells of one record. Of an object or a list only its kind is kept: anything may be in it."""

    def __init__(self, row: int) -> None:
        self.row = row
        self.refused: list[Refused] = []

    def read(self, name: str, value: Any, parsed: Callable[[Any], Any]) -> Any:
        """The parsed value; None and a refused cell where it can't be believed."""
        shape = type(value).__name__ if isinstance(value, dict | list | bool) else None
        try:
            if shape is not None:
                raise cells.CellRefused("nested.shape", shape=shape)
            return parsed(value)
        except cells.CellRefused as problem:
            shown = shape or str(value)[:60]
            self.refused.append(Refused(self.row, name, problem.rule, shown, problem.details))
            return None


def count(value: Any) -> float | None:
    """A whole number; None if absent."""
    return cells.number(value, whole=True)
