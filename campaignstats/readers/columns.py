"""Metric columns: header -> metric, record -> values. For readers whose tables hold one item and many figures a row.

Columns are found by header and read by position, so order, extra columns and repeated headers do no harm. Not a reader.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from campaignstats.metrics import registry as registry_of_metrics
from campaignstats.readers.base import (
    Document,
    Refused,
    Row,
    Skipped,
    Structure,
    Yield,
    found_header,
    header_keys,
    registry,
)
from campaignstats.readers.cells import CellRefused, number, text

READERS = ()

Parse = Callable[[Any], float | None]


@dataclass(frozen=True)
class Header:
    """The header record of a table: ``keys`` are compared, ``names`` are what the file wrote."""

    row: int
    keys: list[str]
    names: list[str]
    metrics: dict[str, list[int]] = field(default_factory=dict)  # metric -> its columns, in the file's order

    @classmethod
    def claimed(cls, document: Document, headers: tuple[frozenset[str], ...], metrics: Mapping[str, str]) -> "Header":
        """The header by which a reader with these HEADERS has claimed the document."""
        found = found_header(document, headers)
        assert found is not None  # no claim without it
        return cls.of(found[0], next(c for n, c in document.head if n == found[0]), metrics)

    @classmethod
    def of(cls, row: int, cells: list[Any], metrics: Mapping[str, str]) -> "Header":
        """``metrics``: header key -> metric."""
        keys = header_keys(cells)
        found: dict[str, list[int]] = {}
        for i, key in enumerate(keys):
            if key in metrics:
                found.setdefault(metrics[key], []).append(i)
        return cls(row, keys, ["" if c is None else str(c).strip() for c in cells], found)

    @property
    def figures(self) -> set[int]:
        """The columns of metrics."""
        return {i for columns in self.metrics.values() for i in columns}

    def column(self, *keys: str) -> int | None:
        """The first column that has one of these header keys."""
        return next((i for i, key in enumerate(self.keys) if key in keys), None)

    def unread(self, known: Iterable[str]) -> list[str]:
        """Names of the columns that are neither a metric nor in ``known``."""
        taken = {i for columns in self.metrics.values() for i in columns}
        known = set(known)
        return [n for i, n in enumerate(self.names) if n and i not in taken and self.keys[i] not in known]

    def values(
        self, row: int, cells: list[Any], parsers: Mapping[str, Parse] | None = None
    ) -> tuple[dict[str, float], list[Refused]]:
        """The metrics of a record and its refused cells. Columns that repeat a metric must agree."""
        found: dict[str, float] = {}
        refused: list[Refused] = []
        for metric, columns in self.metrics.items():
            parse = (parsers or {}).get(metric) or (count if _counts(metric) else number)
            seen: dict[float, int] = {}
            for i in columns:
                cell = cells[i] if i < len(cells) else None
                try:
                    value = parse(cell)
                except CellRefused as problem:
                    if self.names[i] not in {r.column for r in refused}:  # a repeated header is one place
                        refused.append(Refused(row, self.names[i], problem.rule, str(cell), problem.details))
                    continue
                if value is not None:
                    seen.setdefault(value, i)
            if len(seen) == 1:
                found[metric] = next(iter(seen))
            elif seen:
                i = list(seen.values())[-1]
                refused.append(
                    Refused(row, self.names[i], "columns.disagree", str(cells[i]), {"header": self.names[i]})
                )
        return found, refused


@lru_cache
def _counts(metric: str) -> bool:
    """Whether the metric counts people or events: a fraction of one is a thousands separator."""
    found = registry_of_metrics().get(metric)
    return found is not None and found.unit in ("events", "people", "count") and not found.ratio


def count(cell: Any) -> float | None:
    """A whole number: "191.265" views are refused."""
    return number(cell, whole=True)


def signed(cell: Any) -> float | None:
    """A whole number that may be below zero, e.g. a net change."""
    return number(cell, whole=True, negative=True)


def money(cell: Any) -> float | None:
    """An amount, which may be below zero after a correction."""
    return number(cell, negative=True)


def too_long(header: Header, row: int, cells: list[Any]) -> Refused | None:
    """The refusal of a record that has more filled cells than the header has columns, or None."""
    width = named_width(header.names)
    extra = [c for c in cells[width:] if text(c) is not None]
    if not extra:
        return None
    return Refused(row, "", "row_too_long", str(extra[0]), {"cells": len(cells), "columns": width})


def named_width(names: list[str]) -> int:
    """Columns up to the last named one: a spreadsheet fills every row up with empty cells, the header too."""
    return max((i + 1 for i, name in enumerate(names) if name), default=0)


def settled(row: int, rows: list[Row], refused: list[Refused]) -> Iterator[Yield]:
    """One record's yield: rows and refused cells; with no row left, the record is refused or skipped as a whole."""
    if rows:
        yield from rows
        yield from refused
    elif refused:
        yield refused[0]._replace(row=row, column="")
    else:
        yield Skipped(row, "no_values")


_TOTAL = frozenset({"total", "totals", "grand total", "sum", "tổng", "tổng cộng", "tổng số", "cộng"})


def says_total(cell: Any) -> bool:
    """Whether the cell is the label of a row of totals."""
    return isinstance(cell, str) and cell.strip().rstrip(":").casefold() in _TOTAL


def no_items(
    records: Iterable[tuple[int, list[Any]]], header: int, keys: list[str], ids: Iterable[int | None], figures: set[int]
) -> dict[int, Yield]:
    """The fates of records below the header that are no items, by record: for tables of one item a row.

    ``keys``: the header's; ``ids``: columns that name an item; ``figures``: columns of metrics. The header again (files
    joined) is structure; below another export's header nothing is read under the first one's. A total that a person
    added is skipped if nothing names an item and either a word says so or at least two figures are the sums of the
    rows above, and none is not.
    """
    naming = [i for i in ids if i is not None]
    known = {key for reader in registry().values() for sig in reader.HEADERS for key in sig} | set(keys)
    fates: dict[int, Yield] = {}
    sums = dict.fromkeys(figures, 0.0)
    other = 0
    for row, cells in records:
        if row <= header:
            continue
        if any(isinstance(c, str) and c.strip().casefold() in known for c in cells[:3]):
            found = header_keys(cells)
            if found[: len(keys)] == keys:
                fates[row], other = Structure(row), 0
                continue
            if _is_header(found):
                other = row
        if other:
            fates[row] = Structure(row) if row == other else Refused(row, "", "other_table", "", {"header": other})
            continue
        named = [i for i in naming if i < len(cells) and text(cells[i]) is not None]
        says = next(filter(says_total, cells[:5]), None)
        if all(cells[i] == says for i in named) and (says or _are_sums(cells, sums)):
            fates[row] = Skipped(row, "added_total")
            continue
        for i in sums:
            sums[i] += _figure(cells, i) or 0
    return fates


def _is_header(keys: list[str]) -> bool:
    """Whether these are the headers of a known export."""
    present = set(keys)
    signatures = (sig for reader in registry().values() for sig in reader.HEADERS)
    return any(len(sig) >= 3 and sig <= present for sig in signatures)


def _figure(cells: list[Any], place: int) -> float | None:
    try:
        return number(cells[place], negative=True) if place < len(cells) else None
    except CellRefused:
        return None


def _are_sums(cells: list[Any], sums: Mapping[int, float]) -> bool:
    found = [(value, total) for i, total in sums.items() if (value := _figure(cells, i)) is not None]
    return sum(total != 0 for _, total in found) >= 2 and all(
        math.isclose(v, t, rel_tol=1e-9, abs_tol=0.01) for v, t in found
    )


_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")


def slashed_form(cells: Iterable[Any]) -> str | None:
    """The strptime form of dates such as 11/26/24, judged by all of a file's cells; None if nothing decides it.

    A first number over 12 anywhere says day first, a second one over 12 month first; both or neither decide nothing.
    """
    found = [m for c in cells if isinstance(c, str) and (m := _SLASHED.fullmatch(c.strip()))]
    day_first = any(int(m[1]) > 12 for m in found)
    month_first = any(int(m[3]) > 12 for m in found)
    if day_first == month_first:
        return None
    mark, year = found[0][2], "%Y" if len(found[0][4]) == 4 else "%y"
    return mark.join(("%d", "%m", year) if day_first else ("%m", "%d", year))
