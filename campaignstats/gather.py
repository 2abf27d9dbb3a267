"""Step: inbox -> claim -> read -> validate -> redact -> store or quarantine."""

import contextlib
import fnmatch
import hashlib
import itertools
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from glob import escape
from typing import Any

from campaignstats import engine, keys, reading, schema, words
from campaignstats.campaign import Account, Campaign, UnknownName, same_name
from campaignstats.contents import Contents, contents, merged
from campaignstats.errors import InputError
from campaignstats.quarantine import sentence, told
from campaignstats.readers import base, opening
from campaignstats.reading import Task, read_source, reader_version
from campaignstats.store import Store, rows, source_key
from campaignstats.text import privacy

# files smaller than this together are read here: starting processes would take longer
_WORTH_PROCESSES = 30_000_000  # bytes
# so many finished files, or as many as there are after so many seconds, are flushed to the disk together
_TOGETHER, _WITHIN = 64, 1.0


_FOLDER_WORDS = {
    "facebook": "facebook",
    "fb": "facebook",
    "instagram": "instagram",
    "insta": "instagram",
    "ig": "instagram",
    "threads": "threads",
    "youtube": "youtube",
    "yt": "youtube",
    "tiktok": "tiktok",
    "twitter": "x",
    "linkedin": "linkedin",
    "zalo": "zalo",
}


@dataclass
class FileReport:
    """What became of one file of the inbox; ``read == kept + quarantined + skipped``."""

    path: str
    format: str = ""
    read: int = 0
    kept: int = 0
    quarantined: int = 0
    skipped: int = 0
    cells_refused: int = 0
    rule: str = ""  # catalogue key of why nothing of it was kept, or ""
    details: dict[str, Any] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    skips: dict[str, int] = field(default_factory=dict)  # reason -> rows
    refused: tuple[int, str, dict[str, Any]] | None = None  # of the commonest rule: how many rows, its key, its details
    state: str = "read"  # read | unchanged | refused | duplicate | ignored
    source: str = ""  # hash of its content, where something of it is in the tables

    def said(self, lang: str) -> list[str]:
        """Why nothing, or not all, was kept, a sentence each; none where all is well."""
        if self.rule:
            return [sentence(self.rule, lang, self.details)]
        said = [sentence(f"note.{key}", lang, values) for key, values in self.notes]
        if self.refused:
            n, rule, details = self.refused
            said.append(words.text("gather.rows_refused", lang, n=n, why=sentence(rule, lang, details)))
        elif self.state in ("read", "unchanged") and not self.read:
            said.append(words.text("gather.no_rows", lang))
        if self.skips:
            items = [f"{sentence(f'skip.{key}', lang, {})} ({words.number(n, lang)})" for key, n in self.skips.items()]
            said.append(words.text("gather.skipped", lang, items="; ".join(items)))
        return said

    def reason(self, lang: str) -> str:
        """``said`` in one line."""
        return " ".join(self.said(lang))


@dataclass
class GatherReport:
    """What a gather did: one entry a file, and the accounts found that campaign.toml does not declare."""

    files: list[FileReport]
    undeclared: list[Account]
    unnamed: list[str]  # places in the inbox of files that do not say whose figures they hold
    unmatched: list[str]  # paths of [[export]] and [[mapped]] that no file fits
    n_removed: int = 0
    misnamed: tuple[UnknownName, ...] = ()  # accounts that [[export]] or [[mapped]] names and nobody declares
    unfilled: tuple[str, ...] = ()  # paths of [[export]] whose account is left empty
    contents: dict[str, Contents] = field(default_factory=dict)  # by the source of a file
    former: tuple["FormerCalled", ...] = ()  # former names and ids that files have, and whose they were taken for

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """The report for machines."""
        return {
            "files": [
                {
                    "path": f.path,
                    "format": f.format or None,
                    "state": f.state,
                    "read": f.read,
                    "kept": f.kept,
                    "quarantined": f.quarantined,
                    "skipped": f.skipped,
                    "cells_refused": f.cells_refused,
                    "reason": f.reason(lang) or None,
                    "contents": taken.as_dict() if (taken := self.contents.get(f.source)) else None,
                }
                for f in self.files
            ],
            "undeclared_accounts": [
                {"platform": a.platform, "id": a.id, "name": a.name, "handle": a.handle} for a in self.undeclared
            ],
            "files_without_account": self.unnamed,
            "exports_without_account": list(self.unfilled),
            "paths_without_file": self.unmatched,
            "removed": self.n_removed,
            "unknown_accounts": [
                {"section": u.section, "path": u.path, "account": u.account, "nearest": u.near} for u in self.misnamed
            ],
            "former_names": [
                {"called": f.told, "is_id": f.is_id, "account": f.account.key, "n_files": f.n_files}
                for f in self.former
            ],
        }

    def lines(self, lang: str, *, everything: bool = False) -> list[str]:
        """The report for people: what was taken, by format; the files that were not read whole; what was noticed, once
        for all files that it is true of; then what was refused, with the reason. ``everything``: a line a file."""
        out = [] if everything else self._taken(lang)
        noticed: dict[str, list[str]] = {}
        refused = []
        asked: dict[str, str] = {}
        partly = []
        n_whole = 0
        for f in self.files:
            if everything or ((f.quarantined or f.cells_refused) and f.state in ("read", "unchanged")):
                partly.append(self._head(f, lang))
                if everything and (taken := self.contents.get(f.source)):
                    partly += taken.lines(lang, indent=11)
            elif f.state in ("read", "unchanged"):
                n_whole += 1
            for said in f.said(lang):
                if f.state == "refused":
                    first = asked.setdefault(f.rule, f.path) if "path" in f.details else f.path
                    if first != f.path:  # the block to paste is told once
                        said = words.text("gather.as_above", lang, of=first, path=f.details["path"])
                    refused.append(f"- {f.path}\n    {said}")
                else:
                    noticed.setdefault(said, []).append(f.path)
        if n_whole:
            out += ["", words.text("contents.whole", lang, n=n_whole)]
        if partly:
            out += partly if everything else ["", words.text("contents.partly", lang, n=len(partly)), *partly]
        if noticed:
            out += ["", words.text("gather.noticed", lang)]
            for said, paths in noticed.items():
                more = words.text("gather.more_files", lang, n=len(paths) - 1) if len(paths) > 1 else ""
                out += [f"- {said}", f"    {paths[0]}{more}"]
        if refused:
            out += ["", words.text("gather.refused", lang, n=len(refused)), *refused]
        if self.unmatched:
            out += ["", words.text("gather.unmatched", lang, paths="; ".join(self.unmatched))]
        if self.misnamed:
            out += ["", *(u.sentence(lang) for u in self.misnamed)]
        if self.former:
            out += ["", *(f.sentence(lang) for f in self.former)]
        totals = {n: sum(getattr(f, n) for f in self.files) for n in ("read", "kept", "quarantined", "skipped")}
        out.append("")
        copies = sum(f.state == "duplicate" for f in self.files)
        counted = sum(f.state in ("read", "unchanged", "refused") for f in self.files)
        told_once = words.text("gather.copies", lang, n=copies, counted=counted) if copies else ""
        out.append(words.text("gather.total", lang, files=len(self.files), **totals) + told_once)
        if any(
            f.rule or f.quarantined or f.cells_refused for f in self.files if f.state not in ("ignored", "duplicate")
        ):
            out.append(words.text("gather.see_quarantine", lang))
        if self.n_removed:
            out.append(words.text("gather.removed", lang, n=self.n_removed))
        if self.undeclared:
            out += ["", words.text("gather.undeclared", lang, n=len(self.undeclared)), ""]
            out += pasteable(self.undeclared, lang)
        if self.unfilled:
            out += ["", words.text("gather.unfilled", lang, paths="; ".join(self.unfilled))]
        waiting = _Places(self.unfilled)
        unnamed = [path for path in self.unnamed if not waiting.fitting([path])]
        if unnamed:
            out += ["", words.text("gather.unnamed", lang, n=len(unnamed)), ""]
            out += _exports_to_fill(unnamed, [f.path for f in self.files if f.kept], lang)
        return out

    def _head(self, f: FileReport, lang: str) -> str:
        head = f"{words.text(f'gather.state.{f.state}', lang)}  {f.path}"
        if not f.format:
            return head
        head += f"  [{f.format}]  " + words.text(
            "gather.numbers", lang, read=f.read, kept=f.kept, quarantined=f.quarantined, skipped=f.skipped
        )
        return head + (words.text("gather.cells", lang, n=f.cells_refused) if f.cells_refused else "")

    def _taken(self, lang: str) -> list[str]:
        """What the tables hold, a paragraph a format."""
        by: dict[str, list[Contents]] = {}
        for f in self.files:
            if f.state in ("read", "unchanged") and f.kept and (taken := self.contents.get(f.source)):
                by.setdefault(f.format, []).append(taken)
        out = [words.text("contents.title", lang)] if by else []
        for name in sorted(by):
            out.append(words.text("contents.format", lang, name=name, n=len(by[name])))
            out += merged(by[name]).lines(lang, indent=4)
        return out


def _exports_to_fill(unnamed: Sequence[str], kept: Sequence[str], lang: str) -> list[str]:
    """Lines of TOML with an empty account: one for a folder of which every kept file lacks it, else one a file."""
    folders: dict[str, list[str]] = {}
    for path in unnamed:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    out = []
    for folder, paths in folders.items():
        within = [path for path in kept if path.startswith(f"{folder}/")]
        if folder and len(paths) > 1 and set(within) <= set(paths):
            names = ", ".join(path.rpartition("/")[2] for path in paths)
            out.append(f"# {words.text('gather.one_folder', lang, n=len(paths), names=_printable(names))}")
            globs = [f"{escape(folder)}/*"]
        else:
            globs = [escape(path) for path in paths]
        for each in globs:
            out += ["[[export]]", f"path = {json.dumps(each, ensure_ascii=False)}", 'account = ""', ""]
    return out


@dataclass(frozen=True)
class FormerCalled:
    """A former name or id of a declared account, and how many files have it."""

    told: str
    is_id: bool
    account: Account
    n_files: int

    def sentence(self, lang: str) -> str:
        return words.text(
            "gather.former_id" if self.is_id else "gather.former_name", lang, told=self.told, name=self.account.name,
            platform=words.text(f"choice.platform.{self.account.platform}", lang), n=self.n_files,
        )  # fmt: skip


def former_called(campaign: Campaign, store: Store) -> tuple[FormerCalled, ...]:
    """The former names and ids that gathered files have, with the account of today that they were counted for."""
    files: dict[tuple[str, str, bool], set[str]] = {}
    accounts = {a.key: a for a in campaign.accounts if a.former_names or a.former_ids}
    for row in rows(store.frame("account")) if accounts else ():
        number, name = str(row.account_id), row.name if isinstance(row.name, str) else None
        account = campaign.owner(row.platform, number, name).account
        if account.key not in accounts:
            continue
        if number in account.former_ids:
            files.setdefault((account.key, number, True), set()).add(row.source)
        told = same_name(name or number.removeprefix("name:"))
        if former := next((f.name for f in account.former_names if same_name(f.name) == told), None):
            files.setdefault((account.key, former, False), set()).add(row.source)
    return tuple(FormerCalled(told, is_id, accounts[key], len(of)) for (key, told, is_id), of in sorted(files.items()))


def pasteable(accounts: Sequence[Account], lang: str = "en") -> list[str]:
    """Lines of TOML that declare ``accounts``, ready to paste into campaign.toml.

    The level stays a comment: nobody but a person knows it, and a wrong one would move figures from level to level.
    """
    level = f'# owner_level = "commune"   # {" | ".join(schema.OWNER_LEVELS)}; {words.text("gather.no_level", lang)}'
    out = []
    for a in accounts:
        out.append("[[account]]")
        out.append(f"platform = {json.dumps(a.platform)}")
        if a.id:
            out.append(f"id = {json.dumps(a.id)}")
        out.append(f"name = {json.dumps(a.name, ensure_ascii=False)}")
        if a.handle:
            out.append(f"handle = {json.dumps(a.handle, ensure_ascii=False)}")
        out += [level, ""]
    return out


def gather(
    campaign: Campaign,
    *,
    processes: int | None = None,
    on_file: Callable[[int, int], None] | None = None,
) -> GatherReport:
    """Bring the tables in line with the inbox.

    Files are known by their content: those read before under the same versions and declarations are left alone, those
    no longer there leave the tables. ``on_file(done, all)`` is called as files are finished. An interrupted gather
    keeps what it had finished. A damaged part is read anew from the inbox. Where many parts are small they are packed.
    """
    if not campaign.inbox.is_dir():
        raise InputError("no_inbox", folder=str(campaign.inbox))
    store = Store(campaign.tables)
    with store.lock():
        damaged = store.mend()
        store.sweep()
        return _gathered(campaign, store, damaged, processes, on_file)


def _gathered(
    campaign: Campaign,
    store: Store,
    damaged: set[str],
    processes: int | None,
    on_file: Callable[[int, int], None] | None,
) -> GatherReport:
    key = keys.campaign_key(campaign)
    reports: dict[str, FileReport] = {}
    by_content: dict[str, list[opening.Found]] = {}
    for found in opening.inbox_files(campaign.inbox):
        reports[found.path] = report = FileReport(found.path)
        if found.ignored:
            report.state, report.rule = "ignored", f"ignored.{found.ignored}"
            continue
        sha = found.sha256
        if found.error or not sha:
            # known by its place as well, so that its refusal is kept and it never stands for a good file of the same
            # bytes; reading it says why
            why = found.error.key if found.error else ""
            sha = hashlib.sha256(f"unreadable {found.path} {why} {sha}".encode()).hexdigest()
        by_content.setdefault(sha, []).append(found)

    known: dict[str, Any] = {r["source"]: r for r in store.sources().to_dict("records")}
    declared = _Declared(campaign)
    tasks: list[Task] = []
    for sha, copies in by_content.items():
        task = _task(declared, copies, sha, key)
        for copy in copies[1:]:
            report = reports[copy.path]
            report.state, report.rule, report.details = "duplicate", "duplicate", {"of": copies[0].path}
        record = known.get(sha)
        if (
            record
            and _current(record, task)
            and source_key(sha, record["stamp"]) not in damaged
            and store.is_whole(sha, record["stamp"], record["tables"] or "")
        ):
            _fill(reports[copies[0].path], record, store, "unchanged")
        else:
            tasks.append(task)

    tasks.sort(key=lambda t: -t.found.size)  # the largest first, so that no process is left with it at the end
    worth = sum(t.found.size for t in tasks) > _WORTH_PROCESSES
    finished: list[tuple[int, dict[str, Any]]] = []
    since = time.monotonic()

    def keep() -> None:
        done, finished[:] = finished[:], []
        store.commit(*(record for _, record in done))
        for i, record in done:
            _fill(reports[tasks[i].found.path], record, store, "read")

    with contextlib.closing(engine.results(read_source, tasks, processes=processes if worth else 1)) as results:
        try:
            for n, of_one in enumerate(results, 1):
                finished.append(of_one)
                if len(finished) >= _TOGETHER or time.monotonic() - since > _WITHIN:
                    keep()
                    since = time.monotonic()
                if on_file:
                    on_file(n, len(tasks))
        finally:
            keep()

    gone = set(known) - set(by_content)
    store.drop(*gone)
    store.compact()
    store.sweep()
    files = [reports[p] for p in sorted(reports)]
    unmatched = declared.without_file(list(reports))
    unfilled = tuple(dict.fromkeys(e.path for e in campaign.exports if e.account == ""))
    return GatherReport(
        files,
        undeclared_accounts(campaign, store),
        unnamed_files(store),
        unmatched,
        len(gone),
        campaign.unknown_names,
        unfilled,
        contents(store, timezone=campaign.timezone),
        former=former_called(campaign, store),
    )


class _Places:
    """Which globs of campaign.toml fit a place in the inbox; a bare file or folder name fits at any depth.

    Thousands of files meet thousands of globs, most of which are plain names: those are looked up, not tried.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        self.plain: dict[str, list[int]] = {}
        self.globs: list[tuple[int, re.Pattern[str]]] = []
        for i, glob in enumerate(globs):
            glob = _folded(glob.removeprefix("inbox/"))
            if re.search(r"[*?\[]", glob):
                forms = (glob, f"*/{glob}", f"{glob}/*", f"*/{glob}/*", f"{glob}!/*")
                self.globs.append((i, re.compile("|".join(map(fnmatch.translate, forms)))))
            else:
                self.plain.setdefault(glob, []).append(i)

    def fitting(self, paths: Iterable[str]) -> list[int]:
        """The positions of the globs that fit any of the places."""
        found: set[int] = set()
        for path in map(_folded, paths):
            parts = path.split("/")
            for a, b in itertools.combinations(range(len(parts) + 1), 2):
                run = "/".join(parts[a:b])
                found.update(self.plain.get(run, ()))
                if a == 0 and b < len(parts):  # within an archive, which ends in "!"
                    found.update(self.plain.get(run.removesuffix("!"), ()))
            found.update(i for i, form in self.globs if form.match(path))
        return sorted(found)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


class _Declared:
    """What campaign.toml says of the inbox, in the form in which it is asked for each file."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.exports = _Places(e.path for e in campaign.exports)
        self.mapped = _Places(m.path for m in campaign.mapped)
        self.names = frozenset((a.platform, same_name(n), a.id or "") for a in campaign.accounts for n in a.called)
        self.names_hash = hashlib.sha256(repr(sorted(self.names)).encode()).hexdigest()
        self.allowed = privacy.HOTLINES | set(campaign.hotlines)

    def without_file(self, paths: list[str]) -> list[str]:
        """The paths of [[export]] and [[mapped]] that fit none of the places."""
        out = []
        for entries, places in ((self.campaign.exports, self.exports), (self.campaign.mapped, self.mapped)):
            fitting = {entries[i].path for i in places.fitting(paths)}
            out += [e.path for e in entries if e.path not in fitting]
        return list(dict.fromkeys(out))


def _task(declared: _Declared, copies: list[opening.Found], sha: str, key: bytes) -> Task:
    campaign = declared.campaign
    context = _context(declared, copies)
    # whatever but the bytes the rows depend on; the reader's own version stands in the record
    numbers = sorted(campaign.hotlines)
    depends = [
        reading.VERSION,
        schema.VERSION,
        privacy.REDACTION_VERSION,
        keys.fingerprint(key),
        numbers,
        repr(context),
    ]
    stamp, captured_stamp = (
        hashlib.sha256(repr(d).encode()).hexdigest()[:12] for d in (depends, [*depends, declared.names_hash])
    )
    return Task(copies[0], sha, stamp, campaign.tables, context, key, declared.allowed, declared.names, captured_stamp)


def _context(declared: _Declared, copies: list[opening.Found]) -> base.Context:
    """What is known of a file from its places in the inbox and from campaign.toml; copies pool what they know."""
    campaign = declared.campaign
    names = tuple(dict.fromkeys(part for c in copies for part in c.names))
    places = [c.path for c in copies]
    known: dict[str, Any] = {}
    for i in declared.exports.fitting(places):
        for name in ("platform", "account", "exported_at", "period_start", "period_end"):
            value = getattr(campaign.exports[i], name)
            if value not in (None, ""):  # an account that was pasted and not filled in is none
                known[name] = value  # a later [[export]] is the more special one
    fitting = declared.mapped.fitting(places)
    mapped = campaign.mapped[fitting[-1]] if fitting else None
    platforms = {p for p in map(_platform_word, names) if p}
    if "platform" not in known and len(platforms) == 1:
        known["platform"] = platforms.pop()
    if "account" not in known:
        accounts = {a.id or a.name for n in names if (a := _account_named(campaign, known.get("platform"), n))}
        if len(accounts) == 1:
            known["account"] = accounts.pop()
    archived = next((c.archived_at for c in copies if c.archived_at), None)
    return base.Context(names=names, archived_at=archived, timezone=campaign.timezone, mapped=mapped, **known)


def _platform_word(name: str) -> str | None:
    """The one platform that a folder's or file's name names, or None."""
    found = {_FOLDER_WORDS[w] for w in re.split(r"[^a-z]+", name.casefold()) if w in _FOLDER_WORDS}
    return found.pop() if len(found) == 1 else None


def _account_named(campaign: Campaign, platform: str | None, name: str) -> Account | None:
    if platform is None:
        return None
    return campaign.account_for(platform, None, name)


def _current(record: dict[str, Any], task: Task) -> bool:
    """Whether a source was read by the reader, and under the stamp, that would read it now."""
    captured = getattr(base.registry().get(record["format"]), "CAPTURED", False)
    stamp = task.captured_stamp if captured else task.stamp
    return record["stamp"] == stamp and record["reader_version"] == reader_version(record["format"])


def _fill(report: FileReport, record: dict[str, Any], store: Store, state: str) -> None:
    report.state, report.format, report.source = state, record["format"] or "", record["source"]
    report.read, report.kept = int(record["n_read"]), int(record["n_kept"])
    report.quarantined, report.skipped = int(record["n_quarantined"]), int(record["n_skipped"])
    report.cells_refused = int(record["n_cells_refused"])
    report.notes = [(k, told(v)) for k, v in json.loads(record["notes"])]
    report.skips = json.loads(record["skipped"])
    if report.kept and not report.quarantined:
        return
    refused = store.part("quarantine", record["source"], record["stamp"])
    if not report.kept and len(whole := refused[refused["row"] == 0]):
        report.state, report.rule = "refused", whole["rule"].iloc[0]
        report.details = told(json.loads(whole["details"].iloc[0]))
    elif report.quarantined and len(lines := refused[refused["column"] == ""]):
        counts = Counter(map(str, lines["rule"]))
        rule = min(counts, key=lambda r: (-counts[r], r))
        first = lines[lines["rule"] == rule].sort_values("row").iloc[0]
        report.refused = counts[rule], rule, told(json.loads(first["details"]))


def undeclared_accounts(campaign: Campaign, store: Store) -> list[Account]:
    """Accounts found in the files that campaign.toml does not declare, by platform and name."""
    found = store.frame("newest_account").sort_values(["platform", "account_id"])
    out = []
    for row in rows(found[~found["account_id"].str.startswith("file:")]):
        number, name = str(row.account_id), row.name if isinstance(row.name, str) else None
        owner = campaign.owner(row.platform, number, name)
        if owner.known_by == "file":
            known_id = None if number.startswith("name:") else number
            out.append(Account(row.platform, known_id, _printable(owner.account.name)))
    # one file may know a page by its id and another by its name alone: that is one account to declare
    with_id = {(a.platform, same_name(a.name)) for a in (*campaign.accounts, *out) if a.id}
    by_name = {(a.platform, same_name(a.name)): a for a in reversed(out) if not a.id}
    return [a for a in out if a.id or (by_name[key := (a.platform, same_name(a.name))] is a and key not in with_id)]


def _printable(name: str) -> str:
    """A name without marks of direction and control characters, which a terminal would obey."""
    return "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf"))


def unnamed_files(store: Store) -> list[str]:
    """Places of the files whose figures belong to an account that neither the file nor anybody names."""
    frame = store.query(
        "SELECT DISTINCT s.path FROM account a JOIN source s ON a.source = s.source WHERE account_id LIKE 'file:%'"
    )
    return sorted(frame["path"])


def ungathered(campaign: Campaign) -> int | None:
    """How many files wait in the inbox of a campaign of which nothing was gathered yet; None once something was."""
    if len(Store(campaign.tables).sources()):
        return None
    return sum(found.ignored is None for found in opening.inbox_files(campaign.inbox)) if campaign.inbox.is_dir() else 0
