"""Step's tool: what the gathered files tell of the declared accounts, file by file and day by day.

The doctor and the findings ask here, so that both call the same day known, empty or unknown.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from campaignstats import measures, schema
from campaignstats.campaign import Account, Campaign
from campaignstats.measures.completeness import cut_of
from campaignstats.measures.places import place_states
from campaignstats.readers import base
from campaignstats.store import Store, rows

TABLES = ("account", "post", "metric", "source")
# formats whose posts are not all that there were: told by hand, or the ones that a chart happened to show
_NO_LISTS = ("commune_form", "mapped", "yt_studio_chart")


def evidence(campaign: Campaign) -> dict[str, pd.DataFrame]:
    """The gathered tables that this looks at; empty ones before the first gather."""
    store = Store(campaign.tables)
    return {name: store.frame(name) for name in TABLES}


def frame(frames: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """A table with all its columns, whether it is there or not."""
    given = frames.get(name)
    if given is None:
        given = pd.DataFrame()
    return given.reindex(columns=pd.Index([c.name for c in schema.TABLES[name].columns]))


class Gathered:
    """What the tables say of the accounts: ``spans``, one row a file, account and stretch of days that it speaks of.

    A file speaks of every day of the period that it states, up to the day of its export; a list of posts without a
    period, from its first post of the account to its last; an account's daily series, of the days that it holds. Posts
    captured from a screen, told by hand or shown in a chart say nothing of the days between them.
    """

    def __init__(self, campaign: Campaign, frames: Mapping[str, pd.DataFrame]) -> None:
        tables = {name: frame(frames, name) for name in TABLES}
        posts, metrics, sources = tables["post"], tables["metric"], tables["source"]
        self.campaign = campaign
        self.names: dict[tuple[str, str], str] = {}  # names of accounts by platform and id
        self.exported: dict[str, set[date]] = {}  # days of export by account
        self.unknown: set[tuple[str, str, str]] = set()
        self.nameless: set[str] = set()  # files whose account nobody named
        for platform, number, name, handle in _rows(tables["account"], "platform", "account_id", "name", "handle"):
            self.names[platform, number] = name or handle
        posts = posts.assign(day=local_days(posts["published_at"], campaign.timezone))
        seen: dict[tuple[str, str], list[date]] = {}  # days of posts by account and file
        owners = {
            what: self._declared(*what[:3]) for what in _rows(posts, "platform", "account_id", "account_name", "source")
        }
        by_file = posts.groupby(["platform", "account_id", "account_name", "source"], dropna=False)["day"]
        for what, first, last in by_file.agg(["min", "max"]).itertuples(name=None):
            platform, account_id, name, source = map(_text, what)
            key = self._noted(owners[platform, account_id, name, source], platform, account_id, name, source)
            if key is not None:
                seen.setdefault((key, source), []).extend(d for d in (first, last) if not pd.isna(d))
        daily = self._daily(metrics)
        for platform, number, source in _rows(tables["account"], "platform", "account_id", "source"):
            self._noted(self._declared(platform, number, ""), platform, number, "", source)
        self.posts = self._counted(posts, owners)
        self.place_states = self._place_states(posts, owners)
        facts = _facts(sources, campaign.timezone)
        found = []
        for (key, source), days in seen.items():
            about = facts.get(source, _NOTHING)
            if about["stated"] and about["format"] != "yt_studio_chart":
                found.append((key, source, *about["stated"], "posts", about["cut"]))
            elif days and about["lists"]:
                found.append((key, source, min(days), max(days), "posts", about["cut"]))
        for (key, source), days_held in daily.items():
            for first, last in ranges(sorted(days_held)):
                found.append((key, source, first, last, "daily", False))
        columns = ["account", "source", "first", "last", "kind", "capped"]
        spans = pd.DataFrame(sorted(found), columns=columns)
        self.spans = spans.assign(**{c: pd.to_datetime(spans[c]) for c in ("first", "last")}).astype({"capped": bool})
        for key, source in {*seen, *daily}:
            day = facts.get(source, _NOTHING)["exported"]
            if day is not None:
                self.exported.setdefault(key, set()).add(day)
        self.with_data = {key for key, _ in (*seen, *daily)}
        self.undeclared = tuple(sorted(self.unknown))
        kept = sources[sources["format"].fillna("").astype(str) != ""]
        undated = kept[kept["exported_at"].isna()]["path"].dropna().astype(str)
        self.undated = tuple(sorted(undated))
        self.unnamed = tuple(sorted(kept[kept["source"].isin(self.nameless)]["path"].dropna().astype(str)))
        self.cuts = measures.cut_exports(sources.assign(path=sources["path"].fillna("")))
        inside = [d for d in posts["day"] if not pd.isna(d) and campaign.window.start <= d <= campaign.window.end]
        self.n_in_window = len(inside) if len(sources) or len(posts) else None

    def calendar(self) -> pd.DataFrame:
        """``measures.calendar`` of the declared accounts."""
        c = self.campaign
        return measures.calendar(
            self.posts,
            self.spans,
            account_rows(c),
            pd.DataFrame([(p.code, p.name) for p in c.places], columns=["code", "name"]),
            window=(c.window.start, c.window.end),
            baseline=(c.baseline.start, c.baseline.end) if c.baseline else None,
        )

    def _place_states(self, posts: pd.DataFrame, owners: Mapping[tuple[str, ...], Any]) -> pd.DataFrame:
        """``place_states`` of the window, as the findings have them: posts told on a commune's sheet count."""
        c = self.campaign
        found = set()
        for *what, day in posts[["platform", "account_id", "account_name", "source", "day"]].itertuples(index=False):
            owner = owners[tuple(map(_text, what))]
            if not pd.isna(day) and c.window.start <= day <= c.window.end and owner.known_by in ("declared", "place"):
                found.add((owner.account.key, c.place_of(owner.account, day)))
        told = pd.DataFrame(sorted(found, key=str), columns=["account", "place"])
        places = pd.DataFrame([(p.code, p.kind) for p in c.places], columns=["code", "kind"])
        return place_states(told.dropna(), account_rows(c), places)

    def _declared(self, platform: str, account_id: str, name: str) -> Any:
        return self.campaign.owner(platform, account_id, name or self.names.get((platform, account_id)) or None)

    def _noted(self, owner: Any, platform: str, account_id: str, name: str, source: str) -> str | None:
        """The key of the declared account; one that is not declared, or not even named, is noted."""
        if owner.known_by == "declared":
            return str(owner.account.key)
        if owner.known_by == "nobody":
            if account_id:
                self.nameless.add(source)
        elif owner.known_by == "file":
            made_up = account_id.startswith(("file:", "name:"))
            known = self.names.get((platform, account_id)) or owner.account.name
            self.unknown.add((platform, "" if made_up else account_id, known))
        return None

    def _daily(self, metrics: pd.DataFrame) -> dict[tuple[str, str], set[date]]:
        """The days of accounts' daily series, by account and file."""
        daily = metrics[(metrics["grain"] == "account_day").fillna(False).astype(bool)]
        daily = daily.assign(account_id=daily["account_id"].where(daily["account_id"].notna(), daily["item"]))
        found: dict[tuple[str, str], set[date]] = {}
        for platform, account_id, source, start in (
            daily[["platform", "account_id", "source", "period_start"]].drop_duplicates().itertuples(index=False)
        ):
            what = _text(platform), _text(account_id)
            key = self._noted(self._declared(*what, ""), *what, "", _text(source))
            if key is not None:
                days = found.setdefault((key, _text(source)), set())
                if not pd.isna(start):
                    days.add(pd.Timestamp(start).date())
        return found

    def _counted(self, posts: pd.DataFrame, owners: Mapping[tuple[str, ...], Any]) -> pd.DataFrame:
        """The posts of declared accounts, each once: platform, post_id, account, day, status."""
        named = zip(*(posts[c].map(_text) for c in ("platform", "account_id", "account_name", "source")), strict=True)
        found = [owners[what] for what in named]
        keys = [o.account.key if o.known_by == "declared" else None for o in found]
        known = posts.assign(account=pd.Series(keys, index=posts.index, dtype="str"))
        numbered = pd.Series([f"row {n}" for n in range(len(known))], index=known.index)
        known = known.assign(post_id=known["post_id"].astype("str").fillna(numbered))
        known = known[known["account"].notna()].drop_duplicates(["platform", "post_id"])
        return known[["platform", "post_id", "account", "day", "status"]].assign(day=pd.to_datetime(known["day"]))


def account_rows(campaign: Campaign) -> pd.DataFrame:
    """The declared accounts as measures take them."""
    columns = ["account", "platform", "name", "owner_level", "place", "complete_source", "since", "until"]

    def row(a: Account) -> list[Any]:
        place = campaign.place_of(a)
        return [a.key, a.platform, a.name, a.owner_level or None, place, a.complete_source, a.since, a.until]

    return pd.DataFrame([row(a) for a in campaign.accounts], columns=columns)


def lists_posts(format: str) -> bool:
    """Whether files of a format hold every post of the account in their period, so that no post means none."""
    reader = base.registry().get(format)
    return format not in _NO_LISTS and not getattr(reader, "CAPTURED", False)


_NOTHING: dict[str, Any] = {"stated": None, "cut": False, "lists": False, "exported": None, "format": ""}


def _facts(sources: pd.DataFrame, zone: str) -> dict[str, dict[str, Any]]:
    """By file: the days that it states, whether its posts are cut off or all there are, the day of its export."""
    found = {}
    exported = local_days(sources["exported_at"], zone)
    for source, day in zip(rows(sources), exported, strict=True):
        stated = None
        if not (pd.isna(source.period_start) or pd.isna(source.period_end)):
            first, last = pd.Timestamp(source.period_start).date(), pd.Timestamp(source.period_end).date()
            if not pd.isna(day) and source.exported_evidence != "at_least":
                last = min(last, day)  # what came after the export is not in it
            stated = (first, last) if first <= last else None
        notes = json.loads(source.notes) if isinstance(source.notes, str) and source.notes else []
        found[_text(source.source)] = {
            "stated": stated,
            "cut": any(cut_of(note) for note, _ in notes) and "comment" not in _text(source.tables).split("|"),
            "lists": lists_posts(_text(source.format)),
            "exported": None if pd.isna(day) else day,
            "format": _text(source.format),
        }
    return found


def _rows(frame: pd.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(map(_text, row)) for row in frame[list(columns)].drop_duplicates().itertuples(index=False)]


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def local_days(instants: "pd.Series[Any]", zone: str) -> "pd.Series[Any]":
    """Calendar days of UTC instants in ``zone``; missing stays missing."""
    return pd.to_datetime(instants, utc=True).dt.tz_convert(zone).dt.date


def ranges(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Sorted days as ranges of days that follow one another."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple(found)
