"""The one model of the findings: what the HTML page, the workbook and the CSV tables print, and none of them adds to.

A ``Report`` holds sections; a section holds sentences, tables and figures that are all made from result tables by
``report.report``. The writers only look up, sort out and lay out.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from campaignstats import words

# controls, and the marks that turn the direction of writing: a name from an export may hold any of them
_UNSAFE: dict[int, str | None] = dict.fromkeys(
    code
    for first, last in (
        (0x00, 0x1F),
        (0x7F, 0x9F),
        (0x061C, 0x061C),
        (0x200B, 0x200B),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2066, 0x2069),
        (0xD800, 0xDFFF),
        (0xFEFF, 0xFEFF),
        (0xFFFE, 0xFFFF),
    )
    for code in range(first, last + 1)
)
_UNSAFE |= dict.fromkeys((0x09, 0x0A, 0x0D), " ")

# kinds of column: how a raw value is written in a page, and which number format it has in a workbook
KINDS = ("text", "count", "share", "rate", "ratio", "date", "flag")


def clean(value: Any) -> str:
    """Text that is safe to print: NFC, without control characters and marks of direction; "" if missing."""
    return "" if missing(value) else unicodedata.normalize("NFC", str(value)).translate(_UNSAFE).strip()


def missing(value: Any) -> bool:
    """Whether ``value`` is NA, NaN, NaT or None."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    kind: str  # one of KINDS


@dataclass(frozen=True)
class Table:
    name: str  # also its file's stem and its anchor
    number: str  # "A1": as the front pages cite it
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]  # raw values: numbers are numbers, NA is None
    notes: tuple[str, ...]
    source: str

    def written(self, lang: str) -> list[list[str]]:
        """The cells as text in ``lang``."""
        return [
            [written(value, column.kind, lang) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Figure:
    name: str
    function: str  # a function of draw
    table: pd.DataFrame  # the result table that it draws, saved beside the picture
    alt: str
    caption: str
    wide: bool = False
    names: dict[str, str] = field(
        default_factory=dict
    )  # codes of themes or focus areas -> names, in the campaign's order
    source: str = ""
    breaks: pd.DataFrame | None = None  # days to be marked in a picture over time


@dataclass(frozen=True)
class Sentence:
    key: str  # of the catalogue's pattern
    text: str
    lead: str = ""  # printed bold before it
    see: tuple[str, ...] = ()  # names of the tables that it was made from


@dataclass(frozen=True)
class Section:
    name: str
    heading: str
    answer: str = ""  # the short answer, large
    gloss: str = ""  # what the answer is, small
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Report:
    title: str
    subtitle: str
    lang: str
    synthetic: bool
    mark: str  # "Dữ liệu mô phỏng" where synthetic, else ""
    mark_sentence: str
    dated: date  # stands in files that insist on a date, so that bytes repeat
    source: str
    front: tuple[Section, ...]
    annex: tuple[Section, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        return self.front + self.annex

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(table for section in self.sections for table in section.tables)

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for section in self.sections for figure in section.figures)


def plain(value: Any, kind: str) -> Any:
    """``value`` as a plain Python value of its column's kind; None if missing."""
    if missing(value):
        return None
    if kind == "count":
        # an officer may type "khoảng 200" into a sheet: then it stands as text
        return round(float(value)) if _numeric(value) else clean(value)
    if kind in ("share", "rate", "ratio"):
        return float(value) if _numeric(value) else clean(value)
    if kind == "date":
        if isinstance(value, (datetime, pd.Timestamp)):
            return value.date()
        return value if isinstance(value, date) else clean(value)
    if kind == "flag":
        return bool(value)
    return clean(value)


def _numeric(value: Any) -> bool:
    try:
        return float(value) == float(value)
    except (TypeError, ValueError):
        return False


def written(value: Any, kind: str, lang: str) -> str:
    """A raw cell as text in the language's own form; a missing one is an en dash."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if kind == "count":
        return words.number(value, lang)
    if kind == "share":
        return words.percent(value, lang)
    if kind in ("rate", "ratio"):
        return words.number(value, lang, 2)
    if kind == "date":
        return words.day(value, lang)
    if kind == "flag":
        return words.text("findings.yes" if value else "findings.no", lang)
    return clean(value)
