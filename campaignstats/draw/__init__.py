"""Table -> Figure: the only code that knows matplotlib. What pictures share is in ``layout``.

Every function takes a result table and returns a ``matplotlib.figure.Figure``, or None where the table holds too little
for a picture (the findings then say so in words; an empty axis is never drawn). Nothing is computed here beyond sorting
and layout. Options, the same for all: ``lang`` ("vi" or "en"), ``synthetic`` (marks the picture), ``source`` (the line
at the foot) and ``names`` (codes of themes or focus areas -> their names, in the campaign's order: the order gives the
colour). Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/); what a colour says, a hatch, a mark or a label
says too.
"""

import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter
from scipy.optimize import linear_sum_assignment

from campaignstats import words
from campaignstats.draw.calendar import calendar_pages, completeness_calendar
from campaignstats.draw.days import break_lines, daily, days_drawn
from campaignstats.draw.layout import (
    BLUE,
    INK,
    LINE,
    OKABE_ITO,
    PAPER,
    SENTIMENTS,
    SOFT,
    STYLE,
    WIDTH,
    _balanced,
    _categories,
    _cut,
    _figure,
    _lines,
    _number_axis,
    _on,
    _short_day,
    _spec,
    _wrapped,
    drawable,
    measure_name,
    metric_name,
    platform,
    png,
    saved,
    sentiment_name,
    svg,
    theme_colours,
)

STATES = ("posted", "complete_no_post", "nothing_received")
_FEW_WEEKS = 10  # that fit a figure with a label each


def rows_drawn(function: str, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``table`` that the figure called ``function`` shows; none where they are too few for a picture."""
    if table.empty:
        return table
    match function:
        case "daily":
            return days_drawn(table)
        case "tile_map":
            return table[table["state"].isin(STATES)]
        case "focus_areas" | "theme_bars":
            scope = "focus_area" if function == "focus_areas" else "theme"
            table = table[(table["scope"] == scope) & table["share"].notna()]
            masked = table["masked"].astype(bool)
            return table[masked] if masked.any() else table
        case "theme_weeks":
            table = table[(table["side"] == "owned") & table["share"].notna()]
            return table if table["week_start"].nunique() > 1 else table.iloc[:0]
        case "reach_bounds":
            return table[table["scope"].isin(["campaign", "platform"]) & table["lower"].notna()]
        case "sentiment_bars":
            table = table[table["share"].notna() & table["sentiment"].isin(list(SENTIMENTS))]
            return table[table.groupby("platform")["sentiment"].transform("size") == len(SENTIMENTS)]
        case "completeness_calendar":
            return table
    number = {"views_by_platform": "views", "engagement": "rate", "concentration": "top5_share"}[function]
    return table[table[number].notna()]


# ---------------------------------------------------------------- pictures


def tile_map(
    reach_places: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """A tile a place, near its true position, in three states told apart by fill, outline and mark.

    Takes ``reach_places`` (place, name, state, latitude, longitude); None if it is empty.
    """
    table = rows_drawn("tile_map", reach_places).sort_values("place", kind="stable")
    if table.empty:
        return None
    columns, rows = tile_cells(table["longitude"].to_numpy(float), table["latitude"].to_numpy(float))
    n_columns, n_rows = int(columns.max()) + 1, int(rows.max()) + 1
    tile_width, tile_height = WIDTH / max(n_columns, 6), 0.315
    key = 0.72
    with mpl.rc_context(STYLE):
        figure, axes = _figure(n_rows * tile_height + key, "tile_map", lang, synthetic, source)
        axes.set_xlim(0, n_columns)
        axes.set_ylim(n_rows, -key / tile_height)
        axes.set_axis_off()
        size = 8.7
        labels = [
            _tile_lines(str(place) if pd.isna(name) else str(name))
            for name, place in zip(table["name"], table["place"], strict=True)
        ]
        size = min([size, *(_fitting_size(lines, tile_width * 72 * 0.88) for lines in labels)])
        for lines, state, column, row in zip(labels, table["state"], columns, rows, strict=True):
            _tile(axes, column, row, state, tile_width / tile_height)
            axes.text(
                column + 0.5,
                row + 0.5,
                "\n".join(lines),
                ha="center",
                va="center",
                fontsize=size,
                linespacing=1.02,
                color=PAPER if state == "posted" else INK,
                gid=f"name-{state}",
            )
        for at, state in enumerate(STATES):
            y = -key / tile_height + 0.08 + at * 0.66
            _tile(axes, 0.0, y, state, tile_width / tile_height, width=0.62, height=0.5)
            n = int((table["state"] == state).sum())
            axes.text(
                0.78, y + 0.25, words.text(f"draw.state.{state}", lang, n=n), va="center", fontsize=8.5, gid="key"
            )
    return figure


def focus_areas(
    messages: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """Bars, owned against earned, for each focus area; takes ``messages``; None without a share."""
    return _owned_earned(messages, "focus_area", lang, synthetic, source, names, coloured=False)


def theme_bars(
    messages: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """Bars, owned against earned, for each theme in its own colour; takes ``messages``; None without a share."""
    return _owned_earned(messages, "theme", lang, synthetic, source, names, coloured=True)


def reach_bounds(
    reach: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """From the lower to the upper bound of reach, the campaign first, then each platform; takes ``reach``."""
    table = rows_drawn("reach_bounds", reach)
    if table.empty:
        return None
    table = table.sort_values(["scope", "lower"], ascending=[True, False], kind="stable")
    with mpl.rc_context(STYLE):
        figure, axes = _figure(0.62 * len(table) + 0.5, "reach_bounds", lang, synthetic, source)
        known = pd.concat([table["lower"], table["upper"]]).dropna().astype(float)
        right = float(known.max()) or 1.0
        axes.set_xlim(0, right * 1.08)
        axes.set_ylim(len(table) - 0.35, -0.75)
        for at, row in enumerate(_lines(table)):
            lower, open_end = float(row.lower), bool(row.capped) or pd.isna(row.upper)
            upper = float(row.upper) if pd.notna(row.upper) else right
            colour = INK if row.scope == "campaign" else BLUE
            if open_end:
                axes.plot([lower, upper], [at, at], color=colour, lw=4, ls=(0, (1.2, 0.9)), gid="interval")
                axes.plot([upper], [at], marker=">", color=colour, ms=6, gid="open")
            else:
                axes.plot([lower, upper], [at, at], color=colour, lw=5, solid_capstyle="butt", gid="interval")
            axes.plot([lower], [at], marker="o", color=colour, ms=6.5, mec=PAPER, gid="lower")
            bounds = words.text(
                "draw.at_least" if open_end else "draw.from_to",
                lang,
                lower=words.number(lower, lang),
                upper=words.number(upper, lang),
            )
            name = words.text("draw.whole_campaign", lang) if row.scope == "campaign" else platform(row.group, lang)
            axes.text(0, at - 0.34, name, fontweight="bold", va="center", gid="name")
            axes.text(right * 1.08, at - 0.34, bounds, ha="right", va="center", gid="value")
        axes.set_yticks([])
        _number_axis(axes, lang, words.text("draw.axis.accounts", lang))
    return figure


def views_by_platform(
    views: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """A bar for each platform and definition of views, never added; takes ``views``."""
    table = rows_drawn("views_by_platform", views)
    table = table.sort_values(["views", "platform"], ascending=[False, True], kind="stable")
    if table.empty:
        return None
    twice = table["platform"].duplicated(keep=False)
    with mpl.rc_context(STYLE):
        figure, axes = _figure(0.45 * len(table) + 0.45, "views_by_platform", lang, synthetic, source)
        labels = [
            f"{_counted(p, lang)}\n{_cut(str(d), 24)}" if t else _counted(p, lang)
            for p, d, t in zip(table["platform"], table["definition"], twice, strict=True)
        ]
        values = table["views"].to_numpy(float)
        axes.barh(range(len(table)), values, height=0.55, color=BLUE)
        for at, value in enumerate(values):
            axes.text(value, at, " " + words.number(value, lang), va="center", gid="value")
        _categories(axes, labels)
        axes.set_xlim(0, values.max() * 1.35 or 1)
        _number_axis(axes, lang, words.text("draw.axis.views", lang))
    return figure


def _counted(code: str, lang: str) -> str:
    """A platform's name, with what it counts where that is no view."""
    name, key = platform(code, lang), f"draw.counted.{code}"
    return words.text(key, lang, platform=name) if words.has(key) else name


def theme_weeks(
    message_weeks: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """A heat map, themes by weeks, of the share of owned items; takes ``message_weeks``; None without two weeks."""
    table = rows_drawn("theme_weeks", message_weeks)
    if table.empty:
        return None
    codes = _ordered(table["theme"], names)
    weeks = _weeks(table["week_start"])
    many = len(weeks) > _FEW_WEEKS
    share = {
        (theme, week): value
        for theme, week, value in zip(table["theme"], pd.to_datetime(table["week_start"]), table["share"], strict=True)
    }
    top = float(table["share"].astype(float).max()) or 1.0
    shades = LinearSegmentedColormap.from_list("weeks", ["#F5F9FC", "#9CC9E3", "#0072B2", "#003C5E"])
    with mpl.rc_context(STYLE):
        figure, axes = _figure(0.36 * len(codes) + 0.45, "theme_weeks", lang, synthetic, source)
        for row, code in enumerate(codes):
            for column, week in enumerate(weeks):
                value = share.get((code, week))
                if value is None:
                    axes.add_patch(Rectangle((column, row), 0.96, 0.94, fc=PAPER, ec=LINE, hatch="////", gid="none"))
                    continue
                shade = shades(float(value) / top)
                axes.add_patch(Rectangle((column, row), 0.96, 0.94, fc=shade, ec="none", gid="cell"))
                axes.text(
                    column + 0.48,
                    row + 0.47,
                    f"{100 * float(value):.0f}" if many else words.percent(float(value), lang, 0),
                    ha="center",
                    va="center",
                    color=_on(shade),
                    fontsize=5.5 if many else None,
                    gid="value",
                )
        axes.set_xlim(0, len(weeks))
        axes.set_ylim(len(codes), 0)
        axes.set_yticks([row + 0.47 for row in range(len(codes))], [_wrapped(_name(c, names), 24) for c in codes])
        _week_axis(axes, weeks, 0.48)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(words.text("draw.axis.week", lang) + (" (%)" if many else ""))
        axes.xaxis.set_label_position("top")
    return figure


def sentiment_bars(
    sentiment: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """One bar of 100 % a platform: negative (orange), neutral, positive (blue); takes ``sentiment``."""
    table = rows_drawn("sentiment_bars", sentiment)
    if table.empty:
        return None
    whole = sorted(table["platform"].unique(), key=lambda p: (p != "all", p))
    with mpl.rc_context(STYLE):
        figure, axes = _figure(0.52 * len(whole) + 0.5, "sentiment_bars", lang, synthetic, source)
        for at, group in enumerate(whole):
            part = {line.sentiment: line for line in _lines(table[table["platform"] == group])}
            left = 0.0
            for kind, colour in SENTIMENTS.items():
                share = float(part[kind].share)
                axes.barh(
                    at,
                    share,
                    left=left,
                    height=0.56,
                    color=colour,
                    edgecolor=PAPER,
                    lw=0.8,
                    gid=kind,
                    hatch="////" if kind == "negative" else None,
                )
                if share >= 0.08:
                    shown = words.percent(share, lang, 0)
                    if share >= 0.2 and pd.notna(part[kind].n_comments):
                        shown += f" ({words.number(int(part[kind].n_comments), lang)})"
                    axes.text(
                        left + share / 2,
                        at,
                        shown,
                        ha="center",
                        va="center",
                        color=_on(colour),
                        gid="value",
                        fontweight="bold" if at == 0 else "normal",
                        bbox={"fc": colour, "ec": "none", "pad": 1.0} if kind == "negative" else None,
                    )
                if at == 0:
                    where = {"negative": (0.0, "left"), "neutral": (0.5, "center"), "positive": (1.0, "right")}[kind]
                    axes.text(
                        where[0],
                        -0.46,
                        sentiment_name(kind, lang),
                        ha=where[1],
                        va="bottom",
                        color=INK,
                        fontsize=8,
                        gid="key",
                    )
                left += share
        _categories(axes, [words.text("draw.all_platforms", lang) if p == "all" else platform(p, lang) for p in whole])
        axes.set_ylim(len(whole) - 0.55, -0.85)
        axes.set_xlim(0, 1.0)
        axes.set_xticks([])
        axes.spines[:].set_visible(False)
    return figure


def engagement(
    engagement: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """Rates per 100 with their intervals, a panel for each denominator; takes ``engagement``."""
    table = rows_drawn("engagement", engagement).sort_values(
        ["measure", "rate", "platform"], ascending=[True, False, True], kind="stable"
    )
    if table.empty:
        return None
    measures = [(m, table[table["measure"] == m]) for m in sorted(table["measure"].unique())]
    with mpl.rc_context(STYLE):
        figure, first = _figure(
            sum(0.3 * len(part) + 0.4 for _, part in measures), "engagement", lang, synthetic, source
        )
        first.set_axis_off()
        grid = _spec(first).subgridspec(
            len(measures), 1, height_ratios=[len(part) for _, part in measures], hspace=0.75
        )
        for at, (measure, part) in enumerate(measures):
            axes = figure.add_subplot(grid[at, 0])
            ends = pd.concat([part["rate"], part["high"]]).dropna().astype(float)
            right = float(ends.max()) or 1.0
            for row, line in enumerate(_lines(part)):
                if pd.notna(line.low) and pd.notna(line.high):
                    dashed = line.interval == "leave_one_account_out"
                    axes.plot(
                        [float(line.low), float(line.high)],
                        [row, row],
                        color=BLUE,
                        lw=2.6,
                        gid="interval",
                        ls=(0, (1.5, 0.8)) if dashed else "-",
                    )
                axes.plot([float(line.rate)], [row], "o", color=INK, ms=6, mec=PAPER, gid="rate")
                axes.text(right * 1.04, row, _rate_text(line, lang), va="center", fontsize=8, gid="value")
            _categories(axes, [platform(p, lang) for p in part["platform"]])
            axes.set_xlim(0, right * 1.6)
            axes.set_title(measure_name(measure, lang), loc="left", fontsize=8.5, fontweight="bold", pad=4)
            axes.axvline(0, color=LINE, lw=1.0)
            axes.tick_params(axis="y", length=0)
            axes.set_xticks([])
            axes.spines[:].set_visible(False)
    return figure


def concentration(
    concentration: pd.DataFrame,
    *,
    lang: str = "vi",
    synthetic: bool = False,
    source: str = "",
    names: Mapping[str, str] | None = None,
) -> Figure | None:
    """The share that the five largest posts hold, Gini beside it; takes ``concentration``."""
    table = rows_drawn("concentration", concentration).sort_values(["metric", "platform"], kind="stable")
    if table.empty:
        return None
    with mpl.rc_context(STYLE):
        figure, axes = _figure(0.46 * len(table) + 0.45, "concentration", lang, synthetic, source)
        values = table["top5_share"].to_numpy(float)
        axes.barh(range(len(table)), [1.0] * len(table), height=0.55, color="#EEF1F4", gid="all")
        axes.barh(range(len(table)), values, height=0.55, color=BLUE, gid="top5")
        for at, line in enumerate(_lines(table)):
            gini = words.number(line.gini, lang, 2) if pd.notna(line.gini) else "–"
            shown = words.text("draw.top5", lang, share=words.percent(float(line.top5_share), lang, 0), gini=gini)
            axes.text(1.02, at, shown, va="center", fontsize=8, gid="value")
        _categories(
            axes,
            [
                f"{platform(p, lang)}: {metric_name(m, lang)}"
                for p, m in zip(table["platform"], table["metric"], strict=True)
            ],
        )
        axes.set_xlim(0, 1.0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: words.percent(v, lang, 0)))
        axes.tick_params(axis="x", length=0)
        axes.spines["bottom"].set_visible(False)
    return figure


__all__ = [
    "FUNCTIONS",
    "OKABE_ITO",
    "SENTIMENTS",
    "STATES",
    "STYLE",
    "break_lines",
    "calendar_pages",
    "drawable",
    "measure_name",
    "metric_name",
    "platform",
    "png",
    "rows_drawn",
    "saved",
    "sentiment_name",
    "svg",
    "theme_colours",
]

FUNCTIONS = {
    function.__name__: function
    for function in (
        tile_map,
        focus_areas,
        theme_bars,
        reach_bounds,
        views_by_platform,
        theme_weeks,
        sentiment_bars,
        completeness_calendar,
        engagement,
        concentration,
        daily,
    )
}


# ---------------------------------------------------------------- layout


def tile_cells(longitude: np.ndarray, latitude: np.ndarray, *, tile: float = 1.45) -> tuple[np.ndarray, np.ndarray]:
    """A distinct (column, row) for every place, row 0 north, near its true position; ``tile`` = width over height.

    The grid has about a third more cells than places; the assignment has the least sum of squared distances. Places
    without coordinates stand in rows of their own below.
    """
    n = len(longitude)
    columns, rows = np.zeros(n, int), np.zeros(n, int)
    placed = ~(np.isnan(longitude) | np.isnan(latitude))
    n_columns, n_rows = max(1, min(n, 8)), 0
    if placed.any():
        x = longitude[placed] * np.cos(np.radians(latitude[placed].mean()))
        y = -latitude[placed]
        wide, high = max(float(np.ptp(x)), 1e-6), max(float(np.ptp(y)), 1e-6)
        shape = min(max(wide / high / tile, 0.2), 5.0)
        cells = 1.3 * placed.sum()
        n_columns = max(1, round(float(np.sqrt(cells * shape))))
        n_rows = int(np.ceil(cells / n_columns))
        at_x = (x - x.min()) / wide * (n_columns - 1)
        at_y = (y - y.min()) / high * (n_rows - 1)
        grid = np.array([(c, r) for r in range(n_rows) for c in range(n_columns)])
        far = (at_x[:, None] - grid[None, :, 0]) ** 2 + (at_y[:, None] - grid[None, :, 1]) ** 2
        _, cell = linear_sum_assignment(far)
        used = grid[cell]
        columns[placed], rows[placed] = used[:, 0] - used[:, 0].min(), used[:, 1] - used[:, 1].min()
        n_rows = int(rows[placed].max()) + 2
    for at, index in enumerate(np.flatnonzero(~placed)):
        columns[index], rows[index] = at % n_columns, n_rows + at // n_columns
    return columns, rows


def _tile(
    axes: Axes, column: float, row: float, state: str, aspect: float, *, width: float = 1.0, height: float = 1.0
) -> None:
    gap_x, gap_y = 0.035, 0.035 * aspect
    box = (column + gap_x, row + gap_y), width - 2 * gap_x, height - 2 * gap_y
    if state == "posted":
        axes.add_patch(Rectangle(*box, fc="#005F95", ec="#005F95", lw=0.8, gid="tile-posted"))
    elif state == "complete_no_post":
        axes.add_patch(Rectangle(*box, fc="#FBE7BD", ec="#8A5A00", lw=1.5, gid="tile-complete_no_post"))
    else:
        axes.add_patch(Rectangle(*box, fc=PAPER, ec="#DDE1E5", lw=0, hatch="/////", gid="tile-hatch"))
        axes.add_patch(
            Rectangle(*box, fc="none", ec="#7B848D", lw=0.9, ls=(0, (2.2, 1.6)), gid="tile-nothing_received")
        )


def _tile_lines(name: str) -> list[str]:
    short = re.sub(r"^(Xã|Phường|Thị trấn|Đặc khu)\s+|\s+(Ward|Commune|Township)$", "", name).strip() or name
    parts = short.split()
    if len(parts) < 2:
        return [_cut(short, 10)]
    # the break that leaves the shorter longest line
    at = min(range(1, len(parts)), key=lambda i: max(len(" ".join(parts[:i])), len(" ".join(parts[i:]))))
    return [_cut(" ".join(parts[:at]), 12), _cut(" ".join(parts[at:]), 12)]


def _fitting_size(lines: list[str], points: float) -> float:
    font = FontProperties(family="DejaVu Sans")
    wide = max(TextPath((0, 0), line, size=10, prop=font).get_extents().width for line in lines)
    return 10 * points / wide


def _owned_earned(
    messages: pd.DataFrame,
    scope: str,
    lang: str,
    synthetic: bool,
    source: str,
    names: Mapping[str, str] | None,
    *,
    coloured: bool,
) -> Figure | None:
    table = rows_drawn("focus_areas" if scope == "focus_area" else "theme_bars", messages)
    if table.empty:
        return None
    lines = {(code, side): line for code, side, line in zip(table["code"], table["side"], _lines(table), strict=True)}
    codes = _ordered(table["code"], names)
    if scope == "theme":
        codes.sort(key=lambda c: -float(lines[c, "owned"].share) if (c, "owned") in lines else 0.0)
    colours = theme_colours(names or dict.fromkeys(codes, ""))
    top = float(table["share"].astype(float).max()) or 1.0
    function = "focus_areas" if scope == "focus_area" else "theme_bars"
    titles = {code: _balanced(_name(code, names), 60)[:3] or [str(code)] for code in codes}
    # heights in inches: the name's lines, then a bar for each side
    line, bar, space = 0.165, 0.155, 0.12
    height = sum(line * len(titles[code]) + 2 * (bar + 0.03) + space for code in codes)
    with mpl.rc_context(STYLE):
        figure, axes = _figure(height, function, lang, synthetic, source)
        y = 0.0
        for at, code in enumerate(codes):
            axes.text(0, y, "\n".join(titles[code]), va="top", fontweight="bold", linespacing=1.2, gid="name")
            y += line * len(titles[code]) + 0.02
            full = colours[code] if coloured and code in colours else BLUE
            edge = tuple(0.65 * part for part in to_rgb(full))
            for side in ("owned", "earned"):
                centre = y + bar / 2
                y += bar + 0.03
                row = lines.get((code, side))
                if row is None:
                    axes.text(0, centre, words.text(f"draw.no_{side}", lang), va="center", fontsize=8, color=SOFT)
                    continue
                share = float(row.share)
                look: dict[str, Any] = (
                    {"fc": full, "ec": edge, "lw": 0.6}
                    if side == "owned"
                    else {"fc": PAPER, "ec": edge, "lw": 0.7, "hatch": "/////"}
                )
                axes.barh(centre, share, height=bar, gid=f"{side}-{code}", **look)
                label = words.text(
                    f"draw.{side}_label" if at == 0 else f"draw.{side}_short",
                    lang,
                    share=words.percent(share, lang, 0),
                    n=int(row.n_items),
                )
                axes.text(share + top * 0.015, centre, label, va="center", fontsize=8, gid="value")
            y += space - 0.02
        axes.set_xlim(0, top * 2.1)
        axes.set_ylim(height, 0)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines["bottom"].set_visible(False)
    return figure


def _rate_text(line: Any, lang: str) -> str:
    rate = words.number(float(line.rate), lang, 2)
    if pd.isna(line.low) or pd.isna(line.high):
        return words.text("draw.rate_alone", lang, rate=rate)
    return words.text(
        "draw.rate",
        lang,
        rate=rate,
        low=words.number(float(line.low), lang, 2),
        high=words.number(float(line.high), lang, 2),
    )


def _ordered(codes: pd.Series, names: Mapping[str, str] | None) -> list[str]:
    known = list(names or {})
    return sorted(codes.unique(), key=lambda c: (known.index(c) if c in known else len(known), str(c)))


def _name(code: str, names: Mapping[str, str] | None) -> str:
    return (names or {}).get(code, str(code))


def _weeks(starts: pd.Series) -> list[pd.Timestamp]:
    """Every week from the first to the last, those without a row included: a gap must be seen as one."""
    days = pd.to_datetime(starts)
    return list(pd.date_range(days.min(), days.max(), freq="7D"))


def _week_axis(
    axes: Axes, weeks: list[pd.Timestamp], middle: float, *, fontsize: float | None = None, panels: int = 1
) -> None:
    """The first days of the weeks as ticks, so many as don't collide."""
    step = -(-len(weeks) * panels // _FEW_WEEKS)
    shown = range(0, len(weeks), step)
    axes.set_xticks([column + middle for column in shown], [_short_day(weeks[c]) for c in shown], fontsize=fontsize)
