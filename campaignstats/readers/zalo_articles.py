"""Zalo Official Account, saved answers of its API: articles and the account itself. FORMATS 8.

article/getslice (a list with views and shares to date), article/getdetail (one article), oa/getoa (the account and its
followers). A file is one answer, or a list or lines of them. Of a list of followers only the total is read; other lists
of users, users and conversations are refused: they are people. There is no reach, and no figure by day.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from campaignstats.readers import cells as cell
from campaignstats.readers.base import About, Context, Document, Format, Refused, Row, Skipped, Yield
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.links import parsed_link
from campaignstats.readers.nested import Doubts, count, inside, listed, mapping, plain

PLATFORM = "zalo"

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_ARTICLE = ("total_view", "total_share", "link_view", "create_date", "update_date")
_KINDS = {"normal": "article", "video": "video"}
_MESSAGE = {"message_id", "msg_id", "from_id", "to_id", "from_display_name", "to_display_name", "src"}
_USER = {"user_id", "user_alias", "user_id_by_app", "shared_info", "user_is_follower", "user_last_interaction_date"}
_TOKEN = (-216, -220, -124, -14014)  # the access token is wrong or has expired
_DAY = re.compile(r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


class _Piece(NamedTuple):
    """What one item of a file is: article | account | followers | users | messages | error | unknown."""

    what: str
    value: Any = None


def _code(answer: dict[str, Any]) -> int | None:
    """The code of an answer, 0 for success; None where it has none and so is no answer of Zalo's."""
    code = answer.get("error")
    if isinstance(code, str) and re.fullmatch(r"-?\d{1,6}", code.strip()):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _is_article(item: Any) -> bool:
    item = mapping(item)
    return "id" in item and "title" in item and any(name in item for name in (*_ARTICLE, "body", "cover"))


def _pieces(answers: Iterable[Any]) -> Iterator[_Piece]:
    """Every article, account or total; what is none of them stands for itself. An empty page holds nothing."""
    for answer in answers:
        whole = mapping(answer)
        if _is_article(answer):  # a script's own list of articles
            yield _Piece("article", answer)
            continue
        code = _code(whole)
        if code is None:
            yield _Piece("unknown")
        elif code != 0:
            yield _Piece("error", code)
        else:
            yield from _of_data(whole.get("data"))


def _of_data(data: Any) -> Iterator[_Piece]:
    inner = mapping(data)
    articles = next((inner[n] for n in ("medias", "articles") if isinstance(inner.get(n), list)), None)
    if articles is not None:
        for article in articles:
            yield _Piece("article" if _is_article(article) else _personal(article) or "unknown", article)
    elif "oa_id" in inner and "name" in inner:
        yield _Piece("account", inner)
    elif isinstance(inner.get("followers"), list):
        yield _Piece("followers", inner.get("total"))
    elif _is_article(data):
        yield _Piece("article", data)
    else:
        yield _Piece(_personal(data) or "unknown")


def _personal(data: Any) -> str | None:
    """users | messages, where the data are people's."""
    inner = mapping(data)
    for item in (inner, *map(mapping, listed(data)[:20])):
        if _MESSAGE & set(item):
            return "messages"
    if isinstance(inner.get("users"), list) or any(_USER & set(mapping(i)) for i in (inner, *listed(data)[:20])):
        return "users"
    return None


def _answers(document: Document) -> list[Any]:
    """The answers of a file: its lines, its list, or itself."""
    if document.kind == "ndjson":
        return [item for _, item in document.records()]
    payload = document.payload
    return payload if isinstance(payload, list) else [payload]


def _claims(document: Document) -> bool:
    if document.kind == "ndjson":
        return any(_is_answer(item) for _, item in document.head[:5])
    if document.kind != "json":
        return False
    payload = document.payload
    return any(map(_is_answer, payload[:5] if isinstance(payload, list) else [payload]))


def _is_answer(item: Any) -> bool:
    """Zalo's envelope around data that are its own, one of its error bodies, or an article of a script's list."""
    if not isinstance(item, dict):
        return False
    code = _code(item)
    if code is None:
        return _is_article(item) and "total_view" in item and ("link_view" in item or "total_share" in item)
    if code < 0:
        return isinstance(item.get("message"), str) and set(item) <= _ENVELOPE
    known = [p for p in _of_data(item.get("data")) if p.what != "unknown"]
    empty = any(inside(item, "data", n) == [] for n in ("medias", "articles"))
    return code == 0 and "data" in item and bool(known or empty)


_ENVELOPE = {"error", "message", "data", "error_name", "error_reason", "error_description", "ref_doc"}


def _read(document: Document, context: Context) -> Iterator[Yield]:
    """Articles with their views and shares to date; the account's followers on the day of the answer."""
    answers = _answers(document)
    pieces = list(_pieces(answers))
    if len(pieces) == 1 and (rule := _refusal(pieces[0])) is not None:
        yield Refused(0, "", *rule)
        return
    day, evidence = _day(context)
    accounts = {plain(p.value.get("oa_id")) for p in pieces if p.what == "account"} - {None}
    account = accounts.pop() if len(accounts) == 1 else None
    if evidence and day:
        at = cell.zoned(datetime(day.year, day.month, day.day), context.timezone)
        yield About(exported_at=at, exported_evidence=evidence)
    seen: dict[str, int] = {}  # article -> what was said of it
    counted: set[str] = set()
    newest: datetime | None = None
    n_people = 0
    for number, piece in document.items(pieces):
        if (rule := _refusal(piece)) is not None:
            yield Refused(number, "", *rule)
            continue
        doubts = Doubts(number)
        if piece.what == "article":
            try:
                rows = _article(number, piece.value, account, doubts)
            except CellRefused as problem:
                yield Refused(number, "", problem.rule, "", problem.details)
                continue
            item = rows[0].values["post_id"]
            mark = hash(repr([r.values for r in rows]))
            if item in seen:
                if seen[item] == mark:
                    yield Skipped(number, "meta.repeated_row")
                elif len(rows) == 1:  # its detail, after the list had it
                    yield Skipped(number, "zalo_articles.known")
                elif item in counted:
                    yield Refused(number, "", "meta.post_twice")
                else:
                    counted.add(item)
                    yield from rows[1:]
                    yield from doubts.refused
                continue
            seen[item] = mark
            counted |= {item} if len(rows) > 1 else set()
            newest = max((t for t in (newest, rows[0].values["published_at"]) if t), default=None)
        else:
            n_people += piece.what == "followers"
            rows = _account(number, piece, account, day, doubts)
            if not rows and not doubts.refused:
                yield Skipped(number, "no_values")
                continue
            if not rows:
                yield doubts.refused[0]._replace(column="")
                continue
        yield from rows
        yield from doubts.refused
    notes: list[tuple[str, dict[str, Any]]] = []
    totals = [n for a in answers if (n := _total(a)) is not None]
    if totals and max(totals) > (articles := sum(p.what == "article" for p in pieces)):
        notes.append(("zalo_articles.not_last_page", {"total": int(max(totals)), "articles": articles}))
    if n_people:
        notes.append(("zalo_articles.people_left_out", {}))
    if seen:
        notes.append(("zalo_articles.no_reach", {}))
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=tuple(notes))


def _refusal(piece: _Piece) -> tuple[str, str, dict[str, Any]] | None:
    """(rule, value, details) of a piece that is no data."""
    if piece.what == "error":
        rule = "zalo_articles.token" if piece.value in _TOKEN else "zalo_articles.error"
        return rule, "", {"code": str(piece.value)}
    if piece.what in ("users", "messages", "unknown"):
        return f"zalo_articles.{piece.what}", "", {}
    return None


def _total(answer: Any) -> float | None:
    """How many articles the account has, as a list of them says."""
    data = inside(answer, "data")
    if not any(isinstance(mapping(data).get(n), list) for n in ("medias", "articles")):
        return None
    total: float | None = Doubts(0).read("total", inside(data, "total"), count)
    return total


def _day(context: Context) -> tuple[date | None, str | None]:
    """The day of the answer: declared, or in the file's name or a folder's."""
    if context.exported_at is not None:
        return context.exported_at.astimezone(_VIETNAM).date(), None
    for name in reversed(context.names):
        if found := _DAY.search(name):
            try:
                return date(int(found[1]), int(found[2]), int(found[3])), "file_name"
            except ValueError:
                continue
    if context.archived_at is not None:
        return context.archived_at.date(), None
    return None, None


def _article(number: int, item: dict[str, Any], account: str | None, doubts: Doubts) -> list[Row]:
    """The article and its figures to date; a detail without figures is a post alone."""
    id_ = item.get("id")
    post_id = str(id_) if isinstance(id_, int) and not isinstance(id_, bool) else plain(id_)
    if isinstance(id_, float) or not post_id:
        raise CellRefused("zalo_articles.no_id")
    title, description = plain(item.get("title")), plain(item.get("description"))
    link = parsed_link(url) if (url := plain(item.get("link_view"))) else None
    values = {
        "platform": PLATFORM,
        "post_id": post_id,
        "account_id": account,
        "text": "\n".join(t for t in (title, description) if t) or None,
        "kind": _KINDS.get((plain(item.get("type")) or "normal").casefold(), "article"),
        "published_at": doubts.read("create_date", item.get("create_date"), _milliseconds),
        "published_precision": "second",
        "published_text": plain(item.get("create_date")),
        "published_zone": "UTC",
        "permalink": link.url if link else None,
        "status": "ok",
        "flags": "hidden" if (plain(item.get("status")) or "").casefold() == "hide" else None,
    }
    if values["published_at"] is None:
        values |= {"published_precision": None, "published_zone": None}
    rows = [Row("post", number, values)]
    same = {"platform": PLATFORM, "item_kind": "post", "item": post_id, "account_id": account}
    for name, metric in (("total_view", "views"), ("total_share", "shares")):
        value = doubts.read(name, item.get(name), count)
        if value is not None:
            figure = {"metric": metric, "traffic": "total", "grain": "post_lifetime", "value": value}
            rows.append(Row("metric", number, {**same, **figure, "evidence": "export"}))
    return rows


def _account(number: int, piece: _Piece, account: str | None, day: date | None, doubts: Doubts) -> list[Row]:
    """The account and its followers. A total without its day is refused: it would be of any day."""
    rows = []
    value, name = piece.value, "total"
    if piece.what == "account":
        own = plain(piece.value.get("oa_id"))
        about = {"platform": PLATFORM, "account_id": own, "name": plain(piece.value.get("name"))}
        about["handle"] = plain(piece.value.get("oa_alias"))
        rows = [Row("account", number, about)] if own else []
        account, value, name = own, piece.value.get("num_follower"), "num_follower"
    followers = doubts.read(name, value, count)
    if followers is None:
        return rows
    if day is None:
        doubts.refused.append(Refused(number, name, "zalo_articles.no_day", f"{followers:.0f}"))
        return rows
    held: dict[str, Any] = {"platform": PLATFORM, "item_kind": "account", "item": account, "account_id": account}
    held |= {"metric": "followers", "traffic": "total", "grain": "account_day", "value": followers}
    held |= {"period_start": day, "period_end": day, "day_zone": _VIETNAM.key, "evidence": "export"}
    return [*rows, Row("metric", number, held)]


def _milliseconds(value: Any) -> datetime | None:
    found = cell.number(value, whole=True)
    return cell.from_epoch(found / 1000) if found is not None else None


READERS = (
    Format(
        "zalo_articles",
        PLATFORM,
        (),
        _read,
        _VIETNAM.key,
        ("post_lifetime", "account_day"),
        VERSION=2,
        PERSONAL=True,
        claims=_claims,
    ),
)
