"""Days of a platform as lines, and the marks of the days on which what is counted changed."""

import textwrap
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import matplotlib as mpl
import matplotlib.dates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter, MaxNLocator

from campaignstats import words
from campaignstats.draw.layout import (
    BLUE,
    INK,
    PAPER,
    SOFT,
    STYLE,
    _figure,
    _lines,
    _short_day,
    _spec,
    metric_name,
    platform,
)

_GROUND = "#E3F0F8"
_MOST_PANELS = 8
_LABEL = 6.5  # points of a break's label


def break_lines(axes: Axes, breaks: pd.DataFrame, *, lang: str, drawn: tuple[float, float] | None = None) -> int:
    """A dashed line with a short label at each break that lies inside the axes; returns the levels of labels used.

    For any figure whose x axis holds days (matplotlib's date numbers) and whose limits are set. ``breaks`` has on,
    kind and precise, as ``measures.definition_breaks`` gives them. Labels stand at the top, one below the other where
    they would collide: the caller leaves as many lines of room there as are returned. ``drawn``: the first and last
    day that hold values; a line outside them says nothing.
    """
    left, right = drawn or axes.get_xlim()
    box = axes.get_position()
    figure = axes.get_figure(root=True)
    assert figure is not None
    points = box.width * figure.get_figwidth() * 72
    low, high = axes.get_xlim()
    wide = (high - low) / points  # days a point
    ends: list[float] = []
    table = breaks.drop_duplicates(["on", "kind"]).sort_values(["on", "kind"], kind="stable")
    for row in _lines(table):
        at = mpl.dates.date2num(row.on)
        if not left <= at <= right:
            continue
        axes.axvline(at, color=INK, lw=0.9, ls=(0, (3, 2)), gid=f"break-{row.kind}", zorder=1.5)
        day = words.day(row.on, lang)
        if not row.precise:
            day = words.text("draw.break.about", lang, day=day)
        label = words.text(f"draw.break.{row.kind}", lang, day=day)
        size = TextPath((0, 0), label, size=_LABEL, prop=FontProperties(family="DejaVu Sans")).get_extents().width
        length = (size + 6) * wide
        before = at + length > high  # no room on the right of the line
        start, stop = (at - length, at) if before else (at, at + length)
        level = next((n for n, end in enumerate(ends) if end <= start), len(ends))
        ends[level:] = [stop, *ends[level + 1 :]]
        axes.annotate(
            label,
            (at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-2 if before else 2, -1 - level * (_LABEL + 2)),
            textcoords="offset points",
            ha="right" if before else "left",
            va="top",
            fontsize=_LABEL,
            color=INK,
            gid="break",
            bbox={"fc": PAPER, "ec": "none", "pad": 0.4, "alpha": 0.85},
        )
    return len(ends)


def days_drawn(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``daily`` that a picture can show: panels with two days of figures at least."""
    if table.empty:
        return table
    n = table.groupby(["platform", "metric", "day_zone"])["value"].transform("count")
    return table[n > 1]


def daily(
    daily: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
    breaks: pd.DataFrame | None = None,
) -> Figure | None:
    """A panel for each platform and clock: its daily counts as lines, one for each segment, and never one across two.

    Takes ``daily``; ``breaks`` (``definition_breaks``) are marked in the panels of their metric and platform. The axis
    says whose days they are. None without two days of figures.
    """
    table = days_drawn(daily).sort_values(["platform", "metric", "day_zone", "segment", "day"], kind="stable")
    if table.empty:
        return None
    parts = [(key, part) for key, part in table.groupby(["platform", "metric", "day_zone"], sort=True)][:_MOST_PANELS]
    left, right = (mpl.dates.date2num(day) for day in (table["day"].min(), table["day"].max()))
    room = max((right - left) * 0.015, 0.6)
    with mpl.rc_context(STYLE):
        figure, first = _figure(1.22 * len(parts), "daily", lang, synthetic, source)
        first.set_axis_off()
        grid = _spec(first).subgridspec(len(parts), 1, hspace=0.8)
        marked = False
        for at, ((on, metric, zone), part) in enumerate(parts):
            axes = figure.add_subplot(grid[at, 0])
            axes.set_xlim(left - room, right + room)
            _grounds(axes, part)
            lines(axes, part)
            known = part["value"].dropna().astype(float)
            top = float(known.max()) or 1.0
            own = _of(breaks, str(on), str(metric))
            ends = mpl.dates.date2num(part["day"].min()), mpl.dates.date2num(part["day"].max())
            levels = break_lines(axes, own, lang=lang, drawn=ends) if own is not None else 0
            marked = marked or levels > 0
            high = axes.get_position().height * figure.get_figheight() * 72
            axes.set_ylim(min(0.0, float(known.min())), top * 1.1 / (1 - (levels * (_LABEL + 2) + 2) / high))
            axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, lang)))
            axes.grid(axis="y", color="#E9ECEF", lw=0.7)
            axes.tick_params(axis="both", length=0, labelsize=6.8)
            axes.spines["left"].set_visible(False)
            _day_axis(axes, table["day"])
            axes.set_xlabel(words.clock(str(zone), lang), loc="right", fontsize=7, labelpad=1, gid="clock")
            title = words.text("draw.days.panel", lang, platform=platform(on, lang), metric=metric_name(metric, lang))
            axes.set_title(f"{title} ({_accounts(part, lang)})", loc="left", fontsize=8.2, fontweight="bold", pad=3)
        whole = figure.get_figheight()
        key = words.text("draw.days.key", lang)
        key += "  ·  " + words.text("draw.days.key_breaks", lang) if marked else ""
        shown = "\n".join(textwrap.wrap(key, 96))
        figure.text(0, 1 - 0.25 / whole, shown, va="top", fontsize=7, color=SOFT, gid="key", linespacing=1.2)
    return figure


def lines(axes: Axes, part: pd.DataFrame) -> None:
    """A line for each run of days with figures within a segment; a day alone is a dot."""
    for segment, own in part.groupby("segment", sort=True):
        own = own.sort_values("day", kind="stable")
        run = own["value"].isna().cumsum()[own["value"].notna()]
        for _, days in own[own["value"].notna()].groupby(run, sort=True):
            x = [mpl.dates.date2num(day) for day in days["day"]]
            axes.plot(
                x,
                days["value"].to_numpy(float),
                color=BLUE,
                lw=1.3,
                marker="o" if len(x) == 1 else "",
                ms=2.4,
                solid_capstyle="butt",
                gid=f"segment-{segment}",
            )


def _grounds(axes: Axes, part: pd.DataFrame) -> None:
    """The days wholly inside the campaign's window, as a ground behind the line."""
    inside = sorted(set(part.loc[part["inside"] == "inside", "day"]))
    start = None
    for day, after in zip(inside, [*inside[1:], None], strict=True):
        start = day if start is None else start
        if after is None or after - day > timedelta(days=1):
            ends = mpl.dates.date2num(start) - 0.5, mpl.dates.date2num(day) + 0.5
            axes.axvspan(*ends, color=_GROUND, lw=0, zorder=0, gid="window")
            start = None


def _day_axis(axes: Axes, days: "pd.Series[Any]") -> None:
    """The first of the days and every so many after it, at most seven, without a year if all are of one or two."""
    first, last = days.min(), days.max()
    n = (last - first).days + 1
    step = max(7 * -(-n // (7 * 7)), 1)
    shown = list(pd.date_range(first, last, freq=f"{step}D"))
    years = n > 400
    axes.set_xticks(
        [mpl.dates.date2num(day) for day in shown],
        [f"{day:%d/%m/%y}" if years else _short_day(day) for day in shown],
    )


def _accounts(part: pd.DataFrame, lang: str) -> str:
    n = part.loc[part["n_accounts"] > 0, "n_accounts"]
    low, high = int(n.min()), int(n.max())
    if low == high:
        return words.text("draw.days.accounts", lang, n=high)
    return words.text("draw.days.accounts_range", lang, low=low, high=high)


def _of(breaks: pd.DataFrame | None, on: str, metric: str) -> pd.DataFrame | None:
    if breaks is None or breaks.empty:
        return None
    return breaks[(breaks["platform"] == on) & (breaks["metric"] == metric)]
