"""Metadata calls of the SQL connector: what they list, how patterns match, who sees what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databricks.sql.client import Connection, Cursor
from databricks.sql.thrift_api.TCLIService import ttypes
from databricks.sql.thrift_api.TCLIService.ttypes import TFetchResultsReq, TFetchResultsResp, TStatusCode

from lakestead.testing import Workspace

SCHEMA = "thrift_meta"


@pytest.fixture(scope="module")
def tables(workspace_session: Workspace) -> Iterator[None]:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA main.{SCHEMA} COMMENT 'For metadata calls'")
        cursor.execute(f"USE main.{SCHEMA}")
        cursor.execute(
            "CREATE TABLE orders (id BIGINT NOT NULL, line INT NOT NULL, "
            "price DECIMAL(10,2) COMMENT 'in euros',"
            " tags ARRAY<STRING>, name STRING, CONSTRAINT orders_key PRIMARY KEY (id, line)) COMMENT 'Sold'"
        )
        cursor.execute(
            "CREATE TABLE returns (order_id BIGINT, order_line INT, reason STRING, CONSTRAINT returned"
            " FOREIGN KEY (order_id, order_line) REFERENCES orders (id, line))"
        )
        cursor.execute("CREATE VIEW order_s AS SELECT id FROM orders")
        cursor.execute("CREATE FUNCTION twice(x INT) RETURNS INT COMMENT 'Doubles' RETURN x * 2")
        yield
        cursor.execute(f"DROP SCHEMA main.{SCHEMA} CASCADE")


@pytest.fixture
def connection(workspace_session: Workspace, tables: None) -> Iterator[Connection]:
    with workspace_session.connect() as connection:
        yield connection


@pytest.fixture
def cursor(connection: Connection) -> Iterator[Cursor]:
    with connection.cursor() as cursor:
        yield cursor


def listed(connection: Connection, name: str, **fields: object) -> list[dict[str, object]]:
    """Make a metadata call that the connector has no method for, and return its rows."""
    raw = connection.session.backend._client
    request = getattr(ttypes, f"T{name}Req")(
        sessionHandle=connection.session.session_id.to_thrift_handle(), **fields
    )
    answer = getattr(raw, name)(request)
    assert answer.status.statusCode == TStatusCode.SUCCESS_STATUS, answer.status.errorMessage
    page: TFetchResultsResp = raw.FetchResults(
        TFetchResultsReq(operationHandle=answer.operationHandle, maxRows=1000, includeResultSetMetadata=True)
    )
    assert page.status.statusCode == TStatusCode.SUCCESS_STATUS, page.status.errorMessage
    names = [column.columnName for column in page.resultSetMetadata.schema.columns]
    columns = [next(one for one in vars(column).values() if one) for column in page.results.columns]
    values = [
        [None if one.nulls[place // 8] >> place % 8 & 1 else value for place, value in enumerate(one.values)]
        for one in columns
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def test_catalogs(cursor: Cursor) -> None:
    assert {"main", "system"} <= {row.TABLE_CAT for row in cursor.catalogs().fetchall()}


def test_schemas(cursor: Cursor) -> None:
    found = cursor.schemas(catalog_name="main", schema_name="thrift%").fetchall()
    assert [row.asDict() for row in found] == [{"TABLE_SCHEM": SCHEMA, "TABLE_CATALOG": "main"}]
    assert {row.TABLE_CATALOG for row in cursor.schemas().fetchall()} >= {"main", "system"}


def test_tables_and_views(cursor: Cursor) -> None:
    found = cursor.tables(catalog_name="main", schema_name=SCHEMA).fetchall()
    assert [(row.TABLE_NAME, row.TABLE_TYPE, row.REMARKS) for row in found] == [
        ("orders", "TABLE", "Sold"),
        ("returns", "TABLE", ""),
        ("order_s", "VIEW", ""),
    ]
    assert {(row.TABLE_CAT, row.TABLE_SCHEM) for row in found} == {("main", SCHEMA)}


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("ORDERS", ["orders"]),
        ("order_s", ["order_s"]),
        (r"order\_s", ["order_s"]),
        ("order_", ["orders"]),
        ("%s", ["orders", "returns", "order_s"]),
        ("%turn%", ["returns"]),
        ("nothing", []),
        ("", ["orders", "returns", "order_s"]),
    ],
)
def test_patterns(cursor: Cursor, pattern: str, matching: list[str]) -> None:
    found = cursor.tables("main", SCHEMA, pattern).fetchall()
    assert [row.TABLE_NAME for row in found] == matching


def test_tables_by_type(cursor: Cursor) -> None:
    found = cursor.tables("main", SCHEMA, table_types=["VIEW"]).fetchall()
    assert [row.TABLE_NAME for row in found] == ["order_s"]


def test_temporary_views_are_the_sessions_own(workspace_session: Workspace, cursor: Cursor) -> None:
    cursor.execute("CREATE TEMPORARY VIEW passing AS SELECT 1 AS x")
    mine = cursor.tables(table_name="passing").fetchall()
    assert [(row.TABLE_CAT, row.TABLE_SCHEM, row.TABLE_TYPE) for row in mine] == [("", "", "VIEW")]
    with workspace_session.connect() as other, other.cursor() as their_cursor:
        assert their_cursor.tables(table_name="passing").fetchall() == []


def test_columns(cursor: Cursor) -> None:
    found = cursor.columns("main", SCHEMA, "orders").fetchall()
    described = [
        (row.COLUMN_NAME, row.DATA_TYPE, row.TYPE_NAME, row.COLUMN_SIZE, row.DECIMAL_DIGITS, row.NULLABLE)
        for row in found
    ]
    assert described == [
        ("id", -5, "BIGINT", 8, 0, 0),
        ("line", 4, "INT", 4, 0, 0),
        ("price", 3, "DECIMAL(10,2)", 8, 2, 1),
        ("tags", 2003, "ARRAY<STRING>", None, None, 1),
        ("name", 12, "STRING", None, None, 1),
    ]
    assert [row.ORDINAL_POSITION for row in found] == [0, 1, 2, 3, 4]
    assert [row.IS_NULLABLE for row in found] == ["NO", "NO", "YES", "YES", "YES"]
    assert found[2].REMARKS == "in euros"
    (price,) = cursor.columns("main", SCHEMA, "%", "pri%").fetchall()
    assert price.COLUMN_NAME == "price"


def test_keys(connection: Connection) -> None:
    keys = listed(connection, "GetPrimaryKeys", catalogName="main", schemaName=SCHEMA, tableName="orders")
    assert [(row["COLUMN_NAME"], row["KEQ_SEQ"], row["PK_NAME"]) for row in keys] == [
        ("id", 1, "orders_key"),
        ("line", 2, "orders_key"),
    ]
    references = listed(
        connection,
        "GetCrossReference",
        foreignCatalogName="main",
        foreignSchemaName=SCHEMA,
        foreignTableName="returns",
    )
    assert [
        (row["PKTABLE_NAME"], row["PKCOLUMN_NAME"], row["FKTABLE_NAME"], row["FKCOLUMN_NAME"], row["KEQ_SEQ"])
        for row in references
    ] == [("orders", "id", "returns", "order_id", 1), ("orders", "line", "returns", "order_line", 2)]
    assert {(row["FK_NAME"], row["PK_NAME"]) for row in references} == {("returned", "orders_key")}
    assert not listed(connection, "GetCrossReference", parentTableName="returns")


def test_functions(connection: Connection) -> None:
    (twice,) = listed(connection, "GetFunctions", catalogName="main", schemaName=SCHEMA, functionName="tw%")
    assert twice["FUNCTION_NAME"] == "twice"
    assert twice["REMARKS"] == "Doubles"
    assert twice["FUNCTION_TYPE"] == 1


def test_types(connection: Connection) -> None:
    assert [row["TABLE_TYPE"] for row in listed(connection, "GetTableTypes")] == ["TABLE", "VIEW"]
    types = {row["TYPE_NAME"]: row["DATA_TYPE"] for row in listed(connection, "GetTypeInfo")}
    assert types["DECIMAL"] == 3
    assert types["STRING"] == 12


def test_who_may_see_nothing_is_shown_nothing(workspace_session: Workspace, connection: Connection) -> None:
    client = workspace_session.client()
    other = client.service_principals.create(display_name="stranger")
    token = client.token_management.create_obo_token(
        application_id=other.application_id, lifetime_seconds=600
    )

    def seen() -> list[str]:
        with (
            workspace_session.connect(access_token=token.token_value) as theirs,
            theirs.cursor() as cursor,
        ):
            return [row.TABLE_NAME for row in cursor.tables("main", SCHEMA).fetchall()]

    assert seen() == []
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON TABLE main.{SCHEMA}.returns TO `{other.application_id}`")
    assert seen() == ["returns"]


def test_a_call_about_a_closed_session_is_refused(connection: Connection) -> None:
    raw = connection.session.backend._client
    answer = raw.GetCatalogs(ttypes.TGetCatalogsReq(sessionHandle=ttypes.TSessionHandle()))
    assert answer.status.statusCode == TStatusCode.INVALID_HANDLE_STATUS
