"""What one cell means: numbers as platforms write them, rounded ids, days, zones, instants in ids."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats import words
from campaignstats.readers import cells
from campaignstats.readers.cells import CellRefused


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0", 0), ("1254", 1254), (" 29.0 ", 29), ("859.909", 859.909), ("1e-05", 1e-05), (7, 7), (2.5, 2.5)],
)
def test_numbers(cell: object, value: float) -> None:
    assert cells.number(cell) == value


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "--", "–", "undefined", "NAN", "N/A", "null"])
def test_missing_is_not_zero(cell: object) -> None:
    assert cells.number(cell) is None


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("1,234", "grouped_number"),
        ("9" * 400, "not_a_number"),  # beyond every float
        ("1.234.567", "grouped_number"),
        ("12\u00a0500", "grouped_number"),
        ("0,5", "grouped_number"),
        ("1,2 N", "abbreviated_number"),
        ("3.4M", "abbreviated_number"),
        ("1,1 Tỷ", "abbreviated_number"),
        ("1.2E+05", "rounded_number"),
        ("<5", "below_threshold"),
        ("3.апр", "number_became_date"),
        ("17.юни", "number_became_date"),
        ("03-Thg4", "number_became_date"),
        ("3-Apr", "number_became_date"),
        (datetime(2025, 4, 3), "number_became_date"),
        (True, "not_a_number"),
        ("nhiều", "not_a_number"),
        ("-3", "negative_number"),
        (float("inf"), "not_a_number"),
        ("٣", "not_a_number"),
    ],
)
def test_refused_numbers(cell: object, rule: str) -> None:
    with pytest.raises(CellRefused) as refused:
        cells.number(cell)
    assert refused.value.rule == rule
    assert all(words.text(f"rule.{rule}", lang) for lang in words.LANGUAGES)


def test_kinds_of_numbers() -> None:
    assert cells.number("-3", negative=True) == -3
    assert cells.number("12.5 %", percent=True) == 12.5
    for written in ("1.234", "7.000", "-50.000"):
        with pytest.raises(CellRefused, match="not_whole"):
            cells.number(written, whole=True, negative=True)
    assert cells.number("7.0", whole=True) == 7
    for huge in ("9007199254740993", "-9007199254740993", 10**17, 1e300):
        with pytest.raises(CellRefused, match="not_a_number"):
            cells.number(huge, whole=True, negative=True)


@given(st.integers(0, 10**15))
def test_whole_numbers_come_back(value: int) -> None:
    assert cells.number(str(value), whole=True) == value
    grouped = f"{value:,}"
    if value >= 1000:
        for written in (grouped, grouped.replace(",", " ")):
            with pytest.raises(CellRefused, match="grouped_number"):
                cells.number(written)


@given(st.text(max_size=12))
def test_any_text_is_a_number_missing_or_refused(written: str) -> None:
    rule = None
    try:
        value = cells.number(written)
    except CellRefused as refused:
        rule, value = refused.rule, None
    assert rule is None or words.has(f"rule.{rule}")
    assert value is None or value >= 0


@pytest.mark.parametrize("cell", ["1.22158E+17", "6,1571E+13", "1E+17", 1.22158e17, 122158000000000000, True])
def test_damaged_ids(cell: object) -> None:
    assert cells.is_damaged_id(cell)
    with pytest.raises(CellRefused, match="damaged_id"):
        cells.platform_id(cell)


def test_whole_ids() -> None:
    assert cells.platform_id(" 17841446494080465 ") == "17841446494080465"
    assert cells.platform_id(960221266197866) == "960221266197866"
    assert cells.platform_id(960221266197866.0) == "960221266197866"
    assert cells.platform_id("") is None
    assert cells.platform_id("dQw4w9WgXcQ") == "dQw4w9WgXcQ"


def test_rounded_ids_show_in_the_whole_file() -> None:
    assert cells.rounded_ids(["1785400000000000" + d for d in "000"])
    assert not cells.rounded_ids(["17854154811616876" + d for d in "0123456789"])
    assert not cells.rounded_ids(["960221266197860"] * 5)  # 15 digits are kept whole


def test_clocks() -> None:
    assert cells.clock("11/15/2025 05:00", "%m/%d/%Y %H:%M") == datetime(2025, 11, 15, 5)
    assert cells.day("2026-03-29T00:00:00", "iso") == date(2026, 3, 29)
    assert cells.clock("--", "iso") is None
    with pytest.raises(CellRefused, match="not_a_date"):
        cells.clock("15/11/2025 05:00", "%m/%d/%Y %H:%M")
    assert cells.utc("2025-11-15T20:00:00+07:00") == datetime(2025, 11, 15, 13, tzinfo=UTC)
    with pytest.raises(CellRefused, match="no_time_zone"):
        cells.utc("2025-11-15T20:00:00")


def test_zones() -> None:
    summer, winter = datetime(2025, 10, 30, 6), datetime(2025, 11, 20, 6)
    pacific = "America/Los_Angeles"
    assert cells.zoned(summer, pacific) == datetime(2025, 10, 30, 13, tzinfo=UTC)
    assert cells.zoned(winter, pacific) == datetime(2025, 11, 20, 14, tzinfo=UTC)
    assert cells.is_ambiguous(datetime(2025, 11, 2, 1, 30), pacific)
    assert not cells.is_ambiguous(winter, pacific)
    assert cells.zoned(datetime(2025, 11, 20, 6, tzinfo=UTC), pacific).hour == 6


@given(st.datetimes(datetime(2012, 1, 1), datetime(2039, 1, 1)))
def test_instants_in_ids(moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert cells.snowflake_time(str((ms - 1_288_834_974_657) << 22 | 77)) == at
    assert cells.tiktok_time(str((ms // 1000) << 32 | 99)) == at.replace(microsecond=0)
    n, code = (ms - 1_314_220_021_721) << 23 | 5, ""
    while n:
        n, digit = divmod(n, 64)
        code = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[digit] + code
    assert cells.ig_shortcode_time(code) == at or len(code) > 11


def test_instants_that_ids_do_not_hold() -> None:
    assert cells.ig_shortcode_time("***********") is None
    assert cells.tiktok_time("12") is None
    assert cells.snowflake_time("undefined") is None
    assert cells.ig_shortcode("https://www.instagram.com/someone/reel/DHWRIh_CLiR/?x=1") == "DHWRIh_CLiR"
    assert cells.ig_shortcode("https://www.instagram.com/songxanh.mau/") is None
    assert cells.from_epoch(1763215200) == datetime(2025, 11, 15, 14, tzinfo=UTC)
    for wrong in (0, 1763215200000):
        with pytest.raises(CellRefused, match="not_a_date"):
            cells.from_epoch(wrong)


def test_truth() -> None:
    assert [cells.truth(c) for c in ("0", 1, "yes", "Không", "", None)] == [False, True, True, False, None, None]
