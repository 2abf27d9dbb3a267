"""Step: what was taken from the files of the inbox: which figures, by which definition, of whose days, as of when."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from campaignstats import metrics, words
from campaignstats.inventory import whose_days
from campaignstats.store import Store, rows

WIDTH = 100  # letters of a line in a terminal

_VALUES = """
    SELECT m.source, m.platform, m.grain, m.day_zone, m.metric, m.definition, s.format AS route,
        min(m.period_start) AS first_day, max(m.period_end) AS last_day
    FROM metric m JOIN source s ON m.source = s.source
    GROUP BY ALL
"""
_COUNTED = {
    "posts": "SELECT source, count(DISTINCT post_id) AS n FROM post GROUP BY source",
    "comments": "SELECT source, count(*) AS n FROM comment GROUP BY source",
    "breakdowns": "SELECT source, count(*) AS n FROM audience GROUP BY source",
    "activities": "SELECT source, count(*) AS n FROM activity GROUP BY source",
}


@dataclass(frozen=True)
class Figures:
    """The values of one platform, grain and clock: which metrics by which definitions, and the days that they count.

    ``clock``: a zone, "account", "declared" or "unknown"; "" for lifetime totals, which count no days.
    """

    platform: str
    grain: str
    clock: str
    definitions: tuple[tuple[str, str], ...]  # (metric, id of its definition)
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class Contents:
    """What the tables hold of one file, or of several of one format."""

    format: str
    accounts: frozenset[tuple[str, str]]  # platform and id
    counted: tuple[tuple[str, int], ...]  # posts | comments | breakdowns | activities, where there are any
    figures: tuple[Figures, ...]
    exported: tuple[tuple[str, date | None], ...]  # (evidence or "", day of export) of each file

    def as_dict(self) -> dict[str, Any]:
        """For machines; days in ISO form."""

        def iso(day: date | None) -> str | None:
            return day.isoformat() if day else None

        return {
            "n_accounts": len(self.accounts),
            **{f"n_{name}": n for name, n in self.counted},
            "exported": [{"evidence": how or None, "day": iso(day)} for how, day in self.exported],
            "figures": [
                {
                    "platform": f.platform,
                    "grain": f.grain,
                    "clock": f.clock or None,
                    "first_day": iso(f.first_day),
                    "last_day": iso(f.last_day),
                    "definitions": dict(f.definitions),
                }
                for f in self.figures
            ],
        }

    def lines(self, lang: str, *, indent: int) -> list[str]:
        """What was taken, for people: who and how many; the figures by grain; as of when."""

        def said(key: str, **values: Any) -> str:
            return words.text(f"contents.{key}", lang, **values)

        head = [said("accounts", n=len(self.accounts))] if self.accounts else []
        head += [said(name, n=n) for name, n in self.counted]
        out = [" · ".join(head)] if head else []
        for of in self.figures:
            names = ", ".join(_named(metric, id, lang) for metric, id in of.definitions)
            days = ""
            if of.first_day is not None:
                first, last = words.day(of.first_day, lang), words.day(of.last_day or of.first_day, lang)
                days = said("days", first=first, last=last, clock=words.clock(of.clock, lang))
            platform = words.text(f"choice.platform.{of.platform}", lang)
            grain = words.text(f"metrics.grain.{of.grain}", lang)
            out.append(said("figures", platform=platform, grain=grain, names=names) + days)
        if self.counted or self.figures:
            out.append(said("as_of", items="; ".join(_exports(self.exported, lang))))
        return [
            line
            for text in out
            for line in textwrap.wrap(
                text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_long_words=False
            )
        ]


def _named(metric: str, id: str, lang: str) -> str:
    """A metric by its label, with the id of its definition where the registry dates or narrows it."""
    label = metrics.metric(metric).label[lang]
    return f"{label} [{id}]" if metrics.defined(id) else label


def _exports(exported: Iterable[tuple[str, date | None]], lang: str) -> list[str]:
    """How the days of export are known, the commonest way first."""
    by: dict[str, list[date | None]] = {}
    for how, day in exported:
        by.setdefault(how if day else "", []).append(day)
    out = []
    for how, days in sorted(by.items(), key=lambda of: (-len(of[1]), of[0])):
        known = sorted(d for d in days if d)
        if not known:
            out.append(words.text("contents.evidence.none", lang, n=len(days)))
            continue
        first, last = words.day(known[0], lang), words.day(known[-1], lang)
        span = first if first == last else f"{first} – {last}"
        out.append(words.text(f"contents.evidence.{how}", lang, n=len(days), days=span))
    return out


def contents(store: Store, *, timezone: str) -> dict[str, Contents]:
    """What the tables hold of every source, by its hash; days of export by the clock of ``timezone`` (IANA)."""
    values = store.query(_VALUES)
    values["clock"] = whose_days(values)
    figures: dict[str, dict[tuple[str, str, str], list[Any]]] = {}
    for row in rows(values):
        figures.setdefault(row.source, {}).setdefault((row.platform, row.grain, row.clock), []).append(row)
    counted: dict[str, list[tuple[str, int]]] = {}
    for name, query in _COUNTED.items():
        for row in rows(store.query(query)):
            counted.setdefault(row.source, []).append((name, int(row.n)))
    accounts: dict[str, set[tuple[str, str]]] = {}
    for row in rows(store.query("SELECT DISTINCT source, platform, account_id FROM account")):
        accounts.setdefault(row.source, set()).add((row.platform, row.account_id))
    sources = store.sources()
    days = sources["exported_at"].dt.tz_convert(timezone)
    out = {}
    kept = set(counted) | set(figures) | set(accounts)
    for row, exported in zip(rows(sources), days, strict=True):
        if row.source not in kept:
            continue
        evidence = row.exported_evidence if isinstance(row.exported_evidence, str) else ""
        out[str(row.source)] = Contents(
            row.format or "",
            frozenset(accounts.get(row.source, ())),
            tuple(counted.get(row.source, ())),
            tuple(_figures(key, own) for key, own in sorted(figures.get(row.source, {}).items())),
            ((evidence, exported.date() if isinstance(exported, datetime) and exported == exported else None),),
        )
    return out


def _figures(key: tuple[str, str, str], own: Sequence[Any]) -> Figures:
    first = [d for r in own if (d := _day(r.first_day))]
    last = [d for r in own if (d := _day(r.last_day))]
    definitions = tuple(sorted({(r.metric, r.definition) for r in own}))
    return Figures(*key, definitions, min(first, default=None), max(last, default=None))


def _day(value: Any) -> date | None:
    """The day of a cell of a frame; None where there is none (NaT is no date)."""
    if isinstance(value, datetime):
        return value.date() if value == value else None
    return value if isinstance(value, date) else None


def merged(several: Sequence[Contents]) -> Contents:
    """The contents of several files of one format as one."""
    counted: Counter[str] = Counter()
    figures: dict[tuple[str, str, str], list[Figures]] = {}
    for one in several:
        counted.update(dict(one.counted))
        for f in one.figures:
            figures.setdefault((f.platform, f.grain, f.clock), []).append(f)
    return Contents(
        several[0].format,
        frozenset(a for one in several for a in one.accounts),
        tuple((name, counted[name]) for name in _COUNTED if counted[name]),
        tuple(
            Figures(
                *key,
                tuple(sorted({d for f in own for d in f.definitions})),
                min((f.first_day for f in own if f.first_day), default=None),
                max((f.last_day for f in own if f.last_day), default=None),
            )
            for key, own in sorted(figures.items())
        ),
        tuple(e for one in several for e in one.exported),
    )
