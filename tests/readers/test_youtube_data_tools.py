"""YouTube Data Tools: PHP's own quoting, tables without quotes, clocks without a zone, hashed ids, names refused."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats import words
from campaignstats.readers import base, youtube_data_tools

READERS = {r.NAME: r for r in youtube_data_tools.READERS}
V1 = EXPORTS / "ytdt_comments_v1"
FILE = V1 / "videoinfo_q0aLb3XyZ9w_2025_11_26-08_00_00_comments.csv"
VIDEO = "q0aLb3XyZ9w"
FIRST = "UgxA1b2C3d4E5f6G7h8I4AaABAg"


def of(name: str, file: str) -> Any:
    return reading(READERS[name], EXPORTS / name / file)


def php_line(cells: list[str], delimiter: str) -> str:
    """What PHP's fputcsv writes: a quote is doubled unless a backslash stands before it."""
    written = []
    for cell in cells:
        if any(c in cell for c in (delimiter, '"', "\\", "\n", "\r", "\t", " ")):
            quoted, behind = "", False
            for letter in cell:
                quoted += '""' if letter == '"' and not behind else letter
                behind = letter == "\\" and not behind
            cell = f'"{quoted}"'
        written.append(cell)
    return delimiter.join(written)


TEXT = st.text('ab"\\, ;đ', max_size=8)


@settings(max_examples=300)
@given(st.lists(TEXT, min_size=1, max_size=5), st.sampled_from(",\t"))
@example(['say \\"hi", he'], ",")
def test_what_php_wrote_comes_apart_again(cells: list[str], delimiter: str) -> None:
    # a text that ends in a backslash is one that PHP itself can't read again
    if any(len(cell) - len(cell.rstrip("\\")) for cell in cells):
        return
    assert youtube_data_tools.php_cells(php_line(cells, delimiter), delimiter) == cells


@pytest.mark.parametrize("line", ['"open', '"a"b,c', '"a\\"'])
def test_what_php_did_not_write_does_not(line: str) -> None:
    assert youtube_data_tools.php_cells(line, ",") is None


def test_comments_of_version_1() -> None:
    found = reading(READERS["ytdt_comments_v1"], FILE)
    top, own, backslashes, marked_up = found.of("comment")
    assert top == {
        "platform": "youtube",
        "comment_id": FIRST,
        "post_id": VIDEO,
        "parent_id": None,
        "author": "UCmau0000000000000000001",
        "is_reply": False,
        "text": 'Câu "im lặng là vàng" sai rồi, phải lên tiếng',
        "published_at": datetime(2025, 11, 24, 3, 5, tzinfo=UTC),  # read in the campaign's zone, and flagged
        "published_text": "2025-11-24 10:05:00",
        "published_zone": "unknown",
        "likes": 12,
        "n_replies": 2,
        "flags": "zone_unknown",
    }
    assert (own["parent_id"], own["is_reply"], own["n_replies"]) == (FIRST, True, None)
    assert own["text"] == 'Cảm ơn bạn, \\"lên tiếng" là đúng, đúng lắm'
    assert backslashes["text"] == "Đường dẫn C:\\video\\, ai biết không"
    assert marked_up["text"] == "Hay & bổ ích\ncảm ơn link"
    assert [(r.row, r.rule) for r in found.refused] == [(6, "ytdt.not_apart")]
    assert found.notes == {
        "ytdt.zone_unknown": {"zone": "Asia/Ho_Chi_Minh"},
        "ytdt.replies_missing": {"held": 1, "counted": 3},
    }
    assert found.about[-1].exported_at == datetime(2025, 11, 26, 1, tzinfo=UTC)


def test_a_spreadsheets_reading_of_the_same_file_is_wrong() -> None:
    """Why the lines are read here: by doubled quotes the second comment has other cells than its columns."""
    with FILE.open(encoding="utf-8", newline="") as file:
        records = list(csv.reader(file))
    assert len(records[2]) != len(records[0])


def test_comma_tab_and_workbook_say_the_same() -> None:
    by_file = [reading(READERS["ytdt_comments_v1"], f) for f in (FILE, FILE.with_suffix(".tab"), V1 / "resaved.xlsx")]
    told = [[{k: v for k, v in c.items() if k != "post_id"} for c in f.of("comment")] for f in by_file]
    assert told[0] == told[1] == told[2]
    assert {c["post_id"] for c in by_file[1].of("comment")} == {VIDEO}
    # which video it was stood in the name alone
    assert {c["post_id"] for c in by_file[2].of("comment")} == {None}
    assert by_file[2].notes["ytdt.no_post"] == {"rows": 4}


def test_old_tables_have_no_quotes_at_all() -> None:
    texts = [c["text"] for c in of("ytdt_comments_v1", "old_without_quotes.tab").of("comment")]
    assert texts[0] == '"Im lặng là vàng" sai rồi'
    assert texts[2:] == ['"mở ngoặc mà không đóng', '"lại mở']


def test_hashed_comments_keep_their_threads_and_say_so() -> None:
    found = of("ytdt_comments_v1", "videoinfo_q0aLb3XyZ9w_2025_11_26-08_05_00_comments.csv")
    top, reply, *_ = found.of("comment")
    assert reply["parent_id"] == top["comment_id"] != FIRST
    assert len(top["author"]) == 40
    assert found.notes["ytdt.pseudonymised"] == {"rows": 4}


def test_comments_of_version_2() -> None:
    found = of("ytdt_comments_v2", "q0aLb3XyZ9w_comments.csv")
    top, own, nested = found.of("comment")
    assert top["published_at"] == datetime(2025, 11, 24, 3, 5, tzinfo=UTC)
    assert (top["post_id"], top["is_owner"], own["is_owner"]) == (VIDEO, False, True)
    # the tool guesses that this one is to the page's answer; YouTube's own thread is kept
    assert nested["parent_id"] == FIRST
    assert [s.reason for s in found.skipped] == ["ytdt.not_retrieved"]
    assert found.notes == {"ytdt.replies_missing": {"held": 2, "counted": 3}}
    hashed = of("ytdt_comments_v2", "bulk_pseudonymised.csv")
    assert hashed.of("comment")[1]["parent_id"] == hashed.of("comment")[0]["comment_id"]
    assert hashed.notes["ytdt.pseudonymised"] == {"rows": 3}


def test_a_comment_by_the_api_and_by_both_tools_is_one() -> None:
    one = of("ytdt_comments_v2", "q0aLb3XyZ9w_comments.csv").of("comment")[0]
    other = reading(READERS["ytdt_comments_v1"], FILE).of("comment")[0]
    assert [one[k] for k in ("platform", "comment_id", "post_id", "author")] == [
        other[k] for k in ("platform", "comment_id", "post_id", "author")
    ]


@pytest.mark.parametrize("file", ["videolist.csv", "videolist_search2_2025_11_26-08_10_00.tab"])
def test_lists_of_videos(file: str) -> None:
    found = of("ytdt_videos", file)
    video, other = found.of("post")
    assert (video["post_id"], video["account_id"]) == (VIDEO, "UCkenhbinhminhmau0000000")
    assert video["text"] == 'Phóng sự "Không im lặng"'
    assert video["duration"] == 3723  # the hour is not forgotten, as it is in the tool's own column of version 1
    counts = found.metrics(VIDEO)
    assert (counts["views"], counts["likes"], counts["comments"]) == (1500, 40, 7)
    assert other["post_id"] == "-1bLb3XyZ9w"
    assert found.metrics(other["post_id"]) == {"views": 300}  # hidden likes and comments are missing, not 0


def test_kinds_of_videos_and_those_that_were_not_found() -> None:
    found = of("ytdt_videos", "videolist.csv")
    assert [p["kind"] for p in found.of("post")] == ["video", "short"]
    assert [(s.row, s.reason) for s in found.skipped] == [(4, "ytdt.not_retrieved")]


@pytest.mark.parametrize("file", ["old_without_quotes.tab", "videoinfo_q0aLb3XyZ9w_2025_11_26-08_00_00_basicinfo.csv"])
def test_the_facts_of_one_video(file: str) -> None:
    found = of("ytdt_video_info", file)
    [post] = found.of("post")
    assert (post["post_id"], post["published_at"]) == (VIDEO, datetime(2025, 11, 20, 3, tzinfo=UTC))
    assert found.metrics(VIDEO) == {"views": 1500, "likes": 40, "comments": 7}
    assert {r.row for r in found.rows} == {1, 10, 11, 14}


def test_lists_of_names_are_refused() -> None:
    [refused] = of("ytdt_authors", "videoinfo_q0aLb3XyZ9w_2025_11_26-08_00_00_authors.csv").refused
    assert "inbox/" in words.text(f"advice.{refused.rule}", "vi", **refused.details)


@pytest.mark.parametrize("file", [f for n in READERS for f in sorted((EXPORTS / n).iterdir())], ids=lambda f: f.name)
def test_one_claimant(file: Path) -> None:
    names = [r.NAME for r in base.registry().values() if base.claims(r, opened(file))]
    assert names == [file.parent.name]


CELL = st.text('ab"\\,\t đ&<>', max_size=6) | st.sampled_from(
    ["0", "1", "-1", "1.2K", "9" * 400, "2025-11-24 10:05:00"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(CELL, min_size=9, max_size=12), max_size=5),
    st.sampled_from(",\t"),
    st.sampled_from(["php", "doubled", "bare"]),
)
def test_no_line_breaks_the_reading(tmp_path: Path, rows: list[list[str]], delimiter: str, way: str) -> None:
    header = FILE.read_text(encoding="utf-8").splitlines()[0].split(",")
    lines = [delimiter.join(header)]
    for row in rows:
        written = io.StringIO(newline="")
        csv.writer(written, delimiter=delimiter, lineterminator="").writerow(row)
        lines.append({"php": php_line(row, delimiter), "doubled": written.getvalue(), "bare": delimiter.join(row)}[way])
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    document = opened(tmp_path / "a.csv")
    if base.claims(READERS["ytdt_comments_v1"], document):
        reading(READERS["ytdt_comments_v1"], tmp_path / "a.csv")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["viewCount", "likeCount", "commentCount", "duration", "published_unix"]), CELL))
def test_no_fact_breaks_the_reading(tmp_path: Path, facts: dict[str, str]) -> None:
    told = dict.fromkeys(youtube_data_tools._FACTS, "") | {"id": VIDEO} | facts
    lines = [php_line([k, v.replace("\t", " ")], "\t") for k, v in sorted(told.items())]
    (tmp_path / "a.tab").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    reading(READERS["ytdt_video_info"], tmp_path / "a.tab")
