"""ExportComments.com: comments of one post, as CSV (YouTube, Instagram) or XLSX (any platform).

The files name no time zone: clocks are read in the campaign's zone and flagged ``zone_unknown``. YouTube and Facebook
files name no comments' ids, so a reply's parent is not known. A free plan stops at 100 rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from campaignstats import columnar
from campaignstats.columnar import Array
from campaignstats.readers import cells, links
from campaignstats.readers.base import (
    About,
    Block,
    Context,
    Document,
    Refused,
    Structure,
    Yield,
    found_header,
    header_keys,
)
from campaignstats.readers.by_column import ByColumn, Stretch

VERSION = 2
_CAP = 100
_POSTS = 10_000  # links remembered
_OWN_PART = re.compile(r"/c/|[?&]lc=|[?&]comment_id=")  # where a comment's link goes on from its post's
_BLOCK = 20_000
_PART = 500  # records at a time: few enough to stay in the processor's cache, which is worth half the time
_DAYS = ("%d/%m/%y", "%Y-%m-%d")  # the exporter's own two forms; they can't be taken for one another
_FORMS = ("dd/mm/yy", "yyyy-mm-dd")  # the same as they are nearly always written
_SHORT_ID = r"\A[0-9]{1,17}\z"  # too short to have been rounded: stands as it is
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_MOST = 1 << 53  # likes beyond are no count: such a number is not even exact
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
    PERSONAL: bool = True
    DAY: str = "unstated"
    GRAINS: tuple[str, ...] = ("comment",)

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


class _Columns(NamedTuple):
    """Where things stand in a record; None where the format has no such column."""

    name: int
    date: int
    likes: int
    comment: int
    profile: int | None
    own_id: int | None
    link: int | None
    width: int

    @property
    def read(self) -> set[int]:
        """Every column that is looked at, of a table."""
        named = {self.name, self.date, self.likes, self.comment, self.profile, self.own_id, self.link}
        return {i for i in (*named, *range(min(self.name, 2))) if i is not None}

    @classmethod
    def of(cls, keys: list[str]) -> "_Columns":
        at = {key: i for i, key in reversed(list(enumerate(keys)))}
        name = next(at[n] for n in ("username", "name", "name (click to view profile)") if n in at)
        link = at.get("comment url", at.get("(view source)"))
        return cls(
            name, at["date"], at["likes"], at["comment"], at.get("profile id"), at.get("comment id"), link, len(keys)
        )


def _comments(form: Format, document: Document, context: Context) -> Iterator[Yield]:
    """The comments, by column in blocks; what can't be read of one is refused cell by cell."""
    found = found_header(document, form.HEADERS)
    if found is None:
        yield Refused(0, "", "exportcomments.no_header")
        return
    top = found[0]
    preamble = [record for number, record in document.head if number <= top]
    post = _post(form, context, preamble)
    if post.platform is None:
        yield Refused(0, "", "exportcomments.no_platform")
        return
    yield from (Structure(number) for number, _ in document.head if number <= top)
    columns = _Columns.of(header_keys(preamble[-1]))
    batch = _Batch(post, columns, context.timezone)
    if document.kind == "workbook" and form.NAME == "exportcomments_youtube":
        batch.clock.takes_dates = _day_came_first(
            record[columns.date : columns.date + 1] for _, record in document.records()
        )
    table = ByColumn(document, top, columns.width, columns.read)
    yield from _joined(item for stretch in table for item in batch.stretch(stretch))
    yield from _joined(batch.blocks(table.rest()))

    notes: list[tuple[str, dict[str, Any]]] = [("exportcomments.zone_unknown", {"zone": context.timezone})]
    if batch.n == _CAP:
        notes.append(("exportcomments.capped", {"rows": _CAP}))
    if batch.n_without_post:
        notes.append(("exportcomments.no_post", {"rows": batch.n_without_post}))
    oldest = None
    if batch.newest is not None:
        # the clock is right in some zone: in the first one that it can be, the export is no older than this
        oldest = batch.newest.astimezone(ZoneInfo(context.timezone)).replace(tzinfo=UTC) - _FIRST_ZONE
    evidence = "at_least" if oldest else None
    yield About(platform=post.platform, exported_at=oldest, exported_evidence=evidence, notes=tuple(notes))


def _day_came_first(dates: Iterable[list[Any]]) -> bool:
    """Whether a spreadsheet has read 03/12/25 as 3 December: a day after the 12th among its dates proves it.

    Read month first, 15/11/25 stays a text.
    """
    return any(isinstance(cell, datetime) and cell.day > 12 for found in dates for cell in found)


def _joined(items: Iterator[Yield]) -> Iterator[Yield]:
    """The same, with blocks joined into longer ones: each costs whoever stores them."""
    rows: list[int] = []
    columns: dict[str, Any] = {}
    for item in items:
        if not isinstance(item, Block) or any(isinstance(v, Array) for v in item.columns.values()):
            if isinstance(item, Block) and rows:  # what came before stays before
                yield Block("comment", rows, columns)
                rows, columns = [], {}
            yield item
            continue
        rows += item.rows
        for name, values in item.columns.items():
            if isinstance(values, list):
                columns.setdefault(name, []).extend(values)
            else:
                columns[name] = values
        if len(rows) >= _BLOCK:
            yield Block("comment", rows, columns)
            rows, columns = [], {}
    if rows:
        yield Block("comment", rows, columns)


class _Batch:
    """Records of one file -> blocks of comments. A million rows pass here, so the work is done a column at a time."""

    def __init__(self, post: _Post, columns: _Columns, zone: str) -> None:
        self.post = post
        self.columns = columns
        self.clock = _Clock(zone)
        self.counts: dict[Any, int | None] = {}
        self.posts: dict[str, str | None] = {}
        # threads are numbered in the columns before the name: 7, and 7-1 or (7, 1) for a reply
        self.numbers = range(min(columns.name, 2)) if columns.own_id is None else range(0)
        self.n = self.n_without_post = 0
        self.newest: datetime | None = None

    def blocks(self, records: Iterator[tuple[int, list[Any]]]) -> Iterator[Yield]:
        for part in iter(lambda: list(islice(records, _PART)), []):
            yield from self.block(part)

    def block(self, part: list[tuple[int, list[Any]]]) -> Iterator[Yield]:
        at = self.columns
        self.n += len(part)
        rows, records = [row for row, _ in part], [record for _, record in part]
        refused: list[Refused] = []
        by_column = list(zip(*records, strict=True)) if set(map(len, records)) == {at.width} else []
        if not by_column or not (all(map(_said, by_column[at.comment])) or all(map(_said, by_column[at.name]))):
            rows, records, refused = self._whole(part)
            by_column = list(zip(*records, strict=True))
        if not rows:
            yield from refused
            return
        written, likes = by_column[at.date], by_column[at.likes]
        published = list(map(self.clock.instant, written))
        if None in published:
            refused += [
                _no_date(row, cell)
                for row, moment, cell in zip(rows, published, written, strict=True)
                if moment is None and cells.text(cell) is not None
            ]
        self.newest = max(filter(None, [self.newest, *published]), default=None)
        try:
            counts = [self.counts[cell] for cell in likes]
        except KeyError:
            counts = [self._count(row, cell, refused) for row, cell in zip(rows, likes, strict=True)]
        values = {
            "platform": self.post.platform,
            "post_id": self.post.post_id or self._linked_posts(by_column),
            "author": self._authors(by_column),
            "text": _texts(by_column[at.comment]),
            "published_at": published,
            "published_text": _texts(written),
            "published_zone": "unknown",
            "likes": counts,
            "is_reply": self._replies(by_column),
            "flags": "zone_unknown",
        }
        if at.own_id is not None:
            ids = zip(rows, by_column[at.own_id], strict=True)
            values["comment_id"] = [self._own_id(row, cell, refused) for row, cell in ids]
        yield from sorted(refused, key=lambda c: c.row)
        yield Block("comment", rows, values)

    def stretch(self, stretch: Stretch) -> Iterator[Yield]:
        """``block`` for columns: the same of every row. Cells that are not written as nearly all are go to the methods
        that ``block`` asks, each distinct one once."""
        at, column = self.columns, stretch.column
        texts, names = columnar.stripped(column[at.comment]), columnar.stripped(column[at.name])
        if (columnar.missing(texts) & columnar.missing(names)).any():
            yield from self.blocks(iter(stretch.records))
            return
        self.n += stretch.n
        written, rows = column[at.date], stretch.rows
        refused: list[Refused] = []
        published = columnar.instants(written, _FORMS, self.clock.midnight, self.clock.instant)
        said = columnar.stripped(written)
        for i in np.flatnonzero(columnar.missing(published) & ~columnar.missing(said)):
            refused.append(_no_date(rows[i], written[int(i)].as_py()))
        self.newest = max(filter(None, [self.newest, columnar.newest(published)]), default=None)
        values = {
            "platform": self.post.platform,
            "post_id": self.post.post_id or self._posts_of(column, stretch.n),
            "author": self._authors_of(column, names),
            "text": texts,
            "published_at": published,
            "published_text": said,
            "published_zone": "unknown",
            "likes": _judged(_of_counts, column[at.likes], self._count, rows, refused),
            "is_reply": self._replies_of(column),
            "flags": "zone_unknown",
        }
        if at.own_id is not None:
            values["comment_id"] = _judged(_of_ids, column[at.own_id], self._own_id, rows, refused)
        yield from sorted(refused, key=lambda c: c.row)
        yield Block("comment", rows, values)

    def _authors_of(self, column: dict[int, Array], names: Array) -> Array:
        if self.columns.profile is None:
            return names
        return columnar.filled(_of_ids(column[self.columns.profile], _profile), names)

    def _replies_of(self, column: dict[int, Array]) -> Array | None:
        found = []
        if 1 in self.numbers:
            found.append(columnar.by_value(column[1], lambda cell: cell not in ("", "0"), "bool"))
        if 0 in self.numbers:
            found.append(columnar.containing(column[0], "-"))
        return columnar.true_or_unknown(found) if found else None

    def _posts_of(self, column: dict[int, Array], n: int) -> Array | None:
        if self.columns.link is None:
            self.n_without_post += n
            return None
        found = columnar.by_value(columnar.before(column[self.columns.link], "/c/"), self._linked_post, "string")
        self.n_without_post += int(columnar.missing(found).sum())
        return found

    def _whole(self, part: list[tuple[int, list[Any]]]) -> tuple[list[int], list[list[Any]], list[Refused]]:
        """Rows and records padded to the header's width, without those that say nothing or have a cell too many."""
        rows, records, refused = [], [], []
        width = self.columns.width
        for row, record in part:
            extra = [c for c in record[width:] if cells.text(c) is not None]
            if extra:
                details = {"cells": len(record), "columns": width}
                refused.append(Refused(row, "", "row_too_long", str(extra[0]), details))
                continue
            record = [*record[:width], *[None] * (width - len(record))]
            if not any(cells.text(record[i]) for i in (self.columns.comment, self.columns.name)):
                refused.append(Refused(row, "", "exportcomments.empty"))
                continue
            rows.append(row)
            records.append(record)
        return rows, records, refused

    def _count(self, row: int, cell: Any, refused: list[Refused]) -> int | None:
        try:
            found = cells.number(cell, whole=True)
            if found is not None and found > _MOST:
                raise cells.CellRefused("not_a_number")
        except cells.CellRefused as problem:
            refused.append(Refused(row, "Likes", problem.rule, str(cell), problem.details))
            return None
        self.counts[cell] = count = None if found is None else int(found)
        return count

    def _authors(self, by_column: list[tuple[Any, ...]]) -> list[str | None]:
        """The profile's id where there is one, else the name."""
        names = _texts(by_column[self.columns.name])
        if self.columns.profile is None:
            return names
        return [_profile(cell) or name for cell, name in zip(by_column[self.columns.profile], names, strict=True)]

    def _replies(self, by_column: list[tuple[Any, ...]]) -> list[bool | None]:
        """True where the numbering says so; replies are not always numbered, so otherwise unknown."""
        found: list[bool | None] = [None] * len(by_column[0])
        if 1 in self.numbers and any(by_column[1]):
            found = [True if cell not in (None, "", 0, "0") else None for cell in by_column[1]]
        if 0 in self.numbers and "-" in "".join(map(str, by_column[0])):
            found = [True if f or "-" in str(cell) else None for f, cell in zip(found, by_column[0], strict=True)]
        return found

    def _linked_posts(self, by_column: list[tuple[Any, ...]]) -> list[str | None]:
        if self.columns.link is None:
            found: list[str | None] = [None] * len(by_column[0])
        else:
            found = [self._linked_post(cell) for cell in by_column[self.columns.link]]
        self.n_without_post += found.count(None)
        return found

    def _linked_post(self, cell: Any) -> str | None:
        # every comment of a post has the post's link before its own part
        of_post = _OWN_PART.split(cell, maxsplit=1)[0] if isinstance(cell, str) else ""
        if of_post not in self.posts:
            link = links.parsed_link(of_post) if "://" in of_post else None
            if len(self.posts) >= _POSTS:
                self.posts.clear()
            self.posts[of_post] = link.post_id if link and not link.post_id.startswith("link:") else None
        return self.posts[of_post]

    def _own_id(self, row: int, cell: Any, refused: list[Refused]) -> str | None:
        try:
            found = cells.platform_id(cell)
            if found is not None and not _is_id(found):
                raise cells.CellRefused("not_an_id")
            return found
        except cells.CellRefused as problem:
            refused.append(Refused(row, "Comment ID", problem.rule, str(cell), problem.details))
            return None


def _texts(column: tuple[Any, ...]) -> list[str | None]:
    return [cell.strip() or None if type(cell) is str else cells.text(cell) for cell in column]


def _said(cell: Any) -> bool:
    return bool(cell.strip()) if type(cell) is str else cells.text(cell) is not None


def _is_id(text: str) -> bool:
    """Whether it can be an id: a cell that moved there may be a name, or somebody's words."""
    return len(text) <= 200 and len(text.split()) == 1 and "://" not in text


def _no_date(row: int, cell: Any) -> Refused:
    return Refused(row, "Date", "not_a_date", str(cell), {"expected": _DAYS[0] + " %H:%M:%S"})


def _of_counts(column: Array, mapped: Callable[[Any], int | None]) -> Array:
    return columnar.by_value(column, mapped, "int")


def _of_ids(column: Array, mapped: Callable[[Any], str | None]) -> Array:
    """``mapped`` of each cell, which leaves a short number as it is."""
    return columnar.each(column, ~columnar.matching(column, _SHORT_ID), mapped)


def _judged(
    way: Callable[[Array, Callable[[Any], Any]], Array],
    column: Array,
    judge: Callable[[int, Any, list[Refused]], Any],
    rows: Sequence[int],
    refused: list[Refused],
) -> Array:
    """What ``judge`` says of each cell, asked once for each distinct one; what it refuses is refused in every row."""
    found: list[Refused] = []
    judged = way(column, lambda cell: judge(0, cell, found))
    for of_one in found:
        refused += [of_one._replace(row=rows[i]) for i in columnar.places(column, of_one.value)]
    return judged


class _Clock:
    """Reads the exporter's clocks ("03/12/25 06:24:13") as UTC instants of ``zone``; None for what is none.

    A million rows share a few hundred days: a day's midnight is worked out once, unless the clock changes on it.
    """

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.takes_dates = True  # a workbook's own; False where they may have been read month first
        self.midnights: dict[str, datetime] = {}
        self.times: dict[str, timedelta] = {}  # with the space before them

    def instant(self, written: Any) -> datetime | None:
        try:
            return self.midnights[written[:-9]] + self.times[written[-9:]]
        except (KeyError, TypeError):
            if isinstance(written, str):
                return self._learnt(written)
            return cells.zoned(written, self.zone) if isinstance(written, datetime) and self.takes_dates else None

    def midnight(self, day: str) -> datetime | None:
        """When the day begins; None where it is none, or has not 24 hours."""
        return self.midnights.get(day) if self._learnt(f"{day} 00:00:00") else None

    def _learnt(self, written: str) -> datetime | None:
        day, _, time = written.partition(" ")
        split = _TIME.fullmatch(time)
        if split is None:
            return None
        since = timedelta(hours=int(split[1]), minutes=int(split[2]), seconds=int(split[3] or 0))
        if day not in self.midnights:
            try:
                midnight = cells.clock(day, *_DAYS)
                if midnight is None:
                    return None
                start, end = (cells.zoned(midnight + timedelta(days=d), self.zone) for d in (0, 1))
            except (cells.CellRefused, OverflowError):  # years 1 and 9999 end where no other zone follows
                return None
            if end - start != timedelta(days=1):
                return cells.zoned(midnight + since, self.zone)
            self.midnights[day] = start
        if len(time) == 8:
            self.times[" " + time] = since
        return self.midnights[day] + since


def clock_of(zone: str) -> Callable[[Any], datetime | None]:
    """A reader of the exporter's clocks in ``zone``; see ``_Clock``."""
    return _Clock(zone).instant


def _post(form: Format, context: Context, preamble: list[list[Any]]) -> _Post:
    """Platform and post, from the Source URL above the header, else from the exporter's own file name."""
    for record in preamble[:-1]:
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
                known = len(post) == 11 if named == "youtube" else _is_id(post)
                return _Post(named, post if known else None)
    return _Post(platform, None)


def _profile(cell: Any) -> str | None:
    try:
        found = cells.platform_id(cell)
    except cells.CellRefused:
        return None
    return found.removeprefix("ID:").strip() or None if found else None
