"""Columns that are seen once, block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakestead.engine.profiles.columns import Kind, Rows
from lakestead.engine.profiles.definition import Group
from lakestead.engine.profiles.distinct import Distinct, hashed, hashed_text
from lakestead.engine.profiles.distributions import Frequencies
from lakestead.engine.profiles.moments import Moments
from lakestead.engine.profiles.partitions import Partition
from lakestead.engine.profiles.summaries import Summary, categorical, landmarks, lengths, of_numbers, opaque

# Ranks are then within 0.0007 of the true ones, with 99 % confidence.
_ACCURACY = 4000
_VALUES = 200_000


class ColumnSketch(Protocol):
    """What is known of a column in each group."""

    def add(self, rows: Rows, name: str, divided: Sequence[Partition]) -> None:
        """Add a block."""

    def summaries(self) -> Mapping[Group, Summary]:
        """Return what the blocks had, by group."""


class OpaqueSketch:
    """Counts of nulls."""

    def __init__(self) -> None:
        self._found: dict[Group, Summary] = {}

    def add(self, rows: Rows, name: str, divided: Sequence[Partition]) -> None:
        """Add a block."""
        valid = rows.valid(name)
        for partition in divided:
            for group, one in zip(partition.groups, opaque(valid, partition), strict=True):
                known = self._found.setdefault(group, Summary(0, 0))
                known.count += one.count
                known.num_nulls += one.num_nulls

    def summaries(self) -> Mapping[Group, Summary]:
        """Return what the blocks had, by group."""
        return self._found


class Quantiles:
    """Numbers of one group: :class:`Ordered`, but for the sketch's errors."""

    def __init__(self) -> None:
        from datasketches import kll_doubles_sketch

        self.nulls = 0
        self.nan = 0
        self._zeros = 0
        self._sketch = kll_doubles_sketch(_ACCURACY)
        self._moments = Moments()
        self._distinct = Distinct()

    def add(self, values: NDArray[Any]) -> None:
        """Add numbers without nulls."""
        if values.dtype.kind == "f":
            known = values[~np.isnan(values)]
            self.nan += len(values) - len(known)
            values = known
        if len(values):
            self._zeros += int(np.count_nonzero(values == 0))
            self._sketch.update(values.astype(np.float64, copy=False))
            self._moments.add(values)
            self._distinct.add(hashed(values))

    @property
    def size(self) -> int:
        """How many there are."""
        return self._moments.size

    @property
    def different(self) -> int:
        """How many different ones, about."""
        return min(self._distinct.estimate, self.size)

    def at(self, ranks: NDArray[np.int64]) -> NDArray[Any]:
        """Return the values of ranks, about; the first and the last are exact."""
        values = np.array(self._sketch.get_quantiles(((ranks + 0.5) / self.size).tolist()))
        values[ranks == 0] = self._sketch.get_min_value()
        values[ranks == self.size - 1] = self._sketch.get_max_value()
        return values

    def zeros(self) -> int:
        """Return how many are zero."""
        return self._zeros

    def moments(self) -> tuple[float, float | None]:
        """Return the mean and the standard deviation of a sample."""
        return self._moments.mean, self._moments.deviation


class NumberSketch:
    """Quantiles, moments and the number of different values of a column."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._scale = 1.0
        self._found: dict[Group, Quantiles] = {}

    def add(self, rows: Rows, name: str, divided: Sequence[Partition]) -> None:
        """Add a block."""
        numbers = rows.numbers(name)
        self._scale = numbers.scale
        for partition in divided:
            values = partition.sorted(numbers.values)
            valid = None if numbers.valid is None else partition.sorted(numbers.valid)
            for number, group in enumerate(partition.groups):
                some = slice(partition.bounds[number], partition.bounds[number + 1])
                known = values[some] if valid is None else values[some][valid[some]]
                found = self._found.get(group)
                if found is None:
                    found = self._found[group] = Quantiles()
                found.nulls += int(some.stop - some.start) - len(known)
                found.add(known)

    def summaries(self) -> Mapping[Group, Summary]:
        """Return what the blocks had, by group."""
        return {group: self._summary(found) for group, found in self._found.items()}

    def _summary(self, found: Quantiles) -> Summary:
        summary = Summary(
            found.size + found.nan, found.nulls, distinct_count=found.different + bool(found.nan)
        )
        if self._kind is Kind.NUMERIC:
            summary.num_nan, summary.num_zeros = found.nan, found.zeros()
            return of_numbers(summary, found) if found.size else summary
        if found.size:
            summary.min, summary.median, summary.max = (one * self._scale for one in landmarks(found))
        return summary


class CategoricalSketch:
    """Counts of values; when there are too many, the rarest are no longer told apart."""

    def __init__(self) -> None:
        self._dictionary: pa.Array | None = None
        self._hashes: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._found: dict[Group, _Counts] = {}

    def add(self, rows: Rows, name: str, divided: Sequence[Partition]) -> None:
        """Add a block."""
        codes = rows.codes(name)
        numbers = np.append(self._numbered(codes.dictionary), -1)
        size = len(self._hashes)
        for partition in divided:
            moved = numbers[partition.sorted(codes.values)]
            for group, part in zip(partition.groups, partition.parts(moved), strict=True):
                self._found.setdefault(group, _Counts()).add(part, size, self._hashes)
        if size > _VALUES:
            self._drop()

    def summaries(self) -> Mapping[Group, Summary]:
        """Return what the blocks had, by group."""
        if self._dictionary is None:
            return {}
        measure = lengths(self._dictionary)
        return {group: one.summary(self._dictionary, measure) for group, one in self._found.items()}

    def _numbered(self, dictionary: pa.Array) -> NDArray[np.int64]:
        """Return the numbers of a block's values, after those that are new were given some."""
        if self._dictionary is None:
            self._dictionary = dictionary.slice(0, 0)
        where = pc.index_in(dictionary, value_set=self._dictionary)
        new = dictionary.filter(where.is_null())
        if len(new):
            text = new.cast(pa.string()) if pa.types.is_boolean(new.type) else new
            self._hashes = np.concatenate([self._hashes, hashed_text(text)])
            self._dictionary = pa.concat_arrays([self._dictionary, new])
            where = pc.index_in(dictionary, value_set=self._dictionary)
        numbers: NDArray[np.int64] = where.to_numpy(zero_copy_only=False).astype(np.int64)
        return numbers

    def _drop(self) -> None:
        """Forget the rarer half of the values."""
        total = sum((one.of(len(self._hashes)) for one in self._found.values()), np.zeros(1, np.int64))
        kept = np.sort(np.argpartition(-total, _VALUES // 2)[: _VALUES // 2])
        for one in self._found.values():
            one.keep(kept, len(self._hashes))
        self._hashes = self._hashes[kept]
        assert self._dictionary is not None
        self._dictionary = self._dictionary.take(pa.array(kept))


class _Counts:
    """How often the values of one group are there."""

    def __init__(self) -> None:
        self._nulls = 0
        self._rest = 0
        self._counts = np.zeros(0, np.int64)
        self._distinct = Distinct()

    def add(self, numbers: NDArray[np.int64], size: int, hashes: NDArray[np.uint64]) -> None:
        """Add values by their numbers, below the size; -1 is null."""
        every = np.bincount(numbers + 1, minlength=size + 1)
        self._nulls += int(every[0])
        self._counts = self.of(size) + every[1:]
        self._distinct.add(hashes[np.flatnonzero(every[1:])])

    def of(self, size: int) -> NDArray[np.int64]:
        """Return the counts of so many values."""
        return np.pad(self._counts, (0, size - len(self._counts)))

    def keep(self, kept: NDArray[np.int64], size: int) -> None:
        """Forget all other values."""
        counts = self.of(size)
        self._counts = counts[kept]
        self._rest += int(counts.sum() - self._counts.sum())

    def summary(self, dictionary: pa.Array, measure: NDArray[np.int64] | None) -> Summary:
        """Return what is known."""
        present = np.flatnonzero(self._counts)
        frequencies = Frequencies(present, self._counts[present], dictionary, self._rest)
        summary = categorical(frequencies, self._nulls, measure)
        if self._rest:
            summary.distinct_count = min(self._distinct.estimate, summary.count)
        return summary
