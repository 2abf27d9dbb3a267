"""Columns of a million cells at once: each way is held against the same said cell by cell."""

import csv
import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats import columnar
from campaignstats.readers import exportcomments

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CSVISH = st.text(st.sampled_from('a,"\n\r;\u2028 é'), max_size=30)
BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace())


@given(CSVISH)
def test_records_end_where_the_csv_module_ends_them(text: str) -> None:
    data = text.encode() + b"\n"
    try:
        ends = columnar.record_ends(data, ",")
    except columnar.Doubt:
        return
    expected = list(csv.reader(io.StringIO(data.decode(), newline="")))
    if text.count('"') % 2 == 0:
        assert len(ends) == len(expected)
    starts = [0, *map(int, ends)]
    for start, end, cells in zip(starts, starts[1:], expected, strict=False):
        assert next(csv.reader(io.StringIO(data[start:end].decode(), newline=""))) == cells


@given(CSVISH)
def test_columns_are_the_csv_modules_cells_or_a_doubt(text: str) -> None:
    records = list(csv.reader(io.StringIO(text + "\n", newline="")))
    try:
        ends = columnar.record_ends(text.encode() + b"\n", ",")
        width = len(records[0])
        if len(ends) == 0 or ends[-1] != len(text.encode()) + 1:
            return
        found = columnar.columns(text.encode() + b"\n", ",", width, range(width), len(ends))
    except (columnar.Doubt, IndexError):
        return
    assert [list(r) for r in zip(*(found[i].to_pylist() for i in range(width)), strict=True)] == records


@pytest.mark.parametrize("data", [b'a"b"c,d\n', b'"a"b,c\n', b"a,b\rc,d\n", b'""a,b\n', b'a,"b" \n'])
def test_what_parsers_differ_on_is_a_doubt(data: bytes) -> None:
    with pytest.raises(columnar.Doubt):
        columnar.record_ends(data, ",")


def test_a_record_that_is_not_whole_has_no_end() -> None:
    assert list(columnar.record_ends(b'a,b\n"c\nd', ",")) == [4]
    assert list(columnar.record_ends(b'"a\n\nb"', ",")) == []


@given(st.lists(st.tuples(st.text(BLANKS, max_size=2), TEXT, st.text(BLANKS, max_size=2)).map("".join), max_size=8))
def test_stripped_is_str_strip(cells: list[str]) -> None:
    padded = pa.array(["#", *cells, "#"])
    expected = [c.strip() or None for c in cells]
    assert columnar.stripped(pa.array(cells, pa.string())).to_pylist() == expected
    assert columnar.stripped(padded.slice(1, len(cells))).to_pylist() == expected


def test_every_blank_of_unicode_is_seen_at_both_ends() -> None:
    for blank in BLANKS:
        assert columnar.stripped(pa.array([blank + "é", "ạ" + blank, blank])).to_pylist() == ["é", "ạ", None]


@given(st.binary(max_size=12))
def test_utf8_is_what_python_decodes(data: bytes) -> None:
    try:
        data.decode()
        good = True
    except UnicodeDecodeError:
        good = False
    assert columnar.is_utf8(data) is good


CLOCKS = st.one_of(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda d: f"{d:%d/%m/%y %H:%M:%S}"),
    st.datetimes().map(lambda d: f"{d:%Y-%m-%d %H:%M:%S}"),
    st.from_regex(r"[0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", fullmatch=True),
    st.text("0123456789/-: ٣", min_size=15, max_size=20),
    TEXT,
)


@given(
    st.lists(CLOCKS, max_size=6), st.sampled_from(["Asia/Ho_Chi_Minh", "America/Los_Angeles", "Australia/Lord_Howe"])
)
def test_instants_are_those_of_the_readers_clock(cells: list[str], zone: str) -> None:
    clock = exportcomments._Clock(zone)
    found = columnar.instants(pa.array(cells, pa.string()), exportcomments._FORMS, clock.midnight, clock.instant)
    assert columnar.listed(found, len(cells)) == list(map(exportcomments.clock_of(zone), cells))


@given(st.lists(st.one_of(st.none(), TEXT), min_size=1, max_size=6), st.one_of(st.none(), TEXT))
def test_digests_are_those_of_the_joined_cells(cells: list[str | None], shared: str | None) -> None:
    keyed = hashlib.blake2b(key=b"k", digest_size=12)
    expected = []
    for cell in cells:
        digest = keyed.copy()
        digest.update(f"{shared}\x1f{cell}".encode())
        expected.append("h:" + digest.hexdigest())
    assert columnar.digests([shared, pa.array(cells, pa.string())], keyed, "h:").to_pylist() == expected


@given(st.lists(st.sampled_from(["1", "2", "x", ""]), max_size=9))
def test_cells_are_mapped_by_value_at_their_places(cells: list[str]) -> None:
    column = pa.array(cells, pa.string())

    def judged(cell: Any) -> int | None:
        return int(cell) if cell.isdigit() else None

    assert columnar.by_value(column, judged, "int").to_pylist() == list(map(judged, cells))
    which = np.array([c == "x" for c in cells], bool)
    assert columnar.each(column, which, str.upper).to_pylist() == [c.replace("x", "X") for c in cells]
    counted = iter(range(9))
    assert columnar.in_order(column, which, lambda _: str(next(counted))).to_pylist() == [
        c if c != "x" else str(cells[:i].count("x")) for i, c in enumerate(cells)
    ]
    assert list(columnar.places(column, "x")) == [i for i, c in enumerate(cells) if c == "x"]


def test_a_column_is_listed_whatever_it_is() -> None:
    moment = datetime(2025, 12, 3, tzinfo=UTC)
    assert columnar.listed(pa.array([moment, None], pa.timestamp("us", "UTC")), 2) == [moment, None]
    assert columnar.listed("a", 2) == ["a", "a"]
    assert columnar.listed([1, 2], 2) == [1, 2]
    assert columnar.newest(pa.array([None, moment], pa.timestamp("us", "UTC"))) == moment
