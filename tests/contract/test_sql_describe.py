"""DESCRIBE in all its forms."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from databricks.sql.exc import DatabaseError
from sqlalchemy import MetaData, Table, create_engine, inspect

from lakestead.testing import Workspace
from tests.contract.conftest import Sql


@pytest.fixture
def orders(sql: Sql, schema: str) -> str:
    """The full name of a table with a bit of everything."""
    sql("CREATE TABLE items (id INT NOT NULL, CONSTRAINT items_pk PRIMARY KEY (id))")
    sql(
        "CREATE TABLE orders (id BIGINT NOT NULL COMMENT 'number', item INT, price DECIMAL(8,2), "
        "tags ARRAY<STRUCT<name: STRING, at: TIMESTAMP>>, region STRING, "
        "CONSTRAINT orders_pk PRIMARY KEY (id), CONSTRAINT item_fk FOREIGN KEY (item) REFERENCES items (id), "
        "CONSTRAINT dear CHECK (price > 0)) PARTITIONED BY (region) COMMENT 'sold' TBLPROPERTIES ('k' = 'v')"
    )
    sql("INSERT INTO orders VALUES (1, 1, 2.5, NULL, 'eu'), (2, 1, 3.5, NULL, 'us')")
    return f"{schema}.orders"


COLUMNS = [
    ("id", "bigint", "number"),
    ("item", "int", None),
    ("price", "decimal(8,2)", None),
    ("tags", "array<struct<name:string,at:timestamp>>", None),
    ("region", "string", None),
]


def test_a_table_in_short(sql: Sql, orders: str) -> None:
    assert sql.columns("DESCRIBE orders") == [
        ("col_name", "string"),
        ("data_type", "string"),
        ("comment", "string"),
    ]
    partitioned = [
        ("# Partition Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("region", "string", None),
    ]
    assert sql("DESCRIBE orders") == sql(f"DESC TABLE {orders}") == COLUMNS + partitioned


def test_a_table_at_length(sql: Sql, orders: str) -> None:
    rows = sql("DESCRIBE TABLE EXTENDED orders")
    assert rows[: len(COLUMNS)] == COLUMNS
    start = rows.index(("# Detailed Table Information", "", ""))
    assert rows[start - 1] == ("", "", "")
    details = dict(row[:2] for row in rows[start + 1 :])
    catalog, schema, table = orders.split(".")
    assert (details["Catalog"], details["Database"], details["Table"]) == (catalog, schema, table)
    assert details["Type"] == "MANAGED"
    assert details["Provider"] == "delta"
    assert details["Comment"] == "sold"
    assert details["Owner"] == "admin@lakestead.local"
    assert details["Location"].startswith("file:///")
    assert re.fullmatch(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}", details["Created Time"])
    assert re.fullmatch(r"\d+ bytes, 2 rows", details["Statistics"])
    assert "delta.constraints.dear=price > 0" in details["Table Properties"]
    assert details["orders_pk"] == "PRIMARY KEY (`id`)"
    parent = f"`{catalog}`.`{schema}`.`items`"
    assert details["item_fk"] == f"FOREIGN KEY (`item`) REFERENCES {parent} (`id`)"


def test_a_table_as_json(sql: Sql, orders: str) -> None:
    (record,) = sql.records("DESCRIBE TABLE EXTENDED orders AS JSON")
    document: dict[str, Any] = json.loads(record["json_metadata"])
    catalog, schema, table = orders.split(".")
    assert (document["catalog_name"], document["schema_name"], document["table_name"]) == (
        catalog,
        schema,
        table,
    )
    assert document["namespace"] == [schema]
    assert document["columns"][0] == {
        "name": "id",
        "type": {"name": "bigint"},
        "nullable": False,
        "comment": "number",
    }
    assert document["columns"][2]["type"] == {"name": "decimal", "precision": 8, "scale": 2}
    text = {"name": "string", "collation": "UTF8_BINARY"}
    assert document["columns"][3]["type"] == {
        "name": "array",
        "element_type": {
            "name": "struct",
            "fields": [
                {"name": "name", "type": text, "nullable": True},
                {"name": "at", "type": {"name": "timestamp_ltz"}, "nullable": True},
            ],
        },
        "element_nullable": True,
    }
    assert document["partition_columns"] == ["region"]
    assert document["type"] == "MANAGED"
    assert document["provider"] == "delta"
    assert document["statistics"]["num_rows"] == 2
    assert document["table_properties"]["k"] == "v"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["created_time"])
    assert document["table_constraints"] == (
        f"[(orders_pk,PRIMARY KEY (`id`)), "
        f"(item_fk,FOREIGN KEY (`item`) REFERENCES `{catalog}`.`{schema}`.`items` (`id`))]"
    )


def test_one_column(sql: Sql, orders: str) -> None:
    assert sql("DESCRIBE orders Id") == [("col_name", "id"), ("data_type", "bigint"), ("comment", "number")]
    extended = dict(sql("DESCRIBE TABLE EXTENDED orders price"))
    assert extended["comment"] == extended["min"] == extended["histogram"] == "NULL"
    with pytest.raises(DatabaseError, match=r"\[UNRESOLVED_COLUMN"):
        sql("DESCRIBE orders nope")


def test_views_stored_and_temporary(sql: Sql, orders: str) -> None:
    sql("CREATE VIEW v (number) COMMENT 'seen' AS SELECT id FROM orders")
    sql("CREATE TEMPORARY VIEW t AS SELECT price, 'x' AS y FROM orders")
    details = dict(row[:2] for row in sql("DESCRIBE EXTENDED v"))
    assert details["Type"] == "VIEW"
    assert details["View Text"] == "SELECT id FROM orders"
    assert sql("DESCRIBE v") == [("number", "bigint", None)]
    assert sql("DESCRIBE t") == [("price", "decimal(8,2)", None), ("y", "string", None)]
    document = json.loads(sql("DESCRIBE TABLE EXTENDED t AS JSON")[0][0])
    assert [column["name"] for column in document["columns"]] == ["price", "y"]
    assert document["type"] == "VIEW"


def test_clustering_and_nested_columns(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (a INT, s STRUCT<b: DATE>) CLUSTER BY (a, s.b)")
    assert sql("DESCRIBE t")[2:] == [
        ("# Clustering Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("a", "int", None),
        ("s.b", "date", None),
    ]


def test_the_views_of_information_schema(sql: Sql, schema: str) -> None:
    described = sql("DESCRIBE TABLE system.information_schema.catalogs")
    assert described[0] == ("catalog_name", "string", None)
    assert ("created", "timestamp", None) in described


def test_schemas_catalogs_volumes_and_queries(sql: Sql, schema: str) -> None:
    name = schema.split(".")[1]
    assert dict(sql(f"DESCRIBE SCHEMA {schema}"))["Namespace Name"] == name
    assert dict(sql("DESCRIBE CATALOG EXTENDED main"))["Catalog Type"] == "Regular"
    assert dict(sql("DESCRIBE CATALOG system"))["Owner"] == "System user"
    sql("CREATE VOLUME files COMMENT 'kept'")
    (volume,) = sql.records("DESCRIBE VOLUME files")
    assert list(volume) == [
        "name",
        "catalog",
        "database",
        "owner",
        "storageLocation",
        "volumeType",
        "comment",
    ]
    assert (volume["name"], volume["volumeType"], volume["comment"]) == ("files", "MANAGED", "kept")
    assert sql("DESCRIBE QUERY SELECT 1 AS a, CAST(2 AS DECIMAL(5,1)) AS b") == [
        ("a", "int", None),
        ("b", "decimal(5,1)", None),
    ]


def test_functions(sql: Sql, schema: str) -> None:
    sql("CREATE FUNCTION area(x DOUBLE, y DOUBLE DEFAULT 1) RETURNS DOUBLE COMMENT 'of a field' RETURN x * y")
    assert [line for (line,) in sql("DESCRIBE FUNCTION area")] == [
        f"Function: {schema}.area",
        "Type:     SCALAR",
        "Input:    x DOUBLE",
        "          y DOUBLE DEFAULT 1",
        "Returns:  DOUBLE",
    ]
    extended = [line for (line,) in sql("DESCRIBE FUNCTION EXTENDED area")]
    assert "Body:          x * y" in extended
    assert "Comment:       of a field" in extended
    assert sql("DESCRIBE FUNCTION abs")[0] == ("Function: abs",)
    with pytest.raises(DatabaseError, match=r"\[ROUTINE_NOT_FOUND\]"):
        sql("DESCRIBE FUNCTION no_such_function")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DESCRIBE nothing", r"\[TABLE_OR_VIEW_NOT_FOUND\]"),
        ("DESCRIBE main.information_schema.nothing", r"\[TABLE_OR_VIEW_NOT_FOUND\]"),
        ("DESCRIBE SCHEMA nothing", r"\[SCHEMA_NOT_FOUND\]"),
        ("DESCRIBE CATALOG nothing", r"\[NO_SUCH_CATALOG_EXCEPTION\]"),
        ("DESCRIBE VOLUME nothing", r"\[VOLUME_NOT_FOUND\]"),
        ("DESCRIBE QUERY SELECT a FROM nothing", r"\[TABLE_OR_VIEW_NOT_FOUND\]"),
        ("DESCRIBE TABLE orders AS JSON", r"\[DESCRIBE_JSON_NOT_EXTENDED\].*0A000"),
    ],
)
def test_what_cannot_be_described(sql: Sql, orders: str, statement: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        sql(statement)


def test_sqlalchemy_reflects_what_describe_tells(workspace_session: Workspace, orders: str) -> None:
    catalog, schema, table = orders.split(".")
    uri = workspace_session.host + workspace_session.http_path
    engine = create_engine(
        f"databricks://token:{workspace_session.token}@127.0.0.1?http_path={workspace_session.http_path}"
        f"&catalog={catalog}&schema={schema}",
        connect_args={"_connection_uri": uri, "enable_telemetry": False},
    )
    inspector = inspect(engine)
    assert set(inspector.get_table_names()) == {"items", "orders"}
    assert inspector.has_table("orders")
    assert not inspector.has_table("nothing")
    assert inspector.get_pk_constraint(table) == {"constrained_columns": ["id"], "name": "orders_pk"}
    (key,) = inspector.get_foreign_keys(table)
    assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (
        ["item"],
        "items",
        ["id"],
    )
    assert inspector.get_table_comment(table) == {"text": "sold"}
    assert inspector.get_schema_names().count(schema) == 1
    reflected = Table("orders", MetaData(), autoload_with=engine)
    assert [column.name for column in reflected.columns] == [name for name, *_ in COLUMNS]
    engine.dispose()
