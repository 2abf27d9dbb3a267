"""A clip that stands in the video level and in an export by post counts once, from the files to what is published."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from campaignstats import campaign, gather
from campaignstats.measures.videos import clips, video_twins
from campaignstats.publish import Evaluation
from campaignstats.store import Store

EXPORTS = Path(__file__).parent.parent / "exports"
POSTS = EXPORTS / "mbs_fb_posts" / "Nov-15-2025_Dec-15-2025_1234567890123456.csv"
CLIPS = EXPORTS / "mbs_fb_videos" / "Nov-15-2025_Dec-15-2025_4567890123456789.csv"
AT = pd.Timestamp("2025-11-19 23:30", tz="UTC")
DECLARED = """
[campaign]
id = "clips"
name = { vi = "Video", en = "Clips" }
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
[window]
start = 2025-11-15
end = 2025-12-15
[[account]]
platform = "facebook"
id = "100012345678901"
name = "Trang mẫu Sông Xanh"
owner_level = "province"
"""


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Posts of one page: a video of 64 seconds called "Kỹ năng an toàn số cho phụ nữ", changed by each row."""
    row = {
        "platform": "facebook",
        "account": "facebook:1",
        "post_id": "1",
        "text": "Kỹ năng an toàn số cho phụ nữ",
        "kind": "reel",
        "permalink": None,
        "duration": 64.0,
        "published_at": AT,
        "flags": None,
    }
    frame = pd.DataFrame([row | r for r in rows])
    for name in ("text", "kind", "permalink", "flags"):
        frame[name] = frame[name].astype("str")
    frame["published_at"] = pd.to_datetime(frame["published_at"], utc=True)
    return frame.astype({"duration": float})


CLIP = {"post_id": "video:555", "kind": "video", "flags": "video_level"}
OTHER = {"text": "Lễ phát động Tháng hành động", "duration": 200.0}


@pytest.mark.parametrize(
    ("post", "clip", "twin"),
    [
        ({}, {}, True),
        ({"account": "facebook:2"}, {}, False),
        # the same minute: a title or a length that is the same, or that one side lacks
        ({"text": OTHER["text"]}, {"published_at": AT + pd.Timedelta(seconds=20)}, True),
        ({"duration": 200.0}, {}, True),
        ({"duration": 64.6, "text": OTHER["text"]}, {}, True),
        ({"text": OTHER["text"], "duration": None}, {}, True),
        (OTHER, {}, False),
        # a photo of that minute is no clip
        ({"kind": "photo", "duration": None, "text": OTHER["text"]}, {}, False),
        # the same title and length at another time: one clip in several posts
        ({}, {"published_at": AT - pd.Timedelta(days=3)}, True),
        ({"duration": 65.5}, {"published_at": AT - pd.Timedelta(days=3)}, False),
        ({"text": OTHER["text"]}, {"published_at": AT - pd.Timedelta(days=3)}, False),
        # titles as exports cut them and as spreadsheets change them
        ({"text": "Kỹ năng an toàn số cho phụ nữ, trẻ em"}, {"published_at": AT - pd.Timedelta(days=3)}, True),
        ({"text": "KỸ NĂNG an toàn  số…"}, {"published_at": AT - pd.Timedelta(days=3)}, True),
        ({"text": "Kỹ năng"}, {"published_at": AT - pd.Timedelta(days=3)}, False),
        # the link of a reel names the clip
        ({**OTHER, "permalink": "https://facebook.com/reel/555"}, {"published_at": AT + pd.Timedelta(days=9)}, True),
        ({**OTHER, "permalink": "https://facebook.com/reel/5551"}, {"published_at": AT + pd.Timedelta(days=9)}, False),
        # no time: nothing shows that it is another
        (OTHER, {"published_at": None}, True),
        ({**OTHER, "account": "facebook:2"}, {"published_at": None}, False),
    ],
)  # fmt: skip
def test_what_is_the_same_clip(post: dict[str, Any], clip: dict[str, Any], twin: bool) -> None:
    posts = table(post, CLIP | clip)
    before = posts.copy()
    assert list(video_twins(posts)) == [False, twin]
    assert list(video_twins(posts[::-1])) == [twin, False]
    pd.testing.assert_frame_equal(posts, before)


def test_clips_are_no_twins_of_each_other() -> None:
    posts = table(CLIP, CLIP | {"post_id": "video:556"})
    assert not video_twins(posts).any()
    assert clips(posts, video_twins(posts)).to_dict("records") == [
        {"platform": "facebook", "n_clips": 2, "n_left_out": 0}
    ]
    assert clips(table({}), video_twins(table({}))).empty


def gathered(folder: Path, *files: Path) -> Evaluation:
    (folder / "inbox").mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder / "inbox")
    (folder / "campaign.toml").write_text(DECLARED, encoding="utf-8")
    loaded = campaign.load(folder)
    gather.gather(loaded, processes=1)
    return Evaluation(loaded, "vi")


def test_from_the_files_to_the_frames(tmp_path: Path) -> None:
    by_post = gathered(tmp_path / "posts", POSTS)
    both = gathered(tmp_path / "both", POSTS, CLIPS)
    alone = gathered(tmp_path / "clips", CLIPS)
    # both exports hold the reel of 15:30; the clip of 06:00 stands in the video level alone
    assert set(both.posts["post_id"]) - set(by_post.posts["post_id"]) == {
        "video:555000000000778",
        "video:555000000000779",
    }
    assert both.clips.to_dict("records") == [{"platform": "facebook", "n_clips": 4, "n_left_out": 2}]
    # of the lost clip no time is known: it is left out beside the reel's
    every = Store(tmp_path / "both" / "tables").frame("newest_post")
    assert {"video:555000000000777", "video:555000000000780"} <= set(every["post_id"])
    # alone, nothing is left out
    assert len(alone.posts) == 4
    assert alone.clips["n_left_out"].tolist() == [0]


def test_nothing_is_added_to_a_clip_that_is_counted_already(tmp_path: Path) -> None:
    by_post = gathered(tmp_path / "posts", POSTS)
    both = gathered(tmp_path / "both", POSTS, CLIPS)

    def sums(of: Evaluation, metric: str) -> float:
        values = of.values
        own = values[(values["metric"] == metric) & (values["traffic"] == "total") & (values["item_kind"] == "post")]
        return float(own["value"].sum())

    # what the clips without a twin add: 12 + 0 interactions, 411.25 seconds; not the reel's 215 and 860.5 again
    assert sums(both, "interactions") == sums(by_post, "interactions") + 12
    assert sums(both, "seconds_viewed") == sums(by_post, "seconds_viewed") + 411.25
    assert "video:555000000000777" not in set(both.values["item"])
    # the bounds on reach of one account: the new clip's 300 people are added, the reel's 7,050 are not
    before, after = (of.reach[of.reach["scope"] == "campaign"].iloc[0] for of in (by_post, both))
    assert after["upper"] == before["upper"] + 300
    assert after["lower"] == before["lower"]
    assert after["n_posts"] == before["n_posts"] + 1


def test_the_findings_say_how_many(tmp_path: Path) -> None:
    both = gathered(tmp_path / "both", POSTS, CLIPS)
    assert "Chỉ tính một lần: 2 trên 4 video" in " ".join(both.answer("missing").split())
    english = Evaluation(both.campaign, "en")
    assert "Counted once: 2 of 4 clips" in " ".join(english.answer("missing").split())


@pytest.mark.parametrize(
    ("copy", "twin"),
    [
        ({"post_id": "mcl:99"}, True),
        ({"post_id": "link:0a1b", "published_at": AT + pd.Timedelta(seconds=20)}, True),
        ({"post_id": "mcl:99", "text": "Lễ phát động Tháng hành động"}, False),
        ({"post_id": "mcl:99", "text": None}, False),
        ({"post_id": "mcl:99", "published_at": AT + pd.Timedelta(minutes=5)}, False),
        ({"post_id": "mcl:99", "published_at": pd.NaT}, False),
        ({"post_id": "mcl:99", "account": "facebook:2"}, False),
        # CrowdTangle knows a video by its own id, the export by its post's
        ({"post_id": "555", "permalink": "https://facebook.com/trang/videos/555", "text": None}, True),
        ({"post_id": "556", "permalink": "https://facebook.com/trang/videos/556"}, False),
        ({"post_id": "7", "permalink": "https://facebook.com/trang/posts/7"}, False),
    ],
)
def test_a_post_under_another_id_is_its_twin(copy: dict[str, Any], twin: bool) -> None:
    posts = table({"permalink": "https://www.facebook.com/reel/555/"}, copy)
    assert list(video_twins(posts)) == [False, twin]
    assert list(video_twins(posts[::-1])) == [twin, False]


def test_two_posts_under_made_up_ids_are_both_kept() -> None:
    assert not video_twins(table({"post_id": "mcl:99"}, {"post_id": "link:0a1b"})).any()
