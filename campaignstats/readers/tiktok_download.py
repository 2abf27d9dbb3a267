"""TikTok, "Download your data" (user_data_tiktok.json, before user_data.json): the account's own posts. FORMATS 6c.

The file holds the whole account: direct messages, telephone number, addresses of devices, what was watched. Only the
list of posts is looked at; nothing of the rest reaches the tables or the quarantine. Its comments are those that the
account wrote, not those that it received.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from campaignstats.readers import cells as cell
from campaignstats.readers.base import About, Context, Document, Format, Refused, Row, Skipped, Yield, header_key
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.links import link_id
from campaignstats.readers.nested import Doubts, count, mapping, plain

PLATFORM = "tiktok"

# the names at the top of such a file, in the versions that were described; two of them make it one
_SECTIONS = {
    "activity",
    "ads and data",
    "app settings",
    "app setting",
    "comment",
    "direct message",
    "direct messages",
    "dm",
    "income plus wallet transactions",
    "likes and favorites",
    "location review",
    "post",
    "profile",
    "profile and settings",
    "purchase and sales",
    "tiktok live",
    "tiktok shop",
    "tiktok shopping",
    "video",
    "your activity",
}
# of these, the ones that other files may have as well
_GENERAL = {"activity", "comment", "dm", "post", "profile", "video"}
_POSTS, _LISTS = {"post", "posts", "video", "videos"}, {"videolist", "postlist"}
_ID = re.compile(r"/(?:video|photo|v)/(\d{15,20})(?:\D|$)")
_PUBLIC = {"public", "everyone", "public to everyone", "công khai", "mọi người"}
_NEAR = timedelta(minutes=30)


def _folded(value: Any) -> dict[str, Any]:
    """The object with its names in small letters: TikTok has changed their case more than once."""
    return {str(k).strip().casefold(): v for k, v in mapping(value).items()}


def _lists(payload: Any) -> list[list[Any]]:
    """Every list of the account's posts; older files keep it below "Activity"."""
    top = _folded(payload)
    found = []
    for section in (top, _folded(top.get("activity"))):
        for name in sorted(_POSTS & set(section)):
            below = _folded(section[name])
            for inner in (below, *(_folded(below[n]) for n in sorted(_POSTS & set(below)))):
                found += [inner[n] for n in sorted(_LISTS & set(inner)) if isinstance(inner[n], list)]
    return found


def _claims(document: Document) -> bool:
    if document.kind != "json" or not isinstance(document.payload, dict):
        return False
    known = {n for n, v in _folded(document.payload).items() if n in _SECTIONS and isinstance(v, dict)}
    return len(known) > 1 or bool(_lists(document.payload)) or bool(known & (_SECTIONS - _GENERAL))


def _read(document: Document, context: Context) -> Iterator[Yield]:
    """The posts; a file without any is refused, whatever else it holds."""
    posts = [post for one in _lists(document.payload) for post in one]
    if not posts:
        yield Refused(0, "", "tiktok_download.no_posts")
        return
    seen: dict[str, int] = {}
    newest: datetime | None = None
    n_differ = n_unnamed = 0
    for number, item in document.items(posts):
        if not _for_everybody(item):
            yield Skipped(number, "tiktok_download.not_public")
            continue
        doubts = Doubts(number)
        try:
            rows = _rows(number, item, context, doubts)
        except CellRefused as problem:
            yield Refused(number, "", problem.rule, "", problem.details)
            continue
        post = rows[0].values
        mark = hash(repr([r.values for r in rows]))
        if post["post_id"] in seen:
            twice = Refused(number, "", "meta.post_twice")
            yield Skipped(number, "meta.repeated_row") if seen[post["post_id"]] == mark else twice
            continue
        seen[post["post_id"]] = mark
        n_differ += "time_differs_from_id" in str(post["flags"])
        n_unnamed += post["post_id"].startswith("link:")
        newest = max((t for t in (newest, post["published_at"]) if t), default=None)
        yield from rows
        yield from doubts.refused
    notes: list[tuple[str, dict[str, Any]]] = [("tiktok_download.rest_not_read", {})]
    if n_differ:
        notes.append(("tiktok_download.time_differs", {"posts": n_differ}))
    if n_unnamed:
        notes.append(("tiktok_download.no_id", {"posts": n_unnamed}))
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=tuple(notes))


def _for_everybody(item: Any) -> bool:
    """Whether the account published it: what only itself or its friends may see is a draft or private."""
    seen_by = plain(_folded(item).get("whocanview"))
    return not seen_by or header_key(seen_by) in _PUBLIC


def _rows(number: int, item: Any, context: Context, doubts: Doubts) -> list[Row]:
    post = _folded(item)
    link = plain(post.get("link")) or plain(post.get("videolink"))
    written = plain(post.get("date"))
    if not link and not written:
        raise CellRefused("tiktok_download.not_a_post")
    found = _ID.search(link or "")
    title = plain(post.get("title"))
    in_id = cell.tiktok_time(found[1]) if found else None
    stated = doubts.read("Date", post.get("date"), _instant)
    if stated is None and in_id is None:
        raise CellRefused("tiktok_download.no_time")
    flags = [] if stated else ["time_from_id"]
    if stated and in_id and abs(stated - in_id) > _NEAR:
        flags.append("time_differs_from_id")
    post_id = found[1] if found else link_id(f"tiktok {context.account or ''} {written} {title or ''}")
    values = {
        "platform": PLATFORM,
        "post_id": post_id,
        "text": title,
        "kind": "photo" if "/photo/" in (link or "") else "video",
        "published_at": stated or in_id,
        "published_precision": "second",
        "published_text": written,
        "published_zone": "UTC",
        "status": "ok",
        "flags": "|".join(flags) or None,
    }
    rows = [Row("post", number, values)]
    likes = doubts.read("Likes", post.get("likes"), count)
    if likes is not None:
        same = {"platform": PLATFORM, "item_kind": "post", "item": post_id, "grain": "post_lifetime"}
        same |= {"traffic": "total", "evidence": "export"}
        rows.append(Row("metric", number, {**same, "metric": "likes", "value": likes}))
    return rows


def _instant(value: Any) -> datetime | None:
    """ "2025-11-20 14:00:00", with or without " UTC" behind it."""
    written = value.strip().removesuffix(" UTC") if isinstance(value, str) else value
    try:
        found = cell.clock(written, "%Y-%m-%d %H:%M:%S")
    except CellRefused:
        found = datetime.min
    if found is not None and not 2010 <= found.year < 2100:
        raise CellRefused("not_a_date", expected="2025-11-20 14:00:00")
    return cell.zoned(found, "UTC") if found else None


READERS = (
    Format("tiktok_download", PLATFORM, (), _read, "UTC", ("post_lifetime",), PERSONAL=True, claims=_claims, VERSION=2),
)
