"""Pull-through of messages against arithmetic done by hand."""

import numpy as np
import pandas as pd
import pytest
from invented_frames import comments, of_posts, posts

from campaignstats import measures
from campaignstats.estimate.concentration import gini

NOTHING_SAID = comments({"reception_kind": "owner"})


def row(table, **keys):
    kept = table[np.logical_and.reduce([table[column] == value for column, value in keys.items()])]
    assert len(kept) == 1
    return kept.iloc[0]


def test_pull_through_counts_copies_once_and_leaves_shares_out():
    told = posts(
        {"themes_masked": "a", "text_key": "same"},
        {"themes_masked": "a", "text_key": "same", "account": "facebook:2"},
        {"themes_masked": "a|b"},
        {"themes_masked": ""},
        {"themes_masked": None},
        {"themes_masked": "b", "is_share": True},
    )
    numbers = of_posts(told, reach=[10, 30, 40, 20, 500, 900])
    found = measures.messages(told, numbers, NOTHING_SAID, themes=["a", "b", "c"])
    a = row(found, side="owned", code="a", masked=True)
    assert (a["n_items"], a["n_hits"], a["n_missing"]) == (3, 2, 1)
    assert a["share"] == pytest.approx(2 / 3)
    # every copy was reached on its own: 10 + 30 + 40 of 100
    assert a["weighted_share"] == pytest.approx(0.8)
    assert a["reach_gini"] == pytest.approx(gini([10, 30, 40, 20]))
    assert row(found, side="owned", code="b", masked=True)["share"] == pytest.approx(1 / 3)
    assert row(found, side="owned", code="c", masked=True)[["n_hits", "share"]].tolist() == [0, 0]
    assert not found["corrected"].any()


def test_a_focus_area_is_hit_by_any_of_its_themes_once():
    told = posts({"themes_masked": "a|b"}, {"themes_masked": "b"}, {"themes_masked": "c"}, {"themes_masked": ""})
    found = measures.messages(
        told, of_posts(told, reach=[1, 1, 1, 1]), NOTHING_SAID, themes=["a"], focus_areas={"1": ("a", "b"), "2": ()}
    )
    assert row(found, side="owned", scope="focus_area", code="1", masked=True)["share"] == 0.5
    assert row(found, side="owned", scope="focus_area", code="2", masked=True)["share"] == 0


def test_masked_and_plain_stand_side_by_side():
    told = posts({"themes": "a|b", "themes_masked": "b"}, {"themes": "a", "themes_masked": ""})
    found = measures.messages(told, of_posts(told, reach=[1, None]), NOTHING_SAID, themes=["a"])
    assert row(found, side="owned", code="a", masked=True)["share"] == 0
    plain = row(found, side="owned", code="a", masked=False)
    assert plain["share"] == 1
    assert plain["n_missing_reach"] == 1


def test_earned_is_opinions_and_shares_by_others():
    told = posts(
        {"themes_masked": "a"},
        {"themes_masked": "a", "is_share": True, "declared": False},
        {"themes_masked": "a", "is_share": True},
    )
    said = comments(
        {"themes_masked": "a"},
        {"themes_masked": ""},
        {"themes_masked": None},
        {"themes_masked": "a", "reception_kind": "copy"},
        {"themes_masked": "a", "reception_kind": "institution"},
        {"themes_masked": "a", "reception_kind": "owner"},
        {"themes_masked": "a", "period": "after"},
    )
    earned = row(measures.messages(told, of_posts(told, reach=[1, 1, 1]), said), side="earned", code="a", masked=True)
    assert (earned["n_items"], earned["n_hits"], earned["n_missing"]) == (3, 2, 1)
    assert np.isnan(earned["weighted_share"])


def test_weighted_shares_have_intervals_over_accounts():
    told = posts(*[{"account": f"facebook:{i % 12}", "themes_masked": "a" if i % 12 < 6 else ""} for i in range(36)])
    found = measures.messages(told, of_posts(told, reach=range(10, 46)), NOTHING_SAID)
    a = row(found, side="owned", code="a", masked=True)
    assert a["interval"] == "bootstrap"
    assert a["weighted_low"] < a["weighted_share"] < a["weighted_high"]


def test_weeks_begin_on_monday():
    told = posts(
        {"day": pd.Timestamp("2025-11-16"), "themes_masked": "a"},
        {"day": pd.Timestamp("2025-11-17"), "themes_masked": "a"},
        {"day": pd.Timestamp("2025-11-23"), "themes_masked": ""},
        {"day": pd.NaT, "themes_masked": "a"},
    )
    found = measures.message_weeks(told, comments({"day": pd.Timestamp("2025-11-18")}), themes=["a"])
    owned = found[found["side"] == "owned"]
    assert owned["week_start"].dt.strftime("%Y-%m-%d").tolist() == ["2025-11-10", "2025-11-17"]
    assert owned[["n_items", "n_hits", "share"]].values.tolist() == [[1, 1, 1], [2, 1, 0.5]]
    assert found[found["side"] == "earned"][["n_items", "n_hits"]].values.tolist() == [[1, 0]]
