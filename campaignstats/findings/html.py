"""The report as one HTML page that needs nothing beside it: pictures, styles and words are inside."""

import base64

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from campaignstats import draw, words
from campaignstats.findings.figures import drawn
from campaignstats.findings.model import Figure, Report


def page(report: Report) -> str:
    """The page; the same report gives the same text."""
    environment = Environment(
        loader=PackageLoader("campaignstats.findings", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        report=report,
        style=Markup(environment.get_template("page.css").render()),  # our own file; nothing of a campaign goes in
        text=lambda key: words.text(f"findings.{key}", report.lang),
        picture=lambda figure: _data_uri(figure, report),
        title_of=lambda figure: words.text(f"draw.title.{figure.function}", report.lang),
        tables={table.name: table for table in report.tables},
        NUMERIC=("count", "share", "rate", "ratio"),
    )


def _data_uri(figure: Figure, report: Report) -> str:
    # inside an img, a picture's ids can't clash with another's, and its alt text is read
    return "data:image/svg+xml;base64," + base64.b64encode(draw.svg(drawn(figure, report)).encode("utf-8")).decode(
        "ascii"
    )
