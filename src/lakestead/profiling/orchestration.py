"""The whole of it: monitors, and what is built on their metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.client import Profile
from lakestead.profiling.changes import Action, Changes
from lakestead.profiling.config import Mode, OrchestratorConfig
from lakestead.profiling.observability import Observability, deploy
from lakestead.profiling.opening import opened
from lakestead.profiling.planning import plan
from lakestead.profiling.provisioning import Applied, apply
from lakestead.profiling.statuses import MonitorStatus, get_monitor_statuses, wait_for_monitors

if TYPE_CHECKING:
    from lakestead.client import Warehouse


@dataclass(frozen=True)
class OrchestrationReport:
    """What a run did.

    Args:
        tables_discovered: the tables that the configuration means.
        monitors_created: monitors that are new.
        monitors_updated: monitors that stood and were changed, or made anew.
        monitors_unchanged: monitors that were as they are wanted.
        monitors_skipped: tables that policy refuses, or that tags found and that cannot be monitored as set.
        monitors_failed: changes that the workspace refused.
        monitors_removed: orphaned monitors that were deleted.
        monitor_statuses: how each monitor is doing at the end.
        changes: what was planned.
        applied: what came of it, table by table.
        observability: the views, alerts and dashboards; None if monitors alone were asked for.
    """

    tables_discovered: int
    monitors_created: int
    monitors_updated: int
    monitors_unchanged: int
    monitors_skipped: int
    monitors_failed: int
    monitors_removed: int
    monitor_statuses: Sequence[MonitorStatus]
    changes: Changes
    applied: Sequence[Applied]
    observability: Observability | None = None

    @property
    def unified_drift_views(self) -> Mapping[str, str]:
        """The full name of each group's view of drift metrics."""
        return self.observability.unified_drift_views if self.observability else {}

    @property
    def unified_profile_views(self) -> Mapping[str, str]:
        """The full name of each group's view of profile metrics."""
        return self.observability.unified_profile_views if self.observability else {}

    @property
    def drift_alert_ids(self) -> Mapping[str, str]:
        """The id of each group's alert of drift."""
        return self.observability.drift_alert_ids if self.observability else {}

    @property
    def dashboard_ids(self) -> Mapping[str, str]:
        """The id of each group's dashboard."""
        return self.observability.dashboard_ids if self.observability else {}


def run_orchestration(
    config: OrchestratorConfig,
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    remove_orphans: bool = False,
    progress: Callable[[Applied], None] | None = None,
) -> OrchestrationReport:
    """Make a workspace agree with a configuration: monitors and, in full mode, views, alerts and dashboards.

    A second run changes nothing. In full mode the run waits until the monitors are active.

    Args:
        config: the configuration.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        remove_orphans: whether monitors of tables that are not asked for any more are deleted.
        progress: is told of each change to a monitor when it is done.

    Raises:
        PreflightError: (a ConfigError and a ValueError) tables cannot be monitored as they are set; nothing
            was changed.
        DatabricksError, databricks.sql.Error: the workspace refuses what is not about a single monitor.
    """
    with opened(config, profile, warehouse) as used:
        changes = plan(config, warehouse=used)
        applied = apply(changes, warehouse=used, remove_orphans=remove_orphans, progress=progress)
        if config.mode is Mode.BULK:
            return _report(changes, applied, get_monitor_statuses(changes.targets, warehouse=used))
        patience = config.provisioning.patience_seconds
        statuses = wait_for_monitors(changes.targets, warehouse=used, timeout_seconds=patience)
        observability = deploy(config, changes.targets, used, used.client)
        return _report(changes, applied, statuses, observability)


def run_bulk_provisioning(
    config: OrchestratorConfig,
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
    progress: Callable[[Applied], None] | None = None,
) -> OrchestrationReport:
    """Make the monitors alone, whatever mode the configuration says, and wait for none.

    Args:
        config: the configuration.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.
        progress: is told of each change to a monitor when it is done.

    Raises:
        PreflightError: as `run_orchestration`.
    """
    bulk = config.model_copy(update={"mode": Mode.BULK})
    return run_orchestration(bulk, profile=profile, warehouse=warehouse, progress=progress)


def _report(
    changes: Changes,
    applied: Sequence[Applied],
    statuses: Sequence[MonitorStatus],
    observability: Observability | None = None,
) -> OrchestrationReport:
    done = Counter(one.action for one in applied if one.error is None)
    planned = changes.counts
    return OrchestrationReport(
        tables_discovered=len(changes.items) - planned[Action.ORPHANED],
        monitors_created=done[Action.CREATE],
        monitors_updated=done[Action.UPDATE] + done[Action.RECREATE],
        monitors_unchanged=planned[Action.UNCHANGED],
        monitors_skipped=planned[Action.REFUSED],
        monitors_failed=sum(one.error is not None for one in applied),
        monitors_removed=done[Action.ORPHANED],
        monitor_statuses=list(statuses),
        changes=changes,
        applied=list(applied),
        observability=observability,
    )
