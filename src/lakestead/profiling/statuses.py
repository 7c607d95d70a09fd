"""How monitors are doing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.profiling.config import OrchestratorConfig, Provisioning, table_name
from lakestead.profiling.discovery import resolve
from lakestead.profiling.metadata import read_tables
from lakestead.profiling.monitors import read_monitors
from lakestead.profiling.opening import opened
from lakestead.profiling.pacing import Requests
from lakestead.profiling.policy import refusals
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from databricks.sdk.service.dataquality import DataProfilingConfig

    from lakestead.client import Warehouse

NOT_MONITORED = "NOT_MONITORED"
NOT_FOUND = "NOT_FOUND"
_PENDING = "PENDING"
_PREFIX = "DATA_PROFILING_STATUS_"
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class MonitorStatus:
    """How the monitor of one table is doing.

    Args:
        table_name: the table's full name.
        status: PENDING, ACTIVE, ERROR, FAILED, DELETE_PENDING; NOT_MONITORED, or NOT_FOUND of a table that is
            not there.
        error_message: what the last failure was.
        monitor_version: how many definitions it has had.
        profile_metrics_table: the full name of its table of profile metrics.
        drift_metrics_table: the full name of its table of drift metrics.
        dashboard_id: its own dashboard's, if it has one.
    """

    table_name: str
    status: str
    error_message: str | None = None
    monitor_version: int | None = None
    profile_metrics_table: str | None = None
    drift_metrics_table: str | None = None
    dashboard_id: str | None = None


def get_monitor_statuses(
    tables: OrchestratorConfig | Sequence[Target] | Sequence[str],
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
) -> list[MonitorStatus]:
    """Return how the monitors of tables are doing, in the order of the tables.

    Args:
        tables: a configuration, whose tables are meant; or the tables, or their full names.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
    """
    config = tables if isinstance(tables, OrchestratorConfig) else None
    with opened(config, profile, warehouse) as used:
        requests = Requests(config.provisioning if config else Provisioning())
        ids = _table_ids(tables, used, requests)
        monitors = read_monitors(requests, used.client, [one for one in ids.values() if one])
    return [_status(name, table_id, monitors.get(table_id)) for name, table_id in ids.items()]


def wait_for_monitors(
    tables: OrchestratorConfig | Sequence[Target] | Sequence[str],
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    timeout_seconds: float | None = None,
) -> list[MonitorStatus]:
    """Wait until no monitor is being made any more, and return how each is doing.

    Args:
        tables: a configuration, whose tables are meant; or the tables, or their full names.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        timeout_seconds: after which the statuses are returned as they are then; else the configuration's
            `provisioning.patience_seconds`.
    """
    config = tables if isinstance(tables, OrchestratorConfig) else None
    provisioning = config.provisioning if config else Provisioning()
    patience = provisioning.patience_seconds if timeout_seconds is None else timeout_seconds
    deadline = time.monotonic() + patience
    wait = _FIRST_WAIT_SECONDS
    with opened(config, profile, warehouse) as used:
        requests = Requests(provisioning)
        ids = _table_ids(tables, used, requests)
        while True:
            monitors = read_monitors(requests, used.client, [one for one in ids.values() if one])
            found = [_status(name, table_id, monitors.get(table_id)) for name, table_id in ids.items()]
            left = deadline - time.monotonic()
            if left <= 0 or not any(one.status == _PENDING for one in found):
                return found
            time.sleep(min(wait, left))
            wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)


def print_monitor_statuses(statuses: Iterable[MonitorStatus]) -> None:
    """Print statuses as a table on standard output."""
    from rich.console import Console
    from rich.table import Table

    shown = Table("table", "status", "version", "message")
    for one in statuses:
        version = "" if one.monitor_version is None else str(one.monitor_version)
        shown.add_row(one.table_name, one.status, version, one.error_message or "")
    Console(highlight=False).print(shown)


def _table_ids(
    tables: OrchestratorConfig | Sequence[Target] | Sequence[str], warehouse: Warehouse, requests: Requests
) -> dict[str, str]:
    """Return the ids of tables by full names; empty ids of those that are not there.

    Tables that policy refuses are not waited for.
    """
    if isinstance(tables, OrchestratorConfig):
        found_tables = resolve(tables, warehouse, requests).targets
        refused = refusals(tables.policy, found_tables)
        tables = [target for target in found_tables if target.full_name not in refused]
    ids = {one.full_name: one.table_id for one in tables if isinstance(one, Target)}
    names = [table_name(one) for one in tables if isinstance(one, str)]
    found = read_tables(requests, warehouse.client, set(names))
    return ids | {name: found[name].table_id if name in found else "" for name in names}


def _status(name: str, table_id: str, monitor: DataProfilingConfig | None) -> MonitorStatus:
    if monitor is None:
        return MonitorStatus(name, NOT_MONITORED if table_id else NOT_FOUND)
    return MonitorStatus(
        table_name=name,
        status=monitor.status.value.removeprefix(_PREFIX) if monitor.status else _PENDING,
        error_message=monitor.latest_monitor_failure_message,
        monitor_version=monitor.monitor_version,
        profile_metrics_table=monitor.profile_metrics_table_name,
        drift_metrics_table=monitor.drift_metrics_table_name,
        dashboard_id=monitor.dashboard_id,
    )
