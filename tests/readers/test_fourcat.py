"""4CAT's and Zeeschuimer's tables: sites by their columns, instants and never the server's clock, hashed authors."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_comments import EXPORTS, opened, reading

from campaignstats import words
from campaignstats.readers import base, fourcat, zeeschuimer

SITES = {r.NAME: r for r in fourcat.READERS}
VIDEO = "7576322310144000077"
POSTED = datetime(2025, 11, 24, 16, tzinfo=UTC)


def of(name: str, file: str) -> Any:
    return reading(SITES[name], EXPORTS / name / file)


def test_posts_of_tiktok() -> None:
    found = of("fourcat_tiktok_posts", "tiktok-search-binhdanggioi-0a1b2c3d.csv")
    first, zero, untimed = found.of("post")
    assert first == {
        "status": "ok",
        "platform": "tiktok",
        "post_id": VIDEO,
        "account_id": "name:tuoitre.dongnai.mau",
        "account_name": "tuoitre.dongnai.mau",
        "text": "Phiên tòa giả định về bạo lực mạng, “phần 1”\n#binhdanggioi",
        "kind": "video",
        "permalink": f"https://www.tiktok.com/@tuoitre.dongnai.mau/video/{VIDEO}",
        "published_at": POSTED,
        "published_precision": "second",
        "published_text": "1764000000",
        "published_zone": "UTC",
        "flags": None,
    }
    assert found.metrics(VIDEO) == {"views": 15400, "likes": 320, "comments": 3, "shares": 41}
    assert found.metrics(zero["post_id"])["views"] == 0
    assert zero["flags"] == "time_differs_from_id"
    assert untimed["flags"] == "time_from_id"
    assert "likes" not in found.metrics(untimed["post_id"])
    assert "TOKEN" not in repr(found)


def test_the_servers_clock_is_never_read() -> None:
    found = of("fourcat_tiktok_posts", "before_unix_timestamp.csv")
    [post] = found.of("post")
    assert (post["published_at"], post["flags"], post["published_text"]) == (POSTED, "time_from_id", None)
    comments = of("fourcat_tiktok_comments", "tiktok-comments-search-1a2b3c.csv").of("comment")
    assert comments[0]["published_at"] == POSTED + timedelta(minutes=10)  # its timestamp is six hours off


def test_comments_of_tiktok_are_those_of_zeeschuimer() -> None:
    found = of("fourcat_tiktok_comments", "tiktok-comments-search-1a2b3c.csv")
    top, reply, nameless = found.of("comment")
    assert (top["post_id"], top["parent_id"], top["is_reply"], top["n_replies"]) == (VIDEO, None, False, 3)
    assert (reply["parent_id"], reply["is_reply"], reply["post_id"]) == (top["comment_id"], True, VIDEO)
    assert nameless["author"] == "6900003"  # the number stands where no handle is, as in Zeeschuimer's own file
    semicolons = of("fourcat_tiktok_comments", "zeeschuimer-export-tiktok-comments-2025-11-25T031500.csv")
    assert [r.values for r in semicolons.rows] == [r.values for r in found.rows]


def test_the_same_comment_by_both_ways_is_one(tmp_path: Path) -> None:
    """What Zeeschuimer keeps as NDJSON and 4CAT exports as a table has the same keys, so it is not counted twice."""
    [top, *_] = of("fourcat_tiktok_comments", "tiktok-comments-search-1a2b3c.csv").of("comment")
    data = {
        "cid": top["comment_id"],
        "aweme_id": VIDEO,
        "reply_id": "0",
        "text": top["text"],
        "create_time": 1_764_000_600,
        "digg_count": 14,
        "reply_comment_total": 3,
        "user": {"unique_id": "hocsinh.mau", "uid": "6900001"},
    }
    line = {"source_platform": "tiktok-comments", "timestamp_collected": 1_764_007_200_000, "data": data}
    (tmp_path / "a.ndjson").write_text(json.dumps(line) + "\n", encoding="utf-8")
    [other] = reading(zeeschuimer, tmp_path / "a.ndjson").of("comment")
    assert {k: v for k, v in other.items() if k != "as_of"} == top


def test_rounded_ids() -> None:
    found = of("fourcat_tiktok_comments", "excel_rounded_ids.csv")
    assert [(r.row, r.rule) for r in found.refused] == [(2, "damaged_id"), (4, "fourcat.no_id")]
    [reply] = found.of("comment")
    assert (reply["is_reply"], reply["parent_id"]) == (True, None)
    assert [(c.column, c.rule) for c in found.cells] == [("thread_id", "damaged_id")]


def test_posts_of_facebook_have_no_counts() -> None:
    found = of("fourcat_facebook", "facebook-search-4d5e.csv")
    page, group, mended = found.of("post")
    assert found.of("metric") == []
    assert (page["account_id"], page["account_name"]) == ("name:phunudongnai.mau", "Phụ nữ Đồng Nai (mẫu)")
    assert page["published_at"] == datetime(2025, 11, 20, 1, tzinfo=UTC)
    assert group["post_id"] == "2090871251646578"
    assert (mended["post_id"], mended["flags"]) == ("122101234567892", "id_from_link")
    assert found.notes == {"items.ids_from_links": {"rows": 1}}


def test_posts_of_instagram_and_the_comments_of_old_sets() -> None:
    found = of("fourcat_instagram", "instagram-search-6f7a.csv")
    photo, album, video = found.of("post")
    assert found.metrics(photo["post_id"]) == {"likes": 211, "comments": 12}
    assert (album["kind"], found.metrics(album["post_id"])) == ("carousel", {"comments": 4})  # likes -1: hidden
    assert found.metrics(video["post_id"]) == {"likes": 30}
    assert [p["flags"] for p in found.of("post")] == [None] * 3  # the shortcode says the same time
    old = of("fourcat_instagram", "2020_with_comments.csv")
    [post] = old.of("post")
    comment, reply = old.of("comment")
    assert (comment["post_id"], comment["parent_id"], comment["is_reply"]) == (post["post_id"], None, False)
    assert (reply["parent_id"], reply["is_reply"]) == (comment["comment_id"], True)
    assert comment["published_at"] is None
    assert old.notes == {"fourcat.no_time": {"rows": 2}}


def test_posts_of_threads_and_x() -> None:
    threads = of("fourcat_threads", "threads-search-8b9c.csv")
    post, link = threads.of("post")
    assert (post["platform"], post["post_id"], post["kind"]) == ("threads", "DRcThreads1a", "text")
    assert threads.metrics("DRcThreads1a") == {"likes": 25, "reposts": 3, "replies": 4, "quotes": 1}
    assert link["kind"] == "link"
    x = of("fourcat_x", "twitter-search-0d1e.csv")
    own, repost, unseen = x.of("post")
    assert x.metrics(own["post_id"]) == {"likes": 5, "reposts": 2, "replies": 1, "quotes": 0, "impressions": 900}
    assert (repost["is_share"], x.metrics(repost["post_id"])) == (True, {})  # its 800 likes are the original's
    assert "impressions" not in x.metrics(unseen["post_id"])


def test_hashed_authors_are_no_accounts() -> None:
    found = of("fourcat_tiktok_posts", "pseudonymised.csv")
    [post] = found.of("post")
    assert (post["account_id"], post["account_name"], post["permalink"]) == (None, None, None)
    assert found.notes == {"fourcat.pseudonymised": {"rows": 1}}


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_table_of_another_site_is_refused_naming_the_nearest(lang: str) -> None:
    [refused] = of("fourcat_other", "linkedin-search-2f3a.csv").refused
    sentence = words.text(f"rule.{refused.rule}", lang, **refused.details)
    assert "TikTok (comments) (is_comment_on_comment, post_id, replies)" in sentence


def test_columns_that_fit_several_sites_are_refused(tmp_path: Path) -> None:
    names = sorted(SITES["fourcat_threads"].needed | SITES["fourcat_facebook"].needed)
    (tmp_path / "a.csv").write_text(",".join(names) + "\n" + ",".join("1" * len(names)) + "\n", encoding="utf-8")
    [refused] = reading(SITES["fourcat_other"], tmp_path / "a.csv").refused
    assert refused.details == {"sites": "Facebook, Threads"}


@pytest.mark.parametrize("site", fourcat.SITES, ids=lambda s: s.NAME)
def test_one_claimant_whatever_the_order_of_the_columns(site: fourcat.Site, tmp_path: Path) -> None:
    names = [*sorted(site.needed | {"unix_timestamp"}, reverse=True), "another"]
    (tmp_path / "a.csv").write_text(";".join(names) + "\n", encoding="utf-8")
    assert [r.NAME for r in base.registry().values() if base.claims(r, opened(tmp_path / "a.csv"))] == [site.NAME]


CELL = st.one_of(
    st.sampled_from(["", "-1", "0", "12", "1.2K", "7.57632E+18", VIDEO, "1764000000", "9" * 400, "yes", "no"]),
    st.sampled_from(["comment", "video", "REDACTED", "@123", "DRcfOgTgAAF", "ếà\u202e", "https://["]),
    st.just(f"https://www.tiktok.com/@a/video/{VIDEO}"),
    st.text(max_size=5),
)


@pytest.mark.parametrize("site", fourcat.SITES, ids=lambda s: s.NAME)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_cell_breaks_the_reading(tmp_path: Path, site: fourcat.Site, data: st.DataObject) -> None:
    names = sorted(site.needed | {"unix_timestamp", "link"})
    rows = data.draw(st.lists(st.lists(CELL, min_size=len(names), max_size=len(names)), max_size=3))
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file).writerows([names, *rows])
    reading(site, tmp_path / "a.csv")
