"""What a person would have declared: campaign.toml and the sheets beside it."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from campaignstats.simulation.exports import sheet
from campaignstats.simulation.world import WINDOW, Account, World, rng_of

HERE = Path(__file__).parent
SECTORS = {
    "home_affairs": "Nội vụ",
    "police": "Công an",
    "womens_union": "Hội Liên hiệp Phụ nữ",
    "youth_union": "Đoàn Thanh niên",
    "health": "Y tế",
    "press": "Báo chí",
    "justice": "Tư pháp",
    "fatherland_front": "Mặt trận Tổ quốc",
    "education": "Giáo dục",
    "labour_union": "Công đoàn",
    "partner": "Đối tác",
    "commune": "UBND xã, phường",
}


def campaign_toml(exports: list[dict[str, object]], mapped: list[str]) -> str:
    """campaign.toml: the fixed part, the eight themes, then what has to be said of single files."""
    themes = (HERE.parent / "templates" / "themes.toml").read_text(encoding="utf-8")
    themes = themes[themes.index("[[theme]]") :]
    text = (HERE / "campaign.toml").read_text(encoding="utf-8").replace("@THEMES@", themes.rstrip() + "\n")
    parts = [text.rstrip() + "\n"]
    for export in exports:
        lines = ["[[export]]"]
        for key, value in export.items():
            written = value.isoformat() if isinstance(value, date | datetime) else f'"{value}"'
            lines.append(f"{key} = {written}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join([*parts, *mapped])


def accounts_xlsx(owners: list[Account]) -> bytes:
    header = (
        "platform", "id", "name", "handle", "sector", "owner_level", "place", "audience_local", "complete_source",
    )  # fmt: skip
    rows: list[list[object]] = [list(header)]
    for account in owners:
        rows.append(
            [
                account.platform,
                account.id,
                account.name,
                account.handle,
                SECTORS[account.sector],
                account.level,
                account.commune.code if account.commune else "",
                "có" if account.commune else "không",
                "có" if account.has_file and account.platform in ("facebook", "instagram", "x", "zalo") else "không",
            ]
        )
    return sheet(rows, name="accounts", widths=(11, 26, 38, 28, 22, 12, 9, 14, 15))


def places_xlsx(world: World) -> bytes:
    header = (
        "code", "name", "name_en", "kind", "population", "population_date", "population_source",
        "population_assumed", "latitude", "longitude",
    )  # fmt: skip
    rows: list[list[object]] = [list(header)]
    for place in world.communes:
        rows.append(
            [place.code, place.name, place.name_en, place.kind, place.population, date(2025, 7, 1), "assumed", "có",
             place.latitude, place.longitude]
        )  # fmt: skip
    return sheet(rows, name="places", widths=(8, 24, 24, 10, 12, 16, 18, 18, 10, 10))


_PROVINCE_ACTIVITIES = (
    ("Lễ phát động", 0, 640, 0, 1, "Nội vụ", "Lễ phát động cấp tỉnh"),
    ("Tập huấn", 3, 118, 0, 2, "Nội vụ", "Kỹ năng hỗ trợ ban đầu cho người bị bạo lực"),
    ("Hội thảo", 5, 96, 0, 1, "Tư pháp", "Trợ giúp pháp lý cho nạn nhân bạo lực gia đình"),
    ("Tờ rơi", 5, 0, 18_000, 0, "Nội vụ", ""),
    ("Băng rôn, áp phích", 4, 0, 420, 0, "Văn hóa", ""),
    ("Truyền thông trường học", 6, 2_150, 0, 7, "Giáo dục", "An toàn trên mạng cho học sinh"),
    ("Diễn đàn", 10, 310, 0, 1, "Đoàn Thanh niên", "Thanh niên với bình đẳng giới"),
    ("Truyền thông công nhân", 12, 900, 2_500, 4, "Công đoàn", "Phòng, chống quấy rối nơi làm việc"),
    ("Đi bộ đồng hành", 10, 720, 0, 1, "Hội Liên hiệp Phụ nữ", "Hưởng ứng ngày 25/11"),
    ("Khám, tư vấn", 17, 260, 0, 3, "Y tế", ""),
    ("Tổng kết", 30, 180, 0, 1, "Nội vụ", ""),
)


def activities_xlsx() -> bytes:
    rows: list[list[object]] = [["kind", "date", "place", "people", "copies", "sessions", "sector", "note"]]
    for kind, after, people, copies, sessions, sector, note in _PROVINCE_ACTIVITIES:
        day = WINDOW[0] + timedelta(days=after)
        rows.append([kind, day, "", people or "", copies or "", sessions or "", sector, note])
    return sheet(rows, name="activities", widths=(26, 12, 9, 10, 10, 10, 22, 46))


def commune_activities(world: World) -> tuple[bytes, int]:
    """The hand-kept sheet of what communes did offline, as one office gathers it: mapped in campaign.toml."""
    rng = rng_of(world.seed, "activities")
    header = ["STT", "Mã xã/phường", "Xã/phường", "Loại hoạt động", "Ngày tổ chức", "Số người", "Số bản", "Số buổi"]
    rows: list[list[object]] = [[*header]]
    kinds = (
        ("Lễ phát động", 0.62, (60, 320), None, (1, 1)),
        ("Phát thanh", 0.8, None, None, (6, 62)),
        ("Sinh hoạt câu lạc bộ", 0.4, (22, 95), None, (1, 4)),
        ("Tờ rơi", 0.33, None, (150, 1200), None),
        ("Địa chỉ tin cậy", 0.25, None, None, (1, 6)),
    )
    for place in world.communes:
        for kind, chance, people, copies, sessions in kinds:
            if rng.random() > chance:
                continue
            day = WINDOW[0] + timedelta(
                days=int(rng.integers(-1, 4) if kind == "Lễ phát động" else rng.integers(0, 29))
            )
            rows.append(
                [len(rows), place.code, place.name, kind, day, _within(rng, people), _within(rng, copies),
                 _within(rng, sessions)]
            )  # fmt: skip
    return sheet(rows, name="Tổng hợp", widths=(5, 12, 22, 22, 13, 9, 9, 9)), len(rows) - 1


def _within(rng: np.random.Generator, bounds: tuple[int, int] | None) -> object:
    return "" if bounds is None else int(rng.integers(bounds[0], bounds[1] + 1))


FORM_HEADERS = (
    "Mã xã/phường", "Xã/phường", "Đường liên kết", "Nền tảng", "Ngày đăng", "Chỉ số", "Giá trị", "Tính đến ngày",
    "Nguồn số liệu", "Tệp ảnh chụp màn hình",
)  # fmt: skip
_FORM_GLOSS = (
    "Commune code", "Commune", "Link", "Platform", "Date posted", "Measure", "Value", "As of", "Evidence", "Screenshot",
)  # fmt: skip


def commune_form(world: World) -> tuple[bytes, int, list[str]]:
    """The filled bieu-thu-thap.xlsx: (bytes, rows, codes of communes that reported a post of the window)."""
    rng = rng_of(world.seed, "form")
    rows: list[list[object]] = [
        ["BIỂU THU THẬP SỐ LIỆU BÀI ĐĂNG CỦA XÃ, PHƯỜNG"],
        ["Mỗi dòng là một chỉ số của một bài. Để trống ô chưa biết, không ghi 0."],
        list(FORM_HEADERS),
        list(_FORM_GLOSS),
    ]
    with_file = {a.commune.code for a in world.accounts if a.commune and a.has_file}
    without = [p for p in world.communes if p.code not in with_file]
    reporting = []
    for place in without:
        if rng.random() > 0.55:
            continue
        reporting.append(place.code)
        for _ in range(int(rng.integers(1, 4))):
            day = WINDOW[0] + timedelta(days=int(rng.integers(0, 31)))
            platform = str(rng.choice(["Facebook", "Facebook", "Facebook", "Zalo", "TikTok"]))
            number = int(rng.integers(10**14, 9 * 10**14))
            link = {
                "Facebook": f"https://www.facebook.com/permalink.php?story_fbid={number}&id=1000{number % 10**11:011d}",
                "Zalo": f"https://zalo.me/s/baiviet/{number}",
                "TikTok": f"https://www.tiktok.com/@xa.{place.code}/video/{_tiktok_id(day, number)}",
            }[platform]
            source = str(rng.choice(["Đọc trên màn hình", "Tự báo cáo", "Tự báo cáo"]))
            picture = f"anh-{place.code}-{day:%m%d}.png" if source == "Đọc trên màn hình" else ""
            seen = int(rng.lognormal(6.2, 0.9))
            measures = [("Lượt xem", seen)]
            if platform == "Facebook":
                measures.append(("Lượt tương tác", int(seen * rng.uniform(0.01, 0.06))))
            for measure, value in measures:
                shown: object = (
                    f"{value / 1000:.1f} N".replace(".", ",") if value > 1500 and rng.random() < 0.4 else value
                )
                rows.append(
                    [place.code, place.name, link, platform, day, measure, shown, date(2025, 12, 28), source, picture]
                )
    return sheet(rows, name="Biểu thu thập", widths=(13, 22, 56, 12, 12, 14, 10, 14, 20, 24)), len(rows) - 4, reporting


def _tiktok_id(day: date, number: int) -> int:
    seconds = int(datetime(day.year, day.month, day.day, 3).timestamp() - datetime(1970, 1, 1).timestamp())
    return seconds << 32 | number % 2**32


def zalo_sheet(account: Account) -> tuple[bytes, int]:
    """What an OA's officer copies by hand from the screen: articles with their views."""
    rows: list[list[object]] = [["Mã bài", "Tiêu đề", "Ngày đăng", "Lượt xem", "Lượt chia sẻ", "Liên kết"]]
    for post in sorted(account.posts, key=lambda p: (p.at, p.id)):
        rows.append(
            [post.id, post.said.text, post.local_day, post.views, post.shares, f"https://zalo.me/s/baiviet/{post.id}"]
        )
    return sheet(rows, name="Bài viết", widths=(16, 60, 12, 10, 12, 36)), len(rows) - 1
