"""Meta Content Library: posts under ids of its own; comments refused."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_archives import odd, payloads, read_payload
from reading_comments import EXPORTS, opened, reading

from campaignstats import metrics
from campaignstats.readers import base
from campaignstats.readers.meta_content_library import _rounded

POSTS, COMMENTS = (base.registry()[name] for name in ("mcl_posts", "mcl_comments"))
FOLDER = EXPORTS / "mcl_posts"


def test_facebooks_csv() -> None:
    found = reading(POSTS, FOLDER / "facebook.csv")
    first, second, third = found.of("post")
    assert first["post_id"] == "mcl:1200000000000017"
    assert first["published_at"] == datetime(2025, 11, 20, 14, 0, 5, tzinfo=UTC)
    assert (first["kind"], first["account_id"]) == ("photo", "name:hpnbinhminh.mau")
    assert found.metrics("mcl:1200000000000017") == {
        "reactions": 48,
        "likes": 40,
        "reactions_love": 5,
        "reactions_wow": 1,
        "reactions_haha": 0,
        "reactions_sad": 0,
        "reactions_angry": 0,
        "reactions_care": 2,
        "comments": 8,
        "shares": 6,
        "views": 2100,
    }
    assert second["published_at"] == datetime(
        2025, 11, 21, 1, 2, 3, tzinfo=UTC
    )  # no offset written: UTC by Meta's word
    assert second["is_share"] is True
    assert third["published_at"] is None
    assert [(r.row, r.rule) for r in found.refused] == [(4, "damaged_id")]
    assert {(c.row, c.column) for c in found.cells} == {(5, "creation_time"), (5, "statistics.like_count")}


def test_absent_views_are_not_zero() -> None:
    found = reading(POSTS, FOLDER / "facebook.csv")
    assert "views" not in found.metrics("mcl:1200000000000025")
    assert found.notes["mcl.no_views"] == {"posts": 1}
    api = reading(POSTS, FOLDER / "api.json")
    assert api.metrics("mcl:987654321012345671")["views"] == 0
    assert "views" not in api.metrics("mcl:987654321012345683")


def test_views_are_as_of_their_own_refresh() -> None:
    found = reading(POSTS, FOLDER / "facebook.csv")
    by = {m["metric"]: m["as_of"] for m in found.of("metric") if m["item"] == "mcl:1200000000000017"}
    assert by["views"] == datetime(2025, 12, 18, tzinfo=UTC)
    assert by["reactions"] is None
    assert metrics.definition("views", "facebook", "mcl_posts", None) == "views.facebook.mcl"


def test_instagram_pages_joined_with_their_headers() -> None:
    found = reading(POSTS, FOLDER / "instagram_joined.csv")
    assert [p["platform"] for p in found.of("post")] == ["instagram"] * 2
    assert [(s.row, s.reason) for s in found.skipped] == [(3, "meta.repeated_header")]


def test_ids_in_json_keep_every_digit() -> None:
    found = reading(POSTS, FOLDER / "api.json")
    assert [p["post_id"] for p in found.of("post")] == [
        "mcl:987654321012345671",
        "mcl:987654321012345683",
        "mcl:987654321012345697",
        "mcl:987654321012345723",
    ]
    assert [(r.row, r.rule) for r in found.refused] == [
        (4, "damaged_id"),
        (6, "mcl.not_a_post"),
        (7, "mcl.not_a_post"),
    ]


def test_a_file_that_went_through_javascript_is_refused() -> None:
    (whole,) = reading(POSTS, FOLDER / "through_javascript.json").refused
    assert (whole.row, whole.rule) == (0, "mcl.ids_rounded")


@given(st.lists(st.integers(10**17, 10**18 - 1), min_size=6, max_size=40, unique=True))
@settings(max_examples=100)
def test_rounding_is_seen(ids: list[int]) -> None:
    rounded = [int(f"{repr(float(i)).split('e')[0].replace('.', ''):0<18}") for i in ids]
    assert _rounded(rounded)
    assert _rounded(map(str, rounded))
    # that whole ids look rounded by chance has a probability below one in a million
    assert not _rounded(ids) or all(i % 16 == 0 for i in ids)


def test_ids_that_every_program_keeps_are_not_suspected() -> None:
    assert not _rounded([1200000000000017 + i for i in range(50)])
    assert not _rounded([])
    assert not _rounded([None, 1.5, "x", True, []])


def test_comments_are_refused_whole() -> None:
    for file in sorted((EXPORTS / "mcl_comments").iterdir()):
        found = reading(COMMENTS, file)
        assert [(r.row, r.rule, r.value) for r in found.refused] == [(0, "mcl.comments", "")]
        assert not base.claims(POSTS, opened(file))
        assert "Riêng" not in repr(found)


def test_every_gather_says_what_the_terms_are() -> None:
    for name in ("facebook.csv", "instagram_joined.csv", "api.json"):
        assert "mcl.terms" in reading(POSTS, FOLDER / name).notes


@pytest.mark.parametrize(("platform", "rule"), [(None, "mcl.platform_unknown"), ("tiktok", "mcl.platform_unknown")])
def test_a_platform_that_nothing_tells_is_asked_for(tmp_path: Path, platform: str | None, rule: str) -> None:
    file = tmp_path / "mcl.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["id", "creation_time", "mcl_url"], ["7", "2025-11-20T00:00:00+00:00", "u"]])
    (whole,) = reading(POSTS, file, platform=platform).refused
    assert (whole.row, whole.rule) == (0, rule)
    assert reading(POSTS, file, platform="threads").of("post")[0]["platform"] == "threads"


def test_other_separators_of_names(tmp_path: Path) -> None:
    """R and pandas write post_owner_name and statistics/views."""
    file = tmp_path / "mcl.csv"
    head = ["id", "creation_time", "post_owner_name", "statistics_reaction_count", "statistics/views", "surface_id"]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, ["7", "2025-11-20T00:00:00+00:00", "Trang mẫu", "3", "9", "1"]])
    found = reading(POSTS, file)
    assert found.metrics("mcl:7") == {"reactions": 3, "views": 9}


def test_lines_of_json(tmp_path: Path) -> None:
    file = tmp_path / "mcl.ndjson"
    posts = json.loads((FOLDER / "api.json").read_text(encoding="utf-8"))["data"][:3]
    file.write_text("\n".join(json.dumps(p) for p in posts), encoding="utf-8")
    assert len(reading(POSTS, file).of("post")) == 3


@given(payload=odd(payloads("mcl_posts", "mcl_comments")))
@settings(max_examples=300, deadline=None)
def test_json_of_any_shape(payload: Any) -> None:
    read_payload(POSTS, payload, platform="facebook")
    read_payload(COMMENTS, payload)
