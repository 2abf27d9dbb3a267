"""Step: what is still missing before one starts, as far as campaign.toml and the gathered tables tell.

The doctor also prints the download calendar: lifetime totals are compared at equal age (rule R4), so the files of a
week's posts are fetched when the youngest of them is 7 days old, and again at 28.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from campaignstats import words
from campaignstats.campaign import WHOLE_AREAS, Account, Campaign, Place, UnknownName, Window
from campaignstats.doctor.coverage import TABLES, Gathered, evidence, ranges
from campaignstats.doctor.letters import AccountDays, calendar_lines, folded, listed, side_by_side
from campaignstats.store import rows

__all__ = ["Batch", "Calendar", "DoctorReport", "Download", "doctor_report", "download_calendar", "evidence"]

# ---------------------------------------------------------------------------------------------- the download calendar

FULL_AGE = 28  # days after which a post's lifetime totals hardly move


@dataclass(frozen=True)
class Batch:
    """Posts of the days ``first`` to ``last`` that a download shows at least ``age`` days old."""

    period: str  # window | baseline
    first: date
    last: date
    age: int


@dataclass(frozen=True)
class Download:
    day: date
    batches: tuple[Batch, ...]
    state: str  # past | today | to_come
    n_accounts: int = 0  # declared accounts with a file exported from this day on, before the next download


@dataclass(frozen=True)
class Calendar:
    downloads: tuple[Download, ...]
    not_comparable: tuple[Batch, ...]  # posts younger than ``age`` when the report is due


def download_calendar(
    window: Window,
    baseline: Window | None,
    due: date | None,
    today: date,
    *,
    ages: Iterable[int] = (7, FULL_AGE),
    exported: Iterable[tuple[str, date]] = (),
) -> Calendar:
    """When to download what. A post of day d is ``age`` days old on d + age.

    The window's posts go by weeks from its first day, so that no post is much older than the age at which it is
    compared; a baseline goes as one. Posts that can't reach an age by ``due`` are ``not_comparable``, and no download
    is planned after it; without ``due`` nothing is cut. ``exported`` are pairs (account, day of an export).
    """
    planned: dict[date, list[Batch]] = {}
    young: list[Batch] = []
    weeks = [("baseline", baseline.start, baseline.end)] if baseline else []
    start = window.start
    while start <= window.end:
        weeks.append(("window", start, min(start + timedelta(6), window.end)))
        start += timedelta(7)
    for age in sorted(set(ages)):
        for period, first, last in weeks:
            # the youngest posts that are old enough on the day the report is due
            until = last if due is None else min(last, due - timedelta(age))
            if until >= first:
                planned.setdefault(until + timedelta(age), []).append(Batch(period, first, until, age))
        for period, given in (("baseline", baseline), ("window", window)):
            if given and due is not None and given.end > due - timedelta(age):
                first = max(given.start, due - timedelta(age) + timedelta(1))
                young.append(Batch(period, first, given.end, age))
    days = sorted(planned)
    made = sorted(set(exported))
    downloads = []
    for number, day in enumerate(days):
        following = days[number + 1] if number + 1 < len(days) else date.max
        state = "today" if day == today else "past" if day < today else "to_come"
        n = len({account for account, at in made if day <= at < following})
        downloads.append(Download(day, tuple(sorted(planned[day], key=lambda b: (b.first, b.age))), state, n))
    return Calendar(tuple(downloads), tuple(young))


# ---------------------------------------------------------------------------------------------- doctor


@dataclass(frozen=True)
class AccountGaps:
    """Days of a period for which no file speaks of the account."""

    account: Account
    period: str  # window | baseline
    days: tuple[tuple[date, date], ...]  # ranges, both ends included

    @property
    def n_days(self) -> int:
        return sum((last - first).days + 1 for first, last in self.days)


@dataclass(frozen=True)
class CutExport:
    """A file that a tool or a platform cut off."""

    path: str
    cut: str  # capped | not_last_page | replies_incomplete | top_posts_only
    what: str  # comments | posts
    note: str
    details: Mapping[str, Any]

    def sentence(self, lang: str) -> str:
        return words.text(f"note.{self.note}", lang, **self.details)


@dataclass(frozen=True)
class DoctorReport:
    """What is missing before one starts, and the download calendar."""

    today: date
    n_accounts: int
    n_places: int
    few_accounts: int
    undeclared_parts: tuple[str, ...]  # baseline, report_due, population, focus_area, account, place, target
    accounts_without_export: tuple[Account, ...]
    accounts_without_id: tuple[Account, ...]
    gaps: tuple[AccountGaps, ...]
    places_without_population: tuple[Place, ...]
    places_assumed: tuple[Place, ...]
    places_without_account: tuple[Place, ...]
    undeclared_accounts: tuple[tuple[str, str, str], ...]  # platform, id, name
    files_without_account: tuple[str, ...]
    files_without_export_day: tuple[str, ...]
    posts_in_window: int | None  # None: nothing gathered yet
    calendar: Calendar
    due: date | None = None
    places_named: Mapping[str, str] = field(default_factory=dict)
    days: tuple[AccountDays, ...] = ()
    places_silent: tuple[Place, ...] = ()  # that have an account, and of none of them a file
    cut_exports: tuple[CutExport, ...] = ()
    misnamed: tuple[UnknownName, ...] = ()
    places_unheard: tuple[Place, ...] = ()  # of which nothing in the campaign's days is known, as the findings count
    n_on_sheet: int = 0  # places without a declared account of which posts are known, by the collection sheet

    def lines(self, lang: str, *, everything: bool = False) -> list[str]:
        """The report for people; long lists are cut short unless ``everything`` is asked for."""

        def said(key: str, **values: Any) -> str:
            return words.text(f"doctor.{key}", lang, **values)

        def some(items: Iterable[str]) -> list[str]:
            return listed(list(items), lang, everything=everything)

        out = [said("title", today=self.today), "", *folded(self._summary(said))]
        if self.days and self.posts_in_window is not None:
            out += ["", *calendar_lines(self.days, self.places_named, lang, everything=everything), ""]
        missing: list[str] = [f"- {said(f'part.{part}')}" for part in self.undeclared_parts]
        if 0 < self.n_accounts < self.few_accounts:
            missing.append(f"- {said('few_accounts', n=self.n_accounts, few=self.few_accounts)}")
        if self.posts_in_window == 0:
            missing.append(f"- {said('no_post_in_window')}")
        for key, accounts in (
            ("without_export", self.accounts_without_export),
            ("without_id", self.accounts_without_id),
        ):
            if accounts:
                missing.append(f"- {said(key, n=len(accounts), all=self.n_accounts)}")
                missing += some(self._account(a, lang) for a in accounts)
        if self.gaps:
            missing.append(f"- {said('gaps', n=len({g.account.key for g in self.gaps}))}")
            shown = []
            by: dict[str, list[AccountGaps]] = {}
            for gap in sorted(self.gaps, key=lambda g: -g.n_days):
                by.setdefault(gap.account.key, []).append(gap)
            for gaps in by.values():
                told = "; ".join(
                    said(
                        "gap",
                        n=gap.n_days,
                        period=said(f"period.{gap.period}"),
                        days=", ".join(_range(first, last, lang) for first, last in gap.days),
                    )
                    for gap in gaps
                )
                shown.append(f"{self._account(gaps[0].account, lang)}: {told}")
            missing += some(shown)
        for key, places in (
            ("without_population", self.places_without_population),
            ("assumed_population", self.places_assumed),
            ("without_account", self.places_without_account),
        ):
            if places:
                missing.append(f"- {said(key, n=len(places), all=self.n_places)}")
                if len(places) < self.n_places:
                    missing += side_by_side([p.name for p in places], lang, everything=everything)
        if self.undeclared_accounts:
            missing.append(f"- {said('undeclared', n=len(self.undeclared_accounts))}")
            missing += some(
                f"{words.text(f'choice.platform.{platform}', lang)}: {name or number}"
                + (f" ({number})" if name and number else "")
                for platform, number, name in self.undeclared_accounts
            )
        for key, files in (
            ("files_without_account", self.files_without_account),
            ("without_export_day", self.files_without_export_day),
        ):
            if files:
                missing.append(f"- {said(key, n=len(files))}")
                missing += some(files)
        missing += [f"- {u.sentence(lang)}" for u in self.misnamed]
        if self.cut_exports:
            missing.append(f"- {said('cut_exports', n=len({c.path for c in self.cut_exports}))}")
            missing += some(f"{c.path}: {c.sentence(lang)}" for c in self.cut_exports)
        out += [said("missing"), *missing] if missing else [said("nothing_missing")]
        out += ["", said("calendar", due=self.due) if self.due else said("calendar_without_due")]
        out.append(said("download"))
        for download in self.calendar.downloads:
            state = said(f"state.{download.state}")
            out.append(f"- {words.day(download.day, lang)} ({state})")
            for b in download.batches:
                days, period = _range(b.first, b.last, lang), said(f"period.{b.period}")
                out.append(f"    {said('batch', days=days, period=period, age=b.age)}")
            if download.state != "to_come" and self.n_accounts:
                out.append(f"    {said('done', n=download.n_accounts, all=self.n_accounts)}")
        if self.calendar.not_comparable:
            out += ["", said("not_comparable")]
            for b in self.calendar.not_comparable:
                days, period = _range(b.first, b.last, lang), said(f"period.{b.period}")
                out.append(f"- {said('young', days=days, period=period, age=b.age)}")
        return out

    def _summary(self, said: Callable[..., str]) -> list[str]:
        """The state of things in a few lines, before everything else."""
        if not self.n_accounts or self.posts_in_window is None:
            return []
        out = [said("summary.accounts", n=self.n_accounts - len(self.accounts_without_export), all=self.n_accounts)]
        mute = [d for d in self.days if d.has_files and {s for _, s in d.window} <= {"no_source", "to_come"}]
        if mute:
            out.append(said("summary.mute", n=len(mute)))
        if n := len(self.places_silent):
            names = ", ".join(p.name for p in self.places_silent[:6])
            shown = names if n <= 6 else said("summary.and_more", names=names, n=n - 6)
            out.append(said("summary.silent", n=n, names=shown))
        if self.places_without_account:
            told = said("summary.on_sheet", n=self.n_on_sheet) if self.n_on_sheet else ""
            n = len(self.places_without_account)
            out.append(said("summary.without_account", n=n, all=self.n_places, told=told))
        if set(self.places_unheard) - set(self.places_silent):  # else that is said already
            out.append(said("summary.unheard", n=len(self.places_unheard), all=self.n_places))
        return out

    def _account(self, account: Account, lang: str) -> str:
        place = self.places_named.get(account.place or "")
        return f"{words.text(f'choice.platform.{account.platform}', lang)}: {account.name}" + (
            f", {place}" if place else ""
        )

    def as_dict(self) -> dict[str, Any]:
        """The report for machines; days in ISO form."""

        def account(a: Account) -> dict[str, Any]:
            return {"platform": a.platform, "id": a.id, "name": a.name, "place": a.place}

        def batch(b: Batch) -> dict[str, Any]:
            return {"period": b.period, "first": b.first.isoformat(), "last": b.last.isoformat(), "age_days": b.age}

        return {
            "today": self.today.isoformat(),
            "report_due": self.due.isoformat() if self.due else None,
            "n_accounts": self.n_accounts,
            "n_places": self.n_places,
            "undeclared_parts": list(self.undeclared_parts),
            "accounts_without_export": [account(a) for a in self.accounts_without_export],
            "accounts_without_id": [account(a) for a in self.accounts_without_id],
            "gaps": [
                account(g.account)
                | {"period": g.period, "n_days": g.n_days, "days": [[f.isoformat(), t.isoformat()] for f, t in g.days]}
                for g in self.gaps
            ],
            "places_without_population": [p.code for p in self.places_without_population],
            "places_with_assumed_population": [p.code for p in self.places_assumed],
            "places_without_account": [p.code for p in self.places_without_account],
            "undeclared_accounts": [
                {"platform": p, "id": i or None, "name": n or None} for p, i, n in self.undeclared_accounts
            ],
            "files_without_account": list(self.files_without_account),
            "files_without_export_day": list(self.files_without_export_day),
            "posts_in_window": self.posts_in_window,
            "downloads": [
                {
                    "day": d.day.isoformat(),
                    "state": d.state,
                    "n_accounts": d.n_accounts,
                    "batches": [batch(b) for b in d.batches],
                }
                for d in self.calendar.downloads
            ],
            "not_comparable": [batch(b) for b in self.calendar.not_comparable],
            "places_without_data": [p.code for p in self.places_unheard],
            "places_that_sent_nothing": [p.code for p in self.places_silent],
            "cut_exports": [
                {"path": c.path, "cut": c.cut, "missing": c.what, "note": c.note, **c.details} for c in self.cut_exports
            ],
            "unknown_accounts": [
                {"section": u.section, "path": u.path, "account": u.account, "nearest": u.near} for u in self.misnamed
            ],
            "calendar": [
                account(d.account)
                | {
                    "place": d.place,
                    "has_files": d.has_files,
                    "posts_in_window": d.n_posts,
                    "days": {day.isoformat(): state for day, state in (*d.baseline, *d.window)},
                }
                for d in self.days
            ],
        }


def doctor_report(campaign: Campaign, frames: Mapping[str, pd.DataFrame], today: date) -> DoctorReport:
    """What ``campaign`` lacks, seen on ``today``.

    ``frames``: the tables account, post, metric and source as gathered (any may be absent or empty). A file speaks of
    an account for the period that it states, else from its first post of that account to its last; and for each day
    that an account's daily series holds.
    """
    if other := sorted(set(frames) - set(TABLES)):
        raise ValueError(f"no table {other[0]!r}; the doctor looks at {', '.join(TABLES)}")
    gathered = Gathered(campaign, frames)
    days = _account_days(campaign, gathered, today)
    gaps = []
    for own in days:
        if not own.has_files or own.account.complete_source:  # a person vouches that a day without posts had none
            continue
        for period, states in (("baseline", own.baseline), ("window", own.window)):
            missing = [d for d, state in states if state == "no_source"]
            if missing:
                gaps.append(AccountGaps(own.account, period, ranges(missing)))
    ages = (campaign.thresholds.post_age_days, FULL_AGE)
    exported = [(key, day) for key, made in gathered.exported.items() for day in made]
    places = [p for p in campaign.places if p.kind not in WHOLE_AREAS]
    named = {own.place for own in days}
    sent = {own.place for own in days if own.has_files or own.account.complete_source}
    parts = {
        "report_due": campaign.report_due,
        "baseline": campaign.baseline,
        "focus_area": campaign.focus_areas,
        "account": campaign.accounts,
        "place": campaign.places,
        "population": campaign.population,
        "target": campaign.targets,
    }
    received = dict(zip(gathered.place_states["place"], gathered.place_states["state"], strict=True))
    return DoctorReport(
        today=today,
        due=campaign.report_due,
        n_accounts=len(campaign.accounts),
        n_places=len(places),
        few_accounts=campaign.thresholds.few_accounts,
        undeclared_parts=tuple(name for name, given in parts.items() if not given),
        accounts_without_export=tuple(own.account for own in days if not own.has_files),
        accounts_without_id=tuple(a for a in campaign.accounts if not a.id),
        gaps=tuple(gaps),
        places_without_population=tuple(p for p in places if p.population is None),
        places_assumed=tuple(p for p in places if p.population is not None and p.population_assumed),
        places_without_account=tuple(p for p in places if p.code not in named),
        undeclared_accounts=gathered.undeclared,
        files_without_account=gathered.unnamed,
        files_without_export_day=gathered.undated,
        posts_in_window=gathered.n_in_window,
        calendar=download_calendar(
            campaign.window, campaign.baseline, campaign.report_due, today, ages=ages, exported=exported
        ),
        places_named={p.code: p.name for p in campaign.all_places},
        days=days,
        places_silent=tuple(p for p in places if p.code in named - sent),
        cut_exports=tuple(CutExport(c.path, c.cut, c.what, c.note, json.loads(c.details)) for c in rows(gathered.cuts)),
        misnamed=campaign.unknown_names,
        places_unheard=tuple(p for p in places if received.get(p.code) == "nothing_received"),
        n_on_sheet=sum(p.code not in named and received.get(p.code) == "posted" for p in places),
    )


def _account_days(campaign: Campaign, gathered: Gathered, today: date) -> tuple[AccountDays, ...]:
    """What is known of each day of each declared account; days after ``today`` are to come."""
    table = gathered.calendar()
    cells: dict[str, dict[str, list[tuple[date, str]]]] = {}
    n_posts: dict[str, int] = {}
    for key, day, period, n, state in zip(
        *(table[c] for c in ("account", "day", "period", "n_posts", "state")), strict=True
    ):
        at = day.date()
        shown = "to_come" if at > today and state != "posts" else state
        cells.setdefault(key, {"baseline": [], "window": []})[period].append((at, shown))
        n_posts[key] = n_posts.get(key, 0) + (n if period == "window" else 0)
    return tuple(
        AccountDays(
            account=a,
            place=campaign.place_of(a),
            has_files=a.key in gathered.with_data,
            n_posts=n_posts[a.key],
            baseline=tuple(cells[a.key]["baseline"]),
            window=tuple(cells[a.key]["window"]),
        )
        for a in campaign.accounts
    )


def _range(first: date, last: date, lang: str) -> str:
    return words.day(first, lang) if first == last else f"{words.day(first, lang)} – {words.day(last, lang)}"
