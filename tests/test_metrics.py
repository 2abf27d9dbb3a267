"""The registry is whole, definitions change on their days, and every rule refuses by its name."""

import doctest
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


# -- the registry as a whole


GOLDEN = Path(__file__).parent / "golden"


def golden_metrics():
    """Every (metric, platform, reader) of the golden tables."""
    found = set()
    for file in sorted(GOLDEN.rglob("*.txt")):
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        reader = head.removeprefix("reader ").split(";")[0]
        for line in lines:
            if line.startswith("metric "):
                values = json.loads(line.split(" ", 2)[2])
                found.add((values["metric"], values["platform"], reader))
    return sorted(found)


def test_every_metric_of_every_golden_table_has_a_definition_with_meaning_and_source():
    assert len(golden_metrics()) > 100
    for name, platform, reader in golden_metrics():
        assert metrics.route(reader) is not None, f"no [[routes]] of metrics.toml fits the reader {reader}"
        for on in (None, date(2023, 6, 1), date(2024, 12, 1), date(2025, 11, 20), date(2026, 7, 1)):
            id = metrics.definition(name, platform, reader, on)
            for lang in words.LANGUAGES:
                assert metrics.definition_meaning(id, lang), (name, platform, reader)
            assert metrics.definition_source(id, reader), (name, platform, reader)


@pytest.mark.parametrize("name", sorted(metrics.registry()))
def test_definitions_and_breaks_agree(name):
    entry = metrics.metric(name)
    for found in entry.definitions:
        first, last = metrics.validity(found.id)
        assert first == found.valid_from
        assert last is None or first is None or first < last
        if first is None:
            continue
        # a definition that begins on a day took the place of another: the break says so
        for platform in found.platforms:
            earlier = [d for d in entry.definitions if platform in d.platforms and metrics.validity(d.id)[1] == first]
            assert earlier, f"{found.id} begins on {first}, and nothing holds before"
            changed = [b for b in metrics.breaks(name, platform) if b.kind == "changed" and b.on == first]
            assert changed, f"{found.id} begins on {first} without a break of that day"
    for found in entry.breaks:
        assert all([found.vi, found.en, found.source])
        assert set(found.platforms) <= set(schema.PLATFORMS)
        if found.kind == "changed":
            begins = [
                d for d in entry.definitions if d.valid_from == found.on and set(d.platforms) & set(found.platforms)
            ]
            assert begins, f"{name} counts otherwise from {found.on}, and no definition begins then"


def test_no_value_falls_under_two_definitions():
    readers = {reader for _, _, reader in golden_metrics()} | {"graph_api_posts", "any_reader"}
    for name, entry in metrics.registry().items():
        for platform in schema.PLATFORMS:
            for reader in readers:
                fits = [d for d in entry.definitions if metrics._fits(d, platform, reader)]
                keys = [(d.valid_from, metrics._closeness(d, reader)) for d in fits]
                assert len(keys) == len(set(keys)), (name, platform, reader)


def test_routes_say_what_they_are_in_both_languages():
    patterns = [r.pattern for r in metrics.routes()]
    assert len(patterns) == len(set(patterns))
    for found in metrics.routes():
        assert all([found.vi, found.en, found.source, found.label("vi") == found.vi])
    assert metrics.route("crowdtangle_posts").until == date(2024, 8, 14)
    assert metrics.route("mbs_fb_posts").label("en").startswith("Meta Business Suite")
    assert metrics.route("nobodys_reader") is None


def test_what_an_unstated_route_counts_is_never_taken_for_the_same():
    own = metrics.definition("views", "facebook", "mbs_fb_posts", date(2025, 11, 20))
    others = {
        metrics.definition("views", "facebook", reader, date(2025, 11, 20))
        for reader in ("crowdtangle_posts", "mcl_posts", "apify_fb_posts", "graph_api_posts", "nobodys_reader")
    }
    assert len(others) == 5
    assert own not in others
    assert metrics.definition_meaning("views.facebook.nobodys_reader", "en") == metrics.metric("views").meaning["en"]


def test_retirements_of_the_api_touch_files_exported_by_hand_only_perhaps():
    days = [date(2025, 11, 15), date(2026, 6, 15)]
    assert [b.on for b in metrics.breaks("reach", "facebook", "mbs_fb_posts", possible=True)] == days
    assert {b.kind for b in metrics.breaks("reach", "facebook", "graph_api_posts", possible=True)} == {"ended"}
    assert [b.on for b in metrics.breaks("impressions", "facebook", "graph_api_page")] == days


# -- two definitions, or days by two clocks, in one sum or one series


def days(*rows, **same):
    """Daily views of one Facebook page from 20 November 2025 on, changed by each row and by what all share."""
    whole = {
        "platform": "facebook",
        "item_kind": "account",
        "item": "1",
        "account": "facebook:1",
        "metric": "views",
        "definition": "views.facebook",
        "traffic": "total",
        "grain": "account_day",
        "day_zone": "America/Los_Angeles",
        "as_of": pd.Timestamp("2025-12-22", tz="UTC"),
        "value": 10.0,
        "evidence": "export",
    }
    table = pd.DataFrame(
        [whole | same | {"period_start": DAYS[0] + pd.Timedelta(days=5 + n)} | r for n, r in enumerate(rows)]
    )
    return table.assign(period_start=pd.to_datetime(table["period_start"]), period_end=table["period_start"])


def test_a_series_across_a_break_is_split():
    table = days(
        {"definition": "views.facebook.plays", "period_start": pd.Timestamp("2024-10-30")},
        {"definition": "views.facebook.plays", "period_start": pd.Timestamp("2024-10-31")},
        {"period_start": pd.Timestamp("2024-11-01")},
        {"period_start": pd.Timestamp("2024-11-02")},
    )
    found = metrics.checked_series(table.iloc[[3, 0, 2, 1]])
    assert found["segment"].tolist() == [0, 0, 1, 1]
    assert found["period_start"].is_monotonic_increasing
    with pytest.raises(ForbiddenSum, match="R2"):
        metrics.checked_sum(table, over="day")


def test_a_day_under_a_definition_that_did_not_hold_is_refused():
    for columns in (
        {"period_start": pd.Timestamp("2024-10-31")},
        {"definition": "views.facebook.plays", "period_start": pd.Timestamp("2024-11-01")},
    ):
        for refusing in (lambda t: metrics.checked_sum(t, over="day"), metrics.checked_series):
            with pytest.raises(ForbiddenSum) as refused:
                refusing(days(columns))
            assert refused.value.values["on"] == date(2024, 11, 1)


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("R2", {"metric": "reach", "definition": "reach.facebook"}),
        ("R2", {"platform": "instagram"}),
        ("R2", {"item": "2"}),
        ("R2", {"definition": None}),
        ("R2", {"evidence": "self_reported"}),
        ("R4", {"grain": "account_period"}),
        ("R4", {"grain": "post_day"}),
        ("R4", {"period_start": pd.NaT}),
        ("R6", {"traffic": "paid"}),
        ("R8", {"period_start": DAYS[0] + pd.Timedelta(days=5)}),
    ],
)
def test_what_is_no_one_series_is_refused_by_its_rule(rule, columns):
    with pytest.raises(ForbiddenSum) as refused:
        metrics.checked_series(days({}, columns))
    assert refused.value.values["rule"] == rule
    assert all(refused.value.message(lang).startswith(rule) for lang in words.LANGUAGES)


def test_people_may_stand_in_a_series_since_nothing_is_added():
    table = days({}, {}, metric="reach", definition="reach.facebook")
    assert metrics.checked_series(table)["segment"].tolist() == [0, 0]


ZONES = ("America/Los_Angeles", "UTC", "Asia/Ho_Chi_Minh", None)
MIXED = st.lists(
    st.tuples(
        st.sampled_from(["views.facebook", "views.facebook.public", "views.facebook.mcl"]), st.sampled_from(ZONES)
    ),
    min_size=2,
    max_size=12,
)


@given(MIXED)
@settings(max_examples=150, deadline=None)
def test_any_mix_of_definitions_or_clocks_is_refused_in_a_sum_and_split_in_a_series(rows):
    table = days(*[{"definition": definition, "day_zone": zone} for definition, zone in rows])
    n_kinds = len(set(rows))
    split = metrics.checked_series(table)
    assert split["segment"].nunique() == n_kinds
    assert len(split) == len(table)
    for _, part in split.groupby("segment"):
        assert len(set(zip(part["definition"], part["day_zone"].fillna(""), strict=True))) == 1
    for over in ("day", "account"):
        if n_kinds == 1:
            assert metrics.checked_sum(table, over=over)["value"].sum() == 10 * len(rows)
        else:
            with pytest.raises(ForbiddenSum) as refused:
                metrics.checked_sum(table, over=over)
            assert refused.value.values["rule"] in ("R2", "R4")


def test_a_lifetime_total_spans_a_break_if_its_post_is_older():
    row = {"metric": "views", "definition": "views.youtube", "grain": "post_lifetime", "period_start": pd.NaT}
    table = pd.DataFrame([row, row]).assign(
        period_end=pd.NaT, published_at=pd.to_datetime(["2024-11-20T00:00Z", "2025-11-20T00:00Z"], utc=True)
    )
    assert metrics.spans_break(table).tolist() == [True, False]
    assert metrics.spans_break(table.drop(columns="published_at")).tolist() == [False, False]


@pytest.mark.parametrize("route", ["apify_fb_posts", "fourcat_fb_posts", "zeeschuimer", "crowdtangle", "mcl_posts"])
@pytest.mark.parametrize("name", ["comments", "shares"])
def test_what_everybody_is_shown_is_not_the_platforms_own_count(name, route):
    assert metrics.definition(name, "facebook", route, None) == f"{name}.facebook.public"
    assert metrics.definition(name, "facebook", "mbs_fb_posts", None) == f"{name}.facebook"
    assert metrics.definition("comments", "instagram", route, None) == "comments.instagram.public"
    assert metrics.definition("likes", "instagram", route, None) == "likes.instagram.public"
    assert metrics.definition("comments", "facebook", "facepager", None) == "comments.facebook.graph"
    assert metrics.definition("reactions", "facebook", "apify_fb_posts", None) == "reactions.facebook.public"
    assert metrics.definition("reactions", "facebook", "crowdtangle", None) == "reactions.facebook.archive"
