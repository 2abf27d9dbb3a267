"""The dated metric registry (``metrics.toml``) and the rules R1-R8 that guard every sum and every series.

A metric has a unit, a list of what it may be summed over, definitions by platform and export route with the day from
which they hold, and breaks. Days of definitions and breaks are the platform's own days. ``checked_sum`` and
``checked_series`` are the only ways in which measures add values or put them in a row: what a rule forbids raises
``ForbiddenSum``, whose ``values["rule"]`` is the rule's name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from campaignstats.errors import ForbiddenSum, MeasureError, nearest
from campaignstats.schema import PLATFORMS

if TYPE_CHECKING:  # readers ask for definitions, and need none of it
    import pandas as pd

REGISTRY = Path(__file__).parent / "metrics.toml"
UNITS = ("people", "events", "seconds", "hours", "rate", "money", "count")
# what a break does: counts otherwise from that day; ends; begins; is only called otherwise; may have changed
BREAKS = ("changed", "ended", "began", "renamed", "possible")
Over = Literal["post", "day", "account", "platform"]


@dataclass(frozen=True)
class Route:
    """A family of export routes (names of readers, globs): what it is called, and where its words are defined."""

    pattern: str
    vi: str
    en: str
    source: str
    until: date | None = None  # the platform closed it on that day

    def label(self, lang: str) -> str:
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True)
class Definition:
    """What a metric means on some platforms and export routes (names of readers, globs) from a day on."""

    id: str
    platforms: tuple[str, ...]
    routes: tuple[str, ...]
    valid_from: date | None
    vi: str
    en: str
    source: str

    def meaning(self, lang: str) -> str:
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True)
class Break:
    """A day on which a metric changed, ended, began or was renamed, on some platforms and routes.

    ``kind`` is one of BREAKS. ``precise`` is false where only the month or year is known, or the change came
    gradually: ``on`` is then the earliest day.
    """

    on: date
    platforms: tuple[str, ...]
    routes: tuple[str, ...]
    vi: str
    en: str
    source: str
    kind: str = "changed"
    precise: bool = True

    def meaning(self, lang: str) -> str:
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True)
class Metric:
    name: str
    unit: str
    sums_over: tuple[str, ...]
    label: Mapping[str, str]
    meaning: Mapping[str, str]
    ratio: bool = False  # an average: rule R3 applies whatever the unit
    definitions: tuple[Definition, ...] = ()
    breaks: tuple[Break, ...] = ()


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(REGISTRY.read_text(encoding="utf-8"))


@cache
def registry() -> Mapping[str, Metric]:
    """Every metric of metrics.toml by its name."""
    return {name: _metric(name, entry) for name, entry in _file().items() if name != "routes"}


@cache
def routes() -> tuple[Route, ...]:
    """The families of export routes, in the order of metrics.toml."""
    return tuple(Route(**entry) for entry in _file()["routes"])


def route(name: str) -> Route | None:
    """The family that a reader's NAME belongs to, or None."""
    return next((r for r in routes() if fnmatchcase(name, r.pattern)), None)


def _metric(name: str, entry: dict[str, Any]) -> Metric:
    if entry["unit"] not in UNITS:
        raise ValueError(f"metrics.toml: {name} has the unit {entry['unit']!r}, not one of {UNITS}")
    if entry["sums_over"] and (entry["unit"] in ("people", "rate") or entry.get("ratio", False)):
        raise ValueError(f"metrics.toml: {name} counts people or is a ratio, so it sums over nothing")
    if odd := {b.get("kind", "changed") for b in entry.get("breaks", [])} - set(BREAKS):
        raise ValueError(f"metrics.toml: {name} has a break of the kind {min(odd)!r}, not one of {BREAKS}")

    def of(kind: type, key: str) -> tuple[Any, ...]:
        return tuple(
            kind(**(item | {"platforms": tuple(item["platforms"]), "routes": tuple(item["routes"])} | extra))
            for item in entry.get(key, [])
            for extra in [{"valid_from": item.get("valid_from")} if kind is Definition else {}]
        )

    return Metric(
        name=name,
        unit=entry["unit"],
        sums_over=tuple(entry["sums_over"]),
        label=entry["label"],
        meaning=entry["meaning"],
        ratio=entry.get("ratio", False),
        definitions=of(Definition, "definitions"),
        breaks=of(Break, "breaks"),
    )


def metric(name: str) -> Metric:
    """The registry's entry for ``name``; an unknown name is a MeasureError with the nearest known one."""
    known = registry()
    if name not in known:
        guess = nearest(name, sorted(known))
        raise MeasureError(
            "unknown_metric" if guess is None else "unknown_metric_guess", name=name, n_known=len(known), guess=guess
        )
    return known[name]


def definition(name: str, platform: str, route: str, on: date | None) -> str:
    """The id of the definition that holds for a metric of a platform, come by a route (a reader's NAME).

    ``on`` is the last day that the value counts, or, for a lifetime value, the day on which the file was exported, as
    a person, its content or name, or its archive tells it (gather takes what the reader told before the value; a day
    that only bounds it proves nothing). None takes the newest definition; of several the one that names the route most
    closely. Where the registry has none, the id is "<metric>.<platform>", the general meaning; where that id stands for
    other routes, it is "<metric>.<platform>.<route>": what this route counts was never found to be the same. An unknown
    metric or platform is a MeasureError.

    >>> from datetime import date
    >>> definition("views", "youtube", "yt_studio_table", date(2025, 3, 30))
    'views.youtube.engaged'
    >>> definition("views", "youtube", "yt_studio_table", date(2025, 3, 31))
    'views.youtube'
    >>> definition("shares", "tiktok", "tt_business_videos", None)
    'shares.tiktok'
    >>> definition("reach", "facebook", "an_unknown_tool", None)
    'reach.facebook.an_unknown_tool'
    """
    entry = metric(name)
    _known_platform(platform)
    fitting = [d for d in entry.definitions if _fits(d, platform, route)]
    if on is not None:
        fitting = [d for d in fitting if d.valid_from is None or d.valid_from <= on]
    if fitting:
        return max(fitting, key=lambda d: (d.valid_from or date.min, _closeness(d, route))).id
    general = f"{name}.{platform}"
    return f"{general}.{route}" if any(d.id == general for d in entry.definitions) else general


def defined(id: str) -> Definition | None:
    """The registry's entry of the definition ``id``; None for a general meaning that has none."""
    return next((d for d in metric(id.split(".", 1)[0]).definitions if d.id == id), None)


def definition_meaning(id: str, lang: str) -> str:
    """What the definition ``id`` counts, in words; "<metric>.<platform>" without an entry has the metric's meaning."""
    found = defined(id)
    return found.meaning(lang) if found else metric(id.split(".", 1)[0]).meaning[lang]


def definition_source(id: str, route_name: str) -> str | None:
    """Where the definition ``id`` is written: its own source, else that of the route by which the value came."""
    found, family = defined(id), route(route_name)
    return found.source if found else family.source if family else None


@cache
def validity(id: str) -> tuple[date | None, date | None]:
    """The days of the definition ``id``: the first, and the first on which another took its place; None is no limit.

    >>> validity("views.youtube.engaged")
    (None, datetime.date(2025, 3, 31))
    >>> validity("views.youtube")
    (datetime.date(2025, 3, 31), None)
    """
    found = defined(id)
    if found is None:
        return None, None
    start = found.valid_from or date.min
    later = [
        d.valid_from
        for d in metric(id.split(".", 1)[0]).definitions
        if d.valid_from is not None and d.valid_from > start and _overlap(d, found)
    ]
    return found.valid_from, min(later, default=None)


def breaks(name: str, platform: str, route: str = "*", *, possible: bool = False) -> tuple[Break, ...]:
    """The breaks of a metric on a platform and route, oldest first; route "*" asks for those of any route.

    ``possible``: also those that are not known to have touched files exported by hand.
    """
    entry = metric(name)
    _known_platform(platform)
    found = [b for b in entry.breaks if platform in b.platforms and (route == "*" or _fits(b, platform, route))]
    found = [b for b in found if possible or b.kind != "possible"]
    return tuple(sorted(found, key=lambda b: (b.on, b.kind)))


def spans_break(values: pd.DataFrame) -> pd.Series:
    """Whether a value's period begins before, or ends after, its definition held: it counts by two definitions (R2).

    ``values`` have metric, definition, period_start and period_end; a lifetime value spans if the column
    ``published_at`` is there and lies before the first day of its definition (a day earlier counts as before in
    any zone: what is within a day of it is given the benefit).
    """
    import pandas as pd

    start, end = pd.to_datetime(values["period_start"]), pd.to_datetime(values["period_end"])
    if "published_at" in values:
        born = pd.to_datetime(values["published_at"], utc=True).dt.tz_localize(None) + pd.Timedelta(days=1)
        start = start.where(start.notna() | values["grain"].ne("post_lifetime"), born)
    found = pd.Series(False, index=values.index)
    for id in values["definition"].dropna().unique():
        if str(id).split(".", 1)[0] not in registry():
            continue
        first, last = validity(str(id))
        own = values["definition"] == id
        if first is not None:
            found |= own & (start < pd.Timestamp(first))
        if last is not None:
            found |= own & (end >= pd.Timestamp(last))
    return found


def _known_platform(platform: str) -> None:
    if platform not in PLATFORMS:
        guess = nearest(str(platform), PLATFORMS)
        raise MeasureError("unknown_platform", platform=platform, known=", ".join(PLATFORMS), guess=guess or "other")


def _fits(entry: Definition | Break, platform: str, route: str) -> bool:
    return platform in entry.platforms and any(fnmatchcase(route, pattern) for pattern in entry.routes)


def _closeness(entry: Definition, route: str) -> int:
    """Letters of the longest pattern that the route fits: "mbs_*" names it more closely than "*"."""
    return max(len(pattern) for pattern in entry.routes if fnmatchcase(route, pattern))


def _overlap(one: Definition, other: Definition) -> bool:
    """Whether a value could fall under both but for its day."""
    return bool(set(one.platforms) & set(other.platforms)) and any(
        fnmatchcase(a, b) or fnmatchcase(b, a) for a in one.routes for b in other.routes
    )


# what remains of the key after summing over each
_REMAINS = {
    "post": ["platform", "account", "metric", "definition", "traffic", "period_start", "period_end"],
    "day": ["platform", "item_kind", "item", "account", "metric", "definition", "traffic"],
    "account": ["platform", "metric", "definition", "traffic", "period_start", "period_end"],
}
_KEY = ["item_kind", "item", "period_start", "period_end", "as_of"]


def checked_sum(values: pd.DataFrame, *, over: Over) -> pd.DataFrame:
    """The values added over posts, days or accounts, or a ``ForbiddenSum`` that names the rule.

    ``values`` are rows of one metric with the columns of the ``values`` frame. Over "post": one sum an account; over
    "day": one sum an item; over "account": one sum for the platform. The table has what remains of the key, ``value``
    in the metric's unit, ``n`` values added and ``n_missing`` (missing, or written rounded as in "1,2 N", which is not
    added). Sums of nothing but missing values are missing (R5).

    R1 people are never added; R2 one platform, one definition, one kind of evidence; R3 rates are never added; R4
    lifetime totals need as_of, grains don't mix, nor do days by different clocks (``day_zone``); R6 paid and organic
    stay apart; R8 the same values under two names.
    """
    import pandas as pd

    if over not in ("post", "day", "account", "platform"):
        raise MeasureError("unknown_sum", over=over, known="post, day, account, platform")
    if values.empty:
        columns = _REMAINS.get(over, ["platform"])
        return pd.DataFrame({c: pd.Series(dtype=object) for c in columns}).assign(
            value=pd.Series(dtype=float), n=pd.Series(dtype=int), n_missing=pd.Series(dtype=int)
        )
    _refuse(values, over)
    usable = pd.to_numeric(values["value"]).astype(float)
    if "approximate" in values:
        usable = usable.mask(values["approximate"].astype("boolean").fillna(False).astype(bool))
    keys = [c for c in _REMAINS[over] if c in values]
    groups = values.assign(_usable=usable).groupby(keys, dropna=False, sort=True)["_usable"]
    table = groups.agg(value=lambda v: v.sum(min_count=1), n="count", _rows="size").reset_index()
    table["n_missing"] = table["_rows"] - table["n"]
    return table.drop(columns="_rows")


def _refuse(values: pd.DataFrame, over: str) -> None:
    import pandas as pd

    names = sorted(values["metric"].dropna().unique())
    entries = [metric(name) for name in names]

    def forbid(rule: str, key: str, **details: Any) -> ForbiddenSum:
        return ForbiddenSum(f"sum.{key}", rule=rule, over=over, metric=", ".join(names), **details)

    for entry in entries:
        if entry.unit == "people":
            raise forbid("R1", "people")
        if entry.unit == "rate" or entry.ratio:
            raise forbid("R3", "rate")
    if len(names) > 1:
        if _same_values(values, names):
            raise forbid("R8", "two_names")
        raise forbid("R2", "metrics")
    platforms = sorted(values["platform"].dropna().unique())
    if over == "platform" or len(platforms) > 1:
        raise forbid("R2", "platforms", platforms=", ".join(platforms))
    definitions = sorted(values["definition"].dropna().unique())
    if len(definitions) > 1:
        raise forbid("R2", "definitions", definitions=", ".join(definitions))
    if values["definition"].isna().any():
        raise forbid("R2", "no_definition")
    if values.get("evidence", pd.Series("export", values.index)).eq("self_reported").nunique() > 1:
        raise forbid("R2", "evidence")
    traffics = sorted(values["traffic"].dropna().unique())
    if len(traffics) > 1:
        raise forbid("R6", "traffic", traffics=", ".join(traffics))
    grains = sorted(values["grain"].dropna().unique())
    if len(grains) > 1:
        raise forbid("R4", "grain", grains=", ".join(grains))
    zones = day_zones(values)
    if len(zones) > 1:
        raise forbid("R4", "zones", zones=", ".join(z or "?" for z in zones))
    if grains == ["post_lifetime"] and values["as_of"].isna().any():
        raise forbid("R4", "as_of", n=int(values["as_of"].isna().sum()))
    if over not in entries[0].sums_over:
        raise forbid("R2", "not_over")
    if over == "day" and not all(g.endswith("_day") for g in grains):
        raise forbid("R4", "not_days", grains=", ".join(grains))
    if over == "post" and not values["item_kind"].eq("post").all():
        raise forbid("R4", "grain", grains=", ".join(grains))
    if {"period_start", "period_end"} <= set(values):
        _refuse_spans(values, forbid)
    _refuse_repeats(values, forbid)


def _same_values(values: pd.DataFrame, names: list[str]) -> bool:
    wide = values.pivot_table(
        index=["item_kind", "item"], columns="metric", values="value", aggfunc="max", observed=True
    ).reindex(columns=names)
    both = wide.dropna()
    return len(both) > 0 and bool(both.eq(both.iloc[:, 0], axis=0).all(axis=None))


def day_zones(values: pd.DataFrame) -> list[str]:
    """Whose days the values count, sorted; "" for a value of a day or period that does not say it.

    Lifetime values count no days. A frame without the column ``day_zone`` says it of none of them.
    """
    dated = values["grain"].fillna("").str.contains("_day$|_period$")
    if "day_zone" not in values:
        return [""] if dated.any() else []
    return sorted(values.loc[dated, "day_zone"].fillna("").unique())


def _refuse_spans(values: pd.DataFrame, forbid: Any) -> None:
    import pandas as pd

    crossing = values[spans_break(values)]
    if len(crossing):
        row = crossing.iloc[0]
        first, last = validity(str(row["definition"]))
        begins = first is not None and pd.to_datetime(row["period_start"]) < pd.Timestamp(first)
        raise forbid("R2", "break", on=first if begins else last)


def _refuse_repeats(values: pd.DataFrame, forbid: Any) -> None:
    # a later as_of of the same item is a newer snapshot of the same total, not another event
    key = [c for c in _KEY if c in values and c != "as_of"]
    repeated = values[key].astype(object).where(values[key].notna(), None).duplicated()
    if repeated.any():
        raise forbid("R8", "repeated", n=int(repeated.sum()))


def checked_series(values: pd.DataFrame) -> pd.DataFrame:
    """The days of one series in their order with ``segment``, from 0; a ``ForbiddenSum`` if they are no one series.

    ``values`` are daily rows of one metric, of one account or post, with the columns of the ``values`` frame; people
    and rates may stand in a series too, since nothing is added. A segment holds the days of one definition by one
    clock, so that no line is drawn across a break: R2 one metric, one platform, one item and one kind of evidence; R4
    daily values only; R6 one traffic; R8 each day once within a segment.
    """
    import pandas as pd

    names = sorted(values["metric"].dropna().unique())

    def forbid(rule: str, key: str, **details: Any) -> ForbiddenSum:
        return ForbiddenSum(f"sum.{key}", rule=rule, over="day", metric=", ".join(names), **details)

    if len(names) > 1:
        raise forbid("R2", "metrics")
    for name in names:
        metric(name)
    platforms = sorted(values["platform"].dropna().unique())
    if len(platforms) > 1:
        raise forbid("R2", "platforms", platforms=", ".join(platforms))
    n_items = len(values[["item_kind", "item"]].drop_duplicates())
    if n_items > 1:
        raise forbid("R2", "items", n=n_items)
    if values["definition"].isna().any():
        raise forbid("R2", "no_definition")
    if values.get("evidence", pd.Series("export", values.index)).eq("self_reported").nunique() > 1:
        raise forbid("R2", "evidence")
    traffics = sorted(values["traffic"].dropna().unique())
    if len(traffics) > 1:
        raise forbid("R6", "traffic", traffics=", ".join(traffics))
    grains = sorted(values["grain"].dropna().unique())
    if not all(g.endswith("_day") for g in grains) or values["period_start"].isna().any():
        raise forbid("R4", "not_days", grains=", ".join(grains))
    if len(grains) > 1:
        raise forbid("R4", "grain", grains=", ".join(grains))
    if (values["period_start"] != values["period_end"].fillna(values["period_start"])).any():
        raise forbid("R4", "not_days", grains=", ".join(grains))
    _refuse_spans(values, forbid)
    zone = values["day_zone"].fillna("") if "day_zone" in values else pd.Series("", values.index)
    whose = values.assign(_zone=zone)
    if whose.duplicated(["definition", "_zone", "period_start"]).any():
        raise forbid("R8", "repeated", n=int(whose.duplicated(["definition", "_zone", "period_start"]).sum()))
    begin = whose.groupby(["definition", "_zone"], sort=True)["period_start"].min().reset_index()
    begin = begin.sort_values(["period_start", "definition", "_zone"], ignore_index=True)
    number = {(d, z): n for n, (d, z) in enumerate(zip(begin["definition"], begin["_zone"], strict=True))}
    whose["segment"] = [number[key] for key in zip(whose["definition"], whose["_zone"], strict=True)]
    whose["segment"] = whose["segment"].astype("int64")
    return whose.drop(columns="_zone").sort_values(["segment", "period_start"], ignore_index=True)
