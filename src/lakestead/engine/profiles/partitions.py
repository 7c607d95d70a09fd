"""The rows in the order of their groups: windows, slices, models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lakestead.engine.profiles.columns import Kind, Rows, kind_of, texts
from lakestead.engine.profiles.definition import ALL_MODELS, TOP_SLICES, Definition, Group, Slice
from lakestead.engine.profiles.windows import Granularity, Window

# Rows whose values a processor's cache holds, and the groups that make the parts of them too small.
_NEAR, _NEAR_GROUPS = 1 << 18, 256


@dataclass(frozen=True, slots=True)
class Partition:
    """Disjoint groups of rows.

    Attributes:
        groups: all have rows, but for the one group of an empty table.
        bounds: of the groups in the order; one more than there are groups.
        order: positions of the rows, group after group; None when they are in order as they come.
    """

    groups: tuple[Group, ...]
    bounds: NDArray[np.int64]
    order: NDArray[np.int64] | None

    def sorted(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values group after group; the same array when they are so already."""
        if self.order is None:
            return values
        result = np.empty(len(self.order), values.dtype)
        for start, end in self._spans():
            # Any other mode goes through a buffer.
            np.take(values, self.order[start:end], out=result[start:end], mode="clip")
        return result

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Yield parts of the order so that values near each other are taken while the processor has them."""
        if self.order is None or not 0 < len(self.groups) <= _NEAR_GROUPS:
            yield 0, int(self.bounds[-1])
            return
        edges = range(_NEAR, int(self.order.max(initial=0)) + 1, _NEAR)
        cuts = [
            start + np.searchsorted(self.order[start:end], edges)
            for start, end in zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True)
        ]
        borders = np.column_stack(
            [self.bounds[:-1], np.reshape(cuts, (len(self.groups), -1)), self.bounds[1:]]
        )
        for number in range(borders.shape[1] - 1):
            yield from zip(borders[:, number].tolist(), borders[:, number + 1].tolist(), strict=True)

    def parts(self, values: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Yield the values of each group, of an array that is in the order of the groups."""
        for start, end in zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True):
            yield values[start:end]


@dataclass(frozen=True, slots=True)
class Labels:
    """One way to tell rows apart.

    Attributes:
        codes: for each row, which of the groups it is in; -1 is none.
        groups: what a group of the number is.
    """

    codes: NDArray[np.signedinteger[Any]]
    groups: tuple[Group, ...]


def partitions(
    rows: Rows,
    definition: Definition,
    windows: Collection[Window] | None,
    *,
    baseline: bool,
    kept: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Partition]:
    """Yield the partitions of rows: each granularity × all rows or a slice × all models or each.

    Args:
        rows: what is divided.
        definition: how.
        windows: those that are wanted, None for all; without granularities the one that the groups carry.
        baseline: whether windows are left out.
        kept: by slicing key, the values that make slices; None for the most frequent ones of the rows.
    """
    by_slice = [_slice(rows, one, None if kept is None else kept[one.key]) for one in definition.slices]
    by_model = _models(rows, definition.model_id)
    for by_window in _windows(rows, definition, windows, baseline=baseline):
        for sliced in (None, *by_slice):
            for model in by_model:
                yield _partition(len(rows), [one for one in (by_window, sliced, model) if one is not None])


def instants(rows: Rows, name: str) -> tuple[NDArray[np.datetime64], NDArray[np.bool_] | None]:
    """Return a column of dates or timestamps as ``datetime64[us]``, and which are not null.

    Raises:
        ValueError: it is of another type.
    """
    if kind_of(rows.type_of(name)) is not Kind.TEMPORAL:
        raise ValueError(f"the column '{name}' is no date or timestamp")
    numbers = rows.numbers(name)
    micros = round(numbers.scale * 1e6)
    if not micros:
        return (numbers.values // 1000).view("datetime64[us]"), numbers.valid
    values = numbers.values if micros == 1 else numbers.values.astype(np.int64) * micros
    return values.view("datetime64[us]"), numbers.valid


def _windows(
    rows: Rows, definition: Definition, windows: Collection[Window] | None, *, baseline: bool
) -> Iterator[Labels | None]:
    if baseline or definition.timestamp is None:
        wanted = [None] if baseline or not windows else list(windows)
        if len(wanted) > 1:
            raise ValueError("without granularities rows are in one window")
        yield Labels(np.zeros(len(rows), np.int8), (Group(wanted[0]),))
        return
    times, valid = instants(rows, definition.timestamp)
    for granularity in definition.granularities:
        yield window_labels(times, valid, granularity, windows)


def window_labels(
    times: NDArray[np.datetime64],
    valid: NDArray[np.bool_] | None,
    granularity: Granularity,
    windows: Collection[Window] | None,
) -> Labels:
    """Return which window of a granularity each instant is in."""
    ordinals = granularity.ordinals(times)
    known = ordinals if valid is None else ordinals[valid]
    if not len(known):
        return Labels(np.full(len(times), -1), ())
    first, last = int(known.min()), int(known.max())
    if last - first < max(1 << 16, 4 * len(known)):
        present = first + np.flatnonzero(np.bincount(known - first))
    else:
        present = np.unique(known)
    found = {int(ordinal): granularity.at(int(ordinal)) for ordinal in present}
    kept = [ordinal for ordinal, window in found.items() if windows is None or window in windows]
    groups = tuple(Group(found[ordinal], granularity) for ordinal in kept)
    codes = _positions(ordinals, np.array(kept, np.int64))
    if valid is not None:
        codes[~valid] = -1
    return Labels(codes, groups)


def _positions(values: NDArray[np.int64], ascending: NDArray[np.int64]) -> NDArray[Any]:
    """Return where each value is among ascending ones, -1 where it is not."""
    consecutive = len(ascending) > 0 and int(ascending[-1] - ascending[0]) + 1 == len(ascending)
    where = values - ascending[0] if consecutive else np.searchsorted(ascending, values)
    found = (where >= 0) & (where < len(ascending))
    if not consecutive:
        found &= np.append(ascending, 0)[where] == values
    where[~found] = -1
    return where.astype(np.int16 if len(ascending) < 1 << 15 else np.int32)


def _slice(rows: Rows, one: Slice, kept: Sequence[str] | None) -> Labels:
    coded = rows.codes(one.column)
    if kept is None:
        counts = np.bincount(coded.values[coded.values >= 0], minlength=len(coded.dictionary))
        top = np.argsort(-counts, kind="stable")[:TOP_SLICES]
        top = top[counts[top] > 0]
        kept = texts(coded.dictionary.take(pa.array(top)))
    where = {value: position for position, value in enumerate(kept)}
    renumbered = np.array([*(where.get(value, -1) for value in texts(coded.dictionary)), -1], np.int16)
    groups = tuple(Group(slice_key=one.key, slice_value=value) for value in kept)
    return Labels(renumbered[coded.values], groups)


def _models(rows: Rows, column: str | None) -> list[Labels | None]:
    if column is None:
        return [None]
    coded = rows.codes(column)
    everything = Labels(np.zeros(len(rows), np.int8), (Group(model=ALL_MODELS),))
    return [everything, Labels(coded.values, tuple(Group(model=name) for name in texts(coded.dictionary)))]


def _partition(rows: int, labels: list[Labels]) -> Partition:
    codes, excluded, groups = _crossed(labels)
    order: NDArray[np.int64] | None = None
    if excluded is not None:
        order = np.flatnonzero(~excluded)
        codes = codes[order]
    if np.any(codes[1:] < codes[:-1]):
        # numpy sorts 16 bits by radix.
        narrow = codes.astype(np.uint16) if len(groups) <= 1 << 16 else codes
        moved = np.argsort(narrow, kind="stable")
        codes = codes[moved]
        order = moved if order is None else order[moved]
    starts = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    bounds = np.concatenate([[0], starts, [len(codes)]]).astype(np.int64)
    if not len(codes):
        # A table without rows has metrics; a window, slice or model without rows has none.
        alone = tuple(groups) if len(groups) == 1 and rows == 0 else ()
        return Partition(alone, np.zeros(len(alone) + 1, np.int64), order)
    present = codes[bounds[:-1]]
    return Partition(tuple(groups[int(one)] for one in present), bounds, order)


def _crossed(labels: list[Labels]) -> tuple[NDArray[Any], NDArray[np.bool_] | None, _Crossed]:
    total = int(np.prod([max(1, len(one.groups)) for one in labels], dtype=np.int64))
    codes = labels[0].codes
    excluded: NDArray[np.bool_] | None = None
    if total > np.iinfo(codes.dtype).max:
        codes = codes.astype(np.int64 if total > np.iinfo(np.int32).max else np.int32)
    for position, one in enumerate(labels):
        missing = one.codes < 0
        if missing.any():
            excluded = missing if excluded is None else excluded | missing
        if position and len(one.groups) > 1:
            codes = codes * len(one.groups) + one.codes
    return codes, excluded, _Crossed(tuple(one.groups for one in labels))


@dataclass(frozen=True, slots=True)
class _Crossed:
    """The groups of several labels together, made when they are asked for: most may have no rows."""

    groups: tuple[tuple[Group, ...], ...]

    def __len__(self) -> int:
        return int(np.prod([len(one) for one in self.groups], dtype=np.int64))

    def __getitem__(self, code: int) -> Group:
        chosen: list[Group] = []
        for one in reversed(self.groups):
            code, position = divmod(code, len(one))
            chosen.append(one[position])
        first = chosen.pop()
        for other in chosen:
            if other.model is not None:
                first = replace(first, model=other.model)
            else:
                first = replace(first, slice_key=other.slice_key, slice_value=other.slice_value)
        return first

    def __iter__(self) -> Iterator[Group]:
        return (self[code] for code in range(len(self)))
