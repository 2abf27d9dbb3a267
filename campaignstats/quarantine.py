"""What was refused, file, row or cell, in sentences: for people, for machines, and as a table to work through."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from campaignstats import words
from campaignstats.campaign import Campaign
from campaignstats.errors import InputError
from campaignstats.findings.csv import inert
from campaignstats.store import Store, rows

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
_ISO_DAY = re.compile(r"\d{4}-[01]\d-[0-3]\d")


def sentence(key: str, lang: str, values: dict[str, Any]) -> str:
    """The catalogue's sentence; a reader's key that the catalogue lacks shows as itself, not as a traceback."""
    for candidate in (key, f"rule.{key}", f"error.{key}"):
        if words.has(candidate):
            try:
                return words.text(candidate, lang, **values)
            except (KeyError, IndexError, ValueError):
                break
    return f"{key} {json.dumps(values, ensure_ascii=False, default=str)}" if values else key


def told(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a stored sentence, their days as days again, so that each language writes them in its form."""
    return {k: date.fromisoformat(v) if isinstance(v, str) and _ISO_DAY.fullmatch(v) else v for k, v in values.items()}


@dataclass(frozen=True)
class Refusal:
    """One refused file, row or cell, with its place and what to do about it."""

    path: str
    row: int
    column: str
    rule: str
    value: str
    details: dict[str, Any]
    format: str = ""  # NAME of the reader, "" where none claimed the file

    def sentence(self, lang: str) -> str:
        return sentence(self.rule, lang, self.details)

    def advice(self, lang: str) -> str:
        keys = (f"advice.{self.format}.{self.rule}", f"advice.{self.rule}")
        # a spreadsheet spoils the cells of a table; it is no cause of a torn archive or of an item of JSON
        of_table = self.row and Path(self.path).suffix.casefold() in _TABLES
        return words.text(next(filter(words.has, keys), "advice.table" if of_table else "advice.default"), lang)


def refusals(campaign: Campaign) -> list[Refusal]:
    """Everything that the last gather refused, by path, row and column."""
    frame = Store(campaign.tables).query(
        'SELECT s.path, q."row", q."column", q.rule, q.value, q.details, s.format FROM quarantine q'
        ' JOIN source s ON q.source = s.source ORDER BY s.path, q."row", q."column", q.rule'
    )
    return [
        Refusal(r.path, int(r.row), r.column, r.rule, r.value or "", told(json.loads(r.details)), r.format or "")
        for r in rows(frame)
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
    whole: dict[tuple[str, str], list[str]] = {}  # the files refused for one reason: it is said once, with their list
    for (of, _), group in groups.items():
        if group[0].row == 0:
            whole.setdefault(_reason(group[0], lang), []).append(of)
    for (of, _), group in groups.items():
        alike = whole.get(_reason(group[0], lang), [])
        if group[0].row == 0 and len(alike) > 1:
            if of == alike[0]:
                out += ["", *alike, f"  {group[0].sentence(lang)}"]
                if "path" in group[0].details:
                    out.append(f"  {words.text('gather.each_path', lang)}")
                out.append(f"    → {group[0].advice(lang)}")
                path = None
            continue
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


def _reason(refusal: Refusal, lang: str) -> tuple[str, str]:
    """The rule and its sentence whatever the file."""
    path = {"path": ""} if "path" in refusal.details else {}
    return refusal.rule, sentence(refusal.rule, lang, refusal.details | path)


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
