"""Text tables (CSV and the like): delimiters, quotes and what a spreadsheet does to them. Not a reader.

Tables are streamed: a file of any size passes through a few megabytes of memory.
"""

import csv
import itertools
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from typing import Any

from campaignstats.errors import ReadError
from campaignstats.readers import encodings
from campaignstats.readers.base import Refused
from campaignstats.readers.documents import HEAD, Opened, Record
from campaignstats.readers.encodings import Lines, Scan
from campaignstats.readers.inbox import Found
from campaignstats.readers.letters import without_strays

MAX_FIELD = 1_000_000  # characters in a cell; Facebook's longest post has 63,206
MAX_RESYNC = 1000  # lines that a record may have in a table with a quote that is never closed
MAX_AGAIN = 1_000_000  # lines that are read again after such quotes: a second or two

csv.field_size_limit(MAX_FIELD)

_SEP = re.compile(r'"?sep=(.)"?[\t,; ]*[\r\n]*', re.IGNORECASE)


class Table(Opened):
    """A CSV-like file. Record numbers are those that Excel shows: empty lines count, a ``sep=`` line does not."""

    def __init__(self, found: Found, label: str, scan: Scan, repair: str | None) -> None:
        super().__init__(found.path, "table", label)
        self._found, self.scan = found, scan
        self.ends_lines = False  # whether the platform ends every line, the last one too (set by ``opening``)
        with Lines(found, scan) as lines:
            sample = _sample(lines)
        while sample and sample[0].strip("\ufeff \t\r\n") == "" and len(sample) > 1 and _SEP.fullmatch(sample[1]):
            del sample[0]
        declared = _SEP.fullmatch(sample[0].lstrip("\ufeff")) if sample else None
        self._skip = 1 if declared else 0
        sample = sample[self._skip :]
        self.delimiter, width = _delimiter(sample, declared.group(1) if declared else None)
        self._unwrap = _wrapping(sample) if width <= 1 or _wrapping(sample) else None
        if self._unwrap:
            self.delimiter, width = _delimiter(list(self._unwrap(iter(sample))), None)
        named = {
            repair: bool(repair),
            "cp1252_soft_hyphens": scan.errors == "campaignstats.soft_hyphen",
            "control_characters": scan.controls,
            "quoted_twice": self._unwrap is not None,
        }
        for name, made in named.items():
            if name and made:
                self.repaired(name)
        self._width = width
        self.read_head()
        if not self.head:
            raise ReadError("read.empty", path=found.path)

    def records(self, sheet: str | None = None) -> Iterator[Record]:
        self.n_delivered, self.refused = 0, []
        records = self._records()
        if not self.scan.ends_line or self.scan.is_cut:
            records = self._without_cut_end(records)
        if self.way is not None:
            return self.believed(records)
        return self._counted(records) if self.scan.errors == "campaignstats.counted" else records

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines as they are, without their ends, numbered and counted: for tables whose quoting is a tool's own."""
        self.n_delivered, self.refused = 0, []
        with Lines(self._found, self.scan) as lines:
            for _ in range(self._skip):
                next(lines, None)
            try:
                for number, line in enumerate(lines, 1):
                    if line.strip("\ufeff \t\r\n"):
                        self.n_delivered += 1
                        yield number, line.rstrip("\r\n")
            except (UnicodeDecodeError, zipfile.BadZipFile, zlib.error, OSError) as problem:
                raise ReadError("read.changed", path=self.path, reason=str(problem)) from None

    def _counted(self, records: Iterator[Record]) -> Iterator[Record]:
        """A big file was not decoded beforehand: cells with broken bytes are refused from the first one on."""
        before = encodings.n_strays
        for number, cells in records:
            if encodings.n_strays != before:  # decoding runs ahead of the records, never behind
                self.way = without_strays
                cells = self.believed_cells(number, cells, self.head[0][1] if self.head else [])
                self.way = None
            yield number, cells

    def _without_cut_end(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records but for a last one that is cut: within a letter, after too few cells, before its line end."""
        before: Record | None = None
        width = 0
        for record in records:
            if before is not None:
                width = len(before[1])
                yield before
            before = record
        if before is None:
            return
        n_cells = len(before[1])
        if self.scan.is_cut or self.ends_lines or (1 < n_cells < self._width and n_cells < width):
            self.n_delivered -= 1
            self.refused.append(Refused(before[0], "", "cut_off"))
        else:
            yield before

    def _records(self) -> Iterator[Record]:
        number = 0
        with Lines(self._found, self.scan) as lines:
            for _ in range(self._skip):
                next(lines, None)
            if self._unwrap:
                lines = self._unwrap(lines)
            if self.scan.n_quotes % 2 and not self._unwrap:
                yield from self._resynced(lines, 0)
                return
            raw: list[str] = []  # the lines of the record being read
            reader = csv.reader(_kept(lines, raw), delimiter=self.delimiter)
            delivered = 0
            try:
                for number, cells in enumerate(reader, 1):
                    if len(raw) > 1 and self._swallows(raw, cells):
                        self.n_delivered = delivered
                        yield from self._resynced(itertools.chain(raw[:], lines), number - 1)
                        return
                    raw.clear()
                    if cells and (cells[0].strip() or any(map(str.strip, cells))):
                        delivered += 1
                        yield number, cells
            except csv.Error:
                self.refused.append(Refused(number + 1, "", "field_too_long", "", {"limit": MAX_FIELD}))
                self.n_delivered = delivered
                yield from self._resynced(lines, number + 1)
            except UnicodeDecodeError:
                raise ReadError("read.changed", path=self.path, reason="UTF-8") from None
            except (zipfile.BadZipFile, zlib.error, OSError) as problem:
                # the file was whole when it was scanned: it changed or went away while it was read
                raise ReadError("read.changed", path=self.path, reason=str(problem)) from None
            finally:
                self.n_delivered = max(self.n_delivered, delivered)

    def _swallows(self, raw: list[str], cells: list[str]) -> bool:
        """Whether a record of several lines owes them to a quote that is never closed."""
        if self._width <= 3 or self._unwrap:
            return False
        return len(cells) > self._width or _closed(raw, self.delimiter) == []

    def _resynced(self, lines: Iterator[str], number: int) -> Iterator[Record]:
        """Records of a table with a quote that is never closed, which would swallow good rows up to the next quote.

        A record that does not come out with the common number of cells gives up its first line, and the reading starts
        again behind it: the broken record is refused, those after it are read. Narrow tables (up to three columns) have
        no such sign; their records go to the reader as they are. Lines are read again so often at most; then what is
        left of the file is refused.
        """
        queue: deque[str] = deque()
        n_broken, again = 0, 0
        ended = False

        def following() -> str | None:
            return queue.popleft() if queue else next(lines, None)

        while not ended and (line := following()) is not None:
            pending = [line]
            quoted, n_cells = _quoted_at_end(line, self.delimiter, quoted=False)
            while quoted and len(pending) < MAX_RESYNC and (self._width <= 3 or n_cells <= self._width):
                line = following()
                if line is None:
                    break
                pending.append(line)
                quoted, more = _quoted_at_end(line, self.delimiter, quoted=True)
                n_cells += more
            cells = [] if quoted is None or quoted else _closed(pending, self.delimiter)
            if cells is not None and len(pending) == 1 and not any(map(str.strip, cells or pending)):
                number += 1
            elif cells and (self._width <= 3 or len(cells) == self._width):
                if n_broken:
                    number += 1
                    self.refused.append(Refused(number, "", "unclosed_quote", "", {"lines": n_broken}))
                n_broken, number = 0, number + 1
                self.n_delivered += 1
                yield number, cells
            else:
                n_broken += 1
                again += len(pending) - 1
                if again > MAX_AGAIN:
                    n_broken += len(pending) - 1 + len(queue) + sum(1 for _ in lines)
                    ended = True
                else:
                    queue.extendleft(reversed(pending[1:]))
        if n_broken:
            self.refused.append(Refused(number + 1, "", "unclosed_quote", "", {"lines": n_broken}))


def _kept(lines: Iterator[str], raw: list[str]) -> Iterator[str]:
    for line in lines:
        raw.append(line)
        yield line


_WITHIN_QUOTES = re.compile('(?:[^"]|"")*+')


def _quoted_at_end(line: str, delimiter: str, *, quoted: bool) -> tuple[bool | None, int]:
    """(whether a quote is open behind the line, cells begun in it); None if its quotes make no sense.

    ``quoted``: whether one is open before it. Linear, unlike to try all lines so far with each new one.
    """
    n_cells, place, end = 0, 0, len(line.rstrip("\r\n"))
    if not quoted:
        n_cells = 1
    while True:
        if quoted:
            found = _WITHIN_QUOTES.match(line, place)
            place = found.end() if found else place
            if place >= len(line):
                return True, n_cells
            place += 1  # the quote that closes
            if place >= end:
                return False, n_cells
            if line[place] != delimiter:
                return None, n_cells
            place, n_cells, quoted = place + 1, n_cells + 1, False
        elif line.startswith('"', place):
            place, quoted = place + 1, True
        else:
            place = line.find(delimiter, place)
            if place < 0:
                return False, n_cells
            place, n_cells = place + 1, n_cells + 1


def _closed(lines: list[str], delimiter: str) -> list[str] | None:
    """The cells of a record of these lines; None while a quote is open, [] if the quotes make no sense."""
    try:
        found = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return None if "unexpected end of data" in str(problem) else []
    return found[0] if found else []


def _sample(lines: Iterator[str]) -> list[str]:
    """The first lines of a file, enough to see how it is made."""
    sample, size = [], 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size > 1 << 18 or len(sample) >= 400:
            break
    return sample


def _delimiter(sample: list[str], declared: str | None) -> tuple[str, int]:
    """(delimiter, width): the one that splits most records into the same number of cells, more than one."""
    best: tuple[float, int, int, str] = (0.0, 0, 0, declared if declared in (",", ";", "\t", "|") else ",")
    for place, delimiter in enumerate((declared,) if declared in (",", ";", "\t", "|") else (",", ";", "\t", "|")):
        assert delimiter
        widths: list[int] = []
        try:
            for cells in itertools.islice(csv.reader(iter(sample), delimiter=delimiter), HEAD * 2):
                if any(map(str.strip, cells)):
                    widths.append(len(cells))
        except csv.Error:
            pass  # a cell without end: the records before it tell enough
        split = [w for w in widths if w > 1]
        if not split:
            continue
        common = max(sorted(set(split)), key=split.count)
        best = max(best, (round(split.count(common) / len(widths), 2), common, -place, delimiter))
    return best[3], best[1]


def _unwrapped_lines(lines: Iterator[str]) -> Iterator[str]:
    """Excel saved each line that holds a quote as one cell: `"a,""b, c"",d"`; other lines stand as they were."""
    for line in lines:
        body = line.rstrip("\r\n")
        if len(body) > 1 and body[0] == '"' == body[-1]:
            yield body[1:-1].replace('""', '"') + line[len(body) :]
        else:
            yield line


def _unwrapped_records(lines: Iterator[str]) -> Iterator[str]:
    """Each whole record, line breaks included, was saved as one cell."""
    for cells in csv.reader(lines):
        if len(cells) == 1:
            yield from (cells[0] + "\n").splitlines(keepends=True)


def _wrapping(sample: list[str]) -> Any:
    """How to take one layer of quotes off (rule 0.11): only if the records then all have the header's length."""
    first = next((line for line in sample if line.strip()), "")
    if not first.lstrip("\ufeff").startswith('"') or '""' not in first:
        return None
    for unwrap in (_unwrapped_lines, _unwrapped_records):
        try:
            outer = next(csv.reader([first]), [])
            if len(outer) != 1:
                continue
            lines = list(unwrap(iter(sample)))
            delimiter, width = _delimiter(lines, None)
            records = [c for c in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, c))]
        except csv.Error:
            continue
        full = records[:-1] if len(sample) >= 400 and len(records) > 2 else records  # the sample may end mid-record
        if width >= 3 and len(records[0]) == width and sum(len(c) == width for c in full) >= 0.8 * len(full):
            return unwrap
    return None
