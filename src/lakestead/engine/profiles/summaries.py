"""The metrics of one column in each group of a partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakestead.engine.profiles.columns import Codes, Kind, Numbers, Rows, kind_of, texts
from lakestead.engine.profiles.distributions import GRID, Frequencies, Shape, middles
from lakestead.engine.profiles.ordering import Ordered, ordered
from lakestead.engine.profiles.partitions import Partition

FREQUENT_ITEMS = 100
_FACTS = ("avg", "percent_null", "percent_zeros", "percent_distinct")


@dataclass(frozen=True, slots=True)
class Frequent:
    """The most frequent values of a group, as text, and how often they are there."""

    items: Sequence[str]
    counts: NDArray[np.int64]


@dataclass(slots=True)
class Summary:
    """What is said of a column in a group; what a type has no meaning for stays None.

    Attributes:
        size: how many values the grid or the frequencies are of.
    """

    count: int
    num_nulls: int
    avg: float | None = None
    min: float | None = None
    max: float | None = None
    stddev: float | None = None
    median: float | None = None
    num_zeros: int | None = None
    num_nan: int | None = None
    min_length: float | None = None
    max_length: float | None = None
    avg_length: float | None = None
    distinct_count: int | None = None
    frequent: Frequent | None = None
    grid: NDArray[np.float64] | None = None
    frequencies: Frequencies | None = None
    size: int = 0

    @property
    def percent_null(self) -> float | None:
        """The share of nulls among all rows."""
        rows = self.count + self.num_nulls
        return 100.0 * self.num_nulls / rows if rows else None

    @property
    def percent_nan(self) -> float | None:
        """The share of NaN among the non-null values."""
        return self._percent(self.num_nan)

    @property
    def percent_zeros(self) -> float | None:
        """The share of zeros among the non-null values."""
        return self._percent(self.num_zeros)

    @property
    def percent_distinct(self) -> float | None:
        """The number of different values, of 100 non-null ones."""
        return self._percent(self.distinct_count)

    @property
    def shape(self) -> Shape:
        """What drift needs."""
        facts = {name: getattr(self, name) for name in _FACTS}
        return Shape(self.count, facts, self.size, self.grid, self.frequencies)

    def _percent(self, number: int | None) -> float | None:
        return None if number is None or not self.count else 100.0 * number / self.count


def summaries(
    rows: Rows, name: str, partitions: Sequence[Partition], text_bytes: int
) -> Iterable[list[Summary]]:
    """Yield for each partition the summaries of its groups.

    Raises:
        TooWide: the column has different values of more than so many bytes.
    """
    kind = kind_of(rows.type_of(name))
    if kind is Kind.CATEGORICAL:
        codes = rows.codes(name, text_bytes)
        measure = lengths(codes.dictionary)
        return (
            [_counted(part, codes, measure) for part in one.parts(one.sorted(codes.values))]
            for one in partitions
        )
    if kind is Kind.OPAQUE:
        valid = rows.valid(name)
        return (opaque(valid, one) for one in partitions)
    numbers = rows.numbers(name)
    summary = numeric if kind is Kind.NUMERIC else temporal
    return (_sorted(numbers, one, summary, last=one is partitions[-1]) for one in partitions)


def _sorted(
    numbers: Numbers,
    partition: Partition,
    summary: Callable[[NDArray[Any], int, float], Summary],
    *,
    last: bool,
) -> list[Summary]:
    values = partition.sorted(numbers.values)
    if values is numbers.values and not last:
        # They are put in order where they are, and others want them as they were.
        values = values.copy()
    valid = None if numbers.valid is None else partition.sorted(numbers.valid)
    result = []
    for start, end in zip(partition.bounds[:-1].tolist(), partition.bounds[1:].tolist(), strict=True):
        part = values[start:end]
        if valid is not None:
            part = part[valid[start:end]]
        result.append(summary(part, end - start - len(part), numbers.scale))
    return result


def numeric(values: NDArray[Any], nulls: int, scale: float) -> Summary:
    """Summarise numbers."""
    nan = np.isnan(values) if values.dtype.kind == "f" else None
    number = 0 if nan is None else int(np.count_nonzero(nan))
    known = ordered(values[~nan] if nan is not None and number else values)
    summary = Summary(len(values), nulls, num_nan=number, num_zeros=0, distinct_count=int(number > 0))
    return of_numbers(summary, known) if known.size else summary


def of_numbers(summary: Summary, known: Ordered) -> Summary:
    """Complete the summary of numbers, which are at least one, by those that are not NaN."""
    summary.num_zeros = known.zeros()
    summary.distinct_count = known.different + bool(summary.num_nan)
    summary.avg, summary.stddev = known.moments()
    summary.min, summary.median, summary.max = landmarks(known)
    summary.grid, summary.size = known.at(middles(known.size)).astype(np.float64), known.size
    return summary


def temporal(values: NDArray[Any], nulls: int, scale: float) -> Summary:
    """Summarise dates or timestamps, as seconds since the epoch."""
    known = ordered(values)
    summary = Summary(known.size, nulls, distinct_count=known.different)
    if known.size:
        summary.min, summary.median, summary.max = (one * scale for one in landmarks(known))
    return summary


def landmarks(known: Ordered) -> tuple[float, float, float]:
    """Return the least value, the median (the mean of two when they are even in number) and the greatest."""
    ranks = np.array([0, (known.size - 1) // 2, known.size // 2, known.size - 1])
    low, left, right, high = known.at(ranks).tolist()
    return float(low), float(left) if left == right else (left + right) / 2, float(high)


def lengths(dictionary: pa.Array) -> NDArray[np.int64] | None:
    """Return the lengths of strings in characters, of bytes in bytes; None for booleans."""
    if pa.types.is_binary(dictionary.type):
        return np.asarray(pc.binary_length(dictionary), np.int64)
    if pa.types.is_boolean(dictionary.type):
        return None
    return np.asarray(pc.utf8_length(dictionary), np.int64)


def _counted(part: NDArray[np.int32], codes: Codes, measure: NDArray[np.int64] | None) -> Summary:
    different_values = len(codes.dictionary)
    if different_values <= 4 * len(part):
        every = np.bincount(part + 1, minlength=different_values + 1)
        nulls, every = int(every[0]), every[1:]
        present = np.flatnonzero(every)
        counts = every[present]
    else:
        present, counts = np.unique(part, return_counts=True)
        nulls = int(counts[0]) if len(present) and present[0] < 0 else 0
        present, counts = (present[1:], counts[1:]) if nulls else (present, counts)
    return categorical(Frequencies(present.astype(np.int64), counts, codes.dictionary), nulls, measure)


def categorical(frequencies: Frequencies, nulls: int, measure: NDArray[np.int64] | None) -> Summary:
    """Summarise counted values; ``measure`` has the lengths of the dictionary's."""
    present, counts = frequencies.codes, frequencies.counts
    told = int(counts.sum())
    count = told + frequencies.rest
    summary = Summary(count, nulls, distinct_count=len(present), frequencies=frequencies, size=count)
    if measure is not None and len(present):
        measured = measure[present]
        summary.min_length, summary.max_length = float(measured.min()), float(measured.max())
        summary.avg_length = float((measured * counts).sum()) / told
    top = most_frequent(counts)
    summary.frequent = Frequent(texts(frequencies.dictionary.take(pa.array(present[top]))), counts[top])
    return summary


def most_frequent(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of the highest counts, in falling order."""
    candidates = np.arange(len(counts))
    if len(counts) > FREQUENT_ITEMS:
        least = np.partition(counts, len(counts) - FREQUENT_ITEMS)[len(counts) - FREQUENT_ITEMS]
        candidates = np.flatnonzero(counts >= least)
    return candidates[np.argsort(-counts[candidates], kind="stable")[:FREQUENT_ITEMS]]


def opaque(valid: NDArray[np.bool_] | None, partition: Partition) -> list[Summary]:
    """Summarise values that can only be counted."""
    sizes = np.diff(partition.bounds)
    if valid is None:
        return [Summary(int(size), 0) for size in sizes]
    known = [int(part.sum()) for part in partition.parts(partition.sorted(valid))]
    return [Summary(count, int(size) - count) for count, size in zip(known, sizes, strict=True)]


def grids(found: Sequence[Summary]) -> pa.Array:
    """Return the quantiles of summaries, null where there are none."""
    known = np.array([one.grid is not None for one in found], np.bool_)
    offsets = np.concatenate([[0], np.cumsum(known * GRID)]).astype(np.int32)
    flat = np.concatenate([one.grid for one in found if one.grid is not None] or [np.empty(0)])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat), mask=pa.array(~known))
