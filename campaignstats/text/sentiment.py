"""Feeling words of a text, with what turns them round ("không"), raises them ("rất") or sets them aside ("nhưng")."""

from collections.abc import Sequence
from functools import cache
from math import log1p, tanh

from campaignstats.text.normalise import LEXICONS
from campaignstats.text.themes import Phrases

FEATURES = (
    *("net", "positive", "negative", "strongest_positive", "strongest_negative", "last", "after_contrast"),
    *("n_negated", "n_intensified"),
)
_REACH = 3  # words that a negator or intensifier reaches


@cache
def _polarity() -> Phrases:
    lines = (LEXICONS / "polarity.tsv").read_text(encoding="utf-8").splitlines()
    return Phrases((phrase, float(weight)) for phrase, weight in (line.split("\t")[:2] for line in lines))


@cache
def _modifiers() -> Phrases:
    lines = (LEXICONS / "modifiers.tsv").read_text(encoding="utf-8").splitlines()
    return Phrases((phrase, (kind, float(factor))) for phrase, kind, factor in (line.split("\t")[:3] for line in lines))


def features(text_words: Sequence[str], *, unaccented: bool) -> tuple[float, ...]:
    """The numbers of ``FEATURES``, each between about -2 and 3."""
    hits = _polarity().found(text_words, unaccented=unaccented)
    modifiers = _modifiers().found(text_words, unaccented=unaccented)
    contrast = max((end for _, end, (kind, size) in modifiers if kind == "con" and size >= 1), default=0)
    positive = negative = top = bottom = last = after = 0.0
    n_negated = n_raised = 0
    for start, end, weight in hits:
        factor = 1.0
        for m_start, m_end, (kind, size) in modifiers:
            if m_start >= start and m_end <= end:
                continue  # part of the phrase itself: "không tốt" is listed as it stands
            if kind == "neg" and 0 <= start - m_end < _REACH:
                factor *= 0.7 * size
                n_negated += 1
            elif kind in ("int", "dim") and (0 <= start - m_end < 2 or 0 <= m_start - end < 2):
                factor *= size
                n_raised += 1
            elif kind in ("hyp", "sug") and 0 <= start - m_end < 4:
                factor *= size
        value = weight * factor * (0.5 if contrast and end <= contrast else 1.0)
        if value > 0:
            positive += value
            top = max(top, value)
        else:
            negative -= value
            bottom = min(bottom, value)
        last = value
        if contrast and start >= contrast:
            after += value
    return (
        tanh((positive - negative) / 3),
        log1p(positive),
        log1p(negative),
        top / 3,
        bottom / 3,
        tanh(last / 2),
        tanh(after / 2),
        log1p(n_negated),
        log1p(n_raised),
    )
