"""Snapshots: what fell, what vanished and from when, what overlaps, what stands twice; and nothing is merged."""

import pandas as pd
import pytest
from invented_frames import DURING, accounts, history, posts, sightings

from campaignstats import measures, words
from campaignstats.measures.snapshots import fall_cause

EARLY, LATE, LAST = "2025-11-25", "2025-12-22", "2026-01-05"


def test_a_total_that_grows_is_no_news():
    assert measures.fallen(
        history({"value": 5, "as_of": EARLY}, {"value": 5, "as_of": LATE}, {"value": 9, "as_of": LAST})
    ).empty


def test_a_total_that_fell_is_told_with_both_values_days_and_cause():
    (row,) = measures.fallen(
        history({"value": 9, "as_of": EARLY, "metric": "comments"}, {"value": 4, "as_of": LATE, "metric": "comments"})
    ).to_dict("records")
    assert (row["item"], row["metric"], row["before"], row["after"]) == ("p1", "comments", 9, 4)
    assert (row["as_of_before"], row["as_of_after"]) == (pd.Timestamp(EARLY), pd.Timestamp(LATE))
    assert row["cause"] == "deleted"


def test_only_successive_snapshots_are_compared():
    found = measures.fallen(
        history({"value": 10, "as_of": LAST}, {"value": 12, "as_of": EARLY}, {"value": 8, "as_of": LATE})
    )
    assert found[["before", "after"]].to_numpy().tolist() == [[12, 8]]


@pytest.mark.parametrize(
    ("metric", "earlier", "later", "cause"),
    [
        ("views", "2025-11-25", "2025-12-22", "correction"),
        ("reactions", "2025-11-25", "2025-12-22", "taken_back"),
        ("comments", "2025-11-25", "2025-12-22", "deleted"),
        ("reach", "2025-12-01", "2025-12-22", "estimate"),
        ("reach", "2025-11-10", "2025-12-22", "break"),
    ],
)
def test_the_likely_cause(metric, earlier, later, cause):
    found = measures.fallen(
        history({"value": 9, "as_of": earlier, "metric": metric}, {"value": 4, "as_of": later, "metric": metric})
    )
    assert found["cause"].tolist() == [cause]
    for lang in words.LANGUAGES:
        assert words.text(f"metrics.cause.{cause}", lang)


def test_another_definition_is_a_cause_of_its_own():
    found = measures.fallen(
        history(
            {"value": 9, "as_of": "2024-10-20", "definition": "views.facebook.plays"},
            {"value": 4, "as_of": LATE},
        )
    )
    assert found[["definition", "cause"]].to_numpy().tolist() == [["views.facebook.plays|views.facebook", "definition"]]
    instant = pd.Timestamp(EARLY, tz="UTC")
    assert fall_cause("views", "facebook", instant, instant, same_definition=True) == "correction"


@pytest.mark.parametrize(
    "columns",
    [
        {"metric": "average_seconds_viewed"},
        {"metric": "average_percentage_viewed"},
        {"metric": "subscribers_net"},
        {"approximate": True},
        {"evidence": "self_reported"},
        {"grain": "post_period"},
    ],
)
def test_what_may_fall_of_itself_is_left_out(columns):
    assert measures.fallen(history({"value": 9, "as_of": EARLY}, {"value": 4, "as_of": LATE}, **columns)).empty


def test_traffic_and_metrics_are_never_mixed():
    found = measures.fallen(
        history(
            {"value": 9, "as_of": EARLY},
            {"value": 4, "as_of": LATE, "traffic": "paid"},
            {"value": 3, "as_of": LATE, "metric": "shares"},
        )
    )
    assert found.empty


def test_what_a_tool_read_off_the_page_did_not_fall_from_what_was_exported():
    own, read = ({"metric": "comments", "value": v, "as_of": day} for v, day in ((10, EARLY), (6, LATE)))
    assert measures.fallen(history(own, read | {"route": "apify_fb_posts"})).empty
    assert len(measures.fallen(history(own, read))) == 1
    assert len(measures.fallen(history(own, read, route=None))) == 1


def test_two_files_of_one_moment_did_not_fall():
    assert measures.fallen(history({"value": 9, "as_of": EARLY}, {"value": 4, "as_of": EARLY})).empty


def seen(*rows, **same):
    """p1 and p2 early; p1 and another post late: p2 vanished, unless ``rows`` or ``same`` say otherwise."""
    usual = [
        {"post_id": "p1", "export": "e1", "as_of": EARLY},
        {"post_id": "p2", "export": "e1", "as_of": EARLY},
        {"post_id": "p1", "export": "e2", "as_of": LATE},
    ]
    return sightings(*usual, *rows, **same)


def test_a_post_that_a_later_export_should_hold_vanished():
    (row,) = measures.vanished(seen()).to_dict("records")
    assert (row["post_id"], row["state"], row["n_exports"]) == ("p2", "absent", 1)
    assert (row["last_seen"], row["missing_from"]) == (pd.Timestamp(EARLY), pd.Timestamp(LATE))


@pytest.mark.parametrize(
    "same",
    [
        {"lists_all": False},  # a top list, a capped table
        {"published_at": pd.NaT},
        {"published_at": pd.Timestamp("2025-11-01T12:00Z")},  # within a day of the period's edge
        {"published_at": pd.Timestamp("2025-12-05T12:00Z")},  # outside it
        {"account": None},
    ],
)
def test_an_export_that_does_not_cover_a_post_says_nothing_of_it(same):
    assert measures.vanished(seen(**same)).empty


def test_another_account_or_kind_of_export_covers_nothing():
    for columns in ({"account": "facebook:2"}, {"route": "mbs_fb_videos"}, {"platform": "instagram"}):
        table = seen()
        table.loc[table["export"] == "e2", list(columns)] = list(columns.values())
        assert measures.vanished(table).empty


def test_a_post_that_comes_back_did_not_vanish():
    again = [{"post_id": post, "export": "e3", "as_of": LAST} for post in ("p1", "p2")]
    assert measures.vanished(seen(*again)).empty


def test_a_post_that_is_told_to_be_unavailable_is_so():
    table = seen({"post_id": "p2", "export": "e2", "as_of": LATE, "status": "unavailable", "account": None})
    (row,) = measures.vanished(table).to_dict("records")
    assert (row["post_id"], row["state"], row["account"]) == ("p2", "unavailable", "facebook:1")
    never = sightings({"post_id": "p9", "export": "e1", "as_of": EARLY, "status": "unavailable"})
    assert measures.vanished(never).empty  # it was never there


def test_without_a_period_an_export_covers_from_its_first_to_its_last_post():
    day = pd.Timedelta(days=1)
    rows = [
        {"post_id": "a", "export": "e2", "as_of": LATE, "published_at": DURING - 3 * day},
        {"post_id": "b", "export": "e2", "as_of": LATE, "published_at": DURING + 3 * day},
    ]
    known = {"period_start": pd.NaT, "period_end": pd.NaT}
    assert measures.vanished(seen(*rows, **known))["post_id"].tolist() == ["p2"]
    assert measures.vanished(
        seen({"post_id": "a", "export": "e2", "as_of": LATE, "published_at": DURING - 3 * day}, **known).assign(
            published_at=lambda f: f["published_at"].where(f["post_id"] != "p2", DURING + day)
        )
    ).empty


def test_the_table_of_accounts_counts_by_hand():
    of = history({"value": 9, "as_of": EARLY}, {"value": 4, "as_of": LATE})
    found = measures.snapshots(of, seen(), accounts({}))
    assert found["account"].isna().tolist() == [True, False]  # the platform, then its accounts
    row = found.iloc[1]
    assert row["name"] == "Trang 1"
    counted = {"n_exports": 2, "n_snapshots": 2, "n_posts": 2, "n_posts_again": 1, "n_overlaps": 1, "n_fell": 1}
    counted |= {"n_posts_fell": 1, "n_vanished": 1, "n_unavailable": 0, "n_unknown_age": 0}
    assert {key: row[key] for key in counted} == counted
    # published on 20 November at 3:00: p1 was last measured on 22 December, p2 on 25 November
    assert (row["n_under_7"], row["n_under_28"]) == (1, 1)
    assert (row["first_as_of"], row["last_as_of"]) == (pd.Timestamp(EARLY), pd.Timestamp(LATE))


def test_one_text_in_two_places_within_ten_minutes_is_a_hint():
    near, far = DURING + pd.Timedelta(minutes=9), DURING + pd.Timedelta(minutes=11)
    told = posts(
        {"text_key": "t"},
        {"text_key": "t", "account": "facebook:2", "published_at": near},
        {"text_key": "t", "account": "facebook:3", "published_at": far},
        {"text_key": "u"},
        {"text_key": "u", "published_at": near},  # the same page twice
        {"text_key": None},
        {"text_key": None, "account": "facebook:2"},
    )
    (row,) = measures.crossposts(told).to_dict("records")
    assert (row["reason"], row["n_posts"], row["minutes"]) == ("same_text", 2, 9)
    assert row["posts"] == "facebook:p1|facebook:p2"
    assert row["same_family"]


def test_platforms_and_marks():
    told = posts(
        {"text_key": "t", "is_crosspost": True},
        {"text_key": "t", "platform": "instagram", "account": "instagram:1", "place": "26001"},
        {"is_crosspost": True, "account": "facebook:2"},
        {"is_crosspost": True, "is_share": True},
    )
    found = measures.crossposts(told)
    assert found[["reason", "platforms", "n_marked", "same_family"]].to_numpy().tolist() == [
        ["same_text", "facebook|instagram", 1, False],
        ["marked", "facebook", 1, True],
    ]


def test_nothing_is_merged():
    told = posts({"text_key": "t"}, {"text_key": "t", "account": "facebook:2"})
    before = told.copy()
    measures.crossposts(told)
    pd.testing.assert_frame_equal(told, before)


def test_two_real_exports_of_one_page_share_13_posts(shared, tmp_path):
    import shutil

    from campaignstats import campaign, gather, publish, start

    folder = tmp_path / "that"
    start.init(folder, lang="vi")
    for name in ("fb_posts_lifetime_vi_2026.csv", "fb_posts_lifetime_vi_2026_older_snapshot.csv"):
        shutil.copy(shared / "exports" / "meta_business_suite" / name, folder / "inbox")
    loaded = campaign.load(folder)
    gather.gather(loaded, processes=1)
    of = publish.Evaluation(loaded)
    row = of.snapshots.iloc[0]
    counted = {"n_exports": 2, "n_snapshots": 2, "n_posts": 21, "n_posts_again": 13, "n_fell": 0}
    assert {key: row[key] for key in counted} == counted
    again = of.sightings[of.sightings.duplicated(["platform", "post_id"], keep=False)]
    assert again["post_id"].nunique() == 13
    newest = of.values[of.values["metric"].eq("views") & of.values["traffic"].eq("total")]
    assert newest["item"].is_unique  # the newest wins; the older stays in the history
    older = of.history[of.history["metric"].eq("views") & of.history["traffic"].eq("total")]
    assert len(older) == len(newest) + 13
