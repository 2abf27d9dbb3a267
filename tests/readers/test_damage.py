"""Files as they arrive: what a spreadsheet, an editor, a half download or a helpful person did to a known export.

Each file is made here from an untouched fixture, or was made from it with LibreOffice. What comes out must be what the
untouched file gives, or be refused by name: never another figure.
"""

import csv
import dataclasses
import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import golden
import pytest
from test_letters import cp1258, mojibake

from campaignstats import words
from campaignstats.errors import ReadError
from campaignstats.readers import base, documents, letters, opening
from campaignstats.readers.text_tables import Table

FB = "mbs_fb_posts/Nov-15-2025_Dec-15-2025_1234567890123456.csv"
FB_EN = "mbs_fb_posts/daily_and_lifetime_en.csv"
IG = "mbs_ig_posts/Nov-15-2025_Dec-15-2025_2345678901234567.csv"
YT = "yt_studio_table/Dữ liệu trong bảng.csv"
TT = "tt_studio_content/Content.csv"
X = "x_content/account_analytics_content_2025-11-15_2025-12-15.csv"
DAY = "mbs_account_day/Reach.csv"
COMMENTS = "exportcomments_youtube/yt-comments_q0aLb3XyZ9w_28417733 - ExportComments.com.csv"
FORM = "commune_form/bieu-thu-thap.csv"


@dataclasses.dataclass
class Out:
    document: opening.Opened
    items: list[base.Yield]

    @property
    def figures(self) -> set[tuple[Any, ...]]:
        """What the file says, without the place in it."""
        named = ("item", "metric", "traffic", "grain", "period_start", "group", "value")
        return {
            tuple(str(i.values.get(n)) for n in named)
            for i in self.items
            if isinstance(i, base.Row) and i.table in ("metric", "audience")
        }

    def column(self, table: str, name: str) -> list[Any]:
        return [i.values.get(name) for i in self.items if isinstance(i, base.Row) and i.table == table]

    @property
    def rules(self) -> set[str]:
        return {r.rule for r in (*self.items, *self.document.refused) if isinstance(r, base.Refused)}

    @property
    def notes(self) -> set[str]:
        return {key for key, _ in self.document.notes}


def data_of(path: str) -> bytes:
    return (golden.EXPORTS / path).read_bytes()


def text_of(path: str) -> str:
    return data_of(path).decode("utf-8-sig")


def found(file: Path, like: str) -> opening.Found:
    one = next(f for f in opening.inbox_files(file.parent) if f.path == file.name)
    return dataclasses.replace(one, path=like)


def out(file: Path, like: str) -> Out:
    """What comes out of ``file`` as if it lay at the place and had the name of the fixture ``like``."""
    one = found(file, like)
    document = opening.open_document(one)
    readers = [r for r in base.registry().values() if base.claims(r, document)]
    assert [r.NAME for r in readers] == [like.split("/")[0]]
    items = list(golden.rows(readers[0].read(document, golden.context_of(one))))
    lost = document.refused
    fates = {i.row for i in items if not isinstance(i, base.About)}
    assert len(fates) == document.n_delivered, "a record without a fate"
    for rule, details in [(r.rule, r.details) for r in lost]:
        assert all(words.text(f"rule.{rule}", lang, **details) for lang in words.LANGUAGES)
    for key, values in document.notes:
        assert all(words.text(f"note.{key}", lang, **values) for lang in words.LANGUAGES)
    return Out(document, items)


def out_of(folder: Path, data: bytes, like: str, name: str = "a.csv") -> Out:
    (folder / name).write_bytes(data)
    return out(folder / name, like)


@pytest.fixture(scope="module")
def whole() -> dict[str, Out]:
    return {path: out(golden.EXPORTS / path, path) for path in (FB, FB_EN, IG, YT, TT, X, DAY, COMMENTS, FORM)}


# -- encodings ---------------------------------------------------------------------------------------------------------


def ansi(text: str, page: str) -> bytes:
    """A text in a code page, without the emoji that no code page has."""
    bare = re.sub("[\U0001f000-\U0001ffff\u2600-\u27bf\ufe0f]", "", text)
    return cp1258(bare) if page == "cp1258" else bare.encode(page)


def test_vietnamese_headers_prove_the_code_page(tmp_path: Path, whole: dict[str, Out]) -> None:
    now = out_of(tmp_path, ansi(text_of(FB), "cp1258"), FB)
    assert (now.document.encoding, now.document.repairs) == ("cp1258", ("code_page",))
    assert now.figures == whole[FB].figures
    assert "Trang mẫu Sông Xanh" in now.column("post", "account_name")
    assert now.notes == {"repaired.code_page"}


def test_headers_in_ascii_prove_no_code_page(tmp_path: Path) -> None:
    rows = [
        "Post ID,Page ID,Page name,Title,Publish time,Permalink,Date,Views,Reach",
        '901,77,"Hội Phụ nữ","Tiếng Việt ở đây",11/20/2025 06:00,https://www.facebook.com/a/posts/901,Lifetime,12,10',
        "902,77,plain,plain title,11/21/2025 06:00,https://www.facebook.com/a/posts/902,Lifetime,13,11",
    ]
    now = out_of(tmp_path, cp1258("\n".join(rows) + "\n"), FB_EN)
    assert now.document.repairs == ()
    assert now.notes == {"letters_unproved"}
    assert sorted(v for v in now.column("metric", "value")) == [10, 11, 12, 13]
    assert now.column("post", "text") == [None, "plain title"], "no text is read by a guess"
    assert [(r.row, r.column, r.rule, r.details["encoding"]) for r in now.document.refused] == [
        (2, "Page name", "letters_unproved", "cp1258"),
        (2, "Title", "letters_unproved", "cp1258"),
    ]


def test_a_broken_byte_costs_its_cell(tmp_path: Path, whole: dict[str, Out]) -> None:
    data = data_of(FB)
    at = data.index("Trang mẫu".encode(), 2000) + 7
    now = out_of(tmp_path, data[:at] + data[at + 1 :], FB)
    assert now.figures == whole[FB].figures
    assert [r.rule for r in now.document.refused] == ["broken_letters"]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("path", [FB, YT])
def test_mojibake_of_a_whole_file(tmp_path: Path, whole: dict[str, Out], path: str, times: int) -> None:
    text = text_of(path)
    for _ in range(times):
        text = mojibake(text)
    now = out_of(tmp_path, text.encode(), path)
    assert now.document.repairs == ("mojibake",)
    assert now.figures == whole[path].figures
    assert now.column("post", "text") == whole[path].column("post", "text")


def test_mojibake_in_a_part_is_refused_by_the_cell(tmp_path: Path, whole: dict[str, Out]) -> None:
    first, *rest = text_of(FB).split("\n")
    mangled = "\n".join(mojibake(line) if line.startswith("90") else line for line in rest)
    now = out_of(tmp_path, f"{first}\n{mangled}".encode(), FB)
    assert now.document.repairs == ()
    assert now.figures < whole[FB].figures, "without 'Trọn đời' a figure has no day"
    assert "mangled_letters" in now.rules
    assert not any(map(letters.is_mangled, filter(None, now.column("post", "text"))))


def test_old_fonts_are_undone_where_headers_prove_them(tmp_path: Path, whole: dict[str, Out]) -> None:
    back = {v: k for k, v in letters._TCVN3.items()}
    nfc = unicodedata.normalize("NFC", text_of(YT))
    text = "".join(c for c in nfc.translate(back) if c < "\u0100")  # what the font has no letter for is gone
    for data in (text.encode(), text.encode("latin-1")):
        now = out_of(tmp_path, data, YT)
        assert now.document.repairs in (("legacy_font",), ("code_page",))
        assert now.figures == whole[YT].figures


def test_old_fonts_below_ascii_headers_are_named(tmp_path: Path) -> None:
    head = "Post ID,Page ID,Page name,Title,Publish time,Permalink,Date,Views,Reach\n"
    title = "H«m nay §ång Nai tæ chøc lÔ ph¸t ®éng, b×nh ®¼ng giíi"
    row = f'901,77,x,"{title}",11/20/2025 06:00,https://www.facebook.com/a/posts/901,Lifetime,12,10\n'
    now = out_of(tmp_path, (head + row).encode(), FB_EN)
    assert now.column("metric", "value") == [12, 10]
    assert [(r.column, r.rule) for r in now.document.refused] == [("Title", "legacy_font")]
    (tmp_path / "b.csv").write_text(f"M· sè,{title}\n1,{title}\n", encoding="utf-8")
    with pytest.raises(ReadError, match="Unikey"):
        opening.open_document(found(tmp_path / "b.csv", "b.csv"))


def test_letters_that_became_question_marks(tmp_path: Path) -> None:
    head = "Post ID,Page ID,Page name,Title,Publish time,Permalink,Date,Views,Reach\n"
    rows = "".join(
        f"90{n},77,x,H?i ngh? t?ng k?t n?m {n},11/20/2025 06:00,https://www.facebook.com/a/posts/90{n},Lifetime,1{n},1\n"
        for n in range(4)
    )
    now = out_of(tmp_path, (head + rows).encode(), FB_EN)
    assert now.column("metric", "value") == [10, 1, 11, 1, 12, 1, 13, 1]
    assert {(r.column, r.rule) for r in now.document.refused} == {("Title", "lost_letters")}
    lost = "".join(c if len(c.encode("cp1258", "ignore")) == 1 else "?" for c in text_of(FB))
    (tmp_path / "b.csv").write_bytes(lost.encode("cp1258"))
    with pytest.raises(ReadError) as refused:
        opening.open_document(found(tmp_path / "b.csv", "b.csv"))
    assert refused.value.key in ("read.lost_letters", "read.not_utf8")


# -- half downloads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [FB, IG, YT])
def test_a_table_cut_anywhere_never_gives_another_figure(tmp_path: Path, whole: dict[str, Out], path: str) -> None:
    """Meta and YouTube end every line: whatever is cut, what is read before it is what the whole file says."""
    data = data_of(path)
    start = data.index(b"\n") + 200
    for end in range(start, len(data), 37):
        now = out_of(tmp_path, data[:end], path)
        assert now.figures <= whole[path].figures, end
        ended = data[:end].endswith(b"\n")
        assert ended or "cut_off" in now.rules, end


def test_a_last_line_without_its_end_is_whole_where_the_platform_writes_none(whole: dict[str, Out]) -> None:
    assert not data_of(TT).endswith(b"\n")
    assert "cut_off" not in whole[TT].rules


def test_json_cut_off_keeps_whole_items(tmp_path: Path) -> None:
    items = [{"id": n, "text": "phụ nữ"} for n in range(5)]
    data = json.dumps(items, ensure_ascii=False).encode()
    for end in range(60, len(data) - 1):
        (tmp_path / "a.json").write_bytes(data[:end])
        document = opening.open_document(found(tmp_path / "a.json", "a.json"))
        assert document.payload == items[: len(document.payload)]
        assert [r.rule for r in document.refused] == ["cut_off"]
    (tmp_path / "a.json").write_bytes(data[:40] + b"}}" + data[40:])
    with pytest.raises(ReadError, match=r"broken|hỏng"):
        opening.open_document(found(tmp_path / "a.json", "a.json"))


# -- joined files and added totals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [FB, IG, TT, X])
def test_the_same_export_twice_in_one_file(tmp_path: Path, whole: dict[str, Out], path: str) -> None:
    text = text_of(path)
    now = out_of(tmp_path, (text.rstrip("\n") + "\n" + text).encode(), path)
    assert now.figures == whole[path].figures


def test_another_export_below_is_not_read_under_the_first_header(tmp_path: Path) -> None:
    head = "Post ID,Page ID,Page name,Title,Publish time,Permalink,Date,Views,Reach\n"
    row = "90{n},77,x,title,11/20/2025 06:00,https://www.facebook.com/a/posts/90{n},Lifetime,1,1\n"
    first = head + "".join(row.format(n=n) for n in range(100, 150))
    other = "Page ID,Post ID,Page name,Title,Publish time,Permalink,Date,Reach,Views\n" + row.format(n=999)
    now = out_of(tmp_path, (first + other + head + row.format(n=888)).encode(), FB_EN)
    assert len(now.column("metric", "value")) == 2 * 51
    assert "90999" not in now.column("post", "post_id")
    assert "90888" in now.column("post", "post_id")
    assert [(r.row, r.details) for r in now.document.refused if r.rule == "other_table"] == [(53, {"header": 52})]


TABLES = sorted(f.path for f in golden.fixtures() if "!/" not in f.path)


def read_as(folder: Path, data: bytes, like: str) -> Out | None:
    """What comes out of ``data`` as the fixture ``like``; None if the file is refused or nobody's."""
    file = folder / ("a" + Path(like).suffix)
    file.write_bytes(data)
    one = found(file, like)
    try:
        document = opening.open_document(one)
    except ReadError:
        return None
    readers = [r for r in base.registry().values() if base.claims(r, document)]
    if len(readers) != 1:
        return None
    return Out(document, list(golden.rows(readers[0].read(document, golden.context_of(one)))))


def kept(read: Out) -> list[int]:
    return sorted({i.row for i in read.items if isinstance(i, base.Row)})


def test_every_table_joined_with_itself_keeps_its_header_out_of_the_rows(tmp_path: Path) -> None:
    """The records of both are judged alike: what is refused in the second is refused for itself, e.g. as a repeat."""
    n_joined = 0
    for path in TABLES:
        data = data_of(path)
        before = read_as(tmp_path, data, path)
        if before is None or before.document.kind != "table" or data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        head, n_before = before.document.head, before.document.n_delivered
        if head[0][0] != 1 or not documents.is_header(base.header_keys(head[0][1])):
            continue  # a preamble of the platform's comes again with the header, and is no record of the reader's
        now = read_as(
            tmp_path, data + (b"" if data.endswith(b"\n") else b"\n") + data.removeprefix(b"\xef\xbb\xbf"), path
        )
        assert now is not None, path
        assert now.figures == before.figures, path
        header = [str(c) for c in head[0][1][:3]]
        for table, name in (("post", "text"), ("comment", "text"), ("comment", "author"), ("post", "post_id")):
            assert not set(header) & set(map(str, now.column(table, name))), path
        fates = {i.row for i in now.items if not isinstance(i, base.About) and i.row}
        if any(isinstance(i, base.Refused) and not i.row and not i.column for i in now.items):
            continue  # refused as a whole
        by_lines = path.startswith(("ytdt_comments_v1/", "ytdt_videos/"))  # their reader cuts the lines, header and all
        assert len(fates) == now.document.n_delivered == 2 * n_before - (not by_lines), path
        assert "other_table" not in now.rules, path
        n_joined += 1
    assert n_joined >= 40, n_joined


def test_an_added_total_is_never_an_item(tmp_path: Path) -> None:
    n_added = 0
    for path in TABLES:
        before = read_as(tmp_path, data_of(path), path)
        if before is None or before.document.kind != "table" or before.document.way is not None:
            continue
        table = before.document
        assert isinstance(table, Table)
        head = table.head
        if not documents.is_header(base.header_keys(head[0][1])) or table.scan.codec not in ("utf-8", "utf-8-sig"):
            continue
        width = len(head[0][1])
        for word in ("Tổng cộng", "Total:", "TỔNG"):
            end = b"" if data_of(path).endswith(b"\n") else b"\n"
            line = table.delimiter.join([word, *(["7"] * (width - 1))]).encode()
            now = read_as(tmp_path, data_of(path) + end + line + b"\n", path)
            assert now is not None, path
            assert kept(now) == kept(before), (path, word)
            assert now.figures == before.figures, (path, word)
            n_added += 1
    assert n_added >= 150


@pytest.mark.parametrize("path", [FB, TT, X])
def test_another_known_header_within_the_first_records(tmp_path: Path, whole: dict[str, Out], path: str) -> None:
    """Short files joined: the first is read, what lies below another header is refused by name."""
    others = [p for p in (IG, X, TT, FB) if p != path]
    joined = text_of(path).rstrip("\n") + "\n"
    for other in others[:2]:
        joined += text_of(other).rstrip("\n") + "\n"
    n_records = sum(1 for c in csv.reader(io.StringIO(joined)) if any(map(str.strip, c)))
    now = out_of(tmp_path, joined.encode(), path)
    assert now.figures == whole[path].figures
    refused = [r for r in now.document.refused if r.rule == "other_table"]
    n_first = whole[path].document.n_delivered
    assert len({r.details["header"] for r in refused}) == 2, "a chain of three: both are named"
    assert len(refused) + n_first + 2 == n_records
    back = out_of(tmp_path, (joined + text_of(path)).encode(), path)
    assert back.figures == whole[path].figures
    assert len([r for r in back.document.refused if r.rule == "other_table"]) == len(refused)


@pytest.mark.parametrize("word", ["Tổng cộng", "Total", ""])
@pytest.mark.parametrize("path", [IG, X])
def test_a_total_that_a_person_added(tmp_path: Path, whole: dict[str, Out], path: str, word: str) -> None:
    records = list(csv.reader(io.StringIO(text_of(path))))
    figures: dict[int, float] = {}
    for record in records[1:]:
        for i, cell in enumerate(record):
            key = base.header_key(records[0][i]) if i < len(records[0]) else ""
            if re.fullmatch(r"\d{1,7}", cell) and "id" not in key.split() and "giây" not in key:
                figures[i] = figures.get(i, 0) + int(cell)
    total = [str(int(figures[i])) if i in figures else "" for i in range(len(records[0]))]
    total[0 if 0 not in figures else 1] = word
    written = io.StringIO()
    csv.writer(written).writerows([*records, total])
    now = out_of(tmp_path, written.getvalue().encode(), path)
    assert now.figures == whole[path].figures
    assert [i.reason for i in (*now.items, *now.document.skipped) if isinstance(i, base.Skipped)][-1:] == [
        "added_total"
    ]


# -- LibreOffice and Google Sheets -------------------------------------------------------------------------------------

# What a re-save says and the untouched file does not: cells that its reader refuses there as text that reads more than
# one way ("1.2E+05", "1.234", 11/20/2025 in a Vietnamese form) and that are plain numbers or dates once a spreadsheet
# has read them. Nothing in the file shows it any more.
OTHERWISE = {
    "mbs_fb_posts/libreoffice_en.xlsx": [("901000000000005", "comments", "120000.0")],
    "mbs_fb_posts/libreoffice_en.ods": [("901000000000005", "comments", "120000.0")],
    "mbs_fb_posts/libreoffice_vi.csv": [("901000000000005", "reach", "1234.0")],
    "mbs_fb_posts/libreoffice_vi.xlsx": [("901000000000005", "reach", "1234.0")],
    "commune_form/libreoffice_en.xlsx": [("q0aLb3XyZ9w", "views", "300.0")],
    "commune_form/libreoffice_vi.ods": [("122188001234567", "reach", "1234.0")],
}
# figures of the untouched file that the re-save has not, and the rules that refuse them
REFUSED = {
    "mbs_ig_posts": (20, {"damaged_id"}),
    "mbs_fb_posts/libreoffice_vi.csv": (2, {"meta.decimals_lost", "meta.date_reordered"}),
    "mbs_fb_posts/libreoffice_vi.xlsx": (2, {"meta.decimals_lost", "meta.date_reordered"}),
    "commune_form/libreoffice_vi.csv": (5, {"commune_form.day"}),
}
ORIGINAL = {path.split("/")[0]: path for path in (FB, IG, YT, TT, X, DAY, COMMENTS, FORM)}
RESAVED = sorted(p for p in golden.EXPORTS.glob("*/libreoffice_*") if p.parent.name in ORIGINAL)


@pytest.mark.parametrize("file", RESAVED, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_libreoffice_gives_the_same_figures_or_refuses_them(file: Path, whole: dict[str, Out]) -> None:
    path = ORIGINAL[file.parent.name]
    now = out(file, path)
    name = f"{file.parent.name}/{file.name}"
    new = sorted((item, metric, value) for item, metric, *_, value in now.figures - whole[path].figures)
    assert new == OTHERWISE.get(name, [])
    n_lost, rules = REFUSED.get(name) or REFUSED.get(file.parent.name) or (0, set())
    assert len(whole[path].figures - now.figures) == n_lost
    assert rules <= now.rules
    before = set(zip(whole[path].column("post", "post_id"), whole[path].column("post", "published_at"), strict=True))
    after = zip(now.column("post", "post_id"), now.column("post", "published_at"), strict=True)
    assert {(p, t) for p, t in after if t is not None} <= before | {
        (p, t)
        for p, t in zip(now.column("post", "post_id"), now.column("post", "published_at"), strict=True)
        if file.parent.name == "commune_form" and p == "q0aLb3XyZ9w"
    }
    comments = {
        (c, t) for c, t in zip(*(whole[path].column("comment", n) for n in ("author", "published_at")), strict=True)
    }
    dated = zip(*(now.column("comment", n) for n in ("author", "published_at")), strict=True)
    assert {(c, t) for c, t in dated if t is not None} <= comments


@pytest.mark.parametrize("path", [FB, IG, YT, TT, X, DAY, COMMENTS])
def test_imitated_google_sheets_resave(tmp_path: Path, whole: dict[str, Out], path: str) -> None:
    """Imitated, as Sheets can't be run here: its CSV is UTF-8 without mark, with CRLF and quotes where needed."""
    data = data_of(path)
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig").removeprefix("sep=,\n")
    records = list(csv.reader(io.StringIO(text)))
    width = max(map(len, records))
    written = io.StringIO()
    csv.writer(written).writerows([[*r, *[""] * (width - len(r))] for r in records])
    now = out_of(tmp_path, written.getvalue().removesuffix("\r\n").encode() + b"\r\n", path)
    assert now.figures == whole[path].figures


# -- hostile -----------------------------------------------------------------------------------------------------------


def hostile_xlsx(folder: Path, part: str, xml: bytes) -> str:
    source = golden.EXPORTS / "mbs_account_day" / "libreoffice_en.xlsx"
    out = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == part else old.read(name))
    (folder / "a.xlsx").write_bytes(out.getvalue())
    with pytest.raises(ReadError) as refused:
        list(opening.open_document(found(folder / "a.xlsx", "a.xlsx")).records())
    assert all(refused.value.message(lang) for lang in words.LANGUAGES)
    return refused.value.key


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s]><x>&z;</x>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(25)
)


@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
    ],
)
def test_a_billion_laughs_in_any_part_of_a_workbook(tmp_path: Path, part: str) -> None:
    assert hostile_xlsx(tmp_path, part, LAUGHS) in ("read.bad_workbook", "read.word")


@pytest.mark.parametrize("place", [b'<row r="1"><c r="XFD1048576"><v>1</v></c></row>', b'<row r="999999999"/>'])
def test_places_that_no_sheet_has(tmp_path: Path, place: bytes) -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
    assert hostile_xlsx(tmp_path, "xl/worksheets/sheet1.xml", sheet % place) == "read.far_cell"


def ods(folder: Path, rows: bytes) -> opening.Found:
    xml = (
        b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        b' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        b' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        b'<table:table table:name="A">%s</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    with zipfile.ZipFile(folder / "a.ods", "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest/>")
        made.writestr("content.xml", rows if rows.startswith(b"<?xml") else xml % rows)
    return found(folder / "a.ods", "a.ods")


FILLED = b'<table:table-cell office:value-type="string"%s><text:p>x<text:s text:c="3"/>y</text:p></table:table-cell>'


def test_open_document_repeats_are_bounded(tmp_path: Path) -> None:
    row, cell = b"<table:table-row%s>%s</table:table-row>", FILLED % b""
    empty = row % (
        b' table:number-rows-repeated="1048576"',
        b'<table:table-cell table:number-columns-repeated="16384"/>',
    )
    document = opening.open_document(ods(tmp_path, row % (b"", cell) + empty + row % (b"", cell)))
    assert list(document.records()) == [(1, ["x   y"]), (1_048_578, ["x   y"])]
    for rows in (
        row % (b' table:number-rows-repeated="1048576"', cell),
        row % (b"", FILLED % b' table:number-columns-repeated="99999999"'),
        row % (b' table:number-rows-repeated="x"', cell),
        LAUGHS,
    ):
        with pytest.raises(ReadError) as refused:
            opening.open_document(ods(tmp_path, rows))
        assert refused.value.key in ("read.far_cell", "read.bad_workbook")
