"""What an operation costs, reported where costs are added up."""

from __future__ import annotations

from typing import Any

from lakestead.costs import WorkspaceCost, current_workspace, get_cost_aggregator
from lakestead.telemetry import attributes as names
from lakestead.telemetry.operations import Operation

_OWNERS = {
    "team": names.GENOPS_TEAM,
    "project": names.GENOPS_PROJECT,
    "environment": names.GENOPS_ENVIRONMENT,
    "cost_center": names.GENOPS_COST_CENTER,
}
_GIGABYTE = 10**9


def bill(operation: Operation) -> None:
    """Report an operation's cost to the cost aggregator, and have its span show it.

    What has neither a cost, nor DBUs, nor a warehouse's size has no cost that could be known.

    Raises:
        ConfigError: there is no such size of a warehouse.
        ValueError: there is no such `resource_type`.
    """
    told = operation.attributes
    size, dbus = told.get("genops.warehouse.size"), told.get("genops.cost.dbus")
    if told.get(names.GENOPS_COST_TOTAL) is None and size is None and dbus is None:
        return
    cost = _report(operation, size, dbus)
    if cost.cost is not None and cost.currency is not None:
        operation.put({names.GENOPS_COST_TOTAL: float(cost.cost), names.GENOPS_COST_CURRENCY: cost.currency})


def _report(operation: Operation, size: str | None, dbus: float | None) -> WorkspaceCost:
    told = operation.attributes
    workspace = current_workspace() or told.get(names.GENOPS_WORKSPACE_URL) or "default"
    milliseconds = int(told.get("genops.query.duration_ms") or operation.elapsed * 1000)
    details: dict[str, Any] = {keyword: told.get(name) for keyword, name in _OWNERS.items()}
    details |= {
        "operation": operation.kind,
        "cost": told.get(names.GENOPS_COST_TOTAL),
        "currency": told.get(names.GENOPS_COST_CURRENCY),
        "failed": names.ERROR_TYPE in told,
    }
    costs = get_cost_aggregator()
    resource = told[names.GENOPS_COST_RESOURCE_TYPE]
    if resource == "sql_warehouse":
        known = 0 if size is None and dbus is None else dbus
        return costs.add_sql_warehouse_cost(workspace, size or "", milliseconds, dbus=known, **details)
    if resource == "compute_cluster":
        return costs.add_compute_cluster_cost(workspace, "", 0, milliseconds, dbus_per_node_hour=0, **details)
    if resource == "storage":
        gigabytes = told.get(names.GENOPS_SIZE_BYTES, 0) / _GIGABYTE
        return costs.add_storage_cost(workspace, gigabytes, **details)
    raise ValueError(f"resource_type '{resource}' is none of sql_warehouse, compute_cluster, storage")
