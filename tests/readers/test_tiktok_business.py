"""TikTok Business Suite: day series with marks of absence, reach that is not added, videos checked by their ids."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reading_video import EXPORTS, claimants, found_in, reading

from campaignstats import metrics


def test_overview() -> None:
    found = reading("tt_business_overview", EXPORTS / "tt_business_overview" / "Overview.csv")
    assert found.figures(None, date(2025, 11, 15)) == {
        "views": 75155,
        "reach": 75134,
        "profile_visits": 539,
        "likes": 845,
        "shares": 244,
        "comments": 58,
        "phone_clicks": 2,  # the header ends in a blank
        "leads": 1,
        "net_followers": 100,
        "new_followers": 104,
        "lost_followers": 4,
    }
    assert "reach" not in found.figures(None, date(2025, 11, 14))  # NAN
    assert found.figures(None, date(2025, 11, 16))["net_followers"] == -6
    assert found.figures(None, date(2025, 11, 16))["likes"] == -3
    assert [(r.row, r.rule) for r in found.refused] == [(5, "columns.no_date")]
    assert {m["grain"] for m in found.of("metric")} == {"account_day"}
    assert metrics.registry()["reach"].sums_over == ()


def test_audience() -> None:
    found = reading("tt_business_audience", EXPORTS / "tt_business_audience" / "Audience.csv")
    assert found.series("followers") == {date(2025, 11, 15): 5210}  # "--" twice
    assert found.series("engaged_audience") == {date(2025, 11, 15): 1801, date(2025, 11, 16): 620}
    assert [(c.row, c.column, c.rule, c.value) for c in found.cells] == [
        (4, "Reached audience", "below_threshold", "<5")
    ]


def test_videos() -> None:
    found = reading("tt_business_videos", EXPORTS / "tt_business_videos" / "Videos.csv")
    plain, scheduled, resaved = found.posts().values()
    assert plain["published_at"] == datetime(2025, 11, 15, 1, 30, 9, tzinfo=UTC)
    assert (plain["published_zone"], plain["account_name"], plain.get("flags")) == ("UTC", "congan.mau", None)
    assert scheduled["flags"] == "time_differs_from_id"
    assert scheduled["published_at"] == datetime(2025, 11, 21, 1, 0, tzinfo=UTC)
    # a spreadsheet rewrote the time; the id still holds it
    assert resaved["published_at"] == datetime(2025, 11, 22, 8, 0, tzinfo=UTC)
    assert [(c.row, c.column, c.rule) for c in found.cells] == [(4, "Post time", "not_a_date")]
    assert found.figures(plain["post_id"]) == {"views": 12000, "likes": 300, "comments": 21, "shares": 18, "saves": 44}
    assert found.figures(scheduled["post_id"]) == {"views": 800, "likes": 9, "shares": 1, "saves": 0}


def test_dates_rewritten_by_excel_are_read_where_the_file_decides(tmp_path: Path) -> None:
    file = tmp_path / "Audience.csv"
    header = "Date;New followers;Total followers;Reached audience;Engaged audience\n"
    file.write_text(header + "11/9/2025;1;2;3;4\n11/14/2025;5;6;7;8\n", encoding="utf-8")
    found = reading("tt_business_audience", file)
    assert found.series("reach") == {date(2025, 11, 9): 3, date(2025, 11, 14): 7}
    file.write_text(header + "11/9/2025;1;2;3;4\n11/10/2025;5;6;7;8\n", encoding="utf-8")
    assert [r.rule for r in reading("tt_business_audience", file).refused] == ["not_a_date"] * 2


# ---- real files, beside the checkout --------------------------------------------------------------------------------


def _raw(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("name", "file", "columns"),
    [
        (
            "tt_business_overview",
            "business_suite_overview_en_2025.csv",
            {1: "views", 2: "reach", 5: "shares", 9: "net_followers", 11: "lost_followers"},
        ),
        (
            "tt_business_audience",
            "business_suite_audience_en_2025.csv",
            {1: "new_followers", 2: "followers", 3: "reach", 4: "engaged_audience"},
        ),
    ],
)
def test_real_series(shared: Path, name: str, file: str, columns: dict[int, str]) -> None:
    path = shared / "exports" / "tiktok_studio" / file
    found = reading(name, path)
    for place, metric in columns.items():
        expected = {
            date(*map(int, r[0].split("/"))): float(r[place]) for r in _raw(path)[1:] if r[place] not in ("--", "NAN")
        }
        assert found.series(metric) == expected
    assert not found.refused
    assert not found.cells


def test_the_two_overviews_are_told_apart(shared: Path) -> None:
    folder = shared / "exports" / "tiktok_studio"
    assert claimants(found_in(folder / "business_suite_overview_en_2025.csv")) == ["tt_business_overview"]
    assert claimants(found_in(folder / "overview_en_2026_365d.csv")) == ["tt_studio_overview"]
