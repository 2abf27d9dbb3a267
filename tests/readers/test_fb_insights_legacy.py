"""The old Facebook Insights: descriptions tell what a column counts; windows are left out; days are proved."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reading_video import EXPORTS, reading

POSTS = EXPORTS / "fb_insights_legacy_posts"
PAGE = EXPORTS / "fb_insights_legacy_page"
NAME = "Facebook Insights Data Export ({} Level) - Trang mau Song Xanh - {}"
CSV = POSTS / (NAME.format("Post", "2021-12-01") + ".csv")


def traffic(found, post_id: str) -> dict[tuple[str, str], float]:
    return {(m["metric"], m["traffic"]): m["value"] for m in found.of("metric") if m["item"] == post_id}


def test_the_id_joins_to_business_suite_and_names_the_page() -> None:
    found = reading("fb_insights_legacy_posts", CSV)
    assert list(found.posts()) == [f"40000000000000{n}" for n in (1, 2, 3, 4)]
    assert {p["account_id"] for p in found.of("post")} == {"300000000000001"}
    assert found.of("account") == [
        {"platform": "facebook", "account_id": "300000000000001", "name": "Trang mau Song Xanh", "handle": None}
    ]
    # the midnight that began 1 December in Vietnam
    assert found.about.exported_at == datetime(2021, 11, 30, 17, tzinfo=UTC)
    assert found.about.exported_evidence == "file_name"


def test_descriptions_tell_people_from_times() -> None:
    found = reading("fb_insights_legacy_posts", CSV)
    first, clip = traffic(found, "400000000000001"), traffic(found, "400000000000002")
    # "Negative feedback" counts people and "Negative Feedback from Users" counts times: the names suggest the opposite
    assert first["negative_feedback_users", "total"] == 2
    assert first["negative_feedback", "total"] == 3
    assert clip["video_views_3s", "organic"] == 210
    assert clip["video_viewers_3s", "organic"] == 180
    assert (first["engaged_audience", "total"], first["clickers", "total"], first["total_clicks", "total"]) == (
        85, 80, 120
    )  # fmt: skip
    assert [first[m, "total"] for m in ("likes", "comments", "shares")] == [61, 7, 4]
    assert [first["reach", t] for t in ("total", "organic", "paid")] == [1200, 900, 310]
    assert "average_seconds_viewed" not in {m for m, _ in clip}  # the export does not say in what unit


def test_empty_cells_are_no_zeros() -> None:
    third = traffic(reading("fb_insights_legacy_posts", CSV), "400000000000003")
    assert third["negative_feedback", "total"] == 0
    assert not {"engaged_audience", "likes", "comments", "shares"} & {m for m, _ in third}


def test_times_are_month_first_and_pacific_is_said_to_be_assumed() -> None:
    found = reading("fb_insights_legacy_posts", CSV)
    posts = found.posts()
    assert posts["400000000000001"]["published_at"] == datetime(2021, 11, 16, 5, tzinfo=UTC)  # winter: 8 hours
    assert posts["400000000000002"]["published_at"] == datetime(2017, 7, 17, 22, 0, 13, tzinfo=UTC)  # summer: 7 hours
    assert posts["400000000000004"]["flags"] == "zone_assumed|time_ambiguous"
    assert all("zone_assumed" in p["flags"] for p in posts.values())
    assert ("fb_legacy.pacific_assumed", {}) in found.about.notes
    assert ("fb_legacy.part_exceeds_total", {"rows": 1}) in found.about.notes  # 8 organic of 5


def test_without_descriptions_no_column_is_guessed() -> None:
    found = reading("fb_insights_legacy_posts", POSTS / "no_descriptions.csv")
    metrics = {m["metric"] for m in found.of("metric")}
    assert {"reach", "impressions", "likes"} <= metrics
    assert not {"negative_feedback", "negative_feedback_users", "video_views_3s", "video_viewers_3s"} & metrics
    assert "Lifetime Organic Video Views" in dict(found.about.notes)["fb_legacy.undescribed"]["columns"]


def test_what_excel_did_to_posts() -> None:
    found = reading("fb_insights_legacy_posts", POSTS / "excel_semicolons.csv")
    assert [(r.row, r.rule) for r in found.refused] == [(5, "damaged_id"), (9, "meta.post_twice")]
    assert [(c.row, c.column, c.rule) for c in found.cells] == [
        (3, "Lifetime Post Total Reach", "not_whole"),
        (4, "Lifetime Post Total Impressions", "rounded_number"),
        (6, "Posted", "not_a_date"),
    ]
    saved = found.posts()["400000000000005"]
    assert (saved["flags"], saved["account_id"]) == ("id_from_link|zone_assumed", "300000000000001")
    assert [s.reason for s in found.skipped] == ["meta.repeated_row"]  # the header in the middle is structure
    dates = reading("fb_insights_legacy_posts", POSTS / "excel_dates.xlsx")
    assert [c.rule for c in dates.cells] == ["meta.date_reordered"]


def test_old_workbooks() -> None:
    found = reading("fb_insights_legacy_posts", POSTS / (NAME.format("Post", "2021-12-02") + ".xls"))
    of_csv = reading("fb_insights_legacy_posts", CSV)
    of_stories = {"likes", "comments", "shares"}
    for post in ("400000000000001", "400000000000002"):
        expected = {k: v for k, v in traffic(of_csv, post).items() if k[0] not in of_stories}
        assert traffic(found, post) == expected
    assert dict(found.about.notes)["fb_legacy.sheets_unread"]["sheets"] == "Lifetime Post Stories by act..."


def days(found, metric: str, of: str = "total") -> dict[date, float]:
    return {m["period_start"]: m["value"] for m in found.of("metric") if (m["metric"], m["traffic"]) == (metric, of)}


def test_days_of_a_page() -> None:
    found = reading("fb_insights_legacy_page", PAGE / (NAME.format("Page", "2021-11-16") + ".csv"))
    assert {(m["grain"], m["day_zone"]) for m in found.of("metric")} == {("account_day", "America/Los_Angeles")}
    assert days(found, "reach")[date(2021, 11, 14)] == 860
    assert days(found, "page_likes")[date(2021, 11, 8)] == 5000
    assert (days(found, "page_visits")[date(2021, 11, 8)], days(found, "page_visitors")[date(2021, 11, 8)]) == (60, 48)
    # a day of empty cells and a day that isn't there are missing, not 0
    assert {date(2021, 11, 11), date(2021, 11, 13)}.isdisjoint(days(found, "reach"))
    notes = dict(found.about.notes)
    assert notes["fb_legacy.missing_days"] == {"days": 2}


def test_figures_of_7_and_28_days_are_left_out() -> None:
    found = reading("fb_insights_legacy_page", PAGE / (NAME.format("Page", "2021-11-16") + ".csv"))
    assert dict(found.about.notes)["fb_legacy.rolling"] == {"columns": 4}
    assert max(m["value"] for m in found.of("metric") if m["metric"] in ("reach", "engaged_audience")) < 1000


@pytest.mark.parametrize(
    ("file", "known", "refused"),
    [
        (NAME.format("Page", "2021-11-15") + ".xls", [date(2021, 11, d) for d in range(8, 14)], []),
        ("excel_day_first_proved.xlsx", [date(2021, 11, d) for d in range(10, 15)], []),
        ("excel_one_day_unproved.xlsx", [], ["meta.date_reordered"]),
        (
            "excel_semicolons_month_first.csv",
            [date(2021, 11, d) for d in (8, 9, 10, 11, 13, 14, 15)],
            ["not_a_date", "meta.day_twice", "not_a_date"],
        ),
    ],
)
def test_days_that_excel_touched(file: str, known: list[date], refused: list[str]) -> None:
    found = reading("fb_insights_legacy_page", PAGE / file)
    assert sorted(days(found, "page_likes")) == known
    assert [r.rule for r in found.refused] == refused
    turned = dict(found.about.notes).get("daily.turned")
    assert turned == ({"days": 2} if "proved" in file and "un" not in file else None)


def test_the_teaching_data_set_is_refused_by_name() -> None:
    whole = reading("fb_insights_teaching", EXPORTS / "fb_insights_teaching" / "dataset_Facebook.csv").whole
    assert whole is not None
    assert whole.rule == "fb_legacy.teaching"


def test_every_figure_of_the_real_file(shared: Path) -> None:
    """Looked up by the column's place: the values of the first post are those of its columns, 8 to 18."""
    file = shared / "exports" / "facebook_insights_legacy" / "post_level_two_header_rows_2015.csv"
    found = reading("fb_insights_legacy_posts", file)
    with file.open(encoding="utf-8", newline="") as raw:
        header, described, *posts = csv.reader(raw)
    places = {
        ("reach", "total"): 8, ("reach", "organic"): 9, ("reach", "paid"): 10, ("impressions", "total"): 11,
        ("impressions", "organic"): 12, ("impressions", "paid"): 13, ("engaged_audience", "total"): 14,
        ("clickers", "total"): 15, ("total_clicks", "total"): 16, ("negative_feedback_users", "total"): 17,
        ("negative_feedback", "total"): 18,
    }  # fmt: skip
    for cells in posts:
        id_ = cells[0].split("_")[1]
        assert traffic(found, id_) == {of: float(cells[i]) for of, i in places.items()}
    for (metric, _), i in places.items():
        people = metric in ("reach", "engaged_audience", "clickers", "negative_feedback_users")
        assert described[i].endswith("(Unique Users)" if people else "(Total Count)"), header[i]
    assert not found.refused
    assert not found.cells
    assert found.of("account")[0]["account_id"] == posts[0][0].split("_")[0]
