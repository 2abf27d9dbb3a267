"""Figures and days as people type them into a sheet, which is not how platforms write them. Not a reader."""

import re
from datetime import date, datetime
from typing import Any, NamedTuple

from campaignstats.readers import cells
from campaignstats.readers.cells import CellRefused

READERS = ()


class Figure(NamedTuple):
    value: float
    approximate: bool  # written rounded, as screens show it: "1,2 N", "3.4M"


_SCALE = {
    **dict.fromkeys(("n", "k", "nghìn", "ngàn"), 1_000),
    **dict.fromkeys(("tr", "triệu", "m"), 1_000_000),
    **dict.fromkeys(("t", "tỷ", "tỉ", "b"), 1_000_000_000),
}
_SHORT = re.compile(rf"(\d+(?:[.,]\d{{1,2}})?)\s*({'|'.join(sorted(_SCALE, key=len, reverse=True))})\.?", re.IGNORECASE)
_ONE_MARK = re.compile(r"\d{1,3}[.,]\d{3}(?:\s*[^\W\d]*)?")
_GROUPS = re.compile(r"\d{1,3}(?:([.,])\d{3}(?:\1\d{3})+|(?: \d{3})+)")
_DECIMAL = re.compile(r"\d+[.,]\d+")
# day first, as the form asks for it; and ISO
_DAY_FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")


def figure(cell: Any, *, whole: bool = True) -> Figure | None:
    """The figure of a cell; None for an empty one or a mark of absence.

    "1.234" is refused: it is 1234 to a Vietnamese and 1.234 to an English spreadsheet, and both are in use.
    "1.234.567" and "12 500" can only be whole numbers. ``whole``: the figure is a count.
    """
    if not isinstance(cell, str):
        # an English spreadsheet has made 12.5 of a typed 12.500
        if whole and isinstance(cell, float) and 0 < cell < 1000 and round(cell, 3) == cell != int(cell):
            raise CellRefused("typed.ambiguous", written=f"{cell:.3f}", plain=f"{cell:.3f}".replace(".", ""))
        return _plain(cell, whole)
    written = " ".join(cell.replace("\u00a0", " ").replace("\u202f", " ").split())
    if written.casefold() in cells.MISSING:
        return None
    if _ONE_MARK.fullmatch(written):
        raise CellRefused("typed.ambiguous", written=written, plain=re.sub(r"[.,]", "", written))
    if match := _SHORT.fullmatch(written):
        scaled = float(match[1].replace(",", ".")) * _SCALE[match[2].casefold()]
        return Figure(float(round(scaled)), True)
    if _GROUPS.fullmatch(written):
        return Figure(float(re.sub(r"[., ]", "", written)), False)
    if not whole and _DECIMAL.fullmatch(written):
        return Figure(float(written.replace(",", ".")), False)
    return _plain(written, whole)


def _plain(cell: Any, whole: bool) -> Figure | None:
    try:
        found = cells.number(cell, whole=whole)
    except CellRefused:
        raise CellRefused("typed.no_figure", written=str(cell)) from None
    return None if found is None else Figure(found, False)


def day(cell: Any) -> date | None:
    """The day of a cell, typed day first (15/11/2025) or ISO; None for an empty one."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        raise CellRefused("not_a_date", expected=_DAY_FORMS[0])
    return cells.day(cell, *_DAY_FORMS)
