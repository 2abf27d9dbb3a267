"""Meta's daily series of an account: UTF-16, two blocks, the platform that the file does not name, missing days."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from reading_video import EXPORTS, reading

from campaignstats import words

SERIES = EXPORTS / "mbs_account_day"


def test_a_platform_that_only_a_person_knows() -> None:
    whole = reading("mbs_account_day", SERIES / "Lượt xem.csv").whole
    assert whole is not None
    assert whole.rule == "platform_unknown"
    for lang in words.LANGUAGES:
        said = words.text("rule.platform_unknown", lang, **whole.details)
        assert '[[export]]\npath = "Lượt xem.csv"\nplatform = "facebook"' in said


def test_days_of_a_series() -> None:
    found = reading("mbs_account_day", SERIES / "Lượt xem.csv", platform="instagram")
    assert found.series("views") == {
        date(2025, 11, 15): 748,
        date(2025, 11, 16): 1620,
        date(2025, 11, 17): 0,  # measured
        date(2025, 11, 19): 238,  # the 18th is missing, which is not 0
    }
    assert ("meta.missing_days", {"title": "Lượt xem", "days": 1}) in found.about.notes
    assert {(m["platform"], m["grain"], m["day_zone"]) for m in found.of("metric")} == {
        ("instagram", "account_day", "America/Los_Angeles")
    }
    assert found.about.exported_at == datetime(2025, 11, 19, 8, tzinfo=UTC)
    assert found.about.exported_evidence == "at_least"
    assert (found.about.language, found.about.platform) == ("vi", "instagram")


def test_two_blocks_name_their_platforms() -> None:
    found = reading("mbs_account_day", SERIES / "Reach.csv", platform="facebook")
    by_platform = {
        p: {m["period_start"].day: m["value"] for m in found.of("metric") if m["platform"] == p}
        for p in ("facebook", "instagram")
    }
    assert by_platform == {"facebook": {30: 50, 31: 60, 1: 70, 2: 80, 3: 90}, "instagram": {30: 5, 31: 6, 1: 7}}
    assert not [n for n in found.about.notes if n[0] == "meta.missing_days"]  # the clock's jump is no gap


def test_a_file_that_excel_saved() -> None:
    found = reading("mbs_account_day", SERIES / "excel_semicolons.csv")
    assert found.series("follows") == {date(2025, 11, 15): 3, date(2025, 11, 19): 6}
    assert [(r.row, r.rule) for r in found.refused] == [
        (4, "meta.day_twice"),
        (5, "not_a_date"),
        (7, "grouped_number"),
    ]
    assert [s.row for s in found.skipped] == [6]


def test_a_title_that_nobody_knows(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes('\ufeffsep=,\n"Lượt gửi sao"\n"Ngày","Primary"\n"2025-11-15T00:00:00","7"\n'.encode("utf-16-le"))
    whole = reading("mbs_account_day", file, platform="facebook").whole
    assert whole is not None
    assert (whole.rule, whole.value) == ("meta.series_unknown", "Lượt gửi sao")


@pytest.mark.parametrize(
    ("file", "metric", "platform", "declared", "n"),
    [
        ("acct_daily_en_reach_2025_dst.csv", "reach", "facebook", None, 105),
        ("acct_daily_en_views_2025.csv", "views", "facebook", "facebook", 105),
        ("acct_daily_vi_ig_luot_theo_doi.csv", "follows", "instagram", None, 20),
        ("acct_daily_vi_ig_luot_xem.csv", "views", "instagram", "instagram", 30),
        ("acct_daily_vi_luot_click_vao_lien_ket.csv", "link_clicks", "facebook", None, 30),
        ("acct_daily_vi_luot_xem.csv", "views", "facebook", "facebook", 30),
        ("acct_daily_vi_nguoi_xem.csv", "viewers", "facebook", "facebook", 30),
        ("damaged_acct_daily_views_semicolon.csv", "views", "facebook", "facebook", 62),
    ],
)
def test_real_series(shared: Path, file: str, metric: str, platform: str, declared: str | None, n: int) -> None:
    path = shared / "exports" / "meta_business_suite" / file
    found = reading("mbs_account_day", path, platform=declared)
    data = path.read_bytes()
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8")
    rows = [
        r for r in csv.reader(text.splitlines(), delimiter=";" if "damaged" in file else ",") if r and r[0][:2] == "20"
    ]
    expected = {date.fromisoformat(r[0][:10]): float(r[1]) for r in rows}
    assert len(expected) == n
    assert found.series(metric) == expected
    assert {m["platform"] for m in found.of("metric")} == {platform}
    if declared:  # without a person's word nothing is guessed
        whole = reading("mbs_account_day", path).whole
        assert whole is not None
        assert whole.rule == "platform_unknown"


@pytest.mark.parametrize("reverse", [False, True])
def test_rows_that_a_person_sorted_belong_to_no_block(reverse: bool, tmp_path: Path) -> None:
    blocks = ["Facebook reach", "Date,Primary", "2025-10-30T00:00:00,50", "2025-10-31T00:00:00,60"]
    blocks += ["Instagram reach", "Date,Primary", "2025-10-30T00:00:00,5", "2025-10-31T00:00:00,6"]
    (tmp_path / "Reach.csv").write_text("\n".join(sorted(blocks, reverse=reverse)), "utf-8")
    found = reading("mbs_account_day", tmp_path / "Reach.csv")
    assert not found.of("metric")
    assert [r.rule for r in found.refused] == 4 * ["meta.series_unknown"] or found.whole is not None
