"""4CAT tables, and Zeeschuimer's own (the same columns with semicolons): one site a file, told by its columns.

``timestamp`` is the clock of whichever server or browser wrote the file and is never read; ``unix_timestamp`` is.
Sets that were pseudonymised hold hashes where the authors were.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaignstats.campaign import name_id
from campaignstats.readers import cells, items
from campaignstats.readers.base import About, Context, Document, Refused, Row, Yield, found_header
from campaignstats.readers.items import Item

VERSION = 1

_HASH = re.compile(r"[0-9a-f]{24,128}")
_GONE = ("redacted", "anonymous", "anonymised", "[deleted]")
_KINDS = {"video": "video", "photo": "photo", "picture": "photo", "mixed": "carousel"}


@dataclass(frozen=True)
class Site:
    """What one site's tables are known by, and how a record becomes rows."""

    NAME: str
    TITLE: str
    PLATFORM: str
    rows: Callable[[Item], list[Row]]
    needed: frozenset[str]
    GRAINS: tuple[str, ...] = ("post_lifetime",)
    CAPTURED: bool = True
    DAY: str = "UTC"
    VERSION: int = VERSION
    PERSONAL: bool = True

    @property
    def HEADERS(self) -> tuple[frozenset[str], ...]:
        return (self.needed,)

    def claims(self, document: Document) -> bool:
        return _site(document) is self

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        """The rows of every record, each with the counts that the site showed."""
        newest: datetime | None = None
        hashed = timeless = mended = 0
        for item in items.items_of(document, _ROOTS, self.needed):
            if not isinstance(item, Item):
                yield item
                continue
            try:
                rows = self.rows(item)
            except cells.CellRefused as problem:
                yield Refused(item.number, "", problem.rule, "", problem.details)
                continue
            hashed += _is_hash(item.text("author"))
            published = rows[0].values.get("published_at")
            timeless += published is None
            mended += items.ID_FROM_LINK in (rows[0].values.get("flags") or "")
            newest = max((t for t in (newest, published) if t), default=None)
            yield from rows
            yield from item.refused
        notes: list[tuple[str, dict[str, Any]]] = []
        if hashed:
            notes.append(("fourcat.pseudonymised", {"rows": hashed}))
        if timeless:
            notes.append(("fourcat.no_time", {"rows": timeless}))
        if mended:
            notes.append(("items.ids_from_links", {"rows": mended}))
        yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=tuple(notes))


def _is_hash(author: str | None) -> bool:
    return bool(author and (_HASH.fullmatch(author) or author.casefold() in _GONE))


def _author(item: Item) -> str | None:
    """Who wrote it: a handle or a hash; None where it was taken out."""
    author = item.text("author")
    if author is None or author.casefold() in _GONE:
        return None
    return author[1:] if author.startswith("@") and author[1:].isdigit() else author  # a number, where no handle is


def _account(item: Item) -> dict[str, Any]:
    """The account of a post; none where its name was hashed, as no declared account can be told by it."""
    handle = item.text("author")
    if handle is None or _is_hash(handle):
        return {"account_id": None, "account_name": None}
    return {"account_id": name_id(handle), "account_name": handle}


def _post_id(item: Item, link: str | None, platform: str) -> tuple[str, str | None]:
    """The record's id and a flag; one that a spreadsheet has rounded may still stand in its link."""
    own, flag = items.mended_id(item, "id", items.linked_id(link, platform), of=platform)
    if own is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "fourcat.no_id")
    return own, flag


def _time(item: Item, in_id: datetime | None, flag: str | None = None) -> dict[str, Any]:
    """The stated instant, else the one in the id, and the flags."""
    published, doubt = items.checked_time(item.epoch("unix_timestamp"), in_id)
    return {
        "published_at": published,
        "published_precision": "second" if published else None,
        "published_text": item.text("unix_timestamp"),
        "published_zone": "UTC" if published else None,
        "flags": "|".join(f for f in (flag, doubt) if f) or None,
    }


# ---- sites ---------------------------------------------------------------------------------------------------------


def _tiktok_post(item: Item) -> list[Row]:
    link = item.text("tiktok_url")
    post, flag = _post_id(item, link, "tiktok")
    handle = _account(item)["account_name"]
    return items.post_rows(
        item,
        {
            "views": item.count("plays"),
            "likes": item.count("likes"),
            "comments": item.count("comments"),
            "shares": item.count("shares"),
        },
        platform="tiktok",
        post_id=post,
        **_account(item),
        text=item.text("body"),
        kind="video",
        permalink=link if handle else None,  # the link names the author
        **_time(item, cells.tiktok_time(post), flag),
    )


def _tiktok_comment(item: Item) -> list[Row]:
    own = item.id("id", of="tiktok")
    if own is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "fourcat.no_id")
    reply = item.truth("is_comment_on_comment")
    published = item.epoch("unix_timestamp")
    linked = items.linked_id(item.text("post_url"), "tiktok")
    return [
        Row(
            "comment",
            item.number,
            {
                "platform": "tiktok",
                "comment_id": own,
                "post_id": items.mended_id(item, "post_id", linked, of="tiktok")[0],
                # the thread of an answer is the comment that it is to, that of any other comment is the post
                "parent_id": item.id("thread_id", of="tiktok") if reply else None,
                "author": _author(item),
                "is_reply": reply,
                "text": item.text("body"),
                "published_at": published,
                "published_text": item.text("unix_timestamp"),
                "published_zone": "UTC" if published else None,
                "likes": item.whole("likes"),
                "n_replies": item.whole("replies"),
            },
        )
    ]


def _facebook_post(item: Item) -> list[Row]:
    """Facebook's table has no counts. ``author`` is the end of the page's link, ``author_name`` its name."""
    link = item.text("url")
    post, flag = _post_id(item, link, "facebook")
    who = _account(item)
    if who["account_id"] is not None:
        who["account_name"] = item.text("author_name") or who["account_name"]
    return items.post_rows(
        item,
        {},
        platform="facebook",
        post_id=post,
        **who,
        text=item.text("body"),
        kind="video" if item.text("video_url") else "photo" if item.text("image_url") else "other",
        permalink=link if who["account_id"] else None,
        **_time(item, None, flag),
    )


def _instagram_post(item: Item) -> list[Row]:
    """A post; tables of the years when 4CAT collected by itself hold comments too, by their type."""
    if item.text("type") == "comment":
        return [_instagram_comment(item)]
    post, flag = _post_id(item, item.text("url"), "instagram")
    return items.post_rows(
        item,
        {"likes": item.count("num_likes"), "comments": item.count("num_comments")},
        platform="instagram",
        post_id=post,
        **_account(item),
        text=item.text("body"),
        kind=_KINDS.get(item.text("type") or "", "other"),
        permalink=f"https://www.instagram.com/p/{post}/",
        **_time(item, cells.ig_shortcode_time(post), flag),
    )


def _instagram_comment(item: Item) -> Row:
    own, post, parent = (item.id(name, of="instagram") for name in ("id", "thread_id", "parent_id"))
    if own is None:
        raise cells.CellRefused(item.refused[-1].rule if item.refused else "fourcat.no_id")
    published = item.epoch("unix_timestamp")
    return Row(
        "comment",
        item.number,
        {
            "platform": "instagram",
            "comment_id": own,
            "post_id": post,
            "parent_id": parent if parent != post else None,
            "author": _author(item),
            "is_reply": parent != post if parent else None,
            "text": item.text("body"),
            "published_at": published,
            "published_text": item.text("unix_timestamp"),
            "published_zone": "UTC" if published else None,
            "likes": item.whole("num_likes"),
            "n_replies": item.whole("num_comments"),
        },
    )


def _threads_post(item: Item) -> list[Row]:
    link = item.text("url")
    handle = _account(item)["account_name"]
    kind = "video" if item.text("video_url") else "photo" if item.text("image_url") else None
    post, flag = _post_id(item, link, "threads")
    return items.post_rows(
        item,
        {
            "likes": item.count("likes"),
            "reposts": item.count("reposts"),
            "replies": item.count("replies"),
            "quotes": item.count("quotes"),
        },
        platform="threads",
        post_id=post,
        **_account(item),
        text=item.text("body"),
        kind=kind or ("link" if item.text("link_url") else "text"),
        permalink=link if handle else None,
        **_time(item, None, flag),
    )


def _x_post(item: Item) -> list[Row]:
    link = item.text("link") or item.text("url")
    post, flag = _post_id(item, link, "x")
    repost = item.truth("is_retweet")
    handle = _account(item)["account_name"]
    counts = {
        "likes": item.count("like_count"),
        "reposts": item.count("retweet_count"),
        "replies": item.count("reply_count"),
        "quotes": item.count("quote_count"),
        "impressions": item.count("impression_count"),
    }
    return items.post_rows(
        item,
        {} if repost else counts,  # a repost shows the original's counts
        platform="x",
        post_id=post,
        **_account(item),
        text=item.text("body"),
        kind="other",
        permalink=link if handle else None,
        is_share=bool(repost),
        **_time(item, cells.snowflake_time(post), flag),
    )


# ---- which site ----------------------------------------------------------------------------------------------------

_COMMON = frozenset({"id", "body", "author", "timestamp"})
SITES = (
    Site(
        "fourcat_tiktok_posts",
        "TikTok (posts)",
        "tiktok",
        _tiktok_post,
        _COMMON | {"tiktok_url", "likes", "comments", "shares", "plays"},
    ),
    Site(
        "fourcat_tiktok_comments",
        "TikTok (comments)",
        "tiktok",
        _tiktok_comment,
        _COMMON | {"thread_id", "likes", "replies", "post_id", "is_comment_on_comment"},
        GRAINS=("comment",),
        CAPTURED=False,
    ),
    Site(
        "fourcat_facebook",
        "Facebook",
        "facebook",
        _facebook_post,
        _COMMON | {"url", "author_name", "is_in_group", "group_name", "unix_timestamp"},
    ),
    Site(
        "fourcat_instagram",
        "Instagram",
        "instagram",
        _instagram_post,
        _COMMON | {"thread_id", "parent_id", "type", "url", "num_likes", "num_comments"},
        GRAINS=("post_lifetime", "comment"),
    ),
    Site(
        "fourcat_threads",
        "Threads",
        "threads",
        _threads_post,
        _COMMON | {"thread_id", "url", "likes", "reposts", "replies", "quotes", "unix_timestamp"},
    ),
    Site(
        "fourcat_x",
        "X",
        "x",
        _x_post,
        _COMMON | {"thread_id", "retweet_count", "reply_count", "like_count", "quote_count", "is_retweet"},
    ),
)
_ROOTS = frozenset().union(*(s.needed for s in SITES)) | {
    "unix_timestamp",
    "link",
    "impression_count",
    "video_url",
    "image_url",
    "link_url",
    "post_url",
}
_ANY = _COMMON | {"thread_id"}


def _site(document: Document) -> Site | None:
    """The one site whose columns the table has; None where none or several fit."""
    if document.kind not in ("table", "workbook"):
        return None
    found = [s for s in SITES if items.header_of(document, s.needed)]
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Unknown:
    """A table of 4CAT's shape, of a site that its columns do not tell."""

    NAME: str = "fourcat_other"
    PLATFORM: str | None = None
    HEADERS: tuple[frozenset[str], ...] = (_ANY | {"unix_timestamp"},)
    VERSION: int = VERSION
    DAY: str = "UTC"
    GRAINS: tuple[str, ...] = ("post_lifetime",)
    PERSONAL: bool = True

    def claims(self, document: Document) -> bool:
        table = document.kind in ("table", "workbook")
        return table and _site(document) is None and found_header(document, self.HEADERS) is not None

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        """Refused; the sentence names the nearest sites and what each lacks."""
        header = items.header_of(document, _ANY)
        names = set(header[1]) if header else set()
        lacking = sorted((len(s.needed - names), i) for i, s in enumerate(SITES))
        near = [SITES[i] for n, i in lacking if n == lacking[0][0]]
        if lacking[0][0] == 0:
            told = {"sites": ", ".join(s.TITLE for s in near)}
            yield Refused(0, "", "fourcat.several_sites", "", told)
            return
        told = {"sites": "; ".join(f"{s.TITLE} ({', '.join(sorted(s.needed - names))})" for s in near)}
        yield Refused(0, "", "fourcat.no_site", "", told)


READERS: tuple[Any, ...] = (*SITES, Unknown())
