"""Facepager: nodes fetched from Facebook's Graph API, as CSV: a node a row, with columns a person chose.

Rows that are no data (seeds, what was cut off, empty or failed requests) are left out on purpose. Whether a node is a
post or a comment is told by the request that fetched it; a file where nothing tells is refused with the lines to paste.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from campaignstats.readers import cells, items
from campaignstats.readers.base import (
    About,
    Context,
    Document,
    Refused,
    Row,
    Skipped,
    Structure,
    Yield,
    found_header,
    header_keys,
)
from campaignstats.readers.items import Item

NAME = "facepager"
VERSION = 1
PLATFORM = "facebook"
PERSONAL = True
CAPTURED = True
DAY = "UTC"
GRAINS = ("post_lifetime", "comment")


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FIXED = _names("level id parent_id object_id object_type object_key query_status query_time query_type")
HEADERS = (_FIXED, _FIXED - {"object_key"})

_NO_DATA = ("seed", "offcut", "empty", "headers", "unpacked")
_POSTS = ("posts", "feed", "published_posts", "visitor_posts", "tagged")
_GRAPH_ID = re.compile(r"(\d+)_(\d+)")
# columns whose meaning is Facebook's own; anything else that a person chose is named in a note
_KNOWN = _names(
    """message created_time from from.name from.id permalink_url parent.id like_count comment_count shares.count
    likes.summary.total_count comments.summary.total_count reactions.summary.total_count"""
)


class _Node(NamedTuple):
    """What a later row needs to know of the row that it stands below."""

    kind: str
    post: str | None
    page: str | None
    comment: str | None


def read(document: Document, context: Context) -> Iterator[Yield]:
    """Posts with their counts, and comments; every other row is skipped by its reason."""
    found = found_header(document, HEADERS)
    assert found is not None  # no claim without it
    top = found[0]
    names = next(record for number, record in document.head if number == top)
    keys = header_keys(names)
    if any(re.match(r"lvl_\d+_", key) for key in keys):
        yield Refused(0, "", "facepager.wide")
        return
    reading = _Reading(keys, context)
    for number, record in document.records():
        extra = [c for c in record[len(keys) :] if cells.text(c) is not None]
        if number <= top or header_keys(record) == keys:
            yield Structure(number)
        elif extra:
            yield Refused(number, "", "row_too_long", str(extra[0]), {"cells": len(record), "columns": len(keys)})
        else:
            yield from reading.record(Item(number, _cells(keys, record), exact=False))
    if not reading.n_kept and reading.unknown:
        yield reading.nothing_told(document)
        return
    notes: list[tuple[str, dict[str, Any]]] = []
    known = {"", "path"} | _FIXED | _KNOWN
    unread = [str(n).strip() for n, key in zip(names, keys, strict=True) if key not in known]
    if unread:
        notes.append(("columns.unread", {"columns": ", ".join(unread)}))
    if reading.fetched:
        notes.append(("facepager.clock", {"zone": context.timezone}))
    yield About(
        exported_at=reading.fetched or reading.newest,
        exported_evidence="content" if reading.fetched else "at_least" if reading.newest else None,
        notes=tuple(notes),
    )


def _cells(keys: list[str], record: list[Any]) -> dict[str, Any]:
    """The record by header; of a header given twice the first that says something."""
    found: dict[str, Any] = {}
    for key, cell in zip(keys, record, strict=False):
        if key and cells.text(cell) is not None:
            found.setdefault(key, cell)
    return found


class _Reading:
    """One file: rows refer to rows above them by Facepager's own numbers."""

    def __init__(self, keys: list[str], context: Context) -> None:
        self.keys = keys
        self.context = context
        self.nodes: dict[str, _Node] = {}
        self.n_kept = 0
        self.unknown: dict[str, int] = {}  # request that tells no kind -> rows
        self.newest: datetime | None = None
        self.fetched: datetime | None = None

    def record(self, item: Item) -> Iterator[Yield]:
        kind = (item.text("object_type") or "").casefold()
        status = (item.text("query_status") or "").casefold()
        if kind in _NO_DATA:
            yield Skipped(item.number, "facepager.no_data")
            return
        if not status.startswith("fetched (200)"):
            yield Skipped(item.number, "facepager.not_fetched")
            return
        what = _kind(item)
        try:
            if what is None:
                request = item.text("query_type") or "?"
                self.unknown[request] = self.unknown.get(request, 0) + 1
                raise cells.CellRefused("facepager.kind", request=request[:80])
            above = self.nodes.get(item.text("parent_id") or "")
            rows = self._post(item) if what == "post" else [self._comment(item, above)]
        except cells.CellRefused as problem:
            yield Refused(item.number, "", problem.rule, "", problem.details)
            return
        first = rows[0].values
        page = first.get("account_id") or (above.page if above else None)
        own = _Node(what, first["post_id"], page, first.get("comment_id"))
        self.nodes[item.text("id") or ""] = own
        self.n_kept += 1
        self.newest = max((t for t in (self.newest, first["published_at"]) if t), default=None)
        self.fetched = max((t for t in (self.fetched, first["as_of"]) if t), default=None)
        yield from rows
        yield from item.refused

    def _fetched_at(self, item: Item) -> datetime | None:
        """When the row was fetched: the clock of the computer that Facepager ran on, read in the campaign's zone."""
        clock = item.cell("query_time", item.data.get("query_time"), lambda c: cells.clock(c, "iso"))
        return cells.zoned(clock, self.context.timezone) if clock else None

    def _post(self, item: Item) -> list[Row]:
        own = _object_id(item)
        match = _GRAPH_ID.fullmatch(own)
        page = match[1] if match else _text(item, "from.id")
        name = _text(item, "from.name") or _text(item, "from")
        if item.data.get("from.id") is not None and page is not None and _text(item, "from.id") != page:
            page = _text(item, "from.id")  # a visitor's post on the page
        return items.post_rows(
            item,
            {
                "likes": _count(item, "likes.summary.total_count"),
                "reactions": _count(item, "reactions.summary.total_count"),
                "comments": _count(item, "comments.summary.total_count"),
                "shares": _count(item, "shares.count"),
            },
            platform="facebook",
            post_id=match[2] if match else own,
            account_id=page,
            account_name=name,
            text=_text(item, "message"),
            kind="other",
            permalink=_text(item, "permalink_url"),
            as_of=self._fetched_at(item),
            **_time(item),
        )

    def _comment(self, item: Item, above: _Node | None) -> Row:
        own = _object_id(item)
        match = _GRAPH_ID.fullmatch(own)
        parent = item.cell("parent.id", item.data.get("parent.id"), item.shaped("facebook"))
        if parent is None and above is not None and above.kind == "comment":
            parent = above.comment
        # asked for a post's comments: top level, unless the answer's own column says otherwise
        reply = True if parent else False if above is not None or "parent.id" in self.keys else None
        writer = _text(item, "from.id")
        time = _time(item)
        time.pop("published_precision")
        likes = _count(item, "like_count")
        replies = _count(item, "comment_count")
        return Row(
            "comment",
            item.number,
            {
                "platform": "facebook",
                "comment_id": own,
                "post_id": match[1] if match else above.post if above else None,
                "parent_id": parent,
                "is_owner": writer == above.page if writer and above and above.page else None,
                "author": writer or _text(item, "from.name") or _text(item, "from"),
                "is_reply": reply,
                "text": _text(item, "message"),
                "likes": items.whole(_count(item, "likes.summary.total_count") if likes is None else likes),
                "n_replies": items.whole(_count(item, "comments.summary.total_count") if replies is None else replies),
                "as_of": self._fetched_at(item),
                **time,
            },
        )

    def nothing_told(self, document: Document) -> Refused:
        """The refusal of a file of which no row's kind is known, with a mapping to paste."""
        request = max(sorted(self.unknown), key=lambda r: self.unknown[r])
        columns = {"comment_id": "object_id", "text": "message", "published_at": "created_time", "author": "from.name"}
        chosen = {c: h for c, h in columns.items() if h in self.keys}
        block = ", ".join(f'{column} = "{header}"' for column, header in chosen.items())
        details = {"request": request[:80], "path": document.path, "columns": block}
        return Refused(0, "", "facepager.file_kind", "", details)


def _kind(item: Item) -> str | None:
    """ "post" or "comment", by what was asked for; None where the request does not tell."""
    request = (item.text("query_type") or "").casefold()
    module, _, path = request.rpartition(":")
    if module and not module.startswith("facebook"):
        return None
    edge = path.split("?")[0].rstrip("/").rpartition("/")[2]
    key = (item.text("object_key") or "").casefold()
    if edge == "comments" or key in ("comments.data", "replies.data"):
        return "comment"
    if edge in _POSTS or key in ("posts.data", "feed.data"):
        return "post"
    return None


def _object_id(item: Item) -> str:
    own = item.id("object_id", of="facebook")
    if own is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "facepager.no_id")
    return own


def _text(item: Item, name: str) -> str | None:
    return items.plain_text(item.data.get(name))


def _count(item: Item, name: str) -> float | None:
    return item.cell(name, item.data.get(name), items.visible)


def _time(item: Item) -> dict[str, Any]:
    published = item.cell("created_time", item.data.get("created_time"), items.instant)
    return {
        "published_at": published,
        "published_precision": "second" if published else None,
        "published_text": _text(item, "created_time"),
        "published_zone": "UTC" if published else None,
    }
