"""JSON and NDJSON files. Not a reader."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from campaignstats.errors import ReadError
from campaignstats.readers.base import Refused
from campaignstats.readers.documents import Opened
from campaignstats.readers.encodings import CONTROL_DELETED, Lines, Scan, scanned
from campaignstats.readers.inbox import Found

MAX_JSON = 40 << 20


class Json(Opened):
    """A JSON document in ``payload``; the reader numbers and counts its items by ``items()``."""


class Ndjson(Opened):
    """One JSON object a line. A line that is none is refused; the rest is read."""

    def __init__(self, found: Found, label: str, scan: Scan, repairs: tuple[str, ...]) -> None:
        super().__init__(found.path, "ndjson", label, repairs)
        self._found, self._scan = found, scan
        self.read_head()

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, Any]]:
        self.n_delivered, self.refused = 0, []
        broken: Refused | None = None
        with Lines(self._found, self._scan) as lines:
            for number, line in enumerate(lines, 1):
                if broken:
                    self.refused.append(broken)
                    broken = None
                if not line.strip("\ufeff \t\r\n"):
                    continue
                item = _STRAY.search(line) or _parsed(line)
                if isinstance(item, dict):
                    self.n_delivered += 1
                    yield number, item
                elif isinstance(item, re.Match):
                    broken = Refused(number, "", "broken_letters")
                else:
                    broken = Refused(number, "", "broken_json_line")
        if broken:  # the last line, without its end: half a download
            self.refused.append(broken if self._scan.ends_line else broken._replace(rule="cut_off"))


_STRAY = re.compile("[\udc80-\udcff]")  # a byte that is no UTF-8, as the scan's error handler keeps it

# "\ud83d" without its other half: a text cut in the middle of an emoji
_HALF_LETTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
# marks that turn the direction of writing round, as they are or escaped
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]|" + r"\\u20(?:2[a-e]|6[6-9])", re.IGNORECASE)


def _parsed(text: str) -> Any:
    """The value that the JSON text holds, or the exception as a value; NaN and Infinity are absent values.

    Half a letter, which no table can store, becomes U+FFFD; marks that turn the direction of writing round go.
    """
    try:
        value = json.loads(text.lstrip("\ufeff"), parse_constant=lambda _: None)
        if _HALF_LETTER.search(text):
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            value = json.loads(whole.decode("utf-16-le", "replace"))
        if _TURNING.search(text):
            value = json.loads(json.dumps(value, ensure_ascii=False).translate(CONTROL_DELETED))
        return value
    except (ValueError, RecursionError) as problem:
        return problem


def json_document(found: Found, label: str, codec: str, repair: str | None, beginning: str) -> Opened | None:
    lines = [line for line in beginning.split("\n") if line.strip()]
    whole_lines = lines if found.size <= 1 << 16 else lines[:-1]
    objects = sum(isinstance(_parsed(line), dict) for line in whole_lines[:20])
    named = found.path.casefold().endswith((".ndjson", ".jsonl"))
    if beginning.startswith("{") and objects and (len(whole_lines) > 1 or named):
        scan = scanned(found, codec, long_lines=False)
        return Ndjson(found, label, scan, tuple(r for r in (repair,) if r))
    if found.size > MAX_JSON:
        if named:
            scan = scanned(found, codec, long_lines=False)
            return Ndjson(found, label, scan, tuple(r for r in (repair,) if r))
        raise ReadError("read.json_too_big", path=found.path, limit=MAX_JSON >> 20)
    scan = scanned(found, codec, long_lines=True)
    if scan.state == "code_page":
        raise ReadError("read.not_utf8", path=found.path, encoding=scan.guess)
    if scan.state == "strays" and not scan.is_cut:
        raise ReadError("read.broken_utf8", path=found.path, line=scan.first_stray)
    with Lines(found, replace(scan, errors="ignore" if scan.is_cut else scan.errors, controls=False)) as whole:
        text = "".join(whole)
    payload = _parsed(text)
    refused: list[Refused] = []
    if isinstance(payload, Exception):
        if beginning.startswith("[") and not re.match(r"\[\s*[{\[\]]", beginning):
            return None  # a table whose first cell begins with a bracket
        if (items := _before_the_cut(text)) is None:
            raise ReadError("read.broken_json", path=found.path, line=getattr(payload, "lineno", 0)) from None
        payload, refused = items, [Refused(len(items) + 1, "", "cut_off")]
    return Json(found.path, "json", label, tuple(r for r in (repair,) if r), payload=payload, refused=refused)


def _before_the_cut(text: str) -> list[Any] | None:
    """The whole items of a JSON list that ends in the middle of one; None if it is broken otherwise or has none."""
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    found: list[Any] = []
    place = re.match(r"\s*\[\s*", text.lstrip("\ufeff"))
    text = text.lstrip("\ufeff")
    end = place.end() if place else len(text)
    while end < len(text):
        try:
            item, end = decoder.raw_decode(text, end)
        except RecursionError:
            return None
        except ValueError as problem:
            # the text ended too early; or else something within it is wrong
            at_end = getattr(problem, "pos", 0) >= len(text.rstrip()) - 5 or str(problem).startswith("Unterminated")
            return found if found and at_end else None
        found.append(item)
        comma = re.compile(r"\s*,?\s*").match(text, end)
        end = comma.end() if comma else end
    if _HALF_LETTER.search(text):
        found = [_parsed(json.dumps(item)) for item in found]
    return found or None
