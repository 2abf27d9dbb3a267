"""Parts in processes: the same results as one after the other, and errors that come back whole."""

import os
import time

import pytest

from campaignstats import engine
from campaignstats.errors import InputError


def squared(n: int) -> int:
    time.sleep(0.02 * (n % 3))  # later parts finish first
    return n * n


def where(_: int) -> int:
    return os.getpid()


def failing(n: int) -> int:
    if n == 2:
        raise InputError("no_inbox", folder="x")
    return n


@pytest.mark.parametrize("processes", [1, 2])
def test_every_part_once_with_its_position(processes: int) -> None:
    found = dict(engine.results(squared, range(7), processes=processes))
    assert found == {n: n * n for n in range(7)}


def test_one_part_needs_no_process() -> None:
    assert list(engine.results(where, [1], processes=4)) == [(0, os.getpid())]
    assert list(engine.results(where, [], processes=4)) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_a_part_keeps_its_sentence(processes: int) -> None:
    with pytest.raises(InputError, match="There is no folder x") as caught:
        list(engine.results(failing, range(5), processes=processes))
    assert "x" in caught.value.message("vi")


def test_the_number_of_processes_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGNSTATS_PROCESSES", "3")
    assert engine.default_processes() == 3
    monkeypatch.setenv("CAMPAIGNSTATS_PROCESSES", "many")
    assert engine.default_processes() >= 1
