"""Items: one shape for what a JSON list, NDJSON and a table flattened from them hold, and how its values are read.

Used by the readers of collected posts and comments. A value may be anything that JSON can hold: what does not fit is
refused cell by cell, never raised. Not a reader.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from campaignstats.readers import cells, links
from campaignstats.readers.base import Document, Refused, Row, Structure, of_head

READERS = ()

TOLERANCE = timedelta(minutes=30)  # between a stated time and the one in the id
ID_FROM_LINK = "id_from_link"  # flag of a post whose own id a spreadsheet had rounded
_EXACT = 2**53  # the largest whole number that every JSON writer keeps
_MOST = 10**15  # no platform has counted further
_FIRST = datetime(2004, 1, 1, tzinfo=UTC)
_LAST = datetime(2100, 1, 1, tzinfo=UTC)


def inside(data: Any, *names: str) -> Any:
    """The value under nested names, "0" for the first of a list; None where the way ends."""
    for name in names:
        if isinstance(data, list):
            data = data[int(name)] if name.isdecimal() and int(name) < len(data) else None
        else:
            data = data.get(name) if isinstance(data, dict) else None
    return data


def plain_text(value: Any) -> str | None:
    """The value as text without outer blanks; None for what is no text or number."""
    if value is None or isinstance(value, dict | list | bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return cells.text(value)


def visible(value: Any) -> float | None:
    """A count; the sites write -1 for a hidden one, which is missing."""
    found = cells.number(value, whole=True, negative=True)
    if found is not None and found > _MOST:
        raise cells.CellRefused("not_a_number")
    return None if found is None or found < 0 else found


def whole(value: float | None) -> int | None:
    return None if value is None else int(value)


# what ids look like: a cell that has moved, a name or a mark of direction in it, is none
SHAPES = {
    "tiktok": re.compile(r"\d{1,20}"),
    "x": re.compile(r"\d{1,20}"),
    "facebook": re.compile(r"\d{1,20}(?:_\d{1,20})?|pfbid\w{4,}"),
    "instagram": re.compile(r"[A-Za-z0-9_-]{5,60}|\d{1,20}"),
    "threads": re.compile(r"[A-Za-z0-9_-]{5,60}"),
    # a comment or the thread it is in (z12… until 2017), or SHA-1 of it; a channel's UC… is none
    "youtube": re.compile(r"(?:Ug|z\d)[\w-]{10,}(?:\.[\w-]+)?|[0-9a-f]{40}", re.ASCII),
    "youtube video": re.compile(r"[\w-]{11}", re.ASCII),
}


def instant(value: Any) -> datetime | None:
    """An ISO 8601 text with its offset as an instant in UTC, refused outside 2004-2100."""
    found = cells.utc(value)
    if found is not None and not _FIRST <= found < _LAST:
        raise cells.CellRefused("not_a_date", expected="iso")
    return found


class Item:
    """One item and what was refused of it. ``exact``: it comes from JSON, where no spreadsheet has been."""

    def __init__(self, number: int, data: dict[str, Any], *, exact: bool = True, path: tuple[str, ...] = ()) -> None:
        self.number = number
        self.data = data
        self.exact = exact
        self.path = path
        self.refused: list[Refused] = []

    def below(self, data: dict[str, Any], *path: str) -> "Item":
        """An item within this one; what is refused of it stands in the same list."""
        inner = Item(self.number, data, exact=self.exact, path=(*self.path, *path))
        inner.refused = self.refused
        return inner

    def at(self, *path: str) -> Any:
        return inside(self.data, *path)

    def cell(self, name: str, value: Any, parsed: Callable[[Any], Any]) -> Any:
        """What ``parsed`` makes of the value; None where it refuses, which is noted under the cell's name."""
        try:
            return parsed(value)
        except cells.CellRefused as problem:
            rule, details = problem.rule, problem.details
        except OverflowError:  # a whole number of 400 digits, a time in the year 1
            rule, details = "not_a_number", {}
        self.refused.append(Refused(self.number, "/".join((*self.path, name)), rule, str(value)[:120], details))
        return None

    def text(self, *path: str) -> str | None:
        return plain_text(self.at(*path))

    def count(self, *path: str) -> float | None:
        return self._parsed(path, visible)

    def whole(self, *path: str) -> int | None:
        return whole(self.count(*path))

    def number_at(self, *path: str) -> float | None:
        return self._parsed(path, cells.number)

    def instant(self, *path: str) -> datetime | None:
        return self._parsed(path, instant)

    def epoch(self, *path: str) -> datetime | None:
        return self._parsed(path, cells.from_epoch)

    def id(self, *path: str, of: str) -> str | None:
        """The id, which must look as those ``of`` a platform do."""

        return self._parsed(path, self.shaped(of))

    def shaped(self, of: str) -> Callable[[Any], str | None]:
        def parsed(value: Any) -> str | None:
            found = self._id(value)
            if found is not None and not SHAPES[of].fullmatch(found):
                raise cells.CellRefused("items.bad_id")
            return found

        return parsed

    def truth(self, *path: str) -> bool | None:
        return cells.truth(self.at(*path))

    def _parsed(self, path: tuple[str, ...], parsed: Callable[[Any], Any]) -> Any:
        return self.cell("/".join(path), self.at(*path), parsed)

    def _id(self, value: Any) -> str | None:
        if value is None or isinstance(value, bool | dict | list):
            return None
        if self.exact and (isinstance(value, str) or (isinstance(value, int) and abs(value) <= _EXACT)):
            return str(value).strip() or None
        return cells.platform_id(value)


@lru_cache(maxsize=4096)  # a thousand comments name one post
def linked_post(url: str | None, platform: str) -> links.Link | None:
    """What a link says of its post; None where it leads elsewhere or hides the post's id."""
    link = links.parsed_link(url) if url and "://" in url else None
    return link if link and link.platform == platform and not link.post_id.startswith("link:") else None


def linked_id(url: str | None, platform: str) -> str | None:
    link = linked_post(url, platform)
    return link.post_id if link else None


def mended_id(item: Item, name: str, linked: str | None, *, of: str) -> tuple[str | None, str | None]:
    """(id, flag): the item's own; where there is none, or a spreadsheet has rounded it, the one in its link."""
    damaged = not item.exact and cells.is_damaged_id(item.at(name))
    if linked is not None and (damaged or item.text(name) is None):
        return linked, ID_FROM_LINK if damaged else None
    return item.id(name, of=of), None


def checked_time(stated: datetime | None, in_id: datetime | None) -> tuple[datetime | None, str | None]:
    """(instant, flag): the stated one, else the one in the id; and whether they differ."""
    if stated is None:
        return in_id, "time_from_id" if in_id else None
    return stated, "time_differs_from_id" if in_id and abs(stated - in_id) > TOLERANCE else None


def post_rows(item: Item, counts: dict[str, float | None], **values: Any) -> list[Row]:
    """The post's row and one for each of its counts to date; ``values`` must hold account_id, be it None.

    The metrics name no account: gather gives them the post's, hidden or not.
    """
    post = Row("post", item.number, {"status": "ok", **values})
    shared = {"platform": values["platform"], "item_kind": "post", "item": values["post_id"], "traffic": "total"}
    rows = [post]
    for metric, count in counts.items():
        if count is not None:
            own = {"metric": metric, "grain": "post_lifetime", "value": count, "evidence": "export"}
            rows.append(Row("metric", item.number, shared | own | {"as_of": values.get("as_of")}))
    return rows


# ---- items of any kind of document ---------------------------------------------------------------------------------


def header_of(document: Document, *needed: frozenset[str]) -> tuple[int, list[str]] | None:
    """(record number, names) of the first record of a table's head that holds every name of one of the sets."""
    for number, (names, present) in of_head(document, "names", _names):
        if any(wanted <= present for wanted in needed):
            return number, list(names)
    return None


def _names(record: list[Any]) -> tuple[list[str], frozenset[str]]:
    names = [plain_text(c) or "" for c in record]
    return names, frozenset(names)


def some_items(document: Document) -> list[dict[str, Any]]:
    """The first items of a JSON or NDJSON document: enough to see what it is."""
    if document.kind == "ndjson":
        found: list[Any] = [item for _, item in document.head]
    elif document.kind == "json":
        payload = document.payload
        found = payload[:40] if isinstance(payload, list) else [payload]
    else:
        found = []
    return [item for item in found if isinstance(item, dict)]


def items_of(
    document: Document, roots: frozenset[str], *needed: frozenset[str]
) -> Iterator[Item | Refused | Structure]:
    """Every record of the document as an Item; headers as Structure, what is no item as Refused.

    Of a table only the columns below ``roots`` are read; its header is the record that holds one of ``needed``.
    """
    if document.kind == "json":
        payload = document.payload
        for number, value in document.items(payload if isinstance(payload, list) else [payload]):
            if isinstance(value, dict):
                yield Item(number, value)
            else:
                yield Refused(number, "", "items.not_an_item")
        return
    if document.kind == "ndjson":
        for number, line in document.records():
            yield Item(number, cast(dict[str, Any], line))  # the opening hands out nothing but objects
        return
    found = header_of(document, *needed)
    assert found is not None  # no claim without it
    top, names = found
    separator = "/" if any("/" in name for name in names) else "."
    paths = [tuple(name.split(separator)) for name in names]
    places = [i for i, path in enumerate(paths) if path[0] in roots]
    for number, record in document.records():
        again = plain_text(record[0]) == names[0] and [plain_text(c) or "" for c in record] == names
        if number <= top or again:  # files joined by hand repeat the header
            yield Structure(number)
            continue
        extra = [c for c in record[len(names) :] if cells.text(c) is not None]
        if extra:
            yield Refused(number, "", "row_too_long", str(extra[0]), {"cells": len(record), "columns": len(names)})
            continue
        yield Item(number, _nested(paths, places, record), exact=False)


def _nested(paths: list[tuple[str, ...]], places: list[int], record: list[Any]) -> dict[str, Any]:
    """A flat record as the object that it was: "authorMeta/name" below authorMeta, "comments/0/text" in a list."""
    root: dict[str, Any] = {}
    for i in places:
        cell = record[i] if i < len(record) else None
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        *way, last = paths[i]
        here = root
        for name in way:
            inner = here.setdefault(name, {})
            if not isinstance(inner, dict):  # a column of the same name holds a value: it stands
                break
            here = inner
        else:
            here.setdefault(last, cell)
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(v) for name, v in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
