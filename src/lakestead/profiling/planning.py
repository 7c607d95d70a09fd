"""From a configuration to what it changes in a workspace. Nothing is changed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.profiling.changes import CHANGING, Action, Change, Changes
from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.definitions import differences, is_ours, must_recreate, wanted
from lakestead.profiling.discovery import Resolution, resolve
from lakestead.profiling.estimate import estimates
from lakestead.profiling.metadata import read_tables, tables_with_metrics
from lakestead.profiling.monitors import read_monitors
from lakestead.profiling.opening import opened, warehouse_id
from lakestead.profiling.pacing import Requests
from lakestead.profiling.policy import refusals
from lakestead.profiling.preflight import check, check_foundation
from lakestead.profiling.problems import PreflightError, Problem
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.dataquality import DataProfilingConfig

    from lakestead.client import Warehouse


def plan(
    config: OrchestratorConfig,
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    estimate: bool = False,
) -> Changes:
    """Return what a configuration would create, update, recreate, leave and refuse.

    Args:
        config: the configuration.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        estimate: whether to say what refreshes may cost; the size of each table is asked for then.

    Raises:
        PreflightError: tables that the YAML names cannot be monitored as they are set; has all the reasons.
    """
    with opened(config, profile, warehouse) as used:
        requests = Requests(config.provisioning)
        check_foundation(config, used, requests)
        resolution = resolve(config, used, requests)
        reasons = refusals(config.policy, resolution.targets)
        allowed = [target for target in resolution.targets if target.full_name not in reasons]
        schemas = read_output_schemas(requests, used.client, allowed)
        reasons |= _not_as_set(config, resolution, check(allowed, schemas, used, requests))
        changes = _changes(config, resolution.targets, reasons, schemas, used, requests)
        return _with_estimates(changes, requests, used) if estimate else changes


def read_output_schemas(
    requests: Requests, client: WorkspaceClient, targets: Sequence[Target]
) -> dict[str, str | None]:
    """Return the ids of the schemas of tables' metrics by full names; None for those that are not there."""
    from databricks.sdk.errors import NotFound

    def schema_id(name: str) -> str | None:
        try:
            return requests.make(lambda: client.schemas.get(name)).schema_id
        except NotFound:
            return None

    return requests.gather(sorted({target.output_schema for target in targets}), schema_id)


def _not_as_set(
    config: OrchestratorConfig, resolution: Resolution, found: Sequence[Problem]
) -> dict[str, str]:
    """Return the tables that are refused, with reasons: a tag on one table must not stop all the others.

    Raises:
        PreflightError: what is wrong is with tables that the YAML names, or with all.
    """
    of_tables: dict[str, list[Problem]] = defaultdict(list)
    for problem in [*resolution.problems, *found]:
        of_tables[problem.table].append(problem)
    tagged = {target.full_name for target in resolution.targets if target.source == "tags"}
    tagged |= {problem.table for problem in resolution.problems} - set(config.monitored_tables)
    stopping = [problem for table, some in of_tables.items() if table not in tagged for problem in some]
    if stopping:
        raise PreflightError(stopping)
    return {table: "; ".join(problem.text for problem in some) for table, some in of_tables.items()}


def _changes(
    config: OrchestratorConfig,
    targets: Sequence[Target],
    reasons: Mapping[str, str],
    schemas: Mapping[str, str | None],
    warehouse: Warehouse,
    requests: Requests,
) -> Changes:
    def others() -> list[str]:
        names = tables_with_metrics(warehouse, config.catalog_name, [name.split(".")[1] for name in schemas])
        return [table.table_id for table in read_tables(requests, warehouse.client, names).values()]

    monitors = read_monitors(requests, warehouse.client, [target.table_id for target in targets], others)
    items = [Change(Action.REFUSED, table, reason=reason) for table, reason in reasons.items()]
    for target in targets:
        if target.full_name not in reasons:
            schema_id = schemas[target.output_schema] or ""
            want = wanted(target, config.dashboards.folder, schema_id, warehouse_id(warehouse))
            items.append(_compared(target, monitors.get(target.table_id), want))
    items += _orphans(config, monitors, {target.table_id for target in targets})
    return Changes(config, items, schemas)


def _compared(target: Target, found: DataProfilingConfig | None, want: DataProfilingConfig) -> Change:
    if found is None:
        return Change(Action.CREATE, target.full_name, target)
    differing = differences(target, found, want)
    if not differing:
        return Change(Action.UNCHANGED, target.full_name, target)
    action = Action.RECREATE if must_recreate(differing) else Action.UPDATE
    return Change(action, target.full_name, target, differing)


def _orphans(
    config: OrchestratorConfig, monitors: Mapping[str, DataProfilingConfig], known: Collection[str]
) -> list[Change]:
    """Return the monitors that this configuration has made, for tables that it does not ask for any more."""
    found = []
    for table_id, monitor in monitors.items():
        table = monitor.monitored_table_name or ""
        here = table.startswith(f"{config.catalog_name}.")
        if here and table_id not in known and is_ours(monitor, config.dashboards.folder):
            found.append(Change(Action.ORPHANED, table, table_id=table_id))
    return found


def _with_estimates(changes: Changes, requests: Requests, warehouse: Warehouse) -> Changes:
    targets = [change.target for change in changes.of(*CHANGING) if change.target is not None]
    found = estimates(requests, warehouse, targets)
    return replace(
        changes, items=[replace(change, estimate=found.get(change.table)) for change in changes.items]
    )
