"""What the README tells a newcomer is so: its commands exist, its links lead somewhere, its code runs."""

import re
from pathlib import Path

import pytest

from campaignstats.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    told = set(re.findall(r"^\| `(\w+)", README, re.M))
    assert told == set(main.commands)
    for name, rest in re.findall(r"campaignstats (\w+)([^`\n#]*)", README):
        if name in main.commands:
            known = {o for p in main.commands[name].params for o in p.opts} | {"--help"}
            assert set(re.findall(r"--[\w-]+", rest)) <= known, (name, rest)


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for page in PAGES:
        assert set(re.findall(r"`make (\w+)", page.read_text(encoding="utf-8"))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_reader_is_in_the_formats_page() -> None:
    from campaignstats.readers.base import registry

    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [name for name in registry() if f"`{name}`" not in page] == []


def test_every_measure_is_in_the_measures_page() -> None:
    from campaignstats.measures import MEASURES

    page = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    assert [name for name in MEASURES if f"`{name}`" not in page] == []


def test_the_python_of_the_readme_runs(sample: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    exec(compile(code.replace("data/dong-nai-2025", str(sample)), "README.md", "exec"), {})
