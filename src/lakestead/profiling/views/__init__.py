"""One view over the metric tables of a monitor group: of drift, of profiles, and of models' performance."""

from __future__ import annotations

from lakestead.profiling.views.deployment import ViewChanges, build
from lakestead.profiling.views.names import GroupViews
from lakestead.profiling.views.sources import Metrics, find_metrics
from lakestead.profiling.views.unions import Kind, union

__all__ = ["GroupViews", "Kind", "Metrics", "ViewChanges", "build", "find_metrics", "union"]
