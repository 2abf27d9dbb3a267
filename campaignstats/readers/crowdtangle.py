"""CrowdTangle: dashboard CSV of Facebook pages and groups and of Instagram, and the API's JSON. FORMATS 10g.

Meta closed CrowdTangle on 14 August 2024; archives remain. The CSV names its zone in each cell ("2023-11-05 22:56:36
EST"): an abbreviation that more than one country uses is refused, unless the post's own id tells the time. "Likes" on
Facebook are likes alone: reactions are the sum of all kinds. "Total Interactions" is a sum of the other columns: it
checks them, and is not stored beside them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from campaignstats.campaign import name_id
from campaignstats.readers import cells as cell
from campaignstats.readers.base import (
    About,
    Context,
    Document,
    Format,
    Refused,
    Row,
    Skipped,
    Structure,
    Yield,
    header_key,
    header_keys,
)
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.columns import Header, too_long
from campaignstats.readers.links import Link, parsed_link
from campaignstats.readers.nested import Doubts, count, inside, mapping, plain

_HEADERS = tuple(
    frozenset({*who, when, "url"})
    for who in (("page name", "facebook id"), ("group name", "facebook id"), ("account", "user name", "likes"))
    for when in ("post created", "created")
)
_KINDS_OF_REACTION = ("likes", "love", "wow", "haha", "sad", "angry", "care", "thankful")
_COLUMNS = {
    **{kind: kind for kind in _KINDS_OF_REACTION},
    "comments": "comments",
    "shares": "shares",
    "post views": "views",
    "views": "views",
    "followers at posting": "followers",
}
_METRICS = {
    "likes": "likes",
    "love": "reactions_love",
    "wow": "reactions_wow",
    "haha": "reactions_haha",
    "sad": "reactions_sad",
    "angry": "reactions_angry",
    "care": "reactions_care",
    "comments": "comments",
    "shares": "shares",
}
_READ = frozenset(
    {"page name", "group name", "account", "user name", "facebook id", "post created", "created", "type", "url"}
    | {"message", "description", "title", "video share status", "video length"}
)
# about the page, the shared page, or the same again: known, and not wanted
_UNUSED = frozenset(
    {"page category", "page admin top country", "page description", "page created", "sponsor id", "sponsor name"}
    | {"sponsor category", "post created date", "post created time", "is video owner?", "link", "final link", "photo"}
    | {"image text", "link text"}
)
# other figures, said in a note: a video's views in all posts would be counted again in each of them
_LEFT_OUT = re.compile(r"total views.*|likes at posting|size at posting|overperforming score.*|performance score.*")
_TOTAL = "total interactions"
_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)x")
_KIND = {
    "photo": "photo",
    "album": "carousel",
    "link": "link",
    "youtube": "link",
    "status": "text",
    "video": "video",
    "native video": "video",
    "igtv": "video",
    "reel": "reel",
    "live video": "live",
    "live video complete": "live",
    "live video scheduled": "live",
}
_CAPS = (10_000, 300_000)  # rows of a search, and of a historical report
_NEAR = timedelta(minutes=30)
_ZONE_RULES = ("crowdtangle.ambiguous_zone", "crowdtangle.unknown_zone", "no_time_zone")

# Abbreviations that mean one offset in the IANA database from 2012 to 2024, in hours
_OFFSETS: Mapping[str, float] = {
    **{"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3},
    **{"EST": -5, "EDT": -4, "PDT": -7, "MDT": -6, "AKST": -9, "AKDT": -8, "HST": -10, "ADT": -3, "NDT": -2.5},
    **{"BRT": -3, "BRST": -2, "ART": -3, "CLT": -4, "CLST": -3, "COT": -5, "PET": -5, "VET": -4, "UYT": -3},
    **{"ICT": 7, "WIB": 7, "WITA": 8, "WIT": 9, "SGT": 8, "MYT": 8, "HKT": 8, "PHT": 8, "JST": 9, "KHT": 7},
    **{"AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "CHST": 10},
    **{"SAST": 2, "CAT": 2, "EAT": 3, "WAT": 1, "PKT": 5, "NPT": 5.75, "IDT": 3, "TRT": 3, "MMT": 6.5, "ULAT": 8},
}
# used for several zones: China, Cuba and the United States; India, Israel and Ireland; Manila and the US Pacific …
_AMBIGUOUS = frozenset({"CST", "CDT", "IST", "PST", "MST", "BST", "AST", "KST", "MSK", "NST", "SST", "GST", "AMT"})
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\s+([A-Za-z]{1,5}|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?))?")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?")
_EXAMPLE = "2023-11-05 22:56:36 EST"
# 2023-11-05-22-56-36-EST-search-csv-export.csv, 2023-11-05-22-56-36-EST-Historical-Report-….csv
_NAMED = re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)-([A-Za-z]{2,5}|[+-]\d{2,4})(?=-)")


def zone_offset(written: str) -> timezone:
    """The zone that an abbreviation or an offset ("+07", "GMT+7", "-0300") names; CellRefused where it is not one."""
    key = written.upper()
    if found := _OFFSET.fullmatch(key):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours <= 14 and minutes < 60:
            shift = timedelta(hours=hours, minutes=minutes)
            return timezone(-shift if found[1] == "-" else shift)
    if key in _AMBIGUOUS:
        raise CellRefused("crowdtangle.ambiguous_zone", zone=key)
    if key not in _OFFSETS:
        raise CellRefused("crowdtangle.unknown_zone", zone=key[:12])
    return timezone(timedelta(hours=_OFFSETS[key]))


def _instant(written: Any, zone: str | None = None) -> datetime | None:
    """The instant of "2023-11-05 22:56:36 EST" in UTC; ``zone`` where the text itself is known to have none."""
    if cell.text(written) is None:
        return None
    found = _ZONED.fullmatch(str(written).strip())
    if found is None:
        raise CellRefused("not_a_date", expected=_EXAMPLE)
    named = found[2] or zone
    if named is None:
        raise CellRefused("no_time_zone")
    at = cell.clock(found[1], "%Y-%m-%d %H:%M:%S")
    if at is None or not 2004 <= at.year < 2100:
        raise CellRefused("not_a_date", expected=_EXAMPLE)
    return at.replace(tzinfo=zone_offset(named)).astimezone(UTC)


def _count(written: Any) -> float | None:
    """A count; CrowdTangle writes thousands with commas in some columns ("1,234")."""
    if isinstance(written, str) and re.fullmatch(r"\s*-?\d{1,3}(?:,\d{3})+\s*", written):
        written = written.replace(",", "")
    return count(written)


def _named_instant(names: Iterable[str]) -> datetime | None:
    """When the file was made, as its name says in a zone that is certain."""
    for name in names:
        if found := _NAMED.search(name):
            try:
                return _instant(f"{found[1]} {found[2]}:{found[3]}:{found[4]} {found[5]}")
            except CellRefused:
                continue
    return None


class _Post(NamedTuple):
    """What both forms say of a post, before it is judged."""

    platform: str
    link: Link
    account_id: str | None
    account_name: str | None
    text: str | None
    kind: str
    published: datetime | None
    published_text: str | None
    zone: str | None
    counts: dict[str, float]
    as_of: datetime | None
    total: float | None = None
    duration: float | None = None
    video_status: str | None = None


def _rows(row: int, post: _Post, doubts: Doubts) -> list[Row]:
    """The post, its figures, and the followers that its account had then."""
    in_id = cell.ig_shortcode_time(post.link.post_id) if post.platform == "instagram" else None
    published, zone, flags = post.published, post.zone, []
    if published is None and in_id is not None:
        published, zone, flags = in_id, "UTC", ["time_from_id"]
        doubts.refused = [r for r in doubts.refused if r.rule not in _ZONE_RULES]
    elif published is not None and in_id is not None and abs(published - in_id) > _NEAR:
        flags = ["time_differs_from_id"]
    counts = dict(post.counts)
    kinds = [counts.pop(k) for k in _KINDS_OF_REACTION if k in counts] if post.platform == "facebook" else []
    figures = {_METRICS[k]: post.counts[k] for k in _METRICS if k in post.counts}
    if len(kinds) > 1 and "likes" in figures and not any(_is_reaction(r.column) for r in doubts.refused):
        figures["reactions"] = sum(kinds)
    parts = [figures.get(m) for m in (("reactions", "shares") if post.platform == "facebook" else ("likes",))]
    parts.append(figures.get("comments"))
    if post.total is not None and None not in parts and sum(p for p in parts if p is not None) != post.total:
        flags.append("interactions_differ")
    views = post.counts.get("views")
    if views is not None and (views > 0 or post.kind in ("video", "reel", "live")):  # photos are given a 0
        figures["views"] = views
    values = {
        "platform": post.platform,
        "post_id": post.link.post_id,
        "account_id": post.account_id,
        "account_name": post.account_name,
        "text": post.text,
        "kind": post.kind,
        "published_at": published,
        "published_precision": "second" if published else None,
        "published_text": post.published_text,
        "published_zone": zone if published else None,
        "permalink": post.link.url,
        "duration": post.duration,
        "is_crosspost": post.video_status == "crosspost" if post.video_status else None,
        "is_share": post.video_status == "share" if post.video_status else None,
        "status": "ok",
        "flags": "|".join(flags) or None,
        "as_of": post.as_of,
    }
    # no account_id: gather takes the one under which it stored the post
    same: dict[str, Any] = {
        "platform": post.platform,
        "item_kind": "post",
        "item": post.link.post_id,
        "grain": "post_lifetime",
    }
    same |= {"traffic": "total", "evidence": "export", "as_of": post.as_of}
    rows = [Row("post", row, values)]
    rows += [Row("metric", row, {**same, "metric": name, "value": value}) for name, value in figures.items()]
    followers = post.counts.get("followers")
    if followers is not None and published is not None and post.account_id is not None:
        held: dict[str, Any] = {"platform": post.platform, "item_kind": "account", "item": None}
        held |= {"account_id": post.account_id, "metric": "followers", "traffic": "total", "value": followers}
        held["grain"] = "account_day"
        held |= {"period_start": published.date(), "period_end": published.date(), "day_zone": "UTC"}
        rows.append(Row("metric", row, {**held, "evidence": "export", "as_of": published}))
    return rows


def _is_reaction(column: str) -> bool:
    return column.casefold().removesuffix("count") in _KINDS_OF_REACTION or column == "likeCount"


def _table(document: Document, context: Context) -> Iterator[Yield]:
    """Posts with their counts as they stood when the file was made."""
    header = Header.claimed(document, _HEADERS, _COLUMNS)
    facebook = header.column("facebook id") is not None
    groups = header.column("group name") is not None
    total_at = _total_column(header)
    made = _named_instant(reversed(context.names))
    yield About(
        language="en",
        platform="facebook" if facebook else "instagram",
        exported_at=made,
        exported_evidence="file_name" if made else None,
    )
    at_names = {name: header.column(name) for name in _READ}
    seen: dict[str, int] = {}  # post -> what its row says
    found: Counter[str] = Counter()
    newest: datetime | None = None
    for row, cells in document.records():
        if row <= header.row:
            yield Structure(row)
            continue
        if header_keys(cells) == header.keys:
            yield Skipped(row, "meta.repeated_header")
            continue
        found["rows"] += 1
        if (refused := too_long(header, row, cells)) is not None:
            yield refused._replace(value="")
            continue

        def at(*names: str, cells: list[Any] = cells) -> Any:
            places = [at_names[n] for n in names]
            return next((cells[i] for i in places if i is not None and i < len(cells)), None)

        link = parsed_link(str(at("url"))) if cell.text(at("url")) else None
        if link is None or link.platform not in ("facebook", "instagram"):
            yield Refused(row, "", "crowdtangle.no_link")
            continue
        counts, cells_refused = header.values(row, cells, dict.fromkeys(header.metrics, _count))
        doubts = Doubts(row)
        doubts.refused += cells_refused
        written = at("post created", "created")
        named = _ZONED.fullmatch(str(written).strip()) if written is not None else None
        published = doubts.read(header.names[header.column("post created", "created") or 0], written, _instant)
        name = at("page name", "group name", "account")
        total = cells[total_at] if total_at is not None and total_at < len(cells) else None
        post = _Post(
            platform="facebook" if facebook else "instagram",
            link=link,
            account_id=_account_id(doubts, at("facebook id"), at("user name"), name),
            account_name=cell.text(name) or cell.text(at("user name")),
            text=cell.text(at("message") if facebook else at("description") or at("title")),
            kind=_KIND.get(str(at("type") or "").strip().casefold().replace("_", " "), "other"),
            published=published,
            published_text=cell.text(written),
            zone=named[2] if named and named[2] else None,
            counts=counts,
            as_of=made if context.exported_at is None else None,
            total=doubts.read(header.names[total_at], total, _count) if total_at is not None else None,
            duration=doubts.read("Video Length", at("video length"), cell.duration),
            video_status=(cell.text(at("video share status")) or "").casefold() or None,
        )
        mark = hash((post.text, post.published_text, *sorted(counts.items())))
        if link.post_id in seen:
            twice = Refused(row, "", "meta.post_twice")
            yield Skipped(row, "meta.repeated_row") if seen[link.post_id] == mark else twice
            continue
        seen[link.post_id] = mark
        rows = _rows(row, post, doubts)
        found["differ"] += "interactions_differ" in str(rows[0].values["flags"])
        found["unzoned"] += any(r.rule in _ZONE_RULES for r in doubts.refused)
        newest = max((t for t in (newest, rows[0].values["published_at"]) if t), default=None)
        yield from rows
        yield from doubts.refused
    notes: list[tuple[str, dict[str, Any]]] = []
    if found["rows"] in _CAPS:
        notes.append(("crowdtangle.capped", {"rows": found["rows"]}))
    if groups:
        notes.append(("crowdtangle.groups", {}))
    if found["differ"]:
        notes.append(("crowdtangle.interactions_differ", {"posts": found["differ"]}))
    if found["unzoned"]:
        notes.append(("crowdtangle.no_zone", {"posts": found["unzoned"]}))
    rest = header.unread({*_READ, *_UNUSED})
    if left_out := [n for n in rest if _LEFT_OUT.fullmatch(header_key(n))]:
        notes.append(("crowdtangle.left_out", {"columns": "; ".join(n.split("(")[0].strip() for n in left_out)}))
    if unknown := [n for n in rest if n not in left_out and not header_key(n).startswith(_TOTAL)]:
        notes.append(("crowdtangle.columns_unknown", {"columns": "; ".join(unknown)}))
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=tuple(notes))


def _total_column(header: Header) -> int | None:
    """The column of the sum that checks the others; none where kinds were weighted unequally."""
    for i, key in enumerate(header.keys):
        if key.startswith(_TOTAL) and all(float(w) == 1 for w in _WEIGHT.findall(key)):
            return i
    return None


def _account_id(doubts: Doubts, id_: Any, *names: Any) -> str | None:
    """Facebook's id; for Instagram, and where a spreadsheet has rounded it, the id of the account's name."""
    found: str | None = doubts.read("Facebook Id", id_, cell.platform_id)
    name = next((t for t in map(cell.text, names) if t), None)
    return found or (name_id(name) if name else None)


# -- the API --------------------------------------------------------------------------------------------------------

_API_COUNTS = {
    "likeCount": "likes",
    "favoriteCount": "likes",
    "loveCount": "love",
    "wowCount": "wow",
    "hahaCount": "haha",
    "sadCount": "sad",
    "angryCount": "angry",
    "careCount": "care",
    "thankfulCount": "thankful",
    "commentCount": "comments",
    "shareCount": "shares",
}


def _status(answer: dict[str, Any]) -> int | None:
    """The code of an answer, as of HTTP; None where it has none."""
    code = answer.get("status")
    return code if isinstance(code, int) and 100 <= code < 1000 else None


def _is_response(payload: Any) -> bool:
    if not isinstance(payload, dict) or _status(payload) is None:
        return False
    posts = inside(payload, "result", "posts")
    if isinstance(posts, list):
        return not posts or any("platformId" in mapping(p) or "statistics" in mapping(p) for p in posts[:5])
    return "result" not in payload and payload["status"] != 200 and "notes" in payload


def _claims_api(document: Document) -> bool:
    payload = document.payload
    return document.kind == "json" and any(map(_is_response, payload[:3] if isinstance(payload, list) else [payload]))


def _api(document: Document, context: Context) -> Iterator[Yield]:
    """Posts of one response, or of a list of them, each as it stood when the API updated it."""
    payload = document.payload
    if isinstance(payload, dict) and "result" not in payload:
        yield Refused(0, "", "crowdtangle.error", "", {"status": payload["status"]})
        return
    responses = payload if isinstance(payload, list) else [payload]
    newest: datetime | None = None
    platforms = set()
    for number, item in document.items(_api_items(responses)):
        doubts = Doubts(number)
        try:
            post = _api_post(item, doubts)
        except CellRefused as problem:
            yield Refused(number, "", problem.rule, "", problem.details)
            continue
        rows = _rows(number, post, doubts)
        yield from rows
        yield from doubts.refused
        platforms.add(post.platform)
        newest = max((t for t in (newest, post.as_of) if t), default=None)
    last = responses[-1] if responses else None
    yield About(
        platform=platforms.pop() if len(platforms) == 1 else None,
        exported_at=newest,
        exported_evidence="content" if newest else None,
        notes=(("crowdtangle.not_last_page", {}),) if inside(last, "result", "pagination", "nextPage") else (),
    )


def _api_items(responses: list[Any]) -> Iterator[Any]:
    """Every post; a response without posts (an error among others) stands for itself."""
    for response in responses:
        posts = inside(response, "result", "posts")
        yield from posts if isinstance(posts, list) else [response]


def _api_post(item: Any, doubts: Doubts) -> _Post:
    if not isinstance(item, dict):
        raise CellRefused("crowdtangle.not_a_post")
    if "statistics" not in item and (code := _status(item)) is not None:
        raise CellRefused("crowdtangle.error", status=code)
    platform = (plain(item.get("platform")) or "").casefold()
    if platform not in ("facebook", "instagram"):
        raise CellRefused("crowdtangle.platform", platform=platform[:20] or "?")
    account = mapping(item.get("account"))
    whole_id, url = plain(item.get("platformId")), plain(item.get("postUrl"))
    link = parsed_link(url) if url else None
    page, _, post_id = (whole_id or "").partition("_")
    if platform == "facebook" and page.isdecimal() and post_id.isdecimal():
        link = Link("facebook", post_id, None, link.url if link else f"https://facebook.com/{page}/posts/{post_id}")
    if link is None or link.platform != platform:
        raise CellRefused("crowdtangle.no_link")
    handle, name = plain(account.get("handle")), plain(account.get("name"))
    own_id = plain(account.get("platformId")) if platform == "facebook" else None
    known = own_id if own_id and own_id.isdecimal() else None
    named = handle or name
    stated = item.get("date")
    counts = {}
    for key, value in mapping(inside(item, "statistics", "actual")).items():
        if key in _API_COUNTS and (number := doubts.read(key, value, count)) is not None:
            counts[_API_COUNTS[key]] = number
    return _Post(
        platform=platform,
        link=link,
        account_id=known or (name_id(named) if named else None),
        account_name=name or handle,
        text=plain(item.get("message")) or (plain(item.get("description")) if platform == "instagram" else None),
        kind=_KIND.get((plain(item.get("type")) or "").casefold().replace("_", " "), "other"),
        published=doubts.read("date", stated, lambda v: _instant(v, "UTC")),
        published_text=plain(stated),
        zone="UTC",
        counts=counts,
        as_of=doubts.read("updated", item.get("updated"), lambda v: _instant(v, "UTC")),
    )


READERS = (
    Format(
        "crowdtangle", None, _HEADERS, _table, "cell", ("post_lifetime", "account_day"), PERSONAL=True, CAPTURED=True
    ),
    Format(
        "crowdtangle_api", None, (), _api, "UTC", ("post_lifetime",), PERSONAL=True, CAPTURED=True, claims=_claims_api
    ),
)
