"""What every picture shares: colours, style, frame and mark, names from the catalogue, saving."""

import io
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.gridspec import SubplotSpec
from matplotlib.ticker import FuncFormatter, MaxNLocator

from campaignstats import metrics, words

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#4D4D4D")
INK, SOFT, LINE, PAPER = "#1B1F24", "#5A626B", "#C9CED4", "#FFFFFF"
BLUE, ORANGE = "#0072B2", "#E69F00"
SENTIMENTS = {"negative": "#E69F00", "neutral": "#E4E7EA", "positive": "#0072B2"}
WIDTH = 4.9  # inches: put at half an A4 page (3.5 inches), 8.5 points still read as 6

STYLE: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "text.parse_math": False,  # "giá $100 và $200" is not a formula
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.labelsize": 8,
    "axes.edgecolor": LINE,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 8.5,
    "hatch.linewidth": 0.7,
    "svg.hashsalt": "campaignstats",
    "svg.fonttype": "path",
    "figure.dpi": 100,
    "savefig.dpi": 200,
}


def drawable(text: str) -> str:
    """``text`` without signs that the font has no glyph for: emoji in a page's name would be boxes."""
    return text if text.isascii() else "".join(c for c in text if ord(c) in _glyphs()).strip()


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def svg(figure: Figure) -> str:
    """The figure as SVG; the same figure gives the same bytes."""
    with mpl.rc_context(STYLE):
        out = io.BytesIO()
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})
    return out.getvalue().decode("utf-8")


def png(figure: Figure) -> bytes:
    """The figure as PNG at 200 dots an inch; the same figure gives the same bytes."""
    with mpl.rc_context(STYLE):
        out = io.BytesIO()
        figure.set_dpi(200)
        FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
        figure.set_dpi(100)
    return out.getvalue()


def saved(figure: Figure, stem: Path) -> tuple[Path, Path]:
    """``stem``.png and ``stem``.svg, written."""
    paths = stem.with_name(stem.name + ".png"), stem.with_name(stem.name + ".svg")
    paths[0].write_bytes(png(figure))
    paths[1].write_bytes(svg(figure).encode("utf-8"))
    return paths


# ---------------------------------------------------------------- names


def platform(name: Any, lang: str) -> str:
    """A platform's name as a reader knows it."""
    return _look_up("draw.platform", name, lang)


def measure_name(name: Any, lang: str) -> str:
    """A measure's name; "views.facebook" is views on Facebook."""
    measure, _, on = str(name).partition(".")
    found = _look_up("draw.measure", measure, lang)
    return words.text("draw.measure_on", lang, measure=found, platform=platform(on, lang)) if on else found


def metric_name(name: Any, lang: str) -> str:
    """A metric's name: the registry's label, or one of the measures that the registry does not hold."""
    found = metrics.registry().get(str(name))
    return found.label[lang] if found else _look_up("draw.metric", name, lang)


def sentiment_name(name: Any, lang: str) -> str:
    return _look_up("draw.sentiment", name, lang)


def _look_up(prefix: str, name: Any, lang: str) -> str:
    key = f"{prefix}.{name}"
    return words.text(key, lang) if words.has(key) else str(name).replace("_", " ")


def theme_colours(names: Mapping[str, str]) -> dict[str, str]:
    """The colour of each code: its place in the campaign's list fixes it for good."""
    return {code: OKABE_ITO[at % len(OKABE_ITO)] for at, code in enumerate(names)}


# ---------------------------------------------------------------- frame


def _figure(
    height: float, function: str, lang: str, synthetic: bool, source: str, *, head: float | None = None
) -> tuple[Figure, Axes]:
    """A figure with its title above, ``height`` inches for the axes, the source line and the mark below."""
    width = _WIDTHS.get(function, WIDTH)
    title = textwrap.wrap(words.text(f"draw.title.{function}", lang), 52 if width == WIDTH else 80)
    head = (_HEADS.get(function, 0.3) if head is None else head) + 0.17 * (len(title) - 1)
    foot_lines = textwrap.wrap(source, 84 if width == WIDTH else 118)
    foot = 0.12 + 0.14 * len(foot_lines) + (0.2 if synthetic else 0.0)
    axis = (
        0.0
        if function
        in ("tile_map", "focus_areas", "theme_bars", "sentiment_bars", "theme_weeks", "completeness_calendar")
        else 0.36
    )
    whole = head + height + axis + foot
    figure = Figure(figsize=(width, whole), facecolor=PAPER)
    left, right = _MARGINS.get(function, (0.0, 1.0))
    # one cell of a grid, so that a picture of several panels can divide it
    spec = figure.add_gridspec(1, 1, left=left, right=right, top=1 - head / whole, bottom=(foot + axis) / whole)
    axes = figure.add_subplot(spec[0, 0])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.text(0, 1 - 0.03 / whole, "\n".join(title), va="top", fontsize=9.5, fontweight="bold", gid="title")
    if source:
        figure.text(
            0,
            0.04 / whole + (0.2 / whole if synthetic else 0),
            "\n".join(foot_lines),
            va="bottom",
            fontsize=7,
            color=SOFT,
            gid="source",
            linespacing=1.25,
        )
    if synthetic:
        figure.text(
            0.004,
            0.045 / whole,
            words.text("draw.synthetic", lang),
            va="bottom",
            fontsize=8,
            fontweight="bold",
            color=INK,
            gid="synthetic",
            bbox={"fc": "#FFF1CC", "ec": "#8A5A00", "lw": 0.7, "pad": 2.2},
        )
    return figure, axes


def _spec(axes: Axes) -> SubplotSpec:
    spec = axes.get_subplotspec()
    assert spec is not None  # _figure made it from a grid
    return spec


def _lines(table: pd.DataFrame) -> list[Any]:
    """The rows as named tuples."""
    return list(table.itertuples(index=False))


# room between the top and the axes, in inches
_HEADS = {"daily": 0.72, "engagement": 0.5, "theme_weeks": 0.66, "completeness_calendar": 0.62}
_WIDTHS = {"daily": 6.5, "completeness_calendar": 6.5}
# where the axes begin and end, as shares of the width
_MARGINS = {
    "daily": (0.085, 0.99),
    "theme_weeks": (0.35, 1.0),
    "sentiment_bars": (0.19, 1.0),
    "completeness_calendar": (0.345, 1.0),
    "engagement": (0.17, 1.0),
    "reach_bounds": (0.01, 0.97),
    "views_by_platform": (0.31, 0.95),
    "concentration": (0.31, 0.77),
}


def _categories(axes: Axes, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), [label if "\n" in label else _wrapped(label, 20) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)


def _number_axis(axes: Axes, lang: str, label: str) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, lang)))
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", color="#E9ECEF", lw=0.7)
    axes.set_xlabel(label, loc="left")


def _wrapped(text: str, width: int) -> str:
    lines = textwrap.wrap(text, width, max_lines=2, placeholder=" …")
    return "\n".join(lines)


def _balanced(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` letters, about equally long: no last word alone."""
    lines = textwrap.wrap(text, width)
    return textwrap.wrap(text, max(len(text) // len(lines) + 8, 1)) if 1 < len(lines) < 3 else lines


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _short_day(week: Any) -> str:
    stamp = pd.Timestamp(week)
    return f"{stamp.day:02d}/{stamp.month:02d}"


def _on(colour: Any) -> str:
    """Ink or paper, whichever reads better on ``colour``."""
    red, green, blue = to_rgb(colour[:3] if isinstance(colour, tuple) else colour)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else PAPER
