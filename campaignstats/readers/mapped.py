"""A table that a person has mapped in campaign.toml ([[mapped]]): a post, its figures, a comment or an activity a row.

This is how Zalo Official Account figures and hand-kept sheets of offline activities come in. `gather` hands over the
files whose place fits a mapping; by itself this reader claims nothing.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from campaignstats import metrics, schema
from campaignstats.campaign import MappedTable, name_id
from campaignstats.errors import nearest
from campaignstats.readers import base, cells, links, typed
from campaignstats.readers.base import (
    About,
    Context,
    Document,
    Refused,
    Row,
    Skipped,
    Structure,
    Yield,
    header_key,
    header_keys,
)
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.commune_form import EVIDENCE, METRICS, SITES

NAME = "mapped"
PERSONAL = True
VERSION = 2
PLATFORM = None
DAY = "declared"
GRAINS = base.GRAINS
HEADERS: tuple[frozenset[str], ...] = ()

_SEARCHED = 40  # records in which the header row is looked for
_TOTALS = frozenset(map(header_key, ("Tổng", "Tổng số", "Tổng cộng", "Cộng", "Total", "Sum", "Grand total")))
_KINDS = {
    "ảnh": "photo",
    "hình ảnh": "photo",
    "bài viết": "article",
    "tin bài": "article",
    "thước phim": "reel",
    "liên kết": "link",
    "tin": "story",
    "trực tiếp": "live",
}
_KNOWN_KINDS = frozenset(
    ("photo", "video", "reel", "short", "story", "link", "text", "carousel", "live", "article", "other")
)
_EVIDENCE_OF = {header_key(word): code for word, code in EVIDENCE.items()} | {e: e for e in schema.EVIDENCE}
_SITE_OF = {header_key(word): code for word, code in SITES.items()} | {p: p for p in schema.PLATFORMS}
_METRIC_OF = {header_key(word): code for word, code in METRICS.items()}


def claims(document: Document) -> bool:
    return False


def read(document: Document, context: Context) -> Iterator[Yield]:
    """The rows of the mapped table; a header that the file lacks refuses the file and names the nearest one."""
    mapped = context.mapped
    if mapped is None or document.kind not in ("table", "workbook"):
        yield Refused(0, "", "mapped.not_a_table", document.kind)
        return
    sheet = None
    if mapped.sheet is not None:
        sheet = next((s for s in document.sheets if header_key(s) == header_key(mapped.sheet)), None)
        if sheet is None:
            details = {"sheet": mapped.sheet, "sheets": ", ".join(document.sheets)}
            yield Refused(0, "", "mapped.no_sheet", mapped.sheet, details)
            return
    header = _header(document, sheet, mapped)
    if isinstance(header, Refused):
        yield header
        return
    top, keys = header
    table = _Table(mapped, context, {name: keys.index(header_key(h)) for name, h in mapped.columns.items()})
    if table.refused:
        yield table.refused
        return
    yield About(platform=table.platform)
    for number, record in document.records(sheet):
        if number <= top:
            yield Structure(number)
            continue
        extra = [c for c in record[len(keys) :] if cells.text(c) is not None]
        first = next((c for c in record if cells.text(c) is not None), "")
        if isinstance(first, str) and header_key(first) in _TOTALS:
            yield Skipped(number, "mapped.total_row")
        elif extra:
            yield Refused(number, "", "row_too_long", str(extra[0]), {"cells": len(record), "columns": len(keys)})
        else:
            yield from table.rows(number, record)


def _header(document: Document, sheet: str | None, mapped: MappedTable) -> tuple[int, list[str]] | Refused:
    """(record number, header keys) of the first record that has every mapped header, or why there is none."""
    wanted = {header_key(h): h for h in mapped.columns.values()}
    best: list[str] = []
    written: list[str] = []
    for place, (number, record) in enumerate(document.records(sheet)):
        keys = header_keys(record)
        if set(wanted) <= set(keys):
            for key, header in wanted.items():
                if keys.count(key) > 1:
                    return Refused(0, "", "mapped.header_twice", header, {"header": header})
            return number, keys
        if place == 0 or len(set(wanted) & set(keys)) > len(set(wanted) & set(best)):
            best, written = keys, [str(c).strip() for c in record if cells.text(c) is not None]
        if place >= _SEARCHED:
            break
    missing = next(h for k, h in wanted.items() if k not in best)
    folded = {header_key(h): h for h in written}
    near = nearest(header_key(missing), sorted(folded))
    details = {"header": missing, "nearest": folded[near] if near else None, "headers": ", ".join(written[:30])}
    return Refused(0, "", "mapped.no_header_near" if near else "mapped.no_header", missing, details)


class _Table:
    """One mapping at work on one file."""

    def __init__(self, mapped: MappedTable, context: Context, columns: dict[str, int]) -> None:
        self.mapped = mapped
        self.columns = columns
        self.zone = mapped.timezone or context.timezone
        self.platform = mapped.platform or context.platform
        self.account = mapped.account or context.account
        self.kind = "post" if mapped.table == "metric" else mapped.table
        self.types = {c.name: c.type for t in (mapped.table, self.kind) for c in schema.TABLES[t].columns}
        self.metrics = [n for n in {**mapped.constants, **columns} if self._is_metric(n)]
        self.of_accounts = mapped.table == "metric" and not {"post_id", "permalink", "item", "text"} & set(columns)
        self.refused = self._refusal()

    def _is_metric(self, name: str) -> bool:
        return self.kind == "post" and name not in self.types and name in metrics.registry()

    def _refusal(self) -> Refused | None:
        """What makes the mapping itself unusable, or None."""
        for name in {**self.mapped.constants, **self.columns}:
            if name not in self.types and not self._is_metric(name):
                near = nearest(name, sorted({*self.types, *metrics.registry()}))
                details = {"column": name, "table": self.mapped.table, "nearest": near}
                return Refused(0, "", "mapped.no_column_near" if near else "mapped.no_column", name, details)
        needs_platform = self.mapped.table != "activity"
        if needs_platform and not self.platform and "platform" not in {**self.mapped.constants, **self.columns}:
            return Refused(0, "", "mapped.no_platform")
        return None

    def rows(self, number: int, record: list[Any]) -> Iterator[Yield]:
        """The rows of one record, or why there are none."""
        given = {n: record[i] if i < len(record) else None for n, i in self.columns.items()}
        if all(cells.text(c) is None for c in given.values()):
            yield Skipped(number, "mapped.not_filled_in")
            return
        values: dict[str, Any] = {}
        figures: dict[str, typed.Figure] = {}
        refused: list[Refused] = []
        for name, cell in {**self.mapped.constants, **given}.items():
            try:
                if self._is_metric(name):
                    if (found := typed.figure(cell, whole=_is_count(name))) is not None:
                        figures[name] = found
                else:
                    value = self._value(name, cell)
                    if value is not None:
                        values[name] = value
            except CellRefused as problem:
                header = self.mapped.columns.get(name, name)
                refused.append(Refused(number, header, problem.rule, str(cell), problem.details))
        try:
            if self.kind == "comment":
                rows = self._comment(number, values)
            elif self.kind == "activity":
                rows = self._activity(number, values)
            else:
                rows = self._post(number, values, figures)
        except CellRefused as problem:
            # the cell that was refused is the better reason where there is one
            yield refused[0]._replace(column="") if refused else Refused(number, "", problem.rule, "", problem.details)
            return
        if not rows:
            yield refused[0]._replace(column="") if refused else Skipped(number, "mapped.not_filled_in")
            return
        yield from rows
        yield from refused

    def _value(self, name: str, cell: Any) -> Any:
        kind = self.types[name]
        if name in ("platform", "evidence", "metric"):
            return _coded(name, cell)
        if name == "value":
            return typed.figure(cell, whole=False)
        if kind == "instant":
            return self._instant(cell)
        if kind == "date":
            moment = self._moment(cell)
            return moment.date() if moment else None
        if kind in ("int", "float"):
            found = typed.figure(cell, whole=kind == "int")
            if found is not None and found.approximate:
                raise CellRefused("abbreviated_number")
            return None if found is None else int(found.value) if kind == "int" else found.value
        if kind == "bool":
            return cells.truth(cell)
        if name.endswith("_id") or name == "item":
            return cells.platform_id(cell)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return cells.text(cell)

    def _moment(self, cell: Any) -> datetime | None:
        form = self.mapped.date_format
        if isinstance(cell, date) and not isinstance(cell, datetime):
            return datetime.combine(cell, time())
        if isinstance(cell, int | float):
            raise CellRefused("not_a_date", expected=form or "iso")
        try:
            return cells.clock(cell, form or "iso")
        except CellRefused as problem:
            raise problem if form else CellRefused("mapped.date_format") from None

    def _instant(self, cell: Any) -> datetime | None:
        moment = self._moment(cell)
        return cells.zoned(moment, self.zone) if moment else None

    def _who(self, values: dict[str, Any]) -> dict[str, Any]:
        """Platform and account of a row: its own cells, else the mapping's."""
        platform = values.get("platform") or self.platform
        if platform is None:
            raise CellRefused("mapped.no_platform_in_row")
        account, name = values.get("account_id"), values.get("account_name")
        if account is None and name is None:
            name = self.account
        if account is None and name is not None:
            account = name if name.isdigit() else name_id(name)
        return {"platform": platform, "account_id": account, "account_name": name}

    def _post(self, number: int, values: dict[str, Any], figures: dict[str, typed.Figure]) -> list[Row | Refused]:
        who = self._who(values)
        value, metric = values.get("value"), values.get("metric")
        if value is not None:
            if metric is None:
                raise CellRefused("mapped.no_metric")
            figures = {**figures, metric: value}
        rows: list[Row | Refused] = []
        item = None
        if not self.of_accounts:
            item = _item(who, values)
            post = {k: v for k, v in values.items() if k in schema.TABLES["post"].names}
            if published := values.get("published_at"):
                written = self._precision(published)
                post |= {"published_precision": written, "published_zone": self.zone}
            if "kind" in post:
                word = header_key(post["kind"])
                post["kind"] = word if word in _KNOWN_KINDS else _KINDS.get(word, "other")
            link = links.parsed_link(post["permalink"]) if post.get("permalink") else None
            post["permalink"] = link.url if link else None
            rows.append(Row("post", number, {"status": "ok", **post, **who, "post_id": item}))
        spans = self._spans(values)
        for name, found in figures.items():
            rows.append(
                Row(
                    "metric",
                    number,
                    {
                        "platform": who["platform"],
                        "item_kind": "account" if self.of_accounts else "post",
                        "item": who["account_id"] if self.of_accounts else item,
                        "account_id": who["account_id"],
                        "metric": name,
                        "traffic": values.get("traffic") or "total",
                        **spans,
                        "value": found.value,
                        "approximate": found.approximate,
                        "evidence": values.get("evidence") or self.mapped.evidence,
                        "as_of": values.get("as_of"),
                    },
                )
            )
        return rows

    def _precision(self, instant: datetime) -> str:
        """Precision of an instant: a day where it is the first moment of one in the table's zone."""

        return "day" if instant.astimezone(ZoneInfo(self.zone)).time() == time() else "minute"

    def _spans(self, values: dict[str, Any]) -> dict[str, Any]:
        """Grain and days of the row's figures; a count of a page is of the day on which it was seen."""
        grain = self.mapped.grain
        start, end = values.get("period_start"), values.get("period_end")
        if self.of_accounts and grain.startswith("post"):
            grain = "account_day" if start is None or start == end or end is None else "account_period"
            if start is None and (seen := values.get("as_of")):
                start = seen.astimezone(ZoneInfo(self.zone)).date()
        if grain.endswith("_day"):
            end = end or start
        lifetime = grain == "post_lifetime"
        return {
            "grain": grain,
            "period_start": None if lifetime else start,
            "period_end": None if lifetime else end,
            "day_zone": None if lifetime else self.zone,
        }

    def _comment(self, number: int, values: dict[str, Any]) -> list[Row | Refused]:
        if not values.get("text") and not values.get("author"):
            raise CellRefused("mapped.no_comment")
        platform = values.get("platform") or self.platform
        if platform is None:
            raise CellRefused("mapped.no_platform_in_row")
        zone = {"published_zone": self.zone} if "published_at" in values else {}
        return [Row("comment", number, {**values, **zone, "platform": platform})]

    def _activity(self, number: int, values: dict[str, Any]) -> list[Row | Refused]:
        if not values.get("kind"):
            raise CellRefused("mapped.no_kind")
        return [Row("activity", number, values)]


def _item(who: dict[str, Any], values: dict[str, Any]) -> str:
    """The id of the row's post: its own, else the link's, else a hash of what tells it from others."""
    given = values.get("post_id") or values.get("item")
    if given:
        return str(given)
    if values.get("permalink"):
        link = links.parsed_link(values["permalink"])
        return link.post_id if link else links.link_id(values["permalink"])
    if not values.get("text"):
        raise CellRefused("mapped.no_item")
    seen = (who["platform"], who["account_id"], str(values.get("published_at")), values["text"])
    return "row:" + hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _coded(name: str, cell: Any) -> str | None:
    written = cells.text(cell)
    if written is None:
        return None
    known = {"platform": _SITE_OF, "evidence": _EVIDENCE_OF, "metric": _metric_names()}[name]
    if (code := known.get(header_key(written))) is None:
        raise CellRefused("mapped.unknown_word", known=", ".join(sorted(set(known.values()))[:20]))
    return code


def _metric_names() -> dict[str, str]:
    labels = {header_key(m.label[lang]): m.name for m in metrics.registry().values() for lang in ("vi", "en")}
    return {**labels, **_METRIC_OF, **{name: name for name in metrics.registry()}}


def _is_count(name: str) -> bool:
    found = metrics.registry()[name]
    return found.unit in ("people", "events", "count") and not found.ratio
