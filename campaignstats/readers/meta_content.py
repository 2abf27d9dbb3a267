"""Meta Business Suite, Insights > Content > Export: Facebook and Instagram posts, for their lifetime or day by day.

Both languages of the interface. Publish times and days are US Pacific wall clock, whatever the page's country: measured
on 190 Instagram posts of four accounts against the instants in their shortcodes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
    found_header,
    header_keys,
)
from campaignstats.readers.cells import (
    CellRefused,
    clock,
    ig_shortcode,
    ig_shortcode_time,
    is_ambiguous,
    number,
    platform_id,
    rounded_ids,
    text,
    truth,
    zoned,
)
from campaignstats.readers.columns import named_width, no_items, settled
from campaignstats.readers.daily import series_days

PACIFIC = "America/Los_Angeles"

# header key -> canonical field, English and Vietnamese
FIELDS = {
    "post id": "id",
    "id bài viết": "id",
    "page id": "account_id",
    "account id": "account_id",
    "id trang": "account_id",
    "id tài khoản": "account_id",
    "page name": "account_name",
    "account name": "account_name",
    "tên trang": "account_name",
    "tên tài khoản": "account_name",
    "account username": "handle",
    "tên người dùng tài khoản": "handle",
    "title": "title",
    "tiêu đề": "title",
    "description": "description",
    "mô tả": "description",
    "duration (sec)": "duration",
    "thời lượng (giây)": "duration",
    "publish time": "published",
    "thời gian đăng": "published",
    "permalink": "permalink",
    "liên kết vĩnh viễn": "permalink",
    "is crosspost": "is_crosspost",
    "là nội dung đăng chéo": "is_crosspost",
    "is share": "is_share",
    "là bài viết chia sẻ": "is_share",
    "post type": "kind",
    "loại bài viết": "kind",
    "data comment": "data_comment",  # an error text, not the number of comments
    "bình luận về dữ liệu": "data_comment",
    "date": "day",
    "ngày": "day",
}
UNUSED = {
    "caption type",
    "loại chú thích",
    "languages",
    "ngôn ngữ",
    "custom labels",
    "nhãn tùy chỉnh",
    "funded content status",
    "trạng thái nội dung được tài trợ",
    "universal video id",
}
# header key -> metric; the words that stand after it name the traffic
METRICS = {
    "views": "views",
    "lượt xem": "views",
    "impressions": "impressions",
    "lượt hiển thị": "impressions",
    "reach": "reach",
    "số người tiếp cận": "reach",
    "viewers": "viewers",
    "người xem": "viewers",
    "reactions, comments and shares": "interactions",
    "cảm xúc, bình luận và lượt chia sẻ": "interactions",
    "reactions": "reactions",
    "cảm xúc": "reactions",
    "likes": "likes",
    "lượt thích": "likes",
    "comments": "comments",
    "bình luận": "comments",
    "shares": "shares",
    "lượt chia sẻ": "shares",
    "saves": "saves",
    "lượt lưu": "saves",
    "follows": "follows",
    "lượt theo dõi": "follows",
    "replies": "replies",
    "lượt trả lời": "replies",
    "sticker taps": "sticker_taps",
    "navigation": "navigation",
    "profile visits": "profile_visits",
    "total clicks": "total_clicks",
    "tổng lượt click": "total_clicks",
    "link clicks": "link_clicks",
    "lượt click vào liên kết": "link_clicks",
    "other clicks": "other_clicks",
    "lượt click khác": "other_clicks",
    "matched audience targeting consumption (photo click)": "photo_clicks",
    "tổng số lượt click của người dùng khớp với đối tượng nhắm mục tiêu (photo click)": "photo_clicks",
    "seconds viewed": "seconds_viewed",
    "số giây xem": "seconds_viewed",
    "average seconds viewed": "average_seconds_viewed",
    "số giây xem trung bình": "average_seconds_viewed",
    "estimated earnings (usd)": "earnings",
    "thu nhập ước tính ((usd))": "earnings",
    "ad cpm (usd)": "ad_cpm",
    "cpm quảng cáo ((usd))": "ad_cpm",
    "ad impressions": "ad_impressions",
    "lượt hiển thị quảng cáo": "ad_impressions",
    "3-second video views": "video_views_3s",
    "lượt xem video trong tối thiểu 3 giây": "video_views_3s",
    "1-minute video views": "video_views_1m",
    "lượt xem video trong tối thiểu 1 phút": "video_views_1m",
    "3-second viewers": "video_viewers_3s",
    "số người xem trong tối thiểu 3 giây": "video_viewers_3s",
    "1-minute viewers": "video_viewers_1m",
    "số người xem trong tối thiểu 1 phút": "video_viewers_1m",
    "negative feedback from users": "negative_feedback",
    "số phản hồi tiêu cực từ người dùng": "negative_feedback",
    "unique negative feedback from users": "negative_feedback_users",
    "số phản hồi tiêu cực của người dùng": "negative_feedback_users",
}
_TRAFFIC = {
    " from organic posts": "organic",
    " từ bài viết tự nhiên": "organic",
    " from boosted posts": "paid",
    " từ bài viết đã quảng cáo": "paid",
}
# "3.900" seconds: a decimal, or 3,900 with a point between the thousands
_POINT_OR_THOUSANDS = re.compile(r"\d{1,3}\.\d{3}")
_POST_ID = re.compile(r"\d{1,20}(?:_\d{1,20})?", re.ASCII)
_FRACTIONS = {"seconds_viewed", "average_seconds_viewed", "earnings", "ad_cpm"}
# known, and left out: retention curves, the split by where a view came from, an internal name that leaked into a header
_LEFT_OUT = re.compile(
    r"percentage of .* at interval \d+|phần trăm .* ở quãng \d+"
    r"|.+ from (?:recommendations|followers|shares)|.+ từ (?:đề xuất|người theo dõi|lượt chia sẻ)"
    r"|(?:unique )?negative feedback from users: .+|số phản hồi tiêu cực (?:từ|của) người dùng: .+|[a-z_]+:[a-z_]+"
)
_TOP_AUDIENCE = re.compile(
    r"(?:3-second video views by top audience|số lượt xem video trong tối thiểu 3 giây theo đối tượng hàng đầu)"
    r" \(([a-z]), (.+)\)",
    re.IGNORECASE,
)
_COUNTRY = re.compile(
    r"(?:3-second video views by country|số lượt xem video trong tối thiểu 3 giây theo quốc gia) \((.+) \([a-z]{2}\)\)",
    re.IGNORECASE,
)
_KINDS = {
    "photo": (
        "photo",
        "photos",
        "ảnh",
        "ig image",
        "hình ảnh trên instagram",
        "ảnh trên instagram",
        "hình ảnh instagram",
    ),
    "text": ("text", "văn bản", "chữ", "trạng thái", "status"),
    "video": ("video", "videos", "ig video", "video trên instagram"),
    "reel": ("reel", "reels", "thước phim", "ig reel", "thước phim instagram", "thước phim trên instagram"),
    "link": ("link", "links", "liên kết"),
    "carousel": ("ig carousel", "thẻ quay vòng trên instagram", "album", "multi-photo"),
    "story": ("story", "stories", "tin", "ig story", "tin trên instagram", "tin instagram"),
    "live": ("live", "trực tiếp", "video trực tiếp"),
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}
_LIFETIME = ("lifetime", "trọn đời")

_TIMES = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%y %H:%M", "%m/%d/%Y %I:%M %p")
_WITH_SECONDS = re.compile(r"\d{1,2}/(\d{1,2})/\d{4} \d{1,2}:\d\d:\d\d")
_DAYS = ("%m/%d/%Y", "%m/%d/%y")
_POST_IN_LINK = re.compile(r"facebook\.com/.*?(?:/posts/|story_fbid=|fbid=)(\d{9,})(?:\D|$)")
_LOST_ID = re.compile(r"\bID[:\s]+(\d{6,})", re.IGNORECASE)
_ANY_LONG = re.compile(r"\b(\d{9,})\b")
_STORY = re.compile(r"instagram\.com/stories/[^/?#]+/(\d{16,})")
_NAMED_PERIOD = re.compile(r"([A-Z][a-z]{2}-\d{2}-\d{4})_([A-Z][a-z]{2}-\d{2}-\d{4})_\d+")
_NEAR = timedelta(minutes=30)


def named_period(names: Iterable[str]) -> tuple[date, date] | None:
    """The range in Meta's file name, "Nov-15-2025_Dec-15-2025_1234567890123456.csv": its filter on publish dates."""
    for name in names:
        if found := _NAMED_PERIOD.search(name):
            try:
                first, last = (datetime.strptime(t, "%b-%d-%Y").date() for t in found.groups())
            except ValueError:
                continue
            if first <= last:
                return first, last
    return None


@dataclass
class Plan:
    """What each column is, by position: names may stand twice, and their order changes."""

    names: list[str]
    fields: dict[str, int] = field(default_factory=dict)
    metrics: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # (metric, traffic) -> columns
    groups: dict[int, tuple[str, str]] = field(default_factory=dict)  # column -> (dimension, group)
    left_out: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        cells: list[Any],
        fields: Mapping[str, str] = FIELDS,
        metrics: Mapping[str, str] = METRICS,
        left_out: re.Pattern[str] | None = None,
    ) -> "Plan":
        """``fields`` and ``metrics``: header key -> name; ``left_out``: headers that are known and not used, beside
        those of every content export."""
        plan = cls(["" if c is None else str(c).strip() for c in cells])
        for i, key in enumerate(header_keys(cells)):
            name = plan.names[i]
            if key in fields:
                plan.fields.setdefault(fields[key], i)
            elif metric := _metric(key, metrics):
                plan.metrics.setdefault(metric, []).append(i)
            elif found := _TOP_AUDIENCE.fullmatch(key):
                plan.groups[i] = ("age_gender", f"{found[1].upper()} {found[2]}")
            elif _COUNTRY.fullmatch(key):
                country = _COUNTRY.search(" ".join(name.replace("\u00a0", " ").split()))
                plan.groups[i] = ("country", country[1] if country else key)
            elif _LEFT_OUT.fullmatch(key) or (left_out and left_out.fullmatch(key)):
                plan.left_out.add(re.sub(r"\s*\d+$", " …", name))
            elif key and key not in UNUSED:
                plan.unknown.append(name)
        return plan

    def cell(self, cells: list[Any], name: str) -> Any:
        i = self.fields.get(name)
        return cells[i] if i is not None and i < len(cells) else None


def _metric(key: str, metrics: Mapping[str, str]) -> tuple[str, str] | None:
    for ending, traffic in _TRAFFIC.items():
        if key.endswith(ending) and (metric := metrics.get(key.removesuffix(ending))):
            return metric, traffic
    return (metrics[key], "total") if key in metrics else None


@dataclass(frozen=True)
class Content:
    NAME: str
    PLATFORM: str
    HEADERS: tuple[frozenset[str], ...]
    VERSION: int = 3
    DAY: str = PACIFIC
    GRAINS: tuple[str, ...] = ("post_lifetime", "post_day", "audience_share")
    ENDS_LINES: bool = True

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        """Posts, their metrics and audiences; a deleted post keeps the one figure that Meta still gives."""
        header = found_header(document, self.HEADERS)
        assert header is not None
        language = "vi" if any(key in ("id bài viết", "ngày") for key in header[1]) else "en"
        table = Table(document, header[0], Plan.of(titles(document, header[0])))
        yield from table.fates()
        yield from Reading(self.PLATFORM, language, table.plan, table.data, context).yields()


def titles(document: Document, row: int) -> list[Any]:
    """The cells of the header record."""
    return next(cells for n, cells in document.head if n == row)


@dataclass
class Table:
    """A file's records: those with figures are in ``data`` once ``fates``, which yields the others', is read.

    Meta's exports have thousands of rows, not millions: they are held.
    """

    document: Document
    header: int
    plan: Plan
    data: list[tuple[int, list[Any]]] = field(default_factory=list)

    def fates(self) -> Iterator[Yield]:
        keys, plan = header_keys(titles(self.document, self.header)), self.plan
        records = list(self.document.records())
        ids = [plan.fields.get(name) for name in ("id", "permalink", "data_comment")]
        width = named_width(plan.names)
        fates = no_items(records, self.header, keys, ids, {i for c in plan.metrics.values() for i in c})
        for n, cells in records:
            if n <= self.header:
                yield Structure(n)
            elif header_keys(cells) == keys:
                yield Skipped(n, "meta.repeated_header")
            elif n in fates:
                yield fates[n]
            elif extra := [c for c in cells[width:] if text(c) is not None]:
                details = {"cells": len(cells), "columns": width}
                yield Refused(n, "", "row_too_long", str(extra[0]), details)
            else:
                self.data.append((n, cells))


class Reading:
    """One file being read: what must be known of all its rows before one of them can be believed."""

    def __init__(
        self, platform: str, language: str, plan: Plan, data: list[tuple[int, list[Any]]], context: Context
    ) -> None:
        self.platform, self.language, self.plan, self.data, self.context = platform, language, plan, data, context
        self.dropped: dict[tuple[str, str], str] = {}  # metric -> rule
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.found: Counter[str] = Counter()
        self.kinds: set[str] = set()
        self.seen: set[tuple[str, str]] = set()
        self.measured: dict[tuple[str, date | None], dict[tuple[str, str], float]] = {}
        self.latest: datetime | None = None
        ids = [str(plan.cell(cells, "id") or "") for _, cells in data]
        self.rounded = rounded_ids(ids)
        self.swapped = self._swapped()
        self.grouped = self._grouped()
        self.days = self._days() if "day" in plan.fields else {}
        accounts = {str(plan.cell(cells, "account_id") or "").strip() for _, cells in data} - {""}
        self.only_account = accounts.pop() if len(accounts) == 1 else None

    def yields(self) -> Iterator[Yield]:
        self._drop_columns()
        for n, cells in self.data:
            yield from self._row(n, cells)
        period = named_period(self.context.names)
        bounds = [self.latest] if self.latest else []
        if period:
            bounds.append(zoned(datetime.combine(period[1], datetime.min.time()), PACIFIC))
        plan = self.plan
        if plan.left_out:
            self.notes.append(("meta.columns_left_out", {"columns": "; ".join(sorted(plan.left_out))}))
        if plan.unknown:
            self.notes.append(("meta.columns_unknown", {"columns": "; ".join(plan.unknown)}))
        for key in ("unavailable", "ids_from_links", "sum_differs", "time_differs"):
            if self.found[key]:
                self.notes.append((f"meta.{key}", {"posts": self.found[key]}))
        if self.kinds:
            self.notes.append(("meta.kind_unknown", {"kinds": ", ".join(sorted(self.kinds))}))
        yield About(
            language=self.language,
            exported_at=max(bounds) if bounds else None,
            exported_evidence="at_least" if bounds else None,
            period_start=period[0] if period else None,
            period_end=period[1] if period else None,
            platform=self.platform,
            notes=tuple(self.notes),
        )

    # -- what only the whole file shows

    def _swapped(self) -> bool:
        """Whether a spreadsheet may have read Meta's month-first times day first.

        A Vietnamese Excel turns 03/04/2025 into 3 April and leaves 03/14/2025 a text. Dates beside texts show that it
        did; dates alone, none after the 12th, do not show that it didn't. In a text table such dates have seconds,
        which Meta never writes.
        """
        cells = [c for _, row in self.data if (c := self.plan.cell(row, "published")) not in (None, "")]
        days = [d for c in cells if (d := _reread_day(c)) is not None]
        return bool(days) and (len(days) < len(cells) or all(day <= 12 for day in days))

    def _grouped(self) -> bool:
        """Whether counts have points between their thousands, "7.000" or "16.390": more of them than have none."""
        counts = [i for metric, columns in self.plan.metrics.items() if metric[0] not in _FRACTIONS for i in columns]
        written = [c for _, cells in self.data for i in counts if i < len(cells) and isinstance(c := cells[i], str)]
        pointed = sum(bool(_POINT_OR_THOUSANDS.fullmatch(c.strip())) for c in written)
        return pointed > sum(len(c.strip()) > 3 and c.strip().isdigit() for c in written)

    def _drop_columns(self) -> None:
        """Metrics that the file contradicts: repeated columns that differ, seconds without their decimals, and views of
        0 where people were reached.
        """
        plan, points_lost = self.plan, self._points_lost()
        for metric, columns in plan.metrics.items():
            if len(columns) > 1 and any(len(set(self._all(cells, columns)) - {None}) > 1 for _, cells in self.data):
                self.dropped[metric] = "meta.columns_disagree"
                self.notes.append(("meta.columns_disagree", {"header": plan.names[columns[0]]}))
            elif "seconds" in metric[0] and points_lost:
                self.dropped[metric] = "meta.decimals_lost"
                self.notes.append(("meta.decimals_lost", {"header": plan.names[columns[0]]}))
        views, reach = plan.metrics.get(("views", "total")), plan.metrics.get(("reach", "total"))
        if views and reach and ("views", "total") not in self.dropped:
            pairs = [(self._first(cells, views), self._first(cells, reach)) for _, cells in self.data]
            known = [(v, r) for v, r in pairs if v is not None]
            if known and all(v == 0 for v, _ in known) and any(r for _, r in known):
                self.dropped["views", "total"] = "meta.views_contradict_reach"
                self.notes.append(("meta.views_dropped", {}))

    def _points_lost(self) -> bool:
        """Whether 859.909 seconds became 859909, as where a Vietnamese sheet takes the point for one of thousands.

        Nobody watches a video longer on average than twice its length: a whole number that says so proves it.
        """
        average = self.plan.metrics.get(("average_seconds_viewed", "total"), [])
        for _, cells in self.data:
            try:
                length = number(self.plan.cell(cells, "duration"))
            except CellRefused:
                continue
            seen = self._first(cells, average)
            if length and seen and seen >= 1000 and seen.is_integer() and seen > 2 * length:
                return True
        return False

    def _all(self, cells: list[Any], columns: list[int]) -> list[float | None]:
        found = []
        for i in columns:
            try:
                found.append(number(cells[i]) if i < len(cells) else None)
            except CellRefused:
                found.append(float("nan"))
        return found

    def _first(self, cells: list[Any], columns: list[int]) -> float | None:
        return next((v for v in self._all(cells, columns) if v is not None), None)

    # -- one row

    def _row(self, n: int, cells: list[Any]) -> Iterator[Yield]:
        plan = self.plan
        refused: list[Refused] = []
        permalink = text(plan.cell(cells, "permalink"))
        flags: list[str] = []
        try:
            post_id, status = self._identity(cells, permalink, flags)
        except CellRefused as problem:
            yield Refused(n, "", problem.rule, str(plan.cell(cells, "id") or ""))
            return
        self.found["unavailable"] += status == "unavailable"

        try:
            day = self._day(cells)
        except CellRefused as problem:  # figures without their day belong nowhere
            yield Refused(n, "", problem.rule, str(plan.cell(cells, "day")), problem.details)
            return
        if day:  # the export can't be older than the last day that it has figures of
            began = zoned(datetime.combine(day, datetime.min.time()), PACIFIC)
            self.latest = max(self.latest or began, began)
        account_id = self._account(n, cells, refused)
        values = self._values(n, cells, refused)
        if (known := self.measured.setdefault((post_id, day), values)) is not values:
            same = known == values
            yield Skipped(n, "meta.repeated_row") if same else Refused(n, "", "meta.post_twice", post_id)
            return
        key = (post_id, status)
        rows: list[Row] = []
        if account_id and ("account", account_id) not in self.seen:
            self.seen.add(("account", account_id))
            rows.append(
                Row(
                    "account",
                    n,
                    {
                        "platform": self.platform,
                        "account_id": account_id,
                        "name": text(plan.cell(cells, "account_name")),
                        "handle": text(plan.cell(cells, "handle")),
                    },
                )
            )
        if key not in self.seen:  # a file by days has a row a day
            self.seen.add(key)
            post = self._post(n, cells, permalink, status, flags, refused)
            parts = [values.get((m, "total")) for m in ("interactions", "reactions", "comments", "shares")]
            if None not in parts and day is None and parts[0] != sum(p for p in parts[1:] if p is not None):
                flags.append("sum_differs")
                self.found["sum_differs"] += 1
            post |= {"post_id": post_id, "account_id": account_id, "flags": "|".join(flags) or None}
            rows.append(Row("post", n, post))
        common = {"platform": self.platform, "item_kind": "post", "item": post_id}
        grain: dict[str, Any] = {"grain": "post_lifetime", "day_zone": None}
        if day:
            grain = {"grain": "post_day", "period_start": day, "period_end": day, "day_zone": PACIFIC}
        for (metric, traffic), value in values.items():
            measured = {"account_id": account_id, "metric": metric, "traffic": traffic, "value": value}
            rows.append(Row("metric", n, common | grain | measured | {"evidence": "export"}))
        if day is None:
            rows += [Row("audience", n, common | group) for group in self._groups(n, cells, refused)]
        yield from settled(n, rows, refused)

    def _identity(self, cells: list[Any], permalink: str | None, flags: list[str]) -> tuple[str, str]:
        """(post id, status): from the id, the link where a spreadsheet has rounded it, or Meta's error text."""
        error = text(self.plan.cell(cells, "data_comment"))
        status = "unavailable" if error and self.plan.cell(cells, "published") in (None, "") else "ok"
        try:
            post_id = platform_id(self.plan.cell(cells, "id"))
            if post_id and self.rounded and len(post_id) > 15:
                raise CellRefused("damaged_id")
            if post_id and not _POST_ID.fullmatch(post_id):
                raise CellRefused("items.bad_id")
        except CellRefused:
            link = _POST_IN_LINK.search(permalink or "")
            if link is None:
                raise
            flags.append("id_from_link")
            self.found["ids_from_links"] += 1
            return link[1], status
        if post_id is None and error:
            lost = _LOST_ID.search(error) or _ANY_LONG.search(error)
            post_id, status = (lost[1] if lost else None), "unavailable"
        if post_id is None:
            raise CellRefused("meta.no_id")
        return post_id, status

    def _account(self, n: int, cells: list[Any], refused: list[Refused]) -> str | None:
        cell = self.plan.cell(cells, "account_id")
        try:
            found = platform_id(cell)
        except CellRefused as problem:
            refused.append(Refused(n, self.plan.names[self.plan.fields["account_id"]], problem.rule, str(cell)))
            return None
        return found or self.only_account

    def _day(self, cells: list[Any]) -> date | None:
        """The day that the row's figures are of; None for a lifetime."""
        written = self.plan.cell(cells, "day")
        if "day" not in self.plan.fields or str(written or "").strip().casefold() in _LIFETIME:
            return None
        day = self.days[written]
        if isinstance(day, CellRefused):
            raise day
        return day

    def _days(self) -> dict[Any, date | CellRefused]:
        """Each different cell of the column Date: its day. One proof for all of them, as they follow one another."""
        cells = dict.fromkeys(self.plan.cell(row, "day") for _, row in self.data)
        written = [c for c in cells if str(c or "").strip().casefold() not in _LIFETIME]
        series = series_days(written, *_DAYS)
        if series.n_turned:
            self.notes.append(("daily.turned", {"days": series.n_turned}))
        return dict(zip(written, series.days, strict=True))

    def _values(self, n: int, cells: list[Any], refused: list[Refused]) -> dict[tuple[str, str], float]:
        plan = self.plan
        values: dict[tuple[str, str], float] = {}
        for metric, columns in plan.metrics.items():
            for i in columns:
                cell = cells[i] if i < len(cells) else None
                try:
                    value = number(cell, whole=metric[0] not in _FRACTIONS)
                    if self.grouped and isinstance(cell, str) and _POINT_OR_THOUSANDS.fullmatch(cell.strip()):
                        raise CellRefused("meta.point_or_thousands", value=cell.strip())
                except CellRefused as problem:
                    refused.append(Refused(n, plan.names[i], problem.rule, str(cell), problem.details))
                    values.pop(metric, None)
                    break  # a repeated column has the same name: one refusal says it
                if value is None:
                    continue
                if rule := self.dropped.get(metric):
                    refused.append(Refused(n, plan.names[i], rule, str(cell), {"header": plan.names[i]}))
                    break
                values[metric] = value
        return values

    def _post(
        self, n: int, cells: list[Any], permalink: str | None, status: str, flags: list[str], refused: list[Refused]
    ) -> dict[str, Any]:
        plan = self.plan
        written = text(plan.cell(cells, "kind"))
        kind = _KIND.get(written.casefold(), "other") if written else None
        if kind == "other" and written:
            self.kinds.add(written)
        duration = None
        try:
            duration = number(plan.cell(cells, "duration")) or None  # 0 for everything but videos
        except CellRefused as problem:
            name = plan.names[plan.fields["duration"]]
            refused.append(Refused(n, name, problem.rule, str(plan.cell(cells, "duration"))))
        published = self._published(n, cells, permalink, flags, refused)
        if published.get("published_at"):
            self.latest = max(self.latest or published["published_at"], published["published_at"])
        return {
            "platform": self.platform,
            "account_name": text(plan.cell(cells, "account_name")),
            "text": text(plan.cell(cells, "description")) or text(plan.cell(cells, "title")),
            "kind": kind,
            "permalink": permalink,
            "duration": duration,
            "is_crosspost": truth(plan.cell(cells, "is_crosspost")),
            "is_share": truth(plan.cell(cells, "is_share")),
            "status": status,
            **published,
        }

    def _published(
        self, n: int, cells: list[Any], permalink: str | None, flags: list[str], refused: list[Refused]
    ) -> dict[str, Any]:
        """The columns published_*; an Instagram shortcode checks the time, and stands in for a lost one."""
        cell = self.plan.cell(cells, "published")
        in_id = _instagram_time(permalink) if self.platform == "instagram" else None
        try:
            if self.swapped and _reread_day(cell) is not None:
                raise CellRefused("meta.date_reordered")
            naive = clock(cell, *_TIMES)
        except CellRefused as problem:
            refused.append(
                Refused(n, self.plan.names[self.plan.fields["published"]], problem.rule, str(cell), problem.details)
            )
            naive = None
            if in_id:
                flags.append("time_from_id")
                return {"published_at": in_id, "published_precision": "second", "published_text": str(cell)}
        if naive is None:
            return {}
        at = zoned(naive, PACIFIC)
        if is_ambiguous(naive, PACIFIC):
            late = zoned(naive.replace(fold=1), PACIFIC)
            if in_id and abs(late - in_id) < _NEAR:
                at = late
            elif not in_id:
                flags.append("time_ambiguous")
        if in_id and abs(at - in_id) > _NEAR:
            flags.append("time_differs_from_id")
            self.found["time_differs"] += 1
        return {
            "published_at": at.astimezone(UTC),
            "published_precision": "minute",
            "published_text": str(cell).strip(),
            "published_zone": PACIFIC,
        }

    def _groups(self, n: int, cells: list[Any], refused: list[Refused]) -> Iterator[dict[str, Any]]:
        for i, (dimension, group) in self.plan.groups.items():
            cell = cells[i] if i < len(cells) else None
            try:
                value = number(cell, whole=True)
            except CellRefused as problem:
                refused.append(Refused(n, self.plan.names[i], problem.rule, str(cell), problem.details))
                continue
            if value is not None:
                yield {"dimension": dimension, "group": group, "value": value, "unit": "events"}


def _reread_day(cell: Any) -> int | None:
    """The day of the month of a time that a spreadsheet has read and written anew; None for Meta's own text."""
    if isinstance(cell, datetime):
        return cell.day
    found = _WITH_SECONDS.fullmatch(str(cell).strip())
    return int(found[1]) if found else None


def _instagram_time(permalink: str | None) -> datetime | None:
    """The instant in an Instagram link: in a post's shortcode, or in a story's number, which is laid out alike."""
    if code := ig_shortcode(permalink):
        return ig_shortcode_time(code)
    story = _STORY.search(permalink or "")
    return ig_shortcode_time(_as_shortcode(int(story[1]))) if story else None


def _as_shortcode(number: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    code = ""
    while number:
        number, place = divmod(number, 64)
        code = letters[place] + code
    return code


class _Stories(Content):
    """Stories by the English headers; what a Vietnamese file of them is headed, nobody has shown us."""

    _VIETNAMESE = frozenset({"id bài viết", "id tài khoản", "tên người dùng tài khoản"})

    def claims(self, document: Document) -> bool:
        if document.kind not in ("table", "workbook"):
            return False
        return found_header(document, self.HEADERS) is not None or self._vietnamese(document)

    def _vietnamese(self, document: Document) -> bool:
        return any(
            (keys := set(header_keys(cells))) >= self._VIETNAMESE and "lượt lưu" not in keys
            for _, cells in document.head
        )

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        if found_header(document, self.HEADERS) is None:
            yield Refused(0, "", "meta.stories_vietnamese")
            return
        yield from super().read(document, context)


READERS = (
    Content(
        "mbs_fb_posts",
        "facebook",
        (
            frozenset({"post id", "page id", "page name", "publish time", "permalink"}),
            frozenset({"id bài viết", "id trang", "tên trang", "thời gian đăng", "liên kết vĩnh viễn"}),
        ),
    ),
    Content(
        "mbs_ig_posts",
        "instagram",
        (
            frozenset({"post id", "account id", "account username", "permalink", "saves"}),
            frozenset({"id bài viết", "id tài khoản", "tên người dùng tài khoản", "lượt lưu"}),
        ),
    ),
    _Stories(
        "mbs_ig_stories",
        "instagram",
        (
            frozenset({"post id", "account id", "account username", "navigation"}),
            frozenset({"post id", "account id", "account username", "sticker taps"}),
        ),
    ),
)
