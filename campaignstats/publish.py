"""Step: tables -> measures -> figures -> findings/; runs the notebooks."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from campaignstats import campaign as campaigns
from campaignstats import keys
from campaignstats.campaign import Account, Campaign, Window
from campaignstats.errors import FindingsError, InputError
from campaignstats.store import Store
from campaignstats.text import privacy, reception

_ACCOUNT_FACTS = ("owner_level", "sector", "place", "audience_local", "declared")


class Evaluation:
    """A campaign's tables as the frames that measures take, and every result, each computed once when first asked for.

    ``posts``, ``values``, ``comments``, ``accounts``, ``places``, ``sources`` hold the newest snapshot of everything
    gathered; ``results()`` and ``result(name)`` are the tables that figures and findings are made of.
    """

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
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
        rows: dict[str, dict[str, Any]] = {}
        for declared in self.campaign.accounts:
            rows[_account_key(declared)] = _account_row(declared, declared=True)
        for seen in found.itertuples():
            account = self._resolved(seen.platform, seen.account_id, seen.name)
            row = rows.setdefault(_account_key(account), _account_row(account, declared=False))
            row["n_sources"] += int(seen.n_sources)
        frame = pd.DataFrame(list(rows.values()), columns=list(_account_row(Account("", None, ""), declared=False)))
        frame = frame.astype({"audience_local": bool, "declared": bool, "complete_source": bool, "n_sources": "int64"})
        for name in ("account", "platform", "name", "owner_level", "sector", "place"):
            frame[name] = frame[name].astype("str")
        return frame.sort_values("account", ignore_index=True)

    @cached_property
    def posts(self) -> pd.DataFrame:
        """One row a post, with its account's facts, its campaign-local day and period, and its tags."""
        posts = self.store.frame("newest_post")
        posts["account"] = self._account_keys(posts["platform"], posts["account_id"], posts["account_name"])
        posts = posts.merge(self.accounts[["account", *_ACCOUNT_FACTS]], on="account", how="left")
        posts["day"] = self._local_day(posts["published_at"])
        posts["period"] = self._period(posts["day"])
        tags = self.store.query("SELECT * FROM newest_tag WHERE item_kind = 'post'").rename(columns={"item": "post_id"})
        taken = ["platform", "post_id", "text_key", "themes", "themes_masked", "sentiment", "stance"]
        posts = posts.merge(tags[taken], on=["platform", "post_id"], how="left")
        return posts.sort_values(["platform", "post_id"], ignore_index=True)

    @cached_property
    def values(self) -> pd.DataFrame:
        """One row a measured value, the newest of each; account is the resolved account of the item."""
        values = self.store.frame("newest_metric")
        values["account"] = self._account_keys(values["platform"], values["account_id"], None)
        of_post = self.posts.set_index(["platform", "post_id"])["account"]
        index = pd.MultiIndex.from_frame(values[["platform", "item"]])
        known = pd.Series(of_post.reindex(index).to_numpy(), index=values.index, dtype="str")
        values["account"] = known.where((values["item_kind"] == "post") & known.notna(), values["account"])
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
    def comments(self) -> pd.DataFrame:
        """One row a comment, with its post's account, its writer's pseudonym and its tags; texts are left behind."""
        comments = self.store.frame("newest_comment").drop(columns="text")
        tags = self.store.query("SELECT * FROM newest_tag WHERE item_kind = 'comment'")
        tags = tags.rename(columns={"item": "comment_id"})
        taken = ["platform", "comment_id", "themes", "themes_masked", "sentiment", "stance", "hostile"]
        taken += ["victim_blaming", "reception_kind", "text_key"]
        comments = comments.merge(tags[taken], on=["platform", "comment_id"], how="left")
        posts = self.posts[["platform", "post_id", "account", "owner_level"]]
        comments = comments.merge(posts, on=["platform", "post_id"], how="left").rename(columns={"author": "writer"})
        comments["day"] = self._local_day(comments["published_at"])
        comments["period"] = self._period(comments["day"])
        institutions = self._institutions()
        kind = comments["reception_kind"]
        copies = comments.groupby("text_key")["text_key"].transform("size") >= reception.MIN_COPIES
        kind = kind.mask((kind == "opinion") & copies.fillna(False).astype(bool), "copy")
        kind = kind.mask(comments["writer"].isin(institutions), "institution")
        comments["reception_kind"] = kind.mask(comments["is_owner"].fillna(False).astype(bool), "owner")
        return comments.sort_values(["platform", "comment_id"], ignore_index=True)

    @cached_property
    def places(self) -> pd.DataFrame:
        """One row a declared place."""
        columns = list(campaigns.Place.__dataclass_fields__)
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

    # -- joining ----------------------------------------------------------------------------------------------------

    def _resolved(self, platform: str, account_id: str, name: Any) -> Account:
        """The declared account that an id or name belongs to, else one made of what the files say."""
        if account_id.startswith("place:"):  # told on a commune's sheet
            place = account_id.removeprefix("place:")
            local = [a for a in self.campaign.accounts if a.platform == platform and a.place == place]
            if len(local) == 1:
                return local[0]
            name = name if isinstance(name, str) else account_id
            return Account(platform, account_id, name, owner_level="commune", place=place, audience_local=False)
        known_id = None if account_id.startswith(("name:", "file:")) else account_id
        known_name = name if isinstance(name, str) else None
        if known_name is None and account_id.startswith("name:"):
            known_name = account_id.removeprefix("name:")
        declared = self.campaign.account_for(platform, known_id, known_name)
        if declared is not None:
            return declared
        return Account(platform, account_id, known_name or account_id, owner_level="")

    def _account_keys(self, platform: pd.Series, account_id: pd.Series, name: pd.Series | None) -> pd.Series:
        known: dict[tuple[str, str, Any], str | None] = {}
        names = name if name is not None else pd.Series(None, index=account_id.index, dtype="str")
        found = self.store.frame("newest_account")
        named = dict(zip(zip(found["platform"], found["account_id"], strict=True), found["name"], strict=True))
        out = []
        for p, i, n in zip(platform, account_id, names, strict=True):
            if not isinstance(i, str):
                out.append(None)
                continue
            what = (p, i, n if isinstance(n, str) else named.get((p, i)))
            if what not in known:
                known[what] = _account_key(self._resolved(*what))
            out.append(known[what])
        return pd.Series(out, index=account_id.index, dtype="str")

    def _institutions(self) -> set[str]:
        """Pseudonyms that the campaign's own accounts have as commenters."""
        key = keys.campaign_key(self.campaign)
        return {
            privacy.pseudonym(key, a.platform, n) for a in self.campaign.accounts for n in (a.id, a.name, a.handle) if n
        }

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


def evaluation(folder: str | Path) -> Evaluation:
    """The evaluation of the campaign in ``folder``, whose files have been gathered."""
    loaded = Evaluation(campaigns.load(folder))
    if not len(loaded.store.sources()):
        raise InputError("nothing_gathered", folder=str(loaded.campaign.tables))
    return loaded


def evidence(campaign: Campaign) -> dict[str, pd.DataFrame]:
    """What doctor looks at: the gathered tables, empty before the first gather."""
    loaded = Evaluation(campaign)
    names = ("posts", "values", "comments", "accounts", "sources")
    return {name: getattr(loaded, name) for name in names}


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
            papermill.execute_notebook(
                str(file),
                str(run),
                parameters={"campaign": str(campaign.folder.resolve()), "lang": lang},
                kernel_name="python3",
                progress_bar=False,
                cwd=str(folder),
            )
        except PapermillExecutionError as problem:
            why = f"{problem.ename}: {problem.evalue}"
            raise FindingsError("notebook_failed", name=file.name, cell=problem.exec_count, why=why) from problem
        runs.append(run)
        if on_notebook:
            on_notebook(n, len(files))
    return runs


def _within(day: pd.Series, window: Window) -> pd.Series:
    return (day >= pd.Timestamp(window.start)) & (day <= pd.Timestamp(window.end))


def _account_key(account: Account) -> str:
    return f"{account.platform}:{account.id or account.name}"


def _account_row(account: Account, *, declared: bool) -> dict[str, Any]:
    return {
        "account": _account_key(account),
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
