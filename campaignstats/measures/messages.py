"""Which campaign messages the posts carried, and which came back in what people wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from campaignstats.estimate.concentration import gini
from campaignstats.estimate.intervals import NONE, ratio_interval
from campaignstats.measures.frames import codes, in_period, measure
from campaignstats.measures.reach import post_reach


def owned_posts(posts: pd.DataFrame) -> pd.DataFrame:
    """The campaign's own posts: those of declared accounts, or of all where none is declared, without shares of
    others' posts."""
    return posts[~posts["is_share"] & (posts["declared"] | (not bool(posts["declared"].any())))]


def _copies_once(posts: pd.DataFrame) -> pd.DataFrame:
    """Posts with boilerplate copies counted once: the first published of each text; a post without text stands
    alone."""
    ordered = posts.sort_values(["published_at", "platform", "post_id"], na_position="last")
    return ordered[ordered["text_key"].isna() | ~ordered["text_key"].duplicated()]


def earned_items(posts: pd.DataFrame, comments: pd.DataFrame) -> pd.DataFrame:
    """Opinions in comments, and posts and shares by accounts that the campaign has not declared: platform, day, themes.

    Where no account is declared, nobody's posts can be told from the campaign's own: only opinions then.
    """
    said = comments[comments["reception_kind"] == "opinion"]
    shared = posts[~posts["declared"] & bool(posts["declared"].any())]
    wanted = ["platform", "day", "themes", "themes_masked"]
    frames = [f[wanted] for f in (said, shared) if len(f)]
    return pd.concat(frames, ignore_index=True) if frames else said[wanted]


@measure(
    stage="outputs",
    unit="share of items",
    source="message pull-through (AMEC Integrated Evaluation Framework); tagger's count, uncorrected",
    columns={
        "side": "str", "scope": "str", "code": "str", "masked": "bool", "n_items": "int", "n_missing": "int",
        "n_hits": "int", "share": "float", "weighted_share": "float", "weighted_low": "float",
        "weighted_high": "float", "interval": "str", "reach_gini": "float", "n_missing_reach": "int",
        "corrected": "bool",
    },
)  # fmt: skip
def messages(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    comments: pd.DataFrame,
    *,
    themes: Sequence[str] = (),
    focus_areas: Mapping[str, Sequence[str]] | None = None,
    period: str | None = "during",
    resamples: int = 2000,
    few_accounts: int = 10,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """The share of items that carry each theme and focus area, among own posts and among what others wrote.

    share = items with the theme ÷ tagged items; untagged ones are in n_missing. Owned: posts that are no shares,
    copies of one text counted once. Earned: comments of kind "opinion" and shares by undeclared accounts. ``masked``:
    with the campaign's own name and slogan hidden from the tagger, the headline. weighted_share = Σ reach × hit ÷ Σ
    reach over all own posts with reach, copies included, with an interval over accounts and the Gini of that reach
    beside it: exposures as weights, not people. A tagger's count, uncorrected. ``themes`` and ``focus_areas`` give
    rows even where nothing was hit. Unit: shares from 0 to 1. Source: message pull-through, AMEC.
    """
    kept, said = in_period(posts, period), in_period(comments, period)
    reached = owned_posts(post_reach(kept, values))
    once = _copies_once(reached)
    earned = earned_items(kept, said)
    seen = (codes(items[column]) for items in (once, earned) for column in ("themes", "themes_masked"))
    known = themes or sorted({code for tags in seen for own in tags for code in own})
    groups = [("theme", code, frozenset([code])) for code in known]
    groups += [("focus_area", name, frozenset(members)) for name, members in (focus_areas or {}).items()]
    options = {"resamples": resamples, "few": few_accounts, "seed": seed}
    rows = []
    for masked, column in ((True, "themes_masked"), (False, "themes")):
        tagged = reached[reached[column].notna() & reached["reach"].notna()]
        spread = gini(tagged["reach"])
        n_missing_reach = int((reached[column].notna() & reached["reach"].isna()).sum())
        for scope, code, members in groups:
            hit = _hits(tagged[column], members)
            under = tagged["reach"].sum()
            weighted, interval = np.nan, NONE
            if under > 0:
                weighted = float((tagged["reach"] * hit).sum() / under)
                interval = ratio_interval(tagged["reach"] * hit, tagged["reach"], tagged["account"], **options)
            row = {
                "weighted_share": weighted,
                "weighted_low": interval.low,
                "weighted_high": interval.high,
                "interval": interval.kind,
                "reach_gini": spread,
                "n_missing_reach": n_missing_reach,
            }
            rows.append(_counted("owned", scope, code, masked, once[column], members) | row)
            nothing = dict.fromkeys(("weighted_share", "weighted_low", "weighted_high", "reach_gini"), np.nan)
            row = nothing | {"interval": "none", "n_missing_reach": 0}
            rows.append(_counted("earned", scope, code, masked, earned[column], members) | row)
    order = {"owned": 0, "earned": 1}
    return sorted(rows, key=lambda r: (order[r["side"]], r["scope"] != "theme", not r["masked"]))


def _hits(tags: pd.Series, members: frozenset[str]) -> pd.Series:
    return codes(tags).map(lambda own: bool(own & members)).astype(bool)


def _counted(
    side: str, scope: str, code: str, masked: bool, tags: pd.Series, members: frozenset[str]
) -> dict[str, Any]:
    tagged = tags.dropna()
    n_hits = int(_hits(tagged, members).sum())
    return {
        "side": side,
        "scope": scope,
        "code": code,
        "masked": masked,
        "n_items": len(tagged),
        "n_missing": len(tags) - len(tagged),
        "n_hits": n_hits,
        "share": n_hits / len(tagged) if len(tagged) else np.nan,
        "corrected": False,
    }


@measure(
    stage="outputs",
    unit="share of items",
    source="message pull-through by week; tagger's count, uncorrected",
    columns={
        "side": "str", "theme": "str", "week_start": "date", "n_items": "int", "n_missing": "int", "n_hits": "int",
        "share": "float",
    },
)  # fmt: skip
def message_weeks(
    posts: pd.DataFrame,
    comments: pd.DataFrame,
    *,
    themes: Sequence[str] = (),
    period: str | None = "during",
) -> list[dict[str, Any]]:
    """The share of items with each theme by week from Monday, with the campaign's own name masked.

    The same items as in ``messages``; those without a day are left out. A week without items has no row. Unit: shares
    from 0 to 1. Source: message pull-through.
    """
    kept, said = in_period(posts, period), in_period(comments, period)
    rows = []
    for side, items in (("owned", _copies_once(owned_posts(kept))), ("earned", earned_items(kept, said))):
        dated = items[items["day"].notna()]
        week = dated["day"] - pd.to_timedelta(dated["day"].dt.day_of_week, unit="D")
        known = themes or sorted({c for own in codes(dated["themes_masked"]) for c in own})
        for start, part in dated.groupby(week, sort=True):
            for theme in known:
                counted = _counted(side, "theme", theme, True, part["themes_masked"], frozenset([theme]))
                rows.append(counted | {"theme": theme, "week_start": start})
    return rows
