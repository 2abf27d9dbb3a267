"""The report as an Excel workbook: the answers on the first sheet, then a sheet for every table.

Text stays text (no formula, no link), numbers stay numbers with a format, and the same report gives the same bytes.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from campaignstats import words
from campaignstats.errors import FindingsError
from campaignstats.findings.model import Column, Report, Table

CELL_LIMIT = 32_767  # characters; XlsxWriter drops a longer cell without a word
# Excel writes the separators of the reader's own settings: 1.254.300 in Vietnam
_FORMATS = {"count": "#,##0", "share": "0.0%", "rate": "#,##0.00", "ratio": "0.00"}
_WIDTHS = {"text": 24, "date": 13, "flag": 10}


def workbook(report: Report, path: Path) -> Path:
    """Write the workbook to ``path`` and return it; one that is open in Excel is a FindingsError."""
    inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), inert | {"in_memory": True})
    book.set_properties(
        {
            "title": _cut(report.title),
            "comments": _cut(report.mark_sentence),
            "author": "",
            "created": datetime(report.dated.year, report.dated.month, report.dated.day),
        }
    )
    looks = _looks(book, report.lang)
    _answers(book, report, looks)
    used: set[str] = {words.text("findings.sentences_sheet", report.lang).lower()}
    for table in report.tables:
        _sheet(book.add_worksheet(_sheet_name(table, used)), table, report, looks)
    try:
        book.close()
    except (xlsxwriter.exceptions.FileCreateError, OSError) as problem:
        raise FindingsError("workbook_not_written", file=path.name) from problem
    return path


def _looks(book: xlsxwriter.Workbook, lang: str) -> dict[str, Format]:
    base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
    dates = {"date": "dd/mm/yyyy" if lang == "vi" else "d mmmm yyyy"}
    looks = {
        kind: book.add_format(base | {"num_format": form, "align": "right" if kind != "date" else "left"})
        for kind, form in (_FORMATS | dates).items()
    }
    return looks | {
        "text": book.add_format(base | {"num_format": "@", "text_wrap": True}),
        "head": book.add_format(base | {"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"}),
        "title": book.add_format(base | {"bold": True, "font_size": 13}),
        "bold": book.add_format(base | {"bold": True, "text_wrap": True}),
        "soft": book.add_format(base | {"font_color": "#545C65"}),
        "mark": book.add_format(base | {"bold": True, "bg_color": "#FFF1CC"}),
        "none": book.add_format(base | {"align": "right", "font_color": "#545C65"}),
    }


def _answers(book: xlsxwriter.Workbook, report: Report, looks: dict[str, Format]) -> None:
    sheet = book.add_worksheet(words.text("findings.sentences_sheet", report.lang))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 2, 95)
    sheet.set_column(3, 3, 12)
    row = _top(sheet, report.title, report, looks)
    sheet.write_string(row, 0, _cut(report.subtitle), looks["soft"])
    sheet.write_string(row + 1, 0, _cut(report.source), looks["soft"])
    row += 3
    for at, key in enumerate(("question", "answer", "sentence", "table")):
        sheet.write_string(row, at, words.text(f"findings.sheet.{key}", report.lang), looks["head"])
    sheet.freeze_panes(row + 1, 0)
    numbers = {table.name: table.number for table in report.tables}
    for section in report.sections:
        for at, sentence in enumerate(section.sentences):
            row += 1
            if at == 0:
                sheet.write_string(row, 0, _cut(section.heading), looks["bold"])
                answer = f"{section.answer} {section.gloss}".strip()
                sheet.write_string(row, 1, _cut(answer), looks["bold"])
            sheet.write_string(row, 2, _cut(f"{sentence.lead} {sentence.text}".strip()), looks["text"])
            sheet.write_string(row, 3, ", ".join(numbers[name] for name in sentence.see), looks["text"])
    _paper(sheet, report)


def _sheet(sheet: Worksheet, table: Table, report: Report, looks: dict[str, Format]) -> None:
    row = _top(sheet, f"{table.number}. {table.title}", report, looks)
    for note in (*table.notes, table.source):
        sheet.write_string(row, 0, _cut(note), looks["soft"])
        row += 1
    row += 1
    for at, column in enumerate(table.columns):
        sheet.write_string(row, at, _cut(column.label), looks["head"])
        sheet.set_column(at, at, _width(column, [line[at] for line in table.rows]))
    sheet.freeze_panes(row + 1, 1)
    sheet.autofilter(row, 0, row + len(table.rows), len(table.columns) - 1)
    for line in table.rows:
        row += 1
        for at, (column, value) in enumerate(zip(table.columns, line, strict=True)):
            _write(sheet, row, at, column, value, report.lang, looks)
    _paper(sheet, report)


def _top(sheet: Worksheet, title: str, report: Report, looks: dict[str, Format]) -> int:
    sheet.write_string(0, 0, _cut(title), looks["title"])
    if not report.synthetic:
        return 1
    sheet.write_string(1, 0, _cut(f"{report.mark}. {report.mark_sentence}"), looks["mark"])
    return 2


def _write(
    sheet: Worksheet, row: int, at: int, column: Column, value: Any, lang: str, looks: dict[str, Format]
) -> None:
    if value is None:
        sheet.write_string(row, at, "–", looks["none"] if column.kind != "text" else looks["text"])
    elif column.kind == "flag":
        sheet.write_string(row, at, words.text("findings.yes" if value else "findings.no", lang), looks["text"])
    elif isinstance(value, str):
        sheet.write_string(row, at, _cut(value), looks["text"])
    elif column.kind == "date":
        sheet.write_datetime(row, at, datetime(value.year, value.month, value.day), looks["date"])
    else:
        sheet.write_number(row, at, value, looks[column.kind])


def _paper(sheet: Worksheet, report: Report) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    # "&" begins a code in a header
    sheet.set_header("&R" + (report.mark or report.title[:80]).replace("&", "&&"))
    sheet.set_footer("&C&P")


def _width(column: Column, values: list[Any]) -> float:
    if column.kind != "text":
        return max(_WIDTHS.get(column.kind, 12), min(len(column.label), 16))
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return min(max(longest, len(column.label), 8) + 2, 60)


def _sheet_name(table: Table, used: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, none of ``[]:*?/\\``, no two alike."""
    name = re.sub(r"[\[\]:*?/\\']", " ", f"{table.number} {table.title}")[:31].strip()
    at = 2
    while name.lower() in used:
        name = f"{name[:27]} {at}"
        at += 1
    used.add(name.lower())
    return name


def _cut(text: str) -> str:
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - 1] + "…"
