"""Words and number forms: each language's own, whatever the machine's."""

import locale
from datetime import date, datetime

import pytest

from campaignstats import words


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1254300, 0, "1.254.300", "1,254,300"),
        (-1254.5, 1, "-1.254,5", "-1,254.5"),
        (-0.04, 1, "0,0", "0.0"),  # no minus before a zero
        (float("nan"), 2, "–", "–"),
        (None, 0, "–", "–"),
    ],
)
def test_numbers(value: float, decimals: int, vi: str, en: str) -> None:
    assert (words.number(value, "vi", decimals), words.number(value, "en", decimals)) == (vi, en)


def test_shares() -> None:
    assert words.percent(0.234, "vi") == "23,4\u00a0%"
    assert words.percent(0.234, "en") == "23.4%"
    assert words.percent(float("nan"), "vi") == "–"


def test_days() -> None:
    assert words.day(date(2025, 3, 5), "en") == "5 March 2025"
    assert words.day(datetime(2025, 12, 15, 23, 59), "en") == "15 December 2025"
    assert words.day(date(2025, 3, 5), "vi") == "05/03/2025"


def test_days_are_not_written_in_the_machines_language() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "vi_VN.UTF-8")
    except locale.Error:
        pytest.skip("needs the locale vi_VN.UTF-8")
    try:
        assert words.day(date(2025, 3, 5), "en") == "5 March 2025"
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_values_go_in_by_their_kind() -> None:
    assert "1.254.300" in words.text("gather.cells", "vi", n=1254300)
    assert "1,254,300" in words.text("gather.cells", "en", n=1254300)


def test_an_unknown_key_or_language_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError, match=r"gather\.nothing"):
        words.text("gather.nothing", "vi")
    with pytest.raises(KeyError, match="fr"):
        words.text("gather.cells", "fr", n=1)
    assert not words.has("gather.nothing")


def test_both_texts_of_a_key_name_the_same_values() -> None:
    def named(text: str) -> set[str]:
        return {name for _, name, _, _ in words._In("vi").parse(text) if name}

    assert [key for key, both in words.catalogue().items() if named(both["vi"]) != named(both["en"])] == []


def test_a_count_of_any_length_is_written() -> None:
    assert words.number(10**399, "en") == "1" + ",000" * 133
    assert words.text("rule.two_values", "vi", one=10**399, other=1).count(".000") == 133
