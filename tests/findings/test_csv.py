import csv as reading
import io
from pathlib import Path

import pandas as pd
import pytest
import result_tables as tables
from hypothesis import given
from hypothesis import strategies as st

from campaignstats.findings import csv, figures, report
from campaignstats.findings.model import Report


def made(lang: str = "vi") -> Report:
    return report.report(tables.rich(), tables.campaign(), lang=lang)


def test_a_file_for_every_table_with_a_mark_for_excel(tmp_path: Path) -> None:
    report_ = made()
    paths = csv.tables(report_, tmp_path)
    assert [p.stem for p in paths] == [t.name for t in report_.tables]
    assert all(p.read_bytes().startswith(b"\xef\xbb\xbf") for p in paths)
    text = (tmp_path / "reach.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("Phạm vi,Nhóm,")
    assert "412300,3871450" in text


def test_shares_stay_raw_and_dates_iso(tmp_path: Path) -> None:
    csv.tables(made(), tmp_path)
    assert ",0.41," in (tmp_path / "themes.csv").read_text(encoding="utf-8-sig")
    assert "2025-12-24" in (tmp_path / "sources.csv").read_text(encoding="utf-8-sig")


@given(st.text(max_size=40))
def test_no_text_is_a_formula(text: str) -> None:
    assert not csv.inert(text).startswith(csv.DANGEROUS)


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\u202e=1", "＝1"])
def test_dangerous_text_is_led_by_an_apostrophe(text: str) -> None:
    assert csv.inert(text).startswith("'")


def test_negative_numbers_stay_numbers() -> None:
    found = csv.frame_bytes(pd.DataFrame({"a": [-0.5, float("nan")], "b": ["-0.5", None]})).decode("utf-8-sig")
    assert found == "a,b\r\n-0.5,'-0.5\r\n,\r\n"


def test_hostile_names_stay_in_their_cell(tmp_path: Path) -> None:
    csv.tables(made(), tmp_path)
    for path in tmp_path.glob("*.csv"):
        for row in reading.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
            assert not any(cell.startswith(("=", "@", "+", "\t")) for cell in row), path.name


def test_every_figure_stands_beside_its_table(tmp_path: Path) -> None:
    report_ = made("en")
    paths = figures.figures(report_, tmp_path)
    assert {p.suffix for p in paths} == {".png", ".svg", ".csv"}
    for figure in report_.figures:
        assert all((tmp_path / f"figure-{figure.name}.{end}").stat().st_size > 100 for end in ("png", "svg", "csv"))
    assert all((tmp_path / f"figure-{f.name}.png").read_bytes().startswith(b"\x89PNG") for f in report_.figures)


def test_same_bytes_twice(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        csv.tables(made(), tmp_path / folder)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
