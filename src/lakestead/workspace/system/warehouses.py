"""system.compute.warehouses and warehouse_events: what warehouses are, and when they ran."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from lakestead.workspace.store.warehouses import Warehouse
from lakestead.workspace.system.log import Entries, Log, Row

CHANGES = "compute.warehouses"
EVENTS = "compute.warehouse_events"


class Event(StrEnum):
    """What happened to a warehouse, in the words of the system table."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


# One engine serves all warehouses: one that runs has one cluster.
_CLUSTERS = {Event.STARTING: 0, Event.RUNNING: 1, Event.STOPPING: 1, Event.STOPPED: 0}


class WarehouseLog:
    """Writes the rows of both tables.

    Args:
        log: where rows go.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def known(self) -> set[str]:
        """Return the ids of the warehouses that have a row."""
        found: set[str] = set()
        number = 0
        while rows := self._log.rows_after(CHANGES, number):
            number = rows[-1][0]
            found |= {row["warehouse_id"] for _, row in rows}
        return found

    def changed(self, warehouse: Warehouse, at_ms: int | None = None, *, deleted: bool = False) -> None:
        """Record what a warehouse is from now on.

        Args:
            warehouse: the warehouse.
            at_ms: since when; now by default.
            deleted: whether it is no more.
        """
        row = _change(warehouse)
        self._log.append_at(
            lambda now: [
                (CHANGES, row | {"change_time": at_ms or now, "delete_time": now if deleted else None})
            ]
        )

    def started(self, warehouse_id: str) -> None:
        """Record that a warehouse starts, and runs at once."""
        self._append(warehouse_id, None, Event.STARTING, Event.RUNNING)

    def stopped(self, warehouse_id: str, at_ms: int | None = None) -> None:
        """Record that a warehouse stops, and is stopped at once.

        Args:
            warehouse_id: the warehouse.
            at_ms: when; now by default.
        """
        self._append(warehouse_id, at_ms, Event.STOPPING, Event.STOPPED)

    def last_sign(self) -> int | None:
        """Return when the workspace last recorded anything, in milliseconds since the epoch."""
        return self._log.newest_ms()

    def _append(self, warehouse_id: str, at_ms: int | None, *events: Event) -> None:
        def make(now: int) -> Entries:
            for event in events:
                yield EVENTS, _event(warehouse_id, event, at_ms or now)

        self._log.append_at(make)


def _event(warehouse_id: str, event: Event, at_ms: int) -> Row:
    return {
        "warehouse_id": warehouse_id,
        "event_type": event,
        "cluster_count": _CLUSTERS[event],
        "event_time": at_ms,
    }


def _change(warehouse: Warehouse) -> dict[str, Any]:
    settings = warehouse.effective
    return {
        "warehouse_id": warehouse.id,
        "warehouse_name": warehouse.name,
        "warehouse_type": "SERVERLESS"
        if settings["enable_serverless_compute"]
        else settings["warehouse_type"],
        "warehouse_channel": settings["channel"]
        .get("name", "CHANNEL_NAME_CURRENT")
        .removeprefix("CHANNEL_NAME_"),
        "warehouse_size": settings["cluster_size"].upper().replace("-", "_"),
        "min_clusters": settings["min_num_clusters"],
        "max_clusters": settings["max_num_clusters"],
        "auto_stop_minutes": settings["auto_stop_mins"],
        "tags": {tag["key"]: tag["value"] for tag in settings["tags"].get("custom_tags", [])},
        "created_by": warehouse.creator,
        # Not of the table, but of what it is billed as.
        "photon": settings["enable_photon"],
    }
