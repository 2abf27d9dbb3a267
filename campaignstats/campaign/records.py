"""Records: the values of a table of campaign.toml or of a row of a sheet, each asked for by its type.

What can't be is refused in one sentence with the file, the line and the nearest right name. TOML is taken strictly;
cells of sheets are taken as people and Excel write them ("có", "45.000", 25195.0, 31/12/2025).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from campaignstats import toml_lines, words
from campaignstats.errors import CampaignError, nearest

# what people write for a choice beside its code and the catalogue's [choice] words
_ALSO = {
    "platform": {
        "fb": "facebook",
        "ig": "instagram",
        "yt": "youtube",
        "twitter": "x",
        "web": "website",
        "zalo oa": "zalo",
    },
    "owner_level": {"tỉnh": "province", "xã": "commune", "phường": "commune", "xã phường": "commune", "hội": "union"},
    "kind": {},
}
_TRUE = ("có", "x", "đúng", "rồi", "yes", "y", "true", "1")
_FALSE = ("không", "sai", "chưa", "no", "n", "false", "0")

# "hoà" and "hòa" are one word: the tone mark moves to the form that most lists of places use
_MOVED = {
    f"{plain}{unicodedata.normalize('NFC', last + tone)}": f"{unicodedata.normalize('NFC', plain + tone)}{last}"
    for plain, last in ("oa", "oe", "uy")
    for tone in "\u0300\u0301\u0309\u0303\u0323"
}
_TONE = re.compile(rf"(?<!q)(?:{'|'.join(_MOVED)})\b")


# "UBND xã A (đến 30/06/2025)"; brackets without a number are part of the name
_UNTIL = re.compile(r"(.*?)\s*\(\s*(?:đến|tới|hết|đến hết|until|to|up to)\s+(?:ngày\s+)?(\d[^)]*?)\s*\)", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """A table of campaign.toml, or a row of a sheet: its values, and the line on which each stands."""

    values: Mapping[str, Any]
    file: str
    title: str  # what messages call it
    lines: Mapping[toml_lines.Path, int] = field(default_factory=dict)
    path: toml_lines.Path = ()
    row: int = 0  # of a sheet; 0 in campaign.toml

    def line(self, key: str = "") -> int:
        return self.row or self.lines.get((*self.path, key)) or self.lines.get(self.path) or 1

    def error(self, name: str, key: str = "", *, near: str | None = None, **values: Any) -> CampaignError:
        """The error ``name``, or ``name``_near where a right name is near."""
        return CampaignError(
            f"campaign.{name}_near" if near else f"campaign.{name}",
            file=self.file, line=str(self.line(key)), table=self.title, key=key, near=near, **values,
        )  # fmt: skip

    def has(self, key: str) -> bool:
        value = self.values.get(key)
        blank = self.row and isinstance(value, str) and not value.strip()  # an empty cell of a CSV
        return value is not None and not blank

    def _value(self, key: str, required: bool = False) -> Any:
        value = self.values.get(key)
        if isinstance(value, str):
            value = unicodedata.normalize("NFC", value).strip() or None
        if value is None and required:
            raise self.error("missing_key", key)
        return value

    def _wrong(self, wanted: str, key: str, value: Any) -> CampaignError:
        return self.error(f"wants_{wanted}", key, value=shown(value))

    def text(self, key: str, required: bool = False) -> str | None:
        value = self._value(key, required)
        if value is None or isinstance(value, str):
            return value
        if self.row:
            return self.code(key)
        raise self._wrong("text", key, value)

    def code(self, key: str, required: bool = False, pattern: re.Pattern[str] | None = None) -> str | None:
        """A text that may be written as a number: 25195.0 is "25195"; a number that Excel has rounded is refused."""
        value = self._value(key, required)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if self.row and isinstance(value, str) and re.fullmatch(r"\d+\.0", value):
            value = value[:-2]
        # Excel keeps 15 digits: a longer number of a workbook is no longer the one that was typed
        if self.row and (
            (isinstance(value, int) and abs(value) >= 10**15)
            or (isinstance(value, str) and re.fullmatch(r"\d([.,]\d+)?E\+\d+", value, re.IGNORECASE))
        ):
            raise self.error("rounded", key, value=str(value))
        if value is None or isinstance(value, str):
            text = value
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong("text", key, value)
        else:
            text = str(value)
        if text is not None and pattern and not pattern.fullmatch(text):
            raise self.error("bad_code", key, value=text)
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._wrong("texts", key, value)
        return tuple(t for v in value if (t := unicodedata.normalize("NFC", v).strip()))

    def listed(self, key: str) -> tuple[str, ...]:
        """Texts or codes: a list in TOML, or one text; in a sheet's cell they stand with ; or line ends between."""
        value = self.values.get(key)
        if isinstance(value, list) and not self.row:
            return self.texts(key)
        text = self.code(key)
        parts = re.split(r"[;\n]", text) if text and self.row else [text or ""]
        return tuple(p for part in parts if (p := part.strip()))

    def listed_until(self, key: str) -> list[tuple[str, date | None]]:
        """As ``listed``, each with the last day that stands after it in brackets: "UBND xã A (đến 30/06/2025)"."""
        found: list[tuple[str, date | None]] = []
        for text in self.listed(key):
            parts = _UNTIL.fullmatch(text)
            found.append((parts[1], self._written_day(key, parts[2])) if parts else (text, None))
        return found

    def bilingual(self, key: str, required: bool = False) -> tuple[str, str]:
        """Text in Vietnamese and English; a plain text, or one given in one language only, stands for both."""
        value = self._value(key, required)
        if value is None or isinstance(value, str):
            return value or "", value or ""
        both = self.table(key, words.LANGUAGES)
        assert both
        vi, en = both.text("vi"), both.text("en")
        if required and not (vi or en):
            raise self.error("missing_key", key)
        return vi or en or "", en or vi or ""

    def boolean(self, key: str) -> bool:
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        if self.row:
            written = same_name(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
            if written in _TRUE or written in _FALSE:
                return written in _TRUE
        raise self._wrong("boolean", key, value)

    def whole(self, key: str, lowest: int = 0, required: bool = False) -> int | None:
        value = self._value(key, required)
        if self.row and isinstance(value, str) and re.fullmatch(r"\d{1,3}([., \u00a0]\d{3})+|\d+", value):
            value = int(re.sub(r"\D", "", value))
        if self.row and isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self._wrong("whole", key, value)
        if value is not None and value < lowest:
            raise self.error("too_low", key, value=value, lowest=lowest)
        return value

    def number(
        self, key: str, lowest: float | None = None, highest: float | None = None, *, required: bool = False
    ) -> float | None:
        value = self._value(key, required)
        if self.row and isinstance(value, str) and re.fullmatch(r"-?\d+([.,]\d+)?", value):
            value = float(value.replace(",", "."))
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise self._wrong("number", key, value)
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            raise self.error("out_of_range", key, value=str(value), lowest=str(lowest), highest=str(highest))
        return float(value)

    def day(self, key: str, required: bool = False) -> date | None:
        """A day: a date of TOML or Excel, or a text as 31/12/2025 or 2025-12-31."""
        value = self._value(key, required)
        if self.row and isinstance(value, datetime) and value.time() == time():
            return value.date()
        if isinstance(value, str):
            value = self._written_day(key, value)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self._wrong("date", key, value)

    def required_day(self, key: str) -> date:
        day = self.day(key, required=True)
        assert day  # a missing one was refused
        return day

    def _written_day(self, key: str, text: str) -> date:
        found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
        numbers = (found[3], found[2], found[1]) if found else ()
        if not found and (found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: 00:00:00)?", text)):
            numbers = (found[1], found[2], found[3])
        if not numbers:
            raise self._wrong("date", key, text)
        try:
            return date(*map(int, numbers))
        except ValueError:
            raise self.error("no_such_day", key, value=text) from None

    def instant(self, key: str, zone: str) -> datetime | None:
        """An instant in UTC; without an offset it is in ``zone``, and a bare day means its first moment."""
        value = self._value(key)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = self._written_day(key, value)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise self._wrong("date", key, value)
        return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

    def choice(self, key: str, known: tuple[str, ...], required: bool = False) -> str | None:
        """One of ``known``, by its code or by the word of either language."""
        value = self._value(key, required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong("text", key, value)
        accepted = {folded(code): code for code in known}
        accepted |= {folded(w): c for w, c in _ALSO.get(key, {}).items() if c in known}
        for code in known:
            if words.has(f"choice.{key}.{code}"):
                accepted |= {folded(words.text(f"choice.{key}.{code}", lang)): code for lang in words.LANGUAGES}
        if folded(value) not in accepted:
            near = nearest(folded(value), sorted(accepted))
            raise self.error(
                "unknown_choice", key, near=accepted[near] if near else None, value=value, known=", ".join(known)
            )
        return accepted[folded(value)]

    def mapping(self) -> dict[str, str]:
        return {key: text for key in self.values if (text := self.text(key)) is not None}

    def child(
        self, path: toml_lines.Path, values: dict[str, Any], title: str, keys: tuple[str, ...] | None
    ) -> "Record":
        child = Record(values, self.file, title, self.lines, path)
        for key in values:
            if keys is not None and key not in keys:
                raise child.error("unknown_key", key, near=nearest_folded(key, keys), known=", ".join(keys))
        return child

    def table(self, key: str, keys: tuple[str, ...] | None, required: bool = False) -> "Any":
        """The table under ``key`` as a record, None where it is missing; ``keys``: the names that it may hold."""
        value = self.values.get(key)
        title = f"[{'.'.join(map(str, (*(p for p in self.path if isinstance(p, str)), key)))}]"
        if value is None:
            if required:
                raise self.error("missing_table", key, wanted=title)
            return None
        if not isinstance(value, dict):
            raise self._wrong("table", key, value)
        return self.child((*self.path, key), value, title, keys)

    def tables(self, key: str, keys: tuple[str, ...]) -> "list[Record]":
        """The tables of the list under ``key``, e.g. every [[account]]."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self._wrong("tables", key, value)
        return [self.child((*self.path, key, n), v, f"[[{key}]]", keys) for n, v in enumerate(value)]


def once(seen: "dict[Any, Record]", what: Any, record: Record, key: str, value: str) -> None:
    """Refuses ``what`` where an earlier record has it."""
    if what in seen:
        first = seen[what]
        raise record.error("twice", key, value=value, first=first.file, first_line=str(first.line(key)))
    seen[what] = record


def folded(text: str) -> str:
    """A word to compare by without accents, case and signs: "Mã xã/phường *" is "ma xa phuong"."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ")))


def nearest_folded(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    by_folded = {folded(k): k for k in known}
    found = nearest(folded(word), list(by_folded))
    return by_folded[found] if found else None


def shown(value: Any) -> str:
    """A value as a message quotes it, cut short."""
    if isinstance(value, dict | list):
        return "[…]"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def same_name(name: str) -> str:
    """A name in the form in which two writings of it are equal."""
    plain = unicodedata.normalize("NFC", " ".join(str(name).split())).casefold().removeprefix("@")
    return _TONE.sub(lambda m: _MOVED[m[0]], plain)
