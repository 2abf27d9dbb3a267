"""Step: untagged texts -> text/ -> tags."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from campaignstats import engine
from campaignstats.campaign import Campaign, Theme
from campaignstats.store import Store, rows
from campaignstats.text import reception, tagger
from campaignstats.text.normalise import folded, words

_WORTH_PROCESSES = 50_000  # texts
_VERSION = 2  # raise it when this module's own part of the tags changes
_HASHTAG = re.compile(r"#\w+")


@dataclass(frozen=True)
class TagReport:
    """``n_tagged`` items were tagged now, ``n_known`` had their tags; ``n_empty`` hold no text."""

    n_tagged: int
    n_known: int
    n_empty: int


@dataclass(frozen=True)
class _Task:
    tables: Path
    sha: str
    stamp: str
    tagger: str
    themes: tuple[Theme, ...]
    mask: tuple[str, ...]


def tag_stamp(campaign: Campaign) -> str:
    """The version of the tags: of the tagger, and of what the campaign declares for it."""
    depends = (_VERSION, tagger.TAGGER, tagger.VERSION, campaign.themes, masked_phrases(campaign))
    return hashlib.sha256(repr(depends).encode()).hexdigest()[:12]


def masked_phrases(campaign: Campaign) -> tuple[str, ...]:
    """The campaign's own name and slogan, which would carry its themes into every text that only names it."""
    official = (campaign.name.vi, campaign.name.en, campaign.slogan.vi, campaign.slogan.en)
    return tuple(p for p in (*official, *campaign.also_called) if p)


def tag(
    campaign: Campaign, *, processes: int | None = None, on_part: Callable[[int, int], None] | None = None
) -> TagReport:
    """Tag every gathered post and comment that has no tags of this version; a stopped run goes on where it was."""
    store = Store(campaign.tables)
    stamp, mask = tag_stamp(campaign), masked_phrases(campaign)
    n_tagged = n_known = n_empty = 0
    with store.lock():
        tasks = []
        n_texts = 0
        for source in rows(store.sources()):
            texts = {t: store.part(t, source.source, source.stamp) for t in ("post", "comment")}
            n_with = sum(int(f["text"].fillna("").str.strip().ne("").sum()) for f in texts.values())
            n_empty += sum(len(f) for f in texts.values()) - n_with
            if not n_with:
                continue
            if store.has_tags(source.source, source.stamp, stamp):
                store.keep_tags(source.source, source.stamp, stamp)
                n_known += n_with
            else:
                task = _Task(campaign.tables, source.source, source.stamp, stamp, campaign.themes, mask)
                tasks.append((n_with, task))
                n_texts += n_with
        tasks.sort(key=lambda t: -t[0])
        n = processes if n_texts > _WORTH_PROCESSES else 1
        for done, (_, count) in enumerate(engine.results(_tag_source, [t for _, t in tasks], processes=n), 1):
            n_tagged += count
            if on_part:
                on_part(done, len(tasks))
    return TagReport(n_tagged, n_known, n_empty)


def untagged_sources(campaign: Campaign) -> int:
    """How many sources hold texts but no tags of the version that ``tag`` would give them now."""
    store, stamp = Store(campaign.tables), tag_stamp(campaign)
    without = [s for s in rows(store.sources()) if not store.has_tags(s.source, s.stamp, stamp)]
    parts = ((store.part(kind, s.source, s.stamp) for kind in ("post", "comment")) for s in without)
    return sum(any(f["text"].fillna("").str.strip().ne("").any() for f in of_source) for of_source in parts)


def text_key(text: str, *, shortest: int = 1) -> str | None:
    """Equal for texts that differ only in case, accents, signs, numbers, links and hashtags; None for shorter ones.

    An institution that copies the province's text changes the date and the hashtags and little else.
    """
    read = [w for w in words(folded(_HASHTAG.sub(" ", text))) if w.isalpha()]
    return hashlib.sha256(" ".join(read).encode()).hexdigest()[:16] if len(read) >= shortest else None


def _tag_source(task: _Task) -> int:
    store = Store(task.tables)
    found: list[dict[str, Any]] = []
    for kind in ("post", "comment"):
        part = store.part(kind, task.sha, task.stamp)
        part = part[part["text"].fillna("").str.strip() != ""].drop_duplicates(f"{kind}_id", keep="last")
        if len(part):
            found += _tagged(kind, part, task)
    store.write_tags(task.sha, task.stamp, task.tagger, found)
    return len(found)


def _tagged(kind: str, part: pd.DataFrame, task: _Task) -> list[dict[str, Any]]:
    texts = part["text"].tolist()
    unique = list(dict.fromkeys(texts))  # "Chúc mừng" is tagged once
    tags: list[Any] = tagger.tags(unique, themes=task.themes or None, mask=task.mask).to_dict("records")
    kinds = reception.reception_kinds(unique) if kind == "comment" else [None] * len(unique)
    # a short comment is no copy of another, however often it is written
    shortest = reception.MIN_COPY_WORDS if kind == "comment" else 1
    by_text = {
        text: {**row, "reception_kind": of_kind, "text_key": text_key(text, shortest=shortest)}
        for text, row, of_kind in zip(unique, tags, kinds, strict=True)
    }
    same = {"item_kind": kind, "tagger": tagger.TAGGER, "version": tagger.VERSION, "source": task.sha}
    return [
        {**by_text[text], **same, "platform": platform, "item": item}
        for text, platform, item in zip(texts, part["platform"], part[f"{kind}_id"], strict=True)
    ]
