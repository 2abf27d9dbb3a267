"""The one catalogue of Vietnamese and English words and number forms.

Words live in ``campaignstats/catalogue/*.toml``: the leaves have ``vi`` and ``en``; a leaf's dotted path
is its key. Values go in by name (``{n}``); a plain ``int`` or ``float`` is written in the language's number form, and
``{n:post|posts}`` is the number with the word for one or for any other number: "1 post", "1,204 posts".
"""

import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("vi", "en")
# strftime would write them in the machine's language once anybody has called setlocale
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
CATALOGUE = Path(__file__).parent / "catalogue"


@cache
def _file(file: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}

    def walk(prefix: str, node: dict[str, Any]) -> None:
        if set(node) == set(LANGUAGES) and all(isinstance(v, str) for v in node.values()):
            found[prefix] = node
            return
        for name, child in node.items():
            if not isinstance(child, dict):
                raise KeyError(f"catalogue key {prefix}.{name} needs both vi and en")
            walk(f"{prefix}.{name}" if prefix else name, child)

    walk("", tomllib.loads(file.read_text(encoding="utf-8")))
    return found


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every key of the catalogue with its texts by language; a key given twice is refused."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(CATALOGUE.glob("*.toml")):
        for key, texts in _file(file).items():
            if key in found:
                raise KeyError(f"catalogue key {key!r} stands twice")
            found[key] = texts
    return found


def _texts(key: str) -> dict[str, str] | None:
    # the file of the key's first word, if it has one, is read alone: the command line must not wait for all the others
    own = CATALOGUE / f"{key.partition('.')[0]}.toml"
    if own.exists() and key in _file(own):
        return _file(own)[key]
    return catalogue().get(key)


def has(key: str) -> bool:
    """Whether the catalogue knows ``key``."""
    return _texts(key) is not None


def text(key: str, lang: str, /, **values: Any) -> str:
    """The catalogue's text for ``key`` in ``lang`` with ``values`` filled in; an unknown key is a KeyError."""
    texts = _texts(key)
    if texts is None or lang not in texts:
        raise KeyError(f"no catalogue text {key!r} in {lang!r}")
    return _In(lang).vformat(texts[lang], (), values)


class _In(Formatter):
    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        one, counted, many = format_spec.partition("|")
        if counted:
            return f"{self.format_field(value, '')} {one if value == 1 else many}"
        if isinstance(value, bool) or format_spec:
            return super().format_field(value, format_spec)
        if isinstance(value, int):
            return number(value, self.lang)
        if isinstance(value, float):
            return number(value, self.lang, 1)
        if isinstance(value, date):
            return day(value, self.lang)
        return str(value)


def number(value: float | int, lang: str, decimals: int = 0) -> str:
    """``1254300`` as "1.254.300" (vi) or "1,254,300" (en); a missing value is an en dash."""
    if value is None or value != value:
        return "–"
    whole = isinstance(value, int) and not decimals  # Python's own count of any length, which no float holds
    written = f"{value:,d}" if whole else f"{value:,.{decimals}f}"
    if written.strip("-0.,") == "":
        written = written.lstrip("-")
    return written if lang == "en" else written.translate(str.maketrans(",.", ".,"))


def percent(share: float, lang: str, decimals: int = 1) -> str:
    """``0.234`` as "23,4 %" (vi) or "23.4%" (en): each language's own form."""
    if share is None or share != share:
        return "–"
    return number(100 * share, lang, decimals) + ("\u00a0%" if lang == "vi" else "%")


def day(value: date, lang: str) -> str:
    """A date as "15/11/2025" (vi) or "15 November 2025" (en)."""
    if isinstance(value, datetime):
        value = value.date()
    if lang == "vi":
        return f"{value.day:02d}/{value.month:02d}/{value.year}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def clock(zone: str, lang: str) -> str:
    """Whose days a platform's days are: "America/Los_Angeles" as "US Pacific days"; unknown ones by their name."""
    key = f"day_zone.{zone.replace('/', '_').replace('-', '_') or 'unknown'}"
    return text(key, lang) if has(key) else text("day_zone.other", lang, zone=zone)
