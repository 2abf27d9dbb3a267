"""campaign.load: everything that is declared, and each mistake as one sentence with its line."""

import csv
import tomllib
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignstats import toml_lines, words
from campaignstats.campaign import (
    Account,
    Activity,
    Bilingual,
    Campaign,
    ContextFigure,
    Event,
    Export,
    FocusArea,
    Place,
    Target,
    Theme,
    Thresholds,
    Window,
    default_themes,
    load,
    name_id,
)
from campaignstats.errors import CampaignError

LEAST = """\
[campaign]
id = "thu-nghiem"
name = "Thử nghiệm"
[window]
start = 2025-11-15
end = 2025-12-15
"""

WHOLE = """\
# a campaign with everything
[campaign]
id = "dong-nai-2025"
name.vi = "Tháng hành động"
name.en = "Action Month"
slogan = { vi = "An toàn", en = "Safety" }
area.vi = "Đồng Nai"
timezone = "Asia/Ho_Chi_Minh"
language = "en"
synthetic = true
report_due = 2026-01-15
population = { value = 4491408, date = "01/07/2025", source = "thứ cấp" }

[window]
start = 2025-11-15
end = 2025-12-15
[baseline]
start = 2025-10-15
end = 2025-11-14

[[theme]]
code = "equality"
name = { vi = "Bình đẳng", en = "Equality" }
phrases = ["bình đẳng giới",
  "định kiến giới"]  # two
hashtags = ["binhdanggioi"]
[[theme]]
code = "support"

[[focus_area]]
code = "one"
name = "Trọng tâm 1"
themes = ["equality"]

[[audience]]
name = { vi = "Thanh niên", en = "Young people" }

[[place]]
code = "26068"
name = "Phường Biên Hòa"
population = 150000
population_date = 2025-07-01
latitude = 10.95

[[account]]
platform = "facebook"
id = 100012345678901
name = "Trang Biên Hòa"
owner_level = "commune"
place = "Phường Biên Hoà"
audience_local = true
[[account]]
platform = "tiktok"
handle = "@hoilhpn"

[[activity]]
kind = "Lễ phát động"
date = 2025-11-15
place = "26068"
people = 350

[[event]]
day = 2025-11-25
name = "Ngày quốc tế"
[[target]]
measure = "access"
value = 90
by = 2030-12-31
document = "Kế hoạch 15"
name = "Tiếp cận"
[[context_figure]]
name = "Nữ lãnh đạo"
value = "32,35 %"
date = 2025-01-01
source = "phỏng vấn"

[letterhead]
issuer = "SỞ NỘI VỤ"
day = 2026-01-10
recipients = ["Lưu: VT"]
[thresholds]
bootstrap_resamples = 500
[[export]]
path = "tiktok/*.csv"
exported_at = 2025-12-22T09:30:00
[[export]]
path = "x/*.csv"
exported_at = 2025-12-22
[[mapped]]
path = "zalo/*.xlsx"
table = "post"
platform = "Zalo"
columns = { post_id = "Mã bài", views = "Lượt xem" }
constants = { status = "ok" }
date_format = "%d/%m/%Y"
[hotlines]
numbers = ["111"]
checked = 2025-11-01
[notes]
author = "x"
"""


def folder(tmp_path: Path, text: str = LEAST) -> Path:
    (tmp_path / "campaign.toml").write_text(text, encoding="utf-8")
    return tmp_path


def refused(tmp_path: Path, text: str = LEAST) -> CampaignError:
    return refused_folder(folder(tmp_path, text))


def refused_folder(path: Path) -> CampaignError:
    with pytest.raises(CampaignError) as caught:
        load(path)
    for lang in words.LANGUAGES:  # every sentence exists in both languages and has its values
        assert "{" not in caught.value.message(lang)
    return caught.value


def sheet(file: Path, *rows: tuple[object, ...]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)


def test_everything_that_can_be_declared(tmp_path: Path) -> None:
    c = load(folder(tmp_path, WHOLE))
    assert (c.id, c.name, c.slogan) == (
        "dong-nai-2025",
        Bilingual("Tháng hành động", "Action Month"),
        Bilingual("An toàn", "Safety"),
    )
    assert c.area == Bilingual("Đồng Nai", "Đồng Nai")  # one language stands for both
    assert (c.language, c.synthetic, c.report_due) == ("en", True, date(2026, 1, 15))
    assert (c.population, c.population_date, c.population_source) == (4491408, date(2025, 7, 1), "thứ cấp")
    assert c.window == Window(date(2025, 11, 15), date(2025, 12, 15))
    assert c.baseline == Window(date(2025, 10, 15), date(2025, 11, 14))
    assert c.themes == (
        Theme("equality", Bilingual("Bình đẳng", "Equality"), ("bình đẳng giới", "định kiến giới"), ("#binhdanggioi",)),
        Theme("support", Bilingual("support", "support")),
    )
    assert c.focus_areas == (FocusArea("one", Bilingual("Trọng tâm 1", "Trọng tâm 1"), ("equality",)),)
    assert c.audiences == (Bilingual("Thanh niên", "Young people"),)
    assert c.places == (
        Place("26068", "Phường Biên Hòa", population=150000, population_date=date(2025, 7, 1), latitude=10.95),
    )
    assert c.accounts == (
        Account("facebook", "100012345678901", "Trang Biên Hòa", None, "commune", "26068", True),
        Account("tiktok", None, "@hoilhpn", handle="@hoilhpn"),
    )
    assert c.activities == (Activity("Lễ phát động", date(2025, 11, 15), "26068", 350),)
    assert c.events == (Event(date(2025, 11, 25), Bilingual("Ngày quốc tế", "Ngày quốc tế")),)
    assert c.targets == (Target("access", 90.0, date(2030, 12, 31), "Kế hoạch 15", Bilingual("Tiếp cận", "Tiếp cận")),)
    assert c.context_figures == (
        ContextFigure(Bilingual("Nữ lãnh đạo", "Nữ lãnh đạo"), "32,35 %", date(2025, 1, 1), "phỏng vấn"),
    )
    assert (c.letterhead.issuer, c.letterhead.day, c.letterhead.recipients) == (
        "SỞ NỘI VỤ",
        date(2026, 1, 10),
        ("Lưu: VT",),
    )
    assert c.thresholds == Thresholds(bootstrap_resamples=500)
    # Vietnam is seven hours ahead of UTC; a bare day means its first moment there
    assert [e.exported_at for e in c.exports] == [
        datetime(2025, 12, 22, 2, 30, tzinfo=UTC),
        datetime(2025, 12, 21, 17, tzinfo=UTC),
    ]
    assert c.exports[0] == Export("tiktok/*.csv", exported_at=datetime(2025, 12, 22, 2, 30, tzinfo=UTC))
    assert c.mapped[0].columns == {"post_id": "Mã bài", "views": "Lượt xem"}
    assert (c.mapped[0].platform, c.mapped[0].constants) == ("zalo", {"status": "ok"})
    assert (c.hotlines, c.hotlines_checked, c.notes) == (("111",), date(2025, 11, 1), {"author": "x"})


def test_the_least_that_can_be_declared(tmp_path: Path) -> None:
    c = load(str(folder(tmp_path)))
    assert [t.code for t in c.themes] == [
        "equality", "digital_skills", "online_violence", "violence", "support", "community", "opportunity", "amplify",
    ]  # fmt: skip
    assert c.themes == default_themes()
    assert all(t.phrases and t.name.vi != t.name.en for t in c.themes)
    assert (c.baseline, c.accounts, c.timezone, c.thresholds) == (None, (), "Asia/Ho_Chi_Minh", Thresholds())
    assert load(tmp_path / "campaign.toml").id == c.id


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        lambda text: b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le"),
    ],
    ids=["utf-8 with a mark", "utf-16"],
)
def test_files_saved_by_notepad(tmp_path: Path, saved) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "campaign.toml").write_bytes(saved(WHOLE))
    assert load(tmp_path) == load(folder(tmp_path, WHOLE))
    wrong = WHOLE.replace("latitude", "latitud")
    (tmp_path / "campaign.toml").write_bytes(saved(wrong))
    assert refused_folder(tmp_path).values["line"] == str(wrong[: wrong.index("latitud")].count("\n") + 1)


def test_names_in_another_normal_form_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").write_text(unicodedata.normalize("NFD", WHOLE), encoding="utf-8")
    assert load(tmp_path).places[0].name == "Phường Biên Hòa"
    assert load(tmp_path).accounts[0].place == "26068"


# each mistake: what to change in WHOLE, the error, the text on the line that it must name, and what it must say
MISTAKES = [
    ("timezone = ", "timezon = ", "unknown_key_near", "timezon =", "“timezone”"),
    ("[[focus_area]]", "[[focus_areas]]", "unknown_key_near", "[[focus_areas]]", "“focus_area”"),
    ("[letterhead]", "[zzz]", "unknown_key", "[zzz]", "letterhead"),
    ("source = \"thứ cấp\"", "sauce = \"x\"", "unknown_key_near", "population =", "“source”"),
    ("area.vi", "area.fr", "unknown_key", "area.fr", "vi, en"),
    ("end = 2025-12-15", "end = 2025-11-31", "no_such_day", "2025-11-31", "2025-11-31"),
    ("end = 2025-12-15", 'end = "31/11/2025"', "no_such_day", "31/11/2025", "31/11/2025"),
    ("end = 2025-12-15", "end = 15/12/2025", "syntax_date", "15/12/2025", "2025-11-15"),
    ("end = 2025-12-15", "end = 2025-11-14", "end_before_start", "end = 2025-11-14", "15 November 2025"),
    ("end = 2025-12-15", "end = true", "wants_date", "end = true", "must be a date"),
    ("end = 2025-12-15", "end = 2025-12-15T10:00:00", "wants_date", "end = 2025-12-15T", "must be a date"),
    ("end = 2025-11-14", "end = 2025-11-15", "baseline_not_before", "[baseline]", "15 November 2025"),
    ("synthetic = true", 'synthetic = "có"', "wants_boolean", "synthetic", "true or false"),
    ("value = 4491408", "value = 4.5", "wants_whole", "population =", "4.5"),
    ("name = \"Trang", "name = 5 #", "wants_text", "name = 5", "not 5"),
    ('themes = ["equality"]', 'themes = ["equalty"]', "unknown_theme_near", "equalty", "“equality”"),
    ('themes = ["equality"]', 'themes = ["zzz"]', "unknown_theme", "zzz", "equality, support"),
    ('themes = ["equality"]', 'themes = "equality"', "wants_texts", 'themes = "equality"', "list"),
    ('place = "Phường Biên Hoà"', 'place = "Phường Biên Hào"', "unknown_place_near", "Hào", "“Phường Biên Hòa”"),
    ('place = "Phường Biên Hoà"', 'place = "26086"', "unknown_place_near", "26086", "“26068”"),
    ('place = "Phường Biên Hoà"', 'place = "Q"', "unknown_place", 'place = "Q"', "“Q”"),
    ('platform = "facebook"', 'platform = "facebok"', "unknown_choice_near", "facebok", "“facebook”"),
    ('owner_level = "commune"', 'owner_level = "comune"', "unknown_choice_near", "comune", "“commune”"),
    ('owner_level = "commune"', 'owner_level = "vũ trụ"', "unknown_choice", "vũ trụ", "province, commune"),
    ("Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Min", "unknown_zone_near", "timezone", "“Asia/Ho_Chi_Minh”"),
    ("Asia/Ho_Chi_Minh", "Asia/Hanoi", "unknown_zone_near", "timezone", "“Asia/Ho_Chi_Minh”"),
    ("Asia/Ho_Chi_Minh", "../etc", "unknown_zone", "timezone", "Asia/Ho_Chi_Minh"),
    ('code = "support"', 'code = "equality"', "twice", None, "already"),
    ('code = "support"', 'code = "a|b"', "bad_code", 'code = "a|b"', "a|b"),
    ('id = "dong-nai-2025"', 'id = "Đồng Nai"', "bad_code", "Đồng Nai", "unaccented"),
    ('code = "26068"', "code = true", "wants_text", "code = true", "true"),
    ('handle = "@hoilhpn"', "", "nameless_account", "[[account]]", "name"),
    ("latitude = 10.95", "latitude = 1095.0", "out_of_range", "latitude", "1095"),
    ("population = 150000", "population = -1", "too_low", "population = -1", "-1"),
    ("bootstrap_resamples = 500", "bootstrap_resamples = 5", "too_low", "bootstrap", "100"),
    ("[[event]]", "[event]", "wants_tables", "[event]", "[[event]]"),
    ("[window]", "[[window]]", "wants_table", "[[window]]", "[window]"),
    ("day = 2025-11-25", "", "missing_key", "[[event]]", "“day”"),
    ('table = "post"', 'table = "posts"', "unknown_choice_near", '"posts"', "“post”"),
    ("views = ", "view = ", "unknown_key_near", "view =", "“views”"),
    ('"%d/%m/%Y"', '"dd/mm"', "bad_date_format", "dd/mm", "iso"),
    ('name = "Tiếp cận"', "name = “Tiếp cận”", "syntax_curly", "“Tiếp cận”", "curly"),
    ('name = "Tiếp cận"', 'name = "Tiếp cận', "syntax_quote", '"Tiếp cận', "closing"),
    ('name = "Tiếp cận"', "name = Tiếp cận", "syntax_value", "name = Tiếp", "quotation marks"),
    ('path = "zalo/*.xlsx"', 'path = "zalo\\x"', "syntax_backslash", "zalo", "backslash"),
    ('issuer = "SỞ NỘI VỤ"', 'issuer "SỞ NỘI VỤ"', "syntax_equals", "issuer", "no ="),
    ("[hotlines]", "[letterhead]", "syntax_twice", None, "already"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name", "on", "says"), MISTAKES, ids=[f"{m[2]}: {m[1]}" for m in MISTAKES])
def test_each_mistake_names_line_and_right_name(
    tmp_path: Path, old: str, new: str, name: str, on: str | None, says: str
) -> None:
    assert old in WHOLE
    text = WHOLE.replace(old, new) if old == "[[focus_area]]" else WHOLE.replace(old, new, 1)
    error = refused(tmp_path, text)
    assert error.key == f"campaign.{name}"
    assert says in str(error)
    assert str(error).startswith("campaign.toml, line ")
    assert error.message("vi").startswith("campaign.toml, dòng ")
    if on is not None:
        assert on in text.splitlines()[int(error.values["line"]) - 1]


def test_a_code_given_twice_names_both_lines(tmp_path: Path) -> None:
    error = refused(tmp_path, LEAST + '[[theme]]\ncode = "a"\n[[theme]]\ncode = "a"\n')
    assert (error.values["line"], error.values["first_line"]) == ("10", "8")


def test_missing_parts(tmp_path: Path) -> None:
    assert "campaignstats init" in str(refused_folder(tmp_path / "none"))
    assert "campaignstats init" in str(refused_folder(tmp_path))
    assert refused(tmp_path, LEAST.split("[window]")[0]).values["wanted"] == "[window]"
    assert refused(tmp_path, "").values["wanted"] == "[campaign]"
    (tmp_path / "campaign.toml").write_bytes(b'[campaign]\nid = "\xd0\xb5\xff"\n')
    error = refused_folder(tmp_path)
    assert (error.key, error.values["line"]) == ("campaign.not_utf8", "2")
    (tmp_path / "campaign.toml").unlink()
    (tmp_path / "campaign.toml").mkdir()
    assert refused_folder(tmp_path).key == "campaign.unreadable"


# ------------------------------------------------------------------------------------------------ sheets

PLACES = (("Mã địa bàn", "Tên địa bàn", "Loại", "Dân số"), ("26068", "Phường Biên Hòa", "Phường", 150000))


def test_sheets_add_to_the_toml(tmp_path: Path) -> None:
    folder(tmp_path, LEAST + '[[place]]\ncode = "1"\nname = "A"\n')
    sheet(
        tmp_path / "places.xlsx",
        ("Mã địa bàn *", "TÊN ĐỊA BÀN", "Loại", "Dân số", "Ngày của số dân", "Vĩ độ", "Số dân là giả định"),
        ("Ví dụ: 00001", "Phường A", "Phường", 1),
        (25195.0, "Phường Bình Phước", "phường", "45.000", datetime(2025, 7, 1), "11,52", "có"),
        (None, " ", None),
        ("00123", "Xã B", "Xã", None, "1/7/2025", None, None),
    )
    sheet(
        tmp_path / "accounts.xlsx",
        ("Nền tảng", "Mã tài khoản", "Tên tài khoản", "Cấp quản lý", "Địa bàn", "Người theo dõi chủ yếu ở địa bàn"),
        ("Facebook", 100012345678901, "Trang A", "Cấp xã", 25195, True),
        ("Khác", None, "Trang B", "Đoàn thể", "xã b", "không"),
    )
    (tmp_path / "activities.csv").write_bytes(
        "\ufeffLoại hoạt động;Ngày;Địa bàn;Số người tham dự;Ghi chú\r\n"
        "# ghi chú của người nhập\r\n"
        'Phát thanh;15/11/2025;00123;;"hai\r\ndòng"\r\n'
        "Lễ phát động;2025-11-16;Xã B;1.250;\r\n".encode()
    )
    c = load(tmp_path)
    assert c.places == (
        Place("1", "A"),
        Place("25195", "Phường Bình Phước", kind="ward", population=45000, population_date=date(2025, 7, 1),
              population_assumed=True, latitude=11.52),
        Place("00123", "Xã B", kind="commune", population_date=date(2025, 7, 1)),
    )  # fmt: skip
    assert c.accounts == (
        Account("facebook", "100012345678901", "Trang A", None, "commune", "25195", True),
        Account("other", None, "Trang B", None, "union", "00123", False),
    )
    assert c.activities == (
        Activity("Phát thanh", date(2025, 11, 15), "00123", note="hai\r\ndòng"),
        Activity("Lễ phát động", date(2025, 11, 16), "00123", 1250),
    )


def test_english_headers_and_tabs_in_utf_16(tmp_path: Path) -> None:
    folder(tmp_path)
    text = "platform\tname\tOwner level\taudience_local\nTikTok\tNguyễn A\tpress\tyes\n"
    (tmp_path / "accounts.csv").write_bytes(text.encode("utf-16"))
    assert load(tmp_path).accounts == (Account("tiktok", None, "Nguyễn A", None, "press", None, True),)


SHEET_MISTAKES = [
    ([("Nền tản", "Tên tài khoản"), ("Facebook", "A")], "unknown_column_near", 1, "“Nền tảng”"),
    ([("Nền tảng", "Tên", "Màu sắc ưa thích"), ("Facebook", "A", 1)], "unknown_column", 1, "Platform"),
    ([("Nền tảng", "Platform", "Tên"), ("Facebook", "Facebook", "A")], "column_twice", 1, "Platform"),
    ([("Nền tảng", "Tên"), ("Facebook", "A"), (None, "B")], "missing_key", 3, "platform"),
    ([("Nền tảng", "Tên"), (None,), ("Facebok", "A")], "unknown_choice_near", 3, "“facebook”"),
    ([("Nền tảng", "Tên", "Địa bàn"), ("Facebook", "A", "Phường Biên Hào")], "unknown_place_near", 2, "Biên Hòa"),
    ([("Nền tảng", "Tên", "Mã tài khoản"), ("Facebook", "A", 1.22158e17)], "rounded", 2, "Text"),
    ([("Nền tảng", "Tên", "Mã tài khoản"), ("Facebook", "A", "1,22158E+17")], "rounded", 2, "1,22158E+17"),
    ([("Nền tảng", "Tên"), ("Facebook", "A", "B")], "headless_cell", 2, "header"),
    ([("Nền tảng", "Tên", "Đã có đủ dữ liệu"), ("Facebook", "A", "có lẽ")], "wants_boolean", 2, "có lẽ"),
    ([("Nền tảng", "Tên"), ("Facebook", "A"), ("fb", " a ")], "twice", 3, "line 2"),
    ([("Nền tảng", "Tên", "id"), ("Facebook", "A", "1"), ("Facebook", "B", 1)], "twice", 3, "line 2"),
    ([("Nền tảng", "Tên", "id"), ("Facebook", "A", "1"), ("Facebook", "A", None)], "twice", 3, "line 2"),
    ([("Nền tảng", "Tên", "id"), ("Facebook", "A", None), ("Facebook", "A", "1")], "twice", 3, "line 2"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "name", "line", "says"), SHEET_MISTAKES, ids=[str(m[0][-1]) for m in SHEET_MISTAKES])
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_each_mistake_in_a_sheet(
    tmp_path: Path, rows: list[tuple[object, ...]], name: str, line: int, says: str, ending: str
) -> None:
    sheet(tmp_path / "places.xlsx", *PLACES)
    if ending == "xlsx":
        sheet(tmp_path / "accounts.xlsx", *rows)
    else:
        width = max(map(len, rows))
        with (tmp_path / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[*r, *[None] * (width - len(r))] for r in rows])
    error = refused(tmp_path)
    assert (error.key, error.values["file"]) == (f"campaign.{name}", f"accounts.{ending}")
    assert error.values["line"] == str(line)
    assert says in str(error)


def test_days_that_are_not_in_the_calendar(tmp_path: Path) -> None:
    sheet(tmp_path / "activities.xlsx", ("Loại hoạt động", "Ngày"), ("A", "30/11/2025"), ("B", "31/11/2025"))
    error = refused(tmp_path)
    assert str(error) == "activities.xlsx, line 3: 31/11/2025 is not a day of the calendar."
    assert error.message("vi") == "activities.xlsx, dòng 3: ngày 31/11/2025 không có trong lịch."


def test_a_place_of_the_sheet_and_of_the_toml(tmp_path: Path) -> None:
    sheet(tmp_path / "places.xlsx", *PLACES)
    error = refused(tmp_path, LEAST + '[[place]]\ncode = "26068"\nname = "A"\n')
    assert (error.values["file"], error.values["line"]) == ("places.xlsx", "2")
    assert (error.values["first"], error.values["first_line"]) == ("campaign.toml", "8")


def test_two_places_of_one_name_need_the_code(tmp_path: Path) -> None:
    sheet(tmp_path / "places.xlsx", ("code", "name"), ("1", "Xã Tân Tiến"), ("2", "Xã Tân Tiến"))
    account = '[[account]]\nplatform = "x"\nname = "A"\nplace = '
    error = refused(tmp_path, LEAST + account + '"Xã Tân Tiến"\n')
    assert (error.key, error.values["codes"]) == ("campaign.ambiguous_place", "1, 2")
    assert load(folder(tmp_path, LEAST + account + '"2"\n')).accounts[0].place == "2"


def test_workbooks_that_are_none(tmp_path: Path) -> None:
    for raw in (b"", b"PK\x03\x04half", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"a,b\n1,2\n"):
        (tmp_path / "places.xlsx").write_bytes(raw)
        assert refused(tmp_path).key == "campaign.not_a_workbook"


def test_a_stray_cell_far_down_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "places.xlsx")) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["code", "name"])
        page.write(25_000, 0, "x")
    assert refused(tmp_path).key == "campaign.sheet_too_large"


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet(tmp_path / "places.xlsx", *PLACES)
    assert load(folder(tmp_path)).places
    monkeypatch.setattr("campaignstats.campaign.files.MAX_BYTES", 1000)
    assert refused(tmp_path).key == "campaign.sheet_too_large"


def test_a_csv_that_excel_saved_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_bytes("code,name\n1,A\n2,Trảng Dài".encode("cp1258", "replace") + b"\xe3\n")
    error = refused(tmp_path)
    assert (error.key, error.values["line"]) == ("campaign.not_utf8", "3")


# ------------------------------------------------------------------------------------------------ account_for


def campaign(tmp_path: Path, *accounts: str) -> Campaign:
    return load(folder(tmp_path, LEAST + "".join(f"[[account]]\n{a}\n" for a in accounts)))


def test_account_for(tmp_path: Path) -> None:
    c = campaign(
        tmp_path,
        'platform = "facebook"\nid = "11"\nname = "Trang A"',
        'platform = "facebook"\nid = "22"\nname = "Trang A"',
        'platform = "facebook"\nname = "Hội Biên Hòa"\nhandle = "hoi.bh"',
        'platform = "tiktok"\nid = "@kenh"\nname = "Kênh"',
    )
    a, b, hoi, kenh = c.accounts
    assert c.account_for("facebook", "11", "another name") is a
    assert c.account_for("facebook", "22", None) is b
    assert c.account_for("facebook", None, "Trang A") is None  # two have that name
    assert c.account_for("facebook", "33", "Trang A") is None  # another page of the same name
    assert c.account_for("instagram", "11", "Trang A") is None
    assert c.account_for("facebook", "33", "hội  biên hoà") is hoi
    assert c.account_for("facebook", None, "@Hoi.BH") is hoi
    assert c.account_for("facebook", "name:HỘI BIÊN HÒA", None) is hoi
    # a file that tells a handle and a name: either may be the one that was declared
    assert c.account_for("facebook", "name:hoi.bh", "Hội LHPN phường Biên Hòa") is hoi
    assert c.account_for("facebook", "name:pn.bienhoa", "Hội Biên Hòa") is hoi
    assert c.account_for("facebook", "name:hoi.bh", "Trang A") is hoi  # the name is two pages', the handle is one's
    assert c.account_for("facebook", "name:pn.bienhoa", "Một trang khác") is None
    assert c.account_for("facebook", "file:abc", "Hội Bie\u0302n Hòa") is hoi
    assert c.account_for("tiktok", "6700", "kenh") is kenh
    assert c.account_for("facebook", None, None) is None


def test_an_account_known_by_name_has_one_id_however_it_is_written() -> None:
    writings = ("Hội Biên Hòa", " hội  biên hoà ", "@HỘI BIÊN HÒA", unicodedata.normalize("NFD", "Hội Biên Hòa"))
    assert {name_id(w) for w in writings} == {"name:hội biên hòa"}


def test_two_pages_of_one_name_stand_where_their_ids_differ(tmp_path: Path) -> None:
    assert (
        len(campaign(tmp_path, 'platform = "x"\nid = 1\nname = "A"', 'platform = "x"\nid = 2\nname = "A"').accounts)
        == 2
    )


# ------------------------------------------------------------------------------------------------ lines of TOML

KEYS = st.one_of(st.sampled_from(["a", "b", "name", "x-1"]), st.text("ab .#\"'[]=đ\\\n", min_size=1, max_size=5))
LEAVES = st.one_of(st.integers(), st.booleans(), st.dates(), st.text("ab #\"'[]{}=,đ\\\n", max_size=8))
VALUES = st.recursive(
    LEAVES, lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(KEYS, v, max_size=3)), max_leaves=8
)


def written(value: object) -> str:
    """A value as TOML; texts in one of the four forms of quoting, lists over several lines."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if not set(value) & set("'\n"):
            return f"'{value}'"
        if value.endswith("b"):
            return '"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""'
        return quoted(value)
    if isinstance(value, list):
        return "[ # a list ]\n" + ",\n".join(map(written, value)) + "\n]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + " }"
    return str(value)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def paths(value: object, path: toml_lines.Path = ()) -> set[toml_lines.Path]:
    found = {path} if path else set()
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        found |= paths(child, (*path, key))
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(KEYS, st.dictionaries(KEYS, VALUES, max_size=3)), max_size=5), st.sampled_from(["\n", "\r\n"])
)
def test_every_path_of_any_document_has_its_line(tables: list[tuple[str, dict[str, object]]], end: str) -> None:
    rows, lines = ["# first"], {}
    count: dict[str, int] = {}
    for name, values in tables:
        number = count[name] = count.get(name, -1) + 1
        rows.append(f"[[ {quoted(name)} ]]")
        lines[name, number] = sum(r.count("\n") + 1 for r in rows)
        for key, value in values.items():
            rows.append(f"{quoted(key)} = {written(value)} # ]")
            lines[name, number, key] = sum(r.count("\n") + 1 for r in rows[:-1]) + 1
    text = "\n".join(rows).replace("\n", end)
    found = toml_lines.lines(text)
    assert set(found) == paths(tomllib.loads(text))
    assert {path: found[path] for path in lines} == lines


def test_lines_by_hand() -> None:
    text = 'a.b = 1\n[t]\n\nc = [\n  1,\n  { d = 2 },\n]\n[t.u]\n[[l]]\n[l.m]\nn = """\nx\n"""\no = 1\n'
    assert toml_lines.lines(text) == {
        ("a",): 1, ("a", "b"): 1, ("t",): 2, ("t", "c"): 4, ("t", "c", 0): 5, ("t", "c", 1): 6, ("t", "c", 1, "d"): 6,
        ("t", "u"): 8, ("l",): 9, ("l", 0): 9, ("l", 0, "m"): 10, ("l", 0, "m", "n"): 11, ("l", 0, "m", "o"): 14,
    }  # fmt: skip


def test_every_sentence_of_campaign_exists_in_both_languages_with_the_same_values() -> None:
    from string import Formatter

    for key, texts in words.catalogue().items():
        if key.startswith(("error.campaign.", "error.start.", "start.", "doctor.")):
            vi, en = ({f for _, f, _, _ in Formatter().parse(texts[lang]) if f} for lang in words.LANGUAGES)
            assert vi == en, key
            assert not key.endswith("_near") or "near" in vi


DAMAGE = st.sampled_from(
    ["", '"', "'", "[", "]", "{", "}", "=", "\n", "\r", "\x00", "\\", "#", "”", "true", "nan", "9" * 20]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 20), DAMAGE), min_size=1, max_size=4))
def test_a_damaged_file_is_one_sentence_or_a_campaign(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int, str]]
) -> None:
    text = WHOLE
    for at, n, instead in damage:
        text = text[:at] + instead + text[at + n :]
    path = tmp_path_factory.mktemp("damaged")
    (path / "campaign.toml").write_bytes(text.encode())
    try:
        load(path)
        return
    except CampaignError as error:
        refusal = error
    assert all(refusal.message(lang) for lang in words.LANGUAGES)
    assert 1 <= int(refusal.values.get("line", "1")) <= text.count("\n") + 1
