"""Golden tables: what every fixture of tests/exports must come out as, record by record, as text that a person reads.

    python tests/golden.py            shows what differs
    python tests/golden.py --write    writes them anew: look at the difference before you commit it

A line a yielded item, in the reader's order: the table or fate, the record, then the values as JSON. They stand in
tests/golden/ under the fixture's own path. ``context.toml`` in a fixture's folder holds what a person would have
declared for it (``[default]``, or the file's name): platform, account, exported_at, period_start, period_end.
"""

import difflib
import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from campaignstats import columnar
from campaignstats.errors import ReadError
from campaignstats.readers import base, opening

TESTS = Path(__file__).parent
EXPORTS, GOLDEN = TESTS / "exports", TESTS / "golden"
DECLARED = {"mapped"}  # read on a person's word, never by their content


def fixtures() -> list[opening.Found]:
    """Every fixture but the files that say what a person declared of them."""
    return [
        f
        for f in opening.inbox_files(EXPORTS)
        if not f.ignored and f.path.split("/")[0] not in DECLARED and not f.path.endswith("context.toml")
    ]


def context_of(found: opening.Found) -> base.Context:
    """What is known of a fixture from outside its content."""
    file = EXPORTS / found.path.split("/")[0] / "context.toml"
    told: dict[str, Any] = {}
    if file.exists():
        sections = tomllib.loads(file.read_text(encoding="utf-8"))
        told = sections.get("default", {}) | sections.get(found.path.split("/")[-1], {})
    at = told.get("exported_at", date(2025, 12, 22))
    told["exported_at"] = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)
    return base.Context(
        names=found.names,
        archived_at=found.archived_at,
        timezone="Asia/Ho_Chi_Minh",
        **({"platform": "facebook"} | told),
    )


def rows(yielded: Iterator[base.Yield]) -> Iterator[base.Yield]:
    """The same with every Block as the Rows that it stands for."""
    for item in yielded:
        if isinstance(item, base.Block):
            every = {c: columnar.listed(v, len(item.rows)) for c, v in item.columns.items()}
            for i, row in enumerate(item.rows):
                yield base.Row(item.table, row, {c: v[i] for c, v in every.items()})
        else:
            yield item


def table(found: opening.Found) -> str:
    """The golden table of a fixture as it comes out now."""
    lines: list[str] = []
    try:
        document = opening.open_document(found)
    except ReadError as problem:
        return f"refused {problem.key}\n"
    claimants = [n for n, r in sorted(base.registry().items()) if base.claims(r, document)]
    lines.append(f"reader {' '.join(claimants) or '-'}; repairs {' '.join(document.repairs) or '-'}")
    if len(claimants) == 1:
        lines += map(_line, rows(base.registry()[claimants[0]].read(document, context_of(found))))
        lines += map(_line, document.refused)
    return "\n".join(lines) + "\n"


def _line(item: base.Yield) -> str:
    match item:
        case base.Row():
            head, values = f"{item.table} {item.row}", {k: v for k, v in item.values.items() if v is not None}
        case base.Refused():
            head = f"refused {item.row} {item.rule}"
            values = {"column": item.column, "value": item.value, **item.details}
        case base.Skipped():
            head, values = f"skipped {item.row} {item.reason}", {}
        case base.Structure():
            head, values = f"structure {item.row}", {}
        case _:
            head, values = "about", {k: v for k, v in item._asdict().items() if v not in (None, ())}
    return f"{head} {json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)}" if values else head


def place(found: opening.Found) -> Path:
    return GOLDEN / (found.path.replace("!/", "/") + ".txt")


def main(write: bool) -> int:
    differing = 0
    for found in fixtures():
        file, now = place(found), table(found)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if before == now:
            continue
        differing += 1
        if write:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(now, encoding="utf-8", newline="\n")
        else:
            sys.stdout.writelines(
                difflib.unified_diff(before.splitlines(True), now.splitlines(True), str(file.name), "now", n=1)
            )
    return differing


if __name__ == "__main__":
    writing = "--write" in sys.argv[1:]
    print(f"{main(writing)} of {len(fixtures())} golden tables {'written' if writing else 'differ'}")
