"""Small invented result tables, made by hand: a rich campaign and a poor one."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from campaignstats.campaign import (
    Account,
    Activity,
    Bilingual,
    Campaign,
    ContextFigure,
    FocusArea,
    Letterhead,
    Place,
    Target,
    Theme,
    Thresholds,
    Window,
)

THEMES = (
    Theme("equality", Bilingual("Bình đẳng giới", "Gender equality")),
    Theme("digital_skills", Bilingual("Kỹ năng an toàn số", "Digital safety skills")),
    Theme("online_violence", Bilingual("Bạo lực trên không gian mạng", "Online violence")),
    Theme("violence", Bilingual("Bạo lực trên cơ sở giới", "Gender-based violence")),
    Theme("support", Bilingual("Hỗ trợ người bị bạo lực", "Help for those affected")),
    Theme("community", Bilingual("Cả cộng đồng chung tay", "Everyone acting together")),
    Theme("opportunity", Bilingual("Cơ hội cho phụ nữ", "Opportunities for women")),
    Theme("amplify", Bilingual("Lan tỏa bằng công nghệ", "Spreading by technology")),
)
FOCUS = (
    FocusArea(
        "1",
        Bilingual(
            "Truyền thông, giáo dục về bình đẳng giới và kỹ năng an toàn số",
            "Communication and education on gender equality and digital safety skills",
        ),
        ("equality", "digital_skills"),
    ),
    FocusArea(
        "2",
        Bilingual(
            "Công nghệ và mạng xã hội lan tỏa thông điệp",
            "Technology and social media to amplify the messages",
        ),
        ("amplify",),
    ),
    FocusArea(
        "3",
        Bilingual(
            "Cả cộng đồng bảo vệ phụ nữ và trẻ em trước các hình thức bạo lực mới",
            "The whole community protecting women and children from new forms of violence",
        ),
        ("online_violence", "support", "community"),
    ),
)
HOSTILE = "=1+1<script>alert('x')</script>\u202e\x07"


def campaign(*, synthetic: bool = True) -> Campaign:
    return Campaign(
        folder=Path("thang-hanh-dong"),
        id="thang-hanh-dong-2025",
        name=Bilingual(
            "Tháng hành động vì bình đẳng giới và phòng ngừa, ứng phó với bạo lực trên cơ sở giới năm 2025",
            "Action Month for gender equality and prevention of and response to gender-based violence 2025",
        ),
        slogan=Bilingual(
            "Bình đẳng giới và an toàn cho phụ nữ và trẻ em trong kỷ nguyên số",
            "Gender equality and safety for women and children in the digital era",
        ),
        window=Window(date(2025, 11, 15), date(2025, 12, 15)),
        baseline=Window(date(2025, 10, 15), date(2025, 11, 14)),
        timezone="Asia/Ho_Chi_Minh",
        language="vi",
        synthetic=synthetic,
        report_due=date(2025, 12, 31),
        population=4_491_408,
        population_date=date(2025, 7, 1),
        population_source="nguồn thứ cấp",
        area=Bilingual("Tỉnh Đồng Nai", "Dong Nai province"),
        themes=THEMES,
        focus_areas=FOCUS,
        audiences=(),
        accounts=(Account("facebook", "1", "Trang mẫu"),),
        places=(Place("26068", "Phường Biên Hòa"),),
        activities=(Activity("launch_ceremony", sessions=41),),
        events=(),
        targets=(
            Target(
                "access",
                90.0,
                date(2030, 12, 31),
                "Kế hoạch 15/KH-UBND (2026)",
                Bilingual(
                    "Người dân được tiếp cận thông tin về bình đẳng giới", "Residents with access to information"
                ),
            ),
        ),
        context_figures=(
            ContextFigure(
                Bilingual("Tỷ lệ nữ tham gia lãnh đạo", "Women in leadership"),
                "32,35 %",
                date(2025, 10, 20),
                "Bài phỏng vấn của lãnh đạo Sở Nội vụ",
            ),
        ),
        letterhead=Letterhead(issuer="Sở Nội vụ"),
        thresholds=Thresholds(),
        exports=(),
        mapped=(),
    )


def invented_places() -> pd.DataFrame:
    names = ["Xã An Hạ", "Xã Bình Sơn Tây", "Phường Đông Thạnh", "Xã Nghĩa Thuận", "Phường Mười", "Xã Hạ Ròn"]
    return pd.DataFrame(
        {
            "place": [f"{i:05d}" for i in range(1, 7)],
            "name": names,
            "latitude": [11.9, 11.7, 11.4, 11.1, 10.9, 10.8],
            "longitude": [106.8, 107.1, 106.9, 107.2, 106.7, 107.4],
        }
    )


DAY_STATES = ("posts", "no_posts", "capped", "partly", "no_source", "not_in_use")


def rich(places: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    """Every table of a campaign that has everything; ``places`` with place, name, latitude, longitude."""
    places = invented_places() if places is None else places
    states = ["posted", "complete_no_post", "posted", "nothing_received", "posted", "posted", "nothing_received"]
    state = [states[i * 5 % 7] for i in range(len(places))]
    n = len(places)
    posted = [s == "posted" for s in state]
    reach_places = places.assign(
        state=state,
        n_accounts=[1 if p else 0 for p in posted],
        n_posts=[7 + i % 9 if p else 0 for i, p in enumerate(posted)],
        n_missing=[i % 3 if p else 0 for i, p in enumerate(posted)],
        lower=[900.0 + 110 * i if p else float("nan") for i, p in enumerate(posted)],
        upper=[4300.0 + 210 * i if p else float("nan") for i, p in enumerate(posted)],
        population=[30_000 + 700 * i for i in range(n)],
        population_date=date(2025, 7, 1),
        population_source="giả định",
        population_assumed=True,
        lower_per_1000=[31.5 + i if p else float("nan") for i, p in enumerate(posted)],
        upper_per_1000=[143.2 + i if p else float("nan") for i, p in enumerate(posted)],
    )
    counts = {s: state.count(s) for s in set(state)}
    participation = pd.DataFrame(
        {
            "n_places": [n],
            "n_posted": [counts.get("posted", 0)],
            "n_complete_no_post": [counts.get("complete_no_post", 0)],
            "n_nothing_received": [counts.get("nothing_received", 0)],
            "exact": [False],
        }
    )
    reach = pd.DataFrame(
        [
            ("campaign", "all", "viewers_unique", 58, 1204, 96, 412_300.0, 3_871_450.0, False),
            ("platform", "facebook", "viewers_unique", 41, 902, 61, 412_300.0, 2_904_120.0, False),
            ("platform", "tiktok", "viewers_unique", 8, 140, 21, 188_900.0, 640_310.0, False),
            ("platform", "instagram", "viewers_unique", 4, 62, 2, 35_120.0, 96_400.0, False),
            ("platform", "youtube", "viewers_unique", 5, 100, 12, 74_050.0, 4_491_408.0, True),
            ("owner_level", "province", "viewers_unique", 9, 410, 20, 412_300.0, 2_204_120.0, False),
            ("owner_level", "commune", "viewers_unique", 49, 794, 76, 21_400.0, 940_020.0, False),
            ("focus", "1", "viewers_unique", 51, 610, 40, 301_200.0, 1_804_300.0, False),
        ],
        columns=["scope", "group", "definition", "n_accounts", "n_posts", "n_missing", "lower", "upper", "capped"],
    ).assign(population=4_491_408)
    views = pd.DataFrame(
        [
            ("facebook", "views_2024_11", 41, 902, 40, 5_120_334.0),
            ("tiktok", "video_views", 8, 140, 3, 2_904_551.0),
            ("youtube", "views", 5, 88, 1, 301_442.0),
            ("youtube", "shorts_views_2025_03", 5, 12, 0, 88_120.0),
        ],
        columns=["platform", "definition", "n_accounts", "n_posts", "n_missing", "views"],
    )
    engagement = pd.DataFrame(
        [
            (
                "facebook",
                "engagement_rate_by_reach",
                "reactions|comments|shares",
                3.42,
                2.81,
                4.20,
                "bootstrap",
                41,
                902,
                61,
            ),
            (
                "instagram",
                "engagement_rate_by_reach",
                "likes|comments|saves",
                4.91,
                3.30,
                6.44,
                "leave_one_account_out",
                4,
                62,
                2,
            ),
            (
                "tiktok",
                "engagement_rate_by_views",
                "likes|comments|shares",
                2.07,
                1.55,
                2.61,
                "leave_one_account_out",
                8,
                140,
                3,
            ),
            ("youtube", "engagement_rate_by_views", "likes|comments", 1.14, None, None, "none", 1, 88, 1),
        ],
        columns=[
            "platform",
            "measure",
            "actions",
            "rate",
            "low",
            "high",
            "interval",
            "n_accounts",
            "n_posts",
            "n_missing",
        ],
    )
    concentration = pd.DataFrame(
        [
            ("facebook", "reach", 0.71, 0.66, 0.78, "bootstrap", 0.31, 0.42, 41, 902, 61),
            ("tiktok", "views", 0.83, 0.70, 0.90, "leave_one_account_out", 0.62, 0.71, 8, 140, 3),
        ],
        columns=[
            "platform",
            "metric",
            "gini",
            "low",
            "high",
            "interval",
            "top5_share",
            "top_account_share",
            "n_accounts",
            "n_posts",
            "n_missing",
        ],
    )
    rows: list[tuple[object, ...]] = []
    owned = [0.41, 0.33, 0.28, 0.24, 0.19, 0.31, 0.12, 0.22]
    earned = [0.18, 0.09, 0.14, 0.21, 0.06, 0.17, 0.03, 0.08]
    for masked in (True, False):
        more = 0.0 if masked else 0.15
        for theme, own, earn in zip(THEMES, owned, earned, strict=True):
            rows.append(
                (
                    "owned",
                    "theme",
                    theme.code,
                    masked,
                    1204,
                    round(1204 * own),
                    own + more,
                    own,
                    own - 0.05,
                    own + 0.06,
                    0.7,
                    96,
                )
            )
            rows.append(
                (
                    "earned",
                    "theme",
                    theme.code,
                    masked,
                    6230,
                    round(6230 * earn),
                    earn + more,
                    None,
                    None,
                    None,
                    None,
                    0,
                )
            )
        for code, own, earn in (("1", 0.58, 0.23), ("2", 0.22, 0.08), ("3", 0.49, 0.29)):
            rows.append(
                (
                    "owned",
                    "focus_area",
                    code,
                    masked,
                    1204,
                    round(1204 * own),
                    own + more,
                    own,
                    own - 0.05,
                    own + 0.06,
                    0.7,
                    96,
                )
            )
            rows.append(
                ("earned", "focus_area", code, masked, 6230, round(6230 * earn), earn + more, None, None, None, None, 0)
            )
    messages = pd.DataFrame(
        rows,
        columns=[
            "side",
            "scope",
            "code",
            "masked",
            "n_items",
            "n_hits",
            "share",
            "weighted_share",
            "weighted_low",
            "weighted_high",
            "reach_gini",
            "n_missing_reach",
        ],
    ).assign(corrected=False)
    weeks = [date(2025, 11, 10) + timedelta(weeks=i) for i in range(6)]
    message_weeks = pd.DataFrame(
        [
            (
                side,
                theme.code,
                week,
                0 if (i, w) == (3, 0) else 200,
                40 + i,
                None if (i, w) == (3, 0) else 0.05 + (3 * i + 5 * w) % 11 / 25,
            )
            for side in ("owned", "earned")
            for i, theme in enumerate(THEMES)
            for w, week in enumerate(weeks)
        ],
        columns=["side", "theme", "week_start", "n_items", "n_hits", "share"],
    )
    parts = {"all": (6230, 2804), "facebook": (4310, 2022), "tiktok": (1440, 610), "youtube": (480, 172)}
    shares = {
        "all": (0.47, 0.38, 0.15),
        "facebook": (0.52, 0.36, 0.12),
        "tiktok": (0.36, 0.39, 0.25),
        "youtube": (0.39, 0.50, 0.11),
    }
    sentiment = pd.DataFrame(
        [
            (p, kind, round(parts[p][0] * share), share, round(parts[p][1] * share), 340)
            for p in parts
            for kind, share in zip(("positive", "neutral", "negative"), shares[p], strict=True)
        ],
        columns=["platform", "sentiment", "n_comments", "share", "n_writers", "n_posts"],
    )
    net = pd.DataFrame(
        {
            "platform": ["all", "facebook"],
            "net_of_opinionated": [0.52, 0.63],
            "net_of_all": [0.32, 0.4],
            "n_comments": [6230, 4310],
        }
    )
    kinds = pd.DataFrame(
        [
            ("opinion", 6230, 2804, 512),
            ("owner", 1210, 40, 402),
            ("institution", 610, 88, 230),
            ("friend_tag", 940, 700, 210),
            ("emoji", 880, 640, 300),
            ("contest", 720, 610, 20),
            ("copy", 310, 250, 77),
        ],
        columns=["reception_kind", "n_comments", "n_writers", "n_posts"],
    )
    accounts = [("facebook", f"Trang xã số {i}", "commune") for i in range(1, 41)] + [
        ("tiktok", "Tuổi trẻ tỉnh", "union"),
        ("youtube", "Đài tỉnh", "press"),
        ("facebook", HOSTILE, "province"),
    ]
    days = pd.date_range("2025-03-20", "2025-04-12", freq="D")
    daily = pd.DataFrame(
        [
            (
                platform,
                "views",
                f"views.{platform}{era}",
                "account" if platform == "tiktok" else "America/Los_Angeles",
                int(platform == "youtube" and not era),
                day,
                None if day.day == 8 else 900.0 + 37 * (day.day % 9) + (700 if not era else 0),
                0 if day.day == 8 else 3,
                3 if day.day == 8 else 0,
                "inside" if date(2025, 3, 25) <= day.date() <= date(2025, 4, 5) else "outside",
            )
            for platform in ("tiktok", "youtube")
            for day in days
            for era in (".engaged" if platform == "youtube" and day.date() < date(2025, 3, 31) else "",)
        ],
        columns=[
            *("platform", "metric", "definition", "day_zone", "segment", "day", "value", "n_accounts", "n_missing"),
            "inside",
        ],
    )
    definition_breaks = pd.DataFrame(
        [
            ("views", "youtube", date(2025, 3, 31), "changed", True, "before", 24),
            ("views", "youtube", date(2025, 4, 2), "possible", False, "before", 24),
            ("views", "youtube", date(2026, 1, 1), "renamed", False, "after", 24),
        ],
        columns=["metric", "platform", "on", "kind", "precise", "inside", "n_values"],
    ).assign(on=lambda f: pd.to_datetime(f["on"]))
    completeness = pd.DataFrame(
        [
            (
                f"{p}:{i}",
                name,
                p,
                level,
                week,
                None if (i * 7 + w) % 5 == 0 else (i + w) % 4,
                "no_source" if (i * 7 + w) % 5 == 0 else "posts" if (i + w) % 4 else "no_posts",
            )
            for i, (p, name, level) in enumerate(accounts)
            for w, week in enumerate(weeks)
        ],
        columns=["account", "name", "platform", "owner_level", "week_start", "n_posts", "state"],
    )
    calendar = pd.DataFrame(
        [
            (
                f"{p}:{i}",
                name,
                p,
                level,
                f"Xã số {i}" if level == "commune" else None,
                i != 0,
                day,
                "window" if day >= pd.Timestamp("2025-03-27") else "baseline",
                "no_source" if i == 0 else DAY_STATES[(i + d) % len(DAY_STATES)],
            )
            for i, (p, name, level) in enumerate(accounts)
            for d, day in enumerate(days)
        ],
        columns=["account", "name", "platform", "owner_level", "place_name", "has_files", "day", "period", "state"],
    )
    calendar["n_posts"] = (calendar["state"] == "posts").astype(int)
    calendar["n_window"] = calendar.groupby("account")["n_posts"].transform("sum")
    comment_coverage = pd.DataFrame(
        [
            ("platform", "facebook", None, None, "comments.facebook", 40, 2, 5, 3, 1, 1204, 610, 10, 7, 90, 600 / 1204),
            (
                "account",
                "facebook",
                "facebook:1",
                "Trang xã số 1",
                "comments.facebook",
                9,
                0,
                1,
                1,
                0,
                20,
                4,
                0,
                0,
                0,
                0.2,
            ),
            ("account", "facebook", "facebook:2", HOSTILE, "comments.facebook", 9, 0, 1, 1, 0, 30, 15, 0, 0, 0, 0.5),
            (
                "account",
                "facebook",
                "facebook:3",
                "Trang xã số 3",
                "comments.facebook",
                9,
                2,
                1,
                1,
                1,
                1154,
                591,
                10,
                7,
                90,
                581 / 1154,
            ),
        ],
        columns=[
            *(
                "scope",
                "platform",
                "account",
                "name",
                "definition",
                "n_posts",
                "n_missing",
                "n_zero",
                "n_without",
                "n_more",
            ),
            *("counted", "held", "excess", "held_uncounted", "n_replies", "held_share"),
        ],
    )
    cut_exports = pd.DataFrame(
        [
            (
                "a.csv",
                "exportcomments_youtube",
                "youtube",
                "capped",
                "comments",
                100,
                None,
                "exportcomments.capped",
                "{}",
            )
        ],
        columns=["path", "format", "platform", "cut", "what", "rows", "n_missing", "note", "details"],
    )
    age = pd.DataFrame(
        [("facebook", 902, 860, 30, 12, 7), ("youtube", 100, 100, 0, 0, 7)],
        columns=["platform", "n_posts", "n_old_enough", "n_young", "n_unknown_age", "age_days"],
    )
    sectors = pd.DataFrame(
        [
            ("police", 3, 120, 90_400.0, 401_000.0, "online_violence"),
            ("womens_union", 6, 310, 120_400.0, 801_000.0, "equality"),
            ("Ngành khác", 1, 4, None, None, None),
        ],
        columns=["sector", "n_accounts", "n_posts", "reach_lower", "reach_upper", "top_theme"],
    )
    year_before = pd.DataFrame(
        [("posts", 1204.0, 633.0, True, ""), ("reach", 412_300.0, None, False, "definition_changed")],
        columns=["measure", "now", "before", "comparable", "reason"],
    )
    targets = pd.DataFrame(
        [("access", 90.0, "%", date(2030, 12, 31), "Kế hoạch 15/KH-UBND (2026)", "cannot_tell", "not_measured_online")],
        columns=["measure", "value", "unit", "by", "document", "answer", "reason"],
    )
    activities = pd.DataFrame(
        [
            ("launch_ceremony", 41, 8230.0, None, 41),
            ("broadcast", 1310, None, None, 1310),
            ("Phát tờ rơi", 60, None, 51_000.0, None),
        ],
        columns=["kind", "n", "people", "copies", "sessions"],
    )
    self_reported = pd.DataFrame(
        [("facebook", "reach", 14, 50_210.0), ("zalo", "views", 9, 12_400.0)],
        columns=["platform", "metric", "n_items", "value_sum"],
    )
    sources = pd.DataFrame(
        [
            (
                "a1",
                "facebook/Nov-15-2025.csv",
                "meta_business_suite_content",
                "facebook",
                datetime(2025, 12, 24, 3, tzinfo=UTC),
                930,
                902,
                3,
                25,
                4,
            ),
            ("b2", "khac/anh-chup.png", "", None, None, 0, 0, 0, 0, 0),
            (
                "c3",
                f"tai-ve/{HOSTILE}.csv",
                "exportcomments",
                "facebook",
                datetime(2025, 12, 20, 3, tzinfo=UTC),
                4310,
                4310,
                0,
                0,
                0,
            ),
        ],
        columns=[
            "source",
            "path",
            "format",
            "platform",
            "exported_at",
            "n_read",
            "n_kept",
            "n_quarantined",
            "n_skipped",
            "n_cells_refused",
        ],
    )
    context = pd.DataFrame(
        [("Tỷ lệ nữ tham gia lãnh đạo", "32,35 %", date(2025, 10, 20), "Bài phỏng vấn")],
        columns=["name", "value", "date", "source"],
    )
    return {
        "reach": reach,
        "reach_places": reach_places,
        "participation": participation,
        "views": views,
        "engagement": engagement,
        "concentration": concentration,
        "messages": messages,
        "message_weeks": message_weeks,
        "sentiment": sentiment,
        "net_sentiment": net,
        "reception_kinds": kinds,
        "completeness": completeness,
        "calendar": calendar,
        "comment_coverage": comment_coverage,
        "cut_exports": cut_exports,
        "daily": daily,
        "definition_breaks": definition_breaks,
        "age": age,
        "sectors": sectors,
        "year_before": year_before,
        "targets": targets,
        "activities": activities,
        "self_reported": self_reported,
        "context_figures": context,
        "sources": sources,
    }


def poor() -> dict[str, pd.DataFrame]:
    """A campaign that has nothing but one Facebook page without numbers: every table is there, empty or missing."""
    tables = {name: table.iloc[:0] for name, table in rich().items()}
    tables["reach"] = rich()["reach"].iloc[:1].assign(n_accounts=1, n_posts=3, n_missing=3, lower=None, upper=None)
    tables["views"] = rich()["views"].iloc[:1].assign(views=float("nan"), n_posts=3, n_missing=3)
    tables["messages"] = rich()["messages"].assign(share=None, n_items=0, n_hits=0)
    del tables["age"]
    return tables
