"""Meta's Audience.csv and Top content formats.csv: blocks with names above their values."""

from pathlib import Path

import pytest
from reading_video import EXPORTS, reading

AUDIENCE, FORMATS = EXPORTS / "mbs_audience", EXPORTS / "mbs_top_formats"


def groups(found, dimension: str) -> dict[str, float]:
    return {a["group"]: a["value"] for a in found.of("audience") if a["dimension"] == dimension}


def test_shares_of_an_audience() -> None:
    found = reading("mbs_audience", AUDIENCE / "Audience.csv", platform="facebook")
    assert groups(found, "age_gender") == {
        "F 18-24": 0.106, "M 18-24": 0.065, "F 25-34": 0.262, "M 25-34": 0.191, "F 65+": 0.03, "M 65+": 0.02
    }  # fmt: skip
    assert groups(found, "country") == {"Vietnam": 0.951, "Laos": 0.009, "South Korea": 0.004}
    assert groups(found, "city") == {"Biên Hòa, Vietnam": 0.41, "Ho Chi Minh City, Vietnam": 0.125}
    assert {(a["item_kind"], a["unit"]) for a in found.of("audience")} == {("account", "share")}


def test_the_form_of_2024() -> None:
    """Tabs, per cent signs, cities cut at their comma; the followers' block names the platform."""
    found = reading("mbs_audience", AUDIENCE / "Audience_2024_tab.csv")
    assert found.about.platform == "facebook"
    assert groups(found, "age_gender") == {"F 18-24": 0.106, "M 18-24": 0.065}
    assert groups(found, "city") == {"Biên Hòa, Vietnam": 0.41, "Long Khánh, Vietnam": 0.125}
    assert [r.rule for r in found.refused] == ["meta.share_above_one", "meta.names_and_values_differ"]
    assert {s.reason for s in found.skipped} == {"meta.followers_without_day"}


@pytest.mark.parametrize(("name", "path"), [("mbs_audience", AUDIENCE / "Audience.csv"), ("mbs_top_formats", None)])
def test_no_platform_is_guessed(name: str, path: Path | None) -> None:
    whole = reading(name, path or FORMATS / "Top content formats.csv").whole
    assert whole is not None
    assert whole.rule == "platform_unknown"


def test_formats() -> None:
    found = reading("mbs_top_formats", FORMATS / "Top content formats.csv", platform="facebook")
    assert groups(found, "views_by_format")["Multi-photo"] == 86208
    assert groups(found, "interactions_by_format") == {"Reels": 3687, "Photos": 569}  # Stories are missing, not 0
    assert groups(found, "published_by_format") == {"Reels": 46, "Photos": 30}


def test_real_files(shared: Path) -> None:
    folder = shared / "exports" / "meta_business_suite"
    found = reading("mbs_audience", folder / "acct_audience_en_2025.csv", platform="facebook")
    assert len(groups(found, "age_gender")) == 12
    assert groups(found, "age_gender")["F 25-34"] == 0.262
    assert groups(found, "country")["Botswana"] == 0.012
    assert groups(found, "city")["Soweto, South Africa"] == 0.032
    assert not found.refused
    assert not found.cells
    found = reading("mbs_top_formats", folder / "damaged_top_content_formats_semicolon.csv", platform="facebook")
    assert groups(found, "views_by_format")["Reels"] == 572681
    assert groups(found, "interactions_by_format")["Others"] == 29
    assert groups(found, "published_by_format")["Links"] == 2
    assert not found.refused


def test_a_group_whose_name_is_a_figure_is_refused(tmp_path: Path) -> None:
    said = 'Top countries\n"Vietnam","120%","South Korea"\n"95.1","0.9","0.4"\n'
    (tmp_path / "Audience.csv").write_text(said, encoding="utf-8")
    found = reading("mbs_audience", tmp_path / "Audience.csv", platform="facebook")
    assert groups(found, "country") == {"Vietnam": 0.951, "South Korea": 0.004}
    assert [(r.rule, r.value) for r in found.cells] == [("meta.group_is_figure", "0.9")]
