"""One spelling for one word: Unicode form, place of the tone mark, invisible characters, abbreviations.

``normalised`` is for texts that people read again; ``words`` is what the taggers see.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

LEXICONS = Path(__file__).parent / "lexicons"

# Joiners that hold emoji together (200D) and variation selectors stay; what hides or reorders text goes.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?(?:\r\n?|\n|\u2028|\u2029)\s*")

# "hoà" and "hòa" are one word. The mark moves to the first vowel of oa, oe, uy where nothing follows them.
_OPEN = {"oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa"}
_OPEN |= {"oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe"}
_OPEN |= {"uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy"}
_OPEN |= {k.capitalize(): v.capitalize() for k, v in _OPEN.items()} | {k.upper(): v.upper() for k, v in _OPEN.items()}
_LATE_TONE = re.compile(rf"(?<![qQ])(?:{'|'.join(_OPEN)})(?![^\W\d_])")

_ACCENTED = re.compile("[À-ÖØ-öø-ÿĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u036f]")
_MARK = re.compile("⟨[^⟩\\s][^⟩]{0,12}⟩")
_FOLD = str.maketrans("đĐ", "dD")


def normalised(text: str) -> str:
    """``text`` in NFC with one spelling per word ("hoà" → "hòa"), without control, bidirectional and invisible
    characters, runs of spaces as one, lines trimmed.
    """
    text = _INVISIBLE.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _LATE_TONE.sub(lambda m: _OPEN[m.group()], text)
    if "\n" in text or "\r" in text or "\u2028" in text or "\u2029" in text:
        text = _LINES.sub("\n", text)
    return _SPACES.sub(" ", text).strip()


def folded(text: str) -> str:
    """``text`` without accents, "Bình đẳng" → "Binh dang"; letters of other scripts stay."""
    if text.isascii():
        return text
    return _folded(text)


@lru_cache(100_000)
def _folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare).translate(_FOLD)


def is_unaccented(text: str) -> bool:
    """Whether ``text``, redaction's marks aside, has no Vietnamese accent: typed without them, or too short to tell."""
    return text.isascii() or _ACCENTED.search(_MARK.sub("", text)) is None


@cache
def teencode() -> dict[str, tuple[str, ...]]:
    """Abbreviations of chats with their words. Entries that are words themselves ("like", "ca") are not in it."""
    lines = (LEXICONS / "teencode.tsv").read_text(encoding="utf-8").splitlines()
    return {short: tuple(full.split()) for short, full in (line.split("\t") for line in lines)}


_THREE_DIGITS = frozenset({"111", "112", "113", "114", "115"})
_COUNTED = (
    "nghìn ngàn đồng đ k triệu tr tỷ tỉ vnđ vnd usd người lượt bài em bé trường hợp hộ xã phường kg ký lít km m cm "
    "tuổi ngày năm trang nghin ngan dong trieu ty ti nguoi luot bai ho xa phuong ky tuoi ngay nam"
)
_UNITS = frozenset(_COUNTED.split())
_MAX_WORDS = 4000  # what follows in a longer text is not tagged
_MAX_WORD = 40
_EMOTICON = r"[:;=]['-]?[)(DPp3vV*/]+|\)\){1,}|\({2,}|<3+|\^\^|T_T|-_-|@@"
_WORD = re.compile(
    rf"⟨[^⟩\s][^⟩]{{0,12}}⟩|\#\w+|\d+(?:[.,:/]\d+)+|[^\W_]+|{_EMOTICON}|[!?]+"
    "|[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]"
)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


def words(text: str, *, hashtag_words: bool = True) -> list[str]:
    """The small-letter syllables, hashtags, emoji and "!"/"?" of ``text``, abbreviations spelled out.

    A hashtag gives itself without accents ("#binhdanggioi") and, with ``hashtag_words``, the words that its capitals
    mark. Other punctuation is left out. At most 4,000 words.
    """
    text = normalised(text[: _MAX_WORDS * 12])
    if _STRETCHED.search(text):
        text = _STRETCHED.sub(r"\1", text)  # "quááá" → "quá"
    bare = is_unaccented(text)
    short = teencode()
    found: list[str] = []
    for piece in _WORD.findall(text):
        first = piece[0]
        if first == "#":
            found.append(folded(piece.lower()))
            if not hashtag_words:
                continue
            parts = [part.lower() for part in re.findall(r"[A-ZĐÀ-Þ]?[^\W\dA-ZĐ_]+|[A-ZĐ]+(?![a-z])|\d+", piece[1:])]
            if len(parts) > 1:
                found.extend(parts)
            continue
        if first in "!?":
            found.append(first)
            continue
        word = piece.lower()[:_MAX_WORD] if first != "⟨" else piece
        if word in _UNITS and found and found[-1] in _THREE_DIGITS:
            found[-1] += word  # 111 of something is a count or a price, not the hotline
            continue
        spelled = short.get(word)
        if spelled is None or (word in "đhk" and found and found[-1][0].isdigit()):
            found.append(word)
        elif bare:
            found.extend(map(folded, spelled))
        else:
            found.extend(spelled)
    return found[:_MAX_WORDS]


_ONSET = "(?:ngh?|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
_OPEN_RHYME = "[aeiouy]|a[iouy]|e[ou]|i[aeu]|ieu|oa[ioy]?|oeo?|oi|u[aeiouy]|u(?:ay|oi|ou|ya|yu)|yeu"
_CLOSED_RHYME = "(?:[aeiouy]|ie|ye|oa|oe|oo|ua|ue|uo|uye?)(?:ng|[cmnpt])|(?:[aeiy]|oa|ue|uy)(?:nh|ch)"
_SYLLABLE = re.compile(f"{_ONSET}(?:{_OPEN_RHYME}|{_CLOSED_RHYME})")


@lru_cache(100_000)
def is_syllable(word: str) -> bool:
    """Whether a small-letter word is spelled as a Vietnamese syllable can be, accents aside."""
    return _SYLLABLE.fullmatch(folded(word)) is not None


def vietnamese_share(text_words: list[str]) -> float:
    """The share of the words made of letters that could be Vietnamese syllables; 0 where there is no such word."""
    lettered = [word for word in text_words if word.isalpha()]
    return sum(map(is_syllable, lettered)) / len(lettered) if lettered else 0.0
