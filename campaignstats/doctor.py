"""Step: what is still missing before one starts, as far as campaign.toml and the gathered tables tell.

The doctor also prints the download calendar: lifetime totals are compared at equal age (rule R4), so the files of a
week's posts are fetched when the youngest of them is 7 days old, and again at 28.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pandas as pd

from campaignstats import schema, words
from campaignstats.campaign import Account, Campaign, Place, Window
from campaignstats.store import Store

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

    def lines(self, lang: str) -> list[str]:
        """The report for people."""

        def said(key: str, **values: Any) -> str:
            return words.text(f"doctor.{key}", lang, **values)

        out = [said("title", today=self.today), ""]
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
                missing += [f"    {self._account(a, lang)}" for a in accounts]
        if self.gaps:
            missing.append(f"- {said('gaps', n=len({(g.account.platform, g.account.name) for g in self.gaps}))}")
            for gap in self.gaps:
                days = ", ".join(_range(first, last, lang) for first, last in gap.days)
                period = said(f"period.{gap.period}")
                missing.append(
                    f"    {self._account(gap.account, lang)}: {said('gap', n=gap.n_days, period=period, days=days)}"
                )
        for key, places in (
            ("without_population", self.places_without_population),
            ("assumed_population", self.places_assumed),
            ("without_account", self.places_without_account),
        ):
            if places:
                missing.append(f"- {said(key, n=len(places), all=self.n_places)}")
                if len(places) < self.n_places:
                    missing.append("    " + ", ".join(p.name for p in places))
        if self.undeclared_accounts:
            missing.append(f"- {said('undeclared', n=len(self.undeclared_accounts))}")
            for platform, number, name in self.undeclared_accounts:
                written = f"    {words.text(f'choice.platform.{platform}', lang)}: {name or number}"
                missing.append(written + (f" ({number})" if name and number else ""))
        for key, files in (
            ("files_without_account", self.files_without_account),
            ("without_export_day", self.files_without_export_day),
        ):
            if files:
                missing.append(f"- {said(key, n=len(files))}")
                missing += [f"    {path}" for path in files]
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
        }


def evidence(campaign: Campaign) -> dict[str, pd.DataFrame]:
    """The gathered tables that the doctor looks at; empty ones before the first gather."""
    store = Store(campaign.tables)
    return {name: store.frame(name) for name in _TABLES}


def doctor_report(campaign: Campaign, frames: Mapping[str, pd.DataFrame], today: date) -> DoctorReport:
    """What ``campaign`` lacks, seen on ``today``.

    ``frames``: the tables account, post, metric and source as gathered (any may be absent or empty). A file speaks of
    an account for the period that it states, else from its first post of that account to its last; and for each day
    that an account's daily series holds.
    """
    if other := sorted(set(frames) - set(_TABLES)):
        raise ValueError(f"no table {other[0]!r}; the doctor looks at {', '.join(_TABLES)}")
    tables = {name: _frame(frames, name) for name in _TABLES}
    gathered = _Gathered(campaign, tables)
    with_data = set(gathered.days)
    until = {"window": min(campaign.window.end, today), "baseline": today}
    gaps = []
    for number, account in enumerate(campaign.accounts):
        if number not in with_data or account.complete_source:  # a person vouches that a day without posts had none
            continue
        for period, given in (("baseline", campaign.baseline), ("window", campaign.window)):
            if given is None:
                continue
            last = min(given.end, until[period])
            days = [given.start + timedelta(n) for n in range((last - given.start).days + 1)]
            missing = [d for d in days if d not in gathered.days[number]]
            if missing:
                gaps.append(AccountGaps(account, period, _ranges(missing)))
    ages = (campaign.thresholds.post_age_days, FULL_AGE)
    exported = [(str(n), day) for n, days in gathered.exported.items() for day in days]
    places = [p for p in campaign.places if p.kind != "province"]
    named = {a.place for a in campaign.accounts}
    parts = {
        "report_due": campaign.report_due,
        "baseline": campaign.baseline,
        "focus_area": campaign.focus_areas,
        "account": campaign.accounts,
        "place": campaign.places,
        "population": campaign.population,
        "target": campaign.targets,
    }
    return DoctorReport(
        today=today,
        due=campaign.report_due,
        n_accounts=len(campaign.accounts),
        n_places=len(places),
        few_accounts=campaign.thresholds.few_accounts,
        undeclared_parts=tuple(name for name, given in parts.items() if not given),
        accounts_without_export=tuple(a for n, a in enumerate(campaign.accounts) if n not in with_data),
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
        places_named={p.code: p.name for p in campaign.places},
    )


_TABLES = ("account", "post", "metric", "source")


def _frame(frames: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    given = frames.get(name)
    if given is None:
        given = pd.DataFrame()
    return given.reindex(columns=pd.Index([c.name for c in schema.TABLES[name].columns]))


class _Gathered:
    """What the tables say of the declared accounts, by their number in the campaign."""

    def __init__(self, campaign: Campaign, tables: Mapping[str, pd.DataFrame]) -> None:
        self.campaign = campaign
        self.numbers = {a.key: n for n, a in enumerate(campaign.accounts)}
        self.names: dict[tuple[str, str], str] = {}  # names of accounts by platform and id
        self.days: dict[int, set[date]] = {}
        self.exported: dict[int, set[date]] = {}
        self.unknown: set[tuple[str, str, str]] = set()
        self.nameless: set[str] = set()  # files whose account nobody named
        posts, metrics, sources = tables["post"], tables["metric"], tables["source"]
        for platform, number, name, handle in _rows(tables["account"], "platform", "account_id", "name", "handle"):
            self.names[platform, number] = name or handle
        # who stands in which file, and from which day to which
        spans: dict[tuple[int, str], list[date]] = {}
        posts = posts.assign(day=_local_days(posts["published_at"], campaign.timezone))
        by_file = posts.groupby(["platform", "account_id", "account_name", "source"], dropna=False)["day"]
        limits = by_file.agg(["min", "max"]).reset_index()
        for platform, account_id, name, source, first, last in limits.itertuples(index=False):
            found = self._declared(_text(platform), _text(account_id), _text(name), _text(source))
            if found is not None:
                spans.setdefault((found, _text(source)), []).extend(d for d in (first, last) if not pd.isna(d))
        daily = metrics[(metrics["grain"] == "account_day").fillna(False).astype(bool)]
        for platform, account_id, source, start in (
            daily[["platform", "account_id", "item", "source", "period_start"]]
            .assign(account_id=lambda f: f["account_id"].where(f["account_id"].notna(), f["item"]))
            .drop(columns="item")
            .drop_duplicates()
            .itertuples(index=False)
        ):
            found = self._declared(_text(platform), _text(account_id), "", _text(source))
            if found is not None:
                spans.setdefault((found, _text(source)), [])
                if not pd.isna(start):
                    self.days.setdefault(found, set()).add(pd.Timestamp(start).date())
        for platform, number, source in _rows(tables["account"], "platform", "account_id", "source"):
            self._declared(platform, number, "", source)
        periods = {
            _text(s): (start, end)
            for s, start, end in sources[["source", "period_start", "period_end"]].itertuples(index=False)
        }
        exports = dict(
            zip(map(_text, sources["source"]), _local_days(sources["exported_at"], campaign.timezone), strict=True)
        )
        for (found, source), seen in spans.items():
            start, end = periods.get(source, (None, None))
            days = self.days.setdefault(found, set())
            if not (pd.isna(start) or pd.isna(end)):
                days |= _days(pd.Timestamp(start).date(), pd.Timestamp(end).date())
            elif seen:
                days |= _days(min(seen), max(seen))
            if not pd.isna(exports.get(source)):
                self.exported.setdefault(found, set()).add(exports[source])
        self.undeclared = tuple(sorted(self.unknown))
        kept = sources[sources["format"].fillna("").astype(str) != ""]
        undated = kept[kept["exported_at"].isna()]["path"].dropna().astype(str)
        self.undated = tuple(sorted(undated))
        self.unnamed = tuple(sorted(kept[kept["source"].isin(self.nameless)]["path"].dropna().astype(str)))
        inside = [d for d in posts["day"] if not pd.isna(d) and campaign.window.start <= d <= campaign.window.end]
        self.n_in_window = len(inside) if len(sources) or len(posts) else None

    def _declared(self, platform: str, account_id: str, name: str, source: str) -> int | None:
        """The number of the declared account; one that is not declared, or not even named, is noted."""
        name = name or self.names.get((platform, account_id), "")
        owner = self.campaign.owner(platform, account_id, name or None)
        if owner.known_by == "declared":
            return self.numbers[owner.account.key]
        if owner.known_by == "nobody":
            if account_id:
                self.nameless.add(source)
        elif owner.known_by == "file":
            made_up = account_id.startswith(("file:", "name:"))
            known = self.names.get((platform, account_id)) or owner.account.name
            self.unknown.add((platform, "" if made_up else account_id, known))
        return None


def _rows(frame: pd.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(map(_text, row)) for row in frame[list(columns)].drop_duplicates().itertuples(index=False)]


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _local_days(instants: "pd.Series[Any]", zone: str) -> "pd.Series[Any]":
    """Calendar days of UTC instants in ``zone``; missing stays missing."""
    return pd.to_datetime(instants, utc=True).dt.tz_convert(zone).dt.date


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(n) for n in range((last - first).days + 1)}


def _ranges(days: list[date]) -> tuple[tuple[date, date], ...]:
    """Sorted days as ranges of days that follow one another."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)


def _range(first: date, last: date, lang: str) -> str:
    return words.day(first, lang) if first == last else f"{words.day(first, lang)} – {words.day(last, lang)}"
