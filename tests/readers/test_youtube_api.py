"""Responses of the YouTube Data API: threads, replies, what it leaves out and what it refuses."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats import words
from campaignstats.readers import base, youtube_api

FOLDER = EXPORTS / "yt_api_comments"
FIRST = "UgxA1b2C3d4E5f6G7h8I4AaABAg"


def test_threads_and_their_replies() -> None:
    found = reading(youtube_api, FOLDER / "threads.json")
    comments = found.of("comment")
    assert [r.row for r in found.rows] == [1, 2, 3, 4, 5]
    assert found.delivered == 6
    assert [(r.row, r.rule) for r in found.refused] == [(6, "yt_api.not_a_comment")]
    top, own, reply, marked_up, nameless = comments
    assert top == {
        "platform": "youtube",
        "comment_id": FIRST,
        "post_id": "q0aLb3XyZ9w",
        "parent_id": None,
        "author": "UChoangyen00000000000000",
        "is_owner": False,
        "is_reply": False,
        "text": "Rất thiết thực, mong xã nào cũng làm.",
        "published_at": datetime(2025, 11, 20, 3, 36, 55, tzinfo=UTC),
        "published_text": "2025-11-20T03:36:55Z",
        "published_zone": "UTC",
        "likes": 12,
        "n_replies": 7,
        "flags": None,
    }
    assert own["is_owner"] is True
    assert own["is_reply"] is True
    assert (own["parent_id"], own["post_id"]) == (FIRST, "q0aLb3XyZ9w")
    assert reply["is_owner"] is False
    # HTML of textDisplay where textOriginal is missing
    assert marked_up["text"] == "Hay & bổ ích\nCảm ơn chương trình"
    # without a channel id the display name is the author
    assert (nameless["author"], nameless["is_owner"], nameless["flags"]) == ("@minhtam", None, "edited")


def test_what_the_api_left_out_is_noted() -> None:
    found = reading(youtube_api, FOLDER / "threads.json")
    assert found.notes == {
        "yt_api.not_last_page": {},
        "yt_api.replies_incomplete": {"threads": 1, "replies": 5},
    }
    assert found.about[-1].exported_at == datetime(2025, 11, 22, 14, 3, 59, tzinfo=UTC)
    assert found.about[-1].exported_evidence == "at_least"


def test_replies_of_their_own_and_cells_that_cannot_be_read() -> None:
    found = reading(youtube_api, FOLDER / "replies.json")
    first, second = found.of("comment")
    assert first["parent_id"] == FIRST
    assert first["post_id"] is None  # the response names no video
    assert (second["published_at"], second["likes"], second["text"]) == (None, None, "👏👏👏")
    assert [(c.row, c.column, c.rule) for c in found.cells] == [
        (2, "publishedAt", "not_a_date"),
        (2, "likeCount", "abbreviated_number"),
    ]


def test_a_list_of_pages_joins_replies_to_their_video() -> None:
    found = reading(youtube_api, FOLDER / "pages.json")
    # 7 replies are counted; two came with the thread and two in a response of their own
    assert found.notes["yt_api.replies_incomplete"] == {"threads": 1, "replies": 3}
    assert len(found.of("comment")) == 7
    assert {c["post_id"] for c in found.of("comment")} == {"q0aLb3XyZ9w"}
    assert "yt_api.not_last_page" not in found.notes


def test_an_error_body_is_refused_with_its_reason() -> None:
    found = reading(youtube_api, FOLDER / "comments_disabled.json")
    assert [(r.row, r.rule) for r in found.refused] == [(0, "yt_api.error.commentsDisabled")]
    for lang, sentence in (("en", "switched off"), ("vi", "tắt bình luận")):
        assert sentence in words.text(f"rule.{found.refused[0].rule}", lang, **found.refused[0].details)


def test_an_unknown_reason_is_named(tmp_path: Path) -> None:
    body = {"error": {"code": 400, "errors": [{"domain": "youtube.parameter", "reason": "invalidPageToken"}]}}
    (tmp_path / "a.json").write_text(json.dumps(body), encoding="utf-8")
    [refused] = reading(youtube_api, tmp_path / "a.json").refused
    assert "invalidPageToken" in words.text(f"rule.{refused.rule}", "vi", **refused.details)


def test_an_empty_page_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"kind": "youtube#commentThreadListResponse", "items": []}', encoding="utf-8")
    found = reading(youtube_api, tmp_path / "a.json")
    assert found.rows == []
    assert "yt_api.no_comments" in found.notes


@pytest.mark.parametrize("text", ['{"error": -216, "message": "Access token is invalid"}', '{"items": []}', "[1, 2]"])
def test_other_json_is_not_claimed(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    assert not base.claims(youtube_api, opened(tmp_path / "a.json"))


@pytest.mark.parametrize(
    ("name", "n", "replies", "missing"),
    [
        ("comment_threads_all_to_me.json", 4, 0, 1),
        ("comment_threads_by_video_paged_1.json", 5, 0, 2),
        ("comment_threads_multi.json", 2, 0, None),
        ("comments_by_parent_paged_1.json", 2, 2, None),
    ],
)
def test_real_responses(shared: Path, name: str, n: int, replies: int, missing: int | None) -> None:
    found = reading(youtube_api, shared / "exports" / "youtube_api" / name)
    comments = found.of("comment")
    assert (len(comments), found.refused, found.cells) == (n, [], [])
    assert sum(c["is_reply"] for c in comments) == replies
    assert all(c["author"].startswith("UC") and c["text"] and c["published_at"].year == 2019 for c in comments)
    assert found.notes.get("yt_api.replies_incomplete", {}).get("replies") == missing
    assert ("yt_api.not_last_page" in found.notes) == ("paged" in name)
    raw = json.loads((shared / "exports" / "youtube_api" / name).read_text(encoding="utf-8"))
    snippets = [i["snippet"].get("topLevelComment", i)["snippet"] for i in raw["items"]]
    assert [c["likes"] for c in comments] == [s["likeCount"] for s in snippets]
    assert [c["text"] for c in comments] == [s["textOriginal"].strip() for s in snippets]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SNIPPET = st.dictionaries(
    st.sampled_from(
        [
            "videoId",
            "channelId",
            "parentId",
            "textOriginal",
            "textDisplay",
            "authorChannelId",
            "authorDisplayName",
            "likeCount",
            "publishedAt",
            "updatedAt",
            "totalReplyCount",
            "topLevelComment",
        ]
    ),
    JSON | st.just("2025-11-20T03:36:55Z"),
)
COMMENT = st.fixed_dictionaries({"kind": st.just("youtube#comment"), "snippet": SNIPPET | JSON}, optional={"id": JSON})
THREAD = st.fixed_dictionaries(
    {"kind": st.just("youtube#commentThread")},
    optional={
        "id": JSON,
        "snippet": JSON | st.builds(lambda s, c: {**s, "topLevelComment": c}, SNIPPET, COMMENT),
        "replies": JSON | st.fixed_dictionaries({"comments": st.lists(COMMENT | JSON, max_size=3) | JSON}),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(THREAD | COMMENT | JSON, min_size=1, max_size=4), st.booleans())
def test_no_shape_of_a_response_breaks_the_reading(tmp_path: Path, items: list[Any], is_page: bool) -> None:
    page = {"kind": "youtube#commentThreadListResponse", "items": items}
    payload = page if is_page else [{"kind": "youtube#comment", "id": "x"}, *items]
    (tmp_path / "a.json").write_text(json.dumps(payload), encoding="utf-8")
    for comment in reading(youtube_api, tmp_path / "a.json").of("comment"):
        told = ("comment_id", "post_id", "parent_id", "author", "text", "published_text")
        assert all(comment[name] is None or isinstance(comment[name], str) for name in told)
