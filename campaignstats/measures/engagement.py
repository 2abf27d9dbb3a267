"""What people did with the posts, per accounts reached or views, and how unevenly it lies over posts and accounts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from campaignstats.estimate.concentration import gini, top_share, weighted_gini
from campaignstats.estimate.intervals import NONE, Interval, ratio_interval, statistic_interval
from campaignstats.measures.frames import in_period, joined, measure, newest, with_value
from campaignstats.measures.reach import PEOPLE, SEEN, post_age

# what counts as an engagement; saves and clicks are left out, since many exports have none
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "facebook": ("reactions", "comments", "shares"),
    "instagram": ("likes", "comments", "shares"),
    "threads": ("likes", "replies", "reposts"),
    "x": ("likes", "replies", "reposts"),
    "linkedin": ("reactions", "comments", "shares"),
}
OTHER_ACTIONS = ("likes", "comments", "shares")
# another name for the same action, where a platform or route calls it so
STAND_INS: Mapping[str, tuple[str, ...]] = {
    "reactions": ("reactions", "likes"),
    "shares": ("shares", "reposts"),
    "comments": ("comments", "replies"),
    "reposts": ("reposts", "shares"),
    "replies": ("replies", "comments"),
}
WITHOUT_PARTS = ("interactions", "engagements")

_COLUMNS = {
    "platform": "str", "measure": "str", "actions": "str", "definition": "str", "rate": "float", "low": "float",
    "high": "float", "interval": "str", "n_accounts": "int", "n_posts": "int", "n_missing": "int",
}  # fmt: skip


@measure(
    stage="outtakes",
    unit="per 100",
    source="ratio of sums (R3); percentile bootstrap over accounts",
    columns=_COLUMNS,
)
def engagement(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    comments: pd.DataFrame,
    *,
    actions: Mapping[str, Sequence[str]] | None = None,
    period: str | None = "during",
    min_age_days: int | None = None,
    resamples: int = 2000,
    few_accounts: int = 10,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """Engagements per 100 accounts reached and per 100 views; shares, reactions and comments per 100 accounts reached.

    rate = 100 × Σ actions ÷ Σ denominator over the posts that have both, at the same grain; never a mean of rates,
    never two definitions of the denominator in one row (R2). Post reach is added here as a denominator only:
    exposures, not people. ``actions`` names what counts by platform; an action of which a platform has no value at all
    is left out of the name. conversation_rate leaves out the page's own gathered replies. The interval resamples
    accounts; under ``few_accounts`` it is the range over leaving each one out; "none" for one account. Unit: per 100
    (MEASURES' per 1,000 ÷ 10). Source: ratio of sums, percentile bootstrap over accounts.
    """
    kept = in_period(posts, period)
    if min_age_days is not None:
        kept = kept[post_age(kept, values).ge(min_age_days).to_numpy()]
    kept = with_value(kept, values, PEOPLE, "reach")
    kept = with_value(kept, values, SEEN, "views")
    kept = _with_own_replies(kept, comments)
    rows: list[dict[str, Any]] = []
    for platform, own in kept.groupby("platform", sort=True):
        wanted = tuple((actions or {}).get(str(platform), ACTIONS.get(str(platform), OTHER_ACTIONS)))
        done = {name: _action(own, values, name) for name in {*wanted, *OTHER_ACTIONS, "reactions"}}
        names, total = _engagements(own, values, wanted, done)
        applause = tuple(sorted(done["reactions"]["metric"].dropna().unique())) or ("reactions",)
        spoken = done["comments"].assign(
            count=(done["comments"]["count"] - own["_own_replies"].to_numpy()).clip(lower=0)
        )
        tops = [
            ("engagement_rate_by_reach", names, total, "reach"),
            ("engagement_rate_by_views", names, total, "views"),
            ("amplification_rate", ("shares",), done["shares"], "reach"),
            ("applause_rate", applause, done["reactions"], "reach"),
            ("conversation_rate", ("comments",), spoken, "reach"),
        ]
        for name, acts, top, below in tops:
            options = {"resamples": resamples, "few": few_accounts, "seed": seed}
            for row in _rates(own, top, below, **options):
                rows.append({"platform": platform, "measure": name, "actions": "|".join(acts)} | row)
    return rows


def _with_own_replies(posts: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    own = comments[comments["is_owner"] | (comments["reception_kind"] == "owner")]
    counted = own.groupby(["platform", "post_id"], sort=False).size().rename("_own_replies").reset_index()
    merged = posts.merge(counted, on=["platform", "post_id"], how="left")
    return merged.assign(_own_replies=merged["_own_replies"].fillna(0.0))


def _action(posts: pd.DataFrame, values: pd.DataFrame, name: str) -> pd.DataFrame:
    """``count``, ``grain`` and ``metric`` of an action for each post, in the order of ``posts``."""
    found = newest(values, STAND_INS.get(name, (name,)))
    found = posts[["platform", "post_id"]].merge(
        found.rename(columns={"item": "post_id", "value": "count"}), on=["platform", "post_id"], how="left"
    )
    return found[["count", "grain", "metric"]]


def _engagements(
    posts: pd.DataFrame, values: pd.DataFrame, wanted: tuple[str, ...], done: Mapping[str, pd.DataFrame]
) -> tuple[tuple[str, ...], pd.DataFrame]:
    """The names of the actions that the platform has, and their sum by post: missing where one of them is."""
    present = tuple(name for name in wanted if done[name]["count"].notna().any())
    if len(present) < len(wanted):
        for name in WITHOUT_PARTS:
            whole = _action(posts, values, name)
            if whole["count"].notna().any():
                return (name,), whole
    if not present:
        return wanted, done[wanted[0]]
    counts = pd.concat([done[name]["count"] for name in present], axis=1)
    grains = pd.concat([done[name]["grain"] for name in present], axis=1)
    same = grains.eq(grains.iloc[:, 0], axis=0).all(axis=1)
    total = counts.sum(axis=1, skipna=False).where(same)
    return present, pd.DataFrame({"count": total, "grain": grains.iloc[:, 0]})


def _rates(posts: pd.DataFrame, top: pd.DataFrame, below: str, **options: Any) -> list[dict[str, Any]]:
    both = top["count"].notna().to_numpy() & posts[below].notna().to_numpy()
    both &= (top["grain"] == posts[f"{below}_grain"].reset_index(drop=True)).to_numpy()
    n_missing = int((~both).sum())
    frame = pd.DataFrame(
        {
            "account": posts["account"].to_numpy(),
            "top": top["count"].to_numpy(float),
            "below": posts[below].to_numpy(float),
            "definition": posts[f"{below}_definition"].to_numpy(),
        }
    )[both]
    # definitions of people may differ by route and still count accounts; those of events have no common sum
    groups = (
        [(joined(frame["definition"]), frame)] if below == "reach" else list(frame.groupby("definition", sort=True))
    )
    rows = []
    for definition, part in groups or [(None, frame)]:
        under = part["below"].sum()
        known = len(part) > 0 and under > 0
        interval = ratio_interval(part["top"], part["below"], part["account"], **options) if known else NONE
        rows.append(
            {
                "definition": definition,
                "rate": 100 * part["top"].sum() / under if known else np.nan,
                "low": 100 * interval.low,
                "high": 100 * interval.high,
                "interval": interval.kind,
                "n_accounts": part["account"].nunique(),
                "n_posts": len(part),
                "n_missing": n_missing,
            }
        )
    return rows


@measure(
    stage="outputs",
    unit="share",
    source="Gini with n/(n-1); percentile bootstrap over accounts",
    columns={
        "platform": "str", "metric": "str", "definition": "str", "gini": "float", "low": "float", "high": "float",
        "interval": "str", "top5_share": "float", "top_account_share": "float", "n_accounts": "int", "n_posts": "int",
        "n_missing": "int",
    },
)  # fmt: skip
def concentration(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    *,
    period: str | None = "during",
    resamples: int = 2000,
    few_accounts: int = 10,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """How far a few posts or accounts carried a platform: Gini of views and of reach over posts, shares of the largest.

    Gini: 0 all posts equal, 1 one post has everything, × n/(n-1). top5_share and top_account_share are of the summed
    views: reach has none, since people are not added (R1), and five posts or fewer have no five largest. Rows of views
    hold one definition each. Posts without a value are in n_missing. Unit: shares from 0 to 1. Source: Gini with
    n/(n-1), percentile bootstrap over accounts.
    """
    kept = in_period(posts, period)
    rows = []
    for column, names in (("views", SEEN), ("reach", PEOPLE)):
        counted = with_value(kept, values, names, column)
        for platform, own in counted.groupby("platform", sort=True):
            n_missing = int(own[column].isna().sum())
            for (metric, definition), part in own.groupby([f"{column}_metric", f"{column}_definition"], sort=True):
                number = part[column]
                by_account = part.groupby("account", sort=True)[column].sum()
                events = column == "views"
                interval: Interval = statistic_interval(
                    number, part["account"], weighted_gini, resamples=resamples, few=few_accounts, seed=seed
                )
                rows.append(
                    {
                        "platform": platform,
                        "metric": metric,
                        "definition": definition,
                        "gini": gini(number),
                        "low": interval.low,
                        "high": interval.high,
                        "interval": interval.kind,
                        "top5_share": top_share(number, 5) if events and len(part) > 5 else np.nan,
                        "top_account_share": top_share(by_account, 1) if events else np.nan,
                        "n_accounts": part["account"].nunique(),
                        "n_posts": len(part),
                        "n_missing": n_missing,
                    }
                )
    return rows
