"""Rebuilds ``weights.npz`` from ``seed/``: ``python -m campaignstats.text.train``. The same bytes every time.

The only place that needs scikit-learn. Every text is learnt twice, as written and without accents; themes also from
random chains of texts, so that long posts about something else do not collect false themes. Cuts come from texts that
the model has not seen, near-copies kept together.
"""

import csv
import io
import random
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from campaignstats.text import tagger
from campaignstats.text.normalise import folded
from campaignstats.text.themes import CODES, analysed

SEED = Path(__file__).parent / "seed"
FOLDS = 5
# smaller means smoother; chosen once by cross-validation on the seed
STRENGTH = {
    "theme": 12.0,
    "sentiment": 1.0,
    "stance": 1.0,
    "hostile": 4.0,
    "hateful": 4.0,
    "victim_blaming": 2.0,
    "help": 2.0,
}
# below 1 a false yes weighs more: a theme that isn't there misleads a report, a call for help not seen is worse than
# one more text for a person to read
BETA = {"theme": 0.5, "help": 1.5}
BY_LENGTH = frozenset({"theme", "hostile", "hateful"})
GRAM_WEIGHT = {True: 1.0, False: 0.3}
CHAINS = 500


@dataclass(frozen=True)
class Example:
    text: str
    themes: frozenset[str]
    sentiment: str
    stance: str
    hostile: str
    victim_blaming: str
    help: str
    group: int = -1
    weight: float = 1.0
    parts: tuple[str, ...] = ()  # a chain of these texts, for the themes only


def examples(
    paths: Sequence[Path] = (SEED / "seed.csv", SEED / "rows.csv", SEED / "announcements.csv", SEED / "posts.csv"),
) -> list[Example]:
    """The seed's labelled texts, near-copies sharing a ``group``."""
    rows = []
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows += list(csv.DictReader(file))
    groups = near_copies([row["text"] for row in rows])
    return [
        Example(
            row["text"],
            frozenset(filter(None, row["theme"].split("|"))),
            row["sentiment"],
            row["stance"],
            row["hostile"],
            row["victim_blaming"],
            row["help"],
            group=group,
        )
        for row, group in zip(rows, groups, strict=True)
    ]


def near_copies(texts: Sequence[str], *, overlap: float = 0.6) -> list[int]:
    """A number per text, equal for texts that share ``overlap`` of their syllables (accents aside), chained."""
    sets = [frozenset(map(folded, analysed(text)[0])) for text in texts]
    known: dict[str, int] = {}
    for words in sets:
        for word in sorted(words):
            known.setdefault(word, len(known))
    rows = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    columns = np.array([known[w] for s in sets for w in sorted(s)], np.int64)
    incidence = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(sets), len(known)))
    shared = (incidence @ incidence.T).tocoo()
    sizes = np.array([len(s) for s in sets])
    union = sizes[shared.row] + sizes[shared.col] - shared.data
    parent = list(range(len(sets)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in zip(*(side[shared.data >= overlap * union] for side in (shared.row, shared.col)), strict=True):
        a, b = sorted((root(int(i)), root(int(j))))
        parent[b] = a
    return [root(i) for i in range(len(sets))]


def folds(found: Sequence[Example], *, n: int = FOLDS) -> np.ndarray:
    """The fold of each example: whole groups, by a seeded shuffle."""
    groups = sorted({e.group for e in found})
    random.Random(1).shuffle(groups)
    place = {group: i % n for i, group in enumerate(groups)}
    return np.array([place[e.group] for e in found])


def enlarged(found: Sequence[Example]) -> list[Example]:
    """The examples, each once more without accents, and chains of several for the themes."""
    bare = [Example(**{**e.__dict__, "text": folded(e.text), "weight": 0.5}) for e in found if folded(e.text) != e.text]
    draw = random.Random(2)
    without = [e for e in found if not e.themes]
    chains = []
    for i in range(CHAINS if len(without) > 10 else 0):
        parts = draw.sample(without, draw.randint(3, 8))
        if i % 2:
            subject = draw.choice(found)
            same = [e for e in found if subject.themes & e.themes] or [subject]
            parts = draw.sample(parts, 3) + [draw.choice(same) for _ in range(draw.randint(2, 4))]
            draw.shuffle(parts)
        themes = frozenset().union(*(p.themes for p in parts))
        texts = tuple(folded(p.text) if i % 4 == 3 else p.text for p in parts)
        chains.append(Example("", themes, "neutral", "none", "no", "no", "no", weight=0.7, parts=texts))
    return [*found, *bare, *chains]


def vocabulary_of(found: Sequence[Example], texts: Sequence[tagger.Read]) -> dict[str, int]:
    """The n-grams that at least two examples hold, chains aside."""
    seen: Counter[str] = Counter()
    for example, text in zip(found, texts, strict=True):
        if not example.parts:
            seen.update(set(tagger.ngrams(text)))
    return {gram: i for i, gram in enumerate(sorted(gram for gram, n in seen.items() if n >= 2 and "\n" not in gram))}


def truth(found: Sequence[Example]) -> dict[str, np.ndarray]:
    """0/1 for each output."""
    known = {f"theme:{code}": [code in e.themes for e in found] for code in CODES}
    known |= {f"sentiment:{label}": [e.sentiment == label for e in found] for label in tagger.SENTIMENTS}
    known |= {f"stance:{label}": [e.stance == label for e in found] for label in tagger.STANCES}
    known |= {
        "hostile": [e.hostile != "no" for e in found],
        "hateful": [e.hostile == "hateful" for e in found],
        "victim_blaming": [e.victim_blaming == "yes" for e in found],
        "help": [e.help == "yes" for e in found],
    }
    return {name: np.array(values, int) for name, values in known.items()}


_READ: dict[str, tagger.Read] = {}  # cutting words is the slow part, and each fold sees the same texts


def reads(found: Sequence[Example]) -> list[tagger.Read]:
    """Each example as the taggers see it; a chain is its parts side by side."""
    pieces = [e.parts or (e.text,) for e in found]
    new = sorted({text for texts in pieces for text in texts} - set(_READ))
    _READ.update(zip(new, tagger.read(new), strict=True))
    return [
        tagger.Read(
            [word for text in texts for word in _READ[text].words],
            [token for text in texts for token in _READ[text].tokens],
            all(_READ[text].unaccented for text in texts),
        )
        for texts in pieces
    ]


@dataclass
class Fitted:
    vocabulary: dict[str, int]
    grams: np.ndarray
    dense: np.ndarray
    bias: np.ndarray
    by_length: np.ndarray

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        counts, scales, numbers = tagger.matrices(tagger.read(texts), self.vocabulary)
        from_grams = counts @ self.grams
        from_grams[:, self.by_length] *= scales[:, None]
        return from_grams + numbers @ self.dense + self.bias


def fitted(found: Sequence[Example]) -> Fitted:
    """One logistic regression per output on ``found``, enlarged."""
    rows = enlarged(found)
    seen = reads(rows)
    vocabulary = vocabulary_of(rows, seen)
    counts, scales, numbers = tagger.matrices(seen, vocabulary)
    weights = np.array([e.weight for e in rows])
    whole = np.array([not e.parts for e in rows])
    answers = truth(rows)
    grams = np.zeros((len(vocabulary), len(tagger.OUTPUTS)))
    dense = np.zeros((len(tagger.DENSE), len(tagger.OUTPUTS)))
    bias = np.zeros(len(tagger.OUTPUTS))
    by_length = np.array([name.split(":")[0] in BY_LENGTH for name in tagger.OUTPUTS])
    # a link, a hashtag or an emoji says nothing about the theme
    thematic = np.array(
        [not tagger.has_sign(gram) for gram in vocabulary] + [name not in tagger.UNTHEMATIC for name in tagger.DENSE],
        float,
    )
    for column, name in enumerate(tagger.OUTPUTS):
        head = name.split(":")[0]
        factor = GRAM_WEIGHT[head in BY_LENGTH]
        scaled = counts.multiply(scales[:, None]).tocsr() * factor if head in BY_LENGTH else counts * factor
        use = np.ones(len(rows), bool) if head == "theme" else whole
        features = hstack([scaled, csr_matrix(numbers)]).tocsr()[use]
        if head == "theme":
            features = features.multiply(thematic).tocsr()
        y = answers[name][use]
        # rare answers count more, but not as much as "balanced": the cut does the rest
        rare = np.sqrt((len(y) - y.sum()) / max(y.sum(), 1))
        regression = LogisticRegression(C=STRENGTH[head], solver="liblinear", random_state=0, max_iter=1000, tol=1e-2)
        regression.fit(features, y, sample_weight=weights[use] * np.where(y == 1, max(rare, 1.0), 1.0))
        grams[:, column] = regression.coef_[0, : len(vocabulary)] * factor
        dense[:, column] = regression.coef_[0, len(vocabulary) :]
        bias[column] = regression.intercept_[0]
    return Fitted(vocabulary, grams, dense, bias, by_length)


def unseen_scores(found: Sequence[Example], texts: Sequence[str] | None = None) -> np.ndarray:
    """Scores of each example by a model that saw neither it nor its near-copies; of ``texts`` in its place if given."""
    place = folds(found)
    written = [e.text for e in found] if texts is None else list(texts)
    scores = np.zeros((len(found), len(tagger.OUTPUTS)))
    for fold in range(FOLDS):
        inside = place == fold
        trained = fitted([e for e, out in zip(found, inside, strict=True) if not out])
        scores[inside] = trained.scores([t for t, out in zip(written, inside, strict=True) if out])
    return scores


def best_cut(scores: np.ndarray, answers: np.ndarray, *, beta: float = 1.0) -> float:
    """The cut with the highest F-beta on unseen texts; beta below 1 prefers precision."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(answers[order])
    n = np.arange(1, len(order) + 1)
    f = (1 + beta**2) * hits / (beta**2 * answers.sum() + n)
    at = int(np.argmax(f))
    below = scores[order[at + 1]] if at + 1 < len(order) else scores[order[at]] - 1
    return float((scores[order[at]] + below) / 2)


def cuts_of(scores: np.ndarray, answers: dict[str, np.ndarray]) -> np.ndarray:
    """The cut of each yes/no output; 0 for those that are chosen by the highest score."""
    cuts = np.zeros(len(tagger.OUTPUTS))
    for column, name in enumerate(tagger.OUTPUTS):
        if ":" not in name or name.startswith("theme:"):
            cuts[column] = best_cut(scores[:, column], answers[name], beta=BETA.get(name.split(":")[0], 1.0))
    return cuts


def stored(model: Fitted, cuts: np.ndarray) -> bytes:
    """The file: n-gram weights in 8 bits, everything else in 32."""
    scale = np.maximum(np.abs(model.grams).max(axis=0), 1e-9) / 127
    arrays = {
        "vocabulary": np.frombuffer("\n".join(model.vocabulary).encode(), np.uint8),
        "grams": np.rint(model.grams / scale).astype(np.int8),
        "gram_scale": scale.astype(np.float32),
        "dense": model.dense.astype(np.float32),
        "bias": model.bias.astype(np.float32),
        "cuts": cuts.astype(np.float32),
        "by_length": model.by_length,
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            inner = io.BytesIO()
            np.lib.format.write_array(inner, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), inner.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return target.getvalue()


def weights() -> bytes:
    """The content of ``weights.npz``, from the seed."""
    found = examples()
    cuts = cuts_of(unseen_scores(found), truth(found))
    return stored(fitted(found), cuts)


if __name__ == "__main__":
    tagger.WEIGHTS.write_bytes(weights())
    print(f"{tagger.WEIGHTS.name}: {tagger.WEIGHTS.stat().st_size:,} bytes, version {tagger.VERSION}")
