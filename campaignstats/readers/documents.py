"""What every opened file has, whatever it is made of (``base.Document``). Not a reader."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from campaignstats.columnar import LONGEST_WORD
from campaignstats.readers.base import Refused, Skipped, header_keys, registry
from campaignstats.readers.cells import CellRefused

HEAD = 40
SAMPLE = 400  # records by which a file's letters are judged: one program has saved them all

Record = tuple[int, list[Any]]


@dataclass
class Opened:
    """What every kind of document has (``base.Document``).

    ``refused``: of the last reading, records that are too broken to hand to a reader (gather counts them as
    quarantined), and single cells (``column`` is set) that were handed out empty. ``skipped``: records that are
    nobody's data, which no reader sees. ``notes``: as those of ``base.About``, of the file as a whole. ``n_delivered``:
    records that the last ``records()`` or ``items()`` gave.
    """

    path: str
    kind: str
    encoding: str
    repairs: tuple[str, ...] = ()
    head: list[Record] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    payload: Any = None
    refused: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
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
        self.reset()

    def reset(self) -> None:
        """Forget what the last reading met."""
        self.n_delivered, self.refused, self.skipped = 0, [], []

    def sample(self) -> list[Record]:
        """The first records as they stand."""
        found = list(islice(self.records(), SAMPLE))
        self.reset()
        return found

    def one_table(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records of the first export of a table, where files were joined or a person added a total.

        Its header again is structure, which no reader sees. Below another known export's header every record is
        refused: what a person declared, account and period, they declared of one export. Only tables with a known
        header of three columns or more are looked at: those of two are titles of blocks, which come again by rights.
        """
        header: list[str] = []
        words = no_item_words()
        top = other = 0
        for number, cells in records:
            if not header:
                if number <= HEAD and is_header(keys := header_keys(cells)):
                    header, top, words = keys, number, words | set(filter(None, keys[:FIRST]))
            elif may_be_no_item(cells, words):
                keys = header_keys(cells)
                if keys[: len(header)] == header:
                    other, top = 0, number
                    self.n_delivered -= 1
                    continue
                if is_header(keys):
                    other = number
                    self.n_delivered -= 1
                    continue
                if not other and number > top + 1 and _is_total(cells):
                    self.n_delivered -= 1
                    self.skipped.append(Skipped(number, "added_total"))
                    continue
            if other:
                self.n_delivered -= 1
                self.refused.append(Refused(number, "", "other_table", "", {"header": other}))
            else:
                yield number, cells

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


# ---- records that are no items ---------------------------------------------------------------------------------------

TOTAL = frozenset({"total", "totals", "grand total", "sum", "tổng", "tổng cộng", "tổng số", "cộng"})
FIRST = 3  # a header that comes again, or a total, shows in one of the first cells


def is_header(keys: list[str]) -> bool:
    """Whether these are the headers of a known export, of three columns or more."""
    present = set(keys)
    signatures = (sig for reader in registry().values() for sig in reader.HEADERS)
    return any(len(sig) >= 3 and sig <= present for sig in signatures)


@cache
def no_item_words() -> frozenset[str]:
    """What stands in one of the first cells of every record that may be no item, in small letters."""
    headers = {key for reader in registry().values() for sig in reader.HEADERS for key in sig}
    return TOTAL | {f"{word}:" for word in TOTAL} | headers


def may_be_no_item(cells: list[Any], words: frozenset[str]) -> bool:
    """Whether a record is worth a closer look: seen at once, as it is asked of every record."""
    return any(type(c) is str and len(c) <= LONGEST_WORD and c.strip().lower() in words for c in cells[:FIRST])


def _is_total(cells: list[Any]) -> bool:
    """Whether a person added the record up: a word says so, and all else in it are figures."""
    says = [c for c in cells[:FIRST] if type(c) is str and c.strip().lower().rstrip(":") in TOTAL]
    others = [c for c in cells if c not in (None, "") and c not in says and str(c).strip()]
    return len(says) == 1 and bool(others) and all(map(_is_figure, others))


def _is_figure(cell: Any) -> bool:
    if type(cell) is str:
        bare = cell.strip().rstrip("%").strip()
        return (
            bool(bare)
            and all(c.isdecimal() or c in ".,- \u00a0\u202f:" for c in bare)
            and any(map(str.isdecimal, bare))
        )
    return isinstance(cell, int | float)
