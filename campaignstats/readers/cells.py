"""What one cell means: numbers, ids, days and instants. Every reader parses its cells here: one rule for all.

A cell that can't be believed raises ``CellRefused`` with the rule's catalogue key; an absent value is None, never 0.
"""

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

# marks that exports write for "no value" (compared stripped and case folded); a measured zero is "0"
MISSING = frozenset({"", "-", "--", "–", "—", "n/a", "#n/a", "nan", "undefined", "null", "none"})

# what a spreadsheet shows where it took a text for a formula: Excel, Google Sheets, LibreOffice (Vietnamese ones too)
FORMULA_ERRORS = frozenset(
    {f"#{name}" for name in ("NAME?", "VALUE!", "REF!", "DIV/0!", "NULL!", "NUM!", "N/A", "ERROR!", "SPILL!", "CALC!")}
    | {f"Err:{number}" for number in range(501, 541)}
)

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE]-[0-9]+)?")
_MOST = 10**15  # no platform has counted further; beyond 2**53 a float is another number than the one written
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.000")
_ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[., \u00a0\u202f'][0-9]{3})*(?:[.,][0-9]+)?")
_ABBREVIATED = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*(?:k|m|b|n|nghìn|ngàn|tr|triệu|t|tỷ|tỉ)", re.IGNORECASE)
_DATELIKE = re.compile(r"\d{1,4}[./-](?:\d{1,2}|[^\W\d]{3,}\.?)(?:[./-]\d{1,4})?|\d{1,2}-?thg\s?\d{1,2}", re.IGNORECASE)
_DAMAGED_ID = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)


class CellRefused(ValueError):
    """A cell that can't be believed; ``rule`` is a catalogue key below [rule]."""

    def __init__(self, rule: str, /, **details: Any) -> None:
        self.rule = rule
        self.details = details
        super().__init__(rule, details)


def text(cell: Any) -> str | None:
    """The cell's text without outer blanks; None for an empty cell."""
    if cell is None:
        return None
    return str(cell).strip() or None


def number(cell: Any, *, whole: bool = False, percent: bool = False, negative: bool = False) -> float | None:
    """The number of a cell that a platform wrote: dot decimal, no thousands separator; None for a missing mark.

    ``whole``: a count, where a fraction betrays a thousands separator or a changed cell. ``percent``: "12.3%" is 12.3.
    ``negative``: values below zero are possible (net growth). Refused: rounded ("1.2E+05"), abbreviated ("1,2 N"),
    grouped ("1,234", "1.234.567"), dates, "<5", infinities, anything else.
    """
    if type(cell) is str:
        if len(cell) < 16 and cell.isdigit() and cell.isascii():  # nearly all cells of real exports
            return float(cell)
        written = cell.strip()
        if written.casefold() in MISSING:
            return None
        if percent:
            written = written.removesuffix("%").rstrip()
        if not _PLAIN.fullmatch(written):
            raise CellRefused(_number_rule(written))
        value = float(written)
    elif cell is None:
        return None
    elif isinstance(cell, bool) or not isinstance(cell, int | float):
        raise CellRefused("number_became_date" if isinstance(cell, date) else "not_a_number")
    else:
        try:
            value = float(cell)
        except OverflowError:  # a whole number of 400 digits, which JSON allows
            raise CellRefused("not_a_number") from None
    if not math.isfinite(value):
        raise CellRefused("not_a_number")
    # "7.000" too: seven thousand with a separator, and no platform writes a count with three decimals
    if whole and (not value.is_integer() or (type(cell) is str and _THOUSANDS.fullmatch(cell.strip()))):
        raise CellRefused("not_whole")
    if value < 0 and not negative:
        raise CellRefused("negative_number")
    if whole and abs(value) > _MOST:
        raise CellRefused("not_a_number")
    return value


def _number_rule(written: str) -> str:
    if written.startswith(("<", "≤", ">")):
        return "below_threshold"
    if _ROUNDED.fullmatch(written):
        return "rounded_number"
    if _ABBREVIATED.fullmatch(written):
        return "abbreviated_number"
    if _GROUPED.fullmatch(written):
        return "grouped_number"
    if _DATELIKE.fullmatch(written):
        return "number_became_date"
    return "not_a_number"


def is_damaged_id(cell: Any) -> bool:
    """Whether a spreadsheet has rounded this id: "1.22158E+17", a float, or more than 15 digits that end in zeros.

    Excel keeps 15 digits. Ids of 16 or 17 digits end in zeros by chance (1 in 10, 1 in 100): for those see
    ``rounded_ids``, which looks at all of a file.
    """
    if isinstance(cell, bool):
        return True
    if isinstance(cell, int | float):
        return abs(cell) >= 1e15
    written = str(cell or "").strip()
    if _DAMAGED_ID.fullmatch(written):
        return True
    return len(written) >= 18 and written.isdigit() and not written[15:].strip("0")


def rounded_ids(ids: Iterable[str]) -> bool:
    """Whether most of a file's ids of over 15 digits have nothing but zeros after the 15th: all of them are rounded."""
    long = [i for i in ids if len(i) > 15 and i.isdigit()]
    zeros = sum(not i[15:].strip("0") for i in long)
    return zeros >= 3 and 2 * zeros > len(long)


def platform_id(cell: Any) -> str | None:
    """The id as text; None if empty. Refuses what a spreadsheet has rounded."""
    if cell is None or cell == "":
        return None
    if type(cell) is str and len(cell) < 18 and cell.isdigit():
        return cell  # nearly every id: too short to have been rounded
    if is_damaged_id(cell):
        raise CellRefused("damaged_id")
    if isinstance(cell, float):
        if not cell.is_integer():
            raise CellRefused("damaged_id")
        cell = int(cell)
    return str(cell).strip() or None


def truth(cell: Any) -> bool | None:
    """0/1, yes/no, true/false, có/không; None if empty or something else."""
    return {
        "0": False,
        "1": True,
        "no": False,
        "yes": True,
        "false": False,
        "true": True,
        "không": False,
        "có": True,
    }.get(str(cell).strip().casefold())


@lru_cache(maxsize=4096)
def _clock(written: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.fromisoformat(written) if form == "iso" else datetime.strptime(written, form)
        except ValueError:
            continue
    return None


def clock(cell: Any, *formats: str) -> datetime | None:
    """The cell's wall clock in the first of the fixed strptime ``formats`` that fits ("iso": ISO 8601); None if empty.

    Naive unless the text itself names an offset. The formats are the platform's own: nothing is guessed.
    """
    if isinstance(cell, datetime):
        return _possible(cell)
    written = str(cell).strip() if cell is not None else ""
    if written.casefold() in MISSING:
        return None
    found = _clock(written, formats)
    if found is None:
        raise CellRefused("not_a_date", expected=formats[0] if formats else "")
    return _possible(found)


def _possible(found: datetime) -> datetime:
    """A time at which a platform can have written something: 1899 and 9999 are a spreadsheet's."""
    if not 2004 <= found.year < 2100:
        raise CellRefused("impossible_date", year=str(found.year))
    return found


def day(cell: Any, *formats: str) -> date | None:
    """The cell's calendar day; see ``clock``."""
    found = clock(cell, *formats)
    return found.date() if found else None


def duration(cell: Any) -> float | None:
    """Seconds of "0:01:25", "1:25" or plain seconds; None if empty.

    "12:01:25 AM" is what a spreadsheet makes of 0:01:25: each duration below a day has one such clock.
    """
    written = str(cell).strip()
    if found := re.fullmatch(r"(1[0-2]|[1-9]):([0-5]\d):([0-5]\d)\s?([AP])M", written, re.IGNORECASE):
        hours = int(found[1]) % 12 + 12 * (found[4].upper() == "P")
        return float(hours * 3600 + int(found[2]) * 60 + int(found[3]))
    found = re.fullmatch(r"(?:(\d+):)?(\d{1,4}):([0-5]\d)", written)
    if found is None:
        return number(cell)
    return float(int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3]))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zoned(naive: datetime, zone: str) -> datetime:
    """A wall clock of ``zone`` (an IANA name) as an instant in UTC; an aware datetime keeps its own offset."""
    if naive.tzinfo is None:
        naive = naive.replace(tzinfo=_zone(zone))
    return naive.astimezone(UTC)


def is_ambiguous(naive: datetime, zone: str) -> bool:
    """Whether this wall clock happens twice or never in ``zone``: the hour when summer time ends or begins."""
    first, second = (naive.replace(tzinfo=_zone(zone), fold=f).utcoffset() for f in (0, 1))
    return first != second


def utc(cell: Any) -> datetime | None:
    """An ISO 8601 text with its offset, "Z" included, as an instant in UTC; without an offset it is refused."""
    found = clock(cell, "iso")
    if found is not None and found.tzinfo is None:
        raise CellRefused("no_time_zone")
    return found.astimezone(UTC) if found else None


def from_epoch(seconds: Any) -> datetime | None:
    """Seconds since 1970 as an instant in UTC; None if empty, refused outside 2004-2100 (milliseconds, 0, negative)."""
    value = number(seconds, negative=True)
    if value is None:
        return None
    if not 1_072_915_200 <= value < 4_102_444_800:
        raise CellRefused("not_a_date", expected="epoch")
    return datetime.fromtimestamp(value, UTC)


# The platforms' ids hold the second in which the item was made: a check on any date, whatever zone its text is in.
_SHORTCODE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SHORTCODE_IN = re.compile(r"instagram\.com/(?:[^/?#]+/)?(?:p|reel|reels|tv)/([A-Za-z0-9_-]{10,})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _at(milliseconds: int) -> datetime | None:
    moment = _EPOCH + timedelta(milliseconds=milliseconds) if 0 < milliseconds < 4_102_444_800_000 else None
    return moment if moment and moment.year >= 2005 else None


def ig_shortcode(permalink: str | None) -> str | None:
    """The shortcode in an Instagram link, or None."""
    found = _SHORTCODE_IN.search(permalink or "")
    return found.group(1) if found else None


def ig_shortcode_time(shortcode: str) -> datetime | None:
    """The instant in an Instagram shortcode: (n >> 23) + 1314220021721 ms."""
    n = 0
    for letter in shortcode[:11]:
        place = _SHORTCODE.find(letter)
        if place < 0:
            return None
        n = n * 64 + place
    return _at((n >> 23) + 1_314_220_021_721)


def tiktok_time(video_id: str) -> datetime | None:
    """The instant in a TikTok video (or comment) id: id >> 32 seconds."""
    return _at((int(video_id) >> 32) * 1000) if video_id.isdecimal() and len(video_id) >= 18 else None


def snowflake_time(post_id: str) -> datetime | None:
    """The instant in an X post id: (id >> 22) + 1288834974657 ms."""
    return _at((int(post_id) >> 22) + 1_288_834_974_657) if post_id.isdecimal() and len(post_id) >= 15 else None
