"""Bounds on how many are in a union when only the sizes of its sets are known (Fréchet), or some overlaps too.

No independence is assumed: the lower bound nests the sets, the upper one keeps them apart. With known overlaps the
bounds are the least and the most that a linear programme over the 2^k - 1 cells of the sets can reach.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from campaignstats.errors import MeasureError

MOST_LINKED_SETS = 14  # 2^14 cells: a second or so
Overlaps = Mapping[tuple[int, int], float]


class Bounds(NamedTuple):
    """``capped``: the upper bound is the population, so the sizes say nothing of a ceiling."""

    lower: float
    upper: float
    capped: bool


def union_bounds(
    sizes: Sequence[float], *, population: float | None = None, overlaps: Overlaps | None = None
) -> Bounds:
    """Least and most members of the union of sets of these ``sizes``, in the unit of the sizes.

    ``overlaps`` are known sizes of intersections of two sets, by their positions. ``population`` is a ceiling only
    where every set lies inside it. No sets have a union of 0. A MeasureError names sizes that contradict each other.
    Source: OCHA and CARE guidance on people reached (the maximum rule); Fréchet 1935.

    >>> union_bounds([1_200_000, 350_000, 800_000], population=4_490_000)
    Bounds(lower=1200000.0, upper=2350000.0, capped=False)
    >>> union_bounds([1_200_000, 350_000, 800_000], population=4_490_000, overlaps={(0, 1): 280_000})
    Bounds(lower=1270000.0, upper=2070000.0, capped=False)
    """
    known = {(min(pair), max(pair)): float(size) for pair, size in (overlaps or {}).items()}
    _refuse_contradictions(sizes, population, known)
    lower, upper = 0.0, 0.0
    for group in _linked(len(sizes), known):
        # sets without a known overlap may nest or lie apart, so groups of linked sets combine in closed form
        if len(group) == 1:
            low = high = float(sizes[group[0]])
        else:
            inside = {(group.index(i), group.index(j)): size for (i, j), size in known.items() if i in group}
            members = [float(sizes[i]) for i in group]
            low, high = (
                _extreme(members, population, inside, [1.0] * (2 ** len(group) - 1), most) for most in (False, True)
            )
        lower, upper = max(lower, low), upper + high
    capped = population is not None and upper >= population
    return Bounds(lower, float(population) if capped and population is not None else upper, capped)


def incremental_bounds(
    sizes: Sequence[float], which: int, *, population: float | None = None, overlaps: Overlaps | None = None
) -> Bounds:
    """Least and most members that only set ``which`` has: the union less the union of the other sets.

    >>> incremental_bounds([100, 60], 0)
    Bounds(lower=40.0, upper=100.0, capped=False)
    """
    known = {(min(pair), max(pair)): float(size) for pair, size in (overlaps or {}).items()}
    _refuse_contradictions(sizes, population, known)
    own = float(sizes[which])
    others = [float(size) for i, size in enumerate(sizes) if i != which]
    if not known:
        upper = own if population is None else min(own, population - max(others, default=0.0))
        return Bounds(max(0.0, own - sum(others)), upper, upper < own)
    _refuse_many(len(sizes))
    only = [1.0 if cell == 1 << which else 0.0 for cell in range(1, 2 ** len(sizes))]
    low, high = (_extreme([float(s) for s in sizes], population, known, only, most) for most in (False, True))
    return Bounds(low, high, False)


def _refuse_contradictions(
    sizes: Sequence[float], population: float | None, known: Mapping[tuple[int, int], float]
) -> None:
    for position, size in enumerate(sizes):
        if not size >= 0:
            raise MeasureError("bounds.negative", position=position + 1, size=float(size))
        if population is not None and size > population:
            raise MeasureError("bounds.population", position=position + 1, size=int(size), population=int(population))
    for (i, j), size in known.items():
        if i == j or not 0 <= i < j < len(sizes):
            raise MeasureError("bounds.unknown_set", first=i + 1, second=j + 1, n=len(sizes))
        if size < 0 or size > min(sizes[i], sizes[j]):
            raise MeasureError(
                "bounds.overlap", first=i + 1, second=j + 1, size=int(size), smaller=int(min(sizes[i], sizes[j]))
            )


def _refuse_many(n_sets: int) -> None:
    if n_sets > MOST_LINKED_SETS:
        raise MeasureError("bounds.too_many", n=n_sets, most=MOST_LINKED_SETS)


def _linked(n_sets: int, known: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """The positions in groups that known overlaps link."""
    group = list(range(n_sets))
    for i, j in known:
        a, b = group[i], group[j]
        group = [a if g == b else g for g in group]
    groups = [[i for i in range(n_sets) if group[i] == g] for g in sorted(set(group))]
    _refuse_many(max((len(g) for g in groups if len(g) > 1), default=0))
    return groups


def _extreme(
    sizes: list[float], population: float | None, known: Mapping[tuple[int, int], float], aim: list[float], most: bool
) -> float:
    """The least or most of ``aim`` over the cells; cell c holds who is in exactly the sets of c's bits."""
    cells = np.arange(1, 2 ** len(sizes))
    rows = [(cells >> i) & 1 for i in range(len(sizes))]
    equal = np.array(rows + [rows[i] & rows[j] for i, j in known], float)
    right = np.array(sizes + list(known.values()))
    scale = max(1.0, float(right.max()))  # solvers judge feasibility by absolute sizes
    bound = {} if population is None else {"A_ub": np.ones((1, len(cells))), "b_ub": [population / scale]}
    wanted = np.array(aim) * (-1 if most else 1)
    found = linprog(wanted, A_eq=equal, b_eq=right / scale, bounds=(0, None), method="highs", **bound)
    if not found.success:
        raise MeasureError("bounds.contradiction", n=len(sizes))
    # sizes are mostly whole numbers: what the solver leaves of rounding is taken off
    return round(abs(float(found.fun)) * scale, 6)
