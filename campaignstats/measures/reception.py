"""How the posts were received, as far as comments tell: commenters are not residents, and pages may hide comments.

Counts of writers under the threshold are withheld, and with them the cells from which they could be worked out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from campaignstats.measures.frames import in_period, measure

SENTIMENTS = ("positive", "neutral", "negative")
KINDS = ("opinion", "friend_tag", "emoji", "contest", "copy", "institution", "owner")
# what institutions write is no personal datum
_PUBLIC = ("owner", "institution")


def opinions(comments: pd.DataFrame) -> pd.DataFrame:
    """The comments that are somebody's own words: owners, institutions, friend tags, emoji, contests, copies set
    apart."""
    return comments[(comments["reception_kind"] == "opinion") & ~comments["is_owner"]]


def _cells(comments: pd.DataFrame, suppress_below: int) -> pd.DataFrame:
    """One row a platform ("all" first) and sentiment, with ``suppressed`` by threshold and by complement."""
    said = opinions(comments)
    rows = []
    for platform in ["all", *sorted(said["platform"].unique())]:
        own = said if platform == "all" else said[said["platform"] == platform]
        tagged = own[own["sentiment"].notna()]
        for sentiment in SENTIMENTS:
            part = tagged[tagged["sentiment"] == sentiment]
            rows.append(
                {
                    "platform": platform,
                    "sentiment": sentiment,
                    "n_comments": len(part),
                    "share": len(part) / len(tagged) if len(tagged) else np.nan,
                    "n_writers": _writers(part),
                    "n_posts": part.drop_duplicates(["platform", "post_id"])["post_id"].notna().sum(),
                    "n_missing": len(own) - len(tagged),
                }
            )
    frame = pd.DataFrame(rows)
    small = (frame["n_writers"] < suppress_below) & (frame["n_comments"] > 0)
    frame["suppressed"] = _with_complements(frame, small)
    return frame


def _writers(comments: pd.DataFrame) -> int:
    """Distinct writers; comments without a known writer count as one, since more can't be shown."""
    known = comments["writer"].dropna()
    return int(known.nunique()) + int(len(known) < len(comments))


def _with_complements(frame: pd.DataFrame, small: pd.Series) -> pd.Series:
    """A lone withheld cell of a row or column can be worked out from the rest: its smallest neighbour goes with it."""
    hidden = small.copy()
    lines = [g.index for key in ("platform", "sentiment") for _, g in frame.groupby(key, sort=True)]
    changed = True
    while changed:
        changed = False
        for line in lines:
            shown = frame.loc[line][~hidden[line] & (frame.loc[line, "n_comments"] > 0)]
            if hidden[line].sum() == 1 and len(shown):
                hidden[shown.sort_values(["n_writers", "sentiment", "platform"]).index[0]] = True
                changed = True
    return hidden


@measure(
    stage="outtakes",
    unit="share of comments",
    source="tagger's count, uncorrected; suppression threshold after ACRO",
    columns={
        "platform": "str", "sentiment": "str", "n_comments": "count", "share": "float", "n_writers": "count",
        "n_posts": "count", "n_missing": "int", "suppressed": "bool",
    },
)  # fmt: skip
def sentiment(comments: pd.DataFrame, *, suppress_below: int = 10, period: str | None = "during") -> pd.DataFrame:
    """The shares of positive, neutral and negative opinions, for all platforms together and each.

    Only comments of kind "opinion" count; untagged ones are in n_missing. Cells with fewer than ``suppress_below``
    writers, and those from which they could be worked out, are missing and marked suppressed. No comments: NaN. A
    tagger's count, uncorrected. Unit: shares from 0 to 1. Source: LABELS, sentiment.
    """
    cells = _cells(in_period(comments, period), suppress_below)
    hidden = ["n_comments", "share", "n_writers", "n_posts"]
    return cells.assign(**{c: cells[c].astype("Float64").mask(cells["suppressed"]) for c in hidden})


@measure(
    stage="outtakes",
    unit="balance from -1 to 1",
    source="(P-N)/(P+N) and (P-N)/(P+N+neutral); tagger's count, uncorrected",
    columns={
        "platform": "str", "net_of_opinionated": "float", "net_of_all": "float", "n_comments": "count",
        "n_missing": "int", "suppressed": "bool",
    },
)  # fmt: skip
def net_sentiment(
    comments: pd.DataFrame, *, suppress_below: int = 10, period: str | None = "during"
) -> list[dict[str, Any]]:
    """Positive less negative opinions, over those with feeling and over all: two numbers with two names.

    (P−N)/(P+N) and (P−N)/(P+N+neutral); NaN where nothing is counted. Withheld for a platform of which ``sentiment``
    has withheld a cell, since both together would give it back. Unit: from −1 to 1. Source: MEASURES, net sentiment.
    """
    rows = []
    cells = _cells(in_period(comments, period), suppress_below)
    for platform, own in cells.groupby("platform", sort=False):
        n = own.set_index("sentiment")["n_comments"]
        feeling, every = n["positive"] + n["negative"], n.sum()
        hidden = bool(own["suppressed"].any())
        balance = n["positive"] - n["negative"]
        rows.append(
            {
                "platform": platform,
                "net_of_opinionated": balance / feeling if feeling and not hidden else np.nan,
                "net_of_all": balance / every if every and not hidden else np.nan,
                "n_comments": None if hidden else int(every),
                "n_missing": int(own["n_missing"].iloc[0]),
                "suppressed": hidden,
            }
        )
    return rows


@measure(
    stage="outtakes",
    unit="comments",
    source="reception kinds are set apart before any share; suppression threshold after ACRO",
    columns={
        "reception_kind": "str", "n_comments": "int", "n_writers": "count", "n_posts": "int", "suppressed": "bool",
    },
)  # fmt: skip
def reception_kinds(
    comments: pd.DataFrame, *, suppress_below: int = 10, period: str | None = "during", kinds: Sequence[str] = KINDS
) -> list[dict[str, Any]]:
    """How many comments were opinions, and how many were set apart: friend tags, bare emoji, contest entries, copies,
    institutions and the pages' own replies.

    A kind without comments has no row. n_writers under ``suppress_below`` is withheld, except for institutions and
    owners, which are no private persons. Unit: comments, writers, posts. Source: MEASURES, reception in general.
    """
    kept = in_period(comments, period)
    kind = kept["reception_kind"].mask(kept["is_owner"], "owner")
    order = {name: at for at, name in enumerate(kinds)}
    rows = []
    for name in sorted(kind.dropna().unique(), key=lambda k: (order.get(k, len(order)), k)):
        own = kept[kind == name]
        n_writers = _writers(own)
        hidden = n_writers < suppress_below and name not in _PUBLIC
        rows.append(
            {
                "reception_kind": name,
                "n_comments": len(own),
                "n_writers": None if hidden else n_writers,
                "n_posts": int(own.drop_duplicates(["platform", "post_id"])["post_id"].notna().sum()),
                "suppressed": hidden,
            }
        )
    return rows
