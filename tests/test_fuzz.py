"""Files damaged on purpose: whatever is done to an export, it is read right, refused with a sentence, or partly both.

``make prove`` tries tens of thousands; CAMPAIGNSTATS_FUZZ=100000 asks for another number, CAMPAIGNSTATS_FUZZ_SEED for
other damage.
"""

import csv
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import fuzzing
import pytest
from fuzzing import Mutant, checked, mutants
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEED = int(os.environ.get("CAMPAIGNSTATS_FUZZ_SEED", "2025"))


@pytest.fixture
def place() -> Any:
    """A folder in memory where there is one: a trial is nothing but small files."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


def tried(place: Path, n: int, seed: int, *, again_every: int = 1) -> tuple[Counter[str], list[tuple[float, str]]]:
    """Try ``n`` mutants: (how many of each kind, the slowest). A failure names the kind and the file."""
    kinds: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    for i, mutant in enumerate(mutants(n, seed)):
        try:
            took = checked(place, mutant, again=i % again_every == 0)
        except BaseException as problem:
            kept = Path(tempfile.mkdtemp()) / Path(mutant.path).name
            kept.write_bytes(mutant.data)
            problem.add_note(f"input {i} of seed {seed}: {mutant.kind} of {mutant.path}, kept as {kept}")
            raise
        kinds[mutant.kind.split(" + ")[0]] += 1
        slowest = sorted([*slowest, (took, f"{mutant.kind} of {mutant.path}")], reverse=True)[:5]
    return kinds, slowest


def test_damaged_files(place: Path) -> None:
    kinds, _ = tried(place, 400, SEED)
    assert set(kinds) == set(fuzzing.kinds())  # every kind of damage was done


@pytest.mark.slow
def test_tens_of_thousands_of_damaged_files(place: Path) -> None:
    n = int(os.environ.get("CAMPAIGNSTATS_FUZZ", "30000"))
    start = time.perf_counter()
    kinds, slowest = tried(place, n, SEED + 1, again_every=4)
    print(f"\n{n} damaged files in {time.perf_counter() - start:.0f} s, of {len(fuzzing.fixtures())} fixtures:")
    print(", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    print("slowest:", "; ".join(f"{took:.2f} s {name}" for took, name in slowest))


def test_the_checks_find_what_they_look_for(place: Path) -> None:
    """A check that can't fail proves nothing: rows made wrong by hand are found."""
    fixture = next(f for f in fuzzing.fixtures() if f.authors)
    metric = {"platform": "x", "item_kind": "post", "item": "1", "metric": "views", "definition": "views.x"}
    metric |= {
        "traffic": "total",
        "grain": "post_lifetime",
        "evidence": "export",
        "source": "s",
        "row": 1,
        "value": 1.0,
    }
    good = dict.fromkeys(fuzzing.schema.TABLES["metric"].names) | metric
    fuzzing._rows_hold("metric", [good], fixture)
    far = fuzzing.LATEST
    for bad in ({"value": -1.0}, {"value": float("inf")}, {"as_of": far}, {"item": None}, {"platform": "y"},
                {"item": min(fixture.authors)}, {"item": "\u202e1"}, {"grain": "day"}):  # fmt: skip
        with pytest.raises(AssertionError):
            fuzzing._rows_hold("metric", [good | bad], fixture)
    with pytest.raises(AssertionError):
        fuzzing._record_holds({"n_read": 3, "n_kept": 1, "n_quarantined": 1, "n_skipped": 0})


# -- rows that hypothesis writes under the headers of fixtures ---------------------------------------------------------

_DAYS = st.dates().map(str) | st.datetimes().map(lambda t: t.strftime("%d/%m/%y %H:%M:%S"))
_NUMBERS = st.integers().map(str) | st.floats().map(str) | st.decimals(allow_nan=True).map(str)
_CELLS = st.one_of(
    st.text(max_size=12), _NUMBERS, _DAYS, st.sampled_from(fuzzing._ODD), st.from_regex(r"[A-Za-z0-9_-]{11}")
)


def _tables() -> list[tuple[fuzzing.Fixture, list[list[str]], str]]:
    out = []
    for fixture in fuzzing.fixtures():
        text = fuzzing._decoded(fixture.data)
        if text and not fixture.data.startswith(b"PK") and not text.lstrip().startswith(("{", "[")):
            parsed = fuzzing._table(text)
            if parsed and len(parsed[0]) > 1:
                out.append((fixture, *parsed))
    return out


_TABLES = _tables()


def _tables_hold(n: int) -> Any:
    @settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(st.sampled_from(_TABLES), st.data())
    def hold(table: tuple[fuzzing.Fixture, list[list[str]], str], data: Any) -> None:
        fixture, rows, sign = table
        body = [list(row) for row in rows]
        for _ in range(data.draw(st.integers(1, 6))):
            row = data.draw(st.sampled_from(body))
            if row:
                row[data.draw(st.integers(0, len(row) - 1))] = data.draw(_CELLS)
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=sign, lineterminator="\n").writerows(body)
        with tempfile.TemporaryDirectory() as folder:
            written = out.getvalue().encode("utf-8", "surrogatepass")
            checked(Path(folder), Mutant("hypothesis", fixture.path, written, fixture))

    return hold


def test_any_cells_under_the_headers_of_fixtures() -> None:
    _tables_hold(150)()


@pytest.mark.slow
def test_many_cells_under_the_headers_of_fixtures() -> None:
    n = 5000
    _tables_hold(n)()
    print(f"\n{n} tables of hypothesis' cells under the headers of {len(_TABLES)} fixtures")


@pytest.mark.slow
def test_bytes_led_by_the_readers_own_code() -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("needs atheris (pip install atheris; Linux only)")
    words = [sys.executable, str(Path(__file__).with_name("fuzz_atheris.py")), "60"]
    ran = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    print("\natheris:", ran.stderr.strip().splitlines()[-1])
