"""Step: a campaign's beginning: the folder to fill in, with its sheets, the form for communes and the launchers."""

import csv
import json
import re
import shlex
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from campaignstats import schema, words
from campaignstats.campaign import TEMPLATES, Place, folded
from campaignstats.errors import InputError, nearest

LAUNCHERS = ("chay-campaignstats.bat", "chay-campaignstats.command", "chay-campaignstats.sh")
FORM = "bieu-thu-thap.xlsx"
# the file, and the day from which the names and kinds of its second pair of columns hold
PLACE_LISTS = {"dong-nai": ("dong_nai_95.csv", date(2026, 4, 30))}
_ROWS = 2000  # rows that get drop-downs
_MADE = datetime(2026, 1, 1)  # workbooks carry a date of making: a fixed one keeps them the same bytes

# columns of the sheets in the order of init; the first one marks the example row
_SHEETS: dict[str, tuple[str, ...]] = {
    "accounts": (
        "name", "platform", "id", "handle", "owner_level", "place", "sector", "audience_local", "complete_source",
        "former_names", "former_ids", "former_places", "continues", "since", "until",
    ),
    "places": (
        "code", "name", "name_en", "kind", "population", "population_date", "population_source", "population_assumed",
        "latitude", "longitude", "valid_from", "valid_to", "merged_into",
    ),
    "activities": ("kind", "date", "place", "people", "copies", "sessions", "sector", "note"),
}  # fmt: skip
_TEXT_COLUMNS = (
    "id", "code", "place", "handle", "former_names", "former_ids", "former_places", "continues", "merged_into",
)  # fmt: skip
_DATE_COLUMNS = ("date", "population_date", "since", "until", "valid_from", "valid_to")
_COUNT_COLUMNS = ("population", "people", "copies", "sessions")
_BOOLEAN_COLUMNS = ("audience_local", "complete_source", "population_assumed")
_FORM_COLUMNS = (
    "place_code", "place", "link", "platform", "date", "metric", "value", "as_of", "evidence", "screenshot",
)  # fmt: skip
_FORM_PLATFORMS = ("facebook", "instagram", "youtube", "tiktok", "zalo", "x", "other")
_FORM_METRICS = ("views", "reach", "interactions", "likes", "comments", "shares", "followers")


def init(folder: str | Path, lang: str = "vi", *, places: str | None = None) -> list[str]:
    """Makes a campaign to fill in at ``folder`` and returns the lines that say what was made and what comes next.

    ``places`` names a list that comes with the program ("dong-nai": 95 communes, without populations). Raises
    InputError where one of the files exists already: nothing is ever overwritten, and then nothing is written.
    """
    folder = Path(folder)
    rows = place_list(places) if places else []
    made = ["campaign.toml", "inbox/README.txt", *(f"{name}.xlsx" for name in _SHEETS), FORM, *LAUNCHERS]
    if folder.exists() and not folder.is_dir():
        raise InputError("start.not_a_folder", folder=str(folder))
    existing = [name for name in made if (folder / name).exists()]
    if existing:
        raise InputError("start.exists", folder=str(folder), files=", ".join(existing))
    try:
        (folder / "inbox").mkdir(parents=True, exist_ok=True)
        _write(folder / "campaign.toml", _campaign_toml(folder, lang))
        # gather leaves a README.txt of the inbox alone
        _write(folder / "inbox" / "README.txt", "\ufeff" + words.text("start.inbox_note", lang) + "\n", newline="\r\n")
        for name in _SHEETS:
            _sheet(folder / f"{name}.xlsx", name, rows, lang)
        _form(folder / FORM, rows)
        _launchers(folder)
    except OSError as error:
        raise InputError("start.not_written", folder=str(folder), detail=error.strerror or str(error)) from None
    lines = [words.text("start.made", lang, folder=str(folder))]
    lines += [f"  {name:<28}{words.text(f'start.file.{_file_key(name)}', lang)}" for name in made]
    if rows:
        lines.append(words.text("start.places_filled", lang, n=len({p.code for p in rows})))
    return [*lines, "", words.text("start.next", lang, folder=str(folder))]


def place_list(name: str) -> list[Place]:
    """The places of a list that comes with the program, without populations; a renamed one once for each name."""
    if name not in PLACE_LISTS:
        near = nearest(name, list(PLACE_LISTS))
        known = ", ".join(PLACE_LISTS)
        raise InputError(
            "start.unknown_places_near" if near else "start.unknown_places", name=name, known=known, near=near
        )
    file_name, renamed_on = PLACE_LISTS[name]
    found = []
    with _data("places", file_name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = Place(
                code=row["code"],
                name=row["name"],
                name_en=row["name_en"],
                kind=row["kind"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
            )
            if (row["name_2026"], row["kind_2026"]) == (place.name, place.kind):
                found.append(place)
                continue
            # the English name ends in the kind: "Loc Ninh Commune" becomes "Loc Ninh Ward"
            english = row["name_en"].removesuffix(row["kind"].capitalize()) + row["kind_2026"].capitalize()
            then = replace(place, name=row["name_2026"], name_en=english, kind=row["kind_2026"], valid_from=renamed_on)
            found += [replace(place, valid_to=renamed_on - timedelta(1)), then]
    return found


def _data(*parts: str) -> Path:
    """A file of data/: inside the package where it is installed, beside it in a checkout."""
    here = Path(__file__).parent
    installed = here.joinpath("resources", "data", *parts)
    return installed if installed.exists() else here.parent.joinpath("data", *parts)


def _file_key(name: str) -> str:
    return "launcher" if name in LAUNCHERS else re.sub(r"\W", "_", name.split("/")[0].split(".")[0])


def _write(file: Path, text: str, *, newline: str = "\n") -> None:
    with file.open("x", encoding="utf-8", newline=newline) as out:
        out.write(text)


def _campaign_toml(folder: Path, lang: str) -> str:
    name = unicodedata.normalize("NFC", folder.resolve().name) or "campaign"
    code = "-".join(re.findall(r"[a-z0-9]+", folded(name))) or "campaign"
    # a JSON string is a TOML string
    filled = {"{{id}}": json.dumps(code), "{{name}}": json.dumps(name, ensure_ascii=False)}
    text = (TEMPLATES / f"campaign.{lang}.toml").read_text(encoding="utf-8")
    return re.sub(r"\{\{\w+\}\}", lambda m: filled[m[0]], text)


def _launchers(folder: Path) -> None:
    """Each names the Python that runs now: it has the program, and the one that a double click finds may not."""
    windows, mac, linux = LAUNCHERS
    text = (TEMPLATES / windows).read_text(encoding="utf-8")
    _write(folder / windows, text.replace("@PYTHON@", sys.executable.replace("%", "%%")), newline="\r\n")
    text = (TEMPLATES / mac).read_text(encoding="utf-8")
    for name in (mac, linux):
        _write(folder / name, text.replace("@PYTHON@", shlex.quote(sys.executable)))
        (folder / name).chmod(0o755)


def _workbook(file: Path, subject: str) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(
        str(file), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": subject, "created": _MADE})
    return book


def _choices(key: str, codes: Iterable[str], lang: str) -> list[str]:
    return [words.text(f"choice.{key}.{code}", lang) for code in codes]


def _sheet(file: Path, name: str, places: list[Place], lang: str) -> None:
    """accounts.xlsx, places.xlsx or activities.xlsx: headers, drop-downs, an example row that load leaves out."""
    book = _workbook(file, words.text(f"start.sheet.{name}", lang))
    sheet = book.add_worksheet(words.text(f"start.sheet.{name}", lang))
    bold = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "count": book.add_format({"num_format": "#,##0"}),
        "plain": book.add_format(),
    }
    grey = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
    place_names = list({p.code: p.name for p in places}.values()) if name != "places" else []
    _place_list(book, place_names, lang)
    for column, key in enumerate(_SHEETS[name]):
        kind = (
            "text" if key in _TEXT_COLUMNS else "date" if key in _DATE_COLUMNS
            else "count" if key in _COUNT_COLUMNS else "plain"
        )  # fmt: skip
        header = words.text(f"sheet.{name}.{key}", lang)
        sheet.set_column(column, column, 34 if key in ("name", "note", "population_source") else 18, formats[kind])
        sheet.write_string(0, column, header, bold)
        sheet.write_string(1, column, words.text(f"start.example.{name}.{key}", lang), grey)
        area = (2, column, _ROWS, column)
        if key in _BOOLEAN_COLUMNS:
            sheet.data_validation(
                *area, {"validate": "list", "source": [words.text("start.yes", lang), words.text("start.no", lang)]}
            )
        elif key in ("platform", "owner_level") or (name == "places" and key == "kind"):
            codes = {
                "platform": schema.PLATFORMS,
                "owner_level": schema.OWNER_LEVELS,
                "kind": ("ward", "commune", "special_zone", "province"),
            }
            sheet.data_validation(*area, {"validate": "list", "source": _choices(key, codes[key], lang)})
        elif key == "place" and place_names:
            sheet.data_validation(*area, _from_list(len(place_names), lang, "B"))
        elif kind == "count":
            sheet.data_validation(*area, {"validate": "integer", "criteria": ">=", "value": 0})
    for number, place in enumerate(places if name == "places" else [], start=2):
        for column, key in enumerate(_SHEETS[name]):
            value = getattr(place, key)
            if key == "kind":
                value = words.text(f"choice.kind.{value}", lang)
            if isinstance(value, str):
                sheet.write_string(number, column, value, formats["text" if key in _TEXT_COLUMNS else "plain"])
            elif isinstance(value, float):
                sheet.write_number(number, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), formats["date"])
    sheet.freeze_panes(1, 1)
    _guide(book, words.text(f"start.guide.{name}", lang), words.text("start.sheet.guide", lang))
    book.close()


def _form(file: Path, places: list[Place]) -> None:
    """The sheet for communes that have no export: Vietnamese with English under it, data from row 5."""
    book = _workbook(file, words.text("start.form.title", "vi"))
    sheet = book.add_worksheet(words.text("start.form.sheet", "vi"))
    title = book.add_format({"bold": True, "font_size": 14})
    note = book.add_format({"italic": True, "text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter"})
    gloss = book.add_format({"italic": True, "font_color": "#606060", "border": 1, "text_wrap": True})
    text = book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    count = book.add_format({"num_format": "#,##0"})
    formats = {"place_code": text, "date": day, "as_of": day, "value": count}
    sheet.write_string(0, 0, f"{words.text('start.form.title', 'vi')} / {words.text('start.form.title', 'en')}", title)
    sheet.merge_range(1, 0, 1, len(_FORM_COLUMNS) - 1, "")
    sheet.write_string(1, 0, f"{words.text('start.form.note', 'vi')}\n{words.text('start.form.note', 'en')}", note)
    sheet.set_row(1, 48)
    widths = {"link": 44, "place": 24, "screenshot": 28}
    names = {p.code: p.name for p in places}  # of several names of a place the newest
    _place_list(book, list(names.values()), "vi", list(names))
    for column, key in enumerate(_FORM_COLUMNS):
        sheet.set_column(column, column, widths.get(key, 17), formats.get(key))
        sheet.write_string(2, column, words.text(f"start.form.column.{key}", "vi"), bold)
        sheet.write_string(3, column, words.text(f"start.form.column.{key}", "en"), gloss)
    lists = {
        "platform": [words.text(f"choice.platform.{p}", "vi") for p in _FORM_PLATFORMS],
        "metric": [words.text(f"start.form.metric.{m}", "vi") for m in _FORM_METRICS],
        "evidence": [words.text(f"start.form.evidence.{e}", "vi") for e in schema.EVIDENCE],
    }
    for column, key in enumerate(_FORM_COLUMNS):
        area = (4, column, _ROWS + 3, column)
        if key in lists:
            sheet.data_validation(*area, {"validate": "list", "source": lists[key]})
        elif key in ("date", "as_of"):
            sheet.data_validation(
                *area,
                {
                    "validate": "date",
                    "criteria": ">=",
                    "value": date(2010, 1, 1),
                    "error_message": words.text("start.form.bad_date", "vi"),
                },
            )
        elif key == "value":
            sheet.data_validation(
                *area,
                {
                    "validate": "integer",
                    "criteria": ">=",
                    "value": 0,
                    "error_message": words.text("start.form.bad_value", "vi"),
                },
            )
        elif key in ("place_code", "place") and places:
            sheet.data_validation(*area, _from_list(len(names), "vi", "A" if key == "place_code" else "B"))
    sheet.freeze_panes(4, 0)
    both = f"{words.text('start.form.guide', 'vi')}\n\n{words.text('start.form.guide', 'en')}"
    _guide(book, both, words.text("start.sheet.guide", "vi"))
    book.close()


def _place_list(book: xlsxwriter.Workbook, names: list[str], lang: str, codes: list[str] | None = None) -> None:
    """A tab with codes (A) and names (B) for the drop-downs to draw on; a list in the cell itself holds 255 letters."""
    if not names:
        return
    sheet = book.add_worksheet(words.text("start.sheet.list", lang))
    for row, name in enumerate(names):
        if codes:
            sheet.write_string(row, 0, codes[row])
        sheet.write_string(row, 1, name)
    sheet.set_column(0, 1, 30)
    sheet.hide()


def _from_list(n: int, lang: str, column: str) -> dict[str, Any]:
    source = f"='{words.text('start.sheet.list', lang)}'!${column}$1:${column}${n}"
    return {"validate": "list", "source": source, "error_type": "warning"}


def _guide(book: xlsxwriter.Workbook, text: str, title: str) -> None:
    sheet = book.add_worksheet(title)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 110)
    for row, line in enumerate(text.split("\n")):
        sheet.write_string(row, 0, line, wrap)
