"""What `system.access.table_lineage` and `column_lineage` tell of statements that ran."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Robot, Sql

Tables = set[tuple[str | None, str | None]]
Columns = dict[str | None, set[str]]


@pytest.fixture
def tables(sql: Sql, schema: str) -> str:
    """Three tables in the test's own schema."""
    sql("CREATE TABLE a (id BIGINT, Name STRING, part STRUCT<x: INT>)")
    sql("CREATE TABLE b (id BIGINT, name STRING, n INT)")
    sql("CREATE TABLE c (id BIGINT, total BIGINT)")
    return schema


class Told:
    """What the system tables tell of a schema's statements."""

    def __init__(self, sql: Sql, schema: str) -> None:
        self._sql = sql
        self._schema = schema

    def rows(self, table: str, statement: str) -> list[dict[str, Any]]:
        """Run a statement, and return the rows that it added, as dicts."""
        with self._sql.connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.fetchall()
            statement_id = str(cursor.query_id)
        return self._sql.records(f"SELECT * FROM system.access.{table} WHERE statement_id = '{statement_id}'")

    def edges(self, statement: str) -> Tables:
        """Run a statement, and return the pairs of source and target that it told of."""
        rows = self.rows("table_lineage", statement)
        return {(self._end(row, "source"), self._end(row, "target")) for row in rows}

    def columns(self, statement: str) -> Columns:
        """Run a statement, and return the sources of each column of its target."""
        found: Columns = {}
        for row in self.rows("column_lineage", statement):
            source = f"{self._end(row, 'source')}.{row['source_column_name']}"
            found.setdefault(row["target_column_name"], set()).add(source)
        return found

    def _end(self, row: dict[str, Any], side: str) -> str | None:
        name = row[f"{side}_table_full_name"]
        if row[f"{side}_type"] == "PATH":
            return str(row[f"{side}_path"])
        return None if name is None else str(name).removeprefix(f"{self._schema}.")


@pytest.fixture
def told(sql: Sql, tables: str) -> Told:
    return Told(sql, tables)


def test_an_event_has_all_that_is_known_of_it(workspace_session: Workspace, told: Told, tables: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    catalog, schema = tables.split(".")
    w = workspace_session.client()
    (row,) = told.rows("table_lineage", "INSERT INTO b SELECT id, name, 1 FROM a")
    assert row["source_table_full_name"] == f"{tables}.a"
    assert (row["source_table_catalog"], row["source_table_schema"], row["source_table_name"]) == (
        catalog,
        schema,
        "a",
    )
    assert row["target_table_full_name"] == f"{tables}.b"
    assert (row["source_type"], row["target_type"]) == ("TABLE", "TABLE")
    assert row["source_path"] == w.tables.get(f"{tables}.a").storage_location
    assert row["created_by"] == w.current_user.me().user_name
    assert row["metastore_id"] == w.metastores.current().metastore_id
    assert before <= row["event_time"] <= datetime.now(UTC)
    assert row["event_date"] == row["event_time"].date()
    assert row["event_id"] != row["record_id"]
    assert row["entity_type"] is None
    assert row["workspace_id"] == str(w.get_workspace_id())


def test_rows_of_one_statement_are_one_event(told: Told) -> None:
    rows = told.rows("table_lineage", "INSERT INTO c SELECT a.id, b.n FROM a JOIN b USING (id)")
    assert {row["source_table_name"] for row in rows} == {"a", "b"}
    assert len({row["event_id"] for row in rows}) == 1
    assert len({row["record_id"] for row in rows}) == 2


def test_reads_have_a_source_and_no_target(told: Told) -> None:
    query = "SELECT Name, part.x AS x FROM a WHERE id IN (SELECT id FROM b)"
    assert told.edges(query) == {("a", None), ("b", None)}
    assert told.columns(query) == {None: {"a.Name", "a.part"}}


def test_what_reads_nothing_has_a_target_and_no_source(told: Told) -> None:
    assert told.edges("INSERT INTO b VALUES (1, 'x', 2)") == {(None, "b")}
    assert told.columns("INSERT INTO b VALUES (1, 'x', 2)") == {}
    assert told.edges("DELETE FROM b WHERE id = 7") == {(None, "b")}
    assert told.edges("SELECT 1") == set()


def test_inserts(told: Told) -> None:
    assert told.columns("INSERT INTO b (n, id) SELECT part.x + 1, id FROM a") == {
        "n": {"a.part"},
        "id": {"a.id"},
    }
    assert told.columns("INSERT INTO b BY NAME SELECT name, id FROM a") == {
        "name": {"a.Name"},
        "id": {"a.id"},
    }
    assert told.columns(
        "INSERT OVERWRITE c WITH q AS (SELECT id, count(*) AS k FROM b GROUP BY id) SELECT * FROM q"
    ) == {"id": {"b.id"}}


def test_merge(told: Told) -> None:
    merge = (
        "MERGE INTO c AS t USING (SELECT id, n FROM b) s ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET total = t.total + s.n "
        "WHEN NOT MATCHED THEN INSERT (id, total) VALUES (s.id, s.n)"
    )
    assert told.columns(merge) == {"id": {"b.id"}, "total": {"c.total", "b.n"}}
    assert told.edges(merge) == {("b", "c"), ("c", "c")}
    stars = (
        "MERGE INTO b USING a ON a.id = b.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    with pytest.raises(ServerOperationError):
        told.edges(stars)
    stars = stars.replace("USING a", "USING (SELECT *, 1 AS n FROM a) a")
    assert told.columns(stars) == {"id": {"a.id"}, "name": {"a.Name"}}


def test_updates_and_deletes(told: Told) -> None:
    assert told.columns("UPDATE b SET n = id + 1, name = 'x'") == {"n": {"b.id"}}
    assert told.edges("DELETE FROM b WHERE id IN (SELECT id FROM a)") == {("a", "b")}


def test_views_are_sources_themselves(told: Told) -> None:
    assert told.columns("CREATE VIEW v (i, w) AS SELECT id, upper(name) FROM a") == {
        "i": {"a.id"},
        "w": {"a.Name"},
    }
    rows = told.rows("table_lineage", "CREATE TABLE d AS SELECT w FROM v")
    assert [(row["source_type"], row["source_table_name"], row["target_type"]) for row in rows] == [
        ("VIEW", "v", "TABLE")
    ]
    assert told.columns("CREATE OR REPLACE TABLE d AS SELECT w AS y, count(*) AS k FROM v GROUP BY w") == {
        "y": {"v.w"}
    }
    assert told.columns("ALTER VIEW v AS SELECT n FROM b") == {"n": {"b.n"}}


def test_temporary_views_and_functions_are_followed(told: Told, sql: Sql) -> None:
    sql("CREATE TEMPORARY VIEW t AS SELECT id AS i, name AS w FROM a")
    sql("CREATE FUNCTION twice(p BIGINT) RETURNS BIGINT RETURN p + p")
    assert told.edges("INSERT INTO c SELECT i, twice(i) FROM t") == {("a", "c")}
    assert told.columns("INSERT INTO c SELECT 0, twice(i) FROM t") == {"total": {"a.id"}}


def test_files(workspace_session: Workspace, told: Told, sql: Sql, tables: str) -> None:
    sql("CREATE VOLUME files")
    folder = f"/Volumes/{tables.replace('.', '/')}/files"
    w = workspace_session.client()
    w.files.upload(f"{folder}/one.json", BytesIO(b'{"id": 1, "n": 2}'))
    copy = f"COPY INTO b FROM '{folder}/one.json' FILEFORMAT = JSON"
    rows = told.rows("table_lineage", copy)
    assert [(row["source_type"], row["source_path"], row["target_table_name"]) for row in rows] == [
        ("PATH", f"{folder}/one.json", "b")
    ]
    again = copy + " COPY_OPTIONS ('force' = 'true')"
    assert told.columns(again) == {"id": {f"{folder}/one.json.id"}, "n": {f"{folder}/one.json.n"}}
    query = f"CREATE TABLE d AS SELECT id + n AS k FROM json.`{folder}/one.json`"
    assert told.columns(query) == {"k": {f"{folder}/one.json.id", f"{folder}/one.json.n"}}
    query = f"CREATE TABLE e AS SELECT * FROM read_files('{folder}', format => 'json')"
    assert told.edges(query) == {(folder, "e")}
    assert told.columns(query.replace("TABLE e", "TABLE f")) == {"id": {f"{folder}.id"}, "n": {f"{folder}.n"}}


def test_names_mean_what_they_meant_when_the_statement_ran(told: Told, sql: Sql, tables: str) -> None:
    for statement in (
        "CREATE TABLE d AS SELECT id AS i FROM a",
        "ALTER TABLE d RENAME TO gone",
        "DROP TABLE gone",
        "CREATE TABLE d (other INT)",
    ):
        sql(statement)
    found = sql(
        f"SELECT target_table_name, source_column_name FROM system.access.column_lineage "
        f"WHERE target_table_schema = '{tables.split('.')[1]}' AND target_column_name = 'i'"
    )
    assert found == [("d", "id")]


@pytest.mark.parametrize(
    "statement",
    ["EXPLAIN SELECT * FROM a", "DESCRIBE QUERY SELECT * FROM a", "DESCRIBE TABLE a", "OPTIMIZE b"],
)
def test_what_moves_no_data(told: Told, statement: str) -> None:
    assert told.edges(statement) == set()


def test_what_fails_has_no_lineage(told: Told, sql: Sql, tables: str) -> None:
    with pytest.raises(ServerOperationError):
        sql("INSERT INTO c SELECT id, raise_error(name) FROM (SELECT * FROM b UNION ALL SELECT 1, 'no', 2)")
    schema = tables.split(".")[1]
    query = (
        "SELECT * FROM system.access.table_lineage WHERE target_table_name = 'c' AND target_table_schema = "
    )
    assert sql(f"{query}'{schema}'") == []


def test_what_is_not_understood_is_told_of_by_its_tables(told: Told) -> None:
    statement = f"INSERT INTO c SELECT /* {'x' * 200_000} */ id, n FROM b"
    assert told.edges(statement) == {("b", "c")}
    assert told.columns(statement) == {}


def test_reading_the_system_tables_adds_nothing_to_them(sql: Sql) -> None:
    count = "SELECT count(*) FROM system.access.table_lineage"
    assert sql(count) == sql(count)


def test_models_as_dbt_compiles_them(told: Told, sql: Sql, tables: str) -> None:
    catalog, schema = tables.split(".")
    base = f"`{catalog}`.`{schema}`"
    staging = f"""
        /* {{"app": "dbt", "node_id": "model.shop.stg"}} */
        create or replace view {base}.`stg`
        as
        with source as (
            select * from {base}.`a`
        ),
        renamed as (
            select id as customer_id, name as customer_name from source
        )
        select * from renamed
    """
    assert told.columns(staging) == {"customer_id": {"a.id"}, "customer_name": {"a.Name"}}
    mart = f"""
        create or replace table {base}.`mart`
        using delta
        as
        with totals as (select id as customer_id, sum(n) as total from {base}.`b` group by 1)
        select s.customer_id, s.customer_name, coalesce(t.total, 0) as total
        from {base}.`stg` as s
        left join totals as t on s.customer_id = t.customer_id
    """
    expected = {"customer_id": {"stg.customer_id"}, "customer_name": {"stg.customer_name"}, "total": {"b.n"}}
    assert told.columns(mart) == expected
    sql(f"create or replace temporary view `mart__dbt_tmp` as {mart.split(' as', 1)[1]}")
    merge = f"""
        merge into {base}.`mart` as DBT_INTERNAL_DEST using `mart__dbt_tmp` as DBT_INTERNAL_SOURCE
        on DBT_INTERNAL_SOURCE.customer_id <=> DBT_INTERNAL_DEST.customer_id
        when matched then update set *
        when not matched then insert *
    """
    assert told.columns(merge) == expected


def test_only_who_was_granted_it_reads_lineage(
    workspace: Workspace, admin: Sql, robot: Callable[[], Robot]
) -> None:
    admin("CREATE TABLE main.default.a (id INT)")
    one = robot()
    with workspace.connect(access_token=one.token) as connection:
        theirs = Sql(connection)
        query = "SELECT target_table_name FROM system.access.table_lineage"
        with pytest.raises(ServerOperationError):
            theirs(query)
        admin(f"GRANT USE SCHEMA, SELECT ON SCHEMA system.access TO `{one.name}`")
        admin(f"GRANT USE CATALOG ON CATALOG system TO `{one.name}`")
        admin("INSERT INTO main.default.a VALUES (1)")
        assert theirs(query) == [("a",)]
