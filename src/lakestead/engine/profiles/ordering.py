"""Values in order: sorted, or counted where few are possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lakestead.engine.profiles.moments import NEAR, Moments

# How many values may be possible for each one there is, for counting to be cheaper than sorting.
_SPARSE = 4
# Decimal places that prices and percentages are written with.
_SCALES = (1.0, 100.0)
_TRIED = 1000
# Doubles below are whole numbers exactly.
_EXACT = 2**53


class Ordered(Protocol):
    """Values in ascending order, without nulls and NaN.

    Attributes:
        size: how many there are.
        different: how many different ones.
    """

    @property
    def size(self) -> int: ...
    @property
    def different(self) -> int: ...

    def at(self, ranks: NDArray[np.int64]) -> NDArray[Any]:
        """Return the values of ranks, which are from 0 to the size."""

    def zeros(self) -> int:
        """Return how many are zero."""

    def moments(self) -> tuple[float, float | None]:
        """Return the mean and the standard deviation of a sample; a single value has none."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Values that were sorted."""

    values: NDArray[Any]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.values)

    @property
    def different(self) -> int:
        """How many different ones."""
        return int(np.count_nonzero(self.values[1:] != self.values[:-1])) + bool(len(self.values))

    def at(self, ranks: NDArray[np.int64]) -> NDArray[Any]:
        """Return the values of ranks."""
        return self.values[ranks]

    def zeros(self) -> int:
        """Return how many are zero."""
        low, high = (int(np.searchsorted(self.values, 0, side)) for side in ("left", "right"))
        return high - low

    def moments(self) -> tuple[float, float | None]:
        """Return the mean and the standard deviation of a sample."""
        moments = Moments()
        moments.add(self.values)
        return moments.mean, moments.deviation


@dataclass(frozen=True, slots=True)
class Counted:
    """Different values in ascending order, and how often each is there."""

    values: NDArray[Any]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.ends[-1])

    @property
    def different(self) -> int:
        """How many different ones."""
        return len(self.values)

    def at(self, ranks: NDArray[np.int64]) -> NDArray[Any]:
        """Return the values of ranks."""
        return self.values[np.searchsorted(self.ends, ranks, "right")]

    def zeros(self) -> int:
        """Return how many are zero."""
        return int(self.counts[self.values == 0].sum())

    def moments(self) -> tuple[float, float | None]:
        """Return the mean and the standard deviation of a sample."""
        moments = Moments()
        moments.add(self.values, self.counts)
        return moments.mean, moments.deviation


def ordered(values: NDArray[Any]) -> Ordered:
    """Put values in order; the array may be sorted in place."""
    counted = _counted(values, 1.0) if values.dtype.kind in "iu" else _rounded(values)
    if counted is not None:
        return counted
    values.sort()
    return Sorted(values)


def _rounded(values: NDArray[Any]) -> Counted | None:
    """Count numbers that are written with no, or two, decimal places."""
    for scale in _SCALES:
        if len(values) and _whole(values[:_TRIED], scale) is not None:
            whole = _whole(values, scale)
            return None if whole is None else _counted(whole, scale)
    return None


def _whole(values: NDArray[Any], scale: float) -> NDArray[np.int64] | None:
    """Return values times the scale, when those are whole numbers that divided give the values again."""
    result = np.empty(len(values), np.int64)
    for start in range(0, len(values), NEAR):
        near = values[start : start + NEAR]
        with np.errstate(over="ignore", invalid="ignore"):
            moved = np.rint(np.multiply(near, scale, dtype=np.float64))
            if not (
                np.abs(moved).max() < _EXACT and np.array_equal((moved / scale).astype(near.dtype), near)
            ):
                return None
        result[start : start + NEAR] = moved
    return result


def _counted(values: NDArray[Any], scale: float) -> Counted | None:
    """Count whole numbers that are close to each other."""
    if not len(values):
        return None
    low, high = int(values.min()), int(values.max())
    if high - low >= _SPARSE * len(values):
        return None
    counts = np.bincount(values - low if low else values)
    present = np.flatnonzero(counts)
    counts = counts[present]
    different = present + low
    return Counted(different if scale == 1.0 else different / scale, counts, np.cumsum(counts))
