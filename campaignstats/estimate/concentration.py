"""How unevenly a total lies over its items: the Gini coefficient and shares of the largest."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def gini(values: ArrayLike, *, corrected: bool = True) -> float:
    """The Gini coefficient, 0 (all equal) to 1; ``corrected`` multiplies by n/(n-1), so that one item having all is 1.

    NaN for fewer than two values (uncorrected: for none), for a total of 0 and for negative values.

    >>> round(gini([541, 1463, 2445, 3438, 4437, 5401, 6392, 8304, 11904, 22261], corrected=False), 8)
    0.46209113
    """
    numbers = np.sort(np.asarray(values, float))
    if not len(numbers) or numbers[0] < 0:
        return float("nan")
    weighted = weighted_gini if corrected else _uncorrected
    return float(weighted(numbers, np.ones((1, len(numbers))))[0])


def weighted_gini(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corrected Gini of ascending ``values``, one for each row of ``weights`` (how often each value counts)."""
    n = weights.sum(axis=1)
    found = _uncorrected(values, weights)
    return np.divide(found * n, n - 1, out=np.full(len(n), np.nan), where=n > 1)


def _uncorrected(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    # a value of weight w has twice its ranks' sum less w = C² - (C-w)² for the cumulated weights C; summed by parts
    n = weights.sum(axis=1)
    cumulated = np.cumsum(weights, axis=1)
    total = weights @ values
    cumulated *= cumulated
    spread = cumulated @ -np.diff(values, append=0) - n * total
    return np.divide(spread, n * total, out=np.full(len(n), np.nan), where=n * total > 0)


def top_share(values: ArrayLike, k: int) -> float:
    """The share of the total that the ``k`` largest values hold; NaN for a total of 0.

    >>> top_share([1, 2, 3, 4], 1)
    0.4
    """
    numbers = np.sort(np.asarray(values, float))
    total = numbers.sum()
    return float(numbers[-k:].sum() / total) if len(numbers) and total > 0 else float("nan")
