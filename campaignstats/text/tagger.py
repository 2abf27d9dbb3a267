"""Texts -> tags after the label guide: themes, sentiment, stance, hostile, victim_blaming, help.

Word lists and linear models on syllable 1- to 3-grams, trained by ``train.py`` on texts written for this project; here
only numpy, so that the same text gets the same tags on any machine, in any order and batch. The lists and weights know
the eight themes of the guide; a theme with another code is tagged by the phrases and hashtags that the campaign
declares for it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from math import log1p, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from campaignstats.campaign import Theme
from campaignstats.text import sentiment
from campaignstats.text.normalise import LEXICONS
from campaignstats.text.themes import CODES, GROUPS, Phrases, analysed, declared, lists, mask_of, masked

TAGGER = "lists+linear"
CODE_VERSION = "1"  # raise it whenever code changes tags; weights and lists are hashed
WEIGHTS = Path(__file__).parent / "weights.npz"

COLUMNS = ("themes", "themes_masked", "sentiment", "stance", "hostile", "victim_blaming", "help")
SENTIMENTS = ("negative", "neutral", "positive")
STANCES = ("none", "oppose", "support")
HOSTILES = ("no", "offensive", "hateful")
# the models' outputs, in the order of the columns of the weights
OUTPUTS = (
    *(f"theme:{code}" for code in CODES),
    *(f"sentiment:{label}" for label in SENTIMENTS),
    *(f"stance:{label}" for label in STANCES),
    *("hostile", "hateful", "victim_blaming", "help"),
)
_MAX_N = 3
_SELF = frozenset(["em", "tôi", "mình", "tui", "con", "cháu", "toi", "minh", "chau"])
_YOU = frozenset(["mày", "may", "chúng", "tụi", "tụi"])
_MARKS = ("⟨điện thoại⟩", "⟨liên kết⟩", "⟨người dùng⟩")
DENSE = (
    *(f"hits:{group}" for group in GROUPS),
    *(f"density:{group}" for group in GROUPS),
    *(f"feeling:{name}" for name in sentiment.FEATURES),
    *("self", "you", "question", "exclamation", "length", "unaccented", "hashtags", *_MARKS),
)


@cache
def _hash() -> str:
    digest = hashlib.blake2b(CODE_VERSION.encode(), digest_size=6)
    for file in [WEIGHTS, *sorted(LEXICONS.glob("*.tsv"))]:
        digest.update(file.read_bytes().replace(b"\r\n", b"\n") if file.suffix == ".tsv" else file.read_bytes())
    return digest.hexdigest()


def __getattr__(name: str) -> str:
    if name == "VERSION":  # read when asked for: the weights are rebuilt by train.py while this module is loaded
        return _hash()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def ngrams(text_words: Sequence[str]) -> list[str]:
    """Syllable 1- to 3-grams, joined by spaces."""
    found = list(text_words)
    for n in range(2, _MAX_N + 1):
        found += [" ".join(text_words[i : i + n]) for i in range(len(text_words) - n + 1)]
    return found


def dense(text_words: Sequence[str], *, unaccented: bool, own: dict[str, Phrases] | None = None) -> list[float]:
    """The numbers of ``DENSE``. ``own``: phrases that a campaign declares for the known themes, counted with ours."""
    n = len(text_words) or 1
    counts = []
    for group, phrases in lists().items():
        hits = phrases.found(text_words, unaccented=unaccented)
        count = len(hits)
        if own and group in own:
            spans = [(start, end) for start, end, _ in hits]
            for start, end, _ in own[group].found(text_words, unaccented=unaccented):
                count += not any(s < end and start < e for s, e in spans)
        counts.append(count)
    return [
        *(log1p(min(c, 4)) for c in counts),
        *(c / sqrt(n) for c in counts),
        *sentiment.features(text_words, unaccented=unaccented),
        log1p(sum(w in _SELF for w in text_words)),
        log1p(sum(w in _YOU for w in text_words)),
        float("?" in text_words),
        log1p(min(text_words.count("!"), 5)),
        log1p(n) / 3,
        float(unaccented),
        log1p(sum(w[0] == "#" for w in text_words)),
        *(log1p(text_words.count(mark)) for mark in _MARKS),
    ]


def matrices(
    texts: Iterable[tuple[list[str], bool]], vocabulary: dict[str, int], *, own: dict[str, Phrases] | None = None
) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Which n-grams of the vocabulary stand in each analysed text, each text's 1/√(number of n-grams), and ``DENSE``."""
    indices: list[int] = []
    starts = [0]
    scales: list[float] = []
    numbers: list[list[float]] = []
    for text_words, unaccented in texts:
        grams = set(ngrams(text_words))
        scales.append(1 / sqrt(len(grams) or 1))
        indices += sorted(vocabulary[gram] for gram in grams if gram in vocabulary)
        starts.append(len(indices))
        numbers.append(dense(text_words, unaccented=unaccented, own=own))
    shape = (len(numbers), len(vocabulary))
    counts = csr_matrix((np.ones(len(indices), np.float32), np.array(indices, np.int32), np.array(starts)), shape=shape)
    return counts, np.array(scales), np.array(numbers, np.float64).reshape(len(numbers), len(DENSE))


class Model:
    """Weights of one linear model per output, with the cut above which each yes/no output is a yes."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        with np.load(path, allow_pickle=False) as stored:
            words = bytes(stored["vocabulary"]).decode().split("\n")
            self.vocabulary = {gram: i for i, gram in enumerate(words)}
            self.grams = stored["grams"].astype(np.float32) * stored["gram_scale"].astype(np.float32)
            self.dense = stored["dense"].astype(np.float64)
            self.bias = stored["bias"].astype(np.float64)
            self.cuts = stored["cuts"].astype(np.float64)
            self.by_length = stored["by_length"].astype(bool)

    def scores(self, texts: Iterable[tuple[list[str], bool]], *, own: dict[str, Phrases] | None = None) -> np.ndarray:
        """Log-odds of each output (texts × ``OUTPUTS``)."""
        counts, scales, numbers = matrices(texts, self.vocabulary, own=own)
        from_grams = (counts @ self.grams).astype(np.float64)
        from_grams[:, self.by_length] *= scales[:, None]
        return from_grams + numbers @ self.dense + self.bias


@cache
def model() -> Model:
    return Model()


_CHUNK = 2048


def tags(
    texts: Sequence[str | None], *, themes: Sequence[Theme] | None = None, mask: Sequence[str] = ()
) -> pd.DataFrame:
    """One row per text, in order, with the columns of ``COLUMNS``.

    themes: the themes to look for, None for the eight of the guide. For those eight the declared phrases and hashtags
    add to the model's evidence; any other code is tagged where one of its phrases or hashtags stands.
    mask: phrases and hashtags (the campaign's name, slogan) that are blanked before ``themes_masked``.

    A text with nothing to read (empty, only emoji, not a string) has no theme; emoji still carry sentiment.
    """
    codes = CODES if themes is None else tuple(t.code for t in themes)
    phrases = {} if themes is None else declared(tuple(themes))
    own = {code: found for code, found in phrases.items() if code in CODES}
    custom = {code: found for code, found in phrases.items() if code not in CODES}
    blank = mask_of(tuple(mask)) if mask else None

    distinct = list(dict.fromkeys(t if isinstance(t, str) else "" for t in texts))
    rows: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(distinct), _CHUNK):
        chunk = distinct[start : start + _CHUNK]
        rows.update(zip(chunk, _tagged(chunk, codes, own, custom, blank), strict=True))
    return pd.DataFrame([rows[t if isinstance(t, str) else ""] for t in texts], columns=list(COLUMNS), dtype="str")


def _tagged(
    texts: Sequence[str],
    codes: Sequence[str],
    own: dict[str, Phrases],
    custom: dict[str, Phrases],
    blank: Phrases | None,
) -> list[tuple[str, ...]]:
    read = [analysed(text) for text in texts]
    over = _over_cut(read, own)
    names = {name: i for i, name in enumerate(OUTPUTS)}
    sentiments = over[:, [names[f"sentiment:{label}"] for label in SENTIMENTS]].argmax(axis=1)
    stances = over[:, [names[f"stance:{label}"] for label in STANCES]].argmax(axis=1)
    themes = _themes(read, over, codes, custom)

    unmasked = {i: masked(words, blank, unaccented=bare) for i, (words, bare) in enumerate(read)} if blank else {}
    again = [i for i, words in unmasked.items() if words is not None]
    themes_masked = list(themes)
    if again:
        less = [(unmasked[i] or [], read[i][1]) for i in again]
        for i, found in zip(again, _themes(less, _over_cut(less, own), codes, custom), strict=True):
            themes_masked[i] = found

    found = []
    for i, (words, _) in enumerate(read):
        row = over[i]
        empty = not words
        hostile = not empty and row[names["hostile"]] > 0
        found.append(
            (
                themes[i],
                themes_masked[i],
                "neutral" if empty else SENTIMENTS[sentiments[i]],
                "none" if empty else STANCES[stances[i]],
                ("hateful" if row[names["hateful"]] > 0 else "offensive") if hostile else "no",
                "yes" if not empty and row[names["victim_blaming"]] > 0 else "no",
                "yes" if not empty and row[names["help"]] > 0 else "no",
            )
        )
    return found


def _over_cut(read: Sequence[tuple[list[str], bool]], own: dict[str, Phrases]) -> np.ndarray:
    return model().scores(read, own=own) - model().cuts


def _themes(
    read: Sequence[tuple[list[str], bool]], over: np.ndarray, codes: Sequence[str], custom: dict[str, Phrases]
) -> list[str]:
    column = {code: i for i, code in enumerate(CODES)}
    found = []
    for (words, bare), row in zip(read, over, strict=True):
        readable = any(word[0].isalnum() or word[0] == "#" for word in words)
        here = []
        for code in codes if readable else ():
            yes = custom[code].found(words, unaccented=bare) if code in custom else row[column[code]] > 0
            if yes:
                here.append(code)
        found.append("|".join(here))
    return found
