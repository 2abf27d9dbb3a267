"""CrowdTangle: pages, groups, Instagram and the API's JSON."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_archives import odd, payloads, read_payload
from reading_comments import EXPORTS, reading

from campaignstats import campaign, gather, metrics
from campaignstats.readers import base, cells
from campaignstats.readers.crowdtangle import _AMBIGUOUS, _OFFSETS, zone_offset
from campaignstats.store import Store

TABLE, API = (base.registry()[name] for name in ("crowdtangle", "crowdtangle_api"))
PAGES = EXPORTS / "crowdtangle" / "2023-11-26-09-30-00-EST-search-csv-export.csv"
GROUPS = EXPORTS / "crowdtangle" / "2022-12-16-08-00-00-ICT-Historical-Report-Groups.csv"


def posts(found: Any) -> dict[str, dict[str, Any]]:
    return {p["post_id"]: p for p in found.of("post")}


def test_a_page_in_the_zone_that_the_cell_names() -> None:
    found = reading(TABLE, PAGES)
    post = posts(found)["600000000000001"]
    assert post["published_at"] == datetime(2023, 11, 25, 12, 30, tzinfo=UTC)
    assert (post["published_text"], post["published_zone"]) == ("2023-11-25 07:30:00 EST", "EST")
    assert found.metrics("600000000000001") == {
        "likes": 1005,  # written "1,005"
        "reactions_love": 80,
        "reactions_wow": 3,
        "reactions_haha": 2,
        "reactions_sad": 5,
        "reactions_angry": 0,
        "reactions_care": 25,
        "reactions": 1120,  # likes are one kind of seven
        "comments": 52,
        "shares": 204,
    }
    assert "interactions" not in {m["metric"] for m in found.of("metric")}


def test_the_sum_checks_its_parts_and_is_not_stored() -> None:
    found = reading(TABLE, PAGES)
    assert {i for i, p in posts(found).items() if p["flags"]} == {"600000000000003"}
    assert found.notes["crowdtangle.interactions_differ"] == {"posts": 1}
    assert "comments" not in found.metrics("600000000000005")  # an empty cell is not 0, and nothing is checked with it


def test_when_it_was_made_stands_in_the_name() -> None:
    found = reading(TABLE, PAGES)
    made = datetime(2023, 11, 26, 14, 30, tzinfo=UTC)
    assert (found.about[0].exported_at, found.about[0].exported_evidence) == (made, "file_name")
    assert {m["as_of"] for m in found.of("metric") if m["item_kind"] == "post"} == {made}
    declared = reading(TABLE, PAGES, exported_at=datetime(2023, 12, 1, tzinfo=UTC))
    assert {m["as_of"] for m in declared.of("metric") if m["item_kind"] == "post"} == {None}  # the declared one rules


def test_followers_at_posting_are_the_accounts() -> None:
    found = reading(TABLE, PAGES)
    held = [m for m in found.of("metric") if m["item_kind"] == "account"]
    assert {m["metric"] for m in held} == {"followers"}
    assert {(m["account_id"], m["period_start"], m["value"]) for m in held} >= {
        ("100000000000101", date(2023, 11, 25), 12345),
        ("100000000000202", date(2023, 11, 5), 50000),
    }
    assert all(m["as_of"].date() == m["period_start"] == m["period_end"] for m in held)


def test_a_videos_views_are_those_of_its_own_post() -> None:
    found = reading(TABLE, PAGES)
    assert found.metrics("600000000000002")["views"] == 1500  # not the 4200 of all crossposts
    assert posts(found)["600000000000002"]["is_crosspost"] is True
    assert posts(found)["600000000000002"]["duration"] == 85
    assert "views" not in found.metrics("600000000000001")  # a photo's 0 says nothing


def test_each_row_has_one_fate() -> None:
    found = reading(TABLE, PAGES)
    assert [(r.row, r.rule) for r in found.refused] == [(7, "crowdtangle.no_link"), (10, "meta.post_twice")]
    assert [(s.row, s.reason) for s in found.skipped] == [(8, "meta.repeated_row")]  # 9 is the header: structure


@pytest.mark.parametrize("zone", ["CST", "IST", "PST", "BST", "cst"])
def test_an_abbreviation_of_several_countries_is_refused(zone: str) -> None:
    with pytest.raises(cells.CellRefused) as problem:
        zone_offset(zone)
    assert (problem.value.rule, problem.value.details) == ("crowdtangle.ambiguous_zone", {"zone": zone.upper()})


def test_the_table_of_zones_holds_in_the_years_of_crowdtangle() -> None:
    """Every abbreviation of the IANA database from 2012 to 2024 has that offset alone, or is refused."""
    from zoneinfo import ZoneInfo, available_timezones

    found: dict[str, set[float]] = {}
    for name in sorted(available_timezones()):
        if "/" not in name or name.startswith("Etc/"):
            continue
        for year in range(2012, 2025):
            for month in (1, 4, 7, 10):
                at = datetime(year, month, 15, 12, tzinfo=ZoneInfo(name))
                shift = at.utcoffset()
                assert shift is not None
                found.setdefault(str(at.tzname()).upper(), set()).add(shift.total_seconds() / 3600)
    for zone, offset in _OFFSETS.items():
        if zone in found:
            assert found[zone] == {offset}, zone
    several = {zone for zone, offsets in found.items() if len(offsets) > 1 and zone.isalpha()}
    assert several <= _AMBIGUOUS
    assert not set(_OFFSETS) & _AMBIGUOUS


@pytest.mark.parametrize(
    ("written", "hours"),
    [("+07", 7), ("+0700", 7), ("GMT+7", 7), ("UTC-3", -3), ("-03:00", -3), ("+0530", 5.5), ("NZDT", 13), ("BRT", -3)],
)
def test_offsets(written: str, hours: float) -> None:
    shift = zone_offset(written).utcoffset(None)
    assert shift.total_seconds() == hours * 3600


def test_a_post_of_an_uncertain_zone_is_kept_without_its_time() -> None:
    found = reading(TABLE, PAGES)
    post = posts(found)["600000000000004"]
    assert post["published_at"] is None
    assert post["published_text"] == "2023-11-20 10:00:00 CST"
    assert found.metrics("600000000000004")["reactions"] == 2
    (cell,) = found.cells
    assert (cell.row, cell.column, cell.rule) == (5, "Post Created", "crowdtangle.ambiguous_zone")


def test_instagram_knows_its_time_from_the_id() -> None:
    found = reading(TABLE, EXPORTS / "crowdtangle" / "instagram.csv")
    first, second, third = found.of("post")
    assert found.about[0].platform == "instagram"
    assert (first["account_id"], first["flags"]) == ("name:doanbinhminh.mau", None)
    assert found.metrics(first["post_id"]) == {"likes": 1020, "comments": 20}
    # IST is refused by itself; the shortcode says when
    assert (second["published_zone"], second["flags"]) == ("UTC", "time_from_id")
    assert second["published_at"] == cells.ig_shortcode_time(second["post_id"])
    assert third["flags"] == "time_differs_from_id"
    assert not found.cells


def test_groups_in_named_and_numbered_offsets() -> None:
    found = reading(TABLE, GROUPS)
    assert [p["published_at"] for p in found.of("post")] == [
        datetime(2022, 11, 26, 1, 0, tzinfo=UTC),
        datetime(2022, 11, 27, 14, 15, 30, tzinfo=UTC),
        None,
    ]
    assert "crowdtangle.groups" in found.notes
    assert [c.rule for c in found.cells] == ["crowdtangle.unknown_zone"]


def test_what_excel_left_of_an_older_file() -> None:
    found = reading(TABLE, EXPORTS / "crowdtangle" / "excel_2019.csv")
    first, second = found.of("post")
    assert first["account_id"] == second["account_id"] == "name:hpnbinhminh.mau"  # the id is 1E+14
    assert found.metrics(first["post_id"])["reactions"] == 46  # no Care then
    assert first["flags"] is None  # shares weigh double in this file's total: it checks nothing
    assert second["published_at"] is None
    assert "shares" not in found.metrics(second["post_id"])
    assert found.notes["crowdtangle.columns_unknown"] == {"columns": "Cột lạ"}


def made(tmp_path: Path, n: int) -> Path:
    rows = list(csv.reader(io.StringIO(PAGES.read_text(encoding="utf-8"))))
    url = rows[0].index("URL")
    out = [rows[0], *([*rows[1][:url], f"https://www.facebook.com/1/posts/{10**9 + i}", *rows[1][url + 1 :]]
                      for i in range(n))]  # fmt: skip
    file = tmp_path / f"{n}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(out)
    return file


def test_a_full_file_is_flagged_as_cut(tmp_path: Path) -> None:
    assert reading(TABLE, made(tmp_path, 10_000)).notes["crowdtangle.capped"] == {"rows": 10_000}
    assert "crowdtangle.capped" not in reading(TABLE, made(tmp_path, 9_999)).notes


def test_the_api() -> None:
    found = reading(API, EXPORTS / "crowdtangle_api" / "posts.json")
    first, second = found.of("post")
    assert first["published_at"] == datetime(2023, 11, 25, 12, 30, tzinfo=UTC)
    assert first["as_of"] == datetime(2023, 11, 26, 14, 20, 10, tzinfo=UTC)
    assert found.metrics("600000000000001")["reactions"] == 1120
    assert found.metrics("600000000000002") == {"likes": 30, "shares": 5}  # a broken kind: no sum of kinds
    assert (first["account_id"], second["post_id"]) == ("100000000000101", "600000000000002")
    assert "crowdtangle.not_last_page" in found.notes
    assert "BIMAT" not in repr(found)  # tokens of the next page and of pictures


def test_pages_of_the_api_with_an_error_between() -> None:
    found = reading(API, EXPORTS / "crowdtangle_api" / "pages.json")
    assert [p["platform"] for p in found.of("post")] == ["facebook", "instagram"]
    assert [(r.row, r.rule) for r in found.refused] == [
        (2, "crowdtangle.error"),
        (4, "crowdtangle.platform"),
        (5, "crowdtangle.not_a_post"),
        (6, "crowdtangle.no_link"),
    ]
    (whole,) = reading(API, EXPORTS / "crowdtangle_api" / "error.json").refused
    assert (whole.row, whole.rule, whole.details) == (0, "crowdtangle.error", {"status": 401})


def test_likes_and_reactions_of_facebook_have_their_own_definitions() -> None:
    on = date(2023, 11, 26)
    assert metrics.definition("likes", "facebook", "crowdtangle", on) == "likes.facebook.only"
    assert metrics.definition("reactions", "facebook", "crowdtangle_api", on) == "reactions.facebook.archive"
    assert metrics.definition("views", "facebook", "crowdtangle", on) == "views.facebook.crowdtangle"


@given(payload=odd(payloads("crowdtangle_api")))
@settings(max_examples=300, deadline=None)
def test_json_of_any_shape(payload: Any) -> None:
    read_payload(API, payload)


_CELLS = st.one_of(
    st.sampled_from(["", "N/A", "1,234", "1.234", "1E+17", "-5", "<5", "2023-11-05 22:56:36 EST", "x", "12,34,5"]),
    st.sampled_from(["0001-01-01 00:00:00 AEST", "9999-12-31 23:59:59 HST", "2023-02-30 00:00:00 EST", "http://[x"]),
    st.sampled_from(["https://facebook.com", "https://www.facebook.com/1/posts/2", "https://instagram.com/p/", "٣"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=10),
)


@given(changes=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 45), _CELLS), max_size=12))
@settings(max_examples=80, deadline=None)
def test_cells_of_any_kind(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, str]]) -> None:
    rows = list(csv.reader(io.StringIO(PAGES.read_text(encoding="utf-8"))))
    for row, column, cell in changes:
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = cell
    file = tmp_path_factory.mktemp("odd") / "odd.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    reading(TABLE, file)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    (tmp_path / "inbox").mkdir()
    for file in (PAGES, GROUPS):
        (tmp_path / "inbox" / file.name).write_bytes(file.read_bytes())
    start = (
        '[campaign]\nid = "that"\nname = { vi = "Thử", en = "Trial" }\ntimezone = "Asia/Ho_Chi_Minh"\n'
        'language = "vi"\n[window]\nstart = 2023-11-15\nend = 2023-12-15\n'
    )

    def with_accounts(told: str) -> Path:
        (tmp_path / "campaign.toml").write_text(start + told, encoding="utf-8")
        return tmp_path

    return with_accounts


def test_only_declared_accounts_keep_their_names_and_declaring_reads_again(folder: Callable[[str], Path]) -> None:
    gather.gather(campaign.load(folder("")), processes=1)
    store = Store(folder("") / "tables")
    assert store.frame("post")["account_name"].isna().all()
    stored = b"".join(f.read_bytes() for f in sorted((folder("") / "tables").rglob("*.parquet")))
    for word in ("Hội chợ", "200000000000303", "100000000000101", "0912"):
        assert word.encode() not in stored
    told = '[[account]]\nplatform = "facebook"\nname = "Hội Phụ nữ Bình Minh (mẫu)"\nowner_level = "union"\n'
    report = gather.gather(campaign.load(folder(told)), processes=1)
    assert {f.state for f in report.files} == {"read"}
    assert {f.state for f in gather.gather(campaign.load(folder(told)), processes=1).files} == {"unchanged"}
    posts = Store(folder(told) / "tables").frame("newest_post").set_index("post_id")
    assert posts.loc["600000000000001", "account_name"] == "Hội Phụ nữ Bình Minh (mẫu)"
    assert posts.loc["600000000000001", "account_id"] == "100000000000101"
    values = Store(folder(told) / "tables").frame("metric")
    # declared by its name alone: figures and followers follow the post
    own = values[values["item"].isin(["600000000000001", "600000000000002"]) | values["item_kind"].eq("account")]
    assert set(own[own["account_id"].eq("100000000000101")]["metric"]) >= {"reactions", "followers", "views"}
    assert posts.loc["700000000000001", "account_name"] is None or posts.isna().loc["700000000000001", "account_name"]


def test_every_value_of_the_real_answer(shared: Path) -> None:
    file = shared / "exports" / "crowdtangle" / "ct_api_posts.json"
    if not file.is_file():
        pytest.skip("needs ../shared/exports/crowdtangle")
    found = reading(API, file)
    raw = json.loads(file.read_text(encoding="utf-8"))["result"]["posts"]
    assert len(found.of("post")) == len(raw) == 2
    for number, (post, told) in enumerate(zip(found.of("post"), raw, strict=True), 1):
        actual = told["statistics"]["actual"]
        kinds = [n for k, n in actual.items() if k not in ("shareCount", "commentCount")]
        named = {"likes": "likeCount", "comments": "commentCount", "shares": "shareCount"}
        named |= {f"reactions_{k}": f"{k}Count" for k in ("love", "wow", "haha", "sad", "angry", "care")}
        assert found.metrics(post["post_id"]) == {m: actual[k] for m, k in named.items()} | {"reactions": sum(kinds)}
        assert post["post_id"] == told["platformId"].split("_")[1] == told["postUrl"].rsplit("/", 1)[1]
        assert post["account_id"] == told["account"]["platformId"]
        assert (post["account_name"], post["text"]) == (told["account"]["name"], told.get("message"))
        assert f"{post['published_at']:%Y-%m-%d %H:%M:%S}" == told["date"]
        assert f"{post['as_of']:%Y-%m-%d %H:%M:%S}" == told["updated"]
        assert [r.row for r in found.rows if r.values.get("item") == post["post_id"]] == [number] * 10
    assert not found.cells
    assert not found.refused
