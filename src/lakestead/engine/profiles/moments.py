"""Means and deviations of values that come piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Values that a processor's cache holds.
NEAR = 1 << 14


@dataclass(slots=True)
class Moments:
    """What is known of the values that were added.

    Attributes:
        size: how many.
        mean: theirs.
        squares: the sum of the squares of their distances from the mean.
    """

    size: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, values: NDArray[Any], counts: NDArray[np.int64] | None = None) -> None:
        """Add values, at least one; ``counts`` says how often each is there."""
        number = len(values) if counts is None else int(counts.sum())
        with np.errstate(invalid="ignore", over="ignore"):
            if counts is None:
                mean = float(values.mean(dtype=np.float64))
                squares = sum(
                    _squares(values[start : start + NEAR], mean) for start in range(0, number, NEAR)
                )
            else:
                mean = float(np.multiply(values, counts, dtype=np.float64).sum()) / number
                squares = float((np.square(values - mean) * counts).sum())
            between = mean - self.mean
            total = self.size + number
            self.squares += squares + between * between * (self.size * number / total)
            self.mean += between * (number / total)
            self.size = total

    @property
    def deviation(self) -> float | None:
        """The standard deviation of a sample; a single value has none."""
        return (self.squares / (self.size - 1)) ** 0.5 if self.size > 1 else None


def _squares(values: NDArray[Any], mean: float) -> float:
    apart = np.subtract(values, mean, dtype=np.float64)
    # numpy's dot wakes threads for this.
    return float(np.square(apart, out=apart).sum())
