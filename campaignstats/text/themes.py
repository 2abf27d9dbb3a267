"""Phrases in texts: the word lists behind the tags, a campaign's own themes, and what is masked.

Phrases match whole syllables only ("111" is not in "1.111.000"), in one spelling (``normalise.words``), and without
accents only where the text itself has none. A hashtag that spells a whole phrase, with or without accents, is that
phrase; nothing else is read from hashtags.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from campaignstats.campaign import Theme
from campaignstats.text.normalise import LEXICONS, folded, is_unaccented, words

CODES = (
    "equality",
    "digital_skills",
    "online_violence",
    "violence",
    "support",
    "community",
    "opportunity",
    "amplify",
)
# lists that are evidence for other tags
GROUPS = (*CODES, "abuse", "slur", "threat", "blame", "help", "oppose", "praise")

GAP = "⟨⟩"  # stands where something was masked; no phrase crosses it
_END = ""  # key of a trie node that holds what the phrase says; never a word


class Phrases:
    """Phrases of words with a value each, found in a list of words from left to right, the longest first."""

    def __init__(self, phrases: Iterable[tuple[str, Any]]) -> None:
        self._accented: dict[str, Any] = {}
        self._bare: dict[str, Any] = {}
        for phrase, value in phrases:
            parts = words(phrase)[:1] if phrase.startswith("#") else words(phrase)
            if not parts:
                continue
            bare = [folded(part) for part in parts]
            _grow(self._accented, parts, value)
            _grow(self._bare, bare, value)
            if not phrase.startswith("#") and len(parts) > 1:
                for trie in (self._accented, self._bare):
                    _grow(trie, ["#" + "".join(bare)], value)

    def found(self, text_words: Sequence[str], *, unaccented: bool) -> list[tuple[int, int, Any]]:
        """Start, end and value of each phrase, without overlaps."""
        trie = self._bare if unaccented else self._accented
        hits = []
        start, n = 0, len(text_words)
        while start < n:
            node = trie.get(text_words[start])
            if node is None:
                start += 1
                continue
            end, value, at = 0, None, start + 1
            while node is not None:
                if _END in node:
                    end, value = at, node[_END]
                if at == n:
                    break
                node = node.get(text_words[at])
                at += 1
            if end:
                hits.append((start, end, value))
                start = end
            else:
                start += 1
        return hits


def _grow(trie: dict[str, Any], parts: list[str], value: Any) -> None:
    for part in parts:
        trie = trie.setdefault(part, {})
    trie.setdefault(_END, value)  # the first of equal spellings wins


@cache
def lists() -> dict[str, Phrases]:
    """The shipped phrase lists by group."""
    phrases: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
    for line in (LEXICONS / "phrases.tsv").read_text(encoding="utf-8").splitlines():
        group, phrase = line.split("\t")
        phrases[group].append((phrase, group))
    return {group: Phrases(found) for group, found in phrases.items()}


@cache
def declared(themes: tuple[Theme, ...]) -> dict[str, Phrases]:
    """The phrases and hashtags that a campaign declares, by theme code, in its order."""
    return {t.code: Phrases((p, t.code) for p in (*t.phrases, *_hashtags(t.hashtags))) for t in themes}


def _hashtags(tags: Iterable[str]) -> list[str]:
    return ["#" + tag.lstrip("#") for tag in tags]


@cache
def mask_of(phrases: tuple[str, ...]) -> Phrases:
    """What to blank before ``themes_masked``: the campaign's own name, slogan and hashtags."""
    return Phrases((p, True) for p in phrases)


def masked(text_words: list[str], mask: Phrases, *, unaccented: bool) -> list[str] | None:
    """The words with every masked phrase replaced by a gap that no phrase crosses; None where nothing was masked."""
    hits = mask.found(text_words, unaccented=unaccented)
    if not hits:
        return None
    kept: list[str] = []
    at = 0
    for start, end, _ in hits:
        kept += text_words[at:start]
        kept.append(GAP)
        at = end
    return kept + text_words[at:]


def analysed(text: object) -> tuple[list[str], bool]:
    """The words of a text and whether it has no accents; what is no text has no words.

    A hashtag is one word, so that a declared phrase is found in it only where it is the whole hashtag.
    """
    if not isinstance(text, str) or not text:
        return [], True
    return words(text, hashtag_words=False), is_unaccented(text[:4000])
