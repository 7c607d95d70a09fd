"""Data profiling, declared and deployed: monitors, unified views, alerts and dashboards for many tables."""

from __future__ import annotations

from lakestead.profiling.checks import CheckReport
from lakestead.profiling.checks.running import run_checks
from lakestead.profiling.config import OrchestratorConfig, load_config
from lakestead.profiling.orchestration import OrchestrationReport, run_bulk_provisioning, run_orchestration
from lakestead.profiling.planning import plan
from lakestead.profiling.provisioning import apply
from lakestead.profiling.statuses import (
    MonitorStatus,
    get_monitor_statuses,
    print_monitor_statuses,
    wait_for_monitors,
)

__all__ = [
    "CheckReport",
    "MonitorStatus",
    "OrchestrationReport",
    "OrchestratorConfig",
    "apply",
    "get_monitor_statuses",
    "load_config",
    "plan",
    "print_monitor_statuses",
    "run_bulk_provisioning",
    "run_checks",
    "run_orchestration",
    "wait_for_monitors",
]
