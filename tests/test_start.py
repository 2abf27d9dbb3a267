"""start: a fresh campaign loads and gathers; the doctor's gaps and its calendar are right on days counted by hand."""

import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats import start, words
from campaignstats.campaign import TEMPLATES, Campaign, Window, load
from campaignstats.errors import InputError
from campaignstats.start import Batch, Download, doctor_report, download_calendar, evidence, init

NOV15, DEC15 = date(2025, 11, 15), date(2025, 12, 15)


# ------------------------------------------------------------------------------------------------ init


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_fresh_campaign_loads(tmp_path: Path, lang: str) -> None:
    folder = tmp_path / 'Chiến dịch Đồng Nai\'s "2025"'
    lines = init(folder, lang)
    c = load(folder)
    assert (c.id, c.name.vi, c.language) == ("chien-dich-dong-nai-s-2025", folder.name, lang)
    # the example rows are no accounts, places or activities
    assert (c.accounts, c.places, c.activities) == ((), (), ())
    assert len(c.themes) == 8
    assert c.hotlines == ("111", "113", "1900969680", "18001768")
    made = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    assert made == [
        "accounts.xlsx", "activities.xlsx", "bieu-thu-thap.xlsx", "campaign.toml", "chay-campaignstats.bat",
        "chay-campaignstats.command", "chay-campaignstats.sh", "inbox/README.txt", "places.xlsx",
    ]  # fmt: skip
    assert all(any(name in line for line in lines) for name in made)


def test_a_fresh_campaign_gathers(tmp_path: Path) -> None:
    from campaignstats.gather import gather

    init(tmp_path / "c", "vi")
    report = gather(load(tmp_path / "c"), processes=1)
    assert [(f.path, f.state) for f in report.files if f.state != "ignored"] == []  # the note for people is left alone


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_samples_in_the_template_are_right_when_their_marks_are_taken_away(tmp_path: Path, lang: str) -> None:
    init(tmp_path / "c", lang, places="dong-nai")
    file = tmp_path / "c" / "campaign.toml"
    text = file.read_text(encoding="utf-8")
    sample = re.sub(r"^# (?=\[|\w+(\.\w+)? = )", "", text, flags=re.MULTILINE)
    assert sample != text
    file.write_text(sample, encoding="utf-8")
    c = load(tmp_path / "c")
    assert c.report_due == date(2026, 1, 15)
    assert c.baseline == Window(date(2025, 10, 15), date(2025, 11, 14))
    declared = (c.accounts, c.focus_areas, c.audiences, c.events, c.targets, c.context_figures, c.exports)
    assert [len(d) for d in declared] == [1] * 7
    assert [t.code for t in c.themes] == ["equality", "digital_skills"]
    assert (len(c.mapped), c.letterhead.issuer, c.thresholds.post_age_days) == (1, "SỞ NỘI VỤ", 7)
    assert c.accounts[0].place == "26068"


def test_both_templates_declare_the_same() -> None:
    def keys(lang: str) -> list[str]:
        text = (TEMPLATES / f"campaign.{lang}.toml").read_text(encoding="utf-8")
        return re.findall(r"^(?:# )?(\[+\w+\]+|\w+(?:\.\w+)?(?= = ))", text, re.MULTILINE)

    assert keys("vi") == keys("en")
    assert len(keys("vi")) > 60


def test_the_communes_of_dong_nai(tmp_path: Path) -> None:
    lines = init(tmp_path / "c", "vi", places="dong-nai")
    assert any("95" in line for line in lines)
    places = load(tmp_path / "c").places
    assert len({p.code for p in places}) == 95
    kinds = [p.kind for p in places]
    assert (kinds.count("ward"), kinds.count("commune")) == (23, 72)  # as from 1 July 2025
    assert {p.population for p in places} == {None}
    assert all(p.latitude and 10.5 < p.latitude < 12.4 and p.longitude and 106.3 < p.longitude < 107.7 for p in places)
    with pytest.raises(InputError, match="Did you mean “dong-nai”"):
        init(tmp_path / "d", "vi", places="dongnai")
    assert not (tmp_path / "d").exists()


def test_the_list_of_communes_is_whole() -> None:
    table = pd.read_csv(start._data("places", "dong_nai_95.csv"), dtype={"code": str})
    assert list(table.columns) == [
        "code", "name", "name_2026", "name_en", "kind", "kind_2026", "area_km2", "latitude", "longitude",
    ]  # fmt: skip
    assert table.notna().all(axis=None)
    assert table["area_km2"].sum() == pytest.approx(12737.36, abs=0.005)
    assert table["kind_2026"].value_counts().to_dict() == {"commune": 62, "ward": 33}  # as from 30 April 2026
    for names, kinds in (("name", "kind"), ("name_2026", "kind_2026")):
        first = table[names].str.split().str[0]
        assert (first == table[kinds].map({"ward": "Phường", "commune": "Xã"})).all()
    assert (table["name_en"].str.split().str[-1].str.lower() == table["kind"]).all()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "export.csv").write_text("mine")
    (tmp_path / "places.xlsx").write_text("mine")
    with pytest.raises(InputError) as caught:
        init(tmp_path, "vi")
    assert "places.xlsx" in caught.value.message("vi")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["inbox", "places.xlsx"]
    (tmp_path / "places.xlsx").unlink()
    init(tmp_path, "vi")  # an inbox that is there already is welcome
    assert (tmp_path / "inbox" / "export.csv").read_text() == "mine"
    with pytest.raises(InputError, match=r"campaign\.toml"):
        init(tmp_path, "en")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        init(tmp_path / "file", "en")
    assert caught.value.key == "start.not_a_folder"


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    for parent in ("a", "b"):
        init(tmp_path / parent / "c", "vi", places="dong-nai")
    for file in (tmp_path / "a").rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes(), file.name


def test_the_form_for_communes(tmp_path: Path) -> None:
    init(tmp_path / "c", "vi", places="dong-nai")
    book = openpyxl.load_workbook(tmp_path / "c" / "bieu-thu-thap.xlsx")
    assert book.sheetnames[0] == "Biểu thu thập"
    assert "Hướng dẫn" in book.sheetnames
    sheet = book["Biểu thu thập"]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=3, max_row=5)]
    assert rows[0] == [
        "Mã xã/phường", "Xã/phường", "Đường liên kết", "Nền tảng", "Ngày đăng", "Chỉ số", "Giá trị", "Tính đến ngày",
        "Nguồn số liệu", "Tệp ảnh chụp màn hình",
    ]  # fmt: skip
    assert all(rows[1])
    assert not any(rows[2])
    lists = {str(v.sqref)[0]: v.formula1 for v in sheet.data_validations.dataValidation if v.type == "list"}
    assert lists["D"] == '"Facebook,Instagram,YouTube,TikTok,Zalo,X,Khác"'
    assert lists["F"] == '"Lượt xem,Số người tiếp cận,Lượt tương tác,Lượt thích,Bình luận,Lượt chia sẻ,Người theo dõi"'
    assert lists["I"] == '"Tệp xuất,Đọc trên màn hình,Tự báo cáo"'
    assert lists["A"] == "'Danh mục'!$A$1:$A$95"
    assert book["Danh mục"]["A1"].value == load(tmp_path / "c").places[0].code
    # a list within a cell holds 255 letters at most
    assert all(len(f.strip('"')) <= 255 for f in lists.values())


def test_what_the_drop_downs_offer_is_what_load_takes(tmp_path: Path) -> None:
    for lang in words.LANGUAGES:
        folder = tmp_path / lang
        init(folder, lang, places="dong-nai")
        book = openpyxl.load_workbook(folder / "accounts.xlsx")
        sheet = book.worksheets[0]
        headers = [c.value for c in sheet[1]]
        offered: dict[str, list[str]] = {}
        for v in sheet.data_validations.dataValidation:
            header = headers[openpyxl.utils.column_index_from_string(str(v.sqref)[0]) - 1]
            if v.formula1.startswith('"'):
                offered[header] = v.formula1.strip('"').split(",")
        columns = [words.text(f"sheet.accounts.{k}", lang) for k in ("platform", "owner_level", "audience_local")]
        for column in columns:
            for n, choice in enumerate(offered[column]):
                row = {words.text("sheet.accounts.name", lang): f"{column} {n}", columns[0]: "X", column: choice}
                sheet.append([row.get(h) for h in headers])
        book.save(folder / "accounts.xlsx")
        accounts = load(folder).accounts
        assert len(accounts) == sum(len(offered[c]) for c in columns) == 10 + 5 + 2
        assert len({a.platform for a in accounts}) == 10
        assert len({a.owner_level for a in accounts}) == 5
        assert len({a.audience_local for a in accounts}) == 2


def test_the_launchers(tmp_path: Path) -> None:
    init(tmp_path / "c", "vi")
    raw = (tmp_path / "c" / "chay-campaignstats.bat").read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 5
    assert not raw.startswith(b"\xef\xbb\xbf")
    own = f'set "own={sys.executable}"'.encode()
    for part in (b"chcp 65001", b"PYTHONUTF8=1", own, b'py -m campaignstats.cli run "%~dp0."', b"pause"):
        assert part in raw


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_shell_launcher_runs_the_program_on_its_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "chiến dịch 1"
    init(folder, "vi")
    for name in ("chay-campaignstats.sh", "chay-campaignstats.command"):
        done = subprocess.run(
            [folder / name], input=b"\n", capture_output=True, env={"PATH": "/usr/bin:/bin"}, check=True
        )
        assert "Tổng cộng 1 tệp" in done.stdout.decode(), done.stderr.decode()  # README.txt of the inbox


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_shell_launcher_tries_another_python_where_its_own_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "chiến dịch 1"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone it's"))
    init(folder, "vi")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "python3").write_text('#!/bin/sh\nprintf "%s|" "$PYTHONUTF8" "$@"\n')
    (bin_ / "python3").chmod(0o755)
    for name in ("chay-campaignstats.sh", "chay-campaignstats.command"):
        done = subprocess.run(
            [folder / name], input=b"\n", capture_output=True, env={"PATH": f"{bin_}:{os.environ['PATH']}"}, check=True
        )
        assert done.stdout.decode().startswith(f"1|-m|campaignstats.cli|run|{folder}|")


def test_a_folder_that_can_not_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file where a folder must be")
    with pytest.raises(InputError) as caught:
        init(tmp_path, "vi")
    assert caught.value.key == "start.not_written"


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


def test_start_imports_no_other_step() -> None:
    heavy = {"campaignstats.gather", "campaignstats.store", "matplotlib", "duckdb"}
    code = f"import sys, campaignstats.start; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
