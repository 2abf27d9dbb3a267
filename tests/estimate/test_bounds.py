"""Bounds of unions: the published figures, brute force over small populations, contradictions by name."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignstats.errors import MeasureError
from campaignstats.estimate.bounds import incremental_bounds, union_bounds

REACH, N = [1_200_000, 350_000, 800_000], 4_490_000


def test_reach_without_and_with_a_known_overlap():
    assert union_bounds(REACH, population=N) == (1_200_000, 2_350_000, False)
    assert union_bounds(REACH, population=N, overlaps={(0, 1): 280_000}) == (1_270_000, 2_070_000, False)
    assert union_bounds(REACH, population=N, overlaps={(1, 0): 280_000}) == (1_270_000, 2_070_000, False)


def test_a_population_caps():
    assert union_bounds(REACH, population=2_000_000) == (1_200_000, 2_000_000, True)
    assert union_bounds(REACH) == (1_200_000, 2_350_000, False)


def test_nothing_and_one():
    assert union_bounds([]) == (0, 0, False)
    assert union_bounds([7]) == (7, 7, False)
    assert union_bounds([0, 0]) == (0, 0, False)


def test_all_overlaps_known_of_two_sets_is_exact():
    assert union_bounds([100, 60], overlaps={(0, 1): 25}) == (135, 135, False)


def test_a_population_tightens_the_programme_too():
    assert union_bounds([60, 60, 60], population=100, overlaps={(0, 1): 20}) == (100, 100, True)


def test_unlinked_sets_stay_in_closed_form():
    sizes = [10.0] * 40
    assert union_bounds(sizes, overlaps={(0, 1): 4}) == (16, 396, False)


subsets = st.lists(st.sets(st.integers(0, 11), max_size=12), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(subsets, st.data())
def test_bounds_hold_the_true_union(sets, data):
    sizes = [len(s) for s in sets]
    pairs = list(itertools.combinations(range(len(sets)), 2))
    known = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    overlaps = {(i, j): len(sets[i] & sets[j]) for i, j in known}
    true = len(set().union(*sets))
    got = union_bounds(sizes, population=12, overlaps=overlaps)
    assert got.lower - 1e-6 <= true <= got.upper + 1e-6
    free = union_bounds(sizes, population=12)
    assert free.lower <= got.lower + 1e-6
    assert got.upper <= free.upper + 1e-6
    for which, own in enumerate(sets):
        only = len(own - set().union(*(s for i, s in enumerate(sets) if i != which)))
        more = incremental_bounds(sizes, which, population=12, overlaps=overlaps)
        assert more.lower - 1e-6 <= only <= more.upper + 1e-6


def test_the_closed_form_is_reached_by_some_sets():
    # every family of subsets of six people with these sizes
    sizes = [4, 3]
    people = range(6)
    unions = {
        len(set(a) | set(b)) for a in itertools.combinations(people, 4) for b in itertools.combinations(people, 3)
    }
    assert union_bounds(sizes, population=6)[:2] == (min(unions), max(unions))


def test_incremental_reach():
    assert incremental_bounds([100, 60], 0) == (40, 100, False)
    assert incremental_bounds([100, 60], 1) == (0, 60, False)
    assert incremental_bounds([100, 60], 0, overlaps={(0, 1): 25})[:2] == (75, 75)
    assert incremental_bounds([100, 60], 1, population=120)[:2] == (0, 20)


@pytest.mark.parametrize(
    ("sizes", "options", "key"),
    [
        ([5, -1], {}, "bounds.negative"),
        ([5, float("nan")], {}, "bounds.negative"),
        ([5, 11], {"population": 10}, "bounds.population"),
        ([5, 6], {"overlaps": {(0, 1): 6}}, "bounds.overlap"),
        ([5, 6], {"overlaps": {(0, 1): -1}}, "bounds.overlap"),
        ([5, 6], {"overlaps": {(0, 2): 1}}, "bounds.unknown_set"),
        ([5, 6], {"overlaps": {(1, 1): 1}}, "bounds.unknown_set"),
        # each pair can overlap so, the three together cannot: nobody is in both the others
        ([10, 10, 10], {"overlaps": {(0, 1): 10, (1, 2): 10, (0, 2): 0}}, "bounds.contradiction"),
        ([9, 9], {"population": 10, "overlaps": {(0, 1): 2}}, "bounds.contradiction"),
        ([1] * 20, {"overlaps": {(i, i + 1): 0 for i in range(19)}}, "bounds.too_many"),
    ],
)
def test_contradictions_are_named(sizes, options, key):
    with pytest.raises(MeasureError) as refused:
        union_bounds(sizes, **options)
    assert refused.value.key == key
    assert refused.value.message("vi")
    assert refused.value.message("en")
