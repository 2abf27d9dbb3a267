"""YouTube Studio: tables in English and Vietnamese, the Total row, periods, ids, damage by Excel, other dimensions."""

import csv
import io
import unicodedata
import zipfile
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_video import EXPORTS, claimants, found_in, reading

from campaignstats.readers.base import Context
from campaignstats.readers.youtube_studio import named, video_id

ZIP = EXPORTS / "yt_studio_table" / "Content 2025-11-15_2025-12-15 Kênh Bình Minh (mẫu).zip"
VIETNAMESE = EXPORTS / "yt_studio_table" / "Dữ liệu trong bảng.csv"
NOVEMBER, DECEMBER = date(2025, 11, 15), date(2025, 12, 15)


def test_table_of_a_zip() -> None:
    found = reading("yt_studio_table", ZIP, "Table data.csv")
    posts = found.posts()
    assert list(posts) == ["aB3_kLmNo7Q", "-xY9zT4uVwE", "Qw8eRt_5-uI", "Zz0000aaaBB", "Nn1122ccDDe", "Dd99_-88xxX"]
    assert posts["-xY9zT4uVwE"] == {
        "platform": "youtube",
        "post_id": "-xY9zT4uVwE",  # the file has a blank before it
        "text": 'An toàn trên mạng cho con, "mẹ cùng học"',
        "permalink": "https://www.youtube.com/watch?v=-xY9zT4uVwE",
        "duration": 58.0,
        "status": "ok",
        "published_text": "Nov 20, 2025",
        "published_at": datetime(2025, 11, 20, 8, tzinfo=UTC),  # midnight in California
        "published_precision": "day",
        "published_zone": "America/Los_Angeles",
    }
    assert found.figures("aB3_kLmNo7Q") == {
        "engaged_views": 2410,
        "subscribers_net": 9,
        "average_percentage_viewed": 41.2,
        "thumbnail_impressions": 40110,
        "thumbnail_ctr": 4.36,
        "shares": 120,
        "subscribers_gained": 10,
        "subscribers_lost": 1,
        "likes": 310,
        "dislikes": 4,
        "comments": 40,
        "views": 2455,
        "watch_time_hours": 101.25,
        "average_view_duration": 148,
    }
    of_posts = [m for m in found.of("metric") if m["item_kind"] == "post"]
    assert {(m["grain"], m["period_start"], m["period_end"], m["day_zone"]) for m in of_posts} == {
        ("post_period", NOVEMBER, DECEMBER, "America/Los_Angeles")
    }
    assert found.about.account_name == "Kênh Bình Minh (mẫu)"
    assert (found.about.period_start, found.about.period_end) == (NOVEMBER, DECEMBER)
    assert (found.about.language, found.about.exported_evidence, found.about.notes) == ("en", "at_least", ())


def test_total_is_a_record_of_its_own() -> None:
    found = reading("yt_studio_table", ZIP, "Table data.csv")
    total = found.figures(None)
    assert total["views"] == 7350
    assert total["views"] != sum(m["value"] for m in found.of("metric") if m["metric"] == "views" and m.get("item"))
    assert {m["grain"] for m in found.of("metric") if m["item_kind"] == "account"} == {"account_period"}
    assert "Total" not in found.posts()
    # counted nobody: 0 in Total, nothing in the rows
    assert not {"unique_viewers", "returning_viewers", "average_views_per_viewer"} & set(total)


def test_absent_figures_stay_missing_and_zeros_stay() -> None:
    found = reading("yt_studio_table", ZIP, "Table data.csv")
    assert found.figures("Nn1122ccDDe") == {}
    assert found.figures("Zz0000aaaBB")["views"] == 0
    assert "average_view_duration" not in found.figures("Zz0000aaaBB")


def test_deleted_video_is_unavailable() -> None:
    post = reading("yt_studio_table", ZIP, "Table data.csv").posts()["Dd99_-88xxX"]
    assert post["status"] == "unavailable"
    assert "published_at" not in post


def test_vietnamese_table() -> None:
    header = VIETNAMESE.read_bytes().decode("utf-8-sig").split("\n")[0]
    assert header != unicodedata.normalize("NFC", header)  # the fixture is as YouTube writes it
    found = reading("yt_studio_table", VIETNAMESE)
    assert found.about.language == "vi"
    assert dict(found.about.notes) == {
        "period_unknown": {},
        "capped": {"rows": 500},
        "columns.unread": {"columns": "Doanh thu ước tính (VND)"},
    }
    assert [s.reason for s in found.skipped] == ["yt_studio.footer"]
    assert found.figures("Kk7_pQ2rS-t") == {
        "views": 5200,
        "watch_time_hours": 211.4,
        "subscribers_net": 3,
        "thumbnail_impressions": 80100,
        "thumbnail_ctr": 3.1,
        "average_view_duration": 146,
    }
    assert found.figures(None)["subscribers_net"] == -4
    assert found.posts()["Vv5-mN3bX_c"]["published_at"] == datetime(2025, 12, 14, 8, tzinfo=UTC)
    assert {m["period_start"] for m in found.of("metric")} == {None}


def test_declared_period_weighs_more_than_a_name() -> None:
    days = {"period_start": date(2025, 1, 1), "period_end": date(2025, 1, 31)}
    found = reading("yt_studio_table", ZIP, "Table data.csv", **days)
    assert {(m["period_start"], m["period_end"]) for m in found.of("metric")} == {tuple(days.values())}
    assert found.about.account_name == "Kênh Bình Minh (mẫu)"


def test_soft_hyphens_of_2022() -> None:
    found = reading("yt_studio_table", EXPORTS / "yt_studio_table" / "2022_soft_hyphens.csv")
    assert found.figures("dd44EE55ff6") == {
        "comments": 11,
        "shares": 19,
        "dislikes": 1,
        "likes": 120,
        "subscribers_net": -3,
        "rpm": 1.1,
        "cpm": 3.2,
        "average_percentage_viewed": 24.5,
        "average_view_duration": 110,
        "views": 3000,
        "watch_time_hours": 92.1,
        "earnings": 3.45,
        "thumbnail_impressions": 19000,
        "thumbnail_ctr": 1.9,
    }
    assert found.posts()["dd44EE55ff6"]["published_at"] == datetime(2020, 7, 27, 7, tzinfo=UTC)  # summer time


def test_resaved_by_excel() -> None:
    found = reading("yt_studio_table", EXPORTS / "yt_studio_table" / "excel_resaved.csv")
    assert [(r.row, r.rule, r.value) for r in found.refused] == [
        (4, "yt_studio.bad_video_id", "#NAME?"),
        (5, "yt_studio.bad_video_id", "1.23457E+10"),
        (8, "row_too_long", "thừa"),
    ]
    # 26 can be no month, so all of the file's dates are month first
    assert {i: p["published_at"].date() for i, p in found.posts().items()} == {
        "-kL8mN2pQ4r": date(2024, 11, 26),
        "gg77HH88ii9": date(2024, 12, 3),
        "jj00KK11ll2": date(2024, 12, 4),
    }
    assert found.figures("-kL8mN2pQ4r") == {"views": 100, "average_view_duration": 30}  # Views twice, equal
    assert found.figures("gg77HH88ii9") == {"average_view_duration": 33}  # Views twice, not equal
    assert [(c.row, c.column, c.rule) for c in found.cells] == [
        (6, "Views", "columns.disagree"),
        (7, "Views", "not_a_number"),
    ]


def test_dates_that_nothing_decides_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "Table data.csv"
    file.write_text(
        "Content,Video title,Video publish time,Duration,Views\nab12CD34ef5,A,11/12/24,10,3\n", encoding="utf-8"
    )
    found = reading("yt_studio_table", file)
    assert [(c.column, c.rule) for c in found.cells] == [("Video publish time", "columns.ambiguous_date")]
    post = found.posts()["ab12CD34ef5"]
    assert "published_at" not in post
    assert (post["published_text"], post["status"]) == ("11/12/24", "ok")


def test_a_workbook_is_read_by_its_table(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "Content 2025-11-15_2025-12-15 Kênh Bình Minh.xlsx")
    for sheet, rows in {
        "Chart data": [["Date", "Content", "Video title", "Video publish time", "Duration", "Views"]],
        "Table data": [
            ["Content", "Video title", "Video publish time", "Duration", "Views", "Average view duration"],
            ["Total", None, None, None, 90, "0:01:01"],
            ["aB3_kLmNo7Q", "Mở đầu", "Nov 15, 2025", 300, 88, "0:01:02"],
        ],
        "Totals": [["Date", "Views"], ["2025-11-15", 90]],
    }.items():
        page = book.add_worksheet(sheet)
        for i, row in enumerate(rows):
            page.write_row(i, 0, row)
    book.close()
    found = reading("yt_studio_table", tmp_path / "Content 2025-11-15_2025-12-15 Kênh Bình Minh.xlsx")
    assert found.figures("aB3_kLmNo7Q") == {"views": 88, "average_view_duration": 62}
    assert found.figures(None, NOVEMBER)["views"] == 90
    assert found.about.account_name == "Kênh Bình Minh"
    assert dict(found.about.notes) == {"yt_studio.sheets_unread": {"sheets": "Chart data, Totals"}}


def test_chart_is_by_day_and_only_what_was_charted() -> None:
    found = reading("yt_studio_chart", ZIP, "Chart data.csv")
    views = {(m["item"], m["period_start"]): m["value"] for m in found.of("metric")}
    assert views[("aB3_kLmNo7Q", date(2025, 11, 16))] == 1000
    assert views[("-xY9zT4uVwE", date(2025, 11, 17))] == 0
    assert {m["grain"] for m in found.of("metric")} == {"post_day"}
    assert len(found.of("post")) == 2
    assert dict(found.about.notes) == {"yt_studio.charted_only": {"videos": 2}}


def test_totals_by_day() -> None:
    found = reading("yt_studio_totals", ZIP, "Totals.csv")
    assert found.series("views") == {
        date(2025, 11, 15): 0,  # a leading zero is a measured zero
        date(2025, 11, 16): 0,
        date(2025, 11, 17): 1210,
        date(2025, 11, 18): 980,
        date(2025, 11, 20): 450,  # the 19th has no figure
        date(2025, 11, 21): 77,
    }
    assert {m["grain"] for m in found.of("metric")} == {"account_day"}
    assert [s.reason for s in found.skipped] == ["no_values"]
    assert (found.about.period_start, found.about.period_end) == (NOVEMBER, DECEMBER)


def test_totals_by_week_are_no_days() -> None:
    found = reading("yt_studio_totals", EXPORTS / "yt_studio_totals" / "Tổng số.csv")
    assert [(m["period_start"], m["period_end"], m["value"]) for m in found.of("metric")] == [
        (date(2025, 10, 6), date(2025, 10, 12), 410),
        (date(2025, 10, 13), date(2025, 10, 19), 380),
        (date(2025, 10, 20), date(2025, 10, 26), 505),
        (date(2025, 10, 27), date(2025, 11, 2), 620),
    ]
    assert {m["grain"] for m in found.of("metric")} == {"account_period"}
    assert dict(found.about.notes) == {"yt_studio.not_by_day": {}}


@pytest.mark.parametrize(
    ("days", "last"),
    [
        (("2025-10-01", "2025-11-01", "2025-12-01"), date(2025, 12, 31)),
        (("2024-01-01", "2025-01-01"), date(2025, 12, 31)),
    ],
)
def test_totals_by_month_and_year(tmp_path: Path, days: tuple[str, ...], last: date) -> None:
    file = tmp_path / "Totals.csv"
    file.write_text("Date,Views\n" + "".join(f"{d},{10 + i}\n" for i, d in enumerate(days)), encoding="utf-8")
    found = reading("yt_studio_totals", file)
    assert {m["grain"] for m in found.of("metric")} == {"account_period"}
    assert max(m["period_end"] for m in found.of("metric")) == last


def test_table_by_date_has_a_total_too() -> None:
    found = reading("yt_studio_totals", EXPORTS / "yt_studio_totals" / "by_date_with_total.csv")
    assert found.series("watch_time_hours") == {
        date(2025, 11, 15): 3.5,
        date(2025, 11, 16): 7,
        date(2025, 11, 17): 10,
    }
    total = [m for m in found.of("metric") if m["grain"] == "account_period"]
    assert {m["metric"]: (m["value"], m["period_start"], m["period_end"]) for m in total}["views"] == (
        600,
        date(2025, 11, 15),
        date(2025, 11, 17),
    )


def test_totals_in_the_folder_of_another_platform_are_refused() -> None:
    found = reading("yt_studio_totals", EXPORTS / "yt_studio_totals" / "Tổng số.csv", platform="facebook")
    assert found.whole is not None
    assert found.whole.rule == "yt_studio.platform_differs"


def test_cities_are_an_audience_not_posts() -> None:
    file = EXPORTS / "yt_studio_dimension" / "Cities 2025-11-15_2025-12-15 Kênh Bình Minh (mẫu).csv"
    found = reading("yt_studio_dimension", file)
    assert [(a["dimension"], a["group"], a["value"], a["unit"]) for a in found.of("audience")] == [
        ("city", "Biên Hòa, Đồng Nai", 2015, "events"),
        ("city", "Thành phố Hồ Chí Minh", 1811, "events"),
        ("city", "Long Khánh, Đồng Nai", 420, "events"),
    ]
    assert not found.of("post")
    assert not found.of("metric")
    assert found.about.account_name == "Kênh Bình Minh (mẫu)"
    assert dict(found.about.notes) == {"capped": {"rows": 500}}


def test_ages_are_shares() -> None:
    found = reading("yt_studio_dimension", EXPORTS / "yt_studio_dimension" / "do_tuoi.csv")
    assert [(a["dimension"], a["group"], a["value"], a["unit"]) for a in found.of("audience")] == [
        ("age", "13–17 tuổi", 0.045, "share"),
        ("age", "18–24 tuổi", 0.3125, "share"),
        ("age", "25–34 tuổi", 0.4, "share"),
    ]
    assert [s.reason for s in found.skipped] == ["no_values"]


def test_groups_by_day_are_left_out_on_purpose() -> None:
    found = reading("yt_studio_groups_chart", EXPORTS / "yt_studio_groups_chart" / "Chart data.csv")
    assert not found.rows
    assert [s.reason for s in found.skipped] == ["yt_studio.groups_by_day"] * 2


@pytest.mark.parametrize(
    "header",
    [
        "Date,Impressions,Likes,Engagements,Bookmarks",  # X
        "Date,Video views,Reached audience,Profile views,Likes",  # TikTok
        "Video title,Video link,Post time,Video views",  # TikTok
        "Date,Primary",  # Meta
        "Content,Author,Likes",
    ],
)
def test_foreign_headers_are_not_claimed(tmp_path: Path, header: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(header + "\n" + ",".join("1" for _ in header.split(",")) + "\n", encoding="utf-8")
    assert not [n for n in claimants(found_in(file)) if n.startswith("yt_studio")]


@settings(deadline=None)
@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=11, max_size=11))
def test_every_id_survives_what_spreadsheets_put_around_it(written: str) -> None:
    for wrapped in (written, f" {written}", f"={written}", f"'{written}", f'="{written}"'):
        assert video_id(wrapped) == written


@pytest.mark.parametrize("written", [None, "", "Total", "#NAME?", "#ERROR!", "1.23E+10", "-123", "abc", 12345678901.5])
def test_what_is_no_id(written: object) -> None:
    assert video_id(written) is None


@pytest.mark.parametrize(
    ("name", "start", "end", "channel"),
    [
        ("Content 2025-11-15_2025-12-15 Kênh A.zip", NOVEMBER, DECEMBER, "Kênh A"),
        ("Nội dung 2025-11-15_2025-12-15 Kênh A (1).zip", NOVEMBER, DECEMBER, "Kênh A"),
        (
            unicodedata.normalize("NFD", "Nội dung 2025-11-15_2025-12-15 Phụ nữ Đồng Nai"),
            NOVEMBER,
            DECEMBER,
            "Phụ nữ Đồng Nai",
        ),
        ("Traffic source 2025-11-15_2025-12-15 Kênh A.csv", NOVEMBER, DECEMBER, "Kênh A"),
        ("Content 2025-11-15_2025-12-15.zip", NOVEMBER, DECEMBER, None),
        ("báo cáo 2025-11-15_2025-12-15 gửi lại.zip", NOVEMBER, DECEMBER, None),  # a person's own name for it
        ("Content 2025-13-15_2025-12-15 Kênh A.zip", None, None, None),
        ("Table data.csv", None, None, None),
    ],
)
def test_what_a_download_is_called(name: str, start: date | None, end: date | None, channel: str | None) -> None:
    found = named(Context(names=("youtube", name, "Table data.csv")))
    assert (found.start, found.end, found.channel) == (start, end, channel)


# ---- real files, beside the checkout --------------------------------------------------------------------------------


_read_once = cache(reading)


def _raw(file: Path, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_bytes().decode(encoding), newline="")))


def _cell(records: list[list[str]], id_: str, column: str) -> str:
    place = [h.replace("\xad", "") for h in records[0]].index(column)
    return next(r for r in records if r[0].strip() == id_)[place]


@pytest.mark.parametrize(
    ("file", "encoding", "id_", "column", "metric"),
    [
        (file, encoding, id_, column, metric)
        for file, encoding, ids, columns in (
            (
                "table_data_en_2025_engagedviews.csv",
                "utf-8",
                ("Total", "1geIQxkXYGs", "zvF3ifucdPA", "-iTBX-c3ATo"),
                {"Views": "views", "Engaged views": "engaged_views", "Impressions": "thumbnail_impressions"},
            ),
            (
                "table_data_en_2022_soft_hyphens.csv",
                "cp1252",
                ("Total", "4OZip0cgOho", "78LjdAAw0wA", "-pdXWmj9xxU"),
                {"Dislikes": "dislikes", "Your estimated revenue (USD)": "earnings", "Subscribers": "subscribers_net"},
            ),
        )
        for id_ in ids
        for column, metric in columns.items()
    ],
)
def test_real_figures(shared: Path, file: str, encoding: str, id_: str, column: str, metric: str) -> None:
    path = shared / "exports" / "youtube_studio" / file
    expected = float(_cell(_raw(path, encoding), id_, column))
    found = _read_once("yt_studio_table", path)
    assert found.figures(None if id_ == "Total" else id_)[metric] == expected


def test_real_files_whole(shared: Path) -> None:
    folder = shared / "exports" / "youtube_studio"
    table = reading("yt_studio_table", folder / "table_data_en_2025_engagedviews.csv")
    assert (len(table.of("post")), table.delivered, len(table.refused), len(table.cells)) == (317, 319, 0, 0)
    assert table.figures(None)["views"] == 37504
    assert sum(m["value"] for m in table.of("metric") if m["metric"] == "views" and m.get("item")) == 36978
    assert table.figures("VKld4xC93TY") == {}
    old = reading("yt_studio_table", folder / "table_data_en_2022_soft_hyphens.csv")
    assert (len(old.of("post")), len(old.refused), len(old.cells)) == (223, 0, 0)
    assert all("published_at" in p for p in old.of("post"))
    totals = reading("yt_studio_totals", folder / "totals_en_2025.csv")
    records = _raw(folder / "totals_en_2025.csv", "utf-8")[1:]
    assert totals.series("engaged_views") == {date.fromisoformat(d): float(v) for d, v in records}
    cities = reading("yt_studio_dimension", folder / "table_cities_en.csv")
    assert len(cities.of("audience")) == 500
    assert sum(a["value"] for a in cities.of("audience")) == sum(
        int(r[2]) for r in _raw(folder / "table_cities_en.csv", "utf-8")[1:-1]
    )


def test_real_vietnamese_header(shared: Path) -> None:
    found = reading(
        "yt_studio_table", shared / "exports" / "synthetic_values_real_headers" / "youtube_table_data_vi_unit_test.csv"
    )
    assert found.figures(None) == {
        "views": 30,
        "watch_time_hours": 3,
        "thumbnail_impressions": 300,
        "thumbnail_ctr": 10,
    }
    # its author's "video_one" is no id that YouTube could have written
    assert [r.rule for r in found.refused] == ["yt_studio.bad_video_id"] * 2


def test_the_fixture_zip_is_as_youtube_packs_it() -> None:
    with zipfile.ZipFile(ZIP) as archive:
        assert archive.namelist() == ["Table data.csv", "Chart data.csv", "Totals.csv"]
        assert not archive.read("Table data.csv").startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("label", ["Tổng cộng", "Total"])
@pytest.mark.parametrize(
    ("name", "file"),
    [("yt_studio_table", "Dữ liệu trong bảng.csv"), ("yt_studio_totals", "by_date_with_total.csv")],
)
def test_a_sum_made_by_a_person_is_no_total_of_studio(label: str, name: str, file: str, tmp_path: Path) -> None:
    untouched = EXPORTS / name / file
    written = untouched.read_text("utf-8-sig").rstrip()
    columns = next(csv.reader(io.StringIO(written)))
    row = [label, *("" if "ngày" in c.casefold() or "tiêu đề" in c else "1200" for c in columns[1:])]
    (tmp_path / file).write_text(written + "\n" + ",".join(row) + "\n", "utf-8")
    assert reading(name, tmp_path / file).of("metric") == reading(name, untouched).of("metric")
