"""Everything above the monitors: views of all metrics, alerts and dashboards, for each monitor group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakestead.profiling import alerting, dashboards
from lakestead.profiling.alerting import AlertChanges
from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.dashboards import DashboardChanges
from lakestead.profiling.findings import Finding
from lakestead.profiling.opening import warehouse_id
from lakestead.profiling.targets import Target
from lakestead.profiling.views import Kind, ViewChanges, build, find_metrics

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from lakestead.client import Warehouse


@dataclass(frozen=True)
class Observability:
    """What is there now, and what changed.

    Attributes:
        views: the unified views.
        alerts: the alerts.
        dashboards: the dashboards.
        without_metrics: tables that have no metric tables yet, and so are in none of it.
    """

    views: ViewChanges
    alerts: AlertChanges
    dashboards: DashboardChanges
    without_metrics: tuple[str, ...] = ()

    @property
    def unified_drift_views(self) -> dict[str, str]:
        """Full names of the views of drift by group."""
        return self._views(Kind.DRIFT)

    @property
    def unified_profile_views(self) -> dict[str, str]:
        """Full names of the views of profiles by group."""
        return self._views(Kind.PROFILE)

    @property
    def unified_performance_views(self) -> dict[str, str]:
        """Full names of the views of models' quality, by those groups that have models."""
        return self._views(Kind.PERFORMANCE)

    @property
    def drift_alert_ids(self) -> dict[str, str]:
        """Ids of the alerts on drift by group."""
        return {group: ids[Finding.DRIFT] for group, ids in self.alerts.ids.items() if Finding.DRIFT in ids}

    @property
    def dashboard_ids(self) -> dict[str, str]:
        """Ids of the dashboards by group."""
        return self.dashboards.ids

    def _views(self, kind: Kind) -> dict[str, str]:
        groups = self.views.groups.items()
        return {group: views.full_name(kind) for group, views in groups if kind in views.kinds}


def deploy(
    config: OrchestratorConfig, targets: Sequence[Target], warehouse: Warehouse, client: WorkspaceClient
) -> Observability:
    """Make views, alerts and dashboards agree with the configuration and the metric tables that there are.

    What groups without tables had is removed; what others made is left alone. A second time changes nothing.

    Args:
        config: limits, who is told, and the folder of alerts and dashboards.
        targets: the monitored tables.
        warehouse: runs statements; alerts and dashboards will run on it, too.
        client: acts.

    Raises:
        ConfigError: something else has a name that is needed, or a notification destination is not there.
        databricks.sql.Error, DatabricksError: the workspace refuses something.
    """
    metrics = find_metrics(warehouse, targets)
    folder, schema = config.dashboards.folder, config.profile_defaults.output_schema_name
    views = build(warehouse, config.catalog_name, schema, folder, metrics)
    client.workspace.mkdirs(folder)
    present = {one.target.full_name for one in metrics}
    return Observability(
        views,
        alerting.deploy(client, config.alerting, views.groups, folder, warehouse_id(warehouse)),
        dashboards.deploy(client, config, views.groups, warehouse_id(warehouse)),
        tuple(one.full_name for one in targets if one.full_name not in present),
    )
