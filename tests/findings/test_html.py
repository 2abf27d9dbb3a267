import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import result_tables as tables

from campaignstats.campaign import Bilingual
from campaignstats.findings import html, report


def page(lang: str = "vi", **changes: object) -> str:
    return html.page(report.report(tables.rich(), replace(tables.campaign(), **changes), lang=lang))  # type: ignore[arg-type]


def short(lang: str = "vi", **changes: object) -> str:
    """A page without pictures: quick to make."""
    return html.page(report.report(tables.poor(), replace(tables.campaign(), **changes), lang=lang))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def vietnamese() -> str:
    return page()


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_no_outside_host(vietnamese: str) -> None:
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", vietnamese))
    sources = [attrs.get("src") or attrs.get("href") for tag, attrs in _Tags(vietnamese).found]
    assert all(s.startswith(("data:image/svg+xml;base64,", "#")) for s in sources if s)


def test_no_script_runs(vietnamese: str) -> None:
    tags = [tag for tag, _ in _Tags(vietnamese).found]
    assert not {"script", "iframe", "object", "link", "form"} & set(tags)
    assert "&lt;script&gt;alert(" in vietnamese
    assert not [a for _, attrs in _Tags(vietnamese).found for a in attrs if a.startswith("on")]


def test_language_and_title(vietnamese: str) -> None:
    assert '<html lang="vi">' in vietnamese
    assert '<html lang="en">' in short("en")


def test_headings_in_order(vietnamese: str) -> None:
    levels = [int(tag[1]) for tag, _ in _Tags(vietnamese).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_tables_have_captions_and_scopes_and_pictures_words(vietnamese: str) -> None:
    found = _Tags(vietnamese).found
    count = [tag for tag, _ in found].count
    assert count("table") == count("caption") > 15
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in found if tag == "th")
    pictures = [attrs for tag, attrs in found if tag == "img"]
    assert len(pictures) == 11
    assert all(len(attrs["alt"] or "") > 30 for attrs in pictures)


def test_ids_are_unique_and_links_lead_somewhere(vietnamese: str) -> None:
    found = _Tags(vietnamese).found
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {(attrs["href"] or "")[1:] for tag, attrs in found if tag == "a"}
    assert links <= set(ids)


def test_synthetic_stands_on_the_page_and_on_every_printed_one(vietnamese: str) -> None:
    assert 'class="mark"' in vietnamese
    assert '@top-right { content: "Dữ liệu mô phỏng"' in vietnamese
    real = short(synthetic=False)
    assert "mô phỏng" not in real
    assert "@top-right" not in real


def test_a_hostile_campaign_name_is_text() -> None:
    made = short(name=Bilingual("</title><script>x()</script>", "x"), area=Bilingual('"><img src=x onerror=y>', "y"))
    assert "<script" not in made
    assert [tag for tag, attrs in _Tags(made).found if "onerror" in attrs] == []


def test_same_bytes_twice(vietnamese: str) -> None:
    assert page() == vietnamese


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_poor_campaign_is_a_page_of_honest_sentences(lang: str) -> None:
    made = html.page(report.report(tables.poor(), tables.campaign(), lang=lang))
    assert "<img" not in made
    assert {"vi": "Không đủ số liệu", "en": "Not enough data"}[lang] in made


def test_no_machine_path(vietnamese: str) -> None:
    assert "/work" not in vietnamese
    assert "/tmp" not in vietnamese
