"""The errors of predicted numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lakestead.engine.profiles.moments import Moments


@dataclass(slots=True)
class Regression:
    """Sums over the rows of a group, as many as were added."""

    true: Moments = field(default_factory=Moments)
    squared: float = 0.0
    absolute: float = 0.0
    relative: float = 0.0

    def add(self, said: NDArray[np.float64], true: NDArray[np.float64]) -> None:
        """Add rows, at least one."""
        errors = np.abs(said - true)
        self.true.add(true)
        self.squared += float(np.square(errors).sum())
        self.absolute += float(errors.sum())
        # Of a true zero there is no percentage: scikit-learn, too, takes a double's smallest step.
        self.relative += float(np.sum(errors / np.maximum(np.abs(true), np.finfo(np.float64).eps)))

    def metrics(self) -> dict[str, Any]:
        """Return the columns of the metric table."""
        rows = self.true.size
        squared = self.squared / rows
        return {
            "mean_squared_error": squared,
            "root_mean_squared_error": squared**0.5,
            "mean_average_error": self.absolute / rows,
            "mean_absolute_percentage_error": self.relative / rows,
            "r2_score": 1 - self.squared / self.true.squares if self.true.squares else None,
        }
