"""Workbooks: XLSX by openpyxl, the old XLS by xlrd, ODS from its XML. Not a reader.

Record numbers are the sheet's own rows; a formula counts as its stored value; cells are str, int, float, bool, datetime
or None whatever the kind of workbook.
"""

import io
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import xlrd.book
import xlrd.xldate
from defusedxml.ElementTree import iterparse
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT, error_text_from_code

from campaignstats.errors import ReadError
from campaignstats.readers.documents import Opened, Record
from campaignstats.readers.encodings import CONTROL_DELETED
from campaignstats.readers.inbox import BROKEN_ZIP, CHUNK, MAX_RATIO, RATIO_FROM, Found

MAX_WORKBOOK = 400 << 20  # bytes of a workbook, unpacked
MAX_OLD_WORKBOOK = 64 << 20  # bytes; 65,536 rows of 30 columns with long texts are 50 MB
MAX_REPEATED = 100_000  # times that an OpenDocument sheet may repeat one filled row
MAX_ROWS = 1_200_000  # that an OpenDocument file may write out one by one; Excel's sheets have 1,048,576
MAX_COLUMNS = 16_384  # as Excel
_ROWS_AT_ONCE = 500

# a cell beyond column ZZ, e.g. r="XFD1048576", or a row that no sheet has: whoever makes a rectangle of it never ends
_FAR_CELL = re.compile(
    rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Za-z]{3,}\d+|[A-Za-z]+\d{8,})|<(?:\w+:)?row\s[^>]*?\br=[\"'](\d{8,})"
)


class _Workbook(Opened):
    """Sheets of rows: what XLSX and XLS have in common. The file is read once and closed."""

    def __init__(self, found: Found, data: bytes, encoding: str, repairs: tuple[str, ...] = ()) -> None:
        super().__init__(found.path, "workbook", encoding, repairs)
        with self._named_damage():
            self._book, self.sheets = self._loaded(data)
        if self.sheets:
            self.read_head()
        if not self.head and not any(next(iter(self.records(sheet)), None) for sheet in self.sheets):
            raise ReadError("read.empty", path=found.path)
        self.n_delivered = 0

    def _loaded(self, data: bytes) -> tuple[Any, tuple[str, ...]]:
        """The library's workbook and the names of its sheets."""
        raise NotImplementedError

    def _rows(self, sheet: str) -> Iterator[Iterable[Any]]:
        """Every row of a sheet from the first, empty ones included."""
        raise NotImplementedError

    def _numbered(self, sheet: str) -> Iterator[tuple[int, Iterable[Any]]]:
        """The rows of a sheet with their numbers; empty ones may be left out."""
        return enumerate(self._rows(sheet), 1)

    def records(self, sheet: str | None = None) -> Iterator[Record]:
        self.reset()
        records = self._records(sheet)
        return self.one_table(self.believed(records) if self.way is not None else records)

    def _records(self, sheet: str | None) -> Iterator[Record]:
        if sheet is not None and sheet not in self.sheets:
            raise KeyError(f"no sheet {sheet!r}; the workbook has {list(self.sheets)}")
        with self._named_damage():
            rows = iter(self._numbered(sheet if sheet is not None else self.sheets[0]))
        while True:
            with self._named_damage():  # in blocks: what happens to the reader of the rows is no damage
                block = list(itertools.islice(rows, _ROWS_AT_ONCE))
            if not block:
                return
            for number, cells in block:
                if any(c is not None and c != "" for c in cells):
                    values = [_plain(c) for c in cells]
                    if any(v is not None and v != "" for v in values):
                        self.n_delivered += 1
                        yield number, values

    @contextmanager
    def _named_damage(self) -> Iterator[None]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # styles and validations that the libraries leave out
                yield
        except ReadError:
            raise
        except Exception as problem:  # the libraries raise a dozen kinds for a damaged file
            raise ReadError("read.bad_workbook", path=self.path, reason=type(problem).__name__) from None


class Xlsx(_Workbook):
    """An XLSX file, streamed by openpyxl from the bytes in memory."""

    def _loaded(self, data: bytes) -> tuple[Any, tuple[str, ...]]:
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return book, tuple(ws.title for ws in book.worksheets)

    def _rows(self, sheet: str) -> Iterator[Iterable[Any]]:
        worksheet = self._book[sheet]
        worksheet.reset_dimensions()  # the stored dimension is often wrong
        return iter(worksheet.iter_rows(values_only=True))


class _NamelessBook(xlrd.book.Book):
    """xlrd works out defined names, which may double one another without end; no export's figures stand in them."""

    def handle_name(self, data: bytes) -> None:
        pass


class Xls(_Workbook):
    """An XLS file (Excel 97-2003, as LinkedIn exports are)."""

    def _loaded(self, data: bytes) -> tuple[Any, tuple[str, ...]]:
        book = _NamelessBook()
        try:
            book.biff2_8_load(file_contents=data, logfile=io.StringIO(), on_demand=True, ragged_rows=True)
            book.biff_version = book.getbof(xlrd.book.XL_WORKBOOK_GLOBALS)
            if book.biff_version not in (50, 70, 80):
                raise ReadError("read.unknown_office", path=self.path)
            book.parse_globals()
        except xlrd.XLRDError as problem:
            if "encrypted" in str(problem):
                raise ReadError("read.password", path=self.path) from None
            raise
        book._sheet_list = [None for _ in book._sheet_names]
        book.nsheets = len(book._sheet_list)
        return book, tuple(book.sheet_names())

    def _rows(self, sheet: str) -> Iterator[Iterable[Any]]:
        worksheet = self._book.sheet_by_name(sheet)
        for row in range(worksheet.nrows):
            yield [
                _xls_value(kind, value, self._book.datemode)
                for kind, value in zip(worksheet.row_types(row), worksheet.row_values(row), strict=True)
            ]


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_HOLDERS = {_TABLE + name for name in ("table", "table-row-group", "table-rows", "table-header-rows")}
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class Ods(_Workbook):
    """An OpenDocument spreadsheet (LibreOffice), streamed from its XML.

    A row or a cell that is repeated is written once with its count: empty ones by the million, which are passed over,
    and filled ones, which are believed as often as a sheet of an export may hold them.
    """

    def _loaded(self, data: bytes) -> tuple[Any, tuple[str, ...]]:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names: list[str] = []
        for event, element in self._elements(archive):
            if event == "start" and element.tag == _TABLE + "table":
                names.append(element.get(_TABLE + "name", f"Sheet{len(names) + 1}"))
        return archive, tuple(names)

    def _elements(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, Any]]:
        holder, n_rows = None, 0
        with archive.open("content.xml") as content:
            for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
                yield event, element
                if event == "start" and element.tag in _HOLDERS:
                    holder = element
                elif event == "end" and element.tag == _TABLE + "table-row":
                    element.clear()
                    n_rows += 1
                    if n_rows > MAX_ROWS:
                        raise ReadError("read.far_cell", path=self.path, cell=str(n_rows))
                    if holder is not None:
                        del holder[:]  # rows that have passed, or memory fills with their shells

    def _numbered(self, sheet: str) -> Iterator[tuple[int, Iterable[Any]]]:
        place, number, within = -1, 1, False
        for event, element in self._elements(self._book):
            if event == "start":
                if element.tag == _TABLE + "table":
                    place += 1
                    within = place == self.sheets.index(sheet)
            elif element.tag == _TABLE + "table" and within:
                return
            elif element.tag == _TABLE + "table-row":
                times = int(element.get(_TABLE + "number-rows-repeated", 1))
                if within and (cells := _ods_cells(element)):
                    if times > MAX_REPEATED:
                        raise ReadError("read.far_cell", path=self.path, cell=f"{number + times - 1}")
                    for again in range(times):
                        yield number + again, cells
                number += times if within else 0


def _ods_cells(row: Any) -> list[Any]:
    """The cells of a row up to its last filled one."""
    found: list[Any] = []
    empty = 0
    for cell in row:
        if cell.tag not in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            continue
        times = int(cell.get(_TABLE + "number-columns-repeated", 1))
        value = _ods_value(cell)
        if value is None:
            empty += times
        else:
            if len(found) + empty + times > MAX_COLUMNS:
                raise ValueError("a cell beyond the last column")
            found += [None] * empty + [value] * times
            empty = 0
    return found


def _ods_value(cell: Any) -> Any:
    kind, value = cell.get(_OFFICE + "value-type"), cell.get(_OFFICE + "value")
    written = "\n".join(_ods_text(p) for p in cell.findall(_TEXT + "p"))
    if kind in ("float", "percentage", "currency") and value is not None:
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 1e18 else number
    if kind == "date" and (day := cell.get(_OFFICE + "date-value")):
        try:
            return datetime.fromisoformat(day).replace(tzinfo=None)
        except ValueError:
            return written
    if kind == "boolean":
        return cell.get(_OFFICE + "boolean-value") == "true"
    if kind == "time" and (
        clock := re.fullmatch(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S", cell.get(_OFFICE + "time-value", ""))
    ):
        return ":".join(f"{int(part):02}" for part in clock.groups())
    return written or None


def _ods_text(element: Any) -> str:
    """The text of a paragraph: blanks, tabs and line breaks are elements of their own; notes beside it are left out."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == _TEXT + "s":
            parts.append(" " * min(int(child.get(_TEXT + "c", 1)), 1000))
        elif child.tag in (_TEXT + "tab", _TEXT + "line-break"):
            parts.append("\t" if child.tag == _TEXT + "tab" else "\n")
        else:
            parts.append(_ods_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _xls_value(kind: int, value: Any, datemode: int) -> Any:
    """A cell of xlrd as openpyxl would give it: whole numbers as int, dates by the book's own calendar."""
    if kind == XL_CELL_TEXT:
        return value
    if kind == XL_CELL_NUMBER:
        return int(value) if value.is_integer() else value
    if kind == XL_CELL_DATE:
        try:
            moment = xlrd.xldate.xldate_as_datetime(value, datemode)
        except (OverflowError, ValueError):
            return value
        return moment.time() if 0 <= value < 1 else moment
    if kind == XL_CELL_BOOLEAN:
        return bool(value)
    return error_text_from_code.get(value, "#N/A") if kind == XL_CELL_ERROR else None


def _plain(cell: Any) -> Any:
    """A cell as str, int, float, bool, datetime or None; text without outer blanks and Excel's _x000D_ escapes."""
    if cell is None or isinstance(cell, bool | int | float | datetime):
        return cell
    written = cell if isinstance(cell, str) else str(cell)
    if "_x" in written:
        written = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), written)
    return written.translate(CONTROL_DELETED) if written.strip() else None


def old_workbook(found: Found) -> Opened:
    """An OLE file: an old Excel workbook opened, anything else refused by its name."""
    data = b"".join(itertools.islice(found.chunks(), 1 + MAX_OLD_WORKBOOK // CHUNK))
    for name, what in (("EncryptedPackage", "password"), ("WordDocument", "word"), ("PowerPoint Document", "word")):
        if name.encode("utf-16-le") in data:
            raise ReadError(f"read.{what}", path=found.path)
    if "Workbook".encode("utf-16-le") not in data and "Book\0".encode("utf-16-le") not in data:
        raise ReadError("read.unknown_office", path=found.path)
    if len(data) > MAX_OLD_WORKBOOK:
        raise ReadError("read.old_excel", path=found.path, limit=MAX_OLD_WORKBOOK >> 20)
    return Xls(found, data, "xls", ("old_excel",))


def workbook(found: Found) -> Opened:
    """An XLSX file, opened once what is in it is known to be bounded; other office files are refused by their names."""
    data = b"".join(found.chunks())
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            is_ods = _is_ods(archive, entries, found.path)
            if not is_ods and (reason := _no_xlsx(entries)):
                raise ReadError(f"read.{reason}", path=found.path)
            unpacked = sum(e.file_size for e in entries)
            if unpacked > MAX_WORKBOOK or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * len(data)):
                raise ReadError("read.bomb", path=found.path, ratio=round(unpacked / max(len(data), 1)))
            if len({e.filename for e in entries}) != len(entries):
                raise ReadError("read.bad_workbook", path=found.path, reason="duplicate names")
            for entry in entries:
                is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
                if is_sheet and (cell := _far_cell(archive, entry)):
                    raise ReadError("read.far_cell", path=found.path, cell=cell)
    except (*BROKEN_ZIP, OSError):
        raise ReadError("read.bad_zip", path=found.path) from None
    return Ods(found, data, "ods") if is_ods else Xlsx(found, data, "xlsx")


def _is_ods(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], path: str) -> bool:
    """Whether this is an OpenDocument spreadsheet that nobody has locked."""
    named = {e.filename: e for e in entries}
    if not {"mimetype", "content.xml", "META-INF/manifest.xml"} <= set(named):
        return False
    with archive.open("mimetype") as kind, archive.open("META-INF/manifest.xml") as manifest:
        if not kind.read(100).startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return False
        if b"encryption-data" in manifest.read(1 << 20):
            raise ReadError("read.password", path=path)
    return True


def _no_xlsx(entries: list[zipfile.ZipInfo]) -> str | None:
    names = {e.filename for e in entries}
    if "mimetype" in names:
        return "open_document"
    if not any(name.startswith("xl/") for name in names):
        return "word"
    if "xl/workbook.bin" in names:
        return "binary_excel"
    return "password" if any(e.flag_bits & 1 for e in entries) else None


def _far_cell(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    with archive.open(entry) as sheet:
        tail = b""
        while chunk := sheet.read(CHUNK):
            if far := _FAR_CELL.search(tail + chunk):
                return (far[1] or far[2]).decode("ascii")
            tail = chunk[-200:]
    return None
