"""YouTube Studio, Advanced mode: tables of videos and of other dimensions, chart data and totals. FORMATS 5.

Every export is called ``Table data.csv``, ``Chart data.csv`` or ``Totals.csv`` (Vietnamese alike), whatever it counts:
the first columns tell. The period and the channel stand only in the name of the zip, ``Content 2025-11-15_2025-12-15
Channel.zip``; without that name or a declaration the figures keep an unknown period and the file says so. Days are
Pacific days. A publish time is a day only: ``published_at`` is the start of that Pacific day, with the precision "day".

The Total row holds deleted and private videos too, so it is never the sum of the rows: it is a record of its own.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from statistics import mode
from typing import Any

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
    header_key,
    header_keys,
)
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.columns import Header, money, no_items, settled, signed, slashed_form, too_long

ZONE = "America/Los_Angeles"  # not stated by the file; Google says that reports follow Pacific time

# metric -> English headers, Vietnamese headers; Vietnamese ones vary between years and translations
_METRICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "views": (("Views",), ("Số lượt xem", "Lượt xem")),
    "engaged_views": (("Engaged views",), ("Số lượt xem có tương tác", "Lượt xem có tương tác")),
    "watch_time_hours": (("Watch time (hours)",), ("Thời gian xem (giờ)",)),
    "average_view_duration": (("Average view duration",), ("Thời lượng xem trung bình",)),
    "average_percentage_viewed": (
        ("Average percentage viewed (%)",),
        ("Tỷ lệ phần trăm đã xem trung bình (%)", "Tỷ lệ phần trăm xem trung bình (%)"),
    ),
    "stayed_to_watch": (("Stayed to watch (%)",), ("Ở lại xem (%)",)),
    # the column is the change over the period, not the channel's stock of subscribers
    "subscribers_net": (("Subscribers",), ("Số người đăng ký", "Người đăng ký")),
    "subscribers_gained": (
        ("Subscribers gained",),
        ("Số người đăng ký tăng thêm", "Số người đăng ký mới", "Số người đăng ký đã thu hút được"),
    ),
    "subscribers_lost": (("Subscribers lost",), ("Số người đăng ký mất đi", "Số người đăng ký đã mất")),
    "thumbnail_impressions": (
        ("Impressions", "Thumbnail impressions"),
        ("Số lượt hiển thị hình thu nhỏ", "Lượt hiển thị hình thu nhỏ", "Số lượt hiển thị", "Lượt hiển thị"),
    ),
    "thumbnail_ctr": (
        ("Impressions click-through rate (%)", "Thumbnail click-through rate (%)"),
        (
            "Tỷ lệ nhấp của số lượt hiển thị hình thu nhỏ (%)",
            "Tỷ lệ nhấp vào hình thu nhỏ (%)",
            "Tỷ lệ nhấp của lượt hiển thị (%)",
            "Tỷ lệ nhấp của số lượt hiển thị (%)",
        ),
    ),
    "unique_viewers": (("Unique viewers",), ("Số người xem duy nhất", "Người xem duy nhất", "Số người xem riêng biệt")),
    "new_viewers": (("New viewers",), ("Người xem mới", "Số người xem mới")),
    "returning_viewers": (("Returning viewers",), ("Người xem cũ", "Số người xem cũ", "Người xem quay lại")),
    "average_views_per_viewer": (
        ("Average views per viewer",),
        ("Số lượt xem trung bình trên mỗi người xem", "Số lượt xem trung bình của mỗi người xem"),
    ),
    "likes": (("Likes",), ("Lượt thích", "Số lượt thích")),
    "dislikes": (("Dislikes",), ("Lượt không thích", "Số lượt không thích")),
    "comments": (("Comments added", "Comments"), ("Bình luận đã thêm", "Số bình luận đã thêm")),
    "shares": (("Shares",), ("Lượt chia sẻ", "Số lượt chia sẻ")),
    "earnings": (("Estimated revenue (USD)", "Your estimated revenue (USD)"), ("Doanh thu ước tính (USD)",)),
    "rpm": (("RPM (USD)",), ("RPM (USD)",)),
    "cpm": (("CPM (USD)",), ("CPM (USD)",)),
}
_METRIC_OF = {header_key(h): metric for metric, both in _METRICS.items() for names in both for h in names}
_PARSERS = {
    "average_view_duration": cell.duration,
    "subscribers_net": signed,
    "earnings": money,
    "watch_time_hours": cell.number,
}
# of a period that YouTube does not count people for, the Total says 0 and the rows say nothing: both are missing
_PEOPLE = ("unique_viewers", "new_viewers", "returning_viewers", "average_views_per_viewer")

_CONTENT = ("content", "video", "nội dung")
_TITLE = ("video title", "tiêu đề video")
_PUBLISHED = ("video publish time", "thời gian xuất bản video", "thời điểm xuất bản video", "thời gian đăng video")
_DURATION = ("duration", "thời lượng")
_DATE = ("date", "ngày")
_TOTAL = ("total", "tổng", "tổng cộng", "tổng số")
_RATIO_OF_LIKES = ("likes (vs. dislikes) (%)", "lượt thích (so với lượt không thích) (%)")
_KNOWN = _CONTENT + _TITLE + _PUBLISHED + _DURATION + _DATE + _RATIO_OF_LIKES
# first column -> dimension of the audience table
_DIMENSIONS = {
    "cities": "city",
    "city": "city",
    "thành phố": "city",
    "geography": "country",
    "địa lý": "country",
    "khu vực địa lý": "country",
    "viewer age": "age",
    "độ tuổi người xem": "age",
    "độ tuổi của người xem": "age",
    "viewer gender": "gender",
    "giới tính người xem": "gender",
    "giới tính của người xem": "gender",
    "traffic source": "traffic_source",
    "nguồn lưu lượng truy cập": "traffic_source",
    "nguồn truy cập": "traffic_source",
    "subscription status": "subscription",
    "trạng thái đăng ký": "subscription",
    "new and returning viewers": "viewer_kind",
    "người xem mới và người xem cũ": "viewer_kind",
    "device type": "device",
    "loại thiết bị": "device",
    "operating system": "operating_system",
    "hệ điều hành": "operating_system",
    "content type": "content_type",
    "loại nội dung": "content_type",
    "playback location": "playback_location",
    "vị trí phát": "playback_location",
    "sharing service": "sharing_service",
    "dịch vụ chia sẻ": "sharing_service",
    "youtube product": "youtube_product",
    "sản phẩm của youtube": "youtube_product",
    "playlist": "playlist",
    "danh sách phát": "playlist",
}
_GROUP_NAMES = ("city name", "tên thành phố", "playlist title", "tiêu đề danh sách phát")
_SHARES = ("views (%)", "số lượt xem (%)", "lượt xem (%)")
_VIETNAMESE = frozenset(
    {header_key(h) for _, vi in _METRICS.values() for h in vi}
    - {header_key(h) for en, _ in _METRICS.values() for h in en}
    | {k for k in (*_CONTENT, *_TITLE, *_DATE, *_DIMENSIONS) if not k.isascii()}
)

# the names that YouTube gives to its downloads: what, first and last day, channel
_NAMED = re.compile(
    r"(?P<what>[^\d]*?)[ _]*(?P<start>\d{4}-\d\d-\d\d)_(?P<end>\d{4}-\d\d-\d\d)"
    r"[ _]*(?P<channel>.*?)(?: ?\(\d+\))?(?:\.\w{3,4})?"
)
_Notes = list[tuple[str, dict[str, Any]]]
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_DAYS = ("%b %d, %Y", "iso", "%d thg %m, %Y", "%d-%b-%y", "%d-%b-%Y", "%B %d, %Y")


_TABLE_SHEETS = ("table data", "dữ liệu trong bảng")


def _sheet(document: Document) -> str | None:
    """The sheet to read of a workbook, where the three tables are sheets: the one that holds most."""
    return next((s for s in document.sheets if header_key(s) in _TABLE_SHEETS), None)


def _header(document: Document) -> tuple[int, list[str]]:
    """(record number, header keys) of the first record that names a YouTube metric after its first column."""
    sheet = _sheet(document)
    for number, cells in document.head if sheet is None else islice(document.records(sheet), 5):
        keys = header_keys(cells)
        if any(k in _METRIC_OF or k in _SHARES for k in keys[1:]):
            return number, keys
    return 0, []


def _is(what: str) -> Callable[[Document], bool]:
    def claims(document: Document) -> bool:
        return document.kind in ("table", "workbook") and _kind(_header(document)[1]) == what

    return claims


def _kind(keys: list[str]) -> str | None:
    """table | chart | groups_chart | totals | dimension, or None: what the header says the file is."""
    if not keys:
        return None
    first, rest = keys[0], [k for k in keys[1:] if k]
    if first in _CONTENT:
        return "table" if any(k in _TITLE for k in rest) else None
    if first in _DATE and rest:
        if rest[0] in _CONTENT and any(k in _TITLE for k in rest):
            return "chart"
        if rest[0] in _DIMENSIONS:
            return "groups_chart"
        # nothing but YouTube's own metrics: other platforms' day series have a column that YouTube has not
        return "totals" if all(k in _METRIC_OF or k in _RATIO_OF_LIKES for k in rest) else None
    return "dimension" if first in _DIMENSIONS else None


@dataclass(frozen=True)
class _Named:
    """What a download's name says."""

    start: date | None = None
    end: date | None = None
    channel: str | None = None


def named(context: Context) -> _Named:
    """Period and channel: a declared period first, then the innermost name that follows YouTube's rule."""
    found = _Named()
    for name in reversed(context.names):
        match = _NAMED.fullmatch(unicodedata.normalize("NFC", name).strip())
        if match is None:
            continue
        try:
            start, end = date.fromisoformat(match["start"]), date.fromisoformat(match["end"])
        except ValueError:
            continue
        what = header_key(match["what"])
        ours = what in _CONTENT or what in _DATE or what in _DIMENSIONS
        found = _Named(start, end, (match["channel"].strip() or None) if ours else None)
        break
    if context.period_start or context.period_end:
        found = _Named(context.period_start, context.period_end, found.channel)
    return found


def _about(document: Document, header: Header, name: _Named, *notes: tuple[str, dict[str, Any]]) -> About:
    unread = header.unread((*_KNOWN, *_DIMENSIONS, *_GROUP_NAMES, *_SHARES))
    if unread:
        notes += (("columns.unread", {"columns": ", ".join(unread)}),)
    if len(document.sheets) > 1:
        read = _sheet(document) or document.sheets[0]
        notes += (("yt_studio.sheets_unread", {"sheets": ", ".join(s for s in document.sheets if s != read)}),)
    at_least = cell.zoned(datetime(name.end.year, name.end.month, name.end.day), ZONE) if name.end else None
    return About(
        language="vi" if _VIETNAMESE & set(header.keys) else "en",
        exported_at=at_least,
        exported_evidence="at_least" if at_least else None,
        period_start=name.start,
        period_end=name.end,
        account_name=name.channel,
        notes=notes,
    )


def _metrics(
    row: int, values: dict[str, float], grain: str, start: date | None, end: date | None, video: str | None
) -> list[Row]:
    item = {"item_kind": "post", "item": video} if video else {"item_kind": "account"}
    same = {"platform": "youtube", **item, "traffic": "total", "grain": grain, "evidence": "export"}
    days = {"period_start": start, "period_end": end, "day_zone": ZONE}
    return [Row("metric", row, {**same, **days, "metric": m, "value": v}) for m, v in values.items()]


def video_id(written: Any) -> str | None:
    """The 11 characters of a video's id; None if they are not there.

    YouTube writes a blank before an id that starts with "-"; spreadsheets put = or ' before such ids, or wrap them so:
    ="...".
    """
    found = str(written if written is not None else "").strip().removeprefix("'")
    if found.startswith("="):
        found = found.removeprefix("=").strip('"')
    return found if _VIDEO_ID.fullmatch(found) else None


def _footer(cells: list[Any]) -> int | None:
    """The number of rows in "Showing top 500 results" and its translations; None for any other record."""
    if any(cell.text(c) is not None for c in cells[1:]):
        return None
    written = cell.text(cells[0] if cells else None) or ""
    number = re.search(r"\d+", written)
    # hundreds: "35–44 tuổi" without a figure is a group, not a footer
    return int(number[0]) if number and int(number[0]) >= 100 and " " in written else None


def _is_total(cells: list[Any]) -> bool:
    return bool(cells) and header_key(str(cells[0] or "")) in _TOTAL


def _added_totals(header: Header, records: list[tuple[int, list[Any]]]) -> dict[int, Skipped]:
    """Totals but Studio's own, which stands directly below the header: sums that a person made count the rows twice
    and add up people and rates."""
    below = [(n, c) for n, c in records if n > header.row]
    return {n: Skipped(n, "added_total") for n, c in below[1:] if _is_total(c)}


def _missing_people(values: dict[str, float], rows_with: set[str]) -> dict[str, float]:
    """The Total's figures without counts of people that no row has: YouTube did not count them."""
    return {m: v for m, v in values.items() if not (m in _PEOPLE and v == 0 and m not in rows_with)}


def _published(written: Any, slashed: str | None) -> date | None:
    """The day of a publish time; CellRefused if it can be read in two ways or none."""
    try:
        return cell.day(written, *_DAYS, *((slashed,) if slashed else ()))
    except CellRefused:
        if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", str(written).strip()):
            raise CellRefused("columns.ambiguous_date") from None
        raise CellRefused("not_a_date", expected="Nov 15, 2025") from None


def _post(row: int, cells: list[Any], header: Header, video: str, slashed: str | None) -> tuple[Row, list[Refused]]:
    def at(*keys: str) -> Any:
        i = header.column(*keys)
        return cells[i] if i is not None and i < len(cells) else None

    refused: list[Refused] = []

    def parsed(parse: Callable[[Any], Any], keys: tuple[str, ...]) -> Any:
        try:
            return parse(at(*keys))
        except CellRefused as problem:
            name = header.names[header.column(*keys) or 0]
            refused.append(Refused(row, name, problem.rule, str(at(*keys)), problem.details))
            return None

    written = at(*_PUBLISHED)
    day = parsed(lambda c: _published(c, slashed), _PUBLISHED)
    length = parsed(cell.duration, _DURATION)
    values: dict[str, Any] = {
        "platform": "youtube",
        "post_id": video,
        "text": cell.text(at(*_TITLE)),
        "permalink": f"https://www.youtube.com/watch?v={video}",
        "duration": length,
        # a table with the column leaves it empty for videos that were deleted or made private
        "status": "unavailable" if header.column(*_PUBLISHED) is not None and cell.text(written) is None else "ok",
    }
    if cell.text(written) is not None:
        values["published_text"] = str(written).strip()
    if day is not None:
        values["published_at"] = cell.zoned(datetime(day.year, day.month, day.day), ZONE)
        values |= {"published_precision": "day", "published_zone": ZONE}
    return Row("post", row, values), refused


def _opened(document: Document) -> tuple[Header, list[tuple[int, list[Any]]]]:
    """The header and all records: a table has 500 rows at most, a series of days a few thousand."""
    number, _ = _header(document)
    records = list(document.records(_sheet(document)))
    return Header.of(number, next(c for n, c in records if n == number), _METRIC_OF), records


def _table(document: Document, context: Context) -> Iterator[Yield]:
    header, records = _opened(document)
    name = named(context)
    notes: _Notes = [] if name.start and name.end else [("period_unknown", {})]
    for _, cells in records[-1:]:
        if (rows := _footer(cells)) is not None:
            notes.append(("capped", {"rows": rows}))
    yield _about(document, header, name, *notes)
    published = header.column(*_PUBLISHED)
    slashed = slashed_form(c[published] for _, c in records if published is not None and published < len(c))
    read = {n: header.values(n, c, _PARSERS) for n, c in records if n > header.row}
    rows_with = {m for n, c in records if n in read and not _is_total(c) for m in read[n][0]}
    fates = no_items(records, header.row, header.keys, (0,), set())  # Studio's own total is read
    added = _added_totals(header, records)
    for row, cells in records:
        if row <= header.row or isinstance(fates.get(row), Structure):
            yield Structure(row)
            continue
        if isinstance(fates.get(row), Refused):
            yield fates[row]
            continue
        values, refused = read[row]
        if row in added:
            yield added[row]
        elif _is_total(cells):
            kept = _missing_people(values, rows_with)
            yield from settled(row, _metrics(row, kept, "account_period", name.start, name.end, None), refused)
        elif _footer(cells) is not None:
            yield Skipped(row, "yt_studio.footer")
        elif (problem := too_long(header, row, cells)) is not None:
            yield problem
        elif (video := video_id(cells[0])) is None:
            yield Refused(row, "", "yt_studio.bad_video_id", str(cells[0] or ""))
        else:
            post, doubts = _post(row, cells, header, video, slashed)
            yield from settled(
                row, [post, *_metrics(row, values, "post_period", name.start, name.end, video)], doubts + refused
            )


def _chart(document: Document, context: Context) -> Iterator[Yield]:
    header, records = _opened(document)
    name = named(context)
    videos = header.column(*_CONTENT) or 1
    published = header.column(*_PUBLISHED)
    spans, problems = _spans([(n, c[0] if c else None) for n, c in records if n > header.row])
    yield _about(
        document,
        header,
        name,
        ("yt_studio.charted_only", {"videos": len({c[videos] for n, c in records if n in spans})}),
    )
    slashed = slashed_form(c[published] for _, c in records if published is not None and published < len(c))
    seen: set[str] = set()
    for row, cells in records:
        if row <= header.row:
            yield Structure(row)
        elif row in problems:
            yield problems[row]
        elif (problem := too_long(header, row, cells)) is not None:
            yield problem
        elif (video := video_id(cells[videos] if videos < len(cells) else None)) is None:
            yield Refused(row, "", "yt_studio.bad_video_id", str(cells[videos]) if videos < len(cells) else "")
        else:
            start, end = spans[row]
            values, refused = header.values(row, cells, _PARSERS)
            rows = _metrics(row, values, "post_day" if start == end else "post_period", start, end, video)
            if video not in seen:  # its title and day of publication stand on every one of its rows
                seen.add(video)
                post, doubts = _post(row, cells, header, video, slashed)
                rows, refused = [post, *rows], doubts + refused
            yield from settled(row, rows, refused)


def _groups_chart(document: Document, context: Context) -> Iterator[Yield]:
    header, records = _opened(document)
    yield _about(document, header, named(context))
    for row, _ in records:
        yield Structure(row) if row <= header.row else Skipped(row, "yt_studio.groups_by_day")


def _spans(dated: list[tuple[int, Any]]) -> tuple[dict[int, tuple[date, date]], dict[int, Refused]]:
    """First and last day that each record counts, and refusals of records without a day.

    Studio draws by day, week, month or year, and writes the first day of each: the step between dates says which.
    """
    found: dict[int, date] = {}
    problems: dict[int, Refused] = {}
    slashed = slashed_form(written for _, written in dated)
    for row, written in dated:
        try:
            day = _published(written, slashed)
        except CellRefused as problem:
            problems[row] = Refused(row, "", problem.rule, str(written), problem.details)
            continue
        if day is None:
            problems[row] = Refused(row, "", "columns.no_date", "")
        else:
            found[row] = day
    days = sorted(set(found.values()))
    # the commonest step: the first week or month of a range may be a short one, and a day may be missing
    step = mode([(b - a).days for a, b in pairwise(days)] or [1])
    following = dict(pairwise(days))
    spans = {}
    for row, day in found.items():
        spans[row] = (day, day if step < 7 else following.get(day, _next(day, step)) - timedelta(days=1))
    return spans, problems


def _next(day: date, step: int) -> date:
    """The first day of the week, month or year after the one that begins on ``day``."""
    if step < 28:
        return day + timedelta(days=7)
    if step < 365:
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date(day.year + 1, 1, 1)


def _totals(document: Document, context: Context) -> Iterator[Yield]:
    other = context.platform
    if other not in (None, "youtube"):
        # a date and one metric are little to know a file by; a person's word weighs more
        yield Refused(0, "", "yt_studio.platform_differs", "", {"platform": other, "reader": "YouTube Studio"})
        return
    header, records = _opened(document)
    name = named(context)
    body = [(n, c) for n, c in records if n > header.row and not _is_total(c) and _footer(c) is None]
    spans, problems = _spans([(n, c[0] if c else None) for n, c in body])
    if name.start is None and spans:
        name = _Named(min(s for s, _ in spans.values()), max(e for _, e in spans.values()), name.channel)
    notes: _Notes = [("yt_studio.not_by_day", {})] if any(s != e for s, e in spans.values()) else []
    yield _about(document, header, name, *notes)
    rows_with = {m for n, c in body for m in header.values(n, c, _PARSERS)[0]}
    added = _added_totals(header, records)
    for row, cells in records:
        if row <= header.row:
            yield Structure(row)
        elif row in added:
            yield added[row]
        elif row in problems:
            yield problems[row]
        elif (problem := too_long(header, row, cells)) is not None:
            yield problem
        elif _is_total(cells):
            values, refused = header.values(row, cells, _PARSERS)
            kept = _missing_people(values, rows_with)
            yield from settled(row, _metrics(row, kept, "account_period", name.start, name.end, None), refused)
        elif row not in spans:
            yield Skipped(row, "yt_studio.footer")
        else:
            start, end = spans[row]
            values, refused = header.values(row, cells, _PARSERS)
            grain = "account_day" if start == end else "account_period"
            yield from settled(row, _metrics(row, values, grain, start, end, None), refused)


def _dimension(document: Document, context: Context) -> Iterator[Yield]:
    """Views of each city, age group or source: an audience, never posts."""
    header, records = _opened(document)
    name = named(context)
    notes: _Notes = [] if name.start and name.end else [("period_unknown", {})]
    if records and (rows := _footer(records[-1][1])) is not None:
        notes.append(("capped", {"rows": rows}))
    yield _about(document, header, name, *notes)
    dimension = _DIMENSIONS[header.keys[0]]
    shares = header.column(*_SHARES)
    groups = header.column(*_GROUP_NAMES) or 0
    added = _added_totals(header, records)
    for row, cells in records:
        if row <= header.row or row in added:
            yield added.get(row, Structure(row))
            continue
        if _footer(cells) is not None:
            yield Skipped(row, "yt_studio.footer")
            continue
        if (problem := too_long(header, row, cells)) is not None:
            yield problem
            continue
        values, refused = header.values(row, cells, _PARSERS)
        if _is_total(cells):
            yield from settled(row, _metrics(row, values, "account_period", name.start, name.end, None), refused)
            continue
        group = cell.text(cells[groups] if groups < len(cells) else None) or cell.text(cells[0])
        value, unit = values.get("views"), "events"
        if value is None and shares is not None and shares < len(cells):
            try:
                share = cell.number(cells[shares], percent=True)
                value, unit = (None if share is None else share / 100), "share"
            except CellRefused as problem_in_cell:
                name_of = header.names[shares]
                refused.append(Refused(row, name_of, problem_in_cell.rule, str(cells[shares]), problem_in_cell.details))
        if value is None and "unique_viewers" in values:
            value, unit = values["unique_viewers"], "people"
        found = []
        if group is not None and value is not None:
            row_values = {"platform": "youtube", "item_kind": "account", "dimension": dimension, "group": group}
            found = [
                Row(
                    "audience",
                    row,
                    {**row_values, "value": value, "unit": unit, "period_start": name.start, "period_end": name.end},
                )
            ]
        yield from settled(row, found, refused)


def _both(*pairs: tuple[str, str]) -> tuple[frozenset[str], ...]:
    """The English and the Vietnamese signature, for the report on a file that nobody claims."""
    return frozenset(en for en, _ in pairs), frozenset(vi for _, vi in pairs)


def _format(
    name: str,
    headers: tuple[frozenset[str], ...],
    what: str,
    read: Callable[[Document, Context], Iterator[Yield]],
    *grains: str,
) -> Format:
    return Format(name, "youtube", headers, read, ZONE, grains, claims=_is(what), ENDS_LINES=True)


READERS = (
    _format(
        "yt_studio_table",
        _both(("content", "nội dung"), ("video title", "tiêu đề video"), ("views", "số lượt xem")),
        "table",
        _table,
        "post_lifetime",
        "post_period",
        "account_period",
    ),
    _format(
        "yt_studio_chart",
        _both(("date", "ngày"), ("content", "nội dung"), ("video title", "tiêu đề video"), ("views", "số lượt xem")),
        "chart",
        _chart,
        "post_day",
    ),
    _format(
        "yt_studio_totals",
        _both(("date", "ngày"), ("views", "số lượt xem")),
        "totals",
        _totals,
        "account_day",
        "account_period",
    ),
    _format(
        "yt_studio_dimension",
        _both(("cities", "thành phố"), ("views", "số lượt xem")),
        "dimension",
        _dimension,
        "audience_share",
        "account_period",
    ),
    _format(
        "yt_studio_groups_chart",
        _both(("date", "ngày"), ("cities", "thành phố"), ("views", "số lượt xem")),
        "groups_chart",
        _groups_chart,
        "account_day",
    ),
)
