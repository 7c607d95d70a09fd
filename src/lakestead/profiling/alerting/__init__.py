"""SQL alerts on the unified views of each monitor group, and who is told."""

from __future__ import annotations

from lakestead.profiling.alerting.deployment import AlertChanges, deploy, find_alerts
from lakestead.profiling.alerting.evaluation import AlertState, alert_states, evaluate_alerts

__all__ = ["AlertChanges", "AlertState", "alert_states", "deploy", "evaluate_alerts", "find_alerts"]
