"""Monitors of one schema's tables, made and refreshed through the SDK."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.dataquality import (
    AggregationGranularity,
    DataProfilingConfig,
    DataProfilingCustomMetric,
    DataProfilingCustomMetricType,
    Monitor,
    Refresh,
    RefreshState,
    SnapshotConfig,
    TimeSeriesConfig,
)

DAY = AggregationGranularity.AGGREGATION_GRANULARITY_1_DAY
MONTH = AggregationGranularity.AGGREGATION_GRANULARITY_1_MONTH
_OVER = (
    RefreshState.MONITOR_REFRESH_STATE_SUCCESS,
    RefreshState.MONITOR_REFRESH_STATE_FAILED,
    RefreshState.MONITOR_REFRESH_STATE_CANCELED,
)


@dataclass(frozen=True)
class Monitored:
    """A table with a monitor; metric tables lie in its own schema.

    Attributes:
        client: who made it.
        table_id: of the table.
    """

    client: WorkspaceClient
    table_id: str

    def refresh(self) -> Refresh:
        """Refresh it and wait for the end."""
        made = self.client.data_quality.create_refresh(
            "table", self.table_id, Refresh("table", self.table_id)
        )
        assert made.refresh_id
        return self.wait(made.refresh_id)

    def first(self) -> Refresh:
        """Wait for the refresh that it began with."""
        [made] = self.client.data_quality.list_refresh("table", self.table_id)
        assert made.refresh_id
        return self.wait(made.refresh_id)

    def wait(self, refresh_id: int) -> Refresh:
        """Wait for the end of a refresh."""
        for _ in range(3000):
            found = self.client.data_quality.get_refresh("table", self.table_id, refresh_id)
            if found.state in _OVER:
                return found
            time.sleep(0.02)
        raise AssertionError("the refresh does not end")


def succeeded(refresh: Refresh) -> None:
    """Check that a refresh did what it should."""
    assert refresh.state == RefreshState.MONITOR_REFRESH_STATE_SUCCESS, refresh.message


def failed(refresh: Refresh) -> str:
    """Check that a refresh failed, and return why."""
    assert refresh.state == RefreshState.MONITOR_REFRESH_STATE_FAILED
    return refresh.message or ""


def monitor(client: WorkspaceClient, table: str, **config: Any) -> Monitored:
    """Make a monitor.

    Args:
        client: who makes it.
        table: full name.
        config: of :class:`DataProfilingConfig`; a snapshot, if it says nothing else.
    """
    schema_id = client.schemas.get(table.rpartition(".")[0]).schema_id
    table_id = client.tables.get(table).table_id
    assert schema_id
    assert table_id
    if not config.keys() & {"time_series", "inference_log"}:
        config["snapshot"] = SnapshotConfig()
    profiling = DataProfilingConfig(output_schema_id=schema_id, skip_builtin_dashboard=True, **config)
    client.data_quality.create_monitor(Monitor("table", table_id, data_profiling_config=profiling))
    return Monitored(client, table_id)


def series(column: str, *granularities: AggregationGranularity) -> TimeSeriesConfig:
    """Return what makes a monitor one of a time series."""
    return TimeSeriesConfig(timestamp_column=column, granularities=list(granularities))


def metric(kind: str, name: str, definition: str, columns: Sequence[str]) -> DataProfilingCustomMetric:
    """Return a custom metric that is a double."""
    return DataProfilingCustomMetric(
        name=name,
        definition=definition,
        input_columns=list(columns),
        output_data_type='{"metadata":{},"name":"output","nullable":true,"type":"double"}',
        type=DataProfilingCustomMetricType(f"DATA_PROFILING_CUSTOM_METRIC_TYPE_{kind}"),
    )
