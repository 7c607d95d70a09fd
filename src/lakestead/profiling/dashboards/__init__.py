"""Lakeview dashboards: one for each monitor group, and one over all groups."""

from __future__ import annotations

from lakestead.profiling.dashboards.deployment import DashboardChanges, deploy

__all__ = ["DashboardChanges", "deploy"]
