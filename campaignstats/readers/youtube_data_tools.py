"""YouTube Data Tools: comments of a video (version 1, version 2), lists of videos, and the facts of one video.

Version 1 is written by PHP: a quote behind a backslash is not doubled, and older .tab files have no quotes at all, so
that a spreadsheet's reading runs records together. Its line breaks are squashed, though: a line is a record, and a
line is believed only where it comes apart into the header's columns. Its clock is that of the server it ran on.
"""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from campaignstats.campaign import name_id
from campaignstats.readers import cells, items
from campaignstats.readers.base import (
    About,
    Context,
    Document,
    Format,
    Refused,
    Row,
    Skipped,
    Structure,
    Yield,
    found_header,
    header_keys,
)
from campaignstats.readers.items import Item
from campaignstats.readers.youtube_api import unmarked

# videoinfo_<video>_2025_11_24-10_30_00_comments.csv, videolist_search50_2025_11_24-10_30_00.tab
_STAMP = re.compile(r"_(\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d)")
_VIDEO_IN = re.compile(r"videoinfo_(?:UC[\w-]{22}_)?([\w-]{11})_\d{4}_\d\d_\d\d-")
_VIDEO_ID = re.compile(r"[\w-]{11}")
_HASHED = re.compile(r"[0-9a-f]{40}")
_MARKED_UP = re.compile(r"<br\s*/?>|</a>|&(?:#39|quot|amp|lt|gt);")
_DURATION = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_CLOCK = "%Y-%m-%d %H:%M:%S"
_FIRST_ZONE = timedelta(hours=14)  # nowhere is a clock further ahead of UTC

_COMMENTS = frozenset({"id", "likecount", "publishedat", "authorname", "text", "isreply"})
_COMMENTS_V1 = _COMMENTS | {"replycount", "isreplyto"}
_COMMENTS_V2 = _COMMENTS | {"videoid", "totalreplycount", "threadid"}
_VIDEOS = frozenset({"channelid", "videoid", "publishedat", "videotitle", "viewcount", "commentcount"})
_FACTS = frozenset({"id", "published_unix", "title", "channelId", "viewCount", "commentCount"})


# ---- records -------------------------------------------------------------------------------------------------------


def php_cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line as PHP's fputcsv wrote it: behind a backslash nothing is special. None if it is not so."""
    found: list[str] = []
    at, end = 0, len(line)
    while True:
        if line[at : at + 1] == '"':
            at += 1
            cell: list[str] = []
            while True:
                letter = line[at : at + 1]
                if not letter:
                    return None
                if letter == "\\" and at + 1 < end:
                    cell.append(line[at : at + 2])
                    at += 2
                elif letter != '"':
                    cell.append(letter)
                    at += 1
                elif line[at + 1 : at + 2] == '"':
                    cell.append('"')
                    at += 2
                else:
                    at += 1
                    break
            found.append("".join(cell))
        else:
            stop = line.find(delimiter, at)
            stop = end if stop < 0 else stop
            found.append(line[at:stop])
            at = stop
        if at >= end:
            return found
        if line[at] != delimiter:
            return None
        at += 1


def doubled_cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line whose quotes are doubled, as a spreadsheet writes it; None if it is not so."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None


def bare_cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line without any quoting; only tabs are never part of a text."""
    return line.split("\t") if delimiter == "\t" else None


_DIALECTS = (php_cells, doubled_cells, bare_cells)


def _apart(line: str, delimiter: str, width: int, believed: Callable[[list[str]], bool]) -> list[str] | None:
    """The line's cells in the first dialect that gives as many as the header has, with what must stand in some."""
    for dialect in _DIALECTS:
        found = dialect(line, delimiter)
        if found is not None and len(found) == width and believed(found):
            return found
    return None


def _records(
    document: Document, top: int, keys: list[str], believed: Callable[[list[str]], bool], *, by_line: bool
) -> Iterator[tuple[int, dict[str, Any]] | Refused | Structure]:
    """(number, cells by header) of every record; what does not come apart is refused, headers are structure."""
    mended = "quoted_twice" in document.repairs or getattr(document, "way", None) is not None
    if not by_line or document.kind != "table" or mended:
        for number, record in document.records():
            extra = [c for c in record[len(keys) :] if cells.text(c) is not None]
            if number <= top or header_keys(record) == keys:
                yield Structure(number)
            elif extra:
                details = {"cells": len(record), "columns": len(keys)}
                yield Refused(number, "", "row_too_long", str(extra[0]), details)
            else:
                yield number, dict(zip(keys, record, strict=False))
        return
    delimiter = str(getattr(document, "delimiter", ","))
    for number, line in document.lines():  # type: ignore[attr-defined]  # of tables alone
        if number <= top:
            yield Structure(number)
        elif (found := _apart(line, delimiter, len(keys), believed)) is not None:
            yield number, dict(zip(keys, found, strict=True))
        elif header_keys(doubled_cells(line, delimiter) or []) == keys:
            yield Structure(number)
        else:
            yield Refused(number, "", "ytdt.not_apart", line[:120], {"columns": len(keys)})


def _opened(document: Document, headers: frozenset[str]) -> tuple[int, list[str]]:
    found = found_header(document, (headers,))
    assert found is not None  # no claim without it
    return found[0], header_keys(next(record for number, record in document.head if number == found[0]))


def _stamped(context: Context) -> datetime | None:
    """When the tool wrote the file, from the name that it gives it: the clock of its server, read in the campaign's."""
    for name in reversed(context.names):
        if match := _STAMP.search(name):
            try:
                return cells.zoned(datetime.strptime(match[1], "%Y_%m_%d-%H_%M_%S"), context.timezone)
            except ValueError:
                continue
    return None


# ---- comments ------------------------------------------------------------------------------------------------------


def _read_v1(document: Document, context: Context) -> Iterator[Yield]:
    """Comments of one video; which one stands in the file's name alone."""
    top, keys = _opened(document, _COMMENTS_V1)
    place = keys.index("isreply")
    video = next((m[1] for n in reversed(context.names) if (m := _VIDEO_IN.search(n))), None)

    def row(item: Item) -> Row:
        reply = item.text("isreply") == "1"
        text = item.text("text")
        written = item.text("publishedat")
        clock = item.cell("publishedat", item.at("publishedat"), lambda c: cells.clock(c, _CLOCK))
        return _comment(
            item,
            post_id=video,
            parent_id=item.id("isreplyto", of="youtube") if reply else None,
            is_reply=reply,
            text=unmarked(text) or None if text and _MARKED_UP.search(text) else text,
            published_at=cells.zoned(clock, context.timezone) if clock else None,
            published_text=written,
            published_zone="unknown",
            n_replies=item.whole("replycount"),
            flags="zone_unknown",
        )

    records = _records(document, top, keys, lambda c: c[place].strip() in ("0", "1"), by_line=True)
    tally = _Tally()
    yield from tally.rows(records, row)
    notes: list[tuple[str, Any]] = [("ytdt.zone_unknown", {"zone": context.timezone})]
    if video is None and tally.n:
        notes.append(("ytdt.no_post", {"rows": tally.n}))
    oldest = tally.newest.astimezone(ZoneInfo(context.timezone)).replace(tzinfo=UTC) if tally.newest else None
    yield tally.about(_stamped(context), oldest - _FIRST_ZONE if oldest else None, notes)


def _read_v2(document: Document, context: Context) -> Iterator[Yield]:
    """Comments of one video or of many. ``isReplyToId`` is the tool's guess from a name in the text: not used."""
    top, keys = _opened(document, _COMMENTS_V2)

    def row(item: Item) -> Row | Skipped:
        text = item.text("text")
        if item.text("id") is None and text and text.startswith("[") and item.text("authorname") is None:
            return Skipped(item.number, "ytdt.not_retrieved")
        reply = item.text("isreply") == "1"
        clock = item.cell("publishedat", item.at("publishedat"), lambda c: cells.clock(c, _CLOCK, "iso"))
        return _comment(
            item,
            post_id=item.id("videoid", of="youtube video"),
            parent_id=item.id("threadid", of="youtube") if reply else None,
            is_owner=item.truth("ischannelowner"),
            is_reply=reply,
            text=text,
            published_at=cells.zoned(clock, "UTC") if clock else None,
            published_text=item.text("publishedat"),
            published_zone="UTC",
            n_replies=item.whole("totalreplycount"),
        )

    tally = _Tally()
    yield from tally.rows(_records(document, top, keys, lambda _: True, by_line=False), row)
    yield tally.about(_stamped(context), tally.newest, [])


def _comment(item: Item, **values: Any) -> Row:
    own = item.id("id", of="youtube")
    if own is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "ytdt.no_id")
    return Row(
        "comment",
        item.number,
        {
            "platform": "youtube",
            "comment_id": own,
            "author": item.text("authorchannelid") or item.text("authorname"),
            "likes": item.whole("likecount"),
            **values,
        },
    )


class _Tally:
    """What the comments of a file say together: how many answers are missing, whether their ids are hashes."""

    def __init__(self) -> None:
        self.n = self.counted = self.held = self.hashed = 0
        self.newest: datetime | None = None

    def rows(
        self,
        records: Iterator[tuple[int, dict[str, Any]] | Refused | Structure],
        row: Callable[[Item], Row | Skipped],
    ) -> Iterator[Yield]:
        for record in records:
            if isinstance(record, Refused | Structure):
                yield record
                continue
            item = Item(record[0], record[1], exact=False)
            try:
                found = row(item)
            except cells.CellRefused as problem:
                yield Refused(item.number, "", problem.rule, "", problem.details)
                continue
            if isinstance(found, Skipped):
                yield found
                continue
            values = found.values  # counted before it is handed out: whoever takes it may change it
            self.n += 1
            self.held += values["is_reply"]
            self.counted += 0 if values["is_reply"] else values["n_replies"] or 0
            self.hashed += bool(_HASHED.fullmatch(values["comment_id"]))
            self.newest = max((t for t in (self.newest, values["published_at"]) if t), default=None)
            yield found
            yield from item.refused

    def about(self, stamped: datetime | None, at_least: datetime | None, notes: list[tuple[str, Any]]) -> About:
        if self.counted > self.held:
            notes.append(("ytdt.replies_missing", {"held": self.held, "counted": self.counted}))
        if self.hashed:
            notes.append(("ytdt.pseudonymised", {"rows": self.hashed}))
        evidence = "file_name" if stamped else "at_least" if at_least else None
        return About(exported_at=stamped or at_least, exported_evidence=evidence, notes=tuple(notes))


# ---- videos --------------------------------------------------------------------------------------------------------


def _read_videos(document: Document, context: Context) -> Iterator[Yield]:
    """A video a row, with its counts on the day of the download."""
    top, keys = _opened(document, _VIDEOS)
    place = keys.index("videoid")
    newest: datetime | None = None

    def believed(record: list[str]) -> bool:
        return bool(_VIDEO_ID.fullmatch(record[place].strip())) or not record[place].strip()

    for record in _records(document, top, keys, believed, by_line=True):
        if isinstance(record, Refused | Structure):
            yield record
            continue
        item = Item(record[0], record[1], exact=False)
        title = item.text("videotitle")
        if title and title.startswith("[not found: "):
            yield Skipped(item.number, "ytdt.not_retrieved")
            continue
        video = item.text("videoid")
        if video is None or not _VIDEO_ID.fullmatch(video):
            yield Refused(item.number, "", "ytdt.no_video")
            continue
        published = item.instant("publishedat")
        newest = max((t for t in (newest, published) if t), default=None)
        channel, name = item.text("channelid"), item.text("channeltitle")
        yield from items.post_rows(
            item,
            _video_counts(item),
            platform="youtube",
            post_id=video,
            account_id=channel or (name_id(name) if name else None),
            account_name=name,
            text=title,
            kind="short" if item.truth("isshort") else "video",
            published_at=published,
            published_precision="second" if published else None,
            published_text=item.text("publishedat"),
            published_zone="UTC",
            permalink=f"https://www.youtube.com/watch?v={video}",
            duration=_seconds(item.text("duration")),
        )
        yield from item.refused
    stamped = _stamped(context)
    evidence = "file_name" if stamped else "at_least" if newest else None
    yield About(exported_at=stamped or newest, exported_evidence=evidence)


def _video_counts(item: Item) -> dict[str, float | None]:
    return {
        "views": item.count("viewcount"),
        "likes": item.count("likecount"),
        "dislikes": item.count("dislikecount"),
        "comments": item.count("commentcount"),
    }


def _seconds(written: str | None) -> float | None:
    """Seconds of "PT1H2M3S"; the tool's own column forgot the hours until version 2."""
    match = _DURATION.fullmatch(written or "")
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(g or 0) for g in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _claims_facts(document: Document) -> bool:
    if document.kind not in ("table", "workbook") or str(document.head[0][1][0]).strip() not in _FACTS:
        return False
    names = {str(record[0]).strip() for _, record in document.head if record}
    if document.kind == "table" and getattr(document, "way", None) is None:
        # a title with an odd quote would run the facts below it together
        first = islice(document.lines(), len(_FACTS) * 8)  # type: ignore[attr-defined]  # of tables alone
        names |= {re.split(r"[,\t]", line, maxsplit=1)[0].strip('" ') for _, line in first}
    return names >= _FACTS


def _read_facts(document: Document, context: Context) -> Iterator[Yield]:
    """One video, a fact a record: its post and its counts, each on the record that says it."""
    facts: dict[str, Any] = {}
    at: dict[str, int] = {}
    told: list[int] = []
    for record in _records(document, 0, ["name", "value"], lambda _: True, by_line=True):
        if isinstance(record, Refused | Structure):
            yield record
            continue
        name = str(record[1].get("name") or "").strip().casefold()
        facts.setdefault(name, record[1].get("value"))
        at.setdefault(name, record[0])
        told.append(record[0])
    item = Item(at.get("id", 0), facts, exact=False)
    video = item.text("id")
    if video is None or not _VIDEO_ID.fullmatch(video):
        yield Refused(0, "", "ytdt.no_video")
        return
    published = item.epoch("published_unix")
    channel, title = item.text("channelid"), item.text("channeltitle")
    rows = items.post_rows(
        item,
        _video_counts(item),
        platform="youtube",
        post_id=video,
        account_id=channel or (name_id(title) if title else None),
        account_name=title,
        text=item.text("title"),
        kind="video",
        published_at=published,
        published_precision="second" if published else None,
        published_text=item.text("published_unix"),
        published_zone="UTC",
        permalink=f"https://www.youtube.com/watch?v={video}",
        duration=_seconds(item.text("duration")),
    )
    columns = {"views": "viewcount", "likes": "likecount", "dislikes": "dislikecount", "comments": "commentcount"}
    rows = [r._replace(row=at[columns[r.values["metric"]]]) if r.table == "metric" else r for r in rows]
    kept = {r.row for r in rows}
    yield from rows
    yield from item.refused
    yield from (Structure(number) for number in told if number not in kept)
    stamped = _stamped(context)
    evidence = "file_name" if stamped else "at_least" if published else None
    yield About(exported_at=stamped or published, exported_evidence=evidence)


def _claims_authors(document: Document) -> bool:
    return document.kind == "table" and header_keys(document.head[0][1]) == ["author", "count"]


def _read_authors(document: Document, context: Context) -> Iterator[Yield]:
    yield Refused(0, "", "ytdt.authors")


READERS = (
    Format(
        "ytdt_comments_v1",
        "youtube",
        (_COMMENTS_V1,),
        _read_v1,
        DAY="unstated",
        GRAINS=("comment",),
        PERSONAL=True,
    ),
    Format("ytdt_comments_v2", "youtube", (_COMMENTS_V2,), _read_v2, DAY="UTC", GRAINS=("comment",), PERSONAL=True),
    Format(
        "ytdt_videos",
        "youtube",
        (_VIDEOS,),
        _read_videos,
        DAY="UTC",
        GRAINS=("post_lifetime",),
        PERSONAL=True,
        CAPTURED=True,
    ),
    Format(
        "ytdt_video_info",
        "youtube",
        (),
        _read_facts,
        DAY="UTC",
        GRAINS=("post_lifetime",),
        PERSONAL=True,
        CAPTURED=True,
        claims=_claims_facts,
    ),
    Format(
        "ytdt_authors",
        "youtube",
        (),
        _read_authors,
        DAY="unstated",
        GRAINS=("comment",),
        PERSONAL=True,
        claims=_claims_authors,
    ),
)
