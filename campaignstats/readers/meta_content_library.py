"""Meta Content Library: posts downloaded as CSV, or as JSON from its API. FORMATS 10h.

Its ids are its own: a post is "mcl:<id>" and is never joined to the same post in Meta Business Suite. An absent figure
(views above all) is missing, not 0. Comments exist only in Meta's clean room and are refused; why posts are read and
comments are not: docs/decisions/0008.
"""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from campaignstats.campaign import name_id
from campaignstats.readers import cells as cell
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
    header_keys,
)
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.nested import Doubts, count, listed, plain

_POSTS = frozenset({"id", "creation_time"})
_OWN = ("mcl_url", "post_owner.id", "post_owner.type", "statistics.views", "statistics.comment_count", "surface.id")
_COMMENTS = frozenset({"id", "creation_time", "post_id"})
_COMMENT_OWN = ("parent_comment_id", "parent_id", "owner.id", "owner.name", "comment_owner.id", "author.id")
_METRICS = {
    "reaction_count": "reactions",
    "like_count": "likes",
    "love_count": "reactions_love",
    "wow_count": "reactions_wow",
    "haha_count": "reactions_haha",
    "sad_count": "reactions_sad",
    "angry_count": "reactions_angry",
    "care_count": "reactions_care",
    "comment_count": "comments",
    "share_count": "shares",
    "views": "views",
}
# columns that only posts of Facebook have
_FACEBOOK = ("surface.id", "surface.type", "statistics.reaction_count", "statistics.love_count")
_KINDS = {
    "photo": ("photo", "photos", "image"),
    "carousel": ("album", "albums", "carousel", "carousels"),
    "video": ("video", "videos", "igtv"),
    "reel": ("reel", "reels"),
    "link": ("link", "links"),
    "text": ("text", "status", "statuses"),
    "live": ("live", "live_video", "live videos"),
    "story": ("story", "stories"),
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}
_FLAT = re.compile(r"^(post_owner|comment_owner|surface|statistics|owner|author)[_/]")
_ID = re.compile(r"\d{5,25}")
_HEADER = object()


def _flat(item: Any, prefix: str = "") -> dict[str, Any]:
    """A nested item under dotted names, as the CSV has them; lists stay."""
    if not isinstance(item, dict):
        return {}
    found: dict[str, Any] = {}
    for name, value in item.items():
        key = f"{prefix}{name}".casefold()
        if isinstance(value, dict) and prefix.count(".") < 3:
            found |= _flat(value, f"{key}.")
        else:
            found[key] = value
    # the API may wrap an owner once more
    return {k.replace(".data.", "."): v for k, v in found.items()}


def _is(names: Iterable[str], needed: frozenset[str], own: tuple[str, ...]) -> bool:
    present = set(names)
    return needed <= present and any(name in present for name in own)


def _is_comments(names: Iterable[str]) -> bool:
    return _is(names, _COMMENTS, _COMMENT_OWN)


def _is_posts(names: Iterable[str]) -> bool:
    return _is(names, _POSTS, _OWN) and not _is_comments(names)


def _heads(document: Document) -> list[list[str]]:
    """The names that the first records of a document have."""
    if document.kind in ("table", "workbook"):
        return [_keys(cells) for _, cells in document.head]
    if document.kind == "ndjson":
        return [list(_flat(item)) for _, item in document.head[:5]]
    return [list(_flat(item)) for item in _json_items(document.payload)[:5]] if document.kind == "json" else []


def _keys(cells: list[Any]) -> list[str]:
    """Headers of a table; R and pandas write "statistics_views" or "statistics/views" for "statistics.views"."""
    return [_FLAT.sub(r"\1.", key) for key in header_keys(cells)]


def _json_items(payload: Any) -> list[Any]:
    """The items of a response, or of a list of responses or of items."""
    if isinstance(payload, dict):
        data = payload.get("data")
        return data if isinstance(data, list) else [payload]
    items: list[Any] = []
    for one in listed(payload):
        data = one.get("data") if isinstance(one, dict) else None
        items += data if isinstance(data, list) else [one]
    return items


def _claims_posts(document: Document) -> bool:
    heads = _heads(document)
    return any(map(_is_posts, heads)) and not any(map(_is_comments, heads))


def _claims_comments(document: Document) -> bool:
    return any(map(_is_comments, _heads(document)))


def _rounded(ids: Iterable[Any]) -> bool:
    """Whether a program without whole numbers beyond 2**53 (JavaScript, R), or a spreadsheet, has been here.

    Such a program writes the shortest digits that stand for the nearest double. An id has that form by chance once in
    as many as the doubles lie apart: if all have it, and the chance of that is below one in a million, they are not
    the ids that Meta gave.
    """
    numbers = [int(i) for i in ids if isinstance(i, int | str) and not isinstance(i, bool) and _ID.fullmatch(str(i))]
    if cell.rounded_ids(map(str, numbers)):
        return True
    long = [n for n in numbers if n > 2**53]
    return math.prod(1 / math.ulp(n) for n in long) < 1e-6 and all(Decimal(repr(float(n))) == n for n in long)


def _records(document: Document) -> Iterator[tuple[int, Any]]:
    """(record, item under dotted names; _HEADER for a header, what is no item as it is)."""
    if document.kind == "json":
        for number, item in document.items(_json_items(document.payload)):
            yield number, _flat(item) if isinstance(item, dict) else item
    elif document.kind == "ndjson":
        for number, item in document.records():
            yield number, _flat(item)
    else:
        keys: list[str] = []
        for number, cells in document.records():
            names = _keys(cells)
            if not keys or names == keys:
                keys = names if keys or _is_posts(names) else []
                yield number, _HEADER
            elif any(cell.text(c) is not None for c in cells[len(keys) :]):
                yield number, len(cells)
            else:
                yield number, dict(zip(keys, cells, strict=False))


def _posts(document: Document, context: Context) -> Iterator[Yield]:
    """Posts with their counts as they stood when the file was made; when that was, the file does not say."""
    records = list(_records(document))
    items = [item for _, item in records if isinstance(item, dict)]
    platform = _platform(items, context)
    if platform is None:
        yield Refused(0, "", "mcl.platform_unknown", "", {"path": context.names[-1] if context.names else ""})
        return
    if _rounded(item.get("id") for item in items):
        yield Refused(0, "", "mcl.ids_rounded")
        return
    yield About(language="en", platform=platform, notes=(("mcl.terms", {}),))
    exact = document.kind in ("json", "ndjson")
    seen: dict[str, int] = {}
    newest: datetime | None = None
    n_headers = n_without_views = 0
    for row, item in records:
        if item is _HEADER:
            n_headers += 1
            yield Structure(row) if n_headers == 1 or not seen else Skipped(row, "meta.repeated_header")
            continue
        if not isinstance(item, dict) or not set(item) >= _POSTS:
            yield Refused(row, "", "mcl.not_a_post")
            continue
        doubts = Doubts(row)
        try:
            post_id = _id(item.get("id"), exact=exact)
        except CellRefused as problem:
            yield Refused(row, "", problem.rule, "", problem.details)
            continue
        rows = _rows(row, item, post_id, platform, doubts)
        mark = hash(repr([r.values for r in rows]))
        if post_id in seen:
            twice = Refused(row, "", "meta.post_twice")
            yield Skipped(row, "meta.repeated_row") if seen[post_id] == mark else twice
            continue
        seen[post_id] = mark
        for one in rows:
            moment = one.values.get("published_at") or one.values.get("as_of")
            newest = max((t for t in (newest, moment) if t), default=None)
        n_without_views += all(r.values.get("metric") != "views" for r in rows)
        yield from rows
        yield from doubts.refused
    notes = (("mcl.no_views", {"posts": n_without_views}),) if n_without_views else ()
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=notes)


def _platform(items: list[dict[str, Any]], context: Context) -> str | None:
    """Facebook's columns have surfaces and kinds of reactions, Instagram's only the owner's user name."""
    names = {name for item in items[:50] for name in item}
    if any(name in names for name in _FACEBOOK):
        return "facebook"
    if {"post_owner.username", "statistics.like_count"} <= names:
        return "instagram"
    return context.platform if context.platform in ("facebook", "instagram", "threads") else None


def _id(value: Any, *, exact: bool) -> str:
    """ "mcl:" and the library's own id."""
    found = plain(value) if exact and isinstance(value, int | str) else None
    if found is None:
        found = cell.platform_id(value) if isinstance(value, str | int | float) else None
    if found is None or not re.fullmatch(r"[\w-]{1,40}", found):
        raise CellRefused("mcl.no_id")
    return f"mcl:{found}"


def _rows(row: int, item: dict[str, Any], post_id: str, platform: str, doubts: Doubts) -> list[Row]:
    name, handle = plain(item.get("post_owner.name")), plain(item.get("post_owner.username"))
    owner = handle or name
    made = doubts.read("creation_time", item.get("creation_time"), _instant)
    word = (plain(item.get("content_type")) or "").casefold()
    values = {
        "platform": platform,
        "post_id": post_id,
        "account_id": name_id(owner) if owner else None,
        "account_name": name or handle,
        "text": plain(item.get("text")),
        "kind": _KIND.get(word, "other"),
        "published_at": made,
        "published_precision": "second" if made else None,
        "published_text": plain(item.get("creation_time")),
        "published_zone": "UTC" if made else None,
        "is_share": True if plain(item.get("shared_post_id")) else None,
        "status": "ok",
    }
    rows = [Row("post", row, values)]
    # no account_id: gather takes the one under which it stored the post
    same = {"platform": platform, "item_kind": "post", "item": post_id, "grain": "post_lifetime"}
    for key, metric in _METRICS.items():
        value = doubts.read(f"statistics.{key}", item.get(f"statistics.{key}"), count)
        if value is None:
            continue
        as_of = None
        if metric == "views":
            refreshed = "statistics.views_date_last_refreshed"
            as_of = doubts.read(refreshed, item.get(refreshed), _instant)
        figure = {"metric": metric, "traffic": "total", "value": value, "evidence": "export", "as_of": as_of}
        rows.append(Row("metric", row, same | figure))
    return rows


def _instant(value: Any) -> datetime | None:
    """Meta's times are UTC; the files write them with and without saying so."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return cell.from_epoch(value)
    if isinstance(value, str):
        value = value.strip().removesuffix(" UTC")
    try:
        found = cell.clock(value, "iso", "%Y-%m-%dT%H:%M:%S%z")
    except CellRefused:
        found = datetime.min
    if found is not None and not 2004 <= found.year < 2100:
        raise CellRefused("not_a_date", expected="2025-11-20T14:00:00+00:00")
    return cell.zoned(found, "UTC") if found else None


def _comments(document: Document, context: Context) -> Iterator[Yield]:
    """Nothing: what private people wrote must not have left Meta's clean room."""
    yield Refused(0, "", "mcl.comments")


READERS = (
    Format(
        "mcl_posts", None, (), _posts, "UTC", ("post_lifetime",), PERSONAL=True, CAPTURED=True, claims=_claims_posts
    ),
    Format("mcl_comments", None, (), _comments, "UTC", ("comment",), PERSONAL=True, claims=_claims_comments),
)
