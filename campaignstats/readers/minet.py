"""minet: the comments of YouTube videos, as ``minet youtube comments`` writes them to CSV.

Columns after minet's type YouTubeComment (medialab/minet, ``minet/youtube/types.py``): the Data API's comments, a row
each, threads and replies alike; instants are ISO 8601 in UTC. minet puts the columns of the list that it was given
(names or links of the videos) before its own, so columns are found by name; where that list has one of the same name,
the file does not say which is which and is refused.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from campaignstats.readers import cells
from campaignstats.readers.base import About, Context, Document, Format, Refused, Row, Structure, Yield
from campaignstats.readers.columns import Header, too_long

_HEADERS = (
    frozenset({"video_id", "comment_id", "author_channel_id", "text", "like_count", "published_at", "reply_count"}),
)


def _comments(document: Document, context: Context) -> Iterator[Yield]:
    header = Header.claimed(document, _HEADERS, {})
    twice = sorted(key for key in _HEADERS[0] if header.keys.count(key) > 1)
    if twice:
        yield Refused(0, "", "header_twice", "", {"header": ", ".join(twice)})
        return
    at = {key: i for i, key in enumerate(header.keys)}
    newest: datetime | None = None
    for row, record in document.records():
        if row <= header.row:
            yield Structure(row)
            continue
        if (refused := too_long(header, row, record)) is not None:
            yield refused
            continue
        cell = {key: record[i] if i < len(record) else None for key, i in at.items()}
        try:
            comment_id, video = cells.platform_id(cell["comment_id"]), cells.platform_id(cell["video_id"])
        except cells.CellRefused as problem:
            yield Refused(row, "", problem.rule, str(cell["comment_id"]), problem.details)
            continue
        if comment_id is None:
            yield Refused(row, "", "no_id")
            continue
        doubts: list[Refused] = []
        parent, published_text = cells.text(cell.get("parent_comment_id")), cells.text(cell["published_at"])
        published = _believed(row, "published_at", published_text, cells.utc, doubts)
        newest = max((t for t in (newest, published) if t), default=None)
        yield Row(
            "comment",
            row,
            {
                "platform": "youtube",
                "comment_id": comment_id,
                "post_id": video,
                "parent_id": parent,
                # the channel's id first, as in the API's own pages: one person is one pseudonym in both
                "author": cells.text(cell["author_channel_id"]) or cells.text(cell.get("author_name")),
                "is_reply": parent is not None,
                "text": cells.text(cell["text"]),
                "published_at": published,
                "published_text": published_text,
                "published_zone": "UTC",
                "likes": _believed(row, "like_count", cell["like_count"], _count, doubts),
                "n_replies": _believed(row, "reply_count", cell["reply_count"], _count, doubts),
                "flags": "edited" if cells.text(cell.get("updated_at")) not in (None, published_text) else None,
            },
        )
        yield from doubts
    # the newest comment bounds the day of the download from below
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None)


def _believed(row: int, column: str, cell: Any, parsed: Any, doubts: list[Refused]) -> Any:
    """The parsed cell, or None and a refusal among ``doubts``."""
    try:
        value = parsed(cell)
    except cells.CellRefused as problem:
        doubts.append(Refused(row, column, problem.rule, str(cell), problem.details))
        return None
    return value


def _count(cell: Any) -> int | None:
    found = cells.number(cell, whole=True)
    return None if found is None else int(found)


READERS = (Format("minet_yt_comments", "youtube", _HEADERS, _comments, "UTC", ("comment",), PERSONAL=True),)
