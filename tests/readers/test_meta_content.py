"""Meta content exports: both languages, days and lifetimes, deleted posts, repeated columns, what Excel does."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from reading_video import EXPORTS, claimants, found_in, reading

from campaignstats import words
from campaignstats.readers.meta_content import named_period

FB = EXPORTS / "mbs_fb_posts"
IG = EXPORTS / "mbs_ig_posts"
STORIES = EXPORTS / "mbs_ig_stories"
VIETNAMESE = FB / "Nov-15-2025_Dec-15-2025_1234567890123456.csv"


def traffic(found, post_id: str) -> dict[tuple[str, str], float]:
    return {(m["metric"], m["traffic"]): m["value"] for m in found.of("metric") if m["item"] == post_id}


def test_posts_of_a_vietnamese_file() -> None:
    found = reading("mbs_fb_posts", VIETNAMESE)
    posts = found.posts()
    first = posts["901000000000001"]
    # 20:00 in Vietnam on 15 November is 05:00 in California, in winter
    assert first["published_text"] == "11/15/2025 05:00"
    assert first["published_at"] == datetime(2025, 11, 15, 13, 0, tzinfo=UTC)
    assert first["text"].startswith("Ra quân")
    assert first["text"].endswith('"địa chỉ tin cậy" ở bình luận.')
    assert (first["kind"], first["status"], first["duration"], first["is_share"]) == ("photo", "ok", None, False)
    reel = posts["901000000000002"]
    assert (reel["kind"], reel["duration"], reel["text"]) == ("reel", 64, "=Kỹ năng an toàn số cho phụ nữ")
    # 09:15 in Vietnam on 30 October is 19:15 the day before in California, still in summer
    assert posts["901000000000003"]["published_text"] == "10/29/2025 19:15"
    assert posts["901000000000003"]["published_at"] == datetime(2025, 10, 30, 2, 15, tzinfo=UTC)
    assert posts["901000000000004"]["kind"] == "other"
    assert posts["901000000000004"]["is_crosspost"] is True
    assert found.about.language == "vi"
    assert (found.about.period_start, found.about.period_end) == (date(2025, 11, 15), date(2025, 12, 15))
    assert found.of("account") == [
        {"platform": "facebook", "account_id": "100012345678901", "name": "Trang mẫu Sông Xanh", "handle": None}
    ]


def test_figures_keep_their_dots_and_their_traffic() -> None:
    found = reading("mbs_fb_posts", VIETNAMESE)
    reel = traffic(found, "901000000000002")
    assert reel["seconds_viewed", "total"] == 859.909  # a decimal dot in the Vietnamese interface too
    assert reel["views", "total"] == 9120
    assert (reel["views", "organic"], reel["views", "paid"]) == (9000, 120)
    assert (reel["reach", "organic"], reel["reach", "paid"]) == (6900, 150)
    assert reel["interactions", "total"] == 210
    # empty cells are no zeros; a ragged row is filled up with nothing
    assert reel["earnings", "total"] == 0
    assert ("seconds_viewed", "total") not in traffic(found, "901000000000001")
    assert {m for m, _ in traffic(found, "901000000000003")} == {
        "views", "reach", "interactions", "reactions", "comments", "shares", "earnings", "total_clicks"
    }  # fmt: skip
    groups = {(a["dimension"], a["group"]): a["value"] for a in found.of("audience")}
    assert groups == {("age_gender", "F 25-34"): 70, ("age_gender", "M 65+"): 5, ("country", "Vietnam"): 2050}


def test_deleted_posts_are_not_posts_with_nothing() -> None:
    found = reading("mbs_fb_posts", VIETNAMESE)
    lost = found.posts()["901000000000099"]
    assert lost["status"] == "unavailable"
    assert lost["account_id"] == "100012345678901"
    assert traffic(found, "901000000000099") == {("reach", "total"): 12}
    assert ("meta.unavailable", {"posts": 1}) in found.about.notes


def test_what_is_refused_of_a_vietnamese_file() -> None:
    found = reading("mbs_fb_posts", VIETNAMESE)
    assert [(r.row, r.rule) for r in found.refused] == [(8, "row_too_long"), (9, "meta.no_id")]
    assert {(c.column, c.rule) for c in found.cells if c.row == 7} == {
        ("Lượt xem", "number_became_date"),
        ("Số người tiếp cận", "not_whole"),
        ("Cảm xúc, bình luận và lượt chia sẻ", "abbreviated_number"),
        ("Bình luận", "rounded_number"),
    }
    assert traffic(found, "901000000000005") == {("reactions", "total"): 4, ("shares", "total"): 0}
    notes = dict(found.about.notes)
    assert notes["meta.columns_unknown"] == {"columns": "Chỉ số thử nghiệm"}
    assert "quãng …" in notes["meta.columns_left_out"]["columns"]
    assert notes["meta.sum_differs"] == {"posts": 1}
    assert found.posts()["901000000000003"]["flags"] == "sum_differs"


def test_repeated_columns() -> None:
    found = reading("mbs_fb_posts", FB / "repeated_columns.csv")
    # Views stand twice, equal, and 0 while people were reached: video plays, not views
    assert not any(m["metric"] == "views" for m in found.of("metric"))
    assert sum(c.rule == "meta.views_contradict_reach" for c in found.cells) == 4
    # Shares differ in the last row: which column is right can't be known
    assert not any(m["metric"] == "shares" for m in found.of("metric"))
    assert traffic(found, "802000000000004")["reach", "total"] == 400
    assert [s.reason for s in found.skipped] == ["meta.repeated_row"]  # the header in the middle is structure
    assert [r.rule for r in found.refused] == ["meta.post_twice"]
    # 01:30 on 2 November 2025 happened twice in California
    assert found.posts()["802000000000002"]["flags"] == "time_ambiguous"
    assert found.posts()["802000000000003"]["flags"] is None


def test_ids_that_excel_rounded() -> None:
    found = reading("mbs_fb_posts", FB / "excel_rounded_ids.csv")
    assert found.posts()["803000000000001"]["flags"] == "id_from_link"
    assert [(r.row, r.rule, r.value) for r in found.refused] == [(3, "damaged_id", "1.22158E+14")]
    third = found.posts()["803000000000003"]
    assert "published_at" not in third  # 17.11.2025 is no form that Meta writes
    assert [c.rule for c in found.cells if c.row == 4] == ["not_a_date"]
    assert traffic(found, "803000000000003") == {("views", "total"): 57, ("reach", "total"): 46}


def test_days() -> None:
    found = reading("mbs_fb_posts", FB / "daily.csv")
    views = {m["period_start"]: m["value"] for m in found.of("metric") if m["metric"] == "views" and m["value"] > 90}
    assert views == {date(2025, 11, 20): 535, date(2025, 11, 21): 404}
    assert {(m["grain"], m["day_zone"]) for m in found.of("metric")} == {("post_day", "America/Los_Angeles")}
    assert len(found.of("post")) == 2
    assert [s.reason for s in found.skipped] == ["no_values"]  # a day without figures is no day of 0
    assert [r.rule for r in found.refused] == ["not_a_date"]
    assert found.about.exported_at == datetime(2025, 11, 22, 8, tzinfo=UTC)


def test_instagram_times_are_checked_by_the_shortcode() -> None:
    found = reading("mbs_ig_posts", IG / "Nov-15-2025_Dec-15-2025_2345678901234567.csv")
    posts = found.posts()
    assert posts["18000000000000011"]["published_at"] == datetime(2025, 11, 18, 12, 30, tzinfo=UTC)
    assert posts["18000000000000011"]["flags"] is None
    assert posts["18000000000000012"]["published_at"] == datetime(2025, 10, 25, 1, 10, tzinfo=UTC)
    assert posts["18000000000000013"]["flags"] == "time_differs_from_id"
    assert [p["kind"] for p in posts.values()] == ["reel", "carousel", "photo"]
    assert "follows" not in found.figures("18000000000000011")
    assert found.figures("18000000000000012")["follows"] == 1
    assert found.figures("18000000000000011")["saves"] == 9


def test_a_layer_of_quotes_too_many() -> None:
    found = reading("mbs_ig_posts", IG / "excel_quoted_twice.csv")
    posts = found.posts()
    assert posts["18000000000000021"]["text"] == 'First line, one\n\nSecond "line"'
    assert found.figures("18000000000000022") == {
        "views": 900, "reach": 700, "likes": 31, "shares": 5, "comments": 6, "saves": 7
    }  # fmt: skip


def test_days_and_lifetimes_in_one_file_stay_apart() -> None:
    found = reading("mbs_fb_posts", FB / "daily_and_lifetime_en.csv")
    views = [m for m in found.of("metric") if (m["metric"], m["item"]) == ("views", "804000000000001")]
    assert [(m["grain"], m.get("period_start"), m["value"]) for m in views] == [
        ("post_day", date(2025, 11, 20), 400),
        ("post_day", date(2025, 11, 21), 100),
        ("post_lifetime", None, 520),
    ]
    assert [m["day_zone"] for m in views] == ["America/Los_Angeles", "America/Los_Angeles", None]
    # a second, other figure of one day, and a row that names neither a day nor a lifetime
    assert [(r.row, r.rule) for r in found.refused] == [(7, "meta.post_twice"), (8, "meta.no_day")]
    assert len(found.of("post")) == 2
    reel = reading("mbs_ig_posts", IG / "daily_and_lifetime_vi.csv")
    saves = {m.get("period_start"): m["value"] for m in reel.of("metric") if m["metric"] == "saves"}
    assert saves == {date(2025, 11, 19): 0, date(2025, 11, 20): 5, None: 6}
    assert reel.posts()["18000000000000041"]["flags"] is None  # the time agrees with the link


def test_days_that_excel_turned_are_turned_back_where_the_days_prove_it() -> None:
    found = reading("mbs_ig_posts", IG / "excel_days_turned.xlsx")
    # cells: the dates 11/11 and 12 November shown as 11 December, then texts of 13 and 14 November, then a lifetime
    views = {m.get("period_start"): m["value"] for m in found.of("metric") if m["metric"] == "views"}
    assert views == {**{date(2025, 11, 11 + n): 100 + n for n in range(4)}, None: 104}
    assert ("daily.turned", {"days": 1}) in found.about.notes
    assert not found.refused


def test_stories() -> None:
    found = reading("mbs_ig_stories", STORIES / "Nov-01-2025_Nov-30-2025_3456789012345678.csv")
    assert found.figures("18000000000000031")["navigation"] == 215
    posts = found.posts()
    assert {p["kind"] for p in posts.values()} == {"story"}
    # the number in a story's link holds its time: it agrees, it differs, and it tells which 01:30 of 2 November it was
    assert [posts[f"1800000000000003{n}"]["flags"] for n in (1, 2, 3)] == [None, "time_differs_from_id", None]
    assert posts["18000000000000033"]["published_at"] == datetime(2025, 11, 2, 9, 30, tzinfo=UTC)
    assert not {"likes", "shares", "replies"} & set(found.figures("18000000000000032"))
    older = reading("mbs_ig_stories", STORIES / "older_impressions.csv")
    assert older.figures("18000000000000031")["impressions"] == 210
    assert "views" not in older.figures("18000000000000031")


def test_a_vietnamese_file_of_stories_is_no_file_of_posts() -> None:
    whole = reading("mbs_ig_stories", STORIES / "vietnamese.csv").whole
    assert whole is not None
    assert whole.rule == "meta.stories_vietnamese"
    assert all(words.has(f"{kind}.meta.stories_vietnamese") for kind in ("rule", "advice"))


def workbook(path: Path, times: list[object]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    with (IG / "Nov-15-2025_Dec-15-2025_2345678901234567.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, *_ = csv.reader(file)
    sheet.write_row(0, 0, header)
    form = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for n, time in enumerate(times, 1):
        row: list[object] = list(first)
        row[0], row[6], row[7] = f"1800000000000010{n}", time, "https://www.instagram.com/"
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(n, column, cell, form)
            elif column > 10 and cell:
                sheet.write_number(n, column, float(str(cell)))
            else:
                sheet.write_string(n, column, str(cell))
    book.close()
    return path


@pytest.mark.parametrize(
    ("times", "refused"),
    [
        # a Vietnamese Excel reads 11/04 as 11 April and leaves 11/18, which it can't read, a text
        ([datetime(2025, 4, 11, 5, 30), "11/18/2025 04:30"], 1),
        ([datetime(2025, 11, 4, 5, 30), datetime(2025, 11, 18, 4, 30)], 0),
        ([datetime(2025, 11, 4, 5, 30), datetime(2025, 11, 5, 4, 30)], 2),
    ],
)
def test_workbooks_whose_days_and_months_may_be_swapped(tmp_path: Path, times: list[object], refused: int) -> None:
    found = reading("mbs_ig_posts", workbook(tmp_path / "posts.xlsx", times))
    assert [c.rule for c in found.cells] == ["meta.date_reordered"] * refused
    assert len(found.of("post")) == 2


def test_the_period_in_a_file_name() -> None:
    assert named_period(["fb", "Nov-15-2025_Dec-15-2025_1234567890123456 (1).csv"]) == (
        date(2025, 11, 15),
        date(2025, 12, 15),
    )
    assert named_period(["Dec-15-2025_Nov-15-2025_1.csv", "Feb-31-2025_Mar-01-2025_1.csv", "bài.csv"]) is None


# -- against the real samples ------------------------------------------------------------------------------------------


def raw(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_every_cell_of_the_real_files(shared: Path) -> None:
    """Sums over the whole of each real file, computed apart from the readers."""
    folder = shared / "exports" / "meta_business_suite"
    cases = [
        ("mbs_fb_posts", "fb_posts_lifetime_vi_2026.csv", 16, {"views": "Lượt xem", "reach": "Số người tiếp cận"}),
        ("mbs_fb_posts", "fb_posts_lifetime_vi_2026_older_snapshot.csv", 18, {"seconds_viewed": "Số Giây xem"}),
        ("mbs_fb_posts", "fb_posts_lifetime_en_2025_ragged.csv", 261, {"views": "Views", "reactions": "Reactions"}),
        ("mbs_fb_posts", "fb_posts_lifetime_en_2025_dupviews.csv", 48, {"reach": "Reach", "comments": "Comments"}),
        ("mbs_ig_posts", "ig_posts_lifetime_en_2025.csv", 78, {"views": "Views", "likes": "Likes", "saves": "Saves"}),
        ("mbs_ig_posts", "ig_posts_lifetime_vi_2026.csv", 19, {"reach": "Số người tiếp cận", "saves": "Lượt lưu"}),
    ]
    for name, file, n_posts, columns in cases:
        found = reading(name, folder / file)
        header, *rows = raw(folder / file)
        assert len(found.of("post")) == n_posts == len(rows), file
        assert not found.refused, file
        for metric, column in columns.items():
            i = header.index(column)
            expected = sum(float(r[i]) for r in rows if i < len(r) and r[i] != "")
            got = sum(m["value"] for m in found.of("metric") if (m["metric"], m["traffic"]) == (metric, "total"))
            assert got == pytest.approx(expected), (file, metric)


def test_figures_looked_up_by_hand(shared: Path) -> None:
    folder = shared / "exports" / "meta_business_suite"
    new = reading("mbs_fb_posts", folder / "fb_posts_lifetime_vi_2026.csv")
    old = reading("mbs_fb_posts", folder / "fb_posts_lifetime_vi_2026_older_snapshot.csv")
    both = set(new.posts()) & set(old.posts())
    assert len(both) == 13
    views = {p: (traffic(old, p)["views", "total"], traffic(new, p)["views", "total"]) for p in both}
    assert views["1414798443780832"] == (49924, 88710)
    assert views["915234481349167"] == (28874, 29267)
    assert all(before <= after for before, after in views.values())
    assert new.about.exported_at > old.about.exported_at
    first = traffic(new, "905905702282045")
    assert first["views", "total"] == 220
    assert first["reach", "total"] == 150
    assert first["seconds_viewed", "total"] == 859.909
    assert first["average_seconds_viewed", "total"] == 4.942
    assert first["views", "organic"] == 220
    assert first["video_viewers_3s", "total"] == 48
    assert ("link_clicks", "total") not in first
    dup = reading("mbs_fb_posts", folder / "fb_posts_lifetime_en_2025_dupviews.csv")
    assert not any(m["metric"] == "views" for m in dup.of("metric"))
    assert sum(c.rule == "meta.views_contradict_reach" for c in dup.cells) == 48
    ragged = reading("mbs_fb_posts", folder / "fb_posts_lifetime_en_2025_ragged.csv")
    assert sum(p["kind"] == "reel" for p in ragged.posts().values()) == 6
    assert sum(p["is_share"] is True for p in ragged.posts().values()) == 1
    wrapped = reading("mbs_ig_posts", folder / "damaged_ig_posts_excel_requoted_2025.csv")
    assert len(wrapped.of("post")) == 58
    gone = wrapped.posts()["17970435071805603"]
    assert gone["status"] == "unavailable"
    assert wrapped.figures("17970435071805603") == {
        "views": 6727, "reach": 3450, "likes": 95, "shares": 44, "follows": 4, "comments": 5, "saves": 6
    }  # fmt: skip
    assert wrapped.figures("18160563013405972")["views"] == 1085
    days = reading("mbs_fb_posts", shared / "exports/synthetic_values_real_headers/fb_post_daily_vi_kpim_excerpt.csv")
    paid = {m["item"]: m["value"] for m in days.of("metric") if (m["metric"], m["traffic"]) == ("reach", "paid")}
    assert paid["9782644390640101"] == 1455


def test_real_instagram_times_agree_with_their_ids(shared: Path) -> None:
    for file in ("ig_posts_lifetime_en_2025.csv", "ig_posts_lifetime_vi_2026.csv"):
        found = reading("mbs_ig_posts", shared / "exports" / "meta_business_suite" / file)
        assert not any("time" in (p["flags"] or "") for p in found.of("post"))


def test_claims_are_plain() -> None:
    assert claimants(found_in(FB / "daily.csv")) == ["mbs_fb_posts"]


def test_seconds_with_points_between_thousands_are_not_read_where_counts_have_them(tmp_path: Path) -> None:
    head = "Post ID,Page ID,Page name,Publish time,Permalink,Views,Reach,Seconds viewed,Average Seconds viewed\n"
    place = "100012345678901,Trang mẫu,11/15/2025 05:00,https://facebook.com/1/posts"
    for views, reach, kept in (("7.000", "6.100", {"12.5"}), ("7000", "6100", {"3.900", "859.909", "12.5"})):
        rows = [
            f"901000000000001,{place}/901000000000001,{views},{reach},3.900,12.5\n",
            f"901000000000002,{place}/901000000000002,16,9,859.909,\n",
        ]
        (tmp_path / "posts.csv").write_text(head + "".join(rows), encoding="utf-8")
        found = reading("mbs_fb_posts", tmp_path / "posts.csv")
        seconds = {m["value"] for m in found.of("metric") if "seconds" in m["metric"]}
        assert seconds == {float(k) for k in kept}
        rules = [(r.value, r.rule) for r in found.cells]
        if views == "7.000":
            assert [v for v, rule in rules if rule == "meta.point_or_thousands"] == ["3.900", "859.909"]
            assert words.has("rule.meta.point_or_thousands")
        else:
            assert not rules


@pytest.mark.parametrize("damaged", ["90100000000000x", "Nguyễn Thị Mẫu", "٩٠١٠٠٠٠٠٠٠٠٠٠٠١"])
def test_what_has_not_the_shape_of_an_id_is_none(tmp_path: Path, damaged: str) -> None:
    head = "Post ID,Page ID,Page name,Publish time,Permalink,Views\n"
    row = f"{damaged},100012345678901,Trang mẫu,11/15/2025 05:00,https://facebook.com/trang,7\n"
    (tmp_path / "posts.csv").write_text(head + row, encoding="utf-8")
    found = reading("mbs_fb_posts", tmp_path / "posts.csv")
    assert [r.rule for r in found.refused] == ["items.bad_id"]
    assert not found.of("post")
    assert not found.of("metric")
