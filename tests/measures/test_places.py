"""Participation and reach of places: three states, and what stands beside reach per 1,000."""

import numpy as np
import pandas as pd
import pytest
from invented_frames import accounts, of_posts, places, posts

from campaignstats import measures

FOUR = places({}, {}, {}, {})


def test_nothing_received_is_never_did_not_post():
    told = posts({}, {})
    who = accounts({}, {"place": "26001", "complete_source": True}, {"place": "26002"})
    found = measures.participation(told, who, FOUR).iloc[0]
    assert found.to_dict() == {
        "n_places": 4,
        "n_posted": 1,
        "n_complete_no_post": 1,
        "n_nothing_received": 2,
        "exact": False,
        "n_on_sheet_only": 0,
    }
    states = measures.reach_places(told, of_posts(told, reach=[1, 2]), who, FOUR)
    assert states["state"].tolist() == ["posted", "complete_no_post", "nothing_received", "nothing_received"]


def test_the_count_is_exact_only_where_every_other_place_is_complete():
    told = posts({})
    who = accounts({}, *[{"place": f"2600{i}", "complete_source": True} for i in (1, 2, 3)])
    assert measures.participation(told, who, FOUR)["exact"].tolist() == [True]
    # one of a place's two accounts is not complete: it may have posted
    half = accounts({}, *[{"place": f"2600{i}", "complete_source": True} for i in (1, 2, 3)], {"place": "26003"})
    assert measures.participation(told, half, FOUR)["exact"].tolist() == [False]


def test_places_known_by_their_own_sheet_alone_are_counted_apart():
    sheet = {"on_sheet": True}
    told = posts(sheet, {}, {"place": "26001"} | sheet, {"place": "26002"}, on_sheet=False)
    found = measures.participation(told, accounts({}), FOUR).iloc[0]
    assert (found["n_posted"], found["n_on_sheet_only"]) == (3, 1)


def test_the_province_is_no_place_of_its_own():
    told = posts({}, {"place": "75"})
    with_province = pd.concat([FOUR, places({"code": "75", "kind": "province"})], ignore_index=True)
    assert measures.participation(told, accounts({}), with_province)["n_places"].tolist() == [4]


def test_a_post_of_another_year_is_no_participation():
    assert measures.participation(posts({"period": "before"}), accounts({}), FOUR)["n_posted"].tolist() == [0]


def test_without_places_there_is_no_answer():
    assert measures.participation(posts({}), accounts({}), FOUR.iloc[:0]).empty


def test_reach_per_thousand_carries_its_bounds_and_population():
    told = posts({}, {"account": "facebook:2"}, {"place": "26001", "account": "facebook:3"})
    where = places({"population": 20_000}, {"population": None})
    found = measures.reach_places(
        told, of_posts(told, reach=[300, 200, 50]), accounts({}, {}, {"place": "26001"}), where
    )
    first, second = found.iloc[0], found.iloc[1]
    assert (first["lower"], first["upper"], first["n_accounts"]) == (300, 500, 2)
    assert (first["lower_per_1000"], first["upper_per_1000"]) == pytest.approx((15, 25))
    assert first["population_source"] == "an invented count"
    assert first["population_assumed"]
    assert (second["lower"], second["upper"]) == (50, 50)
    assert np.isnan(second["lower_per_1000"])


def test_a_places_population_caps_local_audiences_only():
    told = posts({}, {})
    where = places({"population": 400})
    numbers = of_posts(told, reach=[300, 200])
    local = measures.reach_places(told, numbers, accounts({"audience_local": True}), where).iloc[0]
    assert (local["lower"], local["upper"], local["capped"]) == (300, 400, True)
    anywhere = measures.reach_places(told, numbers, accounts({}), where).iloc[0]
    assert (anywhere["upper"], anywhere["capped"]) == (500, False)
