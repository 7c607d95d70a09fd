"""How long a SQL warehouse works for the bytes that it reads, learnt from its history.

    task time = fixed + per byte × bytes read

Both are fitted by least squares of the relative error (each statement weighs 1 ÷ task time²) and are not
negative. The error is measured by a back-test: a fit on the older four fifths of the statements predicts the
newest fifth; it is the median of |predicted − actual| ÷ actual there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LEAST = 20
"""Fewer statements teach nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """A statement of the history.

    Args:
        size: the bytes that it read.
        work: its task time, in milliseconds; more than 0.
        elapsed: its execution time, in milliseconds.
    """

    size: float
    work: float
    elapsed: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a history teaches.

    Args:
        fixed: milliseconds of task time of any statement.
        per_byte: milliseconds of task time for each byte read.
        elapsed: milliseconds of execution time for each of task time: tasks run side by side.
        statements: how many taught it.
        error: the median relative error of predicted task times, measured by a back-test.
    """

    fixed: float
    per_byte: float
    elapsed: float
    statements: int
    error: float

    def work(self, size: float) -> float:
        """Return the task time, in milliseconds, of a statement that reads so many bytes."""
        return self.fixed + self.per_byte * size


def calibrate(runs: Sequence[Run]) -> Calibration | None:
    """Return what a history teaches; None if it is too short.

    Args:
        runs: the oldest first.
    """
    if len(runs) < LEAST:
        return None
    known = len(runs) * 4 // 5
    fixed, per_byte = _fit(runs[:known])
    errors = [abs(fixed + per_byte * run.size - run.work) / run.work for run in runs[known:]]
    fixed, per_byte = _fit(runs)
    elapsed = sum(run.elapsed for run in runs) / sum(run.work for run in runs)
    return Calibration(fixed, per_byte, elapsed, len(runs), median(errors))


def _fit(runs: Sequence[Run]) -> tuple[float, float]:
    """Return the fixed part and the part per byte, neither negative, with the least relative error."""
    # The normal equations of `1 = fixed / work + per_byte * size / work`.
    ones = sum(1 / run.work**2 for run in runs)
    mixed = sum(run.size / run.work**2 for run in runs)
    squares = sum((run.size / run.work) ** 2 for run in runs)
    first = sum(1 / run.work for run in runs)
    second = sum(run.size / run.work for run in runs)
    determinant = ones * squares - mixed**2
    if determinant > 1e-9 * ones * squares:
        fixed = (first * squares - second * mixed) / determinant
        per_byte = (second * ones - first * mixed) / determinant
        if fixed >= 0 and per_byte >= 0:
            return fixed, per_byte
    # One of them is 0: the better one of the two that are left.
    alone = [(first / ones, 0.0), (0.0, second / squares if squares else 0.0)]
    return min(
        alone, key=lambda fit: sum((fit[0] + fit[1] * run.size - run.work) ** 2 / run.work**2 for run in runs)
    )
