"""doctor: what is missing, and the download calendar, right on days counted by hand."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats import words
from campaignstats.campaign import Campaign, Window, load
from campaignstats.doctor import Batch, Download, doctor_report, download_calendar, evidence

NOV15, DEC15 = date(2025, 11, 15), date(2025, 12, 15)


# ------------------------------------------------------------------------------------------------ the calendar


def test_the_calendar_of_dong_nai_counted_by_hand() -> None:
    calendar = download_calendar(
        Window(NOV15, DEC15), Window(date(2025, 10, 15), date(2025, 11, 14)), date(2026, 1, 15), date(2025, 12, 5)
    )
    weeks = [
        (date(2025, 11, 15), date(2025, 11, 21)),
        (date(2025, 11, 22), date(2025, 11, 28)),
        (date(2025, 11, 29), date(2025, 12, 5)),
        (date(2025, 12, 6), date(2025, 12, 12)),
        (date(2025, 12, 13), date(2025, 12, 15)),
    ]
    before = (date(2025, 10, 15), date(2025, 11, 14))

    def window(week: int, age: int) -> Batch:
        return Batch("window", *weeks[week], age)

    assert calendar.downloads == (
        Download(date(2025, 11, 21), (Batch("baseline", *before, 7),), "past"),
        Download(date(2025, 11, 28), (window(0, 7),), "past"),
        Download(date(2025, 12, 5), (window(1, 7),), "today"),
        Download(date(2025, 12, 12), (Batch("baseline", *before, 28), window(2, 7)), "to_come"),
        Download(date(2025, 12, 19), (window(0, 28), window(3, 7)), "to_come"),
        Download(date(2025, 12, 22), (window(4, 7),), "to_come"),  # posts of 15 December: day 7
        Download(date(2025, 12, 26), (window(1, 28),), "to_come"),
        Download(date(2026, 1, 2), (window(2, 28),), "to_come"),
        Download(date(2026, 1, 9), (window(3, 28),), "to_come"),
        Download(date(2026, 1, 12), (window(4, 28),), "to_come"),  # and day 28
    )
    assert calendar.not_comparable == ()


def test_a_report_that_is_due_too_early_counted_by_hand() -> None:
    # 20 December: day 7 is reached by posts up to 13 December, day 28 by posts up to 22 November
    calendar = download_calendar(Window(NOV15, DEC15), None, date(2025, 12, 20), date(2025, 12, 20))
    assert calendar.not_comparable == (
        Batch("window", date(2025, 12, 14), DEC15, 7),
        Batch("window", date(2025, 11, 23), DEC15, 28),
    )
    assert calendar.downloads[-1] == Download(
        date(2025, 12, 20),
        (
            Batch("window", date(2025, 11, 22), date(2025, 11, 22), 28),
            Batch("window", date(2025, 12, 13), date(2025, 12, 13), 7),
        ),
        "today",
    )
    # due before any post is a week old: nothing to download, everything too young
    none = download_calendar(Window(NOV15, DEC15), None, date(2025, 11, 20), NOV15)
    assert none.downloads == ()
    assert none.not_comparable == (Batch("window", NOV15, DEC15, 7), Batch("window", NOV15, DEC15, 28))


def test_due_on_the_very_day() -> None:
    assert download_calendar(Window(NOV15, DEC15), None, date(2026, 1, 12), NOV15).not_comparable == ()
    assert download_calendar(Window(NOV15, DEC15), None, date(2026, 1, 11), NOV15).not_comparable == (
        Batch("window", DEC15, DEC15, 28),
    )


DAYS = st.dates(date(2023, 12, 1), date(2026, 3, 1))


@given(DAYS, st.integers(0, 70), st.none() | st.integers(-20, 120), st.sets(st.integers(1, 40), min_size=1, max_size=3))
def test_every_post_is_either_downloaded_at_its_age_or_listed(
    first: date, n: int, due_after: int | None, ages: set[int]
) -> None:
    window = Window(first, first + timedelta(n))
    due = None if due_after is None else first + timedelta(due_after)
    calendar = download_calendar(window, None, due, first, ages=ages)
    for age in ages:
        for post in (first + timedelta(k) for k in range(n + 1)):
            shown = [d.day for d in calendar.downloads for b in d.batches if b.age == age and b.first <= post <= b.last]
            young = [b for b in calendar.not_comparable if b.age == age and b.first <= post <= b.last]
            assert len(shown) + len(young) == 1
            # old enough, but less than a week older than that
            assert all(age <= (day - post).days < age + 7 and (due is None or day <= due) for day in shown)
            assert all(due is not None and (due - post).days < age for _ in young)


def test_exports_made_are_counted_for_the_download_before_them() -> None:
    made = [
        ("a", date(2025, 11, 28)),
        ("a", date(2025, 11, 30)),
        ("b", date(2025, 12, 4)),
        ("b", date(2025, 12, 5)),
        ("c", NOV15),
    ]
    calendar = download_calendar(Window(NOV15, date(2025, 11, 28)), None, None, DEC15, ages=[7], exported=made)
    assert [(d.day, d.n_accounts) for d in calendar.downloads] == [(date(2025, 11, 28), 2), (date(2025, 12, 5), 1)]


# ------------------------------------------------------------------------------------------------ doctor

CAMPAIGN = """
[campaign]
id = "c"
name = "C"
report_due = 2025-12-20
[window]
start = 2025-11-15
end = 2025-11-20
[[place]]
code = "1"
name = "Xã A"
population = 100
population_assumed = true
[[place]]
code = "2"
name = "Xã B"
[[place]]
code = "9"
name = "Tỉnh"
kind = "province"
[[account]]
platform = "facebook"
id = "11"
name = "Trang A"
place = "1"
[[account]]
platform = "tiktok"
name = "Kênh B"
[[account]]
platform = "x"
id = "33"
name = "C"
"""


def campaign(tmp_path: Path, text: str = CAMPAIGN) -> Campaign:
    (tmp_path / "campaign.toml").write_text(text, encoding="utf-8")
    return load(tmp_path)


def instant(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def rows(columns: str, *values: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame([dict(zip(columns.split(), v, strict=True)) for v in values])


@pytest.fixture
def frames() -> dict[str, pd.DataFrame]:
    the_15th, the_17th, the_19th = date(2025, 11, 15), date(2025, 11, 17), date(2025, 11, 19)
    return {
        "source": rows(
            "source path format exported_at period_start period_end",
            ("s1", "a.csv", "mbs_fb_posts", instant("2025-11-27T17:00"), the_15th, the_17th),
            ("s2", "b.csv", "tt_business", pd.NaT, None, None),
            ("s3", "note.pdf", "", pd.NaT, None, None),
            ("s4", "table.csv", "yt_table", instant("2025-11-27T17:00"), None, None),
        ),
        "post": rows(  # 16:59 UTC is 23:59 of the same day in Vietnam, 17:00 is the next day
            "platform account_id account_name source published_at",
            ("facebook", "11", "Trang A", "s1", instant("2025-11-15T03:00")),
            ("tiktok", "file:x", "kênh b", "s2", instant("2025-11-15T17:00")),
            ("tiktok", "file:x", "kênh b", "s2", instant("2025-11-18T16:59")),
            ("facebook", "99", None, "s1", pd.NaT),
            ("youtube", "file:y", None, "s4", instant("2025-11-01T00:00")),
        ),
        "metric": rows(
            "platform item_kind item account_id grain period_start source",
            ("facebook", "account", "11", None, "account_day", the_19th, "s1"),
            ("facebook", "post", "p", "11", "post_lifetime", None, "s1"),
        ),
        "account": rows(
            "platform account_id name handle",
            ("facebook", "99", "Trang lạ", None),
            ("tiktok", "k0123456789abcdef0123", None, None),  # a private person's, captured: nobody declares it
        ),
    }


def test_what_is_missing(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    c = campaign(tmp_path)
    report = doctor_report(c, frames, date(2025, 12, 1))
    assert report.accounts_without_export == (c.accounts[2],)
    assert report.accounts_without_id == (c.accounts[1],)
    day = [date(2025, 11, d) for d in range(1, 31)]  # day[n] is the (n + 1)th
    assert [(g.account.name, g.period, g.days, g.n_days) for g in report.gaps] == [
        # the file's period is 15 to 17, the daily series holds the 19th
        ("Trang A", "window", ((day[17], day[17]), (day[19], day[19])), 2),
        # no period: from its first post (the 16th in Vietnam) to its last
        ("Kênh B", "window", ((day[14], day[14]), (day[18], day[19])), 3),
    ]
    assert [p.code for p in report.places_without_population] == ["2"]
    assert [p.code for p in report.places_assumed] == ["1"]
    assert [p.code for p in report.places_without_account] == ["2"]  # the province is no commune
    assert report.undeclared_accounts == (("facebook", "99", "Trang lạ"),)
    assert report.files_without_account == ("table.csv",)
    assert report.files_without_export_day == ("b.csv",)  # a file that nobody claimed is not asked for
    assert report.posts_in_window == 3
    assert report.undeclared_parts == ("baseline", "focus_area", "population", "target")
    # exported at 17:00 UTC on the 27th: the 28th in Vietnam
    assert [(d.day, d.n_accounts) for d in report.calendar.downloads] == [
        (date(2025, 11, 27), 1),
        (date(2025, 12, 18), 0),
    ]


def test_days_to_come_are_not_missing(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    gaps = doctor_report(campaign(tmp_path), frames, date(2025, 11, 18)).gaps
    assert {d for g in gaps for r in g.days for d in r} == {date(2025, 11, 15), date(2025, 11, 18)}
    assert doctor_report(campaign(tmp_path), frames, date(2025, 11, 1)).gaps == ()


def test_a_source_declared_complete_has_no_gaps(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    text = CAMPAIGN.replace('name = "Trang A"', 'name = "Trang A"\ncomplete_source = true')
    assert [g.account.name for g in doctor_report(campaign(tmp_path, text), frames, date(2025, 12, 1)).gaps] == [
        "Kênh B"
    ]


def test_before_anything_is_gathered(tmp_path: Path) -> None:
    c = campaign(tmp_path)
    report = doctor_report(c, {}, date(2025, 11, 1))
    assert report.accounts_without_export == c.accounts
    assert (report.gaps, report.undeclared_accounts, report.posts_in_window) == ((), (), None)
    empty = {name: pd.DataFrame() for name in ("account", "post", "metric", "source")}
    assert doctor_report(c, empty, date(2025, 11, 1)) == report
    with pytest.raises(ValueError, match="'posts'"):
        doctor_report(c, {"posts": pd.DataFrame()}, date(2025, 11, 1))


def test_on_a_real_gather(tmp_path: Path) -> None:
    from campaignstats.gather import gather

    c = campaign(tmp_path)
    (tmp_path / "inbox").mkdir()
    assert doctor_report(c, evidence(c), date(2025, 12, 1)).posts_in_window is None
    # Meta writes Los Angeles time: 20:30 there is 11:30 of the next day in Vietnam
    header = "Post ID,Page ID,Page name,Title,Publish time,Permalink,Post type,Date,Views,Reach\n"
    pages = [("11,Trang A", "11/15/2025"), ("11,Trang A", "11/17/2025"), ("99,Trang lạ", "11/20/2025")]
    posts = [
        f"12345678901230{n},{page},Bài {n},{day} 20:30,https://www.facebook.com/{n},Photos,Lifetime,10,9\n"
        for n, (page, day) in enumerate(pages)
    ]
    (tmp_path / "inbox" / "export.csv").write_text("\ufeff" + header + "".join(posts), encoding="utf-8")
    gather(c, processes=1)
    report = doctor_report(c, evidence(c), date(2025, 12, 1))
    assert report.accounts_without_export == c.accounts[1:]
    assert [(g.account.name, g.days) for g in report.gaps] == [
        ("Trang A", ((date(2025, 11, 15), date(2025, 11, 15)), (date(2025, 11, 19), date(2025, 11, 20))))
    ]
    assert report.undeclared_accounts == (("facebook", "99", "Trang lạ"),)
    assert report.posts_in_window == 2  # the third is of the 21st in Vietnam


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_report_is_printed(tmp_path: Path, frames: dict[str, pd.DataFrame], lang: str) -> None:
    report = doctor_report(campaign(tmp_path), frames, date(2025, 12, 1))
    text = "\n".join(report.lines(lang))
    said = {
        "vi": ("18/11/2025, 20/11/2025", "1 trong 2 địa bàn chưa có số dân", "nộp báo cáo ngày 20/12/2025"),
        "en": ("18 November 2025, 20 November 2025", "1 of 2 places have no population", "due on 20 December 2025"),
    }[lang]
    for part in (*said, "Trang A", "Xã B", "Trang lạ (99)", "b.csv"):
        assert part in text
    young = doctor_report(campaign(tmp_path, CAMPAIGN.replace("2025-12-20", "2025-12-16")), {}, date(2025, 12, 1))
    assert words.text("doctor.not_comparable", lang) in young.lines(lang)


def test_the_report_for_machines(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    report = doctor_report(campaign(tmp_path), frames, date(2025, 12, 1)).as_dict()
    assert json.loads(json.dumps(report)) == report
    assert report["gaps"][0]["days"] == [["2025-11-18", "2025-11-18"], ["2025-11-20", "2025-11-20"]]
    assert report["undeclared_accounts"] == [{"platform": "facebook", "id": "99", "name": "Trang lạ"}]
    assert report["downloads"][0]["batches"] == [
        {"period": "window", "first": "2025-11-15", "last": "2025-11-20", "age_days": 7}
    ]


# ------------------------------------------------------------------------------------------------ days in letters


def many(n: int) -> str:
    """A campaign of ``n`` communes with an account each."""
    head = CAMPAIGN.split("[[place]]")[0]
    return head + "".join(
        f'[[place]]\ncode = "{i}"\nname = "Xã số {i}"\n'
        f'[[account]]\nplatform = "facebook"\nid = "{i}"\nname = "Trang xã số {i}"\n'
        f'owner_level = "commune"\nplace = "{i}"\n'
        for i in range(100, 100 + n)
    )


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_calendar_in_letters(tmp_path: Path, frames: dict[str, pd.DataFrame], lang: str) -> None:
    report = doctor_report(campaign(tmp_path), frames, date(2025, 12, 1))
    lines = report.lines(lang)
    (page,) = (line for line in lines if line.startswith("Facebook: Trang A") and "█" in line)
    assert page.split()[-2:] == ["█··░▒░", "1"]  # the 15th; the list ends on the 17th; a daily figure of the 19th
    (silent,) = (line for line in lines if line.startswith("X: C") and "░" in line)
    assert "░" * 6 in silent
    assert silent.endswith(words.text("doctor.days.nothing", lang))
    assert lines[2] == words.text("doctor.summary.accounts", lang, n=2, all=3)


def test_a_days_report_before_anything_is_gathered_has_no_calendar(tmp_path: Path) -> None:
    assert "░" not in "\n".join(doctor_report(campaign(tmp_path), {}, date(2025, 12, 1)).lines("en"))


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_long_lists_are_cut_short_unless_all_is_asked_for(
    tmp_path: Path, frames: dict[str, pd.DataFrame], lang: str
) -> None:
    report = doctor_report(campaign(tmp_path, many(95)), frames, date(2025, 12, 1))
    short, whole = report.lines(lang), report.lines(lang, everything=True)
    assert len(short) < 90 < len(whole)
    assert max(map(len, short[: short.index(words.text("doctor.missing", lang))])) <= 100
    assert any("--all" in line for line in short)
    assert not any("--all" in line for line in whole)
    for n in range(100, 195):
        assert sum(f"Trang xã số {n}" in line for line in whole) >= 2  # in the calendar and among those without a file
    assert len(report.as_dict()["calendar"]) == 95


def test_the_state_of_things_comes_first(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    text = CAMPAIGN.replace('name = "C"\n', 'name = "C"\nplace = "2"\n').replace(
        'id = "c"\nname = "C"\nplace = "2"', 'id = "c"\nname = "C"'
    )
    report = doctor_report(campaign(tmp_path, text), frames, date(2025, 12, 1))
    assert [p.code for p in report.places_silent] == ["2"]
    assert report.lines("en")[2:4] == [
        "2 of 3 declared accounts have files.",
        "1 place has accounts but sent nothing: Xã B.",
    ]


def test_files_that_were_cut_off_are_told(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    frames["source"] = frames["source"].assign(
        notes=['[["tt_studio.top_posts_only", {"posts": 20}]]', None, None, "[]"], tables="post"
    )
    report = doctor_report(campaign(tmp_path), frames, date(2025, 12, 1))
    assert [(c.path, c.cut, c.what) for c in report.cut_exports] == [("a.csv", "top_posts_only", "posts")]
    assert "a.csv: TikTok lists only the 20 top posts" in "\n".join(report.lines("en"))
    assert report.as_dict()["cut_exports"][0]["posts"] == 20
    # a list that was cut off knows no empty day
    assert [state for _, state in report.days[0].window] == [
        "posts",
        "capped",
        "capped",
        "no_source",
        "partly",
        "no_source",
    ]


def test_what_came_after_the_export_is_not_in_it(tmp_path: Path, frames: dict[str, pd.DataFrame]) -> None:
    source = frames["source"].assign(exported_evidence="declared", period_end=date(2025, 11, 30))
    source.loc[0, "exported_at"] = instant("2025-11-18T05:00")
    frames["source"] = source
    days = doctor_report(campaign(tmp_path), frames, date(2025, 12, 1)).days[0].window
    assert [state for _, state in days] == ["posts", "no_posts", "no_posts", "no_posts", "partly", "no_source"]


def test_posts_captured_from_a_screen_say_nothing_of_the_days_between(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    frames["source"] = frames["source"].assign(format="zeeschuimer")
    days = doctor_report(campaign(tmp_path), frames, date(2025, 12, 1)).days[1].window
    assert [state for _, state in days] == ["no_source", "posts", "no_source", "posts", "no_source", "no_source"]


def test_a_page_that_took_anothers_place_is_not_asked_for_the_days_before(
    tmp_path: Path, frames: dict[str, pd.DataFrame]
) -> None:
    text = CAMPAIGN.replace('id = "33"\nname = "C"', 'id = "33"\nname = "C"\nsince = 2025-11-18')
    report = doctor_report(campaign(tmp_path, text), frames, date(2025, 12, 1))
    assert [state for _, state in report.days[2].window] == ["not_in_use"] * 3 + ["no_source"] * 3


def test_places_without_data_are_those_of_the_findings(sample: Path) -> None:
    from campaignstats import publish

    c = load(sample)
    report = doctor_report(c, evidence(c), date(2026, 1, 10))
    (row,) = publish.evaluation(sample, "vi").participation.to_dict("records")
    assert len(report.places_unheard) == row["n_nothing_received"] > len(report.places_silent)
    assert report.n_on_sheet <= row["n_on_sheet_only"]
    gaps = [line for line in report.lines("vi", everything=True) if ": thiếu " in line]
    assert len(gaps) == len({g.account.key for g in report.gaps})  # an item an account, both periods in it
