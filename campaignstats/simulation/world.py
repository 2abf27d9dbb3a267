"""People, accounts, posts and comments of a campaign that never was, with everything about them known.

Every person of the area exists as a number, 0 to population - 1, ordered by commune; within a commune low numbers are
the ones who are online most, so audiences overlap as they do in life. A post's reach is a set of persons, never a
formula: the de-duplicated reach of any group of posts is the size of a union.
"""

import csv
import zlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from campaignstats.simulation import texts
from campaignstats.simulation.texts import Said

HERE = Path(__file__).parent
POPULATION = 4_491_408  # of the province; the only population that is a fact
WINDOW = (date(2025, 11, 15), date(2025, 12, 15))
BASELINE = (date(2025, 10, 1), date(2025, 11, 14))
LAST_DAY = date(2025, 12, 28)
LOCAL = timedelta(hours=7)  # Asia/Ho_Chi_Minh keeps no summer time

# share of the people who use each platform: assumptions of the simulation, not statistics
USERS = {"facebook": 0.62, "youtube": 0.58, "tiktok": 0.5, "zalo": 0.66, "instagram": 0.17, "x": 0.03}
# relative number of posts on the days of events, around the launch and the international day above all
PEAKS = {
    date(2025, 10, 10): 1.3,
    date(2025, 10, 20): 2.2,
    date(2025, 11, 14): 1.3,
    date(2025, 11, 15): 2.6,
    date(2025, 11, 17): 1.6,
    date(2025, 11, 19): 1.2,
    date(2025, 11, 20): 1.7,
    date(2025, 11, 24): 1.2,
    date(2025, 11, 25): 2.8,
    date(2025, 11, 26): 1.5,
    date(2025, 12, 10): 1.6,
    date(2025, 12, 15): 1.9,
}
FOCUS = {
    "communication": ("equality", "digital_skills"),
    "technology": ("amplify",),
    "community": ("online_violence", "support", "community"),
}


@dataclass(frozen=True)
class Commune:
    code: str
    name: str
    name_en: str
    kind: str
    latitude: float
    longitude: float
    population: int
    first_person: int

    @property
    def short(self) -> str:
        """The name without "Xã" or "Phường"."""
        return self.name.split(" ", 1)[1]


@dataclass
class Account:
    key: int
    platform: str
    id: str
    name: str
    handle: str
    sector: str
    level: str
    commune: Commune | None
    followers: int
    weight: float  # how much it posts
    has_file: bool = True
    folder: str = ""
    posts: list["Post"] = field(default_factory=list)


@dataclass
class Post:
    account: Account
    id: str
    at: datetime  # UTC, to the second
    kind: str
    said: Said
    boosted: bool = False
    is_share: bool = False
    copy_of: str = ""  # id of the province's post whose words these are
    reach: int = 0
    organic: int = 0
    paid: int = 0
    views: int = 0
    views_organic: int = 0
    reactions: int = 0
    shares: int = 0
    saves: int = 0
    clicks: int = 0
    n_comments: int = 0  # what the platform counts
    duration: int = 0
    media: str = ""  # short code, reel id or other second name of the platform
    days: np.ndarray | None = None
    comments: list["Comment"] = field(default_factory=list)

    @property
    def local_day(self) -> date:
        return (self.at + LOCAL).date()

    @property
    def period(self) -> str:
        day = self.local_day
        return "before" if day < WINDOW[0] else "during" if day <= WINDOW[1] else "after"


@dataclass
class Comment:
    post: Post
    id: str
    writer: int
    name: str
    at: datetime
    said: Said
    kind: str  # opinion | owner | institution | friend_tag | emoji | contest | copy
    likes: int = 0
    parent: "Comment | None" = None
    file: str = ""
    row: int = 0


@dataclass
class World:
    seed: int
    communes: tuple[Commune, ...]
    accounts: list[Account]
    posts: list[Post]
    comments: list[Comment]
    people: dict[tuple[str, str], int]  # (scope, group) -> persons reached by the window's posts
    people_of_theme: dict[tuple[str, str], int]  # the same, campaign posts only
    account_days: dict[int, dict[date, tuple[int, int]]]  # account key -> day -> (people, views)


def rng_of(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for each part, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32("/".join(map(str, names)).encode())])


def communes(seed: int) -> tuple[Commune, ...]:
    """The 95 communes with assumed populations: the province's total shared out by kind, area and chance."""
    with (HERE / "communes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rng = rng_of(seed, "populations")
    size = np.array([(2.1 if r["kind"] == "ward" else 1.0) * float(r["area_km2"]) ** 0.12 for r in rows])
    size *= rng.lognormal(0, 0.35, len(rows))
    people = np.floor(size / size.sum() * POPULATION).astype(int)
    people[: POPULATION - people.sum()] += 1
    starts = np.concatenate([[0], np.cumsum(people)[:-1]])
    return tuple(
        Commune(
            r["code"],
            r["name"],
            r["name_en"],
            r["kind"],
            float(r["latitude"]),
            float(r["longitude"]),
            int(n),
            int(first),
        )
        for r, n, first in zip(rows, people, starts, strict=True)
    )


# name, handle, sector, owner level, followers, posting weight; the folder is who sent the files
_PROVINCE = {
    "facebook": (
        ("Bình đẳng giới Đồng Nai", "binhdanggioidongnai", "home_affairs", "province", 86_000, 5.0),
        ("Công an Đồng Nai - An toàn trên mạng", "congandongnai.antoanmang", "police", "province", 214_000, 3.2),
        ("Hội Liên hiệp Phụ nữ tỉnh", "hlhpndongnai", "womens_union", "union", 61_000, 4.2),
        ("Tuổi trẻ Đồng Nai", "tuoitredongnai.mau", "youth_union", "union", 97_000, 3.0),
        ("Sức khỏe Đồng Nai", "suckhoedongnai.mau", "health", "province", 38_000, 2.0),
        ("Báo và phát thanh, truyền hình tỉnh", "baovaptth.mau", "press", "press", 405_000, 4.6),
        ("Tư pháp Đồng Nai", "tuphapdongnai.mau", "justice", "province", 12_500, 1.5),
        ("Mặt trận Tổ quốc tỉnh", "mttqdongnai.mau", "fatherland_front", "union", 19_000, 1.8),
        ("Giáo dục Đồng Nai", "giaoducdongnai.mau", "education", "province", 72_000, 1.4),
        ("Công đoàn Đồng Nai", "congdoandongnai.mau", "labour_union", "union", 54_000, 1.5),
    ),
    "youtube": (
        ("Truyền hình tỉnh - Chuyên đề", "chuyendeptth", "press", "press", 128_000, 2.2),
        ("Bình đẳng giới Đồng Nai", "binhdanggioidn", "home_affairs", "province", 6_400, 1.2),
        ("An toàn trên mạng - Công an tỉnh", "antoanmangdn", "police", "province", 31_000, 1.0),
        ("Phụ nữ Đồng Nai", "phunudn", "womens_union", "union", 4_900, 0.8),
    ),
    "tiktok": (
        ("Công an Đồng Nai", "antoanmang.dn", "police", "province", 182_000, 2.4),
        ("Tuổi trẻ Đồng Nai", "tuoitre.dn.mau", "youth_union", "union", 66_000, 2.2),
        ("Phụ nữ Đồng Nai", "phunu.dn.mau", "womens_union", "union", 15_000, 1.3),
        ("Tin nhanh Đồng Nai", "tinnhanh.dn.mau", "press", "press", 240_000, 2.0),
    ),
    "instagram": (
        ("Tuổi trẻ Đồng Nai", "tuoitredongnai.mau", "youth_union", "union", 17_500, 1.6),
        ("Phụ nữ trẻ Đồng Nai", "phunutre.dn", "womens_union", "union", 4_300, 1.0),
    ),
    "zalo": (("Bình đẳng giới Đồng Nai", "oa.binhdanggioidn", "home_affairs", "province", 52_000, 1.0),),
    "x": (
        ("Bình đẳng giới Đồng Nai", "bdgdongnai", "home_affairs", "province", 1_150, 0.9),
        ("Mạng lưới vì không gian mạng an toàn", "mangantoan_vn", "partner", "partner", 3_800, 0.8),
    ),
}
_PLATFORM_SHARE = {"facebook": 34, "youtube": 8, "tiktok": 8, "instagram": 4, "zalo": 4, "x": 2}
_COMMUNE_PAGES = (
    ("{name}", "ubnd", "commune", 1.5),
    ("Hội LHPN {lower}", "hoiphunu", "womens_union", 1.2),
    ("Tuổi trẻ {short}", "tuoitre", "youth_union", 1.1),
    ("Công an {lower}", "congan", "police", 1.0),
    ("{short} ngày mới", "ngaymoi", "commune", 1.0),
    ("Trạm y tế {lower}", "tramyte", "health", 0.6),
    ("Mặt trận {lower}", "mattran", "fatherland_front", 0.7),
)
SENDERS = {
    "home_affairs": "So Noi vu",
    "police": "Cong an tinh",
    "womens_union": "Hội LHPN tỉnh",
    "youth_union": "Tinh doan",
    "health": "So Y te",
    "press": "Bao va PTTH",
    "justice": "So Tu phap",
    "fatherland_front": "MTTQ tinh",
    "education": "So GDDT",
    "labour_union": "LDLD tinh",
    "partner": "doi tac",
}


def accounts(seed: int, n: int, places: tuple[Commune, ...]) -> list[Account]:
    """``n`` accounts: Facebook most, the province's first, then communes; some of them will send no file."""
    rng = rng_of(seed, "accounts")
    share = np.array(list(_PLATFORM_SHARE.values())) * n / sum(_PLATFORM_SHARE.values())
    wanted = np.maximum(np.round(share).astype(int), 1)
    wanted[0] = max(1, n - int(wanted[1:].sum()))
    wards_first = rng.permutation(len(places))
    found: list[Account] = []
    at = 0
    for platform, count in zip(_PLATFORM_SHARE, wanted, strict=True):
        for i in range(count):
            known = _PROVINCE[platform]
            commune = None
            if i < len(known) and (i < count * 0.6 or count < 5):
                name, handle, sector, level, followers, weight = known[i]
            else:
                # the communes of smaller platforms are among those that have a page on Facebook
                commune = places[wards_first[(at if platform == "facebook" else at * 3 + 1) % len(places)]]
                form, stem, sector, weight = _COMMUNE_PAGES[at % len(_COMMUNE_PAGES)]
                at += 1
                lower = commune.name[0].lower() + commune.name[1:]
                name = form.format(name=commune.name, lower=lower, short=commune.short)
                handle = f"{stem}.{texts.unaccented(commune.short).lower().replace(' ', '')}"
                level = "commune"
                followers = int(min(60_000, 900 + rng.lognormal(8.1, 0.9)))
                if platform == "instagram":
                    followers = int(followers * 0.2)
            folder = SENDERS.get(sector, "khac") if commune is None else f"cac xa phuong/{commune.name}"
            found.append(
                Account(
                    key=len(found),
                    platform=platform,
                    id=_account_id(platform, rng, handle),
                    name=name,
                    handle=handle,
                    sector=sector if commune is None or sector != "commune" else "commune",
                    level=level,
                    commune=commune,
                    followers=followers,
                    weight=weight,
                    folder=folder,
                )
            )
    of_communes = [a for a in found if a.level == "commune" and a.platform in ("facebook", "tiktok")]
    for account in of_communes[3::6]:  # declared, but nothing was received
        account.has_file = False
    return found


def _account_id(platform: str, rng: np.random.Generator, handle: str) -> str:
    if platform == "facebook":
        return f"1000{rng.integers(10**10, 9 * 10**10)}"
    if platform == "instagram":
        return f"178414{rng.integers(10**10, 9 * 10**10)}"
    if platform == "youtube":
        return "UC" + _letters(rng, 22)
    if platform == "zalo":
        return str(rng.integers(10**18, 4 * 10**18))
    return handle


_URL64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _letters(rng: np.random.Generator, n: int) -> str:
    return "".join(_URL64[i] for i in rng.integers(0, 64, n))


def _post_id(platform: str, rng: np.random.Generator, at: datetime) -> tuple[str, str]:
    """(post id, second name): TikTok, X and Instagram write the instant into theirs, as the real ones do."""
    ms = round(at.timestamp() * 1000) + int(rng.integers(0, 900))
    if platform == "facebook":
        return f"{rng.integers(122_100, 122_300)}{rng.integers(10**9, 10**10)}", str(rng.integers(10**14, 9 * 10**15))
    if platform == "instagram":
        number = (ms - 1_314_220_021_721 << 23) | int(rng.integers(0, 1 << 23))
        code = ""
        while number:
            number, digit = divmod(number, 64)
            code = _URL64[digit] + code
        return f"{rng.integers(178, 184)}{rng.integers(10**13, 10**14)}", code
    if platform == "tiktok":
        return str((ms // 1000 << 32) | int(rng.integers(0, 1 << 32))), ""
    if platform == "x":
        return str((ms - 1_288_834_974_657 << 22) | int(rng.integers(0, 1 << 22))), ""
    if platform == "youtube":
        # never a first sign that a spreadsheet would take for a formula, but for one in forty
        first = "-" if rng.random() < 0.025 else _URL64[rng.integers(0, 52)]
        return first + _letters(rng, 10), ""
    return str(rng.integers(10**11, 9 * 10**11)), ""


_HOURS = np.array([6, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21])
_HOUR_WEIGHTS = np.array([4, 11, 10, 7, 6, 8, 5, 6, 9, 9, 6, 8, 7, 4], dtype=float)
_DAYS = tuple(BASELINE[0] + timedelta(days=i) for i in range((LAST_DAY - BASELINE[0]).days + 1))


def _day_weights() -> np.ndarray:
    weights = []
    for day in _DAYS:
        level = 0.75 if day < WINDOW[0] else 1.9 if day <= WINDOW[1] else 0.55
        weekend = 0.55 if day.weekday() >= 5 and day not in PEAKS else 1.0
        weights.append(level * weekend * PEAKS.get(day, 1.0))
    return np.array(weights) / sum(weights)


_KINDS = {
    "facebook": (("photo", 0.55), ("video", 0.14), ("reel", 0.15), ("link", 0.1), ("text", 0.06)),
    "instagram": (("reel", 0.4), ("carousel", 0.35), ("photo", 0.25)),
    "youtube": (("video", 0.65), ("short", 0.35)),
    "tiktok": (("video", 1.0),),
    "zalo": (("article", 1.0),),
    "x": (("text", 1.0),),
}


def posts(seed: int, n: int, owners: list[Account]) -> list[Post]:
    """``n`` posts over all accounts, heavier for the large ones; communes copy some of the province's words."""
    rng = rng_of(seed, "posts")
    writer = texts.PostWriter(rng_of(seed, "post texts"))
    weights = np.array([a.weight for a in owners]) * rng.lognormal(0, 0.35, len(owners))
    counts = rng.multinomial(n, weights / weights.sum())
    day_weights = _day_weights()
    slots: list[tuple[datetime, Account]] = []
    for account, count in zip(owners, counts, strict=True):
        # two of the accounts that do send files were silent in the window: complete, without a post
        for day in rng.choice(len(_DAYS), count, p=day_weights):
            hour = rng.choice(_HOURS, p=_HOUR_WEIGHTS / _HOUR_WEIGHTS.sum())
            local = datetime.combine(_DAYS[day], datetime.min.time(), UTC) + timedelta(
                hours=int(hour), minutes=int(rng.integers(0, 60)), seconds=int(rng.integers(0, 60))
            )
            slots.append((local - LOCAL, account))
    silent = [a for a in owners if a.level == "commune" and a.has_file and a.platform == "facebook"][4::9]
    found: list[Post] = []
    shared: list[Post] = []  # the province's own campaign posts, to be copied
    for at, account in sorted(slots, key=lambda s: (s[0], s[1].key)):
        if account in silent and at >= datetime(2025, 11, 14, 17, tzinfo=UTC):
            at -= timedelta(days=int(rng.integers(31, 44)))
            if at >= datetime(2025, 11, 14, 17, tzinfo=UTC):
                continue
        kinds = _KINDS[account.platform]
        kind = str(rng.choice([k for k, _ in kinds], p=[p for _, p in kinds]))
        day = (at + LOCAL).date()
        about = {True: 0.42, False: 0.78 if day <= WINDOW[1] else 0.45}[day < WINDOW[0]]
        copied = None
        recent = [p for p in shared if timedelta(hours=2) < at - p.at < timedelta(days=4)]
        if account.level == "commune" and account.platform == "facebook" and recent and rng.random() < 0.34:
            copied = recent[rng.integers(len(recent))]
            said = writer.copy(copied.said, account.commune.name if account.commune else "")
        else:
            said = writer.post(
                platform=account.platform,
                kind=kind,
                sector=account.sector,
                level=account.level,
                commune=account.commune.name if account.commune else "",
                campaign=bool(rng.random() < about),
                day=day,
            )
        identity, media = _post_id(account.platform, rng, at)
        post = Post(account, identity, at, kind, said, media=media, copy_of=copied.id if copied else "")
        post.is_share = account.platform == "facebook" and rng.random() < (0.25 if copied else 0.03)
        post.boosted = account.level != "commune" and account.platform == "facebook" and rng.random() < 0.07
        if kind in ("video", "reel", "short"):
            post.duration = int(np.clip(rng.lognormal(4.0 if kind != "video" else 4.9, 0.6), 9, 2400))
        found.append(post)
        account.posts.append(post)
        if (
            account.sector in ("home_affairs", "womens_union", "police", "justice")
            and account.level in ("province", "union")
            and account.platform == "facebook"
            and said.themes
            and len(said.text) > 250
        ):
            shared.append(post)
    return found


class Crowd:
    """Draws the persons whom posts reach and keeps the unions."""

    def __init__(self, seed: int, places: tuple[Commune, ...]) -> None:
        self.seed = seed
        self.places = places
        self.size = sum(p.population for p in places)
        self._starts = np.array([p.first_person for p in places])
        self._sizes = np.array([p.population for p in places])
        share = self._sizes * np.array([1.35 if p.kind == "ward" else 0.85 for p in places])
        self._share = share / share.sum()

    def _users(self, platform: str, persons: np.ndarray) -> np.ndarray:
        salt = zlib.crc32(platform.encode())
        mixed = (persons.astype(np.uint64) * np.uint64(2_654_435_761) + np.uint64(salt)) & np.uint64(0xFFFFFFFF)
        mixed = (mixed ^ (mixed >> np.uint64(15))) * np.uint64(2_246_822_519) & np.uint64(0xFFFFFFFF)
        return persons[mixed < np.uint64(int(USERS[platform] * 2**32))]

    def _anyone(self, rng: np.random.Generator, n: int, home: Commune | None, at_home: float) -> np.ndarray:
        place = rng.choice(len(self.places), n, p=self._share)
        if home is not None:
            place[rng.random(n) < at_home] = self.places.index(home)
        return self._starts[place] + np.floor(self._sizes[place] * rng.random(n) ** 1.9).astype(np.int64)

    def followers(self, rng: np.random.Generator, account: Account) -> np.ndarray:
        wanted = min(account.followers, int(0.5 * self.size * USERS[account.platform]))
        drawn = self._anyone(rng, int(wanted / USERS[account.platform] * 1.3) + 50, account.commune, 0.72)
        persons = rng.permutation(np.unique(self._users(account.platform, drawn)))
        return persons[:wanted]

    def reached(self, rng: np.random.Generator, account: Account, pool: np.ndarray, n: int) -> np.ndarray:
        """About ``n`` different persons, more than half of them followers, the faithful ones again and again."""
        near = pool[np.floor(len(pool) * rng.random(int(n * 0.75)) ** 1.7).astype(np.int64)]
        far = self._users(
            account.platform,
            self._anyone(rng, int(n * 0.45 / USERS[account.platform]) + 1, account.commune, 0.5),
        )
        persons = np.unique(np.concatenate([near, far]))
        return rng.permutation(persons)[: max(1, n)]


_RATE = {"facebook": 0.055, "instagram": 0.16, "youtube": 0.05, "tiktok": 0.09, "zalo": 0.12, "x": 0.2}
SERIES_SECTORS = ("home_affairs", "womens_union", "youth_union")


def meet(world: World) -> None:
    """Let every post reach its persons; fills posts' counts and the world's unions of the window."""
    crowd = Crowd(world.seed, world.communes)
    unions: dict[tuple[str, str], np.ndarray] = {}
    themed: dict[tuple[str, str], np.ndarray] = {}

    def add(where: dict[tuple[str, str], np.ndarray], key: tuple[str, str], persons: np.ndarray) -> None:
        if key not in where:
            where[key] = np.zeros(crowd.size, dtype=bool)
        where[key][persons] = True

    for account in world.accounts:
        rng = rng_of(world.seed, "reach", account.key)
        pool = crowd.followers(rng, account)
        own: dict[tuple[str, str], np.ndarray] = {}
        own_themed: dict[tuple[str, str], np.ndarray] = {}
        # by day, for the accounts whose daily series are among the files
        keeps_days = (
            account.platform in ("facebook", "instagram") and account.sector in SERIES_SECTORS and not account.commune
        ) or (account.platform == "tiktok" and account.sector in ("police", "youth_union"))
        met: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for post in account.posts:
            scale = _RATE[account.platform] * (account.followers + 400) ** 0.94
            scale *= {"reel": 1.7, "video": 1.15, "short": 1.6, "link": 0.6, "text": 0.7}.get(post.kind, 1.0)
            scale *= 0.8 if post.copy_of else 1.0
            scale *= 1.15 if {"violence", "online_violence"} & set(post.said.themes) else 1.0
            organic = max(3, int(scale * rng.lognormal(-0.35, 0.95)))
            organic = min(organic, 190_000)
            persons = crowd.reached(rng, account, pool, organic)
            post.organic = len(persons)
            if post.boosted:
                paid = crowd._users(account.platform, crowd._anyone(rng, int(organic * rng.uniform(2, 6)), None, 0))
                paid = np.unique(paid)
                post.paid = len(paid)
                persons = np.union1d(persons, paid)
            post.reach = len(persons)
            again = 1 + rng.gamma(2.0, 0.12)
            post.views_organic = int(post.organic * again) + int(rng.integers(0, 4))
            post.views = post.views_organic + int(post.paid * (1 + rng.gamma(2.0, 0.2)))
            if account.platform in ("tiktok", "youtube"):
                post.views = post.views_organic = int(post.reach * (1 + rng.gamma(1.5, 0.25)))
            liked = 0.028 * rng.lognormal(0, 0.55) * (1.6 if post.said.themes else 1.0)
            post.reactions = int(rng.binomial(post.reach, min(0.3, liked)))
            post.shares = int(rng.binomial(post.reach, min(0.1, liked * rng.uniform(0.04, 0.22))))
            post.saves = int(rng.binomial(post.reach, min(0.1, liked * rng.uniform(0.02, 0.1))))
            post.clicks = int(rng.binomial(post.views, min(0.3, 0.03 * rng.lognormal(0, 0.4))))
            post.n_comments = int(rng.binomial(post.reach, min(0.05, liked * rng.uniform(0.01, 0.08))))
            if keeps_days:
                lag = np.minimum(np.floor(rng.exponential(0.55, len(persons))).astype(int), 9)
                met.append((persons, (post.local_day - BASELINE[0]).days + lag, rng.poisson(0.3, len(persons)) + 1))
            if post.period == "during":
                add(own, ("account", f"{account.platform}:{account.id}"), persons)
                for focus, themes in FOCUS.items():
                    if set(themes) & set(post.said.themes):
                        add(unions, ("focus", focus), persons)
                        add(themed, ("focus", focus), persons)
                if post.said.themes:
                    add(own_themed, ("account", f"{account.platform}:{account.id}"), persons)
        for mine, of_all in ((own, unions), (own_themed, themed)):
            for key, seen in mine.items():
                persons = np.flatnonzero(seen)
                if of_all is unions:
                    world.people[key] = len(persons)
                else:
                    world.people_of_theme[key] = len(persons)
                for group in (
                    ("campaign", "all"),
                    ("platform", account.platform),
                    ("owner_level", account.level),
                    *([("place", account.commune.code)] if account.commune else []),
                ):
                    add(of_all, group, persons)
        if met:
            persons, days, seen_times = (np.concatenate(part) for part in zip(*met, strict=True))
            of_day: dict[date, tuple[int, int]] = {}
            for number in range((LAST_DAY - BASELINE[0]).days + 1):
                here = days == number
                day = BASELINE[0] + timedelta(days=number)
                of_day[day] = (len(np.unique(persons[here])), int(seen_times[here].sum()))
            world.account_days[account.key] = of_day
    world.people |= {key: int(seen.sum()) for key, seen in unions.items()}
    world.people_of_theme |= {key: int(seen.sum()) for key, seen in themed.items()}


CHANNELS = ("tiktok", "youtube_api", "youtube_csv", "instagram", "facebook")


def comments(world: World, n: int) -> dict[str, list[Post]]:
    """Write ``n`` comments below the posts whose comments were exported; returns the posts by kind of file."""
    rng = rng_of(world.seed, "comments")
    writer = texts.CommentWriter(rng_of(world.seed, "comment texts"), [c.name for c in world.communes])
    quota = {
        "tiktok": round(0.17 * n),
        "youtube_api": round(0.1 * n),
        "youtube_csv": 100 if n >= 2000 else 0,
        "instagram": round(0.05 * n),
    }
    quota["facebook"] = n - sum(quota.values())
    chosen: dict[str, list[Post]] = {}
    taken: set[str] = set()
    for channel in CHANNELS:
        platform = channel.split("_")[0]
        candidates = [
            p
            for p in world.posts
            if p.account.platform == platform
            and p.account.has_file
            and not p.copy_of
            and p.id not in taken
            and (p.said.themes or rng.random() < 0.12)
            and p.period != "after"
        ]
        limit = {"facebook": max(1, n // 260), "tiktok": max(1, n // 800), "youtube_api": max(1, n // 1000)}
        many = 1 if channel == "youtube_csv" else limit.get(channel, max(1, n // 1600))
        # mostly the large posts, some small ones: people export what was talked about
        order = sorted(
            candidates, key=lambda p: (-p.reach * (2 if p.said.contest else 1) * rng.lognormal(0, 0.6), p.id)
        )
        per_account: dict[int, int] = {}
        picked: list[Post] = []
        for post in order:
            if per_account.get(post.account.key, 0) < max(2, many // 6) and len(picked) < many:
                per_account[post.account.key] = per_account.get(post.account.key, 0) + 1
                picked.append(post)
        if not picked:
            # a tiny world may lack the platform: Facebook, always there, takes its comments
            quota["facebook"] += quota[channel]
            continue
        chosen[channel] = picked
        taken |= {p.id for p in picked}
        if channel == "youtube_csv":
            counts = np.array([quota[channel]])
        else:
            weight = np.array([p.reach**0.55 for p in picked]) * rng.lognormal(0, 0.6, len(picked))
            counts = rng.multinomial(quota[channel], weight / weight.sum())
        for post, count in zip(picked, counts, strict=True):
            _talk(world, post, int(count), rng, writer)
            # some comments are hidden, filtered or lie beyond what the exporter shows
            post.n_comments = int(count * rng.uniform(1.02, 1.25)) + (380 if channel == "youtube_csv" else 0)
            post.reactions = max(post.reactions, int(post.n_comments * rng.uniform(1.5, 6)))
    return chosen


def _talk(world: World, post: Post, count: int, rng: np.random.Generator, writer: texts.CommentWriter) -> None:
    """``count`` comments under a post: a few loud writers, friends tagged, the page's own answers."""
    crowd = rng.integers(0, POPULATION, max(3, int(count * 0.85)))
    tops: list[Comment] = []
    for _ in range(count):
        kind = writer.kind_for(post.said)
        parent = None
        if tops and (kind == "owner" or (kind == "opinion" and rng.random() < 0.1)):
            parent = tops[int(rng.integers(len(tops)))]
        elif kind == "owner":
            kind = "opinion"
        person = int(crowd[int(len(crowd) * rng.random() ** 1.3)])
        name, place = writer.name(person), ""
        if kind == "institution":
            name, place = writer.institution()
            person = -1000 - zlib.crc32(name.encode()) % 10**6
        said = writer.comment(kind, post.said, parent.said if parent else None, place)
        if kind == "owner":
            person, name = -1 - post.account.key, post.account.name
        start = parent.at if parent else post.at
        at = start + timedelta(seconds=int(60 + rng.exponential(9 * 3600 if kind != "owner" else 4 * 3600)))
        at = min(at, datetime(2025, 12, 29, tzinfo=UTC) - timedelta(seconds=int(rng.integers(1, 86_400))))
        likes = int(rng.pareto(1.1)) if rng.random() < 0.45 else 0
        comment = Comment(post, "", person, name, at, said, kind, min(likes, 900), parent)
        post.comments.append(comment)
        if parent is None and kind != "emoji":
            tops.append(comment)
    post.comments.sort(key=lambda c: (c.at, c.writer))
    world.comments.extend(post.comments)


def simulated(seed: int, n_posts: int, n_comments: int, n_accounts: int) -> tuple[World, dict[str, list[Post]]]:
    """A world and, by kind of file, the posts whose comments were exported."""
    places = communes(seed)
    owners = accounts(seed, n_accounts, places)
    world = World(seed, places, owners, [], [], {}, {}, {})
    world.posts = posts(seed, n_posts, owners)
    meet(world)
    return world, comments(world, n_comments)
