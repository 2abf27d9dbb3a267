import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.text.normalise import (
    folded,
    is_syllable,
    is_unaccented,
    normalised,
    teencode,
    vietnamese_share,
    words,
)


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


def test_a_hashtag_can_be_one_word():
    assert words("Đi #BinhDangGioi nha", hashtag_words=False) == ["đi", "#binhdanggioi", "nha"]
    assert words("Đi #BinhDangGioi nha") == ["đi", "#binhdanggioi", "binh", "dang", "gioi", "nha"]


SYLLABLES = "nghiêng khuyến thuở quyền giếng hoạch uống yêu oẳn xoong gi ý nguyên quýt quỳnh khuỷu"


@pytest.mark.parametrize("word", SYLLABLES.split())
def test_syllables_are_known_with_and_without_accents(word):
    assert is_syllable(word)
    assert is_syllable(folded(word))


@pytest.mark.parametrize("word", ["livestream", "love", "прическа", "アニメ", "this", "team", "zalo", "ubnd"])
def test_other_words_are_no_syllables(word):
    assert not is_syllable(word)


def test_marks_of_redaction_do_not_make_a_text_accented():
    assert is_unaccented("goi em nha ⟨điện thoại⟩")
    assert not is_unaccented("gọi em nha ⟨điện thoại⟩")


def test_the_share_of_vietnamese_words():
    assert vietnamese_share(words("Hôm nay trời đẹp, đi livestream 24/7 😍")) == 5 / 6
    assert vietnamese_share(words("Новая прическа")) == 0
    assert vietnamese_share([]) == vietnamese_share(["#barber", "111", "!"]) == 0
