"""Reach, views and age against arithmetic done by hand."""

import numpy as np
import pandas as pd
import pytest
from invented_frames import AS_OF, accounts, of_posts, places, posts, values

from campaignstats import measures


def row(table, **keys):
    kept = table
    for column, value in keys.items():
        kept = kept[kept[column] == value]
    assert len(kept) == 1
    return kept.iloc[0]


def bounds(table, scope="campaign", group="all"):
    found = row(table, scope=scope, group=group)
    return found["lower"], found["upper"]


def test_reach_of_one_account_lies_between_its_largest_post_and_the_sum():
    told = posts({}, {}, {})
    found = measures.reach(told, of_posts(told, reach=[300, 200, None]), accounts({}), places({}))
    whole = row(found, scope="campaign")
    assert (whole["lower"], whole["upper"], whole["n_posts"], whole["n_missing"]) == (300, 500, 3, 1)
    assert whole["definition"] == "reach.facebook"
    assert not whole["capped"]
    assert bounds(found, "platform", "facebook") == (300, 500)
    assert bounds(found, "owner_level", "commune") == (300, 500)


def test_reach_of_accounts_is_nested_or_apart():
    told = posts({}, {"account": "facebook:2"}, {"account": "youtube:3", "platform": "youtube"})
    numbers = pd.concat(
        [of_posts(told.iloc[:2], reach=[300, 200]), of_posts(told.iloc[2:], unique_viewers=[450])], ignore_index=True
    )
    who = accounts({}, {}, {"account": "youtube:3", "platform": "youtube", "owner_level": "province"})
    found = measures.reach(told, numbers, who, places({}), population=4_490_000)
    assert bounds(found) == (450, 950)
    assert bounds(found, "platform", "facebook") == (300, 500)
    assert bounds(found, "owner_level", "province") == (450, 450)
    assert row(found, scope="campaign")["definition"] == "reach.facebook|unique_viewers.youtube"


def test_views_never_stand_in_for_people():
    told = posts({})
    found = measures.reach(told, of_posts(told, views=[900]), accounts({}), places({}))
    whole = row(found, scope="campaign")
    assert np.isnan([whole["lower"], whole["upper"]]).all()
    assert whole["n_missing"] == 1


def test_a_population_caps_only_where_every_audience_is_local():
    told = posts({}, {"account": "facebook:2"})
    numbers = of_posts(told, reach=[700, 600])
    same_place = places({"population": 1_000})
    for local, upper, capped, population in ((True, 1000, True, 1000), (False, 1300, False, None)):
        who = accounts({"audience_local": True}, {"audience_local": local})
        whole = row(measures.reach(told, numbers, who, same_place, population=1_000), scope="campaign")
        assert (whole["lower"], whole["upper"], whole["capped"]) == (700, upper, capped)
        assert (None if pd.isna(whole["population"]) else whole["population"]) == population


def test_local_audiences_of_different_places_add_up():
    told = posts({}, {"account": "facebook:2"}, {"account": "facebook:3"})
    numbers = of_posts(told, reach=[700, 600, 650])
    local = {"audience_local": True}
    who = accounts(local, local | {"place": "26001"}, {"place": "26001"})
    found = measures.reach(told, numbers, who, places({}, {}))
    assert bounds(found) == (1300, 1950)
    # without knowing that they are local, all may be the same people
    assert bounds(measures.reach(told, numbers, accounts({}, {}, {}), places({}, {}))) == (700, 1950)


def test_reach_above_the_population_is_no_cap():
    told = posts({})
    who = accounts({"audience_local": True})
    found = measures.reach(told, of_posts(told, reach=[700]), who, places({"population": 500}), population=600)
    assert bounds(found) == (700, 700)
    assert not found["capped"].any()


def test_an_accounts_days_raise_the_bounds_inside_the_window():
    told = posts({}, {})
    days = pd.to_datetime(["2025-11-14", "2025-11-20", "2025-11-21"])
    daily = values(
        *[{"item": "1", "metric": "viewers", "value": v} for v in (5000.0, 350.0, 100.0)],
        item_kind="account",
        grain="account_day",
    ).assign(period_start=days, period_end=days)
    numbers = pd.concat([of_posts(told, reach=[300, 200]), daily], ignore_index=True)
    window = (pd.Timestamp("2025-11-15").date(), pd.Timestamp("2025-12-15").date())
    found = measures.reach(told, numbers, accounts({}), places({}), window=window)
    assert bounds(found) == (350, 500)
    assert row(found, scope="campaign")["definition"] == "reach.facebook|viewers.facebook"
    assert bounds(measures.reach(told, numbers, accounts({}), places({}))) == (300, 500)


def test_known_overlaps_of_platforms_narrow_both_ends():
    told = posts({}, {"platform": "youtube", "account": "youtube:2"}, {"platform": "tiktok", "account": "tiktok:3"})
    numbers = of_posts(told, reach=[1_200_000, 350_000, 800_000])
    who = accounts({}, {"account": "youtube:2", "platform": "youtube"}, {"account": "tiktok:3", "platform": "tiktok"})
    plain = measures.reach(told, numbers, who, places({}))
    assert bounds(plain) == (1_200_000, 2_350_000)
    known = measures.reach(told, numbers, who, places({}), overlaps={("facebook", "youtube"): 280_000})
    assert bounds(known) == (1_270_000, 2_070_000)


def test_focus_areas_use_masked_themes():
    told = posts({"themes": "a|b", "themes_masked": "a"}, {"themes_masked": "b"}, {"themes_masked": "c"})
    numbers = of_posts(told, reach=[10, 20, 40])
    found = measures.reach(told, numbers, accounts({}), places({}), focus_areas={"1": ("a",), "2": ("b", "c")})
    assert bounds(found, "focus", "1") == (10, 10)
    assert bounds(found, "focus", "2") == (40, 60)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"traffic": "paid"},
        {"evidence": "self_reported"},
        {"approximate": True},
        {"as_of": pd.NaT},
        {"grain": "post_day"},
    ],
)
def test_values_that_may_not_be_measured_with_are_missing(spoilt):
    told = posts({})
    numbers = of_posts(told, reach=[300], views=[400]).assign(**spoilt)
    found = measures.reach(told, numbers, accounts({}), places({}))
    assert row(found, scope="campaign")["n_missing"] == 1
    assert measures.views(told, numbers)["views"].isna().all()


def test_unavailable_posts_and_other_periods_are_left_out():
    told = posts({}, {"status": "unavailable"}, {"period": "before"}, {"period": None})
    numbers = of_posts(told, reach=[1, 10, 100, 1000])
    assert bounds(measures.reach(told, numbers, accounts({}), places({}))) == (1, 1)
    assert bounds(measures.reach(told, numbers, accounts({}), places({}), period="before")) == (100, 100)


def test_views_add_up_within_a_definition_only():
    told = posts({}, {}, {"platform": "youtube", "account": "youtube:2"}, {})
    numbers = of_posts(told, views=[100, 50, 7, None])
    numbers.loc[1, "definition"] = "views.facebook.plays"
    found = measures.views(told, numbers).set_index(["platform", "definition"])
    assert found["views"].to_dict() == {
        ("facebook", "views.facebook"): 100,
        ("facebook", "views.facebook.plays"): 50,
        ("youtube", "views.youtube"): 7,
    }
    assert found["n_missing"].tolist() == [1, 1, 0]


def test_a_platform_without_views_is_counted_by_impressions_and_says_so():
    told = posts({"platform": "x", "account": "x:1"}, {"platform": "zalo", "account": "zalo:1"})
    found = measures.views(told, of_posts(told, impressions=[12, None]))
    assert found[["platform", "definition"]].values.tolist()[0] == ["x", "impressions.x"]
    assert found["views"].iloc[0] == 12
    assert pd.isna(found["views"].iloc[1])
    assert found["n_missing"].tolist() == [0, 1]


def test_a_period_across_a_break_is_left_out():
    told = posts({"platform": "youtube", "account": "youtube:1"}, {"platform": "youtube", "account": "youtube:1"})
    numbers = of_posts(told, views=[100, 50]).assign(
        grain="post_period",
        period_start=pd.to_datetime(["2025-03-01", "2025-04-01"]),
        period_end=pd.Timestamp("2025-04-30"),
    )
    found = measures.views(told, numbers)
    assert found[["views", "n_missing"]].values.tolist() == [[50, 1]]


def test_the_newest_value_wins_and_a_lifetime_total_before_a_period():
    told = posts({})
    numbers = pd.concat(
        [
            of_posts(told, views=[100]).assign(as_of=AS_OF - pd.Timedelta(days=9)),
            of_posts(told, views=[130]),
            of_posts(told, views=[900]).assign(
                grain="post_period", period_start=pd.Timestamp("2025-11-15"), period_end=pd.Timestamp("2026-01-15")
            ),
        ],
        ignore_index=True,
    )
    assert measures.views(told, numbers)["views"].tolist() == [130]


def test_age_counts_old_young_and_unknown_posts():
    told = posts(
        {"published_at": AS_OF - pd.Timedelta(days=7)},
        {"published_at": AS_OF - pd.Timedelta(days=6, hours=23)},
        {"published_at": pd.NaT},
        {},
    )
    numbers = of_posts(told, views=[1, 2, 3, None])
    found = measures.age(told, numbers, age_days=7)
    assert found.values.tolist() == [["facebook", 4, 1, 1, 2, 7]]
    assert measures.views(told, numbers, min_age_days=7)["views"].tolist() == [1]


def test_sectors_say_who_did_what():
    told = posts(
        {"themes_masked": "a|b"}, {"themes_masked": "b"}, {"sector": "police", "account": "facebook:2", "themes": None}
    )
    who = accounts({}, {"sector": "police"}, {"sector": "youth"})
    found = measures.sectors(told, of_posts(told, reach=[10, 20, None]), who, places({})).set_index("sector")
    assert found.loc["women", ["n_accounts", "n_posts", "reach_lower", "reach_upper", "top_theme"]].tolist() == [
        1,
        2,
        20,
        30,
        "b",
    ]
    assert found.loc["police", "n_missing"] == 1
    assert found.loc["youth", "n_posts"] == 0
    assert found.loc[["police", "youth"], "reach_lower"].isna().all()


def test_views_read_off_a_screen_are_told_apart():
    told = posts({}, {}, {})
    numbers = of_posts(told, views=[100, 50, None])
    numbers.loc[1, "evidence"] = "screen"
    found = measures.views(told, numbers).iloc[0]
    assert found[["n_posts", "n_on_screen", "n_missing", "views"]].tolist() == [2, 1, 1, 150]


def test_a_day_told_under_two_names_counts_once():
    told = posts({"account": "facebook:9"})
    days = pd.to_datetime(["2025-11-20", "2025-11-20", "2025-11-21"])
    daily = values(
        *[{"item": "1", "metric": m, "value": v} for m, v in (("reach", 300.0), ("viewers", 320.0), ("viewers", 50.0))],
        item_kind="account",
        grain="account_day",
    ).assign(period_start=days, period_end=days)
    window = (pd.Timestamp("2025-11-15").date(), pd.Timestamp("2025-12-15").date())
    found = measures.reach(told, daily, accounts({}), places({}), window=window)
    assert bounds(found) == (320, 370)
