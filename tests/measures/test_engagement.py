"""Rates and concentration against arithmetic done by hand."""

import numpy as np
import pandas as pd
import pytest
from invented_frames import comments, of_posts, posts

from campaignstats import measures, metrics
from campaignstats.estimate.concentration import gini

NOTHING_SAID = comments({"post_id": "p99"})


def rates(told, numbers, said=NOTHING_SAID, **options):
    return measures.engagement(told, numbers, said, **options).set_index("measure")


def test_a_rate_is_a_ratio_of_sums_and_no_mean_of_rates():
    told = posts({}, {"account": "facebook:2"})
    numbers = of_posts(told, reactions=[9, 10], comments=[0, 0], shares=[1, 0], reach=[10, 990], views=[20, 1980])
    found = rates(told, numbers)
    assert found.loc["engagement_rate_by_reach", "rate"] == pytest.approx(100 * 20 / 1000)
    assert found.loc["engagement_rate_by_views", "rate"] == pytest.approx(100 * 20 / 2000)
    assert found.loc["amplification_rate", "rate"] == pytest.approx(100 * 1 / 1000)
    assert found.loc["applause_rate", "rate"] == pytest.approx(100 * 19 / 1000)
    assert found.loc["conversation_rate", "rate"] == 0
    assert found.loc["engagement_rate_by_reach", "actions"] == "reactions|comments|shares"
    assert set(found["interval"]) == {"leave_one_account_out"}
    by_reach = found.loc["engagement_rate_by_reach"]
    assert (by_reach["low"], by_reach["high"]) == pytest.approx((100 * 10 / 990, 100 * 10 / 10))


def test_only_posts_with_both_figures_count():
    told = posts({}, {}, {})
    numbers = of_posts(told, reactions=[5, 5, None], comments=[1, 1, 1], shares=[0, 0, 0], reach=[100, None, 100])
    found = rates(told, numbers).loc["engagement_rate_by_reach"]
    assert (found["rate"], found["n_posts"], found["n_missing"]) == (6, 1, 2)
    assert found["interval"] == "none"


def test_figures_of_different_grains_have_no_ratio():
    told = posts({})
    numbers = of_posts(told, reactions=[5], comments=[1], shares=[0], reach=[100])
    numbers.loc[numbers["metric"] == "reach", ["grain", "period_start", "period_end"]] = [
        "post_period",
        pd.Timestamp("2025-11-15"),
        pd.Timestamp("2025-12-15"),
    ]
    found = rates(told, numbers).loc["engagement_rate_by_reach"]
    assert np.isnan(found["rate"])
    assert found["n_missing"] == 1


def test_figures_read_off_the_public_page_later_do_not_take_the_place_of_the_export():
    told = posts({})
    own = of_posts(told, reactions=[50], comments=[10], shares=[5], views=[1000])
    shown = of_posts(told, views=[3]).assign(definition="views.facebook.shown")
    later = shown.assign(as_of=pd.Timestamp("2026-06-01", tz="UTC"))
    both = pd.concat([own, later], ignore_index=True)
    found = rates(told, both).loc["engagement_rate_by_views"]
    assert (found["definition"], found["rate"]) == ("views.facebook", pytest.approx(6.5))
    assert measures.views(told, both)[["definition", "views"]].to_numpy().tolist() == [["views.facebook", 1000]]
    alone = pd.concat([own[own["metric"] != "views"], later], ignore_index=True)
    assert rates(told, alone).loc["engagement_rate_by_views", "definition"] == "views.facebook.shown"


@pytest.mark.parametrize("name", ["reactions", "comments", "shares"])
def test_what_everybody_is_shown_does_not_take_the_place_of_the_export_in_a_rate(name):
    told = posts({})
    own = of_posts(told, reactions=[50], comments=[10], shares=[5], reach=[1000])
    shown = metrics.definition(name, "facebook", "apify_fb_posts", None)
    later = own[own["metric"] == name].assign(
        value=1, definition=shown, route="apify_fb_posts", as_of=pd.Timestamp("2026-06-01", tz="UTC")
    )
    of = ["conversation_rate", "amplification_rate", "applause_rate", "engagement_rate_by_reach"]
    both = rates(told, pd.concat([own, later], ignore_index=True))
    assert both.loc[of, "rate"].tolist() == pytest.approx([1.0, 0.5, 5.0, 6.5])


def test_two_definitions_of_views_are_two_rates():
    told = posts({}, {})
    numbers = of_posts(told, reactions=[5, 5], comments=[0, 0], shares=[0, 0], views=[100, 50])
    numbers.loc[numbers["item"].eq("p2") & numbers["metric"].eq("views"), "definition"] = "views.facebook.plays"
    found = rates(told, numbers).loc["engagement_rate_by_views"].set_index("definition")["rate"]
    assert found.to_dict() == {"views.facebook": 5, "views.facebook.plays": 10}


def test_an_action_that_a_platform_never_gives_is_left_out_of_the_name():
    told = posts({"platform": "youtube", "account": "youtube:1"})
    found = rates(told, of_posts(told, likes=[4], views=[100]))
    assert found.loc["engagement_rate_by_views", ["actions", "rate"]].tolist() == ["likes", 4]
    assert np.isnan(found.loc["engagement_rate_by_reach", "rate"])


def test_applause_is_named_for_what_the_platform_gives():
    told = posts({"platform": "instagram", "account": "instagram:1"})
    found = rates(told, of_posts(told, likes=[4], reach=[100])).loc["applause_rate"]
    assert found[["actions", "rate"]].tolist() == ["likes", 4]


def test_the_platforms_own_total_stands_in_where_parts_are_not_given():
    told = posts({}, {})
    found = rates(told, of_posts(told, interactions=[4, 6], reach=[100, 100]))
    assert found.loc["engagement_rate_by_reach", ["actions", "rate"]].tolist() == ["interactions", 5]


def test_the_pages_own_replies_are_no_conversation():
    told = posts({})
    numbers = of_posts(told, comments=[10], reach=[100])
    said = comments({"is_owner": True}, {"reception_kind": "owner"}, {})
    assert rates(told, numbers, said).loc["conversation_rate", "rate"] == 8
    assert rates(told, numbers).loc["conversation_rate", "rate"] == 10


def test_many_accounts_have_a_bootstrap():
    told = posts(*[{"account": f"facebook:{i % 12}"} for i in range(48)])
    numbers = of_posts(told, reactions=range(48), comments=[1] * 48, shares=[0] * 48, reach=[1000] * 48)
    found = rates(told, numbers).loc["engagement_rate_by_reach"]
    assert found["interval"] == "bootstrap"
    assert found["low"] < found["rate"] < found["high"]
    again = rates(told, numbers, seed=2).loc["engagement_rate_by_reach"]
    assert again["low"] != found["low"]
    assert rates(told, numbers, few_accounts=13).loc["engagement_rate_by_reach", "interval"] == "leave_one_account_out"


def test_concentration_of_views_and_reach():
    told = posts(*[{"account": f"facebook:{1 + (i > 0)}"} for i in range(7)])
    views = [100, 10, 10, 10, 10, 10, 50]
    found = measures.concentration(told, of_posts(told, views=views, reach=[1, 2, 3, 4, 5, 6, None]))
    by_views, by_reach = found.set_index("metric").loc["views"], found.set_index("metric").loc["reach"]
    assert by_views["gini"] == pytest.approx(gini(views))
    assert by_views["top5_share"] == pytest.approx(180 / 200)
    assert by_views["top_account_share"] == pytest.approx(0.5)
    assert by_views["interval"] == "leave_one_account_out"
    assert by_reach["gini"] == pytest.approx(gini([1, 2, 3, 4, 5, 6]))
    assert by_reach["n_missing"] == 1
    assert by_reach[["top5_share", "top_account_share"]].isna().all()


def test_five_posts_have_no_five_largest():
    told = posts(*[{} for _ in range(5)])
    found = measures.concentration(told, of_posts(told, views=[9, 1, 1, 1, 1])).iloc[0]
    assert pd.isna(found["top5_share"])
    assert found["top_account_share"] == 1
