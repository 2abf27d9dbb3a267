"""TikTok Business Suite: overview, audience and videos of a business account. FORMATS 6b.

Dates have their year (``2025/10/31``); a video's post time is UTC, a few seconds after the instant in its id. "--" and
"NAN" are missing values. Days are the account's own; their zone is not stated, the campaign's is taken.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaignstats.readers import cells as cell
from campaignstats.readers.base import About, Context, Document, Format, Refused, Row, Structure, Yield
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.columns import Header, no_items, settled, signed, slashed_form, too_long
from campaignstats.readers.tiktok_studio import linked_post, post_rows

_DAYS = ("%Y/%m/%d", "iso")
_OVERVIEW = {
    "video views": "views",
    "reached audience": "reach",
    "profile views": "profile_visits",
    "likes": "likes",
    "shares": "shares",
    "comments": "comments",
    "phone number clicks": "phone_clicks",
    "leads submission": "leads",
    "net growth": "net_followers",
    "new followers": "new_followers",
    "lost followers": "lost_followers",
}
_AUDIENCE = {
    "new followers": "new_followers",
    "total followers": "followers",
    "reached audience": "reach",
    "engaged audience": "engaged_audience",
}
_VIDEOS = {
    "video views": "views",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "add to favorites": "saves",
}
_SIGNED = dict.fromkeys(("net_followers", "likes", "comments", "shares"), signed)  # given less taken back, in a day
_INSTANTS = ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M")
_SAME = timedelta(minutes=30)


def _series(required: frozenset[str], metrics: dict[str, str]) -> Callable[[Document, Context], Iterator[Yield]]:
    def read(document: Document, context: Context) -> Iterator[Yield]:
        header = Header.claimed(document, (required,), metrics)
        place = header.column("date") or 0
        records = list(document.records())
        forms = (*_DAYS, *_slashed(c[place] for n, c in records if n > header.row and place < len(c)))
        first: date | None = None
        last: date | None = None
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
                yield Refused(row, "", problem.rule, str(written), {**problem.details, "expected": "2025/10/31"})
                continue
            if day is None:
                yield Refused(row, "", "columns.no_date", "")
                continue
            first, last = min(day, first or day), max(day, last or day)
            values, doubts = header.values(row, cells, _SIGNED)
            same = {
                "platform": "tiktok",
                "item_kind": "account",
                "traffic": "total",
                "grain": "account_day",
                "period_start": day,
                "period_end": day,
                "day_zone": context.timezone,
                "evidence": "export",
            }
            rows = [Row("metric", row, {**same, "metric": m, "value": v}) for m, v in values.items()]
            yield from settled(row, rows, doubts)
        yield About(
            language="en",
            exported_at=_start(last, context),
            exported_evidence="at_least" if last else None,
            period_start=first,
            period_end=last,
        )

    return read


def _slashed(written: Any) -> tuple[str, ...]:
    """The form that a spreadsheet gave the dates, where all of them together leave no doubt."""
    form = slashed_form(written)
    return (form,) if form else ()


def _start(day: date | None, context: Context) -> datetime | None:
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(context.timezone)).astimezone(UTC)


def _videos(document: Document, context: Context) -> Iterator[Yield]:
    header = Header.claimed(document, (_VIDEO_HEADERS,), _VIDEOS)
    link_at, time_at = header.column("video link") or 0, header.column("post time") or 0
    title_at = header.column("video title")
    newest: datetime | None = None
    records = list(document.records())
    fates = no_items(records, header.row, header.keys, (link_at,), header.figures)
    for row, cells in records:
        if row <= header.row:
            yield Structure(row)
            continue
        if (fate := fates.get(row) or too_long(header, row, cells)) is not None:
            yield fate
            continue
        link = cells[link_at] if link_at < len(cells) else None
        post = linked_post(link)
        if post is None:
            yield Refused(row, "", "tt_studio.no_post_link", str(link or ""))
            continue
        written = cells[time_at] if time_at < len(cells) else None
        values, doubts = header.values(row, cells)
        from_id = cell.tiktok_time(post[0])
        try:
            naive = cell.clock(written, *_INSTANTS)
            instant = cell.zoned(naive, "UTC") if naive else from_id
        except CellRefused as problem:  # the id holds the same second: nothing is lost with the text
            details = {**problem.details, "expected": "2025/10/31 18:19:10"}
            doubts.append(Refused(row, header.names[time_at], problem.rule, str(written), details))
            instant = from_id
        doubtful = instant is not None and from_id is not None and abs(instant - from_id) > _SAME
        newest = max(filter(None, (newest, instant)), default=None)
        title = cells[title_at] if title_at is not None and title_at < len(cells) else None
        yield from settled(row, post_rows(row, post, title, written, instant, doubtful, values), doubts)
    yield About(language="en", exported_at=newest, exported_evidence="at_least" if newest else None)


_VIDEO_HEADERS = frozenset({"video link", "post time", "video views", "likes"})


_OVERVIEW_HEADERS = frozenset({"date", "video views", "reached audience", "profile views"})
_AUDIENCE_HEADERS = frozenset({"date", "total followers", "reached audience", "engaged audience"})

READERS = (
    Format(
        "tt_business_overview",
        "tiktok",
        (_OVERVIEW_HEADERS,),
        _series(_OVERVIEW_HEADERS, _OVERVIEW),
        "account",
        ("account_day",),
    ),
    Format(
        "tt_business_audience",
        "tiktok",
        (_AUDIENCE_HEADERS,),
        _series(_AUDIENCE_HEADERS, _AUDIENCE),
        "account",
        ("account_day",),
    ),
    Format("tt_business_videos", "tiktok", (_VIDEO_HEADERS,), _videos, "UTC", ("post_lifetime",)),
)
