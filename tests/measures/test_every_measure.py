"""Properties that every measure of the catalogue has, a new one as soon as it stands in it."""

import doctest
import importlib
import inspect
import pkgutil
import tomllib
from datetime import date
from pathlib import Path

import invented_frames as invented
import numpy as np
import pandas as pd
import pytest

from campaignstats import measures
from campaignstats.campaign import Bilingual, ContextFigure, Target
from campaignstats.errors import MeasureError
from campaignstats.measures.frames import FRAMES

OPTIONS = {
    "window": (date(2025, 11, 15), date(2025, 12, 15)),
    "declared": [Target("participation", 3, date(2025, 12, 15), "Plan 1", Bilingual("a", "b"), "xã")],
    "figures": [ContextFigure(Bilingual("a", "b"), "35 %", date(2025, 1, 1), "survey")],
    "focus_areas": {"1": ("support", "amplify"), "2": ("equality",)},
    "population": 4_000_000,
    "resamples": 200,
    "few_accounts": 2,
}
every_measure = pytest.mark.parametrize("name", sorted(measures.MEASURES))


def called(name, frames, **options):
    measure = measures.MEASURES[name]
    taken = inspect.signature(measure.function).parameters
    options = {key: value for key, value in (OPTIONS | options).items() if key in taken}
    return measure.function(*[frames[frame] for frame in measure.frames], **options)


def without_order(table):
    return table.sort_values(list(table.columns), kind="stable").reset_index(drop=True)


@every_measure
def test_a_measure_gives_its_columns_in_their_types(name):
    frames = invented.campaign()
    if name == "undeclared":  # the invented campaign has declared every account
        frames["posts"] = frames["posts"].assign(declared=frames["posts"]["platform"] != "facebook")
    found = called(name, frames)
    columns = measures.MEASURES[name].columns
    assert list(found.columns) == list(columns)
    assert len(found) > 0
    kinds = {
        "str": "str",
        "int": "int64",
        "count": "Int64",
        "float": "float64",
        "bool": "bool",
        "date": "datetime64[us]",
    }
    assert {c: str(t) for c, t in found.dtypes.items()} == {c: kinds[t] for c, t in columns.items()}


@every_measure
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_row_order_does_not_matter(name, seed):
    frames = invented.campaign()
    rng = np.random.default_rng(seed)
    shuffled = {key: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for key, frame in frames.items()}
    pd.testing.assert_frame_equal(called(name, frames), called(name, shuffled))


@every_measure
def test_the_index_and_the_order_of_columns_do_not_matter(name):
    frames = invented.campaign()
    odd = {
        key: frame.set_index(pd.Index([7] * len(frame)))[sorted(frame.columns, reverse=True)]
        for key, frame in frames.items()
    }
    pd.testing.assert_frame_equal(called(name, frames), called(name, odd))


@every_measure
def test_the_input_is_left_alone(name):
    frames, before = invented.campaign(), invented.campaign()
    called(name, frames)
    for key in frames:
        pd.testing.assert_frame_equal(frames[key], before[key])


@every_measure
def test_empty_frames_give_the_same_columns(name):
    for frames in (
        {key: frame.iloc[:0] for key, frame in invented.campaign().items()},
        {key: pd.DataFrame({column: [] for column in columns}) for key, columns in FRAMES.items()},
    ):
        found = called(name, frames)
        assert list(found.columns) == list(measures.MEASURES[name].columns)
        numbers = found.select_dtypes("float")
        assert numbers.drop(columns=["value"], errors="ignore").isna().all(axis=None)


@every_measure
@pytest.mark.parametrize("empty", sorted(FRAMES))
def test_any_one_frame_may_be_empty(name, empty):
    frames = invented.campaign()
    found = called(name, frames | {empty: frames[empty].iloc[:0]})
    assert list(found.columns) == list(measures.MEASURES[name].columns)


@every_measure
def test_optional_columns_may_be_missing_altogether(name):
    frames = {}
    for key, frame in invented.campaign().items():
        optional = [c for c in frame.columns if not FRAMES[key][c].endswith("!")]
        frames[key] = frame.assign(**dict.fromkeys(optional))
    called(name, frames)
    bare = {
        key: frame[[c for c in frame.columns if FRAMES[key][c].endswith("!")]]
        for key, frame in invented.campaign().items()
    }
    called(name, bare, period=None)


@every_measure
def test_a_column_that_stands_twice_is_refused(name):
    frames = invented.campaign()
    for frame in measures.MEASURES[name].frames:
        twice = pd.concat([frames[frame], frames[frame].iloc[:, [0]]], axis=1)
        with pytest.raises(MeasureError, match="twice"):
            called(name, frames | {frame: twice})


@every_measure
def test_a_misspelt_column_names_the_right_one(name):
    frames = invented.campaign()
    for frame in measures.MEASURES[name].frames:
        column = frames[frame].columns[0]
        with pytest.raises(MeasureError, match=f"'{column}s'"):
            called(name, frames | {frame: frames[frame].rename(columns={column: f"{column}s"})})


@every_measure
def test_calling_twice_gives_the_same(name):
    pd.testing.assert_frame_equal(called(name, invented.campaign()), called(name, invented.campaign()))


@every_measure
def test_the_catalogue_says_stage_unit_source_and_meaning(name):
    measure = measures.MEASURES[name]
    assert measure.stage in measures.STAGES
    assert measure.unit
    assert measure.source
    text = inspect.getdoc(measure.function)
    assert "Unit:" in text
    assert "Source:" in text


@every_measure
def test_the_docs_name_every_measure(name):
    docs = Path(__file__).parents[2] / "docs" / "measures.md"
    assert f"`{name}`" in docs.read_text(encoding="utf-8")


def test_shares_and_bounds_are_in_their_ranges():
    frames = invented.campaign()
    for name in measures.MEASURES:
        found = called(name, frames)
        for column in found.columns[[c.endswith("share") for c in found.columns]]:
            assert found[column].dropna().between(0, 1).all()
        if {"lower", "upper"} <= set(found):
            known = found.dropna(subset=["lower", "upper"])
            assert (known["lower"] <= known["upper"]).all()
        if {"low", "rate", "high"} <= set(found):
            known = found.dropna(subset=["low", "rate", "high"])
            assert (known["low"] <= known["rate"] + 1e-9).all()
            assert (known["rate"] <= known["high"] + 1e-9).all()


def test_the_examples_of_the_docstrings_run():
    ran = 0
    for info in pkgutil.iter_modules(measures.__path__):
        module = importlib.import_module(f"campaignstats.measures.{info.name}")
        found = doctest.testmod(module)
        assert found.failed == 0
        ran += found.attempted
    assert ran > 0


def test_every_reason_has_words():
    catalogue = Path(measures.__file__).parents[1] / "catalogue" / "measures.toml"
    reasons = tomllib.loads(catalogue.read_text(encoding="utf-8"))["reason"]
    source = "".join((Path(measures.__file__).parent / f).read_text(encoding="utf-8") for f in ("against.py",))
    for key in reasons:
        assert f'"{key}"' in source
