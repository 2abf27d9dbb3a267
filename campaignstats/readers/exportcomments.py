"""ExportComments.com: comments of one post, as CSV (YouTube, Instagram) or XLSX (any platform).

The files name no time zone: clocks are read in the campaign's zone and flagged ``zone_unknown``. YouTube and Facebook
files name no comments' ids, so a reply's parent is not known. A free plan stops at 100 rows.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from campaignstats.readers import cells, links
from campaignstats.readers.base import (
    About,
    Context,
    Document,
    Refused,
    Row,
    Structure,
    Yield,
    found_header,
    header_keys,
)

VERSION = 1
_CAP = 100
_DAYS = ("%d/%m/%y", "%Y-%m-%d")  # the exporter's own two forms; they can't be taken for one another
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_FIRST_ZONE = timedelta(hours=14)  # nowhere is a clock further ahead of UTC

_WORDS = {
    "yt": "youtube",
    "youtube": "youtube",
    "fb": "facebook",
    "facebook": "facebook",
    "ig": "instagram",
    "instagram": "instagram",
    "tt": "tiktok",
    "tiktok": "tiktok",
    "tw": "x",
    "twitter": "x",
}
# yt-comments_<video>_<job> - ExportComments.com.csv; facebook-comments<job>-<post>.xlsx
_FILE = re.compile(
    rf"^({'|'.join(_WORDS)})-comments(?:_(?P<post>.+)_[^_ ]+|[0-9a-z]*-(?P<other>[\w-]+))"
    r"(?: ?- ?ExportComments\.com)?(?: ?\(\d+\))?\.\w+$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Format:
    NAME: str
    PLATFORM: str | None
    HEADERS: tuple[frozenset[str], ...]
    VERSION: int = VERSION

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        return _comments(self, document, context)


READERS = (
    Format(
        "exportcomments_youtube",
        "youtube",
        (frozenset({"id", "name", "date", "likes", "ishearted", "ispinned", "comment"}),),
    ),
    Format(
        "exportcomments_instagram",
        "instagram",
        (frozenset({"name", "username", "profile id", "date", "likes", "comment", "comment id"}),),
    ),
    Format(
        "exportcomments_xlsx",
        None,
        (frozenset({"name (click to view profile)", "profile id", "date", "likes", "comment"}),),
    ),
)


class _Post(NamedTuple):
    platform: str | None
    post_id: str | None


def _comments(form: Format, document: Document, context: Context) -> Iterator[Yield]:
    """A comment row a record; what can't be read of one is refused cell by cell."""
    found = found_header(document, form.HEADERS)
    if found is None:
        yield Refused(0, "", "exportcomments.no_header")
        return
    top = found[0]
    preamble = [(n, r) for n, r in document.head if n <= top]
    names = header_keys(preamble[-1][1])
    post = _post(form, context, preamble)
    if post.platform is None:
        yield Refused(0, "", "exportcomments.no_platform")
        return
    platform, post_id = post
    at = {name: i for i, name in reversed(list(enumerate(names)))}
    width = len(names)
    when, said, liked = at["date"], at["comment"], at["likes"]
    who = at.get("username", at.get("name", at.get("name (click to view profile)", 0)))
    profile, own_id, link = at.get("profile id"), at.get("comment id"), at.get("comment url", at.get("(view source)"))
    # threads are numbered in the columns before the name: 7, and 7-1 or (7, 1) for a reply
    numbers = range(min(at.get("name", at.get("name (click to view profile)", 0)), 2))
    fast = profile is None and own_id is None and document.kind == "table"
    instant = clock_of(context.timezone)

    count = without_post = 0
    newest: datetime | None = None
    for number, record in document.records():
        if number <= top:
            yield Structure(number)
            continue
        count += 1
        if len(record) != width:
            if len(record) > width and any(cells.text(c) for c in record[width:]):
                details = {"cells": len(record), "columns": width}
                yield Refused(number, "", "row_too_long", str(record[width]), details)
                continue
            record = [*record[:width], *[None] * (width - len(record))]
        text, author, written, likes = record[said], record[who], record[when], record[liked]
        refused = None
        published = instant(written)
        if published is None:
            refused = _uncertain(number, written)
        elif newest is None or published > newest:
            newest = published
        if type(likes) is str and likes.isdigit() and likes.isascii():
            likes = int(likes)
        else:
            likes, bad = _likes(number, likes)
            refused = (refused or []) + bad if bad else refused
        if not fast:
            author = _author(record[profile]) or author if profile is not None else author
            text, author = cells.text(text), cells.text(author)
        if not text and not author:
            yield Refused(number, "", "exportcomments.empty")
            continue
        values = {
            "platform": platform,
            "post_id": post_id,
            "author": author or None,
            "text": text or None,
            "published_at": published,
            "published_text": written if type(written) is str else cells.text(written),
            "published_zone": "unknown",
            "likes": likes,
            "is_reply": _is_reply(record, numbers),
            "flags": "zone_unknown",
        }
        if own_id is not None:
            values["comment_id"], bad = _own_id(number, record[own_id])
            refused = (refused or []) + bad if bad else refused
        if post_id is None:
            values["post_id"] = _linked_post(record[link]) if link is not None else None
            without_post += values["post_id"] is None
        yield Row("comment", number, values)
        if refused:
            yield from refused
    notes: list[tuple[str, dict[str, Any]]] = [("exportcomments.zone_unknown", {"zone": context.timezone})]
    if count == _CAP:
        notes.append(("exportcomments.capped", {"rows": _CAP}))
    if without_post:
        notes.append(("exportcomments.no_post", {"rows": without_post}))
    oldest = None
    if newest is not None:
        # the clock is right in some zone: in the first one that it can be, the export is no older than this
        oldest = newest.astimezone(ZoneInfo(context.timezone)).replace(tzinfo=UTC) - _FIRST_ZONE
    yield About(
        platform=platform,
        exported_at=oldest,
        exported_evidence="at_least" if oldest else None,
        notes=tuple(notes),
    )


def clock_of(zone: str) -> Callable[[Any], datetime | None]:
    """A reader of the exporter's clocks ("03/12/25 06:24:13") as UTC instants of ``zone``; None for what is none.

    A million rows share a few hundred days: a day's midnight is worked out once, unless the clock changes on it.
    """
    midnights: dict[str, datetime] = {}
    times: dict[str, timedelta] = {}

    def instant(written: Any) -> datetime | None:
        if type(written) is str:
            day, _, time = written.partition(" ")
            try:
                return midnights[day] + times[time]
            except KeyError:
                return learnt(day, time)
        return cells.zoned(written, zone) if isinstance(written, datetime) else None

    def learnt(day: str, time: str) -> datetime | None:
        split = _TIME.fullmatch(time)
        try:
            midnight = cells.clock(day, *_DAYS)
        except cells.CellRefused:
            return None
        if split is None or midnight is None:
            return None
        since = timedelta(hours=int(split[1]), minutes=int(split[2]), seconds=int(split[3] or 0))
        start, end = (cells.zoned(midnight + timedelta(days=d), zone) for d in (0, 1))
        if end - start != timedelta(days=1):
            return cells.zoned(midnight + since, zone)
        midnights[day], times[time] = start, since
        return start + since

    return instant


def _post(form: Format, context: Context, preamble: list[tuple[int, list[Any]]]) -> _Post:
    """Platform and post, from the Source URL above the header, else from the exporter's own file name."""
    for _, record in preamble[:-1]:
        for cell in record:
            link = links.parsed_link(cell) if isinstance(cell, str) and "://" in cell else None
            if link and link.platform != "website" and (form.PLATFORM or link.platform) == link.platform:
                return _Post(link.platform, link.post_id)
    platform = form.PLATFORM or context.platform
    for name in reversed(context.names):
        if match := _FILE.match(name):
            named = _WORDS[match[1].lower()]
            if platform in (None, named):
                post = match["post"] or match["other"]
                return _Post(named, post if named != "youtube" or len(post) == 11 else None)
    return _Post(platform, None)


def _is_reply(record: list[Any], numbers: range) -> bool | None:
    """True where the numbering says so; the exporter does not always number replies, so otherwise unknown."""
    for i in numbers:
        cell = record[i]
        if cell and ((i and cell != "0") or (type(cell) is str and "-" in cell)):
            return True
    return None


def _author(cell: Any) -> str | None:
    try:
        found = cells.platform_id(cell)
    except cells.CellRefused:
        return None
    return found.removeprefix("ID:").strip() or None if found else None


def _likes(number: int, cell: Any) -> tuple[int | None, list[Refused]]:
    try:
        found = cells.number(cell, whole=True)
    except cells.CellRefused as refused:
        return None, [Refused(number, "Likes", refused.rule, str(cell), refused.details)]
    return (None if found is None else int(found)), []


def _own_id(number: int, cell: Any) -> tuple[str | None, list[Refused]]:
    try:
        return cells.platform_id(cell), []
    except cells.CellRefused as refused:
        return None, [Refused(number, "Comment ID", refused.rule, str(cell), refused.details)]


def _uncertain(number: int, written: Any) -> list[Refused] | None:
    if cells.text(written) is None:
        return None
    return [Refused(number, "Date", "not_a_date", str(written), {"expected": _DAYS[0] + " %H:%M:%S"})]


def _linked_post(cell: Any) -> str | None:
    link = links.parsed_link(cell) if isinstance(cell, str) and "://" in cell else None
    return link.post_id if link and not link.post_id.startswith("link:") else None
