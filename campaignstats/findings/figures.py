"""The report's figures as files: PNG and SVG, each beside the table that it draws, under the same stem."""

from pathlib import Path
from typing import Any

import pandas as pd

from campaignstats import draw
from campaignstats.findings import csv
from campaignstats.findings.model import Figure, Report


def figures(report: Report, folder: Path) -> list[Path]:
    """``figure-<name>`` as .png, .svg and .csv for every figure in ``folder``, written; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for figure in report.figures:
        written += draw.saved(drawn(figure, report), folder / f"figure-{figure.name}")
        path = folder / f"figure-{figure.name}.csv"
        path.write_bytes(csv.frame_bytes(figure.table))
        written.append(path)
    return written


def drawn(figure: Figure, report: Report) -> "draw.Figure":
    """The figure, drawn from its table."""
    table = figure.table
    texts = {c: table[c].map(_drawable) for c in table.columns if pd.api.types.is_string_dtype(table[c])}
    names = {code: draw.drawable(name) for code, name in figure.names.items()}
    marks = {} if figure.breaks is None else {"breaks": figure.breaks}
    picture = draw.FUNCTIONS[figure.function](
        table.assign(**texts), lang=report.lang, synthetic=report.synthetic, source=figure.source, names=names, **marks
    )
    if picture is None:  # report.report leaves such figures out
        raise ValueError(f"{figure.name} has too little to draw")
    return picture


def _drawable(value: Any) -> Any:
    return draw.drawable(value) if isinstance(value, str) else value
