import zipfile
from pathlib import Path

import openpyxl
import pytest
import result_tables as tables

from campaignstats.errors import FindingsError
from campaignstats.findings import report, xlsx
from campaignstats.findings.model import Column, Report


def made(lang: str = "vi") -> Report:
    return report.report(tables.rich(), tables.campaign(), lang=lang)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return xlsx.workbook(made(), tmp_path_factory.mktemp("book") / "ket-qua.xlsx")


def test_sentences_first_then_a_sheet_for_every_table(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "Trả lời"
    assert len(book.sheetnames) == 1 + len(made().tables)
    assert all(len(name) <= 31 for name in book.sheetnames)
    cells = [str(c.value) for row in book["Trả lời"].iter_rows() for c in row if c.value]
    assert "Bao nhiêu người?" in cells
    assert any("Từ 412.300 đến 3.871.450" in cell for cell in cells)


def test_synthetic_on_every_sheet(path: Path) -> None:
    for sheet in openpyxl.load_workbook(path):
        assert str(sheet["A2"].value).startswith("Dữ liệu mô phỏng")
        assert "Dữ liệu mô phỏng" in str(sheet.oddHeader.right.text)


def test_numbers_are_numbers_with_formats(path: Path) -> None:
    sheet = openpyxl.load_workbook(path).worksheets[1]
    numbers = {c.value: c.number_format for row in sheet.iter_rows() for c in row if isinstance(c.value, (int, float))}
    assert numbers[3_871_450] == "#,##0"
    shares = next(s for s in openpyxl.load_workbook(path) if "Chủ đề" in s.title)
    assert any(c.number_format == "0.0%" and c.value == 0.41 for row in shares.iter_rows() for c in row)


def test_no_formula_no_link(path: Path) -> None:
    hostile = False
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                hostile = hostile or str(cell.value).startswith("=1+1<script>")
    assert hostile
    with zipfile.ZipFile(path) as archive:
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist())


def test_same_bytes_twice(path: Path, tmp_path: Path) -> None:
    assert xlsx.workbook(made(), tmp_path / "b.xlsx").read_bytes() == path.read_bytes()


def test_a_poor_campaign_is_a_workbook_too(tmp_path: Path) -> None:
    poor = report.report(tables.poor(), tables.campaign(), lang="en")
    assert openpyxl.load_workbook(xlsx.workbook(poor, tmp_path / "p.xlsx")).sheetnames[0] == "Answers"


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FindingsError, match="can't write"):
        xlsx.workbook(made(), tmp_path / "no-folder" / "b.xlsx")


def test_long_cells_are_cut_where_a_reader_sees_it() -> None:
    assert len(xlsx._cut("a" * 40_000)) == 32_767
    assert xlsx._cut("a" * 40_000).endswith("…")


def test_sheet_names_are_what_excel_takes() -> None:
    table = made().tables[0]
    from dataclasses import replace

    used: set[str] = set()
    names = [xlsx._sheet_name(replace(table, title="a/b[c]:*?" + "x" * 40), used) for _ in range(3)]
    assert len(set(names)) == 3
    assert all(len(n) <= 31 and not set("[]:*?/\\") & set(n) for n in names)
    assert Column("a", "b", "count")
