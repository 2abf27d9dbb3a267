"""What every opened file has, whatever it is made of (``base.Document``). Not a reader."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from campaignstats.readers.base import Refused

HEAD = 40


@dataclass
class Opened:
    """What every kind of document has (``base.Document``).

    ``refused``: records of the last reading that are too broken to hand to a reader; gather counts them as quarantined.
    ``n_delivered``: records that the last ``records()`` or ``items()`` handed out.
    """

    path: str
    kind: str
    encoding: str
    repairs: tuple[str, ...] = ()
    head: list[tuple[int, list[Any]]] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    payload: Any = None
    refused: list[Refused] = field(default_factory=list)
    n_delivered: int = 0

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, list[Any]]]:
        raise NotImplementedError

    def items(self, values: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """The items of a JSON document, numbered from 1 and counted."""
        self.n_delivered = 0
        for number, value in enumerate(values, 1):
            self.n_delivered = number
            yield number, value
