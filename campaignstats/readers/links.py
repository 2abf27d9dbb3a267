"""The link of a post -> platform, post id and the name of the account: the only code that knows what links look like.

Used by the readers whose files name a post by its link alone. Not a reader.
"""

import hashlib
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

READERS = ()


class Link(NamedTuple):
    """``post_id`` is the platform's own, or "link:" and a hash where the link hides it (a share link, a web page)."""

    platform: str
    post_id: str
    handle: str | None
    url: str  # without tracking


_HOSTS = {
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "fb.watch": "facebook",
    "instagram.com": "instagram",
    "threads.net": "threads",
    "threads.com": "threads",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "youtube-nocookie.com": "youtube",
    "tiktok.com": "tiktok",
    "x.com": "x",
    "twitter.com": "x",
    "linkedin.com": "linkedin",
    "zalo.me": "zalo",
    "rd.zapps.vn": "zalo",
}
_TRACKING = re.compile(
    r"utm_|fbclid|gclid|igsh|igshid|si$|feature$|mibextid|rdid|share_url|__cft__|__tn__|_r$|_t$|is_from_webapp"
    r"|sender_device|ref$|refsrc|ref_src|s$|t$|pp$|ab_channel|locale$|hl$|img_index"
)
# group 1: the post; named group "handle": the account
_PATHS = {
    "facebook": (
        r"/(?P<handle>[^/]+)/(?:posts|videos)/(?:[^/]+/)?(pfbid\w+|\d+)",
        r"/groups/[^/]+/(?:posts|permalink)/(\d+)",
        r"/(?:reel|videos|events)/(\d+)",
    ),
    "instagram": (r"/(?:(?P<handle>[\w.]+)/)?(?:p|reel|reels|tv)/([\w-]+)",),
    "threads": (r"/@(?P<handle>[\w.]+)/post/([\w-]+)",),
    "youtube": (r"/(?:shorts|live|embed|v)/([\w-]{11})(?:/|$)",),
    "tiktok": (r"/@(?P<handle>[\w.]+)/(?:video|photo)/(\d+)",),
    "x": (r"/(?P<handle>\w+)/status(?:es)?/(\d+)",),
    "linkedin": (r"/.*?(?:activity|share|ugcPost)[:-](\d{15,})",),
}
_COMPILED = {platform: tuple(re.compile(p) for p in patterns) for platform, patterns in _PATHS.items()}
_QUERY = {"facebook": ("story_fbid", "fbid", "v", "multi_permalinks"), "youtube": ("v",)}
_ID_FORMS = {"facebook": re.compile(r"pfbid\w+|\d{5,}"), "youtube": re.compile(r"[\w-]{11}")}


def platform_of(url: str) -> str | None:
    """The platform that a link leads to; "website" for any other host; None where it is no link."""
    host = _host(_whole(url))
    if host is None:
        return None
    for known, platform in _HOSTS.items():
        if host == known or host.endswith("." + known):
            return platform
    return "website"


def parsed_link(url: str) -> Link | None:
    """What a link says of its post, or None where it is no link at all."""
    whole = _whole(url)
    platform = platform_of(whole)
    if platform is None:
        return None
    parts = urlsplit(whole)
    query = [(k, v) for k, v in parse_qsl(parts.query) if not _TRACKING.match(k)]
    host = _host(whole)
    clean = f"https://{host}{parts.path.rstrip('/')}" + (f"?{urlencode(query)}" if query else "")
    post_id, handle = None, None
    for pattern in _COMPILED.get(platform, ()):
        if match := pattern.match(parts.path):
            handle = match.groupdict().get("handle")
            post_id = next(g for i, g in enumerate(match.groups(), 1) if g and i != match.re.groupindex.get("handle"))
            break
    else:
        given = dict(query)
        for name in _QUERY.get(platform, ()):
            if name in given and _ID_FORMS[platform].fullmatch(given[name]):
                post_id = given[name]
                break
        if host == "youtu.be" and _ID_FORMS["youtube"].fullmatch(parts.path.strip("/")):
            post_id = parts.path.strip("/")
    if handle in ("permalink.php", "groups", "watch", "reel", "share", "p"):
        handle = None
    return Link(platform, post_id or link_id(clean), handle, clean)


def link_id(text: str) -> str:
    """A stable id made from a link or any other text that names one post."""
    return "link:" + hashlib.sha256(text.encode()).hexdigest()[:16]


def _whole(url: str) -> str:
    url = str(url).strip()
    return url if "://" in url else "https://" + url


def _host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if not host or "." not in host or re.search(r"\s", url):
        return None
    return re.sub(r"^(www|m|mobile|web|vi-vn|business|mbasic)\.", "", host.lower())
