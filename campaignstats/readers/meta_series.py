"""Meta Business Suite, Insights > Results: one figure a day of a page or account, one or more blocks in a file.

A block is a title, a header ``Date,Primary`` and days; it names neither the page nor, mostly, the platform. The clock
in the dates jumps with US summer time, which shows that the days are those of the US Pacific zone.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from campaignstats.readers.base import (
    About,
    Context,
    Document,
    Refused,
    Row,
    Skipped,
    Structure,
    Yield,
    header_key,
    header_keys,
)
from campaignstats.readers.cells import CellRefused, clock, number, text, zoned

NAME = "mbs_account_day"
VERSION = 1
PLATFORM = None
DAY = "America/Los_Angeles"
GRAINS = ("account_day",)
ENDS_LINES = True
HEADERS = (frozenset({"date", "primary"}), frozenset({"ngày", "primary"}))  # "Primary" is never translated

PACIFIC = "America/Los_Angeles"
_FB, _IG = "facebook", "instagram"
# title -> (metric, platform); the same words stand for both platforms where it is None
_TITLES: dict[str, tuple[str, str | None]] = {
    "views": ("views", None),
    "lượt xem": ("views", None),
    "viewers": ("viewers", None),
    "người xem": ("viewers", None),
    "reach": ("reach", None),
    "số người tiếp cận": ("reach", None),
    "impressions": ("impressions", None),
    "content interactions": ("interactions", None),
    "lượt tương tác với nội dung": ("interactions", None),
    "follows": ("follows", None),
    "lượt theo dõi": ("follows", None),
    "unfollows": ("unfollows", None),
    "lượt bỏ theo dõi": ("unfollows", None),
    "link clicks": ("link_clicks", None),
    "lượt click vào liên kết": ("link_clicks", None),
    "facebook visits": ("page_visits", _FB),
    "facebook page visits": ("page_visits", _FB),
    "lượt truy cập trên facebook": ("page_visits", _FB),
    "instagram profile visits": ("profile_visits", _IG),
    "lượt truy cập trang cá nhân instagram": ("profile_visits", _IG),
}
_PLATFORM_WORDS = (
    ("facebook ", " trên facebook", _FB),
    ("instagram ", " trên instagram", _IG),
)


def _meaning(title: str) -> tuple[str, str | None] | None:
    """(metric, platform or None) of a block's title; None if it is not known."""
    key = header_key(title)
    if key in _TITLES:
        return _TITLES[key]
    for before, after, platform in _PLATFORM_WORDS:
        bare = key.removeprefix(before).removesuffix(after)
        if bare != key and bare in _TITLES:
            return _TITLES[bare][0], platform
    return None


def claims(document: Document) -> bool:
    return document.kind in ("table", "workbook") and any(_is_header(cells) for _, cells in document.head)


def _is_header(cells: list[Any]) -> bool:
    filled = [k for k in header_keys(cells) if k]
    return len(filled) == 2 and frozenset(filled) in HEADERS


def read(document: Document, context: Context) -> Iterator[Yield]:
    """Days of each block as metrics of the account; a missing day stays missing."""
    title, known, headed = "", False, False
    meaning: tuple[str, str | None] | None = None
    platform, language = context.platform, None
    days: list[date] = []
    notes: list[tuple[str, dict[str, Any]]] = []
    refused_whole: Refused | None = None
    out: list[Yield] = []
    latest: date | None = None

    def closed() -> None:
        """Notes on the block that ends here."""
        if days:
            missing = (max(days) - min(days)).days + 1 - len(set(days))
            if missing:
                notes.append(("meta.missing_days", {"title": title, "days": missing}))

    for n, cells in document.records():
        filled = [c for c in cells if text(c) is not None]
        if _is_header(cells):
            language = "vi" if header_keys(cells)[0] == "ngày" else "en"
            out.append(Structure(n))
            headed = True
            continue
        if len(filled) == 1 and not _is_day(cells[0]):
            closed()
            title, days = str(filled[0]).strip(), []
            # a title right below another, or days before the header: a person sorted the rows, whose days are unknown
            sorted_away = meaning is not None and not headed
            meaning, headed = None if sorted_away else _meaning(title), False
            platform = (meaning[1] if meaning else None) or context.platform
            out.append(Structure(n))
            if meaning is None:
                refused_whole = Refused(0, "", "meta.series_unknown", title, {"title": title})
            elif platform is None:
                refused_whole = Refused(0, "", "platform_unknown", title, {"title": title, "path": document.path})
            continue
        if meaning is None or not headed:
            out.append(Refused(n, "", "meta.series_unknown", title, {"title": title}))
            continue
        if platform is None:
            out.append(Refused(n, "", "platform_unknown", title, {"title": title, "path": document.path}))
            continue
        known = True
        try:
            moment = clock(cells[0], "iso")
            value = number(cells[1] if len(cells) > 1 else None, whole=meaning[0] != "earnings")
            if moment is None:
                raise CellRefused("meta.no_day")
            if moment.date() in days:
                raise CellRefused("meta.day_twice", day=moment.date())
        except CellRefused as problem:
            cell = next((c for c in reversed(filled)), "")
            out.append(Refused(n, "", problem.rule, str(cell), problem.details))
            continue
        if value is None:
            out.append(Skipped(n, "no_values"))
            continue
        day = moment.date()  # the clock part is an artefact of US summer time
        days.append(day)
        latest = max(latest or day, day)
        out.append(
            Row(
                "metric",
                n,
                {
                    "platform": platform,
                    "item_kind": "account",
                    "metric": meaning[0],
                    "traffic": "total",
                    "grain": "account_day",
                    "period_start": day,
                    "period_end": day,
                    "day_zone": PACIFIC,
                    "value": value,
                    "evidence": "export",
                },
            )
        )
    closed()
    if not known and refused_whole:
        yield refused_whole
        return
    yield from out
    if latest:
        notes += [("meta.last_day_partial", {"day": latest}), ("meta.pacific_days", {})]
    platforms = {r.values["platform"] for r in out if isinstance(r, Row)}
    yield About(
        language=language,
        platform=platforms.pop() if len(platforms) == 1 else None,
        exported_at=zoned(datetime.combine(latest, datetime.min.time()), PACIFIC) if latest else None,
        exported_evidence="at_least" if latest else None,
        period_start=min((r.values["period_start"] for r in out if isinstance(r, Row)), default=None),
        period_end=latest,
        notes=tuple(notes),
    )


def _is_day(cell: Any) -> bool:
    try:
        return clock(cell, "iso") is not None
    except CellRefused:
        return False
