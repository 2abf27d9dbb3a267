"""Step: inbox -> claim -> read -> validate -> redact -> store or quarantine."""

import csv
import fnmatch
import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaignstats import engine, keys, metrics, schema, words
from campaignstats.campaign import Account, Campaign, MappedTable, name_id, same_name
from campaignstats.errors import CampaignStatsError, InputError, ReadError
from campaignstats.findings.csv import inert
from campaignstats.readers import base, opening
from campaignstats.store import Store, Writer, rows
from campaignstats.text import privacy

# files smaller than this together are read here: starting processes would take longer
_WORTH_PROCESSES = 30_000_000  # bytes

# captures from screens: what is kept of them depends on the declared accounts
_CAPTURED_AS = (".ndjson", ".jsonl", ".json")
_PLATFORM_ID = re.compile(r"\d+|UC[\w-]{22}")  # of an account: a number, or a YouTube channel

_VERSION = 1  # raise it when what this module does to rows changes
_LETTER = re.compile(r"[^\W\d_]")
_ISO_DAY = re.compile(r"\d{4}-[01]\d-[0-3]\d")

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


@dataclass(frozen=True)
class _Task:
    """All that a worker needs for one distinct content: plain values, so that it can go to another process."""

    found: opening.Found
    sha: str
    stamp: str
    tables: Path
    context: base.Context
    key: bytes
    allowed: frozenset[str]
    declared: frozenset[tuple[str, str]]  # platform and folded id, name or handle of every declared account


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

    def said(self, lang: str) -> list[str]:
        """Why nothing, or not all, was kept, a sentence each; none where all is well."""
        if self.rule:
            return [_sentence(self.rule, lang, self.details)]
        said = [_sentence(f"note.{key}", lang, values) for key, values in self.notes]
        if self.refused:
            n, rule, details = self.refused
            said.append(words.text("gather.rows_refused", lang, n=n, why=_sentence(rule, lang, details)))
        elif self.state in ("read", "unchanged") and not self.read:
            said.append(words.text("gather.no_rows", lang))
        if self.skips:
            items = [f"{_sentence(f'skip.{key}', lang, {})} ({words.number(n, lang)})" for key, n in self.skips.items()]
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
                }
                for f in self.files
            ],
            "undeclared_accounts": [
                {"platform": a.platform, "id": a.id, "name": a.name, "handle": a.handle} for a in self.undeclared
            ],
            "files_without_account": self.unnamed,
            "paths_without_file": self.unmatched,
            "removed": self.n_removed,
        }

    def lines(self, lang: str) -> list[str]:
        """The report for people: a line a file; then what was noticed, once for all files that it is true of; then what
        was refused, with the reason."""
        out = []
        noticed: dict[str, list[str]] = {}
        refused = []
        for f in self.files:
            numbers = words.text(
                "gather.numbers", lang, read=f.read, kept=f.kept, quarantined=f.quarantined, skipped=f.skipped
            )
            head = f"{words.text(f'gather.state.{f.state}', lang)}  {f.path}"
            if f.format:
                head += f"  [{f.format}]  {numbers}"
                if f.cells_refused:
                    head += words.text("gather.cells", lang, n=f.cells_refused)
            out.append(head)
            for sentence in f.said(lang):
                if f.state == "refused":
                    refused.append(f"- {f.path}\n    {sentence}")
                else:
                    noticed.setdefault(sentence, []).append(f.path)
        if noticed:
            out += ["", words.text("gather.noticed", lang)]
            for sentence, paths in noticed.items():
                more = words.text("gather.more_files", lang, n=len(paths) - 1) if len(paths) > 1 else ""
                out += [f"- {sentence}", f"    {paths[0]}{more}"]
        if refused:
            out += ["", words.text("gather.refused", lang, n=len(refused)), *refused]
        if self.unmatched:
            out += ["", words.text("gather.unmatched", lang, paths="; ".join(self.unmatched))]
        totals = {n: sum(getattr(f, n) for f in self.files) for n in ("read", "kept", "quarantined", "skipped")}
        out.append("")
        out.append(words.text("gather.total", lang, files=len(self.files), **totals))
        if any(
            f.rule or f.quarantined or f.cells_refused for f in self.files if f.state not in ("ignored", "duplicate")
        ):
            out.append(words.text("gather.see_quarantine", lang))
        if self.n_removed:
            out.append(words.text("gather.removed", lang, n=self.n_removed))
        if self.undeclared:
            out += ["", words.text("gather.undeclared", lang, n=len(self.undeclared)), ""]
            out += pasteable(self.undeclared)
        if self.unnamed:
            out += ["", words.text("gather.unnamed", lang, n=len(self.unnamed)), ""]
            for path in self.unnamed:
                out += ["[[export]]", f"path = {json.dumps(path, ensure_ascii=False)}", 'account = ""', ""]
        return out


def pasteable(accounts: Sequence[Account]) -> list[str]:
    """Lines of TOML that declare ``accounts``, ready to paste into campaign.toml."""
    out = []
    for a in accounts:
        out.append("[[account]]")
        out.append(f"platform = {json.dumps(a.platform)}")
        if a.id:
            out.append(f"id = {json.dumps(a.id)}")
        out.append(f"name = {json.dumps(a.name, ensure_ascii=False)}")
        if a.handle:
            out.append(f"handle = {json.dumps(a.handle, ensure_ascii=False)}")
        out += ['owner_level = "province"', ""]
    return out


def _sentence(key: str, lang: str, values: dict[str, Any]) -> str:
    """The catalogue's sentence; a reader's key that the catalogue lacks shows as itself, not as a traceback."""
    for candidate in (key, f"rule.{key}", f"error.{key}"):
        if words.has(candidate):
            try:
                return words.text(candidate, lang, **values)
            except (KeyError, IndexError, ValueError):
                break
    return f"{key} {json.dumps(values, ensure_ascii=False, default=str)}" if values else key


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a stored sentence, their days as days again, so that each language writes them in its form."""
    return {k: date.fromisoformat(v) if isinstance(v, str) and _ISO_DAY.fullmatch(v) else v for k, v in values.items()}


def gather(
    campaign: Campaign,
    *,
    processes: int | None = None,
    on_file: Callable[[int, int], None] | None = None,
) -> GatherReport:
    """Bring the tables in line with the inbox.

    Files are known by their content: those read before under the same versions and declarations are left alone, those
    no longer there leave the tables. ``on_file(done, all)`` is called as files are finished. An interrupted gather
    keeps what it had finished.
    """
    if not campaign.inbox.is_dir():
        raise InputError("no_inbox", folder=str(campaign.inbox))
    store = Store(campaign.tables)
    with store.lock():
        store.sweep()
        return _gathered(campaign, store, processes, on_file)


def _gathered(
    campaign: Campaign, store: Store, processes: int | None, on_file: Callable[[int, int], None] | None
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
    tasks: list[_Task] = []
    for sha, copies in by_content.items():
        task = _task(campaign, copies, sha, key)
        for copy in copies[1:]:
            report = reports[copy.path]
            report.state, report.rule, report.details = "duplicate", "duplicate", {"of": copies[0].path}
        if sha in known and _current(known[sha], task) and store.is_whole(sha, task.stamp, known[sha]["tables"] or ""):
            _fill(reports[copies[0].path], known[sha], store, "unchanged")
        else:
            tasks.append(task)

    tasks.sort(key=lambda t: -t.found.size)  # the largest first, so that no process is left with it at the end
    worth = sum(t.found.size for t in tasks) > _WORTH_PROCESSES
    for n, (i, record) in enumerate(engine.results(_read_source, tasks, processes=processes if worth else 1), 1):
        store.commit(record)
        _fill(reports[tasks[i].found.path], record, store, "read")
        if on_file:
            on_file(n, len(tasks))

    gone = set(known) - set(by_content)
    for sha in sorted(gone):
        store.drop(sha)
    store.sweep()
    files = [reports[p] for p in sorted(reports)]
    declared = dict.fromkeys([*(e.path for e in campaign.exports), *(m.path for m in campaign.mapped)])
    unmatched = [d for d in declared if not any(_matches(path, d) for path in reports)]
    return GatherReport(files, undeclared_accounts(campaign, store), unnamed_files(store), unmatched, len(gone))


def _task(campaign: Campaign, copies: list[opening.Found], sha: str, key: bytes) -> _Task:
    context = _context(campaign, copies)
    declared = frozenset(
        (a.platform, same_name(n)) for a in campaign.accounts for n in (a.id, a.name, a.handle) if n is not None
    )
    # whatever but the bytes the rows depend on; the reader's own version stands in the record
    numbers = sorted(campaign.hotlines)
    depends = [_VERSION, schema.VERSION, privacy.REDACTION_VERSION, keys.fingerprint(key), numbers, repr(context)]
    if copies[0].path.casefold().endswith(_CAPTURED_AS):
        depends.append(sorted(declared))
    stamp = hashlib.sha256(repr(depends).encode()).hexdigest()[:12]
    allowed = privacy.HOTLINES | set(campaign.hotlines)
    return _Task(copies[0], sha, stamp, campaign.tables, context, key, allowed, declared)


def _context(campaign: Campaign, copies: list[opening.Found]) -> base.Context:
    """What is known of a file from its places in the inbox and from campaign.toml; copies pool what they know."""
    names = tuple(dict.fromkeys(part for c in copies for part in c.names))
    known: dict[str, Any] = {}
    for export in campaign.exports:
        if any(_matches(c.path, export.path) for c in copies):
            for name in ("platform", "account", "exported_at", "period_start", "period_end"):
                value = getattr(export, name)
                if value is not None:
                    known[name] = value  # a later [[export]] is the more special one
    mapped: MappedTable | None = None
    for table in campaign.mapped:
        if any(_matches(c.path, table.path) for c in copies):
            mapped = table
    platforms = {p for p in map(_platform_word, names) if p}
    if "platform" not in known and len(platforms) == 1:
        known["platform"] = platforms.pop()
    if "account" not in known:
        accounts = {a.id or a.name for n in names if (a := _account_named(campaign, known.get("platform"), n))}
        if len(accounts) == 1:
            known["account"] = accounts.pop()
    archived = next((c.archived_at for c in copies if c.archived_at), None)
    return base.Context(names=names, archived_at=archived, timezone=campaign.timezone, mapped=mapped, **known)


def _matches(path: str, pattern: str) -> bool:
    """Whether a place in the inbox fits a glob of campaign.toml; a bare file or folder name fits at any depth."""
    path, pattern = (unicodedata.normalize("NFC", t).casefold() for t in (path, pattern.removeprefix("inbox/")))
    return any(
        fnmatch.fnmatchcase(path, p)
        for p in (pattern, f"*/{pattern}", f"{pattern}/*", f"*/{pattern}/*", f"{pattern}!/*")
    )


def _platform_word(name: str) -> str | None:
    """The one platform that a folder's or file's name names, or None."""
    found = {_FOLDER_WORDS[w] for w in re.split(r"[^a-z]+", name.casefold()) if w in _FOLDER_WORDS}
    return found.pop() if len(found) == 1 else None


def _account_named(campaign: Campaign, platform: str | None, name: str) -> Account | None:
    if platform is None:
        return None
    return campaign.account_for(platform, None, name)


def _current(record: dict[str, Any], task: _Task) -> bool:
    """Whether a source was read by the reader, and under the stamp, that would read it now."""
    return record["stamp"] == task.stamp and record["reader_version"] == _reader_version(record["format"])


def _reader_version(name: str) -> int:
    """The reader's version; for a file nobody claimed, a number that changes whenever any reader does."""
    readers = base.registry()
    if name in readers:
        return int(readers[name].VERSION)
    every = repr(sorted((n, r.VERSION) for n, r in readers.items()))
    return int.from_bytes(hashlib.sha256(every.encode()).digest()[:4], "big")


def _fill(report: FileReport, record: dict[str, Any], store: Store, state: str) -> None:
    report.state, report.format = state, record["format"] or ""
    report.read, report.kept = int(record["n_read"]), int(record["n_kept"])
    report.quarantined, report.skipped = int(record["n_quarantined"]), int(record["n_skipped"])
    report.cells_refused = int(record["n_cells_refused"])
    report.notes = [(k, _told(v)) for k, v in json.loads(record["notes"])]
    report.skips = json.loads(record["skipped"])
    if report.kept and not report.quarantined:
        return
    refused = store.part("quarantine", record["source"], record["stamp"])
    if not report.kept and len(whole := refused[refused["row"] == 0]):
        report.state, report.rule = "refused", whole["rule"].iloc[0]
        report.details = _told(json.loads(whole["details"].iloc[0]))
    elif report.quarantined and len(lines := refused[refused["column"] == ""]):
        counts = Counter(map(str, lines["rule"]))
        rule = min(counts, key=lambda r: (-counts[r], r))
        first = lines[lines["rule"] == rule].sort_values("row").iloc[0]
        report.refused = counts[rule], rule, _told(json.loads(first["details"]))


# -- reading one source ---------------------------------------------------------------------------------------------


def _read_source(task: _Task) -> dict[str, Any]:
    """Write the parts of one source and return its record, which the caller commits. Runs in a worker process."""
    reading = _Reading(task)
    try:
        return reading.record()
    except ReadError as problem:
        return reading.refusal(problem.key, problem.values)
    except (CampaignStatsError, MemoryError, OSError):
        raise
    except Exception as problem:
        # a fault of ours in one reader must not keep the other files from being read
        if os.environ.get("CAMPAIGNSTATS_DEBUG"):
            raise
        name = reading.reader.NAME if reading.reader is not None else "-"
        return reading.refusal(
            "reader_failed", {"reader": name, "kind": type(problem).__name__, "row": reading.document_row()}
        )


class _Reading:
    """One pass over one source."""

    def __init__(self, task: _Task) -> None:
        self.task = task
        self.reader: Any = None
        self.document: Any = None
        self.about: dict[str, Any] = {}
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.skipped: dict[str, int] = {}
        self.n_kept = self.n_quarantined = self.n_cells = self.n_structure = 0
        self.accounts: dict[tuple[str, str], dict[str, Any]] = {}
        self.pseudonyms: dict[tuple[str, str], str] = {}
        self.hash = hashlib.blake2b(key=task.key, digest_size=12)
        self.definitions: dict[tuple[str, str, date | None], str] = {}
        self.last_post = ("", "")  # (post, account): a post's metrics follow it, and may not name the account

    def record(self) -> dict[str, Any]:
        task = self.task
        self.document = opening.open_document(task.found)
        self.reader = self._claimant()
        with Store(task.tables).writer(task.sha, task.stamp) as writer:
            whole = self._rows(writer)
            if whole is None:
                for account in self.accounts.values():
                    writer.add("account", account)
                return self._record(writer)
            writer.discard()
        return self.refusal(whole.rule, dict(whole.details), column=whole.column)

    def refusal(self, rule: str, details: dict[str, Any], *, column: str = "") -> dict[str, Any]:
        """The record of a file of which nothing is kept, with the one quarantine row that says why."""
        self.n_kept = self.n_quarantined = self.n_cells = self.n_structure = 0
        self.skipped = {}
        with Store(self.task.tables).writer(self.task.sha, self.task.stamp) as writer:
            self._quarantine(writer, base.Refused(0, column, rule, "", details))
        return self._record(writer)

    def document_row(self) -> int:
        return int(self.document.n_delivered) if self.document is not None else 0

    def _claimant(self) -> Any:
        readers = base.registry()
        if self.task.context.mapped is not None:
            return readers["mapped"]
        found = [r for r in readers.values() if base.claims(r, self.document)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ReadError("two_readers", readers=", ".join(sorted(r.NAME for r in found)))
        near = max(
            ((*base.missing_headers(r, self.document), r.NAME) for r in readers.values()), key=lambda n: (n[0], n[2])
        )
        if near[0] < 2:
            raise ReadError("no_reader")
        raise ReadError("no_reader_near", nearest=near[2], missing=", ".join(sorted(near[1])), found=near[0])

    def _rows(self, writer: Writer) -> base.Refused | None:
        """Store what the reader yields; a refusal of the whole file is returned instead."""
        task, reader = self.task, self.reader
        kept_row = -1
        for item in reader.read(self.document, task.context):
            if isinstance(item, base.Row):
                if item.row != kept_row:
                    kept_row = item.row
                    self.n_kept += 1
                self._store(writer, item)
            elif isinstance(item, base.Block):
                self.n_kept += len(item.rows)
                self._store_block(writer, item)
            elif isinstance(item, base.Refused):
                if item.row == 0 and not item.column:
                    return item
                if item.column:
                    self.n_cells += 1
                else:
                    self.n_quarantined += 1
                self._quarantine(writer, item)
            elif isinstance(item, base.Skipped):
                self.skipped[item.reason] = self.skipped.get(item.reason, 0) + 1
            elif isinstance(item, base.Structure):
                self.n_structure += 1
            else:
                self._learn(item)
        for broken in self.document.refused:  # too broken to be handed to a reader, and so not among the delivered
            self._quarantine(writer, broken)
        accounted = self.n_structure + self.n_kept + self.n_quarantined + sum(self.skipped.values())
        if accounted != self.document.n_delivered:
            # a reader that loses rows is a fault of ours: nothing of the file is believed until it is mended
            return base.Refused(
                0, "", "rows_unaccounted", "", {"delivered": self.document.n_delivered, "accounted": accounted}
            )
        self.n_quarantined += len(self.document.refused)
        return None

    def _learn(self, about: base.About) -> None:
        for name in (
            "language",
            "exported_at",
            "exported_evidence",
            "period_start",
            "period_end",
            "platform",
            "account_name",
        ):
            value = getattr(about, name)
            if value is not None:
                self.about.setdefault(name, value)
        self.notes += [(k, dict(v)) for k, v in about.notes]

    def _store(self, writer: Writer, item: base.Row) -> None:
        task, table, values = self.task, item.table, item.values
        values["source"] = task.sha
        values["row"] = item.row
        if table == "comment":
            author, text = values.get("author"), values.get("text")
            if not values.get("comment_id"):
                seen = (values.get("post_id"), author, values.get("published_text"), text)
                values["comment_id"] = self.comment_id(*seen)
            if author is not None:
                values["author"] = self._pseudonym(values["platform"], author)
            if text is not None:
                values["text"] = privacy.redacted(text, allowed=task.allowed)
        else:
            self._complete(table, values)
        writer.add(table, values)

    def _store_block(self, writer: Writer, block: base.Block) -> None:
        """Comments by column: the same as ``_store`` of each row, without a dictionary a row."""
        if block.table != "comment":
            raise ValueError(f"no block of {block.table} rows")
        n, columns = len(block.rows), dict(block.columns)

        def listed(name: str) -> list[Any]:
            value = columns.get(name)
            return value if isinstance(value, list) else [value] * n

        ids = listed("comment_id")
        if None in ids:
            seen = zip(listed("post_id"), listed("author"), listed("published_text"), listed("text"), strict=True)
            ids = [own or self.comment_id(*what) for own, what in zip(ids, seen, strict=True)]
        columns["comment_id"] = ids
        platform, known = columns["platform"], self.pseudonyms
        columns["author"] = [
            None if a is None else known.get((platform, a)) or self._pseudonym(platform, a) for a in listed("author")
        ]
        columns["text"] = privacy.redacted_all(listed("text"), allowed=self.task.allowed)
        writer.add_columns("comment", columns | {"source": self.task.sha, "row": block.rows}, n)

    def _pseudonym(self, platform: str, author: str) -> str:
        who = (platform, author)
        if who not in self.pseudonyms:
            if len(self.pseudonyms) > 200_000:
                self.pseudonyms.clear()  # a cache, bounded
            self.pseudonyms[who] = privacy.pseudonym(self.task.key, *who)
        return self.pseudonyms[who]

    def comment_id(self, post_id: str | None, author: str | None, written_at: str | None, text: str | None) -> str:
        """A keyed id for a comment whose export has none: the same whenever the same comment is exported again."""
        digest = self.hash.copy()
        digest.update(f"{post_id}\x1f{author}\x1f{written_at}\x1f{text}".encode("utf-8", "surrogatepass"))
        return "h:" + digest.hexdigest()

    def _complete(self, table: str, values: dict[str, Any]) -> None:
        task = self.task
        if getattr(self.reader, "CAPTURED", False) and "account_id" in values:
            self._hide_third_party(values)
        if table == "metric":
            if not values.get("account_id"):
                own = values["item_kind"] == "post" and values["item"] == self.last_post[0]
                values["account_id"] = self.last_post[1] if own else self._account_id(values["platform"])
            if values["item_kind"] == "account" and not values.get("item"):
                values["item"] = values["account_id"]
            values.setdefault("evidence", "export")
            values.setdefault("traffic", "total")
            on = values.get("period_end") or _day(values.get("as_of")) or _day(task.context.exported_at)
            what = (values["metric"], values["platform"], on)
            known = self.definitions.get(what)
            if known is None:
                known = self.definitions[what] = metrics.definition(what[0], what[1], self.reader.NAME, on)
            values["definition"] = known
        elif table == "audience":
            if values["item_kind"] == "account" and not values.get("item"):
                values["item"] = self._account_id(values["platform"])
        elif table == "activity":
            if values.get("note"):
                values["note"] = privacy.redacted(values["note"], allowed=task.allowed)
            return
        elif table == "post":
            if not values.get("account_id"):
                values["account_id"] = self._account_id(values["platform"], values.get("account_name"))
            self.last_post = (values["post_id"], values["account_id"])
            values.setdefault("status", "ok")
            if values.get("text"):
                values["text"] = privacy.redacted(values["text"], allowed=task.allowed)
        account_id = values["item"] if values.get("item_kind") == "account" else values.get("account_id")
        if account_id and table != "account":
            found = self.accounts.setdefault(
                (values["platform"], account_id),
                {"platform": values["platform"], "account_id": account_id, "source": task.sha, "row": values["row"]},
            )
            if not found.get("name"):
                found["name"] = (
                    values.get("account_name")
                    or (task.context.account if task.context.account != account_id else None)
                    or self.about.get("account_name")
                )

    def _hide_third_party(self, values: dict[str, Any]) -> None:
        """What was captured from screens may be a private person's: only declared accounts keep their names."""
        platform, account_id = values["platform"], values["account_id"]
        # posts whose author is not told are not all by the same one
        name = account_id.removeprefix("name:") if account_id else f"post {values.get('post_id') or values['item']}"
        names = {name, values.get("account_name") or name}
        if {(platform, same_name(n)) for n in names} & self.task.declared:
            return
        values["account_id"] = self._pseudonym(platform, name)
        for told in ("account_name", "permalink"):
            if told in values:
                values[told] = None

    def _account_id(self, platform: str, name: str | None = None) -> str:
        """The id of an account that the row does not name by id: by its name, by declaration, else by its file."""
        if name:
            return name_id(name)
        declared = self.task.context.account
        if declared:
            return declared if _PLATFORM_ID.fullmatch(declared) else name_id(declared)
        learnt = self.about.get("account_name")
        if learnt:
            return self._account_id(platform, learnt)
        return f"file:{self.task.sha[:12]}"

    def _quarantine(self, writer: Writer, item: base.Refused) -> None:
        writer.add(
            "quarantine",
            {
                "source": self.task.sha,
                "row": item.row,
                "column": item.column,
                "rule": item.rule,
                "value": self._shown(str(item.value)),
                "details": json.dumps(dict(item.details), ensure_ascii=False, default=str),
            },
        )

    def _shown(self, value: str) -> str:
        """A refused cell as it may be kept: redacted, short, and where it may be a private person's word, its shape."""
        if getattr(self.reader, "PERSONAL", False):
            return _LETTER.sub("x", value)[:40]
        return privacy.redacted(value, allowed=self.task.allowed)[:120]

    def _record(self, writer: Writer) -> dict[str, Any]:
        task, about = self.task, self.about
        exported_at, evidence = self._exported_at()
        document = self.document
        name = self.reader.NAME if self.reader is not None else ""
        return {
            "source": task.sha,
            "stamp": task.stamp,
            "path": task.found.path,
            "format": name,
            "platform": about.get("platform") or getattr(self.reader, "PLATFORM", None) or task.context.platform,
            "language": about.get("language"),
            "exported_at": exported_at,
            "exported_evidence": evidence,
            "period_start": task.context.period_start or about.get("period_start"),
            "period_end": task.context.period_end or about.get("period_end"),
            "encoding": document.encoding if document is not None else None,
            "repairs": "|".join(document.repairs) if document is not None else "",
            "notes": json.dumps(self.notes, ensure_ascii=False, default=str),
            "tables": "|".join(sorted(writer.parts)),
            "n_read": self.n_kept + self.n_quarantined + sum(self.skipped.values()),
            "n_kept": self.n_kept,
            "n_quarantined": self.n_quarantined,
            "n_skipped": sum(self.skipped.values()),
            "n_cells_refused": self.n_cells,
            "skipped": json.dumps(self.skipped, sort_keys=True),
            "reader_version": _reader_version(name),
            "redaction_version": privacy.REDACTION_VERSION,
            "schema_version": schema.VERSION,
        }

    def _exported_at(self) -> tuple[datetime | None, str | None]:
        """When the platform wrote the file: a person's word, else the content, the archive, the reader's bound."""
        context, about = self.task.context, self.about
        if context.exported_at is not None:
            return context.exported_at, "declared"
        if about.get("exported_evidence") in ("content", "file_name"):
            return about["exported_at"], about["exported_evidence"]
        if context.archived_at is not None:
            return context.archived_at.replace(tzinfo=ZoneInfo(context.timezone)).astimezone(UTC), "archive"
        return about.get("exported_at"), about.get("exported_evidence")


def _day(instant: datetime | None) -> date | None:
    return instant.date() if instant is not None else None


# -- after reading --------------------------------------------------------------------------------------------------


def undeclared_accounts(campaign: Campaign, store: Store) -> list[Account]:
    """Accounts found in the files that campaign.toml does not declare, by platform and name."""
    found = store.frame("newest_account").sort_values(["platform", "account_id"])
    out = []
    for row in rows(found[~found["account_id"].str.startswith("file:")]):
        id_, name = str(row.account_id), row.name if isinstance(row.name, str) else None
        known_id = None if id_.startswith("name:") else id_
        if id_.startswith("name:"):
            name = name or id_.removeprefix("name:")
        if id_.startswith("place:") or privacy.is_pseudonym(id_):
            continue  # told on a commune's sheet, known by its place; or somebody else's, captured from a screen
        if campaign.account_for(row.platform, known_id, name) is None:
            out.append(Account(row.platform, known_id, _printable(name or id_)))
    return out


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


@dataclass(frozen=True)
class Refusal:
    """One refused file, row or cell, with its place and what to do about it."""

    path: str
    row: int
    column: str
    rule: str
    value: str
    details: dict[str, Any]

    def sentence(self, lang: str) -> str:
        return _sentence(self.rule, lang, self.details)

    def advice(self, lang: str) -> str:
        key = f"advice.{self.rule}"
        return words.text(key if words.has(key) else "advice.default", lang)


def refusals(campaign: Campaign) -> list[Refusal]:
    """Everything that the last gather refused, by path, row and column."""
    frame = Store(campaign.tables).query(
        'SELECT s.path, q."row", q."column", q.rule, q.value, q.details FROM quarantine q'
        ' JOIN source s ON q.source = s.source ORDER BY s.path, q."row", q."column", q.rule'
    )
    return [
        Refusal(r.path, int(r.row), r.column, r.rule, r.value or "", _told(json.loads(r.details))) for r in rows(frame)
    ]


def refusal_dict(refusal: Refusal, lang: str) -> dict[str, Any]:
    """A refusal for machines and CSV: path, row, column, rule, value, what, todo."""
    return {
        "path": refusal.path,
        "row": refusal.row or None,
        "column": refusal.column or None,
        "rule": refusal.rule,
        "value": refusal.value,
        "what": refusal.sentence(lang),
        "todo": refusal.advice(lang),
    }


def refusal_lines(refused: Sequence[Refusal], lang: str, *, most: int = 20) -> list[str]:
    """The refusals for people: by file and rule, with at most ``most`` places each."""
    if not refused:
        return [words.text("gather.quarantine.none", lang)]
    out: list[str] = []
    groups: dict[tuple[str, str], list[Refusal]] = {}
    for r in refused:
        groups.setdefault((r.path, r.rule), []).append(r)
    path = None
    for (of, _), group in groups.items():
        if of != path:
            path = of
            out += ["", of]
        first = group[0]
        if first.row == 0:
            out.append(f"  {first.sentence(lang)}")
        else:
            out.append(f"  {words.text('gather.quarantine.places', lang, n=len(group))}: {first.sentence(lang)}")
            places = [_place(r, lang) for r in group[:most]]
            more = [words.text("gather.quarantine.more", lang, n=len(group) - most)] if len(group) > most else []
            out.append("    " + "; ".join(places + more))
        out.append(f"    → {first.advice(lang)}")
    return out[1:]


def _place(refusal: Refusal, lang: str) -> str:
    place = words.text("gather.quarantine.row", lang, row=str(refusal.row))
    if refusal.column:
        place += f", {refusal.column}"
    return f"{place} ({refusal.value})" if refusal.value else place


def write_refusals(refused: Sequence[Refusal], file: Path, *, lang: str) -> int:
    """Write the refusals as CSV (UTF-8 with BOM, cells inert in a spreadsheet) and return how many there are."""
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.DictWriter(out, list(refusal_dict(Refusal("", 0, "", "", "", {}), lang)))
            writer.writeheader()
            for r in refused:
                writer.writerow({k: inert(v) if isinstance(v, str) else v for k, v in refusal_dict(r, lang).items()})
    except OSError as problem:
        raise InputError("not_writable", file=str(file), why=problem.strerror or str(problem)) from problem
    return len(refused)
