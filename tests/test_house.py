"""The house as a whole: imports run downward, both environment files agree, nothing private is in the tree."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "campaignstats"
ROOT = PACKAGE.parent

# rooms from the ground up; a room may import its own number only where MAY says so, and any smaller number
GROUND = ("errors", "words", "schema", "metrics", "toml_lines", "campaign", "columnar")
PURE = ("readers", "text", "estimate", "measures", "draw", "findings", "simulate", "simulation")
STEPS = (
    "store",
    "engine",
    "keys",
    "reading",
    "quarantine",
    "contents",
    "gather",
    "tagging",
    "start",
    "doctor",
    "inventory",
    "publish",
)
FACE = ("cli",)
LEVEL = {room: level for level, rooms in enumerate((GROUND, PURE, STEPS, FACE)) for room in rooms}
MAY = {("measures", "estimate"), ("findings", "draw"), ("simulate", "simulation"), ("simulation", "simulate")}
ONLY = {  # library -> the only rooms that may know it
    "underthesea": {"text.tokens"},
    "matplotlib": {"draw"},
    "duckdb": {"store"},
    "pyarrow": {"store", "columnar"},  # docs/decisions/0009
    "click": {"cli"},
}


def _modules() -> list[tuple[str, Path]]:
    return [
        (".".join(f.relative_to(PACKAGE).with_suffix("").parts), f)
        for f in sorted(PACKAGE.rglob("*.py"))
        if f.name != "__init__.py" or f.parent != PACKAGE
    ]


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{a.name}" for a in node.names}
    return found


@pytest.mark.parametrize(("name", "file"), _modules(), ids=lambda v: v if isinstance(v, str) else "")
def test_imports_run_downward(name: str, file: Path) -> None:
    room = name.split(".")[0]
    assert room in LEVEL, f"{room} is no room of the house: give it a level here and a line in docs/house.md"
    for imported in _imports(file):
        library = imported.split(".")[0]
        if library in ONLY:
            assert name in ONLY[library] or room in ONLY[library], f"{name} imports {library}"
        if library != "campaignstats" or imported.count(".") == 0:
            continue
        other = imported.split(".")[1]
        if other not in LEVEL or other == room:
            continue
        below = LEVEL[other] < LEVEL[room]
        beside = LEVEL[other] == LEVEL[room] and (room in GROUND + STEPS or (room, other) in MAY)
        assert below or beside, f"{name} imports {imported}, which is not below it"


def test_environment_yml_agrees_with_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    conda_names = {"matplotlib": "matplotlib-base", "duckdb": "python-duckdb"}
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = {re.split(r"[<>=]", line)[0]: line for line in re.findall(r"^\s*- (\S+)$", text, re.M)}
    for wanted in project["dependencies"]:
        name = re.split(r"[<>=]", wanted)[0]
        assert conda_names.get(name, name) in lines, f"environment.yml lacks {name}"
        if name != "tzdata":  # numbered differently on conda-forge
            assert lines[conda_names.get(name, name)] == conda_names.get(name, name) + wanted.removeprefix(name)
    for wanted in project["optional-dependencies"]["dev"]:
        name = re.split(r"[<>=]", wanted)[0]
        if name in lines:
            assert lines[name] == wanted


def test_no_place_of_a_machine_in_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("needs a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        for word in (b"/wo" + b"rk/", b"/ro" + b"ot/", b"/tm" + b"p/brief", b"pypi" + b".org"):
            assert word not in data, f"{name} holds {word!r}"


def test_the_command_line_starts_without_pandas() -> None:
    code = "import sys, campaignstats.cli; print([m for m in ('pandas', 'numpy', 'duckdb') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
