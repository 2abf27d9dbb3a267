"""A text table by column, in stretches of many records: the fast way through files that come by the million.

What comes out is what ``Table.records`` would hand out, or nothing: where a stretch leaves a doubt (``columnar.Doubt``,
broken bytes, a cell beyond the limit), the way ends, and ``rest`` hands out everything behind it record by record, from
the strict reading itself. Not a reader.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np

from campaignstats import columnar
from campaignstats.readers.base import Document, header_keys
from campaignstats.readers.documents import FIRST, no_item_words
from campaignstats.readers.text_tables import MAX_FIELD, Table

STRETCH = 8 << 20  # bytes; 30,000 to 60,000 comments
STRICT = "CAMPAIGNSTATS_STRICT"  # set in the environment, every file is read record by record


class Stretch:
    """Records ``first`` to ``first + n - 1``: each has ``width`` cells, none is a blank line."""

    def __init__(
        self, first: int, n: int, data: bytes, delimiter: str, width: int, wanted: Iterable[int], words: frozenset[str]
    ) -> None:
        self.first, self.n = first, n
        self._data, self._delimiter, self._width = data, delimiter, width
        titles = range(min(FIRST, width))
        self.column = columnar.columns(data, delimiter, width, {*wanted, *titles}, n)
        if any(columnar.has_word(self.column[i], words) for i in titles):
            raise columnar.Doubt("a header or a total among the items")
        self.n_blank = 0

    @property
    def rows(self) -> list[int]:
        return list(range(self.first, self.first + self.n))

    @cached_property
    def records(self) -> list[tuple[int, list[Any]]]:
        """The same one by one, as ``Table.records`` hands them out: without those whose cells are all blank."""
        every = columnar.columns(self._data, self._delimiter, self._width, range(self._width), self.n)
        cells = zip(*(every[i].to_pylist() for i in range(self._width)), strict=True)
        found = [(row, list(c)) for row, c in enumerate(cells, self.first) if any(map(str.strip, c))]
        self.n_blank = self.n - len(found)
        return found


class ByColumn:
    """The records behind number ``top`` of a document whose header has ``width`` cells: stretches, then ``rest``."""

    def __init__(self, document: Document, top: int, width: int, wanted: Iterable[int]) -> None:
        self.document, self.top, self.width, self.wanted = document, top, width, tuple(wanted)
        self.done = top  # the last record that was handed out
        self.n_delivered = sum(number <= top for number, _ in document.head)
        self.finished = False

    def __iter__(self) -> Iterator[Stretch]:
        table = self.document
        if os.environ.get(STRICT) or not isinstance(table, Table) or not table.is_plain(self.width):
            return
        try:
            for stretch in _one_ahead(self._stretches(table)):
                yield stretch
                self.done += stretch.n
                self.n_delivered += stretch.n - stretch.n_blank
            self.finished = True
        except columnar.Doubt:
            return

    def rest(self) -> Iterator[tuple[int, list[Any]]]:
        """The records behind the last stretch, read strictly. Ask once the stretches are used up."""
        if self.finished:
            assert isinstance(self.document, Table)  # no stretch without
            self.document.reset()
            self.document.n_delivered = self.n_delivered
            return iter(())
        return ((number, cells) for number, cells in self.document.records() if number > self.done)

    def _stretches(self, table: Table) -> Iterator[Stretch]:
        first = self.top + 1
        header = next(cells for number, cells in table.head if number == self.top)
        words = no_item_words() | set(filter(None, header_keys(header[:FIRST])))
        n_above = self.top  # records of the preamble and the header that still lie ahead
        for data, ends in _whole_records(table):
            if len(ends) <= n_above:
                n_above -= len(ends)
                continue
            starts = np.concatenate(([0], ends[:-1]))[n_above:]
            if (ends[n_above:] - starts).max() > MAX_FIELD:  # in bytes: no cell has as many characters
                raise columnar.Doubt("a long record")
            wanted = data[int(starts[0]) : int(ends[-1])]
            n_above = 0
            yield Stretch(first, len(starts), wanted, table.delimiter, self.width, self.wanted, words)
            first += len(starts)


def _one_ahead(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """The same, the next one being cut while the last is worked on: most of the cutting needs no Python."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, stretches, None)
        while (stretch := coming.result()) is not None:
            coming = pool.submit(next, stretches, None)
            yield stretch


def _whole_records(table: Table) -> Iterator[tuple[bytes, np.ndarray]]:
    """The table's bytes in pieces of whole records, and where in a piece its records end."""
    carried = b""
    for read in table.chunks(STRETCH):
        data = carried + read
        ends = columnar.record_ends(data, table.delimiter)
        stop = int(ends[-1]) if len(ends) else 0
        carried = data[stop:]
        if len(carried) > STRETCH:
            raise columnar.Doubt("a cell without end")
        if stop:
            if not columnar.is_utf8(data[:stop]):
                raise columnar.Doubt("broken bytes")
            yield data[:stop], ends
    if carried:
        raise columnar.Doubt("a last line without its end")
