"""start: a fresh campaign loads and gathers, nothing is overwritten, the launchers run."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from campaignstats import start, words
from campaignstats.campaign import TEMPLATES, Window, load
from campaignstats.errors import InputError
from campaignstats.start import init


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
    # a campaign after the change of status of 30 April 2026 has the names and kinds of its own time
    file = tmp_path / "c" / "campaign.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"2025-(\d\d-\d\d)", r"2026-\1", text), encoding="utf-8")
    later = load(tmp_path / "c")
    assert later.window.end.year == 2026
    kinds = [p.kind for p in later.places]
    assert (kinds.count("ward"), kinds.count("commune")) == (33, 62)
    renamed = {p.code: (p.name, p.name_en) for p in later.places}["25270"]
    assert renamed == ("Phường Lộc Ninh", "Loc Ninh Ward")
    assert {p.code: p.name for p in places}["25270"] == "Xã Lộc Ninh"
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


def test_start_imports_no_other_step() -> None:
    heavy = {"campaignstats.gather", "campaignstats.store", "matplotlib", "duckdb"}
    code = f"import sys, campaignstats.start; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
