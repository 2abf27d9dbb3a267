"""Text tables (CSV and the like): delimiters, quotes and what a spreadsheet does to them. Not a reader.

Tables are streamed: a file of any size passes through a few megabytes of memory.
"""

import codecs
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
from campaignstats.readers.base import Refused, header_keys
from campaignstats.readers.documents import HEAD, Opened, Record, is_header, may_be_no_item, no_item_words
from campaignstats.readers.encodings import Lines, Scan
from campaignstats.readers.inbox import Found
from campaignstats.readers.letters import without_strays

MAX_FIELD = 1_000_000  # characters in a cell; Facebook's longest post has 63,206
MAX_RESYNC = 5000  # lines that a record may have
MAX_AGAIN = 1_000_000  # lines that are read again behind quotes that are never closed: a second or two

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
        self._widths = _header_widths(sample, self.delimiter) if self._unwrap is None else set()
        if len(self._widths) < 2:  # else known exports were joined, and each has its own
            self._widths = {width}
        self.read_head()
        if not self.head:
            raise ReadError("read.empty", path=found.path)

    def is_plain(self, width: int) -> bool:
        """Whether nothing in how the file is made asks for more than cutting it at delimiters and line ends.

        Then it may be read ``by_column``, in records of ``width`` cells. Whoever adds a repair here says so too.
        """
        scan = self.scan
        return (
            scan.codec in ("utf-8", "utf-8-sig")
            and scan.errors in ("strict", "campaignstats.counted")  # no broken byte, or none known: each piece is tried
            and not scan.controls
            and scan.n_quotes % 2 == 0
            and scan.ends_line
            and not scan.is_cut
            and self.way is None
            and self._unwrap is None
            and self._skip == 0
            and self._width == width
        )

    def chunks(self, size: int) -> Iterator[bytes]:
        """The file's bytes, the byte order mark left out."""
        for n, chunk in enumerate(self._found.chunks(size)):
            yield chunk.removeprefix(codecs.BOM_UTF8) if n == 0 and self.scan.codec == "utf-8-sig" else chunk

    def records(self, sheet: str | None = None) -> Iterator[Record]:
        self.reset()
        records = self._records()
        if not self.scan.ends_line or self.scan.is_cut:
            records = self._without_cut_end(records)
        if self.way is not None:
            records = self.believed(records)
        elif self.scan.errors == "campaignstats.counted":
            records = self._counted(records)
        return self.one_table(records)

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines as they are, without their ends, numbered and counted: for tables whose quoting is a tool's own."""
        self.reset()
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
        if self.refused and self.refused[-1].rule == "cut_off":
            yield before
            return
        n_cells = len(before[1])
        if self.scan.is_cut or self.ends_lines or (1 < n_cells < self._width and n_cells < width):
            self.n_delivered -= 1
            self.refused.append(Refused(before[0], "", "cut_off"))
        else:
            yield before

    def _records(self) -> Iterator[Record]:
        """Every record; where a quote that is never closed would swallow good rows, the broken record is refused alone.

        Such a record gives up its first line, and the reading starts again behind it, until one comes out with the
        common number of cells. Narrow tables (up to three columns) have no such sign; their records go to the reader
        as they are. Lines are read again so often at most; then what is left of the file is refused.
        """
        number = n_broken = again = 0
        ahead: deque[str] = deque()  # lines to read once more
        raw: list[str] = []  # the lines of the record being read
        with Lines(self._found, self.scan) as lines:
            for _ in range(self._skip):
                next(lines, None)
            if self._unwrap:
                lines = self._unwrap(lines)
            while True:
                too_long = False
                try:
                    for cells in csv.reader(_kept(lines, ahead, raw), delimiter=self.delimiter):
                        if not cells:
                            number += 1
                            raw.clear()
                            continue
                        if (n_broken or len(raw) > 1) and self._swallows(raw, cells, lost=n_broken > 0):
                            if len(raw) > 1:
                                break
                            n_broken += 1 + self._skimmed(lines, ahead)
                            raw.clear()
                            continue
                        blank = not (cells[0].strip() or any(map(str.strip, cells)))
                        if n_broken and not blank:
                            number, n_broken = self._given_up(number, n_broken), 0
                        raw.clear()
                        number += 1
                        if not blank:
                            self.n_delivered += 1
                            yield number, cells
                    else:
                        break
                except csv.Error:
                    too_long = len(raw) == 1
                except _TooManyLines:
                    pass
                except UnicodeDecodeError:
                    raise ReadError("read.changed", path=self.path, reason="UTF-8") from None
                except (zipfile.BadZipFile, zlib.error, OSError) as problem:
                    # the file was whole when it was scanned: it changed or went away while it was read
                    raise ReadError("read.changed", path=self.path, reason=str(problem)) from None
                if too_long:
                    number += 1
                    self.refused.append(Refused(number, "", "field_too_long", "", {"limit": MAX_FIELD}))
                else:
                    n_broken += 1
                again += len(raw)
                ahead.extendleft(reversed(raw[1:]))
                raw.clear()
                if again > MAX_AGAIN:
                    n_broken += len(ahead) + sum(1 for _ in lines)
                    break
            if n_broken:
                self._given_up(number, n_broken, at_end=True)

    def _skimmed(self, lines: Iterator[str], ahead: deque[str]) -> int:
        """How many lines behind a lost one can begin no record: no quote, and not as many cells as a record has.

        There may be millions of them; the first other line stands first in ``ahead`` again.
        """
        delimiter, widths = self.delimiter, self._widths
        n = 0
        while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
            if (
                '"' in line
                or line.count(delimiter) + 1 in widths
                or len(line) > MAX_FIELD
                or not line.strip(", ;\t|\r\n")
            ):
                ahead.appendleft(line)
                break
            n += 1
        return n

    def _given_up(self, number: int, n_lines: int, *, at_end: bool = False) -> int:
        """Refuse lines that can't be told apart as one record behind ``number``; its number."""
        rule = "cut_off" if at_end and not self.scan.ends_line else "unclosed_quote"
        self.refused.append(Refused(number + 1, "", rule, "", {"lines": n_lines}))
        return number + 1

    def _swallows(self, raw: list[str], cells: list[str], *, lost: bool) -> bool:
        """Whether a record owes its lines to a quote that is never closed, or is what such a record has left over."""
        if self._unwrap:
            return False
        closed = cells if len(raw) == 1 else _closed(raw, self.delimiter)
        if closed is None or self._width <= 3:
            return closed is None
        if lost:
            # the width first: it settles millions of lines behind a quote, each for little
            if len(closed) in self._widths and "".join(raw).count('"') % 2 == 0:
                return False
            return any(map(str.strip, cells))
        return len(raw) > 1 and (closed == [] or len(cells) > max(self._widths))


class _TooManyLines(Exception):
    pass


def _kept(lines: Iterator[str], ahead: deque[str], raw: list[str]) -> Iterator[str]:
    """The lines, those to be read once more first, and each also into ``raw``, which a record clears."""
    while True:
        while ahead:
            raw.append(ahead.popleft())
            yield raw[-1]
            if len(raw) > MAX_RESYNC:
                raise _TooManyLines
        for line in lines:
            raw.append(line)
            yield line
            if len(raw) > MAX_RESYNC:
                raise _TooManyLines
            if ahead:
                break
        else:
            return


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


def _header_widths(sample: list[str], delimiter: str) -> set[int]:
    """Of every known export's header in the sample, how many cells it has."""
    try:
        records = csv.reader(sample, delimiter=delimiter)
        return {len(c) for c in records if may_be_no_item(c, no_item_words()) and is_header(header_keys(c))}
    except csv.Error:
        return set()


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
