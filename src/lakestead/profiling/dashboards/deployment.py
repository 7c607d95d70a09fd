"""Makes the dashboards of all groups agree with the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakestead.core.errors import ConfigError
from lakestead.profiling.agreement import Agreement
from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.dashboards.executive import executive_dashboard
from lakestead.profiling.dashboards.group import group_dashboard
from lakestead.profiling.dashboards.layout import version
from lakestead.profiling.views import GroupViews

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_EXTENSION = ".lvdash.json"
_EXECUTIVE = "Monitoring overview"


@dataclass
class DashboardChanges(Agreement):
    """What became of the dashboards.

    Attributes:
        ids: the dashboards' ids by group.
        executive_id: the id of the one over all groups, if there is one.
    """

    ids: dict[str, str] = field(default_factory=dict)
    executive_id: str | None = None


def deploy(
    client: WorkspaceClient,
    config: OrchestratorConfig,
    groups: Mapping[str, GroupViews],
    warehouse_id: str,
) -> DashboardChanges:
    """Create, update, publish and trash dashboards so that each group has its own.

    Args:
        client: acts.
        config: says the folder, which is there, and the limits.
        groups: the views of each group.
        warehouse_id: where their queries run.

    Raises:
        ConfigError: something else has the name of one of the dashboards.
        DatabricksError: the workspace refuses something.
    """
    changes = DashboardChanges()
    settings = config.dashboards
    there = _existing(client, settings.folder)
    enabled = groups if settings.enabled else {}
    for group, views in enabled.items():
        made = group_dashboard(views, config.alerting)
        changes.ids[group] = _agree(
            client, settings.folder, f"Monitoring: {views.label}", made, warehouse_id, there, changes
        )
    if settings.executive_rollup and len(enabled) > 1:
        made = executive_dashboard(list(enabled.values()), config.alerting)
        changes.executive_id = _agree(client, settings.folder, _EXECUTIVE, made, warehouse_id, there, changes)
    for name, dashboard_id in there.items():
        if version(client.lakeview.get(dashboard_id).serialized_dashboard) is not None:
            client.lakeview.trash(dashboard_id)
            changes.removed.append(name)
    return changes


def _existing(client: WorkspaceClient, folder: str) -> dict[str, str]:
    """Return the ids of the dashboards in a folder by their names."""
    found = {}
    for one in client.workspace.list(folder):
        path = one.path or ""
        if one.resource_id and path.endswith(_EXTENSION):
            found[path.rpartition("/")[2].removesuffix(_EXTENSION)] = one.resource_id
    return found


def _agree(
    client: WorkspaceClient,
    folder: str,
    name: str,
    content: str,
    warehouse_id: str,
    there: dict[str, str],
    changes: DashboardChanges,
) -> str:
    """Make one dashboard as it should be, and return its id."""
    from databricks.sdk.service.dashboards import Dashboard

    wanted = Dashboard(display_name=name, serialized_dashboard=content, warehouse_id=warehouse_id)
    dashboard_id = there.pop(name, None)
    if dashboard_id is None:
        wanted.parent_path = folder
        dashboard_id = client.lakeview.create(wanted).dashboard_id
        assert dashboard_id, "a new dashboard has an id"
        changes.created.append(name)
    else:
        present = client.lakeview.get(dashboard_id)
        mark = version(present.serialized_dashboard)
        if mark is None:
            raise ConfigError(
                f"{folder}/{name} is a dashboard that lakestead did not make: rename it, or name another"
                " folder in dashboards.folder"
            )
        if mark == version(content) and present.warehouse_id == warehouse_id:
            changes.unchanged.append(name)
            return dashboard_id
        # Somebody's change since it was read is not written over.
        wanted.etag = present.etag
        client.lakeview.update(dashboard_id, wanted)
        changes.updated.append(name)
    # Those who look see what they themselves may read.
    client.lakeview.publish(dashboard_id, embed_credentials=False, warehouse_id=warehouse_id)
    return dashboard_id
