"""One view over the metric tables of a monitor group: of drift, of profiles, and of models' performance."""

from __future__ import annotations

from lakestead.profiling.views.deployment import PART_TABLES, ViewChanges, build
from lakestead.profiling.views.names import GroupViews
from lakestead.profiling.views.sources import Metrics, find_metrics
from lakestead.profiling.views.unions import Kind, relevant, union

__all__ = [
    "PART_TABLES",
    "GroupViews",
    "Kind",
    "Metrics",
    "ViewChanges",
    "build",
    "find_metrics",
    "relevant",
    "union",
]
