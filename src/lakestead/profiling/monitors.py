"""The monitors that there are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from lakestead.profiling.pacing import Requests

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.dataquality import DataProfilingConfig

# The kind of object that profiles are of.
TABLE = "table"
_PAGE = 100


def read_monitors(
    requests: Requests,
    client: WorkspaceClient,
    table_ids: Collection[str],
    others: Callable[[], Collection[str]] = tuple,
) -> dict[str, DataProfilingConfig]:
    """Return the monitors of tables, by the tables' ids.

    All monitors are listed, in pages; where the service cannot list them, each table is asked for its own.

    Args:
        requests: how to ask.
        client: whom to ask.
        table_ids: the tables whose monitors matter; those of others may come with them.
        others: gives the ids of more tables that may have monitors; called where these cannot be listed.
    """
    from databricks.sdk.errors import BadRequest, NotFound, NotImplemented

    try:
        listed = requests.make(lambda: list(client.data_quality.list_monitor(page_size=_PAGE)))
    except (NotImplemented, NotFound, BadRequest):
        return _read_each(requests, client, {*table_ids, *others()})
    return {
        monitor.object_id: monitor.data_profiling_config
        for monitor in listed
        if monitor.object_type == TABLE and monitor.data_profiling_config is not None
    }


def _read_each(
    requests: Requests, client: WorkspaceClient, table_ids: Collection[str]
) -> dict[str, DataProfilingConfig]:
    found = requests.gather(table_ids, lambda table_id: read_monitor(requests, client, table_id))
    return {table_id: config for table_id, config in found.items() if config is not None}


def read_monitor(requests: Requests, client: WorkspaceClient, table_id: str) -> DataProfilingConfig | None:
    """Return the monitor of a table; None if it has none."""
    from databricks.sdk.errors import NotFound

    try:
        return requests.make(lambda: client.data_quality.get_monitor(TABLE, table_id)).data_profiling_config
    except NotFound:
        return None
