"""What the operations of a program cost, as they are reported one by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from lakestead.costs.declared import Prices, read_prices
from lakestead.costs.pricing import PriceList, built_in_prices, cluster_sku, warehouse_sku
from lakestead.costs.rates import NODE_DBUS, node_dbus, warehouse_dbus
from lakestead.costs.records import COMPUTE_CLUSTER, SQL_WAREHOUSE, STORAGE, Operation, WorkspaceCost
from lakestead.costs.summary import DatabricksCostSummary

REGION = "us-east-1"
TIER = "PREMIUM"
_MONTH_MS = Decimal(30 * 24 * 3_600_000)
_DAY_MS = 24 * 3_600_000


class WorkspaceCostContext:
    """The costs that are reported within a `with` block, and in the blocks and contexts inside it.

    Args:
        workspace_id: the workspace that it is about.
        operation: what is done.
    """

    def __init__(self, workspace_id: str, operation: str) -> None:
        self.workspace_id = workspace_id
        self.operation = operation
        self._lock = threading.Lock()
        self._costs: list[WorkspaceCost] = []

    def add(self, cost: WorkspaceCost) -> None:
        """Take a cost in."""
        with self._lock:
            self._costs.append(cost)

    def get_summary(self) -> DatabricksCostSummary:
        """Return the sums so far; of the whole block once it has ended."""
        with self._lock:
            return DatabricksCostSummary(tuple(self._costs))

    @property
    def total_cost(self) -> Decimal:
        """What everything with a price cost so far."""
        return self.get_summary().total_cost


_contexts: ContextVar[tuple[WorkspaceCostContext, ...]] = ContextVar("lakestead_cost_contexts", default=())


@contextmanager
def create_workspace_cost_context(
    workspace_id: str, operation: str = "default"
) -> Iterator[WorkspaceCostContext]:
    """Collect what is reported inside, by this thread or task and by what it starts with its context.

    Contexts nest: what is reported inside an inner one counts for the outer one, too. A thread pool passes
    its context on by `contextvars.copy_context().run`, as for any context variable.

    Args:
        workspace_id: the workspace that it is about; what is reported inside may be of others.
        operation: what is done.
    """
    context = WorkspaceCostContext(workspace_id, operation)
    token = _contexts.set((*_contexts.get(), context))
    try:
        yield context
    finally:
        _contexts.reset(token)


def current_workspace() -> str | None:
    """Return the workspace of the innermost context; None outside of all."""
    contexts = _contexts.get()
    return contexts[-1].workspace_id if contexts else None


class DatabricksUnityCatalogCostAggregator:
    """Adds up what operations cost. Many threads may report at once.

    It keeps each operation until `reset`: a program that runs for weeks calls that after each report.

    Args:
        prices: the prices of SKUs; the built-in public list if not given.
        declared: what `governance.yaml` says of prices, for what the list does not have.
    """

    def __init__(self, prices: PriceList | None = None, declared: Prices | None = None) -> None:
        self._declared = Prices() if declared is None else declared
        self._prices = (prices or built_in_prices()).with_declared(self._declared)
        self._nodes: Mapping[str, Decimal] = MappingProxyType({**NODE_DBUS, **self._declared.nodes})
        self._lock = threading.Lock()
        self._costs: list[WorkspaceCost] = []

    def add_sql_warehouse_cost(
        self,
        workspace_id: str,
        warehouse_size: str,
        duration_ms: int,
        *,
        warehouse_type: str = "SERVERLESS",
        clusters: int = 1,
        dbus: Decimal | float | None = None,
        **attrs: Any,
    ) -> WorkspaceCost:
        """Report the running time of a SQL warehouse.

        Args:
            workspace_id: where it runs.
            warehouse_size: `2X-Small` to `4X-Large`.
            duration_ms: for how long.
            warehouse_type: `SERVERLESS`, `PRO` or `CLASSIC`.
            clusters: how many of its clusters ran.
            dbus: what it used, if that is known.
            attrs: fields of `Operation`.

        Raises:
            ConfigError: there is no such size.
            TypeError: for an attribute that is none.
        """
        told = Operation.told(attrs)
        used = warehouse_dbus(warehouse_size, duration_ms, clusters) if dbus is None else Decimal(str(dbus))
        sku = told.sku or warehouse_sku(warehouse_type, told.region or REGION, told.tier or TIER)
        return self._add(workspace_id, SQL_WAREHOUSE, told, sku, used, duration_ms)

    def add_compute_cluster_cost(
        self,
        workspace_id: str,
        cluster_type: str,
        node_count: int,
        duration_ms: int,
        *,
        workload: str = "JOBS",
        dbus_per_node_hour: Decimal | float | None = None,
        **attrs: Any,
    ) -> WorkspaceCost:
        """Report the running time of a cluster.

        Args:
            workspace_id: where it runs.
            cluster_type: the type of its nodes, e.g. `i3.xlarge`.
            node_count: how many nodes, with the driver.
            duration_ms: for how long.
            workload: `JOBS`, `ALL_PURPOSE`, `DLT_CORE`, …: what its DBUs are billed as.
            dbus_per_node_hour: if `prices.nodes` does not declare it, and it is no type that lakestead knows;
                where nobody knows it, the cost has no price.
            attrs: fields of `Operation`.

        Raises:
            TypeError: for an attribute that is none.
        """
        told = Operation.told(attrs)
        given = dbus_per_node_hour
        per_hour = self._nodes.get(cluster_type) if given is None else Decimal(str(given))
        sku = told.sku or cluster_sku(workload, told.tier or TIER)
        if per_hour is None:
            unknown = f"{sku} on {cluster_type}"
            return self._add(workspace_id, COMPUTE_CLUSTER, told, unknown, Decimal(0), duration_ms)
        used = node_dbus(per_hour, node_count, duration_ms)
        return self._add(workspace_id, COMPUTE_CLUSTER, told, sku, used, duration_ms)

    def add_storage_cost(
        self,
        workspace_id: str,
        data_size_gb: Decimal | float,
        *,
        duration_ms: int = _DAY_MS,
        **attrs: Any,
    ) -> WorkspaceCost:
        """Report data in cloud storage; its price is `prices.storage_gb_month` of `governance.yaml`.

        Args:
            workspace_id: whose data it is.
            data_size_gb: how much, in gigabytes.
            duration_ms: for how long; a day if not given.
            attrs: fields of `Operation`.

        Raises:
            TypeError: for an attribute that is none.
        """
        told = Operation.told({"operation": "store", **attrs})
        months = Decimal(str(data_size_gb)) * duration_ms / _MONTH_MS
        price = self._declared.storage_gb_month
        if told.cost is None and price is not None:
            currency = self._declared.currency or "USD"
            told = Operation.told(
                {"operation": "store", **attrs, "cost": months * price, "currency": currency}
            )
        return self._add(workspace_id, STORAGE, told, told.sku or "STORAGE", months, duration_ms)

    def get_summary(self) -> DatabricksCostSummary:
        """Return the sums of all that was reported."""
        with self._lock:
            return DatabricksCostSummary(tuple(self._costs))

    def get_workspace_costs(self) -> dict[str, Decimal]:
        """Return the costs by workspace."""
        return self.get_summary().cost_by_workspace

    def get_team_costs(self) -> dict[str, Decimal]:
        """Return the costs by team."""
        return self.get_summary().cost_by_team

    def reset(self) -> None:
        """Forget everything that was reported."""
        with self._lock:
            self._costs.clear()

    def _add(
        self, workspace_id: str, kind: str, told: Operation, sku: str, units: Decimal, duration_ms: int
    ) -> WorkspaceCost:
        cost, currency = told.cost, told.currency or self._declared.currency or "USD"
        if cost is None and (price := self._prices.find(sku)) is not None:
            cost, currency = units * price.price, price.currency
        owners = told.owners()
        made = WorkspaceCost(
            workspace_id,
            kind,
            told.operation,
            cost,
            None if cost is None else currency,
            sku,
            units,
            duration_ms,
            owners.team,
            owners.project,
            owners.cost_center,
            owners.environment,
            told.failed,
            told.key,
        )
        with self._lock:
            self._costs.append(made)
        for context in _contexts.get():
            context.add(made)
        return made


@cache
def get_cost_aggregator() -> DatabricksUnityCatalogCostAggregator:
    """Return the one aggregator of this process; `reset` empties it.

    It takes the built-in list prices, and `prices:` of the `governance.yaml` here if there is one.

    Raises:
        ConfigError: when that file is wrong.
    """
    return DatabricksUnityCatalogCostAggregator(declared=read_prices())
