"""One file of the inbox -> rows in the store: claim, read, validate, redact. What ``gather`` runs in a process each.

The one place where a reader's rows become tables: texts are redacted and authors become pseudonyms before anything is
written, and every record that the file delivered is accounted for.
"""

import hashlib
import json
import multiprocessing
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaignstats import columnar, metrics, schema
from campaignstats.campaign import different_ids, name_id, same_name
from campaignstats.errors import CampaignStatsError, ReadError
from campaignstats.readers import base, opening
from campaignstats.readers.cells import FORMULA_ERRORS
from campaignstats.store import Store, Writer
from campaignstats.text import privacy

VERSION = 3  # raise it when what this module does to rows changes

if multiprocessing.parent_process() is not None:
    columnar.leave_pandas()

_PLATFORM_ID = re.compile(r"\d+|UC[\w-]{22}")  # of an account: a number, or a YouTube channel
_MOST_COLUMNS = 16_384  # a spreadsheet's own limit: no export has more
_LETTER = re.compile(r"[^\W\d_]")
_ERROR = "^(?:" + "|".join(map(re.escape, sorted(FORMULA_ERRORS))) + ")$"
# what makes two rows one figure; a commune's own word beside an export is not the same
_ONE_FIGURE = (
    *("platform", "item_kind", "item", "metric", "grain", "traffic"),
    *("period_start", "period_end", "as_of", "evidence"),
)
_ERRORS = FORMULA_ERRORS | {name_id(error) for error in FORMULA_ERRORS}


@dataclass(frozen=True)
class Task:
    """All that a worker needs for one distinct content: plain values, so that it can go to another process."""

    found: opening.Found
    sha: str
    stamp: str
    tables: Path
    context: base.Context
    key: bytes
    allowed: frozenset[str]
    declared: frozenset[tuple[str, str, str]]  # platform, folded id, name or handle, and id of every declared account
    captured_stamp: str = ""  # in its place, for formats of which what is kept depends on the declared accounts


def reader_version(name: str) -> int:
    """The reader's version; for a file nobody claimed, a number that changes whenever any reader does."""
    readers = base.registry()
    if name in readers:
        return int(readers[name].VERSION)
    every = repr(sorted((n, r.VERSION) for n, r in readers.items()))
    return int.from_bytes(hashlib.sha256(every.encode()).digest()[:4], "big")


def read_source(task: Task) -> dict[str, Any]:
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

    def __init__(self, task: Task, disputed: Mapping[int, dict[str, float]] | None = None) -> None:
        self.task = task
        self.disputed = disputed or {}  # by the number of the figure, where a first pass found two values
        self.n_figures = 0
        self.figures: dict[int, tuple[int, float]] = {}  # hash of the key -> number and value of its first figure
        self.repeated: dict[int, list[tuple[int, float]]] = {}  # the same of all, where there are more
        self.reader: Any = None
        self.document: Any = None
        self.about: dict[str, Any] = {}
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.skipped: dict[str, int] = {}
        self.n_kept = self.n_quarantined = self.n_cells = self.n_structure = 0
        self.accounts: dict[tuple[str, str], dict[str, Any]] = {}
        self.pseudonyms: dict[tuple[str, str], str] = {}
        self.alike: dict[str, int] = {}  # id of a comment without writer and time -> how often it came
        self.writing: Future[None] | None = None  # of the block before
        self.hash = hashlib.blake2b(key=task.key, digest_size=12)
        self.definitions: dict[tuple[str, str, date | None], str] = {}
        self.exported_on = self._exported_on()
        self.errors: list[base.Refused] = []  # of the rows so far, whatever the blocks they came in
        self.last_error = (0, "")  # row and column
        self.declared: dict[tuple[str, str], list[str]] = {}  # by platform and folded id, name or handle: whose ids
        self.last_post = ("", "")  # (post, account): a post's metrics follow it, and may not name the account

    def record(self) -> dict[str, Any]:
        self.document = opening.open_document(self.task.found)
        self.reader = self._claimant()
        if getattr(self.reader, "CAPTURED", False):
            self.task = replace(self.task, stamp=self.task.captured_stamp or self.task.stamp)
            for platform, called, own in sorted(self.task.declared):
                self.declared.setdefault((platform, called), []).append(own)
        task = self.task
        with Store(task.tables).writer(task.sha, task.stamp) as writer:
            whole = self._rows(writer)
            disputed = {} if self.disputed else self._two_values()
            if whole is None and not disputed:
                for account in self.accounts.values():
                    writer.add("account", account)
                return self._record(writer)
            writer.discard()
        if whole is None:  # what was written first is as little believed as what contradicts it
            return _Reading(self.task, disputed).record()
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
        if any(len(cells) > _MOST_COLUMNS for _, cells in self.document.head):
            raise ReadError("too_many_columns", limit=_MOST_COLUMNS)
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
        with ThreadPoolExecutor(1) as self.pool:
            try:
                return self._stored(writer)
            finally:
                self._caught_up()

    def _stored(self, writer: Writer) -> base.Refused | None:
        task, reader = self.task, self.reader
        kept_row = moved_row = -1
        for item in self._undisputed(reader.read(self.document, task.context)):
            if isinstance(item, base.Row) and item.table == "comment" and (moved := _no_id(item.values)):
                # of a record of which something is kept already, only this is refused
                item = base.Refused(item.row, "comment_id" if item.row == kept_row else "", "not_an_id", moved)
                moved_row = item.row if not item.column else moved_row
            elif isinstance(item, base.Row) and item.row == moved_row:
                continue  # refused as a whole
            elif isinstance(item, base.Row) and (column := self._without_errors(item)):
                if item.row == kept_row:
                    self._refuse_error(item.row, column, item.values[column])
                    continue
                moved_row = item.row
                item = base.Refused(item.row, "", "formula_error", item.values[column])
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
        for error in sorted(self.errors, key=lambda e: (e.row, e.column)):
            self._quarantine(writer, error)
        for broken in self.document.refused:  # too broken to be handed to a reader, and so not among the delivered
            self._quarantine(writer, broken)
            self.n_cells += bool(broken.column)  # or a cell of one that was
        for left in self.document.skipped:  # nobody's data, which the document kept from the reader
            self.skipped[left.reason] = self.skipped.get(left.reason, 0) + 1
        self.notes += [(k, dict(v)) for k, v in self.document.notes]
        n_skipped = sum(self.skipped.values()) - len(self.document.skipped)
        accounted = self.n_structure + self.n_kept + self.n_quarantined + n_skipped
        if accounted != self.document.n_delivered:
            # a reader that loses rows is a fault of ours: nothing of the file is believed until it is mended
            return base.Refused(
                0, "", "rows_unaccounted", "", {"delivered": self.document.n_delivered, "accounted": accounted}
            )
        self.n_quarantined += sum(not broken.column for broken in self.document.refused)
        return None

    def _undisputed(self, items: Iterable[base.Yield]) -> Iterator[base.Yield]:
        """The items, figures counted; in the place of each that the file contradicts, a refusal."""
        held: list[base.Yield] = []  # of one record
        told: list[tuple[base.Row, dict[str, float]]] = []
        last = -1
        for item in items:
            figure = isinstance(item, base.Row) and item.table == "metric"
            self.n_figures += figure
            if not self.disputed or isinstance(item, base.About):
                yield item
                continue
            row = -1 if isinstance(item, base.Block) else item.row
            if row != last:
                yield from _with_refused(held, told)
                held, told, last = [], [], row
            if isinstance(item, base.Row) and figure and self.n_figures in self.disputed:
                told.append((item, self.disputed[self.n_figures]))
            else:
                held.append(item)
        yield from _with_refused(held, told)

    def _weigh(self, values: Mapping[str, Any]) -> None:
        key = hash(tuple(values.get(name) for name in _ONE_FIGURE))
        this = self.n_figures, values["value"]
        first = self.figures.setdefault(key, this)
        if first is not this:
            self.repeated.setdefault(key, [first]).append(this)

    def _two_values(self) -> dict[int, dict[str, float]]:
        """By their numbers, the figures of which the file tells more than one value, and two of those."""
        found = {}
        for figures in self.repeated.values():
            values = sorted({value for _, value in figures})
            if len(values) > 1:
                told = {"one": _plain(values[0]), "other": _plain(values[-1])}
                found.update({number: told for number, _ in figures})
        return found

    def _without_errors(self, item: base.Row) -> str | None:
        """Take a spreadsheet's error values out of a row and refuse them; or the column that no row can do without.

        Only here, where a text is about to be stored: readers judge their ids, figures and days by what stands there.
        """
        if self.document.kind not in ("table", "workbook"):
            return None
        texts = _texts(item.table)
        found = [n for n, value in item.values.items() if type(value) is str and value in _ERRORS and n in texts]
        for name in found:
            if name != "comment_id" and name in _required(item.table):
                return name
        for name in found:
            self._refuse_error(item.row, name, item.values[name])
            item.values[name] = None
        return None

    def _refuse_error(self, row: int, column: str, value: str) -> None:
        """Refuse the cell, once for all that is made of it."""
        if (row, column) != self.last_error:
            self.last_error = (row, column)
            self.n_cells += 1
            self.errors.append(base.Refused(row, column, "formula_error", value.removeprefix("name:")))

    def _block_without_errors(self, block: base.Block) -> dict[str, Any]:
        """The columns of a block of comments, as ``_without_errors`` has their rows."""
        columns = dict(block.columns)
        for name in sorted(_texts("comment") & columns.keys()):
            cells = columns[name]
            if isinstance(cells, columnar.Array):
                which = columnar.matching(cells, _ERROR)
                told = {int(i): cells[int(i)].as_py() for i in which.nonzero()[0]}
                columns[name] = columnar.each(cells, which, lambda _: None)
            elif isinstance(cells, list):
                told = {i: v for i, v in enumerate(cells) if type(v) is str and v in _ERRORS}
                if told:
                    columns[name] = [None if i in told else v for i, v in enumerate(cells)]
            else:
                continue
            for i, value in told.items():
                self._refuse_error(block.rows[i], name, value)
        return columns

    def _learn(self, about: base.About) -> None:
        for name in (
            "language",
            "exported_at",
            "exported_evidence",
            "period_start",
            "period_end",
            "platform",
            "account_name",
            "path",
        ):
            value = _composed(getattr(about, name))
            if value is not None:
                self.about.setdefault(name, value)
        self.notes += [(k, dict(v)) for k, v in about.notes]
        self.exported_on = self._exported_on()

    def _store(self, writer: Writer, item: base.Row) -> None:
        task, table, values = self.task, item.table, item.values
        for name, value in values.items():
            if type(value) is str and not value.isascii():
                values[name] = _composed(value)
        values["source"] = task.sha
        values["row"] = item.row
        if table == "comment":
            author, text = values.get("author"), values.get("text")
            if not values.get("comment_id"):
                seen = (values.get("post_id"), author, values.get("published_text"), text)
                values["comment_id"] = self._own_id(*seen)
            if author is not None:
                values["author"] = self._pseudonym(values["platform"], author)
            if text is not None:
                values["text"] = privacy.redacted(text, allowed=task.allowed)
        else:
            self._complete(table, values)
        if values.get("published_text") is not None and not _time_read(values):
            values["published_text"] = None
        writer.add(table, values)

    def _store_block(self, writer: Writer, block: base.Block) -> None:
        """Comments by column: the same as ``_store`` of each row, without a dictionary a row."""
        if block.table != "comment":
            raise ValueError(f"no block of {block.table} rows")
        n, columns = len(block.rows), self._block_without_errors(block)
        if isinstance(columns["text"], columnar.Array):
            columns = self._columns(columns) | {"source": self.task.sha, "row": block.rows}
            self._caught_up()
            self.writing = self.pool.submit(writer.add_columns, "comment", columns, n)  # packing needs no Python
            return
        self._caught_up()
        columns = {c: list(map(_composed, v)) if isinstance(v, list) else _composed(v) for c, v in columns.items()}

        def listed(name: str) -> list[Any]:
            value = columns.get(name)
            return value if isinstance(value, list) else [value] * n

        ids = listed("comment_id")
        if None in ids:
            seen = zip(listed("post_id"), listed("author"), listed("published_text"), listed("text"), strict=True)
            ids = [own or self._own_id(*what) for own, what in zip(ids, seen, strict=True)]
        columns["comment_id"] = ids
        platform, known = columns["platform"], self.pseudonyms
        columns["author"] = [
            None if a is None else known.get((platform, a)) or self._pseudonym(platform, a) for a in listed("author")
        ]
        columns["text"] = privacy.redacted_all(listed("text"), allowed=self.task.allowed)
        written = zip(listed("published_text"), listed("published_at"), strict=True)
        columns["published_text"] = [None if at is None else said for said, at in written]
        writer.add_columns("comment", columns | {"source": self.task.sha, "row": block.rows}, n)

    def _caught_up(self) -> None:
        """Wait until the last block is written."""
        if self.writing is not None:
            writing, self.writing = self.writing, None
            writing.result()

    def _columns(self, columns: dict[str, Any]) -> dict[str, Any]:
        """The same of Arrow arrays: what is the same in many rows is worked out once, what is plain is left alone."""
        for name in ("author", "published_text", "text"):
            if isinstance(column := columns.get(name), columnar.Array):
                columns[name] = columnar.each(column, columnar.matching(column, _COMPOSABLE), _composed)
        ids, text = columns.get("comment_id"), columns["text"]
        unnamed = columnar.missing(ids) if ids is not None else None
        if unnamed is None or unnamed.any():
            seen = [columns.get(c) for c in ("post_id", "author", "published_text", "text")]
            made = columnar.digests(columnar.only(seen, unnamed), self.hash, "h:")
            ids = made if unnamed is None else columnar.replaced(ids, unnamed, made)
            nameless = columnar.missing_all(seen[1:3], len(text))
            ids = columnar.in_order(ids, nameless if unnamed is None else nameless & unnamed, self._counted)
        platform = columns["platform"]
        author = columnar.by_value(
            columns["author"], lambda a: None if a is None else self._pseudonym(platform, a), "string"
        )
        text = columnar.each(
            text,
            columnar.matching(text, privacy.CHANGEABLE),
            lambda t: privacy.redacted(t, allowed=self.task.allowed),
        )
        if isinstance(said := columns.get("published_text"), columnar.Array):
            unread = columnar.missing_all([columns.get("published_at")], len(text))
            said = columnar.each(said, unread, lambda _: None)
        return columns | {"comment_id": ids, "author": author, "text": text, "published_text": said}

    def _pseudonym(self, platform: str, author: str) -> str:
        who = (platform, author)
        if who not in self.pseudonyms:
            if len(self.pseudonyms) > 200_000:
                self.pseudonyms.clear()  # a cache, bounded
            self.pseudonyms[who] = privacy.pseudonym(self.task.key, *who)
        return self.pseudonyms[who]

    def _own_id(self, post_id: str | None, author: str | None, written_at: str | None, text: str | None) -> str:
        made = self.comment_id(post_id, author, written_at, text)
        return self._counted(made) if author is None and written_at is None else made

    def _counted(self, made: str) -> str:
        """Neither writer nor time: the same words twice in one file are two people's, not one comment twice."""
        self.alike[made] = n = self.alike.get(made, 0) + 1
        return made if n == 1 else f"{made}:{n}"

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
            on = values.get("period_end") or _day(values.get("as_of")) or self.exported_on
            what = (values["metric"], values["platform"], on)
            known = self.definitions.get(what)
            if known is None:
                known = self.definitions[what] = metrics.definition(what[0], what[1], self.reader.NAME, on)
            values["definition"] = known
            self._weigh(values)
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
        ids = [own for n in sorted(names) for own in self.declared.get((platform, same_name(n)), ())]
        if (platform, same_name(name)) in self.declared or not all(different_ids(own, account_id) for own in ids):
            return  # a name alone proves nothing where both have ids, and these differ
        if (platform, account_id) in self.accounts:
            return  # a post of it came before, under a name that is declared
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
                "column": _storable(self._named(item.column)),
                "rule": item.rule,
                "value": _storable(self._shown(str(item.value))),
                "details": _storable(json.dumps(dict(item.details), ensure_ascii=False, default=str)),
            },
        )

    def _named(self, column: str) -> str:
        """The column as it may be kept: where the header was lost, a private person's words stand in its place."""
        ours = column in schema.COMMENT.names or column in schema.POST.names or column in metrics.registry()
        mapped = self.task.context.mapped
        declared = {base.header_key(header) for header in mapped.columns.values()} if mapped is not None else set()
        known = (
            base.header_key(column) in _known_headers() | declared
        )  # a person wrote the declared ones in campaign.toml
        return column if ours or known else self._shown(column)

    def _shown(self, value: str) -> str:
        """A refused cell as it may be kept: redacted, short, and where it may be a private person's word, its shape."""
        shown = privacy.redacted(value, allowed=self.task.allowed)
        if getattr(self.reader, "PERSONAL", False):
            return _LETTER.sub("x", shown)[:40]
        return shown[:120]

    def _record(self, writer: Writer) -> dict[str, Any]:
        task, about = self.task, self.about
        exported_at, evidence = self._exported_at()
        document = self.document
        name = self.reader.NAME if self.reader is not None else ""
        return {
            "source": task.sha,
            "stamp": task.stamp,
            "path": about.get("path") or task.found.path,
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
            "reader_version": reader_version(name),
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

    def _exported_on(self) -> date | None:
        """The day on which the platform wrote the file, as far as it is known by now; a bound of it is no such day."""
        exported_at, evidence = self._exported_at()
        return _day(exported_at) if evidence in ("declared", "content", "file_name", "archive") else None


@cache
def _known_headers() -> frozenset[str]:
    return frozenset(key for reader in base.registry().values() for headers in reader.HEADERS for key in headers)


@cache
def _texts(table: str) -> frozenset[str]:
    """The columns of texts and ids; what a day was written as belongs to the reader, who judges the day."""
    return frozenset(c.name for c in schema.TABLES[table].columns if c.type == "string") - {"published_text"}


@cache
def _required(table: str) -> frozenset[str]:
    return frozenset(c.name for c in schema.TABLES[table].columns if c.required)


def _no_id(values: Mapping[str, Any]) -> str | None:
    """What stands in a comment's ids and is none: a cell that moved there may be a name."""
    ids = (values.get(name) for name in ("comment_id", "parent_id", "post_id"))
    return next((i for i in ids if i is not None and (len(i) > 200 or len(i.split()) != 1 or i.startswith("@"))), None)


def _with_refused(held: list[base.Yield], disputed: list[tuple[base.Row, dict[str, float]]]) -> Iterator[base.Yield]:
    """A record's items and the refusals of its disputed figures: of all the record where nothing else of it is kept."""
    yield from held
    kept = any(isinstance(item, base.Row) for item in held)
    for n, (figure, told) in enumerate(disputed):
        metric = figure.values["metric"]
        value = str(_plain(figure.values["value"]))
        yield base.Refused(figure.row, metric if kept or n else "", "two_values", value, told)


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _time_read(values: Mapping[str, Any]) -> bool:
    """Whether a time was read in ``published_text``: where none was, a cell that moved there may be a name."""
    return values.get("published_at") is not None and "time_from_id" not in (values.get("flags") or "")


def _storable(text: str) -> str:
    """The text without what no table can store: bytes that were no letters."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode("utf-8")


# RE2: every letter without which a text is in NFC as it stands: marks, parts of Korean syllables, second forms
_COMPOSABLE = (
    r"[\p{M}\x{0374}\x{037e}\x{0387}\x{0958}-\x{0a5e}\x{0b5c}\x{0b5d}\x{0f43}-\x{0f69}\x{1100}-\x{11ff}\x{1f71}-\x{1ffd}"
    r"\x{2000}\x{2001}\x{2126}-\x{212b}\x{2329}\x{232a}\x{2adc}\x{f900}-\x{fb4e}\x{1d15e}-\x{1d1c0}\x{2f800}-\x{2fa1d}]"
)


def _composed(value: Any) -> Any:
    """A text as one letter a character (NFC), as macOS does not write it; anything else as it is."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _day(instant: datetime | None) -> date | None:
    return instant.date() if instant is not None else None
