"""What the system tables of a workspace are made of."""

from __future__ import annotations

from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.orm import Session

from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.catalog.rest.metastores import workspace_id
from lakestead.workspace.notifications.service import STREAM as NOTIFICATIONS
from lakestead.workspace.store.base import Store, now_ms
from lakestead.workspace.system.billing import prices, usage
from lakestead.workspace.system.catalog import SystemTables
from lakestead.workspace.system.log import Log
from lakestead.workspace.system.sources import Constant, Source, Stream
from lakestead.workspace.system.tables import declare
from lakestead.workspace.system.warehouses import CHANGES, EVENTS

_STREAMS = (
    CHANGES,
    EVENTS,
    NOTIFICATIONS,
    "lakestead.alert_evaluations",
    "query.history",
    "access.audit",
    "access.table_lineage",
    "access.column_lineage",
)


def system_tables(store: Store, log: Log, folder: Path, url: str) -> SystemTables:
    """Declare the system catalog in the metastore, and return its data.

    Args:
        store: the metastore.
        log: what happened.
        folder: where the tables' files lie.
        url: where the workspace is served.
    """
    with store.write() as tx:
        declare(tx, folder)
        made = metastore(tx).created_at
        ids = constants(tx)
    here = {"workspace_name": "lakestead", "workspace_url": url, "create_time": made, "status": "RUNNING"}
    sources: dict[str, Source] = {name: Stream(log, name) for name in _STREAMS}
    sources["access.workspaces_latest"] = Constant([here], now_ms())
    sources[usage.TABLE] = usage.Usage(log)
    sources[prices.TABLE] = prices.list_prices()
    return SystemTables(folder, sources, ids)


def constants(tx: Session) -> dict[str, str]:
    """Return the ids that all rows have: one account has one metastore and one workspace."""
    target = metastore(tx)
    return {
        "account_id": str(uuid5(NAMESPACE_URL, f"lakestead:{target.id}")),
        "metastore_id": target.id,
        "workspace_id": str(workspace_id(target)),
    }
