"""Result tables -> ``model.Report``: every sentence, table and figure of the findings, made from the tables.

Nothing is computed here: values are looked up, rows are sorted and counted, small counts of persons are withheld. A
sentence gives its number first, then how sure it is, then what it rests on; what can't be told is said so.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from campaignstats import draw, metrics, words
from campaignstats.campaign import Campaign
from campaignstats.errors import MeasureError
from campaignstats.findings.model import (
    Column,
    Figure,
    Report,
    Section,
    Sentence,
    Table,
    clean,
    missing,
    plain,
)

# table -> (columns with their kinds, notes, evaluation stage); "code:x" looks a label up under x in the catalogue
_SPEC: dict[str, tuple[str, tuple[str, ...], str]] = {
    "reach": (
        "scope=code:findings.scope group=group definition=ids n_accounts=count n_posts=count n_missing=count "
        "lower=count upper=count capped=flag",
        ("bounds", "accounts_not_persons", "capped", "reach_missing", "reach_focus"),
        "output",
    ),
    "views": (
        "platform=code:draw.platform definition=ids grain=code:findings.grain n_accounts=count n_posts=count "
        "n_on_screen=count n_missing=count views=count",
        ("never_added", "on_screen"),
        "output",
    ),
    "reach_places": (
        "place=text name=text state=code:findings.state n_accounts=count n_posts=count n_missing=count lower=count "
        "upper=count lower_per_1000=rate upper_per_1000=rate population=count population_date=date "
        "population_assumed=flag",
        ("nothing_received", "bounds", "per_1000"),
        "output",
    ),
    "focus_areas": (
        "side=code:findings.side code=focus masked=flag n_items=count n_missing=count n_hits=count share=share "
        "weighted_share=share "
        "weighted_low=share weighted_high=share reach_gini=ratio n_missing_reach=count",
        ("uncorrected", "masked", "small", "weighted"),
        "output",
    ),
    "themes": (
        "side=code:findings.side code=theme masked=flag n_items=count n_missing=count n_hits=count share=share "
        "weighted_share=share "
        "weighted_low=share weighted_high=share reach_gini=ratio n_missing_reach=count",
        ("uncorrected", "masked", "small", "weighted"),
        "output",
    ),
    "sentiment": (
        "platform=code:draw.platform sentiment=code:draw.sentiment n_comments=count share=share "
        "n_writers=count n_posts=count n_missing=count",
        ("uncorrected", "not_residents", "small"),
        "outtake",
    ),
    "net_sentiment": (
        "platform=code:draw.platform net_of_opinionated=ratio net_of_all=ratio n_comments=count n_missing=count",
        ("uncorrected", "net", "not_residents"),
        "outtake",
    ),
    "reception_kinds": (
        "reception_kind=code:findings.reception n_comments=count n_writers=count n_posts=count",
        ("set_apart", "small"),
        "outtake",
    ),
    "engagement": (
        "platform=code:draw.platform measure=measure actions=actions rate=rate low=rate high=rate "
        "interval=code:findings.interval n_accounts=count n_posts=count n_missing=count",
        ("rates", "intervals"),
        "outtake",
    ),
    "concentration": (
        "platform=code:draw.platform metric=metric definition=ids gini=ratio low=ratio high=ratio "
        "interval=code:findings.interval "
        "top5_share=share top_account_share=share n_accounts=count n_posts=count n_missing=count",
        ("gini", "intervals"),
        "output",
    ),
    "sectors": (
        "sector=code:findings.sector n_accounts=count n_posts=count n_missing=count "
        "reach_lower=count reach_upper=count top_theme=theme",
        ("bounds", "uncorrected"),
        "output",
    ),
    "activities": (
        "kind=code:findings.activity n=count n_missing=count people=count copies=count sessions=count",
        ("beside",),
        "activity",
    ),
    "self_reported": (
        "platform=code:draw.platform metric=metric n_items=count n_missing=count value_sum=count",
        ("self_reported",),
        "output",
    ),
    "year_before": (
        "measure=measure now=number before=number comparable=flag reason=reason n_former=count",
        ("year",),
        "output",
    ),
    "targets": (
        "name=text value=number unit=text now=number by=date document=text answer=code:findings.answer reason=reason",
        ("targets",),
        "outcome",
    ),
    "context_figures": ("name=text value=text date=date source=text", ("context",), "context"),
    "age": (
        "platform=code:draw.platform n_posts=count n_old_enough=count n_young=count n_unknown_age=count age_days=count",
        ("age",),
        "method",
    ),
    "sources": (
        "path=text format=text platform=code:draw.platform n_read=count n_kept=count n_quarantined=count "
        "n_skipped=count n_cells_refused=count exported_at=date",
        ("sources",),
        "method",
    ),
    "weekly": (
        "platform=code:draw.platform metric=metric definition=ids day_zone=clock week_start=date n_days=count "
        "n_accounts=count value=count n_missing=count",
        ("clock", "weeks_of_days", "never_added"),
        "output",
    ),
    "definition_breaks": (
        "on=date platform=code:draw.platform metric=metric kind=code:metrics.kind inside=code:metrics.where "
        "precise=flag",
        ("breaks",),
        "method",
    ),
    "snapshots": (
        "platform=code:draw.platform name=whole n_exports=count n_snapshots=count first_as_of=date last_as_of=date "
        "n_posts=count n_posts_again=count n_overlaps=count n_fell=count n_vanished=count n_under_7=count "
        "n_under_28=count n_unknown_age=count",
        ("snapshots",),
        "method",
    ),
    "fallen": (
        "platform=code:draw.platform account=account item=text metric=metric traffic=code:metrics.traffic before=count "
        "after=count as_of_before=date as_of_after=date cause=code:metrics.cause",
        ("fallen",),
        "method",
    ),
    "vanished": (
        "platform=code:draw.platform account=account post_id=text published=date last_seen=date missing_from=date "
        "state=code:metrics.gone",
        ("vanished",),
        "method",
    ),
    "crossposts": (
        "first=date reason=code:metrics.twice platforms=platforms accounts=accounts n_posts=count n_marked=count "
        "minutes=rate same_family=flag",
        ("crossposts",),
        "method",
    ),
    "comment_coverage": (
        "scope=code:findings.scope platform=code:draw.platform name=text n_posts=count n_missing=count n_zero=count "
        "n_without=count counted=count held=count excess=count held_share=share",
        ("comment_coverage", "small"),
        "method",
    ),
    "cut_exports": (
        "path=text format=text cut=code:findings.cut what=code:findings.cut_what rows=count n_missing=count",
        ("cut_exports",),
        "method",
    ),
    "definitions": ("definition=ids id=text meaning=text", ("definitions",), "method"),
}
# tables that have rows even where nothing was counted
_COUNTED = {"sentiment": "n_comments", "net_sentiment": "n_comments", "message_weeks": "n_items"}
_MOST_TARGETS = 5
_FEWEST_ITEMS = 10  # a share of fewer posts is no answer for a front page
# figure -> result table
_FIGURES = {
    "tile_map": "reach_places",
    "focus_areas": "messages",
    "theme_bars": "messages",
    "theme_weeks": "message_weeks",
    "reach_bounds": "reach",
    "views_by_platform": "views",
    "sentiment_bars": "sentiment",
    "engagement": "engagement",
    "concentration": "concentration",
    "completeness_calendar": "calendar",
    "daily": "daily",
}
_LONGEST = 40  # rows of a table that goes on and on; the largest, or first, of them
# tables that are best empty: no rows mean that nothing of the kind was found
_FINDS = ("fallen", "vanished", "crossposts")


def report(results: Mapping[str, pd.DataFrame], campaign: Campaign, *, lang: str) -> Report:
    """The findings of ``campaign`` in ``lang`` ("vi" or "en") from its result tables; what is absent is said."""
    return _Writer(results, campaign, lang).report()


class _Writer:
    """Holds what every sentence needs: the tables, the names of codes, the numbers of the annex's tables."""

    def __init__(self, results: Mapping[str, pd.DataFrame], campaign: Campaign, lang: str) -> None:
        self.campaign, self.lang = campaign, lang
        self.themes = {t.code: clean(t.name[lang]) for t in campaign.themes}
        self.focus = {f.code: clean(f.name[lang]) for f in campaign.focus_areas}
        self.results = self._withheld({name: _cleaned(table) for name, table in results.items()})
        self.numbers: dict[str, str] = {}

    def report(self) -> Report:
        c, lang = self.campaign, self.lang
        annex = self._annex()
        front = self._front()  # after the annex: it cites the annex's tables by number
        return Report(
            title=self.text("title", name=clean(c.name[lang])),
            subtitle=self._subtitle(),
            lang=lang,
            synthetic=c.synthetic,
            mark=words.text("draw.synthetic", lang) if c.synthetic else "",
            mark_sentence=self.text("synthetic") if c.synthetic else "",
            dated=c.report_due or c.window.end,
            source=self.source(),
            front=front,
            annex=annex,
        )

    def _subtitle(self) -> str:
        c = self.campaign
        area = clean(c.area[self.lang]) if c.area else ""
        found = self.text("subtitle", area=area, start=c.window.start, end=c.window.end).lstrip(" ·")
        return found[:1].upper() + found[1:]

    # ------------------------------------------------------------ the seven questions

    def _front(self) -> tuple[Section, ...]:
        return (
            self._people(),
            self._where(),
            self._message(),
            self._reception(),
            self._certainty(),
            self._missing(),
            self._next(),
        )

    def _people(self) -> Section:
        said: list[Sentence] = []
        answer = gloss = ""
        row = self._headline()
        if row is None:
            answer, said = self.text("answer.not_enough"), [self.say("reach.none")]
        else:
            lower, n_missing = int(row["lower"]), _count(row["n_missing"])
            values: dict[str, Any] = {
                "lower": lower,
                "n_posts": _count(row["n_posts"]),
                "n_accounts": _count(row["n_accounts"]),
                "population": _count(row.get("population")),
            }
            if _open_end(row):
                answer = self.text("answer.at_least", lower=lower)
                said.append(self.say("reach.open" if missing(row["upper"]) else "reach.capped", see="reach", **values))
            elif int(row["upper"]) == lower:
                answer = self.text("answer.exactly", lower=lower)
                said.append(self.say("reach.single", see="reach", **values))
            else:
                answer = self.text("answer.bounds", lower=lower, upper=int(row["upper"]))
                said.append(self.say("reach.bounds", see="reach", upper=int(row["upper"]), **values))
            gloss = self.text("answer.reach_gloss_missing" if n_missing else "answer.reach_gloss")
            if n_missing:
                said.append(self.say("reach.missing", see="reach", n_missing=n_missing, n_posts=values["n_posts"]))
            said.append(self.say("reach.output"))
        said += self._views()
        said += self._year_before()
        return self.section("people", answer=answer, gloss=gloss, sentences=said)

    def _views(self) -> list[Sentence]:
        table = self.rows("views")
        table = table[table["views"].notna()] if not table.empty else table
        if table.empty:
            return [self.say("views.none")]
        twice = table["platform"].duplicated(keep=False)
        items = []
        for row, repeated in zip(table.to_dict("records"), twice, strict=True):
            defined = repeated or not clean(row["definition"]).startswith("views")
            key = "views.item_defined" if defined else "views.item"
            if _count(row["n_missing"]):
                key += "_missing"
            items.append(
                self.text(
                    key,
                    platform=draw.platform(row["platform"], self.lang),
                    views=int(row["views"]),
                    definition=self.definition(row["definition"]) if repeated else self._metric_of(row["definition"]),
                    n_missing=_count(row["n_missing"]),
                )
            )
        said = [self.say("views.listed", see="views", items="; ".join(items))]
        n_read = _count(table["n_on_screen"].sum()) if "n_on_screen" in table else 0
        return [*said, self.say("views.on_screen", see="views", n=n_read)] if n_read else said

    def _metric_of(self, definition: Any) -> str:
        return draw.metric_name(clean(definition).partition(".")[0], self.lang)

    def _year_before(self) -> list[Sentence]:
        table, lead = self.rows("year_before"), self.text("lead.year_before")
        if table.empty:
            return [self.say("year.none", lead=lead)]
        reasons = table["reason"].map(self.reason).unique()
        if not table["comparable"].any() and len(reasons) == 1:
            return [
                self.say("year.nothing", lead=lead, see="year_before", reason=reasons[0]),
                *self._former(table),
            ]
        said = []
        for row in table.sort_values("comparable", ascending=False, kind="stable").head(3).to_dict("records"):
            name = draw.measure_name(row["measure"], self.lang)
            both = not missing(row["now"]) and not missing(row["before"])
            if bool(row["comparable"]) and both:
                said.append(
                    self.say(
                        "year.comparable",
                        lead=lead,
                        see="year_before",
                        name=name,
                        now=self._number(row["now"]),
                        before=self._number(row["before"]),
                    )
                )
            else:
                said.append(
                    self.say("year.not", lead=lead, see="year_before", name=name, reason=self.reason(row["reason"]))
                )
            lead = ""
        return said + self._former(table)

    def _former(self, table: pd.DataFrame) -> list[Sentence]:
        """That posts of places or pages which are no more count for what is there in their stead."""
        n = _count(table["n_former"].max()) if "n_former" in table else 0
        return [self.say("year.former", see="year_before", n=n)] if n else []

    def _where(self) -> Section:
        table = self.rows("participation")
        figures = self.figures("tile_map")
        if table.empty or not _count(table.iloc[0]["n_places"]):
            return self.section("where", answer=self.text("answer.not_enough"), sentences=[self.say("where.none")])
        row = table.iloc[0]
        n: dict[str, Any] = {
            key: _count(row[key]) for key in ("n_places", "n_posted", "n_complete_no_post", "n_nothing_received")
        }
        exact = bool(row["exact"])
        said = [self.say("where.exact" if exact else "where.at_least", see="reach_places", **n)]
        on_sheet = _count(row.get("n_on_sheet_only"))
        if on_sheet:
            said.append(self.say("where.on_sheet", see="reach_places", n=on_sheet, n_posted=n["n_posted"]))
        if n["n_complete_no_post"]:
            said.append(
                self.say("where.complete", see="reach_places", n=n["n_complete_no_post"], n_places=n["n_places"])
            )
        if n["n_nothing_received"]:
            said.append(
                self.say("where.nothing", see="reach_places", n=n["n_nothing_received"], n_places=n["n_places"])
            )
        said.append(self.say("where.not_reach"))
        answer = self.text("answer.places" if exact else "answer.places_at_least", **n)
        gloss = self.text("answer.places_gloss")
        return self.section("where", answer=answer, gloss=gloss, sentences=said, figures=figures)

    def _message(self) -> Section:
        focus, themes = self._shares("focus_area", "owned"), self._shares("theme", "owned")
        if focus.empty and themes.empty:
            return self.section("message", answer=self.text("answer.not_enough"), sentences=[self.say("message.none")])
        said: list[Sentence] = []
        answer = gloss = ""
        head = focus if not focus.empty else themes
        names = self.focus if not focus.empty else self.themes
        first = head.iloc[0]
        if _count(first["n_items"]) < _FEWEST_ITEMS:
            few = self.say("message.few", see="themes", n_items=_count(first["n_items"]))
            return self.section("message", answer=self.text("answer.not_enough"), sentences=[few])
        # a tagger's raw count is no finding, so it is never the answer in large type
        answer, gloss = self.text("answer.no_finding"), self.text("answer.count_gloss")
        if self._corrected():
            answer = self.percent(first["share"], 0)
            gloss = self.text(
                "answer.focus_gloss" if not focus.empty else "answer.theme_gloss",
                name=names.get(first["code"], str(first["code"])),
                most=self._rank("most", head, 0),
            )
        values: dict[str, Any]
        earned = self._shares("focus_area", "earned").set_index("code")
        for row in focus.to_dict("records"):
            code = row["code"]
            values = {
                "name": self.focus.get(code, str(code)),
                "share": self.percent(row["share"], 0),
                "n_items": _count(row["n_items"]),
                "how": self._how(row),
            }
            if code in earned.index:
                said.append(
                    self.say(
                        "message.focus",
                        see="focus_areas",
                        earned=self.percent(earned.loc[code, "share"], 0),
                        n_earned=_count(earned.loc[code, "n_items"]),
                        **values,
                    )
                )
            else:
                said.append(self.say("message.focus_owned", see="focus_areas", **values))
        if not themes.empty and not themes["share"].max() > 0:
            said.append(self.say("message.nothing", see="themes", n_items=_count(themes.iloc[0]["n_items"])))
        elif not themes.empty:
            top, last = themes.iloc[0], themes.iloc[-1]
            values = {
                "name": self.themes.get(top["code"], top["code"]),
                "share": self.percent(top["share"], 0),
                "n_items": _count(top["n_items"]),
                "how": self._how(dict(top)),
            }
            if len(themes) > 1:
                values |= {"last": self.themes.get(last["code"], last["code"]), "least": self.percent(last["share"], 0)}
                values |= {"most": self._rank("most", themes, 0), "fewest": self._rank("fewest", themes, -1)}
            said.append(self.say("message.themes" if len(themes) > 1 else "message.theme", see="themes", **values))
            plainly = self.rows("messages")
            plainly = plainly[
                (plainly["scope"] == "theme")
                & (plainly["side"] == "owned")
                & ~plainly["masked"].astype(bool)
                & (plainly["code"] == top["code"])
                & plainly["share"].notna()
            ]
            if bool(top["masked"]) and not plainly.empty and plainly.iloc[0]["share"] != top["share"]:
                said.append(
                    self.say(
                        "message.masked",
                        see="themes",
                        name=values["name"],
                        share=self.percent(plainly.iloc[0]["share"], 0),
                        how=self._how(dict(plainly.iloc[0])),
                    )
                )
        return self.section("message", answer=answer, gloss=gloss, sentences=said, figures=self.figures("focus_areas"))

    def _reception(self) -> Section:
        said: list[Sentence] = []
        answer = gloss = ""
        table = self.rows("sentiment")
        table = table[(table["platform"] == "all") & table["share"].notna()] if not table.empty else table
        share = dict(zip(table["sentiment"], table["share"], strict=True)) if not table.empty else {}
        kinds = self.rows("reception_kinds")
        opinion = kinds[kinds["reception_kind"] == "opinion"] if not kinds.empty else kinds
        if set(share) >= set(draw.SENTIMENTS):
            values: dict[str, Any] = {kind: self.percent(share[kind], 0) for kind in draw.SENTIMENTS}
            answer, gloss = self.text("answer.no_finding"), self.text("answer.count_gloss")
            if self._corrected():
                answer, gloss = self.text("answer.sentiment", **values), self.text("answer.sentiment_gloss")
            base = opinion.iloc[0] if not opinion.empty else None
            if base is not None and not missing(base["n_comments"]):
                said.append(
                    self.say(
                        "reception.sentiment",
                        see="sentiment",
                        n_comments=_count(base["n_comments"]),
                        n_writers=_count(base["n_writers"]),
                        n_posts=_count(base["n_posts"]),
                        **values,
                    )
                )
            else:
                said.append(self.say("reception.sentiment_alone", see="sentiment", **values))
        else:
            answer = self.text("answer.not_enough")
            said.append(self.say("reception.none", below=self.campaign.thresholds.suppress_below))
        said.append(self.say("reception.not_residents"))
        apart = (
            kinds[(kinds["reception_kind"] != "opinion") & kinds["n_comments"].notna()] if not kinds.empty else kinds
        )
        items = [
            self.text("reception.kind", n=_count(n), kind=self.label("findings.reception", kind))
            for kind, n in zip(apart.get("reception_kind", []), apart.get("n_comments", []), strict=True)
            if _count(n)
        ]
        if items:
            said.append(self.say("reception.apart", see="reception_kinds", items="; ".join(items)))
        said += self._rates(limit=2)
        return self.section("reception", answer=answer, gloss=gloss, sentences=said)

    def _rates(self, *, limit: int) -> list[Sentence]:
        table = self.rows("engagement")
        # the first rate of each platform; the annex has all
        table = table[table["rate"].notna()].drop_duplicates("platform").head(limit) if not table.empty else table
        if table.empty:
            return [self.say("engagement.none")]
        said = []
        for row in table.to_dict("records"):
            alone = missing(row["low"]) or missing(row["high"])
            values: dict[str, Any] = {
                "rate": words.number(float(row["rate"]), self.lang, 2),
                "platform": draw.platform(row["platform"], self.lang),
                "measure": _lowered(draw.measure_name(row["measure"], self.lang)),
                "n_posts": _count(row["n_posts"]),
                "n_accounts": _count(row["n_accounts"]),
            }
            if not alone:
                values |= {
                    "low": words.number(float(row["low"]), self.lang, 2),
                    "high": words.number(float(row["high"]), self.lang, 2),
                    "interval": self.label("findings.interval", row["interval"]),
                }
            said.append(self.say("engagement.alone" if alone else "engagement.rate", see="engagement", **values))
        return said

    def _certainty(self) -> Section:
        said: list[Sentence] = []
        row = self._headline()
        answer = self.text("answer.certain" if row is not None else "answer.uncertain")
        if row is not None:
            said.append(self.say("certain.bounds_missing" if _count(row["n_missing"]) else "certain.bounds"))
            if _count(row["n_missing"]):
                said.append(
                    self.say(
                        "certain.missing",
                        see="reach",
                        n_missing=_count(row["n_missing"]),
                        n_posts=_count(row["n_posts"]),
                    )
                )
        if self._tagged():
            said.append(self.say("certain.corrected" if self._corrected() else "certain.tagger"))
        engagement = self.rows("engagement")
        rates = engagement[engagement["rate"].notna()] if not engagement.empty else engagement
        if not rates.empty:
            kinds = rates["interval"].fillna("none")
            said.append(
                self.say(
                    "certain.intervals",
                    see="engagement",
                    n=len(rates),
                    n_bootstrap=int((kinds == "bootstrap").sum()),
                    n_leave=int((kinds == "leave_one_account_out").sum()),
                    n_none=int((kinds == "none").sum()),
                )
            )
        places = self.rows("reach_places")
        if not places.empty and "population_assumed" in places:
            n = int(places["population_assumed"].fillna(False).astype(bool).sum())
            if n:
                said.append(self.say("certain.population", see="reach_places", n=n))
        said += self._target_sentences()
        return self.section("certainty", answer=answer, sentences=said)

    def _target_sentences(self) -> list[Sentence]:
        said, lead = [], self.text("lead.targets")
        targets = self._targets().to_dict("records")
        for row in targets[:_MOST_TARGETS]:
            answer = str(row["answer"])
            key = f"target.{answer}"
            said.append(
                self.say(
                    key if words.has(f"findings.{key}") else "target.cannot_tell",
                    lead=lead,
                    see="targets",
                    name=row["name"],
                    value=self._with_unit(row["value"], clean(row["unit"])),
                    by=_day(row["by"]),
                    document=row["document"],
                    reason=self.reason(row["reason"]),
                )
            )
            lead = ""
        if len(targets) > _MOST_TARGETS:
            said.append(self.say("target.more", see="targets", n=len(targets) - _MOST_TARGETS))
        return said

    def _with_unit(self, value: Any, unit: str) -> str:
        if unit == "%":
            return self.percent(float(value) / 100, 0 if float(value).is_integer() else 1)
        return f"{self._number(value)} {unit}".rstrip()

    def _missing(self) -> Section:
        said: list[Sentence] = []
        answer = gloss = ""
        participation = self.rows("participation")
        nothing = 0 if participation.empty else _count(participation.iloc[0]["n_nothing_received"])
        if nothing:
            n_places = _count(participation.iloc[0]["n_places"])
            answer = self.text("answer.nothing", n=nothing, n_places=n_places)
            gloss = self.text("answer.nothing_gloss")
            names = list(_states(self.rows("reach_places"), "nothing_received")["name"])
            if names:
                shown = [clean(name) for name in names[:8]]
                key = "missing.places_more" if len(names) > len(shown) else "missing.places"
                said.append(
                    self.say(
                        key,
                        see="reach_places",
                        n=nothing,
                        n_places=n_places,
                        names=", ".join(shown),
                        more=len(names) - len(shown),
                    )
                )
        said += self._held_comments()
        lacking, everyone = self._lacking()
        if lacking:
            said.append(self.say("missing.accounts", see="completeness", n=lacking, n_all=everyone))
        elif not everyone:
            said.append(self.say("missing.calendar"))
        sources = self.rows("sources")
        if not sources.empty:
            unread = self._n_unread()
            held = int((sources["n_quarantined"] > 0).sum())
            if unread:
                said.append(self.say("missing.files", see="sources", n=unread, n_all=len(sources)))
            if held:
                said.append(self.say("missing.held", see="sources", n=held, n_all=len(sources)))
        others = self.rows("undeclared")
        if not others.empty:
            n_posts, n_accounts = _count(others["n_posts"].sum()), _count(others["n_accounts"].sum())
            said.append(self.say("missing.undeclared", n_posts=n_posts, n_accounts=n_accounts))
        clips = self.rows("clips")
        if not clips.empty and (n_left_out := _count(clips["n_left_out"].sum())):
            said.append(self.say("missing.clips", n=n_left_out, n_all=_count(clips["n_clips"].sum())))
        said.append(self.say("missing.unmeasured", lead=self.text("lead.unmeasured")))
        said.append(self.say("missing.beside"))
        return self.section("missing", answer=answer, gloss=gloss, sentences=said)

    def _held_comments(self) -> list[Sentence]:
        """How many of the comments that the platforms count are in the files, and which files were cut off."""
        said = []
        table = self.rows("comment_coverage")
        table = table[(table["scope"] == "platform") & table["held_share"].notna()] if not table.empty else table
        if not table.empty:
            items = [
                self.text(
                    "held.item",
                    platform=draw.platform(row["platform"], self.lang),
                    share=self.percent(row["held_share"], 0),
                    counted=_count(row["counted"]),
                )
                for row in table.to_dict("records")
            ]
            said.append(self.say("held.listed", see="comment_coverage", items="; ".join(items)))
            if n_more := _count(table["n_more"].sum()):
                said.append(self.say("held.more", see="comment_coverage", n=n_more))
        cut = self.rows("cut_exports")
        if not cut.empty:
            n_all = len(self.rows("sources"))
            said.append(self.say("held.cut", see="cut_exports", n=cut["path"].nunique(), n_all=n_all))
        return said

    def _n_unread(self) -> int:
        """Files of which nothing could be used: of no known format, or refused whole."""
        sources = self.rows("sources")
        refused = sources["rule"].notna() if "rule" in sources else sources["format"].fillna("") == ""
        return int(refused.sum())

    def _next(self) -> Section:
        said: list[Sentence] = []
        participation = self.rows("participation")
        nothing = 0 if participation.empty else _count(participation.iloc[0]["n_nothing_received"])
        if nothing:
            said.append(self.say("next.ask", see="reach_places", n=nothing))
        lacking, _ = self._lacking()
        if lacking:
            said.append(self.say("next.accounts", see="completeness", n=lacking))
        age = self.rows("age")
        for row in [] if age.empty else age.to_dict("records"):
            if _count(row["n_young"]):
                said.append(
                    self.say(
                        "next.age",
                        see="age",
                        n=_count(row["n_young"]),
                        days=_count(row["age_days"]),
                        platform=draw.platform(row["platform"], self.lang),
                    )
                )
        if self._headline() is None:
            said.append(self.say("next.reach"))
        sources = self.rows("sources")
        if not sources.empty and (self._n_unread() or int((sources["n_quarantined"] > 0).sum())):
            said.append(self.say("next.held", see="sources"))
        if not self.rows("undeclared").empty:
            said.append(self.say("next.declare"))
        if self._tagged() and not self._corrected():
            said.append(self.say("next.label"))
        said += [self.say("next.keep"), self.say("next.officer")]
        return self.section("next", sentences=said)

    # ------------------------------------------------------------ the annex

    def _annex(self) -> tuple[Section, ...]:
        messages = self.rows("messages")
        focus = _ordered_messages(messages, "focus_area", list(self.focus))
        themes = _ordered_messages(messages, "theme", list(self.themes))
        year = self.rows("year_before")
        sections: list[tuple[str, list[tuple[str, pd.DataFrame | None]], list[str], list[str]]] = [
            (
                "reach",
                [("reach", None), ("views", None), ("weekly", None), ("definition_breaks", None)],
                ["reach_bounds", "views_by_platform", "daily"],
                ["reach.output", "annex.days"],
            ),
            ("places", [("reach_places", _by_state(self.rows("reach_places")))], [], ["where.not_reach"]),
            (
                "messages",
                [("focus_areas", focus), ("themes", themes), ("message_weeks", self.rows("message_weeks"))],
                ["theme_bars", "theme_weeks"],
                ["annex.messages"],
            ),
            (
                "reception",
                [("sentiment", None), ("net_sentiment", None), ("reception_kinds", None)],
                ["sentiment_bars"],
                ["reception.not_residents"],
            ),
            (
                "engagement",
                [("engagement", None), ("concentration", None)],
                ["engagement", "concentration"],
                ["annex.engagement"],
            ),
            ("who", [("sectors", None), ("activities", None), ("self_reported", None)], [], ["missing.beside"]),
            ("year", [("year_before", year)], [], ["year.none"] if year.empty else []),
            ("targets", [("targets", self._targets())], [], ["annex.targets"]),
            ("context", [("context_figures", self._context())], [], ["annex.context"]),
            (
                "completeness",
                [
                    ("completeness", None),
                    ("comment_coverage", None),
                    ("cut_exports", None),
                    ("age", None),
                ],
                ["completeness_calendar"],
                ["annex.completeness"],
            ),
            (
                "snapshots",
                [
                    ("snapshots", None),
                    *((name, self.rows(name).head(_LONGEST)) for name in _FINDS if not self.rows(name).empty),
                ],
                [],
                self._snapshot_keys(),
            ),
            (
                "methods",
                [("sources", None), ("definitions", self._definitions())],
                [],
                [
                    "method.reach",
                    "method.rates",
                    "method.shares",
                    "method.persons",
                    "method.missing",
                    "method.privacy",
                    "missing.unmeasured",
                ],
            ),
        ]
        made = []
        for name, tables, figures, sentences in sections:
            said = [
                self.say(key, lead=self.text("lead.unmeasured") if key == "missing.unmeasured" else "", n=self._n(key))
                for key in sentences
            ]
            kept = []
            for table_name, frame in tables:
                table = self.table(table_name, self.rows(table_name) if frame is None else frame)
                if table is None:
                    said.append(self.say("not_enough", what=self.text(f"table.{table_name}")))
                else:
                    kept.append(table)
            pictures = self.figures(*figures)
            made.append(
                Section(
                    f"annex-{name}",
                    self.text(f"annex.heading.{name}"),
                    sentences=tuple(said),
                    tables=tuple(kept),
                    figures=pictures,
                )
            )
        return tuple(made)

    def _n(self, key: str) -> int:
        """All rows of a table of which the annex shows the first."""
        return len(self.rows(key.removeprefix("annex.more_"))) if key.startswith("annex.more_") else 0

    def _snapshot_keys(self) -> list[str]:
        """What is said of exports that tell of one another: what was found, or that nothing was."""
        if self.rows("snapshots").empty:
            return []
        nothing = [f"annex.no_{name}" for name in _FINDS if self.rows(name).empty]
        more = [f"annex.more_{name}" for name in _FINDS if len(self.rows(name)) > _LONGEST]
        return ["annex.snapshots", *nothing, *more]

    def table(self, name: str, frame: pd.DataFrame) -> Table | None:
        """The table ``name`` for readers; None if it has nothing to tell."""
        counted = _COUNTED.get(name)
        if frame.empty or (counted and not frame[counted].gt(0).any() and frame[counted].notna().all()):
            return None
        notes: tuple[str, ...]
        if name == "completeness":
            columns, rows = self._calendar(frame)
            notes, stage = ("completeness",), "method"
        elif name == "message_weeks":
            columns, rows = self._weeks(frame)
            notes, stage = ("uncorrected", "weeks", "small"), "output"
        else:
            spec, notes, stage = _SPEC[name]
            kinds = dict(item.split("=", 1) for item in spec.split())
            kinds = {column: kind for column, kind in kinds.items() if column in frame}
            columns = tuple(
                Column(column, self.text(f"column.{column}"), _kind(kind)) for column, kind in kinds.items()
            )
            rows = tuple(
                tuple(self._cell(record, column, kind) for column, kind in kinds.items())
                for record in frame.to_dict("records")
            )
        self.numbers[name] = self.text("table_number", n=len(self.numbers) + 1)
        return Table(
            name=name,
            number=self.numbers[name],
            title=self.text(f"table.{name}"),
            columns=columns,
            rows=rows,
            notes=tuple(self.text(f"note.{note}", below=self.campaign.thresholds.suppress_below) for note in notes),
            source=f"{self.source()} {self.text(f'stage.{stage}')}",
        )

    def _cell(self, record: dict[Any, Any], column: str, kind: str) -> Any:
        value = record[column]
        if kind.startswith("code:"):
            return None if missing(value) else self.label(kind[5:], value)
        if kind == "group":
            prefix = {"platform": "draw.platform", "owner_level": "findings.owner"}.get(str(record.get("scope")))
            if record.get("scope") == "campaign":
                return words.text("draw.whole_campaign", self.lang)
            return self.label(prefix, value) if prefix else self.focus.get(str(value), clean(value))
        if kind in ("theme", "focus"):  # a theme and a focus area may have the same code
            names = self.themes if kind == "theme" else self.focus
            return None if missing(value) else names.get(str(value), clean(value))
        if kind == "clock":
            return words.clock(clean(value), self.lang)
        if kind == "whole":  # a row of a platform has no account
            return self.text("every_account") if missing(value) else clean(value)
        if kind in ("account", "accounts"):
            return None if missing(value) else ", ".join(self._account(a) for a in clean(value).split("|"))
        if kind == "platforms":
            return ", ".join(draw.platform(p, self.lang) for p in clean(value).split("|"))
        if kind == "ids":
            return None if missing(value) else ", ".join(self.definition(d) for d in clean(value).split("|"))
        if kind == "measure":
            return draw.measure_name(clean(value), self.lang)
        if kind == "metric":
            return draw.metric_name(clean(value), self.lang)
        if kind == "actions":
            return ", ".join(draw.metric_name(action, self.lang) for action in clean(value).split("|") if action)
        if kind == "reason":
            return self.reason(value) if not missing(value) and str(value) else None
        if kind == "number":
            return None if missing(value) else self._number(value)
        return plain(value, kind)

    def _account(self, key: str) -> str:
        """An account's name by its key; an unknown one keeps its key."""
        table = self.rows("snapshots")
        known = {} if table.empty else dict(zip(table["account"], table["name"], strict=True))
        name = known.get(key)
        return key if missing(name) else clean(name)

    def _calendar(self, frame: pd.DataFrame) -> tuple[tuple[Column, ...], tuple[tuple[Any, ...], ...]]:
        """Accounts by weeks: the number of posts, 0 where the source is there and no post, missing without a source."""
        weeks = sorted(pd.to_datetime(frame["week_start"]).unique())
        columns = (
            Column("name", self.text("column.account_name"), "text"),
            Column("platform", self.text("column.platform"), "text"),
            Column("owner_level", self.text("column.owner_level"), "text"),
            *(Column(f"week_{w:%Y-%m-%d}", self._day_of_week(w), "count") for w in weeks),
        )
        cells = {
            (account, week): None if state == "no_source" else 0 if state == "no_posts" else plain(n, "count")
            for account, week, state, n in zip(
                frame["account"], pd.to_datetime(frame["week_start"]), frame["state"], frame["n_posts"], strict=True
            )
        }
        accounts = frame.drop_duplicates("account").sort_values(["owner_level", "name", "account"], kind="stable")
        rows = tuple(
            (
                clean(a["name"]),
                draw.platform(a["platform"], self.lang),
                self.label("findings.owner", a["owner_level"]),
                *(cells.get((a["account"], w)) for w in weeks),
            )
            for a in accounts.to_dict("records")
        )
        return columns, rows

    def _day_of_week(self, start: pd.Timestamp) -> str:
        """The first day of a week without its year: "10/11", "10 November"."""
        return words.day(start, self.lang)[: -len("/2025")]

    def _weeks(self, frame: pd.DataFrame) -> tuple[tuple[Column, ...], tuple[tuple[Any, ...], ...]]:
        """Sides and themes by weeks: the share of items that carry the theme."""
        weeks = sorted(pd.to_datetime(frame["week_start"]).unique())
        columns = (
            Column("side", self.text("column.side"), "text"),
            Column("theme", self.text("column.theme"), "text"),
            *(Column(f"week_{w:%Y-%m-%d}", f"{self._day_of_week(w)} (%)", "share") for w in weeks),
        )
        cells = {
            (side, theme, week): plain(share, "share")
            for side, theme, week, share in zip(
                frame["side"], frame["theme"], pd.to_datetime(frame["week_start"]), frame["share"], strict=True
            )
        }
        known = {code: at for at, code in enumerate(self.themes)}
        lines = sorted({(s, t) for s, t, _ in cells}, key=lambda k: (k[0] != "owned", known.get(k[1], 99), k[1]))
        rows = tuple(
            (self.label("findings.side", s), self.themes.get(t, t), *(cells.get((s, t, w)) for w in weeks))
            for s, t in lines
        )
        return columns, rows

    def figures(self, *functions: str) -> tuple[Figure, ...]:
        """The figures that have enough to show; a figure that has not is a sentence of its table instead."""
        made = []
        for function in functions:
            table = self.rows(_FIGURES[function])
            names = self.focus if function == "focus_areas" else self.themes
            if draw.rows_drawn(function, table).empty:
                continue
            # a calendar of many accounts goes over several pages
            pages = draw.calendar_pages(table) if function == "completeness_calendar" else [None]
            made += [
                Figure(
                    name=function if at == 0 else f"{function}_{at + 1}",
                    function=function,
                    table=(shown := table if page is None else table[table["account"].isin(page)]),
                    alt=self._alt(function, shown),
                    caption=self.text(f"caption.{function}"),
                    names=names,
                    source=self.source(),
                    breaks=self.rows("definition_breaks") if function == "daily" else None,
                )
                for at, page in enumerate(pages)
            ]
        return tuple(made)

    def _alt(self, function: str, table: pd.DataFrame) -> str:
        """The figure in words, read off its table."""
        title = words.text(f"draw.title.{function}", self.lang)
        platform, number, lang = draw.platform, words.number, self.lang
        if function == "tile_map":
            counts = table["state"].value_counts()
            items = [words.text(f"draw.state.{s}", lang, n=int(counts.get(s, 0))) for s in draw.STATES]
        elif function in ("focus_areas", "theme_bars"):
            scope, names = ("focus_area", self.focus) if function == "focus_areas" else ("theme", self.themes)
            items = [
                f"{names.get(row['code'], row['code'])}, {self.label('findings.side', side)}: "
                + self.percent(row["share"], 0)
                for side in ("owned", "earned")
                for row in self._shares(scope, side).to_dict("records")
            ]
        elif function == "reach_bounds":
            whole = words.text("draw.whole_campaign", lang)
            items = [
                f"{whole if r['scope'] == 'campaign' else platform(r['group'], lang)}: "
                + self._bounds(r["lower"], r["upper"], open_end=_open_end(r))
                for r in _known(table[table["scope"].isin(["campaign", "platform"])], "lower")
            ]
        elif function == "views_by_platform":
            items = [f"{platform(r['platform'], lang)}: {number(r['views'], lang)}" for r in _known(table, "views")]
        elif function == "sentiment_bars":
            items = [
                f"{platform(r['platform'], lang)}, {draw.sentiment_name(r['sentiment'], lang)}: "
                + self.percent(r["share"], 0)
                for r in _known(table, "share")
            ]
        elif function == "engagement":
            items = [
                f"{platform(r['platform'], lang)}, {draw.measure_name(r['measure'], lang)}: "
                + number(float(r["rate"]), lang, 2)
                for r in _known(table, "rate")
            ]
        elif function == "concentration":
            items = [
                f"{platform(r['platform'], lang)}, {draw.metric_name(r['metric'], lang)}: "
                + self.percent(r["top5_share"], 0)
                for r in _known(table, "top5_share")
            ]
        elif function == "completeness_calendar":
            who = table.drop_duplicates("account")
            items = [
                words.text(
                    "draw.calendar.level",
                    lang,
                    level=words.text(f"draw.calendar.of.{level}", lang),
                    n=int(own["has_files"].sum()),
                    all=len(own),
                )
                for level, own in who.groupby(who["owner_level"].fillna("other"), sort=True)
            ]
        else:
            items = [self.text(f"caption.{function}")]
        return self.text("alt", title=title, items="; ".join(items))

    def _bounds(self, lower: Any, upper: Any, *, open_end: bool) -> str:
        key = "draw.at_least" if open_end else "draw.from_to"
        return words.text(key, self.lang, lower=int(lower), upper=_count(upper))

    # ------------------------------------------------------------ look-ups

    def text(self, key: str, **values: Any) -> str:
        return words.text(f"findings.{key}", self.lang, **values)

    def say(self, key: str, *, lead: str = "", see: str = "", **values: Any) -> Sentence:
        """The sentence of catalogue pattern ``key``; ``see`` names the annex table that it was made from."""
        return Sentence(key, self.text(key, **values), lead=lead, see=(see,) if see in self.numbers else ())

    def section(
        self,
        name: str,
        *,
        answer: str = "",
        gloss: str = "",
        sentences: Iterable[Sentence],
        figures: tuple[Figure, ...] = (),
    ) -> Section:
        return Section(name, self.text(f"question.{name}"), answer, gloss, tuple(sentences), (), figures)

    def rows(self, name: str) -> pd.DataFrame:
        return self.results.get(name, pd.DataFrame())

    def label(self, prefix: str | None, value: Any) -> str:
        key = f"{prefix}.{clean(value)}"
        return words.text(key, self.lang) if words.has(key) else clean(value).replace("_", " ")

    def definition(self, id: str) -> str:
        """A definition's name: "views.facebook" is views (Facebook); what the catalogue has no words for stays."""
        if "|" in clean(id):  # a total that counts by two definitions
            return " + ".join(self.definition(part) for part in clean(id).split("|"))
        metric, _, on = clean(id).partition(".")
        named, _, era = on.partition(".")
        if era or not words.has(f"draw.platform.{named}"):
            return clean(id)
        return f"{draw.metric_name(metric, self.lang)} ({draw.platform(named, self.lang)})"

    def reason(self, key: Any) -> str:
        """The words of a reason's catalogue key; an unknown key says that the reason isn't known."""
        named = clean(key)
        for known in (named, f"reason.{named}"):
            if named and words.has(known):
                return words.text(known, self.lang)
        return self.text("reason.unknown")

    def percent(self, share: Any, decimals: int = 1) -> str:
        return words.percent(float(share), self.lang, decimals)

    def source(self) -> str:
        table = self.rows("sources")
        if table.empty:
            return self.text("source.unknown")
        days = pd.to_datetime(table["exported_at"], utc=True).dropna().sort_values()
        if days.empty:
            return self.text("source.undated", n=len(table))
        return self.text("source.dated", n=len(table), day=days.iloc[-1].tz_convert(self.campaign.timezone).date())

    def _number(self, value: Any) -> str:
        if isinstance(value, str):
            return clean(value)
        whole = float(value) == int(float(value))
        return words.number(float(value), self.lang, 0 if whole else 2)

    def _headline(self) -> Mapping[Any, Any] | None:
        """The reach row of the whole campaign that rests on most posts, or None if no bound is known."""
        table = self.rows("reach")
        if table.empty:
            return None
        table = table[(table["scope"] == "campaign") & table["lower"].notna()]
        if table.empty:
            return None
        return dict(table.sort_values(["n_posts", "lower"], ascending=False, kind="stable").iloc[0])

    def _shares(self, scope: str, side: str) -> pd.DataFrame:
        """Rows of ``messages`` with a share, masked where there are such, the largest first."""
        table = self.rows("messages")
        if table.empty:
            return pd.DataFrame(columns=["code", "share", "n_items", "masked", "corrected"])
        table = table[(table["scope"] == scope) & (table["side"] == side) & table["share"].notna()]
        if table["masked"].astype(bool).any():
            table = table[table["masked"].astype(bool)]
        return table.sort_values(["share", "code"], ascending=[False, True], kind="stable")

    def _corrected(self) -> bool:
        table = self.rows("messages")
        return not table.empty and "corrected" in table and bool(table["corrected"].fillna(False).astype(bool).all())

    def _rank(self, key: str, shares: pd.DataFrame, at: int) -> str:
        """ "the most" or "the fewest", or that others have the same share."""
        tied = int((shares["share"] == shares.iloc[at]["share"]).sum()) > 1
        return self.text(f"message.{key}_tied" if tied else f"message.{key}")

    def _tagged(self) -> bool:
        """Whether any share rests on tags."""
        tables = (self.rows("messages"), self.rows("sentiment"))
        return any(not table.empty and bool(table["share"].notna().any()) for table in tables)

    def _how(self, row: Mapping[Any, Any]) -> str:
        return self.text("how.corrected" if bool(row.get("corrected", False)) else "how.uncorrected")

    def _lacking(self) -> tuple[int, int]:
        """Accounts with a week that has no source, and all accounts."""
        table = self.rows("completeness")
        if table.empty:
            return 0, 0
        return table.loc[table["state"] == "no_source", "account"].nunique(), table["account"].nunique()

    def _targets(self) -> pd.DataFrame:
        """The declared targets with their answers; without the table, every declared target can't be told."""
        declared = {t.measure: t for t in self.campaign.targets}
        table = self.rows("targets")
        if table.empty:
            return pd.DataFrame(
                [
                    (
                        clean(t.name[self.lang]),
                        t.value,
                        t.unit,
                        t.by,
                        clean(t.document),
                        "cannot_tell",
                        "not_measured_online",
                    )
                    for t in self.campaign.targets
                ],
                columns=["name", "value", "unit", "by", "document", "answer", "reason"],
            )
        rows = []
        for row in table.to_dict("records"):
            target = declared.get(str(row.get("measure")))
            name = clean(target.name[self.lang]) if target else draw.measure_name(clean(row.get("measure")), self.lang)
            rows.append(
                row
                | {
                    "name": name,
                    "unit": row.get("unit", target.unit if target else ""),
                    "document": clean(row.get("document", target.document if target else "")),
                    "by": row.get("by", target.by if target else None),
                    "reason": row.get("reason"),
                    "answer": row.get("answer", "cannot_tell"),
                    "value": row.get("value"),
                }
            )
        return pd.DataFrame(rows)

    def _context(self) -> pd.DataFrame:
        if self.campaign.context_figures:
            return pd.DataFrame(
                [
                    (clean(f.name[self.lang]), clean(f.value), f.date, clean(f.source))
                    for f in self.campaign.context_figures
                ],
                columns=["name", "value", "date", "source"],
            )
        return self.rows("context_figures")

    def _definitions(self) -> pd.DataFrame:
        """What the definitions in the reach and view tables count, in words."""
        ids = {
            part
            for name in ("reach", "views")
            if not self.rows(name).empty
            for joined in self.rows(name)["definition"].dropna()
            for part in str(joined).split("|")
        }
        rows = []
        for found in sorted(ids):
            try:
                rows.append((found, found, metrics.definition_meaning(found, self.lang)))
            except MeasureError:
                rows.append((found, found, self.text("definition_unknown")))
        return pd.DataFrame(rows, columns=["definition", "id", "meaning"])

    # ------------------------------------------------------------ small counts of persons

    def _withheld(self, results: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """The tables without counts of persons under the threshold, nor the counts that would give them back.

        The measures may have withheld them already; this is the last gate. A platform with one small count of writers
        loses its whole block, and a lone withheld block or row takes the next smallest along.
        """
        below = self.campaign.thresholds.suppress_below
        results = dict(results)
        sentiment = results.get("sentiment", pd.DataFrame())
        if not sentiment.empty:
            least = sentiment[sentiment["n_writers"] > 0].groupby("platform", sort=True)["n_writers"].min()
            least = least.sort_values(kind="stable")
            hidden = set(least[least < below].index)
            others = [p for p in least.index if p != "all" and p not in hidden]
            if len(hidden) == 1 and "all" not in hidden and others:
                hidden.add(others[0])
            if "all" in hidden:
                hidden = set(sentiment["platform"])
            results["sentiment"] = _blank(
                sentiment, sentiment["platform"].isin(hidden), "n_comments share n_writers n_posts"
            )
            net = results.get("net_sentiment", pd.DataFrame())
            if not net.empty:
                results["net_sentiment"] = _blank(
                    net, net["platform"].isin(hidden), "net_of_opinionated net_of_all n_comments"
                )
        kinds = results.get("reception_kinds", pd.DataFrame())
        if not kinds.empty:
            # a measure that withheld the writers left their comments, of which there are as few
            writers = kinds["n_writers"].fillna(1).mask(kinds["n_comments"].fillna(0) == 0, 0)
            order = kinds.assign(n_writers=writers)
            order = order[order["n_writers"] > 0].sort_values("n_writers", kind="stable")
            small = list(order[order["n_writers"] < below].index)
            if len(small) == 1:
                small = list(order.index[:2])
            results["reception_kinds"] = _blank(kinds, kinds.index.isin(small), "n_comments n_writers n_posts")
        held = results.get("comment_coverage", pd.DataFrame())
        if not held.empty:
            results["comment_coverage"] = _blank(held, _few_held(held, below), "held excess held_share")
        for name in ("messages", "message_weeks"):
            table = results.get(name, pd.DataFrame())
            if not table.empty:
                few = (table["side"] == "earned") & (
                    ((table["n_hits"] > 0) & (table["n_hits"] < below))
                    | ((table["n_items"] > 0) & (table["n_items"] < below))
                )
                results[name] = _blank(
                    table, few.fillna(False).astype(bool), "n_hits share weighted_share weighted_low weighted_high"
                )
        return results


def _few_held(table: pd.DataFrame, below: int) -> pd.Series:
    """Accounts of which fewer comments than ``below`` are held, and the next one where a difference would tell."""
    few = (table["held"] > 0) & (table["held"] < below)
    for _, own in table[(table["scope"] == "account") & (table["held"] > 0)].groupby("platform", sort=True):
        hidden = own.index[few[own.index]]
        others = own["held"].drop(hidden).sort_values(kind="stable")
        if len(hidden) == 1 and len(others):
            few[others.index[0]] = True
    return few


def _blank(table: pd.DataFrame, rows: Any, columns: str) -> pd.DataFrame:
    present = [column for column in columns.split() if column in table]
    return table.assign(**{column: table[column].astype("Float64").mask(rows) for column in present})


def _cleaned(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every text made safe to print and a plain index."""
    table = table.reset_index(drop=True)
    texts = {
        column: table[column].map(lambda value: clean(value) if isinstance(value, str) else value)
        for column in table.columns
        if pd.api.types.is_string_dtype(table[column]) or table[column].dtype == object
    }
    return table.assign(**texts) if texts and len(table) else table


def _kind(kind: str) -> str:
    return kind if kind in ("count", "share", "rate", "ratio", "date", "flag") else "text"


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _count(value: Any) -> int:
    return 0 if missing(value) else int(value)


def _day(value: Any) -> date | str:
    return "" if missing(value) else pd.Timestamp(value).date()


def _open_end(row: Mapping[Any, Any]) -> bool:
    return missing(row["upper"]) or (not missing(row["capped"]) and bool(row["capped"]))


def _known(table: pd.DataFrame, column: str) -> list[dict[Any, Any]]:
    """The rows whose ``column`` is known."""
    return table[table[column].notna()].to_dict("records")


def _states(table: pd.DataFrame, state: str) -> pd.DataFrame:
    if table.empty:
        return pd.DataFrame(columns=["name"])
    return table[table["state"] == state].sort_values("place", kind="stable")


def _by_state(table: pd.DataFrame) -> pd.DataFrame:
    """Places without data first: the table is read to ask for them."""
    if table.empty:
        return table
    order = {"nothing_received": 0, "complete_no_post": 1, "posted": 2}
    return table.assign(_order=table["state"].map(order)).sort_values(["_order", "place"], kind="stable")


def _ordered_messages(table: pd.DataFrame, scope: str, codes: list[str]) -> pd.DataFrame:
    if table.empty:
        return table
    part = table[(table["scope"] == scope) & (table["n_items"] > 0)]
    order = {code: at for at, code in enumerate(codes)}
    return part.assign(
        _code=part["code"].map(lambda c: order.get(c, len(order))), _masked=~part["masked"].astype(bool)
    ).sort_values(["side", "_masked", "_code"], ascending=[False, True, True], kind="stable")
