"""Figures and days as people type them."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.readers import typed
from campaignstats.readers.cells import CellRefused


@pytest.mark.parametrize(
    ("cell", "value", "approximate"),
    [
        ("1234", 1234, False),
        (1234, 1234, False),
        (1234.0, 1234, False),
        ("0", 0, False),
        (" 12 500 ", 12500, False),
        ("12\u00a0500", 12500, False),
        ("1.234.567", 1234567, False),
        ("1,234,567", 1234567, False),
        ("1,2 N", 1200, True),
        ("1.2K", 1200, True),
        ("3,4 Tr", 3_400_000, True),
        ("3.4M", 3_400_000, True),
        ("1,1 T", 1_100_000_000, True),
        ("2 tỷ", 2_000_000_000, True),
        ("15 nghìn", 15000, True),
        ("881 N", 881000, True),
    ],
)
def test_figures(cell: Any, value: float, approximate: bool) -> None:
    assert typed.figure(cell) == (value, approximate)


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "--", "N/A"])
def test_an_absent_figure_is_none_and_never_zero(cell: Any) -> None:
    assert typed.figure(cell) is None


@pytest.mark.parametrize(
    ("cell", "rule", "plain"),
    [
        ("1.234", "typed.ambiguous", "1234"),
        ("1,234", "typed.ambiguous", "1234"),
        ("881.685", "typed.ambiguous", "881685"),
        ("1,234 N", "typed.ambiguous", "1234 N"),
        (1.234, "typed.ambiguous", "1234"),
        (12.5, "typed.ambiguous", "12500"),  # 12.500 typed into an English spreadsheet
        ("1.5", "typed.no_figure", None),
        (12345.6, "typed.no_figure", None),
        ("-5", "typed.no_figure", None),
        ("khoảng 1000", "typed.no_figure", None),
        ("1000+", "typed.no_figure", None),
        ("nhiều", "typed.no_figure", None),
        ("<5", "typed.no_figure", None),
        ("1.2E+05", "typed.no_figure", None),
        ("1.234,56.7", "typed.no_figure", None),
        ("20/11/2025", "typed.no_figure", None),
        (datetime(2025, 11, 20), "typed.no_figure", None),
        (True, "typed.no_figure", None),
    ],
)
def test_what_is_no_sure_figure_is_refused(cell: Any, rule: str, plain: str | None) -> None:
    with pytest.raises(CellRefused) as refused:
        typed.figure(cell)
    assert refused.value.rule == rule
    if plain:
        assert refused.value.details["plain"] == plain


@pytest.mark.parametrize(("cell", "value"), [("12,5", 12.5), ("12.5", 12.5), (12.5, 12.5), ("3", 3)])
def test_fractions_where_the_metric_has_them(cell: Any, value: float) -> None:
    assert typed.figure(cell, whole=False) == (value, False)


@given(st.integers(min_value=1_000_000, max_value=10**12))
def test_groups_of_thousands_either_way_are_the_number(n: int) -> None:
    assert typed.figure(f"{n:,}") == typed.figure(f"{n:,}".replace(",", ".")) == typed.figure(str(n)) == (n, False)


@pytest.mark.parametrize(
    "cell", ["20/11/2025", "20-11-2025", "20.11.2025", "2025-11-20", datetime(2025, 11, 20, 8), date(2025, 11, 20)]
)
def test_days(cell: Any) -> None:
    assert typed.day(cell) == date(2025, 11, 20)


@pytest.mark.parametrize("cell", ["11/20/2025", "20/11/25", "hôm qua", "31/02/2025", 45981, 45981.0])
def test_what_is_no_day_is_refused(cell: Any) -> None:
    with pytest.raises(CellRefused):
        typed.day(cell)
