"""Every reader keeps the contract of base.py, tested over all that are registered."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import golden
import pytest

from campaignstats import metrics, schema, words
from campaignstats.campaign import MappedTable
from campaignstats.errors import ReadError
from campaignstats.readers import base, opening
from campaignstats.readers.base import About, Context, Refused, Row, Skipped, Structure, header_key

READERS = base.registry()
DOCS = Path(__file__).parent.parent.parent / "docs"


def owner(found: opening.Found) -> str:
    """The reader that a fixture's folder is called after: NAME, or NAME and more words."""
    folder = found.path.split("/")[0]
    return max((n for n in READERS if folder == n or folder.startswith(f"{n}_")), key=len, default="")


FIXTURES = golden.fixtures()


@pytest.mark.parametrize("name", sorted(READERS))
def test_what_a_reader_declares(name: str) -> None:
    reader = READERS[name]
    assert name == reader.NAME
    assert reader.VERSION >= 1
    assert reader.PLATFORM is None or reader.PLATFORM in schema.PLATFORMS
    for headers in reader.HEADERS:
        assert headers
        assert all(header_key(h) == h for h in headers)
    assert reader.DAY in base.DAYS or ZoneInfo(reader.DAY)
    assert reader.GRAINS
    assert set(reader.GRAINS) <= set(base.GRAINS)


@pytest.mark.parametrize("name", sorted(READERS))
def test_each_format_is_documented_with_its_day_and_grain(name: str) -> None:
    reader = READERS[name]
    lines = [line.split("|") for line in (DOCS / "formats.md").read_text("utf-8").splitlines()]
    own = [cells for cells in lines if len(cells) > 2 and f"`{name}`" in cells[1]]
    assert len(own) == 1, f"docs/formats.md has {len(own)} lines for {name}"
    assert re.findall(r"`([^`]+)`", own[0][-2]) == [reader.DAY]
    assert re.findall(r"`([^`]+)`", own[0][-3]) == list(reader.GRAINS)


@pytest.mark.parametrize("name", sorted(set(READERS) - golden.DECLARED))
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
    _check(READERS[name], document, golden.context_of(found))


@pytest.mark.parametrize("found", FIXTURES, ids=lambda f: f.path)
def test_golden_table(found: opening.Found) -> None:
    """Every yield of every fixture; `python tests/golden.py` shows the difference."""
    assert golden.place(found).exists(), "no golden table: python tests/golden.py --write, then read what it wrote"
    assert golden.table(found) == golden.place(found).read_text(encoding="utf-8")


def test_no_golden_table_without_its_fixture() -> None:
    kept = {f.relative_to(golden.GOLDEN) for f in golden.GOLDEN.rglob("*.txt")}
    assert kept == {golden.place(f).relative_to(golden.GOLDEN) for f in FIXTURES}


def _check(reader: base.Reader, document: opening.Opened, context: Context) -> None:
    fates: Counter[int] = Counter()
    kept: set[int] = set()
    cells: set[int] = set()
    for item in golden.rows(reader.read(document, context)):
        match item:
            case Row():
                kept.add(item.row)
                table = schema.TABLES[item.table]
                grain = item.values.get("grain", {"audience": "audience_share"}.get(item.table, item.table))
                assert grain in (*reader.GRAINS, "post", "account"), f"{grain} is not among the reader's GRAINS"
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
    found = next(f for f in opening.inbox_files(golden.EXPORTS) if f.path == "mapped/zalo.csv")
    document = opening.open_document(found)
    header = document.head[0][1]
    mapped = MappedTable(path="zalo.csv", table="post", columns={"text": str(header[0])}, platform="zalo")
    _check(READERS["mapped"], document, Context(names=found.names, platform="zalo", mapped=mapped))
