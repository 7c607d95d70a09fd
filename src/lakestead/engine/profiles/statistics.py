"""How far two distributions are apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lakestead.engine.profiles.distributions import GRID
from lakestead.engine.profiles.kolmogorov import survival

DECILES = 10
# The share that an empty bin of the population stability index is taken to have: its logarithm must exist.
PSI_FLOOR = 1e-4

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Test:
    """A test that two samples are of one distribution."""

    __test__ = False  # pytest: this is none of its

    statistic: float
    pvalue: float


def kolmogorov_smirnov(grid: Floats, other: Floats, size: int, other_size: int) -> Test:
    """Test two 1000-quantile grids: the largest distance of their distribution functions, two-sided.

    Args:
        grid: quantiles, ascending.
        other: quantiles, ascending.
        size: how many values the first grid stands for.
        other_size: how many the second stands for.
    """
    points = np.concatenate([grid, other])
    below = np.searchsorted(grid, points, "right") - np.searchsorted(other, points, "right")
    distance = int(np.abs(below).max()) / GRID
    return Test(distance, survival(distance, round(size * other_size / (size + other_size))))


def wasserstein(grid: Floats, other: Floats) -> float:
    """Return the mean distance of quantiles, in the column's unit."""
    with np.errstate(invalid="ignore"):
        return float(np.abs(grid - other).mean())


def population_stability(grid: Floats, other: Floats) -> float:
    """Return the population stability index on the deciles of the second grid; equal deciles are one."""
    edges = np.unique(other[GRID // DECILES - 1 : -1 : GRID // DECILES])
    edges = edges[edges < other[-1]]
    shares, expected = (
        np.maximum(np.bincount(np.searchsorted(edges, one), minlength=len(edges) + 1) / GRID, PSI_FLOOR)
        for one in (grid, other)
    )
    return float(np.sum((shares - expected) * np.log(shares / expected)))


def chi_squared(counts: NDArray[Any], others: NDArray[Any]) -> Test | None:
    """Test two rows of counts with Pearson's statistic, without correction; None with fewer than two values.

    Args:
        counts: of each value; every value is there in at least one of the two.
        others: of the same values.
    """
    from scipy.special import gammaincc

    if len(counts) < 2:
        return None
    total, other_total = float(counts.sum()), float(others.sum())
    both = counts + others
    share = total / (total + other_total)
    # Both terms of a value have the same difference above the line.
    squares = (counts - share * both) ** 2 / both
    statistic = float(squares.sum()) / (share * (1 - share))
    return Test(statistic, float(gammaincc((len(counts) - 1) / 2, statistic / 2)))


def total_variation(shares: Floats, others: Floats) -> float:
    """Return half the sum of the differences of shares."""
    return float(np.abs(shares - others).sum()) / 2


def l_infinity(shares: Floats, others: Floats) -> float:
    """Return the largest difference of shares."""
    return float(np.abs(shares - others).max())


def jensen_shannon(shares: Floats, others: Floats) -> float:
    """Return the square root of the Jensen–Shannon divergence to base 2, from 0 to 1."""
    middle = (shares + others) / 2
    divergence = 0.0
    for one in (shares, others):
        known = one > 0
        divergence += float(np.sum(one[known] * np.log2(one[known] / middle[known]))) / 2
    return float(np.sqrt(max(0.0, divergence)))
