"""Distributions as metric tables keep them, and what moved between two of them.

Both kinds answer the same question: which part of the values gained the most, and how much of the values is
in it. So slices can be compared by how much each brings to that part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Distribution:
    """The values of a column in one window and slice.

    Attributes:
        count: the values, without nulls.
        quantiles: of numbers: their quantiles at even steps, in order; else empty.
        items: of categories: how often the most frequent ones occur; else empty.
    """

    count: int
    quantiles: Sequence[float] = ()
    items: Mapping[str, int] | None = None

    def share(self, item: str) -> float:
        """Return which share of the values a category is, 0 to 1."""
        return (self.items or {}).get(item, 0) / self.count if self.count else 0.0

    def quantile(self, share: float) -> float:
        """Return the number that a share of the values does not exceed."""
        return self.quantiles[min(round(share * (len(self.quantiles) - 1)), len(self.quantiles) - 1)]

    def up_to(self, value: float) -> float:
        """Return which share of the numbers does not exceed a value, 0 to 1."""
        return bisect_right(self.quantiles, value) / len(self.quantiles) if self.quantiles else 0.0


@dataclass(frozen=True)
class Numbers:
    """The numbers on one side of a value.

    Attributes:
        cut: the value.
        above: whether those above it are meant, or those up to it.
    """

    cut: float
    above: bool

    def mass(self, distribution: Distribution) -> float:
        """Return which share of a distribution is in it, 0 to 1."""
        up_to = distribution.up_to(self.cut)
        if not distribution.quantiles:
            return 0.0
        return 1 - up_to if self.above else up_to

    def __str__(self) -> str:
        return f"values {'above' if self.above else 'up to'} {self.cut:.6g}"


@dataclass(frozen=True)
class Categories:
    """Some categories.

    Attributes:
        items: them.
    """

    items: Collection[str]

    def mass(self, distribution: Distribution) -> float:
        """Return which share of a distribution is in it, 0 to 1."""
        return sum(distribution.share(item) for item in self.items)

    def __str__(self) -> str:
        return "the categories that gained"


Part: TypeAlias = Numbers | Categories
"""A part of all values."""


def gained(now: Distribution, before: Distribution) -> Part:
    """Return the part of the values that gained the most.

    Of numbers it is what lies on one side of the value where the two cumulative distributions are furthest
    apart (the Kolmogorov-Smirnov statistic is its gain); of categories, all whose share grew (the total
    variation distance is its gain).
    """
    if now.quantiles and before.quantiles:
        points = sorted({*now.quantiles, *before.quantiles})
        cut = max(points, key=lambda point: abs(now.up_to(point) - before.up_to(point)))
        return Numbers(cut, above=now.up_to(cut) < before.up_to(cut))
    known = {*(now.items or {}), *(before.items or {})}
    return Categories(frozenset(item for item in known if now.share(item) > before.share(item)))
