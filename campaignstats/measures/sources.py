"""What was received and what was declared: completeness by week, self-reported figures, offline activities, context."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from campaignstats import metrics
from campaignstats.campaign import ContextFigure
from campaignstats.measures.frames import in_period, measure


@measure(
    stage="inputs",
    unit="posts",
    source="rule R5: missing is not zero",
    columns={
        "account": "str", "name": "str", "platform": "str", "owner_level": "str", "week_start": "date",
        "n_posts": "int", "state": "str",
    },
)  # fmt: skip
def completeness(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    window: tuple[date, date],
    days: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """Posts of each account in each week (from Monday) of the window, and what an empty week means.

    state "posts": some were received. "no_posts": none, and that is known, since the account's source is declared
    complete or its figures go back before the week and were measured after it; with ``days`` (the table of
    ``calendar``), since each of its days is known to be empty. "no_source": unknown. Unit: posts. Source: rule R5.
    """
    start, end = window
    first = start - timedelta(days=start.weekday())
    weeks = [first + timedelta(days=7 * i) for i in range((end - first).days // 7 + 1)]
    dated = posts[posts["day"].notna() & (posts["status"].fillna("ok") != "unavailable")]
    inside = dated[(dated["day"] >= pd.Timestamp(start)) & (dated["day"] <= pd.Timestamp(end))]
    week = inside["day"] - pd.to_timedelta(inside["day"].dt.day_of_week, unit="D")
    counted = inside.groupby(["account", week]).size().to_dict()
    oldest = dated.groupby("account")["day"].min().to_dict()
    latest = values.groupby("account")["as_of"].max().dt.tz_localize(None).to_dict()
    known_empty: dict[Any, Any] = {}
    if days is not None:
        own = days[days["period"] == "window"]
        empty = own["state"].isin(["posts", "no_posts", "not_in_use"])
        monday = own["day"] - pd.to_timedelta(own["day"].dt.day_of_week, unit="D")
        known_empty = empty.groupby([own["account"], monday]).all().to_dict()
    rows = []
    for account in accounts.drop_duplicates("account").sort_values("account").itertuples():
        for monday in weeks:
            at, after = pd.Timestamp(monday), pd.Timestamp(min(monday + timedelta(days=7), end + timedelta(days=1)))
            n_posts = counted.get((account.account, at), 0)
            covered = oldest.get(account.account, after) < at and latest.get(account.account, pd.NaT) >= after
            covered = known_empty.get((account.account, at), covered)
            state = "posts" if n_posts else "no_posts" if account.complete_source or covered else "no_source"
            rows.append(
                {
                    "account": account.account,
                    "name": account.name,
                    "platform": account.platform,
                    "owner_level": account.owner_level,
                    "week_start": at,
                    "n_posts": n_posts,
                    "state": state,
                }
            )
    return rows


@measure(
    stage="outputs",
    unit="as reported",
    source="told by accounts without an export; never added to exported figures",
    columns={"platform": "str", "metric": "str", "n_items": "int", "n_missing": "int", "value_sum": "float"},
)
def self_reported(values: pd.DataFrame) -> list[dict[str, Any]]:
    """Figures that accounts reported of themselves, apart from all others: how many items, and the sum where there is
    one.

    People and rates have no sum (R1, R3): NaN. Unit: as reported. Source: the communes' sheets.
    """
    told = values[values["evidence"] == "self_reported"]
    rows = []
    for (platform, name), own in told.groupby(["platform", "metric"], sort=True):
        known = metrics.registry().get(str(name))
        adds = known is not None and "post" in known.sums_over and own["grain"].nunique() == 1
        rows.append(
            {
                "platform": platform,
                "metric": name,
                "n_items": len(own[["item_kind", "item"]].drop_duplicates()),
                "n_missing": int(own["value"].isna().sum()),
                "value_sum": own["value"].sum(min_count=1) if adds else np.nan,
            }
        )
    return rows


@measure(
    stage="inputs",
    unit="posts",
    source="posts in the files of accounts that campaign.toml does not declare: left out of what is measured",
    columns={"platform": "str", "n_accounts": "int", "n_posts": "int"},
)
def undeclared(posts: pd.DataFrame, *, period: str | None = "during") -> list[dict[str, Any]]:
    """Posts of accounts that nobody declared, by platform; none where no account is declared at all.

    Shares by others, which count as earned, are not among them. Unit: posts, accounts. Source: the files.
    """
    found = in_period(posts, period)
    others = found[~found["declared"] & ~found["is_share"] & bool(found["declared"].any())]
    groups = others.groupby("platform", sort=True)
    return [{"platform": p, "n_accounts": own["account"].nunique(), "n_posts": len(own)} for p, own in groups]


@measure(
    stage="outputs",
    unit="activities, attendances, copies, sessions",
    source="declared beside campaign.toml or on the communes' sheets; never added to digital figures",
    columns={
        "kind": "str", "n": "int", "n_missing": "int", "people": "count", "copies": "count", "sessions": "count",
    },
)  # fmt: skip
def activities(activities: pd.DataFrame) -> pd.DataFrame:
    """Offline activities by kind: how many records, attendances, copies and sessions; beside, never added.

    ``people`` are attendances: whoever came twice is counted twice. n_missing: records without any of the three counts.
    A count that no record has is missing, not 0. Unit: counts. Source: the sheets.
    """
    counts = ["people", "copies", "sessions"]
    groups = activities.groupby("kind", sort=True)
    found = groups[counts].sum(min_count=1)
    found["n"] = groups.size()
    found["n_missing"] = activities[counts].isna().all(axis=1).groupby(activities["kind"]).sum()
    return found.reset_index()


@measure(
    stage="impact",
    unit="as declared",
    source="declared in campaign.toml with source and date: context, never a result of the campaign",
    columns={"name": "str", "value": "str", "date": "date", "source": "str"},
)
def context_figures(*, figures: Sequence[ContextFigure] = (), lang: str = "vi") -> list[dict[str, Any]]:
    """Declared figures that are context and no result of the campaign, in the order of campaign.toml.

    Unit: as declared. Source: as declared with each.
    """
    return [{"name": f.name[lang], "value": f.value, "date": f.date, "source": f.source} for f in figures]
