"""What a reader is: the contract between the readers and ``gather``.

A reader is a module of this package that has ``NAME``. It claims a document by its content (never by its name alone)
and yields plain rows with their record numbers; it stores nothing, redacts nothing and opens nothing.

    NAME = "tt_business_videos"     its id: file name of the module or a part of it, and the ``format`` of a source
    VERSION = 1                     raise it whenever the rows of an unchanged file would change: old tables are re-read
    PLATFORM = "tiktok"             None where the file itself or a person says which
    HEADERS = (frozenset({...}),)   the required headers, normalised by ``header_key``, a set for each language/version
    def read(document, context) -> Iterator[Yield]
    def claims(document) -> bool    only where HEADERS can't tell; otherwise leave it out
    PERSONAL = True                 where cells may hold private people's words: a refused one is kept by its shape only
    CAPTURED = True                 where posts may be by anybody: only declared accounts then keep their names
    ENDS_LINES = True               where the platform ends every line, the last one too: without it a file is cut off
    DAY = "America/Los_Angeles"     whose clock its days and times are: an IANA zone, or one of ``DAYS``
    GRAINS = ("post_lifetime",)     what one figure covers, of ``GRAINS``; rows of no figures: "comment", "activity"

A module may hold several formats, listed in ``READERS``: ``Format`` objects, or whatever has the same attributes.
"""

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

from campaignstats import schema
from campaignstats.campaign import MappedTable

# whose clock, where no one zone is: the account's own, one that each cell names, none (the campaign's is assumed and
# the rows are flagged), no days at all but that of the export, or what a person declared
DAYS = ("account", "cell", "unstated", "export", "declared")
GRAINS = (*schema.GRAINS, "audience_share", "comment", "activity")


class Row(NamedTuple):
    """A row for a canonical table. ``row`` is the record number in the file; several Rows may share it.

    ``values`` holds only columns of ``schema.TABLES[table]``; gather adds source and definition, redacts ``text``,
    turns ``author`` into a pseudonym, and fills account_id, as_of and a missing comment_id. Instants are aware
    datetimes in UTC, days are ``date``, an absent value is left out or None, never 0 or "".
    """

    table: str
    row: int
    values: dict[str, Any]


class Block(NamedTuple):
    """Many kept rows of one table at once, for formats that come by the million: the same as as many ``Row``s.

    ``columns`` holds a list per column, each as long as ``rows``, or one value that all rows share; or Arrow arrays
    from ``columnar``, "text" among them, in the types of ``schema``.
    """

    table: str
    rows: list[int]
    columns: dict[str, Any]


class Refused(NamedTuple):
    """A row (``column`` = "") or a cell that can't be believed. ``rule`` is a catalogue key below [rule]."""

    row: int
    column: str
    rule: str
    value: str = ""
    details: Mapping[str, Any] = {}


class Skipped(NamedTuple):
    """A record left out on purpose, e.g. a footer. ``reason`` is a catalogue key below [skip]."""

    row: int
    reason: str


class Structure(NamedTuple):
    """A record that is no data: a header, a block title. Not counted as read."""

    row: int


class About(NamedTuple):
    """What the reader learnt of the file as a whole; may be yielded more than once, later ones fill gaps.

    exported_evidence: "file_name" | "content" | "at_least" (an instant that the export can't be older than).
    notes: pairs of a catalogue key below [note] and its values, e.g. ("capped", {"rows": 500}).
    """

    language: str | None = None
    exported_at: datetime | None = None
    exported_evidence: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    platform: str | None = None
    account_name: str | None = None  # of the one account that the whole file is of; yield it before the rows
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()
    path: str | None = None  # the file's place as the tables may name it, where the true one names a person


Yield = Row | Block | Refused | Skipped | Structure | About


@dataclass(frozen=True)
class Context:
    """What is known of a file from outside its content.

    names: path parts below inbox/, archive names included, outermost first; a reader may read periods, channels and
    dates from them by its platform's naming rules. The rest was declared by a person in [[export]] of campaign.toml
    or, for ``platform`` and ``account``, is plain from a folder's name.
    """

    names: tuple[str, ...] = ()
    archived_at: datetime | None = None  # date of the entry in its archive; naive local time
    platform: str | None = None
    account: str | None = None
    exported_at: datetime | None = None
    period_start: date | None = None
    period_end: date | None = None
    timezone: str = "UTC"  # the campaign's
    mapped: MappedTable | None = None


@runtime_checkable
class Document(Protocol):
    """One file of the inbox, opened (``opening.open_document``).

    kind: table (CSV and the like) | workbook | json | ndjson.
    records() yields (record number from 1, cells) for every record that has any non-blank cell, a preamble and header
    included; ``sheet`` names a workbook's sheet (None: the first). Cells of workbooks are str, int, float, bool,
    datetime or None; of tables always str. ``head`` holds the first 40 records of the (first) table.
    json: ``payload``, whose items the reader numbers and counts with ``items()``; ndjson: records() yields (line
    number, object).

    n_delivered: records that the last records() or items() handed out. refused: records that were too broken to be
    handed out (a quote never closed, a cell without end, a line that is no JSON); gather quarantines them itself.
    """

    path: str
    kind: str
    encoding: str
    repairs: tuple[str, ...]
    head: list[tuple[int, list[Any]]]
    sheets: tuple[str, ...]
    payload: Any
    refused: list[Refused]
    n_delivered: int

    def items(self, values: Iterable[Any]) -> Iterator[tuple[int, Any]]: ...

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, list[Any]]]: ...


class Reader(Protocol):
    NAME: str
    VERSION: int
    PLATFORM: str | None
    HEADERS: tuple[frozenset[str], ...]
    DAY: str
    GRAINS: tuple[str, ...]
    read: Callable[[Document, Context], Iterator[Yield]]


@dataclass(frozen=True)
class Format:
    """A reader as an object, for modules that hold several."""

    NAME: str
    PLATFORM: str | None
    HEADERS: tuple[frozenset[str], ...]
    read: Callable[[Document, Context], Iterator[Yield]]
    DAY: str
    GRAINS: tuple[str, ...]
    VERSION: int = 1
    PERSONAL: bool = False
    ENDS_LINES: bool = False
    CAPTURED: bool = False
    claims: Callable[[Document], bool] | None = None


_INVISIBLE = dict.fromkeys([0x00AD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_SPACES = re.compile(r"\s+")


@cache
def header_key(header: str) -> str:
    """A header in the form to compare by: NFC, no invisible characters, single spaces, case folded; accents stay."""
    text = unicodedata.normalize("NFC", str(header)).translate(_INVISIBLE).replace("\u00a0", " ")
    return _SPACES.sub(" ", text).strip().casefold()


def header_keys(cells: list[Any]) -> list[str]:
    return [header_key(str(c)) if c is not None else "" for c in cells]


def found_header(document: Document, headers: tuple[frozenset[str], ...]) -> tuple[int, frozenset[str]] | None:
    """(record number, signature) of the first record of the head that holds a whole signature, or None."""
    for number, present in _present(document):
        for signature in headers:
            if signature <= present:
                return number, signature
    return None


def _present(document: Document) -> list[tuple[int, frozenset[str]]]:
    """(record number, the keys in it) of the head."""
    return of_head(document, "keys", lambda cells: frozenset(header_keys(cells)))


Told = TypeVar("Told")


def of_head(document: Document, name: str, told: Callable[[list[Any]], Told]) -> list[tuple[int, Told]]:
    """(record number, ``told(cells)``) of the head's records, worked out once: every reader looks at every document."""
    global _head
    head = _head
    if head[0] is not document.head or len(head[0]) != head[1]:
        head = _head = document.head, len(document.head), {}
    found: list[tuple[int, Told]] | None = head[2].get(name)
    if found is None:
        found = head[2][name] = [(number, told(cells)) for number, cells in document.head]
    return found


# the head that was looked at last, its length, and what was told of it; a document whose head is read anew has another
_head: tuple[list[tuple[int, list[Any]]], int, dict[str, Any]] = ([], 0, {})


def claims(reader: Any, document: Document) -> bool:
    """Whether ``reader`` claims the document, by its own ``claims`` or by its HEADERS."""
    own = getattr(reader, "claims", None)
    if own is not None:
        return bool(own(document))
    return document.kind in ("table", "workbook") and found_header(document, reader.HEADERS) is not None


def missing_headers(reader: Any, document: Document) -> tuple[int, frozenset[str]]:
    """(headers found, headers missing) of the reader's nearest signature: for the report on a file nobody claims."""
    best: tuple[int, frozenset[str]] = (0, frozenset())
    for _, present in _present(document):
        for signature in reader.HEADERS:
            if len(signature & present) > best[0]:
                best = (len(signature & present), signature - present)
    return best


@cache
def registry() -> dict[str, Any]:
    """Every reader by its NAME; a module that fails to import fails loudly."""
    found: dict[str, Any] = {}
    package = importlib.import_module("campaignstats.readers")
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"campaignstats.readers.{info.name}")
        # a module without either is what the readers share
        for reader in getattr(module, "READERS", (module,) if hasattr(module, "NAME") else ()):
            if reader.NAME in found:
                raise RuntimeError(f"two readers are called {reader.NAME!r}")
            found[reader.NAME] = reader
    return found
