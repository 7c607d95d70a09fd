"""What an export of Atlas changes here: lineage, tags, owners. A second time it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_name, quote_string
from lakestead.govern.imports.atlas.export import COLUMNS, TABLES, AtlasExport, Entity
from lakestead.govern.imports.atlas.lineage import events
from lakestead.govern.imports.atlas.names import Names
from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.event import LineageMetrics
from lakestead.govern.lineage.stores import LineageStore

_MOST_VALUE = 1000  # characters of a tag's value, by Databricks' limit


@dataclass(frozen=True, slots=True)
class AtlasPlan:
    """What an import does.

    Args:
        lineage: events that are not kept yet.
        statements: set tags and owners that are not set yet.
        skipped: what is not taken over, and why.
    """

    lineage: list[LineageMetrics]
    statements: list[str]
    skipped: list[str]

    def apply(self, warehouse: Warehouse, store: LineageStore) -> None:
        """Do it. Every step stands for itself: what fails in the middle goes on when it is planned again.

        Raises:
            databricks.sql.Error: when a tag or owner cannot be set.
        """
        for event in self.lineage:
            store.add(event)
        for statement in self.statements:
            warehouse.repeat(statement).close()

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON has it."""
        lineage = [event.values() for event in self.lineage]
        return {"lineage": lineage, "statements": self.statements, "skipped": self.skipped}


def plan_atlas(
    export: AtlasExport,
    warehouse: Warehouse,
    store: LineageStore,
    *,
    catalog: str,
    clusters: Mapping[str, str] | None = None,
    owners: Mapping[str, str] | None = None,
) -> AtlasPlan:
    """Return what an export changes; nothing is changed.

    Args:
        export: what Atlas knows.
        warehouse: the workspace whose tables get tags and owners.
        store: gets the lineage.
        catalog: gets the databases of clusters that `clusters` does not name.
        clusters: the catalogs of clusters.
        owners: the principals here of owners in Atlas; who has none is not set.

    Raises:
        SourceError: when a name is none that Unity Catalog can have.
    """
    names = Names(catalog, clusters or {})
    kept = {event.event_id for event in store.events()}
    lineage = [event for event in events(export, names) if event.event_id not in kept]
    things = [
        (node, one) for one in export.of_type(*TABLES, *COLUMNS) if (node := names.node(one)) is not None
    ]
    actual = _Actual(warehouse, {node.table for node, _ in things})
    skipped = [f"{export.deleted} entities that are deleted in Atlas"] if export.deleted else []
    tags: list[str] = []
    # Last: who gives a table away may not tag it any more.
    given_away: list[str] = []
    for node, one in things:
        if node.table not in actual.owners:
            if node.column is None:
                skipped.append(f"tags and owner of {node}: there is no such table here")
            continue
        tags += _tags(node, one, actual)
        if node.column is None:
            given_away += _owner(node, one, actual, owners or {}, skipped)
    return AtlasPlan(lineage, [*tags, *given_away], skipped)


class _Actual:
    """The tags and owners that tables have now."""

    def __init__(self, warehouse: Warehouse, tables: set[str]) -> None:
        self.owners: dict[str, str] = {}
        self.tags: dict[tuple[str, str | None], dict[str, str]] = {}
        if not tables:
            return
        named = "concat_ws('.', {0}_catalog, {0}_schema, table_name)"
        full = "concat_ws('.', catalog_name, schema_name, table_name)"
        for select in (
            f"SELECT {named.format('table')} AS name, NULL AS column, NULL AS tag, table_owner AS value"
            " FROM system.information_schema.tables",
            f"SELECT {full} AS name, NULL AS column, tag_name AS tag, tag_value AS value"
            " FROM system.information_schema.table_tags",
            f"SELECT {full} AS name, column_name AS column, tag_name AS tag, tag_value AS value"
            " FROM system.information_schema.column_tags",
        ):
            statement = f"SELECT * FROM ({select}) WHERE name IN (SELECT explode(:tables))"
            for row in warehouse.arrow(statement, tables=sorted(tables)).to_pylist():
                self._add(row)

    def _add(self, row: dict[str, Any]) -> None:
        if row["tag"] is None:
            self.owners[row["name"]] = row["value"]
        else:
            column = row["column"].lower() if row["column"] is not None else None
            self.tags.setdefault((row["name"], column), {})[row["tag"]] = row["value"]


def _tags(node: Node, entity: Entity, actual: _Actual) -> Iterator[str]:
    now = actual.tags.get((node.table, node.column), {})
    wanted = {name: _value(given) for name, given in sorted(entity.classifications.items())}
    new = {name: value for name, value in wanted.items() if now.get(name) != value}
    if new:
        pairs = ", ".join(f"{quote_string(name)} = {quote_string(value)}" for name, value in new.items())
        column = f" ALTER COLUMN {quote(node.column)}" if node.column is not None else ""
        yield f"ALTER TABLE {quote_name(*node.table.split('.'))}{column} SET TAGS ({pairs})"


def _value(attributes: Mapping[str, Any]) -> str:
    """Return the attributes of a classification as a tag's value."""
    said = ", ".join(f"{name}={value}" for name, value in sorted(attributes.items()) if value is not None)
    return said[:_MOST_VALUE]


def _owner(
    node: Node, entity: Entity, actual: _Actual, owners: Mapping[str, str], skipped: list[str]
) -> Iterator[str]:
    given = entity.attributes.get("owner")
    if not given:
        return
    wanted = owners.get(str(given))
    if wanted is None:
        skipped.append(f"owner of {node}: nobody here is given for '{given}'")
    elif actual.owners[node.table] != wanted:
        yield f"ALTER TABLE {quote_name(*node.table.split('.'))} SET OWNER TO {quote(wanted)}"
