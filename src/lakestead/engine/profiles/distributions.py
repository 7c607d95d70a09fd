"""What drift is computed from: the shape of each column in each group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lakestead.engine.profiles.definition import Group

GRID = 1000
# The middle of each thousandth, in half thousandths.
_MIDDLES = 2 * np.arange(GRID, dtype=np.int64) + 1


def middles(size: int) -> NDArray[np.int64]:
    """Return the ranks of the 1000 quantiles of so many values, those at (i + ½)/1000.

    Each stands for a thousandth of the values: the distribution function is within 0.0005 of theirs.
    """
    return _MIDDLES * size // (2 * GRID)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often each value is there.

    Attributes:
        codes: positions in the dictionary, ascending.
        counts: of each of them, at least 1.
        dictionary: values, shared by the groups of a profile.
        rest: how many values were too rare to be told apart.
    """

    codes: NDArray[np.int64]
    counts: NDArray[np.int64]
    dictionary: pa.Array
    rest: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """A column in a group.

    Attributes:
        count: its non-null values.
        facts: the metrics whose differences are drift: ``avg``, ``percent_null``, ``percent_zeros``,
            ``percent_distinct``; None or absent where a type has none.
        size: how many values the grid or the frequencies are of (NaN is in neither).
        grid: 1000 quantiles of a numeric column that has values.
        frequencies: of a categorical column.
    """

    count: int
    facts: Mapping[str, float | None]
    size: int = 0
    grid: NDArray[np.float64] | None = None
    frequencies: Frequencies | None = None


@dataclass(slots=True)
class Distributions:
    """The shapes of a profile's columns.

    Attributes:
        types: the columns and their types, as SQL names them.
        rows: how many each group has.
        shapes: by group and column.
        model_id: the column of models, when they are told apart.
    """

    types: dict[str, str] = field(default_factory=dict)
    rows: dict[Group, int] = field(default_factory=dict)
    shapes: dict[Group, dict[str, Shape]] = field(default_factory=dict)
    model_id: str | None = None

    def non_null(self, group: Group) -> list[str]:
        """Return the columns that have a value in a group."""
        return [name for name, shape in self.shapes.get(group, {}).items() if shape.count]

    def __iter__(self) -> Iterator[Group]:
        return iter(self.rows)
