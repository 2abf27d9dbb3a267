from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.findings.model import KINDS, clean, plain, written


@given(st.text())
def test_clean_leaves_no_control_and_no_direction(text: str) -> None:
    found = clean(text)
    assert not any(c < " " or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in found)
    assert clean(found) == found


def test_clean_is_nfc_and_keeps_vietnamese() -> None:
    assert clean("ho\u0300a bi\u0300nh") == "hòa bình"
    assert clean(None) == clean(pd.NA) == clean(float("nan")) == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, pd.NA, pd.NaT, float("nan")])
def test_missing_is_none_and_a_dash_never_zero(kind: str, value: object) -> None:
    assert plain(value, kind) is None
    assert written(plain(value, kind), kind, "vi") == "–"


@pytest.mark.parametrize(
    ("value", "kind", "vi", "en"),
    [
        (1254300.0, "count", "1.254.300", "1,254,300"),
        (np.int64(0), "count", "0", "0"),
        (0.234, "share", "23,4\u00a0%", "23.4%"),
        (3.4159, "rate", "3,42", "3.42"),
        (-0.5, "ratio", "-0,50", "-0.50"),
        (datetime(2025, 11, 5, 9), "date", "05/11/2025", "5 November 2025"),
        (pd.Timestamp("2025-11-05"), "date", "05/11/2025", "5 November 2025"),
        (date(2025, 11, 5), "date", "05/11/2025", "5 November 2025"),
        (np.True_, "flag", "có", "yes"),
        ("khoảng 200", "count", "khoảng 200", "khoảng 200"),
    ],
)
def test_values_in_each_languages_form(value: object, kind: str, vi: str, en: str) -> None:
    raw = plain(value, kind)
    assert (written(raw, kind, "vi"), written(raw, kind, "en")) == (vi, en)
