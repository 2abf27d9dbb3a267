"""Whatever stands in a cell of a YouTube, TikTok or X file, every record is kept, refused or skipped: none is lost."""

import csv
import io
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from reading_video import EXPORTS, reading

JUNK = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1,234",
        "1.234",
        "1,2 N",
        "3.4M",
        "<5",
        "NAN",
        "--",
        "undefined",
        "#NAME?",
        "1.23E+17",
        "=1+1",
    ),
    *(
        "11/26/24",
        "3.thg4",
        "02/30/2025",
        "31 tháng 2",
        "February 29",
        "2025-11-15",
        "25:61",
        "12:00:00",
        "999999999999",
    ),
    *("abc", "Tổng", "Total", "\u00ad", "é" * 300, "٣", "½", "²"),
    *("https://www.tiktok.com/@a/video/1", "https://x.com/a/status/undefined", "https://x.com/a/status/٣"),
)
FILES = [f for name in ("yt_studio_*", "tt_*", "x_*", "tw_*") for f in sorted(EXPORTS.glob(f"{name}/*.csv"))]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.stem[:20]}")
def test_no_record_is_lost(tmp_path: Path, file: Path) -> None:
    chance = random.Random(file.name)
    encoding = "cp1252" if "soft_hyphens" in file.name else "utf-8-sig"
    text = file.read_bytes().decode(encoding)
    delimiter = ";" if "resaved" in file.name else ","
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    for turn in range(25):
        damaged = [list(r) for r in records]
        for row in damaged[1:]:
            for i in range(len(row)):
                if chance.random() < 0.3:
                    row[i] = chance.choice(JUNK)
            if chance.random() < 0.1:
                row.append(chance.choice(JUNK))
            if chance.random() < 0.1:
                del row[chance.randrange(1, len(row)) :]
        copy = tmp_path / f"{turn}.csv"
        with copy.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(damaged)
        # two rows may now name one post: keys are not looked at
        reading(file.parent.name, copy, unique=False, exported_at=datetime(2026, 1, 10, tzinfo=UTC))
        copy.unlink()


def test_a_workbook_of_tiktok_studio(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "Overview.xlsx")
    page = book.add_worksheet("Overview")
    page.write_row(0, 0, ["Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"])
    for i, (day, views) in enumerate([("30 tháng 12", "15"), ("31 tháng 12", "undefined"), ("1 tháng 1", "9")], 1):
        page.write_row(i, 0, [day, views, "1", "2", "3", "4"])  # its numbers are text
    book.close()
    found = reading("tt_studio_overview", tmp_path / "Overview.xlsx", exported_at=datetime(2026, 1, 2, 3, tzinfo=UTC))
    assert [(d.isoformat(), v) for d, v in found.series("views").items()] == [("2025-12-30", 15), ("2026-01-01", 9)]
