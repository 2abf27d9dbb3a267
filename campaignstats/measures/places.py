"""Where the campaign took place: which communes posted, and what is known of reach in each.

Three states: posted; complete data and no post; nothing received, which is unknown and never "did not post".
"""

from typing import Any

import numpy as np
import pandas as pd

from campaignstats.campaign import WHOLE_AREAS
from campaignstats.measures.frames import in_period, measure
from campaignstats.measures.reach import account_bounds, account_facts, group_bounds, post_reach


def place_states(posts: pd.DataFrame, accounts: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """place, state, n_accounts, n_posts of every place but the province itself; ``posts`` are those in scope."""
    scope = places[~places["kind"].isin(WHOLE_AREAS)].drop_duplicates("code").sort_values("code")
    n_posts = posts.groupby("place").size()
    n_posts.index = n_posts.index.astype("str")
    members = pd.concat([accounts[["account", "place"]], posts[["account", "place"]]]).dropna().drop_duplicates()
    n_accounts = members.groupby("place")["account"].nunique()
    complete = accounts[accounts["place"].notna()].groupby("place")["complete_source"].all()
    found = pd.DataFrame({"place": scope["code"].to_numpy()})
    found["n_posts"] = found["place"].map(n_posts).fillna(0).astype(int)
    found["n_accounts"] = found["place"].map(n_accounts).fillna(0).astype(int)
    whole = found["place"].map(complete).astype("boolean").fillna(False).astype(bool)
    found["state"] = np.select([found["n_posts"] > 0, whole], ["posted", "complete_no_post"], "nothing_received")
    return found


@measure(
    stage="outputs",
    unit="places",
    source="places with at least one post in scope; three states",
    columns={
        "n_places": "int", "n_posted": "int", "n_complete_no_post": "int", "n_nothing_received": "int",
        "exact": "bool", "n_on_sheet_only": "int",
    },
)  # fmt: skip
def participation(
    posts: pd.DataFrame, accounts: pd.DataFrame, places: pd.DataFrame, *, period: str | None = "during"
) -> list[dict[str, Any]]:
    """At least how many places posted: one row; exact only where every other place's sources are declared complete.

    A place took part with one post or more in the period by an account of the place. One from which nothing was
    received is unknown, never "did not post". n_on_sheet_only of n_posted are known by nothing but the place's own
    collection sheet. Without declared places: no row. Taking part is not reach. Unit: places.
    Source: MEASURES, participation.
    """
    kept = in_period(posts, period)
    found = place_states(kept, accounts, places)
    states = found["state"]
    if not len(states):
        return []
    on_sheet_only = kept.groupby("place")["on_sheet"].all()
    n = {state: int((states == state).sum()) for state in ("posted", "complete_no_post", "nothing_received")}
    return [
        {f"n_{state}": count for state, count in n.items()}
        | {
            "n_places": len(states),
            "exact": n["nothing_received"] == 0,
            "n_on_sheet_only": int(found["place"].isin(on_sheet_only[on_sheet_only].index.astype("str")).sum()),
        }
    ]


@measure(
    stage="outputs",
    unit="accounts of a platform, and per 1,000 inhabitants",
    source="Fréchet bounds; population with its date and source beside it",
    columns={
        "place": "str", "name": "str", "state": "str", "n_accounts": "int", "n_posts": "int", "n_missing": "int",
        "lower": "float", "upper": "float", "capped": "bool", "population": "count", "population_date": "date",
        "population_source": "str", "population_assumed": "bool", "lower_per_1000": "float",
        "upper_per_1000": "float", "latitude": "float", "longitude": "float",
    },
)  # fmt: skip
def reach_places(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    accounts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    period: str | None = "during",
) -> pd.DataFrame:
    """What accounts of each place reached, as bounds, and per 1,000 inhabitants; every declared place has a row.

    lower_per_1000 = 1000 × lower ÷ population; missing where reach or population is. The upper bound is capped at the
    place's population only where all its accounts' audiences are known to be local; elsewhere accounts anywhere were
    reached, and the figure per 1,000 is a size, not a coverage. Unit: accounts of a platform. Source: Fréchet bounds.
    """
    kept = post_reach(in_period(posts, period), values)
    states = place_states(kept, accounts, places)
    facts = account_facts(accounts, places, kept)
    known = places.drop_duplicates("code").set_index("code")
    rows: list[dict[str, Any]] = []
    for place, people in zip(states["place"], states["place"].map(known["population"]).astype(float), strict=True):
        own = kept[kept["place"] == place]
        bounds: dict[str, Any] = {"lower": np.nan, "upper": np.nan, "capped": False, "n_missing": 0}
        if len(own):
            bounds = group_bounds(account_bounds(own, values), facts, population=people)
        size = people if people > 0 else np.nan
        rows.append(
            {name: bounds[name] for name in ("n_missing", "lower", "upper", "capped")}
            | {"lower_per_1000": 1000 * bounds["lower"] / size, "upper_per_1000": 1000 * bounds["upper"] / size}
        )
    columns = ["name", "population", "population_date", "population_source", "population_assumed"]
    columns += ["latitude", "longitude"]
    found = pd.concat([states, pd.DataFrame(rows, columns=_BOUNDS)], axis=1)
    return found.merge(known[columns], left_on="place", right_index=True, how="left")


_BOUNDS = ["n_missing", "lower", "upper", "capped", "lower_per_1000", "upper_per_1000"]
