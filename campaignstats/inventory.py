"""Step: the metric registry in words, and what of it a campaign's tables hold."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from campaignstats import metrics, words
from campaignstats.campaign import Campaign
from campaignstats.campaign.records import folded, nearest_folded
from campaignstats.errors import InputError, nearest
from campaignstats.metrics import Break, Definition, Metric
from campaignstats.readers import base
from campaignstats.store import Store

WIDTH = 100  # letters of a line in a terminal

# every value ever gathered, with the route that it came by and the day that its post was published
_HISTORY = """
    SELECT m.metric, m.platform, m.definition, m.item_kind, m.item, m.traffic, m.grain, m.day_zone, m.period_start,
        m.period_end, coalesce(m.as_of, s.exported_at) AS as_of, s.format AS route, p.published_at
    FROM metric m JOIN source s ON m.source = s.source
    LEFT JOIN (SELECT platform, post_id, min(published_at) AS published_at FROM post GROUP BY platform, post_id) p
        ON m.item_kind = 'post' AND m.platform = p.platform AND m.item = p.post_id
"""


@dataclass(frozen=True)
class Use:
    """The values of a metric by definition, route, grain and traffic that the tables hold, history included."""

    metric: str
    platform: str
    definition: str
    route: str
    item_kind: str
    grain: str
    traffic: str
    day_zone: str  # "" for lifetime values; else a zone, or "account", "declared", "unknown"
    n_values: int
    n_items: int
    first_day: date | None
    last_day: date | None
    first_as_of: date | None
    last_as_of: date | None
    n_spanning: int  # of these, values whose period counts by two definitions


@dataclass(frozen=True)
class Inventory:
    """The entries to show and, for a campaign, what it uses of them; ``campaign`` None: the registry alone."""

    entries: tuple[Metric, ...]
    uses: tuple[Use, ...] = ()
    campaign: Campaign | None = None
    n_unused: int = 0
    absent: tuple[str, ...] = ()  # metrics asked for that the campaign has no value of
    brief: bool = False  # what is used of each metric, without what is written of it

    def lines(self, lang: str) -> list[str]:
        return _Printer(self, lang).lines()

    def as_dict(self) -> dict[str, Any]:
        """For machines: days in ISO form, both languages of every meaning."""
        return {
            "campaign": self.campaign.id if self.campaign else None,
            "metrics": [_entry_dict(m) | self._campaign_dict(m) for m in self.entries],
            "routes": [asdict(r) for r in metrics.routes()],
        }

    def _campaign_dict(self, entry: Metric) -> dict[str, Any]:
        if self.campaign is None:
            return {}
        own = [u for u in self.uses if u.metric == entry.name]
        return {
            "values": [asdict(u) for u in own],
            "breaks_here": [
                {"on": b.on, "platform": platform, "kind": b.kind, "where": where_of(b.on, self.campaign)}
                for platform, b in breaks_of(own)
            ],
        }


def asked(names: Sequence[str]) -> tuple[Path | None, list[str]]:
    """A campaign folder and names of metrics, from what was typed in any order.

    A metric is known by its name or its label in either language, with or without accents. What is neither is an
    InputError with the nearest metric.
    """
    folder: Path | None = None
    wanted = []
    known = metrics.registry()
    labels: dict[str, list[str]] = {}
    for metric, entry in known.items():
        for label in sorted({folded(own) for own in (metric, *entry.label.values())}):
            labels.setdefault(label, []).append(metric)
    for name in names:
        if name in known:
            wanted.append(name)
        elif Path(name).is_dir():
            if folder is not None:
                raise InputError("metrics.two_campaigns", first=str(folder), second=name)
            folder = Path(name)
        elif folded(name) in labels:
            wanted += labels[folded(name)]
        else:
            guess = nearest(name, sorted(known)) or nearest_folded(
                name, [v for e in known.values() for v in e.label.values()]
            )
            key = "neither" if guess is None else "guess"
            raise InputError(f"metrics.{key}", name=name, guess=guess, n_known=len(known))
    return folder, wanted


def inventory(campaign: Campaign | None = None, *, names: Sequence[str] = (), all: bool = False) -> Inventory:
    """The registry, or what of it ``campaign`` uses; ``names`` narrows it, ``all`` shows unused metrics too.

    Of a campaign, the meanings, sources and breaks are told of the metrics that are named, or with ``all``.
    """
    chosen = tuple(m for name, m in metrics.registry().items() if not names or name in names)
    if campaign is None:
        return Inventory(chosen)
    uses = tuple(u for u in campaign_uses(campaign) if not names or u.metric in names)
    used = {u.metric for u in uses}
    shown = tuple(m for m in chosen if all or m.name in used)
    absent = tuple(n for n in names if n not in used)
    n_unused = len(chosen) - len(shown)
    return Inventory(shown, uses, campaign, n_unused=n_unused, absent=absent, brief=not names and not all)


def campaign_uses(campaign: Campaign) -> list[Use]:
    """What the campaign's tables hold, in the order of the registry, then by platform, definition and route."""
    values = Store(campaign.tables).query(_HISTORY)
    values["day_zone"] = whose_days(values)
    values["spans"] = metrics.spans_break(values)
    by = ["metric", "platform", "definition", "route", "item_kind", "grain", "traffic", "day_zone"]
    found = []
    for key, own in values.groupby(by, sort=True):
        days = pd.concat([own["period_start"], own["period_end"]]).dropna()
        instants = own["as_of"].dropna().dt.tz_convert(campaign.timezone)
        found.append(
            Use(
                **dict(zip(by, map(str, key), strict=True)),
                n_values=len(own),
                n_items=own["item"].nunique(),
                first_day=days.min().date() if len(days) else None,
                last_day=days.max().date() if len(days) else None,
                first_as_of=instants.min().date() if len(instants) else None,
                last_as_of=instants.max().date() if len(instants) else None,
                n_spanning=int(own["spans"].sum()),
            )
        )
    order = {name: n for n, name in enumerate(metrics.registry())}
    return sorted(found, key=lambda u: (order.get(u.metric, len(order)), u.platform, u.definition, u.route, u.grain))


def whose_days(values: pd.DataFrame) -> pd.Series:
    """Whose day each value's days are: a zone, "account", "declared", "unknown", or "" for a lifetime value.

    A reader of a format that writes days by the account's own clock can only take the campaign's zone for it: that is
    no knowledge, so it is called the account's clock here. ``values`` have grain, day_zone and route.
    """
    words_of = {name: reader.DAY for name, reader in base.registry().items() if reader.DAY in ("account", "unstated")}
    told = values["route"].map(words_of).replace({"unstated": "unknown"})
    zone = told.where(told.notna(), values["day_zone"]).fillna("unknown")
    return zone.where(values["grain"].ne("post_lifetime"), "").astype("str")


def breaks_of(uses: Iterable[Use]) -> list[tuple[str, Break]]:
    """The breaks that concern the values in use, each once with its platform, oldest first."""
    found = {
        (b.on, u.platform, b.kind, b.en): (u.platform, b)
        for u in uses
        for b in metrics.breaks(u.metric, u.platform, u.route, possible=True)
    }
    return [found[key] for key in sorted(found)]


def where_of(on: date, campaign: Campaign) -> str:
    """Where a day lies: window, baseline, between, before or after. A change on a window's first day is inside it."""
    window, baseline = campaign.window, campaign.baseline
    if window.start <= on <= window.end:
        return "window"
    if baseline is not None and baseline.start <= on <= baseline.end:
        return "baseline"
    if on > window.end:
        return "after"
    return "between" if baseline is not None and on > baseline.end else "before"


def _entry_dict(entry: Metric) -> dict[str, Any]:
    return {
        "name": entry.name,
        "label": dict(entry.label),
        "meaning": dict(entry.meaning),
        "unit": entry.unit,
        "ratio": entry.ratio,
        "sums_over": list(entry.sums_over),
        "definitions": [asdict(d) | {"valid_until": metrics.validity(d.id)[1]} for d in entry.definitions],
        "breaks": [asdict(b) for b in entry.breaks],
    }


class _Printer:
    """An inventory as lines for a terminal, in one language."""

    def __init__(self, of: Inventory, lang: str) -> None:
        self.of, self.lang = of, lang

    def said(self, key: str, **values: Any) -> str:
        return words.text(f"metrics.{key}", self.lang, **values)

    def lines(self) -> list[str]:
        of = self.of
        out = self._head()
        if of.campaign is not None and len(of.entries) > 1:
            out += ["", self.said("index"), *(line for entry in of.entries for line in self._index(entry))]
        for entry in of.entries:
            out += ["", *(self._short(entry) if of.brief else self._entry(entry))]
        if of.brief and of.uses:
            out += ["", *self._wrapped(self.said("more", folder=of.campaign.folder.name if of.campaign else ""), 0)]
        if of.campaign is not None:
            if of.absent:
                out += ["", self.said("none_of", names=", ".join(of.absent))]
            elif not of.uses:
                out += ["", self.said("none")]
            if of.n_unused and not of.absent:
                out += ["", self.said("unused", n=of.n_unused)]
        return out

    def _head(self) -> list[str]:
        of = self.of
        if of.campaign is None:
            n_definitions = sum(len(m.definitions) for m in of.entries)
            n_breaks = sum(len(m.breaks) for m in of.entries)
            head = [self.said("title", n=len(of.entries), n_definitions=n_definitions, n_breaks=n_breaks)]
        else:
            n_values = sum(u.n_values for u in of.uses)
            name = of.campaign.name[self.lang]
            n = len({u.metric for u in of.uses})
            head = self._wrapped(self.said("title_campaign", name=name, n=n, n_values=n_values), 0)
            head.append(self.said("window", start=of.campaign.window.start, end=of.campaign.window.end))
            if of.campaign.baseline is not None:
                head.append(self.said("baseline", start=of.campaign.baseline.start, end=of.campaign.baseline.end))
            head += self._inside(of.campaign)
        return [*head, *self._wrapped(self.said("rules"), 0)]

    def _inside(self, campaign: Campaign) -> list[str]:
        """The breaks that fall into the campaign's windows, in a line: nobody should have to look for them."""
        items = [
            self.said(
                "inside_item",
                day=self._day(b.on),
                metric=entry.label[self.lang],
                platform=self._platform(platform),
                kind=self.said(f"kind.{b.kind}"),
            )
            for entry in self.of.entries
            for platform, b in breaks_of(u for u in self.of.uses if u.metric == entry.name)
            if where_of(b.on, campaign) in ("window", "baseline", "between")
        ]
        if not self.of.uses:
            return []
        return self._wrapped(self.said("inside", items="; ".join(items)) if items else self.said("inside_none"), 0)

    def _index(self, entry: Metric) -> list[str]:
        """A metric in a line: its platforms, the values there are, and what they may be added over."""
        own = [u for u in self.of.uses if u.metric == entry.name]
        platforms = ", ".join(self._platform(p) for p in sorted({u.platform for u in own})) or "–"
        n = self.said("n_values", n=sum(u.n_values for u in own))
        if entry.unit == "people":
            sums = self.said("index_people")
        elif entry.unit == "rate" or entry.ratio or not entry.sums_over:
            sums = self.said("index_rate")
        else:
            sums = self.said("index_sums", over=", ".join(self.said(f"over.{o}") for o in entry.sums_over))
        return self._wrapped(f"{entry.name} · {entry.label[self.lang]} · {platforms} · {n} · {sums}", 2)

    def _short(self, entry: Metric) -> list[str]:
        return [
            f"{entry.name} · {entry.label[self.lang]}",
            *self._used([u for u in self.of.uses if u.metric == entry.name]),
        ]

    def _entry(self, entry: Metric) -> list[str]:
        lang = self.lang
        unit = words.text(f"metrics.units.{entry.unit}", lang)
        out = [f"{entry.name} · {entry.label[lang]}"]
        out += self._wrapped(f"{self.said('what')}: {entry.meaning[lang]}; {self.said('unit')}: {unit}", 2)
        out += self._wrapped(self._sums(entry), 2)
        own = [u for u in self.of.uses if u.metric == entry.name]
        if self.of.campaign is None or not own:
            out += self._definitions(entry)
            found = [(", ".join(map(self._platform, b.platforms)), b) for b in sorted(entry.breaks, key=lambda b: b.on)]
        else:
            out += self._used(own)
            found = [(self._platform(platform), b) for platform, b in breaks_of(own)]
        return out + self._breaks(found)

    def _sums(self, entry: Metric) -> str:
        if entry.unit == "people":
            return self.said("sums_never_people")
        if entry.unit == "rate" or entry.ratio or not entry.sums_over:
            return self.said("sums_never_rate")
        over = [self.said(f"over.{o}") for o in entry.sums_over]
        missing = [self.said(f"over.{o}") for o in ("post", "day", "account") if o not in entry.sums_over]
        said = self.said("sums", over=", ".join(over))
        return f"{said}; {self.said('sums_not', over=', '.join(missing))}" if missing else said

    def _definitions(self, entry: Metric) -> list[str]:
        if not entry.definitions:
            return [f"  {self.said('definitions')}: {self.said('general_only')}"]
        out = [f"  {self.said('definitions')}:"]
        for found in sorted(entry.definitions, key=lambda d: (d.platforms, d.id)):
            by = ", ".join(self._route(r) for r in found.routes)
            platforms = ", ".join(map(self._platform, found.platforms))
            out += self._wrapped(f"{found.id} · {platforms}, {by} · {self._valid(found)}", 4)
            out += self._wrapped(f"{found.meaning(self.lang)} ({self.said('source', source=found.source)})", 8)
        return [*out, f"    {self.said('general')}"]

    def _used(self, own: list[Use]) -> list[str]:
        out = [] if self.of.brief else [f"  {self.said('definitions')}:"]
        for platform, id in sorted({(u.platform, u.definition) for u in own}):
            uses = [u for u in own if (u.platform, u.definition) == (platform, id)]
            found = metrics.defined(id)
            valid = f" · {self._valid(found)}" if found else ""
            kinds = len({(u.grain, u.traffic, u.day_zone) for u in uses})
            apart = f" · {self.said('kinds_apart', n=kinds)}" if kinds > 1 else ""
            out += self._wrapped(f"{id} · {self._platform(platform)}{valid}{apart}", 4)
            source = metrics.definition_source(id, uses[0].route)
            meaning = found.meaning(self.lang) if found else metrics.metric(uses[0].metric).meaning[self.lang]
            if found is None and id.count(".") > 1:
                meaning = self.said("general_own")
            if not self.of.brief:
                out += self._wrapped(f"{meaning} ({self.said('source', source=source or '–')})", 8)
            for use in uses:
                out += self._wrapped("= " + self._use(use), 8)
                if use.n_spanning:
                    out += self._wrapped(self.said("used.spans", n=use.n_spanning), 10)
        return out

    def _use(self, use: Use) -> str:
        items = self.said("used.posts" if use.item_kind == "post" else "used.accounts", n=use.n_items)
        traffic = "" if use.traffic == "total" else f", {self.said(f'traffic.{use.traffic}')}"
        route = use.route or "–"
        grain = self.said(f"grain.{use.grain}")
        parts = [self.said("used.values", n=use.n_values, items=items, grain=grain, traffic=traffic, route=route)]
        if use.grain == "post_lifetime" and (older := use.n_values - use.n_items):
            parts.append(self.said("used.older", n=older))
        if use.first_day is not None:
            zone = words.clock(use.day_zone, self.lang)
            first, last = self._day(use.first_day), self._day(use.last_day or use.first_day)
            parts.append(self.said("used.days", first=first, last=last, zone=zone))
        if self.of.brief and (use.first_day is not None or use.first_as_of is not None):
            return "; ".join(parts)
        if use.first_as_of is None:
            parts.append(self.said("used.as_of_unknown"))
        elif use.first_as_of == use.last_as_of:
            parts.append(self.said("used.as_of_once", first=self._day(use.first_as_of)))
        else:
            last_as_of = self._day(use.last_as_of or use.first_as_of)
            parts.append(self.said("used.as_of", first=self._day(use.first_as_of), last=last_as_of))
        return "; ".join(parts)

    def _breaks(self, found: list[tuple[str, Break]]) -> list[str]:
        if not found:
            return []
        out = [f"  {self.said('breaks')}:"]
        for platforms, b in found:
            day = self._day(b.on) if b.precise else self.said("about", day=self._day(b.on))
            by = ", ".join(self._route(r) for r in b.routes)
            where = ""
            if self.of.campaign is not None:
                where = f" [{self.said(f'where.{where_of(b.on, self.of.campaign)}')}]"
            out += self._wrapped(f"{day} · {platforms}, {by} · {self.said(f'kind.{b.kind}')}{where}", 4)
            out += self._wrapped(f"{b.meaning(self.lang)} ({self.said('source', source=b.source)})", 8)
        return out

    def _valid(self, found: Definition) -> str:
        first, last = metrics.validity(found.id)
        if first is None and last is None:
            return self.said("always")
        parts = [self.said("from", day=self._day(first))] if first else []
        return ", ".join([*parts, *([self.said("until", day=self._day(last - timedelta(days=1)))] if last else [])])

    def _platform(self, name: str) -> str:
        return words.text(f"draw.platform.{name}", self.lang)

    def _route(self, pattern: str) -> str:
        return self.said("any_route") if pattern == "*" else pattern

    def _day(self, day: date) -> str:
        return words.day(day, self.lang)

    def _wrapped(self, text: str, indent: int) -> list[str]:
        return textwrap.wrap(
            text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False
        )
