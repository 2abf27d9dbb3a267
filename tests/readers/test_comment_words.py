"""Every reason that these readers can give has its sentence in both languages."""

import ast
from pathlib import Path

import pytest

from campaignstats import readers, words

MODULES = (
    *("youtube_api", "exportcomments", "zeeschuimer", "mapped", "commune_form", "typed"),
    *("items", "apify", "fourcat", "youtube_data_tools", "facepager"),
)
FIRST = {
    *("yt_api", "exportcomments", "zeeschuimer", "mapped", "commune_form", "typed"),
    *("items", "apify", "fourcat", "ytdt", "facepager"),
}


def _keys(module: str) -> set[str]:
    tree = ast.parse((Path(readers.__path__[0]) / f"{module}.py").read_text(encoding="utf-8"))
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {t for t in texts if t.split(".")[0] in FIRST and t.count(".") == 1 and not t.endswith(".")}


@pytest.mark.parametrize("module", MODULES)
def test_every_key_has_its_words(module: str) -> None:
    keys = _keys(module)
    assert keys
    missing = {k for k in keys if not any(words.has(f"{room}.{k}") for room in ("rule", "note", "skip"))}
    assert not missing


def test_no_words_that_no_reader_says() -> None:
    said = set().union(*map(_keys, MODULES))
    written = {
        key.split(".", 1)[1]
        for key in words.catalogue()
        if key.split(".")[0] in ("rule", "note", "skip") and key.split(".")[1] in FIRST
    }
    assert {k for k in written if not k.startswith("yt_api.error.")} == said - {"yt_api.error"}


def test_every_refusal_says_what_to_do() -> None:
    rules = {k.removeprefix("rule.") for k in words.catalogue() if k.startswith("rule.") and k.split(".")[1] in FIRST}
    # for these the general advice holds: download again, and don't open the file in a spreadsheet
    general = {"exportcomments.no_header", "yt_api.not_a_comment", "yt_api.error.other"}
    assert {r for r in rules if not words.has(f"advice.{r}")} == general
