"""The notebooks as files: rerun, ordered, silent, without logic. What they compute is checked by nbval."""

import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
ASKED = ("01-sources", "02-reach", "03-messages", "04-reception", "08-findings")


def code(file: Path) -> list[nbformat.NotebookNode]:
    return [c for c in nbformat.read(file, as_version=4).cells if c.cell_type == "code"]


def test_the_suite_is_there() -> None:
    assert set(ASKED) <= {f.stem for f in NOTEBOOKS}


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_rerun_in_order_and_silent(file: Path) -> None:
    cells = code(file)
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1)), "run make notebooks"
    for cell in cells:
        assert not [o for o in cell.outputs if o.get("name") == "stderr" or o.output_type == "error"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_no_logic(file: Path) -> None:
    for cell in code(file):
        tree = ast.parse(cell.source.replace("%matplotlib inline", ""))
        for node in ast.walk(tree):
            assert not isinstance(node, (ast.FunctionDef, ast.For, ast.While, ast.ClassDef, ast.Lambda))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_one_question_in_both_languages_and_two_parameters(file: Path) -> None:
    cells = nbformat.read(file, as_version=4).cells
    title = cells[0].source.splitlines()[0]
    assert title.startswith("# ")
    assert title.count("?") == 2
    assert " · " in title
    assert cells[1].metadata.tags == ["parameters"]
    assert [t.id for node in ast.parse(cells[1].source).body for t in node.targets] == ["campaign", "lang"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_synthetic_is_said(file: Path) -> None:
    assert "mô phỏng" in "".join(str(c.outputs) for c in code(file))
