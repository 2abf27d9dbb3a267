"""Meta Business Suite: Audience.csv (age and gender, countries, cities) and Top content formats.csv.

Blocks under titles; names and values stand in two rows, one above the other. Neither file names its page, its platform
or its days.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

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
from campaignstats.readers.cells import CellRefused, number, text
from campaignstats.readers.columns import settled

_GENDERS = {"women": "F", "nữ": "F", "phụ nữ": "F", "female": "F", "men": "M", "nam": "M", "nam giới": "M", "male": "M"}
_AGE_TITLES = {"age & gender", "age and gender", "tuổi & giới tính", "độ tuổi & giới tính", "độ tuổi và giới tính"}
_LIST_TITLES = {
    "top countries": "country",
    "quốc gia hàng đầu": "country",
    "các quốc gia hàng đầu": "country",
    "top cities": "city",
    "thành phố hàng đầu": "city",
    "tỉnh/thành phố hàng đầu": "city",
    "thị trấn/thành phố hàng đầu": "city",
    "top towns/cities": "city",
}
_FOLLOWERS = {"facebook followers": "facebook", "instagram followers": "instagram"}
_AGE = re.compile(r"\d{2}\s*[-–]\s*\d{2}|\d{2}\+")

_FIGURE = re.compile(r"[-+]?[\d.,\s]*\d[\d.,\s]*%?")  # no country, city or age is called so

_FORMAT_TITLES = {
    "views": "views_by_format",
    "lượt xem": "views_by_format",
    "reach": "reach_by_format",
    "số người tiếp cận": "reach_by_format",
    "content interactions": "interactions_by_format",
    "lượt tương tác với nội dung": "interactions_by_format",
    "published content": "published_by_format",
    "nội dung đã đăng": "published_by_format",
}
_FORMATS = {"reels", "photos", "links", "text", "stories", "videos", "multi-photo", "multi-media", "live", "others"}
_FORMATS |= {"thước phim", "ảnh", "liên kết", "văn bản", "tin", "video", "nhiều ảnh", "trực tiếp", "khác"}


def _filled(cells: list[Any]) -> list[Any]:
    return [c for c in cells if text(c) is not None]


def _titles(document: Document) -> Iterator[tuple[str, list[Any]]]:
    """(key of a one-cell record, the record after it) for every title in the head."""
    records = [cells for _, cells in document.head]
    for here, after in itertools.pairwise(records):
        if len(filled := _filled(here)) == 1:
            yield header_key(str(filled[0])), after


class Audience:
    NAME = "mbs_audience"
    VERSION = 2
    PLATFORM = None
    DAY = "export"
    GRAINS = ("audience_share",)
    HEADERS = (frozenset({"women", "men"}), frozenset({"nữ", "nam"}))

    @staticmethod
    def claims(document: Document) -> bool:
        if document.kind not in ("table", "workbook"):
            return False
        return any(
            (key in _AGE_TITLES and any(k in _GENDERS for k in header_keys(after))) or key in _LIST_TITLES
            for key, after in _titles(document)
        )

    @staticmethod
    def read(document: Document, context: Context) -> Iterator[Yield]:
        """Shares of the audience as ``audience`` rows of the account."""
        records = list(document.records())
        platform = context.platform
        titles = [header_key(str(_filled(c)[0])) for _, c in records if len(_filled(c)) == 1]
        said = {_FOLLOWERS[t] for t in titles if t in _FOLLOWERS}
        if platform is None and len(said) == 1:
            platform = said.pop()
        if platform is None:
            yield Refused(0, "", "platform_unknown", "", {"title": "Audience", "path": document.path})
            return
        common = {"platform": platform, "item_kind": "account", "unit": "share"}
        block, title, language = "", "", "en"
        names: list[str] | None = None
        genders: list[str | None] = []
        for n, cells in records:
            filled = _filled(cells)
            if not filled:  # nothing but marks that nobody sees
                yield Skipped(n, "no_values")
                continue
            key = header_key(str(filled[0]))
            if len(filled) == 1 and (key in _AGE_TITLES or key in _LIST_TITLES or key in _FOLLOWERS):
                title, names = str(filled[0]), None
                block = _LIST_TITLES.get(key) or ("followers" if key in _FOLLOWERS else "age_gender")
                language = language if key.isascii() else "vi"
                yield Structure(n)
            elif block == "followers":
                yield Skipped(n, "meta.followers_without_day")
            elif block == "age_gender" and any(k in _GENDERS for k in header_keys(cells)):
                genders = [_GENDERS.get(k) for k in header_keys(cells)]
                yield Structure(n)
            elif block == "age_gender" and genders and _AGE.fullmatch(str(cells[0] or "").strip()):
                age = re.sub(r"\s*[-–]\s*", "-", str(cells[0]).strip())
                pairs = [(f"{g} {age}", i) for i, g in enumerate(genders) if g]
                yield from _shares(n, cells, pairs, common | {"dimension": "age_gender"})
            elif block in ("country", "city") and names is None:
                names = [str(c).strip() for c in filled]
                yield Structure(n)
            elif block in ("country", "city") and names is not None:
                if len(names) == 2 * len(filled):  # "Biên Hòa, Vietnam" was split at its comma
                    names = [f"{a}, {b}" for a, b in zip(names[::2], names[1::2], strict=True)]
                if len(names) != len(filled):
                    details = {"names": len(names), "values": len(filled)}
                    yield Refused(n, "", "meta.names_and_values_differ", "", details)
                else:
                    pairs = list(zip(names, (i for i, c in enumerate(cells) if text(c) is not None), strict=True))
                    yield from _shares(n, cells, pairs, common | {"dimension": block})
                block = ""
            else:
                yield Refused(n, "", "meta.block_unknown", str(filled[0]), {"title": title or str(filled[0])})
        yield About(language=language, platform=platform)


def _shares(n: int, cells: list[Any], pairs: list[tuple[str, int]], common: dict[str, Any]) -> Iterator[Yield]:
    """Percentages, with or without the sign, as shares 0..1."""
    rows: list[Row] = []
    refused: list[Refused] = []
    for group, i in pairs:
        cell = cells[i] if i < len(cells) else None
        if _FIGURE.fullmatch(group):
            refused.append(Refused(n, group, "meta.group_is_figure", str(cell), {"group": group}))
            continue
        try:
            value = number(cell, percent=True)
            if value is not None and value > 100:
                raise CellRefused("meta.share_above_one")
        except CellRefused as problem:
            refused.append(Refused(n, group, problem.rule, str(cell), problem.details))
            continue
        if value is not None:
            rows.append(Row("audience", n, common | {"group": group, "value": round(value / 100, 6)}))
    yield from settled(n, rows, refused)


class TopFormats:
    NAME = "mbs_top_formats"
    VERSION = 1
    PLATFORM = None
    DAY = "export"
    GRAINS = ("account_period", "audience_share")
    HEADERS = (frozenset({"reels", "photos"}), frozenset({"thước phim", "ảnh"}))

    @staticmethod
    def claims(document: Document) -> bool:
        return document.kind in ("table", "workbook") and any(
            key in _FORMAT_TITLES and sum(k in _FORMATS for k in header_keys(after)) >= 2
            for key, after in _titles(document)
        )

    @staticmethod
    def read(document: Document, context: Context) -> Iterator[Yield]:
        """Counts by format of content as ``audience`` rows of the account, over days that the file does not name."""
        if context.platform is None:
            yield Refused(0, "", "platform_unknown", "", {"title": "Top content formats", "path": document.path})
            return
        dimension, title, language = "", "", "en"
        names: list[tuple[str, int]] | None = None
        for n, cells in document.records():
            filled = _filled(cells)
            if not filled:  # nothing but marks that nobody sees
                yield Skipped(n, "no_values")
                continue
            key = header_key(str(filled[0]))
            if len(filled) == 1 and names is None and not str(filled[0]).strip().isdigit():
                dimension, title = _FORMAT_TITLES.get(key, ""), str(filled[0])
                language = language if key.isascii() else "vi"
                yield Structure(n)
            elif not dimension:
                yield Refused(n, "", "meta.block_unknown", str(filled[0]), {"title": title})
            elif names is None:
                names = [(str(c).strip(), i) for i, c in enumerate(cells) if text(c) is not None]
                yield Structure(n)
            else:
                rows: list[Row] = []
                refused: list[Refused] = []
                for group, i in names:
                    cell = cells[i] if i < len(cells) else None
                    try:
                        value = number(cell, whole=True)
                    except CellRefused as problem:
                        refused.append(Refused(n, group, problem.rule, str(cell), problem.details))
                        continue
                    if value is not None:
                        values = {
                            "platform": context.platform,
                            "item_kind": "account",
                            "dimension": dimension,
                            "group": group,
                            "value": value,
                            "unit": "people" if dimension == "reach_by_format" else "events",
                            "period_start": context.period_start,
                            "period_end": context.period_end,
                        }
                        rows.append(Row("audience", n, values))
                yield from settled(n, rows, refused)
                names, dimension = None, ""
        yield About(language=language, platform=context.platform)


READERS = (Audience, TopFormats)
