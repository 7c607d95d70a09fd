"""What an analysis asks of a metastore: views, functions, columns, owners, keys, and what was run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote_name

Rows = list[dict[str, Any]]

# Of different statements that name a table, those that were run most often.
_MOST_QUERIES = 2_000
_MATCH = "exists(:words, word -> contains(lower({text}), word))"


class Metastore:
    """Asks `information_schema` and the query history; only what names something is fetched.

    Args:
        warehouse: runs the queries.
        system: the catalog that has the schema `query`: `system`, or a copy of it.
    """

    def __init__(self, warehouse: Warehouse, system: str = "system") -> None:
        self._warehouse = warehouse
        self._system = system

    def views(self, words: Collection[str]) -> Rows:
        """Return views whose definitions have one of some words: catalog, schema, name, definition, owner."""
        return self._warehouse.rows(
            "SELECT v.table_catalog AS catalog, v.table_schema AS schema, v.table_name AS name,"
            " v.view_definition AS definition, t.table_owner AS owner"
            " FROM system.information_schema.views v JOIN system.information_schema.tables t"
            " ON t.table_catalog = v.table_catalog AND t.table_schema = v.table_schema"
            " AND t.table_name = v.table_name WHERE v.view_definition IS NOT NULL AND "
            + _MATCH.format(text="v.view_definition"),
            words=sorted(words),
        )

    def functions(self, words: Collection[str]) -> Rows:
        """Return the SQL functions whose bodies have one of some words: as `views`."""
        return self._warehouse.rows(
            "SELECT routine_catalog AS catalog, routine_schema AS schema, routine_name AS name,"
            " routine_definition AS definition, routine_owner AS owner"
            " FROM system.information_schema.routines WHERE routine_definition IS NOT NULL"
            " AND routine_body = 'SQL' AND " + _MATCH.format(text="routine_definition"),
            words=sorted(words),
        )

    def columns(self, tables: Collection[str]) -> dict[str, list[str]]:
        """Return the columns of tables by the tables' full names."""
        rows = self._warehouse.rows(
            "SELECT name, collect_list(column_name) AS columns FROM ("
            "SELECT concat_ws('.', table_catalog, table_schema, table_name) AS name, column_name"
            " FROM system.information_schema.columns)"
            " WHERE name IN (SELECT explode(:tables)) GROUP BY name",
            tables=sorted(tables),
        )
        return {row["name"]: [column.lower() for column in row["columns"]] for row in rows}

    def owners(self, tables: Collection[str]) -> dict[str, str]:
        """Return the owners of tables by the tables' full names."""
        rows = self._warehouse.rows(
            "SELECT name, table_owner FROM ("
            "SELECT concat_ws('.', table_catalog, table_schema, table_name) AS name, table_owner"
            " FROM system.information_schema.tables) WHERE name IN (SELECT explode(:tables))",
            tables=sorted(tables),
        )
        return {row["name"]: row["table_owner"] for row in rows}

    def of_table(self, relation: str, table: str) -> Rows:
        """Return the rows of a relation of `information_schema` that are of a table."""
        catalog, schema, name = table.split(".")
        return self._warehouse.rows(
            f"SELECT * FROM {quote_name('system', 'information_schema', relation)}"
            " WHERE table_catalog = :catalog AND table_schema = :schema AND table_name = :name",
            catalog=catalog,
            schema=schema,
            name=name,
        )

    def foreign_keys(self, table: str) -> Rows:
        """Return the foreign keys that refer to a table: name, table, columns (referred to), owner."""
        catalog, schema, name = table.split(".")
        return self._warehouse.rows(
            "SELECT r.constraint_name AS name, max(concat_ws('.', k.table_catalog, k.table_schema,"
            " k.table_name)) AS table, collect_set(u.column_name) AS columns, max(t.table_owner) AS owner"
            " FROM system.information_schema.referential_constraints r"
            " JOIN system.information_schema.key_column_usage u ON u.constraint_catalog ="
            " r.unique_constraint_catalog AND u.constraint_schema = r.unique_constraint_schema"
            " AND u.constraint_name = r.unique_constraint_name"
            " JOIN system.information_schema.key_column_usage k ON k.constraint_catalog ="
            " r.constraint_catalog AND k.constraint_schema = r.constraint_schema"
            " AND k.constraint_name = r.constraint_name"
            " JOIN system.information_schema.tables t ON t.table_catalog = k.table_catalog"
            " AND t.table_schema = k.table_schema AND t.table_name = k.table_name"
            " WHERE u.table_catalog = :catalog AND u.table_schema = :schema AND u.table_name = :name"
            " GROUP BY r.constraint_catalog, r.constraint_schema, r.constraint_name",
            catalog=catalog,
            schema=schema,
            name=name,
        )

    def queries(self, table: str, words: Sequence[str], since: dt.datetime) -> Rows:
        """Return what was run and has one of some words: text, runs, last time, who ran it then.

        A statement of which the lineage is known, and does not have the table, only names another like it.

        Args:
            table: the full name.
            words: of its text.
            since: the first moment that counts.
        """
        lineage = (
            "SELECT statement_id, max(source_table_full_name = :table) AS reads"
            f" FROM {quote_name(self._system, 'access', 'table_lineage')} WHERE event_time >= :since"
            " AND statement_id IS NOT NULL AND source_table_full_name IS NOT NULL GROUP BY statement_id"
        )
        return self._warehouse.rows(
            "SELECT statement_text AS text, count(*) AS runs, max(start_time) AS last,"
            " max_by(executed_by, start_time) AS owner"
            f" FROM {quote_name(self._system, 'query', 'history')} AS h"
            f" LEFT JOIN ({lineage}) AS l ON l.statement_id = h.statement_id"
            " WHERE coalesce(l.reads, true) AND start_time >= :since AND execution_status = 'FINISHED' AND "
            + _MATCH.format(text="statement_text")
            + f" GROUP BY statement_text ORDER BY runs DESC, last DESC LIMIT {_MOST_QUERIES}",
            table=table,
            words=sorted(words),
            since=since,
        )
