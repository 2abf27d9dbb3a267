"""A campaign that never was, with its truth known: sample exports, and data to test the statistics on.

    campaign(folder, seed=2025)      a whole campaign folder: campaign.toml, sheets, inbox/, truth/
    comment_rows(n, seed)            n invented comments of an ExportComments-like table, for benchmarks
    comments_csv(path, n, seed)      the same as a file, fast

The same seed writes the same bytes on every machine. What is simulated and what is assumed: ``simulation.world``.
"""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from campaignstats import words
from campaignstats.errors import InputError
from campaignstats.simulation import declared, exports, texts, world
from campaignstats.simulation.world import LOCAL, WINDOW, Account, Post, World

Progress = Callable[[str], None]


def campaign(
    folder: str | Path,
    *,
    seed: int = 2025,
    n_posts: int = 1500,
    n_comments: int = 10_000,
    n_accounts: int = 60,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a synthetic campaign into ``folder`` and return what it holds (counts, and the files with their truth).

    ``inbox/`` gets files as the platforms write them, a few of them damaged; ``truth/`` what no platform would tell.
    ``n_posts`` is reached but for a page or two that fell silent; comments are exact. Files of an earlier simulation
    are overwritten; a folder with a campaign of somebody's own is an InputError.
    """
    say = progress or (lambda _message: None)
    folder = Path(folder)
    known = folder / "campaign.toml"
    if known.exists() and b"synthetic = true" not in known.read_bytes():
        raise InputError("simulate.own_campaign", folder=str(folder))
    say("people")
    made, chosen = world.simulated(seed, n_posts, n_comments, n_accounts)
    say("files")
    inbox = _Inbox(folder / "inbox", made)
    inbox.fill(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaign.toml").write_bytes(declared.campaign_toml(inbox.declared, inbox.mapped).encode())
    (folder / "accounts.xlsx").write_bytes(declared.accounts_xlsx(made.accounts))
    (folder / "places.xlsx").write_bytes(declared.places_xlsx(made))
    (folder / "activities.xlsx").write_bytes(declared.activities_xlsx())
    say("truth")
    summary = _write_truth(folder / "truth", made, inbox)
    told = summary | {"seed": str(seed)}  # a seed is a name, not a quantity: no thousands separator
    readme = "\n---\n\n".join(words.text("simulate.readme", lang, **told) for lang in words.LANGUAGES)
    (folder / "README.md").write_bytes(readme.encode())
    return summary


class _Inbox:
    """Writes the files and keeps what each should come to."""

    def __init__(self, folder: Path, made: World) -> None:
        self.folder = folder
        self.world = made
        self.seed = made.seed
        self.files: list[dict[str, Any]] = []
        self.declared: list[dict[str, object]] = []
        self.mapped: list[str] = []
        self.reporting: list[str] = []

    def add(self, path: str, data: bytes, reader: str, rows: int, outcome: str = "read") -> str:
        exports.write(self.folder, path, data)
        self.files.append({"path": path, "format": reader, "rows": rows, "outcome": outcome})
        return path

    def add_zip(self, path: str, data: bytes, members: list[tuple[str, str, int]]) -> str:
        exports.write(self.folder, path, data)
        for name, reader, rows in members:
            self.files.append({"path": f"{path}!/{name}", "format": reader, "rows": rows, "outcome": "read"})
        return path

    def fill(self, chosen: dict[str, list[Post]]) -> None:
        sending = [a for a in self.world.accounts if a.has_file and a.posts]
        by_platform: dict[str, list[Account]] = {}
        for account in sending:
            by_platform.setdefault(account.platform, []).append(account)
        self._facebook(by_platform.get("facebook", []))
        self._instagram(by_platform.get("instagram", []))
        self._youtube(by_platform.get("youtube", []))
        self._tiktok(by_platform.get("tiktok", []))
        for account in by_platform.get("x", []):
            self._x(account)
        for account in by_platform.get("zalo", []):
            self._zalo(account)
        self._comments(chosen)
        self._hand_kept()
        self._damaged(by_platform)

    def _facebook(self, owners: list[Account]) -> None:
        first, last = world.BASELINE[0], world.LAST_DAY
        for i, account in enumerate(owners):
            rng = world.rng_of(self.seed, "export day", account.key)
            exported = exports.EXPORTED + timedelta(days=int(rng.integers(-3, 4)), hours=int(rng.integers(0, 8)))
            english = i % 9 == 5
            options: dict[str, Any] = {
                "vietnamese": not english,
                "ragged": english,
                "split": account.level != "commune" and not english,
                "wide": account.sector == "youth_union" and account.level == "union",
                "gone": 2 if i % 7 == 2 else 0,
            }
            parts = [(first, last, account.posts)]
            if account.sector == "womens_union" and account.level == "union":
                # two downloads that overlap by a week, both whole: the campaign's and the months before
                parts = [
                    (first, date(2025, 11, 21), [p for p in account.posts if p.local_day <= date(2025, 11, 21)]),
                    (WINDOW[0], last, [p for p in account.posts if p.local_day >= WINDOW[0]]),
                ]
            for start, end, posts in parts:
                if not posts:
                    continue
                data, rows = exports.fb_posts(posts, exported=exported, seed=self.seed, **options)
                name = exports.meta_name(self.seed, start, end, account.key, start)
                path = self.add(f"{account.folder}/facebook/{name}", data, "mbs_fb_posts", rows)
                self.declared.append({"path": path, "exported_at": exported})
            if account.sector == "home_affairs" and account.level == "province":
                self._snapshots(account)
            if account.key in self.world.account_days:
                self._series(account, "facebook")

    def _snapshots(self, account: Account) -> None:
        """An earlier download of the same page: the same posts, smaller numbers; and a copy of it under a new name."""
        early = datetime(2025, 11, 28, 8, 40)
        old = [p for p in account.posts if (p.at.replace(tzinfo=None) + LOCAL) < early and p.local_day >= WINDOW[0]]
        if not old:
            return
        data, rows = exports.fb_posts(old, exported=early, seed=self.seed)
        name = exports.meta_name(self.seed, WINDOW[0], early.date(), "early", account.key)
        path = self.add(f"{account.folder}/facebook/tai lan 1/{name}", data, "mbs_fb_posts", rows)
        copy = self.add(f"{account.folder}/gui lai qua email/{name[:-4]} (1).csv", data, "", 0, "duplicate")
        for one in (path, copy):
            self.declared.append({"path": one, "exported_at": early})

    def _series(self, account: Account, platform: str) -> None:
        days = self.world.account_days[account.key]
        window = [d for d in days if date(2025, 10, 25) <= d <= date(2025, 12, 22)]
        if platform == "facebook":
            titles = [("Người xem", 0, "Người xem.csv"), ("Lượt xem", 1, "Lượt xem.csv")]
        else:
            titles = [("Số người tiếp cận", 0, "Số người tiếp cận.csv"), ("Lượt xem", 1, "Lượt xem (IG).csv")]
        for title, which, name in titles:
            data, rows = exports.account_series(title, [(d, days[d][which]) for d in window])
            path = self.add(f"{account.folder}/{platform}/{account.handle}/{name}", data, "mbs_account_day", rows)
            self.declared.append({"path": path, "platform": platform, "account": account.id})
        data, rows = exports.audience(self.seed, account)
        path = self.add(f"{account.folder}/{platform}/{account.handle}/Audience.csv", data, "mbs_audience", rows)
        self.declared.append({"path": path, "platform": platform, "account": account.id})

    def _instagram(self, owners: list[Account]) -> None:
        for i, account in enumerate(owners):
            data, rows = exports.ig_posts(account.posts, exported=exports.EXPORTED, vietnamese=i != 1)
            name = exports.meta_name(self.seed, world.BASELINE[0], world.LAST_DAY, "ig", account.key)
            path = self.add(f"{account.folder}/instagram/{name}", data, "mbs_ig_posts", rows)
            self.declared.append({"path": path, "exported_at": exports.EXPORTED})
            if account.key in self.world.account_days:
                self._series(account, "instagram")

    def _youtube(self, owners: list[Account]) -> None:
        at = datetime(2025, 12, 29, 10, 15)
        for i, account in enumerate(owners):
            periods = [WINDOW]
            if account.level != "commune":
                periods.insert(0, world.BASELINE)
            for first, last in periods:
                name, data, members = exports.youtube_zip(
                    account, account.posts, seed=self.seed, first=first, last=last, at=at, vietnamese=i != 2
                )
                if members:
                    self.add_zip(f"{account.folder}/youtube/{name}", data, members)

    def _tiktok(self, owners: list[Account]) -> None:
        exported = exports.EXPORTED
        for i, account in enumerate(owners):
            days = self.world.account_days.get(account.key, {})
            where = f"{account.folder}/tiktok"
            if account.sector == "police" and account.level == "province":
                for name, (data, rows) in exports.tiktok_business(account.posts, days).items():
                    reader = "tt_business_" + name.split(".")[0].lower()
                    self.add(f"{where}/{account.handle} {name}", data, reader, rows)
                    self.declared.append(
                        {"path": f"{where}/{account.handle} {name}", "platform": "tiktok", "account": account.id}
                    )
                continue
            if i % 4 == 3:
                data, rows = exports.zeeschuimer_posts(account.posts, datetime(2026, 1, 4, 3))
                self.add(f"{where}/zeeschuimer-export-tiktok.com-{account.handle}.ndjson", data, "zeeschuimer", rows)
                continue
            content, n_content = exports.tiktok_content(account.posts, exported=exported)
            members = [("Content.csv", content)]
            listed = [("Content.csv", "tt_studio_content", n_content)]
            if days:
                overview, n_overview = exports.tiktok_overview(days, exported, self.seed)
                viewers, n_viewers = exports.tiktok_viewers(days, exported)
                members += [("Overview.csv", overview), ("Viewers.csv", viewers)]
                listed.append(("Overview.csv", "tt_studio_overview", n_overview))
                listed.append(("Viewers.csv", "tt_studio_viewers", n_viewers))
            path = f"{where}/{account.handle}_{exported:%Y-%m-%d}.zip"
            self.add_zip(path, exports.zipped(members, exported), listed)
            self.declared.append({"path": path, "platform": "tiktok", "account": account.id, "exported_at": exported})

    def _x(self, account: Account) -> None:
        data, rows = exports.x_content(account.posts, ghosts=1)
        name = f"account_analytics_content_{world.BASELINE[0]}_{world.LAST_DAY}.csv"
        where = f"{account.folder}/x/{account.handle}"
        self.add(f"{where}/{name}", data, "x_content", rows)
        data, rows = exports.x_overview(account.posts)
        path = self.add(f"{where}/account_overview_analytics.csv", data, "x_overview", rows)
        self.declared.append({"path": path, "platform": "x", "account": account.id})

    def _zalo(self, account: Account) -> None:
        data, rows = declared.zalo_sheet(account)
        path = self.add(f"{account.folder}/zalo/bai viet OA {account.handle}.xlsx", data, "mapped", rows)
        self.mapped.append(
            f'[[mapped]]\npath = "{path}"\ntable = "post"\nplatform = "zalo"\naccount = "{account.id}"\n'
            'date_format = "iso"\ntimezone = "Asia/Ho_Chi_Minh"\nevidence = "screen"\n'
            'columns = { post_id = "Mã bài", text = "Tiêu đề", published_at = "Ngày đăng", permalink = "Liên kết", '
            'views = "Lượt xem", shares = "Lượt chia sẻ" }\nconstants = { kind = "article" }\n'
        )

    def _comments(self, chosen: dict[str, list[Post]]) -> None:
        for n, post in enumerate(chosen.get("facebook", []), 1):
            path = f"{post.account.folder}/binh luan/fb-comments_{post.id}_{81_000 + n * 37} - ExportComments.com.xlsx"
            data, rows = exports.exportcomments_xlsx(post, path)
            self.add(path, data, "exportcomments_xlsx", rows)
        for n, post in enumerate(chosen.get("youtube_csv", []), 1):
            path = f"{post.account.folder}/binh luan/yt-comments_{post.id}_{90_000 + n} - ExportComments.com.csv"
            data, rows = exports.exportcomments_youtube(post, path)
            self.add(path, data, "exportcomments_youtube", rows)
        instagram = chosen.get("instagram", [])
        for n, post in enumerate(instagram, 1):
            path = f"{post.account.folder}/binh luan/ig-comments_{post.media}_{95_000 + n} - ExportComments.com.csv"
            data, rows = exports.exportcomments_instagram([post], path)
            self.add(path, data, "exportcomments_instagram", rows)
        for post in chosen.get("youtube_api", []):
            for path, data, rows in exports.youtube_comment_pages(
                post, f"{post.account.folder}/youtube/binh luan/commentThreads_{post.id}"
            ):
                self.add(path, data, "yt_api_comments", rows)
        groups: dict[str, list[Post]] = {}
        for post in chosen.get("tiktok", []):
            groups.setdefault(post.account.folder, []).append(post)
        for where, posts in groups.items():
            path = f"{where}/tiktok/zeeschuimer-export-tiktok-comments-20260104T{len(posts):02d}1200.ndjson"
            data, rows = exports.zeeschuimer_comments(posts, path, datetime(2026, 1, 4, 3))
            self.add(path, data, "zeeschuimer", rows)

    def _hand_kept(self) -> None:
        data, rows, self.reporting = declared.commune_form(self.world)
        self.add("cac xa phuong/bieu-thu-thap.xlsx", data, "commune_form", rows)
        data, rows = declared.commune_activities(self.world)
        path = self.add("So Noi vu/Tổng hợp hoạt động trực tiếp của xã, phường.xlsx", data, "mapped", rows)
        self.mapped.append(
            f'[[mapped]]\npath = "{path}"\ntable = "activity"\nevidence = "self_reported"\ndate_format = "iso"\n'
            'columns = { kind = "Loại hoạt động", date = "Ngày tổ chức", place = "Mã xã/phường", people = "Số người", '
            'copies = "Số bản", sessions = "Số buổi" }\n'
        )

    def _damaged(self, owners: dict[str, list[Account]]) -> None:
        """Files as people spoil them; every one must come to a reason, none to a wrong number."""
        pages = [a for a in owners.get("facebook", []) if a.level == "commune"] or owners.get("facebook", [])
        if pages:
            page = pages[0]
            data, rows = exports.fb_posts(page.posts[:12], exported=exports.EXPORTED, seed=self.seed)
            self.add(f"{page.folder}/luu lai bang Excel/{page.handle}.csv", exports.resaved_with_semicolons(data),
                     "mbs_fb_posts", rows, "ids_rounded")  # fmt: skip
            days = [(WINDOW[0] + timedelta(days=i), 40 + 7 * (i % 5)) for i in range(31)]
            series = exports.series_with_semicolons("Lượt xem", days)
            where = f"{page.folder}/facebook/luot xem da luu lai.csv"
            path = self.add(where, series, "mbs_account_day", len(days), "repaired")
            self.declared.append({"path": path, "platform": "facebook", "account": page.id})
            self.add(f"{page.folder}/facebook/trong.csv", b"", "", 0, "empty")
            self.add(f"{page.folder}/facebook/man hinh 0112.csv", exports.png(), "", 0, "image")
        for account in owners.get("instagram", [])[-1:]:
            data, rows = exports.ig_posts(account.posts, exported=exports.EXPORTED)
            self.add(f"{account.folder}/gui lai/instagram {account.handle}.csv", exports.requoted(data), "mbs_ig_posts",
                     rows, "repaired")  # fmt: skip
        for account in owners.get("youtube", [])[:1]:
            name, data, _ = exports.youtube_zip(
                account, account.posts, seed=self.seed, first=WINDOW[0], last=world.LAST_DAY,
                at=datetime(2025, 12, 29, 10, 20), vietnamese=True,
            )  # fmt: skip
            self.add(f"{account.folder}/youtube/tai do dang/{name}", data[: len(data) * 6 // 10], "", 0, "half_zip")


# -- truth ---------------------------------------------------------------------------------------------------------


def _write_truth(folder: Path, made: World, inbox: _Inbox) -> dict[str, Any]:
    posts = sorted(made.posts, key=lambda p: (p.account.platform, p.account.key, p.at, p.id))
    _csv(
        folder / "posts.csv",
        "platform,post_id,account,owner_level,place,day,period,kind,themes,sentiment,stance,addressed,copy_of,boosted,"
        "people,views,account_sent_files",
        (
            [p.account.platform, p.id, f"{p.account.platform}:{p.account.id}", p.account.level,
             p.account.commune.code if p.account.commune else "", p.local_day, p.period, p.kind,
             "|".join(p.said.themes), p.said.sentiment, p.said.stance, "|".join(p.said.addressed), p.copy_of,
             int(p.boosted), p.reach, p.views, int(p.account.has_file)]
            for p in posts
        ),
    )  # fmt: skip
    listed = [c for c in made.comments if c.file]
    numbers = {f["path"]: i for i, f in enumerate(inbox.files)}
    _csv(
        folder / "comments.csv",
        "file,row,platform,post_id,comment_id,kind,themes,sentiment,stance,hostile,victim_blaming,help",
        (
            [numbers[c.file], c.row, c.post.account.platform, c.post.id, c.id, c.kind, "|".join(c.said.themes),
             c.said.sentiment, c.said.stance, c.said.hostile, c.said.victim_blaming, c.said.help]
            for c in sorted(listed, key=lambda c: (numbers[c.file], c.row))
        ),
    )  # fmt: skip
    _csv(
        folder / "files.csv",
        "file,path,format,rows,outcome",
        ([i, f["path"], f["format"], f["rows"], f["outcome"]] for i, f in enumerate(inbox.files)),
    )
    rows = []
    for scope, group in sorted(set(made.people) | set(made.people_of_theme)):
        rows.append([scope, group, made.people.get((scope, group), 0), made.people_of_theme.get((scope, group), 0)])
    _csv(folder / "people.csv", "scope,group,people_all_posts,people_campaign_posts", rows)
    during = [p for p in made.posts if p.period == "during"]
    posted = {p.account.commune.code for p in during if p.account.commune}
    complete = {a.commune.code for a in made.accounts if a.commune and a.has_file and a.platform == "facebook"}
    places = []
    for place in made.communes:
        sent = any(
            a.has_file and any(p.period == "during" for p in a.posts) for a in made.accounts if a.commune is place
        )
        state = "posted" if sent else "complete_no_post" if place.code in complete else "nothing_received"
        mine = [p for p in during if p.account.commune is place]
        places.append(
            [place.code, place.name, int(place.code in posted), state, int(place.code in inbox.reporting), len(mine),
             made.people.get(("place", place.code), 0), place.population]
        )  # fmt: skip
    _csv(
        folder / "places.csv",
        "place,name,posted,seen_in_exports,self_reported,posts_in_window,people,population_assumed",
        places,
    )
    kinds: dict[str, int] = {}
    sentiments: dict[str, int] = {}
    for comment in listed:
        kinds[comment.kind] = kinds.get(comment.kind, 0) + 1
        sentiments[comment.said.sentiment] = sentiments.get(comment.said.sentiment, 0) + 1
    themed = [p for p in during if p.said.themes]
    themes = {t: sum(t in p.said.themes for p in during) for t in sorted({t for p in during for t in p.said.themes})}
    summary = {
        "synthetic": True,
        "seed": made.seed,
        "n_accounts": len(made.accounts),
        "n_accounts_with_file": sum(a.has_file for a in made.accounts),
        "n_communes": len(made.communes),
        "n_posts": len(made.posts),
        "n_posts_in_window": len(during),
        "n_campaign_posts_in_window": len(themed),
        "n_comments": len(made.comments),
        "n_comments_in_files": len(listed),
        "n_files": len(inbox.files),
        "n_damaged": sum(f["outcome"] not in ("read", "duplicate") for f in inbox.files),
        "people_reached_in_window": made.people.get(("campaign", "all"), 0),
        "people_reached_by_campaign_posts": made.people_of_theme.get(("campaign", "all"), 0),
        "n_places_posted": len(posted),
        "posts_in_window_by_theme": themes,
        "comments_by_kind": dict(sorted(kinds.items())),
        "comments_by_sentiment": dict(sorted(sentiments.items())),
    }
    (folder / "summary.json").write_bytes((json.dumps(summary, ensure_ascii=False, indent=1) + "\n").encode())
    return summary


def _csv(path: Path, header: str, rows: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


# -- comments by the million ---------------------------------------------------------------------------------------

COMMENT_COLUMNS = (
    "Name", "Username", "Profile ID", "Date", "Likes", "Comment", "User Verified", "Comment ID", "Profile URL",
    "Comment URL",
)  # fmt: skip


def comment_rows(n: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """``n`` rows of ``COMMENT_COLUMNS``: about 16 words each, one in forty with a telephone number or an address.

    Made for speed, from a pool of some thousand written comments: for benchmarks of reading, not for statistics.
    """
    rng = world.rng_of(seed, "benchmark")
    writer = texts.CommentWriter(rng, [c.name for c in world.communes(seed)])
    posts = [texts.Said("", ("violence", "equality")), texts.Said("", ("digital_skills", "online_violence")),
             texts.Said("", ()), texts.Said("", ("support", "community"))]  # fmt: skip
    pool = [writer.comment("opinion", posts[i % 4], None).text for i in range(4000)]
    names = [writer.name(i) for i in range(3000)]
    handles = [texts.unaccented(name).lower().replace(" ", ".") for name in names]
    start = datetime(2025, 11, 15)
    codes = ["".join(world._URL64[i] for i in rng.integers(0, 64, 11)) for _ in range(200)]
    for chunk in range(0, n, 50_000):
        size = min(50_000, n - chunk)
        first, second, person = rng.integers(0, 4000, size), rng.integers(0, 4000, size), rng.integers(0, 3000, size)
        seconds, likes, code = (
            rng.integers(0, 2_600_000, size),
            rng.geometric(0.4, size) - 1,
            rng.integers(0, 200, size),
        )
        joined, special, digits = rng.random(size), rng.random(size), rng.integers(0, 1000, size)
        for i in range(size):
            text = pool[first[i]]
            if joined[i] < 0.04:
                text = f"{text} {pool[second[i]]}"
            if special[i] < 0.015:
                text = f"{text} 0900 000 {digits[i]:03d}"
            elif special[i] < 0.025:
                text = f"{text} https://example.org/bai/{digits[i]}"
            who = int(person[i])
            identity = str(17_900_000_000_000_000 + chunk + i)
            handle = handles[who]
            yield (
                names[who],
                handle,
                str(10_000_000_000 + who),
                str(start + timedelta(seconds=int(seconds[i]))),
                str(likes[i]),
                text,
                "false",
                identity,
                f"https://www.instagram.com/{handle}",
                f"https://www.instagram.com/p/{codes[code[i]]}/c/{identity}/",
            )


def comments_csv(path: str | Path, n: int, seed: int = 1) -> Path:
    """Write ``comment_rows`` as an ExportComments CSV (UTF-8, LF); returns the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COMMENT_COLUMNS)
        writer.writerows(comment_rows(n, seed))
    return path
