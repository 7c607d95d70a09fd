"""SHOW in all its forms: names, order and types of columns as Databricks gives them."""

from __future__ import annotations

import pytest
from databricks.sql.exc import DatabaseError

from lakestead.testing import Workspace
from tests.contract.conftest import Sql


@pytest.fixture
def shop(sql: Sql, schema: str) -> str:
    """The name of a schema with tables, a view and a temporary view."""
    sql(
        "CREATE TABLE orders (id BIGINT NOT NULL, amount DECIMAL(10,2) COMMENT 'euros') COMMENT 'all of them'"
    )
    sql("CREATE TABLE order_lines (id INT)")
    sql("CREATE VIEW big AS SELECT id FROM orders WHERE amount > 100")
    sql("CREATE TEMPORARY VIEW mine AS SELECT 1 AS x")
    sql("CREATE VOLUME files")
    return schema.split(".")[1]


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("SHOW CATALOGS", "catalog"),
        ("SHOW SCHEMAS", "databaseName"),
        ("SHOW SCHEMAS IN ALL CATALOGS", "databaseName catalog"),
        ("SHOW TABLES", "database tableName isTemporary:boolean"),
        ("SHOW VIEWS", "namespace viewName isTemporary:boolean isMaterialized:boolean"),
        ("SHOW TABLE EXTENDED LIKE '*'", "database tableName isTemporary:boolean information"),
        (
            "SHOW TABLES IN CATALOG main",
            "namespace tableName isTemporary:boolean information catalogName tableType remarks",
        ),
        (
            "SHOW COLUMNS IN CATALOG main",
            "col_name catalogName namespace tableName columnType columnSize:int decimalDigits:int radix:int "
            "isNullable remarks ordinalPosition:int isAutoIncrement isGenerated",
        ),
        ("SHOW COLUMNS IN orders", "col_name"),
        ("SHOW VOLUMES", "database volume_name"),
        ("SHOW FUNCTIONS", "function"),
        ("SHOW TBLPROPERTIES orders", "key value"),
        ("SHOW CREATE TABLE orders", "createtab_stmt"),
        ("SHOW USERS", "name"),
        ("SHOW GROUPS", "name directGroup:boolean"),
        ("SHOW CURRENT SCHEMA", "catalog namespace"),
        ("SHOW GRANTS ON TABLE orders", "Principal ActionType ObjectType ObjectKey"),
    ],
)
def test_the_columns_of_each_form(sql: Sql, shop: str, statement: str, columns: str) -> None:
    expected = [tuple(one.split(":")) if ":" in one else (one, "string") for one in columns.split()]
    assert sql.columns(statement) == expected


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", ["big", "mine", "order_lines", "orders"]),
        ("order*", ["order_lines", "orders"]),
        ("ORDERS", ["orders"]),
        ("order", []),
        ("big|mine", ["big", "mine"]),
        (" orders ", ["orders"]),
        ("%lines", ["order_lines"]),
        ("order.lines", ["order_lines"]),
        ("order[s]|[b-i]+g", ["big", "orders"]),
        ("(", []),
        ("", []),
    ],
)
def test_patterns(sql: Sql, shop: str, pattern: str, names: list[str]) -> None:
    assert sorted(name for _, name, _ in sql(f"SHOW TABLES LIKE '{pattern}'")) == names


def test_a_pattern_that_would_backtrack_is_answered_at_once(sql: Sql, shop: str) -> None:
    sql(f"CREATE TABLE {'a' * 200} (x INT)")
    assert sql(f"SHOW TABLES LIKE '{'(a+)+' * 10}$b'") == []


def test_temporary_views_are_in_every_schema_but_in_no_catalog(sql: Sql, shop: str) -> None:
    assert ("", "mine", True) in sql("SHOW TABLES IN main.default")
    assert sql("SHOW VIEWS") == [(shop, "big", False, False), ("", "mine", True, False)]
    assert "mine" not in [row[1] for row in sql("SHOW TABLES IN ALL CATALOGS")]


def test_what_the_workspace_provides_is_listed(sql: Sql, shop: str) -> None:
    assert {"main", "system"} <= {name for (name,) in sql("SHOW CATALOGS")}
    assert {("access",), ("information_schema",)} <= set(sql("SHOW SCHEMAS IN system"))
    assert ("information_schema",) in sql("SHOW SCHEMAS IN main")
    names = [name for _, name, temporary in sql("SHOW TABLES IN main.information_schema") if not temporary]
    assert {"tables", "columns", "schemata"} <= set(names)


def test_the_forms_of_drivers(sql: Sql, shop: str) -> None:
    tables = sql(f"SHOW TABLES IN CATALOG main SCHEMA LIKE '{shop}' LIKE 'b*|orders'")
    assert tables == [
        (shop, "big", False, None, "main", "VIEW", ""),
        (shop, "orders", False, None, "main", "TABLE", "all of them"),
    ]
    columns = sql(f"SHOW COLUMNS IN CATALOG main SCHEMA LIKE '{shop}' TABLE LIKE 'orders' LIKE '*'")
    assert columns == [
        ("id", "main", shop, "orders", "BIGINT", 8, 0, 10, "false", "", 1, "NO", "NO"),
        ("amount", "main", shop, "orders", "DECIMAL(10,2)", 8, 2, 10, "true", "euros", 2, "NO", "NO"),
    ]


def test_the_connectors_other_protocol_lists_with_them(workspace_session: Workspace, shop: str) -> None:
    host, port = workspace_session.host.rsplit(":", 1)
    options = {"server_hostname": host, "_port": int(port), "use_sea": True, "_connection_uri": None}
    with workspace_session.connect(**options) as connection, connection.cursor() as cursor:
        cursor.catalogs()
        assert ["main"] in [list(row) for row in cursor.fetchall()]
        cursor.tables("main", shop, "%", table_types=["VIEW"])
        assert [row.tableName for row in cursor.fetchall()] == ["big"]
        cursor.columns("main", shop, "orders", "%")
        assert [row.col_name for row in cursor.fetchall()] == ["id", "amount"]


def test_properties_are_those_that_delta_keeps_too(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (a INT, b INT, CONSTRAINT small CHECK (a < 10)) CLUSTER BY (a, b)")
    sql("ALTER TABLE t SET TBLPROPERTIES ('k' = 'v')")
    shown = dict(sql("SHOW TBLPROPERTIES t"))
    assert shown["k"] == "v"
    assert shown["delta.constraints.small"] == "a < 10"
    assert shown["clusteringColumns"] == '[["a"],["b"]]'
    assert int(shown["delta.minWriterVersion"]) >= 3
    assert sql("SHOW TBLPROPERTIES t ('k')") == [("k", "v")]
    assert "does not have property: nope" in sql("SHOW TBLPROPERTIES t ('nope')")[0][1]


def test_partitions_have_the_types_of_their_columns(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (a INT, day DATE, region STRING) PARTITIONED BY (day, region)")
    sql("INSERT INTO t VALUES (1, DATE'2024-02-01', 'eu/b'), (2, DATE'2024-01-01', NULL)")
    sql("INSERT INTO t VALUES (3, DATE'2024-02-01', 'eu/b')")
    assert sql.columns("SHOW PARTITIONS t") == [("day", "date"), ("region", "string")]
    assert [(str(day), region) for day, region in sql("SHOW PARTITIONS t")] == [
        ("2024-01-01", None),
        ("2024-02-01", "eu/b"),
    ]
    sql("CREATE TABLE plain (a INT)")
    with pytest.raises(DatabaseError, match=r"\[INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY\]"):
        sql("SHOW PARTITIONS plain")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE made (a INT NOT NULL, `ü-1` STRING COMMENT 'it\\'s \\\\ here')",
        "CREATE TABLE made (i BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 5 INCREMENT BY 2), b INT)",
        "CREATE TABLE made (at TIMESTAMP, d DATE GENERATED ALWAYS AS (CAST(at AS DATE)), e INT)",
        "CREATE TABLE made (a INT DEFAULT 3, b STRING DEFAULT 'x') COMMENT 'with \"quotes\"'",
        "CREATE TABLE made (a INT, p STRING, q DATE) PARTITIONED BY (q, p) TBLPROPERTIES ('a b' = 'c''d')",
        "CREATE TABLE made (a INT, s STRUCT<b: INT, c: ARRAY<MAP<STRING, VARCHAR(3)>>>) CLUSTER BY (a)",
        "CREATE TABLE made (a INT NOT NULL, CONSTRAINT pk PRIMARY KEY (a), CONSTRAINT c CHECK (a > 0))",
        "CREATE VIEW made (one COMMENT 'first', two) COMMENT 'seen' AS SELECT id, 2 FROM base",
    ],
)
def test_show_create_table_makes_it_again(sql: Sql, schema: str, statement: str) -> None:
    sql("CREATE TABLE base (id INT)")
    sql(statement)
    kind = statement.split()[1]
    ((shown,),) = sql("SHOW CREATE TABLE made")
    described = sql("DESCRIBE TABLE made")
    sql(f"DROP {kind} made")
    sql(shown)
    assert sql("SHOW CREATE TABLE made") == [(shown,)]
    assert sql("DESCRIBE TABLE made") == described


def test_show_create_table_of_keys_between_tables(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE parent (id INT NOT NULL, CONSTRAINT parent_pk PRIMARY KEY (id))")
    sql("CREATE TABLE child (pid INT, CONSTRAINT child_fk FOREIGN KEY (pid) REFERENCES parent (id))")
    ((shown,),) = sql("SHOW CREATE TABLE child")
    target = ".".join(f"`{part}`" for part in f"{schema}.parent".split("."))
    assert f"CONSTRAINT child_fk FOREIGN KEY (`pid`) REFERENCES {target} (`id`)" in shown


def test_table_extended_tells_what_dbt_reads(sql: Sql, shop: str) -> None:
    sql("INSERT INTO orders VALUES (1, 2.5)")
    ((_, name, _, information),) = sql("SHOW TABLE EXTENDED LIKE 'orders'")
    lines = information.splitlines()
    assert name == "orders"
    assert {"Type: MANAGED", "Provider: delta", "Comment: all of them"} <= set(lines)
    assert any(line.startswith("Statistics: ") and line.endswith(" bytes, 1 rows") for line in lines)
    assert lines[lines.index("Schema: root") + 1 :][:2] == [
        " |-- id: long (nullable = false)",
        " |-- amount: decimal(10,2) (nullable = true)",
    ]
    assert "Type: VIEW" in sql("SHOW TABLE EXTENDED LIKE 'big'")[0][3]


def test_functions_of_the_engine_and_of_the_schema(sql: Sql, schema: str) -> None:
    sql("CREATE FUNCTION absolute(x INT) RETURNS INT RETURN abs(x)")
    assert sql("SHOW USER FUNCTIONS") == [(f"{schema}.absolute",)]
    assert sql("SHOW FUNCTIONS LIKE 'abs*'") == [("abs",), (f"{schema}.absolute",)]
    assert sql("SHOW SYSTEM FUNCTIONS LIKE 'abs*'") == [("abs",)]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SHOW SCHEMAS IN nowhere", r"\[NO_SUCH_CATALOG_EXCEPTION\]"),
        ("SHOW TABLES IN nothing", r"\[SCHEMA_NOT_FOUND\]"),
        ("SHOW TABLES IN a.b.c", r"\[INVALID_IDENTIFIER\]"),
        ("SHOW COLUMNS IN nothing", r"\[TABLE_OR_VIEW_NOT_FOUND\]"),
        ("SHOW CREATE TABLE mine", r"\[UNSUPPORTED_SHOW_CREATE_TABLE.ON_TEMPORARY_VIEW\]"),
        ("SHOW CREATE TABLE main.information_schema.tables", r"\[UNSUPPORTED_FEATURE\]"),
    ],
)
def test_what_cannot_be_shown(sql: Sql, shop: str, statement: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        sql(statement)
