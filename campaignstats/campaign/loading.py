"""campaign.toml and the sheets beside it -> ``Campaign``; the first thing that can't be is refused in one sentence."""

import re
import tomllib
from dataclasses import fields, replace
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo, available_timezones

from campaignstats import schema, words
from campaignstats.campaign.files import root_record, sheet, text_of
from campaignstats.campaign.records import Record, folded, nearest_folded, once, same_name
from campaignstats.campaign.types import (
    Account,
    Activity,
    Bilingual,
    Campaign,
    ContextFigure,
    Event,
    Export,
    FocusArea,
    FormerName,
    FormerPlace,
    Letterhead,
    MappedTable,
    Place,
    PlaceName,
    Target,
    Theme,
    Thresholds,
    Window,
)
from campaignstats.errors import CampaignError, nearest

TEMPLATES = Path(__file__).parent.parent / "templates"


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
    places, former_places = _places(root, folder, window.end)
    find_place = _place_finder(places + former_places)
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
        accounts=_accounts(root, folder, find_place, places + former_places),
        places=places,
        former_places=former_places,
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
PLACE_KINDS = ("ward", "commune", "special_zone", "district", "city", "province", "central_city", "other")
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


_PLACE_KEYS = (
    "code", "name", "name_en", "kind", "population", "population_date", "population_source", "population_assumed",
    "latitude", "longitude", "valid_from", "valid_to", "merged_into",
)  # fmt: skip


def _places(root: Record, folder: Path, day: date) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The places that there are on ``day``, under their names of that day, and those that there were before.

    Rows with one code are one place under the names that it had one after the other.
    """
    rows: dict[str, list[Record]] = {}
    for record in (*root.tables("place", _PLACE_KEYS), *sheet(folder, "places", _PLACE_KEYS)):
        code = record.code("code", required=True) or ""
        if code in rows and not any(r.has(key) for r in (record, *rows[code]) for key in ("valid_from", "valid_to")):
            once({code: rows[code][0]}, code, record, "code", code)
        rows.setdefault(code, []).append(record)
    made = {code: _place(code, records, day) for code, records in rows.items()}
    find = _place_finder(tuple(made.values()))
    merged: dict[str, Place] = {}
    for code, records in rows.items():
        record = records[-1]
        into = find(record, "merged_into")
        if into is not None and into != code and made[code].valid_to is None:
            raise record.error("merged_without_day", "valid_to", value=made[code].name)
        merged[code] = replace(made[code], merged_into=into if into != code else None)
    for code, records in rows.items():
        _refuse_cycle(records[-1], code, merged)
    former = {code for code, p in merged.items() if p.valid_to is not None and p.valid_to < day}
    kept = tuple(p for code, p in merged.items() if code not in former)
    return kept, tuple(p for code, p in merged.items() if code in former)


def _place(code: str, records: list[Record], day: date) -> Place:
    """The place of ``records``, which are sorted here, the oldest first."""
    spans: dict[int, tuple[date | None, date | None]] = {}
    for record in records:
        start, end = record.day("valid_from"), record.day("valid_to")
        if start and end and end < start:
            raise record.error("end_before_start", "valid_to", start=start, end=end)
        spans[id(record)] = (start, end)

    records.sort(key=lambda r: (spans[id(r)][0] or date.min, spans[id(r)][1] or date.max))
    names: list[PlaceName] = []
    for n, record in enumerate(records):
        start, end = spans[id(record)]
        if start is None and names and (before := names[-1].valid_to):
            start = before + timedelta(1)
        if n + 1 < len(records):
            following = records[n + 1]
            begins = spans[id(following)][0]
            end = end or (begins - timedelta(1) if begins else None)
            if end is None or (begins is not None and begins <= end):
                raise following.error(
                    "overlapping_names", "valid_from", value=following.text("name") or code, code=code,
                    other=record.text("name") or code, first=record.file, first_line=str(record.line("valid_to")),
                )  # fmt: skip
        kind = record.choice("kind", PLACE_KINDS)
        names.append(PlaceName(record.text("name", required=True) or "", record.text("name_en"), kind, start, end))
    then = next((n for n, name in enumerate(names) if name.valid_to is None or day <= name.valid_to), len(names) - 1)
    # what a row leaves open stands in the others: the one in force first, then the newest
    order = [records[then], *(r for r in reversed(records) if r is not records[then])]
    counted = next((r for r in order if r.has("population")), order[0])
    located = next((r for r in order if r.has("latitude")), order[0])
    return Place(
        code=code,
        name=names[then].name,
        name_en=names[then].name_en,
        kind=names[then].kind,
        population=counted.whole("population"),
        population_date=counted.day("population_date"),
        population_source=counted.text("population_source"),
        population_assumed=counted.boolean("population_assumed"),
        latitude=located.number("latitude", -90, 90),
        longitude=located.number("longitude", -180, 180),
        valid_from=names[0].valid_from,
        valid_to=names[-1].valid_to,
        names=tuple(names) if len(names) > 1 else (),
    )


def _refuse_cycle(record: Record, code: str, places: dict[str, Place]) -> None:
    """Refuses a place that in the end was merged into itself, or into one that had gone before."""
    line = [code]
    while (into := places[line[-1]].merged_into) is not None:
        if into in line:
            names = " → ".join(places[c].name for c in (*line, into))
            raise record.error("merged_in_circle", "merged_into", value=names)
        last, end = places[line[-1]].valid_to, places[into].valid_to
        if last is not None and end is not None and end <= last:
            raise record.error(
                "merged_into_former", "merged_into", value=places[line[-1]].name, into=places[into].name, end=end
            )
        line.append(into)


def _place_finder(places: tuple[Place, ...]) -> "FindPlace":
    """A function from a record to the code of the place that it names by code or by name, also by a former name."""
    codes = {p.code for p in places}
    named: dict[str, list[str]] = {}
    for place in places:
        known = (place.name, place.name_en, *(n for f in place.names for n in (f.name, f.name_en)))
        for name in sorted({same_name(n) for n in known if n}):
            named.setdefault(name, []).append(place.code)
    all_names = sorted({n for p in places for n in (p.name, *(f.name for f in p.names))})

    def find(record: Record, key: str = "place", told: str | None = None) -> str | None:
        given = told if told is not None else record.code(key)
        if given is None or given in codes:
            return given
        same = named.get(same_name(given), [])
        if len(same) == 1:
            return same[0]
        if same:
            raise record.error("ambiguous_place", key, value=given, codes=", ".join(same))
        if not places:
            raise record.error("no_places", key, value=given)
        near = _misspelt(given, all_names, sorted(codes))
        raise record.error("unknown_place", key, near=near, value=given)

    return find


# the words before a place's own name; every commune has one, so they say nothing of which is meant
_KIND_WORDS = re.compile(r"^(xa|phuong|thi tran|thi xa|thanh pho|dac khu|tinh) ")


def _misspelt(given: str, names: list[str], codes: list[str]) -> str | None:
    """The name or code that ``given`` is a slip of, or None.

    Communes of before the mergers are many, and most are spelt nearly like some other (Lộc An, Lộc Tấn): a wide guess
    would send figures to a commune that has nothing to do with them. So the words of a name begin with the same
    letters, and a code has the same digits in another order.
    """
    if given.isdecimal():
        moved = [c for c in codes if sorted(c) == sorted(given)]
        return moved[0] if len(moved) == 1 else None
    own = {_KIND_WORDS.sub("", folded(name)): name for name in reversed(names)}
    word = _KIND_WORDS.sub("", folded(given))
    alike = [k for k in own if [w[0] for w in k.split()] == [w[0] for w in word.split()]]
    found = get_close_matches(word, alike, n=1, cutoff=0.8)
    joined = [k for k in own if k.replace(" ", "") == word.replace(" ", "")]
    if key := next(iter(joined + found), None):
        return own[key]
    return nearest(given, codes) if any(c.isdigit() for c in given) else None


class FindPlace(Protocol):
    def __call__(self, record: Record, key: str = "place", told: str | None = None) -> str | None: ...


def _accounts(root: Record, folder: Path, find: FindPlace, places: tuple[Place, ...]) -> tuple[Account, ...]:
    seen: dict[Any, Record] = {}
    nameless: set[tuple[str, str]] = set()  # accounts that only their name tells apart
    ends = {p.code: p.valid_to for p in places}
    found: list[tuple[Record, Account]] = []
    for record in (*root.tables("account", _names(Account)), *sheet(folder, "accounts", _names(Account))):
        platform = record.choice("platform", schema.PLATFORMS, required=True) or ""
        number, handle = record.code("id"), record.text("handle")
        name = record.text("name") or handle or number
        if name is None:
            raise record.error("nameless_account", "name")
        former_ids = record.listed("former_ids")
        for given in (number, *former_ids):
            if given:
                once(seen, (platform, given), record, "id" if given == number else "former_ids", name)
        by_name = (platform, same_name(name))
        if (not number and ("name", *by_name) in seen) or by_name in nameless:
            once(seen, ("name", *by_name), record, "name", name)
        seen.setdefault(("name", *by_name), record)
        if not number:
            nameless.add(by_name)
        since, until = record.day("since"), record.day("until")
        if since and until and until < since:
            raise record.error("end_before_start", "until", start=since, end=until)
        account = Account(
            platform=platform,
            id=number,
            name=name,
            sector=record.text("sector"),
            owner_level=record.choice("owner_level", schema.OWNER_LEVELS) or "province",
            place=find(record),
            audience_local=record.boolean("audience_local"),
            handle=handle,
            complete_source=record.boolean("complete_source"),
            former_names=tuple(FormerName(*former) for former in record.listed_until("former_names")),
            former_ids=former_ids,
            former_places=_former_places(record, find, ends),
            since=since,
            until=until,
        )
        found.append((record, account))
    return _in_lines(found)


def _former_places(record: Record, find: FindPlace, ends: dict[str, date | None]) -> tuple[FormerPlace, ...]:
    """The places that an account spoke for before; the day is the one in brackets, else the former place's last."""
    found: list[FormerPlace] = []
    for told, until in record.listed_until("former_places"):
        code = find(record, "former_places", told) or told
        day = until or ends.get(code)
        if day is None:
            raise record.error("former_place_without_day", "former_places", value=told)
        if same := next((f for f in found if f.until == day), None):
            raise record.error("overlapping_places", "former_places", value=told, other=same.place, end=day)
        found.append(FormerPlace(code, day))
    return tuple(sorted(found, key=lambda f: f.until))


def _in_lines(found: list[tuple[Record, Account]]) -> tuple[Account, ...]:
    """The accounts, each with the keys of those that it continues; a former one ends when its successor begins."""
    accounts = [a for _, a in found]
    lines: dict[str, tuple[str, ...]] = {}
    after: dict[str, tuple[Record, Account]] = {}
    for record, account in found:
        former: list[str] = []
        for told in record.listed("continues"):
            old = _continued(record, account, told, accounts)
            if old.key in after:
                raise record.error("continued_twice", "continues", value=old.name, other=after[old.key][1].name)
            after[old.key] = record, account
            if account.since and old.until and account.since <= old.until:
                raise record.error(
                    "overlapping_accounts", "since", value=account.name, start=account.since, other=old.name,
                    end=old.until,
                )  # fmt: skip
            former.append(old.key)
        lines[account.key] = tuple(former)
    by_key = {a.key: a for a in accounts}
    for record, account in found:
        line = [account.key]
        while line[-1] in after:
            following = after[line[-1]][1].key
            if following in line:
                raise record.error(
                    "continued_in_circle", "continues", value=" → ".join(by_key[k].name for k in (*line, following))
                )
            line.append(following)
    made = []
    for account in accounts:
        until, next_one = account.until, after.get(account.key)
        if until is None and next_one is not None and next_one[1].since:
            until = next_one[1].since - timedelta(1)
        made.append(replace(account, continues=lines[account.key], until=until))
    return tuple(made)


def _continued(record: Record, account: Account, told: str, accounts: list[Account]) -> Account:
    """The account that ``account`` says to continue, by its id, name or handle."""
    others = [a for a in accounts if a.platform == account.platform and a is not account]
    same = [a for a in others if any(same_name(told) == same_name(n) for n in (a.id, a.name, a.handle) if n)]
    if len(same) == 1:
        return same[0]
    if same:
        ids = ", ".join(a.id or a.name for a in same)
        raise record.error("ambiguous_account", "continues", value=told, ids=ids)
    if same_name(told) in {same_name(n) for n in (account.id, account.name, account.handle) if n}:
        raise record.error("continued_in_circle", "continues", value=f"{account.name} → {told}")
    near = nearest_folded(told, sorted({n for a in others for n in a.called}))
    raise record.error("unknown_account", "continues", near=near, value=told)


def _activity(record: Record, place: FindPlace) -> Activity:
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
        account=record.code("account") or ("" if record.has("account") else None),
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
