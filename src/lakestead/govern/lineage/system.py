"""Lineage that a workspace recorded itself: `system.access.table_lineage` and `column_lineage`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa

from lakestead.client import Warehouse
from lakestead.core.names import quote_name
from lakestead.govern.lineage.edges import SCHEMA, SEPARATOR, Level, Root, Window, utc

_PARTS = ("catalog", "schema", "name")


class SystemLineage:
    """Reads edges from the system tables; the warehouse aggregates them.

    Args:
        warehouse: runs the queries.
        catalog: holds the schema `access` with the tables: `system`, or a copy of it.
    """

    def __init__(self, warehouse: Warehouse, catalog: str = "system") -> None:
        self._warehouse = warehouse
        self._catalog = catalog

    def all(self, level: Level, window: Window) -> pa.Table:
        """Return all edges of a time."""
        return self._edges(level, window, "", {})

    def of_root(self, level: Level, window: Window, side: str, root: Root) -> pa.Table:
        """Return the edges that start or end (`side`: source, target) at a root or in it."""
        if root.path:
            return self._edges(level, window, f"{side}_path = :path", {"path": root.parts[0]})
        names = [*(f"{side}_table_{part}" for part in _PARTS), f"{side}_column_name"]
        conditions = [f"{name} = :part_{place}" for place, name in enumerate(names[: len(root.parts)])]
        values = {f"part_{place}": part for place, part in enumerate(root.parts)}
        return self._edges(level, window, " AND ".join(conditions), values)

    def of_nodes(self, level: Level, window: Window, side: str, keys: Collection[str]) -> pa.Table:
        """Return the edges that start or end (`side`: source, target) at some nodes."""
        condition = f"{_key(side, level)} IN (SELECT explode(:keys))"
        return self._edges(level, window, condition, {"keys": sorted(keys)})

    def present(self, catalogs: Sequence[str]) -> set[str]:
        """Return the full names of the tables that catalogs have and the user may see."""
        rows = self._warehouse.arrow(
            "SELECT concat_ws('.', table_catalog, table_schema, table_name) AS name"
            " FROM system.information_schema.tables WHERE table_catalog IN (SELECT explode(:catalogs))",
            catalogs=sorted(catalogs),
        )
        return set(rows["name"].to_pylist())

    def _edges(self, level: Level, window: Window, condition: str, values: dict[str, Any]) -> pa.Table:
        source, target = _key("source", level), _key("target", level)
        conditions = [f"{source} IS NOT NULL", f"{target} IS NOT NULL"]
        if condition:
            conditions.append(condition)
        times = {"since": utc(window.since), "until": utc(window.until)}
        if window.since:
            # The day, too: the tables' files are of days.
            conditions.append("event_time >= :since AND event_date >= CAST(:since AS DATE)")
        if window.until:
            conditions.append("event_time < :until AND event_date <= CAST(:until AS DATE)")
        given: dict[str, Any] = {name: moment for name, moment in times.items() if moment is not None}
        if level is Level.COLUMN:
            given["separator"] = SEPARATOR
        rows = self._warehouse.arrow(
            f"SELECT {source} AS source, {target} AS target,"
            " max(source_type) AS source_type, max(target_type) AS target_type,"
            " min(event_time) AS first_seen, max(event_time) AS last_seen,"
            " count(*) AS events, false AS tracked"
            f" FROM {quote_name(self._catalog, 'access', f'{level}_lineage')}"
            f" WHERE {' AND '.join(conditions)} GROUP BY {source}, {target}",
            **values,
            **given,
        )
        return rows.select(SCHEMA.names).cast(SCHEMA)


def _key(side: str, level: Level) -> str:
    """Return the expression of a node's key."""
    table = f"coalesce({side}_table_full_name, {side}_path)"
    return table if level is Level.TABLE else f"concat({table}, :separator, {side}_column_name)"
