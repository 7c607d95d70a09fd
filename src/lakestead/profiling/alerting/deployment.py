"""Makes the alerts of all groups agree with the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lakestead.profiling.agreement import Agreement
from lakestead.profiling.alerting.definitions import MARK, definition, one_line
from lakestead.profiling.alerting.routing import subscriptions
from lakestead.profiling.config import Alerting
from lakestead.profiling.findings import Finding
from lakestead.profiling.views import GroupViews

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.sql import AlertV2


@dataclass
class AlertChanges(Agreement):
    """What became of the alerts.

    Attributes:
        ids: the alerts' ids, by group and kind of finding.
    """

    ids: dict[str, dict[Finding, str]] = field(default_factory=dict)


def deploy(
    client: WorkspaceClient,
    alerting: Alerting,
    groups: Mapping[str, GroupViews],
    keeper: str,
    warehouse_id: str,
) -> AlertChanges:
    """Create, update and trash alerts so that each group has those of the configured limits.

    Args:
        client: acts.
        alerting: limits, schedule, and who is told; without alerts enabled, those that are there go.
        groups: the views of each group.
        keeper: the folder of the alerts, which is there; it marks those of one configuration.
        warehouse_id: where their queries run.

    Raises:
        ConfigError: a notification destination is not there.
        DatabricksError: the workspace refuses something.
    """
    changes = AlertChanges()
    there = find_alerts(client, keeper)
    enabled = groups if alerting.enable_aggregated_alerts else {}
    told = subscriptions(client, alerting, enabled)
    for group, views in enabled.items():
        for finding in Finding:
            wanted = definition(finding, views, alerting, keeper, warehouse_id, told[group])
            if wanted is not None:
                present = there.pop((one_line(group), finding.value), None)
                changes.ids.setdefault(group, {})[finding] = _agree(client, wanted, present, changes)
    for alert in there.values():
        if alert.id:
            client.alerts_v2.trash_alert(alert.id)
            changes.removed.append(alert.display_name)
    return changes


def find_alerts(client: WorkspaceClient, keeper: str) -> dict[tuple[str, str], AlertV2]:
    """Return the alerts of one configuration by group and kind of finding."""
    found = {}
    for alert in client.alerts_v2.list_alerts(page_size=100):
        mark = MARK.match(alert.query_text or "")
        if mark and mark["keeper"] == one_line(keeper):
            found[mark["group"], mark["finding"]] = alert
    return found


def _agree(client: WorkspaceClient, wanted: AlertV2, present: AlertV2 | None, changes: AlertChanges) -> str:
    """Make one alert as it should be, and return its id."""
    if present is None or not present.id:
        changes.created.append(wanted.display_name)
        created = client.alerts_v2.create_alert(wanted)
        assert created.id, "a new alert has an id"
        return created.id
    differing = list(_differences(wanted.as_dict(), present.as_dict()))
    # An alert cannot be moved, and the folder may be said in another way.
    mask = [path for path in differing if path != "parent_path"]
    if mask:
        client.alerts_v2.update_alert(present.id, wanted, ",".join(mask))
        changes.updated.append(wanted.display_name)
    else:
        changes.unchanged.append(wanted.display_name)
    return present.id


def _differences(wanted: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """Return the paths of fields that are not as they should be. What is not declared may be as it likes."""
    paths = []
    for name, value in wanted.items():
        there = present.get(name)
        if isinstance(value, dict) and isinstance(there, dict):
            paths += [f"{name}.{path}" for path in _differences(value, there)]
        elif value != there:
            paths.append(name)
    return paths
