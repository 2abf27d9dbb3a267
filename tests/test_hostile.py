"""Files that were made to do harm, each by its name: a sentence in both languages, in seconds, and nothing else lost.

Those that the opener alone answers stand in tests/readers/test_opening.py; here the whole road is taken, beside a good
file that must be gathered whatever lies next to it.
"""

import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from campaignstats import campaign, gather, quarantine
from campaignstats.store import Store

CAMPAIGN = """
[campaign]
id = "thu-nghiem"
name = { vi = "Thử nghiệm", en = "Trial" }
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
[window]
start = 2025-11-15
end = 2025-12-15
"""
HEADER = "id ,,Name,Date,Likes,isHearted,isPinned,Comment,(view source)\n"
ROW = "1,,Người Mẫu Một,03/12/25 08:00:01,2,no,no,{},view comment\n"
NAME = "yt-comments_AbCdEfGhIjK_1 - ExportComments.com.csv"
SECONDS = 5.0  # of the processor: other work on the machine is not counted

Made = Callable[[Path], None]
FILES: dict[str, Made] = {}


def _hostile(function: Made) -> Made:
    FILES[function.__name__] = function
    return function


def _xlsx(members: dict[str, str]) -> bytes:
    """A workbook whose parts are replaced by ``members``."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write("A1", "x")
    whole = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, members.get(name, old.read(name)))
    return whole.getvalue()


@_hostile
def zip_bomb(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "bom.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", bytes(200 << 20))


@_hostile
def zip_with_10001_members(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "nhieu.zip", "w") as archive:
        for n in range(10_001):
            archive.writestr(f"{n}.csv", "a,b\n1,2\n")


@_hostile
def zip_that_climbs_out(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "leo.zip", "w") as archive:
        archive.writestr("../../" + NAME, HEADER + ROW.format("x"))


@_hostile
def zip_with_a_link(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "link.zip", "w") as archive:
        entry = zipfile.ZipInfo("a.csv")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")


@_hostile
def empty_zip(inbox: Path) -> None:
    zipfile.ZipFile(inbox / "rong.zip", "w").close()


@_hostile
def billion_laughs_in_a_workbook(inbox: Path) -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))
    text = f'<?xml version="1.0"?><!DOCTYPE sst [{laughs}]><sst count="1" uniqueCount="1"><si><t>&a9;</t></si></sst>'
    (inbox / "cuoi.xlsx").write_bytes(_xlsx({"xl/sharedStrings.xml": text}))


@_hostile
def workbook_with_its_first_and_last_cell(inbox: Path) -> None:
    with xlsxwriter.Workbook(inbox / "goc.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write("A1", "x")
        sheet.write("XFD1048576", "y")


@_hostile
def json_nested_100000_deep(inbox: Path) -> None:
    (inbox / "sau.json").write_text("[" * 100_000 + "]" * 100_000)


@_hostile
def json_with_numbers_of_5000_digits(inbox: Path) -> None:
    comment = {"kind": "youtube#comment", "id": "Ugx1", "snippet": {"videoId": "AbCdEfGhIjK", "textOriginal": "hay"}}
    text = json.dumps({"kind": "youtube#commentListResponse", "items": [comment]})
    (inbox / "so.json").write_text(text.replace('"hay"', '"hay", "likeCount": ' + "9" * 5000))


@_hostile
def json_with_1e400_and_half_letters(inbox: Path) -> None:
    comment = {"kind": "youtube#comment", "id": "Ugx1", "snippet": {"videoId": "AbCdEfGhIjK", "textOriginal": "\ud83d"}}
    text = json.dumps({"kind": "youtube#commentListResponse", "items": [comment]})
    (inbox / "xa.json").write_text(text.replace('"textOriginal"', '"likeCount": 1e400, "textOriginal"'))


@_hostile
def table_of_100000_columns(inbox: Path) -> None:
    (inbox / "rong.csv").write_text(",".join(f"c{n}" for n in range(100_000)) + "\n" + "," * 99_999 + "\n")


@_hostile
def field_of_10_megabytes(inbox: Path) -> None:
    (inbox / NAME.replace("AbC", "XyZ")).write_text(HEADER + ROW.format('"' + "a b\n" * 2_500_000 + '"'))


@_hostile
def one_quote_unclosed_in_40_megabytes(inbox: Path) -> None:
    with (inbox / NAME.replace("AbC", "XyW")).open("w", encoding="utf-8") as file:
        file.write(HEADER + ROW.format('"không đóng'))
        for _ in range(40):
            file.write(ROW.format("bình thường") * 13_000)


@_hostile
def nul_and_marks_of_direction(inbox: Path) -> None:
    text = HEADER + ROW.format("a\0b \u202egnort\u202c \u2066x").replace("Người Mẫu Một", "Người\u202e Mẫu\0 Hai")
    (inbox / NAME.replace("AbC", "XyV")).write_text(text, encoding="utf-8")


@_hostile
def names_of_250_letters_and_marks(inbox: Path) -> None:
    folder = inbox / ("a" * 250)
    folder.mkdir()
    (folder / "x\u202efdp.csv").write_text("a,b\n1,2\n")


@_hostile
def names_that_are_no_utf8(inbox: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("file names are bytes on Linux only")
    with open(os.fsencode(inbox) + b"/b\xe1o c\xe1o.csv", "w") as file:  # noqa: PTH123 - no Path holds these bytes well
        file.write("a,b\n1,2\n")


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_hostile_file_is_a_sentence_and_nothing_else_is_lost(name: str, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (tmp_path / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    (inbox / NAME).write_text(HEADER + ROW.format("hay quá"), encoding="utf-8")
    FILES[name](inbox)
    loaded = campaign.load(tmp_path)
    start = time.process_time()
    report = gather.gather(loaded, processes=1)
    took = time.process_time() - start
    good = next(f for f in report.files if f.path == NAME)
    others = [f for f in report.files if f.path != NAME]
    assert (good.state, good.kept) == ("read", 1)
    assert others
    for file in others:
        assert file.read == file.kept + file.quarantined + file.skipped
        if file.state == "refused":
            assert all(file.reason(lang) for lang in ("vi", "en"))
    for lang in ("vi", "en"):
        for line in report.lines(lang):
            assert not set(line) & {"\0", "\u202e", "\u2066"}, line
        for refusal in quarantine.refusals(loaded):
            assert refusal.sentence(lang)
            assert refusal.advice(lang)
    for table in ("comment", "post", "account", "source"):
        for column in Store(loaded.tables).frame(table).select_dtypes("str"):
            values = Store(loaded.tables).frame(table)[column].dropna()
            assert not values.str.contains("[\0\u202e\u2066]").any(), (table, column)
    assert took < SECONDS, f"{took:.1f} s"
