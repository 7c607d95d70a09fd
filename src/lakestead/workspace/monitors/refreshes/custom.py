"""Aggregate metrics of users, computed from a table's rows by the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lakestead.core.names import quote
from lakestead.engine.profiles import Granularity, Window
from lakestead.workspace.errors import ApiError
from lakestead.workspace.monitors.refreshes.expressions import metric_expression
from lakestead.workspace.monitors.refreshes.reading import Reading, condition
from lakestead.workspace.monitors.refreshes.sources import Sources
from lakestead.workspace.monitors.refreshes.tables import metric_field
from lakestead.workspace.monitors.spec import CustomMetric, MetricType

# What tells the groups of rows apart: granularity, start of the window, slice, its value, model.
Key: TypeAlias = tuple[str | None, datetime | None, str | None, str | None, str | None]
# What is computed of each group: metric and input column.
_Wanted: TypeAlias = tuple[CustomMetric, str]
# Names that no column of a Delta table can have.
_WINDOW, _DIVISION = "window of the row", "division {} of the row"
_ALL_MODELS = "*"
_MICROSECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def with_aggregates(
    sources: Sources, reading: Reading, metrics: pa.Table, windows: Collection[Window] | None
) -> pa.Table:
    """Add the aggregate metrics of a monitor to the metrics of a table.

    Args:
        sources: knows the monitor.
        reading: how the table is read.
        metrics: the built-in ones; their rows get the values.
        windows: those that are wanted, None for all.

    Raises:
        ApiError: an expression cannot be computed.
    """
    custom = [one for one in sources.monitor.custom_metrics if one.type is MetricType.AGGREGATE]
    if not custom:
        return metrics
    wanted = [(metric, column) for metric in custom for column in metric.input_columns]
    keys = list(zip(_keys(metrics, reading), metrics.column("column_name").to_pylist(), strict=True))
    # A slice may have many more values than those that are profiled.
    known = {key for key, _ in keys}
    values: dict[Key, dict[_Wanted, Any]] = {}
    for granularity in reading.definition.granularities or (None,):
        groups = _Query(sources, reading, wanted, granularity).groups(windows)
        values.update((key, found) for key, found in groups if key in known)
    for metric in custom:
        names = {name.lower(): name for name in metric.input_columns}
        found = [
            values.get(key, {}).get((metric, names[column.lower()])) if column.lower() in names else None
            for key, column in keys
        ]
        field = metric_field(metric)
        metrics = metrics.append_column(field, pa.array(found, field.type))
    return metrics


def _keys(metrics: pa.Table, reading: Reading) -> Iterator[Key]:
    """Yield the groups that rows of metrics are of."""
    none = [None] * metrics.num_rows
    model = reading.definition.model_id
    return zip(
        metrics.column("granularity").to_pylist(),
        none if reading.time is None else pc.struct_field(metrics.column("window"), "start").to_pylist(),
        metrics.column("slice_key").to_pylist(),
        metrics.column("slice_value").to_pylist(),
        metrics.column(model).to_pylist() if model else none,
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class _Query:
    """One query for all groups of a granularity: each window × all rows or a slice × all models or each.

    The rows are divided by the slices and, last, by the model; a group keeps one or two of these divisions.
    """

    sources: Sources
    reading: Reading
    wanted: Sequence[_Wanted]
    granularity: Granularity | None

    @property
    def divisions(self) -> list[str]:
        """SQL expressions that divide the rows."""
        model = self.reading.model
        return [*self.reading.slices.values(), *([quote(model)] if model else [])]

    def groups(self, windows: Collection[Window] | None) -> Iterator[tuple[Key, dict[_Wanted, Any]]]:
        """Yield the values of each group.

        Raises:
            ApiError: the engine cannot compute an expression.
        """
        name = None if self.granularity is None else str(self.granularity)
        slices, width = list(self.reading.slices), len(self.divisions)
        try:
            with self.sources.ask(self.text(windows)) as answer:
                for batch in answer.batches:
                    self.sources.check()
                    texts = [one.cast(pa.string()) for one in batch.columns[1 : width + 1]]
                    columns = [batch.column(0), *texts, *batch.columns[width + 1 :]]
                    for start, *row in zip(*(one.to_pylist() for one in columns), strict=True):
                        values, whole, found = row[:width], row[width : 2 * width], row[2 * width :]
                        group = self._group(slices, values, whole)
                        if group is not None:
                            yield (name, start, *group), dict(zip(self.wanted, found, strict=True))
        except ApiError as error:
            raise ApiError(error.code, f"The custom metrics cannot be computed: {error.message}") from None

    def _group(
        self, slices: Sequence[str], values: Sequence[str | None], whole: Sequence[int]
    ) -> tuple[str | None, str | None, str | None] | None:
        """Return slice, its value and model of a group; None for rows that are in no slice."""
        model = None
        if len(values) > len(slices):
            model = _ALL_MODELS if whole[-1] else values[-1]
        for key, value, everything in zip(slices, values, whole, strict=False):
            if not everything:
                return None if value is None else (key, value, model)
        return None, None, model

    def text(self, windows: Collection[Window] | None) -> str:
        """Return the query."""
        time, monitor = self.reading.time, self.sources.monitor
        window = quote(_WINDOW)
        names = [quote(_DIVISION.format(number)) for number in range(len(self.divisions))]
        start = "CAST(NULL AS TIMESTAMP)"
        where = ""
        if time is not None and self.granularity is not None:
            start = window_start(self.granularity, time)
            within = "" if windows is None else f" AND ({condition(time, windows)})"
            where = f" WHERE {time} IS NOT NULL{within}"
        inner = [f"{start} AS {window}"]
        inner += [f"{text} AS {name}" for text, name in zip(self.divisions, names, strict=True)]
        outer = [window, *names, *(f"grouping({name})" for name in names)]
        outer += [
            f"CAST({metric_expression(metric, monitor, column)} AS {metric.output_type.ddl})"
            for metric, column in self.wanted
        ]
        slices, models = names[: len(self.reading.slices)], names[len(self.reading.slices) :]
        sets = [[window, *sliced] for sliced in ([], *([one] for one in slices))]
        sets += [[*one, *models] for one in sets if models]
        grouped = ", ".join(f"({', '.join(one)})" for one in sets)
        return (
            f"SELECT {', '.join(outer)} FROM (SELECT *, {', '.join(inner)} FROM {self.reading.relation.text}"
            f"{where}) GROUP BY GROUPING SETS ({grouped})"
        )


def window_start(granularity: Granularity, time: str) -> str:
    """Return the SQL expression for the start of the window that an instant is in."""
    time = f"CAST({time} AS TIMESTAMP)"
    if granularity.unit in ("month", "year"):
        return f"date_trunc('{granularity.unit}', {time})"
    # Any window tells where they begin and how long they are.
    some = granularity.window(_EPOCH)
    origin = round((some.start - _EPOCH).total_seconds() * _MICROSECOND)
    length = round((some.end - some.start).total_seconds() * _MICROSECOND)
    micros = f"unix_micros({time})"
    return f"timestamp_micros({micros} - pmod({micros} - ({origin}), {length}))"
