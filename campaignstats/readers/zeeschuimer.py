"""Zeeschuimer: what a person's browser was shown, one JSON object a line; also as 4CAT stores it after import.

Posts of TikTok, Instagram, Threads, Facebook and X, and comments of TikTok; items of other sites are refused by name.
An item may come again with newer counts: each is kept, with its own ``as_of``. The address that was open
(``source_url``) may hold session tokens and is never looked at.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from campaignstats.campaign import name_id
from campaignstats.readers import cells
from campaignstats.readers.base import About, Context, Document, Refused, Row, Yield
from campaignstats.readers.items import TOLERANCE, inside, plain_text, visible, whole

NAME = "zeeschuimer"
PERSONAL = True
VERSION = 4
CAPTURED = True
PLATFORM = None
DAY = "UTC"
GRAINS = ("post_lifetime", "comment")
HEADERS: tuple[frozenset[str], ...] = ()

_TIKTOK_METRICS = {
    "views": "playCount",
    "likes": "diggCount",
    "comments": "commentCount",
    "shares": "shareCount",
    "saves": "collectCount",
}
_X_METRICS = {
    "likes": "favorite_count",
    "reposts": "retweet_count",
    "replies": "reply_count",
    "quotes": "quote_count",
    "bookmarks": "bookmark_count",
}
_THREADS_METRICS = {"reposts": "repost_count", "replies": "direct_reply_count", "quotes": "quote_count"}
_X_CLOCK = "%a %b %d %H:%M:%S %z %Y"


def claims(document: Document) -> bool:
    return document.kind == "ndjson" and any(_envelope(item) is not None for _, item in document.head[:5])


def read(document: Document, context: Context) -> Iterator[Yield]:
    """A post with its counts, or a comment, for every item."""
    newest: datetime | None = None
    platforms = set()
    for number, item in document.records():
        envelope = _envelope(item)
        if envelope is None:
            yield Refused(number, "", "zeeschuimer.not_an_item")
            continue
        site, data, collected = envelope
        parse = _SITES.get(site)
        if parse is None:
            yield Refused(number, "", "zeeschuimer.site", site[:60], {"site": site[:60]})
            continue
        taken = _Item(number, data)
        as_of = taken.cell("timestamp_collected", collected, _milliseconds)
        try:
            rows = parse(taken, as_of)
        except cells.CellRefused as refused:
            yield Refused(number, "", refused.rule, "", refused.details)
            continue
        yield from rows
        yield from taken.refused
        platforms.add(rows[0].values["platform"])
        newest = max((t for t in (newest, as_of) if t), default=None)
    yield About(
        platform=platforms.pop() if len(platforms) == 1 else None,
        exported_at=newest,
        exported_evidence="content" if newest else None,
    )


def _envelope(item: Any) -> tuple[str, dict[str, Any], Any] | None:
    """(site, data, when it was collected) of an item as Zeeschuimer or 4CAT writes it; None if it is neither."""
    if not isinstance(item, dict):
        return None
    around = item.get("__import_meta", item)
    data = item if around is not item else item.get("data")
    if not isinstance(around, dict) or not isinstance(data, dict) or not isinstance(around.get("source_platform"), str):
        return None
    collected = around.get("last_updated") or around.get("timestamp_collected")
    return around["source_platform"], data, collected


class _Item:
    """One item and what was refused of it."""

    def __init__(self, number: int, data: dict[str, Any]) -> None:
        self.number = number
        self.data = data
        self.refused: list[Refused] = []

    def cell(self, name: str, value: Any, parsed: Callable[[Any], Any]) -> Any:
        try:
            return parsed(value)
        except cells.CellRefused as problem:
            rule, details = problem.rule, problem.details
        except OverflowError:  # a whole number of 400 digits
            rule, details = "not_a_number", {}
        self.refused.append(Refused(self.number, name, rule, str(value)[:120], details))
        return None

    def instant(self, name: str, value: Any, in_id: datetime | None) -> tuple[datetime | None, list[str]]:
        """The stated time, else the one in the id; and a flag where they differ."""
        found = self.cell(name, value, cells.from_epoch)
        if found is None:
            return in_id, ["time_from_id"] if in_id else []
        return found, ["time_differs_from_id"] if in_id and abs(found - in_id) > TOLERANCE else []

    def post(self, as_of: datetime | None, counts: dict[str, tuple[str, Any]], **values: Any) -> list[Row]:
        """The post's row and one for every count; a count below zero says that it is hidden."""
        handle = values.pop("handle", None) or values["account_name"]
        values["account_id"] = name_id(handle) if handle is not None else None
        rows = [Row("post", self.number, {**values, "status": "ok", "as_of": as_of})]
        for metric, (name, value) in counts.items():
            count = self.cell(name, value, visible)
            if count is None:
                continue
            rows.append(
                Row(
                    "metric",
                    self.number,
                    {
                        "platform": values["platform"],
                        "item_kind": "post",
                        "item": values["post_id"],
                        "account_id": values["account_id"],
                        "metric": metric,
                        "traffic": "total",
                        "grain": "post_lifetime",
                        "value": count,
                        "evidence": "export",
                        "as_of": as_of,
                    },
                )
            )
        return rows


def _tiktok_post(item: _Item, as_of: datetime | None) -> list[Row]:
    data = item.data
    post_id = _id(data, "id")
    handle = plain_text(inside(data, "author", "uniqueId")) or plain_text(data.get("author"))
    published, flags = item.instant("createTime", data.get("createTime"), cells.tiktok_time(post_id))
    photo = "imagePost" in data
    return item.post(
        as_of,
        {metric: (name, inside(data, "stats", name)) for metric, name in _TIKTOK_METRICS.items()},
        platform="tiktok",
        post_id=post_id,
        account_name=handle,
        text=plain_text(data.get("desc")),
        kind="photo" if photo else "video",
        published_at=published,
        published_precision="second",
        published_text=plain_text(data.get("createTime")),
        published_zone="UTC",
        permalink=f"https://www.tiktok.com/@{handle}/{'photo' if photo else 'video'}/{post_id}" if handle else None,
        duration=item.cell("duration", inside(data, "video", "duration"), visible),
        flags="|".join(flags) or None,
    )


def _tiktok_comment(item: _Item, as_of: datetime | None) -> list[Row]:
    data = item.data
    parent = plain_text(data.get("reply_id"))
    parent = parent if parent not in (None, "0") else None
    values = {
        "platform": "tiktok",
        "comment_id": _id(data, "cid"),
        "post_id": plain_text(data.get("aweme_id")),
        "parent_id": parent,
        "author": plain_text(inside(data, "user", "unique_id")) or plain_text(inside(data, "user", "uid")),
        "is_reply": parent is not None,
        "text": plain_text(data.get("text")),
        "published_at": item.cell("create_time", data.get("create_time"), cells.from_epoch),
        "published_text": plain_text(data.get("create_time")),
        "published_zone": "UTC",
        "likes": whole(item.cell("digg_count", data.get("digg_count"), visible)),
        "n_replies": whole(item.cell("reply_comment_total", data.get("reply_comment_total"), visible)),
        "as_of": as_of,
    }
    return [Row("comment", item.number, values)]


def _instagram_post(item: _Item, as_of: datetime | None) -> list[Row]:
    """Three shapes: the web's GraphQL node, the app's item, and the newer GraphQL that wraps the app's item."""
    data = item.data
    data = data["media"] if isinstance(data.get("media"), dict) else data
    item.data = data
    graph = "shortcode" in data
    post_id = _id(data, "shortcode" if graph else "code")
    user = inside(data, "owner", "username") or inside(data, "user", "username")
    if graph:
        edges = inside(data, "edge_media_to_caption", "edges")
        caption = inside(edges[0], "node", "text") if isinstance(edges, list) and edges else None
        counts = {
            "likes": ("edge_media_preview_like", inside(data, "edge_media_preview_like", "count")),
            "comments": ("edge_media_to_comment", inside(data, "edge_media_to_comment", "count")),
            "views": ("video_view_count", data.get("video_view_count")),
        }
        stamp, when = "taken_at_timestamp", data.get("taken_at_timestamp")
        kinds = {"GraphVideo": "video", "GraphSidecar": "carousel", "GraphImage": "photo"}
        kind = kinds.get(plain_text(data.get("__typename")) or "")
        if kind is None and "is_video" in data:
            kind = "video" if data["is_video"] else "photo"
    else:
        caption = inside(data, "caption", "text") if isinstance(data.get("caption"), dict) else data.get("caption")
        hidden = data.get("like_and_view_counts_disabled") is True
        plays = data.get("play_count") if data.get("play_count") is not None else data.get("view_count")
        counts = {
            "likes": ("like_count", None if hidden else data.get("like_count")),
            "comments": ("comment_count", data.get("comment_count")),
            "views": ("play_count", None if hidden else plays),
        }
        stamp, when = "taken_at", data.get("taken_at")
        kind = {"1": "photo", "2": "video", "8": "carousel"}.get(plain_text(data.get("media_type")) or "")
    kind = "reel" if data.get("product_type") == "clips" else kind
    published, flags = item.instant(stamp, when, cells.ig_shortcode_time(post_id))
    return item.post(
        as_of,
        counts,
        platform="instagram",
        post_id=post_id,
        account_name=plain_text(user),
        text=plain_text(caption),
        kind=kind or "other",
        published_at=published,
        published_precision="second",
        published_text=plain_text(when),
        published_zone="UTC",
        permalink=f"https://www.instagram.com/p/{post_id}/",
        duration=item.cell("video_duration", data.get("video_duration"), cells.number),
        flags="|".join(flags) or None,
    )


def _x_post(item: _Item, as_of: datetime | None) -> list[Row]:
    data = item.data
    data = data["tweet"] if isinstance(data.get("tweet"), dict) else data  # a post of limited visibility
    item.data = data
    post_id = _id(data, "rest_id")
    legacy = data.get("legacy")
    if not isinstance(legacy, dict):
        raise cells.CellRefused("zeeschuimer.no_content")
    user = inside(data, "core", "user_results", "result")
    handle = plain_text(inside(user, "legacy", "screen_name") or inside(user, "core", "screen_name"))
    in_id = cells.snowflake_time(post_id)
    stated = item.cell("created_at", legacy.get("created_at"), lambda c: cells.clock(c, _X_CLOCK))
    published = cells.zoned(stated, "UTC") if stated else in_id
    flags = [] if stated else ["time_from_id"] if in_id else []
    if stated and in_id and published and abs(published - in_id) > TOLERANCE:
        flags = ["time_differs_from_id"]
    long_text = inside(data, "note_tweet", "note_tweet_results", "result", "text")
    original = inside(legacy, "retweeted_status_result", "result")
    counts = {metric: (name, legacy.get(name)) for metric, name in _X_METRICS.items()}
    return item.post(
        as_of,
        # a repost shows the original's counts: they are not the reposting account's
        {} if original is not None else {**counts, "impressions": ("views", inside(data, "views", "count"))},
        platform="x",
        post_id=post_id,
        account_name=handle,
        text=plain_text(long_text) or plain_text(legacy.get("full_text")),
        kind="other",
        published_at=published,
        published_precision="second",
        published_text=plain_text(legacy.get("created_at")),
        published_zone="UTC",
        permalink=f"https://x.com/{handle}/status/{post_id}" if handle else None,
        is_share=original is not None,
        flags="|".join(flags) or None,
    )


def _threads_post(item: _Item, as_of: datetime | None) -> list[Row]:
    """A post of Threads; a repost shows the original's counts, which are not the reposting account's."""
    data = item.data
    post_id = _id(data, "code")
    handle = plain_text(inside(data, "user", "username"))
    info = data.get("text_post_app_info")
    shared = isinstance(inside(info, "share_info", "reposted_post"), dict)
    published, flags = item.instant("taken_at", data.get("taken_at"), None)
    counts = {metric: (name, inside(info, name)) for metric, name in _THREADS_METRICS.items()}
    kinds = {"carousel": "carousel_media", "video": "video_versions", "photo": "image_versions2"}
    media = {k: data.get(v) for k, v in kinds.items()}
    if isinstance(media["photo"], dict):
        media["photo"] = media["photo"].get("candidates")
    linked = inside(info, "link_preview_attachment") is not None
    return item.post(
        as_of,
        {} if shared else {"likes": ("like_count", data.get("like_count")), **counts},
        platform="threads",
        post_id=post_id,
        account_name=handle,
        text=plain_text(inside(data, "caption", "text")),
        kind=next((k for k, v in media.items() if v), "link" if linked else "text"),
        published_at=published,
        published_precision="second",
        published_text=plain_text(data.get("taken_at")),
        published_zone="UTC",
        permalink=f"https://www.threads.com/@{handle}/post/{post_id}" if handle else None,
        is_share=shared,
        flags="|".join(flags) or None,
    )


def _facebook_post(item: _Item, as_of: datetime | None) -> list[Row]:
    """What is certain of a story of Facebook: id, text, time and page. Where its counts stand changes."""
    sections = item.data.get("comet_sections")
    story = inside(sections, "content", "story")
    if not isinstance(story, dict):
        raise cells.CellRefused("zeeschuimer.no_story")
    post_id = _id(story, "post_id")
    actors = story.get("actors")
    page = actors[0] if isinstance(actors, list) and actors else None
    address = plain_text(inside(page, "url")) or ""
    metadata = inside(sections, "context_layout", "story", "comet_sections", "metadata")
    stamps = [inside(m, "story", "creation_time") for m in metadata] if isinstance(metadata, list) else []
    when = next((stamp for stamp in stamps if stamp is not None), None)
    published, flags = item.instant("creation_time", when, None)
    link = plain_text(story.get("wwwURL"))
    return item.post(
        as_of,
        {},
        platform="facebook",
        post_id=post_id,
        handle=address.rstrip("/").rpartition("/")[2] or None,
        account_name=plain_text(inside(page, "name")),
        text=plain_text(inside(story, "message", "text")),
        kind="reel" if link and "/reel/" in link else "other",
        published_at=published,
        published_precision="second" if published else None,
        published_text=plain_text(when),
        published_zone="UTC",
        permalink=link,
        flags="|".join(flags) or None,
    )


_SITES: dict[str, Callable[[_Item, datetime | None], list[Row]]] = {
    "tiktok.com": _tiktok_post,
    "tiktok-comments": _tiktok_comment,
    "instagram.com": _instagram_post,
    "threads.net": _threads_post,
    "threads.com": _threads_post,
    "facebook.com": _facebook_post,
    "twitter.com": _x_post,
    "x.com": _x_post,
}


def _id(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    # no spreadsheet has been here: a string of digits is whole even where it ends in zeros
    found = value.strip() if isinstance(value, str) and value.strip().isdigit() else cells.platform_id(value)
    if found is None:
        raise cells.CellRefused("zeeschuimer.no_id", name=name)
    return found


def _milliseconds(value: Any) -> datetime | None:
    found = cells.number(value)
    return cells.from_epoch(found / 1000) if found is not None else None
