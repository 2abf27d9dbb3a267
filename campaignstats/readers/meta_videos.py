"""Meta Business Suite's content export by video asset, of today and of 2021. FORMATS 1b.

One row is a clip, whatever posts show it: there is no Post ID and no link, and the same clips stand in the export by
post under other ids. So a clip is the item "video:<asset id>", its post is flagged "video_level", and
``measures.videos`` leaves out those that an export by post holds too (docs/decisions/0007).
"""

import re
from collections.abc import Iterator
from typing import Any

from campaignstats.readers.base import Context, Document, Refused, Yield, found_header, header_keys
from campaignstats.readers.meta_content import FIELDS, METRICS, PACIFIC, Plan, Reading, Table, titles

NAME = "mbs_fb_videos"
VERSION = 2
PLATFORM = "facebook"
HEADERS = (frozenset({"video asset id", "page id", "publish time"}),)
DAY = PACIFIC
GRAINS = ("post_lifetime", "post_day", "audience_share")
ENDS_LINES = True

# what the export of 2021 calls otherwise; its "Comment" is the error text, its "Comments" the count
_FIELDS = {key: name for key, name in FIELDS.items() if name != "id"} | {
    "video asset id": "id",
    "comment": "data_comment",
}
_METRICS = METRICS | {
    "averaged seconds viewed": "average_seconds_viewed",
    "60-second video views": "video_views_1m",
    "60-second viewers": "video_viewers_1m",
}
# of 2021: "views" by country do not say how long a view is, and earnings are told once more by kind
_LEFT_OUT = re.compile(r"views by .+|estimated earnings by .+")
# a page's post in Vietnamese without the id and the link of a post: what the columns of clips are called, nobody knows
_VIETNAMESE = frozenset({"id trang", "tên trang", "tiêu đề", "thời lượng (giây)", "thời gian đăng"})
_OF_POSTS = frozenset({"id bài viết", "liên kết vĩnh viễn"})


def claims(document: Document) -> bool:
    if document.kind not in ("table", "workbook"):
        return False
    return found_header(document, HEADERS) is not None or _vietnamese(document)


def _vietnamese(document: Document) -> bool:
    found = (set(header_keys(cells)) for _, cells in document.head)
    return any(keys >= _VIETNAMESE and not keys & _OF_POSTS for keys in found)


def read(document: Document, context: Context) -> Iterator[Yield]:
    """Clips as posts of kind "video", with their figures for their lifetime or by day."""
    header = found_header(document, HEADERS)
    if header is None:
        yield Refused(0, "", "meta.videos_vietnamese")
        return
    table = Table(document, header[0], Plan.of(titles(document, header[0]), _FIELDS, _METRICS, _LEFT_OUT))
    yield from table.fates()
    yield from _Clips("facebook", "en", table.plan, table.data, context).yields()


class _Clips(Reading):
    def _identity(self, cells: list[Any], permalink: str | None, flags: list[str]) -> tuple[str, str]:
        asset, status = super()._identity(cells, permalink, flags)
        flags.append("video_level")
        return f"video:{asset}", status

    def _post(self, *given: Any) -> dict[str, Any]:
        return super()._post(*given) | {"kind": "video"}
