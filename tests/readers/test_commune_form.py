"""The collection sheet of communes: figures as people type them, evidence kept apart, damaged files refused."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from reading_comments import EXPORTS, Reading, opened, reading

from campaignstats import metrics, schema, words
from campaignstats.readers import base, commune_form
from campaignstats.readers.links import link_id

FOLDER = EXPORTS / "commune_form"
POST = "122188001234567"


@pytest.fixture(scope="module")
def found() -> Reading:
    return reading(commune_form, FOLDER / "bieu-thu-thap.csv")


def test_a_figure_from_an_export(found: Reading) -> None:
    post = next(p for p in found.of("post") if p["post_id"] == POST)
    assert post == {
        "platform": "facebook",
        "account_id": "place:26068",
        "post_id": POST,
        "account_name": "ubndtantrieu",
        "published_at": datetime(2025, 11, 16, 17, tzinfo=UTC),  # the first moment of 17 November in Vietnam
        "published_precision": "day",
        "published_text": "17/11/2025",
        "published_zone": "Asia/Ho_Chi_Minh",
        "permalink": "https://facebook.com/ubndtantrieu/posts/122188001234567",
        "status": "ok",
        "as_of": datetime(2025, 12, 21, 17, tzinfo=UTC),
    }
    assert found.of("metric")[0] == {
        "platform": "facebook",
        "account_id": "place:26068",
        "item_kind": "post",
        "item": POST,
        "metric": "views",
        "traffic": "total",
        "grain": "post_lifetime",
        "period_start": None,
        "period_end": None,
        "day_zone": None,
        "value": 15230.0,
        "approximate": False,
        "evidence": "export",
        "as_of": datetime(2025, 12, 21, 17, tzinfo=UTC),
    }


def test_a_rounded_figure_of_a_screen_is_approximate(found: Reading) -> None:
    likes = next(m for m in found.of("metric") if m["metric"] == "likes")
    assert (likes["value"], likes["approximate"], likes["evidence"]) == (1200, True, "screen")


def test_an_ambiguous_figure_is_refused_and_its_post_kept(found: Reading) -> None:
    cell = next(c for c in found.cells if c.row == 7)
    assert (cell.column, cell.rule, cell.value) == ("Giá trị", "typed.ambiguous", "1.234")
    assert cell.details["plain"] == "1234"
    assert not [m for m in found.of("metric") if m["metric"] == "reach"]


def test_followers_are_of_the_page_on_that_day(found: Reading) -> None:
    followers = next(m for m in found.of("metric") if m["metric"] == "followers")
    assert (followers["item_kind"], followers["item"], followers["value"]) == ("account", "place:26068", 4210)
    assert (followers["grain"], followers["period_start"], followers["period_end"]) == (
        "account_day",
        date(2025, 12, 22),
        date(2025, 12, 22),
    )


def test_self_reported_stays_self_reported_and_so_does_what_says_nothing(found: Reading) -> None:
    views = next(m for m in found.of("metric") if m["platform"] == "tiktok")
    assert (views["item"], views["evidence"]) == ("7574000000000000001", "self_reported")
    shares = next(m for m in found.of("metric") if m["metric"] == "shares")
    assert (shares["evidence"], shares["as_of"]) == ("self_reported", None)
    assert shares["item"] == link_id("https://facebook.com/share/p/1AbCdEfGhi")
    assert found.notes == {"commune_form.evidence_unsaid": {"rows": 1}}


def test_a_post_without_a_figure_still_counts_as_a_post(found: Reading) -> None:
    [site] = [p for p in found.of("post") if p["platform"] == "website"]
    assert (site["account_id"], site["account_name"]) == ("place:26299", "Trị An")
    assert not found.metrics(site["post_id"])


def test_what_cannot_be_believed_is_refused_with_its_reason(found: Reading) -> None:
    assert [(r.row, r.rule) for r in found.refused] == [
        (12, "commune_form.no_link"),
        (13, "commune_form.platforms_differ"),
        (15, "commune_form.before_posted"),
        (16, "commune_form.day"),
        (17, "commune_form.unknown_word"),
    ]
    assert [(c.row, c.rule) for c in found.cells] == [(7, "typed.ambiguous"), (14, "typed.no_figure")]
    assert [(s.row, s.reason) for s in found.skipped] == [(18, "commune_form.not_filled_in")]


def test_a_file_that_lost_its_letters_is_refused() -> None:
    found = reading(commune_form, FOLDER / "mat-dau.csv")
    assert [(r.row, r.rule) for r in found.refused] == [(0, "commune_form.letters_lost")]


def test_headers_without_accents_are_refused(tmp_path: Path) -> None:
    plain = "Ma xa/phuong,Xa/phuong,Duong lien ket,Nen tang,Ngay dang,Chi so,Gia tri,Tinh den ngay,Nguon so lieu\n"
    (tmp_path / "a.csv").write_text(plain + "26068,Tan Trieu,,,,,,,\n", encoding="utf-8")
    assert [r.rule for r in reading(commune_form, tmp_path / "a.csv").refused] == ["commune_form.letters_lost"]


def _sheet(file: Path, rows: list[list[Any]], *, before: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime(2025, 11, 1)
    sheet = book.active
    assert sheet is not None
    if before:
        sheet.title = "Hướng dẫn"
        sheet.append(["Cách điền"])
        sheet = book.create_sheet()
    sheet.title = commune_form.SHEET
    sheet.append(["BIỂU THU THẬP"])
    sheet.append(["Một dòng một số liệu"])
    sheet.append(list(commune_form.COLUMNS))
    sheet.append(
        ["Code", "Commune", "Link", "Platform", "Posted on", "Figure", "Value", "As of", "Source", "Screenshot"]
    )
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file


@pytest.mark.parametrize("before", [False, True])
def test_the_workbook_as_excel_keeps_it(tmp_path: Path, before: bool) -> None:
    link = "https://www.facebook.com/x/posts/123456789"
    day, seen = datetime(2025, 11, 17), datetime(2025, 12, 22)
    rows: list[list[Any]] = [
        [26068, "Tân Triều", link, "Facebook", day, "Lượt xem", 15230, seen, "Tệp xuất", None],
        [26068.0, "Tân Triều", link, "Facebook", day, "Bình luận", 12.5, seen, "Đọc trên màn hình", None],
        [26068, "Tân Triều", link, "Facebook", day, "Cảm xúc", 88, seen, "Đọc trên màn hình", None],
        [71, "Xã Mã Ngắn", link, "Facebook", day, "Lượt chia sẻ", "3,4 Tr", seen, "Đọc trên màn hình", None],
        ["26299", "Trị An", None, None, None, None, None, None, None, None],
    ]
    found = reading(commune_form, _sheet(tmp_path / "a.xlsx", rows, before=before))
    assert [(m["metric"], m["value"], m["account_id"]) for m in found.of("metric")] == [
        ("views", 15230, "place:26068"),
        ("reactions", 88, "place:26068"),
        ("shares", 3_400_000, "place:00071"),
    ]
    assert [(c.row, c.rule, c.details["plain"]) for c in found.cells] == [(6, "typed.ambiguous", "12500")]
    assert [s.row for s in found.skipped] == [9]
    assert {p["published_at"] for p in found.of("post")} == {datetime(2025, 11, 16, 17, tzinfo=UTC)}


def test_an_empty_sheet_has_no_rows_and_no_refusals(tmp_path: Path) -> None:
    found = reading(commune_form, _sheet(tmp_path / "a.xlsx", []))
    assert (found.rows, found.refused, found.delivered) == ([], [], 4)


def test_one_claimant(tmp_path: Path) -> None:
    for file in (FOLDER / "bieu-thu-thap.csv", FOLDER / "mat-dau.csv", _sheet(tmp_path / "a.xlsx", [], before=True)):
        document = opened(file)
        assert [r.NAME for r in base.registry().values() if base.claims(r, document)] == ["commune_form"]


def test_every_word_of_the_sheet_means_something_known() -> None:
    assert set(commune_form.METRICS.values()) <= set(metrics.registry())
    assert set(commune_form.EVIDENCE.values()) == set(schema.EVIDENCE)
    assert set(commune_form.SITES.values()) <= set(schema.PLATFORMS)


def test_every_reason_has_its_sentence(found: Reading) -> None:
    for lang in words.LANGUAGES:
        for refused in found.refused + found.cells:
            if refused.rule.startswith(("commune_form", "typed")):
                assert "{" not in words.text(f"rule.{refused.rule}", lang, **refused.details)


@pytest.mark.parametrize("code", ["26.068", "-26068", "26068x", "٢٦٠٦٨"])
def test_what_has_not_the_shape_of_a_code_is_refused(code: str) -> None:
    with pytest.raises(commune_form._RowRefused) as refused:
        commune_form._commune({commune_form._CODE: code, commune_form._PLACE: "Xã Mẫu"})
    assert refused.value.rule == "commune_form.not_a_code"
    assert words.has(f"advice.{refused.value.rule}")


@pytest.mark.parametrize("code", ["26068", 26068, 26068.0, " 26068 "])
def test_a_code_is_read_as_it_is_typed(code: Any) -> None:
    assert commune_form._commune({commune_form._CODE: code, commune_form._PLACE: None}) == ("place:26068", None)
