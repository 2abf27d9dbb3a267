"""X: posts dated by their ids, ghost rows, ids rounded by Excel, the account's days, the export of Twitter's time."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reading_video import EXPORTS, reading

CONTENT = EXPORTS / "x_content" / "account_analytics_content_2025-11-15_2025-12-15.csv"
LEGACY = EXPORTS / "tw_activity_legacy" / "tweet_activity_metrics_bdg_mau_20170401_20170501_en.csv"


def test_content() -> None:
    found = reading("x_content", CONTENT)
    first, reply, rounded, moved = found.posts().values()
    assert first["published_at"] == datetime(2025, 11, 15, 23, 59, 30, tzinfo=UTC)  # from the id; a day in the file
    assert (first["published_precision"], first["published_text"]) == ("second", "Sat, Nov 15, 2025")
    assert first["text"] == "Tháng hành động vì bình đẳng giới\nbắt đầu hôm nay"
    assert (first["account_name"], first["flags"]) == ("bdg_mau", None)
    assert reply["flags"] == "is_reply"
    assert rounded["permalink"].endswith(rounded["post_id"])  # the id was 1.99E+18, the link had it whole
    assert rounded["published_at"] == datetime(2025, 11, 20, 4, 5, 6, tzinfo=UTC)
    assert moved["flags"] == "time_differs_from_id"
    assert found.figures(first["post_id"]) == {
        "impressions": 1500,
        "likes": 20,
        "engagements": 90,
        "bookmarks": 3,
        "shares": 2,
        "follows": 1,
        "replies": 4,
        "reposts": 6,
        "profile_visits": 11,
        "detail_expands": 30,
        "url_clicks": 5,
        "hashtag_clicks": 2,
        "permalink_clicks": 1,
    }
    assert {m["grain"] for m in found.of("metric")} == {"post_lifetime"}
    assert (found.about.period_start, found.about.period_end) == (date(2025, 11, 15), date(2025, 12, 15))
    assert (found.about.exported_at, found.about.exported_evidence) == (datetime(2025, 12, 15, tzinfo=UTC), "at_least")
    assert found.about.account_name == "bdg_mau"


def test_ghost_rows_and_lost_ids_are_refused() -> None:
    assert [(r.row, r.rule) for r in reading("x_content", CONTENT).refused] == [(5, "damaged_id"), (7, "ghost_row")]


@pytest.mark.parametrize("id_", ["", "undefined", "-"])
def test_a_ghost_row_by_any_mark(tmp_path: Path, id_: str) -> None:
    file = tmp_path / "account_analytics_content.csv"
    header = CONTENT.read_text(encoding="utf-8").split("\n", 1)[0]
    ghost = f"{id_},,,https://x.com/bdg_mau/status/undefined" + ",0" * 13
    file.write_text(f"{header}\n{ghost}\n", encoding="utf-8")
    assert [r.rule for r in reading("x_content", file).refused] == ["ghost_row"]


def test_overview() -> None:
    found = reading("x_overview", EXPORTS / "x_overview" / "account_overview_analytics.csv")
    assert found.figures(None, date(2025, 11, 16)) == {
        "impressions": 8893,
        "likes": 19,
        "engagements": 164,
        "bookmarks": 5,
        "shares": 0,
        "follows": 5,
        "unfollows": 2,
        "replies": 7,
        "reposts": 1,
        "profile_visits": 104,
        "posts_created": 8,
        "video_views": 12,
        "media_views": 40,
    }
    assert {(m["grain"], m["day_zone"]) for m in found.of("metric")} == {("account_day", "UTC")}
    assert [(c.row, c.column, c.rule) for c in found.cells] == [(4, "Impressions", "abbreviated_number")]
    assert (found.about.period_start, found.about.period_end) == (date(2025, 11, 15), date(2025, 11, 17))


def test_legacy() -> None:
    found = reading("tw_activity_legacy", LEGACY)
    plain, promoted = found.posts().values()
    assert plain["published_at"] == datetime(2017, 4, 4, 0, 0, 21, tzinfo=UTC)  # the file has the minute
    assert plain["published_text"] == "2017-04-04 00:00 +0000"
    assert plain["flags"] is None
    assert found.figures(plain["post_id"]) == {
        "impressions": 120,
        "engagements": 6,
        "reposts": 1,
        "replies": 0,
        "likes": 3,
        "profile_visits": 1,
        "url_clicks": 0,
        "hashtag_clicks": 0,
        "detail_expands": 1,
        "permalink_clicks": 0,
        "follows": 0,
        "media_views": 20,
    }
    # whether its plain columns hold the paid part is not said
    assert promoted["flags"] == "promoted"
    assert found.figures(promoted["post_id"]) == {}
    assert [(c.row, c.rule) for c in found.cells] == [(3, "x.promoted")]
    assert found.about.account_name == "bdg_mau"


# ---- real files, beside the checkout --------------------------------------------------------------------------------


def test_real_overview(shared: Path) -> None:
    path = shared / "exports" / "x_analytics" / "account_overview_analytics_2025.csv"
    records = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    found = reading("x_overview", path)
    columns = {"impressions": 1, "engagements": 3, "follows": 6, "unfollows": 7, "replies": 8, "posts_created": 11}
    assert len(records) == 8
    for metric, place in columns.items():
        assert found.series(metric) == {
            datetime.strptime(r[0], "%a, %b %d, %Y").date(): float(r[place]) for r in records[1:]
        }
    assert not found.refused
    assert not found.cells
