"""Facebook's and Instagram's downloads of one's own data: posts, and nothing that is private."""

import json
from datetime import UTC, datetime
from typing import Any

import golden
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_archives import odd, payloads, read_payload
from reading_comments import EXPORTS, opened, reading

from campaignstats.readers import base, opening
from campaignstats.readers.meta_download import _nameless, unmangled

POSTS, PRIVATE = (base.registry()[name] for name in ("meta_download", "meta_download_private"))
FOLDER = EXPORTS / "meta_download"
# all that the fixtures hold of people
PERSONAL = ("Riêng", "RiÃªng", "rieng", "RIENG", "0912 345 678", "203.0.113.77", "BIMAT", "10.95", "đánh")


def test_facebooks_posts() -> None:
    found = reading(POSTS, FOLDER / "your_posts_1.json")
    assert [(p["kind"], p["text"]) for p in found.of("post")] == [
        ("text", "Lễ phát động Tháng hành động vì bình đẳng giới 2025."),
        ("photo", "Ảnh buổi tuyên truyền."),
        ("video", "Xem video 📹 an toàn số."),
        ("link", "Tin trên báo."),
        ("text", "Đã đúng chữ sẵn: bình đẳng."),
    ]
    assert found.of("post")[0]["published_at"] == datetime(2025, 11, 20, 14, 0, tzinfo=UTC)
    assert found.of("metric") == []
    assert found.notes["meta_download.mangled"] == {"posts": 4}
    assert [(s.row, s.reason) for s in found.skipped] == [(6, "meta.repeated_row")]
    assert [(r.row, r.rule, r.value) for r in found.refused] == [
        (7, "meta_download.no_time", ""),
        (8, "meta_download.not_a_post", ""),
        (9, "meta_download.not_a_post", ""),
    ]


@pytest.mark.parametrize("name", ["your_posts_1.json", "posts_v2.json", "instagram_posts_1.json", "reels.json"])
def test_nothing_of_anybody_is_yielded(name: str) -> None:
    found = reading(POSTS, FOLDER / name)
    assert found.of("post")
    assert not [word for word in PERSONAL if word in repr(found)]


def test_instagrams_posts() -> None:
    found = reading(POSTS, FOLDER / "instagram_posts_1.json")
    single, album = found.of("post")
    assert (single["platform"], single["kind"], single["text"]) == ("instagram", "photo", "Em gái an toàn trên mạng.")
    assert (album["kind"], album["text"]) == ("carousel", "Hai ảnh một lời.")
    assert album["published_at"] == datetime(2025, 11, 20, 14, 1, 2, tzinfo=UTC)
    (reel,) = reading(POSTS, FOLDER / "reels.json").of("post")
    assert (reel["kind"], reel["text"]) == ("reel", "Thước phim mẫu")


def test_a_posts_id_is_the_same_in_every_download_and_another_for_another_account() -> None:
    def ids(name: str, **context: Any) -> set[str]:
        return {p["post_id"] for p in reading(POSTS, FOLDER / name, **context).of("post")}

    assert ids("your_posts_1.json") == ids("your_posts_1.json")
    assert not ids("your_posts_1.json", account="Trang A") & ids("your_posts_1.json", account="Trang B")


@given(st.text(max_size=40))
def test_letters_come_back_where_every_byte_proves_it(text: str) -> None:
    mangled = text.encode("utf-8", "surrogatepass").decode("latin-1")
    if text == text.encode("utf-8", "replace").decode("utf-8"):
        assert unmangled(mangled) == text
    if any(ord(c) > 255 for c in text):
        assert unmangled(text) == text  # right as it stands


@pytest.mark.parametrize("text", ["café", "bình đẳng", "Ã", "Ã©Ấ", "plain", ""])
def test_what_is_no_such_damage_stands(text: str) -> None:
    assert unmangled(text) == text


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("message_1.json", "messages"),
        ("comments.json", "comments"),
        ("instagram_post_comments_1.json", "comments"),
        ("your_friends.json", "other"),
        ("followers_1.json", "other"),
    ],
)
def test_every_other_part_is_refused_by_name(name: str, rule: str) -> None:
    file = EXPORTS / "meta_download_private" / name
    assert not base.claims(POSTS, opened(file))
    found = reading(PRIVATE, file)
    assert [(r.row, r.rule, r.value) for r in found.refused] == [(0, f"meta_download.{rule}", "")]
    assert not [word for word in PERSONAL if word in repr(found)]


@pytest.mark.parametrize(
    "payload",
    [
        {"reactions_v2": [{"timestamp": 1, "data": [{"reaction": {"reaction": "LIKE", "actor": "X"}}]}]},
        {"profile_v2": {"name": {"full_name": "X"}}},
        {"searches_v2": []},
        {"likes_media_likes": [{"title": "x", "string_list_data": []}]},
        {"relationships_following": []},
        [{"timestamp": 1763647200, "data": [{"comment": {"comment": "x", "author": "X"}}], "title": "X"}],
        {"group_posts_v2": [{"timestamp": 1763647200, "data": [{"post": "x"}], "title": "X"}]},
        {"comments": [{"timestamp": 1763647200, "data": [{"comment": {"comment": "x", "author": "X"}}]}]},
    ],
)
def test_more_parts_that_are_private(payload: Any) -> None:
    assert read_payload(POSTS, payload) is None
    found = read_payload(PRIVATE, payload)
    assert found is not None
    assert [r.row for r in found.refused] == [0]


def test_what_is_no_download_is_left_to_others() -> None:
    for payload in ([], {}, {"data": []}, [1, 2], [{"a": 1}], {"posts": 3}, {"items": [{"timestamp": 1}]}):
        assert read_payload(POSTS, payload) is None
        assert read_payload(PRIVATE, payload) is None


def test_a_folder_called_after_a_person_is_not_named() -> None:
    names = ("tai-ve.zip", "your_facebook_activity", "messages", "inbox", "nguoirieng_1", "message_1.json")
    assert _nameless(names) == "tai-ve.zip/your_facebook_activity/messages/inbox/…/message_1.json"
    assert _nameless(("inbox", "message_1.json")) is None
    assert _nameless(()) is None


def test_each_member_of_the_downloaded_archive_is_a_document() -> None:
    found = [f for f in opening.inbox_files(FOLDER) if "!/" in f.path]
    owners = {
        f.path.rsplit("/", 1)[1]: [n for n, r in base.registry().items() if base.claims(r, opening.open_document(f))]
        for f in found
    }
    assert owners == {
        "comments.json": ["meta_download_private"],
        "message_1.json": ["meta_download_private"],
        "profile_posts_1.json": ["meta_download"],
    }


def test_golden_tables_hold_nothing_of_anybody() -> None:
    for folder in ("meta_download", "meta_download_private"):
        for file in sorted((golden.GOLDEN / folder).rglob("*.txt")):
            assert not [word for word in PERSONAL if word in file.read_text(encoding="utf-8")]


@given(payload=odd(payloads("meta_download", "meta_download_private")))
@settings(max_examples=300, deadline=None)
def test_json_of_any_shape(payload: Any) -> None:
    found = [read_payload(reader, payload) for reader in (POSTS, PRIVATE)]
    assert None in found  # never both
    json.dumps([r.values for f in found if f for r in f.rows], default=str)
