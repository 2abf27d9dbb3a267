"""YouTube Data API v3: responses of commentThreads.list and comments.list, saved as JSON.

A file is one response, or a list of responses or of their items as collecting scripts write it. A record is a comment:
threads and their replies are numbered in the order of the file.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from campaignstats.readers import cells
from campaignstats.readers.base import About, Context, Document, Refused, Row, Yield
from campaignstats.readers.items import instant, plain_text, visible, whole

NAME = "yt_api_comments"
PERSONAL = True
VERSION = 2
PLATFORM = "youtube"
DAY = "UTC"
GRAINS = ("comment",)
HEADERS: tuple[frozenset[str], ...] = ()

_LISTS = ("youtube#commentThreadListResponse", "youtube#commentListResponse")
_ITEMS = ("youtube#commentThread", "youtube#comment")
_REASONS = ("commentsDisabled", "quotaExceeded", "videoNotFound", "forbidden")
_BREAK = re.compile(r"<br\s*/?>")
_TAG = re.compile(r"<[^>]+>")


def claims(document: Document) -> bool:
    if document.kind != "json":
        return False
    payload = document.payload
    return any(map(_known, payload[:3])) if isinstance(payload, list) else _known(payload)


def _known(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    return item.get("kind") in _LISTS + _ITEMS or _reason(item) is not None


def _reason(response: dict[str, Any]) -> str | None:
    """Why the API refused, where the response is one of its error bodies."""
    error = response.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("errors"), list):
        return None
    first = next((e for e in error["errors"] if isinstance(e, dict)), {})
    domain = str(first.get("domain", ""))
    return str(first.get("reason") or "unknown") if domain.startswith(("youtube", "usageLimits", "global")) else None


class _Found(NamedTuple):
    """One comment of a response, or what stands in its place."""

    comment: Any
    video: Any = None
    channel: Any = None
    parent: Any = None
    thread: dict[str, Any] | None = None  # snippet of the thread that a top-level comment opens


def read(document: Document, context: Context) -> Iterator[Yield]:
    """Comment rows; an error body is refused with its reason, and what the API left out is noted."""
    payload = document.payload
    if isinstance(payload, dict) and (reason := _reason(payload)) is not None:
        yield Refused(0, "", _error(reason), reason, {"reason": reason})
        return
    responses = payload if isinstance(payload, list) else [payload]
    number, newest = 0, None
    counted: dict[str, int] = {}  # thread -> replies that YouTube counts
    held: dict[str, set[str]] = {}  # thread -> replies of the file, whichever response they came in
    videos: dict[str, str] = {}  # thread -> video, for replies that came in a response of their own
    for number, found in document.items(_found(responses)):
        comment = found.comment
        if isinstance(comment, dict) and (reason := _reason(comment)) is not None:
            yield Refused(number, "", _error(reason), reason, {"reason": reason})
            continue
        if _kind(comment) != "youtube#comment" or not isinstance(comment.get("snippet"), dict):
            yield Refused(number, "", "yt_api.not_a_comment", _kind(comment))
            continue
        row, refused = _comment(number, found, videos)
        if found.thread is not None:
            if row.values["post_id"] is not None:
                videos[str(row.values["comment_id"])] = row.values["post_id"]
            total = _cell(number, "totalReplyCount", found.thread.get("totalReplyCount"), _count, refused)
            row.values["n_replies"] = total
            if total:
                counted[str(row.values["comment_id"])] = total
        if row.values["is_reply"]:
            held.setdefault(str(row.values["parent_id"]), set()).add(str(row.values["comment_id"]))
        yield row
        yield from refused
        published = row.values["published_at"]
        newest = max((t for t in (newest, published) if t), default=None)
    notes: list[tuple[str, dict[str, Any]]] = []
    pages = [r for r in responses if isinstance(r, dict) and r.get("kind") in _LISTS]
    if pages and pages[-1].get("nextPageToken"):
        notes.append(("yt_api.not_last_page", {}))
    missing = [n for thread, total in counted.items() if (n := total - len(held.get(thread, ()))) > 0]
    if missing:
        notes.append(("yt_api.replies_incomplete", {"threads": len(missing), "replies": sum(missing)}))
    if number == 0:
        notes.append(("yt_api.no_comments", {}))
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=tuple(notes))


def _found(responses: list[Any]) -> Iterator[_Found]:
    """Every comment in the order of the file: a thread's own, then its replies."""
    for response in responses:
        whole = isinstance(response, dict) and response.get("kind") in _LISTS
        items = response.get("items") or [] if whole else [response]
        for item in items if isinstance(items, list) else [items]:
            snippet = item.get("snippet") if isinstance(item, dict) else None
            if _kind(item) != "youtube#commentThread" or not isinstance(snippet, dict):
                yield _Found(item)
                continue
            replies = item.get("replies")
            replies = replies.get("comments") if isinstance(replies, dict) else None
            replies = replies if isinstance(replies, list) else []
            video, channel = snippet.get("videoId"), snippet.get("channelId")
            yield _Found(snippet.get("topLevelComment"), video, channel, None, snippet)
            for reply in replies:
                yield _Found(reply, video, channel, item.get("id"))


def _error(reason: str) -> str:
    return f"yt_api.error.{reason if reason in _REASONS else 'other'}"


def _kind(item: Any) -> str:
    return str(item.get("kind", "")) if isinstance(item, dict) else type(item).__name__


def _comment(number: int, found: _Found, videos: dict[str, str]) -> tuple[Row, list[Refused]]:
    comment, snippet = found.comment, found.comment["snippet"]
    parent = plain_text(snippet.get("parentId")) or plain_text(found.parent)
    text = _written(snippet.get("textOriginal"))
    if text is None and (marked_up := _written(snippet.get("textDisplay"))) is not None:
        text = unmarked(marked_up)
    writer = snippet.get("authorChannelId")
    writer = plain_text(writer.get("value") if isinstance(writer, dict) else writer)
    channel = plain_text(found.channel) or plain_text(snippet.get("channelId"))
    published_text = plain_text(snippet.get("publishedAt"))
    edited = plain_text(snippet.get("updatedAt")) not in (None, published_text)
    bad: list[Refused] = []
    values: dict[str, Any] = {
        "platform": PLATFORM,
        "comment_id": plain_text(comment.get("id")),
        "post_id": plain_text(found.video) or plain_text(snippet.get("videoId")) or videos.get(str(parent)),
        "parent_id": parent,
        "author": writer or plain_text(snippet.get("authorDisplayName")),
        "is_owner": writer == channel if writer and channel else None,
        "is_reply": parent is not None,
        "text": text or None,
        "published_at": _cell(number, "publishedAt", published_text, instant, bad),
        "published_text": published_text,
        "published_zone": "UTC",
        "likes": _cell(number, "likeCount", snippet.get("likeCount"), _count, bad),
        "flags": "edited" if edited else None,
    }
    return Row("comment", number, values), bad


def _written(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def unmarked(marked_up: str) -> str:
    """The plain text of a comment that YouTube has marked up as HTML."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", marked_up)))


def _cell(number: int, column: str, value: Any, parsed: Callable[[Any], Any], bad: list[Refused]) -> Any:
    try:
        return parsed(value)
    except cells.CellRefused as refused:
        bad.append(Refused(number, column, refused.rule, str(value)[:120], refused.details))
    except OverflowError:
        bad.append(Refused(number, column, "not_a_number", str(value)[:120]))
    return None


def _count(value: Any) -> int | None:
    return whole(visible(cells.number(value, whole=True)))
