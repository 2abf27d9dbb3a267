"""The calendar of days: a row an account, a column a day, and what is known of it. Made to be read in grey as well."""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import blended_transform_factory

from campaignstats import words
from campaignstats.draw.layout import (
    INK,
    LINE,
    PAPER,
    SOFT,
    STYLE,
    _cut,
    _figure,
    _short_day,
    drawable,
    platform,
)

# the order of the key; "not_in_use" is drawn, and named only where there is such a day
STATES = ("posts", "no_posts", "capped", "partly", "no_source", "not_in_use")
MOST_ROWS = 66  # accounts on a page
_LEVELS = ("province", "union", "press", "partner", "commune")
_DARK, _LIGHT, _FAINT, _WEEKEND = "#004B7A", "#9CC9E3", "#FFFFFF", "#EDF0F3"
_ROW = 0.128  # inches
_GAP = 1.6  # rows that the name of a level takes


def calendar_pages(table: pd.DataFrame) -> list[list[str]]:
    """The accounts of each page: by level, those that lack most first; pages about equally long."""
    order = _ordered(table)
    n_pages = -(-len(order) // MOST_ROWS) or 1
    size = -(-len(order) // n_pages)
    return [order[at : at + size] for at in range(0, len(order), size)]


def completeness_calendar(
    calendar: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """Accounts by days: posts (dark), known to have none (a dot), known in part (half), nothing received (hatched).

    Takes ``calendar``, or the rows of it that one page shows (``calendar_pages``); None if it is empty. Weekends are
    shaded above, the first and the last day of the campaign are named.
    """
    if calendar.empty:
        return None
    order = _ordered(calendar)
    days = sorted(pd.to_datetime(calendar["day"]).unique())
    at = {day: column for column, day in enumerate(days)}
    facts: dict[Any, Any] = calendar.drop_duplicates("account").set_index("account").to_dict("index")
    groups = [(level, [a for a in order if _level(facts[a]["owner_level"]) == level]) for level in (*_LEVELS, "")]
    groups = [(level, accounts) for level, accounts in groups if accounts]
    height = (len(order) + _GAP * len(groups)) * _ROW
    known = set(calendar["state"])
    keys = [s for s in STATES if s in known or s in ("posts", "no_posts", "no_source")]
    keys.append("weekend")
    key_lines = -(-len(keys) // 2)
    with mpl.rc_context(STYLE):
        head = 0.72 + 0.17 * key_lines
        figure, axes = _figure(height, "completeness_calendar", lang, synthetic, source, head=head)
        axes.set_axis_off()
        axes.set_xlim(0, len(days) + 4.5)
        rows = len(order) + _GAP * len(groups)
        axes.set_ylim(rows, 0)
        for column, day in enumerate(days):
            if pd.Timestamp(day).day_of_week >= 5:
                axes.add_patch(Rectangle((column, 0), 1, rows, fc=_WEEKEND, ec="none", zorder=0, gid="weekend"))
        first, last = _window(calendar, at)
        y = 0.0
        for level, accounts in groups:
            own = calendar[calendar["account"].isin(accounts)]
            n_files = int(own.drop_duplicates("account")["has_files"].sum())
            label = words.text("draw.calendar.level", lang, level=_named(level, lang), n=n_files, all=len(accounts))
            y += _GAP
            beside = blended_transform_factory(figure.transFigure, axes.transData)
            axes.text(0, y - 0.2, label, transform=beside, va="bottom", fontsize=7.2, fontweight="bold", gid="level")
            for account in accounts:
                part = own[own["account"] == account]
                _row(axes, y, part, at, lang)
                name = _label(facts[account], lang)
                axes.text(-0.6, y + 0.52, name, ha="right", va="center", fontsize=5.9, gid="name")
                told = words.number(int(facts[account]["n_window"]), lang) if facts[account]["has_files"] else "–"
                axes.text(len(days) + 0.6, y + 0.52, told, ha="left", va="center", fontsize=5.9, gid="n")
                y += 1
        _frame(axes, days, first, last, rows, lang)
        _keys(figure, keys, calendar, lang)
    return figure


def _row(axes: Axes, y: float, cells: pd.DataFrame, at: Mapping[Any, int], lang: str) -> None:
    """The days of one account, those of one state that follow one another in one piece."""
    cells = cells.sort_values("day")
    runs: list[tuple[str, int, int]] = []
    for day, state in zip(pd.to_datetime(cells["day"]), cells["state"], strict=True):
        column = at[day]
        if runs and runs[-1][0] == state and runs[-1][2] == column:
            runs[-1] = (state, runs[-1][1], column + 1)
        else:
            runs.append((state, column, column + 1))
    for state, start, end in runs:
        _cells(axes, state, start, end, y)
    if len(runs) == 1 and runs[0][0] == "no_source":
        axes.text(
            runs[0][1] + 0.28 * (runs[0][2] - runs[0][1]), y + 0.52, words.text("draw.calendar.nothing", lang),
            ha="center", va="center", fontsize=5.4, gid="nothing", bbox={"fc": PAPER, "ec": "none", "pad": 0.6},
        )  # fmt: skip


def _cells(axes: Axes, state: str, start: float, end: float, y: float) -> None:
    """Days ``start`` to ``end`` of one state; also a key's sample."""
    if state in ("posts", "capped"):
        fill = _DARK if state == "posts" else _LIGHT
        for x in range(int(end - start)):
            box = (start + x + 0.06, y + 0.1), 0.88, 0.8
            axes.add_patch(Rectangle(*box, fc=fill, ec="none", gid=state))
        if state == "capped":  # one line with gaps, not one a day
            xs = [v for x in range(int(end - start)) for v in (start + x + 0.2, start + x + 0.8, float("nan"))]
            axes.plot(xs, [y + 0.75, y + 0.25, float("nan")] * int(end - start), color=INK, lw=0.5)
    elif state == "no_posts":
        middles = [start + x + 0.5 for x in range(int(end - start))]
        axes.plot(middles, [y + 0.5] * len(middles), ".", color=INK, ms=2.0, mew=0, gid="no_posts")
    elif state == "partly":
        for x in range(int(end - start)):
            left, right = start + x + 0.08, start + x + 0.92
            corners = [(left, y + 0.88), (right, y + 0.88), (right, y + 0.14)]
            axes.add_patch(Polygon(corners, closed=True, fc=_LIGHT, ec="none", gid="partly"))
    elif state == "no_source":
        box = (start, y + 0.06), end - start, 0.88
        axes.add_patch(Rectangle(*box, fc=_FAINT, ec="#8D959D", lw=0, hatch="//////", gid="no_source"))
    elif state == "weekend":
        axes.add_patch(Rectangle((start, y), end - start, 1, fc=_WEEKEND, ec="none"))
    else:
        axes.plot([start + 0.3, end - 0.3], [y + 0.5, y + 0.5], color=LINE, lw=0.6, gid="not_in_use")


def _frame(axes: Axes, days: list[Any], first: int, last: int, rows: float, lang: str) -> None:
    """The Mondays above the rows, and lines where the campaign begins and ends, with their names."""
    above = blended_transform_factory(axes.transData, axes.transAxes)
    unit = 1 / rows  # of the axes' height a row
    for column, day in enumerate(days):
        stamp = pd.Timestamp(day)
        if stamp.day_of_week == 0 and abs(column - first) > 3 and abs(column - last - 1) > 3:
            axes.text(column, 1 + 0.35 * unit, _short_day(stamp), transform=above, ha="center", va="bottom",
                      fontsize=5.6, color=SOFT, gid="week")  # fmt: skip
    for column, key, day in ((first, "first", days[first]), (last + 1, "last", days[last])):
        axes.plot([column, column], [1.0 + 1.9 * unit, 0], transform=above, color=INK, lw=1.1, clip_on=False, gid=key)
        told = words.text(f"draw.calendar.{key}", lang, day=_short_day(day))
        side, edge = ("right", column + 0.4) if key == "last" else ("left", column)
        axes.text(edge, 1 + 1.75 * unit, told, transform=above, ha=side, va="bottom", fontsize=6.6,
                  fontweight="bold", gid=f"{key}-day")  # fmt: skip
    if first:
        axes.text(0, 1 + 1.75 * unit, words.text("draw.calendar.before", lang), transform=above, va="bottom",
                  fontsize=6.6, color=SOFT, gid="before")  # fmt: skip
    axes.text(len(days) + 0.6, 1 + 0.35 * unit, words.text("draw.calendar.n", lang), transform=above, ha="left",
              va="bottom", fontsize=5.6, color=SOFT, gid="head")  # fmt: skip


def _keys(figure: Figure, keys: list[str], calendar: pd.DataFrame, lang: str) -> None:
    """A sample of each state with its meaning, two in a line, under the title."""
    width, whole = figure.get_size_inches()
    lines = -(-len(keys) // 2)
    n_titles = 0.17 * (figure.texts[0].get_text().count("\n") + 1)
    top = whole - 0.1 - n_titles
    axes = figure.add_axes((0, (top - 0.17 * lines) / whole, 1, 0.17 * lines / whole))
    axes.set_axis_off()
    axes.set_xlim(0, width / _ROW)
    axes.set_ylim(0.17 * lines / _ROW, 0)
    for n, state in enumerate(keys):
        x, y = (n % 2) * width / _ROW * 0.53, (n // 2) * 0.17 / _ROW
        _cells(axes, state, x, x + 3, y)
        told = words.text(f"draw.calendar.{state}", lang)
        axes.text(x + 3.6, y + 0.52, told, va="center", fontsize=7.2, gid="key")


def _window(calendar: pd.DataFrame, at: Mapping[Any, int]) -> tuple[int, int]:
    inside = [at[day] for day in pd.to_datetime(calendar.loc[calendar["period"] == "window", "day"])]
    return min(inside), max(inside)


def _ordered(table: pd.DataFrame) -> list[str]:
    """The accounts: by level, those with most unknown days first, then by place and name."""
    doubtful = table["state"].isin(["no_source", "partly", "capped"]).groupby(table["account"]).sum().to_dict()
    facts = table.drop_duplicates("account").set_index("account").to_dict("index")
    levels = (*_LEVELS, "")

    def rank(account: str) -> tuple[int, int, str, str, str]:
        own: Any = facts[account]
        place = "" if pd.isna(own["place_name"]) else str(own["place_name"])
        return levels.index(_level(own["owner_level"])), -doubtful[account], place, str(own["name"]), account

    return sorted(map(str, facts), key=rank)


def _level(level: Any) -> str:
    return str(level) if level in _LEVELS else ""


def _named(level: str, lang: str) -> str:
    return words.text(f"draw.calendar.of.{level or 'other'}", lang)


def _label(account: Any, lang: str) -> str:
    """The place and the page, as a clerk looks for them: "Xã Dầu Giây: Công an xã Dầu Giây (TikTok)"."""
    name = drawable(str(account["name"]))
    place = "" if pd.isna(account["place_name"]) else str(account["place_name"])
    told = name if not place or place.casefold() in name.casefold() else f"{place}: {name}"
    return f"{_cut(told, 36)} · {platform(account['platform'], lang)}"
