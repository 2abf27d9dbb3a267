"""What platforms counted day by day, in their own days, and the days on which what they count changed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from campaignstats import metrics
from campaignstats.measures.frames import measure, usable
from campaignstats.measures.reach import SEEN, in_window

_KEYS = ["platform", "metric", "definition", "day_zone"]


def daily_values(values: pd.DataFrame, names: Sequence[str], accounts: pd.DataFrame) -> pd.DataFrame:
    """The usable daily values of declared accounts, of the first metric of ``names`` that each platform has."""
    kept = usable(values)
    kept = kept[(kept["grain"] == "account_day") & (kept["item_kind"] == "account") & kept["metric"].isin(names)]
    kept = kept[kept["period_start"].notna()]
    declared = accounts.loc[accounts["declared"], "account"]
    if len(declared):  # where none is declared, all that was found counts as the campaign's
        kept = kept[kept["account"].isin(declared)]
    order = {name: at for at, name in enumerate(names)}
    best = kept["metric"].map(order)
    kept = kept[best == best.groupby(kept["platform"]).transform("min")]
    kept = kept[~metrics.spans_break(kept)]
    # the same day may stand under two ids of one account, found and declared: the newest of them is one day (R8)
    kept = kept.sort_values([*_KEYS, "account", "period_start", "as_of", "value", "item"], na_position="first")
    kept = kept.drop_duplicates([*_KEYS, "account", "period_start"], keep="last")
    return kept.assign(day_zone=kept["day_zone"].fillna("unknown"))


@measure(
    stage="outputs",
    unit="times seen",
    source="each platform's own daily count, by dated definition, in the platform's own days (rules R2, R4)",
    columns={
        "platform": "str", "metric": "str", "definition": "str", "day_zone": "str", "segment": "int", "day": "date",
        "value": "float", "n_accounts": "int", "n_missing": "int", "inside": "str",
    },
)  # fmt: skip
def daily(
    values: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    names: Sequence[str] = SEEN,
    span: tuple[date, date] | None = None,
    window: tuple[date, date] | None = None,
    timezone: str | None = None,
) -> list[dict[str, Any]]:
    """Each platform's daily counts added over its accounts, one day a row, split where they can't be one series.

    A segment holds days of one definition, by one clock (``day_zone``), of one set of accounts: a line across a change
    of any of them would show a jump that nobody made. Days between the first and the last on which nothing was told
    are missing, not 0, and belong to the segment before. n_missing: accounts that have other days of that definition
    and clock, but not this one. ``span`` keeps the platform's days from the first to the last date, by their own
    clock. inside: "inside" the campaign's ``window`` by the clock of ``timezone``, "partly", or "outside": the
    platform's days are not the campaign's. People have no sum and so no row. Unit: times seen. Source: each platform's
    own count.
    """
    kept = _in_span(daily_values(values, names, accounts), span)
    rows: list[dict[str, Any]] = []
    counted: dict[tuple[Any, ...], int] = {}
    for key, own in kept.groupby(_KEYS, sort=True):
        name = str(key[1])
        if "account" not in metrics.metric(name).sums_over:
            continue
        n_accounts = own["account"].nunique()
        total = metrics.checked_sum(own, over="account").set_index("period_start")["value"]
        present = {day: frozenset(part["account"]) for day, part in own.groupby("period_start")}
        days = pd.date_range(total.index.min(), total.index.max(), freq="D")
        held: frozenset[str] | None = None
        number = counted.get((key[0], name), 0) - 1
        for day in days:
            here = present.get(day)
            if here is not None and here != held:
                number, held = number + 1, here
            rows.append(
                dict(zip(_KEYS, key, strict=True))
                | {
                    "segment": number,
                    "day": day,
                    "value": total.get(day, np.nan),
                    "n_accounts": len(here or ()),
                    "n_missing": n_accounts - len(here or ()),
                }
            )
        counted[key[0], name] = number + 1
    return _placed(rows, window, timezone)


def _in_span(kept: pd.DataFrame, span: tuple[date, date] | None) -> pd.DataFrame:
    kept = kept[kept["period_start"].notna()]  # a figure of an unknown day has no place in a line of days
    if span is None:
        return kept
    first, last = (pd.Timestamp(day) for day in span)
    return kept[(kept["period_start"] >= first) & (kept["period_start"] <= last)]


def _placed(rows: list[dict[str, Any]], window: tuple[date, date] | None, timezone: str | None) -> list[dict[str, Any]]:
    """The rows with ``inside``: whether their days lie in the campaign's window."""
    if window is None or not rows:
        return [row | {"inside": None} for row in rows]
    days = pd.DataFrame(rows)[["day", "day_zone"]].rename(columns={"day": "period_start"})
    inside, touching = in_window(days.assign(period_end=days["period_start"]), window, timezone)
    place = np.select([inside, touching], ["inside", "partly"], default="outside")
    return [row | {"inside": str(where)} for row, where in zip(rows, place, strict=True)]


@measure(
    stage="outputs",
    unit="times seen",
    source="the daily counts of `daily`, added over weeks of the platform's own days (rules R2, R4, R5)",
    columns={
        "platform": "str", "metric": "str", "definition": "str", "day_zone": "str", "week_start": "date",
        "n_days": "int", "n_accounts": "int", "value": "float", "n_missing": "int",
    },
)  # fmt: skip
def weekly(
    values: pd.DataFrame,
    accounts: pd.DataFrame,
    *,
    names: Sequence[str] = SEEN,
    span: tuple[date, date] | None = None,
) -> list[dict[str, Any]]:
    """The same by week from Monday, of the platform's own days: never of the campaign's calendar.

    n_days: days of the week with any value; n_missing: days of accounts that have other days of that definition and
    clock, but not these: a week with missing ones is lower than the true one. A week across a break has a row for each
    definition. Unit: times seen. Source: each platform's own count.
    """
    kept = _in_span(daily_values(values, names, accounts), span)
    rows = []
    for key, own in kept.groupby(_KEYS, sort=True):
        if "day" not in metrics.metric(str(key[1])).sums_over:
            continue
        n_accounts = own["account"].nunique()
        ends = own["period_start"].min(), own["period_start"].max()
        week = own["period_start"] - pd.to_timedelta(own["period_start"].dt.day_of_week, unit="D")
        for start, part in own.groupby(week, sort=True):
            by_account = metrics.checked_sum(part, over="day")
            known = pd.date_range(max(start, ends[0]), min(start + pd.Timedelta(days=6), ends[1]), freq="D")
            rows.append(
                dict(zip(_KEYS, key, strict=True))
                | {
                    "week_start": start,
                    "n_days": part["period_start"].nunique(),
                    "n_accounts": part["account"].nunique(),
                    "value": by_account["value"].sum(min_count=1),
                    "n_missing": len(known) * n_accounts - len(part),
                }
            )
    return rows


@measure(
    stage="learning",
    unit="days",
    source="the dated metric registry, metrics.toml",
    columns={
        "metric": "str", "platform": "str", "on": "date", "kind": "str", "precise": "bool", "inside": "str",
        "n_values": "int",
    },
)  # fmt: skip
def definition_breaks(
    values: pd.DataFrame, *, window: tuple[date, date] | None = None, baseline: tuple[date, date] | None = None
) -> list[dict[str, Any]]:
    """The days on which metrics in use changed, ended, began or were renamed, by metric and platform, oldest first.

    ``inside``: "window", "baseline", "between" them, "before" or "after"; missing without a window. kind "possible":
    the platform's interface changed, and files exported by hand may have followed. Only breaks that concern the routes
    by which values came are told; without routes, those of any. n_values: values of that metric and platform. Unit:
    days of the platform. Source: metrics.toml.
    """
    rows: dict[Any, dict[str, Any]] = {}
    routes = values["route"].fillna("*")
    counted: dict[Any, int] = values.groupby(["metric", "platform", routes], sort=True).size().to_dict()
    for (name, platform, route), n in counted.items():
        if name not in metrics.registry():
            continue
        for found in metrics.breaks(name, platform, route, possible=True):
            key = (found.on, name, platform, found.kind)
            rows[key] = rows.get(key, {"n_values": 0}) | {
                "metric": name,
                "platform": platform,
                "on": found.on,
                "kind": found.kind,
                "precise": found.precise,
                "inside": _where(found.on, window, baseline),
            }
            rows[key]["n_values"] += int(n)
    return [rows[key] for key in sorted(rows)]


def _where(day: date, window: tuple[date, date] | None, baseline: tuple[date, date] | None) -> str | None:
    if window is None:
        return None
    if window[0] <= day <= window[1]:
        return "window"
    if baseline is not None and baseline[0] <= day <= baseline[1]:
        return "baseline"
    if day > window[1]:
        return "after"
    return "between" if baseline is not None and day > baseline[1] else "before"
