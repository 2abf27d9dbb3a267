"""Zeeschuimer: four sites, repeated items, hidden counts, sites that are not read, secrets that are never kept."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats.readers import base, cells, zeeschuimer

FILE = EXPORTS / "zeeschuimer" / "zeeschuimer-export.ndjson"
COLLECTED = datetime(2025, 11, 24, 18, tzinfo=UTC)
POSTED = datetime(2025, 11, 24, 16, tzinfo=UTC)
VIDEO = str((1_764_000_000 << 32) + 77)


@pytest.fixture(scope="module")
def found() -> Any:
    return reading(zeeschuimer, FILE)


def test_a_tiktok_video_and_its_counts(found: Any) -> None:
    post = next(p for p in found.of("post") if p["post_id"] == VIDEO)
    assert post == {
        "platform": "tiktok",
        "post_id": VIDEO,
        "account_id": "name:tuoitre.dongnai",
        "account_name": "Tuoitre.DongNai",
        "text": "Phiên tòa giả định về bạo lực mạng #binhdanggioi",
        "kind": "video",
        "published_at": POSTED,
        "published_precision": "second",
        "published_text": "1764000000",
        "published_zone": "UTC",
        "permalink": f"https://www.tiktok.com/@Tuoitre.DongNai/video/{VIDEO}",
        "duration": 58.0,
        "flags": None,
        "status": "ok",
        "as_of": COLLECTED,
    }


def test_a_repeated_item_keeps_each_of_its_counts(found: Any) -> None:
    seen = {(m["as_of"], m["metric"]): m["value"] for m in found.of("metric") if m["item"] == VIDEO}
    assert seen[COLLECTED, "views"] == 15400
    assert seen[COLLECTED + timedelta(days=1), "views"] == 21000
    assert seen[COLLECTED, "saves"] == 57  # a text in the file
    assert len(seen) == 10
    assert found.about[-1].exported_at == COLLECTED + timedelta(days=1)
    assert found.about[-1].exported_evidence == "content"


def test_a_photo_post_with_a_hidden_count_and_a_time_that_differs_from_its_id(found: Any) -> None:
    post = next(p for p in found.of("post") if p["account_name"] == "hlpn.dongnai")
    assert (post["kind"], post["text"], post["flags"]) == ("photo", None, "time_differs_from_id")
    assert found.metrics(post["post_id"]) == {"views": 300}  # likes -1: hidden, so missing


def test_tiktok_comments(found: Any) -> None:
    top, reply = found.of("comment")
    assert (top["parent_id"], top["is_reply"], top["n_replies"], top["likes"]) == (None, False, 2, 14)
    assert (top["post_id"], top["author"]) == (VIDEO, "me.bin")
    assert top["published_at"] == POSTED + timedelta(minutes=10)
    assert (reply["parent_id"], reply["is_reply"], reply["author"]) == (top["comment_id"], True, "6900002")


def test_the_three_shapes_of_instagram(found: Any) -> None:
    graph, item, wrapped = (p for p in found.of("post") if p["platform"] == "instagram")
    assert (graph["post_id"], graph["kind"], graph["text"]) == ("DRc3j0kEexA", "carousel", "Tháng hành động 2025")
    assert found.metrics("DRc3j0kEexA") == {"likes": 211, "comments": 12}
    assert (item["kind"], item["duration"], item["account_id"]) == ("reel", 31.4, "name:phunu.dongnai")
    assert found.metrics("DRc3j0kEexB") == {"comments": 4, "views": 5200}  # likes hidden
    assert (wrapped["kind"], wrapped["account_name"], wrapped["text"]) == ("photo", None, None)
    assert found.metrics("DRc3j0kEexC") == {"comments": 0}
    for post in (graph, item, wrapped):
        assert abs(post["published_at"] - cells.ig_shortcode_time(post["post_id"])) < timedelta(seconds=1)
        assert post["flags"] is None


def test_posts_and_reposts_of_x(found: Any) -> None:
    post, repost = (p for p in found.of("post") if p["platform"] == "x")
    assert post["text"] == "Lễ phát động Tháng hành động vì bình đẳng giới, toàn văn."  # the long text, uncut
    assert post["published_at"] == POSTED
    assert found.metrics(post["post_id"]) == {
        "likes": 5,
        "reposts": 2,
        "replies": 1,
        "quotes": 0,
        "bookmarks": 1,
        "impressions": 900,
    }
    assert repost["is_share"] is True
    assert found.metrics(repost["post_id"]) == {}  # its 800 likes are the original's


@pytest.fixture(scope="module")
def others() -> Any:
    return reading(zeeschuimer, EXPORTS / "zeeschuimer" / "zeeschuimer-export-threads.net-2025-11-25T031500.ndjson")


def test_posts_of_threads(others: Any) -> None:
    post, hidden, repost = (p for p in others.of("post") if p["platform"] == "threads")
    assert (post["post_id"], post["account_id"], post["kind"]) == ("DRcThreads1a", "name:phunu.dongnai.mau", "text")
    assert (post["published_at"], post["as_of"]) == (POSTED, COLLECTED)
    assert others.metrics(post["post_id"]) == {"likes": 25, "reposts": 3, "replies": 4, "quotes": 1}
    assert hidden["kind"] == "carousel"
    assert "likes" not in others.metrics(hidden["post_id"])  # -1: hidden, so missing
    assert repost["is_share"] is True
    assert others.metrics(repost["post_id"]) == {}  # they are the original's


def test_of_facebook_only_what_is_certain(others: Any) -> None:
    [post] = (p for p in others.of("post") if p["platform"] == "facebook")
    assert (post["post_id"], post["text"]) == ("122101234567890", "Lễ phát động Tháng hành động")
    assert (post["account_id"], post["account_name"]) == ("name:phunudongnai.mau", "Phụ nữ Đồng Nai (mẫu)")
    assert post["published_at"] == datetime(2025, 11, 20, 1, tzinfo=UTC)
    assert others.metrics(post["post_id"]) == {}
    assert [(r.row, r.rule) for r in others.refused] == [
        (4, "zeeschuimer.no_id"),
        (6, "zeeschuimer.no_story"),
        (7, "zeeschuimer.site"),
    ]


def test_what_is_not_read_is_refused_by_name(found: Any) -> None:
    assert [(r.row, r.rule, r.value) for r in found.refused] == [
        (11, "zeeschuimer.site", "linkedin.com"),
        (12, "zeeschuimer.no_content", ""),
        (13, "zeeschuimer.no_id", ""),
        (14, "zeeschuimer.not_an_item", ""),
    ]


def test_a_cut_off_last_line_is_refused_by_the_opening() -> None:
    document = opened(FILE)
    list(document.records())
    assert [r.row for r in document.refused] == [15]


def test_nothing_of_the_open_address_is_kept(found: Any) -> None:
    assert "SECRETTOKEN" in FILE.read_text(encoding="utf-8")
    assert "SECRETTOKEN" not in repr(found)


def test_as_4cat_stores_it() -> None:
    again = reading(zeeschuimer, EXPORTS / "zeeschuimer" / "4cat-tiktok-comments.ndjson")
    original = reading(zeeschuimer, FILE)
    assert again.of("comment") == original.of("comment")
    assert again.about[-1].platform == "tiktok"


def test_one_claimant() -> None:
    document = opened(FILE)
    assert [r.NAME for r in base.registry().values() if base.claims(r, document)] == ["zeeschuimer"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "id",
        "cid",
        "desc",
        "createTime",
        "author",
        "stats",
        "aweme_id",
        "reply_id",
        "user",
        "code",
        "shortcode",
        "caption",
        "like_count",
        "taken_at",
        "media",
        "media_type",
        "edge_media_to_caption",
        "rest_id",
        "legacy",
        "tweet",
        "core",
        "views",
        "video",
        "owner",
        "__typename",
        "product_type",
        "comet_sections",
        "text_post_app_info",
        "carousel_media",
        "image_versions2",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(zeeschuimer._SITES)), st.dictionaries(NAMES, JSON, max_size=8)),
        min_size=1,
        max_size=4,
    )
)
def test_no_shape_of_an_item_breaks_the_reading(tmp_path: Path, items: list[tuple[str, dict[str, Any]]]) -> None:
    lines = [json.dumps({"source_platform": s, "timestamp_collected": 1_764_007_200_000, "data": d}) for s, d in items]
    (tmp_path / "a.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading(zeeschuimer, tmp_path / "a.ndjson")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["content", "story", "context_layout", "metadata", "actors"]), max_size=4), JSON)
def test_no_shape_of_a_story_breaks_the_reading(tmp_path: Path, way: list[str], end: Any) -> None:
    inner = end
    for name in reversed(way):
        inner = {name: inner, "post_id": "122101234567890"}
    item = {"source_platform": "facebook.com", "timestamp_collected": 10**400, "data": {"comet_sections": inner}}
    (tmp_path / "a.ndjson").write_text(json.dumps(item) + "\n", encoding="utf-8")
    reading(zeeschuimer, tmp_path / "a.ndjson")


def test_a_long_id_that_ends_in_zeros_is_whole_in_json() -> None:
    from campaignstats.readers import zeeschuimer

    assert zeeschuimer._id({"cid": "7573891823749230000"}, "cid") == "7573891823749230000"
