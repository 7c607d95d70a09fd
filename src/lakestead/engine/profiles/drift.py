"""Drift: how the columns of one group differ from those of another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lakestead.engine.profiles import statistics
from lakestead.engine.profiles.definition import WHOLE_TABLE, Definition, Group
from lakestead.engine.profiles.distributions import Distributions, Frequencies, Shape
from lakestead.engine.profiles.profile import BASELINE
from lakestead.engine.profiles.schema import computed, drift_schema
from lakestead.engine.profiles.statistics import Test
from lakestead.engine.profiles.table import as_struct
from lakestead.engine.profiles.windows import Window

CONSECUTIVE = "CONSECUTIVE"


def drift(
    current: Distributions,
    base: Distributions | None,
    definition: Definition,
    *,
    previous: Distributions | None = None,
    windows: Collection[Window] | None = None,
) -> pa.Table:
    """Compare windows with the ones before them, and with the baseline.

    Args:
        current: of a profile.
        base: of the baseline's profile.
        definition: of the profile.
        previous: where windows before the first are; of a snapshot, the one before it.
        windows: those that are compared, None for all of the profile's.

    Returns:
        A row for each column, and one for the table, of each pair of groups, as :data:`DRIFT_SCHEMA` has them
        but for the monitor's version.
    """
    schema = computed(drift_schema(definition.model_id))
    comparison = _Comparison()
    rows: list[dict[str, Any]] = []
    for group in current:
        if windows is not None and group.window not in windows:
            continue
        for kind, other, where in _pairs(group, current, base, previous):
            keys = {
                "window": as_struct(group.window),
                "granularity": group.granularity and str(group.granularity),
                "slice_key": group.slice_key,
                "slice_value": group.slice_value,
                "window_cmp": None if kind == BASELINE else as_struct(other.window),
                "drift_type": kind,
            }
            if definition.model_id is not None:
                keys[definition.model_id] = group.model
            rows.append(keys | _whole(current, group, where, other))
            others = where.shapes[other]
            rows += [
                keys
                | {"column_name": name, "data_type": current.types[name]}
                | comparison.of(shape, others[name])
                for name, shape in current.shapes[group].items()
                if name in others
            ]
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _pairs(
    group: Group, current: Distributions, base: Distributions | None, previous: Distributions | None
) -> Iterator[tuple[str, Group, Distributions]]:
    """Yield what a group is compared with."""
    for where in (current, previous):
        before = _before(group, where) if where is not None else None
        if where is not None and before in where.rows:
            yield CONSECUTIVE, before, where
            break
    if base is not None:
        model = group.model if base.model_id is not None else None
        same = replace(group, window=None, granularity=None, model=model)
        if same in base.rows:
            yield BASELINE, same, base


def _before(group: Group, where: Distributions) -> Group | None:
    """Return the same group in the window before."""
    if group.window is None:
        return None
    if group.granularity is not None:
        start = group.granularity.previous(group.window.start)
        return replace(group, window=Window(start, group.window.start))
    snapshots = {other.window for other in where if other.window is not None}
    earlier = [window for window in snapshots if window.start < group.window.start]
    return replace(group, window=max(earlier)) if earlier else None


def _whole(current: Distributions, group: Group, where: Distributions, other: Group) -> dict[str, Any]:
    now, then = set(current.non_null(group)), set(where.non_null(other))
    return {
        "column_name": WHOLE_TABLE,
        "count_delta": current.rows[group] - where.rows[other],
        "non_null_columns_delta": {"added": len(now - then), "missing": len(then - now)},
    }


class _Comparison:
    """Compares shapes, and remembers how the values of one dictionary are numbered in another."""

    def __init__(self) -> None:
        self._numbered: dict[tuple[int, int], NDArray[np.int64]] = {}

    def of(self, shape: Shape, other: Shape) -> dict[str, Any]:
        """Return the drift metrics of a column."""
        result: dict[str, Any] = {"count_delta": shape.count - other.count}
        for name, value in shape.facts.items():
            then = other.facts.get(name)
            result[f"{name}_delta"] = None if value is None or then is None else value - then
        if shape.grid is not None and other.grid is not None:
            test = statistics.kolmogorov_smirnov(shape.grid, other.grid, shape.size, other.size)
            result["ks_test"] = _as_struct(test)
            result["wasserstein_distance"] = statistics.wasserstein(shape.grid, other.grid)
            result["population_stability_index"] = statistics.population_stability(shape.grid, other.grid)
        elif shape.frequencies is not None and other.frequencies is not None and shape.size and other.size:
            result |= _categorical(*self._aligned(shape.frequencies, other.frequencies))
        return result

    def _aligned(self, one: Frequencies, other: Frequencies) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the counts of the values that either has."""
        codes = other.codes
        size = len(one.dictionary)
        if other.dictionary is not one.dictionary:
            pair = (id(one.dictionary), id(other.dictionary))
            if pair not in self._numbered:
                self._numbered[pair] = _numbers(one.dictionary, other.dictionary)
            codes = self._numbered[pair][codes]
            size += len(other.dictionary)
        counts, others = np.zeros((2, size), np.int64)
        counts[one.codes] = one.counts
        others[codes] = other.counts
        present = np.flatnonzero(counts | others)
        if one.rest or other.rest:
            return np.append(counts[present], one.rest), np.append(others[present], other.rest)
        return counts[present], others[present]


def _numbers(dictionary: pa.Array, other: pa.Array) -> NDArray[np.int64]:
    """Return the numbers of one dictionary's values in another; those it has not come after its last."""
    found = pc.index_in(other, value_set=dictionary.cast(other.type)).to_numpy(zero_copy_only=False)
    new = len(dictionary) + np.arange(len(other))
    return np.where(np.isnan(found), new, found).astype(np.int64)


def _categorical(counts: NDArray[np.int64], others: NDArray[np.int64]) -> dict[str, Any]:
    test = statistics.chi_squared(counts, others)
    shares, expected = counts / counts.sum(), others / others.sum()
    return {
        "chi_squared_test": None if test is None else _as_struct(test),
        "tv_distance": statistics.total_variation(shares, expected),
        "l_infinity_distance": statistics.l_infinity(shares, expected),
        "js_distance": statistics.jensen_shannon(shares, expected),
    }


def _as_struct(test: Test) -> dict[str, float]:
    return {"statistic": test.statistic, "pvalue": test.pvalue}
