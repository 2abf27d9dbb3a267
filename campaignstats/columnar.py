"""Columns of texts as Arrow arrays: cut out of a block of CSV, looked through, mapped. Beside the store, the only code
that knows pyarrow.

It is the fast path of files that come by the million: nothing here judges a cell. What is not plain to see is left to
the caller's own way, cell by cell (``each``) or by the block (``Doubt``).
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from pyarrow import Array as Array  # for whoever hands columns on

_INSTANT = pa.timestamp("us", tz="UTC")
_NEWLINE, _RETURN, _QUOTE, _ZERO = b'\n\r"0'


LONGEST_WORD = 100  # characters of a cell that ``has_word`` looks at


class Doubt(ValueError):
    """The block can't be read by column with the certainty that it comes out as cell by cell."""


def record_ends(data: bytes, delimiter: str) -> np.ndarray:
    """Where the whole records of a block of CSV end (places behind their line ends); the block begins with a record.

    A line end outside quotes ends a record. That an odd number of quotes stands before a place shows it to be inside
    if, and only if, every quote opens a cell, closes one or stands doubled in one, and no line ends in a lone carriage
    return: anything else is a Doubt, as every CSV parser makes something different of it. Empty if no record is whole.
    """
    seen = np.frombuffer(data, np.uint8)
    quotes, lines = np.flatnonzero(seen == _QUOTE), np.flatnonzero(seen == _NEWLINE)
    if len(quotes):
        lines = lines[np.searchsorted(quotes, lines) % 2 == 0]
    if not len(lines):
        return lines
    last = int(lines[-1])
    quotes = quotes[: np.searchsorted(quotes, last)]
    if len(quotes):
        opening, closing = quotes[::2], quotes[1::2]
        doubled = opening[1:] == closing[:-1] + 1
        before, behind = seen[opening - 1], seen[closing + 1]
        begins = (before == ord(delimiter)) | (before == _NEWLINE)
        begins[0] |= opening[0] == 0
        begins[1:] |= doubled
        ends = (behind == ord(delimiter)) | (behind == _NEWLINE) | (behind == _RETURN)
        ends[:-1] |= doubled
        if not (begins.all() and ends.all()):
            raise Doubt("a quote inside a cell")
    if data.find(b"\r", 0, last) >= 0 and data.count(b"\r", 0, last) != data.count(b"\r\n", 0, last + 1):
        raise Doubt("a lone carriage return")
    return lines + 1


def leave_pandas() -> None:
    """Keep pyarrow from importing pandas beside its first array: a fifth of a second for what a worker never asks.

    pyarrow looks for pandas once, and again where something is really to become a frame. Called in a process of its own
    only, before pandas is there.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandas)
        pa.array([None])
        sys.meta_path.remove(_NoPandas)


class _NoPandas:
    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 without a fault."""
    whole = pa.py_buffer(np.array([0, len(data)], np.int64)), pa.py_buffer(data)
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, *whole]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def columns(data: bytes, delimiter: str, width: int, wanted: Iterable[int], n: int) -> dict[int, Array]:
    """The ``wanted`` columns of a block of ``n`` whole records of UTF-8, all of ``width`` cells; else a Doubt."""
    names = [str(i) for i in range(width)]
    asked = sorted(set(wanted))
    try:
        table = pcsv.read_csv(
            pa.BufferReader(data),
            read_options=pcsv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=False),
            parse_options=pcsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pcsv.ConvertOptions(
                check_utf8=False,  # ``data`` is: its pieces need no second look
                include_columns=[names[i] for i in asked],
                column_types=dict.fromkeys(names, pa.string()),
            ),
        )
    except pa.ArrowInvalid as problem:
        raise Doubt("records of several lengths") from problem
    if table.num_rows != n or any(table[k].num_chunks > 1 for k in range(len(asked))):
        raise Doubt("blank lines")
    return {i: table[k].chunk(0) if table[k].num_chunks else pa.array([], pa.string()) for k, i in enumerate(asked)}


def stripped(column: Array) -> Array:
    """Each text without outer blanks, as ``str.strip`` has it; null where nothing is left."""
    starts, stops, data = _laid_out(column)
    length = stops - starts
    doubtful = length == 0
    if len(data):
        first, last = data[np.where(doubtful, 0, starts)], data[np.where(doubtful, 0, stops - 1)]
        doubtful |= (first <= 32) | (last <= 32)  # blanks, and controls
        long = length > 1
        doubtful |= long & _BLANK[_pairs(data, np.where(long, starts, 0))]
        doubtful |= long & _BLANK_OF_TWO[_pairs(data, np.where(long, stops - 2, 0))]
        long = length > 2
        doubtful |= long & _BLANK[_pairs(data, np.where(long, stops - 3, 0))]
    return each(column, doubtful, lambda text: text.strip() or None)


def _pairs(data: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The bytes at each place and behind it as one number."""
    return data[at].astype(np.uint16) << 8 | data[np.minimum(at + 1, len(data) - 1)]


# the first two bytes of every blank that is not ASCII (U+0085, U+00A0, U+1680, U+2000 to U+3000), and of some more
_BLANK, _BLANK_OF_TWO = np.zeros(1 << 16, bool), np.zeros(1 << 16, bool)
_BLANK[[0xC285, 0xC2A0, 0xE19A, 0xE280, 0xE281, 0xE380]] = True
_BLANK_OF_TWO[[0xC285, 0xC2A0]] = True


def each(column: Array, which: np.ndarray, mapped: Callable[[str], str | None]) -> Array:
    """The column with ``mapped`` of each text at the places of the mask ``which``."""
    if not which.any():
        return column
    mask = pa.array(which)
    found = {text: mapped(text) for text in pc.unique(column.filter(mask)).to_pylist() if text is not None}
    told = pa.array([found.get(text) for text in column.filter(mask).to_pylist()], pa.string())
    return pc.replace_with_mask(column, mask, told)


def in_order(column: Array, which: np.ndarray, mapped: Callable[[str], str]) -> Array:
    """As ``each``, where ``mapped`` must see every cell, one after the other."""
    if not which.any():
        return column
    mask = pa.array(which)
    return pc.replace_with_mask(column, mask, pa.array(map(mapped, column.filter(mask).to_pylist()), pa.string()))


def by_value(column: Array, mapped: Callable[[str | None], Any], type_: str = "string") -> Array:
    """``mapped`` of every cell, worked out once for each distinct one; an array of "string", "int" or "bool"."""
    coded = pc.dictionary_encode(column, null_encoding="encode")
    values = pa.array([mapped(v) for v in coded.dictionary.to_pylist()], _TYPES[type_])
    return values.take(coded.indices)


_TYPES = {"string": pa.string(), "int": pa.int64(), "bool": pa.bool_()}


def matching(column: Array, pattern: str) -> np.ndarray:
    """Where a text has a match of ``pattern`` (RE2), as a mask."""
    return as_mask(pc.match_substring_regex(column, pattern))


def has_word(column: Array, words: Iterable[str]) -> bool:
    """Whether a cell is one of ``words`` in small letters, whatever its case and the spaces around it."""
    short = column.filter(pc.less_equal(pc.binary_length(column), 4 * LONGEST_WORD))
    return bool(pc.any(pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(short)), pa.array(sorted(words)))).as_py())


def as_mask(truths: Array) -> np.ndarray:
    return np.asarray(pc.fill_null(truths, False).to_numpy(zero_copy_only=False), bool)


def containing(column: Array, piece: str) -> Array:
    return pc.match_substring(column, piece)


def places(column: Array, text: str) -> np.ndarray:
    """The places of the cells that are ``text``."""
    return np.flatnonzero(as_mask(pc.equal(column, text)))


def before(column: Array, piece: str) -> Array:
    """Each text as far as the first ``piece`` in it."""
    return pc.list_element(pc.split_pattern(column, piece, max_splits=1), 0)


def filled(column: Array, others: Array) -> Array:
    """The column with the cells of ``others`` where it has none."""
    return pc.coalesce(column, others)


def true_or_unknown(columns: Sequence[Array]) -> Array:
    """True where any of the columns is, else null: nothing says that it is false."""
    truths = np.any([as_mask(c) for c in columns], axis=0)
    return pa.array(truths, mask=~truths)


def missing_all(columns: Sequence[Array | str | None], n: int) -> np.ndarray:
    """Where none of the columns of ``n`` rows has a value; one value that all rows share counts for each."""
    masks = [missing(c) if isinstance(c, Array) else np.full(n, c is None) for c in columns]
    return np.asarray(np.all(masks, axis=0), bool)


def missing(column: Array) -> np.ndarray:
    """Where the column has no value, as a mask."""
    return np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False), bool)


def listed(column: Any, n: int) -> list[Any]:
    """A column of ``n`` rows as a list, whether it is one, an Arrow array, or a value that all rows share."""
    if isinstance(column, list):
        return column
    if not isinstance(column, Array):
        return [column] * n
    if pa.types.is_timestamp(column.type):
        return [None if v is None else _EPOCH + timedelta(microseconds=v) for v in column.cast(pa.int64()).to_pylist()]
    return list(column.to_pylist())


def _laid_out(column: Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each text begins and ends in the bytes, and the bytes."""
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return places[:-1], places[1:], np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)


def instants(
    column: Array,
    forms: Sequence[str],
    midnight: Callable[[str], datetime | None],
    other: Callable[[str], datetime | None],
) -> Array:
    """The clocks of ``column`` as instants; null for what is none.

    ``forms``: how most are written, "dd/mm/yy" and the like, with a time "HH:MM:SS" behind; their lengths differ.
    ``midnight(day)``: the instant at which a day begins, where its 24 hours follow. Whatever has none of the forms, or
    a day without such a midnight, is asked of ``other``, cell by cell.
    """
    starts, stops, data = _laid_out(column)
    micros, known = np.zeros(len(column), np.int64), np.zeros(len(column), bool)
    for form in forms:
        size = len(form) + len(_CLOCK)
        rows = np.flatnonzero(stops - starts == size)
        if not len(rows):
            continue
        written = data[starts[rows][:, None] + np.arange(size)]
        digit = np.array([c.isalpha() for c in form + _CLOCK])
        marks = np.frombuffer((form + _CLOCK).encode(), np.uint8)
        well = ((written[:, digit] - _ZERO) < 10).all(axis=1) & (written[:, ~digit] == marks[~digit]).all(axis=1)
        rows, written = rows[well], written[well]
        numbers = (written - _ZERO).astype(np.int64)
        hour, minute, second = (numbers[:, size - k] * 10 + numbers[:, size - k + 1] for k in (8, 5, 2))
        days, which = np.unique(_number_of(numbers[:, : len(form)][:, digit[: len(form)]]), return_inverse=True)
        begins = np.array([_micros(midnight(_day_text(form, int(d)))) for d in days], np.int64)
        good = (hour < 24) & (minute < 60) & (second < 60) & (begins[which] != _NEVER)
        since = (hour * 3600 + minute * 60 + second) * 1_000_000
        micros[rows[good]], known[rows[good]] = (begins[which] + since)[good], True
    for i in np.flatnonzero(~known):
        found = other(column[int(i)].as_py())
        if found is not None:
            micros[i], known[i] = _micros(found), True
    return pa.array(micros, mask=~known).cast(pa.timestamp("us")).cast(_INSTANT)


_CLOCK = " HH:MM:SS"
_NEVER = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(moment: datetime | None) -> int:
    return int(_NEVER) if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def _number_of(digits: np.ndarray) -> np.ndarray:
    return digits @ (10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64))


def _day_text(form: str, number: int) -> str:
    """The digits of ``number`` in the places of the form's letters."""
    digits = iter(str(number).zfill(sum(map(str.isalpha, form))))
    return "".join(next(digits) if c.isalpha() else c for c in form)


def only(columns: Sequence[Array | str | None], which: np.ndarray | None) -> list[Array | str | None]:
    """The columns' cells at the places of the mask; all of them without one. Values that all rows share stand."""
    if which is None:
        return list(columns)
    mask = pa.array(which)
    return [c.filter(mask) if isinstance(c, Array) else c for c in columns]


def replaced(column: Array, which: np.ndarray, others: Array) -> Array:
    """The column with ``others``, in their order, at the places of the mask."""
    return pc.replace_with_mask(column, pa.array(which), others)


def newest(moments: Array) -> datetime | None:
    """The latest instant of the column."""
    latest = pc.max(moments).cast(pa.int64()).as_py()
    return None if latest is None else _EPOCH + timedelta(microseconds=latest)


def digests(columns: Sequence[Array | str | None], keyed: Any, before: str) -> Array:
    """``before`` and the hexadecimal digest of each row's cells, joined by U+001F, "None" where one is missing.

    ``keyed``: a hash of ``hashlib`` that has its key and nothing else yet.
    """
    n = next(len(c) for c in columns if isinstance(c, Array))
    cells = [c.fill_null("None") if isinstance(c, Array) else pa.scalar(str(c)) for c in columns]
    joined = pc.binary_join_element_wise(*cells, "\x1f").cast(pa.large_binary())
    hashed: list[bytes] = []
    copy, add = keyed.copy, hashed.append
    for cells_of_row in joined.to_pylist():
        digest = copy()
        digest.update(cells_of_row)
        add(digest.digest())
    size = 2 * len(hashed[0]) if hashed else 0
    letters = np.frombuffer(b"".join(hashed).hex().encode(), np.uint8).reshape(n, size)
    data = np.empty((n, len(before) + size), np.uint8)
    data[:, : len(before)], data[:, len(before) :] = np.frombuffer(before.encode(), np.uint8), letters
    offsets = np.arange(n + 1, dtype=np.int32) * data.shape[1]
    return pa.Array.from_buffers(pa.string(), n, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
