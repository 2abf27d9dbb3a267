"""Days of platforms: sums by hand, gaps that stay gaps, and no line across a break, a clock or another set of pages."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_frames import accounts, of_posts, posts, values

from campaignstats import measures
from campaignstats.errors import ForbiddenSum

PACIFIC, VIETNAM = "America/Los_Angeles", "Asia/Ho_Chi_Minh"
WINDOW = (date(2025, 11, 15), date(2025, 12, 15))


def days(*rows, **same):
    """Daily views of facebook:1 from 20 November 2025, in Pacific days, changed by each row and by what all share."""
    start = pd.Timestamp("2025-11-20")
    made = [{"value": 10.0, "period_start": start + pd.Timedelta(days=n)} | row for n, row in enumerate(rows)]
    whole = {"item": "1", "item_kind": "account", "metric": "views", "grain": "account_day", "day_zone": PACIFIC}
    table = values(*made, **(whole | same))
    return table.assign(period_end=table["period_start"])


def test_accounts_add_up_day_by_day():
    of = pd.concat([days({}, {}), days({"value": 5.0}, {"value": 7.0}, item="2", account="facebook:2")])
    found = measures.daily(of, accounts({}, {}))
    assert found["value"].tolist() == [15, 17]
    assert found["n_accounts"].tolist() == [2, 2]
    assert found["segment"].unique().tolist() == [0]


def test_a_day_without_figures_is_missing_and_not_0():
    found = measures.daily(days({}, {"period_start": pd.Timestamp("2025-11-23")}), accounts({}))
    assert found["day"].dt.day.tolist() == [20, 21, 22, 23]
    assert found["value"].isna().tolist() == [False, True, True, False]
    assert found["n_missing"].tolist() == [0, 1, 1, 0]


def test_an_account_that_joins_begins_another_segment():
    of = pd.concat(
        [days({}, {}, {}), days({"period_start": pd.Timestamp("2025-11-22")}, item="2", account="facebook:2")]
    )
    found = measures.daily(of, accounts({}, {}))
    assert found["segment"].tolist() == [0, 0, 1]
    assert found["n_missing"].tolist() == [1, 1, 0]


def test_a_definition_that_changes_begins_another_segment():
    of = days(
        {"definition": "views.facebook.plays", "period_start": pd.Timestamp("2024-10-30")},
        {"definition": "views.facebook.plays", "period_start": pd.Timestamp("2024-10-31")},
        {"period_start": pd.Timestamp("2024-11-01")},
    )
    found = measures.daily(of, accounts({}))
    assert found[["definition", "segment"]].drop_duplicates().to_numpy().tolist() == [
        ["views.facebook", 0],
        ["views.facebook.plays", 1],
    ]
    weeks = measures.weekly(of, accounts({}))
    assert weeks[["definition", "n_days", "value"]].to_numpy().tolist() == [
        ["views.facebook", 1, 10],
        ["views.facebook.plays", 2, 20],
    ]


def test_days_by_two_clocks_are_never_one():
    of = pd.concat([days({}, {}), days({}, {}, item="2", account="facebook:2", day_zone="UTC")])
    found = measures.daily(of, accounts({}, {}))
    assert found.groupby("day_zone")["value"].sum().to_dict() == {PACIFIC: 20, "UTC": 20}
    assert found.groupby("segment")["day_zone"].nunique().tolist() == [1, 1]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["views.facebook", "views.facebook.public", "views.facebook.mcl"]),
            st.sampled_from([PACIFIC, "UTC", None]),
            st.integers(0, 9),
            st.sampled_from(["1", "2"]),
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda r: (r[0], r[1], r[2], r[3]),
    )
)
@settings(max_examples=60, deadline=None)
def test_every_row_of_any_mix_counts_by_one_definition_and_one_clock(drawn):
    start = pd.Timestamp("2025-11-20")
    of = days(
        *[
            {
                "definition": d,
                "day_zone": z,
                "period_start": start + pd.Timedelta(days=n),
                "item": i,
                "account": f"facebook:{i}",
            }
            for d, z, n, i in drawn
        ]
    )
    for found in (measures.daily(of, accounts({}, {})), measures.weekly(of, accounts({}, {}))):
        by = ["definition", "day_zone"]
        whole = of.assign(day_zone=of["day_zone"].fillna("unknown")).groupby(by)["value"].sum()
        assert found.groupby(by)["value"].sum().to_dict() == whole.to_dict()
    segments = measures.daily(of, accounts({}, {})).groupby("segment")
    assert (segments[["definition", "day_zone"]].nunique() == 1).all(axis=None)


def test_people_have_no_sum_and_so_no_row():
    assert measures.daily(days({}, metric="reach"), accounts({}), names=("reach",)).empty
    assert measures.weekly(days({}, metric="reach"), accounts({}), names=("reach",)).empty


def test_weeks_begin_on_monday_and_tell_what_they_lack():
    found = measures.weekly(days(*[{}] * 6), accounts({}))  # Thursday the 20th to Tuesday the 25th
    assert found[["week_start", "n_days", "value", "n_missing"]].to_numpy().tolist() == [
        [pd.Timestamp("2025-11-17"), 4, 40, 0],
        [pd.Timestamp("2025-11-24"), 2, 20, 0],
    ]


def test_undeclared_accounts_are_left_out():
    of = pd.concat([days({}), days({}, item="9", account="facebook:9")])
    assert measures.daily(of, accounts({}))["value"].tolist() == [10]


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        ("2025-11-13", "outside"),  # ends on the 14th, 15:00 in Vietnam
        ("2025-11-14", "partly"),  # from the 14th, 15:00, to the 15th, 15:00
        ("2025-11-15", "inside"),
        ("2025-12-14", "inside"),
        ("2025-12-15", "partly"),  # from the 15th, 15:00, to the 16th, 15:00
        ("2025-12-16", "outside"),
    ],
)
def test_a_pacific_day_is_no_vietnamese_day(day, inside):
    of = days({"period_start": pd.Timestamp(day)})
    assert measures.daily(of, accounts({}), window=WINDOW, timezone=VIETNAM)["inside"].tolist() == [inside]


def test_a_vietnamese_day_is_one_and_an_unknown_clock_is_not_trusted_at_the_edges():
    for zone, edge in ((VIETNAM, "inside"), ("account", "partly"), (None, "partly")):
        of = days(
            {"period_start": pd.Timestamp("2025-11-15")}, {"period_start": pd.Timestamp("2025-11-20")}, day_zone=zone
        )
        found = measures.daily(of, accounts({}), window=WINDOW, timezone=VIETNAM)
        assert found["inside"].tolist()[:: len(found) - 1] == [edge, "inside"]


def test_days_that_only_touch_the_window_raise_no_lower_bound_of_reach():
    told = posts({})
    numbers = pd.concat(
        [
            of_posts(told, reach=[100]),
            days({"period_start": pd.Timestamp("2025-11-14"), "value": 900.0}, metric="reach"),
            days({"period_start": pd.Timestamp("2025-11-20"), "value": 300.0}, metric="reach"),
        ]
    )
    places = pd.DataFrame({"code": [], "name": []})
    whole = measures.reach(told, numbers, accounts({}), places, window=WINDOW, timezone=VIETNAM).iloc[0]
    assert whole["lower"] == 300  # by dates alone it would be the same; by another clock 900
    early = numbers.assign(day_zone=numbers["day_zone"].where(numbers["value"] != 900, "Asia/Ho_Chi_Minh"))
    early["period_start"] = early["period_start"].mask(early["value"] == 900, pd.Timestamp("2025-11-15"))
    early["period_end"] = early["period_start"]
    assert measures.reach(told, early, accounts({}), places, window=WINDOW, timezone=VIETNAM).iloc[0]["lower"] == 900
    pacific = early.assign(day_zone=early["day_zone"].where(early["value"] != 900, PACIFIC))
    pacific["period_start"] = pacific["period_start"].mask(pacific["value"] == 900, pd.Timestamp("2025-12-15"))
    pacific["period_end"] = pacific["period_start"]
    assert measures.reach(told, pacific, accounts({}), places, window=WINDOW, timezone=VIETNAM).iloc[0]["lower"] == 300


def test_a_lifetime_total_older_than_its_definition_stands_apart():
    told = posts(
        {"platform": "youtube", "published_at": pd.Timestamp("2024-11-20T00:00Z")},
        {"platform": "youtube"},
    )
    found = measures.views(told, of_posts(told, views=[50, 7]))
    assert dict(zip(found["definition"], found["views"], strict=True)) == {
        "views.youtube": 7,
        "views.youtube|views.youtube.engaged": 50,
    }


def test_breaks_are_those_of_the_routes_in_use():
    of = days({}, metric="reach", definition="reach.facebook", route="mbs_account_day")
    found = measures.definition_breaks(of, window=WINDOW, baseline=(date(2024, 11, 15), date(2024, 12, 15)))
    assert found[["on", "kind", "inside"]].to_numpy().tolist() == [
        [pd.Timestamp("2025-11-15"), "possible", "window"],
        [pd.Timestamp("2026-06-15"), "possible", "after"],
    ]
    api = measures.definition_breaks(of.assign(route="graph_api_page"), window=WINDOW)
    assert api["kind"].tolist() == ["ended", "ended"]
    views = measures.definition_breaks(days({}, platform="youtube", route="yt_studio_totals"), window=WINDOW)
    assert views["inside"].tolist() == ["before"]


def test_the_sum_that_daily_asks_for_refuses_two_clocks():
    from campaignstats import metrics

    of = pd.concat([days({}), days({}, item="2", account="facebook:2", day_zone="UTC")])
    with pytest.raises(ForbiddenSum, match="R4"):
        metrics.checked_sum(of, over="account")
