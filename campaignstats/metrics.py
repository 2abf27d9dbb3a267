"""The dated metric registry (``metrics.toml``) and the rules R1-R8 that guard every sum.

A metric has a unit, a list of what it may be summed over, definitions by platform and export route with the day from
which they hold, and breaks. ``checked_sum`` is the only way in which measures add values: what a rule forbids raises
``ForbiddenSum``, whose ``values["rule"]`` is the rule's name.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from campaignstats.errors import ForbiddenSum, MeasureError, nearest
from campaignstats.schema import PLATFORMS

REGISTRY = Path(__file__).parent / "metrics.toml"
UNITS = ("people", "events", "seconds", "hours", "rate", "money", "count")
Over = Literal["post", "day", "account", "platform"]


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
    """A day on which a metric changed its meaning or ended, on some platforms and routes."""

    on: date
    platforms: tuple[str, ...]
    routes: tuple[str, ...]
    vi: str
    en: str
    source: str

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
def registry() -> Mapping[str, Metric]:
    """Every metric of metrics.toml by its name."""
    found = tomllib.loads(REGISTRY.read_text(encoding="utf-8"))
    return {name: _metric(name, entry) for name, entry in found.items()}


def _metric(name: str, entry: dict[str, Any]) -> Metric:
    if entry["unit"] not in UNITS:
        raise ValueError(f"metrics.toml: {name} has the unit {entry['unit']!r}, not one of {UNITS}")
    if entry["sums_over"] and (entry["unit"] in ("people", "rate") or entry.get("ratio", False)):
        raise ValueError(f"metrics.toml: {name} counts people or is a ratio, so it sums over nothing")

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

    ``on`` is the last day that the value counts, or, for a lifetime value, the day on which the file was exported;
    None takes the newest definition. Where the registry has no dated definition for the platform and route, the id is
    "<metric>.<platform>": the general meaning. An unknown metric or platform is a MeasureError.

    >>> from datetime import date
    >>> definition("views", "youtube", "yt_studio_table", date(2025, 3, 30))
    'views.youtube.engaged'
    >>> definition("views", "youtube", "yt_studio_table", date(2025, 3, 31))
    'views.youtube'
    >>> definition("shares", "tiktok", "tt_business_videos", None)
    'shares.tiktok'
    """
    entry = metric(name)
    _known_platform(platform)
    fitting = [d for d in entry.definitions if _fits(d, platform, route)]
    if on is not None:
        fitting = [d for d in fitting if d.valid_from is None or d.valid_from <= on]
    if not fitting:
        return f"{name}.{platform}"
    return max(fitting, key=lambda d: d.valid_from or date.min).id


def definition_meaning(id: str, lang: str) -> str:
    """What the definition ``id`` counts, in words; "<metric>.<platform>" without an entry has the metric's meaning."""
    name = id.split(".", 1)[0]
    for found in metric(name).definitions:
        if found.id == id:
            return found.meaning(lang)
    return metric(name).meaning[lang]


def breaks(name: str, platform: str, route: str = "*") -> tuple[Break, ...]:
    """The breaks of a metric on a platform and route, oldest first; route "*" asks for those of any route."""
    entry = metric(name)
    _known_platform(platform)
    found = [b for b in entry.breaks if platform in b.platforms and (route == "*" or _fits(b, platform, route))]
    return tuple(sorted(found, key=lambda b: b.on))


def _known_platform(platform: str) -> None:
    if platform not in PLATFORMS:
        guess = nearest(str(platform), PLATFORMS)
        raise MeasureError("unknown_platform", platform=platform, known=", ".join(PLATFORMS), guess=guess or "other")


def _fits(entry: Definition | Break, platform: str, route: str) -> bool:
    return platform in entry.platforms and any(fnmatchcase(route, pattern) for pattern in entry.routes)


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
    lifetime totals need as_of, and grains don't mix; R6 paid and organic stay apart; R8 the same values under two
    names.
    """
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
    if grains == ["post_lifetime"] and values["as_of"].isna().any():
        raise forbid("R4", "as_of", n=int(values["as_of"].isna().sum()))
    if over not in entries[0].sums_over:
        raise forbid("R2", "not_over")
    if over == "day" and not all(g.endswith("_day") for g in grains):
        raise forbid("R4", "not_days", grains=", ".join(grains))
    if over == "post" and not values["item_kind"].eq("post").all():
        raise forbid("R4", "grain", grains=", ".join(grains))
    if {"period_start", "period_end"} <= set(values):
        _refuse_spans(values, platforms[0], names[0], forbid)
    _refuse_repeats(values, forbid)


def _same_values(values: pd.DataFrame, names: list[str]) -> bool:
    wide = values.pivot_table(
        index=["item_kind", "item"], columns="metric", values="value", aggfunc="max", observed=True
    ).reindex(columns=names)
    both = wide.dropna()
    return len(both) > 0 and bool(both.eq(both.iloc[:, 0], axis=0).all(axis=None))


def _refuse_spans(values: pd.DataFrame, platform: str, name: str, forbid: Any) -> None:
    start, end = pd.to_datetime(values["period_start"]), pd.to_datetime(values["period_end"])
    for found in breaks(name, platform):
        day = pd.Timestamp(found.on)
        if found.routes == ("*",) and ((start < day) & (end >= day)).any():
            raise forbid("R2", "break", on=found.on)


def _refuse_repeats(values: pd.DataFrame, forbid: Any) -> None:
    # a later as_of of the same item is a newer snapshot of the same total, not another event
    key = [c for c in _KEY if c in values and c != "as_of"]
    repeated = values[key].astype(object).where(values[key].notna(), None).duplicated()
    if repeated.any():
        raise forbid("R8", "repeated", n=int(repeated.sum()))
