import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.text.normalise import folded, is_unaccented, normalised, teencode, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hoà thuận, thuỷ chung, HOÀ, khoẻ", "hòa thuận, thủy chung, HÒA, khỏe"),
        ("quý, quỳ, hoàn, toàn, thoáng, khuỷu", "quý, quỳ, hoàn, toàn, thoáng, khuỷu"),
        ("a\u202eb\u200b\u00adc\x00", "abc"),
        ("  a \u00a0 b \r\n\r\n c ", "a b\nc"),
        ("👩\u200d💻 ❤\ufe0f", "👩\u200d💻 ❤\ufe0f"),
        ("\ud800a", "a"),
    ],
)
def test_one_spelling(text, expected):
    assert normalised(text) == expected


@given(st.text())
def test_normalising_twice_changes_nothing_and_nfd_is_the_same(text):
    once = normalised(text)
    assert normalised(once) == once
    assert unicodedata.is_normalized("NFC", once)
    words(text)  # never fails


def test_folded_takes_accents_away():
    assert folded("Bình đẳng giới, ĐƯỜNG") == "Binh dang gioi, DUONG"
    assert is_unaccented("binh dang gioi 👍")
    assert not is_unaccented("bình")
    assert not is_unaccented("bi\u0300nh")


def test_words_split_hashtags_spell_out_and_keep_numbers_whole():
    assert words("#BinhDangGioi #chungtay") == ["#binhdanggioi", "binh", "dang", "gioi", "#chungtay"]
    assert words("ko đc 111.000 đ!! 😍") == ["không", "được", "111.000", "đ", "!", "😍"]
    assert words("ko dc") == ["khong", "duoc"]
    assert words("hayyyy quááá") == ["hay", "quá"]
    assert words("⟨điện thoại⟩ nhé") == ["⟨điện thoại⟩", "nhé"]


def test_abbreviations_that_are_words_are_left_alone():
    assert not {"like", "cậu", "ca", "com", "lon"} & set(teencode())


def test_a_huge_text_is_cut():
    assert len(words("a b " * 50_000)) <= 4000
