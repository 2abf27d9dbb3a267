"""What every opened file has, whatever it is made of (``base.Document``). Not a reader."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from campaignstats.readers.base import Refused
from campaignstats.readers.cells import CellRefused

HEAD = 40
SAMPLE = 400  # records by which a file's letters are judged: one program has saved them all

Record = tuple[int, list[Any]]


@dataclass
class Opened:
    """What every kind of document has (``base.Document``).

    ``refused``: of the last reading, records that are too broken to hand to a reader (gather counts them as
    quarantined), and single cells (``column`` is set) that were handed out empty. ``notes``: as those of
    ``base.About``, of the file as a whole. ``n_delivered``: records that the last ``records()`` or ``items()`` gave.
    """

    path: str
    kind: str
    encoding: str
    repairs: tuple[str, ...] = ()
    head: list[Record] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    payload: Any = None
    refused: list[Refused] = field(default_factory=list)
    n_delivered: int = 0
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    way: Callable[[str], str] | None = None  # how the letters of every cell are read (``letters``); None: as they stand

    def records(self, sheet: str | None = None) -> Iterator[Record]:
        raise NotImplementedError

    def items(self, values: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """The items of a JSON document, numbered from 1 and counted."""
        self.n_delivered = 0
        for number, value in enumerate(values, 1):
            self.n_delivered = number
            yield number, value

    def repaired(self, name: str, **told: Any) -> None:
        """Say that something was repaired: its name for the record, and the note ``repaired.<name>`` for people."""
        self.repairs += (name,)
        self.notes.append((f"repaired.{name}", told))

    def read_head(self) -> None:
        """Fill ``head`` anew, after ``way`` has changed."""
        self.head = list(islice(self.records(), HEAD))
        self.n_delivered, self.refused = 0, []

    def sample(self) -> list[Record]:
        """The first records as they stand."""
        found = list(islice(self.records(), SAMPLE))
        self.n_delivered, self.refused = 0, []
        return found

    def believed(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records with their letters read; a cell whose letters are not proved is left empty and refused."""
        names: list[Any] = []
        for number, cells in records:
            found = self.believed_cells(number, cells, names)
            yield number, found
            if len(found) > len(names) and number < HEAD:
                names = found  # as they are believed: a broken name is none

    def believed_cells(self, number: int, cells: list[Any], names: list[Any]) -> list[Any]:
        assert self.way is not None
        found = list(cells)
        for i, cell in enumerate(cells):
            if type(cell) is str:
                try:
                    found[i] = self.way(cell)
                except CellRefused as problem:
                    found[i] = "" if self.kind == "table" else None
                    name = str(names[i]).strip() if i < len(names) and names[i] not in (None, "") else f"[{i + 1}]"
                    self.refused.append(Refused(number, name, problem.rule, "", problem.details))
        return found
