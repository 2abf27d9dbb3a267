"""What may have happened to the letters of a text, and what proves it: code pages, mojibake, old fonts. Not a reader.

A *way* takes a cell as it stands and gives it as it was meant, or raises ``CellRefused``: which way a file's cells are
read is proved by ``opening`` with a second fact, the headers that a known export has.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from campaignstats.readers.cells import CellRefused

Way = Callable[[str], str]

CODE_PAGES = ("cp1258", "cp1252", "cp1251", "mac_roman")
LEGACY_FONTS = {"tcvn3": "TCVN3 (ABC, .VnTime)", "vni": "VNI-Windows"}

_STRAY = re.compile("[\udc80-\udcff]")


# ---- bytes that are no UTF-8: ``raw`` holds each as a lone surrogate (surrogateescape) -------------------------------


def from_code_page(raw: str, page: str) -> str | None:
    """The text under one code page, in NFC; None where the page has no such byte. Legacy fonts lie upon cp1252."""
    try:
        text = raw.encode("utf-8", "surrogateescape").decode("cp1252" if page in LEGACY_FONTS else page)
    except UnicodeError:
        return None
    if page in LEGACY_FONTS:
        return converted(text, page)
    return unicodedata.normalize("NFC", text)


def agreed(pages: Iterable[str], *, probable: str) -> Way:
    """The way of cells that mean the same under every one of ``pages``; any other cell is refused."""
    pages = tuple(pages)

    def way(cell: str) -> str:
        if cell.isascii():
            return cell
        text = from_code_page(cell, pages[0])
        if text is not None and all(from_code_page(cell, page) == text for page in pages[1:]):
            return text
        raise CellRefused("letters_unproved", encoding=probable)

    return way


def without_strays(cell: str) -> str:
    """The way of a UTF-8 file with some broken bytes: whole cells as they are, the others refused."""
    if _STRAY.search(cell):
        raise CellRefused("broken_letters")
    return cell


# ---- mojibake: UTF-8 that was read as Windows-1252 and saved again ---------------------------------------------------

# Windows fills the five gaps of cp1252 with the control characters of the same number
_GAPS = {0x81: 0x81, 0x8D: 0x8D, 0x8F: 0x8F, 0x90: 0x90, 0x9D: 0x9D}
_WINDOWS = {ord(bytes([b]).decode("cp1252")): b for b in range(0x80, 0x100) if b not in _GAPS} | _GAPS
_ASCII = {c: c for c in range(0x80)}
_WINDOWS |= _ASCII
_LATIN_1 = _ASCII | {c: c for c in range(0x80, 0x100)}
_ONE_BYTE = re.compile("[\0-\x7f" + re.escape("".join(map(chr, sorted({*_WINDOWS, *_LATIN_1})))) + "]*")
_MANGLED = re.compile("á[º»]|Ä[‘\u0091]|Æ[°¡]|Ã[\u0080-¿ ]|Ä©|Å©|â€|ðŸ|Ã¡Â[º»]")
_SURELY_MANGLED = re.compile("á[º»]|Ä[‘\u0091]|Æ[°¡]|Ã[\u0080-¿]|â€|ðŸ")
# à is C3 A0: its second byte is a no-break space, which editors turn into a space
_LOST_A0 = re.compile(rb"(\xc3|\xc4|\xc6|\xe1\xba|\xe1\xbb)\x20")


def is_mangled(text: str) -> bool:
    """Whether a text looks like UTF-8 read as Windows-1252: a look, no proof."""
    return not text.isascii() and bool(_MANGLED.search(text))


def is_provably_mangled(text: str) -> bool:
    """Whether a text looks mangled and makes the way back; "XÃ HỘI" in capitals only looks so."""
    return is_mangled(text) and _once(text) not in (None, text)


def _once(text: str, *, lost_spaces: bool = True) -> str | None:
    if not _ONE_BYTE.fullmatch(text):  # nearly every Vietnamese text: seen at once
        return None
    for table in (_WINDOWS, _LATIN_1):
        try:
            data = codecs.charmap_encode(text, "strict", table)[0]
        except UnicodeEncodeError:
            continue
        for candidate in (data, _LOST_A0.sub(b"\\1\xa0", data))[: 1 + lost_spaces]:
            try:
                return candidate.decode("utf-8")
            except UnicodeDecodeError:
                pass
    return None


def unmangled(cell: str) -> str:
    """The text before it was read as Windows-1252, once or twice: only by a strict round trip of every letter."""
    if cell.isascii():
        return cell
    text = _once(cell)
    if text is None:
        raise CellRefused("mangled_letters")
    again = None if text.isascii() else _once(text, lost_spaces=is_mangled(text))
    return unicodedata.normalize("NFC", again if again is not None else text)


def not_mangled(cell: str) -> str:
    """The way of a file that is mangled in part only: which cells were is not proved, so those are refused."""
    if is_provably_mangled(cell) or _SURELY_MANGLED.search(cell):
        raise CellRefused("mangled_letters")
    return cell


# ---- legacy fonts: the letters of TCVN3 and VNI are those of Western Europe, shown otherwise -------------------------

_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_BREVE, _ROOF, _HORN = "\u0306", "\u0302", "\u031b"
_VNI_MARKS = {
    **{"ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT, "â": _ROOF, "ê": _BREVE},
    **{"á": _ROOF + _ACUTE, "à": _ROOF + _GRAVE, "å": _ROOF + _HOOK, "ã": _ROOF + _TILDE, "ä": _ROOF + _DOT},
    **{"é": _BREVE + _ACUTE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT},
}
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}
_VNI_PAIR = re.compile("([aeouyôö])([" + "".join(_VNI_MARKS) + "])|([" + "".join(_VNI_LETTERS) + "])", re.IGNORECASE)


def _vni_letter(match: re.Match[str]) -> str:
    whole = match.group()
    if match[3]:
        letter = _VNI_LETTERS[match[3].lower()]
    else:
        base = _VNI_LETTERS.get(match[1].lower(), match[1].lower())
        letter = unicodedata.normalize("NFC", base + _VNI_MARKS[match[2].lower()])
    return letter.upper() if whole[0].isupper() else letter


def converted(text: str, font: str) -> str:
    """A text in the letters of a legacy font ("tcvn3", "vni") as Unicode."""
    return text.translate(_TCVN3) if font == "tcvn3" else _VNI_PAIR.sub(_vni_letter, text)


_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
    "(?:uyê|iêu|yêu|oai|oay|oeo|oao|uôi|uây|uai|uao|uya|uyu|ươi|ươu|"
    "ia|iê|oa|oă|oe|oo|ua|uâ|uê|uô|uơ|uy|ưa|ươ|yê|ya|ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|[aăâeêioôơuưy])"
    "(?:ch|ng|nh|[cmnpt])?"
)
_TONE = re.compile(f"[{_GRAVE}{_ACUTE}{_HOOK}{_TILDE}{_DOT}]")
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~“”‘’…–—\u00a0]+")


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Whether a word is built as a Vietnamese syllable: one onset, one rhyme, one tone at most."""
    bare, n_tones = _TONE.subn("", unicodedata.normalize("NFD", word.lower()))
    return n_tones <= 1 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)))


def accented_syllables(text: str) -> set[str]:
    """The words of a text that are Vietnamese syllables with letters beyond ASCII."""
    return {w for w in _WORD.findall(text) if not w.isascii() and is_syllable(w)}


def _accented(text: str) -> list[str]:
    """The words of a text with letters beyond ASCII; signs such as emoji make no word."""
    return [w for w in _WORD.findall(text) if not w.isascii() and not any(c > "\u2000" for c in w)]


def _is_meant(word: str, font: str) -> bool:
    """Whether a word of Western letters is a Vietnamese syllable in a legacy font."""
    meant = converted(word, font)
    return meant != word and max(word) <= "\u00ff" and is_syllable(meant)


def legacy_font(texts: Iterable[str]) -> str | None:
    """The legacy font ("tcvn3", "vni") that texts are in, or None.

    Of their different words with letters beyond ASCII, at least three, four in five become Vietnamese syllables, and at
    most half are syllables as they stand. Letters of modern Vietnamese (ạ, ơ, đ) speak against it.
    """
    words = {w for t in texts if not t.isascii() for w in _accented(t)}
    if len(words) < 3 or sum(map(is_syllable, words)) > 0.5 * len(words):
        return None
    share, font = max((sum(_is_meant(w, font) for w in words) / len(words), font) for font in LEGACY_FONTS)
    return font if share >= 0.8 else None


def no_legacy_font(font: str) -> Way:
    """The way of a file with texts in a legacy font that nothing proves: cells with its letters are refused."""

    def way(cell: str) -> str:
        if not cell.isascii():
            words = _accented(cell)
            if words and 2 * sum(_is_meant(w, font) for w in words) > len(words):
                raise CellRefused("legacy_font", font=LEGACY_FONTS[font])
        return cell

    return way


def from_legacy_font(font: str) -> Way:
    """The way of a file whose headers prove the font."""
    return lambda cell: cell if cell.isascii() else converted(cell, font)


# ---- letters that a code page does not have, written as "?" ----------------------------------------------------------

_IN_WORD = re.compile(r"[^\W\d_]\?+(?:[^\W\d_])")
_AT_END = re.compile(r"[^\W\d_]\?+[ ,;](?=[a-zà-öø-ÿăđĩũơư])")
_LINK = re.compile(r"\S*(?:https?:|www\.|[=&/])\S*")


def _holes(text: str) -> int:
    bare = _LINK.sub(" ", text)
    return len(_IN_WORD.findall(bare)) + len(_AT_END.findall(bare))


def has_lost_letters(texts: Iterable[str]) -> bool:
    """Whether a spreadsheet wrote "?" for the letters that its code page lacks: "H?i ngh?".

    Words with a "?" inside, at least five and in a tenth of the texts; and no letter in any of them that Windows-1258
    or 1252 does not have, for such a letter would have become a "?" too.
    """
    worded = [t for t in texts if " " in t.strip()]
    holed = [t for t in worded if "?" in t and _holes(t)]
    if sum(map(_holes, holed)) < 5 or 10 * len(holed) < len(worded):
        return False
    return any(all(_fits(t, page) for t in worded) for page in ("cp1258", "cp1252"))


def _fits(text: str, page: str) -> bool:
    try:
        text.encode(page)
    except UnicodeEncodeError:
        return False
    return True


def without_holes(cell: str) -> str:
    """The way of a file that has lost letters: cells with a "?" inside or behind a word are refused."""
    if "?" in cell and _holes(cell):
        raise CellRefused("lost_letters")
    return cell
