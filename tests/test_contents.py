"""What gather says that it took: which metrics, by which definition, of whose days, as of when."""

import shutil
from datetime import date
from pathlib import Path

import golden
import pytest

from campaignstats import campaign, contents, gather
from campaignstats.store import Store

CAMPAIGN = """
[campaign]
id = "thu"
name = { vi = "Thử", en = "Trial" }
[window]
start = 2025-11-15
end = 2025-12-15
[[export]]
path = "Lượt xem.csv"
platform = "facebook"
account = "Trang Mẫu"
exported_at = 2025-12-22
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    for name in ("mbs_account_day/Lượt xem.csv", "minet_yt_comments/comments.csv"):
        shutil.copy(golden.EXPORTS / name, tmp_path / "inbox")
    (tmp_path / "inbox" / "hong.zip").write_bytes(b"PK\x03\x04 not whole")
    return tmp_path


def _of(folder: Path) -> dict[str, contents.Contents]:
    loaded = campaign.load(folder)
    report = gather.gather(loaded, processes=1)
    return {f.path: report.contents[f.source] for f in report.files if f.source in report.contents}


def test_a_series_by_its_days_and_clock(folder: Path) -> None:
    of = _of(folder)["Lượt xem.csv"]
    (figures,) = of.figures
    assert (figures.platform, figures.grain, figures.clock) == ("facebook", "account_day", "America/Los_Angeles")
    assert figures.definitions == (("views", "views.facebook"),)
    frame = Store(folder / "tables").frame("metric")
    days = frame["period_start"].min().date(), frame["period_end"].max().date()
    assert (figures.first_day, figures.last_day) == days
    assert of.exported == (("declared", date(2025, 12, 22)),)
    assert of.as_dict()["figures"][0]["definitions"] == {"views": "views.facebook"}


def test_comments_are_counted_and_the_day_of_export_is_a_bound(folder: Path) -> None:
    of = _of(folder)["comments.csv"]
    assert of.counted == (("comments", 4),)
    assert of.exported == (("at_least", date(2025, 12, 1)),)
    assert any("không sớm hơn 01/12/2025" in line for line in of.lines("vi", indent=0))


def test_gather_says_it_by_format_and_file_by_file(folder: Path) -> None:
    report = gather.gather(campaign.load(folder), processes=1)
    for lang, day in (("vi", "22/12/2025"), ("en", "22 December 2025")):
        short, whole = "\n".join(report.lines(lang)), "\n".join(report.lines(lang, everything=True))
        assert "[views.facebook]" in short
        assert "[views.facebook]" in whole
        assert day in short
        assert "Lượt xem.csv  [mbs_account_day]" in whole
        assert "Lượt xem.csv  [mbs_account_day]" not in short
        assert "hong.zip" in short  # what was refused is never folded away
        assert max(map(len, short.splitlines())) < 200
    files = {f["path"]: f["contents"] for f in report.as_dict("en")["files"]}
    assert files["hong.zip"] is None
    assert files["comments.csv"]["n_comments"] == 4


def test_files_of_one_format_are_told_together(folder: Path) -> None:
    first = _of(folder)["Lượt xem.csv"]
    both = contents.merged([first, first])
    assert both.figures == first.figures
    assert len(both.exported) == 2
    assert both.accounts == first.accounts
