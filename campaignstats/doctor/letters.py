"""The calendar in letters: a line an account or a commune, for a terminal of a hundred signs.

Phường Tân Triều (2 tài khoản)   ██▒░░░█│███·····██·░░░░░░░░░░░░░░░░░░░░ 7
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaignstats import words
from campaignstats.campaign import Account

WIDE = 100  # signs in a line
MOST = 12  # lines of a list, before the rest is only counted
_MOST_LINES = 36  # of the calendar
_MARKS = {"posts": "█", "no_posts": "·", "partly": "▒", "no_source": "░", "not_in_use": " ", "to_come": " "}


@dataclass(frozen=True)
class AccountDays:
    """What is known of each day of an account, in the states of ``measures.calendar``, or "to_come"."""

    account: Account
    place: str | None
    has_files: bool
    n_posts: int  # in the window
    baseline: tuple[tuple[date, str], ...]
    window: tuple[tuple[date, str], ...]


def calendar_lines(
    accounts: Sequence[AccountDays], places_named: Mapping[str, str], lang: str, *, everything: bool = False
) -> list[str]:
    """A line an account, or a commune where there are many: the weeks before the campaign, then its days.

    What lacks most comes first, so that the first lines are the ones to call; ``everything``: all lines, an account
    each.
    """

    def said(key: str, **values: Any) -> str:
        return words.text(f"doctor.days.{key}", lang, **values)

    lines = _lines(accounts, places_named, lang, merged=len(accounts) > _MOST_LINES and not everything)
    lines.sort(key=lambda line: (-line.n_unknown, line.label))
    shown = lines if everything or len(lines) <= _MOST_LINES + 2 else lines[:_MOST_LINES]
    before = _buckets([d for d, _ in accounts[0].baseline], 12)
    after = _buckets([d for d, _ in accounts[0].window], 45)
    wide = WIDE - len(before) - len(after) - 14
    wide = min(wide, max(len(line.label) for line in shown))
    out = [said("title"), "", *_head(before, after, wide, said)]
    for line in shown:
        cells = ["".join(_mark([line.states[d] for d in bucket]) for bucket in part) for part in (before, after)]
        n = words.number(line.n_posts, lang) if line.has_files else said("nothing")
        out.append(f"{cut(line.label, wide):<{wide}} {'│'.join(filter(None, cells))} {n}")
    if len(shown) < len(lines):
        out.append(said("more", n=len(lines) - len(shown)))
    return [*out, "", *said("legend").split("\n")]


@dataclass(frozen=True)
class _Line:
    label: str
    states: Mapping[date, str]
    n_posts: int
    has_files: bool

    @property
    def n_unknown(self) -> int:
        return sum(state in ("no_source", "partly", "capped") for state in self.states.values())


def _lines(accounts: Sequence[AccountDays], places_named: Mapping[str, str], lang: str, *, merged: bool) -> list[_Line]:
    groups: dict[tuple[str, str], list[AccountDays]] = {}
    for own in accounts:
        of_place = merged and own.account.owner_level == "commune" and own.place
        key = ("place", str(own.place)) if of_place else ("account", own.account.key)
        groups.setdefault(key, []).append(own)
    lines = []
    for (kind, _), group in groups.items():
        first = group[0]
        label = f"{words.text(f'choice.platform.{first.account.platform}', lang)}: {first.account.name}"
        if kind == "place":
            name = places_named.get(first.place or "", first.place or "")
            label = f"{name} ({words.text('doctor.days.accounts', lang, n=len(group))})"
        days: dict[date, list[str]] = {}
        for own in group:
            for day, state in (*own.baseline, *own.window):
                days.setdefault(day, []).append(state)
        states = {day: _together(found) for day, found in days.items()}
        lines.append(_Line(label, states, sum(d.n_posts for d in group), any(d.has_files for d in group)))
    return lines


def _together(states: Sequence[str]) -> str:
    """What is known of a day from several accounts: a post of one is a post; no post only where all say so."""
    used = [s for s in states if s != "not_in_use"] or ["not_in_use"]
    return next((s for s in ("posts", "no_source", "partly", "capped", "no_posts") if s in used), used[0])


def _mark(states: Sequence[str]) -> str:
    """One sign for the days of a bucket; those known in part, or of which some are unknown, are in between."""
    used = [s for s in states if s not in ("not_in_use", "to_come")] or [states[0]]
    if not {"no_source", "partly", "capped"} & set(used):
        return _MARKS["posts" if "posts" in used else used[0]]
    return _MARKS["no_source" if set(used) == {"no_source"} else "partly"]


def _buckets(days: Sequence[date], most: int) -> list[list[date]]:
    """The days by weeks before the campaign and one by one in it; longer buckets where there are too many."""
    size = 1 if most > 12 and len(days) <= most else max(7, -(-len(days) // most))
    return [list(days[n : n + size]) for n in range(0, len(days), size)]


def _head(before: list[list[date]], after: list[list[date]], wide: int, said: Callable[..., str]) -> list[str]:
    """The day over every seventh sign of the window, and marks over its Saturdays and Sundays."""
    by_day = len(after[0]) == 1
    marks = [" "] * (len(after) + 4)
    for n in range(0, len(after), 7):
        for at, letter in enumerate(f"{after[n][0].day:02d}/{after[n][0].month:02d}"):
            if n + at < len(marks):
                marks[n + at] = letter
    gap = " " * (len(before) + bool(before))
    out = [f"{cut(said('before'), wide) if before else '':>{wide}} {gap}{''.join(marks).rstrip()}"]
    if by_day:
        ends = "".join("_" if day.weekday() >= 5 else " " for (day,) in after)
        out.append(f"{cut(said('weekends'), wide):>{wide}} {gap}{ends}")
    return [line.rstrip() for line in out]


def cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def folded(sentences: Sequence[str]) -> list[str]:
    """Sentences in lines that fit, each after its first indented."""
    return [line for s in sentences for line in textwrap.wrap(s, WIDE, subsequent_indent="  ")]


def listed(items: Sequence[str], lang: str, *, everything: bool) -> list[str]:
    """The items a line each; of a long list the first, and how many more."""
    if everything or len(items) <= MOST + 2:  # two more take no more room than saying so
        return [f"    {item}" for item in items]
    return [*(f"    {item}" for item in items[:MOST]), f"    {words.text('doctor.more', lang, n=len(items) - MOST)}"]


def side_by_side(names: Sequence[str], lang: str, *, everything: bool) -> list[str]:
    """Names in lines; of a long list the first, and how many more."""
    most = len(names) if everything or len(names) <= 2 * MOST else 2 * MOST
    lines = textwrap.wrap(", ".join(names[:most]), WIDE - 4, break_long_words=False)
    if most < len(names):
        lines.append(words.text("doctor.more", lang, n=len(names) - most))
    return [f"    {line}" for line in lines]
