"""LinkedIn Page analytics: content, followers and visitors, each a workbook (.xls), or a sheet as CSV. FORMATS 7c.

No real file was seen; the headers are those that five public parsers agree on. One content workbook holds two sheets,
and both are read: days of the Page ("Metrics", before "Update metrics (aggregated)") and posts ("All posts", before
"Update engagement"). Dates are month first and, as far as known, UTC days. A post's link holds its id, and the id the
millisecond of its making ([id >> 22], as in LinkedIn's own examples, whose activity and share ids lie 87 ms apart):
it checks the date and tells the second. The names of those who posted are dropped.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

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
from campaignstats.readers.cells import CellRefused, clock, number, text
from campaignstats.readers.columns import Header, Parse, settled, signed, too_long
from campaignstats.readers.daily import series_days
from campaignstats.readers.links import parsed_link

_DAYS_OF_CONTENT = frozenset({"date", "impressions (total)", "clicks (total)"})
_POSTS = frozenset({"post title", "post link", "created date", "impressions"})
_FOLLOWERS = frozenset({"date", "organic followers", "total followers"})
_VISITORS = frozenset({"date", "total page views (total)", "total unique visitors (total)"})
_CONTENT_HEADERS = (_DAYS_OF_CONTENT, _POSTS)

_TRAFFIC = {"organic": "organic", "sponsored": "paid", "total": "total"}
_BY_TRAFFIC = {
    "impressions": "impressions",
    "unique impressions": "reach",
    "clicks": "total_clicks",
    "reactions": "reactions",
    "comments": "comments",
    "reposts": "reposts",
    "shares": "reposts",  # their name until 2022
    "engagement rate": "engagement_rate",
}
# "<metric> <traffic>", as columns.Header knows one word a column
_OF_CONTENT_DAYS = {
    f"{name} ({word})": f"{metric} {traffic}"
    for name, metric in _BY_TRAFFIC.items()
    for word, traffic in _TRAFFIC.items()
}
_OF_POSTS = {
    "impressions": "impressions total",
    "views (excluding offsite video views)": "video_views total",
    "views": "video_views total",
    "clicks": "total_clicks total",
    "click through rate (ctr)": "click_through_rate total",
    "likes": "likes total",
    "comments": "comments total",
    "reposts": "reposts total",
    "shares": "reposts total",
    "follows": "follows total",
    "engagement rate": "engagement_rate total",
}
_OF_FOLLOWERS = {
    "total followers": "new_followers total",  # the sheet is called "New followers": those won on that day
    "organic followers": "new_followers organic",
    "sponsored followers": "new_followers paid",
}
_OF_VISITORS = {
    "total page views (total)": "page_visits total",
    "total unique visitors (total)": "page_visitors total",
}
_POST_FIELDS = ("post title", "post link", "post type", "created date", "content type")
# who posted is a person's name; campaigns, audience and views elsewhere are not used
_RATES = ("engagement_rate", "click_through_rate")
_NET = ("reactions", "comments", "reposts")  # a day's may be below zero: what was taken back
_KIND = {
    "video": "video",
    "image": "photo",
    "images": "photo",
    "multi-image": "photo",
    "article": "link",
    "text": "text",
    "carousel": "carousel",
}
_TYPE = {"organic": "organic", "sponsored": "paid"}
_FORMS = ("%m/%d/%Y", "%m/%d/%y", "iso")
_DEMOGRAPHICS = {
    "location": "location",
    "job function": "job_function",
    "seniority": "seniority",
    "industry": "industry",
    "company size": "company_size",
}
# "songxanh-mau_content_1766385928211.xls": the page, the part, the millisecond of the export
_NAME = re.compile(r"([\w.-]+?)_(?:content|updates|followers|visitors)_(\d{13})(?!\d)", re.IGNORECASE)
_POST_ID = re.compile(r"[0-9]{15,20}")
_NEAR = timedelta(hours=36)  # a day of any zone holds the instant


class _Sheet(NamedTuple):
    """One sheet's records, numbered through the file: ``offset`` is what its own rows lie before that."""

    name: str | None
    offset: int
    records: list[tuple[int, list[Any]]]

    def header(self, signature: frozenset[str], metrics: dict[str, str]) -> Header | None:
        for n, cells in self.records[:5]:
            if set(header_keys(cells)) >= signature:
                return Header.of(n, cells, metrics)
        return None


def _sheets(document: Document) -> list[_Sheet]:
    """Every sheet; row numbers go on from one to the next, so that each record has its own."""
    found: list[_Sheet] = []
    offset = 0
    for name in document.sheets or (None,):
        records = [(offset + n, cells) for n, cells in document.records(name)]
        found.append(_Sheet(name, offset, records))
        offset = max((n for n, _ in records), default=offset)
    for _ in document.items(record for sheet in found for record in sheet.records):
        pass  # counts the records of all sheets as delivered
    return found


def _content(document: Document, context: Context) -> Iterator[Yield]:
    """Days of the Page and posts, from whichever sheets the file has."""
    yield _named(context)
    notes: list[tuple[str, dict[str, Any]]] = []
    days: list[date] = []
    unread: list[_Sheet] = []
    read: list[_Sheet] = []
    latest: datetime | None = None
    for sheet in _sheets(document):
        if header := sheet.header(_DAYS_OF_CONTENT, _OF_CONTENT_DAYS):
            yield from _series(sheet, header, days, notes, net=True)
            read.append(sheet)
        elif header := sheet.header(_POSTS, _OF_POSTS):
            reading = _Posts(sheet, header)
            yield from reading.yields()
            notes += reading.notes
            latest = max(filter(None, (latest, reading.latest)), default=None)
            read.append(sheet)
        else:
            unread.append(sheet)
            yield from (Skipped(n, "linkedin.other_sheet") for n, _ in sheet.records)
    yield _about(context, days, latest, notes, read, unread)


def _followers(document: Document, context: Context) -> Iterator[Yield]:
    """New followers by day, and who all followers are by place, work and company."""
    yield _named(context)
    notes: list[tuple[str, dict[str, Any]]] = []
    days: list[date] = []
    unread: list[_Sheet] = []
    read: list[_Sheet] = []
    for sheet in _sheets(document):
        if header := sheet.header(_FOLLOWERS, _OF_FOLLOWERS):
            yield from _series(sheet, header, days, notes, parts=("organic followers", "sponsored followers"))
            read.append(sheet)
        elif (first := _demographic(sheet)) is not None:
            yield from _groups(sheet, *first)
            read.append(sheet)
        else:
            unread.append(sheet)
            yield from (Skipped(n, "linkedin.other_sheet") for n, _ in sheet.records)
    yield _about(context, days, None, notes, read, unread)


def _visitors(document: Document, context: Context) -> Iterator[Yield]:
    """Views of all sections of the Page and their visitors by day; visitors by place and work are left out."""
    yield _named(context)
    notes: list[tuple[str, dict[str, Any]]] = []
    days: list[date] = []
    unread: list[_Sheet] = []
    read: list[_Sheet] = []
    for sheet in _sheets(document):
        if header := sheet.header(_VISITORS, _OF_VISITORS):
            yield from _series(sheet, header, days, notes)
            read.append(sheet)
        else:
            unread.append(sheet)
            yield from (Skipped(n, "linkedin.other_sheet") for n, _ in sheet.records)
    yield _about(context, days, None, notes, read, unread)


# -- what the file says of itself -------------------------------------------------------------------------------------


def _in_name(context: Context) -> tuple[str | None, datetime | None]:
    """(page, instant of the export) in the name that LinkedIn gives its files."""
    for name in reversed(context.names):
        if found := _NAME.search(name):
            at = datetime.fromtimestamp(int(found[2]) / 1000, UTC)
            return found[1], at.replace(microsecond=0) if 2015 <= at.year < 2100 else None
    return None, None


def _named(context: Context) -> About:
    return About(platform="linkedin", account_name=_in_name(context)[0])


def _about(
    context: Context,
    days: list[date],
    latest: datetime | None,
    notes: list[tuple[str, dict[str, Any]]],
    read: list[_Sheet],
    unread: list[_Sheet],
) -> About:
    named = _in_name(context)[1]
    ends = [datetime.combine(d, time(), UTC) for d in days]
    at_least = max(filter(None, (latest, *ends)), default=None)
    if named and at_least and named < at_least:
        named = None  # a file's name can't be older than its figures
    at = named or at_least
    if further := [s for s in read if s.offset and s.name]:
        rows = "; ".join(f"{s.name}: {s.offset + 1}" for s in further)
        notes = [*notes, ("linkedin.rows_go_on", {"rows": rows})]
    if left := [s.name for s in unread if s.name and s.records]:
        notes = [*notes, ("linkedin.sheets_unread", {"sheets": "; ".join(left)})]
    if days or latest:
        notes = [*notes, ("linkedin.utc_assumed", {})]
    return About(
        language="en",
        exported_at=at,
        exported_evidence=("file_name" if named else "at_least") if at else None,
        period_start=min(days, default=None),
        period_end=max(days, default=None),
        platform="linkedin",
        notes=tuple(notes),
    )


# -- days -------------------------------------------------------------------------------------------------------------


def _rate(cell: Any) -> float | None:
    """Per cent of a fraction ("0.0345") or of a percentage that a spreadsheet shows ("3.45%").

    A bare number above 1 may be either, and is refused. Below zero a day's rate goes with its reactions.
    """
    if isinstance(cell, str) and cell.strip().endswith("%"):
        return number(cell, percent=True, negative=True)
    value = number(cell, negative=True)
    if value is not None and abs(value) > 1:
        raise CellRefused("linkedin.rate_above_one")
    return None if value is None else round(100 * value, 6)


def _parsers(header: Header, *, net: bool) -> dict[str, Parse]:
    def whole(cell: Any) -> float | None:
        return number(cell, whole=True)

    def whole_or_below(cell: Any) -> float | None:
        value = signed(cell)
        if value is not None and not value.is_integer():
            raise CellRefused("not_whole")
        return value

    parsers: dict[str, Parse] = {}
    for code in header.metrics:
        metric = code.split()[0]
        parsers[code] = _rate if metric in _RATES else whole_or_below if net and metric in _NET else whole
    return parsers


def _fates(sheet: _Sheet, header: Header) -> Iterator[Structure | Skipped | Refused | tuple[int, list[Any]]]:
    """The records of a sheet: the description and the header, repeated headers, rows too long; the rest as they are."""
    for n, cells in sheet.records:
        if n <= header.row:
            yield Structure(n)
        elif header_keys(cells)[: len(header.keys)] == header.keys:
            yield Skipped(n, "meta.repeated_header")
        else:
            yield too_long(header, n, cells) or (n, cells)


def _series(
    sheet: _Sheet,
    header: Header,
    days: list[date],
    notes: list[tuple[str, dict[str, Any]]],
    *,
    net: bool = False,
    parts: tuple[str, ...] = (),
) -> Iterator[Yield]:
    """Figures of the Page by day. ``parts``: columns whose sum, with the followers that were invited, is the total."""
    at = header.column("date") or 0
    data: list[tuple[int, list[Any]]] = []
    for item in _fates(sheet, header):
        if isinstance(item, Structure | Skipped | Refused):
            yield item
        else:
            data.append(item)
    series = series_days([cells[at] if at < len(cells) else None for _, cells in data], *_FORMS)
    if series.n_turned:
        notes.append(("daily.turned", {"days": series.n_turned}))
    parsers = _parsers(header, net=net)
    seen: dict[date, dict[str, float]] = {}
    for (n, cells), day in zip(data, series.days, strict=True):
        written = cells[at] if at < len(cells) else None
        values, refused = header.values(n, cells, parsers)
        if isinstance(day, CellRefused):
            if text(written) is None and not values and not refused:
                yield Skipped(n, "no_values")
            else:
                yield Refused(n, "", day.rule, str(written if written is not None else ""), _expected(day))
            continue
        if parts and not _adds_up(header, cells, values):
            yield Refused(n, "", "linkedin.followers_sum", str(values.get("new_followers total", "")))
            continue
        if (known := seen.setdefault(day, values)) is not values:
            same = known == values
            yield Skipped(n, "meta.repeated_row") if same else Refused(n, "", "meta.day_twice", "", {"day": day})
            continue
        rows = [
            Row(
                "metric",
                n,
                {
                    "platform": "linkedin",
                    "item_kind": "account",
                    "metric": code.split()[0],
                    "traffic": code.split()[1],
                    "grain": "account_day",
                    "period_start": day,
                    "period_end": day,
                    "day_zone": "UTC",
                    "value": value,
                    "evidence": "export",
                },
            )
            for code, value in values.items()
        ]
        if rows:
            days.append(day)
        yield from settled(n, rows, refused)


def _expected(problem: CellRefused) -> dict[str, Any]:
    return {**problem.details, "expected": "11/30/2025"} if problem.rule == "not_a_date" else problem.details


def _adds_up(header: Header, cells: list[Any], values: dict[str, float]) -> bool:
    """Whether a day's total is the sum of its parts: only then is it of new followers, and not of all."""
    total = values.get("new_followers total")
    invited_at = header.column("auto-invited followers")
    try:
        invited = number(cells[invited_at]) if invited_at is not None and invited_at < len(cells) else 0.0
    except CellRefused:
        return False
    parts = [values.get("new_followers organic"), values.get("new_followers paid", 0.0), invited or 0.0]
    known = [p for p in parts if p is not None]
    return total is None or parts[0] is None or total == sum(known)


def _demographic(sheet: _Sheet) -> tuple[str, int, int] | None:
    """(dimension, column of the group, column of followers) of a sheet such as "Location | Total followers"."""
    if not sheet.records:
        return None
    keys = header_keys(sheet.records[0][1])
    named = [i for i, key in enumerate(keys) if key in _DEMOGRAPHICS]
    if len(named) != 1 or "total followers" not in keys:
        return None
    return _DEMOGRAPHICS[keys[named[0]]], named[0], keys.index("total followers")


def _groups(sheet: _Sheet, dimension: str, group_at: int, count_at: int) -> Iterator[Yield]:
    seen: set[str] = set()
    for i, (n, cells) in enumerate(sheet.records):
        if i == 0:
            yield Structure(n)
            continue
        group = text(cells[group_at]) if group_at < len(cells) else None
        cell = cells[count_at] if count_at < len(cells) else None
        try:
            value = number(cell, whole=True)
        except CellRefused as problem:
            yield Refused(n, "", problem.rule, str(cell), problem.details)
            continue
        if group is None or value is None:
            yield Skipped(n, "no_values")
        elif group in seen:
            yield Refused(n, "", "linkedin.group_twice", group)
        else:
            seen.add(group)
            of = {"dimension": dimension, "group": group, "value": value, "unit": "people"}
            yield Row("audience", n, {"platform": "linkedin", "item_kind": "account", **of})


# -- posts ------------------------------------------------------------------------------------------------------------


class _Posts:
    """The sheet of posts. A post that was also advertised stands in it once for each: organic, and sponsored."""

    def __init__(self, sheet: _Sheet, header: Header) -> None:
        self.sheet, self.header = sheet, header
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.latest: datetime | None = None

    def _at(self, cells: list[Any], key: str) -> Any:
        i = self.header.column(key)
        return cells[i] if i is not None and i < len(cells) else None

    def _told(self, cells: list[Any]) -> tuple[str | None, str]:
        """(post id, type of the row), both as far as they can be read."""
        link = parsed_link(str(self._at(cells, "post link"))) if text(self._at(cells, "post link")) else None
        known = link is not None and link.platform == "linkedin" and _POST_ID.fullmatch(link.post_id)
        kind = header_key(str(self._at(cells, "post type") or ""))
        return (link.post_id if link and known else None), kind

    def yields(self) -> Iterator[Yield]:
        data: list[tuple[int, list[Any]]] = []
        for item in _fates(self.sheet, self.header):
            if isinstance(item, Structure | Skipped | Refused):
                yield item
            else:
                data.append(item)
        told = [self._told(cells) for _, cells in data]
        sponsored = {post for post, kind in told if kind == "sponsored"}
        parsers = _parsers(self.header, net=False)
        posts: set[str] = set()
        seen: dict[tuple[str, str], dict[str, float]] = {}
        unread = self.header.unread((*_POST_FIELDS, "date"))
        for (n, cells), (post_id, kind) in zip(data, told, strict=True):
            if post_id is None:
                if all(text(c) is None for c in cells):
                    yield Skipped(n, "no_values")
                else:
                    yield Refused(n, "", "linkedin.no_post_id", str(self._at(cells, "post link") or ""))
                continue
            if kind and kind not in _TYPE:
                yield Refused(n, "", "linkedin.post_type_unknown", kind, {"kind": kind})
                continue
            # what no campaign was spent on is all there is; of the others the parts are known, and no total
            traffic = _TYPE.get(kind, "total") if post_id in sponsored else "total"
            values, refused = self.header.values(n, cells, parsers)
            if (known := seen.setdefault((post_id, traffic), values)) is not values:
                same = known == values
                yield Skipped(n, "meta.repeated_row") if same else Refused(n, "", "linkedin.post_twice", post_id)
                continue
            rows: list[Row] = []
            if post_id not in posts:
                posts.add(post_id)
                rows.append(Row("post", n, self._post(n, cells, post_id, refused)))
            same_for_all = {"platform": "linkedin", "item_kind": "post", "item": post_id, "traffic": traffic}
            for code, value in values.items():
                of = {"metric": code.split()[0], "value": value, "grain": "post_lifetime", "evidence": "export"}
                rows.append(Row("metric", n, same_for_all | of))
            yield from settled(n, rows, refused)
        if unread:
            self.notes.append(("linkedin.columns_left_out", {"columns": "; ".join(sorted(set(unread)))}))
        if posts:
            self.notes.append(("linkedin.lifetime_assumed", {}))

    def _post(self, n: int, cells: list[Any], post_id: str, refused: list[Refused]) -> dict[str, Any]:
        flags: list[str] = []
        content = text(self._at(cells, "content type"))
        link = parsed_link(str(self._at(cells, "post link")))
        published = self._published(n, cells, post_id, flags, refused)
        if at := published.get("published_at"):
            self.latest = max(filter(None, (self.latest, at)))
        return {
            "platform": "linkedin",
            "post_id": post_id,
            "text": text(self._at(cells, "post title")),
            "kind": _KIND.get(content.casefold(), "other") if content else None,
            "permalink": link.url if link else None,
            "status": "ok",
            "flags": "|".join(flags) or None,
            **published,
        }

    def _published(
        self, n: int, cells: list[Any], post_id: str, flags: list[str], refused: list[Refused]
    ) -> dict[str, Any]:
        """The columns published_*. The id's instant stands where the date agrees with it, or with day and month turned
        back; a date that the id contradicts stays, flagged, unless a spreadsheet may have turned it."""
        written = self._at(cells, "created date")
        made = _made(post_id)
        column = self.header.names[self.header.column("created date") or 0]
        try:
            moment = clock(written, *_FORMS)
        except CellRefused as problem:
            refused.append(Refused(n, column, problem.rule, str(written), _expected(problem)))
            moment = None
        if moment is None:
            return {}
        shown = {"published_text": str(written).strip(), "published_zone": "UTC"}
        dates = [moment.date()]
        if isinstance(written, datetime) and moment.day <= 12 and moment.day != moment.month:
            dates.append(moment.date().replace(month=moment.day, day=moment.month))
        agreed = [d for d in dates if made and abs(made - datetime.combine(d, time(12), UTC)) <= _NEAR]
        if made and agreed:
            flags.append("time_from_id")
            if agreed[0] != dates[0]:
                flags.append("date_turned")
            return {"published_at": made, "published_precision": "second", **shown}
        if len(dates) > 1:
            refused.append(Refused(n, column, "meta.date_reordered", str(written)))
            return {}
        if made:
            flags.append("time_differs_from_id")
        return {"published_at": datetime.combine(dates[0], time(), UTC), "published_precision": "day", **shown}


def _made(post_id: str) -> datetime | None:
    """The instant in the id of a post: id >> 22 milliseconds since 1970."""
    at = datetime.fromtimestamp((int(post_id) >> 22) / 1000, UTC)
    return at.replace(microsecond=0) if 2010 <= at.year < 2100 else None


def _claimed(signatures: Iterable[frozenset[str]]) -> Any:
    """Whether a file's first sheet, or one of the sheets by LinkedIn's names, has one of the headers."""

    def claims(document: Document) -> bool:
        if document.kind not in ("table", "workbook"):
            return False
        heads = [document.head[:5]]
        for name in document.sheets[1:]:
            if header_key(name) in _SHEETS:
                heads.append([record for record, _ in zip(document.records(name), range(5), strict=False)])
        return any(set(header_keys(cells)) >= s for head in heads for _, cells in head for s in signatures)

    return claims


_SHEETS = (
    "metrics",
    "all posts",
    "update metrics (aggregated)",
    "update engagement",
    "new followers",
    "visitor metrics",
)

READERS = (
    Format(
        "li_content",
        "linkedin",
        _CONTENT_HEADERS,
        _content,
        "UTC",
        ("account_day", "post_lifetime"),
        claims=_claimed(_CONTENT_HEADERS),
    ),
    Format(
        "li_followers",
        "linkedin",
        (_FOLLOWERS,),
        _followers,
        "UTC",
        ("account_day", "audience_share"),
        claims=_claimed((_FOLLOWERS,)),
    ),
    Format("li_visitors", "linkedin", (_VISITORS,), _visitors, "UTC", ("account_day",), claims=_claimed((_VISITORS,))),
)
