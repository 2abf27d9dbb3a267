"""Clips and posts that stand in the tables under two ids: the same clip, the same post must not count twice.

Meta's video level and its export by post share no id. What tells a clip again is its page, the minute of publishing,
its title and its length; docs/decisions/0007 says why what can't be told apart is left out rather than counted.
"""

import re
from typing import Any

import numpy as np
import pandas as pd

_NEAR = 1.0  # seconds between two statements of one clip's length, which the exports round
_TITLE = 15  # letters: shorter titles ("Clip", "Tin") stand on many clips
_MADE_UP = ("mcl:", "link:")  # ids that no platform gave
_MOVING = frozenset(("video", "reel", "live"))
_ID_IN_LINK = re.compile(r"/(?:reel|videos)/(?:[^/?#]+/)?(\d+)|[?&]v=(\d+)")


def video_twins(posts: pd.DataFrame) -> pd.Series:
    """Whether each post is a clip of the video level that stands among the others by post too. True, False by row.

    ``posts``: platform, account, post_id, text, kind, permalink, duration (seconds), published_at, flags. A clip is a
    post's twin if both are of one page and

    - the post's link names the clip's id; or
    - they were published in the same minute, unless their lengths differ and their titles too; or
    - they have the same title and length, whenever they were published (one clip may be shown by several posts); or
    - the clip's time is not known, and the page has an export by post at all: nothing shows that it is another.

    So is a post that stands there under another id: the Meta Content Library and downloads of one's own data know none
    of the platform's ("mcl:", "link:"), and its page has a post of that minute with that text; or CrowdTangle and
    sheets know a video by its link alone, and the link of a post of its page names that video.
    """
    level = posts["flags"].fillna("").str.split("|").map(lambda flags: "video_level" in flags).astype(bool)
    made_up = posts["post_id"].str.startswith(_MADE_UP).astype(bool)
    linked = posts["permalink"].fillna("").map(_linked)
    of_link = np.array([i in ids for i, ids in zip(posts["post_id"], linked, strict=True)], dtype=bool)
    asked = level | made_up | of_link
    if not asked.any():
        return pd.Series(False, index=posts.index)
    others = posts[~level & ~made_up & posts["account"].isin(posts.loc[asked, "account"])]
    by_page = dict(list(others.groupby(["platform", "account"], sort=True)))

    def doubled(post: Any, *, is_clip: bool) -> bool:
        page = by_page.get((post.platform, post.account))
        return page is not None and (_has_twin(post, page) if is_clip else _is_copy(post, page))

    told = [
        of_any and doubled(post, is_clip=of_level)
        for post, of_any, of_level in zip(posts.itertuples(), asked, level, strict=True)
    ]
    return pd.Series(told, index=posts.index, dtype=bool)


def _is_copy(post: Any, page: pd.DataFrame) -> bool:
    """Whether a post of which a file tells no id of the platform's, or a link's alone, is there under its own too."""
    others = page[page["post_id"] != post.post_id]
    if not post.post_id.startswith(_MADE_UP):
        return any(post.post_id in _linked(link) for link in others["permalink"].dropna())
    if pd.isna(post.published_at):
        return False
    minute = others["published_at"].dt.floor("min") == post.published_at.floor("min")
    return any(_same_title(post.text, text) for text in others.loc[minute, "text"])


def _has_twin(clip: Any, page: pd.DataFrame) -> bool:
    if pd.isna(clip.published_at):
        return True
    id_ = clip.post_id.removeprefix("video:")
    if any(id_ in match for link in page["permalink"].dropna() if (match := _linked(link))):
        return True
    same_title = page["text"].map(lambda text: _same_title(clip.text, text)).astype(bool)
    apart = (page["duration"] - clip.duration).abs()
    same_length, other_length = apart <= _NEAR, apart > _NEAR  # neither where a length is missing
    minute = page["published_at"].dt.floor("min") == clip.published_at.floor("min")
    moves = page["kind"].isin(_MOVING) | page["duration"].notna() | same_title
    return bool(((minute & moves & ~(other_length & ~same_title)) | (same_title & same_length)).any())


def _linked(link: str) -> tuple[str, ...]:
    found = _ID_IN_LINK.search(link)
    return tuple(g for g in found.groups() if g) if found else ()


def _same_title(one: Any, other: Any) -> bool:
    """Whether two titles are one: equal, or one the beginning of the other, as exports cut them."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    one, other = (" ".join(text.split()).casefold().rstrip("….") for text in (one, other))
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _TITLE and long.startswith(short))


def clips(posts: pd.DataFrame, twins: pd.Series) -> pd.DataFrame:
    """How many clips are known by the video level alone, and how many are left out: platform, n_clips, n_left_out.

    ``twins`` as ``video_twins`` gives it. No row for a platform without such clips. Unit: clips. Source: the files.
    """
    own = posts["post_id"].str.startswith("video:")
    groups = twins[own].groupby(posts.loc[own, "platform"], sort=True)
    found = pd.DataFrame({"n_clips": groups.size(), "n_left_out": groups.sum()}).astype("int64")
    return found.rename_axis("platform").reset_index()
