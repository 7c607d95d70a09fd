"""What a lakehouse costs, who it is for, and what could be saved."""

from __future__ import annotations

from lakestead.costs.aggregator import (
    DatabricksUnityCatalogCostAggregator,
    WorkspaceCostContext,
    create_workspace_cost_context,
    current_workspace,
    get_cost_aggregator,
)
from lakestead.costs.anomalies import Anomaly, find_anomalies
from lakestead.costs.budgets import Budget, BudgetGuard, budget_guard, open_books, read_budgets
from lakestead.costs.calculator import DatabricksUnityCatalogPricingCalculator, get_pricing_calculator
from lakestead.costs.daily import Costs, read_costs
from lakestead.costs.dimensions import By
from lakestead.costs.estimate import Estimate
from lakestead.costs.records import WorkspaceCost
from lakestead.costs.report import Report, Share, Unpriced, read_report, read_untagged
from lakestead.costs.savings import Recommendation, Recommendations, recommend
from lakestead.costs.summary import DatabricksCostSummary
from lakestead.costs.usage import Period

__all__ = [
    "Anomaly",
    "Budget",
    "BudgetGuard",
    "By",
    "Costs",
    "DatabricksCostSummary",
    "DatabricksUnityCatalogCostAggregator",
    "DatabricksUnityCatalogPricingCalculator",
    "Estimate",
    "Period",
    "Recommendation",
    "Recommendations",
    "Report",
    "Share",
    "Unpriced",
    "WorkspaceCost",
    "WorkspaceCostContext",
    "budget_guard",
    "create_workspace_cost_context",
    "current_workspace",
    "find_anomalies",
    "get_cost_aggregator",
    "get_pricing_calculator",
    "open_books",
    "read_budgets",
    "read_costs",
    "read_report",
    "read_untagged",
    "recommend",
]
