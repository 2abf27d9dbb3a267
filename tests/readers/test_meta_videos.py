"""Meta's video level: clips under ids of their own, of today and of 2021; nothing of them can be taken for a post's."""

from datetime import UTC, date, datetime

from reading_video import EXPORTS, reading

CLIPS = EXPORTS / "mbs_fb_videos"


def test_clips_have_ids_of_their_own() -> None:
    found = reading("mbs_fb_videos", CLIPS / "Nov-15-2025_Dec-15-2025_4567890123456789.csv")
    posts = found.posts()
    assert list(posts) == [f"video:55500000000077{n}" for n in (7, 8, 9)] + ["video:555000000000780"]
    assert {p["kind"] for p in posts.values()} == {"video"}
    assert all("video_level" in p["flags"].split("|") for p in posts.values())
    assert {m["item"] for m in found.of("metric")} == set(posts) == {*(a["item"] for a in found.of("audience")), *posts}
    first = posts["video:555000000000777"]
    assert (first["text"], first["duration"]) == ("=Kỹ năng an toàn số cho phụ nữ", 64)
    assert first["published_at"] == datetime(2025, 11, 19, 23, 30, tzinfo=UTC)
    assert found.figures("video:555000000000777")["seconds_viewed"] == 860.5
    assert "video_views_1m" not in found.figures("video:555000000000778")  # an empty cell is no 0
    gone = posts["video:555000000000780"]
    assert gone["status"] == "unavailable"
    assert found.figures("video:555000000000780") == {"reach": 5}


def test_the_columns_of_2021() -> None:
    found = reading("mbs_fb_videos", CLIPS / "Videos_16-Dec-2021.csv")
    # "Comment" is the error text, "Comments" the count; "60-Second" and "Averaged" are the minute and the average
    assert found.figures("video:444000000000001") == {
        "impressions": 9100, "reach": 6400, "comments": 41, "shares": 12, "likes": 380, "video_views_3s": 2750,
        "video_views_1m": 600, "seconds_viewed": 35100.5, "average_seconds_viewed": 12.8, "earnings": 0.15,
    }  # fmt: skip
    left_out = dict(found.about.notes)["meta.columns_left_out"]["columns"]
    assert "Views by country" in left_out
    assert "Estimated earnings by Live" in left_out
    assert not any(key == "meta.columns_unknown" for key, _ in found.about.notes)


def test_days_beside_lifetimes() -> None:
    found = reading("mbs_fb_videos", CLIPS / "daily_and_lifetime.csv")
    reach = {(m["item"][-3:], m.get("period_start")): m["value"] for m in found.of("metric") if m["metric"] == "reach"}
    assert reach == {("777", date(2025, 11, 19)): 7050, ("777", date(2025, 11, 20)): 800, ("778", None): 300}


def test_what_excel_did() -> None:
    found = reading("mbs_fb_videos", CLIPS / "excel_semicolons.csv")
    assert [(r.row, r.rule) for r in found.refused] == [(2, "damaged_id")]
    assert [(c.row, c.column, c.rule) for c in found.cells] == [
        (3, "Seconds viewed", "grouped_number"),
        (3, "Publish time", "not_a_date"),
        (4, "Reach", "abbreviated_number"),
    ]


def test_a_vietnamese_file_is_refused_with_what_to_send() -> None:
    whole = reading("mbs_fb_videos", CLIPS / "vietnamese.csv").whole
    assert whole is not None
    assert whole.rule == "meta.videos_vietnamese"
