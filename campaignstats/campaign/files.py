"""The files of a campaign as records: the only code that opens campaign.toml and the sheets beside it."""

import csv
import io
import re
import tomllib
import warnings
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from campaignstats import toml_lines, words
from campaignstats.campaign.records import Record, folded, nearest_folded, shown
from campaignstats.errors import CampaignError


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        # Windows: a sheet that is open in Excel can't be read
        raise CampaignError("campaign.unreadable", file=file.name, detail=error.strerror or str(error)) from None


def text_of(file: Path) -> str:
    """The text of a file as Notepad and Excel save it: UTF-8 or UTF-16, with or without a byte-order mark."""
    raw = _bytes(file)
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise CampaignError("campaign.not_utf8", file=file.name, line=str(line)) from None


def root_record(text: str, file: str, sections: tuple[str, ...]) -> Record:
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(text, file, str(error)) from None
    whole = Record(values, file, file, toml_lines.lines(text))
    return whole.child((), values, file, sections)


# the beginnings of tomllib's messages, and what a reader of campaign.toml is told instead
_SYNTAX = {
    "Invalid date or datetime": "no_such_day",
    "Cannot overwrite a value": "syntax_twice",
    "Cannot declare": "syntax_twice",
    "Cannot mutate": "syntax_twice",
    "Duplicate inline table key": "syntax_twice",
    "Illegal character": "syntax_quote",
    "Unterminated string": "syntax_quote",
    "Expected \"'''\"": "syntax_quote",
    "Unescaped '\\' in a string": "syntax_backslash",
    "Invalid hex value": "syntax_backslash",
    "Unclosed array": "syntax_bracket",
    "Unclosed inline table": "syntax_bracket",
    "Expected '=' after a key": "syntax_equals",
    "Invalid value": "syntax_value",
    "Expected newline or end of document after a statement": "syntax_value",
}


def _syntax(text: str, file: str, message: str) -> CampaignError:
    """tomllib's message as a sentence of the catalogue; its own words are kept where none is known."""
    rows = text.split("\n")
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    last = max((n for n, row in enumerate(rows, start=1) if row.strip()), default=1)
    line = int(found[1]) if found else last  # "(at end of document)"
    detail = re.sub(r" \(at [^)]*\)$", "", message)
    row = rows[line - 1]
    name = next((name for start, name in _SYNTAX.items() if detail.startswith(start)), "syntax")
    if re.search(r"[“”„‟]", row) and name != "no_such_day":
        name = "syntax_curly"
    elif bare := re.search(r"=\s*(\d{1,2}/\d{1,2}/\d{4})", row):
        return CampaignError("campaign.syntax_date", file=file, line=str(line), value=bare[1], key="")
    return CampaignError(
        f"campaign.{name}", file=file, line=str(line), value=shown(row.split("=", 1)[-1].split("#")[0].strip()),
        detail=detail, key="",
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- sheets

MAX_ROWS, MAX_COLUMNS, MAX_BYTES = 20_000, 60, 100_000_000
# further headers that are understood beside the field's own name and the catalogue's [sheet.<name>] words
_HEADERS_ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "accounts": {
        "name": ("tên", "tên trang", "tên tài khoản", "page", "account"),
        "id": ("mã", "id trang", "page id", "account id", "channel id"),
        "owner_level": ("cấp", "level"),
        "place": ("xã", "phường", "xã phường", "mã xã", "mã xã phường", "commune", "place code"),
        "sector": ("ngành", "đơn vị"),
        "handle": ("username", "tên người dùng"),
        "audience_local": ("địa phương",),
        "former_names": ("tên cũ", "tên trước đây", "former name"),
        "former_ids": ("id cũ", "mã cũ", "former id"),
        "continues": ("thay cho", "tiếp nối", "trang cũ", "kênh cũ"),
        "former_places": ("địa bàn cũ", "xã cũ", "phường cũ", "former place"),
        "since": ("từ ngày", "ngày lập"),
        "until": ("đến ngày", "ngày ngừng"),
    },
    "places": {
        "code": ("mã", "mã xã", "mã xã phường", "mã đơn vị hành chính"),
        "name": ("tên", "xã phường", "tên xã phường"),
        "name_en": ("english name",),
        "kind": ("loại", "type"),
        "population": ("số dân", "dân số người"),
        "latitude": ("lat",),
        "longitude": ("lon", "lng"),
        "valid_from": ("từ ngày", "hiệu lực từ"),
        "valid_to": ("đến ngày", "hiệu lực đến"),
        "merged_into": ("sáp nhập vào", "nhập vào xã", "nơi mới"),
    },
    "activities": {
        "kind": ("loại", "hoạt động", "activity"),
        "date": ("ngày tổ chức", "thời gian"),
        "place": ("xã", "phường", "xã phường", "mã xã", "commune"),
        "people": ("số người", "người", "lượt người"),
        "copies": ("số bản", "bản"),
        "sessions": ("số buổi", "buổi", "số lượt"),
        "sector": ("ngành", "đơn vị"),
    },
}
# a row whose first cell begins so is an example or a remark
_EXAMPLE = ("ví dụ:", "vd:", "example:", "e.g.", "#")


def sheet(folder: Path, name: str, names: tuple[str, ...]) -> Iterator[Record]:
    """The rows of NAME.xlsx and NAME.csv as records; row 1 has the headers, of either language."""
    for ending, rows in ((".xlsx", _workbook_rows), (".csv", _csv_rows)):
        file = folder / f"{name}{ending}"
        if not file.exists():
            continue
        keys: list[str | None] | None = None
        for number, cells in rows(file):
            if all(c is None or (isinstance(c, str) and not c.strip()) for c in cells):
                continue
            if keys is None:
                keys = _columns(cells, file.name, number, name, names)
                continue
            first = next(c for c in cells if c is not None and str(c).strip())
            if str(first).strip().casefold().startswith(_EXAMPLE):
                continue
            values: dict[str, Any] = {}
            for key, cell in zip_longest(keys, cells):
                if key is not None:
                    values[key] = cell
                elif cell is not None and str(cell).strip():
                    raise CampaignError("campaign.headless_cell", file=file.name, line=str(number))
            yield Record(values, file.name, file.name, row=number)


def _columns(cells: list[Any], file: str, number: int, name: str, names: tuple[str, ...]) -> list[str | None]:
    """The field under each header; None where a column has none."""
    known: dict[str, str] = {}
    shown: list[str] = []
    for key in names:
        labels = [words.text(f"sheet.{name}.{key}", lang) for lang in words.LANGUAGES]
        for word in (key, *labels, *_HEADERS_ALSO[name].get(key, ())):
            known.setdefault(folded(word), key)
        shown += labels
    found: list[str | None] = []
    where = Record({}, file, file, row=number)
    for cell in cells:
        header = str(cell).strip() if cell is not None else ""
        if not header:
            found.append(None)
            continue
        field_name = known.get(folded(header))
        if field_name is None:
            near = nearest_folded(header, shown)
            raise where.error("unknown_column", near=near, value=header, known=", ".join(shown))
        if field_name in found:
            raise where.error("column_twice", value=header)
        found.append(field_name)
    return found


def _workbook_rows(file: Path) -> list[tuple[int, list[Any]]]:
    """(row number, cells) of the first sheet's rows that hold anything; formulas give their stored values."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    raw = _bytes(file)
    found: list[tuple[int, list[Any]]] = []
    too_large = CampaignError("campaign.sheet_too_large", file=file.name, rows=MAX_ROWS, columns=MAX_COLUMNS)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(i.file_size for i in archive.infolist()) > MAX_BYTES:
                raise too_large
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drop-downs and styles that it does not keep
            sheet = load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
            sheet.reset_dimensions()  # a wrong stored size would cut rows off
            for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
                if any(c is not None for c in row):
                    found.append((number, list(row)))
                    if number > MAX_ROWS:
                        raise too_large
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, EOFError, SyntaxError):
        raise CampaignError("campaign.not_a_workbook", file=file.name) from None
    return found


def _csv_rows(file: Path) -> Iterator[tuple[int, list[Any]]]:
    """(line on which the record begins, cells); the separator is the commonest of , ; and tab in the first line."""
    text = text_of(file)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if begins > MAX_ROWS:
                raise CampaignError("campaign.sheet_too_large", file=file.name, rows=MAX_ROWS, columns=MAX_COLUMNS)
            yield begins, list(cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CampaignError("campaign.bad_csv", file=file.name, line=str(reader.line_num), detail=str(error)) from None
