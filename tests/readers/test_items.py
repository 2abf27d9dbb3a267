"""What JSON may hold where a text or a number should be, and records that are put together again from flat columns."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_comments import opened

from campaignstats.readers import items
from campaignstats.readers.base import Structure
from campaignstats.readers.items import Item

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(VALUE, st.booleans())
def test_no_value_is_raised_on(value: Any, exact: bool) -> None:
    item = Item(1, {"a": value}, exact=exact)
    for read in (item.text, item.count, item.whole, item.number_at, item.instant, item.epoch, item.truth):
        found = read("a")
        assert found is None or not isinstance(found, dict | list)
        read("a", "b", "0")
    for platform, shape in items.SHAPES.items():
        found_id = item.id("a", of=platform)
        assert found_id is None or shape.fullmatch(found_id)
    assert all((r.row, r.column, r.value) == (1, "a", str(value)[:120]) for r in item.refused)


def test_hidden_counts_are_missing_and_broken_ones_refused() -> None:
    item = Item(3, {"hidden": -1, "zero": "0", "short": "1.2K", "huge": 10**400})
    assert (item.count("hidden"), item.count("zero"), item.count("absent")) == (None, 0, None)
    assert (item.count("short"), item.count("huge")) == (None, None)
    assert [(r.column, r.rule) for r in item.refused] == [("short", "abbreviated_number"), ("huge", "not_a_number")]


def test_an_instant_needs_its_offset_and_a_year_that_can_be() -> None:
    item = Item(
        1, {"z": "2025-11-25T02:10:00.000Z", "bare": "2025-11-25T02:10:00", "year_1": "0001-01-01T00:00:00+14:00"}
    )
    assert str(item.instant("z")) == "2025-11-25 02:10:00+00:00"
    assert (item.instant("bare"), item.instant("year_1")) == (None, None)
    assert [r.column for r in item.refused] == ["bare", "year_1"]


def test_ids_of_json_are_whole_where_a_spreadsheets_are_not() -> None:
    rounded = "7573891823749230000"
    assert Item(1, {"id": rounded}).id("id", of="tiktok") == rounded
    assert Item(1, {"id": 122101234567890}).id("id", of="facebook") == "122101234567890"
    table = Item(1, {"id": rounded}, exact=False)
    assert table.id("id", of="tiktok") is None
    assert [r.rule for r in table.refused] == ["damaged_id"]
    too_long = Item(1, {"id": 7573891823749230123})  # JavaScript has rounded it
    assert too_long.id("id", of="tiktok") is None


@pytest.mark.parametrize(
    ("platform", "moved"),
    [
        ("tiktok", "mau.thi.mot"),
        ("facebook", "Mẫu Thị Một"),
        ("x", "@mau"),
        ("youtube", "UCmau0000000000000000001"),
        ("youtube", "\u202aUgxA1b2C3d4E5f6G7h8I4AaABAg"),
        ("youtube video", "@mauthimot"),
        ("instagram", "một bình luận"),
    ],
)
def test_a_cell_that_has_moved_is_no_id(platform: str, moved: str) -> None:
    item = Item(1, {"id": moved}, exact=False)
    assert item.id("id", of=platform) is None
    assert [r.rule for r in item.refused] == ["items.bad_id"]


def test_a_rounded_id_comes_from_the_link_and_says_so() -> None:
    assert items.mended_id(Item(1, {"id": "7.5E+18"}, exact=False), "id", "755", of="x") == ("755", "id_from_link")
    assert items.mended_id(Item(1, {"id": "7551"}, exact=False), "id", "755", of="x") == ("7551", None)
    assert items.mended_id(Item(1, {}, exact=False), "id", "755", of="x") == ("755", None)
    assert items.mended_id(Item(1, {"id": "7.5E+18"}, exact=False), "id", None, of="x") == (None, None)


# what a scraper's item looks like: no empty objects or texts, which a flat table can't tell from nothing
LEAF = st.integers(0, 10**6).map(str) | st.text("abcđế \n,\"'=", min_size=1, max_size=6).filter(str.strip)
NAME = st.text("abcxyz", min_size=1, max_size=4)
ITEM = st.dictionaries(
    NAME,
    st.recursive(
        LEAF,
        lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAME, inner, min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=5,
)


def flat(value: Any, separator: str, path: tuple[str, ...] = ()) -> dict[str, str]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else ((str(i), v) for i, v in enumerate(value))
        return {k: v for name, inner in pairs for k, v in flat(inner, separator, (*path, name)).items()}
    return {separator.join(path): value}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEM, st.sampled_from("/."), st.sampled_from(",;\t"))
def test_a_flat_record_becomes_the_item_that_it_was(
    tmp_path: Path, item: dict[str, Any], separator: str, delimiter: str
) -> None:
    record = {"known/x" if separator == "/" else "known": "1", "other": "2", **flat(item, separator)}
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerows([list(record), list(record.values())])
    (tmp_path / "a.csv").write_bytes(written.getvalue().encode())
    needed = frozenset(list(record)[:2])
    found = list(items.items_of(opened(tmp_path / "a.csv"), frozenset(item), needed))
    assert isinstance(found[0], Structure)
    assert isinstance(found[1], Item)
    assert found[1].data == item
    assert found[1].exact is False


def test_columns_that_nobody_asked_for_are_never_put_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text,user/email\n1,Chào,a@b.example\n", encoding="utf-8")
    [_, item] = items.items_of(opened(tmp_path / "a.csv"), frozenset({"id", "text"}), frozenset({"id", "text"}))
    assert isinstance(item, Item)
    assert item.data == {"id": "1", "text": "Chào"}


def test_a_header_that_comes_again_is_structure_and_a_long_record_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,a\nid,text\n2,b,c\n", encoding="utf-8")
    kinds = [type(i).__name__ for i in items.items_of(opened(tmp_path / "a.csv"), frozenset({"id"}), frozenset({"id"}))]
    assert kinds == ["Structure", "Item", "Structure", "Refused"]


@pytest.mark.parametrize("text", ['[1, null, "a", {"id": "1"}]', '{"id": "1"}'])
def test_every_value_of_a_json_list_is_an_item_or_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    document = opened(tmp_path / "a.json")
    found = list(items.items_of(document, frozenset({"id"})))
    assert document.n_delivered == len(found) == (4 if isinstance(json.loads(text), list) else 1)
    assert sum(isinstance(i, Item) for i in found) == 1
