"""JSON and NDJSON files. Not a reader."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from campaignstats.errors import ReadError
from campaignstats.readers.base import Refused
from campaignstats.readers.documents import HEAD, Opened
from campaignstats.readers.encodings import Lines, Scan, encoding_error, scanned
from campaignstats.readers.inbox import Found

MAX_JSON = 40 << 20


class Json(Opened):
    """A JSON document in ``payload``; the reader numbers and counts its items by ``items()``."""


class Ndjson(Opened):
    """One JSON object a line. A line that is none is refused; the rest is read."""

    def __init__(self, found: Found, label: str, scan: Scan, repairs: tuple[str, ...]) -> None:
        super().__init__(found.path, "ndjson", label, repairs)
        self._found, self._scan = found, scan
        self.head = list(itertools.islice(self.records(), HEAD))
        self.n_delivered, self.refused = 0, []

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, Any]]:
        self.n_delivered, self.refused = 0, []
        with Lines(self._found, self._scan) as lines:
            try:
                for number, line in enumerate(lines, 1):
                    if not line.strip("\ufeff \t\r\n"):
                        continue
                    item = _parsed(line)
                    if not isinstance(item, dict):
                        self.refused.append(Refused(number, "", "broken_json_line"))
                        continue
                    self.n_delivered += 1
                    yield number, item
            except UnicodeDecodeError as problem:
                raise encoding_error(self._found, problem) from None


# "\ud83d" without its other half: a text cut in the middle of an emoji
_HALF_LETTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


def _parsed(text: str) -> Any:
    """The value that the JSON text holds, or the exception as a value; NaN and Infinity are absent values.

    Half a letter, which no table can store, becomes U+FFFD.
    """
    try:
        value = json.loads(text.lstrip("\ufeff"), parse_constant=lambda _: None)
        if _HALF_LETTER.search(text):
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            value = json.loads(whole.decode("utf-16-le", "replace"))
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
    with Lines(found, Scan(scan.codec, "strict", 0, False)) as text:
        payload = _parsed("".join(text))
    if isinstance(payload, Exception):
        if beginning.startswith("[") and not re.match(r"\[\s*[{\[\]]", beginning):
            return None  # a table whose first cell begins with a bracket
        line = getattr(payload, "lineno", 0)
        raise ReadError("read.broken_json", path=found.path, line=line) from None
    return Json(found.path, "json", label, tuple(r for r in (repair,) if r), payload=payload)
