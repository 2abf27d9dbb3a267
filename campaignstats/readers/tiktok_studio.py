"""TikTok Studio (creators): overview, content, viewers, followers. FORMATS 6a.

Headers are English whatever the language; dates are in the language of the screen and have no year: "February 28",
"8 de marzo", "28 tháng 2". A post's year comes from its id. Day series are consecutive days that end on the day before
the export, so they need the day of export: declared, in the name of the file or its archive, or the entry's date inside
the archive, never the date of the file itself, which a copy changes. Days are days of the creator's zone, taken to be
the campaign's.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

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
    found_header,
    header_key,
    header_keys,
)
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.columns import Header, no_items, says_total, settled, signed, too_long
from campaignstats.readers.links import parsed_link

_MONTHS = {
    name: month
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for month, name in enumerate(names.split(), 1)
}
_MONTHS["setiembre"] = 9
_VIETNAMESE = re.compile(r"(?:ngày )?(\d{1,2})(?: tháng |[ -]?thg ?)(\d{1,2})")  # thg: Excel's own abbreviation
_DAY_FIRST = re.compile(r"(\d{1,2})(?: de | |-)([^\W\d]+)\.?")
_MONTH_FIRST = re.compile(r"([^\W\d]+)\.? (\d{1,2})")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_and_day(written: Any) -> tuple[int, int] | None:
    """(month, day) of a date without a year in English, Spanish or Vietnamese; None if it is something else."""
    text = " ".join(unicodedata.normalize("NFC", str(written)).split()).casefold()
    month: int | None
    if found := _VIETNAMESE.fullmatch(text):
        day, month = int(found[1]), int(found[2])
    elif found := _DAY_FIRST.fullmatch(text):
        day, month = int(found[1]), _MONTHS.get(found[2])
    elif found := _MONTH_FIRST.fullmatch(text):
        month, day = _MONTHS.get(found[1]), int(found[2])
    else:
        return None
    if month is None or not 1 <= month <= 12 or not 1 <= day <= _LONGEST[month - 1]:
        return None
    return month, day


def language(written: Any) -> str | None:
    """vi or en, as the words of a date say; None for other languages."""
    text = unicodedata.normalize("NFC", str(written)).casefold()
    if "tháng" in text or "thg" in text:
        return "vi"
    return "en" if re.match(r"[a-z]+ \d", text) else None


# ---- the year of a series of days -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Export:
    """The day on which the file was written, and how that is known.

    evidence: declared | file_name | archive; for the last day of a range: period (declared) | range (in the name).
    """

    day: date
    evidence: str
    name: str = field(default="", compare=False)  # of the file, one copy of several, whose name has the day


_NAME_DATE = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
# How many days the last day may lie before the export. TikTok ends a series on the day before, or a few days earlier as
# long as it still counts; names and archives may be made later. What is far off may belong to another year.
_LATE = {"declared": 7, "period": 1, "range": 2, "file_name": 31, "archive": 31}


def exported(context: Context) -> Export | None:
    """The day of export from outside the content, in the campaign's zone."""
    if context.exported_at is not None:
        at = context.exported_at
        return Export((at.astimezone(ZoneInfo(context.timezone)) if at.tzinfo else at).date(), "declared")
    for name in reversed(context.names):
        # folders are people's; files and archives may still have the name that TikTok gave them
        if re.search(r"\.[A-Za-z]{3,4}$", name) and (found := list(_NAME_DATE.finditer(name))):
            try:
                last = date(*(int(found[-1][g]) for g in (1, 3, 4)))
                return Export(last, "file_name" if len(found) == 1 else "range", name)
            except ValueError:
                continue
    return Export(context.archived_at.date(), "archive") if context.archived_at else None


def _on_or_before(latest: date, month: int, day: int) -> date | None:
    """The latest such day that is not after ``latest``; 29 February is looked for in the last eight years."""
    for year in range(latest.year, latest.year - 9, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= latest:
            return found
    return None


def _nearest(to: date, month: int, day: int) -> date | None:
    """The day of that name nearest to ``to``, within half a year."""
    found = []
    for year in (to.year - 1, to.year, to.year + 1):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    best = min(found, key=lambda d: abs(d - to), default=None)
    return best if best is not None and abs(best - to) <= timedelta(days=183) else None


def _follows(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether ``b`` may be the day after ``a`` in some year."""
    nexts = (date(year, *a) + timedelta(days=1) for year in (2023, 2024) if _exists(year, a))
    return any((d.month, d.day) == b for d in nexts)


def _exists(year: int, day: tuple[int, int]) -> bool:
    return day != (2, 29) or year % 4 == 0


def dated(days: list[tuple[int, int]], export: Export) -> tuple[list[date | None], str | None]:
    """The date of each day of a series (None: out of order), and why the whole series can't be dated, or None.

    The order of the days is checked without a year first: a day that follows neither neighbour is not believed, nor is
    one that stands twice. The last believed day is the latest of its name up to the export; the others are counted from
    it, whatever holes there are. A series sorted with the newest first counts as well.
    """
    n = len(days)
    forward = sum(_follows(days[i], days[i + 1]) for i in range(n - 1))
    backward = sum(_follows(days[i + 1], days[i]) for i in range(n - 1))
    order = list(range(n)) if forward >= backward else list(range(n - 1, -1, -1))
    line = [days[i] for i in order]
    steps = [_follows(a, b) for a, b in pairwise(line)]
    believed = [i for i in range(n) if n == 1 or any(steps[max(i - 1, 0) : i + 1])]
    if not believed:
        return [None] * n, "tt_studio.days_out_of_order"
    last = _on_or_before(export.day + timedelta(days=1), *line[believed[-1]])  # the creator's zone may be ahead of ours
    if last is None or export.day - last > timedelta(days=365):
        return [None] * n, "tt_studio.year_contradicts_days"  # a 29 February, in a year that has none
    if export.day - last > timedelta(days=_LATE[export.evidence]):
        return [None] * n, "year_unknown" if export.evidence == "archive" else "tt_studio.ends_too_early"
    found: list[date | None] = [None] * n
    for i in believed:
        found[i] = _nearest(last - timedelta(days=believed[-1] - i), *line[i])
    # a year that has a 29 February where the series has none, or the other way round: the day of export is wrong
    for i, j in pairwise(believed):
        a, b = found[i], found[j]
        if j == i + 1 and _follows(line[i], line[j]) and (a is None or b is None or b - a != timedelta(days=1)):
            return [None] * n, "tt_studio.year_contradicts_days"
    times = Counter(found)
    result: list[date | None] = [None] * n
    for i in believed:
        day = found[i]
        if day is not None and day <= last and times[day] == 1:  # a day after the last one belongs to a year unknown
            result[order[i]] = day
    return result, None


def _paste(document: Document, export: Export | None = None) -> dict[str, Any]:
    """What the sentence on a file without a year prints for campaign.toml: its path as a glob.

    Of copies, that of the one whose name told a day: the others' names say nothing of it.
    """
    named = export.name if export is not None else ""
    path = document.path if named in document.path else named
    return {"path": re.sub(r"([*?\[])", r"[\1]", path)}


def _midnight(day: date, context: Context) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(context.timezone)).astimezone(UTC)


# ---- day series -----------------------------------------------------------------------------------------------------

_OVERVIEW = {
    "video views": "views",
    "profile views": "profile_visits",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
}
_VIEWERS = {"total viewers": "viewers", "new viewers": "new_viewers", "returning viewers": "returning_viewers"}
_FOLLOWERS = {"followers": "followers", "difference in followers from previous day": "net_followers"}
# a day's likes are those given less those taken back, and so below zero on some days
_NET = dict.fromkeys(("net_followers", "likes", "comments", "shares"), signed)
_ACTIVE = {"active followers": "active_followers"}


def _series(metrics: dict[str, str]) -> Callable[[Document, Context], Iterator[Yield]]:
    """Reader of a table with one row a day."""
    signature = (frozenset({"date", *metrics}),)

    def read(document: Document, context: Context) -> Iterator[Yield]:
        header, body, structure = _opened(document, signature, metrics)
        days, problem = _days(document, header, body, context)
        if isinstance(problem, Refused):
            yield problem
            return
        yield _series_about(header, body, days, context)
        for row in structure:
            yield Structure(row)
        for row, cells in body:
            if (refused := problem.get(row) or too_long(header, row, cells)) is not None:
                yield refused
                continue
            values, doubts = header.values(row, cells, _NET)
            same = {
                "platform": "tiktok",
                "item_kind": "account",
                "traffic": "total",
                "grain": "account_day",
                "period_start": days[row],
                "period_end": days[row],
                "day_zone": context.timezone,
                "evidence": "export",
            }
            rows = [Row("metric", row, {**same, "metric": m, "value": v}) for m, v in values.items()]
            yield from settled(row, rows, doubts)

    return read


def _opened(
    document: Document, signature: tuple[frozenset[str], ...], metrics: dict[str, str]
) -> tuple[Header, list[tuple[int, list[Any]]], list[int]]:
    """Header, records below it, numbers of the records up to it."""
    header = Header.claimed(document, signature, metrics)
    records = list(document.records())
    return header, [r for r in records if r[0] > header.row], [n for n, _ in records if n <= header.row]


def _days(
    document: Document, header: Header, body: list[tuple[int, list[Any]]], context: Context
) -> tuple[dict[int, date], dict[int, Refused] | Refused]:
    """Each record's day, and the refusals of records, or of the whole file.

    Several records of one day that stand together (hours) are one day of the series.
    """
    place = header.column("date") or 0
    problems: dict[int, Refused] = {}
    runs: list[tuple[tuple[int, int], list[int]]] = []
    full: dict[int, date] = {}
    for row, cells in body:
        written = cells[place] if place < len(cells) else None
        if isinstance(written, datetime):
            full[row] = written.date()  # a workbook's date has its year
            continue
        found = month_and_day(written)
        if found is None:
            try:
                whole = cell.day(written, "iso", "%Y/%m/%d")
            except CellRefused as problem:
                problems[row] = Refused(
                    row, "", problem.rule, str(written), {**problem.details, "expected": "28 tháng 2"}
                )
                continue
            if whole is None:
                problems[row] = Refused(row, "", "columns.no_date", "")
            else:
                full[row] = whole
        elif runs and runs[-1][0] == found and header.column("hour") is not None:
            runs[-1][1].append(row)
        else:
            runs.append((found, [row]))
    if not runs:
        return full, problems
    export = Export(context.period_end, "period") if context.period_end else exported(context)
    if export is None:
        return {}, Refused(0, "", "year_unknown", "", _paste(document))
    dates, why = dated([d for d, _ in runs], export)
    if why is not None:
        return {}, Refused(0, "", why, "", {**_paste(document, export), "day": export.day})
    days = dict(full)
    for day, (written_day, rows) in zip(dates, runs, strict=True):
        for row in rows:
            if day is None:
                problems[row] = Refused(
                    row, "", "tt_studio.day_out_of_order", f"{written_day[1]:02}/{written_day[0]:02}"
                )
            else:
                days[row] = day
    return days, problems


def _series_about(header: Header, body: list[tuple[int, list[Any]]], days: dict[int, date], context: Context) -> About:
    place = header.column("date") or 0
    export = exported(context)
    named = export is not None and export.evidence == "file_name"
    last = max(days.values(), default=None)
    at = _midnight(export.day, context) if named and export else _midnight(last, context) if last else None
    return About(
        language=next((language(c[place]) for _, c in body if place < len(c)), None),
        exported_at=at,
        exported_evidence=("file_name" if named else "at_least") if at else None,
        period_start=min(days.values(), default=None),
        period_end=last,
    )


def _activity(document: Document, context: Context) -> Iterator[Yield]:
    """Followers online by hour of a day: an audience, as no metric has hours."""
    header, body, structure = _opened(document, _ACTIVITY_HEADERS, _ACTIVE)
    days, problem = _days(document, header, body, context)
    if isinstance(problem, Refused):
        yield problem
        return
    yield _series_about(header, body, days, context)
    for row in structure:
        yield Structure(row)
    hour_at = header.column("hour") or 0
    for row, cells in body:
        if (refused := problem.get(row) or too_long(header, row, cells)) is not None:
            yield refused
            continue
        values, doubts = header.values(row, cells)
        rows = []
        hour = cells[hour_at] if hour_at < len(cells) else None
        found = re.fullmatch(r"([01]?\d|2[0-3])(?::00)?", str(hour).strip())
        if found is None:
            doubts.append(Refused(row, header.names[hour_at], "tt_studio.not_an_hour", str(hour)))
        elif "active_followers" in values:
            values_of = {"platform": "tiktok", "item_kind": "account", "dimension": "active_hour", "unit": "people"}
            group = f"{days[row]:%Y-%m-%d}T{int(found[1]):02}"
            days_of = {"period_start": days[row], "period_end": days[row]}
            rows = [Row("audience", row, {**values_of, **days_of, "group": group, "value": values["active_followers"]})]
        yield from settled(row, rows, doubts)


_ACTIVITY_HEADERS = (frozenset({"date", "hour", "active followers"}),)

# ---- shares of the followers ----------------------------------------------------------------------------------------


def _shares(first: str, dimension: str) -> Callable[[Document, Context], Iterator[Yield]]:
    signature = (frozenset({first, "distribution"}),)

    def read(document: Document, context: Context) -> Iterator[Yield]:
        header, body, structure = _opened(document, signature, {"distribution": "share"})
        export = exported(context)
        if export is not None and export.evidence == "file_name":
            yield About(language="en", exported_at=_midnight(export.day, context), exported_evidence="file_name")
        else:
            yield About(language="en")
        for row in structure:
            yield Structure(row)
        place = header.column(first) or 0
        for row, cells in body:
            if (refused := too_long(header, row, cells)) is not None:
                yield refused
                continue
            values, doubts = header.values(row, cells, {"share": _fraction})
            group = cell.text(cells[place] if place < len(cells) else None)
            if group is not None and says_total(group):
                yield Skipped(row, "added_total")
                continue
            rows = []
            if group is not None and "share" in values:
                same = {"platform": "tiktok", "item_kind": "account", "dimension": dimension, "unit": "share"}
                group = group.casefold() if dimension == "gender" else group
                rows = [Row("audience", row, {**same, "group": group, "value": values["share"]})]
            yield from settled(row, rows, doubts)

    return read


def _fraction(written: Any) -> float | None:
    """A share between 0 and 1; "59%" is 0.59."""
    percent = isinstance(written, str) and written.strip().endswith("%")
    value = cell.number(written, percent=True)
    if value is None:
        return None
    value = value / 100 if percent else value
    if value > 1:
        raise CellRefused("tt_studio.share_above_one")
    return value


# ---- posts ----------------------------------------------------------------------------------------------------------

_CONTENT = {
    "total likes": "likes",
    "total comments": "comments",
    "total shares": "shares",
    "total views": "views",
}
_CONTENT_HEADERS = (frozenset({"video link", "post time", *_CONTENT}),)


_ID = re.compile("[0-9]{15,20}")


def linked_post(link: Any) -> tuple[str, str, str] | None:
    """(post id, handle, kind) of a link to a TikTok post, or None."""
    found = parsed_link(str(link or ""))
    if found is None or found.platform != "tiktok" or not _ID.fullmatch(found.post_id) or not found.handle:
        return None
    return found.post_id, found.handle, "photo" if "/photo/" in found.url else "video"


def _content(document: Document, context: Context) -> Iterator[Yield]:
    """The listed posts (about the top 10-20), as they stood at the export."""
    header, body, structure = _opened(document, _CONTENT_HEADERS, _CONTENT)
    link_at, time_at = header.column("video link") or 0, header.column("post time") or 0
    title_at, export_at = header.column("video title"), header.column("time")
    posts = {n: linked_post(c[link_at] if link_at < len(c) else None) for n, c in body}
    made = [t for p in posts.values() if p and (t := cell.tiktok_time(p[0]))]
    written_days = [c[export_at] for _, c in body if export_at is not None and export_at < len(c)]
    at, evidence = _content_export(written_days, max(made, default=None), context)
    handles = {p[1] for p in posts.values() if p}
    yield About(
        language=next((language(w) for w in written_days), None),
        exported_at=at,
        exported_evidence=evidence,
        account_name=handles.pop() if len(handles) == 1 else None,
        notes=(("tt_studio.top_posts_only", {"posts": len(body)}),),
    )
    for row in structure:
        yield Structure(row)
    fates = no_items(body, header.row, header.keys, (link_at,), header.figures)
    for row, cells in body:
        post = posts[row]
        if (fate := fates.get(row) or too_long(header, row, cells)) is not None:
            yield fate
            continue
        if post is None:
            yield Refused(row, "", "tt_studio.no_post_link", str(cells[link_at]) if link_at < len(cells) else "")
            continue
        values, doubts = header.values(row, cells)
        written = cells[time_at] if time_at < len(cells) else None
        instant = cell.tiktok_time(post[0])
        title = cells[title_at] if title_at is not None and title_at < len(cells) else None
        doubtful = instant is not None and not _same_day_somewhere(month_and_day(written), instant)
        yield from settled(row, post_rows(row, post, title, written, instant, doubtful, values), doubts)


def post_rows(
    row: int,
    post: tuple[str, str, str],
    title: Any,
    written: Any,
    instant: datetime | None,
    doubtful: bool,
    values: dict[str, float],
) -> list[Row]:
    """A post and its lifetime figures; ``written`` is the file's own text of ``instant``."""
    id_, handle, kind = post
    found: dict[str, Any] = {
        "platform": "tiktok",
        "post_id": id_,
        "account_name": handle,
        "text": cell.text(title),
        "kind": kind,
        "permalink": f"https://www.tiktok.com/@{handle}/{kind}/{id_}",
        "status": "ok",
    }
    if cell.text(written) is not None:
        found["published_text"] = str(written).strip()
    if instant is not None:
        found |= {"published_at": instant, "published_precision": "second", "published_zone": "UTC"}
    if doubtful:
        found["flags"] = "time_differs_from_id"
    same = {"platform": "tiktok", "item_kind": "post", "item": id_, "traffic": "total", "evidence": "export"}
    figures = [
        Row("metric", row, {**same, "grain": "post_lifetime", "metric": m, "value": v}) for m, v in values.items()
    ]
    return [Row("post", row, found), *figures]


def _same_day_somewhere(day: tuple[int, int] | None, instant: datetime) -> bool:
    """Whether the instant falls on that day in some zone of the world; True where the file names no day."""
    if day is None:
        return True
    zones = (instant + timedelta(hours=h) for h in (-12, 0, 14))
    return day in {(t.month, t.day) for t in zones}


def _content_export(
    written: list[Any], newest: datetime | None, context: Context
) -> tuple[datetime | None, str | None]:
    """When the file was written: its Time column names the day, and the newest post or the file's name the year."""
    day = next((d for w in written if (d := month_and_day(w))), None)
    export = exported(context)
    if export is not None and export.evidence == "file_name":
        return _midnight(export.day, context), "file_name"
    if newest is None:
        return None, None
    if day is not None:
        # the first such day that is not before the newest post, a day's grace for the creator's zone
        for year in (newest.year, newest.year + 1, newest.year + 2, newest.year + 3, newest.year + 4):
            if not _exists(year, day):
                continue
            found = date(year, *day)
            if found >= newest.date() - timedelta(days=1):
                return max(_midnight(found, context), newest), "at_least"
    return newest, "at_least"


# ---- the formats ----------------------------------------------------------------------------------------------------


def _but_not(headers: tuple[frozenset[str], ...], unlike: frozenset[str]) -> Callable[[Document], bool]:
    """A claim by ``headers`` that leaves alone a table which has one of ``unlike`` besides: another format's."""

    def claims(document: Document) -> bool:
        if document.kind not in ("table", "workbook"):
            return False
        found = found_header(document, headers)
        return found is not None and not unlike & set(header_keys(next(c for n, c in document.head if n == found[0])))

    return claims


def _by_day(name: str, headers: dict[str, str]) -> Format:
    return Format(name, "tiktok", (frozenset({"date", *headers}),), _series(headers), "account", ("account_day",))


def _by_group(name: str, header: str, dimension: str) -> Format:
    signature = (frozenset({header, "distribution"}),)
    return Format(name, "tiktok", signature, _shares(header, dimension), "export", ("audience_share",))


_DAILY = _by_day("tt_studio_overview", _OVERVIEW)
READERS = (
    replace(_DAILY, claims=_but_not(_DAILY.HEADERS, frozenset({header_key("Reached audience")}))),
    Format("tt_studio_content", "tiktok", _CONTENT_HEADERS, _content, "account", ("post_lifetime",)),
    _by_day("tt_studio_viewers", _VIEWERS),
    _by_day("tt_studio_followers", _FOLLOWERS),
    Format("tt_studio_activity", "tiktok", _ACTIVITY_HEADERS, _activity, "account", ("audience_share",)),
    _by_group("tt_studio_gender", "gender", "gender"),
    _by_group("tt_studio_territories", "top territories", "territory"),
)
