"""TikTok Studio: dates without a year in three languages, anchors, broken series, posts dated by their ids, shares."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_video import EXPORTS, reading

from campaignstats import words
from campaignstats.readers import cells
from campaignstats.readers.base import Context
from campaignstats.readers.tiktok_studio import Export, dated, exported, linked_post, month_and_day

OVERVIEW = EXPORTS / "tt_studio_overview"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("February 28", (2, 28)),
        ("8 de marzo", (3, 8)),
        ("1 de setiembre", (9, 1)),
        ("28 tháng 2", (2, 28)),
        ("28 tha\u0301ng 2", (2, 28)),  # NFD
        ("ngày 1 tháng 12", (12, 1)),
        ("28-Feb", (2, 28)),  # opened and saved by Excel
        ("28-Thg2", (2, 28)),
        ("February 29", (2, 29)),
        ("February 30", None),
        ("31 tháng 4", None),
        ("5 tháng 13", None),
        ("2025-11-15", None),
        ("5", None),
        ("", None),
        (None, None),
        ("Brumaire 18", None),
    ],
)
def test_month_and_day(written: object, expected: tuple[int, int] | None) -> None:
    assert month_and_day(written) == expected


# ---- the year of a series -------------------------------------------------------------------------------------------

_DAYS = st.dates(date(2019, 1, 1), date(2030, 12, 31))


@settings(deadline=None)
@given(last=_DAYS, n=st.integers(1, 366), late=st.integers(-1, 6), newest_first=st.booleans())
def test_any_series_of_days_gets_its_years_back(last: date, n: int, late: int, newest_first: bool) -> None:
    days = [last - timedelta(days=i) for i in range(n)]
    if not newest_first:
        days.reverse()
    found, why = dated([(d.month, d.day) for d in days], Export(last + timedelta(days=1 + late), "declared"))
    assert why is None
    assert found == days


@settings(deadline=None)
@given(last=_DAYS, n=st.integers(5, 360), hole=st.data())
def test_a_hole_moves_no_other_day(last: date, n: int, hole: st.DataObject) -> None:
    days = [last - timedelta(days=n - 1 - i) for i in range(n)]
    missing = hole.draw(st.integers(1, n - 2))
    days.pop(missing)
    found, why = dated([(d.month, d.day) for d in days], Export(last + timedelta(days=1), "declared"))
    # a day is the only thing that can stand alone beside the hole, at either end
    assert why is None or why == "tt_studio.year_contradicts_days"
    assert all(f is None or f == d for f, d in zip(found, days, strict=True))
    assert sum(f is None for f in found) <= 1 or why is not None


def test_a_leap_day_betrays_a_wrong_year() -> None:
    days = [(date(2024, 2, 20) + timedelta(days=i)) for i in range(20)]
    names = [(d.month, d.day) for d in days]
    assert dated(names, Export(date(2024, 3, 11), "declared"))[0] == days
    assert dated(names, Export(date(2025, 3, 11), "declared"))[1] == "tt_studio.year_contradicts_days"
    without = [n for n in names if n != (2, 29)]
    assert dated(without, Export(date(2024, 3, 11), "declared"))[1] == "tt_studio.year_contradicts_days"
    assert dated(without, Export(date(2025, 3, 11), "declared"))[1] is None
    assert dated([(2, 28), (2, 29)], Export(date(2025, 3, 1), "declared"))[1] == "tt_studio.year_contradicts_days"


def test_an_archive_packed_months_later_dates_nothing() -> None:
    names = [(11, d) for d in range(1, 20)]
    assert dated(names, Export(date(2025, 11, 25), "archive"))[1] is None
    assert dated(names, Export(date(2026, 2, 25), "archive"))[1] == "year_unknown"


def test_a_day_of_export_far_from_the_last_day_may_mean_another_year() -> None:
    names = [(11, d) for d in range(1, 20)]
    days = [date(2025, 11, d) for d in range(1, 20)]
    assert dated(names, Export(date(2025, 11, 26), "declared"))[0] == days
    # the lines to paste, with the day left as it was
    assert dated(names, Export(date(2025, 12, 22), "declared"))[1] == "tt_studio.ends_too_early"
    # a range chosen by hand says so
    assert dated(names, Export(date(2025, 11, 19), "period"))[0] == days


def test_a_declared_period_dates_a_range_chosen_by_hand() -> None:
    known = {"exported_at": datetime(2026, 6, 1, tzinfo=UTC), "period_end": date(2026, 1, 8)}
    found = reading("tt_studio_overview", OVERVIEW / "Overview_vi.csv", **known)
    assert max(found.series("views")) == date(2026, 1, 8)
    late = reading("tt_studio_overview", OVERVIEW / "Overview_vi.csv", exported_at=known["exported_at"])
    assert late.whole is not None
    assert late.whole.rule == "tt_studio.ends_too_early"


def test_a_day_that_stands_twice_is_not_believed() -> None:
    names = [(11, d) for d in (15, 16, 17, 17, 18, 19)]
    found, why = dated(names, Export(date(2025, 11, 20), "declared"))
    assert why is None
    assert found == [date(2025, 11, 15), date(2025, 11, 16), None, None, date(2025, 11, 18), date(2025, 11, 19)]


def test_a_block_that_would_lie_after_the_last_day_is_not_believed() -> None:
    names = [(1, d) for d in range(1, 8)] + [(12, d) for d in range(1, 8)]
    found, why = dated(names, Export(date(2025, 12, 8), "declared"))
    assert why is None
    assert found == [None] * 7 + [date(2025, 12, d) for d in range(1, 8)]


def test_shuffled_days_are_refused_whole() -> None:
    assert dated([(11, 3), (11, 9), (11, 1), (11, 6)], Export(date(2025, 11, 10), "declared"))[1] == (
        "tt_studio.days_out_of_order"
    )


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (
            {"exported_at": datetime(2026, 1, 4, 18, tzinfo=UTC)},
            Export(date(2026, 1, 5), "declared"),
        ),  # the 5th in Vietnam
        ({"names": ("tiktok", "hoiphunu_2026-01-05.zip", "Overview.csv")}, Export(date(2026, 1, 5), "file_name")),
        ({"names": ("Overview_20260105.csv",)}, Export(date(2026, 1, 5), "file_name")),
        ({"names": ("Overview 2025-11-15_2025-12-15.csv",)}, Export(date(2025, 12, 15), "range")),
        ({"names": ("2026-01-05", "Overview.csv")}, None),  # a folder is a person's, not TikTok's
        ({"names": ("Overview.csv",), "archived_at": datetime(2026, 1, 5, 9)}, Export(date(2026, 1, 5), "archive")),
        ({"names": ("Overview.csv",)}, None),
    ],
)
def test_the_day_of_export(context: dict[str, object], expected: Export | None) -> None:
    assert exported(Context(timezone="Asia/Ho_Chi_Minh", **context)) == expected  # type: ignore[arg-type]


# ---- series ---------------------------------------------------------------------------------------------------------


def test_overview_across_new_year() -> None:
    found = reading("tt_studio_overview", OVERVIEW / "Overview_vi.csv", exported_at=datetime(2026, 1, 9, 3, tzinfo=UTC))
    views = found.series("views")
    assert (min(views), max(views), len(views)) == (date(2025, 12, 20), date(2026, 1, 8), 19)
    assert date(2025, 12, 25) not in views  # undefined
    assert views[date(2025, 12, 31)] == 111
    assert found.series("comments")[date(2025, 12, 23)] == -1  # more taken back than given
    assert found.about.language == "vi"
    metric = found.of("metric")[0]
    assert (metric["grain"], metric["item_kind"], metric["day_zone"]) == ("account_day", "account", "Asia/Ho_Chi_Minh")
    assert not found.cells


def test_overview_of_a_year_with_a_leap_day() -> None:
    file = OVERVIEW / "Overview_365d_leap.csv"
    found = reading("tt_studio_overview", file, exported_at=datetime(2024, 12, 20, tzinfo=UTC))
    assert found.series("views") == {date(2023, 12, 21) + timedelta(days=i): i for i in range(365)}
    wrong = reading("tt_studio_overview", file, exported_at=datetime(2025, 12, 20, tzinfo=UTC))
    assert wrong.whole is not None
    assert wrong.whole.rule == "tt_studio.year_contradicts_days"


def test_entry_of_an_archive_names_the_year() -> None:
    found = reading("tt_studio_overview", OVERVIEW / "Overview.zip", "Overview.csv")
    assert list(found.series("views")) == [date(2026, 3, d) for d in range(1, 8)]


def test_no_anchor_refuses_the_file_and_says_what_to_paste(tmp_path: Path) -> None:
    found = reading("tt_studio_overview", OVERVIEW / "Overview_vi.csv")
    assert found.whole is not None
    assert found.whole.rule == "year_unknown"
    for lang in words.LANGUAGES:
        said = words.text("rule.year_unknown", lang, **found.whole.details)
        assert '[[export]]\npath = "Overview_vi.csv"\nexported_at = 2025-' in said


def test_rows_out_of_line_are_refused_and_the_rest_kept() -> None:
    found = reading("tt_studio_overview", OVERVIEW / "broken_2025-11-22.csv")
    assert [(r.row, r.rule) for r in found.refused] == [
        (6, "tt_studio.day_out_of_order"),  # August 5 among November
        (10, "tt_studio.day_out_of_order"),  # the day before it again
    ]
    assert set(found.series("views")) == {date(2025, 11, d) for d in (10, 11, 12, 13, 15, 16, 17, 19, 20, 21)}


def test_viewers_and_followers() -> None:
    anchor = {"exported_at": datetime(2026, 3, 1, 5, tzinfo=UTC)}
    viewers = reading("tt_studio_viewers", EXPORTS / "tt_studio_viewers" / "Viewers.csv", **anchor)
    assert viewers.series("viewers") == {date(2026, 2, 26): 610, date(2026, 2, 27): 700, date(2026, 2, 28): 815}
    assert viewers.series("new_viewers")[date(2026, 2, 25)] == 300
    anchor = {"exported_at": datetime(2026, 1, 2, 5, tzinfo=UTC)}
    followers = reading("tt_studio_followers", EXPORTS / "tt_studio_followers" / "FollowerHistory.csv", **anchor)
    assert followers.series("followers") == {date(2025, 12, 30): 1204, date(2025, 12, 31): 1201, date(2026, 1, 1): 1230}
    assert followers.series("net_followers") == {date(2025, 12, 31): -3, date(2026, 1, 1): 29}
    assert [s.row for s in followers.skipped] == [2]


def test_activity_by_hour() -> None:
    anchor = {"exported_at": datetime(2026, 1, 2, 5, tzinfo=UTC)}
    found = reading("tt_studio_activity", EXPORTS / "tt_studio_activity" / "FollowerActivity.csv", **anchor)
    hours = {a["group"]: a["value"] for a in found.of("audience")}
    assert len(hours) == 47  # one is undefined
    assert (hours["2025-12-31T23"], hours["2026-01-01T00"]) == (23, 100)
    assert "2025-12-31T04" not in hours


def test_shares_of_followers() -> None:
    gender = reading("tt_studio_gender", EXPORTS / "tt_studio_gender" / "FollowerGender.csv")
    assert [(a["group"], a["value"], a["unit"]) for a in gender.of("audience")] == [
        ("female", 0.71, "share"),
        ("male", 0.28, "share"),
        ("other", 0.01, "share"),
    ]
    places = reading("tt_studio_territories", EXPORTS / "tt_studio_territories" / "FollowerTopTerritories.csv")
    assert {a["group"]: a["value"] for a in places.of("audience")} == {"Vietnam": 0.93, "United States": 0.04}
    assert [(r.row, r.rule) for r in places.refused] == [(4, "tt_studio.share_above_one")]


# ---- posts ----------------------------------------------------------------------------------------------------------


def test_content_is_dated_by_ids() -> None:
    found = reading("tt_studio_content", EXPORTS / "tt_studio_content" / "Content.csv")
    first, second, photo, doubtful = found.posts().values()
    # 24 November in UTC, 25 November in Vietnam, as the file says
    assert first["published_at"] == datetime(2025, 11, 24, 18, 30, 5, tzinfo=UTC)
    assert (first["published_precision"], first["published_text"]) == ("second", "25 tháng 11")
    assert first["account_name"] == "hoiphunu.mau"
    assert "flags" not in first
    assert second["published_at"].year == 2024  # the same screen's "31 tháng 12", a year earlier
    assert second["text"] is None
    assert (photo["kind"], first["kind"]) == ("photo", "video")
    assert doubtful["flags"] == "time_differs_from_id"
    assert found.figures(first["post_id"]) == {"likes": 533, "comments": 32, "shares": 16, "views": 191265}
    assert found.figures(second["post_id"]) == {"likes": 12, "shares": 1, "views": 2400}
    assert {m["grain"] for m in found.of("metric")} == {"post_lifetime"}
    assert [r.rule for r in found.refused] == ["tt_studio.no_post_link"]
    # Time says 5 January: the first one that is not before the newest post
    assert found.about.exported_at == datetime(2026, 1, 4, 17, tzinfo=UTC)
    assert found.about.exported_evidence == "at_least"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (
            "https://www.tiktok.com/@a.b_c/video/7527623000473079054?is_from_webapp=1",
            ("7527623000473079054", "a.b_c", "video"),
        ),
        ("https://www.tiktok.com/@a/photo/7527623000473079054", ("7527623000473079054", "a", "photo")),
        ("https://www.tiktok.com/@a", None),
        ("https://vm.tiktok.com/ZMabc/", None),
        ("https://example.org/@a/video/7527623000473079054", None),
        (None, None),
    ],
)
def test_links(link: str | None, expected: tuple[str, str, str] | None) -> None:
    assert linked_post(link) == expected


# ---- real files, beside the checkout --------------------------------------------------------------------------------


def _raw(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))


_read_once = cache(reading)
REAL_EXPORT = {"exported_at": datetime(2026, 2, 28, 12, tzinfo=UTC)}  # the day that Content.csv's Time column names


@pytest.mark.parametrize(
    ("name", "file", "metric", "column", "place"),
    [
        ("tt_studio_overview", "overview_en_2026_365d.csv", metric, column, place)
        for metric, column in (("views", 1), ("profile_visits", 2), ("likes", 3), ("comments", 4), ("shares", 5))
        for place in (1, 167, 308, 365)
    ]
    + [
        ("tt_studio_viewers", "viewers_en_2026.csv", metric, column, place)
        for metric, column in (("viewers", 1), ("new_viewers", 2), ("returning_viewers", 3))
        for place in (200, 308, 365)
    ],
)
def test_real_series(shared: Path, name: str, file: str, metric: str, column: int, place: int) -> None:
    path = shared / "exports" / "tiktok_studio" / file
    found = _read_once(name, path, **REAL_EXPORT)
    day = date(2026, 2, 27) - timedelta(days=365 - place)
    assert found.series(metric)[day] == float(_raw(path)[place][column])


def test_real_series_whole(shared: Path) -> None:
    folder = shared / "exports" / "tiktok_studio"
    overview = reading("tt_studio_overview", folder / "overview_en_2026_365d.csv", **REAL_EXPORT)
    assert (len(overview.series("views")), len(overview.cells), len(overview.refused)) == (365, 0, 0)
    assert (min(overview.series("views")), max(overview.series("views"))) == (date(2025, 2, 28), date(2026, 2, 27))
    viewers = reading("tt_studio_viewers", folder / "viewers_en_2026.csv", **REAL_EXPORT)
    undefined = sum(r[1] == "undefined" for r in _raw(folder / "viewers_en_2026.csv"))
    assert len(viewers.series("viewers")) == 365 - undefined
    gender = reading("tt_studio_gender", folder / "follower_gender_en_2026.csv")
    assert [a["value"] for a in gender.of("audience")] == [0.59, 0.41, 0]
    refused = reading("tt_studio_overview", folder / "overview_en_2026_365d.csv")
    assert refused.whole is not None
    assert refused.whole.rule == "year_unknown"


def test_real_content(shared: Path) -> None:
    path = shared / "exports" / "tiktok_studio" / "content_en_2026.csv"
    found = reading("tt_studio_content", path)
    raw = _raw(path)[1:]
    assert len(found.posts()) == len(raw) == 13
    for record in raw:
        id_ = record[2].rsplit("/", 1)[1]
        likes, comments, shares, views = map(float, record[4:8])
        assert found.figures(id_) == {"likes": likes, "comments": comments, "shares": shares, "views": views}
        post = found.posts()[id_]
        assert post["published_at"] == datetime.fromtimestamp(int(id_) >> 32, UTC) == cells.tiktok_time(id_)
        assert "flags" not in post  # the creator's day fits the id's instant
    assert found.posts()["7575353922521500983"]["published_at"] == datetime(2025, 11, 22, 1, 22, 9, tzinfo=UTC)
    assert found.about.exported_at == datetime(2026, 2, 27, 17, tzinfo=UTC)


def test_a_sum_of_shares_is_no_group(tmp_path: Path) -> None:
    gender = EXPORTS / "tt_studio_gender" / "FollowerGender.csv"
    summed = tmp_path / gender.name
    summed.write_text(gender.read_text("utf-8-sig").rstrip() + "\nTổng cộng,1\n", "utf-8")
    assert reading("tt_studio_gender", summed).of("audience") == reading("tt_studio_gender", gender).of("audience")


def test_of_copies_the_one_whose_name_told_a_wrong_day_is_named() -> None:
    """Copies pool their names; of these one says that the file was downloaded in a year that can't be."""
    names = ("Overview_365d_leap.csv", "cu", "Overview [2025-12-20].csv")
    whole = reading("tt_studio_overview", OVERVIEW / "Overview_365d_leap.csv", names=names).whole
    assert whole is not None
    assert whole.rule == "tt_studio.year_contradicts_days"
    assert whole.details["path"] == "Overview [[]2025-12-20].csv"
    declared = datetime(2025, 12, 20, tzinfo=UTC)
    own = reading("tt_studio_overview", OVERVIEW / "Overview_365d_leap.csv", names=names, exported_at=declared).whole
    assert own is not None
    assert own.details["path"] == "Overview_365d_leap.csv"
