"""What a link says of its post."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.readers.links import link_id, parsed_link, platform_of


@pytest.mark.parametrize(
    ("url", "platform", "post_id", "handle"),
    [
        ("https://www.facebook.com/ubndtantrieu/posts/122188001234567", "facebook", "122188001234567", "ubndtantrieu"),
        ("https://m.facebook.com/trang/posts/pfbid02AbcDef123?mibextid=x", "facebook", "pfbid02AbcDef123", "trang"),
        ("https://www.facebook.com/trang/posts/le-phat-dong/1234567890", "facebook", "1234567890", "trang"),
        ("https://www.facebook.com/trang/videos/778899001122/", "facebook", "778899001122", "trang"),
        ("facebook.com/reel/998877665544", "facebook", "998877665544", None),
        ("https://www.facebook.com/permalink.php?story_fbid=pfbid0Ab1&id=100", "facebook", "pfbid0Ab1", None),
        ("https://www.facebook.com/photo/?fbid=1234567&set=a.1", "facebook", "1234567", None),
        ("https://www.facebook.com/watch/?v=887766554433", "facebook", "887766554433", None),
        ("https://www.facebook.com/groups/55/posts/66778899", "facebook", "66778899", None),
        ("https://www.instagram.com/p/DRexampLe1x/?igsh=abc", "instagram", "DRexampLe1x", None),
        ("https://www.instagram.com/phunu.dongnai/reel/DRexampLe1x/", "instagram", "DRexampLe1x", "phunu.dongnai"),
        ("https://www.youtube.com/watch?v=q0aLb3XyZ9w&t=15s", "youtube", "q0aLb3XyZ9w", None),
        ("https://youtu.be/-0aLb3XyZ9w?si=abc", "youtube", "-0aLb3XyZ9w", None),
        ("https://youtube.com/shorts/q0aLb3XyZ9w?feature=share", "youtube", "q0aLb3XyZ9w", None),
        ("https://www.tiktok.com/@ab.c/video/7574000000000000001?_r=1&_t=x", "tiktok", "7574000000000000001", "ab.c"),
        ("https://twitter.com/BaoDongNai/status/1990000000000000001", "x", "1990000000000000001", "BaoDongNai"),
        ("https://www.threads.net/@dongnai/post/DRabc", "threads", "DRabc", "dongnai"),
    ],
)
def test_links_that_name_their_post(url: str, platform: str, post_id: str, handle: str | None) -> None:
    found = parsed_link(url)
    assert found is not None
    assert (found.platform, found.post_id, found.handle) == (platform, post_id, handle)


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://www.facebook.com/share/p/1AbCdEfGhi/", "facebook"),
        ("https://fb.watch/abc123/", "facebook"),
        ("https://vm.tiktok.com/ZSabc/", "tiktok"),
        ("https://rd.zapps.vn/detail/100?id=abc", "zalo"),
        ("https://trian.example.vn/tin-tuc/le-phat-dong", "website"),
        ("https://notfacebook.com/a/posts/123", "website"),
    ],
)
def test_links_that_hide_it_get_a_hash(url: str, platform: str) -> None:
    found = parsed_link(url)
    assert found is not None
    assert found.platform == platform_of(url) == platform
    assert found.post_id == link_id(found.url)


def test_the_same_post_by_other_ways_of_sharing_is_the_same() -> None:
    ways = (
        "https://www.facebook.com/share/p/1AbC/",
        "http://m.facebook.com/share/p/1AbC?mibextid=wwXIfr&rdid=9",
        "facebook.com/share/p/1AbC",
        " https://facebook.com/share/p/1AbC#comments ",
    )
    assert len({parsed_link(w) for w in ways}) == 1


@pytest.mark.parametrize("text", ["", "không có", "anh1", "http://", "xem trang facebook", "https://[bad"])
def test_no_link(text: str) -> None:
    assert parsed_link(text) is None


@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    for written in (text, f"https://www.facebook.com/{text}", f"https://youtube.com/watch?v={text}"):
        parsed_link(written)
