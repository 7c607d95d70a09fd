"""A profile: every metric of every column in every group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from lakestead.engine.profiles import quality
from lakestead.engine.profiles.columns import Rows, type_text
from lakestead.engine.profiles.definition import WHOLE_TABLE, Definition, Group
from lakestead.engine.profiles.distributions import Distributions
from lakestead.engine.profiles.partitions import partitions
from lakestead.engine.profiles.schema import FREQUENT, WINDOW, computed, profile_schema
from lakestead.engine.profiles.source import Source
from lakestead.engine.profiles.summaries import Summary, grids, summaries
from lakestead.engine.profiles.windows import Window

INPUT, BASELINE = "INPUT", "BASELINE"


class Cancelled(Exception):
    """Whoever asked for a profile no longer wants it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found.

    Attributes:
        metrics: a row for each column, and one for the table, in each group, as
            :data:`PROFILE_SCHEMA` has them but for the columns that the writer adds.
        distributions: what :func:`drift` takes.
    """

    metrics: pa.Table
    distributions: Distributions


def profile(
    source: Source,
    definition: Definition,
    *,
    windows: Collection[Window] | None = None,
    log_type: str = INPUT,
    budget_bytes: int = 512 << 20,
    cancelled: Callable[[], bool] = lambda: False,
) -> Profile:
    """Compute the metrics of a source's columns.

    Args:
        source: the rows.
        definition: what is computed; in a baseline slices and models that it has no columns for are left out.
        windows: those that are wanted, None for all; without granularities, the one that the metrics carry.
        log_type: ``INPUT``, or ``BASELINE``, which has no windows.
        budget_bytes: what the values in memory may take.
        cancelled: asked between columns.

    Raises:
        Cancelled: it was said to be.
        KeyError: a column is not there.
        ValueError: the timestamp column is none.
    """
    rows = Rows(source)
    known = _known(definition, source.schema) if log_type == BASELINE else definition
    divided = list(partitions(rows, known, windows, baseline=log_type == BASELINE))
    names = definition.columns if definition.columns is not None else tuple(source.schema.names)
    names = tuple(name for name in names if name in source.schema.names)
    distributions = Distributions(
        {name: type_text(source.schema.field(name).type) for name in names}, model_id=known.model_id
    )
    for partition in divided:
        for group, start, end in zip(
            partition.groups, partition.bounds[:-1], partition.bounds[1:], strict=True
        ):
            distributions.rows[group] = int(end - start)
            distributions.shapes[group] = {}
    table = _Metrics(profile_schema(definition.model_id, definition.inference), definition.model_id, log_type)
    for name in names:
        if cancelled():
            raise Cancelled
        for partition, found in zip(divided, summaries(rows, name, divided), strict=True):
            table.add(partition.groups, name, distributions.types[name], found)
            for group, summary in zip(partition.groups, found, strict=True):
                distributions.shapes[group][name] = summary.shape
    measured = quality.measure(rows, known.inference, divided) if known.inference else {}
    table.add_whole(distributions, measured)
    return Profile(table.finished(), distributions)


def _known(definition: Definition, schema: pa.Schema) -> Definition:
    """Return a definition without what a baseline has no columns for."""
    inference = definition.inference
    if inference is not None:
        proba = inference.prediction_proba if inference.prediction_proba in schema.names else None
        label = inference.label if inference.label in schema.names else None
        found = inference.prediction in schema.names
        inference = replace(inference, label=label, prediction_proba=proba) if found else None
    return replace(
        definition,
        slices=tuple(one for one in definition.slices if one.column in schema.names),
        model_id=definition.model_id if definition.model_id in schema.names else None,
        inference=inference,
    )


class _Metrics:
    """Rows of the metric table, column by column."""

    def __init__(self, schema: pa.Schema, model_id: str | None, log_type: str) -> None:
        self._schema = computed(schema)
        self._model_id = model_id
        self._log_type = log_type
        self._batches: list[pa.RecordBatch] = []

    def add(self, groups: Sequence[Group], name: str, type_: str, found: Sequence[Summary]) -> None:
        """Add a column's metrics in some groups."""
        if not groups:
            return
        given: dict[str, Any] = {
            **self._keys(groups, name),
            "data_type": [type_] * len(groups),
            "quantiles": grids(found),
            "frequent_items": _frequent(found),
        }
        self._batch(
            [
                given[field.name]
                if field.name in given
                else [getattr(one, field.name, None) for one in found]
                for field in self._schema
            ]
        )

    def add_whole(self, distributions: Distributions, measured: dict[Group, dict[str, Any]]) -> None:
        """Add the row of the table to each group, with the quality of its model."""
        groups = list(distributions.rows)
        given = {
            **self._keys(groups, WHOLE_TABLE),
            "count": list(distributions.rows.values()),
            "non_null_columns": [distributions.non_null(group) for group in groups],
        }
        self._batch(
            [
                given[field.name]
                if field.name in given
                else [measured.get(group, {}).get(field.name) for group in groups]
                for field in self._schema
            ]
        )

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

    def _batch(self, columns: list[Any]) -> None:
        arrays = [
            values if isinstance(values, pa.Array) else pa.array(values, field.type)
            for field, values in zip(self._schema, columns, strict=True)
        ]
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
