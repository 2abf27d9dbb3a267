"""campaign.toml and its sheets -> frozen, typed ``Campaign``.

``load`` checks everything that is declared and refuses the first thing that can't be, in one sentence with the file,
the line and the nearest right name. Sheets (accounts, places, activities; .xlsx or .csv) add to campaign.toml's lists.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from campaignstats import schema, words
from campaignstats.campaign.files import root_record, sheet, text_of
from campaignstats.campaign.records import Record, folded, nearest_folded, once, same_name
from campaignstats.errors import CampaignError, nearest

TEMPLATES = Path(__file__).parent.parent / "templates"


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
    also_called: tuple[
        str, ...
    ] = ()  # shorter forms and hashtags of the name and slogan, masked before counting themes
    hotlines: tuple[str, ...] = ()  # numbers that redaction leaves standing
    hotlines_checked: date | None = None  # the day on which a person last rang them
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

    def account_for(self, platform: str | None, account_id: str | None, name: str | None = None) -> Account | None:
        """The declared account that a file's account is, or None.

        The id decides where both sides have one; a name or handle is compared in NFC and without case. Names that two
        declared accounts of a platform share decide nothing.
        """
        if account_id and account_id.startswith(("file:", "name:")):  # ids that gather made up
            name = name or account_id.removeprefix("name:")
            account_id = None
        by_id, by_name = self._account_index
        found = by_id.get((platform, str(account_id).strip())) if account_id else None
        if found or not name:
            return found
        same = [a for a in by_name.get((platform, same_name(name)), []) if not _different_ids(a.id, account_id)]
        return same[0] if len(same) == 1 else None

    @cached_property
    def _account_index(self) -> tuple[dict[Any, Account], dict[Any, list[Account]]]:
        by_id = {(a.platform, a.id): a for a in self.accounts if a.id}
        by_name: dict[Any, list[Account]] = {}
        for account in self.accounts:
            for key in sorted({same_name(n) for n in (account.name, account.handle, account.id) if n}):
                by_name.setdefault((account.platform, key), []).append(account)
        return by_id, by_name


def name_id(name: str) -> str:
    """The id of an account of which only the name or handle is known: one for every writing of it."""
    return "name:" + same_name(name)


def _different_ids(one: str | None, other: str | None) -> bool:
    """Whether both are ids of the same kind (numbers, or YouTube channels) and so can't be one account."""
    if not one or not other or one == other:
        return False
    return (one.isdecimal() and str(other).isdecimal()) or (one.startswith("UC") and str(other).startswith("UC"))


# -- loading ------------------------------------------------------------------------------------------------------


def load(folder: str | Path) -> Campaign:
    """The campaign that ``folder`` declares in campaign.toml and in the sheets beside it.

    The first thing that can't be raises ``CampaignError``: one sentence with file, line and the nearest right name.
    """
    folder = Path(folder)
    if folder.name == "campaign.toml" and not folder.is_dir():
        folder = folder.parent
    if not folder.is_dir():
        raise CampaignError("campaign.no_folder", folder=str(folder))
    if not (folder / "campaign.toml").exists():
        near = next((f for f in (folder.parent, *sorted(folder.iterdir())) if (f / "campaign.toml").is_file()), None)
        if near is not None:
            raise CampaignError("campaign.no_file_near", folder=str(folder), near=str(near))
        raise CampaignError("campaign.no_file", folder=str(folder))
    root = root_record(text_of(folder / "campaign.toml"), "campaign.toml", _SECTIONS)
    about = root.table("campaign", _ABOUT, required=True)
    window = _window(root.table("window", _names(Window), required=True))
    baseline = _window(given) if (given := root.table("baseline", _names(Window))) else None
    if baseline and baseline.end >= window.start:
        raise root.error("baseline_not_before", "baseline", end=baseline.end, start=window.start)
    themes = _themes(root) or default_themes()
    codes = [t.code for t in themes]
    places = _places(root, folder)
    find_place = _place_finder(places)
    people = about.table("population", ("value", "date", "source"))
    hotlines = root.table("hotlines", ("numbers", "checked"))
    return Campaign(
        folder=folder,
        id=about.code("id", required=True, pattern=_FILE_NAME) or "",
        name=Bilingual(*about.bilingual("name", required=True)),
        slogan=Bilingual(*about.bilingual("slogan")),
        also_called=about.texts("also_called"),
        window=window,
        baseline=baseline,
        timezone=_timezone(about),
        language=about.choice("language", words.LANGUAGES) or "vi",
        synthetic=about.boolean("synthetic"),
        report_due=about.day("report_due"),
        population=people.whole("value", required=True) if people else None,
        population_date=people.day("date") if people else None,
        population_source=people.text("source") if people else None,
        area=Bilingual(*about.bilingual("area")) if about.has("area") else None,
        themes=themes,
        focus_areas=_focus_areas(root, codes),
        audiences=tuple(Bilingual(*r.bilingual("name", required=True)) for r in root.tables("audience", ("name",))),
        accounts=_accounts(root, folder, find_place),
        places=places,
        activities=tuple(
            _activity(r, find_place)
            for r in (*root.tables("activity", _names(Activity)), *sheet(folder, "activities", _names(Activity)))
        ),
        events=tuple(_event(r) for r in root.tables("event", _names(Event))),
        targets=tuple(_target(r) for r in root.tables("target", _names(Target))),
        context_figures=tuple(_context_figure(r) for r in root.tables("context_figure", _names(ContextFigure))),
        letterhead=_letterhead(root.table("letterhead", _names(Letterhead))),
        thresholds=_thresholds(root.table("thresholds", _names(Thresholds))),
        exports=tuple(_export(r, _timezone(about)) for r in root.tables("export", _names(Export))),
        mapped=tuple(_mapped(r) for r in root.tables("mapped", _names(MappedTable))),
        hotlines=hotlines.texts("numbers") if hotlines else (),
        hotlines_checked=hotlines.day("checked") if hotlines else None,
        notes=notes.mapping() if (notes := root.table("notes", None)) else {},
    )


def default_themes() -> tuple[Theme, ...]:
    """The eight themes of the label guide, for a campaign that declares none."""
    return _themes(root_record(text_of(TEMPLATES / "themes.toml"), "themes.toml", ("theme",)))


def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


_ABOUT = (
    "id", "name", "slogan", "also_called", "area", "timezone", "language", "synthetic", "report_due", "population",
)  # fmt: skip
_SECTIONS = (
    "campaign", "window", "baseline", "theme", "focus_area", "audience", "account", "place", "activity", "event",
    "target", "context_figure", "letterhead", "thresholds", "export", "mapped", "hotlines", "notes",
)  # fmt: skip
_CODE = re.compile(r"[a-z0-9_]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLACE_KINDS = ("ward", "commune", "special_zone", "district", "city", "province", "other")
MAPPED_TABLES = ("post", "metric", "comment", "activity")
_ZONES = {"asia hanoi": "Asia/Ho_Chi_Minh", "vietnam": "Asia/Ho_Chi_Minh", "utc 7": "Asia/Ho_Chi_Minh",
          "gmt 7": "Asia/Ho_Chi_Minh"}  # fmt: skip


def _window(record: Record) -> Window:
    start, end = record.required_day("start"), record.required_day("end")
    if end < start:
        raise record.error("end_before_start", "end", start=start, end=end)
    return Window(start, end)


def _timezone(about: Record) -> str:
    name = about.text("timezone") or "Asia/Ho_Chi_Minh"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = _ZONES.get(folded(name)) or nearest(name, sorted(available_timezones()))
        raise about.error("unknown_zone", "timezone", near=near, value=name) from None
    return name


def _themes(root: Record) -> tuple[Theme, ...]:
    seen: dict[Any, Record] = {}
    found = []
    for record in root.tables("theme", _names(Theme)):
        code = record.code("code", required=True, pattern=_CODE) or ""
        once(seen, code, record, "code", code)
        name = Bilingual(*record.bilingual("name")) if record.has("name") else Bilingual(code, code)
        hashtags = tuple("#" + tag.lstrip("#") for tag in record.texts("hashtags"))
        found.append(Theme(code, name, record.texts("phrases"), hashtags))
    return tuple(found)


def _focus_areas(root: Record, themes: list[str]) -> tuple[FocusArea, ...]:
    seen: dict[Any, Record] = {}
    found = []
    for record in root.tables("focus_area", _names(FocusArea)):
        code = record.code("code", required=True, pattern=_CODE) or ""
        once(seen, code, record, "code", code)
        chosen = record.texts("themes")
        for theme in chosen:
            if theme not in themes:
                near = nearest(theme, themes)
                raise record.error("unknown_theme", "themes", near=near, value=theme, known=", ".join(themes))
        name = Bilingual(*record.bilingual("name")) if record.has("name") else Bilingual(code, code)
        found.append(FocusArea(code, name, chosen))
    return tuple(found)


def _places(root: Record, folder: Path) -> tuple[Place, ...]:
    seen: dict[Any, Record] = {}
    found = []
    for record in (*root.tables("place", _names(Place)), *sheet(folder, "places", _names(Place))):
        code = record.code("code", required=True) or ""
        once(seen, code, record, "code", code)
        found.append(
            Place(
                code=code,
                name=record.text("name", required=True) or "",
                name_en=record.text("name_en"),
                kind=record.choice("kind", PLACE_KINDS),
                population=record.whole("population"),
                population_date=record.day("population_date"),
                population_source=record.text("population_source"),
                population_assumed=record.boolean("population_assumed"),
                latitude=record.number("latitude", -90, 90),
                longitude=record.number("longitude", -180, 180),
            )
        )
    return tuple(found)


def _place_finder(places: tuple[Place, ...]) -> Callable[[Record], str | None]:
    """A function from a record to the code of the place that it names by code or by name."""
    codes = {p.code for p in places}
    named: dict[str, list[str]] = {}
    for place in places:
        for name in sorted({same_name(n) for n in (place.name, place.name_en) if n}):
            named.setdefault(name, []).append(place.code)

    def find(record: Record) -> str | None:
        given = record.code("place")
        if given is None or given in codes:
            return given
        same = named.get(same_name(given), [])
        if len(same) == 1:
            return same[0]
        if same:
            raise record.error("ambiguous_place", "place", value=given, codes=", ".join(same))
        if not places:
            raise record.error("no_places", "place", value=given)
        near = nearest(given, sorted(codes)) if given.isdecimal() else None
        near = near or nearest_folded(given, [p.name for p in places]) or nearest(given, sorted(codes))
        raise record.error("unknown_place", "place", near=near, value=given)

    return find


def _accounts(root: Record, folder: Path, place: Callable[[Record], str | None]) -> tuple[Account, ...]:
    seen: dict[Any, Record] = {}
    nameless: set[tuple[str, str]] = set()  # accounts that only their name tells apart
    found = []
    for record in (*root.tables("account", _names(Account)), *sheet(folder, "accounts", _names(Account))):
        platform = record.choice("platform", schema.PLATFORMS, required=True) or ""
        number, handle = record.code("id"), record.text("handle")
        name = record.text("name") or handle or number
        if name is None:
            raise record.error("nameless_account", "name")
        if number:
            once(seen, (platform, number), record, "id", name)
        by_name = (platform, same_name(name))
        if (not number and ("name", *by_name) in seen) or by_name in nameless:
            once(seen, ("name", *by_name), record, "name", name)
        seen.setdefault(("name", *by_name), record)
        if not number:
            nameless.add(by_name)
        found.append(
            Account(
                platform=platform,
                id=number,
                name=name,
                sector=record.text("sector"),
                owner_level=record.choice("owner_level", schema.OWNER_LEVELS) or "province",
                place=place(record),
                audience_local=record.boolean("audience_local"),
                handle=handle,
                complete_source=record.boolean("complete_source"),
            )
        )
    return tuple(found)


def _activity(record: Record, place: Callable[[Record], str | None]) -> Activity:
    return Activity(
        kind=record.text("kind", required=True) or "",
        date=record.day("date"),
        place=place(record),
        people=record.whole("people"),
        copies=record.whole("copies"),
        sessions=record.whole("sessions"),
        sector=record.text("sector"),
        note=record.text("note"),
    )


def _event(record: Record) -> Event:
    day, until = record.required_day("day"), record.day("until")
    if until and until < day:
        raise record.error("end_before_start", "until", start=day, end=until)
    return Event(day, Bilingual(*record.bilingual("name", required=True)), until)


def _target(record: Record) -> Target:
    value = record.number("value", required=True)
    assert value is not None
    return Target(
        measure=record.text("measure", required=True) or "",
        value=value,
        by=record.required_day("by"),
        document=record.text("document", required=True) or "",
        name=Bilingual(*record.bilingual("name", required=True)),
        unit=record.text("unit") or "%",
    )


def _context_figure(record: Record) -> ContextFigure:
    return ContextFigure(
        name=Bilingual(*record.bilingual("name", required=True)),
        value=record.text("value", required=True) or "",
        date=record.required_day("date"),
        source=record.text("source", required=True) or "",
    )


def _letterhead(record: Record | None) -> Letterhead:
    if record is None:
        return Letterhead()
    written = {n: record.text(n) or "" for n in _names(Letterhead) if n not in ("day", "recipients")}
    return Letterhead(**written, day=record.day("day"), recipients=record.texts("recipients"))


def _thresholds(record: Record | None) -> Thresholds:
    if record is None:
        return Thresholds()
    lowest = {"bootstrap_resamples": 100, "seed": 0}
    return Thresholds(**{n: v for n in _names(Thresholds) if (v := record.whole(n, lowest.get(n, 1))) is not None})


def _export(record: Record, zone: str) -> Export:
    start, end = record.day("period_start"), record.day("period_end")
    if start and end and end < start:
        raise record.error("end_before_start", "period_end", start=start, end=end)
    return Export(
        path=record.text("path", required=True) or "",
        platform=record.choice("platform", schema.PLATFORMS),
        account=record.code("account"),
        exported_at=record.instant("exported_at", zone),
        period_start=start,
        period_end=end,
    )


def _mapped(record: Record) -> MappedTable:
    table = record.choice("table", MAPPED_TABLES, required=True) or ""
    columns = record.table("columns", _mapped_columns(), required=True).mapping()
    zone = _timezone(record) if record.has("timezone") else None
    form = record.text("date_format")
    if form and form != "iso" and "%" not in form:
        raise record.error("bad_date_format", "date_format", value=form)
    constants = record.table("constants", _mapped_columns())
    return MappedTable(
        path=record.text("path", required=True) or "",
        table=table,
        columns=columns,
        platform=record.choice("platform", schema.PLATFORMS),
        account=record.code("account"),
        sheet=record.text("sheet"),
        date_format=form,
        timezone=zone,
        grain=record.choice("grain", schema.GRAINS) or "post_lifetime",
        evidence=record.choice("evidence", schema.EVIDENCE) or "export",
        constants=constants.mapping() if constants else {},
    )


def _mapped_columns() -> tuple[str, ...]:
    """What a column of a mapped table may become: a canonical column or a metric of the registry."""
    columns = [c for table in MAPPED_TABLES for c in schema.TABLES[table].names if c not in ("source", "row")]
    registry = tomllib.loads((Path(__file__).parent.parent / "metrics.toml").read_text(encoding="utf-8"))
    return tuple(sorted({*columns, *registry}))
