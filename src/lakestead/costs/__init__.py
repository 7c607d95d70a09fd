"""What a lakehouse costs, who it is for, and what could be saved."""

from __future__ import annotations

from lakestead.costs.aggregator import (
    DatabricksUnityCatalogCostAggregator,
    WorkspaceCostContext,
    create_workspace_cost_context,
    current_workspace,
    get_cost_aggregator,
)
from lakestead.costs.calculator import DatabricksUnityCatalogPricingCalculator, get_pricing_calculator
from lakestead.costs.dimensions import By
from lakestead.costs.estimate import Estimate
from lakestead.costs.records import WorkspaceCost
from lakestead.costs.report import Report, Share, Unpriced, read_report, read_untagged
from lakestead.costs.summary import DatabricksCostSummary
from lakestead.costs.usage import Period

__all__ = [
    "By",
    "DatabricksCostSummary",
    "DatabricksUnityCatalogCostAggregator",
    "DatabricksUnityCatalogPricingCalculator",
    "Estimate",
    "Period",
    "Report",
    "Share",
    "Unpriced",
    "WorkspaceCost",
    "WorkspaceCostContext",
    "create_workspace_cost_context",
    "current_workspace",
    "get_cost_aggregator",
    "get_pricing_calculator",
    "read_report",
    "read_untagged",
]
