"""The rows of the table of profile metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from lakestead.engine.profiles.classification import Classification, fairness
from lakestead.engine.profiles.definition import WHOLE_TABLE, Definition, Group
from lakestead.engine.profiles.distributions import Distributions
from lakestead.engine.profiles.quality import Quality
from lakestead.engine.profiles.schema import FREQUENT, WINDOW, computed, profile_schema
from lakestead.engine.profiles.summaries import Summary, grids
from lakestead.engine.profiles.windows import Window


class MetricsTable:
    """Rows of the metric table, column by column."""

    def __init__(self, definition: Definition, log_type: str) -> None:
        self._schema = computed(profile_schema(definition.model_id, definition.inference))
        self._model_id = definition.model_id
        self._log_type = log_type
        self._batches: list[pa.RecordBatch] = []

    def add(self, name: str, type_: str, found: Mapping[Group, Summary]) -> None:
        """Add a column's metrics in some groups."""
        summaries = list(found.values())
        given = {
            **self._keys(list(found), name),
            "data_type": [type_] * len(summaries),
            "quantiles": grids(summaries),
            "frequent_items": _frequent(summaries),
        }
        rest = [field.name for field in self._schema if field.name not in given]
        self._batch(given | {key: [getattr(one, key, None) for one in summaries] for key in rest})

    def add_whole(self, distributions: Distributions, quality: Mapping[Group, Quality]) -> None:
        """Add the row of the table to each group, with the quality of its model."""
        groups = list(distributions.rows)
        measured = {group: one.metrics() for group, one in quality.items()}
        classified = {group: one for group, one in quality.items() if isinstance(one, Classification)}
        for group, compared in fairness(classified).items():
            measured[group] |= compared
        found = [measured.get(group, {}) for group in groups]
        given = {
            **self._keys(groups, WHOLE_TABLE),
            "count": list(distributions.rows.values()),
            "non_null_columns": [distributions.non_null(group) for group in groups],
        }
        rest = [field.name for field in self._schema if field.name not in given]
        self._batch(given | {key: [one.get(key) for one in found] for key in rest})

    def finished(self) -> pa.Table:
        """Return the rows."""
        return pa.Table.from_batches(self._batches, self._schema)

    def _keys(self, groups: Sequence[Group], name: str) -> dict[str, Any]:
        keys: dict[str, Any] = {
            "window": pa.array([as_struct(group.window) for group in groups], WINDOW),
            "log_type": [self._log_type] * len(groups),
            "granularity": [group.granularity and str(group.granularity) for group in groups],
            "slice_key": [group.slice_key for group in groups],
            "slice_value": [group.slice_value for group in groups],
            "column_name": [name] * len(groups),
        }
        if self._model_id is not None:
            keys[self._model_id] = [group.model for group in groups]
        return keys

    def _batch(self, columns: Mapping[str, Any]) -> None:
        values = [(columns[field.name], field.type) for field in self._schema]
        arrays = [one if isinstance(one, pa.Array) else pa.array(one, type_) for one, type_ in values]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))


def as_struct(window: Window | None) -> dict[str, Any] | None:
    """Return a window as a value of the metric tables."""
    return None if window is None else {"start": window.start, "end": window.end}


def _frequent(found: Sequence[Summary]) -> pa.Array:
    items = [
        None
        if one.frequent is None
        else [
            {"item": item, "count": count}
            for item, count in zip(one.frequent.items, one.frequent.counts.tolist(), strict=True)
        ]
        for one in found
    ]
    return pa.array(items, FREQUENT)
