"""Facebook and Instagram, "Download your information" as JSON: the account's own posts, and nothing else. FORMATS 10i.

Such a download holds a person's whole life on the platform. Posts are read (text, time, kind); addresses, tags, places
and file names are dropped. Messages, comments, reactions, friends and all other parts are refused by name, and nothing
of them is kept. There are no figures, no ids and no account in these files: the id is a hash of time and text, the
account comes from a folder or ``[[export]]``. Meta writes UTF-8 bytes as separate letters: put right where every byte
proves it.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from campaignstats.readers import cells as cell
from campaignstats.readers.base import About, Context, Document, Format, Refused, Row, Skipped, Yield
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.links import link_id
from campaignstats.readers.nested import Doubts, listed, mapping, plain

# lists of posts by the name that stands above them; other names ending so are other people's or other parts
_FACEBOOK_LISTS = re.compile(r"(?:your_|page_|profile_)?(?:posts|status_updates)(?:_v\d)?")
_INSTAGRAM_LISTS = {
    "ig_posts": None,
    "ig_reels_media": "reel",
    "ig_igtv_media": "video",
    "ig_stories": "story",
    "ig_archived_post_media": None,
}
# other parts of a download, by the names at their top
_COMMENTS = re.compile(r"comments?|comments?_.+|.+_comments?(?:_.+)?")
_PRIVATE = {"string_map_data", "string_list_data", "media_list_data", "label_values"}
_PARTS = re.compile(
    r".+_v\d|ig_.+|relationships_.+|likes_.+|account_history_.+|profile_(?:user|info|change|business).*|saved_.+"
    r"|story_activities_.+|searches_.+|topics_.+|inferred_.+|devices_.+|monetization_.+|ads_.+|apps_and_websites.*"
    r"|text_and_link_posts|contacts_.+|friends.*|followers.*|following.*|status_updates_in_groups|group_posts.*"
    r"|events?_.+|reactions.*"
)
# folders of conversations: each folder in them is called after a person
_THREADS = {"inbox", "archived_threads", "filtered_threads", "message_requests", "e2ee_cutover", "broadcast"}
_VIDEO, _PHOTO = (".mp4", ".mov", ".webm", ".m4v"), (".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic")


class _List(NamedTuple):
    platform: str
    items: list[Any]
    kind: str | None = None


def _is_facebook_post(item: Any) -> bool:
    if not isinstance(item, dict) or "timestamp" not in item or _foreign(item):
        return False
    data, attached = item.get("data"), item.get("attachments")
    if isinstance(data, list) and any({"comment", "reaction", "poke"} & set(mapping(d)) for d in data):
        return False
    return isinstance(data, list) or isinstance(attached, list)


def _foreign(item: dict[str, Any]) -> bool:
    """Whether an item bears a name that only other parts of a download, or other tools, have."""
    return bool((_PRIVATE | {"participants", "messages", "thread_path", "postId", "facebookUrl"}) & set(item))


def _is_instagram_post(item: Any) -> bool:
    if not isinstance(item, dict) or _foreign(item):
        return False
    media = item.get("media")
    if isinstance(media, list):
        return any("creation_timestamp" in mapping(m) and "uri" in mapping(m) for m in media)
    return "creation_timestamp" in item and "uri" in item


def _posts_of(payload: Any) -> _List | None:
    """The list of posts of a document, or None where it is another part of a download, or no part of one."""
    if isinstance(payload, list):
        if any(map(_is_facebook_post, payload[:20])):
            return _List("facebook", payload)
        if any(map(_is_instagram_post, payload[:20])):
            return _List("instagram", payload)
        return None
    if not isinstance(payload, dict) or len(payload) > 3:
        return None
    for name, value in payload.items():
        if not isinstance(value, list):
            continue
        if name in _INSTAGRAM_LISTS:
            return _List("instagram", value, _INSTAGRAM_LISTS[name])
        if _FACEBOOK_LISTS.fullmatch(name) and (not value or any(map(_is_facebook_post, value[:20]))):
            return _List("facebook", value)
    if _is_facebook_post(payload) and not isinstance(payload.get("timestamp"), dict):
        return _List("facebook", [payload])  # a download with one post only
    return _List("instagram", [payload]) if _is_instagram_post(payload) else None


def _other_part(payload: Any) -> str | None:
    """messages | comments | other: which part of a download this is, if it is one and none that holds posts."""
    if isinstance(payload, list):
        items = [mapping(i) for i in payload[:20]]
        if any(map(_is_messages, items)):
            return "messages"
        if any(map(_is_comment, items)):
            return "comments"
        return "other" if any(_PRIVATE & set(i) for i in items) else None
    if not isinstance(payload, dict):
        return None
    if _is_messages(payload):
        return "messages"
    if _is_comment(payload):
        return "comments"
    lists = {str(k).casefold(): v for k, v in payload.items() if isinstance(v, list | dict)} if len(payload) < 4 else {}
    for name, value in lists.items():
        if _COMMENTS.fullmatch(name) and ("_" in name or any(_is_comment(mapping(i)) for i in listed(value)[:20])):
            return "comments"
    return "other" if _PRIVATE & set(payload) or any(map(_PARTS.fullmatch, lists)) else None


def _is_messages(item: dict[str, Any]) -> bool:
    return {"participants", "messages"} <= set(item) or "thread_path" in item or "magic_words" in item


def _is_comment(item: dict[str, Any]) -> bool:
    if "timestamp" in item and any("comment" in mapping(d) for d in listed(item.get("data"))):
        return True
    return "Comment" in mapping(item.get("string_map_data"))


def _claims_posts(document: Document) -> bool:
    return document.kind == "json" and _posts_of(document.payload) is not None


def _claims_other(document: Document) -> bool:
    return document.kind == "json" and _posts_of(document.payload) is None and _other_part(document.payload) is not None


def unmangled(text: str) -> str:
    """The text whose UTF-8 bytes were written as letters of their own ("bÃ¬nh" for "bình"), else the text as it is."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _posts(document: Document, context: Context) -> Iterator[Yield]:
    """The account's own posts; no figures."""
    found = _posts_of(document.payload)
    assert found is not None  # no claim without it
    yield About(platform=found.platform)
    seen: set[str] = set()
    newest: datetime | None = None
    n_mangled = 0
    for number, item in document.items(found.items):
        doubts = Doubts(number)
        try:
            row, mangled = _post(number, item, found, context, doubts)
        except CellRefused as problem:
            yield Refused(number, "", problem.rule, "", problem.details)
            continue
        if row.values["post_id"] in seen:
            yield Skipped(number, "meta.repeated_row")
            continue
        seen.add(row.values["post_id"])
        n_mangled += mangled
        newest = max((t for t in (newest, row.values["published_at"]) if t), default=None)
        yield row
        yield from doubts.refused
    notes: list[tuple[str, dict[str, Any]]] = [("meta_download.no_figures", {})]
    if n_mangled:
        notes.append(("meta_download.mangled", {"posts": n_mangled}))
    yield About(exported_at=newest, exported_evidence="at_least" if newest else None, notes=tuple(notes))


def _post(number: int, item: Any, found: _List, context: Context, doubts: Doubts) -> tuple[Row, bool]:
    """The post's row, and whether its letters were put right."""
    if found.platform == "facebook":
        if not _is_facebook_post(item):
            raise CellRefused("meta_download.not_a_post")
        stamp, written, kind = item.get("timestamp"), _facebook_text(item), _facebook_kind(item)
    else:
        if not _is_instagram_post(item):
            raise CellRefused("meta_download.not_a_post")
        stamp, written, kind = _instagram_stamp(item), _instagram_text(item), found.kind or _instagram_kind(item)
    published = doubts.read("timestamp", stamp, cell.from_epoch)
    if published is None:
        raise CellRefused("meta_download.no_time")
    text = unmangled(written) if written else None
    # the account is part of the id: two pages may post the same words in the same second
    post_id = link_id(f"{found.platform} {context.account or ''} {plain(stamp)} {text or ''}")
    values = {
        "platform": found.platform,
        "post_id": post_id,
        "text": text.strip() or None if text else None,
        "kind": kind if text or kind != "text" else "other",
        "published_at": published,
        "published_precision": "second",
        "published_text": plain(stamp),
        "published_zone": "UTC",
        "status": "ok",
    }
    return Row("post", number, values), text != written


def _facebook_text(item: dict[str, Any]) -> str | None:
    for entry in listed(item.get("data")):
        post = mapping(entry).get("post")
        if isinstance(post, str) and post.strip():
            return post
    captions = [plain(m.get("description")) for m in _attached(item, "media")]
    return next((c for c in captions if c), None)


def _attached(item: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [
        mapping(mapping(entry).get(what))
        for attachment in listed(item.get("attachments"))
        for entry in listed(mapping(attachment).get("data"))
        if isinstance(mapping(entry).get(what), dict)
    ]


def _facebook_kind(item: dict[str, Any]) -> str:
    media = [(plain(m.get("uri")) or "").casefold() for m in _attached(item, "media")]
    if any(uri.endswith(_VIDEO) for uri in media):
        return "video"
    if media:
        return "photo"
    return "link" if any(plain(c.get("url")) for c in _attached(item, "external_context")) else "text"


def _media(item: dict[str, Any]) -> list[dict[str, Any]]:
    media = item.get("media")
    return [m for m in media if isinstance(m, dict)] if isinstance(media, list) else [item]


def _instagram_stamp(item: dict[str, Any]) -> Any:
    own = item.get("creation_timestamp")
    return own if own is not None else next((m.get("creation_timestamp") for m in _media(item)), None)


def _instagram_text(item: dict[str, Any]) -> str | None:
    """An album has its caption above its pictures, a single picture below."""
    titles = [item.get("title"), *(m.get("title") for m in _media(item))]
    return next((t for t in titles if isinstance(t, str) and t.strip()), None)


def _instagram_kind(item: dict[str, Any]) -> str:
    media = [(plain(m.get("uri")) or "").casefold() for m in _media(item)]
    if len(media) > 1:
        return "carousel"
    if any(uri.endswith(_VIDEO) for uri in media):
        return "video"
    return "photo" if any(uri.endswith(_PHOTO) for uri in media) else "other"


def _other(document: Document, context: Context) -> Iterator[Yield]:
    """Nothing: whatever else stands in a download is private."""
    yield About(path=_nameless(context.names))
    yield Refused(0, "", f"meta_download.{_other_part(document.payload)}")


def _nameless(names: tuple[str, ...]) -> str | None:
    """The file's place without the folder that Meta calls after the person written to; None where there is none."""
    shown = [
        "…" if before in _THREADS and place < len(names) - 1 else name
        for place, (before, name) in enumerate(zip(("", *names), names, strict=False))
    ]
    return "/".join(shown) if shown != list(names) else None


READERS = (
    Format("meta_download", None, (), _posts, "UTC", ("post_lifetime",), PERSONAL=True, claims=_claims_posts),
    Format("meta_download_private", None, (), _other, "UTC", ("post_lifetime",), PERSONAL=True, claims=_claims_other),
)
