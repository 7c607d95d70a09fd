"""What a lakehouse costs, who it is for, and what could be saved."""

from __future__ import annotations

from lakestead.costs.aggregator import (
    DatabricksUnityCatalogCostAggregator,
    WorkspaceCostContext,
    create_workspace_cost_context,
    current_workspace,
    get_cost_aggregator,
)
from lakestead.costs.records import WorkspaceCost
from lakestead.costs.summary import DatabricksCostSummary

__all__ = [
    "DatabricksCostSummary",
    "DatabricksUnityCatalogCostAggregator",
    "WorkspaceCost",
    "WorkspaceCostContext",
    "create_workspace_cost_context",
    "current_workspace",
    "get_cost_aggregator",
]
