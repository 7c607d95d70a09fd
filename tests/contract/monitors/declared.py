"""What tests of the monitors' APIs share: a table to monitor, monitors of it, and waiting for refreshes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.dataquality import (
    AggregationGranularity,
    DataProfilingConfig,
    Monitor,
    Refresh,
    RefreshState,
    SnapshotConfig,
    TimeSeriesConfig,
)

from tests.contract.conftest import Sql

DAY = AggregationGranularity.AGGREGATION_GRANULARITY_1_DAY
SNAPSHOT = SnapshotConfig()
BY_DAY = TimeSeriesConfig("at", [DAY])
_OVER = {
    RefreshState.MONITOR_REFRESH_STATE_SUCCESS,
    RefreshState.MONITOR_REFRESH_STATE_FAILED,
    RefreshState.MONITOR_REFRESH_STATE_CANCELED,
}


@dataclass(frozen=True)
class Table:
    """A table with two days of orders.

    Attributes:
        name: its full name.
        id: its id.
        schema_id: of its schema, where its metrics are.
        client: who monitors it.
    """

    name: str
    id: str
    schema_id: str
    client: WorkspaceClient

    def create(self, **config: object) -> Monitor:
        """Declare its monitor, with metrics in its own schema."""
        return self.client.data_quality.create_monitor(self.monitor(**config))

    def monitor(self, **config: object) -> Monitor:
        """Return a monitor of it, to be sent."""
        declared = DataProfilingConfig(**{"output_schema_id": self.schema_id, **config})  # type: ignore[arg-type]
        return Monitor("table", self.id, data_profiling_config=declared)

    def shown(self) -> DataProfilingConfig:
        """Return what its monitor is now."""
        config = self.client.data_quality.get_monitor("table", self.id).data_profiling_config
        assert config is not None
        return config

    def refreshes(self) -> list[Refresh]:
        """Return the refreshes of its monitor, the newest first."""
        return list(self.client.data_quality.list_refresh("table", self.id))

    def finished(self) -> list[Refresh]:
        """Wait until no refresh waits or runs, and return all, the newest first."""
        until(lambda: all(one.state in _OVER for one in self.refreshes()))
        return self.refreshes()


def make(client: WorkspaceClient, sql: Sql, schema: str, name: str = "orders") -> Table:
    """Make the table in a schema."""
    full = f"{schema}.{name}"
    sql(f"CREATE TABLE {full} (at TIMESTAMP, amount DOUBLE, shop STRING, said STRING, model INT)")
    sql(
        f"INSERT INTO {full} VALUES (TIMESTAMP'2026-01-01 10:00:00', 1.5, 'a', 'x', 1), "
        "(TIMESTAMP'2026-01-02 10:00:00', 2.5, 'b', 'y', 0)"
    )
    table_id, schema_id = client.tables.get(full).table_id, client.schemas.get(schema).schema_id
    assert table_id is not None
    assert schema_id is not None
    return Table(full, table_id, schema_id, client)


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that the server does in the background."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.03)
