"""The campaign against the year before and against its targets: comparable, or why not."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from campaignstats.campaign import Target
from campaignstats.measures.frames import in_period, joined, measure, newest
from campaignstats.measures.places import place_states
from campaignstats.measures.reach import SEEN, account_bounds, account_facts, group_bounds, post_age, post_reach, views

# ages at last measurement that differ by more than this many days are not equal (R4)
SAME_AGE_DAYS = 7
# a window a year before may move with the lunar calendar, and no further
YEAR_DAYS = range(330, 401)


@measure(
    stage="learning",
    unit="as the measure's",
    source="the same measure for the same window a year before, or the reason why not",
    columns={
        "measure": "str",
        "now": "float",
        "before": "float",
        "comparable": "bool",
        "reason": "str",
        "n_former": "int",
    },
)
def year_before(
    posts: pd.DataFrame,
    values: pd.DataFrame,
    comments: pd.DataFrame,
    accounts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    has_baseline: bool = True,
    days_before: int | None = None,
    merged_on: date | None = None,
    baseline_end: date | None = None,
    successors: Mapping[str, str] | None = None,
    continued_by: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Posts, places that posted, views, reach and comments now and in the baseline window, comparable or why not.

    ``days_before`` is how long before the campaign the baseline window starts: the weeks just before are no year
    before, and their figures are not shown as such. None: it is the year before.

    ``reason`` is a catalogue key below [reason], missing where comparable: no baseline window, no files of it, an area
    merged since (``merged_on`` after ``baseline_end``), a changed definition (R2), posts measured at another age (R4),
    other accounts, or no value at all. Figures that are known stand beside the reason, so that silence isn't read as
    zero. ``successors`` and ``continued_by`` give, for places and accounts that were merged or replaced since, what is
    there in their stead: a post of theirs counts for it, and n_former says how many do. Reach and views compare lower
    bounds and sums. Unit: the measure's. Source: MEASURES, against last year.
    """
    now, before = (in_period(posts, period) for period in ("during", "before"))
    other_window = has_baseline and days_before is not None and days_before not in YEAR_DAYS
    if other_window:
        before = before.iloc[:0]
    facts = account_facts(accounts, places, posts)
    merged = merged_on is not None and baseline_end is not None and merged_on > baseline_end
    lines, into = continued_by or {}, successors or {}
    same_accounts = {lines.get(a, a) for a in now["account"]} == {lines.get(a, a) for a in before["account"]}
    former = before["account"].isin(list(lines)) | before["place"].isin(list(into))
    before = before.assign(place=before["place"].map(lambda place: into.get(place, place)).astype("str"))

    def common() -> str | None:
        if not has_baseline:
            return "no_baseline"
        if other_window:
            return "other_window"
        if before.empty:
            return "missing_files"
        if merged:
            return "merger"
        return None

    def row(name: str, of: Any, own: str | None = None) -> dict[str, Any]:
        here = of(now, "during") if len(now) else np.nan
        there = of(before, "before") if len(before) else np.nan
        reason = common() or own
        if reason is None and (np.isnan(here) or np.isnan(there)):
            reason = "no_data"
        if reason is None and not same_accounts:
            reason = "other_accounts"
        return {"measure": name, "now": here, "before": there, "comparable": reason is None, "reason": reason} | {
            "n_former": int(former.sum())
        }

    def n_places(part: pd.DataFrame, period: str) -> float:
        states = place_states(part, accounts, places)["state"]
        return float((states == "posted").sum()) if len(states) else np.nan

    def lower_reach(part: pd.DataFrame, period: str) -> float:
        return float(group_bounds(account_bounds(post_reach(part, values), values), facts, population=None)["lower"])

    def n_comments(part: pd.DataFrame, period: str) -> float:
        kept = in_period(comments, period)
        return float(len(kept)) if len(kept) else np.nan

    rows = [row("posts", lambda part, period: float(len(part)))]
    if len(places):
        rows.append(row("places", n_places))
    aged = _aged(now, before, values)
    rows.append(
        row("reach", lower_reach, _changed(now, before, values, ("reach", "viewers", "unique_viewers")) or aged)
    )
    for platform in sorted({*now["platform"], *before["platform"]}):
        here, there = (part[part["platform"] == platform] for part in (now, before))

        def seen(part: pd.DataFrame, period: str, platform: str = platform) -> float:
            found = views(part[part["platform"] == platform], values, period=period)["views"]
            return float(found.iloc[0]) if len(found) == 1 else np.nan

        own = row("views", seen, _changed(here, there, values, SEEN) or _aged(here, there, values))
        rows.append(own | {"measure": f"views.{platform}"})
    rows.append(row("comments", n_comments, aged))
    return rows


def _changed(now: pd.DataFrame, before: pd.DataFrame, values: pd.DataFrame, names: Sequence[str]) -> str | None:
    found = newest(values, names).rename(columns={"item": "post_id"})
    ids = [joined(part.merge(found, on=["platform", "post_id"], how="inner")["definition"]) for part in (now, before)]
    return "definition_changed" if ids[0] and ids[1] and ids[0] != ids[1] else None


def _aged(now: pd.DataFrame, before: pd.DataFrame, values: pd.DataFrame) -> str | None:
    ages = [post_age(part, values).median() for part in (now, before)]
    if any(np.isnan(a) for a in ages):
        return None
    return "other_age" if abs(ages[0] - ages[1]) > SAME_AGE_DAYS else None


@measure(
    stage="outcomes",
    unit="as the target's",
    source="declared in campaign.toml with its document",
    columns={
        "measure": "str", "name_vi": "str", "name_en": "str", "value": "float", "unit": "str", "by": "date",
        "document": "str", "now": "float", "answer": "str", "reason": "str",
    },
)  # fmt: skip
def targets(
    posts: pd.DataFrame,
    accounts: pd.DataFrame,
    places: pd.DataFrame,
    *,
    declared: Sequence[Target] = (),
    known: Mapping[str, float] | None = None,
    period: str | None = "during",
) -> list[dict[str, Any]]:
    """The declared targets, and whether the files can answer them: "met", "not_met" or "cannot_tell" with the reason.

    Only participation is measured by posts (in places, or in % of them): met once the places known to have posted
    reach the target, not met only if the count is exact. Shares of residents (access, awareness, knowledge) need a
    survey: accounts are not residents. ``known`` are figures from elsewhere by measure, e.g. a survey's. Unit: the
    target's. Source: the target's document.
    """
    states = place_states(in_period(posts, period), accounts, places)["state"]
    n_posted, n_places = int((states == "posted").sum()), len(states)
    exact = n_places > 0 and not (states == "nothing_received").any()
    rows = []
    for target in declared:
        now, reason = np.nan, "not_measured_online"
        answer = "cannot_tell"
        if known and target.measure in known:
            now, reason = float(known[target.measure]), ""
            answer = "met" if now >= target.value else "not_met"
        elif target.measure == "participation" and n_places:
            now = 100 * n_posted / n_places if "%" in target.unit else float(n_posted)
            reason = "at_least"
            if now >= target.value:
                answer, reason = "met", ""
            elif exact:
                answer, reason = "not_met", ""
        elif target.measure == "participation":
            reason = "no_places"
        rows.append(
            {
                "measure": target.measure,
                "name_vi": target.name["vi"],
                "name_en": target.name["en"],
                "value": target.value,
                "unit": target.unit,
                "by": target.by,
                "document": target.document,
                "now": now,
                "answer": answer,
                "reason": reason or None,
            }
        )
    return rows
