"""What may have happened to letters: each damage is made here from whole texts, and whole texts raise no alarm."""

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.readers import letters
from campaignstats.readers.cells import CellRefused

GOOD = "Phụ nữ và trẻ em: bình đẳng giới, hội nghị ở Đồng Nai; ơn, ư, ỡ, Ạ"
SHORT = "Hôm nay Đồng Nai phát động"


def mojibake(text: str) -> str:
    """UTF-8 read as Windows reads cp1252: its five gaps are control characters."""
    return "".join(
        bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in text.encode()
    )


def cp1258(text: str) -> bytes:
    """As Windows-1258 writes Vietnamese: the letter with its roof or horn, then the tone mark."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
        out += base.encode("cp1258") + "".join(c for c in parts if c in tones).encode("cp1258")
    return out


@pytest.mark.parametrize("text", [GOOD, SHORT, "à la carte", "Ỡ Ạ à", "👏 Hội nghị"])
def test_mojibake_makes_the_way_back_once_and_twice(text: str) -> None:
    assert letters.unmangled(mojibake(text)) == text
    if letters.is_mangled(mojibake(text)):
        assert letters.unmangled(mojibake(mojibake(text))) == text


def test_a_no_break_space_that_an_editor_made_a_space() -> None:
    assert letters.unmangled("BÃ i viáº¿t") == "Bài viết"


@pytest.mark.parametrize("text", [GOOD, "Café à l'été", "Árvíztűrő tükörfúrógép", "XÃ HỘI", "Ô TÔ Ở QUÂN KHU", "“Â”"])
def test_whole_texts_are_no_mojibake(text: str) -> None:
    assert letters.not_mangled(text) == text


@given(st.text(max_size=40))
def test_what_is_taken_for_mojibake_goes_there_and_back(text: str) -> None:
    try:
        meant = letters.unmangled(text)
    except CellRefused:
        return
    assert text.isascii() or "Ã" not in meant or meant != text


@given(st.text(alphabet="aăâeêioôơuưyđ bcdghklmnpqrstvx àáảãạ ềếểễệ ờớởỡợ ừứửữự ỳýỷỹỵ", max_size=30))
def test_tcvn3_and_cp1258_there_and_back(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    back = {v: k for k, v in letters._TCVN3.items()}
    assert letters.converted(text.translate(back), "tcvn3") == text
    raw = cp1258(text).decode("ascii", "surrogateescape")
    assert letters.from_code_page(raw, "cp1258") == text


@pytest.mark.parametrize(
    ("font", "text"),
    [
        ("tcvn3", "H«m nay §ång Nai tæ chøc lÔ ph¸t ®éng, b×nh ®¼ng giíi"),
        ("vni", "Hoâm nay Ñoàng Nai toå chöùc leã phaùt ñoäng, bình ñaúng giôùi"),
    ],
)
def test_legacy_fonts_are_known_by_their_syllables(font: str, text: str) -> None:
    assert letters.legacy_font([text]) == font
    assert letters.converted(text, font) == "Hôm nay Đồng Nai tổ chức lễ phát động, bình đẳng giới"
    with pytest.raises(CellRefused) as refused:
        letters.no_legacy_font(font)(text)
    assert refused.value.rule == "legacy_font"
    assert letters.no_legacy_font(font)("Truc tiep 123") == "Truc tiep 123"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "Le café était fermé à cause de la grève générale; où êtes-vous, Noël, garçon, déjà vu, naïve, théâtre",
        "Árvíztűrő tükörfúrógép, egészségügyi szövetség, kérjük látogasson el hozzánk, köszönjük",
        "Ação e coração: não há informações, três irmãos, você também",
        "Über größere Übungen für Mädchen, schöne Grüße, Äpfel",
        "Xin chào, cà phê và trà, bà và cô, hai cô bé",
        "©2025 ®Marca µm £5 §3",
    ],
)
def test_other_languages_are_no_legacy_font(text: str) -> None:
    assert letters.legacy_font([text]) is None


def test_lost_letters_are_seen_over_a_whole_file() -> None:
    lost = ["H?i ngh? t?ng k?t c?ng tác", "Ph? n? và tr? em c?n bi?t", "Tuyên truy?n lu?t bình d?ng gi?i"]
    assert letters.has_lost_letters(lost)
    assert not letters.has_lost_letters([*lost, GOOD]), "a file with ữ in it was not saved in an old code page"
    assert not letters.has_lost_letters(["Ai là nạn nhân?", "Vì sao? Ở đâu?", "https://a.vn/?p=1&b?c"])
    assert not letters.has_lost_letters(["Really? Yes", "what?no", "see http://x.y/a?b=c d?e=f"])
    with pytest.raises(CellRefused):
        letters.without_holes(lost[0])
    assert letters.without_holes("Ai bi?") == "Ai bi?"


@pytest.mark.parametrize("word", ["nghiêng", "khuỷu", "giặt", "quyển", "ơ", "yêu", "rượu", "thuở", "xoong", "gì", "ý"])
def test_syllables(word: str) -> None:
    assert letters.is_syllable(word)


@pytest.mark.parametrize("word", ["été", "zoo", "über", "strasse", "ạạ", "köszönjük", "ngg", ""])
def test_no_syllables(word: str) -> None:
    assert not letters.is_syllable(word)


def test_good_vietnamese_raises_no_alarm(shared: Path) -> None:
    """Every text of the labelled sets, alone and a hundred at a time: none in a legacy font, mangled or with holes."""
    for file in sorted((shared / "labelled").glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as rows:
            texts = [row["text"] for row in csv.DictReader(rows) if row.get("text")]
        assert not any(letters.legacy_font([t]) for t in texts), file.name
        assert not any(map(letters.is_provably_mangled, texts)), file.name
        parts = [texts[i : i + 100] for i in range(0, len(texts), 100)]
        assert not any(letters.legacy_font(p) or letters.has_lost_letters(p) for p in parts), file.name
