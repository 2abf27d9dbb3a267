"""Facepager: posts and comments by the request that fetched them, threads by its own row numbers, the rest skipped."""

import csv
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats import words
from campaignstats.campaign import MappedTable
from campaignstats.readers import base, facepager, mapped

FOLDER = EXPORTS / "facepager"
POST = "122101234567890"
PAGE = "100070000000001"
FETCHED = datetime(2025, 12, 1, 2, 30, 0, 123456, tzinfo=UTC)  # 09:30 by the clock of the campaign's zone


@pytest.fixture(scope="module")
def found() -> Any:
    return reading(facepager, FOLDER / "phunu_mau.csv")


def test_posts_and_their_counts(found: Any) -> None:
    first, second = found.of("post")
    # the Graph API's id is the page's and the post's: the post's own is what other exports name it by
    assert (first["post_id"], first["account_id"]) == (POST, PAGE)
    assert (first["text"], first["as_of"]) == ("Lễ phát động; Tháng hành động", FETCHED)
    assert first["published_at"] == datetime(2025, 11, 20, 1, tzinfo=UTC)
    assert found.metrics(POST) == {"likes": 35, "comments": 6, "shares": 18}
    assert found.metrics(second["post_id"]) == {"likes": 210, "comments": 40}  # no shares told: missing
    assert all(m["as_of"] == FETCHED for m in found.of("metric"))


def test_comments_and_answers(found: Any) -> None:
    top, nameless, answer = found.of("comment")
    assert top == {
        "platform": "facebook",
        "comment_id": f"{POST}_901",
        "post_id": POST,
        "parent_id": None,
        "is_owner": False,
        "author": "31000000000001",
        "is_reply": False,
        "text": "Chương trình rất thiết thực, mong xã mình cũng có.",
        "likes": 12,
        "n_replies": 1,
        "as_of": FETCHED,
        "published_at": datetime(2025, 11, 25, 2, 10, tzinfo=UTC),
        "published_text": "2025-11-25T02:10:00+0000",
        "published_zone": "UTC",
    }
    assert (nameless["author"], nameless["is_owner"], nameless["likes"]) == (None, None, None)
    assert (answer["parent_id"], answer["is_reply"], answer["is_owner"]) == (top["comment_id"], True, True)


def test_every_other_row_is_skipped_or_refused_by_its_reason(found: Any) -> None:
    assert [(s.row, s.reason) for s in found.skipped] == [
        (2, "facepager.no_data"),
        (5, "facepager.no_data"),
        (6, "facepager.no_data"),
        (9, "facepager.no_data"),
        (10, "facepager.not_fetched"),
    ]
    assert [(r.row, r.rule) for r in found.refused] == [(12, "facepager.kind")]
    assert [(c.row, c.column, c.rule) for c in found.cells] == [(8, "likes.summary.total_count", "abbreviated_number")]
    assert found.notes == {"columns.unread": {"columns": "story"}, "facepager.clock": {"zone": "Asia/Ho_Chi_Minh"}}
    assert (found.about[-1].exported_at, found.about[-1].exported_evidence) == (FETCHED, "content")


@pytest.mark.parametrize("file", ["phunu_mau_tab.csv", "phunu_mau_tree.csv"])
def test_every_separator_and_the_tree_say_the_same(found: Any, file: str) -> None:
    other = reading(facepager, FOLDER / file)
    assert other.rows == found.rows
    assert (other.refused, other.cells, other.skipped) == (found.refused, found.cells, found.skipped)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_lines_to_paste_read_the_file(lang: str) -> None:
    """Where nothing tells posts from comments, the sentence holds a mapping that works as it stands."""
    file = FOLDER / "kind_unknown.csv"
    refused = reading(facepager, file).refused[-1]
    assert (refused.row, refused.rule) == (0, "facepager.file_kind")
    sentence = words.text(f"rule.{refused.rule}", lang, **refused.details)
    [told] = tomllib.loads(sentence[sentence.index("[[mapped]]") :])["mapped"]
    assert told["path"] == "kind_unknown.csv"
    rows = reading(mapped, file, claimed=False, mapped=MappedTable(**told))
    comment = rows.of("comment")[-1]
    assert (comment["comment_id"], comment["platform"]) == (f"{POST}_901", "facebook")
    assert (comment["text"], comment["author"]) == ("Chương trình rất thiết thực", "Mẫu Thị Một")
    assert comment["published_at"] == datetime(2025, 11, 25, 2, 10, tzinfo=UTC)


def test_the_wide_form_is_refused() -> None:
    assert [(r.row, r.rule) for r in reading(facepager, FOLDER / "wide.csv").refused] == [(0, "facepager.wide")]


def test_one_claimant() -> None:
    for file in FOLDER.iterdir():
        assert [r.NAME for r in base.registry().values() if base.claims(r, opened(file))] == ["facepager"]


def node(**cells: str) -> dict[str, str]:
    plain = dict.fromkeys(sorted(facepager._FIXED), "") | {"query_status": "fetched (200)", "object_type": "data"}
    return plain | cells


def written(folder: Path, *nodes: dict[str, str]) -> Any:
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted({k for n in nodes for k in n}), quoting=csv.QUOTE_ALL, delimiter=";")
        writer.writeheader()
        writer.writerows(nodes)
    return reading(facepager, folder / "a.csv")


@pytest.mark.parametrize(
    ("request_", "key", "kind"),
    [
        ("Facebook:/<page>/posts", "data", "post"),
        ("Facebook:/<page>/feed?limit=10", "data", "post"),
        ("Facebook:/<post>/comments", "data", "comment"),
        ("Facebook:/<Object ID>", "comments.data", "comment"),
        ("Facebook:/<Object ID>", "posts.data", "post"),
        ("YouTube:commentThreads/comments", "data", None),
        ("Facebook:/<Object ID>", "", None),
    ],
)
def test_the_request_tells_the_kind(tmp_path: Path, request_: str, key: str, kind: str | None) -> None:
    found = written(
        tmp_path,
        node(id="1", object_id="5_6", query_type=request_, object_key=key, message="a"),
        node(id="2", object_id="5_7", query_type="Facebook:/<page>/posts", message="b"),
    )
    assert [r.table for r in found.rows if r.row == 2] == ([kind] if kind else [])
    assert [r.row for r in found.refused] == ([] if kind else [2])


def test_whose_answer_it_is_where_the_comment_itself_is_not_in_the_file(tmp_path: Path) -> None:
    alone, told = written(
        tmp_path,
        node(id="9", parent_id="1", object_id="5_6", query_type="Facebook:/<comment>/comments", message="a"),
        node(id="8", parent_id="1", object_id="5_8", query_type="Facebook:/<post>/comments", message="b"),
    ).of("comment")
    # the row that it stands below was not exported: an answer or not, and to which, is not known
    assert (alone["is_reply"], alone["parent_id"], alone["post_id"]) == (None, None, "5")
    assert told["is_reply"] is None
    by_column, top = written(
        tmp_path,
        node(id="9", object_id="5_6", query_type="Facebook:/<post>/comments", **{"parent.id": "5_8"}),
        node(id="8", object_id="5_8", query_type="Facebook:/<post>/comments"),
    ).of("comment")
    assert (by_column["is_reply"], by_column["parent_id"]) == (True, "5_8")
    assert top["is_reply"] is False


CELL = st.one_of(
    st.sampled_from(["", "1", "2", "5_6", "1.2E+16", "9" * 400, "data", "seed", "fetched (200)", "comments.data"]),
    st.sampled_from(
        ["Facebook:/<page>/posts", "Facebook:/<post>/comments", "2025-11-25T02:10:00+0000", "2025-12-01 09:30"]
    ),
    st.text(max_size=5),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_cell_breaks_the_reading(tmp_path: Path, data: st.DataObject) -> None:
    names = sorted(facepager._FIXED | facepager._KNOWN)
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(names), max_size=len(names)), max_size=4))
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file, delimiter=";").writerows([names, *rows])
    reading(facepager, tmp_path / "a.csv")
