"""Shared by the tests of the archives' readers: a payload read as gather does, and payloads of the oddest shapes."""

import copy
import json
from collections import Counter
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from reading_comments import EXPORTS, Reading

from campaignstats import metrics, schema, words
from campaignstats.readers import base
from campaignstats.readers.base import About, Refused, Row, Skipped, Structure
from campaignstats.readers.json_files import Json

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.sampled_from([10**400, -1, 0, 2**53 + 1, 1e300, 1.5, -0.0]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "1,234", "1.2K", "12", "1E+17", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "\ud7ff"]),
    st.sampled_from(["2025-11-20T14:00:05+00:00", "x_y", "https://www.facebook.com/", "http://[bad", "\x00", "Ấ"]),
    st.text(max_size=12),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "data", "post", "comment", "total", "x"]), st.none(), max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value within a payload, itself included."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, inner in below for p in places(inner, (*path, key)))]


@st.composite
def odd(draw: st.DrawFn, payloads: list[Any]) -> Any:
    """One of the payloads with some of its values replaced by anything, doubled or taken away."""
    payload = copy.deepcopy(draw(st.sampled_from(payloads)))
    for _ in range(draw(st.integers(1, 6))):
        path = draw(st.sampled_from(places(payload)))
        if not path:
            continue
        holder = payload
        for key in path[:-1]:
            holder = holder[key]
        act = draw(st.sampled_from(["replace", "replace", "replace", "remove", "wrap", "text"]))
        if act == "remove":
            del holder[path[-1]]
        elif act == "wrap":
            holder[path[-1]] = [holder[path[-1]]]
        elif act == "text":
            holder[path[-1]] = str(holder[path[-1]])
        else:
            holder[path[-1]] = draw(ODD)
    return payload


def payloads(*folders: str) -> list[Any]:
    """What the JSON fixtures of these folders hold."""
    files = [f for folder in folders for f in sorted((EXPORTS / folder).glob("*.json"))]
    assert files
    return [json.loads(f.read_text(encoding="utf-8")) for f in files]


def read_payload(reader: Any, payload: Any, **context: Any) -> Reading | None:
    """What ``reader`` makes of a payload, every item accounted for; None where it does not claim it."""
    document = Json("x.json", "json", "utf-8", (), payload=payload)
    if not base.claims(reader, document):
        return None
    return checked(reader, document, base.Context(**{"names": ("x.json",), "timezone": "Asia/Ho_Chi_Minh"} | context))


def checked(reader: Any, document: Any, context: base.Context) -> Reading:
    """All that ``reader`` yields; fails unless every record has one fate, every value its type and every key words."""
    out = Reading()
    kept: set[int] = set()
    fates: Counter[int] = Counter()
    for item in reader.read(document, context):
        match item:
            case Row():
                _typed(item)
                out.rows.append(item)
                kept.add(item.row)
            case Refused():
                assert words.has(f"rule.{item.rule}")
                assert all(words.text(f"rule.{item.rule}", lang, **item.details) for lang in words.LANGUAGES)
                if item.column:
                    out.cells.append(item)
                else:
                    out.refused.append(item)
                    fates[item.row] += 1
                if item.row == 0:
                    assert not out.rows
                    return out
            case Skipped():
                assert words.has(f"skip.{item.reason}")
                out.skipped.append(item)
                fates[item.row] += 1
            case Structure():
                fates[item.row] += 1
            case About():
                assert all(words.text(f"note.{k}", lang, **v) for k, v in item.notes for lang in words.LANGUAGES)
                out.about.append(item)
                out.notes |= dict(item.notes)
    fates.update(kept)
    out.delivered = document.n_delivered
    assert set(fates.values()) <= {1}, "a record with two fates"
    assert len(fates) == document.n_delivered, "a record without a fate"
    assert {c.row for c in out.cells} <= kept, "a refused cell of a record that isn't kept"
    return out


def _typed(row: Row) -> None:
    types = {c.name: c.type for c in schema.TABLES[row.table].columns}
    for name, value in row.values.items():
        assert name in types
        if value is None:
            continue
        kinds = {"string": str, "float": int | float, "int": int, "bool": bool, "instant": datetime}
        assert value != ""
        assert isinstance(value, kinds.get(types[name], object)), (name, value)
        assert not isinstance(value, datetime) or value.utcoffset() is not None
    if row.table == "metric":
        assert metrics.metric(row.values["metric"])
        assert row.values["value"] >= 0
    if row.table == "post":
        assert row.values["post_id"]
