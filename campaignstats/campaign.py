"""campaign.toml and its sheets -> frozen, typed ``Campaign``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

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


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    name_en: str | None = None
    kind: str | None = None  # ward | commune | province
    population: int | None = None
    population_date: date | None = None
    population_source: str | None = None
    population_assumed: bool = False
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Activity:
    kind: str
    date: date | None = None
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
    """What a person says of files of the inbox that the files themselves do not ([[exports]])."""

    path: str  # glob below inbox/
    platform: str | None = None
    account: str | None = None
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
    hotlines: tuple[str, ...] = ()  # numbers that redaction leaves standing
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def tables(self) -> Path:
        return self.folder / "tables"

    @property
    def findings(self) -> Path:
        return self.folder / "findings"
