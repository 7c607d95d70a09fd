"""Derived and drift metrics of users, computed from metrics by the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakestead.core.names import quote, quote_string
from lakestead.engine.sail import EngineError, EngineSession
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors.refreshes import snapshots
from lakestead.workspace.monitors.refreshes.expressions import BASE, CURRENT, metric_expression
from lakestead.workspace.monitors.refreshes.reading import Reading
from lakestead.workspace.monitors.refreshes.tables import MetricTable, metric_field
from lakestead.workspace.monitors.spec import CustomMetric, MetricType, MonitorSpec, ProfileType
from lakestead.workspace.store.base import new_id

if TYPE_CHECKING:
    from lakestead.workspace.app import Workspace

_NUMBER = "number of the row"
_KEYS = ("slice_key", "slice_value", "column_name")


@dataclass(frozen=True, slots=True)
class Derivation:
    """Computes metrics from metrics.

    Args:
        workspace: where.
        monitor: whose metrics they are.
        folder: for what the engine reads.
    """

    workspace: Workspace
    monitor: MonitorSpec
    folder: Path

    def derived(self, metrics: pa.Table) -> pa.Table:
        """Add the derived metrics to rows of metrics.

        Raises:
            ApiError: an expression cannot be computed.
        """
        return self._added(metrics, metrics, MetricType.DERIVED)

    def drift(self, drift: pa.Table, metrics: pa.Table, reading: Reading, profile: MetricTable) -> pa.Table:
        """Add the drift metrics to rows of drift.

        Args:
            drift: the built-in ones.
            metrics: of the windows that are compared, and of the baseline.
            reading: how the table was read.
            profile: where those of the snapshot before are.

        Raises:
            ApiError: an expression cannot be computed.
        """
        if not any(one.type is MetricType.DRIFT for one in self.monitor.custom_metrics):
            return drift
        model = reading.definition.model_id
        if self.monitor.profile_type is ProfileType.SNAPSHOT:
            before = set(pc.struct_field(drift.column("window_cmp"), "start").to_pylist()) - {None}
            earlier = [snapshots.metrics(profile, at, metrics.schema) for at in before]
            metrics = pa.concat_tables([metrics, *earlier])
        places = {key: place for place, key in enumerate(_keys(metrics, model, "window", "granularity"))}
        current = [places.get(key) for key in _keys(drift, model, "window", "granularity")]
        # The baseline has neither window nor granularity.
        granularity = pc.if_else(
            pc.is_valid(drift.column("window_cmp")), drift.column("granularity"), pa.scalar(None, pa.string())
        )
        compared = drift.set_column(drift.schema.get_field_index("granularity"), "granularity", granularity)
        base = [places.get(key) for key in _keys(compared, model, "window_cmp", "granularity")]
        rows = self._used(metrics).to_struct_array().combine_chunks()
        sides = {
            "column_name": drift.column("column_name"),
            CURRENT: rows.take(pa.array(current, pa.int64())),
            BASE: rows.take(pa.array(base, pa.int64())),
        }
        return self._added(drift, pa.table(sides), MetricType.DRIFT)

    def _used(self, metrics: pa.Table) -> pa.Table:
        """Return the metrics that the drift metrics may name; the others can be large."""
        texts = [
            one.definition.lower() for one in self.monitor.custom_metrics if one.type is MetricType.DRIFT
        ]
        names = [name for name in metrics.column_names if any(name.lower() in text for text in texts)]
        return metrics.select(names or ["count"])

    def _added(self, target: pa.Table, operands: pa.Table, kind: MetricType) -> pa.Table:
        """Add metrics of a kind to a table, computed from the rows of another."""
        custom = [one for one in self.monitor.custom_metrics if one.type is kind]
        if not custom:
            return target
        with self._engine(operands) as session:
            for metric in custom:
                values: list[Any] = [None] * target.num_rows
                for column in metric.input_columns:
                    for number, value in _evaluated(session, metric, self.monitor, column):
                        values[number] = value
                field = metric_field(metric)
                target = target.append_column(field, pa.array(values, field.type))
        return target

    @contextmanager
    def _engine(self, rows: pa.Table) -> Iterator[EngineSession]:
        """Give a session of the engine that knows nothing but some rows, as the table `metrics`."""
        path = self.folder / f"{new_id()}.parquet"
        numbers = pa.array(range(rows.num_rows), pa.int64())
        pq.write_table(rows.append_column(_NUMBER, numbers), path)
        session = self.workspace.engine.session(self.monitor.owner)
        try:
            session.command(f"CREATE TABLE metrics USING parquet LOCATION {quote_string(str(path))}")
            yield session
        finally:
            session.close()


def _evaluated(
    session: EngineSession, metric: CustomMetric, monitor: MonitorSpec, column: str
) -> Iterator[tuple[int, Any]]:
    """Yield the numbers of the rows of a column, and the metric's values in them."""
    value = f"CAST({metric_expression(metric, monitor, column)} AS {metric.output_type.ddl})"
    where = f"lower(column_name) = {quote_string(column.lower())}"
    try:
        found = session.query(f"SELECT {quote(_NUMBER)}, {value} FROM metrics WHERE {where}")
    except EngineError as error:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"Custom metric '{metric.name}' cannot be computed: {error}"
        ) from None
    yield from zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True)


def _keys(table: pa.Table, model: str | None, window: str, granularity: str) -> Iterator[tuple[Any, ...]]:
    starts = pc.struct_field(table.column(window), "start").to_pylist()
    names = [granularity, *_KEYS, *([model] if model else [])]
    return zip(starts, *(table.column(name).to_pylist() for name in names), strict=True)
