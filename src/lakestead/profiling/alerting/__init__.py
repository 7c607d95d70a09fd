"""SQL alerts on the unified views of each monitor group, and who is told."""

from __future__ import annotations

from lakestead.profiling.alerting.deployment import AlertChanges, deploy

__all__ = ["AlertChanges", "deploy"]
