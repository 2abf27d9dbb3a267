"""The fast path is the strict one: the same rows, refusals and counts of every fixture and of damaged files."""

import csv
import hashlib
import io
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
import pytest
from reading_comments import EXPORTS

from campaignstats import campaign, gather, reading, schema
from campaignstats.errors import ReadError
from campaignstats.readers import base, by_column, encodings, inbox, opening
from campaignstats.store import Store
from campaignstats.text import privacy

CAMPAIGN = """
[campaign]
id = "thu"
name = { vi = "Thử", en = "Trial" }
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
[window]
start = 2025-11-15
end = 2025-12-15
"""
YOUTUBE = ["id ", "", "Name", "Date", "Likes", "isHearted", "isPinned", "Comment", "(view source)"]
INSTAGRAM = ["Name", "Username", "Profile ID", "Date", "Likes", "Comment", "Comment ID", "Comment URL"]
NAMES = {"youtube": "yt-comments_AbCdEfGhIjK_1 - ExportComments.com.csv", "instagram": "bình luận.csv"}
AUTHORS = [
    "Người Mẫu Một",
    "@mau.hai",
    "Tên, có phẩy",
    ' "trích"',
    "Nguye\u0302\u0303n NFD",
    "\u00a0cách\u3000",
    "Ạ",
    "",
]
TEXTS = [
    "Hay quá",
    "gọi 0900 000 123 nha",
    "Dòng một\n\ndòng hai",
    "dòng\r\nhai",
    'nói "đúng", rồi',
    "số 12 đường Hoa Sữa",
    "xem https://vi.du/x",
    "@ai đó 👏🏽 ❤️",
    "NFD ho\u0302ng bie\u0302\u0301t",
    "\ufeff\u200bẩn",
    "không một hai ba bốn năm sáu bảy tám",
    "  cách \u2003",
    "ạ",
    "=1+1",
    "",
    "năm 2025, 15/11/2025, 1.200.000 đồng",
    "lan (at) thu chấm vn",
    "٠٩١٢٣٤٥٦٧٨",
]
DATES = {"youtube": ["03/12/25 06:24:1", "28/02/25 23:59:5"], "instagram": ["2025-11-25 21:03:0", "2024-02-29 00:00:0"]}
ODD_DATES = [
    "31/02/25 10:00:00",
    "2025-12-03",
    "",
    "9999-12-31 23:59:59",
    "03/12/25 24:00:00",
    " 03/12/25 06:24:13 ",
    "3/12/25 6:24",
    "x",
]
LIKES = ["0", "1", "2", "15", "", "1.2K", "1,234", "-3", " 4 ", "1e400", "0x1", "٣", "12345678901234567890"]
IDS = ["17900000000000001", "1.79E+16", "", "179000000000000000", "17 9", "abc", "١٢٣"]
LINKS = [
    "https://www.instagram.com/p/DRexampLe1x/c/1/",
    "https://www.instagram.com/p/DRexampLe2x/",
    "view comment",
    "",
    "https://x.y/c/?lc=1",
]


def valid(kind: str, rows: int, seed: int) -> bytes:
    """An export as the exporter writes it, with every odd cell now and then."""
    chance = random.Random(seed)

    def mostly(common: list[str], odd: list[str]) -> str:
        return chance.choice(odd if chance.random() < 0.03 else common)

    out = io.StringIO()
    writer = csv.writer(out, lineterminator=chance.choice(["\n", "\r\n"]), delimiter=chance.choice(",,;\t"))
    writer.writerow(YOUTUBE if kind == "youtube" else INSTAGRAM)
    for n in range(rows):
        name, text = chance.choice(AUTHORS[:-1]), mostly(TEXTS, [""])
        date, likes = mostly([d + str(n % 10) for d in DATES[kind]], ODD_DATES), mostly(LIKES[:4], LIKES)
        if kind == "youtube":
            number = f"{n}-1" if chance.random() < 0.1 else str(n)
            writer.writerow(
                [number, mostly(["", "0"], ["7", " "]), name, date, likes, "no", "no", text, "view comment"]
            )
        else:
            profile = mostly(["1000000001", "1000000002"], ["", "ID: 5", "1.0E+9", "1000000000000000000"])
            own = mostly([str(17900000000000000 + n)], IDS)
            writer.writerow([name, mostly([name], [""]), profile, date, likes, text, own, mostly(LINKS[:1], LINKS)])
    mark = "\ufeff" if chance.random() < 0.3 else ""
    return (mark + out.getvalue()).encode()


PIECES = [
    b'"',
    b'""',
    b",",
    b";",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\t",
    b"\x00",
    b"\x01",
    b"\xff",
    b"\xad",
    b"\xe2\x80",
    b",,",
    b" ",
    b'","',
]
PIECES += ["\u2028", "\u0085", "\ufeff", "e\u0302\u0301", "\U0001f468\u200d\U0001f469", "0912345678", "@a", "Ã¡Âº"]
SPREAD = [p if isinstance(p, bytes) else p.encode() for p in PIECES]


def damaged(data: bytes, seed: int) -> bytes:
    """The file with a few bytes flipped, inserted, cut out, doubled or moved."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 6])):
        at = chance.randrange(len(changed) + 1)
        to = min(len(changed), at + chance.choice([1, 1, 2, 5, 40, 300]))
        what = chance.randrange(6)
        if what == 0 and at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
        elif what in (1, 2):
            changed[at:at] = chance.choice(SPREAD)
        elif what == 3:
            del changed[at:to]
        elif what == 4:
            changed[at:at] = changed[at:to]
        else:
            changed[at:to] = chance.choice(SPREAD)
    return bytes(changed)


@contextmanager
def strictly(strict: bool) -> Iterator[None]:
    given = {by_column.STRICT: "1"} if strict else {}
    with mock.patch.dict(os.environ, given):
        yield


def read(place: Path, name: str, data: bytes, *, strict: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The source's record and its stored tables."""
    shutil.rmtree(place, ignore_errors=True)
    (place / "inbox").mkdir(parents=True)
    (place / "inbox" / name).write_bytes(data)
    (found,) = opening.inbox_files(place / "inbox")
    context = base.Context(names=found.names, timezone="Asia/Ho_Chi_Minh")
    sha = hashlib.sha256(data).hexdigest()
    task = reading.Task(found, sha, "s", place / "tables", context, b"k" * 32, privacy.HOTLINES, frozenset())
    with strictly(strict):
        record = reading.read_source(task)
    tables = {f.parent.name: pq.read_table(f, partitioning=None) for f in (place / "tables").rglob("*.parquet")}
    return record, tables


def compared(place: Path, name: str, data: bytes) -> dict[str, Any]:
    """The record; fails unless both ways give the same record and the same tables, row by row."""
    strict, strict_tables = read(place, name, data, strict=True)
    fast, fast_tables = read(place, name, data, strict=False)
    assert fast == strict
    assert fast_tables.keys() == strict_tables.keys()
    for table, rows in strict_tables.items():
        assert fast_tables[table].schema.equals(rows.schema)
        assert fast_tables[table].to_pylist() == rows.to_pylist(), table
    return strict


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stretches of a few records, so that many end and begin; the number of records that went the fast way."""
    monkeypatch.setattr(by_column, "STRETCH", 900)
    seen = []
    made = by_column.Stretch.__init__

    def counted(self: Any, first: int, n: int, *rest: Any) -> None:
        made(self, first, n, *rest)
        seen.append(n)

    monkeypatch.setattr(by_column.Stretch, "__init__", counted)
    return seen


def every_fixture() -> list[Path]:
    return sorted(f for f in EXPORTS.rglob("*") if f.is_file())


def test_every_fixture_comes_out_the_same(tmp_path: Path) -> None:
    found = {}
    for way in ("strict", "fast"):
        folder = tmp_path / way
        (folder / "inbox").parent.mkdir()
        shutil.copytree(EXPORTS, folder / "inbox")
        (folder / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
        with strictly(way == "strict"):
            report = gather.gather(campaign.load(folder), processes=1)
        store = Store(folder / "tables")
        found[way] = (
            report.as_dict(),
            {t: store.query(f"SELECT * FROM {t} ORDER BY ALL").to_dict("split") for t in schema.TABLES if t != "tag"},
        )
    assert repr(found["fast"]) == repr(found["strict"])


@pytest.mark.parametrize("kind", NAMES)
def test_a_sound_file_goes_the_fast_way_to_its_end(tmp_path: Path, short: list[int], kind: str) -> None:
    data = valid(kind, 400, 1)
    record = compared(tmp_path / "a", NAMES[kind], data)
    assert record["n_kept"] > 350
    assert sum(short) == 400
    assert len(short) > 20


def test_one_record_too_short_sends_what_follows_the_strict_way(tmp_path: Path, short: list[int]) -> None:
    lines = [f"{n},,A,03/12/25 06:24:13,0,no,no,hay,v\n" for n in range(200)]
    lines[120] = "120,,A,03/12/25 06:24:13\n"
    data = (",".join(YOUTUBE) + "\n" + "".join(lines)).encode()
    record = compared(tmp_path / "a", NAMES["youtube"], data)
    assert record["n_kept"] == 200
    assert 90 < sum(short) < 120


def test_a_broken_byte_far_down_a_big_file_is_met_the_strict_way(
    tmp_path: Path, short: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encodings, "LATE_DECODING", 2000)  # so far a file is decoded before it is read
    monkeypatch.setattr(inbox.Found.chunks, "__defaults__", (500,))
    data = valid("youtube", 400, 7)
    at = data.index("Hay quá".encode(), len(data) * 3 // 4)
    record = compared(tmp_path / "a", NAMES["youtube"], data[:at] + b"\xff" + data[at:])
    assert record["n_cells_refused"] > 0
    assert 200 < sum(short) < 320


def test_a_page_that_ends_without_a_line_end_comes_out_the_same(tmp_path: Path, short: list[int]) -> None:
    data = valid("instagram", 60, 3).rstrip(b"\r\n")
    compared(tmp_path / "a", NAMES["instagram"], data)
    assert not short


@pytest.mark.parametrize("kind", NAMES)
def test_formula_errors_are_refused_alike(tmp_path: Path, short: list[int], kind: str) -> None:
    for seed in range(12):
        data = valid(kind, 80, seed)
        for cell, error in (("Hay quá", "#NAME?"), ("=1+1", "Err:508"), ("ạ", "thấy #NAME? ở ô này"), ("Ạ", "#VALUE!")):
            data = data.replace(cell.encode(), error.encode())
        record = compared(tmp_path / "a", NAMES[kind], damaged(data, seed) if seed % 3 == 2 else data)
        _, tables = read(tmp_path / "a", NAMES[kind], data, strict=False)
        texts = tables["comment"].column("text").to_pylist()
        assert "#NAME?" not in texts
        assert "thấy #NAME? ở ô này" in texts
        rules = [(q["column"], q["value"]) for q in tables["quarantine"].to_pylist() if q["rule"] == "formula_error"]
        assert ("text", "#xxxx?") in rules
        assert kind == "instagram" or ("author", "#xxxxx!") in rules  # Instagram's authors have ids
        assert record["n_kept"]
    assert sum(short) > 1000


def _fuzzed(place: Path, seeds: range) -> int:
    """Compares a damaged file a seed; how many of the files were kept in part at least."""
    n_kept = 0
    for seed in seeds:
        kind = ("youtube", "instagram")[seed % 2]
        data = damaged(valid(kind, 60, seed), seed)
        try:
            n_kept += compared(place, NAMES[kind], data)["n_kept"] > 0
        except AssertionError as problem:
            raise AssertionError(f"seed {seed}: {data!r}") from problem
        except ReadError:
            pass
    return n_kept


def test_damaged_files_come_out_the_same(tmp_path: Path, short: list[int]) -> None:
    n_kept = _fuzzed(tmp_path / "a", range(150))
    assert n_kept > 100
    assert sum(short) > 2000


@pytest.mark.slow
def test_ten_thousand_damaged_files_come_out_the_same(tmp_path: Path, short: list[int]) -> None:
    n = 10_000
    n_kept = _fuzzed(tmp_path / "a", range(1000, 1000 + n))
    print(f"{n} damaged files, {n_kept} kept at least in part, {sum(short)} records by the fast way")
    assert n_kept > n // 2
