"""Formats that are known by sight but not read yet: refused by their own name rather than as strangers."""

from collections.abc import Iterator
from dataclasses import dataclass

from campaignstats.readers.base import Context, Document, Refused, Yield, found_header


@dataclass(frozen=True)
class Recognised:
    NAME: str
    TITLE: str
    HEADERS: tuple[frozenset[str], ...] = ()
    JSON_KEYS: frozenset[str] = frozenset()
    PLATFORM: str | None = None
    VERSION: int = 1
    DAY: str = "declared"
    GRAINS: tuple[str, ...] = ("post_lifetime",)

    def claims(self, document: Document) -> bool:
        if document.kind == "json":
            return (
                bool(self.JSON_KEYS) and isinstance(document.payload, dict) and set(_keys(document)) >= self.JSON_KEYS
            )
        return document.kind in ("table", "workbook") and found_header(document, self.HEADERS) is not None

    def read(self, document: Document, context: Context) -> Iterator[Yield]:
        yield Refused(0, "", "not_read_yet", "", {"format": self.TITLE})


def _keys(document: Document) -> list[str]:
    """The names at the top of a JSON document and one step down."""
    below = [v for v in document.payload.values() if isinstance(v, dict)]
    return [*document.payload, *(key for value in below for key in value)]


READERS = (
    Recognised(
        "crowdtangle",
        "CrowdTangle",
        (
            frozenset({"page name", "user name", "facebook id", "total interactions", "post created"}),
            frozenset({"group name", "user name", "facebook id", "total interactions", "post created"}),
            frozenset({"account", "user name", "followers at posting", "likes", "comments", "url", "description"}),
        ),
        frozenset({"status", "result", "posts"}),
    ),
)
