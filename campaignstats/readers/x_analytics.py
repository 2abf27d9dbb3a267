"""X: content and account overview of 2024 and later, and Twitter Analytics before. FORMATS 7a, 7b.

Dates are UTC dates; the exact second of a post is in its id. A ghost row (no id, no text, a link to
``.../status/undefined``, all zeros) is refused. Replies to others are posts too, with the flag "is_reply".
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaignstats.readers import cells as cell
from campaignstats.readers.base import About, Context, Document, Format, Refused, Row, Skipped, Structure, Yield
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.columns import Header, no_items, settled, signed, slashed_form, too_long
from campaignstats.readers.links import parsed_link

_DAYS = ("%a, %b %d, %Y", "iso", "%b %d, %Y")
_COMMON = {
    "impressions": "impressions",
    "likes": "likes",
    "engagements": "engagements",
    "bookmarks": "bookmarks",
    "shares": "shares",
    "new follows": "follows",
    "replies": "replies",
    "reposts": "reposts",
    "profile visits": "profile_visits",
}
_CONTENT = {
    **_COMMON,
    "detail expands": "detail_expands",
    "url clicks": "url_clicks",
    "hashtag clicks": "hashtag_clicks",
    "permalink clicks": "permalink_clicks",
}
_OVERVIEW = {
    **_COMMON,
    "unfollows": "unfollows",
    "create post": "posts_created",
    "video views": "video_views",
    "media views": "media_views",
}
_LEGACY = {
    "impressions": "impressions",
    "engagements": "engagements",
    "retweets": "reposts",
    "replies": "replies",
    "likes": "likes",
    "favorites": "likes",
    "user profile clicks": "profile_visits",
    "url clicks": "url_clicks",
    "hashtag clicks": "hashtag_clicks",
    "detail expands": "detail_expands",
    "permalink clicks": "permalink_clicks",
    "follows": "follows",
    "media views": "media_views",
}
_CONTENT_HEADERS = (frozenset({"post id", "post link", "post text", "impressions", "engagements"}),)
_OVERVIEW_HEADERS = (frozenset({"date", "impressions", "engagements", "new follows", "create post"}),)
_LEGACY_HEADERS = (frozenset({"tweet id", "tweet permalink", "impressions", "engagements"}),)

# account_analytics_content_2025-11-01_2025-11-30.csv, tweet_activity_metrics_<handle>_20170401_20170501_en.csv
_PERIOD = re.compile(r"(\d{4}-?\d{2}-?\d{2})_(\d{4}-?\d{2}-?\d{2})")
_LEGACY_NAME = re.compile(r"tweet_activity_metrics_(\w+?)_\d{8}_\d{8}", re.IGNORECASE)
_MINUTES = timedelta(minutes=30)
_ID = re.compile("[0-9]{1,20}")
_FIRST_SNOWFLAKE = 29_700_000_000  # ids below were counted, and hold no time


def _period(context: Context) -> tuple[date | None, date | None]:
    """The range that was chosen: declared, or in the innermost name that has one."""
    if context.period_start or context.period_end:
        return context.period_start, context.period_end
    for name in reversed(context.names):
        found = _PERIOD.search(name)
        if found is not None:
            try:
                return date.fromisoformat(found[1]), date.fromisoformat(found[2])
            except ValueError:
                continue
    return None, None


def _made(id_: str) -> datetime | None:
    return cell.snowflake_time(id_) if int(id_) > _FIRST_SNOWFLAKE else None


def _identity(id_cell: Any, link_cell: Any) -> tuple[str, str | None, str | None]:
    """(post id, handle, link): from the id, or from the link where a spreadsheet has rounded the id."""
    link = parsed_link(str(link_cell)) if cell.text(link_cell) else None
    linked = link.post_id if link and link.platform == "x" and _ID.fullmatch(link.post_id) else None
    handle = link.handle if link and link.platform == "x" and link.handle not in ("i", "undefined") else None
    try:
        id_ = cell.platform_id(id_cell)
    except CellRefused:
        if linked is None:
            raise
        id_ = linked
    if id_ is None or not _ID.fullmatch(id_):
        if linked is None:
            raise CellRefused("x.bad_post_id")
        id_ = linked
    return id_, handle, link.url if link else None


def _is_ghost(id_cell: Any, text: Any, link: Any) -> bool:
    no_id = str(id_cell if id_cell is not None else "").strip().casefold() in cell.MISSING
    return no_id and cell.text(text) is None and str(link or "undefined").rstrip("/").endswith("undefined")


def _content(document: Document, context: Context) -> Iterator[Yield]:
    """Posts with their figures as they stood at the export.

    The range in the file's name is taken to choose the posts, not the days that are counted; X does not say.
    """
    yield from _posts(document, context, _CONTENT_HEADERS, _CONTENT, ("post id", "post link", "post text", "date"))


def _legacy(document: Document, context: Context) -> Iterator[Yield]:
    yield from _posts(
        document, context, _LEGACY_HEADERS, _LEGACY, ("tweet id", "tweet permalink", "tweet text", "time")
    )


def _posts(
    document: Document,
    context: Context,
    signature: tuple[frozenset[str], ...],
    metrics: dict[str, str],
    names: tuple[str, str, str, str],
) -> Iterator[Yield]:
    header = Header.claimed(document, signature, metrics)
    id_at, link_at, text_at, date_at = (header.column(n) for n in names)
    records = list(document.records())
    slashed = slashed_form(
        c[date_at] for n, c in records if n > header.row and date_at is not None and date_at < len(c)
    )
    start, end = _period(context)
    paid = [i for i, k in enumerate(header.keys) if k.startswith("promoted ")]
    newest: datetime | None = None
    rows_of: list[Yield] = []
    fates = no_items(records, header.row, header.keys, (id_at, link_at), header.figures)
    for row, cells in records:
        if row <= header.row:
            yield Structure(row)
            continue

        def at(place: int | None, cells: list[Any] = cells) -> Any:
            return cells[place] if place is not None and place < len(cells) else None

        if (fate := fates.get(row) or too_long(header, row, cells)) is not None:
            yield fate
            continue
        if _is_ghost(at(id_at), at(text_at), at(link_at)):
            yield Refused(row, "", "ghost_row", str(at(link_at) or ""))
            continue
        try:
            id_, handle, link = _identity(at(id_at), at(link_at))
        except CellRefused as problem:
            yield Refused(row, "", problem.rule, str(at(id_at) or ""), problem.details)
            continue
        values, doubts = header.values(row, cells)
        written, flags = at(date_at), []
        instant, precision = _made(id_), "second"
        try:
            first, last = _stated(written, slashed)
        except CellRefused as problem:
            details = {**problem.details, "expected": "Sun, Nov 9, 2025"}
            doubts.append(Refused(row, header.names[date_at or 0], problem.rule, str(written), details))
            first = last = None
        if instant is None and first is not None:
            instant, precision = first, "day" if last != first else "minute"
        elif instant and first and last and not first - _MINUTES <= instant <= last + _MINUTES:
            flags.append("time_differs_from_id")
        text = cell.text(at(text_at))
        if text and text.startswith("@"):
            flags.append("is_reply")
        if any(cell.text(at(i)) not in (None, "-", "0", "0.0") for i in paid):
            flags.append("promoted")
        newest = max(filter(None, (newest, instant)), default=None)
        post: dict[str, Any] = {
            "platform": "x",
            "post_id": id_,
            "account_name": handle,
            "text": text,
            "permalink": link,
            "status": "ok",
            "flags": "|".join(flags) or None,
        }
        if cell.text(written) is not None:
            post["published_text"] = str(written).strip()
        if instant is not None:
            post |= {"published_at": instant, "published_precision": precision, "published_zone": "UTC"}
        if "promoted" in flags:
            # whether the plain columns hold the paid part too is written nowhere: better no figure than a wrong one
            doubts.append(Refused(row, "promoted impressions", "x.promoted", str(at(paid[0]))))
            values = {}
        same = {"platform": "x", "item_kind": "post", "item": id_, "grain": "post_lifetime"}
        same |= {"traffic": "total", "evidence": "export"}
        figures = [Row("metric", row, {**same, "metric": m, "value": v}) for m, v in values.items()]
        rows_of.extend(settled(row, [Row("post", row, post), *figures], doubts))
    handles = {i.values["account_name"] for i in rows_of if isinstance(i, Row) and i.table == "post"} - {None}
    from_name = next((m[1] for n in reversed(context.names) if (m := _LEGACY_NAME.search(n))), None)
    ended = cell.zoned(datetime(end.year, end.month, end.day), "UTC") if end else None
    at_least = max(filter(None, (newest, ended)), default=None)
    yield About(
        language="en",
        exported_at=at_least,
        exported_evidence="at_least" if at_least else None,
        period_start=start,
        period_end=end,
        account_name=from_name or (handles.pop() if len(handles) == 1 else None),
    )
    yield from rows_of


def _stated(written: Any, slashed: str | None) -> tuple[datetime | None, datetime | None]:
    """The first and last instant that the cell's date may mean, in UTC."""
    if cell.text(written) is None:
        return None, None
    forms = (*_DAYS, "%Y-%m-%d %H:%M %z", *((slashed,) if slashed else ()))
    found = cell.clock(written, *forms)
    if found is None:
        return None, None
    at = cell.zoned(found, "UTC")
    timed = ":" in str(written)
    return at, at if timed else at + timedelta(days=1) - timedelta(seconds=1)


def _overview(document: Document, context: Context) -> Iterator[Yield]:
    header = Header.claimed(document, _OVERVIEW_HEADERS, _OVERVIEW)
    place = header.column("date") or 0
    records = list(document.records())
    slashed = slashed_form(c[place] for n, c in records if n > header.row and place < len(c))
    forms = (*_DAYS, *((slashed,) if slashed else ()))
    days: list[date] = []
    for row, cells in records:
        if row <= header.row:
            yield Structure(row)
            continue
        if (refused := too_long(header, row, cells)) is not None:
            yield refused
            continue
        written = cells[place] if place < len(cells) else None
        try:
            day = cell.day(written, *forms)
        except CellRefused as problem:
            yield Refused(row, "", problem.rule, str(written), {**problem.details, "expected": "Sun, Nov 9, 2025"})
            continue
        values, doubts = header.values(row, cells, {"likes": signed, "reposts": signed, "bookmarks": signed})
        if day is None:
            yield Refused(row, "", "columns.no_date", "") if values else Skipped(row, "no_values")
            continue
        days.append(day)
        same = {
            "platform": "x",
            "item_kind": "account",
            "traffic": "total",
            "grain": "account_day",
            "period_start": day,
            "period_end": day,
            "day_zone": "UTC",
            "evidence": "export",
        }
        rows = [Row("metric", row, {**same, "metric": m, "value": v}) for m, v in values.items()]
        yield from settled(row, rows, doubts)
    last = max(days, default=None)
    yield About(
        language="en",
        exported_at=datetime(last.year, last.month, last.day, tzinfo=UTC) if last else None,
        exported_evidence="at_least" if last else None,
        period_start=min(days, default=None),
        period_end=last,
    )


READERS = (
    Format("x_content", "x", _CONTENT_HEADERS, _content, "UTC", ("post_lifetime",)),
    Format("x_overview", "x", _OVERVIEW_HEADERS, _overview, "UTC", ("account_day",)),
    Format("tw_activity_legacy", "x", _LEGACY_HEADERS, _legacy, "UTC", ("post_lifetime",)),
)
