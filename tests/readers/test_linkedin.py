"""LinkedIn: two sheets in one file, days that may fall below zero, rates, ids that tell the time, what Excel does."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reading_video import EXPORTS, reading

from campaignstats import campaign, gather
from campaignstats.readers.linkedin import _made
from campaignstats.store import Store

CONTENT = EXPORTS / "li_content"
BOOK = CONTENT / "songxanh-mau_content_1764547200000.xls"
FOLLOWERS = EXPORTS / "li_followers"
VISITORS = EXPORTS / "li_visitors"
FIRST, CLIP, LATE = "7395558733905921234", "7397106411110401234", "7391761190092801234"


def days(found, metric: str, traffic: str = "total") -> dict[date, float]:
    return {
        m["period_start"]: m["value"]
        for m in found.of("metric")
        if m["item_kind"] == "account" and (m["metric"], m["traffic"]) == (metric, traffic)
    }


def of_post(found, post: str) -> dict[tuple[str, str], float]:
    return {(m["metric"], m["traffic"]): m["value"] for m in found.of("metric") if m.get("item") == post}


def test_both_sheets_of_one_workbook() -> None:
    found = reading("li_content", BOOK)
    assert {(m["grain"], m.get("day_zone")) for m in found.of("metric")} == {
        ("account_day", "UTC"),
        ("post_lifetime", None),
    }
    assert list(days(found, "impressions")) == [date(2025, 11, d) for d in (15, 16, 17, 18)]
    assert list(found.posts()) == [FIRST, CLIP, LATE]
    assert found.about.exported_at == datetime(2025, 12, 1, tzinfo=UTC)  # the milliseconds in the file's name
    assert found.about.exported_evidence == "file_name"
    # the second sheet's rows are numbered behind those of the first
    assert dict(found.about.notes)["linkedin.rows_go_on"] == {"rows": "All posts: 7"}


def test_days_below_zero_and_rates() -> None:
    found = reading("li_content", BOOK)
    assert list(days(found, "reactions").values()) == [4, 4, 3, 4]
    assert list(days(found, "comments").values()) == [0, 0, -1, 0]
    assert days(found, "reach", "organic")[date(2025, 11, 15)] == 80  # unique impressions: people
    assert days(found, "engagement_rate", "organic")[date(2025, 11, 15)] == 10  # per cent of a fraction
    assert of_post(found, FIRST)["click_through_rate", "total"] == 3.33


def test_an_advertised_post_has_parts_and_no_total() -> None:
    clip = of_post(reading("li_content", BOOK), CLIP)
    assert (clip["impressions", "organic"], clip["impressions", "paid"]) == (400, 2500)
    assert {traffic for _, traffic in clip} == {"organic", "paid"}
    assert {traffic for _, traffic in of_post(reading("li_content", BOOK), FIRST)} == {"total"}


def test_the_id_tells_the_second_and_checks_the_date() -> None:
    posts = reading("li_content", BOOK).posts()
    assert posts[FIRST]["published_at"] == datetime(2025, 11, 15, 20, 30, 5, tzinfo=UTC)
    assert (posts[FIRST]["published_precision"], posts[FIRST]["flags"]) == ("second", "time_from_id")
    # an id of 5 November under a date of 28 November, as drafts have it: the date stays, flagged
    assert posts[LATE]["published_at"] == datetime(2025, 11, 28, tzinfo=UTC)
    assert (posts[LATE]["published_precision"], posts[LATE]["flags"]) == ("day", "time_differs_from_id")


def test_activity_and_share_of_one_post_were_made_together() -> None:
    """The ids in LinkedIn's own example of one post (Compliance Events API): 87 milliseconds apart."""
    made = [_made(id_) for id_ in ("6422861848709726123", "6422861848344821123")]
    assert made == [datetime(2018, 7, 11, 17, 19, 55, tzinfo=UTC)] * 2
    assert (6422861848709726123 >> 22) - (6422861848344821123 >> 22) == 87


def test_names_of_people_who_posted_are_not_kept() -> None:
    found = reading("li_content", BOOK)
    assert "Người Mẫu" not in repr(found.rows)
    assert "Posted by" in dict(found.about.notes)["linkedin.columns_left_out"]["columns"]


def test_older_names_of_sheets_and_columns() -> None:
    found = reading("li_content", CONTENT / "songxanh-mau_updates_1640995200000.xls")
    assert list(days(found, "reposts")) == [date(2021, 12, d) for d in (27, 28, 29)]
    assert [s.reason for s in found.skipped] == ["linkedin.other_sheet"] * 2
    assert dict(found.about.notes)["linkedin.sheets_unread"] == {"sheets": "Notes"}
    (post,) = found.of("post")
    assert of_post(found, post["post_id"])["reposts", "total"] == 2


def test_what_excel_did_to_days() -> None:
    found = reading("li_content", CONTENT / "metrics_semicolons.csv")
    assert [(c.row, c.rule) for c in found.cells] == [(4, "grouped_number"), (5, "grouped_number")]
    assert [(r.row, r.rule) for r in found.refused] == [
        (6, "not_a_date")
    ]  # a total that a person added never gets here
    turned = reading("li_content", CONTENT / "excel_dates_turned.xlsx")
    assert list(days(turned, "impressions")) == [date(2025, 11, d) for d in (11, 12, 13)]
    assert ("daily.turned", {"days": 1}) in turned.about.notes


def test_a_post_s_turned_date_is_turned_back_only_where_its_id_proves_it() -> None:
    found = reading("li_content", CONTENT / "excel_dates_turned.xlsx")
    proved, unproved = found.of("post")
    assert proved["published_at"] == datetime(2025, 11, 5, 9, tzinfo=UTC)
    assert proved["flags"] == "time_from_id|date_turned"
    assert "published_at" not in unproved
    assert [c.rule for c in found.cells] == ["meta.date_reordered"]


def test_what_is_refused_of_posts() -> None:
    found = reading("li_content", CONTENT / "all_posts.csv")
    assert [(r.row, r.rule) for r in found.refused] == [
        (6, "linkedin.no_post_id"),
        (7, "linkedin.post_type_unknown"),
        (8, "linkedin.post_twice"),
    ]
    assert [(c.row, c.column, c.rule) for c in found.cells] == [(3, "Engagement rate", "linkedin.rate_above_one")]
    assert of_post(found, FIRST)["click_through_rate", "total"] == 3.33  # written "3.33%"
    assert [s.reason for s in found.skipped] == ["meta.repeated_row"]


def test_followers_are_new_ones_and_that_is_proved() -> None:
    found = reading("li_followers", FOLLOWERS / "songxanh-mau_followers_1764547200000.xls")
    assert days(found, "new_followers") == {date(2025, 11, 15): 4, date(2025, 11, 16): 2, date(2025, 11, 17): 0}
    assert [(r.row, r.rule) for r in found.refused] == [(5, "linkedin.followers_sum"), (11, "linkedin.group_twice")]
    groups = {(a["dimension"], a["group"]): a["value"] for a in found.of("audience")}
    assert groups[("location", "Biên Hòa, Vietnam")] == 300
    assert groups[("company_size", "2-10")] == 30
    assert {a["unit"] for a in found.of("audience")} == {"people"}
    old = reading("li_followers", FOLLOWERS / "new_followers_old.csv")
    assert days(old, "new_followers") == {date(2022, 1, 2): 1, date(2022, 1, 3): 2}


@pytest.mark.parametrize("file", ["songxanh-mau_visitors_1764547200000.xls", "visitors.csv"])
def test_visitors_are_those_of_all_sections(file: str) -> None:
    found = reading("li_visitors", VISITORS / file)
    # the last two of 24 columns that end in (total): 10 + 20 and 10 + 23
    assert days(found, "page_visits")[date(2025, 11, 15)] == 30
    assert days(found, "page_visitors")[date(2025, 11, 15)] == 33
    assert {m["metric"] for m in found.of("metric")} == {"page_visits", "page_visitors"}


def test_gathered_under_the_page_s_name(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / BOOK.name).write_bytes(BOOK.read_bytes())
    (tmp_path / "campaign.toml").write_text(
        '[campaign]\nid = "li"\nname = { vi = "LinkedIn", en = "LinkedIn" }\ntimezone = "Asia/Ho_Chi_Minh"\n'
        'language = "vi"\n[window]\nstart = 2025-11-15\nend = 2025-12-15\n',
        encoding="utf-8",
    )
    (report,) = gather.gather(campaign.load(tmp_path), processes=1).files
    assert (report.format, report.state, report.read, report.kept) == ("li_content", "read", 8, 8)
    store = Store(tmp_path / "tables")
    assert set(store.frame("post")["account_id"]) == set(store.frame("metric")["account_id"]) == {"name:songxanh-mau"}
