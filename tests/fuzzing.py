"""What fuzzing needs: damage done to fixtures on purpose, and what must hold of whatever comes out.

    mutants(n, seed)          n damaged files, each a kind of damage done to a fixture of tests/exports; seeded
    checked(place, mutant)    reads it as gather does and asserts what must hold; returns the seconds it took

The road is the real one: ``inbox_files``, ``open_document``, claims, a reader, redaction, the accounting, Parquet. With
CAMPAIGNSTATS_DEBUG set, which conftest does, a reader's own exception comes out as it is.
"""

import csv
import functools
import hashlib
import io
import json
import math
import random
import re
import shutil
import signal
import threading
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import golden
import pyarrow.parquet as pq

from campaignstats import reading, schema
from campaignstats.errors import ReadError
from campaignstats.readers import base, opening
from campaignstats.text import privacy

SECONDS = 5.0  # no file of these sizes may take longer
EARLIEST, LATEST = datetime(2004, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
SIGNED = {"net_followers", "subscribers_net", "earnings"}
NET_A_DAY = {"likes", "comments", "shares", "reposts", "bookmarks"}  # given less taken back
KEY = b"fuzz" * 8
# what stands in free text is redacted by its form; a name there can't be known for one
FREE_TEXT = {"text", "note", "value", "details", "published_text"}
_CONTACT = re.compile(r"(?<![\w/.])(?:\+84|0)[0-9]{9}(?!\w)|[\w.]+@[\w.]+\.(?:com|vn)\b")
_TURNING = re.compile("[\x00-\x08\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Fixture(NamedTuple):
    path: str  # below inbox/: folder and file name, as readers may look at both
    data: bytes
    authors: frozenset[str]  # names of the people who wrote its comments
    contacts: frozenset[str]


class Mutant(NamedTuple):
    kind: str
    path: str
    data: bytes
    fixture: Fixture


@functools.cache
def fixtures() -> tuple[Fixture, ...]:
    """Every fixture, members of archives and the archives themselves."""
    found: dict[str, bytes] = {}
    for f in golden.fixtures():
        found[f.path.replace("!/", "/")] = b"".join(f.chunks())
        if "!/" in f.path:
            found[f.path.split("!/")[0]] = f.file.read_bytes()
    return tuple(Fixture(path, data, *_people(path, data)) for path, data in sorted(found.items()))


def _people(path: str, data: bytes) -> tuple[frozenset[str], frozenset[str]]:
    authors: set[str] = set()
    contacts: set[str] = set()
    for found in golden.fixtures():
        if found.path.replace("!/", "/") != path:
            continue
        try:
            document = opening.open_document(found)
        except ReadError:
            continue
        for reader in base.registry().values():
            if not base.claims(reader, document):
                continue
            for item in golden.rows(reader.read(document, golden.context_of(found))):
                if isinstance(item, base.Row):
                    author, text = item.values.get("author"), item.values.get("text")
                    if author and (" " in author or author.startswith("@")):  # a name, and no id or pseudonym
                        authors.add(author)
                    contacts |= set(_CONTACT.findall(text or ""))
    return frozenset(authors), frozenset(contacts - privacy.HOTLINES)


# -- damage to bytes ---------------------------------------------------------------------------------------------------

Damage = Callable[[random.Random, bytes], bytes]
BYTES: dict[str, Damage] = {}
TEXT: dict[str, Callable[[random.Random, str], str]] = {}
TABLE: dict[str, Callable[[random.Random, list[list[str]]], list[list[str]]]] = {}
JSON: dict[str, Callable[[random.Random, Any], Any]] = {}
ZIP: dict[str, Callable[[random.Random, dict[str, bytes]], dict[str, bytes]]] = {}


def _kind(of: dict[str, Any]) -> Callable[[Any], Any]:
    def named(function: Any) -> Any:
        of[function.__name__] = function
        return function

    return named


def _span(chance: random.Random, n: int, longest: int = 40) -> tuple[int, int]:
    start = chance.randrange(n + 1)
    return start, min(n, start + chance.randint(1, longest))


@_kind(BYTES)
def bytes_flipped(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        if out:
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


@_kind(BYTES)
def bytes_replaced(chance: random.Random, data: bytes) -> bytes:
    a, b = _span(chance, len(data))
    return data[:a] + chance.randbytes(b - a) + data[b:]


@_kind(BYTES)
def end_cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


@_kind(BYTES)
def start_cut(chance: random.Random, data: bytes) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


@_kind(BYTES)
def middle_cut(chance: random.Random, data: bytes) -> bytes:
    a, b = _span(chance, len(data), 400)
    return data[:a] + data[b:]


@_kind(BYTES)
def inserted(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    what = chance.choice((b"\0", b"\0" * 512, b'"', b'""', b"\r", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a"))
    if chance.random() < 0.3:
        what = chance.randbytes(chance.randint(1, 30))
    return data[:at] + what + data[at:]


@_kind(BYTES)
def zeros_at_the_end(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + bytes(chance.choice((1, 512, 4096)))


@_kind(BYTES)
def twice(_: random.Random, data: bytes) -> bytes:
    return data + data


@_kind(BYTES)
def another_behind(chance: random.Random, data: bytes) -> bytes:
    return data + chance.choice(fixtures()).data


@_kind(BYTES)
def halves_of_two(chance: random.Random, data: bytes) -> bytes:
    other = chance.choice(fixtures()).data
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


# -- damage to text ----------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str | None:
    for codec in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(codec)
        except UnicodeError:
            return None
    return None


_ODD = (
    "", " ", "-", "--", "n/a", "0", "-1", "1e400", "-1e400", "1e-400", "nan", "inf", "-inf", "9" * 5000, "9" * 18,
    "9" * 20, "0.1", "1.234", "1,234", "1.234.567", "1,2 N", "12.5%", "1.22E+17", "=1+1", "+84900000123", "@SUM(A1)",
    "0x10", "٣٤", "１２", "²", "½", "1_000", "TRUE", "có", "null", "[]", "{}", '"', '""', '"""', "'", "\\", "\\u0000",
    "\u202e123\u202c", "\u2066abc", "\ufeff1", "a\u0301", "\u0000", "\x1b[31m", "\x85", "\u2028", "a\nb", "a\r\nb",
    "0000-00-00", "9999-12-31", "0001-01-01", "1900-01-01", "2003-12-31", "2100-01-01", "2025-02-30", "2025-13-01",
    "12/31/9999 23:59", "31/12/1899", "2025-11-15T25:61:61Z", "2025-11-15T00:00:00+99:00", "Nov 31, 2025",
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "253402300800", "-62135596801", "1e18",
    "15/11/25 08:00:00", "03/12/25", "32/13/25 99:99:99", "x" * 10_000, "Phụ nữ", "🙂" * 200, "👩‍👩‍👧", "\U000e0001",
)  # fmt: skip


@_kind(TEXT)
def line_twice(chance: random.Random, text: str) -> str:
    lines = text.splitlines(True) or [""]
    at = chance.randrange(len(lines))
    return "".join(lines[:at] + [lines[at]] * chance.choice((2, 2, 5)) + lines[at + 1 :])


@_kind(TEXT)
def line_moved(chance: random.Random, text: str) -> str:
    lines = text.splitlines(True) or [""]
    line = lines.pop(chance.randrange(len(lines)))
    lines.insert(chance.randrange(len(lines) + 1), line)
    return "".join(lines)


@_kind(TEXT)
def line_removed(chance: random.Random, text: str) -> str:
    lines = text.splitlines(True) or [""]
    lines.pop(chance.randrange(len(lines)))
    return "".join(lines)


@_kind(TEXT)
def lines_shuffled(chance: random.Random, text: str) -> str:
    lines = text.splitlines(True)
    chance.shuffle(lines)
    return "".join(lines)


@_kind(TEXT)
def line_broken(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(("\n", "\r", "\r\n", "\u2028", "\x0b", "\x0c")) + text[at:]


@_kind(TEXT)
def line_ends_changed(chance: random.Random, text: str) -> str:
    return re.sub("\r\n|\r|\n", chance.choice(("\n", "\r\n", "\r", "\n\n", "\r\r\n", "\n\r")), text)


@_kind(TEXT)
def sign_swapped(chance: random.Random, text: str) -> str:
    """All of one sign become another: separators, quotes, dots."""
    old = chance.choice((",", ";", "\t", '"', ".", ":", "-", "/", "{", "[", "}"))
    return text.replace(old, chance.choice((",", ";", "\t", "|", '"', "'", ".", "", " ", "“")))


@_kind(TEXT)
def sign_lost_or_added(chance: random.Random, text: str) -> str:
    sign = chance.choice(('"', ",", ";", "\t", "\\", "'", "\u202e", "\u2067", "\u200b", "\u00a0", "\u00ad", "\ufffd"))
    places = [i for i, c in enumerate(text) if c == sign]
    if places and chance.random() < 0.5:
        at = chance.choice(places)
        return text[:at] + text[at + 1 :]
    at = chance.randrange(len(text) + 1)
    return text[:at] + sign + text[at:]


@_kind(TEXT)
def preamble(chance: random.Random, text: str) -> str:
    return chance.choice(("sep=;\n", "sep=,\r\n", '"sep=\t"\n', "\n\n\n", "# ghi chú\n", "Báo cáo,,,\n,,,\n")) + text


@_kind(TEXT)
def layer_of_quotes(chance: random.Random, text: str) -> str:
    lines = text.splitlines()
    some = chance.random() < 0.4
    return "\r\n".join(
        line if some and chance.random() < 0.5 else '"' + line.replace('"', '""') + '"' + ";" * chance.randrange(3)
        for line in lines
    )


@_kind(TEXT)
def digits_changed(chance: random.Random, text: str) -> str:
    numbers = list(re.finditer(r"\d+(?:[.,:/-]\d+)*", text))
    if not numbers:
        return text
    at = chance.choice(numbers)
    return text[: at.start()] + chance.choice(_ODD) + text[at.end() :]


# encodings, as programs get them wrong
def _as(codec: str, mark: bytes = b"", errors: str = "replace") -> Damage:
    def damaged(_: random.Random, data: bytes) -> bytes:
        text = _decoded(data)
        return data if text is None else mark + text.encode(codec, errors)

    return damaged


def _mojibake(codec: str) -> Damage:
    def damaged(_: random.Random, data: bytes) -> bytes:
        return data.decode(codec, "replace").encode()

    return damaged


def _form(form: str) -> Damage:
    def damaged(_: random.Random, data: bytes) -> bytes:
        text = _decoded(data)
        return data if text is None else unicodedata.normalize(form, text).encode()

    return damaged


BYTES |= {
    "as_utf16le": _as("utf-16-le", b"\xff\xfe"),
    "as_utf16be": _as("utf-16-be", b"\xfe\xff"),
    "as_utf16_without_mark": _as("utf-16-le"),
    "as_utf16_with_the_wrong_mark": _as("utf-16-le", b"\xfe\xff"),
    "as_utf32": _as("utf-32"),
    "as_utf8_with_two_marks": _as("utf-8", b"\xef\xbb\xbf\xef\xbb\xbf"),
    "as_cp1258": _as("cp1258"),
    "as_cp1252": _as("cp1252"),
    "as_utf7": _as("utf-7"),
    "as_cp500": _as("cp500"),
    "mojibake_cp1252": _mojibake("cp1252"),
    "mojibake_latin1": _mojibake("latin-1"),
    "mojibake_cp1258": _mojibake("cp1258"),
    "nfd": _form("NFD"),
    "nfkc": _form("NFKC"),
}


# -- damage to tables --------------------------------------------------------------------------------------------------


def _table(text: str) -> tuple[list[list[str]], str] | None:
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    sign = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=sign)), sign
    except csv.Error:
        return None


def _any_row(chance: random.Random, rows: list[list[str]]) -> list[str]:
    return chance.choice([r for r in rows if r] or [[""]])


@_kind(TABLE)
def cells_swapped(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    row = _any_row(chance, rows)
    a, b = chance.randrange(len(row)), chance.randrange(len(row))
    row[a], row[b] = row[b], row[a]
    return rows


@_kind(TABLE)
def odd_cells(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    for _ in range(chance.choice((1, 1, 3, 10))):
        row = _any_row(chance, rows[1:] or rows)
        row[chance.randrange(len(row))] = chance.choice(_ODD)
    return rows


@_kind(TABLE)
def odd_column(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    at, what = chance.randrange(max(map(len, rows), default=1) or 1), chance.choice(_ODD)
    for row in rows[1:]:
        if at < len(row):
            row[at] = what
    return rows


@_kind(TABLE)
def columns_swapped(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=1) or 1
    a, b = chance.randrange(width), chance.randrange(width)
    for row in rows[chance.randrange(2) :]:  # with their headers, or below them
        if max(a, b) < len(row):
            row[a], row[b] = row[b], row[a]
    return rows


@_kind(TABLE)
def header_removed_or_twice(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    header = _any_row(chance, rows[:3])
    at = chance.randrange(len(header))
    match chance.randrange(5):
        case 0:
            header[at] = ""
        case 1:
            header[at] = header[chance.randrange(len(header))]
        case 2:
            header.pop(at)
        case 3:
            header.insert(at, header[at])
        case _:
            for row in rows:
                if at < len(row):
                    row.insert(at, row[at])
    return rows


@_kind(TABLE)
def header_written_otherwise(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    for row in rows[:2]:
        change = chance.choice((str.upper, str.title, str.swapcase, lambda c: f" {c}\u00a0", lambda c: "\u202a" + c))
        row[:] = [change(c) for c in row]
    return rows


@_kind(TABLE)
def rows_of_another_width(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    for row in rows:
        if chance.random() < 0.3:
            row[:] = row[: chance.randrange(len(row) + 1)] if chance.random() < 0.5 else row + [""] * 3 + ["x"]
    return rows


@_kind(TABLE)
def total_in_the_middle(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=1)
    total = [chance.choice(("Total", "Tổng", "Tổng cộng", "")), *["999999"] * (width - 1)]
    rows.insert(chance.randrange(len(rows) + 1), total)
    return rows


@_kind(TABLE)
def header_again(chance: random.Random, rows: list[list[str]]) -> list[list[str]]:
    if rows:
        rows.insert(chance.randrange(len(rows) + 1), list(rows[0]))
    return rows


@_kind(TABLE)
def quoted_otherwise(_: random.Random, rows: list[list[str]]) -> list[list[str]]:
    return rows  # written anew by ``_written`` with a chance quoting and separator


def _written(chance: random.Random, rows: list[list[str]], sign: str, *, other: bool) -> str:
    out = io.StringIO(newline="")
    sign = chance.choice(",;\t|") if other else sign
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    writer = csv.writer(out, delimiter=sign, quoting=quoting, lineterminator=chance.choice(("\n", "\r\n")))
    writer.writerows(rows)
    return out.getvalue()


# -- damage to JSON ----------------------------------------------------------------------------------------------------

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**18, 10**30, -(10**19), 1e308, float("inf"), float("nan"), "", "x", "0", "-5",
    "1e400", "\ud83d", "\u0000", "\u202eabc", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2025-02-30", [], {},
    [[]], [None], {"": None}, {"id": {}}, "x" * 5000, 253402300800, -62135596801, 1e18, [[[[[[]]]]]],
)  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything in a JSON value."""
    out: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        node = todo.pop()
        keys: Iterable[Any] = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            out.append((node, key))
            todo.append(node[key])
    return out


@_kind(JSON)
def value_of_another_type(chance: random.Random, value: Any) -> Any:
    for _ in range(chance.choice((1, 1, 2, 6))):
        if not (places := _places(value)):
            return chance.choice(_VALUES)
        node, key = chance.choice(places)
        node[key] = json.loads(json.dumps(chance.choice(_VALUES)))
    return value


@_kind(JSON)
def key_removed(chance: random.Random, value: Any) -> Any:
    if places := _places(value):
        node, key = chance.choice(places)
        del node[key]
    return value


@_kind(JSON)
def value_wrapped(chance: random.Random, value: Any) -> Any:
    if not (places := _places(value)):
        return [value]
    node, key = chance.choice(places)
    node[key] = [node[key]] if chance.random() < 0.5 else {"value": node[key]}
    return value


@_kind(JSON)
def values_swapped(chance: random.Random, value: Any) -> Any:
    if places := _places(value):
        (a, at), (b, bt) = chance.choice(places), chance.choice(places)
        copies = json.loads(json.dumps([a[at], b[bt]]))
        a[at] = copies[1]
        if bt in b if isinstance(b, dict) else bt < len(b):
            b[bt] = copies[0]
    return value


# -- damage to archives and workbooks ----------------------------------------------------------------------------------


@_kind(ZIP)
def member_bytes_flipped(chance: random.Random, members: dict[str, bytes]) -> dict[str, bytes]:
    name = chance.choice(sorted(members))
    return members | {name: bytes_flipped(chance, members[name])}


@_kind(ZIP)
def member_cut(chance: random.Random, members: dict[str, bytes]) -> dict[str, bytes]:
    name = chance.choice(sorted(members))
    return members | {name: end_cut(chance, members[name])}


@_kind(ZIP)
def member_removed(chance: random.Random, members: dict[str, bytes]) -> dict[str, bytes]:
    gone = chance.choice(sorted(members))
    return {name: data for name, data in members.items() if name != gone}


@_kind(ZIP)
def members_exchanged(chance: random.Random, members: dict[str, bytes]) -> dict[str, bytes]:
    a, b = chance.choice(sorted(members)), chance.choice(sorted(members))
    return members | {a: members[b], b: members[a]}


@_kind(ZIP)
def member_rewritten(chance: random.Random, members: dict[str, bytes]) -> dict[str, bytes]:
    """Places, numbers and types in a workbook's XML become others."""
    parts = [n for n in sorted(members) if n.endswith((".xml", ".rels", ".csv"))]
    if not parts:
        return members
    name = chance.choice(parts)
    text = members[name].decode("utf-8", "replace")
    words = list(re.finditer(r'"[^"]*"|>[^<]+<', text))
    for _ in range(chance.choice((1, 1, 4))):
        if words:
            at = chance.choice(words)
            what = chance.choice(
                ("XFD1048576", "A0", "0", "-1", "99999999", "s", "b", "e", "d", "inlineStr", "", *_ODD)
            )
            what = re.sub("[\0<&]", "?", what)
            text = text[: at.start() + 1] + what + text[at.end() - 1 :]
            words = list(re.finditer(r'"[^"]*"|>[^<]+<', text))
    return members | {name: text.encode("utf-8", "replace")}


@_kind(ZIP)
def member_renamed(chance: random.Random, members: dict[str, bytes]) -> dict[str, bytes]:
    old = chance.choice(sorted(members))
    new = chance.choice(("../x.csv", "/etc/x.csv", "C:\\x.csv", "a" * 250 + ".csv", "x\u202efdp.csv", "x\0.csv", " "))
    return {(new if name == old else name): data for name, data in members.items()}


def _zipped(members: dict[str, bytes], chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for name, data in members.items():
            at = (chance.choice((1980, 2004, 2025, 2107)), chance.randint(1, 12), chance.randint(1, 28), 0, 0, 0)
            archive.writestr(zipfile.ZipInfo(name, at), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# -- mutants -----------------------------------------------------------------------------------------------------------


def kinds() -> tuple[str, ...]:
    return (*BYTES, *TEXT, *TABLE, *JSON, *ZIP, "wrapped_in_a_zip", "under_another_name")


def damaged(kind: str, chance: random.Random, fixture: Fixture) -> tuple[str, bytes] | None:
    """(path, bytes) of the fixture with damage of that kind; None where it can't have it."""
    path, data = fixture.path, fixture.data
    if kind in BYTES:
        return path, BYTES[kind](chance, data)
    if kind == "wrapped_in_a_zip":
        return path + ".zip", _zipped({path.rsplit("/", 1)[-1]: bytes_flipped(chance, data)}, chance)
    if kind == "under_another_name":
        folder, other = path.rsplit("/", 1)[0], chance.choice(fixtures()).path.rsplit("/", 1)[-1]
        return f"{folder}/{other}", data
    if kind in ZIP:
        if not data.startswith(b"PK"):
            return None
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {n: archive.read(n) for n in archive.namelist()}
        return path, _zipped(ZIP[kind](chance, members), chance)
    text = _decoded(data)
    if text is None or data.startswith(b"PK"):
        return None
    if kind in TEXT:
        return path, TEXT[kind](chance, text).encode("utf-8", "surrogatepass")
    if kind in JSON:
        if not text.lstrip().startswith(("{", "[")):
            return None
        try:
            return path, json.dumps(JSON[kind](chance, json.loads(text)), ensure_ascii=chance.random() < 0.5).encode(
                "utf-8", "surrogatepass"
            )
        except ValueError:  # NDJSON
            lines = text.splitlines()
            at = chance.randrange(len(lines))
            try:
                lines[at] = json.dumps(JSON[kind](chance, json.loads(lines[at] or "0")))
            except ValueError:
                return None
            return path, "\n".join(lines).encode()
    if text.lstrip().startswith(("{", "[")) or (parsed := _table(text)) is None:
        return None
    rows, sign = parsed
    written = _written(chance, TABLE[kind](chance, rows), sign, other=kind == "quoted_otherwise")
    return path, (b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b"") + written.encode()


def mutants(n: int, seed: int) -> Iterator[Mutant]:
    """``n`` damaged files: every fixture in turn, every kind in turn, sometimes two kinds on top of each other."""
    chance = random.Random(seed)
    every, made = fixtures(), 0
    while made < n:
        for kind in kinds():
            able = [f for f in chance.sample(every, len(every)) if f.data]
            for fixture in able:
                if (found := damaged(kind, chance, fixture)) is not None:
                    break
            path, data = found  # type: ignore[misc]  # every kind fits some fixture
            if chance.random() < 0.2:
                second = chance.choice(sorted(BYTES))
                kind, data = f"{kind} + {second}", BYTES[second](chance, data)
            yield Mutant(kind, path, data, fixture)
            made += 1
            if made == n:
                return


# -- what must hold ----------------------------------------------------------------------------------------------------


class Hung(BaseException):
    """A file took far longer than it may; no ``except Exception`` of ours hides it."""


@contextmanager
def _watched() -> Iterator[None]:
    """Stops what hangs, where signals exist and this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 4 * SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def task_for(found: opening.Found, tables: Path, data: bytes) -> reading.Task:
    """What gather would hand a worker for this file."""
    sha = hashlib.sha256(data).hexdigest()
    return reading.Task(
        found, sha, "fuzz", tables, golden.context_of(found), KEY, frozenset(privacy.HOTLINES), frozenset()
    )


def checked(place: Path, mutant: Mutant, *, again: bool = True) -> float:
    """Read ``mutant`` as gather does and assert what must hold; the seconds that one reading took."""
    inbox = place / "inbox"
    shutil.rmtree(inbox, ignore_errors=True)
    file = inbox / mutant.path
    file.parent.mkdir(parents=True)
    file.write_bytes(mutant.data)
    start = time.perf_counter()
    with _watched():
        first = _read(inbox, place / "tables")
    took = time.perf_counter() - start
    assert took < SECONDS, f"{took:.1f} s"
    for record, tables in first:
        _record_holds(record)
        for table, rows in tables.items():
            _rows_hold(table, rows, mutant.fixture)
    if again:
        with _watched():
            assert repr(_read(inbox, place / "tables")) == repr(first), "read twice, it gives other rows"
    return took


def _read(inbox: Path, folder: Path) -> list[tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]]:
    """(record, rows by table) of every file below ``inbox``."""
    out = []
    for found in opening.inbox_files(inbox):
        if found.ignored:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        record = reading.read_source(task_for(found, folder, found.path.encode()))
        tables = {t: pq.ParquetFile(_one(folder / t)).read().to_pylist() for t in record["tables"].split("|") if t}
        out.append((record, tables))
    shutil.rmtree(folder, ignore_errors=True)
    return out


def _one(folder: Path) -> Path:
    (file,) = folder.glob("*")
    return file


def _record_holds(record: dict[str, Any]) -> None:
    assert record["n_read"] == record["n_kept"] + record["n_quarantined"] + record["n_skipped"], record
    for column in schema.TABLES["source"].columns:
        _cell_holds("source", column, record[column.name])


def _rows_hold(table: str, rows: list[dict[str, Any]], fixture: Fixture) -> None:
    columns = schema.TABLES[table].columns
    for row in rows:
        for column in columns:
            value = row[column.name]
            if value is None and not column.required:
                continue
            _cell_holds(table, column, value)
            if column.type == "string":
                for contact in fixture.contacts:
                    assert contact not in value, f"{table}.{column.name} holds a contact of the fixture"
                if column.name not in FREE_TEXT:
                    assert value not in fixture.authors, f"{table}.{column.name} holds an author of the fixture"
        match table:
            case "metric":
                signed = SIGNED | (NET_A_DAY if row["grain"] == "account_day" else set())
                assert row["value"] >= 0 or row["metric"] in signed, row
                assert row["period_start"] is None or row["period_start"] <= row["period_end"], row
                assert row["grain"] in schema.GRAINS, row
                assert row["traffic"] in schema.TRAFFICS, row
            case "audience":
                assert row["value"] >= 0, row
            case "comment":
                assert row["author"] is None or privacy.is_pseudonym(row["author"]), row
            case "quarantine":
                assert row["rule"] not in ("rows_unaccounted", "reader_failed"), row
        assert row.get("platform") is None or row["platform"] in schema.PLATFORMS, row


def _cell_holds(table: str, column: schema.Column, value: Any) -> None:
    where = f"{table}.{column.name}: {value!r:.200}"
    if value is None:
        assert not column.required, where
        return
    match column.type:
        case "string":
            assert not _SURROGATE.search(value), where
            if column.name not in FREE_TEXT and column.name != "notes":
                assert not _TURNING.search(value), where
        case "float":
            assert math.isfinite(value), where
        case "int":
            assert value >= 0, where
        case "instant":
            assert EARLIEST <= value < LATEST, where
        case "date":
            assert EARLIEST.date() <= date(value.year, value.month, value.day) < LATEST.date(), where
