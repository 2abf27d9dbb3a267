"""What is published about the sample campaign, against its known truth and against plain arithmetic on the tables."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from campaignstats import publish, words
from campaignstats.measures.frames import conformed, in_period
from campaignstats.measures.reach import account_bounds, post_reach
from campaignstats.store import rows


@pytest.fixture(scope="module")
def of(sample: Path) -> publish.Evaluation:
    return publish.evaluation(sample, "en")


@pytest.fixture(scope="module")
def people(sample: Path) -> Any:
    """The accounts really reached by the posts of the window, each counted once, by scope and group."""
    truth = pd.read_csv(sample / "truth" / "people.csv", dtype={"group": str})
    return truth.set_index(["scope", "group"])["people_all_posts"]


@pytest.fixture(scope="module")
def during(sample: Path) -> pd.DataFrame:
    """Posts of the window with their newest exported figures a column each: by pandas from the parts alone."""

    def table(name: str) -> pd.DataFrame:
        parts = [pd.read_parquet(part) for part in sorted((sample / "tables" / name).glob("*.parquet"))]
        return pd.concat([part.astype(object) for part in parts], ignore_index=True)

    sources = table("source")[["source", "exported_at"]]

    def newest_last(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.merge(sources, on="source")
        frame["as_of"] = pd.to_datetime(frame["as_of"].fillna(frame["exported_at"]), utc=True)
        return frame.sort_values(["as_of", "source", "row"], na_position="first")

    posts = newest_last(table("post"))
    posts = posts.groupby(["platform", "post_id"])[["account_id", "published_at", "status"]].last().reset_index()
    local = pd.to_datetime(posts["published_at"], utc=True).dt.tz_convert("Asia/Ho_Chi_Minh").dt.strftime("%Y-%m-%d")
    posts = posts[local.between("2025-11-15", "2025-12-15") & (posts["status"] != "unavailable")]
    values = newest_last(table("metric"))
    values = values[
        (values["item_kind"] == "post")
        & (values["traffic"] == "total")
        & values["grain"].isin(["post_lifetime", "post_period"])
        & (values["evidence"] != "self_reported")
        & values["approximate"].ne(True)
        & values["as_of"].notna()
        & values["value"].notna()
    ]
    wide = values.groupby(["platform", "item", "metric"])["value"].last().unstack().astype(float)
    return posts.merge(wide, left_on=["platform", "post_id"], right_index=True, how="left")


# -- the truth, which nobody knows in life ----------------------------------------------------------------------------


def test_no_lower_bound_exceeds_the_truth(of: publish.Evaluation, people: Any) -> None:
    told = of.reach[of.reach["scope"] != "focus"]  # whose posts are the tagger's guess
    told = pd.concat([told, of.reach_places.assign(scope="place").rename(columns={"place": "group"})])
    told = told[told["lower"].notna()]
    assert len(told) > 20
    for row in rows(told):
        assert row.lower <= people[row.scope, row.group], (row.scope, row.group)


def test_bounds_that_leave_no_post_out_hold_the_truth(of: publish.Evaluation, people: Any) -> None:
    told = of.reach[of.reach["scope"] != "focus"]
    told = pd.concat([told, of.reach_places.assign(scope="place").rename(columns={"place": "group"})])
    whole = told[told["lower"].notna() & (told["n_missing"] == 0)]
    assert len(whole) > 12
    for row in rows(whole):
        assert row.lower <= people[row.scope, row.group] <= row.upper, (row.scope, row.group)
    campaign = of.reach[of.reach["scope"] == "campaign"].iloc[0]
    assert campaign["lower"] <= people["campaign", "all"] <= campaign["upper"]


def test_an_upper_bound_below_the_truth_is_never_shown_without_what_it_leaves_out(
    of: publish.Evaluation, people: Any
) -> None:
    told = of.reach[of.reach["scope"].isin(["platform", "owner_level"]) & of.reach["upper"].notna()]
    under = [row for row in rows(told) if people[row.scope, row.group] > row.upper]
    assert under  # communes: the posts of TikTok, YouTube and Zalo have no reach
    assert all(row.n_missing > 0 for row in under)
    assert "the upper bound is no ceiling yet" in " ".join(of.answer("people").split())


def test_bounds_of_every_account_hold_the_truth(of: publish.Evaluation, people: Any) -> None:
    posts, values = conformed(of.posts, "posts"), conformed(of.values, "values")
    found = account_bounds(post_reach(in_period(posts, "during"), values), values, window=of.window)
    measured = found[found["lower"].notna()]
    assert len(measured) > 30
    for row in rows(measured):
        assert row.lower <= people["account", row.account] <= row.upper, row.account


def test_posts_and_places_are_those_of_the_truth(of: publish.Evaluation, sample: Path) -> None:
    truth = pd.read_csv(sample / "truth" / "posts.csv", dtype={"post_id": str})
    known = of.posts.merge(truth, on=["platform", "post_id"], suffixes=("", "_true"))
    # posts made in the last hours before midnight, of an export that has no time zone, may lie a day off
    assert (known["period"].eq("during") == known["period_true"].eq("during")).mean() > 0.99
    others = of.posts.merge(truth[["platform", "post_id"]], on=["platform", "post_id"], how="left", indicator=True)
    others = others[(others["_merge"] == "left_only") & (others["status"] == "ok")]
    assert others["on_sheet"].all()
    places = pd.read_csv(sample / "truth" / "places.csv", dtype={"place": str}).merge(of.reach_places, on="place")
    kept = in_period(of.posts, "during")
    exported = set(kept.loc[~kept["on_sheet"], "place"].dropna())
    assert exported == set(places.loc[places["seen_in_exports"] == "posted", "place"])
    assert not places.loc[places["state"] == "complete_no_post", "posted"].any()
    row = of.participation.iloc[0]
    assert row["n_posted"] - row["n_on_sheet_only"] == len(exported)
    assert row[["n_posted", "n_complete_no_post", "n_nothing_received"]].sum() == row["n_places"] == 95


# -- the same figures by plain arithmetic -----------------------------------------------------------------------------


def test_views_by_platform(of: publish.Evaluation, during: pd.DataFrame) -> None:
    seen = during["views"].fillna(during["impressions"])
    expected = seen.groupby(during["platform"]).agg(["sum", "count"])
    found = of.views.set_index("platform")
    assert found["views"].to_dict() == expected["sum"].to_dict()
    assert found["n_posts"].to_dict() == expected["count"].to_dict()
    assert (found["n_posts"] + found["n_missing"]).to_dict() == during.groupby("platform").size().to_dict()


@pytest.mark.parametrize(
    ("platform", "actions"),
    [("facebook", ["reactions", "comments", "shares"]), ("instagram", ["likes", "comments", "shares"])],
)
def test_engagement_rate_by_reach(
    of: publish.Evaluation, during: pd.DataFrame, platform: str, actions: list[str]
) -> None:
    own = during[during["platform"] == platform].dropna(subset=[*actions, "reach"])
    told = of.engagement[of.engagement["platform"] == platform].set_index("measure").loc["engagement_rate_by_reach"]
    done = own[actions].sum(axis=1)
    assert told["rate"] == pytest.approx(100 * done.sum() / own["reach"].sum())
    assert told["n_posts"] == len(own)
    accounts = pd.DataFrame({"done": done, "reach": own["reach"]}).groupby(own["account_id"]).sum()
    if len(accounts) < 10:
        rest = 100 * (done.sum() - accounts["done"]) / (own["reach"].sum() - accounts["reach"])
        assert told[["low", "high"]].tolist() == pytest.approx([min(rest.min(), told["rate"]), rest.max()])
    else:
        draws = np.random.default_rng(99).integers(0, len(accounts), (4000, len(accounts)))
        top, under = (accounts[c].to_numpy()[draws].sum(axis=1) for c in ("done", "reach"))
        assert told[["low", "high"]].tolist() == pytest.approx(np.quantile(100 * top / under, [0.025, 0.975]), rel=0.02)


@pytest.mark.parametrize("platform", ["facebook", "instagram", "tiktok", "youtube"])
def test_concentration(of: publish.Evaluation, during: pd.DataFrame, platform: str) -> None:
    own = during[(during["platform"] == platform) & during["views"].notna()]
    views = own["views"].to_numpy()
    told = of.concentration[(of.concentration["platform"] == platform) & (of.concentration["metric"] == "views")].iloc[
        0
    ]
    differences = np.abs(views[:, None] - views[None, :]).mean() / 2
    assert told["gini"] == pytest.approx(differences / views.mean() * len(views) / (len(views) - 1))
    assert told["top5_share"] == pytest.approx(np.sort(views)[-5:].sum() / views.sum())
    by_account = own.groupby("account_id")["views"].sum()
    assert told["top_account_share"] == pytest.approx(by_account.max() / views.sum())


def test_reach_of_posts_bounds_facebook(of: publish.Evaluation, during: pd.DataFrame) -> None:
    own = during[during["platform"] == "facebook"]
    told = of.reach[(of.reach["scope"] == "platform") & (of.reach["group"] == "facebook")].iloc[0]
    assert told["upper"] == own["reach"].sum()
    assert told["lower"] == own["reach"].max()  # no account's day saw more
    assert (told["n_posts"], told["n_missing"]) == (len(own), own["reach"].isna().sum())


def test_shares_of_themes(of: publish.Evaluation) -> None:
    posts = of.posts[(of.posts["period"] == "during") & (of.posts["status"] != "unavailable")]
    own = posts[~posts["is_share"].fillna(False).astype(bool) & posts["themes_masked"].notna()]
    once = own.sort_values(["published_at", "platform", "post_id"])
    once = once[once["text_key"].isna() | ~once["text_key"].duplicated()]
    newest = of.values[(of.values["metric"] == "reach") & (of.values["traffic"] == "total")]
    reach = newest[newest["item_kind"] == "post"].set_index(["platform", "item"])["value"]
    weight = reach.reindex(pd.MultiIndex.from_frame(own[["platform", "post_id"]])).to_numpy(float, na_value=np.nan)
    told = of.messages[(of.messages["side"] == "owned") & (of.messages["scope"] == "theme") & of.messages["masked"]]
    for row in rows(told):
        pattern = rf"(?:^|\|){row.code}(?:\||$)"
        hit = once["themes_masked"].str.contains(pattern)
        assert (row.n_hits, row.n_items) == (hit.sum(), len(once))
        assert row.share == pytest.approx(hit.mean())
        carried = own["themes_masked"].str.contains(pattern).to_numpy()
        assert row.weighted_share == pytest.approx(np.nansum(weight * carried) / np.nansum(weight))


def test_net_sentiment(of: publish.Evaluation) -> None:
    said = of.comments[(of.comments["period"] == "during") & (of.comments["reception_kind"] == "opinion")]
    n = said["sentiment"].value_counts()
    told = of.net_sentiment.set_index("platform").loc["all"]
    assert told["n_comments"] == len(said)
    assert told["net_of_opinionated"] == pytest.approx(
        (n["positive"] - n["negative"]) / (n["positive"] + n["negative"])
    )
    assert told["net_of_all"] == pytest.approx((n["positive"] - n["negative"]) / n.sum())


def test_reach_per_thousand_inhabitants(of: publish.Evaluation) -> None:
    known = of.reach_places[of.reach_places["lower"].notna()]
    assert len(known) > 15
    for bound in ("lower", "upper"):
        expected = 1000 * known[bound] / known["population"].astype(float)
        assert known[f"{bound}_per_1000"].tolist() == pytest.approx(expected.tolist())


def test_nothing_is_counted_twice(of: publish.Evaluation) -> None:
    """A YouTube zip tells a video's views by day, by period and for the channel; each video counts once."""
    youtube = of.values[(of.values["platform"] == "youtube") & (of.values["metric"] == "views")]
    assert {"post_day", "post_period", "account_day", "account_period"} <= set(youtube["grain"])
    told = of.views.set_index("platform").loc["youtube"]
    own = set(of.posts.loc[(of.posts["period"] == "during") & (of.posts["platform"] == "youtube"), "post_id"])
    periods = youtube[(youtube["grain"] == "post_period") & youtube["item"].isin(own)]
    assert told["views"] == periods.sort_values("as_of").groupby("item")["value"].last().sum()
    assert told["grain"] == "post_period"


def test_self_reported_values_are_in_no_sum(of: publish.Evaluation) -> None:
    told = of.values["evidence"] == "self_reported"
    assert told.any()
    without = publish.Evaluation(of.campaign, "en")
    without.values = of.values[~told].reset_index(drop=True)
    for name in ("reach", "views", "engagement", "concentration", "messages"):
        # what is missing may be told of by self-reports; no figure may
        one, other = (getattr(each, name).drop(columns="n_missing") for each in (of, without))
        pd.testing.assert_frame_equal(one, other)


def test_the_weeks_before_are_not_called_a_year_before(of: publish.Evaluation) -> None:
    assert set(of.year_before["reason"]) == {"other_window"}
    assert of.year_before["before"].isna().all()


# -- one source of numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_sentences_tables_and_results_say_the_same(of: publish.Evaluation, lang: str) -> None:
    told = of if lang == of.lang else _in(of, lang)
    reach, views = of.reach.iloc[0], of.views.set_index("platform")["views"]
    answer = " ".join(told.answer("people").split())
    for number in (reach["lower"], reach["upper"], reach["n_posts"], views["facebook"], views["zalo"]):
        assert words.number(int(number), lang) in answer
    table = told.table("views")
    column = table.columns[-1]
    assert table[column].tolist() == [words.number(int(v), lang) for v in views]
    rate = of.engagement.iloc[0]
    shown = " ".join(told.answer("reception").split())
    for number in (rate["rate"], rate["low"], rate["high"]):
        assert words.number(number, lang, 2) in shown
    assert "reach.facebook" not in answer + shown


def _in(of: publish.Evaluation, lang: str) -> publish.Evaluation:
    """The same results in another language, not computed again."""
    other = publish.Evaluation(of.campaign, lang)
    for name, table in of.results().items():
        setattr(other, "offline" if name == "activities" else name, table)
    return other
