"""Shared by the tests of the comment readers: a file opened and read as gather does it, every record accounted for."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaignstats import columnar, schema
from campaignstats.readers import base, opening
from campaignstats.readers.base import About, Block, Context, Refused, Row, Skipped, Structure

EXPORTS = Path(__file__).parent.parent / "exports"


@dataclass
class Reading:
    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)  # whole records
    cells: list[Refused] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    about: list[About] = field(default_factory=list)
    delivered: int = 0

    def of(self, table: str) -> list[dict[str, Any]]:
        return [r.values for r in self.rows if r.table == table]

    def metrics(self, item: str) -> dict[str, float]:
        return {m["metric"]: m["value"] for m in self.of("metric") if m["item"] == item}


def opened(file: Path) -> opening.Opened:
    found = [f for f in opening.inbox_files(file.parent) if f.path == file.name]
    assert len(found) == 1
    return opening.open_document(found[0])


def reading(reader: Any, file: Path, *, claimed: bool = True, **context: Any) -> Reading:
    """Everything that ``reader`` makes of ``file``; fails unless every delivered record has one fate."""
    document = opened(file)
    assert base.claims(reader, document) is claimed
    given = Context(**{"names": (file.name,), "timezone": "Asia/Ho_Chi_Minh"} | context)
    out = Reading()
    fates: Counter[int] = Counter()
    kept: list[int] = []
    for item in reader.read(document, given):
        match item:
            case Block(table, numbers, columns):
                every = [columnar.listed(c, len(numbers)) for c in columns.values()]
                assert {len(c) for c in every} == {len(numbers)}
                assert set(columns) <= set(schema.TABLES[table].names)
                for number, *values in zip(numbers, *every, strict=True):
                    assert "" not in values
                    out.rows.append(Row(table, number, dict(zip(columns, values, strict=True))))
                kept += numbers
            case Row():
                assert set(item.values) <= set(schema.TABLES[item.table].names)
                assert "" not in item.values.values()
                out.rows.append(item)
                if not kept or kept[-1] != item.row:
                    kept.append(item.row)
            case Refused(row=0, column=""):
                assert not out.rows
                out.refused.append(item)
                return out
            case Refused(column=""):
                out.refused.append(item)
                fates[item.row] += 1
            case Refused():
                out.cells.append(item)
            case Skipped():
                out.skipped.append(item)
                fates[item.row] += 1
            case Structure():
                fates[item.row] += 1
            case About():
                out.about.append(item)
                out.notes |= dict(item.notes)
    fates.update(kept)
    out.delivered = document.n_delivered
    assert set(fates.values()) <= {1}, "a record with two fates"
    assert len(fates) == document.n_delivered, "a record without a fate"
    assert {c.row for c in out.cells} <= set(kept), "a refused cell of a record that isn't kept"
    return out
