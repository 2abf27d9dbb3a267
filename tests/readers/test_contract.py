"""Every reader keeps the contract of base.py, tested over all that are registered."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from campaignstats import metrics, schema, words
from campaignstats.campaign import MappedTable
from campaignstats.errors import ReadError
from campaignstats.readers import base, opening
from campaignstats.readers.base import About, Context, Refused, Row, Skipped, Structure, header_key

EXPORTS = Path(__file__).parent.parent / "exports"
READERS = base.registry()
# read on a person's word, never by their content
DECLARED = {"mapped"}


def fixtures() -> list[opening.Found]:
    return [f for f in opening.inbox_files(EXPORTS) if not f.ignored and f.path.split("/")[0] not in DECLARED]


def owner(found: opening.Found) -> str:
    """The reader that a fixture's folder is called after: NAME, or NAME and more words."""
    folder = found.path.split("/")[0]
    return max((n for n in READERS if folder == n or folder.startswith(f"{n}_")), key=len, default="")


FIXTURES = fixtures()


@pytest.mark.parametrize("name", sorted(READERS))
def test_what_a_reader_declares(name: str) -> None:
    reader = READERS[name]
    assert name == reader.NAME
    assert reader.VERSION >= 1
    assert reader.PLATFORM is None or reader.PLATFORM in schema.PLATFORMS
    for headers in reader.HEADERS:
        assert headers
        assert all(header_key(h) == h for h in headers)


@pytest.mark.parametrize("name", sorted(set(READERS) - DECLARED))
def test_each_reader_has_a_fixture(name: str) -> None:
    def claimed(found: opening.Found) -> bool:
        try:
            return bool(base.claims(READERS[name], opening.open_document(found)))
        except ReadError:
            return False

    family = name.rsplit("_", 1)[0]  # a zip of YouTube's holds a fixture for several readers
    assert any(claimed(f) for f in FIXTURES if f.path.startswith((name, family))), (
        f"no fixture in tests/exports/{name}*/"
    )


@pytest.mark.parametrize("found", FIXTURES, ids=lambda f: f.path)
def test_one_claimant_and_every_record_has_one_fate(found: opening.Found) -> None:
    document = opening.open_document(found)
    claimants = [n for n, r in sorted(READERS.items()) if base.claims(r, document)]
    assert len(claimants) <= 1
    if not claimants:
        assert not owner(found) or found.path.count("!/"), "its own reader does not claim it"
        return
    name = claimants[0]
    context = Context(
        names=found.names,
        archived_at=found.archived_at,
        platform=READERS[name].PLATFORM or "facebook",
        exported_at=datetime.fromisoformat("2025-12-22T00:00:00+00:00"),
        timezone="Asia/Ho_Chi_Minh",
    )
    _check(READERS[name], document, context)


def _rows(yielded: Iterator[base.Yield]) -> Iterator[base.Yield]:
    """The same with every Block as the Rows that it stands for."""
    for item in yielded:
        if isinstance(item, base.Block):
            for i, row in enumerate(item.rows):
                own = {c: v[i] if isinstance(v, list) else v for c, v in item.columns.items()}
                assert all(len(v) == len(item.rows) for v in item.columns.values() if isinstance(v, list))
                yield Row(item.table, row, own)
        else:
            yield item


def _check(reader: base.Reader, document: opening.Opened, context: Context) -> None:
    fates: Counter[int] = Counter()
    kept: set[int] = set()
    cells: set[int] = set()
    for item in _rows(reader.read(document, context)):
        match item:
            case Row():
                kept.add(item.row)
                table = schema.TABLES[item.table]
                assert item.table in schema.READ_TABLES
                assert set(item.values) <= set(table.names)
                assert "" not in item.values.values()
                for value in item.values.values():
                    assert not isinstance(value, datetime) or value.utcoffset() is not None, item.values
                assert item.values.get("platform", "facebook") in schema.PLATFORMS
                if item.table == "metric":
                    assert metrics.metric(item.values["metric"]) is not None
                    assert item.values["grain"] in schema.GRAINS
                    assert item.values.get("traffic", "total") in schema.TRAFFICS
            case Refused():
                assert all(words.text(f"rule.{item.rule}", lang, **item.details) for lang in words.LANGUAGES)
                if item.row == 0 and not item.column:
                    return
                if item.column:
                    cells.add(item.row)
                else:
                    fates[item.row] += 1
            case Skipped():
                assert all(words.text(f"skip.{item.reason}", lang) for lang in words.LANGUAGES)
                fates[item.row] += 1
            case Structure():
                fates[item.row] += 1
            case About():
                for key, values in item.notes:
                    assert all(words.text(f"note.{key}", lang, **values) for lang in words.LANGUAGES)
    assert not kept & set(fates), "a kept record has a second fate"
    assert not fates or max(fates.values()) == 1
    assert len(kept) + len(fates) == document.n_delivered
    assert cells <= kept


def test_a_mapped_table_keeps_the_contract_too() -> None:
    found = next(f for f in opening.inbox_files(EXPORTS) if f.path == "mapped/zalo.csv")
    document = opening.open_document(found)
    header = document.head[0][1]
    mapped = MappedTable(path="zalo.csv", table="post", columns={"text": str(header[0])}, platform="zalo")
    _check(READERS["mapped"], document, Context(names=found.names, platform="zalo", mapped=mapped))
