"""The SQL connector over the Statement Execution API (use_sea)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from databricks import sql
from databricks.sql.client import Connection
from databricks.sql.exc import RequestError, ServerOperationError
from databricks.sql.parameters.native import IntegerParameter, StringParameter

from lakestead.testing import Workspace


def connect(workspace: Workspace, **options: Any) -> Connection:
    host, port = workspace.host.rsplit(":", 1)
    options = {"access_token": workspace.token, "http_path": workspace.http_path, **options}
    return sql.connect(server_hostname=host, _port=int(port), use_sea=True, enable_telemetry=False, **options)


@pytest.fixture(
    params=[{}, {"use_hybrid_disposition": True}, {"use_cloud_fetch": False}],
    ids=["links", "hybrid", "inline"],
)
def connection(workspace_session: Workspace, request: pytest.FixtureRequest) -> Iterator[Connection]:
    with connect(workspace_session, **request.param) as opened:
        yield opened


@pytest.fixture
def plain(workspace_session: Workspace) -> Iterator[Connection]:
    with connect(workspace_session) as opened:
        yield opened


def test_values_and_their_types(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 AS i, cast(2 AS bigint) AS l, 1.25 AS d, 1.5D AS f, 'x' AS s, true AS b, "
            "date'2024-02-29' AS day, timestamp'2024-05-01 12:00:00.5' AS t"
        )
        assert cursor.description is not None
        assert [column[1] for column in cursor.description] == [
            "int",
            "bigint",
            "decimal",
            "double",
            "string",
            "boolean",
            "date",
            "timestamp",
        ]
        row = cursor.fetchone()
        assert row is not None
        assert row[:7] == (1, 2, Decimal("1.25"), 1.5, "x", True, datetime.date(2024, 2, 29))
        assert row[7] == datetime.datetime(2024, 5, 1, 12, 0, 0, 500000, datetime.UTC)


def test_results_of_any_size(connection: Connection) -> None:
    with connection.cursor() as cursor:
        for rows in (0, 1, 1000, 100_000):
            cursor.execute(f"SELECT id, cast(id AS string) AS text FROM range({rows}) ORDER BY id")
            assert [row[0] for row in cursor.fetchall()] == list(range(rows))


def test_a_part_at_a_time(plain: Connection) -> None:
    with plain.cursor() as cursor:
        cursor.execute("SELECT id FROM range(500000) ORDER BY id")
        assert [row[0] for row in cursor.fetchmany(3)] == [0, 1, 2]
        assert cursor.fetchmany_arrow(300_000)["id"].to_pylist() == list(range(3, 300_003))
        assert cursor.fetchall_arrow().num_rows == 199_997


def test_named_parameters(plain: Connection) -> None:
    with plain.cursor() as cursor:
        cursor.execute("SELECT :a + 1, :b", {"a": 1, "b": "it's"})
        assert cursor.fetchall() == [(2, "it's")]
        cursor.execute("SELECT :n", [IntegerParameter(name="n", value=7)])
        assert cursor.fetchall() == [(7,)]


def test_positional_parameters(plain: Connection) -> None:
    with plain.cursor() as cursor:
        cursor.execute("SELECT ?, ?", [IntegerParameter(1), StringParameter("b")])
        assert cursor.fetchall() == [(1, "b")]


def test_failures_carry_condition_and_sqlstate(plain: Connection) -> None:
    with plain.cursor() as cursor:
        with pytest.raises(ServerOperationError, match=r"\[TABLE_OR_VIEW_NOT_FOUND\].*SQLSTATE: 42P01"):
            cursor.execute("SELECT * FROM main.default.nothing_here")
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_async(plain: Connection) -> None:
    with plain.cursor() as cursor:
        cursor.execute_async("SELECT sum(id) FROM range(1000000)")
        cursor.get_async_execution_result()
        assert cursor.fetchall() == [(499999500000,)]


def test_cancel(plain: Connection) -> None:
    with plain.cursor() as cursor:
        cursor.execute_async("SELECT sum(id) FROM range(1000000000000)")
        assert cursor.is_query_pending()
        cursor.cancel()
        while cursor.is_query_pending():
            pass
        assert cursor.get_query_state().name == "CANCELLED"


def test_a_session_has_its_own_state(workspace_session: Workspace) -> None:
    with connect(workspace_session, catalog="main", schema="information_schema") as one:
        with one.cursor() as cursor:
            assert cursor.execute("SELECT current_schema()").fetchall() == [("information_schema",)]
            cursor.execute("USE main.default")
            cursor.execute("CREATE TEMPORARY VIEW only_here AS SELECT 1")
        with one.cursor() as cursor:
            assert cursor.execute("SELECT current_schema()").fetchall() == [("default",)]
            assert cursor.execute("SELECT * FROM only_here").fetchall() == [(1,)]
    with (
        connect(workspace_session) as other,
        other.cursor() as cursor,
        pytest.raises(ServerOperationError, match="only_here"),
    ):
        cursor.execute("SELECT * FROM only_here")


def test_session_configuration(workspace_session: Workspace) -> None:
    options = {"session_configuration": {"TIMEZONE": "America/New_York"}}
    with connect(workspace_session, **options) as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT current_timezone()").fetchall() == [("America/New_York",)]


def test_metadata(workspace_session: Workspace) -> None:
    with connect(workspace_session) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE TABLE main.default.sea_metadata (id INT, name STRING)")
        catalogs = [row[0] for row in cursor.catalogs().fetchall()]
        assert "main" in catalogs
        schemas = cursor.schemas(catalog_name="main", schema_name="def%").fetchall()
        assert [row[0] for row in schemas] == ["default"]
        tables = cursor.tables(catalog_name="main", schema_name="default", table_name="sea_meta%").fetchall()
        assert [(row.catalogName, row.namespace, row.tableName) for row in tables] == [
            ("main", "default", "sea_metadata")
        ]
        columns = cursor.columns(
            catalog_name="main", schema_name="default", table_name="sea_metadata"
        ).fetchall()
        assert [(row.tableName, row.col_name, row.columnType) for row in columns] == [
            ("sea_metadata", "id", "INT"),
            ("sea_metadata", "name", "STRING"),
        ]
        cursor.execute("DROP TABLE main.default.sea_metadata")


def test_files_of_a_volume(workspace_session: Workspace, tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("some text")
    target = tmp_path / "target.txt"
    file = "/Volumes/main/default/sea_files/a.txt"
    with (
        connect(workspace_session, staging_allowed_local_path=str(tmp_path)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE VOLUME IF NOT EXISTS main.default.sea_files")
        cursor.execute(f"PUT '{source}' INTO '{file}' OVERWRITE")
        cursor.execute(f"GET '{file}' TO '{target}'")
        assert target.read_text() == "some text"
        cursor.execute(f"REMOVE '{file}'")
        cursor.execute("DROP VOLUME main.default.sea_files")


def test_an_unknown_warehouse(workspace_session: Workspace) -> None:
    with pytest.raises(RequestError, match="404"):
        connect(workspace_session, http_path=f"/sql/1.0/warehouses/{16 * '0'}")


def test_a_wrong_token(workspace_session: Workspace) -> None:
    with pytest.raises(RequestError, match="401"):
        connect(workspace_session, access_token="dapi" + 32 * "0")
