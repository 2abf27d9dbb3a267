"""TikTok's download of one's own data: the list of posts, and nothing else of it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import golden
import pytest
from hypothesis import given, settings
from reading_archives import odd, payloads, read_payload
from reading_comments import EXPORTS, reading

from campaignstats import campaign, gather
from campaignstats.readers import base, cells

READER = base.registry()["tiktok_download"]
FOLDER = EXPORTS / "tiktok_download"
PERSONAL = ("rieng", "Riêng", "riêng tư", "RIENG", "84912345678", "0912 345 678", "203.0.113.77", "BIMAT")


def test_posts() -> None:
    found = reading(READER, FOLDER / "user_data_tiktok.json")
    first, shifted, unnamed, dated = found.of("post")
    assert first["text"] == "An toàn số cho em gái #binhdanggioi"
    assert first["published_at"] == datetime(2025, 11, 25, 2, 30, tzinfo=UTC) == cells.tiktok_time(first["post_id"])
    assert first["flags"] is None
    assert found.metrics(first["post_id"]) == {"likes": 120}
    assert shifted["flags"] == "time_differs_from_id"
    assert found.notes["tiktok_download.time_differs"] == {"posts": 1}
    assert unnamed["post_id"].startswith("link:")
    assert unnamed["flags"] is None
    assert (dated["kind"], dated["flags"]) == ("photo", "time_from_id")
    assert [(s.row, s.reason) for s in found.skipped] == [
        (7, "meta.repeated_row"),
        (8, "tiktok_download.not_public"),
        (9, "tiktok_download.not_public"),
    ]
    assert [(r.row, r.rule) for r in found.refused] == [
        (5, "tiktok_download.not_a_post"),
        (6, "tiktok_download.not_a_post"),
    ]
    assert {(c.row, c.column, c.rule) for c in found.cells} == {
        (2, "Likes", "abbreviated_number"),
        (4, "Date", "not_a_date"),
    }


def test_the_older_file_and_what_was_watched_is_no_post() -> None:
    found = reading(READER, FOLDER / "user_data_2021.json")
    (post,) = found.of("post")
    assert found.metrics(post["post_id"]) == {"likes": 15}
    assert "6900000000000000001" not in repr(found)


@pytest.mark.parametrize(
    "payload",
    [
        {"post": {"posts": {"videolist": [{"date": "2021-01-01 00:00:00", "link": "x"}]}}},
        {"Activity": {"Video": {"Videos": {"VideoList": [{"Date": "2021-01-01 00:00:00", "Link": "x"}]}}}},
        {"Posts": {"Posts": {"VideoList": [{"Date": "2021-01-01 00:00:00", "Link": "x"}]}}},
        {"Video": {"VideoList": [{"Date": "2021-01-01 00:00:00", "VideoLink": "x"}]}},
    ],
)
def test_names_in_any_case_and_place(payload: Any) -> None:
    found = read_payload(READER, payload)
    assert found is not None
    assert len(found.of("post")) == 1


@pytest.mark.parametrize(
    ("told", "posts"),
    [("Everyone", 1), ("Công khai", 1), ("", 1), (None, 1), ("Only you", 0), ("Friends", 0), ("Bạn bè", 0), ("?", 0)],
)
def test_only_what_everybody_may_see_is_a_post_of_the_account(told: str | None, posts: int) -> None:
    link = "https://www.tiktokv.com/share/video/7576484660346829901/"
    post = {"Date": "2021-01-01 00:00:00", "Link": link, "Likes": "x", "Title": "RIENG", "WhoCanView": told}
    found = read_payload(READER, {"Post": {"Posts": {"VideoList": [post]}}})
    assert found is not None
    assert len(found.of("post")) == posts
    assert [s.reason for s in found.skipped] == ["tiktok_download.not_public"] * (1 - posts)
    if not posts:
        assert (found.rows, found.cells, found.refused) == ([], [], [])


def test_a_file_without_posts_is_refused() -> None:
    (whole,) = reading(READER, FOLDER / "no_posts.json").refused
    assert (whole.row, whole.rule, whole.value) == (0, "tiktok_download.no_posts", "")


def test_the_rest_is_not_read_and_that_is_said() -> None:
    found = reading(READER, FOLDER / "user_data_tiktok.json")
    assert "tiktok_download.rest_not_read" in found.notes
    assert not [word for word in PERSONAL if word in repr(found)]
    for file in sorted((golden.GOLDEN / "tiktok_download").iterdir()):
        assert not [word for word in PERSONAL if word in file.read_text(encoding="utf-8")]


def test_nothing_of_the_rest_reaches_the_tables(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for file in sorted(FOLDER.iterdir()):
        (tmp_path / "inbox" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "campaign.toml").write_text(
        '[campaign]\nid = "that"\nname = { vi = "Thử", en = "Trial" }\ntimezone = "Asia/Ho_Chi_Minh"\n'
        'language = "vi"\n[window]\nstart = 2025-11-15\nend = 2025-12-15\n',
        encoding="utf-8",
    )
    report = gather.gather(campaign.load(tmp_path), processes=1)
    assert {f.path: f.kept for f in report.files} == {
        "no_posts.json": 0,
        "user_data_2021.json": 1,
        "user_data_tiktok.json": 4,
    }
    stored = b"".join(f.read_bytes() for f in sorted((tmp_path / "tables").rglob("*.parquet")))
    assert [word for word in PERSONAL if word.encode() in stored] == []


def test_what_is_no_download_is_left_to_others() -> None:
    for payload in ({}, [], {"Comment": {}}, {"Post": []}, {"Profile": {"a": 1}}, {"video": {"id": 1}}):
        assert read_payload(READER, payload) is None


@given(payload=odd(payloads("tiktok_download")))
@settings(max_examples=300, deadline=None)
def test_json_of_any_shape(payload: Any) -> None:
    found = read_payload(READER, payload)
    if found is not None:
        assert "84912345678" not in json.dumps([r.values for r in found.rows], default=str)
        assert not [word for word in ("203.0.113.77", "0912 345 678") if word in repr(found)]
