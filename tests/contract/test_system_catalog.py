"""The system catalog: admins read it, and whom they let; nobody changes it."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import PermissionDenied
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Sql

AUDIT = "system.access.audit"
DENIED = "INSUFFICIENT_PERMISSIONS"


def test_its_schemas_and_tables_are_listed(sql: Sql) -> None:
    schemas = {name for (name,) in sql("SHOW SCHEMAS IN system")}
    assert {"access", "billing", "compute", "information_schema", "lakeflow", "query"} <= schemas
    tables = {row[1] for row in sql("SHOW TABLES IN system.access")}
    assert tables == {"audit", "column_lineage", "table_lineage", "workspaces_latest"}
    columns = sql("DESCRIBE system.compute.warehouse_events")
    assert [(row[0], row[1]) for row in columns] == [
        ("account_id", "string"),
        ("workspace_id", "string"),
        ("warehouse_id", "string"),
        ("event_type", "string"),
        ("cluster_count", "int"),
        ("event_time", "timestamp"),
    ]
    found = sql(
        "SELECT column_name, full_data_type FROM system.information_schema.columns"
        " WHERE table_catalog = 'system' AND table_schema = 'billing' AND table_name = 'usage'"
        " AND column_name IN ('usage_quantity', 'custom_tags') ORDER BY 1"
    )
    assert found == [("custom_tags", "map<string,string>"), ("usage_quantity", "decimal(38,18)")]


def test_the_rest_api_shows_it(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    catalog = client.catalogs.get("system")
    assert catalog.catalog_type is not None
    assert catalog.catalog_type.value == "SYSTEM_CATALOG"
    assert "system" in {one.name for one in client.catalogs.list()}
    assert {"access", "billing"} <= {one.name for one in client.schemas.list("system")}
    assert "usage" in {one.name for one in client.tables.list("system", "billing")}
    table = client.tables.get("system.billing.usage")
    assert len(table.columns or []) == 18


def test_the_schemas_are_all_enabled(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    metastore = client.metastores.summary().metastore_id or ""
    states = {one.schema: one.state for one in client.system_schemas.list(metastore)}
    assert states["access"] == states["billing"] == "MANAGED"
    assert [one.schema for one in client.system_schemas.list(metastore, max_results=2)] == list(states)


def test_it_is_made_of_delta_tables(sql: Sql) -> None:
    (detail,) = sql.records("DESCRIBE DETAIL system.access.workspaces_latest")
    assert (detail["format"], detail["name"]) == ("delta", "system.access.workspaces_latest")
    assert sql("DESCRIBE HISTORY system.lakeflow.pipelines")


@pytest.mark.parametrize(
    "table", ["billing.account_prices", "compute.clusters", "lakeflow.jobs", "serving.endpoint_usage"]
)
def test_tables_that_nothing_fills_are_empty(sql: Sql, table: str) -> None:
    assert sql(f"SELECT * FROM system.{table}") == []


@pytest.mark.parametrize(
    "statement",
    [
        f"DROP TABLE {AUDIT}",
        f"DELETE FROM {AUDIT}",
        f"TRUNCATE TABLE {AUDIT}",
        f"INSERT INTO {AUDIT} (event_id) VALUES ('1')",
        f"UPDATE {AUDIT} SET event_id = '1'",
        f"MERGE INTO {AUDIT} USING (SELECT 1 AS x) s ON false WHEN MATCHED THEN DELETE",
        f"ALTER TABLE {AUDIT} ADD COLUMNS (x INT)",
        f"ALTER TABLE {AUDIT} SET OWNER TO admins",
        f"COMMENT ON TABLE {AUDIT} IS 'mine'",
        f"OPTIMIZE {AUDIT}",
        f"VACUUM {AUDIT}",
        f"CREATE OR REPLACE TABLE {AUDIT} (x INT)",
        "CREATE TABLE system.access.mine (x INT)",
        "CREATE VIEW system.access.mine AS SELECT 1 AS x",
        "CREATE SCHEMA system.mine",
        "DROP SCHEMA system.access CASCADE",
        "DROP CATALOG system CASCADE",
        "ALTER SCHEMA system.access SET TAGS ('a' = 'b')",
    ],
)
def test_nobody_changes_it(sql: Sql, statement: str) -> None:
    with pytest.raises(ServerOperationError, match=DENIED):
        sql(statement)


def test_nobody_changes_it_by_rest(workspace_session: Workspace) -> None:
    client = workspace_session.client()
    for attempt in (
        lambda: client.tables.delete(AUDIT),
        lambda: client.schemas.delete("system.access"),
        lambda: client.schemas.update("system.access", comment="mine"),
        lambda: client.schemas.create("mine", "system"),
        lambda: client.catalogs.delete("system", force=True),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_who_was_not_let_reads_nothing_of_it(admin: Sql, somebody: tuple[str, Sql]) -> None:
    name, theirs = somebody
    with pytest.raises(ServerOperationError, match=DENIED):
        theirs(f"SELECT count(*) FROM {AUDIT}")
    assert theirs("SHOW TABLES IN system.access") == []
    admin(f"GRANT USE CATALOG ON CATALOG system TO {name}")
    admin(f"GRANT USE SCHEMA, SELECT ON SCHEMA system.access TO {name}")
    assert len(theirs(f"SELECT count(*) FROM {AUDIT}")) == 1
    assert len(theirs("SHOW TABLES IN system.access")) == 4
    with pytest.raises(ServerOperationError, match=DENIED):
        theirs("SELECT count(*) FROM system.billing.usage")
    with pytest.raises(ServerOperationError, match=DENIED):
        theirs(f"DELETE FROM {AUDIT}")
    admin(f"REVOKE SELECT ON SCHEMA system.access FROM {name}")
    with pytest.raises(ServerOperationError, match=DENIED):
        theirs(f"SELECT count(*) FROM {AUDIT}")


def test_views_over_it_follow_it(sql: Sql, schema: str) -> None:
    sql(f"CREATE VIEW {schema}.mine AS SELECT workspace_id, status FROM system.access.workspaces_latest")
    ((number, status),) = sql(f"SELECT * FROM {schema}.mine")
    assert number.isdigit()
    assert status == "RUNNING"
