"""The report's tables as CSV: UTF-8 with a mark for Excel, numbers raw, text that can't become a formula."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from campaignstats.findings.model import Report, clean, missing

# a cell that begins so is read as a formula by a spreadsheet; the full-width forms too
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def tables(report: Report, folder: Path) -> list[Path]:
    """``<name>.csv`` of every table in ``folder``, written; returns their paths.

    The header holds the labels; shares stay 0..1 and rates per 100 with a dot, dates are ISO, a missing value is empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for table in report.tables:
        path = folder / f"{table.name}.csv"
        path.write_bytes(_bytes([column.label for column in table.columns], table.rows))
        paths.append(path)
    return paths


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """A result table as the same kind of CSV, under its own column names."""
    return _bytes(list(frame.columns), frame.itertuples(index=False, name=None))


def inert(text: str) -> str:
    """``text`` as a spreadsheet shows it, never runs it: cleaned, with an apostrophe before a possible formula."""
    text = clean(text)
    return "'" + text if text.startswith(DANGEROUS) else text


def _bytes(header: list[str], rows: Iterable[tuple[Any, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([inert(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _cell(value: Any) -> str:
    if missing(value):
        return ""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, pd.Timestamp)):
        return value.date().isoformat() if pd.Timestamp(value).normalize() == value else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else inert(str(value))
