"""The levels that tags give to tables and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakestead.client import Warehouse
from lakestead.core.names import quote
from lakestead.govern.classification.levels import Classification

_TABLE = """
SELECT coalesce(t.tag_value, s.tag_value, c.tag_value) AS level
FROM {schema}.tables AS x
LEFT JOIN {schema}.table_tags AS t ON t.catalog_name = x.table_catalog AND t.schema_name = x.table_schema
    AND t.table_name = x.table_name AND t.tag_name = :tag
LEFT JOIN {schema}.schema_tags AS s ON s.catalog_name = x.table_catalog AND s.schema_name = x.table_schema
    AND s.tag_name = :tag
LEFT JOIN {schema}.catalog_tags AS c ON c.catalog_name = x.table_catalog AND c.tag_name = :tag
WHERE x.table_catalog = :catalog AND x.table_schema = :in_schema AND x.table_name = :name"""
_COLUMNS = """
SELECT column_name, tag_value FROM {schema}.column_tags
WHERE catalog_name = :catalog AND schema_name = :in_schema AND table_name = :name AND tag_name = :tag"""


@dataclass(frozen=True, slots=True)
class Levels:
    """How confidential a table is.

    Args:
        table: what its tag says, or that of its schema or catalog; None if none says anything.
        columns: what the tags of its columns say, by their names.
    """

    table: str | None
    columns: Mapping[str, str]


def levels_of(
    warehouse: Warehouse, classification: Classification, name: tuple[str, str, str], system: str = "system"
) -> Levels | None:
    """Return what tags say of a table; None if there is no such table, or none that this user may see.

    Args:
        warehouse: where to look.
        classification: which tag it is.
        name: catalog, schema and table.
        system: the catalog that has `information_schema` of all catalogs.
    """
    schema = f"{quote(system)}.information_schema"
    catalog, in_schema, table = (part.lower() for part in name)
    given = {"catalog": catalog, "in_schema": in_schema, "name": table, "tag": classification.tag}
    found = warehouse.rows(_TABLE.format(schema=schema), **given)
    if not found:
        return None
    columns = warehouse.rows(_COLUMNS.format(schema=schema), **given)
    return Levels(found[0]["level"], {row["column_name"]: row["tag_value"] for row in columns})
