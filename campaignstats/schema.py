"""The canonical tables: columns, types, keys. The one contract between readers, store and measures.

Types: ``string``, ``int`` (nullable 64 bit), ``float``, ``bool`` (nullable), ``instant`` (UTC, microseconds),
``date`` (a calendar day, of the zone that the row or format names).
"""

import re
from dataclasses import dataclass

VERSION = 2
PSEUDONYM = re.compile(r"k[0-9a-f]{20}")  # what stands for a private person's name in every table

PLATFORMS = ("facebook", "instagram", "threads", "youtube", "tiktok", "x", "linkedin", "zalo", "website", "other")
OWNER_LEVELS = ("province", "commune", "union", "press", "partner")
TRAFFICS = ("total", "organic", "paid")
EVIDENCE = ("export", "screen", "self_reported")
GRAINS = ("post_lifetime", "post_period", "post_day", "account_day", "account_period")


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    required: bool = False
    note: str = ""


@dataclass(frozen=True)
class Table:
    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)


def _table(name: str, key: str, *columns: Column) -> Table:
    return Table(name, tuple(key.split()), columns)


# where a row came from: every gathered row carries both
_ORIGIN = (Column("source", "string", True, "sha256 of the file's bytes"), Column("row", "int", True, "record in it"))

SOURCE = _table(
    "source",
    "source",
    Column("source", "string", True, "sha256 of the file's bytes"),
    Column("stamp", "string", True, "hash of everything but the bytes that the rows depend on"),
    Column("path", "string", True, "place in the inbox; a member of an archive stands after '!/'"),
    Column("format", "string", True, "the reader that claimed it, '' if none"),
    Column("platform", "string"),
    Column("language", "string", note="of the headers: vi or en"),
    Column("exported_at", "instant", note="when the platform wrote the file, as far as known"),
    Column("exported_evidence", "string", note="declared | archive | file_name | content | at_least"),
    Column("period_start", "date"),
    Column("period_end", "date"),
    Column("encoding", "string"),
    Column("repairs", "string", note="'|'-joined names of repairs made"),
    Column("notes", "string", note="JSON list of [note key, values]"),
    Column("tables", "string", note="'|'-joined tables that hold rows of it"),
    Column("n_read", "int", True),
    Column("n_kept", "int", True),
    Column("n_quarantined", "int", True),
    Column("n_skipped", "int", True),
    Column("n_cells_refused", "int", True),
    Column("skipped", "string", note="JSON: reason -> rows"),
    Column("reader_version", "int", True),
    Column("redaction_version", "int", True),
    Column("schema_version", "int", True),
)

QUARANTINE = _table(
    "quarantine",
    "source row column",
    *_ORIGIN,
    Column("column", "string", True, "header of the refused cell; '' for a row; row 0 for the whole file"),
    Column("rule", "string", True, "catalogue key below [rule]"),
    Column("value", "string", note="redacted"),
    Column("details", "string", note="JSON: the values that the rule's sentence names"),
)

ACCOUNT = _table(
    "account",
    "platform account_id",
    Column("platform", "string", True),
    Column("account_id", "string", True, "the platform's id; 'file:…' where the file does not name its account"),
    Column("name", "string"),
    Column("handle", "string"),
    *_ORIGIN,
)

POST = _table(
    "post",
    "platform post_id",
    Column("platform", "string", True),
    Column("post_id", "string", True),
    Column("account_id", "string"),
    Column("account_name", "string"),
    Column("text", "string", note="redacted"),
    Column(
        "kind", "string", note="photo | video | reel | short | story | link | text | carousel | live | article | other"
    ),
    Column("published_at", "instant"),
    Column("published_precision", "string", note="second | minute | day"),
    Column("published_text", "string", note="as the file had it"),
    Column("published_zone", "string", note="zone that the text was read in"),
    Column("permalink", "string"),
    Column("duration", "float", note="seconds"),
    Column("is_crosspost", "bool"),
    Column("is_share", "bool"),
    Column("status", "string", True, "ok | unavailable (deleted, private or expired)"),
    Column("flags", "string", note="'|'-joined doubts, e.g. time_differs_from_id"),
    Column("as_of", "instant", note="the row's own; else the source's exported_at"),
    *_ORIGIN,
)

METRIC = _table(
    "metric",
    "platform item_kind item metric definition traffic grain period_start period_end as_of",
    Column("platform", "string", True),
    Column("item_kind", "string", True, "post | account"),
    Column("item", "string", True, "post_id or account_id"),
    Column("account_id", "string"),
    Column("metric", "string", True, "a name of metrics.toml"),
    Column("definition", "string", True, "id of the dated definition in metrics.toml"),
    Column("traffic", "string", True, "total | organic | paid"),
    Column("grain", "string", True, "post_lifetime | post_period | post_day | account_day | account_period"),
    Column("period_start", "date", note="first day counted; missing for lifetime"),
    Column("period_end", "date", note="last day counted; missing for lifetime"),
    Column("day_zone", "string", note="zone of the days"),
    Column("value", "float", True),
    Column("evidence", "string", True, "export | screen | self_reported"),
    Column("approximate", "bool", note="written rounded, e.g. 1,2 N"),
    Column("as_of", "instant"),
    *_ORIGIN,
)

AUDIENCE = _table(
    "audience",
    "platform item_kind item dimension group as_of",
    Column("platform", "string", True),
    Column("item_kind", "string", True, "post | account"),
    Column("item", "string", True),
    Column("dimension", "string", True, "age_gender | country | city | territory | gender | …"),
    Column("group", "string", True),
    Column("value", "float", True),
    Column("unit", "string", True, "people | share | events"),
    Column("period_start", "date"),
    Column("period_end", "date"),
    Column("as_of", "instant"),
    *_ORIGIN,
)

COMMENT = _table(
    "comment",
    "platform comment_id",
    Column("platform", "string", True),
    Column("comment_id", "string", True, "the platform's, or 'h:' and a keyed hash of post, author, time and text"),
    Column("post_id", "string"),
    Column("parent_id", "string"),
    Column("author", "string", note="keyed pseudonym"),
    Column("is_owner", "bool", note="written by the page itself"),
    Column("is_reply", "bool"),
    Column("text", "string", note="redacted"),
    Column("published_at", "instant"),
    Column("published_text", "string"),
    Column("published_zone", "string"),
    Column("likes", "int"),
    Column("n_replies", "int"),
    Column("flags", "string"),
    Column("as_of", "instant"),
    *_ORIGIN,
)

ACTIVITY = _table(
    "activity",
    "source row",
    *_ORIGIN,
    Column("kind", "string", True),
    Column("date", "date"),
    Column("place", "string"),
    Column("people", "int"),
    Column("copies", "int"),
    Column("sessions", "int"),
    Column("sector", "string"),
    Column("note", "string", note="redacted"),
)

TAG = _table(
    "tag",
    "item_kind platform item",
    Column("item_kind", "string", True, "post | comment"),
    Column("platform", "string", True),
    Column("item", "string", True),
    Column("tagger", "string", True),
    Column("version", "string", True),
    Column("themes", "string", note="'|'-joined codes; '' none"),
    Column("themes_masked", "string", note="the same with the campaign's own name and slogan masked"),
    Column("sentiment", "string"),
    Column("stance", "string"),
    Column("hostile", "string"),
    Column("victim_blaming", "string"),
    Column("help", "string"),
    Column("reception_kind", "string", note="comments: opinion | friend_tag | emoji | contest | copy"),
    Column("text_key", "string", note="hash of the normalised text: equal for boilerplate copies"),
    Column("source", "string", True),
)

TABLES: dict[str, Table] = {
    t.name: t for t in (SOURCE, QUARANTINE, ACCOUNT, POST, METRIC, AUDIENCE, COMMENT, ACTIVITY, TAG)
}
# what a reader may yield; gather adds source, stamp and definition itself
READ_TABLES = ("account", "post", "metric", "audience", "comment", "activity")
