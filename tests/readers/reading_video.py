"""Shared by the tests of YouTube, TikTok and X: a file read as gather does it, every record accounted for."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaignstats import schema, words
from campaignstats.readers import base, opening
from campaignstats.readers.base import About, Context, Refused, Row, Skipped, Structure

EXPORTS = Path(__file__).parent.parent / "exports"


@dataclass
class Reading:
    rows: list[Row] = field(default_factory=list)
    whole: Refused | None = None
    refused: list[Refused] = field(default_factory=list)
    cells: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    about: About = field(default_factory=About)
    delivered: int = 0

    def of(self, table: str) -> list[dict[str, Any]]:
        return [r.values for r in self.rows if r.table == table]

    def posts(self) -> dict[str, dict[str, Any]]:
        return {p["post_id"]: p for p in self.of("post")}

    def figures(self, item: str | None = None, day: Any = None) -> dict[str, float]:
        """Metrics of a post, or of the account (None), on one first day or on any."""
        return {
            m["metric"]: m["value"]
            for m in self.of("metric")
            if m.get("item") == item and (day is None or m["period_start"] == day)
        }

    def series(self, metric: str) -> dict[Any, float]:
        return {m["period_start"]: m["value"] for m in self.of("metric") if m["metric"] == metric}


def found_in(path: Path, member: str | None = None) -> opening.Found:
    """A file, or a member of an archive, as the inbox gives it."""
    wanted = path.name if member is None else f"{path.name}!/{member}"
    return next(f for f in opening.inbox_files(path.parent) if f.path == wanted)


def claimants(found: opening.Found) -> list[str]:
    document = opening.open_document(found)
    return sorted(r.NAME for r in base.registry().values() if base.claims(r, document))


def reading(name: str, path: Path, member: str | None = None, *, unique: bool = True, **context: Any) -> Reading:
    """Everything that the reader ``name``, which alone must claim it, makes of a file."""
    found = found_in(path, member)
    assert claimants(found) == [name]
    document = opening.open_document(found)
    given = {"names": found.names, "archived_at": found.archived_at, "timezone": "Asia/Ho_Chi_Minh"} | context
    out = Reading()
    fates: Counter[int] = Counter()
    kept: list[int] = []
    notes: list[Any] = []
    for item in base.registry()[name].read(document, Context(**given)):
        match item:
            case Row():
                assert set(item.values) <= set(schema.TABLES[item.table].names)
                assert "" not in item.values.values()
                out.rows.append(item)
                if not kept or kept[-1] != item.row:
                    kept.append(item.row)
            case Refused():
                assert_said(f"rule.{item.rule}", dict(item.details))
                if item.row == 0:
                    out.whole = item
                    return out
                (out.cells if item.column else out.refused).append(item)
                fates[item.row] += not item.column
            case Skipped():
                assert_said(f"skip.{item.reason}", {})
                out.skipped.append(item)
                fates[item.row] += 1
            case Structure():
                fates[item.row] += 1
            case About():
                notes += item.notes
                out.about = item._replace(notes=tuple(notes))
                for key, values in item.notes:
                    assert_said(f"note.{key}", values)
    fates.update(kept)
    fates = +fates
    out.delivered = document.n_delivered
    assert set(fates.values()) == {1}, "a record with two fates"
    assert len(fates) == document.n_delivered, "a record without a fate"
    assert {c.row for c in out.cells} <= set(kept), "a refused cell of a record that isn't kept"
    places = [(c.row, c.column) for c in out.cells]
    assert len(places) == len(set(places))
    keys = [_key(r) for r in out.rows]
    assert not unique or len(keys) == len(set(keys)), "two rows with one key"
    return out


def _key(row: Row) -> tuple[Any, ...]:
    return (row.table, *(row.values.get(k) for k in schema.TABLES[row.table].key))


def assert_said(key: str, values: dict[str, Any]) -> None:
    """The catalogue has the sentence in both languages, and the values that it names."""
    for lang in words.LANGUAGES:
        assert words.text(key, lang, **values)
