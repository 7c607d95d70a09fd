"""Lineage, classification, PII, policies and compliance."""

from __future__ import annotations

from lakestead.govern.lineage.event import LineageMetrics
from lakestead.govern.lineage.settings import LineageSettings
from lakestead.govern.monitor import DatabricksGovernanceMonitor, get_governance_monitor
from lakestead.govern.summary import GovernanceSummary

__all__ = [
    "DatabricksGovernanceMonitor",
    "GovernanceSummary",
    "LineageMetrics",
    "LineageSettings",
    "get_governance_monitor",
]
