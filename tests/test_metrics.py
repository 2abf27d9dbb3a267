"""The registry is whole, definitions change on their days, and every rule refuses by its name."""

import doctest
from datetime import date

import numpy as np
import pandas as pd
import pytest

from campaignstats import metrics, schema, words
from campaignstats.errors import ForbiddenSum, MeasureError

NAMES = """
views impressions engaged_views reach viewers unique_viewers new_viewers returning_viewers reactions likes
dislikes comments shares saves follows unfollows followers new_followers lost_followers net_followers subscribers
subscribers_gained subscribers_lost interactions engagements engaged_audience total_clicks link_clicks url_clicks
other_clicks photo_clicks hashtag_clicks permalink_clicks detail_expands seconds_viewed average_seconds_viewed
watch_time_hours average_view_duration average_percentage_viewed stayed_to_watch average_views_per_viewer video_views
video_views_3s video_views_1m video_viewers_3s video_viewers_1m media_views thumbnail_impressions thumbnail_ctr
profile_visits page_visits earnings rpm cpm ad_cpm ad_impressions negative_feedback negative_feedback_users bookmarks
replies reposts quotes posts_created phone_clicks leads active_followers articles_views
"""


def values(**columns):
    """Two posts of one Facebook page with lifetime views of 10 and 20, changed by ``columns``."""
    row = {
        "platform": "facebook",
        "item_kind": "post",
        "item": ["p1", "p2"],
        "account": "facebook:1",
        "metric": "views",
        "definition": "views.facebook",
        "traffic": "total",
        "grain": "post_lifetime",
        "period_start": pd.NaT,
        "period_end": pd.NaT,
        "as_of": pd.Timestamp("2025-12-22", tz="UTC"),
        "value": [10.0, 20.0],
        "evidence": "export",
        "approximate": False,
    }
    return pd.DataFrame(row | columns, index=range(2))


@pytest.mark.parametrize("name", NAMES.split())
def test_the_registry_knows_what_readers_name(name):
    entry = metrics.metric(name)
    assert entry.unit in metrics.UNITS
    assert all([entry.label["vi"], entry.label["en"], entry.meaning["vi"], entry.meaning["en"]])
    if entry.unit in ("people", "rate"):
        assert entry.sums_over == ()
    for platform in schema.PLATFORMS:
        id = metrics.definition(name, platform, "any_reader", None)
        assert id.startswith(f"{name}.{platform}")
        assert metrics.definition_meaning(id, "vi")


def test_ids_of_definitions_are_unique_and_begin_with_metric_and_platform():
    seen = set()
    for name, entry in metrics.registry().items():
        for found in entry.definitions:
            assert found.id not in seen
            seen.add(found.id)
            assert found.id.startswith(tuple(f"{name}.{p}" for p in found.platforms))
            assert all([found.vi, found.en, found.source])
            assert set(found.platforms) <= set(schema.PLATFORMS)


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(MeasureError, match="reach"):
        metrics.metric("raech")
    with pytest.raises(MeasureError) as refused:
        metrics.metric("zzzzzz")
    assert "zzzzzz" in refused.value.message("vi")


def test_an_unknown_platform_names_the_nearest():
    with pytest.raises(MeasureError, match="facebook"):
        metrics.definition("views", "facebok", "mbs_fb_posts", None)


@pytest.mark.parametrize(
    ("platform", "route", "on", "id"),
    [
        ("facebook", "mbs_fb_posts", date(2024, 10, 31), "views.facebook.plays"),
        ("facebook", "mbs_fb_posts", date(2024, 11, 1), "views.facebook"),
        ("instagram", "mbs_ig_posts", date(2024, 7, 31), "views.instagram.plays"),
        ("instagram", "mbs_ig_posts", date(2024, 8, 1), "views.instagram"),
        ("youtube", "yt_studio_table", date(2025, 3, 30), "views.youtube.engaged"),
        ("youtube", "yt_studio_table", date(2025, 3, 31), "views.youtube"),
        ("youtube", "yt_studio_table", None, "views.youtube"),
        ("x", "x_content", date(2025, 11, 20), "views.x"),
    ],
)
def test_the_definition_is_the_one_of_the_day(platform, route, on, id):
    assert metrics.definition("views", platform, route, on) == id


def test_breaks_belong_to_metric_platform_and_route():
    assert [b.on for b in metrics.breaks("reach", "facebook", "graph_api_posts")] == [
        date(2025, 11, 15),
        date(2026, 6, 15),
    ]
    assert metrics.breaks("reach", "facebook", "mbs_fb_posts") == ()
    assert [b.on for b in metrics.breaks("views", "youtube", "yt_studio_table")] == [date(2025, 3, 31)]


def test_posts_of_one_account_add_up():
    table = metrics.checked_sum(values(), over="post")
    assert table[["account", "value", "n", "n_missing"]].values.tolist() == [["facebook:1", 30.0, 2, 0]]


def test_accounts_add_up_within_a_platform():
    table = metrics.checked_sum(values(account=["facebook:1", "facebook:2"]), over="account")
    assert table["value"].tolist() == [30.0]
    assert metrics.checked_sum(values(account=["facebook:1", "facebook:2"]), over="post")["value"].tolist() == [10, 20]


def test_days_add_up():
    days = pd.to_datetime(["2025-11-15", "2025-11-16"])
    table = metrics.checked_sum(
        values(item_kind="account", item="1", grain="account_day", period_start=days, period_end=days), over="day"
    )
    assert table["value"].tolist() == [30.0]


def test_missing_is_not_zero_and_rounded_values_are_not_added():
    assert metrics.checked_sum(values(value=[10.0, np.nan]), over="post")[
        ["value", "n", "n_missing"]
    ].values.tolist() == [[10.0, 1, 1]]
    nothing = metrics.checked_sum(values(value=[np.nan, np.nan]), over="post")
    assert nothing["value"].isna().all()
    assert metrics.checked_sum(values(approximate=[True, False]), over="post")["value"].tolist() == [20.0]


def test_an_empty_frame_sums_to_an_empty_table():
    for over in ("post", "day", "account", "platform"):
        table = metrics.checked_sum(values().iloc[:0], over=over)
        assert table.empty
        assert {"value", "n", "n_missing"} <= set(table)


DAYS = pd.to_datetime(["2025-11-15", "2025-11-16"])
FORBIDDEN = [
    ("R1", "post", {"metric": "reach"}),
    ("R1", "day", {"metric": "viewers", "grain": "account_day", "period_start": DAYS, "period_end": DAYS}),
    ("R1", "account", {"metric": "unique_viewers"}),
    ("R1", "platform", {"metric": "followers"}),
    ("R2", "platform", {}),
    ("R2", "post", {"platform": ["facebook", "youtube"]}),
    ("R2", "post", {"definition": ["views.facebook", "views.facebook.plays"]}),
    ("R2", "post", {"definition": ["views.facebook", None]}),
    ("R2", "post", {"metric": ["views", "shares"]}),
    ("R2", "post", {"evidence": ["export", "self_reported"]}),
    (
        "R2",
        "account",
        {
            "platform": "youtube",
            "definition": "views.youtube.engaged",
            "grain": "post_period",
            "period_start": pd.Timestamp("2025-03-01"),
            "period_end": pd.Timestamp("2025-04-30"),
        },
    ),
    ("R3", "post", {"metric": "average_percentage_viewed"}),
    ("R3", "post", {"metric": "average_seconds_viewed"}),
    ("R4", "post", {"as_of": pd.Series([pd.Timestamp("2025-12-22"), pd.NaT])}),
    ("R4", "post", {"grain": ["post_lifetime", "post_period"]}),
    ("R4", "day", {}),
    ("R4", "post", {"item_kind": "account", "grain": "account_period"}),
    ("R6", "post", {"traffic": ["total", "paid"]}),
    ("R6", "post", {"traffic": ["organic", "paid"]}),
    ("R8", "post", {"item": "p1", "metric": ["views", "impressions"], "value": 10.0}),
    ("R8", "post", {"item": "p1"}),
    ("R8", "post", {"item": "p1", "as_of": pd.to_datetime(["2025-12-22", "2025-12-29"])}),
]


@pytest.mark.parametrize(("rule", "over", "columns"), FORBIDDEN)
def test_a_forbidden_sum_names_its_rule(rule, over, columns):
    with pytest.raises(ForbiddenSum) as refused:
        metrics.checked_sum(values(**columns), over=over)
    assert refused.value.values["rule"] == rule
    for lang in words.LANGUAGES:
        assert refused.value.message(lang).startswith(rule)


def test_what_one_sums_over_is_one_of_four():
    with pytest.raises(MeasureError, match="week"):
        metrics.checked_sum(values(), over="week")


def test_summing_leaves_the_input_alone():
    before = values()
    metrics.checked_sum(before, over="post")
    pd.testing.assert_frame_equal(before, values())


def test_the_examples_of_the_docstrings_run():
    assert doctest.testmod(metrics).failed == 0
