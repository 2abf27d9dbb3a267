"""Texts -> tags after the label guide: themes, sentiment, stance, hostile, victim_blaming, help.

Word lists and linear models on n-grams of syllables and of words, trained by ``train.py`` on texts written for this
project; here only numpy, so that a text gets the same tags in any order and batch. The lists and weights know the
eight themes of the guide; a theme with another code is tagged by the phrases and hashtags that the campaign declares.

Measured by cross-validation on the seed: with underthesea's words beside the syllables, help rose by .04 F1, sentiment,
stance and victim_blaming by .01, and false themes fell by .015; words alone were worse than syllables alone.
"""

import csv
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import pairwise
from math import log1p, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from campaignstats.campaign import Theme
from campaignstats.errors import InputError, nearest
from campaignstats.text import sentiment
from campaignstats.text.normalise import LEXICONS, vietnamese_share
from campaignstats.text.themes import CODES, GAP, GROUPS, Phrases, analysed, declared, lists, mask_of, masked
from campaignstats.text.tokens import word_tokens

TAGGER = "lists+linear"
CODE_VERSION = "2"  # raise it whenever code changes tags; weights and lists are hashed
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
    *(f"long:{code}" for code in CODES),
    *(f"feeling:{name}" for name in sentiment.FEATURES),
    *("self", "you", "question", "exclamation", "length", "unaccented", "hashtags", *_MARKS),
)
# what is no evidence for a theme: hashtags, signs, length and feeling (emoji have some)
UNTHEMATIC = frozenset(
    {"question", "exclamation", "hashtags", "length", *_MARKS, *(f"feeling:{name}" for name in sentiment.FEATURES)}
)
_N_EVIDENCE = 2 * len(GROUPS) + len(CODES) + len(sentiment.FEATURES)  # the columns of DENSE that come from lists


@cache
def _hash() -> str:
    digest = hashlib.blake2b(f"{CODE_VERSION} {version('underthesea')}".encode(), digest_size=6)
    for file in [WEIGHTS, *sorted(LEXICONS.glob("*.tsv"))]:
        digest.update(file.read_bytes().replace(b"\r\n", b"\n") if file.suffix == ".tsv" else file.read_bytes())
    return digest.hexdigest()


def __getattr__(name: str) -> str:
    if name == "VERSION":  # read when asked for: the weights are rebuilt by train.py while this module is loaded
        return _hash()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Read(NamedTuple):
    """What the taggers see of a text."""

    words: list[str]  # syllables, ``normalise.words``, each hashtag as one
    tokens: list[str]  # underthesea's words of those syllables, hashtags and signs left out, inner spaces kept
    unaccented: bool


def read(texts: Iterable[object]) -> list[Read]:
    """Each text as the taggers see it; what is no text has no words."""
    return _with_tokens([analysed(text) for text in texts])


def _with_tokens(found: Sequence[tuple[list[str], bool]]) -> list[Read]:
    # cut from the spelled-out syllables, so that "ko" and "không" are the same word; an emoji would move the cuts
    tokens = word_tokens([" ".join(w for w in words if w[0].isalnum() or w == GAP) for words, _ in found])
    return [Read(words, cut, bare) for (words, bare), cut in zip(found, tokens, strict=True)]


def ngrams(text: Read) -> list[str]:
    """Syllable 1- to 3-grams joined by spaces, and 1- and 2-grams of words joined by "+"; none has a hashtag.

    Nearly every campaign post ends in hashtags, whatever it is about, and so do those of shops and fans.
    """
    words, tokens = [word for word in text.words if word[0] != "#"], text.tokens
    found = list(words)
    for n in range(2, _MAX_N + 1):
        found += [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
    found += ["+" + token for token in tokens]
    found += ["+" + first + "+" + second for first, second in pairwise(tokens)]
    return found


_SIGN = re.compile(r"(?:^|[ +])[^\w +]")


@lru_cache(200_000)
def has_sign(gram: str) -> bool:
    """Whether an n-gram has an emoji, an emoticon, "!", "?" or the mark of a link, a phone number or a person."""
    return _SIGN.search(gram) is not None


def dense(text_words: Sequence[str], *, unaccented: bool, own: dict[str, Phrases] | None = None) -> list[float]:
    """The numbers of ``DENSE``. ``own``: phrases that a campaign declares for the known themes, counted with ours."""
    n = sum(word[0].isalnum() for word in text_words) or 1
    counts, longest = [], []
    for group, phrases in lists().items():
        hits = phrases.found(text_words, unaccented=unaccented)
        count = len(hits)
        if own and group in own:
            spans = [(start, end) for start, end, _ in hits]
            for start, end, _ in own[group].found(text_words, unaccented=unaccented):
                count += not any(s < end and start < e for s, e in spans)
        counts.append(count)
        longest.append(max((end - start for start, end, _ in hits), default=0))
    return [
        *(log1p(min(c, 4)) for c in counts),
        *(c / sqrt(n) for c in counts),
        *(float(size >= 3) for size in longest[: len(CODES)]),  # a phrase of three syllables is seldom a coincidence
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
    texts: Iterable[Read], vocabulary: dict[str, int], *, own: dict[str, Phrases] | None = None
) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    """Which n-grams of the vocabulary each analysed text holds, its 1/√(number of n-grams), and ``DENSE``."""
    indices: list[int] = []
    starts = [0]
    scales: list[float] = []
    numbers: list[list[float]] = []
    for text in texts:
        grams = set(ngrams(text))
        scales.append(1 / sqrt(sum(not has_sign(gram) for gram in grams) or 1))
        indices += sorted(vocabulary[gram] for gram in grams if gram in vocabulary)
        starts.append(len(indices))
        numbers.append(dense(text.words, unaccented=text.unaccented, own=own))
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

    def scores(self, texts: Iterable[Read], *, own: dict[str, Phrases] | None = None) -> np.ndarray:
        """Log-odds of each output (texts × ``OUTPUTS``)."""
        counts, scales, numbers = matrices(texts, self.vocabulary, own=own)
        from_grams = (counts @ self.grams).astype(np.float64)
        from_grams[:, self.by_length] *= scales[:, None]
        found = from_grams + numbers @ self.dense + self.bias
        found[(np.diff(counts.indptr) == 0) & ~numbers[:, :_N_EVIDENCE].any(axis=1)] = np.nan
        return found


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

    A text with nothing to read (empty, only emoji or hashtags, not a string) or whose words are mostly not Vietnamese
    has none of the eight themes; emoji still carry sentiment.
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
    found = read(texts)
    over = _over_cut(found, own)
    names = {name: i for i, name in enumerate(OUTPUTS)}
    sentiments = over[:, [names[f"sentiment:{label}"] for label in SENTIMENTS]].argmax(axis=1)
    stances = over[:, [names[f"stance:{label}"] for label in STANCES]].argmax(axis=1)
    themes = _themes(found, over, codes, custom)

    themes_masked = list(themes)
    if blank is not None:
        kept = {i: masked(text.words, blank, unaccented=text.unaccented) for i, text in enumerate(found)}
        again = [i for i, words in kept.items() if words is not None]
        less = _with_tokens([(kept[i] or [], found[i].unaccented) for i in again])
        for i, cell in zip(again, _themes(less, _over_cut(less, own), codes, custom), strict=True):
            # less to read is never evidence for more: in a linear model a theme can step forward when another goes
            left = cell.split("|")
            themes_masked[i] = "|".join(code for code in themes[i].split("|") if code in left)

    tagged: list[tuple[str, ...]] = []
    for i, row in enumerate(over):
        empty = bool(np.isnan(row[0]))
        hostile = not empty and row[names["hostile"]] > 0
        tagged.append(
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
    return tagged


def _over_cut(texts: Sequence[Read], own: dict[str, Phrases]) -> np.ndarray:
    return model().scores(texts, own=own) - model().cuts


_VIETNAMESE = 0.5  # English, French and Spanish texts have up to half of words that could be Vietnamese syllables


def _themes(texts: Sequence[Read], over: np.ndarray, codes: Sequence[str], custom: dict[str, Phrases]) -> list[str]:
    column = {code: i for i, code in enumerate(CODES)}
    found = []
    for text, row in zip(texts, over, strict=True):
        vietnamese = vietnamese_share(text.words) > _VIETNAMESE
        here = []
        for code in codes:
            if code in custom:
                yes = bool(custom[code].found(text.words, unaccented=text.unaccented))
            else:
                yes = vietnamese and row[column[code]] > 0
            if yes:
                here.append(code)
        found.append("|".join(here))
    return found


ADDED = tuple(name for name in COLUMNS if name != "themes_masked")
_FIELD_LIMIT = 16 * 1024 * 1024


def tag_csv(
    in_path: str | os.PathLike[str],
    out_path: str | os.PathLike[str],
    *,
    themes: Sequence[Theme] | None = None,
    progress: Callable[[int], object] | None = None,
) -> int:
    """Write ``in_path`` with the columns of ``ADDED`` after its own; returns the number of rows.

    The file is UTF-8 (with or without byte order mark) or UTF-16 with one, delimited by comma, semicolon or tab; the
    copy keeps mark, delimiter, line ends, other columns, their values and the order of rows. Columns of those names
    that are there already stay where they are and get the new tags. ``progress`` is called with the rows done.
    The copy appears under its name only when it is whole. A file without a ``text`` column, or one that can't be read
    as such a table, or a place that can't be written to, is an ``InputError``.
    """
    source, target = Path(in_path), Path(out_path)
    if not source.is_file():
        raise InputError("text.no_file", path=str(source))
    if target.exists() and target.samefile(source):
        raise InputError("text.same_file", path=str(source))
    partial = target.with_name(target.name + ".part")
    before = csv.field_size_limit(_FIELD_LIMIT)
    try:
        n_rows = _copied_with_tags(source, partial, themes, progress)
        partial.replace(target)
    except UnicodeDecodeError as error:
        raise InputError("text.not_utf8", path=str(source), byte=error.start) from error
    except csv.Error as error:
        raise InputError("text.not_csv", path=str(source), problem=str(error)) from error
    except OSError as error:
        why = error.strerror or str(error)
        if error.filename == str(source):
            raise InputError("text.unreadable", path=str(source), why=why) from error
        raise InputError("not_writable", file=str(target), why=why) from error
    finally:
        csv.field_size_limit(before)
        partial.unlink(missing_ok=True)
    return n_rows


def _copied_with_tags(
    source: Path, target: Path, themes: Sequence[Theme] | None, progress: Callable[[int], object] | None
) -> int:
    with source.open("rb") as raw:
        head = raw.read(3)
    encoding = (
        "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig" if head[:3] == b"\xef\xbb\xbf" else "utf-8"
    )
    if not head:
        raise InputError("text.empty", path=str(source))
    with source.open(encoding=encoding, newline="") as file:
        first = file.readline()
    separator = max(",;\t", key=first.count)
    line_end = "\r\n" if first.endswith("\r\n") else "\n"
    with source.open(encoding=encoding, newline="") as file:
        table = csv.reader(file, delimiter=separator, strict=True)
        header = next(table, [])
        column = _text_column(header, source)
        places = {name: header.index(name) for name in ADDED if name in header}
        new = [name for name in ADDED if name not in places]
        with target.open("w", encoding=encoding, newline="") as out:
            writer = csv.writer(out, delimiter=separator, lineterminator=line_end)
            writer.writerow([*header, *new])
            n_rows = 0
            for rows in _chunks(table):
                found = tags([row[column] if column < len(row) else "" for row in rows], themes=themes)
                found_rows = found[list(ADDED)].to_dict("records")
                for row, tagged in zip(rows, found_rows, strict=True):
                    row += [""] * (len(header) - len(row))  # a short row must not pull the tags to the left
                    for name, place in places.items():
                        row[place] = tagged[name]
                    writer.writerow([*row[: len(header)], *(tagged[name] for name in new), *row[len(header) :]])
                n_rows += len(rows)
                if progress is not None:
                    progress(n_rows)
    return n_rows


def _text_column(header: list[str], source: Path) -> int:
    names = [name.strip() for name in header]
    if "text" in names:
        return names.index("text")
    small = {name.lower(): name for name in names}
    usual = (small[name] for name in ("text", "message", "comment", "nội dung", "noi dung") if name in small)
    alike = next(usual, None) or nearest("text", names)
    key = "text.no_text_column_like" if alike else "text.no_text_column"
    raise InputError(key, path=str(source), columns=", ".join(repr(n) for n in names), like=alike or "")


def _chunks(table: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for row in table:
        if not row:
            continue  # an empty line is no record
        rows.append(row)
        if len(rows) == _CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows
