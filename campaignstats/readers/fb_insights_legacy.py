"""Facebook Insights Data Export until 2023, post level and page level. FORMATS 4.

Row 1 names the columns, row 2 describes them, and only the description tells "(Total Count)" from "(Unique Users)":
names stand twice, and "Negative Feedback from Users" counts events while "Negative feedback" counts people. Figures
of 7 and 28 days are windows that move by a day: each day of one stands in many of them, so they are left out (the days
are read). Times are month first; Pacific time is assumed, as for Facebook's later exports, and said so.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
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
    found_header,
    header_key,
    header_keys,
)
from campaignstats.readers.cells import CellRefused, clock, is_ambiguous, number, platform_id, text, zoned
from campaignstats.readers.columns import Header, settled, too_long
from campaignstats.readers.daily import series_days

PACIFIC = "America/Los_Angeles"

_POSTS = (frozenset({"post id", "permalink", "post message", "posted"}),)
_PAGE = (
    frozenset({"date", "lifetime total likes"}),
    frozenset({"date", "daily new likes"}),
    frozenset({"date", "daily total reach"}),
    frozenset({"date", "daily page engaged users"}),
)
_TEACHING = (frozenset({"page total likes", "category", "post weekday", "lifetime post total reach"}),)

_PEOPLE, _EVENTS = "people", "events"


class _Meaning(NamedTuple):
    metric: str
    traffic: str = "total"


# header key -> what it counts by its description: people ("Unique Users"), events ("Total Count")
_Meanings = dict[str, dict[str, _Meaning]]


def _both(people: str, events: str, traffic: str = "total") -> dict[str, _Meaning]:
    return {_PEOPLE: _Meaning(people, traffic), _EVENTS: _Meaning(events, traffic)}


_OF_POSTS: _Meanings = {
    "lifetime post total reach": {_PEOPLE: _Meaning("reach")},
    "lifetime post organic reach": {_PEOPLE: _Meaning("reach", "organic")},
    "lifetime post paid reach": {_PEOPLE: _Meaning("reach", "paid")},
    "lifetime post total impressions": {_EVENTS: _Meaning("impressions")},
    "lifetime post organic impressions": {_EVENTS: _Meaning("impressions", "organic")},
    "lifetime post paid impressions": {_EVENTS: _Meaning("impressions", "paid")},
    "lifetime engaged users": {_PEOPLE: _Meaning("engaged_audience")},
    "lifetime post consumers": {_PEOPLE: _Meaning("clickers")},
    "lifetime post consumptions": {_EVENTS: _Meaning("total_clicks")},
    "lifetime negative feedback": _both("negative_feedback_users", "negative_feedback"),
    "lifetime negative feedback from users": _both("negative_feedback_users", "negative_feedback"),
    "lifetime total video views": _both("video_viewers_3s", "video_views_3s"),
    "lifetime organic video views": _both("video_viewers_3s", "video_views_3s", "organic"),
    "lifetime paid video views": _both("video_viewers_3s", "video_views_3s", "paid"),
    "lifetime post stories by action type - like": {_EVENTS: _Meaning("likes")},
    "lifetime post stories by action type - comment": {_EVENTS: _Meaning("comments")},
    "lifetime post stories by action type - share": {_EVENTS: _Meaning("shares")},
}
_OF_PAGES: _Meanings = {
    "lifetime total likes": {_PEOPLE: _Meaning("page_likes")},
    "daily new likes": {_PEOPLE: _Meaning("new_page_likes")},
    "daily unlikes": {_PEOPLE: _Meaning("page_unlikes")},
    "daily page engaged users": {_PEOPLE: _Meaning("engaged_audience")},
    "daily total reach": {_PEOPLE: _Meaning("reach")},
    "daily organic reach": {_PEOPLE: _Meaning("reach", "organic")},
    "daily paid reach": {_PEOPLE: _Meaning("reach", "paid")},
    "daily total impressions": {_EVENTS: _Meaning("impressions")},
    "daily organic impressions": {_EVENTS: _Meaning("impressions", "organic")},
    "daily paid impressions": {_EVENTS: _Meaning("impressions", "paid")},
    "daily total consumers": {_PEOPLE: _Meaning("clickers")},
    "daily page consumptions": {_EVENTS: _Meaning("total_clicks")},
    "daily negative feedback": _both("negative_feedback_users", "negative_feedback"),
    "daily negative feedback from users": _both("negative_feedback_users", "negative_feedback"),
    "daily logged-in page views": _both("page_visitors", "page_visits"),
}
_FIELDS = (
    *("post id", "permalink", "post message", "type", "posted", "date"),
    *("countries", "languages", "audience targeting"),  # whom the post was shown to: not read
)
_ROLLING = re.compile(r"(?:weekly|28 days) .+")
_PERIOD_WORDS = ("Lifetime:", "Daily:", "Weekly:", "28 Days:")
_KIND = {
    "photo": "photo",
    "link": "link",
    "video": "video",
    "sharedvideo": "video",
    "shared video": "video",
    "status": "text",
    "live video": "live",
}
_TIMES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M")
_DAYS = ("iso", "%m/%d/%Y", "%m/%d/%y")
_POST_IN_LINK = re.compile(r"facebook\.com/[^?#]*/posts/(\d{9,})(?:\D|$)")
_ID = re.compile(r"(?:(\d{3,})_)?(\d{3,})")
# "Facebook Insights Data Export (Post Level) - Trang - 2021-12-01.csv"
_NAME = re.compile(r"Facebook Insights Data Export(?: \([^)]*\))? - (.+) - (\d{4}-\d{2}-\d{2})", re.IGNORECASE)


def _counts(description: Any) -> str | None:
    """What a column counts by its description: people, events, or None where it does not say."""
    said = header_key(str(description or ""))
    return _PEOPLE if said.endswith("(unique users)") else _EVENTS if said.endswith("(total count)") else None


def _is_description(cells: list[Any], id_at: int | None) -> bool:
    told = any(isinstance(c, str) and c.strip().startswith(_PERIOD_WORDS) for c in cells)
    return told and (id_at is None or id_at >= len(cells) or text(cells[id_at]) is None)


@dataclass
class _Table:
    """One file: which column is which by its name and description, and what was noticed of it."""

    document: Document
    context: Context
    headers: tuple[frozenset[str], ...]
    known: _Meanings
    key: str  # header of the column that names the row: "post id" or "date"
    header: Header = field(init=False)
    meanings: dict[str, _Meaning] = field(default_factory=dict)
    undescribed: set[str] = field(default_factory=set)  # metrics of columns whose description is gone
    found: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    name: str | None = None
    exported: date | None = None

    def data(self) -> Iterator[Structure | Skipped | Refused | tuple[int, list[Any]]]:
        """Fates of the records that are no data; those that are, as (record, cells)."""
        place = found_header(self.document, self.headers)
        assert place is not None
        top, records = place[0], list(self.document.records())
        titles = next(cells for n, cells in records if n == top)
        keys = header_keys(titles)
        id_at = keys.index(self.key)
        described = next((c for n, c in records if n > top), [])
        described = described if _is_description(described, id_at) else []
        self._plan(top, titles, keys, described)
        for n, cells in records:
            if n <= top:
                yield Structure(n)
            elif header_keys(cells) == keys:
                yield Skipped(n, "meta.repeated_header")
            elif _is_description(cells, id_at):
                yield Structure(n)
            elif refused := too_long(self.header, n, cells):
                yield refused
            else:
                yield n, cells

    def _plan(self, top: int, titles: list[Any], keys: list[str], described: list[Any]) -> None:
        names = ["" if c is None else str(c).strip() for c in titles]
        columns: dict[str, list[int]] = {}
        left_out: set[str] = set()
        for i, key in enumerate(keys):
            if not key or key in _FIELDS:
                continue
            if _ROLLING.fullmatch(key):
                self.found["rolling"] += 1
                continue
            by_count = self.known.get(key, {})
            counted = _counts(described[i] if i < len(described) else None)
            if counted is None and not described:  # the row of descriptions was deleted
                if len(by_count) > 1:
                    self.undescribed.add(names[i])
                    continue
                counted = next(iter(by_count), None)
            meaning = by_count.get(counted or "")
            if meaning is None:
                left_out.add(re.sub(r"\s+-\s+.+$", " - …", names[i]))
                continue
            code = f"{meaning.metric} {meaning.traffic}"
            self.meanings[code] = meaning
            columns.setdefault(code, []).append(i)
        self.header = Header(top, keys, names, columns)
        if self.found["rolling"]:
            self.notes.append(("fb_legacy.rolling", {"columns": self.found["rolling"]}))
        if left_out:
            self.notes.append(("fb_legacy.columns_left_out", {"n": len(left_out), "some": _some(left_out)}))
        if self.undescribed:
            self.notes.append(("fb_legacy.undescribed", {"columns": "; ".join(sorted(self.undescribed))}))
        if len(self.document.sheets) > 1:
            self.notes.append(("fb_legacy.sheets_unread", {"sheets": "; ".join(self.document.sheets[1:])}))
        for name in reversed(self.context.names):
            if told := _NAME.search(name):
                self.name = told[1].strip()
                try:
                    self.exported = date.fromisoformat(told[2])
                except ValueError:
                    self.exported = None
                break

    def cell(self, cells: list[Any], key: str) -> Any:
        i = self.header.column(key)
        return cells[i] if i is not None and i < len(cells) else None

    def values(self, n: int, cells: list[Any]) -> tuple[dict[_Meaning, float], list[Refused]]:
        parsers = dict.fromkeys(self.header.metrics, _whole)
        found, refused = self.header.values(n, cells, parsers)
        values = {self.meanings[code]: value for code, value in found.items()}
        for metric in ("reach", "impressions"):
            total = values.get(_Meaning(metric))
            part = values.get(_Meaning(metric, "organic"))
            if total is not None and part is not None and part > total:
                self.found["parts"] += 1
                break
        return values, refused

    def about(self, latest: datetime | None, days: list[date]) -> About:
        """The file as a whole. The day in its name is when it was exported, unless its figures are younger."""
        named = None
        if self.exported:
            named = zoned(datetime(self.exported.year, self.exported.month, self.exported.day), self.context.timezone)
        at = max(filter(None, (named, latest)), default=None)
        if self.found["parts"]:
            self.notes.append(("fb_legacy.part_exceeds_total", {"rows": self.found["parts"]}))
        return About(
            language="en",
            exported_at=at,
            exported_evidence=("file_name" if at == named else "at_least") if at else None,
            period_start=min(days, default=None),
            period_end=max(days, default=None),
            platform="facebook",
            notes=tuple(self.notes),
        )


def _some(names: set[str]) -> str:
    shown = sorted(names)
    return "; ".join(shown[:5]) + (" …" if len(shown) > 5 else "")


def _whole(cell: Any) -> float | None:
    return number(cell, whole=True)


def _posts(document: Document, context: Context) -> Iterator[Yield]:
    """Posts and their lifetime figures; the page's id is the first half of the post's."""
    table = _Table(document, context, _POSTS, _OF_POSTS, "post id")
    data: list[tuple[int, list[Any]]] = []
    for item in table.data():
        if isinstance(item, Structure | Skipped | Refused):
            yield item
        else:
            data.append(item)
    swapped = _swapped([table.cell(cells, "posted") for _, cells in data])
    pages = {m[1] for _, cells in data if (m := _ID.fullmatch(str(table.cell(cells, "post id")).strip())) and m[1]}
    only_page = pages.pop() if len(pages) == 1 else None
    seen: dict[str, dict[_Meaning, float]] = {}
    accounts: set[str] = set()
    kinds: set[str] = set()
    latest: datetime | None = None
    ids_from_links = 0
    for n, cells in data:
        written, permalink = table.cell(cells, "post id"), text(table.cell(cells, "permalink"))
        flags: list[str] = []
        try:
            page, post_id = _identity(written, permalink, flags)
            page = page or only_page
        except CellRefused as problem:
            yield Refused(n, "", problem.rule, str(written if written is not None else ""), problem.details)
            continue
        ids_from_links += "id_from_link" in flags
        values, refused = table.values(n, cells)
        if (known := seen.setdefault(post_id, values)) is not values:
            yield Skipped(n, "meta.repeated_row") if known == values else Refused(n, "", "meta.post_twice", post_id)
            continue
        rows: list[Row] = []
        if page and page not in accounts:
            accounts.add(page)
            rows.append(
                Row("account", n, {"platform": "facebook", "account_id": page, "name": table.name, "handle": None})
            )
        published = _published(table, n, cells, swapped, flags, refused)
        if at := published.get("published_at"):
            latest = max(latest or at, at)
        kind = text(table.cell(cells, "type"))
        if kind and kind.casefold() not in _KIND:
            kinds.add(kind)
        post = {
            "platform": "facebook",
            "post_id": post_id,
            "account_id": page,
            "account_name": table.name,
            "text": text(table.cell(cells, "post message")),
            "kind": _KIND.get(kind.casefold(), "other") if kind else None,
            "permalink": permalink,
            "status": "ok",
            "flags": "|".join(flags) or None,
            **published,
        }
        rows.append(Row("post", n, post))
        common = {"platform": "facebook", "item_kind": "post", "item": post_id, "account_id": page}
        for meaning, value in values.items():
            of = {"metric": meaning.metric, "traffic": meaning.traffic, "value": value}
            rows.append(Row("metric", n, common | of | {"grain": "post_lifetime", "evidence": "export"}))
        yield from settled(n, rows, refused)
    if seen:
        table.notes.append(("fb_legacy.pacific_assumed", {}))
    if ids_from_links:
        table.notes.append(("meta.ids_from_links", {"posts": ids_from_links}))
    if kinds:
        table.notes.append(("meta.kind_unknown", {"kinds": ", ".join(sorted(kinds))}))
    yield table.about(latest, [])


def _identity(written: Any, permalink: str | None, flags: list[str]) -> tuple[str | None, str]:
    """(page id, post id) of "<page>_<post>"; the post's from the link where a spreadsheet has rounded it."""
    try:
        whole = platform_id(written)
    except CellRefused:
        linked = _POST_IN_LINK.search(permalink or "")
        if linked is None:
            raise
        flags.append("id_from_link")
        return None, linked[1]
    parts = _ID.fullmatch(whole or "")
    if parts is None:
        raise CellRefused("meta.no_id" if whole is None else "fb_legacy.bad_id")
    return parts[1], parts[2]


def _swapped(cells: list[Any]) -> bool:
    """Whether an Excel used to day first may have swapped days and months: see meta_content."""
    given = [c for c in cells if text(c) is not None]
    dates = [c for c in given if isinstance(c, datetime)]
    return bool(dates) and (len(dates) < len(given) or all(d.day <= 12 for d in dates))


def _published(
    table: _Table, n: int, cells: list[Any], swapped: bool, flags: list[str], refused: list[Refused]
) -> dict[str, Any]:
    written = table.cell(cells, "posted")
    try:
        if isinstance(written, datetime) and swapped:
            raise CellRefused("meta.date_reordered")
        naive = clock(written, *_TIMES)
    except CellRefused as problem:
        column = table.header.names[table.header.column("posted") or 0]
        refused.append(Refused(n, column, problem.rule, str(written), _expected(problem, "11/30/2021 14:05")))
        return {}
    if naive is None:
        return {}
    flags.append("zone_assumed")
    if is_ambiguous(naive, PACIFIC):
        flags.append("time_ambiguous")
    return {
        "published_at": zoned(naive, PACIFIC),
        "published_precision": "second" if str(written).count(":") > 1 else "minute",
        "published_text": str(written).strip(),
        "published_zone": PACIFIC,
    }


def _expected(problem: CellRefused, example: str) -> dict[str, Any]:
    """The details of a refused date: an example says more than a pattern does."""
    return {**problem.details, "expected": example} if problem.rule == "not_a_date" else problem.details


def _page(document: Document, context: Context) -> Iterator[Yield]:
    """A row a day: figures of the day, and how many people liked the Page on it."""
    table = _Table(document, context, _PAGE, _OF_PAGES, "date")
    data: list[tuple[int, list[Any]]] = []
    out: list[Yield] = []
    for item in table.data():
        if isinstance(item, Structure | Skipped | Refused):
            out.append(item)
        else:
            data.append(item)
    series = series_days([table.cell(cells, "date") for _, cells in data], *_DAYS)
    if series.n_turned:
        table.notes.append(("daily.turned", {"days": series.n_turned}))
    days: list[date] = []
    seen: dict[date, dict[_Meaning, float]] = {}
    for (n, cells), day in zip(data, series.days, strict=True):
        written = table.cell(cells, "date")
        values, refused = table.values(n, cells)
        if isinstance(day, CellRefused):
            if text(written) is None and not values and not refused:
                out.append(Skipped(n, "no_values"))
            else:
                told = str(written if written is not None else "")
                out.append(Refused(n, "", day.rule, told, _expected(day, "11/30/2021")))
            continue
        if (known := seen.setdefault(day, values)) is not values:
            same = known == values
            out.append(Skipped(n, "meta.repeated_row") if same else Refused(n, "", "meta.day_twice", "", {"day": day}))
            continue
        rows = []
        for meaning, value in values.items():
            rows.append(
                Row(
                    "metric",
                    n,
                    {
                        "platform": "facebook",
                        "item_kind": "account",
                        "metric": meaning.metric,
                        "traffic": meaning.traffic,
                        "grain": "account_day",
                        "period_start": day,
                        "period_end": day,
                        "day_zone": PACIFIC,
                        "value": value,
                        "evidence": "export",
                    },
                )
            )
        if rows:
            days.append(day)
        out += settled(n, rows, refused)
    if days:
        missing = (max(days) - min(days)).days + 1 - len(days)
        if missing:
            table.notes.append(("fb_legacy.missing_days", {"days": missing}))
        table.notes.append(("fb_legacy.pacific_assumed", {}))
    if table.name:
        yield About(account_name=table.name)
    yield from out
    last = max(days, default=None)
    yield table.about(zoned(datetime(last.year, last.month, last.day), PACIFIC) if last else None, days)


def _teaching(document: Document, context: Context) -> Iterator[Yield]:
    """The UCI data set "Facebook metrics" of a cosmetics brand: it looks like this export and is nobody's Page here."""
    yield Refused(0, "", "fb_legacy.teaching")


_GRAINS = ("post_lifetime",)

READERS = (
    Format("fb_insights_legacy_posts", "facebook", _POSTS, _posts, PACIFIC, _GRAINS),
    Format("fb_insights_legacy_page", "facebook", _PAGE, _page, PACIFIC, ("account_day",)),
    Format("fb_insights_teaching", "facebook", _TEACHING, _teaching, "declared", _GRAINS),
)
