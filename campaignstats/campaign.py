"""campaign.toml and its sheets -> frozen, typed ``Campaign``.

``load`` checks everything that is declared and refuses the first thing that can't be, in one sentence with the file,
the line and the nearest right name. Sheets (accounts, places, activities; .xlsx or .csv) add to campaign.toml's lists.
"""

import csv
import io
import re
import tomllib
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from campaignstats import schema, toml_lines, words
from campaignstats.errors import CampaignError, nearest

TEMPLATES = Path(__file__).parent / "templates"


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
        same = [a for a in by_name.get((platform, _same(name)), []) if not _different_ids(a.id, account_id)]
        return same[0] if len(same) == 1 else None

    @cached_property
    def _account_index(self) -> tuple[dict[Any, Account], dict[Any, list[Account]]]:
        by_id = {(a.platform, a.id): a for a in self.accounts if a.id}
        by_name: dict[Any, list[Account]] = {}
        for account in self.accounts:
            for key in sorted({_same(n) for n in (account.name, account.handle, account.id) if n}):
                by_name.setdefault((account.platform, key), []).append(account)
        return by_id, by_name


# "hoà" and "hòa" are one word: the tone mark moves to the form that most lists of places use
_MOVED = {
    f"{plain}{unicodedata.normalize('NFC', last + tone)}": f"{unicodedata.normalize('NFC', plain + tone)}{last}"
    for plain, last in ("oa", "oe", "uy")
    for tone in "\u0300\u0301\u0309\u0303\u0323"
}
_TONE = re.compile(rf"(?<!q)(?:{'|'.join(_MOVED)})\b")


def _same(name: str) -> str:
    """A name in the form in which two writings of it are equal."""
    plain = unicodedata.normalize("NFC", " ".join(str(name).split())).casefold().removeprefix("@")
    return _TONE.sub(lambda m: _MOVED[m[0]], plain)


def _different_ids(one: str | None, other: str | None) -> bool:
    """Whether both are ids of the same kind (numbers, or YouTube channels) and so can't be one account."""
    if not one or not other or one == other:
        return False
    return (one.isdecimal() and str(other).isdecimal()) or (one.startswith("UC") and str(other).startswith("UC"))


# ---------------------------------------------------------------------------------------------- loading


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
        raise CampaignError("campaign.no_file", folder=str(folder))
    root = _root(_text(folder / "campaign.toml"), "campaign.toml", _SECTIONS)
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
        name=about.bilingual("name", required=True),
        slogan=about.bilingual("slogan"),
        window=window,
        baseline=baseline,
        timezone=_timezone(about),
        language=about.choice("language", words.LANGUAGES) or "vi",
        synthetic=about.boolean("synthetic"),
        report_due=about.day("report_due"),
        population=people.whole("value", required=True) if people else None,
        population_date=people.day("date") if people else None,
        population_source=people.text("source") if people else None,
        area=about.bilingual("area") if about.has("area") else None,
        themes=themes,
        focus_areas=_focus_areas(root, codes),
        audiences=tuple(r.bilingual("name", required=True) for r in root.tables("audience", ("name",))),
        accounts=_accounts(root, folder, find_place),
        places=places,
        activities=tuple(
            _activity(r, find_place)
            for r in (*root.tables("activity", _names(Activity)), *_sheet(folder, "activities", Activity))
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
    return _themes(_root(_text(TEMPLATES / "themes.toml"), "themes.toml", ("theme",)))


def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


_ABOUT = (
    "id", "name", "slogan", "area", "timezone", "language", "synthetic", "report_due", "population",
)  # fmt: skip
_SECTIONS = (
    "campaign", "window", "baseline", "theme", "focus_area", "audience", "account", "place", "activity", "event",
    "target", "context_figure", "letterhead", "thresholds", "export", "mapped", "hotlines", "notes",
)  # fmt: skip
_CODE = re.compile(r"[a-z0-9_]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLACE_KINDS = ("ward", "commune", "special_zone", "district", "city", "province", "other")
MAPPED_TABLES = ("post", "metric", "comment", "activity")
# what people write for a choice beside its code and the catalogue's [choice] words
_ALSO = {
    "platform": {
        "fb": "facebook",
        "ig": "instagram",
        "yt": "youtube",
        "twitter": "x",
        "web": "website",
        "zalo oa": "zalo",
    },
    "owner_level": {"tỉnh": "province", "xã": "commune", "phường": "commune", "xã phường": "commune", "hội": "union"},
    "kind": {},
}
_TRUE = ("có", "x", "đúng", "rồi", "yes", "y", "true", "1")
_FALSE = ("không", "sai", "chưa", "no", "n", "false", "0")
_ZONES = {"asia hanoi": "Asia/Ho_Chi_Minh", "vietnam": "Asia/Ho_Chi_Minh", "utc 7": "Asia/Ho_Chi_Minh",
          "gmt 7": "Asia/Ho_Chi_Minh"}  # fmt: skip


def _window(record: "_Record") -> Window:
    start, end = record.required_day("start"), record.required_day("end")
    if end < start:
        raise record.error("end_before_start", "end", start=start, end=end)
    return Window(start, end)


def _timezone(about: "_Record") -> str:
    name = about.text("timezone") or "Asia/Ho_Chi_Minh"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = _ZONES.get(_folded(name)) or nearest(name, sorted(available_timezones()))
        raise about.error("unknown_zone", "timezone", near=near, value=name) from None
    return name


def _themes(root: "_Record") -> tuple[Theme, ...]:
    seen: dict[Any, _Record] = {}
    found = []
    for record in root.tables("theme", _names(Theme)):
        code = record.code("code", required=True, pattern=_CODE) or ""
        _once(seen, code, record, "code", code)
        name = record.bilingual("name") if record.has("name") else Bilingual(code, code)
        hashtags = tuple("#" + tag.lstrip("#") for tag in record.texts("hashtags"))
        found.append(Theme(code, name, record.texts("phrases"), hashtags))
    return tuple(found)


def _focus_areas(root: "_Record", themes: list[str]) -> tuple[FocusArea, ...]:
    seen: dict[Any, _Record] = {}
    found = []
    for record in root.tables("focus_area", _names(FocusArea)):
        code = record.code("code", required=True, pattern=_CODE) or ""
        _once(seen, code, record, "code", code)
        chosen = record.texts("themes")
        for theme in chosen:
            if theme not in themes:
                near = nearest(theme, themes)
                raise record.error("unknown_theme", "themes", near=near, value=theme, known=", ".join(themes))
        name = record.bilingual("name") if record.has("name") else Bilingual(code, code)
        found.append(FocusArea(code, name, chosen))
    return tuple(found)


def _places(root: "_Record", folder: Path) -> tuple[Place, ...]:
    seen: dict[Any, _Record] = {}
    found = []
    for record in (*root.tables("place", _names(Place)), *_sheet(folder, "places", Place)):
        code = record.code("code", required=True) or ""
        _once(seen, code, record, "code", code)
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


def _place_finder(places: tuple[Place, ...]) -> "Callable[[_Record], str | None]":
    """A function from a record to the code of the place that it names by code or by name."""
    codes = {p.code for p in places}
    named: dict[str, list[str]] = {}
    for place in places:
        for name in sorted({_same(n) for n in (place.name, place.name_en) if n}):
            named.setdefault(name, []).append(place.code)

    def find(record: _Record) -> str | None:
        given = record.code("place")
        if given is None or given in codes:
            return given
        same = named.get(_same(given), [])
        if len(same) == 1:
            return same[0]
        if same:
            raise record.error("ambiguous_place", "place", value=given, codes=", ".join(same))
        if not places:
            raise record.error("no_places", "place", value=given)
        near = nearest(given, sorted(codes)) if given.isdecimal() else None
        near = near or _nearest_folded(given, [p.name for p in places]) or nearest(given, sorted(codes))
        raise record.error("unknown_place", "place", near=near, value=given)

    return find


def _accounts(root: "_Record", folder: Path, place: "Callable[[_Record], str | None]") -> tuple[Account, ...]:
    seen: dict[Any, _Record] = {}
    nameless: set[tuple[str, str]] = set()  # accounts that only their name tells apart
    found = []
    for record in (*root.tables("account", _names(Account)), *_sheet(folder, "accounts", Account)):
        platform = record.choice("platform", schema.PLATFORMS, required=True) or ""
        number, handle = record.code("id"), record.text("handle")
        name = record.text("name") or handle or number
        if name is None:
            raise record.error("nameless_account", "name")
        if number:
            _once(seen, (platform, number), record, "id", name)
        by_name = (platform, _same(name))
        if (not number and ("name", *by_name) in seen) or by_name in nameless:
            _once(seen, ("name", *by_name), record, "name", name)
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


def _activity(record: "_Record", place: "Callable[[_Record], str | None]") -> Activity:
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


def _event(record: "_Record") -> Event:
    day, until = record.required_day("day"), record.day("until")
    if until and until < day:
        raise record.error("end_before_start", "until", start=day, end=until)
    return Event(day, record.bilingual("name", required=True), until)


def _target(record: "_Record") -> Target:
    value = record.number("value", required=True)
    assert value is not None
    return Target(
        measure=record.text("measure", required=True) or "",
        value=value,
        by=record.required_day("by"),
        document=record.text("document", required=True) or "",
        name=record.bilingual("name", required=True),
        unit=record.text("unit") or "%",
    )


def _context_figure(record: "_Record") -> ContextFigure:
    return ContextFigure(
        name=record.bilingual("name", required=True),
        value=record.text("value", required=True) or "",
        date=record.required_day("date"),
        source=record.text("source", required=True) or "",
    )


def _letterhead(record: "_Record | None") -> Letterhead:
    if record is None:
        return Letterhead()
    written = {n: record.text(n) or "" for n in _names(Letterhead) if n not in ("day", "recipients")}
    return Letterhead(**written, day=record.day("day"), recipients=record.texts("recipients"))


def _thresholds(record: "_Record | None") -> Thresholds:
    if record is None:
        return Thresholds()
    lowest = {"bootstrap_resamples": 100, "seed": 0}
    return Thresholds(**{n: v for n in _names(Thresholds) if (v := record.whole(n, lowest.get(n, 1))) is not None})


def _export(record: "_Record", zone: str) -> Export:
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


def _mapped(record: "_Record") -> MappedTable:
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
    registry = tomllib.loads((Path(__file__).parent / "metrics.toml").read_text(encoding="utf-8"))
    return tuple(sorted({*columns, *registry}))


# ---------------------------------------------------------------------------------------------- records


@dataclass(frozen=True)
class _Record:
    """A table of campaign.toml, or a row of a sheet: its values, and the line on which each stands."""

    values: Mapping[str, Any]
    file: str
    title: str  # what messages call it
    lines: Mapping[toml_lines.Path, int] = field(default_factory=dict)
    path: toml_lines.Path = ()
    row: int = 0  # of a sheet; 0 in campaign.toml

    def line(self, key: str = "") -> int:
        return self.row or self.lines.get((*self.path, key)) or self.lines.get(self.path) or 1

    def error(self, name: str, key: str = "", *, near: str | None = None, **values: Any) -> CampaignError:
        """The error ``name``, or ``name``_near where a right name is near."""
        return CampaignError(
            f"campaign.{name}_near" if near else f"campaign.{name}",
            file=self.file, line=str(self.line(key)), table=self.title, key=key, near=near, **values,
        )  # fmt: skip

    def has(self, key: str) -> bool:
        return self.values.get(key) is not None

    def _value(self, key: str, required: bool = False) -> Any:
        value = self.values.get(key)
        if isinstance(value, str):
            value = unicodedata.normalize("NFC", value).strip() or None
        if value is None and required:
            raise self.error("missing_key", key)
        return value

    def _wrong(self, wanted: str, key: str, value: Any) -> CampaignError:
        return self.error(f"wants_{wanted}", key, value=_shown(value))

    def text(self, key: str, required: bool = False) -> str | None:
        value = self._value(key, required)
        if value is None or isinstance(value, str):
            return value
        if self.row:
            return self.code(key)
        raise self._wrong("text", key, value)

    def code(self, key: str, required: bool = False, pattern: re.Pattern[str] | None = None) -> str | None:
        """A text that may be written as a number: 25195.0 is "25195"; a number that Excel has rounded is refused."""
        value = self._value(key, required)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if self.row and isinstance(value, str) and re.fullmatch(r"\d+\.0", value):
            value = value[:-2]
        # Excel keeps 15 digits: a longer number of a workbook is no longer the one that was typed
        if self.row and (
            (isinstance(value, int) and abs(value) >= 10**15)
            or (isinstance(value, str) and re.fullmatch(r"\d([.,]\d+)?E\+\d+", value, re.IGNORECASE))
        ):
            raise self.error("rounded", key, value=str(value))
        if value is None or isinstance(value, str):
            text = value
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong("text", key, value)
        else:
            text = str(value)
        if text is not None and pattern and not pattern.fullmatch(text):
            raise self.error("bad_code", key, value=text)
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self._wrong("texts", key, value)
        return tuple(t for v in value if (t := unicodedata.normalize("NFC", v).strip()))

    def bilingual(self, key: str, required: bool = False) -> Bilingual:
        """Text in both languages; a plain text, or one given in one language only, stands for both."""
        value = self._value(key, required)
        if value is None or isinstance(value, str):
            return Bilingual(value or "", value or "")
        both = self.table(key, words.LANGUAGES)
        assert both
        vi, en = both.text("vi"), both.text("en")
        if required and not (vi or en):
            raise self.error("missing_key", key)
        return Bilingual(vi or en or "", en or vi or "")

    def boolean(self, key: str) -> bool:
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        if self.row:
            written = _same(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
            if written in _TRUE or written in _FALSE:
                return written in _TRUE
        raise self._wrong("boolean", key, value)

    def whole(self, key: str, lowest: int = 0, required: bool = False) -> int | None:
        value = self._value(key, required)
        if self.row and isinstance(value, str) and re.fullmatch(r"\d{1,3}([., \u00a0]\d{3})+|\d+", value):
            value = int(re.sub(r"\D", "", value))
        if self.row and isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self._wrong("whole", key, value)
        if value is not None and value < lowest:
            raise self.error("too_low", key, value=value, lowest=lowest)
        return value

    def number(
        self, key: str, lowest: float | None = None, highest: float | None = None, *, required: bool = False
    ) -> float | None:
        value = self._value(key, required)
        if self.row and isinstance(value, str) and re.fullmatch(r"-?\d+([.,]\d+)?", value):
            value = float(value.replace(",", "."))
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise self._wrong("number", key, value)
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            raise self.error("out_of_range", key, value=str(value), lowest=str(lowest), highest=str(highest))
        return float(value)

    def day(self, key: str, required: bool = False) -> date | None:
        """A day: a date of TOML or Excel, or a text as 31/12/2025 or 2025-12-31."""
        value = self._value(key, required)
        if self.row and isinstance(value, datetime) and value.time() == time():
            return value.date()
        if isinstance(value, str):
            value = self._written_day(key, value)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self._wrong("date", key, value)

    def required_day(self, key: str) -> date:
        day = self.day(key, required=True)
        assert day  # a missing one was refused
        return day

    def _written_day(self, key: str, text: str) -> date:
        found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
        numbers = (found[3], found[2], found[1]) if found else ()
        if not found and (found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: 00:00:00)?", text)):
            numbers = (found[1], found[2], found[3])
        if not numbers:
            raise self._wrong("date", key, text)
        try:
            return date(*map(int, numbers))
        except ValueError:
            raise self.error("no_such_day", key, value=text) from None

    def instant(self, key: str, zone: str) -> datetime | None:
        """An instant in UTC; without an offset it is in ``zone``, and a bare day means its first moment."""
        value = self._value(key)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = self._written_day(key, value)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise self._wrong("date", key, value)
        return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

    def choice(self, key: str, known: tuple[str, ...], required: bool = False) -> str | None:
        """One of ``known``, by its code or by the word of either language."""
        value = self._value(key, required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong("text", key, value)
        accepted = {_folded(code): code for code in known}
        accepted |= {_folded(w): c for w, c in _ALSO.get(key, {}).items() if c in known}
        for code in known:
            if words.has(f"choice.{key}.{code}"):
                accepted |= {_folded(words.text(f"choice.{key}.{code}", lang)): code for lang in words.LANGUAGES}
        if _folded(value) not in accepted:
            near = nearest(_folded(value), sorted(accepted))
            raise self.error(
                "unknown_choice", key, near=accepted[near] if near else None, value=value, known=", ".join(known)
            )
        return accepted[_folded(value)]

    def mapping(self) -> dict[str, str]:
        return {key: text for key in self.values if (text := self.text(key)) is not None}

    def _child(
        self, path: toml_lines.Path, values: dict[str, Any], title: str, keys: tuple[str, ...] | None
    ) -> "_Record":
        child = _Record(values, self.file, title, self.lines, path)
        for key in values:
            if keys is not None and key not in keys:
                raise child.error("unknown_key", key, near=_nearest_folded(key, keys), known=", ".join(keys))
        return child

    def table(self, key: str, keys: tuple[str, ...] | None, required: bool = False) -> "Any":
        """The table under ``key`` as a record, None where it is missing; ``keys``: the names that it may hold."""
        value = self.values.get(key)
        title = f"[{'.'.join(map(str, (*(p for p in self.path if isinstance(p, str)), key)))}]"
        if value is None:
            if required:
                raise self.error("missing_table", key, wanted=title)
            return None
        if not isinstance(value, dict):
            raise self._wrong("table", key, value)
        return self._child((*self.path, key), value, title, keys)

    def tables(self, key: str, keys: tuple[str, ...]) -> "list[_Record]":
        """The tables of the list under ``key``, e.g. every [[account]]."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self._wrong("tables", key, value)
        return [self._child((*self.path, key, n), v, f"[[{key}]]", keys) for n, v in enumerate(value)]


def _once(seen: "dict[Any, _Record]", what: Any, record: _Record, key: str, value: str) -> None:
    """Refuses ``what`` where an earlier record has it."""
    if what in seen:
        first = seen[what]
        raise record.error("twice", key, value=value, first=first.file, first_line=str(first.line(key)))
    seen[what] = record


def _folded(text: str) -> str:
    """A word to compare by without accents, case and signs: "Mã xã/phường *" is "ma xa phuong"."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ")))


def _nearest_folded(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    by_folded = {_folded(k): k for k in known}
    found = nearest(_folded(word), list(by_folded))
    return by_folded[found] if found else None


def _shown(value: Any) -> str:
    """A value as a message quotes it, cut short."""
    if isinstance(value, dict | list):
        return "[…]"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


# ---------------------------------------------------------------------------------------------- campaign.toml


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        # Windows: a sheet that is open in Excel can't be read
        raise CampaignError("campaign.unreadable", file=file.name, detail=error.strerror or str(error)) from None


def _text(file: Path) -> str:
    """The text of a file as Notepad and Excel save it: UTF-8 or UTF-16, with or without a byte-order mark."""
    raw = _bytes(file)
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise CampaignError("campaign.not_utf8", file=file.name, line=str(line)) from None


def _root(text: str, file: str, sections: tuple[str, ...]) -> _Record:
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(text, file, str(error)) from None
    root = _Record(values, file, file, toml_lines.lines(text))
    return root._child((), values, file, sections)


# the beginnings of tomllib's messages, and what a reader of campaign.toml is told instead
_SYNTAX = {
    "Invalid date or datetime": "no_such_day",
    "Cannot overwrite a value": "syntax_twice",
    "Cannot declare": "syntax_twice",
    "Cannot mutate": "syntax_twice",
    "Duplicate inline table key": "syntax_twice",
    "Illegal character": "syntax_quote",
    "Unterminated string": "syntax_quote",
    "Expected \"'''\"": "syntax_quote",
    "Unescaped '\\' in a string": "syntax_backslash",
    "Invalid hex value": "syntax_backslash",
    "Unclosed array": "syntax_bracket",
    "Unclosed inline table": "syntax_bracket",
    "Expected '=' after a key": "syntax_equals",
    "Invalid value": "syntax_value",
    "Expected newline or end of document after a statement": "syntax_value",
}


def _syntax(text: str, file: str, message: str) -> CampaignError:
    """tomllib's message as a sentence of the catalogue; its own words are kept where none is known."""
    rows = text.split("\n")
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    last = max((n for n, row in enumerate(rows, start=1) if row.strip()), default=1)
    line = int(found[1]) if found else last  # "(at end of document)"
    detail = re.sub(r" \(at [^)]*\)$", "", message)
    row = rows[line - 1]
    name = next((name for start, name in _SYNTAX.items() if detail.startswith(start)), "syntax")
    if re.search(r"[“”„‟]", row) and name != "no_such_day":
        name = "syntax_curly"
    elif bare := re.search(r"=\s*(\d{1,2}/\d{1,2}/\d{4})", row):
        return CampaignError("campaign.syntax_date", file=file, line=str(line), value=bare[1], key="")
    return CampaignError(
        f"campaign.{name}", file=file, line=str(line), value=_shown(row.split("=", 1)[-1].split("#")[0].strip()),
        detail=detail, key="",
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- sheets

MAX_ROWS, MAX_COLUMNS, MAX_BYTES = 20_000, 60, 100_000_000
# further headers that are understood beside the field's own name and the catalogue's [sheet.<name>] words
_HEADERS_ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "accounts": {
        "name": ("tên", "tên trang", "tên tài khoản", "page", "account"),
        "id": ("mã", "id trang", "page id", "account id", "channel id"),
        "owner_level": ("cấp", "level"),
        "place": ("xã", "phường", "xã phường", "mã xã", "mã xã phường", "commune", "place code"),
        "sector": ("ngành", "đơn vị"),
        "handle": ("username", "tên người dùng"),
        "audience_local": ("địa phương",),
    },
    "places": {
        "code": ("mã", "mã xã", "mã xã phường", "mã đơn vị hành chính"),
        "name": ("tên", "xã phường", "tên xã phường"),
        "name_en": ("english name",),
        "kind": ("loại", "type"),
        "population": ("số dân", "dân số người"),
        "latitude": ("lat",),
        "longitude": ("lon", "lng"),
    },
    "activities": {
        "kind": ("loại", "hoạt động", "activity"),
        "date": ("ngày tổ chức", "thời gian"),
        "place": ("xã", "phường", "xã phường", "mã xã", "commune"),
        "people": ("số người", "người", "lượt người"),
        "copies": ("số bản", "bản"),
        "sessions": ("số buổi", "buổi", "số lượt"),
        "sector": ("ngành", "đơn vị"),
    },
}
# a row whose first cell begins so is an example or a remark
_EXAMPLE = ("ví dụ:", "vd:", "example:", "e.g.", "#")


def _sheet(folder: Path, name: str, kind: type) -> Iterator[_Record]:
    """The rows of NAME.xlsx and NAME.csv as records; row 1 has the headers, of either language."""
    for ending, rows in ((".xlsx", _workbook_rows), (".csv", _csv_rows)):
        file = folder / f"{name}{ending}"
        if not file.exists():
            continue
        keys: list[str | None] | None = None
        for number, cells in rows(file):
            if all(c is None or (isinstance(c, str) and not c.strip()) for c in cells):
                continue
            if keys is None:
                keys = _columns(cells, file.name, number, name, kind)
                continue
            first = next(c for c in cells if c is not None and str(c).strip())
            if str(first).strip().casefold().startswith(_EXAMPLE):
                continue
            values: dict[str, Any] = {}
            for key, cell in zip_longest(keys, cells):
                if key is not None:
                    values[key] = cell
                elif cell is not None and str(cell).strip():
                    raise CampaignError("campaign.headless_cell", file=file.name, line=str(number))
            yield _Record(values, file.name, file.name, row=number)


def _columns(cells: list[Any], file: str, number: int, name: str, kind: type) -> list[str | None]:
    """The field under each header; None where a column has none."""
    known: dict[str, str] = {}
    shown: list[str] = []
    for key in _names(kind):
        labels = [words.text(f"sheet.{name}.{key}", lang) for lang in words.LANGUAGES]
        for word in (key, *labels, *_HEADERS_ALSO[name].get(key, ())):
            known.setdefault(_folded(word), key)
        shown += labels
    found: list[str | None] = []
    where = _Record({}, file, file, row=number)
    for cell in cells:
        header = str(cell).strip() if cell is not None else ""
        if not header:
            found.append(None)
            continue
        field_name = known.get(_folded(header))
        if field_name is None:
            near = _nearest_folded(header, shown)
            raise where.error("unknown_column", near=near, value=header, known=", ".join(shown))
        if field_name in found:
            raise where.error("column_twice", value=header)
        found.append(field_name)
    return found


def _workbook_rows(file: Path) -> list[tuple[int, list[Any]]]:
    """(row number, cells) of the first sheet's rows that hold anything; formulas give their stored values."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    raw = _bytes(file)
    found: list[tuple[int, list[Any]]] = []
    too_large = CampaignError("campaign.sheet_too_large", file=file.name, rows=MAX_ROWS, columns=MAX_COLUMNS)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(i.file_size for i in archive.infolist()) > MAX_BYTES:
                raise too_large
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drop-downs and styles that it does not keep
            sheet = load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
            sheet.reset_dimensions()  # a wrong stored size would cut rows off
            for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
                if any(c is not None for c in row):
                    found.append((number, list(row)))
                    if number > MAX_ROWS:
                        raise too_large
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, EOFError, SyntaxError):
        raise CampaignError("campaign.not_a_workbook", file=file.name) from None
    return found


def _csv_rows(file: Path) -> Iterator[tuple[int, list[Any]]]:
    """(line on which the record begins, cells); the separator is the commonest of , ; and tab in the first line."""
    text = _text(file)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if begins > MAX_ROWS:
                raise CampaignError("campaign.sheet_too_large", file=file.name, rows=MAX_ROWS, columns=MAX_COLUMNS)
            yield begins, list(cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CampaignError("campaign.bad_csv", file=file.name, line=str(reader.line_num), detail=str(error)) from None
