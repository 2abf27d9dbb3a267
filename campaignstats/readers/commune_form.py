"""The collection sheet ``Biểu thu thập`` that `init` writes for communes without an export of their own.

A row is one figure of one post (or of the page: followers), with where the figure comes from. A self-reported figure
keeps that evidence and is never added to others. Saved as CSV it is read too; without its accents it is refused, as a
file that lost letters in the headers has lost them everywhere.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from campaignstats.readers import cells, links, typed
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

NAME = "commune_form"
VERSION = 2
PLATFORM = None
DAY = "declared"
GRAINS = ("post_lifetime", "account_day", "activity")

SHEET = "Biểu thu thập"
COLUMNS = (
    "Mã xã/phường",
    "Xã/phường",
    "Đường liên kết",
    "Nền tảng",
    "Ngày đăng",
    "Chỉ số",
    "Giá trị",
    "Tính đến ngày",
    "Nguồn số liệu",
    "Tệp ảnh chụp màn hình",
)
_KEYS = tuple(header_key(name) for name in COLUMNS)
_CODE, _PLACE, _LINK, _SITE, _POSTED, _METRIC, _VALUE, _AS_OF, _EVIDENCE, _PICTURE = _KEYS
HEADERS = (frozenset(_KEYS) - {_PICTURE},)

METRICS = {
    "Lượt xem": "views",
    "Số người tiếp cận": "reach",
    "Lượt tương tác": "interactions",
    "Lượt thích": "likes",
    "Cảm xúc": "reactions",  # not in the form's list, but what Facebook shows
    "Bình luận": "comments",
    "Lượt chia sẻ": "shares",
    "Người theo dõi": "followers",
}
EVIDENCE = {"Tệp xuất": "export", "Đọc trên màn hình": "screen", "Tự báo cáo": "self_reported"}
SITES = {
    "Facebook": "facebook",
    "Instagram": "instagram",
    "Threads": "threads",
    "YouTube": "youtube",
    "TikTok": "tiktok",
    "X": "x",
    "Zalo": "zalo",
    "Zalo OA": "zalo",
    "LinkedIn": "linkedin",
    "Trang web": "website",
    "Cổng thông tin điện tử": "website",
    "Trang thông tin điện tử": "website",
    "Website": "website",
    "Khác": "other",
}
_METRIC_OF, _EVIDENCE_OF, _SITE_OF = (
    {header_key(word): code for word, code in table.items()} for table in (METRICS, EVIDENCE, SITES)
)
_ACCOUNT_METRICS = frozenset({"followers"})


def claims(document: Document) -> bool:
    return document.kind in ("table", "workbook") and _place_of_header(document) is not None


def _place_of_header(document: Document) -> tuple[str | None, int, bool] | None:
    """(sheet, record number, letters lost) of the header row, or None."""
    named = [s for s in document.sheets if header_key(s) == header_key(SHEET)]
    sheets: list[str | None] = [*named] or [None]
    lost = None
    for sheet in sheets:
        head = document.head if sheet is None or sheet == document.sheets[0] else _first(document, sheet)
        for number, record in head:
            keys = header_keys(record)
            if HEADERS[0] <= set(keys):
                return sheet, number, False
            if lost is None and sum(_lost_letters(k, known) for k in keys for known in _KEYS) >= 6:
                lost = sheet, number, True
    return lost


def _first(document: Document, sheet: str) -> list[tuple[int, list[Any]]]:
    found = []
    for number, record in document.records(sheet):
        found.append((number, record))
        if number >= 20:
            break
    return found


def _lost_letters(key: str, known: str) -> bool:
    """Whether ``key`` is ``known`` with its Vietnamese letters replaced: "ma xa/phuong", "m? xã/phu?ng"."""
    return len(key) == len(known) and all(a == b or ord(b) > 127 for a, b in zip(key, known, strict=True))


def read(document: Document, context: Context) -> Iterator[Yield]:
    """A post and a figure a row; rows that nobody filled in are skipped."""
    place = _place_of_header(document)
    if place is None:
        yield Refused(0, "", "commune_form.no_header")
        return
    sheet, top, lost = place
    if lost:
        yield Refused(0, "", "commune_form.letters_lost")
        return
    yield About(language="vi")
    names: dict[str, int] = {}
    unsaid = 0
    for number, record in document.records(sheet):
        if number <= top:
            if number == top:
                names = {k: i for i, k in reversed(list(enumerate(header_keys(record)))) if k}
            yield Structure(number)
            continue
        row = {k: record[i] if i < len(record) else None for k, i in names.items() if k in _KEYS}
        if number == top + 1 and _is_gloss(row):
            yield Structure(number)
            continue
        if all(cells.text(v) is None for k, v in row.items() if k not in (_CODE, _PLACE, _SITE, _EVIDENCE)):
            yield Skipped(number, "commune_form.not_filled_in")
            continue
        try:
            found, without = _figure(number, row, context)
        except _RowRefused as refused:
            yield Refused(number, "", refused.rule, refused.value, refused.details)
            continue
        unsaid += without
        yield from found
    if unsaid:
        yield About(notes=(("commune_form.evidence_unsaid", {"rows": unsaid}),))


class _RowRefused(Exception):
    def __init__(self, rule: str, value: Any = "", **details: Any) -> None:
        self.rule, self.value, self.details = rule, str(value), details
        super().__init__(rule)


def _is_gloss(row: dict[str, Any]) -> bool:
    """The row of English names below the header: it has words where figures and days stand."""
    written = [row.get(k) for k in (_VALUE, _AS_OF, _POSTED)]
    return all(isinstance(w, str) and w.strip() and w.isascii() and not any(map(str.isdigit, w)) for w in written)


def _figure(number: int, row: dict[str, Any], context: Context) -> tuple[list[Row | Refused], bool]:
    """The rows and refused cells of one line, and whether it leaves open where the figure comes from."""
    refused: list[Refused] = []
    account, name = _commune(row)
    link = links.parsed_link(written) if (written := cells.text(row.get(_LINK))) else None
    if written and link is None:
        raise _RowRefused("commune_form.not_a_link", written)
    platform = _platform(row, link)
    metric = _coded(row, _METRIC, _METRIC_OF, METRICS)
    evidence = _coded(row, _EVIDENCE, _EVIDENCE_OF, EVIDENCE)
    posted, as_of = _day(row, _POSTED), _day(row, _AS_OF)
    if posted and as_of and as_of < posted:
        raise _RowRefused(
            "commune_form.before_posted", row.get(_AS_OF), as_of=f"{as_of:%d/%m/%Y}", posted=f"{posted:%d/%m/%Y}"
        )
    value = None
    try:
        value = typed.figure(row.get(_VALUE))
    except cells.CellRefused as problem:
        if link is None or metric in _ACCOUNT_METRICS:
            raise _RowRefused(problem.rule, row.get(_VALUE), **problem.details) from None
        # the post is known all the same
        refused.append(Refused(number, COLUMNS[6], problem.rule, str(row.get(_VALUE)), problem.details))
    if value is not None and metric is None:
        raise _RowRefused("commune_form.no_metric", row.get(_VALUE))
    if link is None and metric not in _ACCOUNT_METRICS:
        raise _RowRefused("commune_form.no_link")

    taken = cells.zoned(datetime.combine(as_of, time()), context.timezone) if as_of else None
    of_page = metric in _ACCOUNT_METRICS
    if of_page and value is None:
        raise _RowRefused("commune_form.no_value")
    rows: list[Row | Refused] = []
    who = {"platform": platform, "account_id": account}
    if link is not None and not of_page:
        rows.append(
            Row(
                "post",
                number,
                {
                    **who,
                    "post_id": link.post_id,
                    "account_name": link.handle or name,
                    "published_at": cells.zoned(datetime.combine(posted, time()), context.timezone) if posted else None,
                    "published_precision": "day" if posted else None,
                    "published_text": str(row[_POSTED]) if posted else None,
                    "published_zone": context.timezone if posted else None,
                    "permalink": link.url,
                    "status": "ok",
                    "as_of": taken,
                },
            )
        )
    if value is not None:
        rows.append(
            Row(
                "metric",
                number,
                {
                    **who,
                    "item_kind": "account" if of_page else "post",
                    "item": account if of_page or link is None else link.post_id,
                    "metric": metric,
                    "traffic": "total",
                    "grain": "account_day" if of_page else "post_lifetime",
                    "period_start": as_of if of_page else None,
                    "period_end": as_of if of_page else None,
                    "day_zone": context.timezone if of_page else None,
                    "value": value.value,
                    "approximate": value.approximate,
                    "evidence": evidence or "self_reported",
                    "as_of": taken,
                },
            )
        )
    return [*rows, *refused], evidence is None and value is not None


def _commune(row: dict[str, Any]) -> tuple[str, str | None]:
    """("place:<code>", name); the sheet names a commune, not a page. The name stands in where the code is missing."""
    code, name = row.get(_CODE), cells.text(row.get(_PLACE))
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    # a spreadsheet takes the zeros off the front of a code
    written = f"{code:05d}" if isinstance(code, int) and not isinstance(code, bool) else cells.text(code)
    if written is not None and not (written.isascii() and written.isdigit()):
        raise _RowRefused("commune_form.not_a_code", written, code=written)
    if written is None and name is None:
        raise _RowRefused("commune_form.no_commune")
    return f"place:{unicodedata.normalize('NFC', written or name or '')}", name


def _platform(row: dict[str, Any], link: links.Link | None) -> str:
    said = _coded(row, _SITE, _SITE_OF, SITES)
    if link is None:
        if said is None:
            raise _RowRefused("commune_form.no_platform")
        return said
    if said in (None, "other", link.platform):
        return link.platform
    if link.platform == "website" and said is not None:
        return said  # a short link of a host that we don't know
    raise _RowRefused("commune_form.platforms_differ", row.get(_SITE), said=said, link=link.platform)


def _coded(row: dict[str, Any], key: str, codes: dict[str, str], words: dict[str, str]) -> str | None:
    written = cells.text(row.get(key))
    if written is None:
        return None
    if (code := codes.get(header_key(written))) is None:
        column = COLUMNS[_KEYS.index(key)]
        raise _RowRefused("commune_form.unknown_word", written, column=column, known=", ".join(words))
    return code


def _day(row: dict[str, Any], key: str) -> Any:
    try:
        return typed.day(row.get(key))
    except cells.CellRefused:
        raise _RowRefused("commune_form.day", row.get(key), column=COLUMNS[_KEYS.index(key)]) from None
