"""What of a catalog is monitored, and what is left over: unmonitored tables, stale monitors, orphans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.core.names import quote
from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.definitions import is_ours
from lakestead.profiling.discovery import matches, resolve
from lakestead.profiling.metadata import read_tables
from lakestead.profiling.monitors import TABLE, read_monitors
from lakestead.profiling.opening import opened
from lakestead.profiling.pacing import Requests

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.dataquality import DataProfilingConfig

    from lakestead.client import Warehouse

_METRICS = ("_profile_metrics", "_drift_metrics")
# What can have a monitor.
_KINDS = "'MANAGED', 'EXTERNAL', 'VIEW', 'MATERIALIZED_VIEW', 'STREAMING_TABLE'"


@dataclass(frozen=True)
class StaleMonitor:
    """A monitor whose metrics are old.

    Args:
        table: the table's full name.
        refreshed_at: when it was last refreshed well (UTC); None if it never was.
    """

    table: str
    refreshed_at: dt.datetime | None


@dataclass(frozen=True)
class Coverage:
    """What of a catalog is monitored.

    Args:
        monitored: tables of the catalog that have a monitor, whoever made it.
        unmonitored: tables that have none.
        stale: monitors of this configuration that were not refreshed well for long.
        orphaned_monitors: tables with a monitor of this configuration that it does not ask for any more.
        orphaned_metric_tables: metric tables in its output schemas that no monitor writes.
    """

    monitored: Sequence[str]
    unmonitored: Sequence[str]
    stale: Sequence[StaleMonitor]
    orphaned_monitors: Sequence[str]
    orphaned_metric_tables: Sequence[str]

    @property
    def share(self) -> float:
        """The share of tables that are monitored, 0 to 1."""
        tables = len(self.monitored) + len(self.unmonitored)
        return len(self.monitored) / tables if tables else 1.0


def coverage(
    config: OrchestratorConfig,
    *,
    stale_after: dt.timedelta = dt.timedelta(hours=48),
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
) -> Coverage:
    """Return what of the configuration's catalog is monitored.

    Tables that `discovery` excludes by schema or name are not counted, nor are metric tables.

    Args:
        config: the configuration.
        stale_after: how long after its last good refresh a monitor is stale.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
    """
    with opened(config, profile, warehouse) as used:
        requests = Requests(config.provisioning)
        targets = resolve(config, used, requests).targets
        names = _table_names(config, used)
        tables = read_tables(requests, used.client, names | {target.full_name for target in targets})
        ids = {table.table_id: name for name, table in tables.items()}
        monitors = {
            ids[table_id]: monitor
            for table_id, monitor in read_monitors(requests, used.client, ids).items()
            if table_id in ids
        }
        ours = [target for target in targets if target.full_name in monitors]
        refreshed = requests.gather(
            [target.table_id for target in ours], lambda one: _refreshed_at(requests, used.client, one)
        )
    now = dt.datetime.now(dt.UTC)
    metric_tables = {name for monitor in monitors.values() for name in _metric_tables(monitor)}
    countable = {name for name in names if name not in metric_tables and not name.endswith(_METRICS)}
    output = {target.output_schema for target in targets}
    return Coverage(
        monitored=sorted(countable & monitors.keys()),
        unmonitored=sorted(countable - monitors.keys()),
        stale=[
            StaleMonitor(target.full_name, at)
            for target in ours
            if (at := refreshed[target.table_id]) is None or now - at > stale_after
        ],
        orphaned_monitors=_orphans(config, monitors, {target.full_name for target in targets}),
        orphaned_metric_tables=sorted(
            name
            for name in names - metric_tables
            if name.endswith(_METRICS) and name.rpartition(".")[0] in output
        ),
    )


def _table_names(config: OrchestratorConfig, warehouse: Warehouse) -> set[str]:
    rows = warehouse.rows(
        f"SELECT table_schema, table_name FROM {quote(config.catalog_name)}.information_schema.tables"
        f" WHERE table_schema <> 'information_schema' AND table_type IN ({_KINDS})"
    )
    schemas: Collection[str] = config.discovery.exclude_schemas if config.discovery else ()
    tables: Collection[str] = config.discovery.exclude_tables if config.discovery else ()
    return {
        f"{config.catalog_name}.{schema}.{table}"
        for schema, table in ((row["table_schema"], row["table_name"]) for row in rows)
        if not matches(schema, schemas) and not matches(f"{schema}.{table}", tables)
    }


def _metric_tables(monitor: DataProfilingConfig) -> list[str]:
    names = (monitor.profile_metrics_table_name, monitor.drift_metrics_table_name)
    return [name for name in names if name]


def _orphans(
    config: OrchestratorConfig, monitors: Mapping[str, DataProfilingConfig], wanted: Collection[str]
) -> list[str]:
    folder = config.dashboards.folder
    return sorted(
        name for name, monitor in monitors.items() if name not in wanted and is_ours(monitor, folder)
    )


def _refreshed_at(requests: Requests, client: WorkspaceClient, table_id: str) -> dt.datetime | None:
    """Return when a table's monitor was last refreshed well."""
    from databricks.sdk.service.dataquality import RefreshState

    refreshes = requests.make(lambda: list(client.data_quality.list_refresh(TABLE, table_id)))
    ends = [
        refresh.end_time_ms
        for refresh in refreshes
        if refresh.state is RefreshState.MONITOR_REFRESH_STATE_SUCCESS and refresh.end_time_ms
    ]
    return dt.datetime.fromtimestamp(max(ends) / 1000, dt.UTC) if ends else None
