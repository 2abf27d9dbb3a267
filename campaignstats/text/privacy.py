"""What would point to a person is taken out of texts before anything is stored, and authors become pseudonyms.

A removed piece leaves a typed mark, so that a reader of the table sees that a number or a link stood there:
⟨điện thoại⟩ ⟨email⟩ ⟨liên kết⟩ ⟨người dùng⟩ ⟨giấy tờ⟩ ⟨tài khoản⟩ ⟨địa chỉ⟩. Published hotlines stand. Names inside a
text can't be caught for certain, which is why no verbatim comment is ever published.

A million comments pass through here at every gather: a text without a digit, "@" or a dot inside a word costs one
search of a character class.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b

from campaignstats import schema

REDACTION_VERSION = 2

PHONE, EMAIL, LINK, HANDLE = "⟨điện thoại⟩", "⟨email⟩", "⟨liên kết⟩", "⟨người dùng⟩"
IDENTITY, ACCOUNT, ADDRESS = "⟨giấy tờ⟩", "⟨tài khoản⟩", "⟨địa chỉ⟩"
MARKS = (PHONE, EMAIL, LINK, HANDLE, IDENTITY, ACCOUNT, ADDRESS)

# Published numbers: children (111), police, fire, ambulance, search and rescue (113-115, 112), Ngôi nhà Bình yên of
# the Women's Union, Farmers' Union. Checked 2025-12; a campaign adds its own.
HOTLINES = frozenset({"111", "112", "113", "114", "115", "1900969680", "18001768"})

# the last two make a keycap of a digit; no "/" and ":": days and hours stand in rows
_SEP = r"[ \u00a0\u2000-\u200a\u202f\u3000.,\-–—_()·•*+~|…\ufe0f\u20e3]{0,3}"
_D = r"[\doOlI]"  # "o9l2": letters that look like digits

# Leading character class: the regular expression engine skips over everything else at the speed of a byte search.
_TRIGGER = re.compile(r"[\d@.:](?:(?<=[\d@])|(?<=\.)[^\W\d_]|(?<=:)//)")
_LONG_NUMBER = re.compile(rf"\d(?:(?:{_SEP}|/){_D}){{5}}")
_DIGITS = re.compile(r"\d+(?:[a-z](?![a-z])|/\d+)*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

# capitals alternate with small letters in the Vietnamese block
_UPPER = "[A-ZÀ-ÖØ-ÝĂĐĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA, 2))) + "]"
_TLD = (
    "com|vn|net|org|info|biz|edu|gov|me|ly|io|co|gg|be|gl|cc|tv|xyz|top|shop|store|online|site|link|live|club|app|"
    "dev|pro|vip|page|asia|blog|news|us|uk|jp|kr|cn|ru|ai|to"
)
_LINKISH = re.compile(rf"[@.:](?:(?<=@)|(?<=\.)(?:{_TLD})(?![\w\-])|(?<=:)//)", re.IGNORECASE)
_EMAIL_SIGN = re.compile(r"[@＠]|[\s\[(](?:at|a còng)[\s\])]", re.IGNORECASE)  # no e-mail address is without one
_MARK = r"(?P<mark>⟨[^⟩]{1,12}⟩)"
_EMAIL = (
    r"|(?P<email>[\w.+\-]{1,64}(?:\s?[@＠]\s?|\s?[\[(]\s?(?:at|a còng)\s?[\])]\s?|\s(?:at|a còng)\s)"
    r"[\w\-]{1,63}(?:\s?(?:\.|[\[(](?:dot|chấm)[\])]|\b(?:dot|chấm)\b)\s?[^\W\d_][\w\-]{1,62}){1,4})"
)
_LINK_OR_HANDLE = (
    r"|(?P<link>(?:[a-z][a-z0-9+]{1,9}://|\bwww\.)[^\s⟨⟩<>\"“”]+"
    rf"|(?<![\w.@])(?:[a-z0-9](?:[a-z0-9\-]{{0,61}}[a-z0-9])?\.){{1,5}}(?:{_TLD})(?![\w\-])(?:[/?#][^\s⟨⟩<>\"“”]*)?)"
    rf"|(?P<handle>(?<![\w@])@[^\W_](?:[\w.\-]*\w)?(?:(?-i: {_UPPER}[^\W\d_]*){{1,4}})?)"
)
_LINKS = re.compile(_MARK + _EMAIL + _LINK_OR_HANDLE, re.IGNORECASE)
_LINKS_WITHOUT_EMAIL = re.compile(_MARK + _LINK_OR_HANDLE, re.IGNORECASE)  # which are tried from every letter on

_UNIT = r"(?:đồng|đ|vnđ|vnd|usd|k|tr|triệu|tỷ|tỉ|người|lượt|dân|bài|view|like|%)"
_DATE = r"\d{1,2}(?P<d>[./\-])\d{1,2}(?P=d)(?:(?:19|20)\d\d|\d\d)(?![./\-]?\d)|(?:19|20)\d\d-\d\d-\d\d(?!\d)"
_TIME = r"\d{1,2}\s?[:hg]\s?\d{2}(?!\d)"
_LAW = r"\d{1,5}/(?:\d{4}/)?[A-ZĐ][A-ZĐ\d]*(?:-[A-ZĐ]+)*"
_MONEY = rf"(?!0)\d{{1,3}}(?:(?P<g>[., ])\d{{3}})(?:(?P=g)\d{{3}})*(?:[.,]\d{{1,2}})?(?![\d]|[.,\- ]\d)(?=\s?{_UNIT}\b)"
_GROUPED = r"(?!0)\d{1,3}(?:(?P<p>[.,])\d{3})(?:(?P=p)\d{3})*(?!\d|[.,\-]\d)"  # 3.097.107 and 1.254.300.000
_AMOUNT = rf"(?!0)\d{{6,13}}(?=\s?{_UNIT}\b)"
_BANK = (
    r"(?:stk|số tk|so tk|số tài khoản|so tai khoan|tài khoản|tai khoan|tk|vcb|vietcombank|mb ?bank|mb|bidv|agribank|"
    r"techcombank|tcb|acb|sacombank|vietinbank|tpbank|vpbank|vib|shb|ngân hàng|ngan hang)"
)
_PAPER = r"(?:cmnd|cmt|cccd|căn cước(?: công dân)?|can cuoc|chứng minh(?: nhân dân| thư)?|hộ chiếu|ho chieu|định danh)"
_CALL = r"(?:sđt|sdt|số đt|đt|dt|điện thoại|dien thoai|zalo|phone|tel|mobile|gọi|goi|alo|liên hệ|lien he|lh|ib)"
_DIGITWORD = r"(?:không|khong|một|mot|mốt|hai|ba|bốn|bon|tư|tu|năm|nam|lăm|sáu|sau|bảy|bẩy|bay|tám|tam|chín|chin)"
_SPOKENISH = re.compile(rf"h[ôo]ng[\s,.\-]+{_DIGITWORD}[\s,.\-]+{_DIGITWORD}[\s,.\-]+{_DIGITWORD}", re.IGNORECASE)
_SPOKEN = re.compile(rf"(?<!\w)(?:không|khong|0|o)(?:[\s,.\-]+{_DIGITWORD}){{8,10}}(?!\w)", re.IGNORECASE)

# how any of the following begins, a number or a word before one: elsewhere nothing is tried, which halves the time
_NUMBER_BEGINS = r"(?:(?=[\d+(oO])|(?<!\w)(?=[stvmbacnhđdzpgli]))"
_WORDED_NUMBERS = (
    rf"|(?P<account>(?<!\w){_BANK}(?!\w)[^\d\n⟨⟩]{{0,25}}?(?P<account_number>\d(?:[ .\-]?\d){{5,18}})(?![\d/]))"
    rf"|(?P<identity>(?<!\w){_PAPER}(?!\w)[^\d\n⟨⟩]{{0,20}}?"
    r"(?P<identity_number>[a-z]?\d(?:[ .\-]?\d){6,11})(?![\d/]))"
    rf"|(?P<call>(?<!\w){_CALL}(?!\w)[^\d\n⟨⟩]{{0,12}}?(?P<call_number>[1-9](?:[ .\-]?\d){{7,10}})(?![\d/])"
    rf"(?!\s?{_UNIT}\b))"
)
_NUMBERS = (
    # "06 1 3" style obfuscation is looked for from 0 or +84 only; a phone number is read before dates inside it
    rf"|(?P<standing>(?<![\w./\-+])(?:{_DATE}|{_TIME}|{_LAW}|{_MONEY}|{_GROUPED}|{_AMOUNT}))"
    rf"|(?P<phone>(?:(?<!\d)|(?=\+))(?:\(?(?:(?:\+|00)\s?)?84\)?{_SEP}(?:\(?[0oO]\)?{_SEP})?(?=[2-9])|\(?[0oO]{_SEP})"
    rf"(?:2(?:{_SEP}{_D}){{9}}|[1-9lI](?:{_SEP}{_D}){{8}}|1(?:{_SEP}{_D}){{9}})(?!\w))"
    rf"|(?P<slashed>(?<![\w/])0\d{{2,3}}/\d{{3}}/\d{{3,4}}(?![\w/]))"
    rf"|(?P<service>(?<![\w./\-])1[89]00(?:[ .\-]?\d){{4,6}}(?!\w))"
    rf"|(?P<twelve>(?<![\w./\-])0(?:[ .\-]?\d){{11}}(?!\w))"
    rf"|(?P<card>(?<![\w./\-])\d{{4}}(?:[ \-.]\d{{4}}){{2,}}(?:[ \-.]?\d{{1,3}})?(?!\w))"
    rf"|(?P<run>(?<![\w.,])\d{{9,}}(?!\d))"
)

_STREET = r"(?:đường|đ\.|phố|duong|pho)"
_LANE = r"(?:ngõ|ngách|hẻm|kiệt|ngo|ngach|hem|kiet)"
_BLOCK = r"(?:tổ dân phố|tdp|tổ|ấp|khu phố|kp\.?|thôn|xóm|khóm|to dan pho|ap|khu pho|thon|xom)"
_NUMBER = r"\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?)*(?![\d%.,:/]?\d)(?!\w)"
_NAME = rf"(?-i:(?:{_UPPER}[^\W_]*|\d{{1,3}}/\d{{1,2}})(?:\s{_UPPER}[^\W\d_]*){{0,4}})"
_NOT_STREET = r"(?!dây|day|sắt|bộ|cao tốc|hàng không|thủy|thuỷ)"
_NOT_HOUSE = (
    r"(?!xã|phường|tỉnh|thành|huyện|quận|điểm|trường|bệnh|khu|đơn|cơ|hộ|trụ|nhà|ubnd|tháng|năm|giờ|ngày|tháng|nước|"
    r"câu|địa|cụm|tổ|ấp|thôn|lớp|nơi|chi|hội|đoàn)"
)
_PART = rf"(?:{_STREET}\s+{_NOT_STREET}{_NAME}|{_LANE}\s*(?:số\s*)?{_NUMBER}|{_BLOCK}\s*(?:số\s*)?{_NUMBER})"
_ADDRESSES = re.compile(
    r"(?<!\w)(?=[\dsnđdtoởôạấaxhk])(?:"  # how any of them begins: elsewhere nothing is tried
    rf"(?:số nhà|so nha|nhà số|nha so|sn)\s*:?\s*{_NUMBER}(?:\s+{_NOT_STREET}{_NAME})?"
    rf"|(?:số\s+|so\s+)?{_NUMBER}\s*,?\s*{_STREET}\s+{_NOT_STREET}{_NAME}"
    rf"|(?:số\s+|so\s+)?{_NUMBER}\s*,?\s*{_LANE}(?:\s*(?:số\s*)?{_NUMBER}|\s+{_NAME})"
    rf"|(?:địa chỉ|dia chi|đ/c|đc|ở|tại|nhà)\s*:?\s*(?:số\s*)?{_NUMBER}\s+{_NOT_HOUSE}"
    rf"(?-i:{_UPPER}[^\W\d_]*(?:\s{_UPPER}[^\W\d_]*){{1,4}})"
    rf"|{_LANE}\s*(?:số\s*)?{_NUMBER}|{_BLOCK}\s*(?:số\s*)?{_NUMBER}"
    rf")(?:\s*[,\-–]?\s*{_PART}){{0,4}}",
    re.IGNORECASE,
)
# A house number is worth looking for only after or before one of these (endings and beginnings of words).
_BEFORE_HOUSE = (
    *("nhà", "nha", "số", "sn", "đường", "duong", "đ", "phố", "pho", "ngõ", "ngo", "ngách", "ngach", "hẻm", "hem"),
    *("kiệt", "kiet", "tổ", "tdp", "ấp", "ap", "kp", "thôn", "thon", "xóm", "xom", "khóm", "chỉ", "chi", "đ/c", "đc"),
    *("ở", "tại"),
)
_AFTER_HOUSE = ("đường", "đ.", "phố", "duong", "pho", "ngõ", "ngo", "ngách", "ngach", "hẻm", "hem", "kiệt", "kiet")

# The same questions in RE2's language, for a search through a whole column at once: a text in which this is not found
# is one that ``redacted`` returns as it is. Wider than they are where RE2 can't look around; a text with a character
# outside ``_CALM`` is always a match, so that invisible ones, NFD, other digits, blanks and alphabets meet Python's
# rules alone.
_CALM = (
    r"\t\n\r -~\x{a1}-\x{ac}\x{ae}-\x{12f}\x{132}-\x{17e}\x{180}-\x{24f}\x{1ea0}-\x{1ef9}\x{2010}-\x{2027}"
    r"\x{20a0}-\x{20bf}\x{2190}-\x{2328}\x{2600}-\x{27bf}\x{fe0f}\x{1f000}-\x{1faff}"
)
_RE2_SEP = re.sub(r"\\u(\w{4})", r"\\x{\1}", _SEP)
CHANGEABLE = (
    rf"[^{_CALM}]|\d(?:(?:{_RE2_SEP}|/){_D}){{5}}| at |at\]|at\)"
    rf"|(?i:@|\.(?:{_TLD})|://|a còng"
    rf"|h[ôo]ng[\s,.\-]+{_DIGITWORD}[\s,.\-]+{_DIGITWORD}[\s,.\-]+{_DIGITWORD}"
    rf"|(?:{'|'.join(map(re.escape, _BEFORE_HOUSE))})[ :.]*\d"
    rf"|\d[a-z]?[ ,]*(?:{'|'.join(map(re.escape, _AFTER_HOUSE))}))"
)


def redacted(text: str, *, allowed: frozenset[str] = HOTLINES) -> str:
    """``text`` with phone numbers, e-mails, links, handles, identity and account numbers and addresses as typed marks.

    ``allowed``: numbers (in any spacing) that stand. Dates, times, money, counts and numbers of laws stand too. A text
    with nothing to remove is returned as it is; otherwise in NFC and without invisible characters. A mark can
    bring two numbers together, so a second pass may remove more; a third changes nothing.
    """
    return text if _is_plain(text) else _redacted(text, allowed)


def redacted_all(texts: Iterable[str | None], *, allowed: frozenset[str] = HOTLINES) -> list[str | None]:
    """``redacted`` of every text, in order; missing texts stay missing."""
    return [text if not text or _is_plain(text) else _redacted(text, allowed) for text in texts]


def pseudonym(key: bytes, platform: str, author: str) -> str:
    """ "k" and 20 hexadecimal digits that stand for ``author`` of ``platform`` under ``key``.

    BLAKE2b keyed with the campaign's key, 80 bits: among ten million authors the chance of one collision is below
    10⁻¹⁰. NFC and NFD spellings and outer spaces give the same one.
    """
    name = author.strip()
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    return "k" + blake2b(f"{platform}\x1f{name}".encode("utf-8", "replace"), digest_size=10, key=key[:64]).hexdigest()


def is_pseudonym(text: str) -> bool:
    """Whether ``text`` has the form of a pseudonym."""
    return schema.PSEUDONYM.fullmatch(text) is not None


def _is_plain(text: str) -> bool:
    return (
        _TRIGGER.search(text) is None
        and "hông" not in text  # a number spelled out begins with "không"
        and "hong" not in text
        and "ho\u0302ng" not in text
        and not _spells_at(text)
    )


def _spells_at(text: str) -> bool:
    return " at " in text or "at]" in text or "at)" in text or "a còng" in text


def _redacted(text: str, allowed: frozenset[str]) -> str:
    original = text
    if not text.isascii():
        if _INVISIBLE.search(text):
            text = _INVISIBLE.sub("", text)
        text = unicodedata.normalize("NFC", text)
    found = text
    if _LINKISH.search(found) or _spells_at(found):
        found = (_LINKS if _EMAIL_SIGN.search(found) else _LINKS_WITHOUT_EMAIL).sub(_link_mark, found)
    if _SPOKENISH.search(found):
        found = _SPOKEN.sub(PHONE, found)
    if _LONG_NUMBER.search(found):
        found = _numbers(allowed, worded=_may_name_a_number(found)).sub(_number_mark, found)
    if _beside_house_word(found):
        found = _ADDRESSES.sub(ADDRESS, found)
    return original if found == text else found


def _beside_house_word(text: str) -> bool:
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        if text[max(0, start - 10) : start].rstrip(" :.").lower().endswith(_BEFORE_HOUSE):
            return True
        if text[end : end + 10].lstrip(" ,").lower().startswith(_AFTER_HOUSE):
            return True
    return False


def _link_mark(match: re.Match[str]) -> str:
    kind, piece = match.lastgroup, match.group()
    if kind == "mark":
        return piece
    if kind == "email":
        return EMAIL
    if kind == "handle":
        return HANDLE
    kept = piece.rstrip(".,;:!?)]}»'*…")
    return LINK + piece[len(kept) :]


# the words, as ``lower`` has them, that the words before a number begin with
_NUMBER_WORDS = frozenset(
    (
        *(
            "stk",
            "số",
            "so",
            "tài",
            "tai",
            "tk",
            "vcb",
            "vietcombank",
            "mb",
            "mbbank",
            "bidv",
            "agribank",
            "techcombank",
        ),
        *("tcb", "acb", "sacombank", "vietinbank", "tpbank", "vpbank", "vib", "shb", "ngân", "ngan", "cmnd", "cmt"),
        *("cccd", "căn", "can", "chứng", "hộ", "ho", "định", "sđt", "sdt", "đt", "dt", "điện", "dien", "zalo", "phone"),
        *("tel", "mobile", "gọi", "goi", "alo", "liên", "lien", "lh", "ib"),
    )
)
_WORD = re.compile(r"\w+")
_ODD_CASE = re.compile("[ıİſ]")  # what a rule that ignores case takes for an ASCII letter, and ``lower`` not


def _may_name_a_number(text: str) -> bool:
    """Whether a word of ``_BANK``, ``_PAPER`` or ``_CALL`` may stand in the text: trying each at each word is dear."""
    return not _NUMBER_WORDS.isdisjoint(_WORD.findall(text.lower())) or _ODD_CASE.search(text) is not None


@cache
def _numbers(allowed: frozenset[str], *, worded: bool = True) -> re.Pattern[str]:
    """The rules of numbers; without ``worded``, those that begin with the number itself."""
    hotlines = [r"[ .\-]?".join(map(re.escape, re.sub(r"\D", "", n))) for n in allowed]
    hotlines.sort(key=lambda pattern: (-len(pattern), pattern))
    first = rf"(?P<hotline>(?<!\w)(?<!\d[.\-/])(?:{'|'.join(hotlines)})(?![\w]|[.\-/]\d))" if hotlines else r"(?!)"
    if worded:
        return re.compile(f"{_NUMBER_BEGINS}(?:{first}{_WORDED_NUMBERS}{_NUMBERS})", re.IGNORECASE)
    return re.compile(f"(?=[\\d+(oO])(?:{first}{_NUMBERS})", re.IGNORECASE)


def _number_mark(match: re.Match[str]) -> str:
    piece, kind = match.group(), match.lastgroup
    if kind in ("hotline", "standing"):
        return piece
    if kind in _MARK_OF_WORDED:
        number = match[f"{kind}_number"]
        return piece if _years(number) else piece[: -len(number)] + _MARK_OF_WORDED[kind]
    if kind == "phone":
        return PHONE if sum(c.isdigit() for c in piece) >= 6 else piece
    if kind in ("service", "slashed"):
        return PHONE
    if kind == "twelve":
        return IDENTITY
    if kind == "card":
        return piece if _years(piece) else ACCOUNT
    return IDENTITY if len(piece) in (9, 12) else ACCOUNT


_MARK_OF_WORDED = {"account": ACCOUNT, "identity": IDENTITY, "call": PHONE}


def _years(number: str) -> bool:
    """Whether ``number`` is only years side by side, "2023-2024 2025"."""
    return all(re.fullmatch(r"(?:19|20)\d\d", group) for group in re.findall(r"\d+", number))
