"""Zalo Official Account: saved answers of its API."""

from datetime import UTC, date, datetime
from typing import Any

import golden
import pytest
from hypothesis import given, settings
from reading_archives import odd, payloads, read_payload
from reading_comments import EXPORTS, opened, reading

from campaignstats import metrics
from campaignstats.readers import base

READER = base.registry()["zalo_articles"]
FOLDER = EXPORTS / "zalo_articles"
PERSONAL = ("Riêng", "RIENG", "0912 345 678", "84912345678", "BIMAT", "bị đánh")


def test_a_list_of_articles() -> None:
    found = reading(READER, FOLDER / "getslice_2025-12-20.json")
    first, hidden, third = found.of("post")
    assert first["published_at"] == datetime(2025, 11, 20, 14, 22, tzinfo=UTC)  # milliseconds
    assert (first["kind"], first["flags"]) == ("article", None)
    assert found.metrics(first["post_id"]) == {"views": 1520, "shares": 34}
    assert (hidden["flags"], found.metrics(hidden["post_id"])) == ("hidden", {"views": 88, "shares": 0})
    assert (third["published_at"], found.metrics(third["post_id"])) == (None, {})  # seconds, "1.2K", null
    assert {(c.row, c.column, c.rule) for c in found.cells} == {
        (3, "create_date", "not_a_date"),
        (3, "total_view", "abbreviated_number"),
    }
    assert [(r.row, r.rule) for r in found.refused] == [
        (4, "zalo_articles.no_id"),
        (5, "zalo_articles.unknown"),
        (6, "zalo_articles.unknown"),
    ]
    assert found.notes["zalo_articles.not_last_page"] == {"total": 12, "articles": 4}
    assert metrics.definition("views", "zalo", "zalo_articles", None) == "views.zalo"


def test_the_day_stands_in_the_name_or_is_declared() -> None:
    found = reading(READER, FOLDER / "getslice_2025-12-20.json")
    vietnam = datetime(2025, 12, 19, 17, 0, tzinfo=UTC)
    assert (found.about[0].exported_at, found.about[0].exported_evidence) == (vietnam, "file_name")
    later = reading(READER, FOLDER / "getoa_20251220.json", exported_at=datetime(2025, 12, 25, tzinfo=UTC))
    assert [m["period_start"] for m in later.of("metric")] == [date(2025, 12, 25)]
    # an instant of the 24th in UTC, by the clock of the day it is stored under already the 25th
    night = reading(READER, FOLDER / "getoa_20251220.json", exported_at=datetime(2025, 12, 24, 20, tzinfo=UTC))
    assert [m["period_start"] for m in night.of("metric")] == [date(2025, 12, 25)]


def test_the_other_name_of_the_list_and_videos() -> None:
    found = reading(READER, FOLDER / "getslice_video.json")
    (post,) = found.of("post")
    assert (post["kind"], found.metrics(post["post_id"])) == ("video", {"views": 301, "shares": 2})
    assert "zalo_articles.not_last_page" not in found.notes


def test_a_page_without_articles_is_empty_and_no_error() -> None:
    found = reading(READER, FOLDER / "getslice_empty.json")
    assert (found.delivered, found.rows, found.refused) == (0, [], [])


def test_one_article_in_detail() -> None:
    found = reading(READER, FOLDER / "getdetail.json")
    (post,) = found.of("post")
    assert post["text"].endswith("\nLịch phát động và các địa chỉ tin cậy.")
    assert found.of("metric") == []
    assert "Riêng" not in repr(found)  # the editor's name


def test_the_account_and_its_followers() -> None:
    found = reading(READER, FOLDER / "getoa_20251220.json")
    assert found.of("account") == [
        {
            "platform": "zalo",
            "account_id": "1000000000000000001",
            "name": "UBND phường Bình Minh (mẫu)",
            "handle": "ubndbinhminh.mau",
        }
    ]
    (held,) = found.of("metric")
    assert (held["metric"], held["value"], held["grain"]) == ("followers", 5432, "account_day")
    assert (held["period_start"], held["day_zone"]) == (date(2025, 12, 20), "Asia/Ho_Chi_Minh")


def test_followers_without_a_day_are_refused() -> None:
    payload = payloads("zalo_articles")
    account = next(p for p in payload if isinstance(p, dict) and "oa_id" in (p.get("data") or {}))
    found = read_payload(READER, account)
    assert found is not None
    assert [c.rule for c in found.cells] == ["zalo_articles.no_day"]
    assert found.of("metric") == []
    assert len(found.of("account")) == 1


def test_of_a_list_of_followers_the_total_alone() -> None:
    found = reading(READER, FOLDER / "getfollowers_2025-12-20.json")
    assert [m["value"] for m in found.of("metric")] == [5400]
    assert "zalo_articles.people_left_out" in found.notes
    assert "RIENG" not in repr(found)


@pytest.mark.parametrize(
    ("name", "rule", "details"),
    [
        ("token_expired.json", "token", {"code": "-216"}),
        ("limit.json", "error", {"code": "-201"}),
        ("userlist.json", "users", {}),
        ("user_detail.json", "users", {}),
        ("conversation.json", "messages", {}),
    ],
)
def test_errors_and_people_are_refused(name: str, rule: str, details: dict[str, Any]) -> None:
    (whole,) = reading(READER, FOLDER / name).refused
    assert (whole.row, whole.rule, whole.value, whole.details) == (0, f"zalo_articles.{rule}", "", details)


def test_pages_as_lines() -> None:
    found = reading(READER, FOLDER / "pages_2025-12-20.ndjson")
    assert {p["account_id"] for p in found.of("post")} == {"1000000000000000001"}  # one of the lines is the account
    assert [(r.row, r.rule) for r in found.refused] == [(4, "zalo_articles.token"), (8, "zalo_articles.users")]
    assert [(s.row, s.reason) for s in found.skipped] == [(5, "meta.repeated_row"), (7, "zalo_articles.known")]
    document = opened(FOLDER / "pages_2025-12-20.ndjson")
    list(READER.read(document, base.Context()))
    assert len(document.refused) == 1  # the line that was cut off


def test_figures_follow_where_the_detail_came_first() -> None:
    article = {"id": "a", "title": "Bài", "description": "Lời", "body": []}
    counted = {"id": "a", "title": "Bài", "total_view": 5, "link_view": "https://rd.zapps.vn/detail/1?id=a"}
    found = read_payload(
        READER, [article | {"total_view": None, "link_view": ""}, counted, counted | {"total_view": 6}]
    )
    assert found is not None
    assert [p["text"] for p in found.of("post")] == ["Bài\nLời"]
    assert found.metrics("a") == {"views": 5}
    assert [(r.row, r.rule) for r in found.refused] == [(3, "meta.post_twice")]


def test_a_scripts_list_with_two_states_of_one_article() -> None:
    found = reading(READER, FOLDER / "script_list.json")
    assert len(found.of("post")) == 2
    assert [(r.row, r.rule) for r in found.refused] == [(3, "meta.post_twice")]


def test_golden_tables_hold_nothing_of_anybody() -> None:
    for file in sorted((golden.GOLDEN / "zalo_articles").iterdir()):
        assert not [word for word in PERSONAL if word in file.read_text(encoding="utf-8")]


def test_what_is_no_answer_of_zalos_is_left_to_others() -> None:
    for payload in (
        {},
        [],
        {"error": 0},
        {"error": {"code": 190, "message": "Graph API"}},
        {"error": "no_items", "errorDescription": "Apify"},
        {"error": 0, "data": {"posts": []}},
        {"error": -1, "message": "x", "posts": []},
        [{"id": 1, "title": "x"}],
    ):
        assert read_payload(READER, payload) is None, payload


@given(payload=odd(payloads("zalo_articles")))
@settings(max_examples=400, deadline=None)
def test_json_of_any_shape(payload: Any) -> None:
    found = read_payload(READER, payload)
    if found is not None:
        assert "84912345678" not in repr(found)
