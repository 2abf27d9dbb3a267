"""The days of a daily series, and whether a spreadsheet has swapped their days and months. Not a reader.

A platform writes 11/04/2025 month first. An Excel that is used to day first makes it 11 April and leaves 11/18/2025 a
text; a series that has every day once, one after the other, shows which it was.
"""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from campaignstats.readers.cells import CellRefused, clock

READERS = ()


class Days(NamedTuple):
    """``days``: a day a cell, or why it has none; ``n_turned``: how many had day and month turned back."""

    days: list[date | CellRefused]
    n_turned: int


def series_days(cells: list[Any], *forms: str) -> Days:
    """The days of the cells of one series: texts in the platform's own ``forms``, dates as the spreadsheet shows them.

    Dates are turned round where only that makes the whole series one day after another, and refused where neither way
    does.
    """
    found = [_day(cell, forms) for cell in cells]
    dates = [i for i, cell in enumerate(cells) if isinstance(cell, datetime) and isinstance(found[i], date)]
    known = [d for d in found if isinstance(d, date)]
    if not dates or _follow(known) or _plainly_month_first([found[i] for i in dates], len(known) == len(dates)):
        return Days(found, 0)
    turned = list(found)
    for i in dates:
        turned[i] = _turned(found[i])
    if len(known) > 1 and _follow([d for d in turned if isinstance(d, date)]):
        return Days(turned, sum(a != b for a, b in zip(found, turned, strict=True)))
    for i in dates:
        if _turned(found[i]) != found[i]:
            found[i] = CellRefused("meta.date_reordered")
    return Days(found, 0)


def _day(cell: Any, forms: tuple[str, ...]) -> Any:
    try:
        moment = clock(cell, *forms)
    except CellRefused as problem:
        return problem
    return moment.date() if moment else CellRefused("meta.no_day")


def _turned(day: Any) -> Any:
    return day.replace(month=day.day, day=day.month) if isinstance(day, date) and day.day <= 12 else day


def _follow(days: list[date]) -> bool:
    """Whether the days, in whatever order, are one after the other; one day alone shows nothing."""
    ordered = sorted(days)
    steps = {b - a for a, b in pairwise(ordered)}
    return steps == {timedelta(days=1)}


def _plainly_month_first(days: list[Any], only_dates: bool) -> bool:
    """Whether the spreadsheet was one that reads month first: it made dates of all days, those after the 12th too."""
    return only_dates and any(isinstance(d, date) and d.day > 12 for d in days)
