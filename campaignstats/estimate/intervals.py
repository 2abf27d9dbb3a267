"""Intervals: Wilson for a share, a bootstrap over whole clusters for ratios and other statistics of posts.

Posts of one account are alike, so accounts are resampled, not posts. Under ``few`` clusters a bootstrap would pretend
to know more than it does: the range over leaving each cluster out stands in its place, and says so in ``kind``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

_CHUNK_CELLS = 4_000_000  # weights held at once: 32 MB
Statistic = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


class Interval(NamedTuple):
    """``kind`` is "bootstrap", "leave_one_account_out" (a range, no confidence) or "none" (then both ends are NaN)."""

    low: float
    high: float
    kind: str


NONE = Interval(float("nan"), float("nan"), "none")


def wilson(n_hits: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share, (NaN, NaN) for ``n`` = 0. Source: Newcombe 1998, method 3.

    >>> [round(end, 4) for end in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if n == 0:
        return float("nan"), float("nan")
    z = float(ndtri(0.5 + confidence / 2))
    share = n_hits / n
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return (0.0 if n_hits == 0 else float(low)), (1.0 if n_hits == n else float(high))


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    clusters: ArrayLike,
    *,
    resamples: int = 2000,
    few: int = 10,
    seed: int = 1,
    confidence: float = 0.95,
) -> Interval:
    """The interval of Σ numerators ÷ Σ denominators, percentile bootstrap resampling ``clusters`` with replacement.

    Arrays of one length without missing values; a resample whose denominator is 0 is left out. Order does not matter.
    """
    which, n_clusters = _coded(clusters)
    top = np.bincount(which, np.asarray(numerators, float), n_clusters)
    bottom = np.bincount(which, np.asarray(denominators, float), n_clusters)
    if n_clusters < 2:
        return NONE
    if n_clusters < few:
        weights = _each_left_out(n_clusters)
        return _ends(_ratio(weights @ top, weights @ bottom), 1.0, "leave_one_account_out")
    weights = _resampled(n_clusters, resamples, seed)
    return _ends(_ratio(weights @ top, weights @ bottom), confidence, "bootstrap")


def statistic_interval(
    values: ArrayLike,
    clusters: ArrayLike,
    statistic: Statistic,
    *,
    resamples: int = 2000,
    few: int = 10,
    seed: int = 1,
    confidence: float = 0.95,
) -> Interval:
    """The same for any statistic of weighted values: ``statistic(sorted values, weights)`` with a row of weights a
    resample.

    The values are handed over sorted ascending and the weights in chunks, so that 2,000 resamples of 100,000 values
    need little memory.
    """
    which, n_clusters = _coded(clusters)
    if n_clusters < 2:
        return NONE
    numbers = np.asarray(values, float)
    order = np.lexsort((which, numbers))
    numbers, which = numbers[order], which[order]
    leave_out = n_clusters < few
    weights = _each_left_out(n_clusters) if leave_out else _resampled(n_clusters, resamples, seed)
    step = max(1, _CHUNK_CELLS // max(1, len(numbers)))
    found = [statistic(numbers, weights[at : at + step, which]) for at in range(0, len(weights), step)]
    if leave_out:
        return _ends(np.concatenate(found), 1.0, "leave_one_account_out")
    return _ends(np.concatenate(found), confidence, "bootstrap")


def _coded(clusters: ArrayLike) -> tuple[NDArray[np.intp], int]:
    names, which = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    return which, len(names)


def _resampled(n_clusters: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """How often each cluster is drawn, a row a resample."""
    drawn = np.random.default_rng(seed).multinomial(n_clusters, np.full(n_clusters, 1 / n_clusters), size=resamples)
    return drawn.astype(float)


def _each_left_out(n_clusters: int) -> NDArray[np.float64]:
    """All clusters once, and then without each: the range holds the figure itself."""
    return np.vstack([np.ones(n_clusters), 1.0 - np.eye(n_clusters)])


def _ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom != 0)


def _ends(found: NDArray[np.float64], confidence: float, kind: str) -> Interval:
    found = found[~np.isnan(found)]
    if not len(found):
        return NONE
    low, high = np.quantile(found, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(low), float(high), kind)
