"""Who is told: e-mail addresses, and notification destinations by their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lakestead.core.errors import ConfigError
from lakestead.profiling.config import Alerting

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.sql import AlertV2Subscription


def subscriptions(
    client: WorkspaceClient, alerting: Alerting, groups: Iterable[str]
) -> dict[str, list[AlertV2Subscription]]:
    """Return who is told of each group's alerts.

    Args:
        client: is asked for the notification destinations, if any is named.
        alerting: says who; a group without a word of its own has the default.
        groups: the groups.

    Raises:
        ConfigError: there are no such destinations; names all of them.
    """
    from databricks.sdk.service.sql import AlertV2Subscription

    told = {
        group: alerting.group_notifications.get(group, alerting.default_notifications) for group in groups
    }
    named = {name for names in told.values() for name in names if "@" not in name}
    ids = _destinations(client, named) if named else {}
    return {
        group: [
            AlertV2Subscription(user_email=name)
            if "@" in name
            else AlertV2Subscription(destination_id=ids[name])
            for name in names
        ]
        for group, names in told.items()
    }


def _destinations(client: WorkspaceClient, names: set[str]) -> dict[str, str]:
    """Return the ids of destinations. An id stands for itself."""
    there = [one for one in client.notification_destinations.list() if one.id]
    ids = {one.id: one.id for one in there if one.id}
    ids |= {one.display_name: one.id for one in there if one.display_name and one.id}
    missing = sorted(names - set(ids))
    if missing:
        known = sorted(one.display_name for one in there if one.display_name)
        raise ConfigError(
            f"no notification destination is named {', '.join(map(repr, missing))};"
            f" there are {', '.join(map(repr, known)) or 'none'}. An e-mail address has an @"
        )
    return ids
