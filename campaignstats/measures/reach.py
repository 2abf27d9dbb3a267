"""How many accounts the posts reached, and how often they were seen.

Reach counts accounts of a platform, not persons, and is an output. It is never added (R1): what is known of a union
from the sizes of its parts are bounds.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from campaignstats import metrics
from campaignstats.estimate.bounds import Overlaps, union_bounds
from campaignstats.measures.frames import codes, in_period, instants, joined, measure, usable, with_value

PEOPLE = ("reach", "viewers", "unique_viewers")
SEEN = ("views", "impressions", "articles_views", "video_views")


def post_reach(posts: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The posts with ``reach`` (accounts, NaN where missing) and ``reach_definition``."""
    return with_value(posts, values, PEOPLE, "reach")


def account_bounds(
    posts: pd.DataFrame, values: pd.DataFrame, *, window: tuple[date, date] | None = None, timezone: str | None = None
) -> pd.DataFrame:
    """Bounds on the accounts that each account reached: account, definition, n_posts, n_missing, lower, upper.

    lower is the largest value of a post or, inside ``window``, of a day or period of the account; upper adds the posts.
    Both are NaN where nothing was measured. ``posts`` carry the column ``reach``. The window's days are by the clock
    of ``timezone``, the account's by their own: a day that only touches the window may have reached its accounts
    outside, so it is in no lower bound, and it is in the ceiling, which may only rise. None: all by one clock.
    """
    groups = posts.groupby("account", sort=True)
    found = pd.DataFrame(
        {
            "definition": groups["reach_definition"].agg(joined),
            "n_posts": groups.size(),
            "n_missing": groups["reach"].agg(lambda r: int(r.isna().sum())),
            "lower": groups["reach"].max(),
            "upper": groups["reach"].agg(lambda r: r.sum(min_count=1)),
        }
    )
    if window is not None:
        known = usable(values)
        known = known[
            (known["item_kind"] == "account")
            & known["metric"].isin(PEOPLE)
            & known["grain"].isin(["account_day", "account_period"])
            & known["period_start"].notna()
        ]
        inside, touching = in_window(known, window, timezone)
        known, whole = known[touching], known[inside]
        by = known.groupby("account", sort=True)
        # a day told as reach and as viewers is one day of the same people (R8)
        days = known.groupby(["account", "period_start", "period_end"], sort=True, dropna=False)["value"].max()
        own = pd.DataFrame(
            {
                "own_definition": by["definition"].agg(joined),
                "largest": whole.groupby("account", sort=True)["value"].max(),
                "added": days.groupby(level="account").sum(),
            }
        )
        found = found.join(own, how="outer")
        found[["n_posts", "n_missing"]] = found[["n_posts", "n_missing"]].fillna(0)
        either = [joined(pd.Series(pair)) for pair in zip(found["definition"], found["own_definition"], strict=True)]
        found["definition"] = [joined(pd.Series(e.split("|"))) if e else None for e in either]
        found["lower"] = found[["lower", "largest"]].max(axis=1)
        found = found[found["lower"].notna() | (found["n_posts"] > 0)]
        # an account's days may hold viewers of older posts: they widen the ceiling, never lower it
        found["upper"] = found["upper"].fillna(found["added"]).where(lambda u: u >= found["lower"], found["lower"])
        found = found.drop(columns=["own_definition", "largest", "added"])
    return found.rename_axis("account").reset_index()


def in_window(values: pd.DataFrame, window: tuple[date, date], timezone: str | None) -> tuple[pd.Series, pd.Series]:
    """Whether the days of each value lie wholly inside the window, and whether they touch it."""
    first, last = (pd.Timestamp(day) for day in window)
    if timezone is None:
        inside = (values["period_start"] >= first) & (values["period_end"].fillna(values["period_start"]) <= last)
        return inside, inside
    opens = first.tz_localize(timezone).tz_convert("UTC")
    closes = (last + pd.Timedelta(days=1)).tz_localize(timezone).tz_convert("UTC")
    begins, ends = instants(values)
    return (begins >= opens) & (ends <= closes), (begins < closes) & (ends > opens)


def group_bounds(found: pd.DataFrame, facts: pd.DataFrame, *, population: float | None) -> dict[str, Any]:
    """Bounds on a group of accounts: its n_accounts, n_posts, n_missing, lower, upper, capped, population, definition.

    ``facts`` gives audience_local, place and place_population by account. Audiences of different places that are known
    to be local share nobody, so the places' lower bounds add up; all else may be nested. ``population`` caps only a
    group in which every audience is local.
    """
    group = found.merge(facts, on="account", how="left")
    group["audience_local"] = group["audience_local"].astype("boolean").fillna(False).astype(bool)
    measured = group[group["lower"].notna()]
    local = measured[measured["audience_local"] & measured["place"].notna()]
    abroad = measured.drop(local.index)
    lowers, uppers = 0.0, 0.0
    for _, place in local.groupby("place", sort=True):
        lower, upper, _ = _capped(place["lower"].tolist(), place["upper"].tolist(), place["place_population"].iloc[0])
        lowers, uppers = lowers + lower, uppers + upper
    every_local = len(measured) > 0 and abroad.empty and bool(group["audience_local"].all())
    cap = population if every_local and population is not None and not np.isnan(population) else None
    lower, upper, capped = _capped(
        [lowers, *abroad["lower"].tolist()], [uppers, *abroad["upper"].tolist()], np.nan if cap is None else cap
    )
    nothing = measured.empty
    definitions = pd.Series([part for ids in group["definition"].dropna() for part in ids.split("|")], dtype="str")
    return {
        "definition": joined(definitions),
        "n_accounts": len(group),
        "n_posts": int(group["n_posts"].sum()),
        "n_missing": int(group["n_missing"].sum()),
        "lower": np.nan if nothing else lower,
        "upper": np.nan if nothing else upper,
        "capped": capped,
        "population": None if cap is None else int(cap),
    }


def _capped(lowers: list[float], uppers: list[float], population: float) -> tuple[float, float, bool]:
    """The union of groups that have bounds themselves. A population below the lower bound can't be right: no cap
    then."""
    lower = max(lowers, default=0.0)
    upper = union_bounds(uppers).upper
    if not np.isnan(population) and lower <= population <= upper:
        return lower, float(population), True
    return lower, upper, False


def account_facts(accounts: pd.DataFrame, places: pd.DataFrame, posts: pd.DataFrame) -> pd.DataFrame:
    """account, platform, owner_level, sector, place, audience_local and the place's population, one row an account.

    An account that stands only with its posts has the facts that stand there.
    """
    columns = ["account", "platform", "owner_level", "sector", "place", "audience_local"]
    seen = posts.sort_values(["platform", "post_id"])[columns]
    facts = pd.concat([accounts[columns], seen], ignore_index=True).drop_duplicates("account")
    population = dict(zip(places["code"], places["population"], strict=True))
    return facts.assign(place_population=[population.get(place, np.nan) for place in facts["place"]])


@measure(
    stage="outputs",
    unit="accounts of a platform",
    source="Fréchet bounds; MRC Cross-Media standards 2019; OCHA and CARE guidance on people reached",
    columns={
        "scope": "str", "group": "str", "definition": "str", "n_accounts": "int", "n_posts": "int", "n_missing": "int",
        "lower": "float", "upper": "float", "capped": "bool", "population": "count",
    },
)  # fmt: skip
def reach(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    accounts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    population: float | None = None,
    focus_areas: Mapping[str, Sequence[str]] | None = None,
    window: tuple[date, date] | None = None,
    timezone: str | None = None,
    overlaps: Mapping[tuple[str, str], float] | None = None,
    period: str | None = "during",
) -> list[dict[str, Any]]:
    """Bounds on how many different accounts the posts reached: of the campaign, each platform, owner level, focus area.

    lower: the most that one part alone reached (parts nested in it), local audiences of different places added; upper:
    the parts added (nobody in two of them), capped at ``population`` only where every audience is local; ``capped``
    means that the ceiling is unknown. A post has its newest total `reach`, else `viewers`, else `unique_viewers`; one
    without any is in n_missing and in no bound: with its figure, both could only rise. Nothing measured: both NaN.
    ``overlaps`` are known overlaps of two platforms' audiences in accounts, by platform names. ``window`` lets
    people-values of accounts for days and periods inside it raise the bounds; its days are by the clock of
    ``timezone``, while a platform's are its own (Pacific, UTC): what lies only partly inside raises no lower bound.
    Unit: accounts, never persons. Source: Fréchet bounds.

    >>> posts = pd.DataFrame({"platform": "facebook", "post_id": ["1", "2"], "account": "facebook:7",
    ...     "period": "during"})
    >>> values = pd.DataFrame({"platform": "facebook", "item_kind": "post", "item": ["1", "2"], "metric": "reach",
    ...     "definition": "reach.facebook", "traffic": "total", "grain": "post_lifetime", "value": [300, 200],
    ...     "as_of": "2025-12-22T00:00:00Z"})
    >>> accounts = pd.DataFrame({"account": ["facebook:7"], "platform": "facebook"})
    >>> places = pd.DataFrame({"code": [], "name": []})
    >>> reach(posts, values, accounts, places)[["scope", "lower", "upper"]].values.tolist()[0]
    ['campaign', 300.0, 500.0]
    """
    kept = post_reach(in_period(posts, period), values)
    facts = account_facts(accounts, places, kept)
    found = account_bounds(kept, values, window=window, timezone=timezone)
    own = found[["account"]].merge(facts, on="account", how="left")
    platform, level = own["platform"], own["owner_level"]

    def row(scope: str, group: str, part: pd.DataFrame) -> dict[str, Any]:
        return {"scope": scope, "group": group} | group_bounds(part, facts, population=population)

    rows = []
    if len(found):
        rows.append(row("campaign", "all", found))
        for name in sorted(platform.dropna().unique()):
            rows.append(row("platform", name, found[platform == name]))
        for name in sorted(level.dropna().unique()):
            rows.append(row("owner_level", name, found[level == name]))
        if overlaps:
            _narrow(rows, overlaps)
    themes = codes(kept["themes_masked"])
    for name, members in sorted((focus_areas or {}).items()):
        about = kept[themes.map(lambda own, of=frozenset(members): bool(own & of)).astype(bool)]
        if len(about):
            rows.append(row("focus", name, account_bounds(about, values)))
    return rows


def _narrow(rows: list[dict[str, Any]], overlaps: Mapping[tuple[str, str], float]) -> None:
    """Known overlaps of platforms narrow the campaign's bounds.

    Two platforms reached at least both their lower bounds less the overlap; the ceiling comes from the programme over
    the upper bounds, since more of either platform can only make the union larger.
    """
    parts = [r for r in rows if r["scope"] == "platform" and not np.isnan(r["lower"])]
    at = {r["group"]: i for i, r in enumerate(parts)}
    known: Overlaps = {(at[a], at[b]): size for (a, b), size in overlaps.items() if a in at and b in at}
    if not known:
        return
    whole = rows[0]
    for (i, j), size in known.items():
        whole["lower"] = max(whole["lower"], parts[i]["lower"] + parts[j]["lower"] - size)
    high = union_bounds([r["upper"] for r in parts], overlaps=known)
    whole["upper"] = max(whole["lower"], min(whole["upper"], high.upper))


@measure(
    stage="outputs",
    unit="times seen",
    source="each platform's own count, by dated definition; SMM Standards (Conclave 2013)",
    columns={
        "platform": "str", "definition": "str", "grain": "str", "n_accounts": "int", "n_posts": "int",
        "n_on_screen": "int", "n_missing": "int", "views": "float",
    },
)  # fmt: skip
def views(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    *,
    period: str | None = "during",
    min_age_days: int | None = None,
) -> list[dict[str, Any]]:
    """How often posts were seen, summed within one platform, definition and grain and never across (R2).

    A platform that gives no views is counted by impressions (article or video views), and the definition says so.
    n_posts have a value, n_on_screen of them one that a person read off a screen; n_missing posts have none. A platform
    without any value has one row with NaN. ``min_age_days`` leaves out posts that were not yet that old when measured
    (R4). Unit: times seen. Source: each platform's own count.
    """
    kept = in_period(posts, period)
    if min_age_days is not None:
        kept = kept[post_age(kept, values).ge(min_age_days).to_numpy()]
    seen = with_value(kept, values, SEEN, "views")
    rows: list[list[Any]] = []
    for platform, own in seen.groupby("platform", sort=True):
        n_missing = int(own["views"].isna().sum())
        if n_missing == len(own):
            rows.append([platform, None, None, own["account"].nunique(), 0, 0, n_missing, np.nan])
            continue
        for (definition, grain), part in own.groupby(["views_definition", "views_grain"], sort=True):
            whole = metrics.checked_sum(_as_values(part, "views"), over="account")
            total, n_posts = float(whole["value"].sum()), int(whole["n"].sum())
            n_read = int((part["views_evidence"] == "screen").sum())
            rows.append([platform, definition, grain, part["account"].nunique(), n_posts, n_read, n_missing, total])
    return [dict(zip(_VIEWS, row, strict=True)) for row in rows]


_VIEWS = ("platform", "definition", "grain", "n_accounts", "n_posts", "n_on_screen", "n_missing", "views")


def _as_values(part: pd.DataFrame, column: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "platform": part["platform"],
            "item_kind": "post",
            "item": part["post_id"],
            "account": part["account"],
            "metric": part[f"{column}_metric"],
            "definition": part[f"{column}_definition"],
            "traffic": "total",
            "grain": part[f"{column}_grain"],
            "as_of": pd.Timestamp(0, tz="UTC"),  # values without one were left out before
            "value": part[column],
        }
    )


def post_age(posts: pd.DataFrame, values: pd.DataFrame) -> pd.Series:
    """Age of each post in days when it was last measured; NaN where either instant is unknown. Same order as
    ``posts``."""
    known = values[(values["item_kind"] == "post") & values["grain"].isin(["post_lifetime", "post_period"])]
    known = known[known["as_of"].notna() & known["value"].notna()]
    last = known.groupby(["platform", "item"], sort=False)["as_of"].max().rename("_last").reset_index()
    merged = posts.merge(last, left_on=["platform", "post_id"], right_on=["platform", "item"], how="left")
    return (merged["_last"] - merged["published_at"]).dt.total_seconds() / 86400


@measure(
    stage="learning",
    unit="posts",
    source="rule R4: lifetime totals are compared at equal age",
    columns={
        "platform": "str", "n_posts": "int", "n_old_enough": "int", "n_young": "int", "n_unknown_age": "int",
        "age_days": "int",
    },
)  # fmt: skip
def age(
    posts: pd.DataFrame, values: pd.DataFrame, *, age_days: int = 7, period: str | None = "during"
) -> list[dict[str, Any]]:
    """How many posts were at least ``age_days`` old when last measured, by platform.

    Posts whose publication or last measurement has no known time are counted apart. Unit: posts. Source: rule R4.
    """
    kept = in_period(posts, period)
    ages = pd.Series(post_age(kept, values).to_numpy(float), index=kept.index)
    return [
        {
            "platform": platform,
            "n_posts": len(own),
            "n_old_enough": int((own >= age_days).sum()),
            "n_young": int((own < age_days).sum()),
            "n_unknown_age": int(own.isna().sum()),
            "age_days": age_days,
        }
        for platform, own in ages.groupby(kept["platform"], sort=True)
    ]


@measure(
    stage="outputs",
    unit="accounts of a platform",
    source="Fréchet bounds, by the sector that declared accounts belong to",
    columns={
        "sector": "str", "n_accounts": "int", "n_posts": "int", "n_missing": "int", "reach_lower": "float",
        "reach_upper": "float", "top_theme": "str",
    },
)  # fmt: skip
def sectors(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    accounts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    period: str | None = "during",
) -> list[dict[str, Any]]:
    """Who did what: accounts, posts, reach bounds and the most frequent theme by sector.

    Themes are counted with the campaign's own name masked; of equally frequent ones the first by code. Posts of
    accounts without a sector are left out; sectors whose declared accounts sent nothing stand with 0 posts received.
    Unit: accounts of a platform. Source: Fréchet bounds.
    """
    kept = post_reach(in_period(posts, period), values)
    facts = account_facts(accounts, places, kept)
    rows = []
    for name in sorted(facts["sector"].dropna().unique()):
        members = set(facts.loc[facts["sector"] == name, "account"])
        own = kept[kept["account"].isin(members)]
        bounds = group_bounds(account_bounds(own, values), facts, population=None) if len(own) else {}
        counted = codes(own["themes_masked"]).explode().dropna().value_counts()
        top = sorted(counted[counted == counted.max()].index) if len(counted) else [None]
        rows.append(
            {
                "sector": name,
                "n_accounts": len(members),
                "n_posts": len(own),
                "n_missing": int(own["reach"].isna().sum()),
                "reach_lower": bounds.get("lower", np.nan),
                "reach_upper": bounds.get("upper", np.nan),
                "top_theme": top[0],
            }
        )
    return rows
