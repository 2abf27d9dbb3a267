"""The same figures exported more than once: what grew as it should, what fell, what vanished, what stands twice.

The newest value wins in every other measure; here is told what it won against. Nothing is merged or corrected.
"""

from typing import Any

import numpy as np
import pandas as pd

from campaignstats import metrics
from campaignstats.measures.frames import measure

FULL_AGE = 28  # days after which MEASURES calls a post's figures whole
EARLY_AGE = 7
_COPY_MINUTES = 10
# lifetime totals that may fall of themselves: they are a difference
_NET = ("net_followers", "subscribers_net")
_SPOKEN = ("comments", "replies", "quotes")
_TAKEN_BACK = ("reactions", "likes", "dislikes", "shares", "reposts", "saves", "bookmarks", "follows", "interactions")


def fallen_values(history: pd.DataFrame) -> pd.DataFrame:
    """Every pair of successive snapshots of a lifetime total by one route of which the later is smaller.

    What a tool read off the public page and what the platform exported differ without anything falling.
    """
    names = [
        name
        for name, m in metrics.registry().items()
        if m.unit not in ("rate", "count") and not m.ratio and name not in _NET
    ]
    kept = history[
        (history["grain"] == "post_lifetime")
        & history["metric"].isin(names)
        & history["as_of"].notna()
        & history["value"].notna()
        & ~history["approximate"]
        & (history["evidence"].fillna("export") == "export")
    ]
    kept = kept.assign(route=kept["route"].fillna(""))
    key = ["platform", "item_kind", "item", "metric", "traffic", "route"]
    # of one instant the largest: two files of one moment contradict each other, but nothing fell between them
    kept = kept.sort_values([*key, "as_of", "value", "definition", "export"], ignore_index=True)
    kept = kept.drop_duplicates([*key, "as_of"], keep="last", ignore_index=True)
    before = kept.groupby(key, sort=False)[["value", "as_of", "definition"]].shift(1).add_prefix("earlier_")
    found = kept.join(before)
    found = found[found["value"] < found["earlier_value"]]
    return found.reset_index(drop=True)


def fall_cause(metric: str, platform: str, earlier: Any, later: Any, *, same_definition: bool) -> str:
    """What most likely made a lifetime total fall between two instants; a catalogue key below [cause]."""
    if not same_definition:
        return "definition"
    between = [
        b
        for b in metrics.breaks(metric, platform, possible=True)
        if b.kind != "renamed" and earlier.date() < b.on <= later.date()
    ]
    if between:
        return "break"
    if metric in _SPOKEN:
        return "deleted"
    if metric in _TAKEN_BACK:
        return "taken_back"
    return "estimate" if metrics.metric(metric).unit == "people" else "correction"


@measure(
    stage="inputs",
    unit="values",
    source="rules R4, R8: the newest snapshot of a lifetime total wins, and the fall is told",
    columns={
        "platform": "str", "account": "str", "item": "str", "metric": "str", "definition": "str", "traffic": "str",
        "before": "float", "after": "float", "as_of_before": "date", "as_of_after": "date", "cause": "str",
    },
)  # fmt: skip
def fallen(history: pd.DataFrame) -> list[dict[str, Any]]:
    """Lifetime totals of posts that are smaller in a later export than in an earlier one, the largest falls first.

    Lifetime totals grow. One that falls was corrected: comments deleted or hidden ("deleted"), reactions or shares
    taken back or accounts removed ("taken_back"), people estimated anew ("estimate"), invalid views taken out
    ("correction"), or it counts something else since ("definition", "break"). These are likely causes, none is proved.
    Averages, rates, differences, rounded and self-reported values are left out. as_of are days in UTC. Unit: the
    metric's. Source: the exports.
    """
    rows = []
    for row in _lines(fallen_values(history)):
        same = row.definition == row.earlier_definition
        rows.append(
            {
                "platform": row.platform,
                "account": row.account,
                "item": row.item,
                "metric": row.metric,
                "definition": row.definition if same else f"{row.earlier_definition}|{row.definition}",
                "traffic": row.traffic,
                "before": row.earlier_value,
                "after": row.value,
                "as_of_before": row.earlier_as_of.tz_localize(None),
                "as_of_after": row.as_of.tz_localize(None),
                "cause": fall_cause(row.metric, row.platform, row.earlier_as_of, row.as_of, same_definition=same),
            }
        )
    return sorted(
        rows, key=lambda r: (r["after"] - r["before"], r["platform"], r["item"], r["metric"], r["traffic"], r["after"])
    )


def vanished_posts(sightings: pd.DataFrame) -> pd.DataFrame:
    """Posts of an earlier export that a later one of the same account and route should hold, and does not hold.

    A later export should hold a post if it lists every post of its period and the post was published inside that
    period by more than a day from either end; without a stated period, between its own first and last post.
    """
    columns = ["platform", "account", "post_id", "route", "published_at", "last_seen", "missing_as_of", "status"]
    # a row that only says that the post is unavailable names no account: it holds the post all the same
    known = sightings[sightings["as_of"].notna()]
    newest_of = known.groupby(["platform", "post_id"])["as_of"].max().to_dict()
    seen = known[known["account"].notna()]
    seen = seen.sort_values(["platform", "post_id", "as_of", "export"], ignore_index=True)
    rows = []
    for (platform, account, route), own in seen.groupby(["platform", "account", seen["route"].fillna("")], sort=True):
        exports = _exports(own)
        if len(exports) < 2:
            continue
        held = own.groupby("post_id", sort=True)
        newest = held.tail(1)
        for post in _lines(newest):
            if pd.isna(post.published_at):
                continue
            later = exports[exports["lists_all"] & (exports["as_of"] > newest_of[platform, post.post_id])]
            later = later[(later["first"] <= post.published_at) & (post.published_at <= later["last"])]
            if len(later):
                gone = later["as_of"].min()
                rows.append([platform, account, post.post_id, route, post.published_at, post.as_of, gone, post.status])
    return pd.DataFrame(rows, columns=columns)


def _exports(own: pd.DataFrame) -> pd.DataFrame:
    """Each export of one account and route: as_of, lists_all, first and last instant of publication it vouches for."""
    ok = own[own["published_at"].notna()]
    span = ok.groupby("export", sort=True)["published_at"].agg(["min", "max"])
    table = own.groupby("export", sort=True).agg(
        as_of=("as_of", "max"),
        lists_all=("lists_all", "all"),
        start=("period_start", "min"),
        end=("period_end", "max"),
    )
    table = table.join(span)
    day = pd.Timedelta(days=1)
    # whose days the period counts is one of several clocks: a day from either end nothing is concluded
    table["first"] = (table["start"] + day).dt.tz_localize("UTC").where(table["start"].notna(), table["min"])
    table["last"] = table["end"].dt.tz_localize("UTC").where(table["end"].notna(), table["max"])
    return table.reset_index()


@measure(
    stage="inputs",
    unit="posts",
    source="posts of an earlier export that a later one covers and does not hold",
    columns={
        "platform": "str", "account": "str", "post_id": "str", "published": "date", "last_seen": "date",
        "missing_from": "date", "n_exports": "int", "state": "str",
    },
)  # fmt: skip
def vanished(sightings: pd.DataFrame) -> list[dict[str, Any]]:
    """Posts that were in an export and are gone: not in a later one that covers them, or there as unavailable.

    state "absent": a later export of the same account and kind lists every post of a period in which this one was
    published, and does not list it: deleted, hidden, or the export was narrowed by hand. "unavailable": the newest
    export holds the post and says that it can't be shown. Their last figures stay in every count but those of
    available posts. last_seen and missing_from are the days (UTC) of the last export with it and the first without.
    n_exports: exports that held it. Unit: posts. Source: the exports.
    """
    n_held = sightings.groupby(["platform", "post_id"])["export"].nunique().to_dict()
    rows = [
        {
            "platform": row.platform,
            "account": row.account,
            "post_id": row.post_id,
            "published": row.published_at.tz_localize(None),
            "last_seen": row.last_seen.tz_localize(None),
            "missing_from": row.missing_as_of.tz_localize(None),
            "n_exports": int(n_held[row.platform, row.post_id]),
            "state": "absent",
        }
        for row in _lines(vanished_posts(sightings))
    ]
    told = {(r["platform"], r["post_id"]) for r in rows}
    ordered = sightings.sort_values(["platform", "post_id", "as_of", "export"], na_position="first")
    for (platform, post_id), own in ordered.groupby(["platform", "post_id"], sort=True):
        last = own.iloc[-1]
        well = own[own["status"].fillna("ok") == "ok"]
        if (platform, post_id) in told or last["status"] != "unavailable" or well.empty:
            continue
        born = own["published_at"].min()
        rows.append(
            {
                "platform": platform,
                "account": well["account"].iloc[-1],
                "post_id": post_id,
                "published": _day(born),
                "last_seen": _day(well["as_of"].max()),
                "missing_from": _day(last["as_of"]),
                "n_exports": int(n_held[platform, post_id]),
                "state": "unavailable",
            }
        )
    return sorted(rows, key=lambda r: (r["platform"], str(r["account"]), r["post_id"]))


def _lines(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples."""
    return list(frame.itertuples(index=False))


def _day(instant: Any) -> Any:
    return pd.NaT if pd.isna(instant) else instant.tz_convert("UTC").tz_localize(None)


@measure(
    stage="inputs",
    unit="exports, posts, values",
    source="the exports themselves: every snapshot is kept, the newest wins",
    columns={
        "account": "str", "platform": "str", "name": "str", "n_exports": "int", "n_snapshots": "int", "first_as_of":
        "date", "last_as_of": "date", "n_posts": "int", "n_posts_again": "int", "n_overlaps": "int", "n_fell": "int",
        "n_posts_fell": "int", "n_vanished": "int", "n_unavailable": "int", "n_under_7": "int", "n_under_28": "int",
        "n_unknown_age": "int",
    },
)  # fmt: skip
def snapshots(history: pd.DataFrame, sightings: pd.DataFrame, accounts: pd.DataFrame) -> list[dict[str, Any]]:
    """For each account what its exports say of one another, and the same for each platform (account missing).

    n_exports: files that hold posts of it. n_snapshots: different days (UTC) on which they were exported. n_posts:
    different posts; n_posts_again: in more than one export. n_overlaps: pairs of exports that share a post. n_fell:
    lifetime totals that fell between two exports, n_posts_fell: of how many posts. n_vanished: see ``vanished``,
    n_unavailable of them said to be so. n_under_7, n_under_28: posts whose newest figures are younger than that many
    days, which still grow (R4); n_unknown_age: publication or export at no known time. Unit: counts. Source: the
    exports.
    """
    fell = fallen_values(history)
    gone = pd.DataFrame(vanished(sightings))
    seen = sightings.assign(day=sightings["as_of"].dt.floor("D"))
    newest = seen.groupby(["platform", "account", "post_id"], dropna=False, sort=True).agg(
        born=("published_at", "min"), last=("as_of", "max"), n=("export", "nunique")
    )
    newest["age"] = (newest["last"] - newest["born"]).dt.total_seconds() / 86400
    newest = newest.reset_index()
    names = dict(zip(accounts["account"], accounts["name"], strict=True))

    def row(account: str | None, platform: str) -> dict[str, Any]:
        def of(frame: pd.DataFrame) -> pd.DataFrame:
            own = frame[frame["platform"] == platform]
            return own if account is None else own[own["account"] == account]

        posts, own, lost = of(newest), of(seen), of(gone)
        dates = own["as_of"].dropna()
        return {
            "account": account,
            "platform": platform,
            "name": names.get(account) if account is not None else None,
            "n_exports": own["export"].nunique(),
            "n_snapshots": own["day"].nunique(),
            "first_as_of": _day(dates.min()) if len(dates) else pd.NaT,
            "last_as_of": _day(dates.max()) if len(dates) else pd.NaT,
            "n_posts": len(posts),
            "n_posts_again": int((posts["n"] > 1).sum()),
            "n_overlaps": _overlaps(own),
            "n_fell": len(of(fell)),
            "n_posts_fell": of(fell)["item"].nunique(),
            "n_vanished": len(lost),
            "n_unavailable": int((lost["state"] == "unavailable").sum()),
            "n_under_7": int((posts["age"] < EARLY_AGE).sum()),
            "n_under_28": int((posts["age"] < FULL_AGE).sum()),
            "n_unknown_age": int(posts["age"].isna().sum()),
        }

    rows = []
    for platform, own in seen.groupby("platform", sort=True):
        rows.append(row(None, str(platform)))
        rows += [row(str(account), str(platform)) for account in sorted(own["account"].dropna().unique())]
    return rows


def _overlaps(own: pd.DataFrame) -> int:
    """Pairs of exports that hold a post in common."""
    pairs: set[tuple[str, str]] = set()
    held = own.drop_duplicates(["account", "post_id", "export"])
    again = held[held.duplicated(["account", "post_id"], keep=False)]
    for _, part in again.groupby(["account", "post_id"], sort=False, dropna=False):
        exports = sorted(part["export"])
        pairs |= {(a, b) for at, a in enumerate(exports) for b in exports[at + 1 :]}
    return len(pairs)


@measure(
    stage="inputs",
    unit="posts",
    source="posts with one text within ten minutes, and what the platform marks as crossposted: hints, never merged",
    columns={
        "reason": "str", "platforms": "str", "accounts": "str", "posts": "str", "first": "date", "minutes": "float",
        "n_posts": "int", "n_accounts": "int", "n_marked": "int", "same_family": "bool",
    },
)  # fmt: skip
def crossposts(posts: pd.DataFrame, *, period: str | None = None) -> list[dict[str, Any]]:
    """Hints that several posts are one clip or text put out on several pages or platforms; nothing is merged.

    reason "same_text": the same text (``text_key``) within ten minutes of the first, on two accounts or platforms;
    "marked": the platform marks the post as crossposted, and no copy of it was found. n_marked: posts so marked.
    same_family: all accounts are of one place or one sector of the province. Each post keeps its own figures: the same
    person may have seen both. ``first`` is the campaign-local day. Unit: posts. Source: the exports.
    """
    kept = posts if period is None else posts[posts["period"] == period]
    kept = kept[~kept["is_share"]].sort_values(["published_at", "platform", "post_id"], ignore_index=True)
    named = kept[kept["text_key"].notna() & kept["published_at"].notna()]
    groups: list[tuple[str, pd.DataFrame]] = []
    for _, own in named.groupby("text_key", sort=True):
        at = 0
        while at < len(own):
            close = own["published_at"] - own["published_at"].iloc[at] <= pd.Timedelta(minutes=_COPY_MINUTES)
            part = own[close.to_numpy() & (np.arange(len(own)) >= at)]
            if len(part[["platform", "account"]].drop_duplicates()) > 1:
                groups.append(("same_text", part))
            at += len(part)
    told = {i for _, part in groups for i in part.index}
    groups += [("marked", kept.loc[[i]]) for i in kept.index[kept["is_crosspost"]] if i not in told]
    rows = []
    for reason, part in groups:
        families = {
            place if isinstance(place, str) else f"sector:{sector}"
            for place, sector in zip(part["place"], part["sector"], strict=True)
            if isinstance(place, str) or isinstance(sector, str)
        }
        span = part["published_at"].max() - part["published_at"].min()
        rows.append(
            {
                "reason": reason,
                "platforms": "|".join(sorted(part["platform"].unique())),
                "accounts": "|".join(sorted(part["account"].unique())),
                "posts": "|".join(f"{p}:{i}" for p, i in sorted(zip(part["platform"], part["post_id"], strict=True))),
                "first": part["day"].min(),
                "minutes": np.nan if pd.isna(span) else span.total_seconds() / 60,
                "n_posts": len(part),
                "n_accounts": part["account"].nunique(),
                "n_marked": int(part["is_crosspost"].sum()),
                "same_family": len(families) == 1 and bool(part[["place", "sector"]].notna().any(axis=1).all()),
            }
        )
    return sorted(rows, key=lambda r: (r["reason"] != "same_text", str(r["first"]), r["posts"]))
