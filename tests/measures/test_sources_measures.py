"""Completeness by week, self-reported figures, activities, context."""

from datetime import date

import pandas as pd
from invented_frames import accounts, activities, of_posts, posts, values

from campaignstats import measures
from campaignstats.campaign import Bilingual, ContextFigure

WINDOW = (date(2025, 11, 15), date(2025, 12, 15))


def test_an_empty_week_is_unknown_until_the_files_say_otherwise():
    told = posts({"day": pd.Timestamp("2025-11-18")}, {"day": pd.Timestamp("2025-11-19")})
    who = accounts({}, {"complete_source": True}, {})
    measured = of_posts(told, views=[1, 2]).assign(as_of=pd.Timestamp("2025-12-08T00:00:00Z"))
    found = measures.completeness(told, measured, who, window=WINDOW)
    assert found["week_start"].dt.strftime("%m-%d").unique().tolist() == [
        "11-10",
        "11-17",
        "11-24",
        "12-01",
        "12-08",
        "12-15",
    ]
    states = found.groupby("account")["state"].agg(list)
    # measured on 8 December: the weeks before are known to be empty, those after and before the first post are not
    assert states["facebook:1"] == ["no_source", "posts", "no_posts", "no_posts", "no_source", "no_source"]
    assert set(states["facebook:2"]) == {"no_posts"}
    assert set(states["facebook:3"]) == {"no_source"}
    assert found["n_posts"].sum() == 2


def test_self_reported_figures_stand_apart():
    told = values(
        {"item": "p1", "metric": "views", "value": 100.0},
        {"item": "p2", "metric": "views", "value": None},
        {"item": "p3", "metric": "views", "value": 50.0},
        {"item": "p1", "metric": "reach", "value": 80.0},
        evidence="self_reported",
    )
    whole = pd.concat([told, values({"item": "p1", "metric": "views", "value": 7.0})], ignore_index=True)
    found = measures.self_reported(whole).set_index("metric")
    assert found.loc["views", ["n_items", "n_missing", "value_sum"]].tolist() == [3, 1, 150]
    assert pd.isna(found.loc["reach", "value_sum"])


def test_self_reported_figures_are_in_no_other_measure():
    told = posts({})
    numbers = of_posts(told, views=[100], reach=[50]).assign(evidence="self_reported")
    assert measures.views(told, numbers)["views"].isna().all()
    assert measures.reach(told, numbers, accounts({}), pd.DataFrame({"code": [], "name": []}))["lower"].isna().all()


def test_activities_add_up_by_kind_and_missing_is_not_zero():
    found = measures.activities(
        activities(
            {"people": 40, "sessions": 1}, {"people": 25}, {"kind": "leaflet", "copies": 500}, {"kind": "leaflet"}
        )
    ).set_index("kind")
    assert found.loc["session", ["n", "people", "sessions"]].tolist() == [2, 65, 1]
    assert pd.isna(found.loc["session", "copies"])
    assert found.loc["leaflet", ["n", "n_missing", "copies"]].tolist() == [2, 1, 500]


def test_context_figures_keep_their_order_and_source():
    figures = [
        ContextFigure(Bilingual("một", "one"), "32,35 %", date(2025, 10, 1), "interview"),
        ContextFigure(Bilingual("hai", "two"), "35 %", date(2025, 10, 1), "interview"),
    ]
    found = measures.context_figures(figures=figures, lang="en")
    assert found[["name", "value"]].values.tolist() == [["one", "32,35 %"], ["two", "35 %"]]
    assert found["date"].tolist() == [pd.Timestamp("2025-10-01")] * 2
