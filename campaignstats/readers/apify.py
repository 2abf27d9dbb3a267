"""Apify: data sets of its scrapers of Facebook and TikTok, as JSON, JSONL, CSV or XLSX.

All four hold the same items: tables are flattened from them ("authorMeta/name", "comments/0/text"). The day of the
download stands in the file's name alone, in UTC. An item that says only what went wrong is refused by its reason.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from campaignstats.campaign import name_id
from campaignstats.readers import base, cells, items
from campaignstats.readers.base import About, Context, Document, Refused, Row, Yield
from campaignstats.readers.items import Item

VERSION = 1

_NAME = re.compile(r"dataset_.+_(\d{4}-\d\d-\d\d)_(\d\d-\d\d-\d\d)-(\d{3})")
_REASON = re.compile(r"[\w .-]{1,60}")
_REACTIONS = ("Like", "Love", "Care", "Haha", "Wow", "Sad", "Angry")
_NESTED = 8  # depth of answers to answers; the sites show two


@dataclass(frozen=True)
class Actor:
    """What one scraper's items are known by, and how an item becomes rows."""

    NAME: str
    ACTOR: str
    PLATFORM: str
    rows: Callable[[Item], list[Row]]
    needed: tuple[frozenset[str], ...]  # each enough to know the scraper by
    never: frozenset[str]  # of another scraper
    roots: frozenset[str]  # what is looked at
    DAY: str = "UTC"
    GRAINS: tuple[str, ...] = ("comment",)
    VERSION: int = VERSION
    PERSONAL: bool = True
    CAPTURED: bool = False

    @property
    def HEADERS(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(map(base.header_key, names)) for names in self.needed)

    def claims(self, document: Document) -> bool:
        found = items.header_of(document, *self.needed) if document.kind in ("table", "workbook") else None
        if found is not None:
            return not self.never & set(found[1])
        return any(
            not self.never & set(item) and any(names <= _paths(item) for names in self.needed)
            for item in items.some_items(document)
        )

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        """The rows of every item; a refused one says why."""
        newest: datetime | None = None
        counted = held = unplaced = mended = bare = 0
        for item in items.items_of(document, self.roots, *self.needed):
            if not isinstance(item, Item):
                yield item
                continue
            try:
                rows = self.rows(item)
            except cells.CellRefused as problem:
                yield Refused(item.number, "", problem.rule, "", problem.details)
                continue
            for row in rows:  # before they are handed out: whoever takes them may change them
                newest = max((t for t in (newest, row.values.get("published_at")) if t), default=None)
                if row.table == "comment":
                    counted += 0 if row.values["is_reply"] else row.values["n_replies"] or 0
                    held += row.values["is_reply"] is True
                    unplaced += row.values["post_id"] is None
                    bare += row.values["comment_id"] is None
                mended += items.ID_FROM_LINK in (row.values.get("flags") or "")
            yield from rows
            yield from item.refused
        notes: list[tuple[str, dict[str, Any]]] = []
        if counted > held:
            notes.append(("apify.replies_missing", {"held": held, "counted": counted}))
        if bare:
            notes.append(("apify.overview", {"rows": bare}))
        if unplaced:
            notes.append(("apify.no_post", {"rows": unplaced}))
        if mended:
            notes.append(("items.ids_from_links", {"rows": mended}))
        at = _exported(context)
        yield About(
            exported_at=at or newest,
            exported_evidence="file_name" if at else "at_least" if newest else None,
            notes=tuple(notes),
        )


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _paths(item: dict[str, Any]) -> set[str]:
    """Names of the item, and those one step down as a table has them."""
    return set(item) | {f"{n}/{m}" for n, v in item.items() if isinstance(v, dict) for m in v}


def _exported(context: Context) -> datetime | None:
    """When the data set was downloaded, from the name that Apify gives it; its clock is UTC."""
    for name in reversed(context.names):
        if match := _NAME.search(name):
            try:
                found = datetime.strptime(f"{match[1]} {match[2]}", "%Y-%m-%d %H-%M-%S")
            except ValueError:
                continue
            return found.replace(microsecond=int(match[3]) * 1000, tzinfo=UTC)
    return None


def _refuse_errors(item: Item) -> None:
    """An item that has no content but an error is no comment and no post."""
    error = item.at("error")
    if error in (None, False, "") and not item.text("errorDescription"):
        return
    reason = items.plain_text(error) or ""
    raise cells.CellRefused("apify.error", reason=reason if _REASON.fullmatch(reason) else "?")


# ---- Facebook ------------------------------------------------------------------------------------------------------


def _fb_comments(item: Item) -> list[Row]:
    """A comment, and the answers that stand within it."""
    _refuse_errors(item)
    rows = [_fb_comment(item, None)]
    waiting = [(item, str(rows[0].values["comment_id"] or ""), 1)]
    while waiting:
        outer, parent, depth = waiting.pop()
        inner = outer.at("comments")
        for i, reply in enumerate(inner if isinstance(inner, list) else []):
            below = outer.below(reply, "comments", str(i)) if isinstance(reply, dict) and depth < _NESTED else None
            try:
                if below is None:
                    raise cells.CellRefused("apify.no_reply")
                row = _fb_comment(below, rows[0], parent=parent or None)
            except cells.CellRefused as problem:
                name = "/".join((*outer.path, "comments", str(i)))
                outer.refused.append(Refused(item.number, name, problem.rule, "", problem.details))
                continue
            rows.append(row)
            # Facebook has one level of answers: those below an answer belong to the same comment
            waiting.append((below, parent, depth + 1))
    return rows


def _fb_comment(item: Item, top: Row | None, *, parent: str | None = None) -> Row:
    text, author = item.text("text"), item.text("profileName")
    own = _decoded(item.text("id"), "comment") or _decoded(item.text("feedbackId"), "feedback")
    asked = parse_qs(_split(item.text("commentUrl")).query)
    post = item.id("facebookId", of="facebook")
    post = post or (own[0] if own else None) or (top.values["post_id"] if top else None)
    for name in ("facebookUrl", "inputUrl"):
        post = post or items.linked_id(item.text(name), "facebook")
    reply, outer = _only(asked.get("reply_comment_id")), _only(asked.get("comment_id"))
    legacy = item.id("commentId", of="facebook") or reply or outer
    comment = "_".join(own) if own else f"{post}_{legacy}" if post and legacy else legacy
    if comment is None and item.text("id"):
        comment = item.id("id", of="facebook")
    if text is None and author is None and comment is None:
        raise cells.CellRefused("apify.empty")
    # which comment an answer is to: by the link of the answer, by the scraper's own word, or because it stands within
    answered = (outer if reply else None) or item.id("replyToCommentId", of="facebook")
    if answered is not None and post is not None:
        parent = f"{post}_{answered}"
    depth = item.count("threadingDepth")
    return Row(
        "comment",
        item.number,
        {
            "platform": "facebook",
            "comment_id": comment,
            "post_id": post,
            "parent_id": parent,
            "author": _writer(item) or author,
            "is_owner": _same_page(item.text("profileUrl"), item.text("facebookUrl")),
            "is_reply": True if parent or top or reply else None if depth is None else depth > 0,
            "text": text,
            "published_at": item.instant("date"),
            "published_text": item.text("date"),
            "published_zone": "UTC" if item.text("date") else None,
            "likes": item.whole("likesCount"),
            "n_replies": item.whole("commentsCount"),
        },
    )


def _writer(item: Item) -> str | None:
    """What tells a writer from others of the same name: a number, or the name in the address; a pfbid changes."""
    number = item.text("profileId")
    if number is not None and number.isdigit():
        return number
    url = _split(item.text("profileUrl"))
    handle = url.path.strip("/").split("/")[0].casefold()
    if handle == "profile.php":
        return next(iter(parse_qs(url.query).get("id", [])), None)
    return handle if handle and handle != "people" and not handle.startswith("pfbid") else None


def _decoded(written: str | None, kind: str) -> tuple[str, str] | None:
    """(post, comment) from Facebook's own id, which is base64 of "comment:<post>_<comment>"."""
    try:
        plain = base64.b64decode(written or "", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    match = re.fullmatch(rf"{kind}:(\d+)_(\d+)", plain)
    return (match[1], match[2]) if match else None


def _only(values: list[str] | None) -> str | None:
    """The id that a link names, Facebook's two ways of writing it made one."""
    if not values:
        return None
    own = _decoded(values[0], "comment")
    return own[1] if own else values[0] if values[0].isdigit() else None


def _split(url: str | None) -> Any:
    try:
        return urlsplit(url or "")
    except ValueError:
        return urlsplit("")


def _same_page(profile: str | None, post: str | None) -> bool | None:
    """True where the writer's page is the one whose post it is; else unknown, as a page has several addresses."""
    writer, page = (_split(url).path.strip("/").split("/")[0].casefold() for url in (profile, post))
    return True if writer and writer == page and writer not in _NO_PAGE else None


_NO_PAGE = frozenset({"profile.php", "permalink.php", "groups", "reel", "watch", "share", "photo", "photo.php"})


def _fb_posts(item: Item) -> list[Row]:
    _refuse_errors(item)
    url = item.text("url") or item.text("topLevelUrl")
    post = items.linked_id(item.text("topLevelUrl"), "facebook")
    post, flag = items.mended_id(item, "postId", post or items.linked_id(url, "facebook"), of="facebook")
    if post is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "apify.no_id", name="postId")
    handle, name = item.text("pageName"), item.text("user", "name")
    account = name_id(handle) if handle else item.id("user", "id", of="facebook") or (name_id(name) if name else None)
    written = item.text("time") or item.text("timestamp")
    published = item.instant("time") if item.text("time") else item.epoch("timestamp")
    return items.post_rows(
        item,
        {
            **_fb_applause(item),
            "comments": item.count("comments"),
            "shares": item.count("shares"),
            "views": item.count("viewsCount"),
        },
        platform="facebook",
        post_id=post,
        account_id=account,
        account_name=name or handle,
        text=item.text("text"),
        kind=_fb_kind(item, url),
        published_at=published,
        published_precision="second" if published else None,
        published_text=written,
        published_zone="UTC" if written else None,
        permalink=url,
        is_share=True if isinstance(item.at("sharedPost"), dict) else None,
        flags=flag,
    )


def _fb_applause(item: Item) -> dict[str, float | None]:
    """``likes`` is all reactions where the item's own kinds of reaction add up to it; else what it counts is unsaid."""
    likes = item.count("likes")
    kinds = [item.count(f"reaction{kind}Count") for kind in _REACTIONS]
    proved = likes is not None and any(k is not None for k in kinds) and sum(k or 0 for k in kinds) == likes
    return {"reactions": likes} if proved else {"likes": likes}


def _fb_kind(item: Item, url: str | None) -> str:
    if url and "/reel/" in url:
        return "reel"
    kinds = {item.text("media", str(i), "__typename") for i in range(10)} - {None}
    if item.truth("isVideo") or "Video" in kinds:
        return "video"
    if "Photo" in kinds:
        return "photo"
    return "link" if item.text("link") else "other"


# ---- TikTok --------------------------------------------------------------------------------------------------------


def _tiktok_comment(item: Item) -> list[Row]:
    _refuse_errors(item)
    comment = item.id("cid", of="tiktok")
    if comment is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "apify.no_id", name="cid")
    url = item.text("videoWebUrl") or item.text("submittedVideoUrl")
    link = items.linked_post(url, "tiktok")
    written, author = item.text("createTimeISO"), item.text("uniqueId")
    replied = item.text("repliesToId") not in (None, "0")
    handle = link.handle if link else None
    return [
        Row(
            "comment",
            item.number,
            {
                "platform": "tiktok",
                "comment_id": comment,
                "post_id": link.post_id if link else None,
                "parent_id": item.id("repliesToId", of="tiktok") if replied else None,
                "author": author or item.text("uid"),
                "is_owner": author.casefold() == handle.casefold() if author and handle else None,
                "is_reply": replied,
                "text": item.text("text"),
                "published_at": item.instant("createTimeISO") if written else item.epoch("createTime"),
                "published_text": written or item.text("createTime"),
                "published_zone": "UTC",
                "likes": item.whole("diggCount"),
                "n_replies": item.whole("replyCommentTotal"),
            },
        )
    ]


def _tiktok_post(item: Item) -> list[Row]:
    _refuse_errors(item)
    url = item.text("webVideoUrl")
    post, mended = items.mended_id(item, "id", items.linked_id(url, "tiktok"), of="tiktok")
    if post is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "apify.no_id", name="id")
    handle = item.text("authorMeta", "name")
    written = item.text("createTimeISO") or item.text("createTime")
    published = item.instant("createTimeISO") if item.text("createTimeISO") else item.epoch("createTime")
    published, doubt = items.checked_time(published, cells.tiktok_time(post))
    return items.post_rows(
        item,
        {
            "views": item.count("playCount"),
            "likes": item.count("diggCount"),
            "comments": item.count("commentCount"),
            "shares": item.count("shareCount"),
            "saves": item.count("collectCount"),
        },
        platform="tiktok",
        post_id=post,
        account_id=name_id(handle) if handle else None,
        account_name=handle,
        text=item.text("text"),
        kind="photo" if item.truth("isSlideshow") else "video",
        published_at=published,
        published_precision="second" if published else None,
        published_text=written,
        published_zone="UTC",
        permalink=url,
        duration=item.number_at("videoMeta", "duration"),
        flags="|".join(f for f in (mended, doubt) if f) or None,
    )


# ---- a data set of errors alone ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Errors:
    """Nothing was found: every item is an error."""

    NAME: str = "apify_errors"
    PLATFORM: str | None = None
    HEADERS: tuple[frozenset[str], ...] = ()
    VERSION: int = VERSION
    DAY: str = "export"
    GRAINS: tuple[str, ...] = ("comment",)
    PERSONAL: bool = True

    def claims(self, document: Document) -> bool:
        if document.kind not in ("table", "workbook"):
            found = items.some_items(document)
            return bool(found) and all(isinstance(i.get("error"), str) and set(i) >= _ERRORS for i in found)
        header = items.header_of(document, _ERRORS)
        if header is None:
            return False
        place = header[1].index("error")
        below = [record for number, record in document.head if number > header[0]]
        return bool(below) and all(len(r) > place and items.plain_text(r[place]) for r in below)

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        reason = "?"
        for item in items.items_of(document, _ERRORS, _ERRORS):
            if not isinstance(item, Item):
                continue
            try:
                _refuse_errors(item)
            except cells.CellRefused as problem:
                reason = problem.details["reason"]
                continue
            # further down there is something, but nothing at the top tells which scraper's it is
            known = ", ".join(a.ACTOR for a in READERS if isinstance(a, Actor))
            yield Refused(0, "", "apify.other_actor", "", {"known": known})
            return
        yield Refused(0, "", "apify.only_errors", "", {"reason": reason})


_ERRORS = frozenset({"error", "errorDescription"})

READERS: tuple[Any, ...] = (
    Actor(
        "apify_fb_comments",
        "facebook-comments-scraper",
        "facebook",
        _fb_comments,
        (
            frozenset({"facebookUrl", "feedbackId", "text"}),
            frozenset({"facebookUrl", "commentUrl", "text"}),
            frozenset({"facebookUrl", "profileName", "text"}),
            frozenset({"facebookUrl", "likesCount", "postTitle", "text"}),  # the Overview: no id, no day
        ),
        frozenset({"postId", "topReactionsCount"}),
        _names(
            """facebookUrl commentUrl commentId id feedbackId date text profileUrl profileId profileName likesCount
            commentsCount comments threadingDepth facebookId inputUrl replyToCommentId error errorDescription"""
        ),
    ),
    Actor(
        "apify_fb_posts",
        "facebook-posts-scraper",
        "facebook",
        _fb_posts,
        (
            frozenset({"facebookUrl", "postId", "url"}),
            frozenset({"postId", "pageName", "url"}),
            frozenset({"postId", "topReactionsCount", "url"}),
        ),
        frozenset({"commentUrl", "threadingDepth"}),
        _names(
            """facebookUrl postId pageName url topLevelUrl time timestamp user text likes comments shares viewsCount
            media isVideo link sharedPost error errorDescription"""
        )
        | {f"reaction{kind}Count" for kind in _REACTIONS},
        GRAINS=("post_lifetime",),
        CAPTURED=True,
    ),
    Actor(
        "apify_tiktok_comments",
        "tiktok-comments-scraper",
        "tiktok",
        _tiktok_comment,
        (frozenset({"cid", "videoWebUrl", "text"}), frozenset({"cid", "submittedVideoUrl", "text"})),
        frozenset({"authorMeta"}),
        _names(
            """cid uid uniqueId text diggCount replyCommentTotal repliesToId createTime createTimeISO videoWebUrl
            submittedVideoUrl error errorDescription"""
        ),
    ),
    Actor(
        "apify_tiktok_posts",
        "tiktok-scraper",
        "tiktok",
        _tiktok_post,
        (
            frozenset({"id", "text", "authorMeta", "diggCount"}),
            frozenset({"id", "text", "webVideoUrl", "diggCount"}),
            frozenset({"id", "text", "authorMeta/name", "diggCount"}),
            frozenset({"id", "text", "authorMeta.name", "diggCount"}),
        ),
        frozenset({"cid"}),
        _names(
            """id text createTime createTimeISO authorMeta diggCount shareCount playCount commentCount collectCount
            videoMeta webVideoUrl isSlideshow error errorDescription"""
        ),
        GRAINS=("post_lifetime",),
        CAPTURED=True,
    ),
    Errors(),
)
