"""Tables that a person maps by hand: Zalo figures, accounts by day, comments, offline activities."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from reading_comments import EXPORTS, Reading, opened, reading

from campaignstats import words
from campaignstats.campaign import MappedTable
from campaignstats.readers import base, mapped
from campaignstats.readers.links import link_id

ZALO = EXPORTS / "mapped" / "zalo.csv"
COLUMNS = {
    "text": "Tiêu đề",
    "published_at": "Ngày gửi",
    "views": "Lượt xem",
    "shares": "Lượt chia sẻ",
    "permalink": "Liên kết",
}


def _mapping(**given: Any) -> MappedTable:
    plain = {"path": "*", "table": "post", "columns": COLUMNS, "platform": "zalo", "account": "Hội LHPN tỉnh"}
    return MappedTable(**{**plain, **given})


def _read(file: Path, **given: Any) -> Reading:
    return reading(mapped, file, claimed=False, mapped=_mapping(**given))


def test_articles_of_a_zalo_account() -> None:
    found = _read(ZALO, columns={**COLUMNS, "published_at": "Ngày gửi"}, date_format="%d/%m/%Y")
    first, second, third = found.of("post")
    assert first == {
        "status": "ok",
        "text": "Thông điệp Tháng hành động",
        "published_at": datetime(2025, 11, 16, 17, tzinfo=UTC),
        "published_precision": "day",
        "published_zone": "Asia/Ho_Chi_Minh",
        "permalink": "https://rd.zapps.vn/detail/100?id=abc",
        "platform": "zalo",
        "account_id": "name:hội lhpn tỉnh",
        "account_name": "Hội LHPN tỉnh",
        "post_id": link_id("https://rd.zapps.vn/detail/100?id=abc"),
    }
    assert found.metrics(first["post_id"]) == {"views": 12345678, "shares": 31}
    # a refused cell leaves the rest of its row
    assert found.metrics(second["post_id"]) == {"shares": 12}
    assert second["post_id"].startswith("row:")
    assert found.metrics(third["post_id"]) == {"views": 1200}
    assert [m["approximate"] for m in found.of("metric")] == [False, False, False, True]
    assert [(c.row, c.column, c.rule) for c in found.cells] == [
        (5, "Ngày gửi", "not_a_date"),  # a clock that the declared form has not
        (5, "Lượt xem", "typed.ambiguous"),
    ]
    assert [(s.row, s.reason) for s in found.skipped] == [(7, "mapped.total_row"), (8, "mapped.not_filled_in")]


def test_without_a_date_format_day_and_month_are_not_guessed() -> None:
    found = _read(ZALO)
    assert {c.rule for c in found.cells if c.column == "Ngày gửi"} == {"mapped.date_format"}
    assert {p.get("published_at") for p in found.of("post")} == {None}


def test_a_missing_header_names_the_nearest() -> None:
    [refused] = _read(ZALO, columns={"text": "Tiêu đề", "views": "Lượt xem bài"}).refused
    assert (refused.row, refused.rule) == (0, "mapped.no_header_near")
    assert refused.details["nearest"] == "Lượt xem"
    assert "Lượt xem bài" in words.text(f"rule.{refused.rule}", "vi", **refused.details)


def test_a_header_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Tiêu đề,Xem,Xem\na,1,2\n", encoding="utf-8")
    [refused] = _read(tmp_path / "a.csv", columns={"text": "Tiêu đề", "views": "Xem"}).refused
    assert refused.rule == "mapped.header_twice"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"columns": {"text": "Tiêu đề", "view": "Lượt xem"}}, "mapped.no_column_near"),
        ({"platform": None}, "mapped.no_platform"),
        ({"sheet": "Tháng 12"}, "mapped.no_sheet"),
    ],
)
def test_a_mapping_that_cannot_work_refuses_the_file(given: dict[str, Any], rule: str) -> None:
    assert [r.rule for r in _read(ZALO, **given).refused] == [rule]


def _workbook(file: Path, name: str, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime(2025, 11, 1)
    sheet = book.active
    assert sheet is not None
    sheet.title = "Bìa"
    sheet.append(["Báo cáo"])
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file


def test_offline_activities(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["BÁO CÁO HOẠT ĐỘNG"],
        ["Ngày", "Xã/phường", "Hoạt động", "Số người", "Số tờ rơi", "Ghi chú"],
        [datetime(2025, 11, 25), 26068, "Lễ phát động", 350, None, "Có lãnh đạo tỉnh"],
        ["26/11/2025", "Trị An", "Phát thanh", None, "1.200", None],
        [datetime(2025, 11, 27), "Trị An", None, 20, None, None],
        ["Tổng cộng", None, None, 370, None, None],
    ]
    columns = {
        "date": "Ngày",
        "place": "Xã/phường",
        "kind": "Hoạt động",
        "people": "Số người",
        "copies": "Số tờ rơi",
        "note": "Ghi chú",
    }
    file = _workbook(tmp_path / "a.xlsx", "Hoạt động", rows)
    found = _read(file, table="activity", columns=columns, sheet="hoạt động", date_format="%d/%m/%Y", platform=None)
    first, second = found.of("activity")
    assert first == {
        "date": date(2025, 11, 25),
        "place": "26068",
        "kind": "Lễ phát động",
        "people": 350,
        "note": "Có lãnh đạo tỉnh",
    }
    assert second == {"date": date(2025, 11, 26), "place": "Trị An", "kind": "Phát thanh"}
    assert [(c.column, c.rule) for c in found.cells] == [("Số tờ rơi", "typed.ambiguous")]
    assert [(r.row, r.rule) for r in found.refused] == [(5, "mapped.no_kind")]
    assert [s.reason for s in found.skipped] == ["mapped.total_row"]


def test_a_constant_stands_for_a_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,people\n2025-11-25,40\n", encoding="utf-8")
    given = {"table": "activity", "columns": {"date": "date", "people": "people"}, "constants": {"kind": "Hội thi"}}
    [activity] = _read(tmp_path / "a.csv", **given).of("activity")
    assert activity == {"kind": "Hội thi", "date": date(2025, 11, 25), "people": 40}


def test_figures_of_an_account_by_day(tmp_path: Path) -> None:
    text = "Ngày;Người quan tâm;Thêm trong ngày\n2025-11-20;5120;12\n2025-11-21;5131;\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    columns = {"period_start": "Ngày", "followers": "Người quan tâm", "new_followers": "Thêm trong ngày"}
    found = _read(tmp_path / "a.csv", table="metric", columns=columns, grain="account_day", evidence="screen")
    assert found.of("post") == []
    assert [(m["metric"], m["period_start"], m["period_end"], m["value"]) for m in found.of("metric")] == [
        ("followers", date(2025, 11, 20), date(2025, 11, 20), 5120),
        ("new_followers", date(2025, 11, 20), date(2025, 11, 20), 12),
        ("followers", date(2025, 11, 21), date(2025, 11, 21), 5131),
    ]
    for metric in found.of("metric"):
        assert (metric["item_kind"], metric["item"]) == ("account", "name:hội lhpn tỉnh")
        assert (metric["grain"], metric["evidence"]) == ("account_day", "screen")


def test_one_figure_a_row_with_its_name_and_evidence(tmp_path: Path) -> None:
    text = (
        "id,Chỉ số,Giá trị,Nguồn,Tính đến\n"
        "A1,Lượt xem,900,Tự báo cáo,2025-12-22\nA1,lượt thích,30,Tệp xuất,2025-12-22\nA2,Độ hot,5,Tệp xuất,\n"
    )
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    columns = {"post_id": "id", "metric": "Chỉ số", "value": "Giá trị", "evidence": "Nguồn", "as_of": "Tính đến"}
    found = _read(tmp_path / "a.csv", table="metric", columns=columns)
    assert [(m["item"], m["metric"], m["value"], m["evidence"]) for m in found.of("metric")] == [
        ("A1", "views", 900, "self_reported"),
        ("A1", "likes", 30, "export"),
    ]
    assert found.of("metric")[0]["as_of"] == datetime(2025, 12, 21, 17, tzinfo=UTC)
    assert [(r.row, r.rule) for r in found.refused] == [(4, "mapped.unknown_word")]


def test_comments(tmp_path: Path) -> None:
    text = "Người viết,Lời,Lúc,Thích\nLan,Hay quá,2025-11-20 08:15,2\n,,2025-11-20 09:00,1\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    columns = {"author": "Người viết", "text": "Lời", "published_at": "Lúc", "likes": "Thích"}
    found = _read(tmp_path / "a.csv", table="comment", columns=columns)
    assert found.of("comment") == [
        {
            "author": "Lan",
            "text": "Hay quá",
            "published_at": datetime(2025, 11, 20, 1, 15, tzinfo=UTC),
            "likes": 2,
            "published_zone": "Asia/Ho_Chi_Minh",
            "platform": "zalo",
        }
    ]
    assert [(r.row, r.rule) for r in found.refused] == [(3, "mapped.no_comment")]


def test_by_itself_it_claims_nothing() -> None:
    assert not base.claims(mapped, opened(ZALO))
    found = reading(mapped, ZALO, claimed=False)
    assert [r.rule for r in found.refused] == ["mapped.not_a_table"]
