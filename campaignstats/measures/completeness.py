"""What is there, what is missing and what isn't known: comments held of those counted, cut exports, a calendar of days.

Missing is not zero (R5): a day is empty only where a file that lists every post of it says so.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from campaignstats.measures.frames import in_period, measure, with_value

# what a reader's note tells by its last word: "exportcomments.capped" and "crowdtangle.capped" are both cut exports.
# The one place that says which notes mean that rows are missing from a file.
CUTS = ("capped", "not_last_page", "replies_incomplete", "top_posts_only")

# states of a day, the strongest evidence first
DAY_STATES = ("posts", "no_posts", "capped", "partly", "no_source", "not_in_use")


@measure(
    stage="inputs",
    unit="comments",
    source="comments in the files ÷ comments counted by the platform, post by post; rule R5",
    columns={
        "scope": "str", "platform": "str", "account": "str", "name": "str", "definition": "str", "n_posts": "int",
        "n_missing": "int", "n_zero": "int", "n_without": "int", "n_more": "int", "counted": "count", "held": "int",
        "excess": "int", "held_uncounted": "int", "n_replies": "int", "held_share": "float",
    },
)  # fmt: skip
def comment_coverage(
    posts: pd.DataFrame, values: pd.DataFrame, comments: pd.DataFrame, *, period: str | None = "during"
) -> list[dict[str, Any]]:
    """How many of the comments that platforms count are in the files, for each platform and each account.

    held_share = (held − excess) ÷ counted over the posts whose count is known (its newest); a post with more held than
    counted (deleted since, or replies that the platform does not count) adds its surplus to ``excess``, never to the
    share. n_missing: posts without a known count, whose comments are ``held_uncounted``; n_zero: counted as 0;
    n_without: counted, and not one held. n_replies: replies among those held: 0 means that the export has top-level
    comments only, while platforms count replies too. One row a definition (R2). Unit: comments. Source: the files.
    """
    kept = in_period(posts, period)
    kept = with_value(kept, values, ("comments",), "counted")
    by_post = comments[comments["post_id"].notna()].groupby(["platform", "post_id"])
    held = pd.DataFrame({"held": by_post.size(), "replies": by_post["is_reply"].sum()}).reset_index()
    kept = kept.merge(held.astype({"platform": "str", "post_id": "str"}), on=["platform", "post_id"], how="left")
    kept[["held", "replies"]] = kept[["held", "replies"]].fillna(0).astype("int64")
    rows = []
    for scope in ("platform", "account"):
        for key, own in kept.groupby(["platform", "account"] if scope == "account" else ["platform"], sort=True):
            platform, account = key if scope == "account" else (key[0], None)
            name = own["account_name"].dropna().min() if scope == "account" else None
            # posts without a count stand with the first definition of the group
            defined = own["counted_definition"].fillna(own["counted_definition"].dropna().min())
            for definition, part in own.groupby(defined.fillna(""), sort=True):
                rows.append(
                    {"scope": scope, "platform": platform, "account": account, "name": name}
                    | {"definition": definition or None}
                    | _held(part)
                )
    return rows


def _held(posts: pd.DataFrame) -> dict[str, Any]:
    known = posts[posts["counted"].notna()]
    excess = (known["held"] - known["counted"]).clip(lower=0)
    counted = known["counted"].sum()
    return {
        "n_posts": len(posts),
        "n_missing": len(posts) - len(known),
        "n_zero": int((known["counted"] == 0).sum()),
        "n_without": int(((known["counted"] > 0) & (known["held"] == 0)).sum()),
        "n_more": int((excess > 0).sum()),
        "counted": int(counted) if len(known) else None,
        "held": int(known["held"].sum()),
        "excess": int(excess.sum()),
        "held_uncounted": int(posts.loc[posts["counted"].isna(), "held"].sum()),
        "n_replies": int(posts["replies"].sum()),
        "held_share": (known["held"].sum() - excess.sum()) / counted if counted > 0 else np.nan,
    }


@measure(
    stage="inputs",
    unit="files",
    source="notes that the readers made on the files (CUTS)",
    columns={
        "path": "str", "format": "str", "platform": "str", "cut": "str", "what": "str", "rows": "count",
        "n_missing": "count", "note": "str", "details": "str",
    },
)  # fmt: skip
def cut_exports(sources: pd.DataFrame) -> list[dict[str, Any]]:
    """The files that a tool or a platform cut off: what was missing when they were made is not in them.

    cut: "capped" (a limit of rows), "not_last_page", "replies_incomplete", "top_posts_only"; what: "comments" or
    "posts", whichever is missing; rows: the limit, where it is one; n_missing: how many are known to be missing. note
    and details are the reader's own sentence. Unit: files. Source: the readers' notes.
    """
    rows = []
    for source in sources.sort_values(["path", "source"]).itertuples():
        for note, details in json.loads(source.notes) if isinstance(source.notes, str) and source.notes else []:
            cut = cut_of(note)
            if cut is None:
                continue
            of_comments = "comment" in str(source.tables).split("|")
            rows.append(
                {
                    "path": source.path,
                    "format": source.format,
                    "platform": source.platform,
                    "cut": cut,
                    "what": "comments" if of_comments else "posts",
                    "rows": details.get("rows", details.get("posts")),
                    "n_missing": details.get("replies"),
                    "note": note,
                    "details": json.dumps(details, ensure_ascii=False, sort_keys=True),
                }
            )
    return rows


def cut_of(note: str) -> str | None:
    """The kind of cut that a reader's note means, or None: "exportcomments.capped" is "capped"."""
    last = note.rpartition(".")[2]
    return last if last in CUTS else None


@measure(
    stage="inputs",
    unit="posts",
    source="rule R5: missing is not zero",
    columns={
        "account": "str", "name": "str", "platform": "str", "owner_level": "str", "place": "str", "place_name": "str",
        "has_files": "bool", "n_window": "int", "day": "date", "period": "str", "n_posts": "int", "state": "str",
    },
)  # fmt: skip
def calendar(
    posts: pd.DataFrame,
    spans: pd.DataFrame,
    accounts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    window: tuple[date, date],
    baseline: tuple[date, date] | None = None,
) -> pd.DataFrame:
    """Every day of the baseline and the window for every account, and what is known of it.

    "posts": some were received. "no_posts": none, and that is known: a file that lists every post speaks of the day, or
    the account's source is declared complete. "capped": none, but the only file of that day was cut off. "partly": only
    the account's daily figures are there, not its posts. "no_source": nothing was received; what happened is unknown.
    "not_in_use": the account was not in use. n_window: its posts in the window. Unit: posts. Source: rule R5;
    ``spans`` is what each file speaks of.
    """
    periods = [("window", window)] if baseline is None else [("baseline", baseline), ("window", window)]
    days = [(name, day) for name, (first, last) in periods for day in pd.date_range(first, last)]
    who = accounts.drop_duplicates("account").sort_values("account")
    named = places.drop_duplicates("code").set_index("code")["name"]
    dated = posts[posts["day"].notna() & (posts["status"].fillna("ok") != "unavailable")]
    counted = dated.groupby(["account", "day"]).size().to_dict()
    has_files = set(spans["account"]) | set(dated["account"])
    known = {kind: _days_of(spans[mask]) for kind, mask in _kinds(spans).items()}
    columns: dict[str, list[Any]] = {"account": [], "day": [], "period": [], "n_posts": [], "state": []}
    for account in who.to_dict("records"):
        key, since, until = str(account["account"]), account["since"], account["until"]
        listed, cut, daily = (known[kind].get(key, frozenset()) for kind in ("listed", "cut", "daily"))
        for period, day in days:
            n = counted.get((key, day), 0)
            if n:
                state = "posts"
            elif (not pd.isna(since) and day < since) or (not pd.isna(until) and day > until):
                state = "not_in_use"
            elif day in listed or (account["complete_source"] and period == "window"):
                state = "no_posts"
            else:
                state = "capped" if day in cut else "partly" if day in daily else "no_source"
            for column, value in zip(columns, (key, day, period, n, state), strict=True):
                columns[column].append(value)
    found = pd.DataFrame(columns).astype({"account": "str"})
    facts = who[["account", "name", "platform", "owner_level", "place"]]
    found = found.merge(facts, on="account", how="left")
    return found.assign(
        place_name=found["place"].map(named.to_dict()).astype("str") if len(found) else found["place"],
        has_files=found["account"].isin(has_files),
        n_window=found["n_posts"].where(found["period"] == "window", 0).groupby(found["account"]).transform("sum"),
    )


def _kinds(spans: pd.DataFrame) -> Mapping[str, Any]:
    listed = spans["kind"] == "posts"
    return {"listed": listed & ~spans["capped"], "cut": listed & spans["capped"], "daily": spans["kind"] == "daily"}


def _days_of(spans: pd.DataFrame) -> dict[str, frozenset[pd.Timestamp]]:
    found: dict[str, set[pd.Timestamp]] = {}
    known = spans[spans["first"].notna() & spans["last"].notna()]
    for account, first, last in zip(known["account"], known["first"], known["last"], strict=True):
        found.setdefault(account, set()).update(pd.date_range(first, last))
    return {account: frozenset(days) for account, days in found.items()}
