"""Apify: four kinds of files that must say the same, answers within comments, errors among the items."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats import words
from campaignstats.readers import apify, base

ACTORS = {r.NAME: r for r in apify.READERS}
KINDS = ("json", "jsonl", "csv", "xlsx")
POST = "122101234567890"
STEMS = {
    "apify_fb_comments": "dataset_facebook-comments-scraper_2025-12-01_03-15-20-123",
    "apify_fb_posts": "dataset_facebook-posts-scraper_2025-12-01_03-20-00-000",
    "apify_tiktok_comments": "dataset_tiktok-comments-scraper_2025-12-01_03-30-00-500",
    "apify_tiktok_posts": "dataset_tiktok-scraper_2025-12-01_03-25-00-042",
}


def of(name: str, kind: str = "json", file: str | None = None) -> Any:
    return reading(ACTORS[name], EXPORTS / name / f"{file or STEMS[name]}.{kind}")


@pytest.mark.parametrize("name", STEMS)
def test_all_four_kinds_of_files_say_the_same(name: str) -> None:
    first, *others = (of(name, kind) for kind in KINDS)
    assert first.rows
    for other in others:
        assert [(r.table, r.values) for r in other.rows] == [(r.table, r.values) for r in first.rows]
        assert [(r.rule, r.details) for r in other.refused] == [(r.rule, r.details) for r in first.refused]
        assert [(c.column, c.rule, c.value) for c in other.cells] == [(c.column, c.rule, c.value) for c in first.cells]
        assert other.about == first.about


def test_comments_of_facebook() -> None:
    found = of("apify_fb_comments")
    top, own, lost, asked, nested, sticker = found.of("comment")
    assert top == {
        "platform": "facebook",
        "comment_id": f"{POST}_901",
        "post_id": POST,
        "parent_id": None,
        "author": "mau.thi.mot.1",
        "is_owner": None,
        "is_reply": False,
        "text": "Chương trình rất thiết thực, mong xã mình cũng có.",
        "published_at": datetime(2025, 11, 25, 2, 10, tzinfo=UTC),
        "published_text": "2025-11-25T02:10:00.000Z",
        "published_zone": "UTC",
        "likes": 12,  # a text in the file
        "n_replies": 3,
    }
    # the link of an answer names the comment that it is to
    assert (own["parent_id"], own["is_reply"], own["is_owner"]) == (f"{POST}_901", True, True)
    # a depth alone says that it is an answer, not to which
    assert (lost["parent_id"], lost["is_reply"]) == (None, True)
    assert (asked["likes"], asked["is_reply"]) == (None, False)
    assert (nested["parent_id"], nested["is_reply"]) == (asked["comment_id"], True)
    assert sticker["text"] is None
    assert [(c.column, c.rule) for c in found.cells] == [("likesCount", "abbreviated_number")]
    assert [(r.row, r.rule, r.details) for r in found.refused] == [(6, "apify.error", {"reason": "no_items"})]
    assert found.notes == {"apify.replies_missing": {"held": 3, "counted": 4}}


def test_no_name_picture_or_link_of_a_person_but_the_author() -> None:
    found = of("apify_fb_comments")
    told = repr([{k: v for k, v in c.items() if k != "author"} for c in found.of("comment")])
    assert "Mẫu" not in told
    assert "scontent" not in told
    assert "facebook.com" not in told


def test_the_overview_has_neither_days_nor_ids() -> None:
    found = of("apify_fb_comments", "csv", STEMS["apify_fb_comments"] + " (1)")
    comments = found.of("comment")
    assert [c["text"] for c in comments][1:3] == ["❤️", "❤️"]
    assert {c["published_at"] for c in comments} == {c["comment_id"] for c in comments} == {None}
    assert {c["is_reply"] for c in comments} == {None}  # answers stand among them, unmarked
    assert [c["likes"] for c in comments] == [12, 0, 1, None, 0]
    assert [c["post_id"] for c in comments] == ["pfbid02AbCdEfGhIjKlMnOp"] * 4 + ["20908712516"]
    assert found.notes["apify.overview"] == {"rows": 5}


def test_the_day_of_the_download_is_in_the_name() -> None:
    assert of("apify_fb_comments").about[-1].exported_at == datetime(2025, 12, 1, 3, 15, 20, 123000, tzinfo=UTC)
    again = of("apify_fb_comments", "csv", STEMS["apify_fb_comments"] + " (1)")
    assert again.about[-1].exported_at == datetime(2025, 12, 1, 3, 15, 20, 123000, tzinfo=UTC)
    assert again.about[-1].exported_evidence == "file_name"
    renamed = of("apify_tiktok_posts", "csv", "tiktok_dots")
    assert renamed.about[-1].exported_evidence == "at_least"


def test_posts_of_facebook() -> None:
    found = of("apify_fb_posts")
    album, video, shared = found.of("post")
    assert (album["post_id"], album["account_id"], album["kind"]) == (POST, "name:phunudongnai.mau", "photo")
    # 28 + 6 + 1 reactions by kind prove that "likes" is all of them; without kinds it stays what the scraper calls it
    assert found.metrics(POST) == {"reactions": 35, "comments": 6, "shares": 18}
    assert found.metrics(video["post_id"]) == {"likes": 210, "comments": 40, "shares": 12, "views": 5400}
    assert video["kind"] == "video"
    assert shared["is_share"] is True
    assert [r.rule for r in found.refused] == ["apify.error"]


def test_comments_of_tiktok() -> None:
    found = of("apify_tiktok_comments")
    top, own, nameless = found.of("comment")
    assert (top["post_id"], top["parent_id"], top["is_owner"], top["n_replies"]) == (
        "7576322310144000077",
        None,
        False,
        3,
    )
    assert (own["parent_id"], own["is_reply"], own["is_owner"]) == (top["comment_id"], True, True)
    assert (nameless["author"], nameless["is_owner"]) == ("6900003", None)
    assert found.notes == {"apify.replies_missing": {"held": 1, "counted": 3}}


def test_posts_of_tiktok_by_slashes_by_dots_and_after_excel() -> None:
    plain = of("apify_tiktok_posts")
    video, photo = plain.of("post")
    assert plain.metrics(video["post_id"]) == {"views": 15400, "likes": 320, "comments": 3, "shares": 41, "saves": 57}
    assert (video["duration"], video["flags"]) == (58.0, None)
    assert (photo["kind"], photo["flags"]) == ("photo", "time_differs_from_id")
    assert plain.metrics(photo["post_id"])["views"] == 0  # measured
    assert "saves" not in plain.metrics(photo["post_id"])  # -1: hidden
    dots = of("apify_tiktok_posts", "csv", "tiktok_dots")
    assert [r.values for r in dots.rows] == [r.values for r in plain.rows]
    excel = of("apify_tiktok_posts", "csv", "excel_rounded_ids")
    assert [p["post_id"] for p in excel.of("post")] == [video["post_id"], photo["post_id"]]
    assert [p["flags"] for p in excel.of("post")] == ["id_from_link", "id_from_link|time_differs_from_id"]
    assert excel.notes == {"items.ids_from_links": {"rows": 2}}


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_data_set_of_errors_alone_is_refused_by_its_reason(kind: str) -> None:
    file = EXPORTS / "apify_errors" / f"dataset_facebook-comments-scraper_2025-12-01_04-00-00-001.{kind}"
    [refused] = reading(ACTORS["apify_errors"], file).refused
    assert (refused.row, refused.rule) == (0, "apify.only_errors")
    assert "no_items" in words.text(f"rule.{refused.rule}", "vi", **refused.details)


def test_another_scrapers_file_is_no_file_of_errors(tmp_path: Path) -> None:
    table = "shortCode,caption,error,errorDescription\nDRc1,Chào,,\n,,no_items,Empty\n"
    (tmp_path / "a.csv").write_text(table, encoding="utf-8")
    assert [r.NAME for r in base.registry().values() if base.claims(r, opened(tmp_path / "a.csv"))] == []
    errors = [{"error": "no_items", "errorDescription": "Empty"}] * 50
    (tmp_path / "a.json").write_text(json.dumps([*errors, {"shortCode": "DRc1"}]), encoding="utf-8")
    [refused] = reading(ACTORS["apify_errors"], tmp_path / "a.json").refused
    assert refused.rule == "apify.other_actor"
    assert "facebook-comments-scraper" in words.text(f"rule.{refused.rule}", "vi", **refused.details)


def test_what_an_error_says_is_not_kept_where_it_is_no_code(tmp_path: Path) -> None:
    item = {"facebookUrl": "x", "commentUrl": "y", "text": "", "error": "Không mở được trang của Mẫu Thị Một!"}
    (tmp_path / "a.json").write_text(json.dumps([item]), encoding="utf-8")
    [refused] = reading(ACTORS["apify_fb_comments"], tmp_path / "a.json").refused
    assert refused.details == {"reason": "?"}


@pytest.mark.parametrize("name", STEMS)
@pytest.mark.parametrize("kind", KINDS)
def test_one_claimant(name: str, kind: str) -> None:
    document = opened(EXPORTS / name / f"{STEMS[name]}.{kind}")
    assert [r.NAME for r in base.registry().values() if base.claims(r, document)] == [name]


def test_answers_to_answers_belong_to_the_same_comment(tmp_path: Path) -> None:
    item: dict[str, Any] = {"text": "đáy"}
    for depth in range(12):
        item = {"text": f"tầng {depth}", "facebookId": POST, "commentId": str(depth), "comments": [item, None]}
    item |= {"facebookUrl": "https://www.facebook.com/mau/posts/1", "profileName": "A"}
    (tmp_path / "a.json").write_text(json.dumps([item]), encoding="utf-8")
    found = reading(ACTORS["apify_fb_comments"], tmp_path / "a.json")
    top, *replies = found.of("comment")
    assert {r["parent_id"] for r in replies} == {top["comment_id"]}
    assert len(replies) == 7  # deeper ones are no answers that the site can show
    assert {c.rule for c in found.cells} == {"apify.no_reply"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LIKELY = st.sampled_from(
    [
        "122101234567890",
        "1.22E+14",
        "Y29tbWVudDoxMjIxMDEyMzQ1Njc4OTBfOTAx",
        "https://www.facebook.com/mau/posts/pfbid0A?comment_id=1&reply_comment_id=2",
        "https://www.tiktok.com/@mau/video/7576322310144000077",
        "https://[",
        "2025-11-25T02:10:00.000Z",
        "0001-01-01T00:00:00+14:00",
        1_764_000_000,
        [{"text": "a", "comments": [None, {"id": 3}]}],
        {"name": ["x"]},
    ]
)


@pytest.mark.parametrize("name", STEMS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_shape_of_an_item_breaks_the_reading(tmp_path: Path, name: str, data: st.DataObject) -> None:
    actor = ACTORS[name]
    one = st.dictionaries(st.sampled_from(sorted(actor.roots)), JSON | LIKELY, max_size=10)
    content = data.draw(st.lists(one | JSON, max_size=4))
    known = dict.fromkeys((n.split("/")[0].split(".")[0] for n in actor.needed[0]), "x")
    (tmp_path / "a.json").write_text(json.dumps([known, *content]), encoding="utf-8")
    for row in reading(actor, tmp_path / "a.json").rows:
        for column in ("comment_id", "post_id", "parent_id", "author", "text", "published_text", "permalink"):
            assert row.values.get(column) is None or isinstance(row.values[column], str)
