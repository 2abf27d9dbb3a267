"""Which files the inbox holds and what they are made of: encodings, delimiters, archives, and what must be refused."""

import io
import json
import os
import pickle
import stat
import struct
import sys
import tracemalloc
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaignstats import words
from campaignstats.errors import ReadError
from campaignstats.readers import encodings, inbox, opening, text_tables

VIETNAMESE = "Phụ nữ và trẻ em: điều cần biết, ơn, ư"


def opened(folder: Path, data: bytes, name: str = "a.csv") -> opening.Opened:
    (folder / name).write_bytes(data)
    return opening.open_document(found_in(folder, name))


def found_in(folder: Path, path: str) -> opening.Found:
    return next(f for f in opening.inbox_files(folder) if f.path == path)


def records(document: opening.Opened, sheet: str | None = None) -> list[list[Any]]:
    return [cells for _, cells in document.records(sheet)]


def refusal(folder: Path, data: bytes, name: str = "a.csv") -> str:
    with pytest.raises(ReadError) as error:
        opened(folder, data, name)
    for lang in words.LANGUAGES:
        assert error.value.message(lang)
    assert pickle.loads(pickle.dumps(error.value)).key == error.value.key
    return error.value.key


# -- text --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "mark", "label", "repairs"),
    [
        ("utf-8", b"", "utf-8", ()),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-bom", ()),
        ("utf-16-le", b"\xff\xfe", "utf-16-le", ()),
        ("utf-16-be", b"\xfe\xff", "utf-16-be", ()),
        ("utf-16-le", b"", "utf-16-le", ("utf16_without_mark",)),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(tmp_path: Path, codec: str, mark: bytes, label: str, repairs: tuple[str, ...], end: str) -> None:
    text = f"id,text{end}1,{VIETNAMESE.split(',')[0]}{end}2,🌶{end}"
    document = opened(tmp_path, mark + text.encode(codec))
    assert (document.kind, document.encoding, document.repairs) == ("table", label, repairs)
    assert records(document) == [["id", "text"], ["1", "Phụ nữ và trẻ em: điều cần biết"], ["2", "🌶"]]


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1258", "Tên,Số\nĐiểm đến của phụ nữ,1\nThư gửi trẻ em,2\n"),
        ("cp1252", "Nom,Nombre\nCafé à l'été,1\n"),
        ("cp1251", "Имя,Число\nРавносметка година,1\nЗаповядайте,2\n"),
    ],
)
def test_other_encodings_are_named_never_guessed(tmp_path: Path, codec: str, text: str) -> None:
    import unicodedata

    if codec == "cp1258":  # it writes tone marks apart
        text = "".join(
            unicodedata.normalize("NFC", base) + tone
            for base, tone in (
                (
                    "".join(c for c in unicodedata.normalize("NFD", ch) if c not in "\u0300\u0301\u0303\u0309\u0323"),
                    "".join(c for c in unicodedata.normalize("NFD", ch) if c in "\u0300\u0301\u0303\u0309\u0323"),
                )
                for ch in text
            )
        )
    (tmp_path / "a.csv").write_bytes(text.encode(codec))
    with pytest.raises(ReadError) as error:
        opening.open_document(found_in(tmp_path, "a.csv"))
    assert error.value.key == "read.not_utf8"
    assert error.value.values["encoding"] == codec


def test_a_lone_soft_hyphen_is_the_one_stray_byte_taken(tmp_path: Path) -> None:
    document = opened(tmp_path, "Video,Dis\udcadlikes,Tên\nx,3,🌶\n".encode("utf-8", "surrogateescape"))
    assert document.repairs == ("cp1252_soft_hyphens",)
    assert records(document) == [["Video", "Dis\u00adlikes", "Tên"], ["x", "3", "🌶"]]
    assert refusal(tmp_path, "Video,Dis\udcaelikes,Tên phụ nữ\nx,3,🌶\n".encode("utf-8", "surrogateescape")) == (
        "read.broken_utf8"
    )


def test_half_a_letter_at_the_end_is_a_half_download(tmp_path: Path) -> None:
    assert refusal(tmp_path, "id,text\n1,phụ nữ".encode()[:-1]) == "read.cut_off"


def test_control_characters_are_taken_out(tmp_path: Path) -> None:
    document = opened(tmp_path, b"id,te\x00xt\n1,a\x07b\x1bc\n2,\x00\n")
    assert document.repairs == ("control_characters",)
    assert records(document) == [["id", "text"], ["1", "abc"], ["2", ""]]


@pytest.mark.parametrize(
    ("start", "delimiter"),
    [(b"sep=,\n", ","), (b"sep=\t\t\t\r\n", "\t"), (b'"sep=;"\n', ";"), (b"SEP=|\n", "|")],
)
def test_a_sep_line_names_the_delimiter_and_is_no_record(tmp_path: Path, start: bytes, delimiter: str) -> None:
    document = opened(tmp_path, start + f"a{delimiter}b\n1{delimiter}2\n".encode())
    assert list(document.records()) == [(1, ["a", "b"]), (2, ["1", "2"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_seen_in_the_records(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "text", "n"], ["1", "một, hai; ba\tbốn\nnăm", "3"], ["2", 'nói "không"; a,b', "4"], ["3", "x", "5"]]
    text = "\n".join(delimiter.join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    assert records(opened(tmp_path, text.encode())) == rows


def test_record_numbers_are_those_of_excel(tmp_path: Path) -> None:
    document = opened(tmp_path, b"sep=,\na,b\n\n , \n,,\n1,2\n\n")
    assert list(document.records()) == [(1, ["a", "b"]), (5, ["1", "2"])]
    assert document.n_delivered == 2
    assert document.head == [(1, ["a", "b"]), (5, ["1", "2"])]


def test_a_quote_that_is_never_closed_takes_one_record_with_it(tmp_path: Path) -> None:
    good = "".join(f'{n},"dòng một\ndòng hai, và nữa",{n},{n}\n' for n in range(3, 60))
    document = opened(tmp_path, f'id,text,n,m\n1,ổn,1,1\n2,"mở mà không đóng,2,2\n{good}'.encode())
    rows = records(document)
    assert len(rows) == 2 + 57
    assert rows[2] == ["3", "dòng một\ndòng hai, và nữa", "3", "3"]
    assert [(r.row, r.rule, r.details) for r in document.refused] == [(3, "unclosed_quote", {"lines": 1})]
    assert document.n_delivered == len(rows)


def test_a_broken_record_never_takes_the_figures_of_the_next(tmp_path: Path) -> None:
    good = "".join(f'{n},"x",{n},{n}\n' for n in range(3, 30))
    document = opened(tmp_path, f'id,text,n,m\n1,a,1,1\n2,"mở mà không đóng,2,2\n{good}'.encode())
    assert records(document)[2:] == [[str(n), "x", str(n), str(n)] for n in range(3, 30)]
    assert [r.row for r in document.refused] == [3]


def test_an_inch_mark_is_no_open_quote(tmp_path: Path) -> None:
    document = opened(tmp_path, b'id,text,n,m\n1,5" screen,1,1\n2,x,2,2\n')
    assert records(document)[1:] == [["1", '5" screen', "1", "1"], ["2", "x", "2", "2"]]
    assert document.refused == []


def test_a_cell_without_end_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    long = "x" * (text_tables.MAX_FIELD + 10)
    document = opened(tmp_path, f"id,text,n,m\n1,a,1,1\n2,{long},2,2\n3,c,3,3\n".encode())
    assert [r[0] for r in records(document)] == ["id", "1", "3"]
    assert [(r.row, r.rule) for r in document.refused] == [(3, "field_too_long")]


def test_a_layer_of_quotes_is_taken_off_line_by_line_or_record_by_record(tmp_path: Path) -> None:
    lines = '"id,""text"",n"\n"1,""a ""b"", c"",2"\n"2,""hai\n ba"",3"\n'
    document = opened(tmp_path, b'"id,""text"",n"\n"1,""a, c"",2"\n3,d,4\n')
    assert document.repairs == ("quoted_twice",)
    assert records(document) == [["id", "text", "n"], ["1", "a, c", "2"], ["3", "d", "4"]]
    document = opened(tmp_path, lines.replace('""b""', "b").encode())
    assert records(document)[-1] == ["2", "hai\n ba", "3"]


def test_a_column_of_lists_is_no_layer_of_quotes(tmp_path: Path) -> None:
    document = opened(tmp_path, b'"a ""b"", c, d"\n"x"\n"y, z"\n"w"\n')
    assert document.repairs == ()
    assert len(records(document)) == 4


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), min_size=4, max_size=4),
        min_size=1,
        max_size=12,
    )
)
def test_what_was_written_is_read(tmp_path: Path, rows: list[list[str]]) -> None:
    rows = [["id", "tên", "lời", "số"], *([f"r{n}", *row[1:]] for n, row in enumerate(rows))]
    text = "\r\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    assert records(opened(tmp_path, b"\xef\xbb\xbf" + text.encode())) == rows


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_document_or_a_sentence(tmp_path: Path, data: bytes) -> None:
    said = None
    try:
        document = opened(tmp_path, data)
    except ReadError as error:
        said = error
    if said:
        assert all(said.message(lang) for lang in words.LANGUAGES)
    elif document.kind != "json":
        assert len(list(document.records())) == document.n_delivered


# -- what is no table --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "read.empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "read.empty"),
        (b"\0" * 5000, "read.zeros"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "read.image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "read.image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "read.image"),
        (b"%PDF-1.7\n", "read.pdf"),
        (b"\0\0\0\x20ftypmp42" + b"\0" * 20, "read.video"),
        (b"\x1f\x8b\x08\0", "read.other_archive"),
        (b"Rar!\x1a\x07\0", "read.other_archive"),
        (b"SQLite format 3\0", "read.database"),
        (b"MZ\x90\0\x03\0", "read.program"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "read.web_page"),
        (b'{"a": [1, 2', "read.broken_json"),
        (b"[" * 100_000, "read.broken_json"),
        (b"PK\x03\x04 half", "read.bad_zip"),
    ],
)
def test_bytes_that_are_no_export(tmp_path: Path, data: bytes, key: str) -> None:
    assert refusal(tmp_path, data) == key


def ole(*names: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + b"".join(f"{n:\0<40}".encode("utf-16-le") for n in names)
    )


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("Root Entry", "EncryptionInfo", "EncryptedPackage"), "read.password"),
        (("Root Entry", "Workbook"), "read.bad_workbook"),
        (("Root Entry", "WordDocument"), "read.word"),
        (("Root Entry",), "read.unknown_office"),
    ],
)
def test_old_office_files_are_named(tmp_path: Path, names: tuple[str, ...], key: str) -> None:
    assert refusal(tmp_path, ole(*names), "a.xlsx") == key


def test_an_endless_line_is_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "line.csv").open("wb") as out:
        for _ in range(10):
            out.write(b"a" * (1 << 20))
        out.truncate(300_000_000)  # the rest is a hole: it takes no room on the disk
    found = found_in(tmp_path, "line.csv")
    assert found.size == 300_000_000
    tracemalloc.start()
    with pytest.raises(ReadError) as error:
        opening.open_document(found)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error.value.key == "read.long_line"
    assert peak < 12_000_000


def test_a_big_table_is_streamed(tmp_path: Path) -> None:
    line = b"1785400000000000001,phu nu va tre em," + b"x" * 200 + b",1,2\n"
    (tmp_path / "big.csv").write_bytes(b"id,text,more,n,m\n" + line * 150_000)
    found = found_in(tmp_path, "big.csv")
    tracemalloc.start()
    document = opening.open_document(found)
    assert sum(1 for _ in document.records()) == 150_001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000, "36 MB of file pass through a few"


def test_bad_bytes_late_in_a_big_table_cost_their_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file over the limit is decoded while it is read; what is broken there is refused alone."""
    monkeypatch.setattr(encodings, "LATE_DECODING", 1000)
    good = "1,phụ nữ\n".encode() * 200_000
    document = opened(tmp_path, b"id,text\n" + good + b"2,\xe1\xba\n" + "3,phụ nữ\n".encode())
    rows = records(document)
    assert rows[1] == rows[200_000] == ["1", "phụ nữ"]
    assert rows[200_001:] == [["2", ""], ["3", "phụ nữ"]]
    assert [(r.row, r.column, r.rule) for r in document.refused] == [(200_002, "text", "broken_letters")]


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_json_and_ndjson(tmp_path: Path) -> None:
    document = opened(tmp_path, b'\xef\xbb\xbf{"kind": "x",\n "items": [1, NaN]}', "a.json")
    assert (document.kind, document.payload) == ("json", {"kind": "x", "items": [1, None]})
    assert list(document.items(document.payload["items"])) == [(1, 1), (2, None)]
    assert document.n_delivered == 2
    document = opened(tmp_path, b'{"a": 1}\n\n{"a": 2\n[3]\n{"a": "\xe1\xbb\xa5"}\n', "a.txt")
    assert document.kind == "ndjson"
    assert list(document.records()) == [(1, {"a": 1}), (5, {"a": "ụ"})]
    assert [(r.row, r.rule) for r in document.refused] == [(3, "broken_json_line"), (4, "broken_json_line")]
    assert opened(tmp_path, b'{"a": 1}', "a.ndjson").kind == "ndjson"
    assert opened(tmp_path, b'{"a": 1}', "b.json").kind == "json"
    assert opened(tmp_path, json.dumps([{"a": VIETNAMESE}]).encode("utf-16"), "c.json").payload == [{"a": VIETNAMESE}]


def test_half_an_emoji_in_json_can_be_stored(tmp_path: Path) -> None:
    half = rb'[{"a": "x\ud83d", "b\udc4f": "\ud83d\udc4f", "c": "\\ud83d"}]'
    payload = opened(tmp_path, half, "a.json").payload
    assert payload == [{"a": "x\ufffd", "b\ufffd": "\U0001f44f", "c": "\\ud83d"}]
    json.dumps(payload, ensure_ascii=False).encode("utf-8")
    lines = b'{"a": "1"}\n' + half[1:-1] + b"\n"
    assert list(opened(tmp_path, lines, "a.ndjson").records()) == [(1, {"a": "1"}), (2, payload[0])]


def test_a_table_may_begin_with_a_bracket(tmp_path: Path) -> None:
    assert opened(tmp_path, b"[id],text\n1,a\n").kind == "table"


# -- workbooks ---------------------------------------------------------------------------------------------------------


def book(file: Path, fill: Any) -> Path:
    made = xlsxwriter.Workbook(str(file))
    fill(made)
    made.close()
    return file


def test_workbooks(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        first, second = made.add_worksheet("Bảng"), made.add_worksheet("Hai")
        first.write_row("A1", ["id", "số"])
        first.write_row("A4", ["x_x000D_\ny", 2.5])
        first.write_formula("C4", "=1+1", None, 2)
        first.write_formula("D4", "=HYPERLINK(1)", None, "")
        second.write_row("A2", [True, "  "])

    book(tmp_path / "a.xlsx", fill)
    document = opening.open_document(found_in(tmp_path, "a.xlsx"))
    assert (document.kind, document.sheets) == ("workbook", ("Bảng", "Hai"))
    # a formula is its stored value; a row ends with its last cell
    assert list(document.records()) == [(1, ["id", "số"]), (4, ["x\r\ny", 2.5, 2, None])]
    assert next(iter(document.records("Hai")))[0] == 2
    assert document.n_delivered == 1
    with pytest.raises(KeyError, match="Bảng"):
        list(document.records("Ba"))


def test_a_cell_at_the_end_of_the_world(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        sheet = made.add_worksheet()
        sheet.write("A1", "id")
        sheet.write("XFD1048576", 1)

    book(tmp_path / "a.xlsx", fill)
    with pytest.raises(ReadError) as error:
        opening.open_document(found_in(tmp_path, "a.xlsx"))
    assert (error.value.key, error.value.values["cell"]) == ("read.far_cell", "XFD1048576")


def test_a_stray_format_far_below_does_no_harm(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        sheet = made.add_worksheet()
        sheet.write("A1", "x")
        sheet.write("A900001", "y")

    book(tmp_path / "a.xlsx", fill)
    document = opening.open_document(found_in(tmp_path, "a.xlsx"))
    assert [n for n, _ in document.records()] == [1, 900_001]


def test_damaged_workbooks(tmp_path: Path) -> None:
    data = book(tmp_path / "good.xlsx", lambda made: made.add_worksheet().write("A1", 1)).read_bytes()
    assert refusal(tmp_path, data[: len(data) // 2], "half.xlsx") == "read.bad_zip"

    def rezipped(**changed: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                new.writestr(name, changed.get(name.rsplit("/", 1)[-1].split(".")[0], old.read(name)))
        return out.getvalue()

    assert (
        refusal(tmp_path, rezipped(sheet1=b"<worksheet><sheetData><row><c r='A1'><v>1"), "b.xlsx")
        == "read.bad_workbook"
    )
    entities = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    assert refusal(tmp_path, rezipped(sheet1=entities), "c.xlsx") == "read.bad_workbook"
    assert refusal(tmp_path, rezipped(workbook=b"no xml"), "d.xlsx") == "read.bad_workbook"


def test_an_old_workbook_gives_the_same_cells(tmp_path: Path) -> None:
    data = (Path(__file__).parent / "files" / "libreoffice_cells.xls").read_bytes()  # saved by LibreOffice 7.4
    document = opened(tmp_path, data, "a.csv")
    assert (document.kind, document.encoding, document.repairs) == ("workbook", "xls", ("old_excel",))
    assert document.sheets == ("Số liệu", "Hai")
    assert list(document.records()) == [
        (1, ["id", "số", "ngày", "đúng"]),
        (4, ["điều cần biết", 2.5, datetime(2025, 11, 15, 8, 30), True]),
        (5, ["#DIV/0!", 12, "08:30:00"]),
    ]
    assert list(document.records("Hai")) == [(2, ["x"])]
    assert refusal(tmp_path, data[:2000]) == "read.unknown_office"
    assert refusal(tmp_path, data[: len(data) // 2]) in ("read.unknown_office", "read.bad_workbook")
    assert refusal(tmp_path, data.replace(b"\x09\x08\x10\x00", b"\x00\x00\x00\x00")) == "read.bad_workbook"


@pytest.mark.parametrize(
    ("member", "key"),
    [("word/document.xml", "read.word"), ("xl/workbook.bin", "read.binary_excel"), ("mimetype", "read.open_document")],
)
def test_other_office_files(tmp_path: Path, member: str, key: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr("[Content_Types].xml", "<Types/>")
        new.writestr(member, "x")
    assert refusal(tmp_path, out.getvalue(), "a.docx") == key


# -- the inbox ---------------------------------------------------------------------------------------------------------


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 12, 22, 9, 30, 0)), data)
    return out.getvalue()


def listing(folder: Path) -> dict[str, str]:
    """path -> ignored reason, error key or ''."""
    return {f.path: f.ignored or (f.error.key if f.error else "") for f in opening.inbox_files(folder)}


def test_every_file_is_listed(tmp_path: Path) -> None:
    deep = tmp_path / "Xã A" / "facebook" / "tải về"
    deep.mkdir(parents=True)
    (deep / "Lượt xem.csv").write_text("a,b\n1,2\n")
    (tmp_path / "gốc.csv").mkdir()
    (tmp_path / "gốc.csv" / "b.csv").write_text("a,b\n1,2\n")
    for name in ("~$bảng.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "README.txt", ".~lock.a.xlsx#", ".gitkeep"):
        (tmp_path / name).write_text("x")
    (tmp_path / "b.csv.crdownload").write_text("a,b")
    (tmp_path / ".git").mkdir()
    (tmp_path / "y.zip").write_bytes(zipped({"Table data.csv": b"a,b\n1,2\n", "__MACOSX/._x": b"x"}))
    assert listing(tmp_path) == {
        ".DS_Store": "system_file",
        ".git/": "hidden_file",
        ".gitkeep": "hidden_file",
        ".~lock.a.xlsx#": "office_lock",
        "README.txt": "readme",
        "Thumbs.db": "system_file",
        "Xã A/facebook/tải về/Lượt xem.csv": "",
        "b.csv.crdownload": "read.half_downloaded",
        "desktop.ini": "system_file",
        "gốc.csv/": "directory_like_file",
        "gốc.csv/b.csv": "",
        "y.zip!/Table data.csv": "",
        "y.zip!/__MACOSX/._x": "system_file",
        "~$bảng.xlsx": "office_lock",
    }
    found = list(opening.inbox_files(tmp_path))
    assert [f.path for f in found] == [f.path for f in opening.inbox_files(tmp_path)]
    assert all(words.has(f"ignored.{f.ignored}") for f in found if f.ignored)
    member = found_in(tmp_path, "y.zip!/Table data.csv")
    assert member.names == ("y.zip", "Table data.csv")
    assert str(member.archived_at) == "2025-12-22 09:30:00"
    assert member.sha256 == found_in(tmp_path, "gốc.csv/b.csv").sha256
    assert records(opening.open_document(pickle.loads(pickle.dumps(member)))) == [["a", "b"], ["1", "2"]]


def test_zips_of_zips(tmp_path: Path) -> None:
    inner = zipped({"Table data.csv": b"a,b\n1,2\n"})
    middle = zipped({"in.zip": inner, "Nội dung.csv": b"a,b\n3,4\n"})
    (tmp_path / "out.zip").write_bytes(zipped({"mid.zip": middle, "in.zip": inner}))
    assert listing(tmp_path) == {
        "out.zip!/in.zip!/Table data.csv": "",
        "out.zip!/mid.zip!/Nội dung.csv": "",
        "out.zip!/mid.zip!/in.zip": "read.nested_archive",
    }
    nested = opening.open_document(found_in(tmp_path, "out.zip!/mid.zip!/Nội dung.csv"))
    assert records(nested) == [["a", "b"], ["3", "4"]]


def test_a_workbook_in_a_zip_is_a_document(tmp_path: Path) -> None:
    data = book(tmp_path / "a.xlsx", lambda made: made.add_worksheet().write("A1", "id")).read_bytes()
    (tmp_path / "a.xlsx").unlink()
    (tmp_path / "a.zip").write_bytes(zipped({"a.xlsx": data}))
    assert records(opening.open_document(found_in(tmp_path, "a.zip!/a.xlsx"))) == [["id"]]


def test_names_that_windows_did_not_mark_as_utf8(tmp_path: Path) -> None:
    data = zipped({"Dữ liệu trong bảng.csv": b"a,b\n1,2\n"})
    bare = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        bare[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] & ~0x800)
    (tmp_path / "a.zip").write_bytes(bytes(bare))
    assert list(listing(tmp_path)) == ["a.zip!/Dữ liệu trong bảng.csv"]


def test_members_that_are_not_opened(tmp_path: Path) -> None:
    out = io.BytesIO()
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../up.csv", "/root.csv", "C:\\win.csv", "a.csv"):
            archive.writestr(name, "a,b\n1,2\n")
        archive.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", "a,b\n3,4\n")
    (tmp_path / "z.zip").write_bytes(out.getvalue())
    found = [(f.path, f.error.key if f.error else "") for f in opening.inbox_files(tmp_path)]
    assert found == [
        ("z.zip!/../up.csv", "read.unsafe_name"),
        ("z.zip!//root.csv", "read.unsafe_name"),
        ("z.zip!/C:\\win.csv", "read.unsafe_name"),
        ("z.zip!/a.csv", ""),
        ("z.zip!/a.csv", "read.duplicate_member"),
        ("z.zip!/link.csv", "read.link_in_archive"),
    ]


def test_a_password_on_a_zip(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": b"a,b\n1,2\n"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(data))
    assert listing(tmp_path) == {"a.zip!/a.csv": "read.archive_password"}


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.csv", b"0" * (inbox.RATIO_FROM + 1))
    assert listing(tmp_path) == {"a.zip!/a.csv": "read.bomb"}


def test_a_member_that_lies_about_its_size_is_cut_and_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": b"a,b\n" + b"1,2\n" * 5000}))
    at = data.index(b"PK\x01\x02") + 24  # the size that the directory states
    data[at : at + 4] = struct.pack("<I", 100)
    (tmp_path / "a.zip").write_bytes(bytes(data))
    with pytest.raises(ReadError) as error:
        opening.open_document(found_in(tmp_path, "a.zip!/a.csv"))
    assert error.value.key == "read.bad_zip"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_half_downloaded_zip(tmp_path: Path, share: float) -> None:
    data = zipped({"a.csv": os.urandom(5000), "b.csv": b"a,b\n"})
    (tmp_path / "a.zip").write_bytes(data[: int(len(data) * share)])
    assert listing(tmp_path) == {"a.zip": "read.bad_zip"}
    assert found_in(tmp_path, "a.zip").sha256


def test_an_empty_zip(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({}))
    assert listing(tmp_path) == {"a.zip": "read.empty_archive"}


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights on Windows")
def test_links(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "a").mkdir(parents=True)
    (inbox / "a" / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "secret.csv").write_text("a,b\n")
    (inbox / "out.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "out").symlink_to(tmp_path)
    (inbox / "same.csv").symlink_to(inbox / "a" / "x.csv")
    (inbox / "again").symlink_to(inbox)
    (inbox / "gone.csv").symlink_to(tmp_path / "nothing")
    os.mkfifo(inbox / "pipe.csv")
    assert listing(inbox) == {
        "a/x.csv": "",
        "again/": "link_to_folder",
        "gone.csv": "read.broken_link",
        "out": "read.link_outside",
        "out.csv": "read.link_outside",
        "pipe.csv": "read.no_file",
        "same.csv": "",
    }
    # a pipe has no end and a link's target is not ours: neither is read, not even to be known again
    assert found_in(inbox, "pipe.csv").sha256 == ""
    assert found_in(inbox, "out.csv").sha256 == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_that_command_a_terminal_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "a\n\x1b[2Jb\u202e.csv").write_text("a,b\n1,2\n")
    assert list(listing(tmp_path)) == ["a\\n\\x1b[2Jb\\u202e.csv"]


def test_a_locked_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    found = found_in(tmp_path, "a.csv")

    def locked(*_: object, **__: object) -> None:  # as Windows answers while Excel holds the file
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    assert found.sha256 == ""
    assert listing(tmp_path) == {"a.csv": "read.locked"}


def test_a_very_long_path(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(4):
        folder = folder / ("thư mục rất dài " * 5).strip()
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("a,b\n1,2\n")
    (found,) = opening.inbox_files(tmp_path)
    assert len(str(found.file)) > 260
    assert records(opening.open_document(found)) == [["a", "b"], ["1", "2"]]


def test_every_real_sample_opens(shared: Path) -> None:
    for found in opening.inbox_files(shared / "exports"):
        document = opening.open_document(found)
        if document.kind == "table":
            n = sum(1 for _ in document.records())
            assert n == document.n_delivered > 0
            assert not document.refused
