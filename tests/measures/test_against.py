"""The year before, comparable or why not, and targets that posts can answer."""

from datetime import date

import pandas as pd
import pytest
from invented_frames import accounts, comments, of_posts, places, posts

from campaignstats import measures
from campaignstats.campaign import Bilingual, Target

BEFORE = {"period": "before", "published_at": pd.Timestamp("2024-11-20T03:00:00Z"), "day": pd.Timestamp("2024-11-20")}
SAID = comments({}, {}, {"period": "before"})


def two_years(**changed):
    """Two posts now and one a year before, each measured 32 days after it was published."""
    told = posts({}, {}, BEFORE | changed)
    numbers = of_posts(told, views=[100, 50, 60], reach=[80, 40, 30])
    numbers.loc[numbers["item"] == "p3", "as_of"] = pd.Timestamp("2024-12-22T00:00:00Z")
    return told, numbers


def compared(told, numbers, **options):
    found = measures.year_before(told, numbers, SAID, accounts({}), places({}), **options)
    return found.set_index("measure")


def test_like_is_compared_with_like():
    found = compared(*two_years())
    assert found["comparable"].all()
    assert found["reason"].isna().all()
    assert found[["now", "before"]].T.to_dict("list") == {
        "posts": [2, 1],
        "places": [1, 1],
        "reach": [80, 30],
        "views.facebook": [150, 60],
        "comments": [2, 1],
    }


def test_no_baseline_and_no_files_are_said():
    told, numbers = two_years()
    assert set(compared(told, numbers, has_baseline=False)["reason"]) == {"no_baseline"}
    now_only = told[told["period"] == "during"]
    found = compared(now_only, numbers)
    assert set(found["reason"]) == {"missing_files"}
    assert found.loc["posts", "now"] == 2
    assert found.drop(index="comments")["before"].isna().all()


@pytest.mark.parametrize(("days", "year"), [(45, False), (329, False), (330, True), (365, True), (700, False)])
def test_the_weeks_before_a_campaign_are_no_year_before(days, year):
    found = compared(*two_years(), days_before=days)
    assert found["comparable"].all() == year
    if not year:
        assert set(found["reason"]) == {"other_window"}
        assert found["before"].isna().all()
        assert found.loc["posts", "now"] == 2


def test_a_merger_forbids_the_comparison():
    options = {"merged_on": date(2025, 7, 1), "baseline_end": date(2024, 12, 15)}
    assert set(compared(*two_years(), **options)["reason"]) == {"merger"}
    options["merged_on"] = date(2023, 7, 1)
    assert compared(*two_years(), **options)["comparable"].all()


def test_a_changed_definition_forbids_it_for_that_measure():
    told, numbers = two_years()
    numbers.loc[(numbers["item"] == "p3") & (numbers["metric"] == "views"), "definition"] = "views.facebook.plays"
    found = compared(told, numbers)
    assert found.loc["views.facebook", ["comparable", "reason"]].tolist() == [False, "definition_changed"]
    assert found.loc["reach", "comparable"]


def test_totals_of_another_age_are_not_compared():
    told, numbers = two_years()
    found = compared(told, numbers.assign(as_of=pd.Timestamp("2025-12-22T00:00:00Z")))
    assert found.loc["views.facebook", "reason"] == "other_age"
    assert found.loc["posts", "comparable"]


def test_other_accounts_are_not_compared():
    assert set(compared(*two_years(account="facebook:2"))["reason"]) == {"other_accounts"}


@pytest.mark.parametrize(
    ("measure", "unit", "value", "complete", "answer", "reason", "now"),
    [
        ("participation", "%", 50, False, "met", None, 50),
        ("participation", "xã", 1, False, "met", None, 1),
        ("participation", "%", 100, False, "cannot_tell", "at_least", 50),
        ("participation", "%", 100, True, "not_met", None, 50),
        ("access", "%", 90, True, "cannot_tell", "not_measured_online", None),
    ],
)
def test_targets_are_answered_only_by_what_is_known(measure, unit, value, complete, answer, reason, now):
    target = Target(measure, value, date(2025, 12, 15), "Plan 1", Bilingual("mục tiêu", "target"), unit)
    who = accounts({}, {"place": "26001", "complete_source": complete})
    found = measures.targets(posts({}), who, places({}, {}), declared=[target]).iloc[0]
    assert found["answer"] == answer
    assert (None if pd.isna(found["reason"]) else found["reason"]) == reason
    assert (None if pd.isna(found["now"]) else found["now"]) == now


def test_a_survey_may_answer_what_posts_cannot():
    target = Target("access", 90, date(2030, 12, 31), "Plan 15", Bilingual("tiếp cận", "access"))
    found = measures.targets(posts({}), accounts({}), places({}), declared=[target], known={"access": 91})
    assert found[["now", "answer"]].values.tolist() == [[91, "met"]]


def test_participation_without_places_cannot_be_told():
    target = Target("participation", 95, date(2025, 12, 15), "Plan 1", Bilingual("a", "b"), "xã")
    found = measures.targets(posts({}), accounts({}), places({}).iloc[:0], declared=[target])
    assert found[["answer", "reason"]].values.tolist() == [["cannot_tell", "no_places"]]


def test_former_places_and_pages_count_for_what_is_there_in_their_stead():
    before = {
        "period": "before",
        "day": pd.Timestamp("2024-11-20"),
        "published_at": pd.Timestamp("2024-11-20T03:00:00Z"),
    }
    told = posts(
        {"account": "facebook:9", "place": "26000"},
        before | {"account": "facebook:8", "place": "11"},
        before | {"account": "facebook:9", "place": "12"},
    )
    frames = told, of_posts(told, reach=[9, 5, 7]), comments({}), accounts({"account": "facebook:9"}), places({})
    plain = measures.year_before(*frames).set_index("measure")
    assert plain.loc["posts", "reason"] == "other_accounts"
    assert plain.loc["places", "before"] == 0  # the communes of then are none of today's
    options = {"successors": {"11": "26000", "12": "26000"}, "continued_by": {"facebook:8": "facebook:9"}}
    found = measures.year_before(*frames, **options).set_index("measure")
    assert found.loc["posts", ["now", "before", "comparable", "n_former"]].tolist() == [1, 2, True, 2]
    assert found.loc["places", ["now", "before"]].tolist() == [1, 1]
    merged = measures.year_before(*frames, **options, merged_on=date(2025, 7, 1), baseline_end=date(2024, 12, 15))
    assert set(merged["reason"]) == {"merger"}
