"""What is computed together, so that memory is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lakestead.engine.profiles.columns import Rows
from lakestead.engine.profiles.findings import Work
from lakestead.engine.profiles.partitions import instants, window_labels
from lakestead.engine.profiles.source import Source, TableSource
from lakestead.engine.profiles.streaming import blocks, most_frequent
from lakestead.engine.profiles.windows import Granularity, Window

# Bytes of a row: a column's values, twice, what they are counted with, and the row's position.
_VALUES, _POSITION = 32, 8
# Reading everything more often than this takes longer than what exactness is worth.
_MOST_PASSES = 8
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Pass:
    """A part of the work.

    Attributes:
        work: with the granularity and the windows of this part.
        rows: those of the windows; None when they are too many, and the source is to be streamed.
    """

    work: Work
    rows: Rows | None


def passes(source: Source, work: Work, budget_bytes: int) -> Iterator[Pass]:
    """Yield the parts of work, all at once when they fit."""
    definition = work.definition
    divisions = (1 + len(definition.slices)) * (1 if definition.model_id is None else 2)
    every = _VALUES + _POSITION * divisions * max(1, len(definition.granularities))
    if source.rows * every <= budget_bytes:
        yield Pass(work, Rows(source))
        return
    work = replace(work, kept={one.key: most_frequent(source, one.column) for one in definition.slices})
    if work.baseline or definition.timestamp is None:
        yield Pass(work, None)
        return
    capacity = budget_bytes // (_VALUES + _POSITION * (divisions + 1))
    for granularity in definition.granularities:
        part = replace(work, definition=replace(definition, granularities=(granularity,)))
        yield from _by_windows(source, part, granularity, definition.timestamp, capacity)


def _by_windows(
    source: Source, work: Work, granularity: Granularity, timestamp: str, capacity: int
) -> Iterator[Pass]:
    sizes = _sizes(source, work, granularity, timestamp)
    together = _together(sizes, capacity)
    if len(together) > _MOST_PASSES:
        together = []
    alone = set(sizes).difference(*together)
    for windows in together:
        work.go_on()
        chosen = replace(work, windows=windows)
        yield Pass(chosen, Rows(source, _positions(source, chosen, granularity, timestamp)))
    if alone:
        yield Pass(replace(work, windows=alone), None)


def _together(sizes: Counter[Window], capacity: int) -> list[set[Window]]:
    """Return which windows fit into memory with one another; one that does not fit alone is in none."""
    result: list[set[Window]] = []
    room = 0
    for window in sorted(sizes):
        if sizes[window] > capacity:
            continue
        if not result or sizes[window] > room:
            result.append(set())
            room = capacity
        result[-1].add(window)
        room -= sizes[window]
    return result


def _sizes(source: Source, work: Work, granularity: Granularity, timestamp: str) -> Counter[Window]:
    sizes: Counter[Window] = Counter()
    for table in blocks(source, [timestamp], _BLOCK):
        labels = window_labels(*instants(Rows(TableSource(table)), timestamp), granularity, work.windows)
        counts = np.bincount(labels.codes + 1, minlength=len(labels.groups) + 1)[1:]
        for group, count in zip(labels.groups, counts.tolist(), strict=True):
            if group.window is not None:
                sizes[group.window] += count
    return sizes


def _positions(source: Source, work: Work, granularity: Granularity, timestamp: str) -> NDArray[np.int64]:
    found: list[NDArray[np.int64]] = []
    start = 0
    for table in blocks(source, [timestamp], _BLOCK):
        labels = window_labels(*instants(Rows(TableSource(table)), timestamp), granularity, work.windows)
        found.append(start + np.flatnonzero(labels.codes >= 0))
        start += table.num_rows
    return np.concatenate(found)
