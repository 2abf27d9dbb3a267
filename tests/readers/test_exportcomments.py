"""ExportComments: both CSVs and the workbook, clocks without a zone, caps, damaged rows."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats.readers import base, exportcomments

YOUTUBE, INSTAGRAM, WORKBOOK = exportcomments.READERS
YT_FILE = EXPORTS / "exportcomments_youtube" / "yt-comments_q0aLb3XyZ9w_28417733 - ExportComments.com.csv"
IG_FILE = EXPORTS / "exportcomments_instagram" / "instagram-comments66f54eb456b31-DRexampLe1x.csv"


def test_youtube_csv() -> None:
    found = reading(YOUTUBE, YT_FILE)
    first, second, reply, early, unreal, iso, short = found.of("comment")
    assert first == {
        "platform": "youtube",
        "post_id": "q0aLb3XyZ9w",
        "author": "@hoangyen-dn",
        "text": 'Mong phường mình cũng có, "ngôi nhà bình yên" gần đây',
        "published_at": datetime(2025, 12, 2, 23, 24, 13, tzinfo=UTC),  # 3 December, read in Vietnam
        "published_text": "03/12/25 06:24:13",
        "published_zone": "unknown",
        "likes": 3,
        "is_reply": None,
        "flags": "zone_unknown",
    }
    assert second["text"] == "Video hay quá\nChia sẻ cho cả nhà cùng xem 👏"
    assert reply["is_reply"] is True
    # day first always: 12/03/25 is 12 March although 3 December would fit too
    assert early["published_at"] == datetime(2025, 3, 12, 16, 59, 59, tzinfo=UTC)
    assert early["likes"] is None
    assert (unreal["published_at"], unreal["published_text"], unreal["likes"]) == (None, "31/02/25 10:00:00", None)
    assert iso["published_at"] is None  # a day without a clock is not what the exporter writes
    assert short["text"] == "Không có cột cuối"
    assert [(c.row, c.column, c.rule) for c in found.cells] == [
        (6, "Date", "not_a_date"),
        (6, "Likes", "abbreviated_number"),
        (7, "Date", "not_a_date"),
    ]
    assert [(r.row, r.rule) for r in found.refused] == [(8, "exportcomments.empty"), (9, "row_too_long")]
    assert set(found.notes) == {"exportcomments.zone_unknown"}


def test_instagram_csv() -> None:
    found = reading(INSTAGRAM, IG_FILE)
    first, second, nameless = found.of("comment")
    assert first["comment_id"] == "18012345678901234"
    assert (first["author"], first["post_id"]) == ("5120009981", "DRexampLe1x")
    assert first["published_at"] == datetime(2025, 11, 25, 14, 3, 9, tzinfo=UTC)
    assert second["author"] == "tuanhung_bh"  # no profile id
    assert second["published_at"] == datetime(2025, 11, 25, 17, tzinfo=UTC)
    assert (nameless["author"], nameless["text"]) == (None, "Tài khoản đã xóa")


def test_an_id_that_excel_rounded_is_refused() -> None:
    found = reading(INSTAGRAM, IG_FILE)
    assert found.of("comment")[2]["comment_id"] is None  # gather makes one of post, author, time and text
    assert [(c.row, c.column, c.rule) for c in found.cells] == [(4, "Comment ID", "damaged_id")]


def test_the_post_of_a_renamed_file_is_read_from_the_comment_links(tmp_path: Path) -> None:
    (tmp_path / "binh luan.csv").write_bytes(IG_FILE.read_bytes())
    found = reading(INSTAGRAM, tmp_path / "binh luan.csv")
    assert [c["post_id"] for c in found.of("comment")] == ["DRexampLe1x", "DRexampLe1x", None]


def test_a_renamed_youtube_file_says_that_its_post_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(YT_FILE.read_bytes())
    found = reading(YOUTUBE, tmp_path / "a.csv")
    assert {c["post_id"] for c in found.of("comment")} == {None}
    assert "exportcomments.no_post" in found.notes


def _workbook(file: Path, source: str | None = "https://www.facebook.com/phunudongnai/posts/122101234567890") -> Path:
    book = xlsxwriter.Workbook(file, {"default_date_format": "dd/mm/yy hh:mm:ss"})
    book.set_properties({"created": datetime(2025, 12, 20)})
    sheet = book.add_worksheet("ExportComments.com")
    sheet.write("A1", "ExportComments.com")
    if source:
        sheet.write_row("A2", ["Source URL", source])
    header = ["", "", "Name (click to view profile)", "Profile ID", "Date", "Likes", "Comment", "(view source)"]
    sheet.write_row("A6", header)
    sheet.write_row("A7", [1, "", "Nguyễn Thị B", "ID: 809570028", datetime(2025, 11, 20, 8, 5, 1), 3, "Ý nghĩa quá"])
    sheet.write_row("A8", ["1-1", "", "Trang Phụ nữ", "", datetime(2025, 11, 20, 9), 0, "Cảm ơn chị", "view comment"])
    sheet.write_row("A9", [2, "", "Lê C", "ID: 100081234567890", "20/11/25 10:00:00", "12", "Chữ chứ không phải ngày"])
    sheet.write_row("A10", [3, "", "Lê D", "ID: 5", 45981.5, 1.5, "Ngày thành số"])
    book.close()
    return file


def test_workbook(tmp_path: Path) -> None:
    found = reading(WORKBOOK, _workbook(tmp_path / "facebook-comments66f54eb456b31-122101234567890.xlsx"))
    first, reply, text_date, number_date = found.of("comment")
    assert (first["platform"], first["post_id"]) == ("facebook", "122101234567890")
    assert (first["author"], first["likes"]) == ("809570028", 3)
    assert first["published_at"] == datetime(2025, 11, 20, 1, 5, 1, tzinfo=UTC)
    assert (reply["author"], reply["is_reply"]) == ("Trang Phụ nữ", True)
    assert text_date["published_at"] == datetime(2025, 11, 20, 3, tzinfo=UTC)
    assert (number_date["published_at"], number_date["likes"]) == (None, None)
    assert [(c.row, c.rule) for c in found.cells] == [(10, "not_a_date"), (10, "not_whole")]


def test_a_workbook_of_no_known_platform_is_refused(tmp_path: Path) -> None:
    found = reading(WORKBOOK, _workbook(tmp_path / "a.xlsx", source=None))
    assert [r.rule for r in found.refused] == ["exportcomments.no_platform"]
    declared = reading(WORKBOOK, tmp_path / "a.xlsx", platform="tiktok")
    assert {c["platform"] for c in declared.of("comment")} == {"tiktok"}


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [["id ", "", "Name", "Date", "Likes", "isHearted", "isPinned", "Comment", "(view source)"], *rows]
    )
    return out.getvalue().encode()


@pytest.mark.parametrize(("n", "capped"), [(99, False), (100, True), (101, False)])
def test_exactly_a_hundred_rows_is_the_free_plans_cap(tmp_path: Path, n: int, capped: bool) -> None:
    rows = [[str(i), "", f"@a{i}", "03/12/25 06:24:13", "0", "no", "no", "hay", "view comment"] for i in range(n)]
    (tmp_path / "a.csv").write_bytes(_csv(rows))
    assert ("exportcomments.capped" in reading(YOUTUBE, tmp_path / "a.csv").notes) is capped


def test_the_export_is_no_older_than_its_newest_comment_in_any_zone() -> None:
    about = reading(YOUTUBE, YT_FILE).about[-1]
    assert about.exported_evidence == "at_least"
    assert about.exported_at == datetime(2025, 12, 3, 10, tzinfo=UTC) - timedelta(hours=14)


def test_the_three_files_have_one_claimant_each(tmp_path: Path) -> None:
    files = [YT_FILE, IG_FILE, _workbook(tmp_path / "a.xlsx")]
    for file, own in zip(files, exportcomments.READERS, strict=True):
        document = opened(file)
        assert [r.NAME for r in base.registry().values() if base.claims(r, document)] == [own.NAME]


@given(
    st.datetimes(min_value=datetime(2005, 1, 1), max_value=datetime(2049, 12, 31)),
    st.sampled_from(["Asia/Ho_Chi_Minh", "America/Los_Angeles", "Australia/Lord_Howe", "UTC"]),
)
def test_the_fast_clock_agrees_with_the_calendar(moment: datetime, zone: str) -> None:
    moment = moment.replace(microsecond=0, fold=0)  # a written clock can't say which of two it is
    expected = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    clock = exportcomments.clock_of(zone)
    for written in (f"{moment:%d/%m/%y %H:%M:%S}", f"{moment:%Y-%m-%d %H:%M:%S}"):
        assert clock(written) == expected
        assert clock(written) == expected  # from what it remembers


@pytest.mark.parametrize(
    "written", ["", "03/12/25", "03/12/25 24:00:00", "32/12/25 01:00:00", "12.03.25 01:00:00", None]
)
def test_what_is_no_clock_has_no_instant(written: str | None) -> None:
    assert exportcomments.clock_of("UTC")(written) is None


def test_what_the_clock_remembers_makes_nothing_else_a_clock() -> None:
    clock = exportcomments.clock_of("UTC")
    assert clock("03/12/25 06:24:13") == datetime(2025, 12, 3, 6, 24, 13, tzinfo=UTC)
    assert clock("03/12/25T06:24:13") is None
    assert clock("03/12/2506:24:13") is None


def test_blocks_do_not_depend_on_where_the_file_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[str(i), "", f"@a{i}", f"03/12/25 06:{i % 60:02d}:13", str(i), "no", "no", "hay", "v"] for i in range(50)]
    rows[17][4], rows[31] = "1.2K", ["31", "", "", "", "", "", "", "", ""]
    rows[42][1] = "41-1"
    (tmp_path / "a.csv").write_bytes(_csv(rows))
    whole = reading(YOUTUBE, tmp_path / "a.csv")
    monkeypatch.setattr(exportcomments, "_PART", 7)
    monkeypatch.setattr(exportcomments, "_BLOCK", 16)
    cut = reading(YOUTUBE, tmp_path / "a.csv")
    assert (cut.of("comment"), cut.refused, cut.cells) == (whole.of("comment"), whole.refused, whole.cells)
    assert [c["is_reply"] for c in cut.of("comment")].count(True) == 1
    assert len(cut.rows) == 49


def test_a_link_to_a_person_that_moved_is_no_id(tmp_path: Path) -> None:
    source = EXPORTS / "exportcomments_instagram" / "instagram-comments66f54eb456b31-DRexampLe1x.csv"
    moved = source.read_text("utf-8-sig").replace("18012345678901234", "https://www.instagram.com/nguoi_mau_1")
    (tmp_path / source.name).write_text(moved, "utf-8")
    found = reading(base.registry()["exportcomments_instagram"], tmp_path / source.name)
    assert "not_an_id" in {c.rule for c in found.cells}
    assert not any("nguoi_mau_1" in str(c.get("comment_id")) for c in found.of("comment"))
