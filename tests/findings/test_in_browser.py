"""The page in a real browser: two A4 pages before the annex, no request to any host, no wider than a phone."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from campaignstats import publish

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and shutil.which("pdftotext")) and not os.environ.get("CI"),
        reason="needs Chromium and poppler-utils (.ci/run installs them)",
    ),
]


@pytest.fixture(scope="module", params=["vi", "en"])
def page(request: pytest.FixtureRequest, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from campaignstats.findings import html

    file = tmp_path_factory.mktemp("page") / f"{request.param}.html"
    file.write_text(html.page(publish.evaluation(sample, request.param).report), encoding="utf-8")
    return file


def browser(place: Path, *arguments: str) -> str:
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={place / 'profile'}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_front_is_two_pages_of_a4(page: Path) -> None:
    pdf = page.with_suffix(".pdf")
    browser(page.parent, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())
    pages = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")
    annex = {"vi": "Phụ lục", "en": "Annex"}[page.stem]
    (first,) = [n for n, text in enumerate(pages, 1) if re.search(rf"^\s*{annex}\s*$", text, re.M)][:1]
    assert first == 3


def test_nothing_is_fetched_and_nothing_sticks_out_of_a_phone(page: Path) -> None:
    probe = page.with_name(f"{page.stem}-probe.html")
    script = (
        "<script>document.title = [document.documentElement.scrollWidth, innerWidth,"
        " performance.getEntriesByType('resource').filter(e => !e.name.startsWith('data:')).length].join(' ')</script>"
    )
    text = page.read_text(encoding="utf-8")
    # the page allows no script of its own; the probe's is let in for the test
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    probe.write_text(text.replace("</body>", script + "</body>"), encoding="utf-8")
    dom = browser(page.parent, "--window-size=390,900", "--dump-dom", probe.as_uri())
    width, window, fetched = map(int, re.search(r"<title>(\d+) (\d+) (\d+)</title>", dom).groups())
    assert fetched == 0
    assert width <= max(window, 500)  # the browser's own narrowest window
