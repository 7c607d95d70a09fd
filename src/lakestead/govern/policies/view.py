"""What rules look at: the metastore's `information_schema`, asked by queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_string
from lakestead.govern.classification import Classification
from lakestead.govern.retention.declared import Retention
from lakestead.govern.scope import pattern

# Databricks' own catalogs: nobody's tables to govern.
_THEIRS = ("system", "samples", "__databricks_internal")


class View:
    """A workspace's metadata, for rules.

    Args:
        warehouse: of the workspace.
        classification: the levels.
        retention: what is deleted when.
        system: the catalog that has `information_schema` of all catalogs.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        classification: Classification | None = None,
        retention: Retention | None = None,
        system: str = "system",
    ) -> None:
        self.warehouse = warehouse
        self.classification = classification or Classification()
        self.retention = retention or Retention()
        self.schema = f"{quote(system)}.information_schema"

    def rows(
        self, select: str, scope: Sequence[str], without: Sequence[str] = (), **values: Any
    ) -> list[dict[str, Any]]:
        """Return the rows of a query over the tables of a scope.

        Args:
            select: reads `scoped`: catalog_name, schema_name, table_name, full_name (in lower case),
                table_type, table_owner, comment, storage_path; `{schema}` stands for the information schema.
            scope: globs of the tables.
            without: globs of the tables that are left out.
            values: of the query's parameters.
        """
        theirs = ", ".join(quote_string(one) for one in _THEIRS)
        statement = f"""
WITH named AS (
    SELECT table_catalog AS catalog_name, table_schema AS schema_name, table_name, table_type, table_owner,
        comment, storage_path, lower(concat_ws('.', table_catalog, table_schema, table_name)) AS full_name
    FROM {self.schema}.tables
    WHERE table_schema <> 'information_schema' AND table_catalog NOT IN ({theirs})
),
scoped AS (SELECT * FROM named WHERE full_name RLIKE :scope AND NOT full_name RLIKE :without)
{select.replace("{schema}", self.schema)}"""
        return self.warehouse.rows(statement, scope=pattern(scope), without=pattern(without), **values)

    def rank(self, level: str) -> str:
        """Return SQL that gives the position of the level that an expression gives, from 0.

        A level that is none is above all.
        """
        cases = " ".join(
            f"WHEN {quote_string(one.lower())} THEN {rank}"
            for rank, one in enumerate(self.classification.levels)
        )
        default = self.classification.rank(self.classification.default)
        unknown = len(self.classification.levels)
        return f"(CASE lower({level}) {cases} ELSE if({level} IS NULL, {default}, {unknown}) END)"


def tagged(tag: str) -> str:
    """Return SQL of a relation (catalog_name, schema_name, table_name, value): a tag of each scoped table.

    A table that has not the tag itself has that of its schema, else that of its catalog.

    Args:
        tag: SQL of the tag's name.
    """
    return f"""(
    SELECT x.*, coalesce(t.tag_value, s.tag_value, c.tag_value) AS value
    FROM scoped AS x
    LEFT JOIN {{schema}}.table_tags AS t ON t.catalog_name = x.catalog_name AND t.schema_name = x.schema_name
        AND t.table_name = x.table_name AND t.tag_name = {tag}
    LEFT JOIN {{schema}}.schema_tags AS s ON s.catalog_name = x.catalog_name AND s.schema_name = x.schema_name
        AND s.tag_name = {tag}
    LEFT JOIN {{schema}}.catalog_tags AS c ON c.catalog_name = x.catalog_name AND c.tag_name = {tag}
)"""
