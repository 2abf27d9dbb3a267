"""Step: tables -> measures -> figures -> findings/; runs the notebooks."""

import contextlib
import os
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from campaignstats import campaign as campaigns
from campaignstats import inventory, keys, measures, tagging, words
from campaignstats.campaign import Account, Campaign, Owner, Window, same_name
from campaignstats.doctor.coverage import Gathered, evidence
from campaignstats.errors import FindingsError, InputError, nearest
from campaignstats.findings import csv, figures, html, xlsx
from campaignstats.findings.model import Report
from campaignstats.findings.report import report
from campaignstats.measures.videos import clips, video_twins
from campaignstats.readers import links
from campaignstats.store import Store, rows
from campaignstats.text import privacy, reception

RESULTS = (
    *("daily", "weekly", "definition_breaks", "snapshots", "fallen", "vanished", "crossposts"),
    *("reach", "reach_places", "participation", "views", "engagement", "concentration", "messages", "message_weeks"),
    *("sentiment", "net_sentiment", "reception_kinds", "completeness", "age", "sectors", "year_before", "targets"),
    *("self_reported", "sources", "undeclared", "calendar", "comment_coverage", "cut_exports", "clips"),
)
# posts of which nothing is known but what a place wrote on its collection sheet
_ON_SHEET = """
    SELECT post.platform, post.post_id, bool_and(source.format = 'commune_form') AS on_sheet
    FROM post JOIN source USING (source) GROUP BY post.platform, post.post_id
"""
# every lifetime total ever gathered and every post of every export: what snapshots are compared by
_HISTORY = """
    SELECT m.platform, m.item_kind, m.item, m.metric, m.definition, m.traffic, m.grain, m.value, m.evidence,
        m.approximate, coalesce(m.as_of, s.exported_at) AS as_of, s.format AS route, m.source AS export
    FROM metric m JOIN source s ON m.source = s.source WHERE m.grain = 'post_lifetime' AND m.item_kind = 'post'
"""
_SIGHTINGS = """
    SELECT p.platform, p.post_id, p.published_at, p.status, coalesce(p.as_of, s.exported_at) AS as_of,
        p.published_zone AS day_zone, s.format AS route, p.source AS export, s.period_start, s.period_end, s.notes
    FROM post p JOIN source s ON p.source = s.source
"""
# formats that list every post published in their period, unless they say that they were cut
_LISTS_ALL = ("mbs_fb_posts", "mbs_ig_posts", "x_content")
# every table that the findings may show; one without rows is left out of them
_SHOWN = frozenset((*RESULTS, "activities", "context_figures", "focus_areas", "themes", "definitions"))
_ACCOUNT_FACTS = ("owner_level", "sector", "place", "audience_local", "declared")


class Evaluation:
    """A campaign's tables as the frames that measures take, and every result, each computed once when first asked for.

    ``posts``, ``values``, ``comments``, ``accounts``, ``places``, ``sources`` hold the newest snapshot of everything
    gathered; ``results()`` and ``result(name)`` are the tables that figures and findings are made of.
    """

    def __init__(self, campaign: Campaign, lang: str | None = None) -> None:
        self.campaign = campaign
        self.lang = lang or campaign.language
        self.store = Store(campaign.tables)

    # -- the frames -------------------------------------------------------------------------------------------------

    @cached_property
    def sources(self) -> pd.DataFrame:
        """One row a file gathered (schema.SOURCE), with the rule by which a refused one was refused."""
        sources = self.store.sources()
        refused = self.store.query('SELECT source, first(rule) AS rule FROM quarantine WHERE "row" = 0 GROUP BY source')
        return sources.merge(refused, on="source", how="left").sort_values("path", ignore_index=True)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """One row an account, declared or found: account, platform, name, owner_level, sector, place, audience_local,
        declared, complete_source, n_sources."""
        found = self.store.frame("newest_account")
        known: dict[str, dict[str, Any]] = {}
        for declared in self.campaign.accounts:
            place = self.campaign.place_of(declared)
            known[declared.key] = _account_row(replace(declared, place=place), declared=True)
        for seen in rows(found):
            owner = self._owner(seen.platform, seen.account_id, seen.name)
            if owner.known_by == "somebody":
                continue  # captured from a screen: not of the campaign
            account = owner.account
            # a commune's sheet is the campaign's own even if nobody declared the account that it tells of
            told = owner.known_by == "place" and account.place is not None
            row = known.setdefault(account.key, _account_row(account, declared=told))
            row["n_sources"] += int(seen.n_sources)
        frame = pd.DataFrame(list(known.values()), columns=list(_account_row(Account("", None, ""), declared=False)))
        frame = frame.astype({"audience_local": bool, "declared": bool, "complete_source": bool, "n_sources": "int64"})
        for name in ("account", "platform", "name", "owner_level", "sector", "place"):
            frame[name] = frame[name].astype("str")
        return frame.sort_values("account", ignore_index=True)

    @cached_property
    def _every_post(self) -> pd.DataFrame:
        """``posts``, and the clips that stand among them twice: is_twin."""
        posts = self.store.frame("newest_post")
        posts["day"] = self._local_day(posts["published_at"])
        posts["period"] = self._period(posts["day"])
        names = posts["platform"], posts["account_id"], posts["account_name"]
        posts["account"] = self._account_keys(*names, posts["day"])
        posts = posts.merge(self.accounts[["account", *_ACCOUNT_FACTS]], on="account", how="left")
        for fact in ("audience_local", "declared"):
            posts[fact] = posts[fact].fillna(False).astype(bool)
        posts["place"] = self._places_then(posts)
        tags = self.store.query("SELECT * FROM newest_tag WHERE item_kind = 'post'").rename(columns={"item": "post_id"})
        taken = ["platform", "post_id", "text_key", "themes", "themes_masked", "sentiment", "stance"]
        posts = posts.merge(tags[taken], on=["platform", "post_id"], how="left")
        posts = posts.merge(self.store.query(_ON_SHEET), on=["platform", "post_id"], how="left")
        posts["is_twin"] = video_twins(posts)
        return posts.sort_values(["platform", "post_id"], ignore_index=True)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """One row a post, with its account's facts, its campaign-local day and period, and its tags.

        Clips of Meta's video level that an export by post holds too are left out: see ``clips``.
        """
        every = self._every_post
        return every[~every["is_twin"]].drop(columns="is_twin").reset_index(drop=True)

    @property
    def own_posts(self) -> pd.DataFrame:
        """The posts of declared accounts; where none is declared, all: what is found then counts as the campaign's."""
        return self.posts[self.posts["declared"]] if self.campaign.accounts else self.posts

    @cached_property
    def values(self) -> pd.DataFrame:
        """One row a measured value, the newest of each; account is the resolved account of the item."""
        values = self.store.frame("newest_metric")
        every = self._every_post
        twins = set(zip(*(every.loc[every["is_twin"], c] for c in ("platform", "post_id")), strict=True))
        twice = [item in twins for item in zip(values["platform"], values["item"], strict=True)] if twins else []
        values = values[~np.array(twice)].reset_index(drop=True) if twins else values
        values["account"] = self._account_keys(values["platform"], values["account_id"], None)
        of_post = self.posts.set_index(["platform", "post_id"])["account"]
        index = pd.MultiIndex.from_frame(values[["platform", "item"]])
        known = pd.Series(of_post.reindex(index).to_numpy(), index=values.index, dtype="str")
        values["account"] = known.where((values["item_kind"] == "post") & known.notna(), values["account"])
        routes = dict(zip(self.sources["source"], self.sources["format"], strict=True))
        values["route"] = values["source"].map(routes).astype("str")
        values["day_zone"] = inventory.whose_days(values)
        order = [
            "platform",
            "item_kind",
            "item",
            "metric",
            "definition",
            "traffic",
            "grain",
            "period_start",
            "period_end",
        ]
        return values.sort_values([*order, "evidence"], ignore_index=True)

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row a lifetime total of the campaign's posts in each export that held it, older snapshots included."""
        return self._of_own_posts(self.store.query(_HISTORY), "item")

    @cached_property
    def sightings(self) -> pd.DataFrame:
        """One row a post of the campaign in each export that held it; lists_all: the export holds all of its period."""
        seen = self.store.query(_SIGHTINGS)
        seen["lists_all"] = seen["route"].isin(_LISTS_ALL) & ~seen.pop("notes").fillna("").str.contains("capped")
        return self._of_own_posts(seen, "post_id")

    def _of_own_posts(self, frame: pd.DataFrame, item: str) -> pd.DataFrame:
        own = self.own_posts[["platform", "post_id", "account"]].rename(columns={"post_id": item})
        found = frame.merge(own, on=["platform", item], how="inner")
        return found.sort_values(["platform", item, "export"], kind="stable", ignore_index=True)

    @cached_property
    def comments(self) -> pd.DataFrame:
        """One row a comment, with its post's account, its writer's pseudonym and its tags; texts are left behind."""
        # the columns that measures take: a million texts would fill the memory
        comments = self.store.query(
            "SELECT platform, comment_id, post_id, author, is_owner, is_reply, published_at FROM newest_comment"
        )
        tags = self.store.query("SELECT * FROM newest_tag WHERE item_kind = 'comment'")
        tags = tags.rename(columns={"item": "comment_id"})
        taken = ["platform", "comment_id", "themes", "themes_masked", "sentiment", "stance", "hostile"]
        taken += ["victim_blaming", "reception_kind", "text_key"]
        comments = comments.merge(tags[taken], on=["platform", "comment_id"], how="left")
        posts = self.posts[["platform", "post_id", "account", "owner_level"]]
        comments["post_id"] = self._known_posts(comments)
        comments = comments.merge(posts, on=["platform", "post_id"], how="left").rename(columns={"author": "writer"})
        comments["day"] = self._local_day(comments["published_at"])
        comments["period"] = self._period(comments["day"])
        own = self._pseudonyms_of_accounts()
        institutions = set().union(*own.values())
        kind = comments["reception_kind"]
        copies = comments.groupby("text_key")["text_key"].transform("size") >= reception.MIN_COPIES
        kind = kind.mask((kind == "opinion") & copies.fillna(False).astype(bool), "copy")
        kind = kind.mask(comments["writer"].isin(institutions), "institution")
        by_owner = [w in own.get(a, ()) for w, a in zip(comments["writer"], comments["account"], strict=True)]
        comments["is_owner"] = comments["is_owner"].fillna(False).astype(bool) | pd.Series(by_owner, dtype=bool)
        comments["reception_kind"] = kind.mask(comments["is_owner"], "owner")
        return comments.sort_values(["platform", "comment_id"], ignore_index=True)

    @cached_property
    def places(self) -> pd.DataFrame:
        """One row a declared place."""
        columns = [c for c in campaigns.Place.__dataclass_fields__ if c not in ("names", "merged_into")]
        frame = pd.DataFrame([[getattr(p, c) for c in columns] for p in self.campaign.places], columns=columns)
        for name in ("code", "name", "name_en", "kind", "population_source"):
            frame[name] = frame[name].astype("str")
        frame["population"] = frame["population"].astype("Int64")
        return frame.astype({"population_assumed": bool, "latitude": float, "longitude": float})

    @cached_property
    def activities(self) -> pd.DataFrame:
        """Offline activities, declared beside campaign.toml or gathered: kind, date, place, people, copies, sessions,
        sector."""
        columns = ["kind", "date", "place", "people", "copies", "sessions", "sector"]
        declared = pd.DataFrame([[getattr(a, c) for c in columns] for a in self.campaign.activities], columns=columns)
        gathered = self.store.frame("activity")[columns]
        for name in ("people", "copies", "sessions"):
            declared[name] = declared[name].astype("Int64")
        for name in ("kind", "place", "sector"):
            declared[name] = declared[name].astype("str")
        declared["date"] = pd.to_datetime(declared["date"]).astype(gathered["date"].dtype)
        frames = [f for f in (declared, gathered) if len(f)]
        return pd.concat(frames, ignore_index=True) if frames else gathered

    # -- the results: each a call of one measure, with what campaign.toml declares ------------------------------------

    @cached_property
    def reach(self) -> pd.DataFrame:
        return measures.reach(
            self.own_posts,
            self.values,
            self.accounts,
            self.places,
            population=self.campaign.population,
            focus_areas=self.focus_areas,
            window=self.window,
            timezone=self.campaign.timezone,
        )

    @cached_property
    def reach_places(self) -> pd.DataFrame:
        return measures.reach_places(self.own_posts, self.values, self.accounts, self.places)

    @cached_property
    def participation(self) -> pd.DataFrame:
        return measures.participation(self.own_posts, self.accounts, self.places)

    @cached_property
    def views(self) -> pd.DataFrame:
        return measures.views(self.own_posts, self.values)

    @cached_property
    def engagement(self) -> pd.DataFrame:
        age = self.campaign.thresholds.post_age_days
        return measures.engagement(self.own_posts, self.values, self.comments, min_age_days=age, **self._resampling)

    @cached_property
    def concentration(self) -> pd.DataFrame:
        return measures.concentration(self.own_posts, self.values, **self._resampling)

    @cached_property
    def messages(self) -> pd.DataFrame:
        themes = tuple(t.code for t in self.campaign.themes)
        areas = self.focus_areas
        return measures.messages(
            self.posts, self.values, self.comments, themes=themes, focus_areas=areas, **self._resampling
        )

    @cached_property
    def message_weeks(self) -> pd.DataFrame:
        return measures.message_weeks(self.posts, self.comments, themes=tuple(t.code for t in self.campaign.themes))

    @cached_property
    def sentiment(self) -> pd.DataFrame:
        return measures.sentiment(self.comments, suppress_below=self.campaign.thresholds.suppress_below)

    @cached_property
    def net_sentiment(self) -> pd.DataFrame:
        return measures.net_sentiment(self.comments, suppress_below=self.campaign.thresholds.suppress_below)

    @cached_property
    def reception_kinds(self) -> pd.DataFrame:
        return measures.reception_kinds(self.comments, suppress_below=self.campaign.thresholds.suppress_below)

    @cached_property
    def completeness(self) -> pd.DataFrame:
        declared = self.accounts["declared"]
        accounts = self.accounts[declared] if self.campaign.accounts else self.accounts
        days = self.calendar if self.campaign.accounts else None
        return measures.completeness(self.own_posts, self.values, accounts, window=self.window, days=days)

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """Every day of every declared account: what is known of it."""
        return Gathered(self.campaign, evidence(self.campaign)).calendar()

    @cached_property
    def comment_coverage(self) -> pd.DataFrame:
        return measures.comment_coverage(self.own_posts, self.values, self.comments)

    @cached_property
    def cut_exports(self) -> pd.DataFrame:
        return measures.cut_exports(self.sources)

    @cached_property
    def age(self) -> pd.DataFrame:
        return measures.age(self.own_posts, self.values, age_days=self.campaign.thresholds.post_age_days)

    @cached_property
    def sectors(self) -> pd.DataFrame:
        return measures.sectors(self.own_posts, self.values, self.accounts, self.places)

    @cached_property
    def year_before(self) -> pd.DataFrame:
        baseline = self.campaign.baseline
        return measures.year_before(
            self.own_posts,
            self.values,
            self.comments,
            self.accounts,
            self.places,
            has_baseline=baseline is not None,
            days_before=(self.campaign.window.start - baseline.start).days if baseline else None,
            baseline_end=baseline.end if baseline else None,
            merged_on=self._merged_on(),
            successors=self.campaign.successors,
            continued_by=self.campaign.continued_by,
        )

    def _merged_on(self) -> date | None:
        """The first day without a place of which posts were gathered and of which nobody said what is in its stead."""
        lost = {p.code: p.valid_to for p in self.campaign.former_places if p.code not in self.campaign.successors}
        ended = [lost[code] for code in self.own_posts["place"].dropna().unique() if code in lost]
        return max(day for day in ended if day) + timedelta(1) if any(ended) else None

    @cached_property
    def targets(self) -> pd.DataFrame:
        return measures.targets(self.own_posts, self.accounts, self.places, declared=self.campaign.targets)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Views day by day in each platform's own days, from the baseline's start to two weeks after the window."""
        clock = self.campaign.timezone
        return measures.daily(self.values, self.accounts, span=self._span, window=self.window, timezone=clock)

    @cached_property
    def weekly(self) -> pd.DataFrame:
        return measures.weekly(self.values, self.accounts, span=self._span)

    @cached_property
    def definition_breaks(self) -> pd.DataFrame:
        baseline = self.campaign.baseline
        return measures.definition_breaks(
            self.values, window=self.window, baseline=(baseline.start, baseline.end) if baseline else None
        )

    @cached_property
    def snapshots(self) -> pd.DataFrame:
        return measures.snapshots(self.history, self.sightings, self.accounts)

    @cached_property
    def fallen(self) -> pd.DataFrame:
        return measures.fallen(self.history)

    @cached_property
    def vanished(self) -> pd.DataFrame:
        return measures.vanished(self.sightings)

    @cached_property
    def crossposts(self) -> pd.DataFrame:
        return measures.crossposts(self.own_posts)

    @cached_property
    def undeclared(self) -> pd.DataFrame:
        return measures.undeclared(self.posts)

    @cached_property
    def clips(self) -> pd.DataFrame:
        """Clips known by Meta's video level, and how many of them are left out as posts that are counted already."""
        return clips(self._every_post, self._every_post["is_twin"])

    @cached_property
    def offline(self) -> pd.DataFrame:
        return measures.activities(self.activities)

    @cached_property
    def self_reported(self) -> pd.DataFrame:
        return measures.self_reported(self.values)

    def results(self) -> dict[str, pd.DataFrame]:
        """Every result by its name: what figures and findings are made of."""
        names = {name: name for name in RESULTS} | {"activities": "offline"}
        return {name: getattr(self, attribute) for name, attribute in names.items()}

    # -- what a person reads: the words, tables and figures of the findings -------------------------------------------

    @cached_property
    def report(self) -> Report:
        """The findings in ``lang``: the one model that documents and notebooks show."""
        return report(self.results(), self.campaign, lang=self.lang)

    @property
    def notice(self) -> str:
        """What must be said before anything is shown: that the data are synthetic, where they are; else ""."""
        return f"{self.report.mark}. {self.report.mark_sentence}" if self.report.synthetic else ""

    def answer(self, section: str) -> str:
        """The short answer and the sentences of a section of the findings, a line each, for printing."""
        found = _named(self.report.sections, section)
        head = " ".join(part for part in (found.answer, found.gloss) if part)
        said = [f"{s.lead} {s.text}".strip() for s in found.sentences]
        return "\n".join(textwrap.fill(line, 110, subsequent_indent="  ") for line in (head, *said) if line)

    def table(self, name: str) -> pd.DataFrame:
        """A table of the findings as people read it: headings and numbers in ``lang``. The raw one is an attribute."""
        if name not in {t.name for t in self.report.tables} and name in _SHOWN:
            nothing = f"findings.annex.no_{name}"  # a table that is best empty says so
            key = nothing if words.has(nothing) else "findings.answer.not_enough"
            return pd.DataFrame({words.text(key, self.lang): []})
        found = _named(self.report.tables, name)
        return pd.DataFrame(found.written(self.lang), columns=[c.label for c in found.columns])

    def figure(self, name: str) -> Any:
        """A figure of the findings, or, where the table can't carry it, the sentence that says so."""
        if name not in {f.name for f in self.report.figures} and words.has(f"draw.title.{name}"):
            return words.text("findings.answer.not_enough", self.lang)
        return figures.drawn(_named(self.report.figures, name), self.report)

    @property
    def window(self) -> tuple[date, date]:
        return self.campaign.window.start, self.campaign.window.end

    @property
    def _span(self) -> tuple[date, date]:
        """The days that series over time show: the baseline and the window, and two weeks after."""
        baseline = self.campaign.baseline
        start = min(self.campaign.window.start, baseline.start) if baseline else self.campaign.window.start
        return start, self.campaign.window.end + timedelta(days=14)

    @property
    def focus_areas(self) -> dict[str, tuple[str, ...]]:
        return {area.code: area.themes for area in self.campaign.focus_areas}

    @property
    def _resampling(self) -> dict[str, Any]:
        t = self.campaign.thresholds
        return {"resamples": t.bootstrap_resamples, "few_accounts": t.few_accounts, "seed": t.seed}

    # -- joining ----------------------------------------------------------------------------------------------------

    def _owner(self, platform: str, account_id: str, name: Any, on: date | None = None) -> Owner:
        return self.campaign.owner(platform, account_id, name if isinstance(name, str) else None, on=on)

    def _account_keys(
        self, platform: pd.Series, account_id: pd.Series, name: pd.Series | None, day: pd.Series | None = None
    ) -> pd.Series:
        known: dict[tuple[str, str, Any, date | None], str | None] = {}
        days = day if day is not None else pd.Series(pd.NaT, index=account_id.index)
        names = name if name is not None else pd.Series(None, index=account_id.index, dtype="str")
        found = self.store.frame("newest_account")
        named = dict(zip(zip(found["platform"], found["account_id"], strict=True), found["name"], strict=True))
        out: list[str | None] = []
        for p, i, n, d in zip(platform, account_id, names, days, strict=True):
            if not isinstance(i, str):
                out.append(None)
                continue
            called = n if isinstance(n, str) else named.get((p, i))
            # a day matters only for a name that was another's before
            moved = isinstance(called, str) and (p, same_name(called)) in self.campaign.names_by_day
            what = (p, i, called, d.date() if moved and not pd.isna(d) else None)
            if what not in known:
                known[what] = self._owner(*what).account.key
            out.append(known[what])
        return pd.Series(out, index=account_id.index, dtype="str")

    def _places_then(self, posts: pd.DataFrame) -> pd.Series:
        """The place that each post's account spoke for on its day; in the window, the one that is there at its end."""
        c = self.campaign
        former = {p.code for p in c.former_places}
        moving = {a.key: a for a in c.accounts if a.former_places or a.place in former}
        out = []
        for key, now, day, period in zip(posts["account"], posts["place"], posts["day"], posts["period"], strict=True):
            account = moving.get(key)
            if account is None or pd.isna(day):
                out.append(now)
                continue
            then = c.place_of(account, day.date())
            out.append(c.successor(then, c.window.end) if then and period == "during" else then)
        return pd.Series(out, index=posts.index, dtype="str")

    def _known_posts(self, comments: pd.DataFrame) -> pd.Series:
        """The comments' post ids as the posts have them: a link names a post otherwise than an export does."""
        linked = self.posts[self.posts["permalink"].notna()]
        links_of = {
            (platform, link.post_id): post_id
            for platform, post_id, url in zip(linked["platform"], linked["post_id"], linked["permalink"], strict=True)
            if (link := links.parsed_link(url)) is not None
        }
        own = set(zip(self.posts["platform"], self.posts["post_id"], strict=True))
        named = zip(comments["platform"], comments["post_id"], strict=True)
        found = [p if (s, p) in own else links_of.get((s, p), p) for s, p in named]
        return pd.Series(found, index=comments.index, dtype="str")

    def _pseudonyms_of_accounts(self) -> dict[str, set[str]]:
        """By account, the pseudonyms that it has as a commenter: exports name commenters by id, name or handle."""
        key = keys.campaign_key(self.campaign)
        found: dict[str, set[str]] = {}
        for a in self.campaign.accounts:
            names = {*a.called, *([a.handle.removeprefix("@")] if a.handle else [])}
            found[a.key] = {privacy.pseudonym(key, a.platform, n) for n in names}
        return found

    def _local_day(self, instants: pd.Series) -> pd.Series:
        local = instants.dt.tz_convert(self.campaign.timezone)
        return local.dt.tz_localize(None).dt.normalize()

    def _period(self, day: pd.Series) -> pd.Series:
        window, baseline = self.campaign.window, self.campaign.baseline
        choices = [_within(day, window)]
        names = ["during"]
        if baseline is not None:
            choices.append(_within(day, baseline))
            names.append("before")
        choices.append(day > pd.Timestamp(window.end))
        names.append("after")
        return pd.Series(np.select(choices, names, default="other"), index=day.index, dtype="str").where(day.notna())


def _named(items: Sequence[Any], name: str) -> Any:
    """The section, table or figure called ``name``; an unknown name is a FindingsError with the nearest known one."""
    for item in items:
        if item.name == name:
            return item
    known = [item.name for item in items]
    raise FindingsError("no_such_part", name=name, nearest=nearest(name, known) or ", ".join(known))


def evaluation(folder: str | Path, lang: str | None = None) -> Evaluation:
    """The evaluation of the campaign in ``folder``, whose files have been gathered; ``lang``: "vi" or "en"."""
    if lang is not None and lang not in words.LANGUAGES:
        raise InputError("no_such_language", lang=lang)
    loaded = Evaluation(campaigns.load(folder), lang)
    _ready(loaded)
    return loaded


def _ready(of: Evaluation) -> None:
    """Refuse to measure where nothing was gathered, or where tags are missing or of other themes than declared."""
    if not len(of.store.sources()):
        raise InputError("nothing_gathered", folder=str(of.campaign.tables), inbox=str(of.campaign.inbox))
    n_untagged = tagging.untagged_sources(of.campaign)
    if n_untagged:
        raise InputError("not_tagged", n=n_untagged)


def write_findings(of: Evaluation) -> Path:
    """Write the findings in the evaluation's language below findings/ and return the page to open.

    findings/<lang>/: the page, the workbook, tables/ (CSV) with each figure (PNG, SVG) beside its table. They are made
    in a folder beside and exchanged at the end: what officials open is always whole, and of one run. The old folder is
    moved away before it is deleted: Windows refuses the move, and so the exchange, while one of its files is open.
    """
    _ready(of)
    found, lang = of.report, of.lang
    folder = of.campaign.findings / lang
    fresh, old = (folder.with_name(f".{lang}.{state}") for state in ("partial", "old"))
    name = words.text("findings.file", lang)
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "tables").mkdir(parents=True)
        (fresh / f"{name}.html").write_text(html.page(found), encoding="utf-8", newline="\n")
        xlsx.workbook(found, fresh / f"{name}.xlsx")
        csv.tables(found, fresh / "tables")
        figures.figures(found, fresh / "tables")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as problem:
        raise FindingsError(
            "findings_not_written", folder=str(folder), why=problem.strerror or str(problem)
        ) from problem
    return folder / f"{name}.html"


# -- the notebooks --------------------------------------------------------------------------------------------------


def notebook_files() -> list[Path]:
    """The suite's notebooks in the order of their numbers, from the installation or the checkout."""
    package = Path(__file__).parent
    for folder in (package / "resources" / "notebooks", package.parent / "notebooks"):
        if files := sorted(folder.glob("[0-9][0-9]-*.ipynb")):
            return files
    raise FindingsError("no_notebooks")


def rerun_notebooks(
    campaign: Campaign, *, lang: str, on_notebook: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Run every notebook for ``campaign`` and ``lang`` by papermill; returns the runs in findings/notebooks/."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    folder = campaign.findings / "notebooks" / lang
    folder.mkdir(parents=True, exist_ok=True)
    files = notebook_files()
    runs = []
    for n, file in enumerate(files, 1):
        run = folder / file.name
        try:
            with _kernel_config() as config:
                papermill.execute_notebook(
                    str(file),
                    str(run),
                    parameters={"campaign": str(campaign.folder.resolve()), "lang": lang},
                    kernel_name="python3",
                    progress_bar=False,
                    cwd=str(folder),
                    config=config,
                )
        except PapermillExecutionError as problem:
            why = f"{problem.ename}: {problem.evalue}"
            raise FindingsError("notebook_failed", name=file.name, cell=problem.exec_count, why=why) from problem
        runs.append(run)
        if on_notebook:
            on_notebook(n, len(files))
    return runs


@contextlib.contextmanager
def _kernel_config() -> Iterator[Any]:
    """Kernels speak over files of this user, not over a port of the machine, wherever the system has such files."""
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="nb-") as place:
        name = str(Path(place) / "k")
        fits = os.name == "posix" and len(name) < 90  # a socket's name has about 100 characters at the most
        yield Config({"KernelManager": {"transport": "ipc", "ip": name}} if fits else {})


def refresh_notebooks() -> list[Path]:
    """Run the checkout's notebooks in place on the sample, outputs kept; what differs from run to run is left out."""
    import nbformat
    from nbclient import NotebookClient

    files = notebook_files()
    for file in files:
        notebook = nbformat.read(file, as_version=4)
        place = {"metadata": {"path": str(file.parent)}}
        with _kernel_config() as config:
            NotebookClient(notebook, kernel_name="python3", resources=place, config=config).execute()
        notebook.metadata = nbformat.from_dict(
            {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            }
        )
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        nbformat.write(notebook, file)
    return files


def _within(day: pd.Series, window: Window) -> pd.Series:
    return (day >= pd.Timestamp(window.start)) & (day <= pd.Timestamp(window.end))


def _account_row(account: Account, *, declared: bool) -> dict[str, Any]:
    return {
        "account": account.key,
        "platform": account.platform,
        "name": account.name,
        "owner_level": account.owner_level or None,
        "sector": account.sector,
        "place": account.place,
        "audience_local": account.audience_local,
        "declared": declared,
        "complete_source": account.complete_source,
        "n_sources": 0,
    }
