"""Wilson against Newcombe's table; the bootstrap against what can be worked out."""

import doctest
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignstats.estimate import bounds, concentration, intervals
from campaignstats.estimate.concentration import gini, top_share, weighted_gini
from campaignstats.estimate.intervals import ratio_interval, statistic_interval, wilson


@pytest.mark.parametrize(
    ("n_hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_figures(n_hits, n, low, high):
    assert wilson(n_hits, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_is_missing():
    assert np.isnan(wilson(0, 0)).all()


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_mirrors(of):
    n_hits, n = of
    low, high = wilson(n_hits, n)
    assert 0 <= low <= n_hits / n <= high <= 1
    assert wilson(n - n_hits, n) == pytest.approx((1 - high, 1 - low))


def clustered(n_clusters, seed=0, n=4000):
    rng = np.random.default_rng(seed)
    which = rng.integers(0, n_clusters, n)
    bottom = rng.lognormal(4, 1, n)
    rate = rng.beta(2, 30, n_clusters)
    return bottom * rate[which], bottom, np.array([f"account {c}" for c in which])


def test_the_bootstrap_resamples_whole_clusters():
    top, bottom, clusters = clustered(40)
    found = ratio_interval(top, bottom, clusters)
    assert found.kind == "bootstrap"
    assert found.low < top.sum() / bottom.sum() < found.high
    # resampling posts as if they were independent would claim far more than 40 accounts can tell
    alone = ratio_interval(top, bottom, np.arange(len(top)))
    assert found.high - found.low > 3 * (alone.high - alone.low)


def test_the_bootstrap_agrees_with_a_loop():
    top, bottom, clusters = clustered(15, n=200)
    names = np.unique(clusters)
    rng = np.random.default_rng(5)
    found = []
    for _ in range(4000):
        drawn = rng.choice(names, len(names))
        rows = np.concatenate([np.flatnonzero(clusters == c) for c in drawn])
        found.append(top[rows].sum() / bottom[rows].sum())
    low, high = np.quantile(found, [0.025, 0.975])
    got = ratio_interval(top, bottom, clusters, resamples=4000)
    assert (got.low, got.high) == pytest.approx((low, high), rel=0.05)


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    hits = 0
    for trial in range(200):
        bottom = np.full(400, 100.0)
        clusters = np.repeat(np.arange(40), 10)
        rate = np.clip(0.05 + 0.02 * rng.standard_normal(40), 0, 1)
        found = ratio_interval(bottom * rate[clusters], bottom, clusters, resamples=400, seed=trial)
        hits += found.low <= 0.05 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_few_clusters_give_the_leave_one_out_range():
    got = ratio_interval([1, 2, 6], [10, 10, 10], ["a", "b", "c"])
    assert got == (pytest.approx(3 / 20), pytest.approx(8 / 20), "leave_one_account_out")


def test_the_leave_one_out_range_holds_the_figure_itself():
    values, clusters = [1, 1, 1, 1, 5, 5], ["a", "a", "a", "b", "b", "c"]
    got = statistic_interval(values, clusters, weighted_gini)
    assert got.low <= gini(values) <= got.high


def test_one_cluster_and_nothing_have_no_interval():
    for top, bottom, clusters in (([1, 2], [3, 4], ["a", "a"]), ([], [], []), ([1, 2], [0, 0], ["a", "b"])):
        got = ratio_interval(top, bottom, clusters)
        assert got.kind == "none"
        assert np.isnan(got.low)
        assert np.isnan(got.high)


def test_order_and_names_of_clusters_do_not_matter():
    top, bottom, clusters = clustered(30)
    mixed = np.random.default_rng(1).permutation(len(top))
    again = ratio_interval(top[mixed], bottom[mixed], clusters[mixed])
    assert again == pytest.approx(tuple(ratio_interval(top, bottom, clusters)))
    numbers = np.round(bottom)
    assert statistic_interval(numbers[mixed], clusters[mixed], weighted_gini) == pytest.approx(
        statistic_interval(numbers, clusters, weighted_gini)
    )


def test_the_seed_decides():
    top, bottom, clusters = clustered(30)
    assert ratio_interval(top, bottom, clusters, seed=1) == ratio_interval(top, bottom, clusters, seed=1)
    assert ratio_interval(top, bottom, clusters, seed=1) != ratio_interval(top, bottom, clusters, seed=2)


def test_a_statistic_of_few_clusters_is_worked_out_without_each():
    values, clusters = [1, 2, 3, 10, 20, 40], ["a", "a", "b", "b", "c", "c"]
    left = [gini(values), gini([3, 10, 20, 40]), gini([1, 2, 20, 40]), gini([1, 2, 3, 10])]
    got = statistic_interval(values, clusters, weighted_gini)
    assert got == (pytest.approx(min(left)), pytest.approx(max(left)), "leave_one_account_out")


@pytest.mark.slow
def test_two_thousand_resamples_of_a_hundred_thousand_posts_are_quick():
    top, bottom, clusters = clustered(60, n=100_000)
    began = time.process_time()
    ratio_interval(top, bottom, clusters)
    statistic_interval(bottom, clusters, weighted_gini)
    assert time.process_time() - began < 12


def test_gini_of_the_reference_is_met():
    values = [541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261]
    assert gini(values, corrected=False) == pytest.approx(0.46209113, abs=1e-6)
    assert gini(values) == pytest.approx(0.46209113 * 10 / 9, abs=1e-6)


def test_gini_at_its_ends():
    assert gini([5, 5, 5]) == 0
    assert gini([0, 0, 0, 9]) == pytest.approx(1)
    for nothing in ([], [3], [0, 0], [-1, 2]):
        assert np.isnan(gini(nothing))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=30).filter(any))
def test_gini_is_the_mean_difference_over_twice_the_mean(values):
    x = np.array(values, float)
    pairs = np.abs(x[:, None] - x[None, :]).sum() / (len(x) * (len(x) - 1))
    assert gini(values) == pytest.approx(pairs / (2 * x.mean()))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), min_size=2, max_size=12))
def test_a_weighted_gini_is_that_of_repeated_values(pairs):
    values = np.array(sorted(v for v, _ in pairs), float)
    weights = np.array([w for _, w in pairs], float)
    repeated = np.repeat(values, weights.astype(int))
    got = weighted_gini(values, weights[None, :])[0]
    if len(repeated) < 2 or repeated.sum() == 0:
        assert np.isnan(got)
    else:
        assert got == pytest.approx(gini(repeated))


def test_the_share_of_the_largest():
    assert top_share([1, 2, 3, 4], 2) == pytest.approx(0.7)
    assert top_share([1, 2], 5) == 1
    assert np.isnan(top_share([], 5))
    assert np.isnan(top_share([0, 0], 5))


def test_the_examples_of_the_docstrings_run():
    for module in (bounds, concentration, intervals):
        found = doctest.testmod(module)
        assert found.attempted > 0
        assert found.failed == 0
