"""What a campaign declares, frozen and typed; whose an account of a file is, and for which place it spoke when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from campaignstats import schema, words
from campaignstats.campaign.records import nearest_folded, same_name

# kinds of place that hold the others: a report's communes are all but these
WHOLE_AREAS = ("province", "central_city")


@dataclass(frozen=True)
class Bilingual:
    vi: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True)
class Window:
    """Days from ``start`` to ``end``, both included, in the campaign's time zone."""

    start: date
    end: date


@dataclass(frozen=True)
class Theme:
    code: str
    name: Bilingual
    phrases: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True)
class FocusArea:
    code: str
    name: Bilingual
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormerName:
    name: str
    until: date | None = None  # the last day under it, where known


@dataclass(frozen=True)
class FormerPlace:
    """The place for which an account spoke up to a day; since then for the next one, in the end for its own."""

    place: str  # code of a Place
    until: date


@dataclass(frozen=True)
class Account:
    platform: str
    id: str | None
    name: str
    sector: str | None = None
    owner_level: str = "province"
    place: str | None = None  # code of a Place
    audience_local: bool = False
    handle: str | None = None
    complete_source: bool = False  # every post of the window is known to be in the inbox
    former_names: tuple[FormerName, ...] = ()
    former_ids: tuple[str, ...] = ()  # under which older files know the same account
    continues: tuple[str, ...] = ()  # keys of the accounts in whose place it came: other pages, with other followers
    former_places: tuple[FormerPlace, ...] = ()  # the oldest first
    since: date | None = None  # the first day in use, where it was not always
    until: date | None = None  # the last day in use, where it is not any more

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.id or self.name}"

    @property
    def called(self) -> tuple[str, ...]:
        """Every id, name and handle that the account has or had."""
        own = (self.id, *self.former_ids, self.name, self.handle, *(n.name for n in self.former_names))
        return tuple(dict.fromkeys(n for n in own if n))

    def in_use(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class PlaceName:
    """What a place is called, and what kind of unit it is, from a day to a day, both included."""

    name: str
    name_en: str | None
    kind: str | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class Place:
    """A place under the name and kind that it has on the last day of the campaign's window; ``names`` has them all."""

    code: str
    name: str
    name_en: str | None = None
    kind: str | None = None  # ward | commune | … | province
    population: int | None = None
    population_date: date | None = None
    population_source: str | None = None
    population_assumed: bool = False
    latitude: float | None = None
    longitude: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None  # the last day on which there was such a place
    merged_into: str | None = None  # code of the place that has been in its stead since
    names: tuple[PlaceName, ...] = ()  # the oldest first; empty: it was always called the same

    def named(self, day: date) -> PlaceName:
        """Its name and kind on ``day``; before the first that is known the first, after the last the last."""
        now = PlaceName(self.name, self.name_en, self.kind, self.valid_from, self.valid_to)
        names = self.names or (now,)
        return next((n for n in names if n.valid_to is None or day <= n.valid_to), names[-1])


@dataclass(frozen=True)
class Activity:
    kind: str
    date: "date | None" = None
    place: str | None = None
    people: int | None = None
    copies: int | None = None
    sessions: int | None = None
    sector: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Event:
    day: date
    name: Bilingual
    until: date | None = None


@dataclass(frozen=True)
class Target:
    measure: str
    value: float
    by: date
    document: str
    name: Bilingual
    unit: str = "%"


@dataclass(frozen=True)
class ContextFigure:
    """A declared figure that is context, never a result of the campaign."""

    name: Bilingual
    value: str
    date: date
    source: str


@dataclass(frozen=True)
class Letterhead:
    superior: str = ""  # cơ quan chủ quản
    issuer: str = ""  # cơ quan ban hành
    number: str = ""
    place: str = ""
    day: date | None = None
    signer_title: str = ""
    signer_name: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thresholds:
    suppress_below: int = 10  # counts of persons under this are not published
    bootstrap_resamples: int = 2000
    few_accounts: int = 10  # under this, the leave-one-account-out range instead of a bootstrap
    post_age_days: int = 7  # lifetime totals are compared at this age
    seed: int = 1


@dataclass(frozen=True)
class Export:
    """What a person says of files of the inbox that the files themselves do not ([[export]])."""

    path: str  # glob below inbox/
    platform: str | None = None
    account: str | None = None  # "" where it was left to be filled in
    exported_at: datetime | None = None
    period_start: date | None = None
    period_end: date | None = None


@dataclass(frozen=True)
class MappedTable:
    """A table that the user maps by hand in campaign.toml ([[mapped]])."""

    path: str  # glob below inbox/
    table: str  # post | metric | comment | activity
    columns: Mapping[str, str]  # canonical column or metric name -> header in the file
    platform: str | None = None
    account: str | None = None
    sheet: str | None = None
    date_format: str | None = None  # strptime form, or "iso"
    timezone: str | None = None
    grain: str = "post_lifetime"
    evidence: str = "export"
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Owner:
    """Whose figures a file holds. ``known_by`` tells how sure that is:

    "declared"   campaign.toml or accounts.xlsx declares the account
    "place"      a commune's sheet tells of it; ``account.place`` is the commune, None if that isn't declared either
    "file"       the file names it, and nobody has declared it
    "somebody"   somebody else's, captured from a screen: a pseudonym
    "nobody"     neither the file nor a person says whose they are
    """

    account: Account
    known_by: str


@dataclass(frozen=True)
class UnknownName:
    """An account that [[export]] or [[mapped]] names and nobody declares, with the declared name nearest to it."""

    section: str
    path: str
    account: str
    near: str | None

    def sentence(self, lang: str) -> str:
        key = "hint.account_near" if self.near else "hint.account"
        return words.text(key, lang, section=self.section, path=self.path, value=self.account, near=self.near)


@dataclass(frozen=True)
class Campaign:
    folder: Path
    id: str
    name: Bilingual
    slogan: Bilingual
    window: Window
    baseline: Window | None
    timezone: str
    language: str
    synthetic: bool
    report_due: date | None
    population: int | None  # of the whole area
    population_date: date | None
    population_source: str | None
    area: Bilingual | None  # e.g. the province's name
    themes: tuple[Theme, ...]
    focus_areas: tuple[FocusArea, ...]
    audiences: tuple[Bilingual, ...]
    accounts: tuple[Account, ...]
    places: tuple[Place, ...]
    activities: tuple[Activity, ...]
    events: tuple[Event, ...]
    targets: tuple[Target, ...]
    context_figures: tuple[ContextFigure, ...]
    letterhead: Letterhead
    thresholds: Thresholds
    exports: tuple[Export, ...]
    mapped: tuple[MappedTable, ...]
    also_called: tuple[
        str, ...
    ] = ()  # shorter forms and hashtags of the name and slogan, masked before counting themes
    hotlines: tuple[str, ...] = ()  # numbers that redaction leaves standing
    hotlines_checked: date | None = None  # the day on which a person last rang them
    notes: Mapping[str, str] = field(default_factory=dict)
    former_places: tuple[Place, ...] = ()  # that were merged or abolished before the window ended

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def tables(self) -> Path:
        return self.folder / "tables"

    @property
    def findings(self) -> Path:
        return self.folder / "findings"

    # -- whose, and where -------------------------------------------------------------------------------------------

    def account_for(
        self, platform: str | None, account_id: str | None, name: str | None = None, *, on: date | None = None
    ) -> Account | None:
        """The declared account that a file's account is, or None.

        The id decides where both sides have one, a former id as well; a name or handle is compared in NFC and without
        case. A name that one account has now and another had before is, on a day up to the last under that name, the
        other's. Names that two declared accounts of a platform share decide nothing.
        """
        if account_id and account_id.startswith(("file:", "name:")):  # ids that gather made up
            handle = account_id.removeprefix("name:")
            if name and handle != account_id and handle != same_name(name):  # a file that tells both
                found = self.account_for(platform, None, name, on=on)
                return found or self.account_for(platform, None, handle, on=on)
            name = name or handle
            account_id = None
        by_id, by_name, by_former_name = self._account_index
        found = by_id.get((platform, str(account_id).strip())) if account_id else None
        if found or not name:
            return found
        key = (platform, same_name(name))
        former = by_former_name.get(key, [])
        then = [a for a, until in former if on is not None and until is not None and on <= until]
        for candidates in (then, by_name.get(key, []), [a for a, _ in former]):
            same = [a for a in candidates if not different_ids(a.id, account_id)]
            if same:
                return same[0] if len(same) == 1 else None
        return None

    def owner(self, platform: str, account_id: str, name: str | None = None, *, on: date | None = None) -> Owner:
        """Whose the figures are that a gathered file holds under ``account_id``, as the tables have it.

        Every step asks here, so that gather, doctor and findings never answer differently.
        """
        if account_id.startswith("place:"):  # told on a commune's sheet
            place = self.place_called(account_id.removeprefix("place:"))
            local = [a for a in self.accounts if place and (a.platform, a.place) == (platform, place)]
            if len(local) == 1:
                return Owner(local[0], "declared")
            return Owner(Account(platform, account_id, name or account_id, owner_level="commune", place=place), "place")
        declared = self.account_for(platform, account_id or None, name, on=on)
        if declared is not None:
            return Owner(declared, "declared")
        if schema.PSEUDONYM.fullmatch(account_id):
            return Owner(Account(platform, account_id, account_id, owner_level=""), "somebody")
        known = name or account_id.removeprefix("name:")
        nobody = (account_id.startswith("file:") or not account_id) and not name
        return Owner(Account(platform, account_id, known, owner_level=""), "nobody" if nobody else "file")

    def place_called(self, told: str) -> str | None:
        """The code of the declared place that a commune's sheet names by code or by name; any, where none is
        declared."""
        if told in self._place_by_code or not self._place_by_code:
            return told
        found = {p.code for p in self.all_places for n in (p.name, *(f.name for f in p.names)) if _same(n, told)}
        return found.pop() if len(found) == 1 else None

    @property
    def all_places(self) -> tuple[Place, ...]:
        return self.places + self.former_places

    def successor(self, code: str, on: date) -> str:
        """The place that is there on ``on`` in place of ``code``: itself, unless it was merged by then."""
        while (place := self._place_by_code.get(code)) and place.merged_into and place.valid_to and on > place.valid_to:
            code = place.merged_into
        return code

    def place_of(self, account: Account, on: date | None = None) -> str | None:
        """The place for which ``account`` spoke on ``on``; without a day, on the last of the window."""
        day = on or self.window.end
        then = next((f.place for f in account.former_places if day <= f.until), account.place)
        return self.successor(then, day) if then else None

    @cached_property
    def successors(self) -> Mapping[str, str]:
        """By the code of each former place, the place that is there in its stead when the window ends."""
        found = {p.code: self.successor(p.code, self.window.end) for p in self.former_places}
        return {old: new for old, new in found.items() if new != old}

    @cached_property
    def continued_by(self) -> Mapping[str, str]:
        """By the key of each account that another one came after, the key of the last in its line."""
        following = {old: account.key for account in self.accounts for old in account.continues}

        def last(key: str) -> str:
            while key in following:
                key = following[key]
            return key

        return {old: last(old) for old in following}

    @cached_property
    def names_by_day(self) -> frozenset[tuple[str, str]]:
        """Platform and name of the accounts whose name was another's up to a known day."""
        _, by_name, by_former_name = self._account_index
        return frozenset(k for k, given in by_former_name.items() if k in by_name and any(day for _, day in given))

    @cached_property
    def unknown_names(self) -> tuple[UnknownName, ...]:
        """Accounts that [[export]] and [[mapped]] name though no declared one is called so."""
        if not self.accounts:
            return ()
        found = []
        for section, given in (("export", self.exports), ("mapped", self.mapped)):
            for entry in given:
                told = entry.account
                if not told or any(
                    same_name(told) == same_name(called)
                    for a in self.accounts
                    if entry.platform in (None, a.platform)
                    for called in a.called
                ):
                    continue
                known = [n for a in self.accounts if entry.platform in (None, a.platform) for n in a.called]
                found.append(UnknownName(section, entry.path, told, nearest_folded(told, sorted(set(known)))))
        return tuple(found)

    @cached_property
    def _place_by_code(self) -> dict[str, Place]:
        return {p.code: p for p in self.all_places}

    @cached_property
    def _account_index(
        self,
    ) -> tuple[dict[Any, Account], dict[Any, list[Account]], dict[Any, list[tuple[Account, date | None]]]]:
        by_id = {(a.platform, number): a for a in self.accounts for number in (a.id, *a.former_ids) if number}
        by_name: dict[Any, list[Account]] = {}
        by_former_name: dict[Any, list[tuple[Account, date | None]]] = {}
        for account in self.accounts:
            for key in sorted({same_name(n) for n in (account.name, account.handle, account.id) if n}):
                by_name.setdefault((account.platform, key), []).append(account)
            for former in account.former_names:
                key = same_name(former.name)
                by_former_name.setdefault((account.platform, key), []).append((account, former.until))
        return by_id, by_name, by_former_name


def _same(one: str, other: str) -> bool:
    return same_name(one) == same_name(other)


def name_id(name: str) -> str:
    """The id of an account of which only the name or handle is known: one for every writing of it."""
    return "name:" + same_name(name)


def different_ids(one: str | None, other: str | None) -> bool:
    """Whether both are ids of the same kind (numbers, or YouTube channels) and so can't be one account."""
    if not one or not other or one == other:
        return False
    return (one.isdecimal() and str(other).isdecimal()) or (one.startswith("UC") and str(other).startswith("UC"))
