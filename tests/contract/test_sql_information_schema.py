"""INFORMATION_SCHEMA, queried as clients do."""

from __future__ import annotations

import pytest
from databricks.sql.exc import DatabaseError

from tests.contract.conftest import Sql

CATALOG, SYSTEM = "main.information_schema", "system.information_schema"


@pytest.fixture
def shop(sql: Sql, schema: str) -> str:
    """The name of a schema with two tables and their keys, a view, a volume and a function."""
    sql(
        "CREATE TABLE items (code STRING NOT NULL, shop INT NOT NULL, "
        "CONSTRAINT items_pk PRIMARY KEY (shop, code))"
    )
    sql(
        "CREATE TABLE orders (id BIGINT NOT NULL DEFAULT 0, amount DECIMAL(10,2) COMMENT 'euros', "
        "at TIMESTAMP, item STRING, shop INT, size FLOAT, CONSTRAINT dear CHECK (amount > 0), "
        "CONSTRAINT orders_fk FOREIGN KEY (item, shop) REFERENCES items (code, shop)) PARTITIONED BY (shop)"
    )
    sql("CREATE VIEW big AS SELECT id FROM orders WHERE amount > 100")
    sql("CREATE VOLUME files")
    sql("CREATE FUNCTION twice(x INT, y STRING DEFAULT 'a') RETURNS BIGINT RETURN x * 2")
    return schema.split(".")[1]


def test_every_view_can_be_read_and_is_described_as_it_is(sql: Sql, shop: str) -> None:
    names = sql(
        f"SELECT table_name FROM {CATALOG}.tables WHERE table_schema = 'information_schema' ORDER BY 1"
    )
    assert len(names) == 32
    for (name,) in names:
        for place in (CATALOG, SYSTEM):
            described = [(column, kind) for column, kind, _ in sql(f"DESCRIBE {place}.{name}")]
            assert sql.columns(f"SELECT * FROM {place}.{name} LIMIT 1") == described


def test_tables(sql: Sql, shop: str) -> None:
    found = sql.records(f"SELECT * FROM {CATALOG}.tables WHERE table_schema = '{shop}' ORDER BY table_name")
    assert [(one["table_name"], one["table_type"], one["is_insertable_into"]) for one in found] == [
        ("big", "VIEW", "NO"),
        ("items", "MANAGED", "YES"),
        ("orders", "MANAGED", "YES"),
    ]
    assert [one["data_source_format"] for one in found] == ["UNKNOWN_DATA_SOURCE_FORMAT", "DELTA", "DELTA"]
    assert found[0]["storage_path"] is None
    assert found[1]["storage_path"].startswith("file:///")
    assert found[1]["created"].tzinfo is not None


def test_columns(sql: Sql, shop: str) -> None:
    found = sql(
        "SELECT column_name, ordinal_position, is_nullable, full_data_type, data_type, numeric_precision, "
        "numeric_precision_radix, numeric_scale, datetime_precision, partition_index, column_default, "
        "comment "
        f"FROM {CATALOG}.columns WHERE table_schema = '{shop}' AND table_name = 'orders' "
        "ORDER BY ordinal_position"
    )
    assert found == [
        ("id", 1, "NO", "bigint", "LONG", 64, 2, 0, None, None, "0", None),
        ("amount", 2, "YES", "decimal(10,2)", "DECIMAL", 10, 10, 2, None, None, None, "euros"),
        ("at", 3, "YES", "timestamp", "TIMESTAMP", None, None, None, 3, None, None, None),
        ("item", 4, "YES", "string", "STRING", None, None, None, None, None, None, None),
        ("shop", 5, "YES", "int", "INT", 32, 2, 0, None, 0, None, None),
        ("size", 6, "YES", "float", "FLOAT", 24, 2, None, None, None, None, None),
    ]


def test_keys_join_as_the_standard_has_it(sql: Sql, shop: str) -> None:
    found = sql(
        f"""
        SELECT child.column_name, parent.table_name, parent.column_name
        FROM {CATALOG}.key_column_usage child
        JOIN {CATALOG}.referential_constraints ref
          ON child.constraint_schema = ref.constraint_schema AND child.constraint_name = ref.constraint_name
        JOIN {CATALOG}.key_column_usage parent
          ON ref.unique_constraint_schema = parent.constraint_schema
          AND ref.unique_constraint_name = parent.constraint_name
          AND child.position_in_unique_constraint = parent.ordinal_position
        WHERE child.table_schema = '{shop}'
        ORDER BY child.ordinal_position
        """
    )
    assert found == [("item", "items", "code"), ("shop", "items", "shop")]


def test_constraints(sql: Sql, shop: str) -> None:
    where = f"WHERE constraint_schema = '{shop}' ORDER BY 1, 2"
    assert sql(f"SELECT constraint_name, constraint_type FROM {CATALOG}.table_constraints {where}") == [
        ("dear", "CHECK"),
        ("items_pk", "PRIMARY KEY"),
        ("orders_fk", "FOREIGN KEY"),
    ]
    assert sql(f"SELECT constraint_name, check_clause FROM {CATALOG}.check_constraints {where}") == [
        ("dear", "amount > 0")
    ]
    assert sql(f"SELECT constraint_name, table_name FROM {CATALOG}.constraint_table_usage {where}") == [
        ("items_pk", "items"),
        ("orders_fk", "items"),
    ]
    assert sql(f"SELECT constraint_name, column_name FROM {CATALOG}.constraint_column_usage {where}") == [
        ("items_pk", "code"),
        ("items_pk", "shop"),
        ("orders_fk", "code"),
        ("orders_fk", "shop"),
    ]


def test_views_volumes_and_routines(sql: Sql, shop: str) -> None:
    assert sql(f"SELECT table_name, view_definition FROM {CATALOG}.views WHERE table_schema = '{shop}'") == [
        ("big", "SELECT id FROM orders WHERE amount > 100")
    ]
    volumes = f"SELECT volume_name, volume_type FROM {CATALOG}.volumes WHERE volume_schema = '{shop}'"
    assert sql(volumes) == [("files", "MANAGED")]
    assert sql(
        "SELECT routine_name, data_type, full_data_type, routine_definition, is_deterministic, "
        "sql_data_access "
        f"FROM {CATALOG}.routines WHERE routine_schema = '{shop}'"
    ) == [("twice", "LONG", "bigint", "x * 2", "YES", "CONTAINS SQL")]
    assert sql(
        "SELECT ordinal_position, parameter_name, full_data_type, parameter_default "
        f"FROM {CATALOG}.parameters WHERE specific_schema = '{shop}' ORDER BY 1"
    ) == [(0, "x", "int", None), (1, "y", "string", "'a'")]


def test_privileges_say_where_they_come_from(sql: Sql, shop: str) -> None:
    sql(f"GRANT SELECT ON SCHEMA main.{shop} TO `account users`")
    sql("GRANT MODIFY ON TABLE orders TO `account users`")
    sql("GRANT READ VOLUME ON VOLUME files TO `account users`")
    sql("GRANT EXECUTE ON FUNCTION twice TO `account users`")
    picked = "grantee, privilege_type, inherited_from"
    where = f"table_schema = '{shop}' AND table_name = 'orders'"
    assert sql(f"SELECT {picked} FROM {SYSTEM}.table_privileges WHERE {where} ORDER BY 2") == [
        ("account users", "MODIFY", "NONE"),
        ("account users", "SELECT", "SCHEMA"),
    ]
    assert sql(f"SELECT {picked} FROM {SYSTEM}.schema_privileges WHERE schema_name = '{shop}'") == [
        ("account users", "SELECT", "NONE")
    ]
    assert sql(f"SELECT {picked} FROM {SYSTEM}.volume_privileges WHERE volume_schema = '{shop}'") == [
        ("account users", "READ_VOLUME", "NONE")
    ]
    assert sql(f"SELECT {picked} FROM {SYSTEM}.routine_privileges WHERE routine_schema = '{shop}'") == [
        ("account users", "EXECUTE", "NONE")
    ]
    assert ("account users", "USE_CATALOG", "NONE") in sql(
        f"SELECT {picked} FROM {SYSTEM}.catalog_privileges WHERE catalog_name = 'main'"
    )


def test_a_catalog_tells_of_itself_and_system_of_all(admin: Sql) -> None:
    admin("CREATE CATALOG other")
    admin("CREATE TABLE other.default.t (a INT)")
    catalogs = "SELECT DISTINCT table_catalog FROM {}.information_schema.tables ORDER BY 1"
    assert admin(catalogs.format("other")) == [("other",)]
    assert admin(catalogs.format("system")) == [("main",), ("other",), ("system",)]
    assert admin("SELECT catalog_name FROM system.information_schema.catalogs ORDER BY 1") == [
        ("main",),
        ("other",),
        ("system",),
    ]
    name = "SELECT * FROM {}.information_schema.information_schema_catalog_name"
    assert admin(name.format("other")) == [("other",)]
    schemas = "SELECT schema_name FROM other.information_schema.schemata ORDER BY 1"
    assert admin(schemas) == [("default",), ("information_schema",)]


def test_names_in_any_case_and_from_the_current_catalog(sql: Sql, shop: str) -> None:
    query = f"SELECT count(*) FROM {{}} WHERE TABLE_SCHEMA = '{shop}'"
    assert sql(query.format("INFORMATION_SCHEMA.Tables")) == [(3,)]
    sql("USE main.information_schema")
    assert sql(query.format("tables")) == [(3,)]
    assert ("tables",) in [row[1:2] for row in sql("SHOW TABLES")]


def test_it_tells_the_present(sql: Sql, shop: str) -> None:
    count = f"SELECT count(*) FROM {CATALOG}.tables WHERE table_schema = '{shop}'"
    assert sql(count) == [(3,)]
    sql("CREATE TABLE more (a INT)")
    assert sql(count) == [(4,)]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT * FROM main.information_schema.nothing", r"\[TABLE_OR_VIEW_NOT_FOUND\]"),
        ("SELECT * FROM nowhere.information_schema.tables", r"\[NO_SUCH_CATALOG_EXCEPTION\]"),
        ("CREATE SCHEMA main.information_schema", r"\[INVALID_IDENTIFIER\]"),
        ("CREATE TABLE main.information_schema.t (a INT)", r"\[SCHEMA_NOT_FOUND\]"),
        ("DROP SCHEMA main.information_schema", r"\[SCHEMA_NOT_FOUND\]"),
    ],
)
def test_what_cannot_be(sql: Sql, statement: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        sql(statement)
