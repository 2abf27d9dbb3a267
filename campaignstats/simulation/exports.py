# ruff: noqa: SIM905 (a header reads better as the one line that it is)
"""The files of the inbox, as the platforms write them: names, encodings, quotes, zones and damage (FORMATS)."""

import csv
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import xlsxwriter

from campaignstats.simulation.texts import unaccented
from campaignstats.simulation.world import LOCAL, WINDOW, Account, Comment, Post, rng_of

PACIFIC = ZoneInfo("America/Los_Angeles")
EXPORTED = datetime(2026, 1, 5, 9, 12)  # local; most senders downloaded about then
_MADE = datetime(2026, 1, 5, 9, 12)


# -- bytes ---------------------------------------------------------------------------------------------------------


def meta_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Meta's content export: UTF-8 with BOM, LF, quotes only where a cell has a space, comma, quote or line end."""
    lines = []
    for row in rows:
        cells = []
        for value in row:
            text = "" if value is None else str(value)
            if any(mark in text for mark in ' ,"\n'):
                text = '"' + text.replace('"', '""') + '"'
            cells.append(text)
        lines.append(",".join(cells))
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def plain_csv(rows: Iterable[Sequence[object]], *, bom: bool = False, quoted: bool = False, ends: str = "\n") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=ends, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    return (("\ufeff" if bom else "") + out.getvalue()).encode()


def meta_blocks(blocks: Iterable[Sequence[Sequence[object]]]) -> bytes:
    """Meta's account exports: UTF-16LE with BOM, ``sep=,``, all cells quoted, a blank line after each block."""
    lines = ["sep=,"]
    for block in blocks:
        lines.extend(",".join('"' + str(cell) + '"' for cell in row) for row in block)
        lines.append("")
    return b"\xff\xfe" + ("\n".join(lines) + "\n").encode("utf-16-le")


def zipped(members: Iterable[tuple[str, bytes]], at: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"created": _MADE})
    fill(book)
    book.close()
    return out.getvalue()


def sheet(rows: Sequence[Sequence[object]], *, name: str, widths: Sequence[int] = ()) -> bytes:
    """A plain workbook of one sheet; dates stand as real dates."""

    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet(name)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for i, width in enumerate(widths):
            page.set_column(i, i, width)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(r, c, datetime(value.year, value.month, value.day), day)
                elif value is not None and value != "":
                    page.write(r, c, value)

    return workbook(fill)


# -- Meta Business Suite -------------------------------------------------------------------------------------------

_FB_VI = (
    "ID bài viết|ID Trang|Tên Trang|Tiêu đề|Mô tả|Thời lượng (giây)|Thời gian đăng|Loại chú thích|Liên kết vĩnh viễn|"
    "Là nội dung đăng chéo|Là bài viết chia sẻ|Loại bài viết|Ngôn ngữ|Nhãn tùy chỉnh|Trạng thái nội dung được tài trợ|"
    "Bình luận về dữ liệu|Ngày"
).split("|")
_FB_EN = (
    "Post ID|Page ID|Page name|Title|Description|Duration (sec)|Publish time|Caption type|Permalink|Is crosspost|"
    "Is share|Post type|Languages|Custom labels|Funded content status|Data comment|Date"
).split("|")
_FB_METRICS = (  # English, Vietnamese, name of the value
    ("Views", "Lượt xem", "views"),
    ("Reach", "Số người tiếp cận", "reach"),
    ("Reactions, Comments and Shares", "Cảm xúc, bình luận và lượt chia sẻ", "all"),
    ("Reactions", "Cảm xúc", "reactions"),
    ("Comments", "Bình luận", "comments"),
    ("Shares", "Lượt chia sẻ", "shares"),
    ("Seconds viewed", "Số Giây xem", "seconds"),
    ("Average Seconds viewed", "Số Giây xem trung bình", "average"),
    ("Estimated earnings (USD)", "Thu nhập ước tính ((USD))", "money"),
    ("Ad CPM (USD)", "CPM quảng cáo ((USD))", "money"),
    ("Ad impressions", "Lượt hiển thị quảng cáo", "money"),
    ("Total clicks", "Tổng lượt click", "clicks"),
    ("Other Clicks", "Lượt click khác", "other_clicks"),
    ("Link Clicks", "Lượt click vào liên kết", "link_clicks"),
    (
        "Matched Audience Targeting Consumption (Photo Click)",
        "Tổng số lượt click của người dùng khớp với đối tượng nhắm mục tiêu (Photo Click)",
        "photo_clicks",
    ),
)
_FB_SPLIT = (
    ("Views from Organic posts", "Lượt xem từ Bài viết tự nhiên", "views_organic"),
    ("Views from Boosted posts", "Lượt xem từ Bài viết đã quảng cáo", "views_paid"),
    ("Reach from Organic posts", "Số người tiếp cận từ Bài viết tự nhiên", "organic"),
    ("Reach from Boosted posts", "Số người tiếp cận từ Bài viết đã quảng cáo", "paid"),
    ("3-second video views", "Lượt xem video trong tối thiểu 3 giây", "three"),
    ("1-minute video views", "Lượt xem video trong tối thiểu 1 phút", "minute"),
)
_COUNTRIES = (
    "Vietnam (VN)|Taiwan (TW)|Japan (JP)|South Korea (KR)|United States (US)|Cambodia (KH)|Thailand (TH)|Laos (LA)|"
    "Australia (AU)|Malaysia (MY)|Germany (DE)|Singapore (SG)|Canada (CA)|Russia (RU)|France (FR)|Poland (PL)|"
    "Czech Republic (CZ)|United Kingdom (GB)|Indonesia (ID)|Philippines (PH)|India (IN)|China (CN)|Hong Kong (HK)|"
    "Myanmar (MM)|Italy (IT)|Netherlands (NL)|Brazil (BR)|Mexico (MX)|Norway (NO)|Sweden (SE)|Switzerland (CH)|"
    "Belgium (BE)|Hungary (HU)|United Arab Emirates (AE)|Turkey (TR)|New Zealand (NZ)|Finland (FI)|Denmark (DK)|"
    "Spain (ES)|Ireland (IE)|Angola (AO)|Bangladesh (BD)|South Africa (ZA)|Egypt (EG)|Saudi Arabia (SA)|Qatar (QA)|"
    "Kuwait (KW)|Israel (IL)|Slovakia (SK)"
).split("|")
_AGES = [f"{sex}, {age}" for age in ("25-34", "18-24", "35-44", "45-54", "55-64", "65+") for sex in "FM"]
_KIND_VI = {"photo": "Ảnh", "video": "Video", "reel": "Thước phim", "link": "Liên kết", "text": "Văn bản"}
_KIND_EN = {"photo": "Photos", "video": "Videos", "reel": "Reels", "link": "Links", "text": "Text"}


def _pacific(at: datetime) -> str:
    return at.astimezone(PACIFIC).strftime("%m/%d/%Y %H:%M")


def fb_permalink(post: Post) -> str:
    if post.kind == "reel":
        return f"https://www.facebook.com/reel/{post.media}/"
    return f"https://www.facebook.com/{post.account.id}/posts/{post.id}"


def _fb_values(post: Post, grown: float, rng: np.random.Generator) -> dict[str, object]:
    """A post's numbers when ``grown`` (0 to 1) of what it will ever gather had come in."""

    def part(n: int) -> int:
        return int(n * grown)

    is_video = post.kind in ("video", "reel")
    reactions, comments, shares = part(post.reactions), part(post.n_comments), part(post.shares)
    clicks = part(post.clicks)
    link = int(clicks * 0.55) if post.kind == "link" else None
    photo = int(clicks * 0.6) if post.kind == "photo" else None
    views = part(post.views)
    share = float(rng.uniform(0.25, 0.6))
    seconds = round(views * share * min(post.duration, 60) * float(rng.uniform(0.12, 0.4)), 3) if is_video else None
    return {
        "views": views,
        "reach": part(post.reach),
        "all": reactions + comments + shares,
        "reactions": reactions,
        "comments": comments,
        "shares": shares,
        "seconds": _number(seconds),
        "average": _number(round(seconds / max(1, int(views * share)), 3)) if seconds is not None else None,
        "money": 0 if is_video else None,
        "clicks": clicks,
        "other_clicks": clicks - (link or 0) - (photo or 0),
        "link_clicks": link,
        "photo_clicks": photo,
        "views_organic": part(post.views_organic),
        "views_paid": views - part(post.views_organic),
        "organic": part(post.organic),
        "paid": part(post.paid),
        "three": int(views * share) if is_video else 0,
        "minute": int(views * share * 0.11) if is_video and post.duration > 60 else 0,
    }


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def _grown(post: Post, exported: datetime) -> float:
    """Half of what a post gathers comes in the first day, nearly all in a fortnight."""
    age = (exported - (post.at.replace(tzinfo=None) + LOCAL)).total_seconds() / 86_400
    return 0.0 if age <= 0 else 1.0 if age > 14 else float(1 - 0.97 * np.exp(-age / 1.6))


def fb_posts(
    posts: Sequence[Post],
    *,
    exported: datetime,
    seed: int,
    vietnamese: bool = True,
    split: bool = False,
    wide: bool = False,
    ragged: bool = False,
    gone: int = 0,
) -> tuple[bytes, int]:
    """(bytes, records below the header): newest post first, as Meta lists them; ``gone`` posts were deleted."""
    rng = rng_of(seed, "fb", posts[0].account.id if posts else "", exported.isoformat(), len(posts))
    column = 1 if vietnamese else 0
    metrics = list(_FB_METRICS) + (list(_FB_SPLIT) if split or wide else [])
    header = list(_FB_VI if vietnamese else _FB_EN) + [m[column] for m in metrics]
    extra: list[str] = []
    if wide:
        extra = [f"Phần trăm tổng số lượt xem ở quãng {i}" for i in range(41)]
        extra += [f"Phần trăm số lượt xem trong tối thiểu 15 giây ở quãng {i}" for i in range(41)]
        extra += ["Số phản hồi tiêu cực từ người dùng", "Số phản hồi tiêu cực của người dùng"]
        extra += [f"Số lượt xem video trong tối thiểu 3 giây theo đối tượng hàng đầu ({a})" for a in _AGES]
        extra += [f"Số lượt xem video trong tối thiểu 3 giây theo quốc gia ({c})" for c in _COUNTRIES]
        extra += [f"Số Giây xem từ {s}" for s in ("Đề xuất", "Người theo dõi", "Lượt chia sẻ")]
    rows: list[list[object]] = [[*header, *extra]]
    kinds = _KIND_VI if vietnamese else _KIND_EN
    for post in sorted(posts, key=lambda p: (p.at, p.id), reverse=True):
        values = _fb_values(post, _grown(post, exported), rng)
        is_video = post.kind in ("video", "reel")
        text = post.said.text
        row: list[object] = [
            post.id,
            post.account.id,
            post.account.name,
            text,
            text if is_video else None,
            post.duration,
            _pacific(post.at),
            ("uploaded" if rng.random() < 0.3 else "N/A"),
            fb_permalink(post),
            int(is_video and rng.random() < 0.2),
            int(post.is_share),
            kinds[post.kind],
            None,
            None,
            None,
            None,
            "Trọn đời" if vietnamese else "Lifetime",
            *[values[m[2]] for m in metrics],
        ]
        if wide:
            row += _wide_cells(post, values, rng)
        if ragged:
            while row and row[-1] is None:
                row.pop()
        rows.append(row)
    for _ in range(gone):
        lost = f"{rng.integers(122_100, 122_300)}{rng.integers(10**9, 10**10)}"
        row = [None] * len(header + extra)
        row[15] = f"An error occurred while computing metadata for content with ID {lost}."
        row[16] = "Trọn đời" if vietnamese else "Lifetime"
        row[18] = int(rng.integers(1, 40))
        rows.append(row)
    return meta_csv(rows), len(rows) - 1


def _wide_cells(post: Post, values: dict[str, object], rng: np.random.Generator) -> Sequence[object]:
    curve = 41
    if post.kind not in ("video", "reel"):
        return [None] * (curve * 2) + [0, 0] + [None] * (len(_AGES) + len(_COUNTRIES)) + [0, 0, 0]
    falling = np.maximum(0, np.exp(-np.arange(curve) / rng.uniform(5, 16)))
    three = int(str(values["three"]))
    ages = rng.multinomial(three, [0.19, 0.12, 0.16, 0.11, 0.14, 0.09, 0.07, 0.05, 0.03, 0.02, 0.01, 0.01])
    home = int(three * rng.uniform(0.9, 0.98))
    abroad = rng.multinomial(three - home, rng.dirichlet(np.full(len(_COUNTRIES) - 1, 0.25)))
    cells: list[object] = [_number(round(float(x), 2)) for x in falling]
    cells += [_number(round(min(1.0, float(x) * 1.2), 2)) for x in falling]
    cells += [0, 0, *map(int, ages), home, *[int(n) if n else None for n in abroad]]
    return [*cells, _number(three * 2.125), _number(three * 1.4), _number(three * 0.25)]


def meta_name(seed: int, first: date, last: date, *about: object) -> str:
    """Meta's file name: English months whatever the language, the dates of the period, an export number."""
    number = rng_of(seed, "export number", *about).integers(10**15, 10**16)
    return f"{first:%b-%d-%Y}_{last:%b-%d-%Y}_{number}.csv"


_IG_VI = (
    "ID bài viết|ID tài khoản|Tên người dùng tài khoản|Tên tài khoản|Mô tả|Thời lượng (giây)|Thời gian đăng|"
    "Liên kết vĩnh viễn|Loại bài viết|Bình luận về dữ liệu|Ngày|Lượt xem|Số người tiếp cận|Lượt thích|Lượt chia sẻ|"
    "Lượt theo dõi|Bình luận|Lượt lưu"
).split("|")
_IG_EN = (
    "Post ID|Account ID|Account username|Account name|Description|Duration (sec)|Publish time|Permalink|Post type|"
    "Data comment|Date|Views|Reach|Likes|Shares|Follows|Comments|Saves"
).split("|")
_IG_KIND_VI = {
    "reel": "Thước phim Instagram",
    "carousel": "Thẻ quay vòng trên Instagram",
    "photo": "Hình ảnh trên Instagram",
}
_IG_KIND_EN = {"reel": "IG reel", "carousel": "IG carousel", "photo": "IG image"}


def ig_permalink(post: Post) -> str:
    return f"https://www.instagram.com/{'reel' if post.kind == 'reel' else 'p'}/{post.media}/"


def ig_posts(posts: Sequence[Post], *, exported: datetime, vietnamese: bool = True) -> tuple[bytes, int]:
    rows: list[list[object]] = [list(_IG_VI if vietnamese else _IG_EN)]
    for post in sorted(posts, key=lambda p: (p.at, p.id), reverse=True):
        grown = _grown(post, exported)
        rows.append(
            [
                post.id,
                post.account.id,
                post.account.handle,
                post.account.name,
                post.said.text,
                post.duration,
                _pacific(post.at),
                ig_permalink(post),
                (_IG_KIND_VI if vietnamese else _IG_KIND_EN)[post.kind],
                None,
                "Trọn đời" if vietnamese else "Lifetime",
                int(post.views * grown),
                int(post.reach * grown),
                int(post.reactions * grown),
                int(post.shares * grown),
                None if post.kind == "reel" else int(post.reach * 0.0007),
                int(post.n_comments * grown),
                int(post.saves * grown),
            ]
        )
    return meta_csv(rows), len(rows) - 1


def account_series(title: str, days: Iterable[tuple[date, int]], *, vietnamese: bool = True) -> tuple[bytes, int]:
    """A daily series; the clock jumps at the end of Pacific summer time (2 November 2025), as in real files."""
    block: list[list[object]] = [[title], ["Ngày" if vietnamese else "Date", "Primary"]]
    for day, value in days:
        clock = "00:00:00" if day < date(2025, 11, 3) else "01:00:00"
        block.append([f"{day.isoformat()}T{clock}", value])
    return meta_blocks([block]), len(block) - 2


def audience(seed: int, account: Account, *, vietnamese: bool = False) -> tuple[bytes, int]:
    rng = rng_of(seed, "audience", account.id)
    women = rng.dirichlet([9, 20, 15, 8, 4, 2]) * rng.uniform(52, 71)
    men = rng.dirichlet([8, 18, 14, 8, 4, 2]) * (100 - women.sum())
    ages = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
    words = (
        ("Độ tuổi và giới tính", "Phụ nữ", "Nam giới", "Quốc gia hàng đầu", "Thành phố hàng đầu")
        if vietnamese
        else ("Age & gender", "Women", "Men", "Top countries", "Top cities")
    )
    countries = ("Vietnam", "Taiwan", "Japan", "South Korea", "United States", "Cambodia")
    cities = ("Biên Hòa", "Thành phố Hồ Chí Minh", "Đồng Xoài", "Long Khánh", "Thủ Dầu Một", "Hà Nội")
    abroad = rng.dirichlet([4, 3, 3, 2, 1]) * 4.1
    towns = np.sort(rng.dirichlet([30, 22, 12, 10, 4, 3]) * 71)[::-1]
    blocks: list[Sequence[Sequence[object]]] = [
        [[words[0]], ["", words[1], words[2]]]
        + [[a, f"{w:.1f}", f"{m:.1f}"] for a, w, m in zip(ages, women, men, strict=True)],
        [[words[3]], list(countries), ["95.9", *[f"{x:.1f}" for x in np.sort(abroad)[::-1]]]],
        [[words[4]], [f"{c}, Vietnam" for c in cities], [f"{x:.1f}" for x in towns]],
    ]
    return meta_blocks(blocks), len(ages) + 2  # records that hold values


# -- YouTube, TikTok, X --------------------------------------------------------------------------------------------


def youtube_zip(
    account: Account, posts: Sequence[Post], *, seed: int, first: date, last: date, at: datetime, vietnamese: bool
) -> tuple[str, bytes, list[tuple[str, str, int]]]:
    """(file name, bytes, [member, its reader, records]): three tables, the total first, days of the chosen period."""
    rng = rng_of(seed, "yt", account.id, first.isoformat())
    if vietnamese:
        names = ("Dữ liệu trong bảng.csv", "Dữ liệu biểu đồ.csv", "Tổng số.csv")
        header = (
            "Nội dung|Tiêu đề video|Thời gian xuất bản video|Thời lượng|Số lượt xem|Thời gian xem (giờ)|"
            "Số người đăng ký|Số lượt hiển thị hình thu nhỏ|Tỷ lệ nhấp vào hình thu nhỏ (%)|Thời lượng xem trung bình|"
            "Lượt thích|Bình luận đã thêm|Lượt chia sẻ"
        ).split("|")
        total, day_name, stem = "Tổng", "Ngày", "Nội dung"
    else:
        names = ("Table data.csv", "Chart data.csv", "Totals.csv")
        header = (
            "Content|Video title|Video publish time|Duration|Views|Watch time (hours)|Subscribers|Impressions|"
            "Impressions click-through rate (%)|Average view duration|Likes|Comments added|Shares"
        ).split("|")
        total, day_name, stem = "Total", "Date", "Content"
    videos = [p for p in posts if p.local_day <= last]
    table: list[list[object]] = []
    sums = np.zeros(6)
    for post in videos:
        # an older video still gathers a little in the period
        part = 0.97 if post.local_day >= first else 0.08
        views = int(post.views * part)
        average = max(4, int(min(post.duration, 600) * float(rng.uniform(0.25, 0.6))))
        hours = views * average / 3600
        shown = int(views / float(rng.uniform(0.03, 0.09)))
        rate = views * 0.7 / max(1, shown) * 100
        subscribers = int(views * 0.0009)
        likes, comments, shares = (int(n * part) for n in (post.reactions, post.n_comments, post.shares))
        sums += [views, hours, subscribers, shown, likes, comments]
        table.append(
            [
                post.id,
                post.said.title,
                _studio_day(post.at),
                post.duration,
                views,
                _number(round(hours, 4)),
                subscribers,
                shown,
                _number(round(rate, 2)),
                f"{average // 3600}:{average // 60 % 60:02d}:{average % 60:02d}",
                likes,
                comments,
                shares,
            ]
        )
    table.sort(key=lambda row: -int(str(row[4])))
    gone = int(sums[0] * 0.012)  # of videos deleted since: in the total only
    totals = [
        total, None, None, None, int(sums[0]) + gone, _number(round(sums[1] * 1.011, 4)), int(sums[2]), int(sums[3]),
        _number(round(sums[0] * 70 / max(1, sums[3]), 2)), "0:01:12", int(sums[4]), int(sums[5]),
        sum(int(str(r[-1])) for r in table),
    ]  # fmt: skip
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    weights = rng.dirichlet(np.full(len(days), 4.0))
    daily = rng.multinomial(int(sums[0]) + gone, weights)
    chart: list[list[object]] = [["Ngày" if vietnamese else "Date", *header[:4], header[4]]]
    for row in table[:5]:
        split = rng.multinomial(int(str(row[4])), weights)
        chart.extend([day.isoformat(), *row[:4], int(n)] for day, n in zip(days, split, strict=True))
    per_day: list[list[object]] = [
        [day_name, header[4]],
        *[[d.isoformat(), int(n)] for d, n in zip(days, daily, strict=True)],
    ]
    name = f"{stem} {first.isoformat()}_{last.isoformat()} {account.name.replace('/', '-')}.zip"
    members = [
        (names[0], plain_csv([header, totals, *table], bom=vietnamese)),
        (names[1], plain_csv(chart, bom=vietnamese)),
        (names[2], plain_csv(per_day, bom=vietnamese)),
    ]
    readers = ("yt_studio_table", "yt_studio_chart", "yt_studio_totals")
    counts = (len(table) + 1, len(chart) - 1, len(per_day) - 1)
    return name, zipped(members, at), list(zip(names, readers, counts, strict=True)) if table else []


def _studio_day(at: datetime) -> str:
    day = at.astimezone(PACIFIC)
    return f"{day:%b} {day.day}, {day.year}"


def _vi_day(day: date) -> str:
    return f"{day.day} tháng {day.month}"


def tiktok_link(post: Post) -> str:
    return f"https://www.tiktok.com/@{post.account.handle}/video/{post.id}"


def tiktok_content(posts: Sequence[Post], *, exported: datetime, most: int = 20) -> tuple[bytes, int]:
    """TikTok Studio's Content.csv: the top posts only, days without a year in the language of the screen."""
    top = sorted(posts, key=lambda p: (-p.views, p.id))[:most]
    rows: list[list[object]] = [
        [
            "Time",
            "Video title",
            "Video link",
            "Post time",
            "Total likes",
            "Total comments",
            "Total shares",
            "Total views",
        ]
    ]
    rows += [
        [
            _vi_day(exported.date()),
            p.said.text,
            tiktok_link(p),
            _vi_day(p.local_day),
            p.reactions,
            p.n_comments,
            p.shares,
            p.views,
        ]
        for p in top
    ]
    return plain_csv(rows, bom=True, quoted=True), len(rows) - 1


def tiktok_overview(days: dict[date, tuple[int, int]], exported: datetime, seed: int) -> tuple[bytes, int]:
    rng = rng_of(seed, "tt overview", exported.isoformat())
    rows: list[list[object]] = [["Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"]]
    last = exported.date() - timedelta(days=1)
    for back in range(59, -1, -1):
        day = last - timedelta(days=back)
        views = days.get(day, (0, 0))[1]
        rows.append(
            [
                _vi_day(day),
                views,
                int(views * 0.011),
                int(rng.binomial(views, 0.04)),
                int(rng.binomial(views, 0.003)),
                int(rng.binomial(views, 0.005)),
            ]
        )
    return plain_csv(rows, bom=True, quoted=True), len(rows) - 1


def tiktok_viewers(days: dict[date, tuple[int, int]], exported: datetime) -> tuple[bytes, int]:
    rows: list[list[object]] = [["Date", "Total Viewers", "New Viewers", "Returning Viewers"]]
    last = exported.date() - timedelta(days=1)
    for back in range(59, -1, -1):
        day = last - timedelta(days=back)
        people = days.get(day, (0, 0))[0]
        shown: object = people if people else "undefined"
        rows.append([_vi_day(day), shown, int(people * 0.62), people - int(people * 0.62)])
    return plain_csv(rows, bom=True, quoted=True), len(rows) - 1


def tiktok_business(posts: Sequence[Post], days: dict[date, tuple[int, int]]) -> dict[str, tuple[bytes, int]]:
    """TikTok Business: overview by day, audience by day, videos with UTC times; by file name."""
    window = [WINDOW[0] + timedelta(days=i) for i in range((WINDOW[1] - WINDOW[0]).days + 1)]
    head = (
        "Date,Video views,Reached audience,Profile views,Likes,Shares,Comments,Phone number clicks ,Leads submission,"
        "Net growth,New followers,Lost followers"
    ).split(",")
    overview: list[list[object]] = [list(head)]
    followers: list[list[object]] = [
        ["Date", "New followers", "Total followers", "Reached audience", "Engaged audience"]
    ]
    for i, day in enumerate(window):
        people, views = days.get(day, (0, 0))
        new = people // 180
        overview.append(
            [f"{day:%Y/%m/%d}", views, "NAN" if i == 0 else people, views // 70, views // 24, views // 260,
             views // 390, 0, 0, new - new // 9, new, new // 9]
        )  # fmt: skip
        followers.append([f"{day:%Y/%m/%d}", new, "--", "NAN" if i == 0 else people, "NAN" if i == 0 else people // 20])
    videos: list[list[object]] = [
        ["Video title", "Video link", "Post time", "Video views", "Likes", "Comments", "Shares", "Add to Favorites"]
    ]
    videos += [
        [
            p.said.text,
            tiktok_link(p),
            f"{p.at + timedelta(seconds=4):%Y/%m/%d %H:%M:%S}",
            p.views,
            p.reactions,
            p.n_comments,
            p.shares,
            p.saves,
        ]
        for p in sorted(posts, key=lambda p: (p.at, p.id), reverse=True)
        if p.period == "during"
    ]
    return {
        "Overview.csv": (plain_csv(overview, bom=True), len(overview) - 1),
        "Audience.csv": (plain_csv(followers, bom=True), len(followers) - 1),
        "Videos.csv": (plain_csv(videos, bom=True), len(videos) - 1),
    }


def x_content(posts: Sequence[Post], *, ghosts: int = 0) -> tuple[bytes, int]:
    head = (
        "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Replies,Reposts,"
        "Profile visits,Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks"
    )
    rows: list[list[object]] = [[*head.split(",")]]
    for p in sorted(posts, key=lambda p: (p.at, p.id), reverse=True):
        date_text = f"{p.at:%a, %b} {p.at.day}, {p.at.year}"
        link = f"https://x.com/{p.account.handle}/status/{p.id}"
        details = p.clicks // 3
        rows.append(
            [p.id, date_text, p.said.text, link, p.views, p.reactions, p.reactions + p.n_comments + p.shares + p.clicks,
             p.saves, p.shares // 3, p.reach // 900, p.n_comments, p.shares, p.clicks // 5, details, p.clicks // 9,
             p.clicks // 12, p.clicks // 8]
        )  # fmt: skip
    handle = posts[0].account.handle if posts else ""
    rows += [["", "", "", f"https://x.com/{handle}/status/undefined", *[0] * 13] for _ in range(ghosts)]
    return plain_csv(rows), len(rows) - 1


def x_overview(posts: Sequence[Post]) -> tuple[bytes, int]:
    head = (
        "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,"
        "Create Post,Video views,Media views"
    ).split(",")
    rows: list[list[object]] = []
    for i in range((WINDOW[1] - WINDOW[0]).days + 1):
        day = WINDOW[1] - timedelta(days=i)
        mine = [p for p in posts if p.at.date() == day]
        views, likes = sum(p.views for p in mine) + 12, sum(p.reactions for p in mine)
        rows.append(
            [f"{day:%a, %b} {day.day}, {day.year}", views, likes, likes + sum(p.clicks for p in mine),
             sum(p.saves for p in mine), 0, len(mine), 0, sum(p.n_comments for p in mine), sum(p.shares for p in mine),
             views // 60, len(mine), 0, views // 3]
        )  # fmt: skip
    return plain_csv([head, *rows]), len(rows)


# -- comments ------------------------------------------------------------------------------------------------------


def _person_id(comment: Comment) -> str:
    """A number of the right length for the writer; the page itself carries its own id."""
    if comment.kind == "owner":
        return comment.post.account.id
    return f"1000{int(hashlib.blake2b(f'{comment.writer}'.encode(), digest_size=6).hexdigest(), 16) % 10**11:011d}"


def exportcomments_xlsx(post: Post, file: str) -> tuple[bytes, int]:
    """ExportComments' workbook of one Facebook post: header in row 6, replies numbered 3-1, links on the cells."""
    url = fb_permalink(post)

    def fill(book: xlsxwriter.Workbook) -> None:
        page = book.add_worksheet("ExportComments.com")
        when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page.write(0, 0, "ExportComments.com")
        page.write(1, 0, "Source URL")
        page.write(1, 1, url)
        for c, title in enumerate(
            ("", "", "Name (click to view profile)", "Profile ID", "Date", "Likes", "Comment", "(view source)")
        ):
            page.write(5, c, title)
        tops = [c for c in post.comments if c.parent is None]
        ordered: list[tuple[str, Comment]] = []
        for n, top in enumerate(tops, 1):
            ordered.append((str(n), top))
            replies = [c for c in post.comments if c.parent is top]
            ordered += [(f"{n}-{m}", reply) for m, reply in enumerate(replies, 1)]
        for r, (number, comment) in enumerate(ordered, 6):
            identity = _person_id(comment)
            comment.file, comment.row = file, r + 1
            page.write(r, 0, number)
            page.write_url(r, 2, f"https://www.facebook.com/{identity}", string=comment.name)
            page.write(r, 3, f"ID: {identity}")
            page.write_datetime(r, 4, (comment.at + LOCAL).replace(tzinfo=None), when)
            page.write(r, 5, comment.likes)
            page.write(r, 6, comment.said.text)
            page.write_url(r, 7, f"{url}?comment_id={_comment_number(comment)}", string="view comment")

    return workbook(fill), len(post.comments)


def _comment_number(comment: Comment) -> int:
    text = f"{comment.post.id}|{comment.writer}|{comment.at.isoformat()}|{comment.said.text}"
    return int(hashlib.blake2b(text.encode(), digest_size=7).hexdigest(), 16) % 10**15 + 10**15


def exportcomments_youtube(post: Post, file: str) -> tuple[bytes, int]:
    """ExportComments' CSV of a YouTube video: ``DD/MM/YY``, and no more than 100 rows without paying."""
    rows: list[list[object]] = [
        ["id ", "", "Name", "Date", "Likes", "isHearted", "isPinned", "Comment", "(view source)"]
    ]
    for n, comment in enumerate(post.comments[:100], 1):
        comment.file, comment.row = file, n + 1
        mark = _letters_of(comment, 22)
        rows.append(
            [n, "", f"@{comment.name}", f"{comment.at + LOCAL:%d/%m/%y %H:%M:%S}", comment.likes,
             "yes" if comment.likes > 40 else "no", "no", comment.said.text,
             f"https://www.youtube.com/watch?v={post.id}&lc=Ug{mark}AaABAg"]
        )  # fmt: skip
    return plain_csv(rows), len(rows) - 1


def exportcomments_instagram(posts: Sequence[Post], file: str) -> tuple[bytes, int]:
    head = "Name,Username,Profile ID,Date,Likes,Comment,User Verified,Comment ID,Profile URL,Comment URL"
    rows: list[list[object]] = [[*head.split(",")]]
    for post in posts:
        for comment in post.comments:
            comment.id = "180" + str(_comment_number(comment))[:14]
            comment.file, comment.row = file, len(rows) + 1
            handle = post.account.handle if comment.kind == "owner" else _handle(comment)
            rows.append(
                [comment.name, handle, _person_id(comment)[4:], f"{comment.at + LOCAL:%Y-%m-%d %H:%M:%S}",
                 comment.likes, comment.said.text, "false", comment.id, f"https://www.instagram.com/{handle}",
                 f"https://www.instagram.com/p/{post.media}/c/{comment.id}/"]
            )  # fmt: skip
    return plain_csv(rows), len(rows) - 1


def _letters_of(comment: Comment, n: int) -> str:
    digest = hashlib.blake2b(str(_comment_number(comment)).encode(), digest_size=32).hexdigest()
    return "".join("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"[int(digest[i : i + 2], 16) % 58]
                   for i in range(0, 2 * n, 2))  # fmt: skip


def _handle(comment: Comment) -> str:
    letters = "".join(c for c in unaccented(comment.name).lower() if c.isalnum())[:14]
    return f"{letters or 'ban'}{comment.writer % 97}"


def youtube_comment_pages(post: Post, stem: str, *, per_page: int = 100) -> list[tuple[str, bytes, int]]:
    """commentThreads.list pages of a video: at most five replies inside a thread, newest thread first."""
    tops = sorted((c for c in post.comments if c.parent is None), key=lambda c: (c.at, c.writer), reverse=True)
    pages = []
    for number, start in enumerate(range(0, len(tops), per_page), 1):
        file = f"{stem}_{number}.json"
        items = []
        n = 0
        for top in tops[start : start + per_page]:
            top.id = f"Ug{_letters_of(top, 18)}4AaABAg"
            n += 1
            top.file, top.row = file, n
            replies = [c for c in post.comments if c.parent is top]
            for reply in replies[:5]:
                reply.id = f"{top.id}.{_letters_of(reply, 22)}"
                n += 1
                reply.file, reply.row = file, n
            item = {
                "kind": "youtube#commentThread",
                "etag": _letters_of(top, 27),
                "id": top.id,
                "snippet": {
                    "channelId": post.account.id,
                    "videoId": post.id,
                    "topLevelComment": _youtube_comment(top, None),
                    "canReply": True,
                    "totalReplyCount": len(replies),
                    "isPublic": True,
                },
            }
            if replies:
                item["replies"] = {"comments": [_youtube_comment(r, top.id) for r in replies[:5]]}
            items.append(item)
        page: dict[str, object] = {"kind": "youtube#commentThreadListResponse", "etag": f"page{number}-{post.id}"}
        if start + per_page < len(tops):
            page["nextPageToken"] = "Z2V0X25ld2VzdF9maXJzdC0t" + post.id
        page["pageInfo"] = {"totalResults": len(items), "resultsPerPage": per_page}
        page["items"] = items
        pages.append((file, json.dumps(page, ensure_ascii=False, indent=1).encode(), n))
    return pages


def _youtube_comment(comment: Comment, parent: str | None) -> dict[str, object]:
    channel = comment.post.account.id if comment.kind == "owner" else "UC" + _letters_of_writer(comment)
    stamp = f"{comment.at:%Y-%m-%dT%H:%M:%SZ}"
    name = comment.name if comment.kind == "owner" else "@" + _handle(comment)
    snippet: dict[str, object] = {
        "channelId": comment.post.account.id,
        "videoId": comment.post.id,
        "textDisplay": comment.said.text.replace("&", "&amp;").replace("\n", "<br>"),
        "textOriginal": comment.said.text,
        "authorDisplayName": name,
        "authorChannelUrl": f"http://www.youtube.com/channel/{channel}",
        "authorChannelId": {"value": channel},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": comment.likes,
        "publishedAt": stamp,
        "updatedAt": stamp,
    }
    if parent:
        snippet["parentId"] = parent
    return {"kind": "youtube#comment", "etag": _letters_of(comment, 27), "id": comment.id, "snippet": snippet}


def _letters_of_writer(comment: Comment) -> str:
    digest = hashlib.blake2b(f"yt{comment.writer}".encode(), digest_size=22).hexdigest()
    return "".join("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"[int(digest[i : i + 2], 16) % 58]
                   for i in range(0, 44, 2))  # fmt: skip


def _line(number: int, item: str, platform: str, url: str, at: datetime, data: dict[str, object]) -> str:
    record = {
        "nav_index": "1:0",
        "item_id": item,
        "timestamp_collected": round(at.timestamp() * 1000) + number * 37,
        "source_platform": platform,
        "source_platform_url": "https://www.tiktok.com/",
        "source_url": url,
        "user_agent": "Mozilla/5.0",
        "data": data,
        "id": number,
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def zeeschuimer_comments(posts: Sequence[Post], file: str, at: datetime) -> tuple[bytes, int]:
    lines: list[str] = []
    ids: dict[int, str] = {}
    for post in posts:
        for comment in post.comments:
            low = int(hashlib.blake2b(str(_comment_number(comment)).encode(), digest_size=4).hexdigest(), 16)
            number = (int(comment.at.timestamp()) << 32) | low
            number += number % 10_000 == 0  # one in ten thousand would look like an id that a spreadsheet rounded
            comment.id = ids[id(comment)] = str(number)
            comment.file, comment.row = file, len(lines) + 1
            own = comment.kind == "owner"
            uid = str(int(hashlib.blake2b(f"tt{comment.writer}".encode(), digest_size=7).hexdigest(), 16) + 10**16)
            data: dict[str, object] = {
                "cid": comment.id,
                "aweme_id": post.id,
                "reply_id": ids[id(comment.parent)] if comment.parent else "0",
                "reply_comment_total": sum(c.parent is comment for c in post.comments),
                "text": comment.said.text,
                "create_time": int(comment.at.timestamp()),
                "digg_count": comment.likes,
                "is_author_digged": False,
                "user": {
                    "uid": uid,
                    "unique_id": post.account.handle if own else _handle(comment),
                    "nickname": comment.name,
                },
                "comment_language": "vi",
                "author_pin": False,
                "stick_position": 0,
            }
            lines.append(_line(len(lines) + 1, comment.id, "tiktok-comments", tiktok_link(post), at, data))
    return ("\n".join(lines) + "\n").encode(), len(lines)


def zeeschuimer_posts(posts: Sequence[Post], at: datetime) -> tuple[bytes, int]:
    lines: list[str] = []
    for post in sorted(posts, key=lambda p: (p.at, p.id), reverse=True):
        data: dict[str, object] = {
            "id": post.id,
            "desc": post.said.text,
            "createTime": int(post.at.timestamp()),
            "author": {"id": post.account.id, "uniqueId": post.account.handle, "nickname": post.account.name},
            "stats": {
                "playCount": post.views,
                "diggCount": post.reactions,
                "commentCount": post.n_comments,
                "shareCount": post.shares,
                "collectCount": post.saves,
            },
            "video": {"duration": post.duration},
            "challenges": [{"title": w[1:]} for w in post.said.text.split() if w.startswith("#")],
        }
        lines.append(
            _line(len(lines) + 1, post.id, "tiktok.com", f"https://www.tiktok.com/@{post.account.handle}", at, data)
        )
    return ("\n".join(lines) + "\n").encode(), len(lines)


# -- damage --------------------------------------------------------------------------------------------------------


def resaved_with_semicolons(data: bytes) -> bytes:
    """What Excel makes of a content export under Vietnamese settings: ``;``, no BOM, long ids in 1.23E+17 form."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(rows[0])
    for row in rows[1:]:
        writer.writerow(
            [f"{float(c):.5E}".replace("E+0", "E+") if i < 2 and c.isdigit() else c for i, c in enumerate(row)]
        )
    return out.getvalue().encode()


def series_with_semicolons(title: str, days: Iterable[tuple[date, int]]) -> bytes:
    lines = [f"{title};", "Ngày;Primary"] + [f"{d.isoformat()}T00:00:00;{n}" for d, n in days]
    return ("\n".join(lines) + "\n").encode()


def requoted(data: bytes) -> bytes:
    """Each line that holds a quote wrapped in one more layer: a spreadsheet took the file for one column."""
    lines = data.decode("utf-8-sig").split("\n")
    wrapped = ['"' + line.replace('"', '""') + '"' if '"' in line else line for line in lines]
    return ("\ufeff" + "\n".join(wrapped)).encode()


def png(width: int = 24, height: int = 16) -> bytes:
    """A small grey picture: the screenshot that someone named .csv."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + bytes((x * 9 + y * 5) % 256 for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def write(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
