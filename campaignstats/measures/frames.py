"""The frames that measures take and the tables they give: the only code that knows their columns.

``measure`` makes a function a measure: it checks and conforms its frames (a copy; the caller's stays as it was), gives
the result the declared columns and types, and enters it in ``MEASURES``.
"""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from campaignstats import metrics
from campaignstats.errors import MeasureError, nearest

STAGES = ("inputs", "outputs", "outtakes", "outcomes", "impact", "learning")

# columns by frame: type, and a mark for those without which a row has no meaning
FRAMES: Mapping[str, Mapping[str, str]] = {
    "posts": {
        "platform": "str!", "post_id": "str!", "account": "str!", "account_name": "str", "owner_level": "str",
        "sector": "str", "place": "str", "audience_local": "bool", "declared": "bool", "kind": "str",
        "published_at": "instant", "day": "date", "period": "str", "status": "str", "is_share": "bool",
        "is_crosspost": "bool", "text_key": "str", "themes": "str", "themes_masked": "str", "sentiment": "str",
        "on_sheet": "bool",
    },
    "values": {
        "platform": "str!", "item_kind": "str!", "item": "str!", "account": "str", "metric": "str!",
        "definition": "str!", "traffic": "str!", "grain": "str!", "period_start": "date", "period_end": "date",
        "as_of": "instant", "value": "float!", "evidence": "str", "approximate": "bool", "day_zone": "str",
        "route": "str",
    },
    # every value that was ever gathered, older snapshots included: the columns of ``values`` and the export
    "history": {
        "platform": "str!", "item_kind": "str!", "item": "str!", "account": "str", "metric": "str!",
        "definition": "str!", "traffic": "str!", "grain": "str!", "as_of": "instant", "value": "float!",
        "evidence": "str", "approximate": "bool", "route": "str", "export": "str!",
    },
    # every post of every export that held it; ``lists_all``: the export holds every post of its period
    "sightings": {
        "platform": "str!", "post_id": "str!", "account": "str", "export": "str!", "route": "str", "as_of": "instant",
        "published_at": "instant", "status": "str", "period_start": "date", "period_end": "date", "day_zone": "str",
        "lists_all": "bool",
    },
    "comments": {
        "platform": "str!", "comment_id": "str!", "post_id": "str", "account": "str", "owner_level": "str",
        "writer": "str", "is_owner": "bool", "is_reply": "bool", "day": "date", "period": "str",
        "reception_kind": "str", "themes": "str", "themes_masked": "str", "sentiment": "str", "stance": "str",
        "hostile": "str",
    },
    "accounts": {
        "account": "str!", "platform": "str!", "name": "str", "owner_level": "str", "sector": "str", "place": "str",
        "audience_local": "bool", "declared": "bool", "complete_source": "bool", "since": "date", "until": "date",
    },
    "places": {
        "code": "str!", "name": "str!", "name_en": "str", "kind": "str", "population": "float",
        "population_date": "date", "population_source": "str", "population_assumed": "bool", "latitude": "float",
        "longitude": "float",
    },
    "activities": {
        "kind": "str!", "date": "date", "place": "str", "people": "float", "copies": "float", "sessions": "float",
        "sector": "str",
    },
    # what a file tells of an account from day to day: all its posts, or its daily figures
    "spans": {
        "account": "str!", "source": "str!", "first": "date!", "last": "date!", "kind": "str!", "capped": "bool",
    },
    "sources": {
        "source": "str!", "path": "str!", "format": "str", "platform": "str", "tables": "str", "notes": "str",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """``stage`` is the stage of evaluation (GCS, AMEC); ``unit`` and ``source`` are what a methods section prints."""

    name: str
    function: Callable[..., pd.DataFrame]
    stage: str
    unit: str
    source: str
    columns: Mapping[str, str]
    frames: tuple[str, ...]


MEASURES: dict[str, Measure] = {}


def measure(
    *, stage: str, unit: str, source: str, columns: Mapping[str, str]
) -> Callable[[Callable[..., Any]], Callable[..., pd.DataFrame]]:
    """A measure: its positional parameters are frames, named as in FRAMES; options are keyword-only."""

    def made(function: Callable[..., Any]) -> Callable[..., pd.DataFrame]:
        parameters = inspect.signature(function).parameters.values()
        frames = tuple(p.name for p in parameters if p.name in FRAMES and p.kind is not p.KEYWORD_ONLY)

        @functools.wraps(function)
        def measured(*given: Any, **options: Any) -> pd.DataFrame:
            bound = inspect.signature(function).bind(*given, **options)
            for name in frames:
                bound.arguments[name] = conformed(bound.arguments[name], name)
            return table(function(*bound.args, **bound.kwargs), columns)

        MEASURES[function.__name__] = Measure(function.__name__, measured, stage, unit, source, columns, frames)
        return measured

    return made


def conformed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A copy of a frame with exactly the columns of the contract, in its types; an optional one not there is missing.

    A column that stands twice, one without which rows have no meaning, and one that looks like a misspelt optional one
    are a MeasureError that names the nearest.
    """
    if not isinstance(frame, pd.DataFrame):
        raise MeasureError("not_a_table", frame=name, got=type(frame).__name__)
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise MeasureError("column_twice", frame=name, column=str(twice[0]))
    contract = FRAMES[name]
    others = [str(c) for c in frame.columns if c not in contract]
    found = {}
    for column, kind in contract.items():
        if column in frame:
            found[column] = _typed(frame[column], kind.rstrip("!"), column)
            continue
        guess = nearest(column, others)
        if kind.endswith("!") or guess is not None:
            raise MeasureError(
                "no_column" if guess is None else "no_column_guess",
                column=column,
                frame=name,
                columns=", ".join(sorted(map(str, frame.columns))) or "–",
                guess=guess,
            )
        found[column] = _typed(pd.Series(None, index=frame.index, dtype=object), kind, column)
    return pd.DataFrame(found).reset_index(drop=True)


def _typed(column: pd.Series, kind: str, name: str) -> pd.Series:
    if kind == "str":
        return column.astype("str") if column.notna().any() else pd.Series(None, index=column.index, dtype="str")
    if kind == "bool":
        return column.astype("boolean").fillna(False).astype(bool)
    if kind == "float":
        numbers = pd.to_numeric(column).astype("Float64").to_numpy(float, na_value=np.nan)
        return pd.Series(numbers, index=column.index)
    if kind == "instant":
        return pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]")
    days = pd.to_datetime(column)
    if days.dt.tz is not None:
        raise MeasureError("day_with_zone", column=name)
    return days.astype("datetime64[us]").dt.normalize()


def table(found: Any, columns: Mapping[str, str]) -> pd.DataFrame:
    """A result with its declared columns in their order and types, from a frame or a list of rows.

    Types: str, int (always known), count (may be missing), float, bool, date.
    """
    frame = found if isinstance(found, pd.DataFrame) else pd.DataFrame(found, columns=list(columns))
    shown = {}
    for name, kind in columns.items():
        column = frame[name].reset_index(drop=True)
        if kind in ("str", "float", "date"):
            shown[name] = _typed(column, kind, name)
        elif kind == "count":
            shown[name] = pd.to_numeric(column).astype("Int64")
        elif kind == "int":
            shown[name] = column.astype("int64")
        else:
            shown[name] = column.astype(bool)
    return pd.DataFrame(shown)


# -- narrowing ----------------------------------------------------------------------------------------------------


def in_period(frame: pd.DataFrame, period: str | None) -> pd.DataFrame:
    """The rows of a period ("before", "during", "after"), unavailable posts left out; None keeps every period."""
    kept = frame if period is None else frame[frame["period"] == period]
    return kept[kept["status"].fillna("ok") != "unavailable"] if "status" in kept else kept


def usable(values: pd.DataFrame) -> pd.DataFrame:
    """Values that may be measured with: total traffic, no self-report, not rounded, lifetime totals with as_of (R4)."""
    kept = (
        (values["traffic"] == "total")
        & (values["evidence"].fillna("export") != "self_reported")
        & ~values["approximate"]
        & values["value"].notna()
        & ~((values["grain"] == "post_lifetime") & values["as_of"].isna())
    )
    return values[kept]


def newest(values: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """One row a post: its newest usable value of the first metric of ``names`` that it has.

    The platform's own definition goes before those of other routes: figures read off the public page later are newer,
    and count less. A lifetime total goes before one of a period; of periods the latest, of those the longest. A period
    that spans a break of its metric counts by two definitions and is left out (R2).
    """
    order = {name: at for at, name in enumerate(names)}
    kept = usable(values)
    kept = kept[kept["metric"].isin(order) & kept["grain"].isin(["post_lifetime", "post_period"])]
    kept = kept[kept["item_kind"] == "post"]
    kept = kept[~metrics.spans_break(kept)]
    kept = kept.assign(
        _metric=kept["metric"].map(order).astype(float),
        _other=kept["definition"] != kept["metric"] + "." + kept["platform"],
        _grain=(kept["grain"] == "post_period").astype(int),
    )
    kept = kept.sort_values(
        [
            "platform",
            "item",
            "_metric",
            "_other",
            "_grain",
            "period_end",
            "period_start",
            "as_of",
            "definition",
            "value",
        ],
        ascending=[True, True, True, True, True, False, True, False, True, True],
        na_position="last",
    ).drop_duplicates(["platform", "item"])
    columns = ["platform", "item", "metric", "definition", "grain", "as_of", "evidence", "value"]
    return kept[columns].reset_index(drop=True)


def with_value(posts: pd.DataFrame, values: pd.DataFrame, names: Sequence[str], column: str) -> pd.DataFrame:
    """The posts with ``column`` (NaN: missing), ``<column>_definition``, ``_metric``, ``_grain`` and ``_evidence``.

    A lifetime total of a post that is older than its definition counts by two of them: its definition is both, joined
    by '|', so that it is never added to totals of one of them (R2).
    """
    found = _both_definitions(newest(values, names), posts).rename(
        columns={
            "item": "post_id",
            "value": column,
            "definition": f"{column}_definition",
            "metric": f"{column}_metric",
            "grain": f"{column}_grain",
            "evidence": f"{column}_evidence",
        }
    )
    return posts.merge(found.drop(columns="as_of"), on=["platform", "post_id"], how="left")


def _both_definitions(found: pd.DataFrame, posts: pd.DataFrame) -> pd.DataFrame:
    if "published_at" not in posts or found.empty:
        return found
    born = posts[["platform", "post_id", "published_at"]].rename(columns={"post_id": "item"})
    dated = found.merge(born.drop_duplicates(["platform", "item"]), on=["platform", "item"], how="left")
    never = pd.Series(pd.NaT, index=dated.index)
    spans = metrics.spans_break(dated.assign(period_start=never, period_end=never)).to_numpy()
    ids = found["definition"].where(~spans, [_with_earlier(str(id)) for id in found["definition"]])
    return found.assign(definition=ids)


def _with_earlier(id: str) -> str:
    """A definition with the one that it took the place of, joined by '|'."""
    first = metrics.validity(id)[0]
    entry = metrics.registry().get(id.split(".", 1)[0])
    own = metrics.defined(id) if entry else None
    if first is None or entry is None or own is None:
        return id
    before = [
        d.id for d in entry.definitions if metrics.validity(d.id)[1] == first and set(d.platforms) & set(own.platforms)
    ]
    return "|".join(sorted({id, *before}))


# clocks of which only the name is known: their days may begin anywhere between UTC+14 and UTC-12
UNKNOWN_CLOCKS = ("", "account", "declared", "unknown")


def instants(values: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The earliest instant at which each value's days may begin, and the latest at which they may end, both in UTC.

    A day by the clock of ``day_zone`` is no day of the campaign's calendar: 20 November in California is 15:00 of the
    20th to 15:00 of the 21st in Vietnam. NaT for lifetime values.
    """
    start = values["period_start"]
    end = values["period_end"].fillna(start) + pd.Timedelta(days=1)
    zone = values["day_zone"].fillna("") if "day_zone" in values else pd.Series("", values.index)
    begins = start.dt.tz_localize("UTC") - pd.Timedelta(hours=14)
    ends = end.dt.tz_localize("UTC") + pd.Timedelta(hours=12)
    for name in sorted(set(zone) - set(UNKNOWN_CLOCKS)):
        own = zone == name
        begins = begins.mask(own, _midnight(start, name))
        ends = ends.mask(own, _midnight(end, name))
    return begins, ends


def _midnight(days: pd.Series, zone: str) -> pd.Series:
    local = days.dt.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return local.dt.tz_convert("UTC").astype("datetime64[us, UTC]")


def codes(joined: pd.Series) -> pd.Series:
    """The set of '|'-joined codes of each row; an empty set for '' and for missing."""
    return joined.fillna("").map(lambda text: frozenset(part for part in text.split("|") if part))


def joined(names: pd.Series) -> Any:
    """Distinct non-missing names, sorted and '|'-joined, joined ones taken apart; missing for none."""
    found = sorted({part for name in names.dropna() for part in str(name).split("|")})
    return "|".join(found) if found else None
