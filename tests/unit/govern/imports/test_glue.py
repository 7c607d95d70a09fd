"""Glue's tables in Unity Catalog's words. The answers are made by a server that speaks Glue's API."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from sqlglot import parse_one

from lakestead.core.errors import SourceError
from lakestead.govern.imports import migrate_glue_catalog_to_unity_catalog
from lakestead.govern.imports.glue import GluePlan, plan_glue, read_glue
from lakestead.govern.imports.glue.types import UnknownType, databricks_type

PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "glue", region_name="eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
        )


@pytest.fixture
def glue(client: Any) -> Iterator[Any]:
    """Glue with a database `sales` that is empty."""
    client.create_database(DatabaseInput={"Name": "sales", "Description": "What's sold"})
    yield client
    client.delete_database(Name="sales")


def table(
    name: str, serde: str = PARQUET, columns: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    storage = {
        "Columns": [{"Name": key, "Type": kind} for key, kind in (columns or {"id": "bigint"}).items()],
        "Location": f"s3://lake/sales/{name}",
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": more.pop("options", {})},
    }
    return {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, **more}


def view(name: str, sql: str) -> dict[str, Any]:
    said = {"originalSql": sql, "catalog": "awsdatacatalog", "schema": "sales", "columns": []}
    text = f"/* Presto View: {base64.b64encode(json.dumps(said).encode()).decode()} */"
    expanded = "/* Presto View */"
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": text,
        "ViewExpandedText": expanded,
        "Parameters": {"presto_view": "true"},
    }


def planned(glue: Any, folder: Path, *tables: dict[str, Any]) -> GluePlan:
    """Plan what Glue's own answers say, as its command would have written them."""
    for one in tables:
        glue.create_table(DatabaseName="sales", TableInput=one)
    for name, answer in {
        "databases": glue.get_databases(),
        "tables": glue.get_tables(DatabaseName="sales"),
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(answer, default=str), encoding="utf-8")
    return plan_glue(read_glue(sorted(folder.glob("*.json"))), "Main")


def test_a_partitioned_table(glue: Any, tmp_path: Path) -> None:
    nested = "struct<a b:array<map<string,decimal(10,2)>>,`n`:varchar(20)>"
    given = table("orders", columns={"ID": "bigint", "items": nested}, Description="It's orders")
    given["PartitionKeys"] = [{"Name": "day", "Type": "date", "Comment": "UTC"}]
    plan = planned(glue, tmp_path, given)
    assert plan.refused == []
    assert [step.statement for step in plan.steps] == [
        "CREATE SCHEMA `main`.`sales` COMMENT 'What\\'s sold'",
        "CREATE TABLE `main`.`sales`.`orders` (`id` BIGINT, `items` STRUCT<`a b`:"
        " ARRAY<MAP<STRING, DECIMAL(10,2)>>, `n`: VARCHAR(20)>, `day` DATE COMMENT 'UTC') USING PARQUET"
        " PARTITIONED BY (`day`) LOCATION 's3://lake/sales/orders' COMMENT 'It\\'s orders'",
    ]
    for step in plan.steps:
        assert parse_one(step.statement, dialect="databricks") is not None


@pytest.mark.parametrize(
    ("given", "using"),
    [
        (table("t", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"), "USING ORC"),
        (table("t", "org.apache.hadoop.hive.serde2.avro.AvroSerDe"), "USING AVRO"),
        (table("t", "org.openx.data.jsonserde.JsonSerDe"), "USING JSON"),
        (
            table("t", CSV, Parameters={"skip.header.line.count": "1"}),
            "USING CSV OPTIONS ('sep' = ',', 'quote' = '\"', 'escape' = '\\\\', 'header' = 'true')",
        ),
        (
            table("t", LAZY, options={"field.delim": "|", "escape.delim": "\\"}),
            "USING CSV OPTIONS ('sep' = '|', 'escape' = '\\\\', 'nullValue' = '\\\\N', 'quote' = '')",
        ),
        (
            table("t", LAZY, options={"serialization.format": "1"}),
            "USING CSV OPTIONS ('sep' = '\x01', 'nullValue' = '\\\\N', 'quote' = '')",
        ),
        (table("t", Parameters={"spark.sql.sources.provider": "json"}), "USING JSON"),
    ],
)
def test_formats(glue: Any, tmp_path: Path, given: dict[str, Any], using: str) -> None:
    plan = planned(glue, tmp_path, given)
    assert plan.refused == []
    expected = f"CREATE TABLE `main`.`sales`.`t` (`id` BIGINT) {using} LOCATION 's3://lake/sales/t'"
    assert plan.steps[-1].statement == expected


def test_delta_tables_know_their_columns(glue: Any, tmp_path: Path) -> None:
    given = table("t", LAZY, {"col": "uniontype<int,string>"}, Parameters={"table_type": "DELTA"})
    given["StorageDescriptor"]["Location"] = "s3a://lake/delta"
    plan = planned(glue, tmp_path, given)
    assert plan.refused == []
    assert (
        plan.steps[-1].statement == "CREATE TABLE `main`.`sales`.`t` USING DELTA LOCATION 's3://lake/delta'"
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (table("t", "com.amazonaws.glue.serde.GrokSerDe"), "SerDe 'com.amazonaws.glue.serde.GrokSerDe'"),
        (table("t", Parameters={"table_type": "ICEBERG"}), "table of Iceberg: federate"),
        (table("t", Parameters={"spark.sql.sources.provider": "hudi"}), "table of Hudi"),
        (table("t", columns={"u": "uniontype<int,string>"}), "column 'u': Unity Catalog has no type"),
        (table("t", CSV, Parameters={"skip.header.line.count": "3"}), "3 lines of header"),
        ({"Name": "t", "StorageDescriptor": {"SerdeInfo": {"SerializationLibrary": PARQUET}}}, "a location"),
        ({"Name": "t"}, "SerDe 'none'"),
        ({"Name": "t", "TableType": "VIRTUAL_VIEW"}, "does not say what the view selects"),
        (view("t", "SELECT * FROM other.sales.x"), "another catalog of Athena"),
        (view("t", "SELECT FROM WHERE"), "cannot be parsed"),
        ({"Name": "a.b"}, "not allowed in a name"),
    ],
)
def test_what_is_refused_says_why(glue: Any, tmp_path: Path, given: dict[str, Any], reason: str) -> None:
    plan = planned(glue, tmp_path, table("fine"), given)
    [refused] = plan.refused
    assert reason in refused
    assert refused.startswith(f"sales.{given['Name']}: ")
    assert [step.name[-1] for step in plan.steps] == ["sales", "fine"]


def test_views_come_after_what_they_read(glue: Any, tmp_path: Path) -> None:
    plan = planned(
        glue,
        tmp_path,
        view("a_first", 'SELECT "day", count(*) AS n FROM z_last GROUP BY 1'),
        view("z_last", "SELECT date_trunc('month', at) AS day FROM awsdatacatalog.sales.orders"),
        table("orders", columns={"at": "timestamp"}),
    )
    assert [step.full_name for step in plan.steps] == [
        "main.sales",
        "main.sales.orders",
        "main.sales.z_last",
        "main.sales.a_first",
    ]
    assert plan.steps[2].statement == (
        "CREATE VIEW `main`.`sales`.`z_last` AS"
        " SELECT DATE_TRUNC('MONTH', at) AS day FROM `main`.`sales`.`orders`"
    )


def test_views_of_what_is_refused_are_refused(glue: Any, tmp_path: Path) -> None:
    plan = planned(
        glue,
        tmp_path,
        table("lost", "unknown.SerDe"),
        view("first", "SELECT * FROM lost"),
        view("second", "SELECT * FROM first"),
    )
    assert [step.kind for step in plan.steps] == ["SCHEMA"]
    assert [one.partition(":")[0] for one in plan.refused] == ["sales.lost", "sales.first", "sales.second"]


def test_hive_views(glue: Any, tmp_path: Path) -> None:
    given = {
        "Name": "v",
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": "select `o`.`id` from `sales`.`o` `o`",
    }
    plan = planned(glue, tmp_path, given)
    assert plan.steps[-1].statement.endswith("AS SELECT `o`.`id` FROM `main`.`sales`.`o` AS `o`")


@pytest.mark.parametrize(
    ("hive", "databricks"),
    [
        ("INT", "INT"),
        ("decimal", "DECIMAL(10,0)"),
        ("decimal(38, 6)", "DECIMAL(38,6)"),
        ("char(3)", "CHAR(3)"),
        ("timestamp with local time zone", "TIMESTAMP"),
        ("array<array<int>>", "ARRAY<ARRAY<INT>>"),
        (
            "map<string,struct<x:decimal(4,2),y:char(1)>>",
            "MAP<STRING, STRUCT<`x`: DECIMAL(4,2), `y`: CHAR(1)>>",
        ),
        ("struct<a-b:int,c`d:string>", "STRUCT<`a-b`: INT, `c``d`: STRING>"),
    ],
)
def test_types(hive: str, databricks: str) -> None:
    assert databricks_type(hive) == databricks


@pytest.mark.parametrize(
    "hive",
    [
        *(
            "",
            "nope",
            "varchar",
            "varchar(0)",
            "char(300)",
            "decimal(39,0)",
            "decimal(3,5)",
            "interval_day_time",
        ),
        *(
            "uniontype<int>",
            "array<>",
            "map<int>",
            "struct<>",
            "struct<a>",
            "struct<:int>",
            "array<int",
            "void",
        ),
    ],
)
def test_types_that_there_are_not(hive: str) -> None:
    with pytest.raises(UnknownType):
        databricks_type(hive)


def test_the_shape_of_programs() -> None:
    seed = {"DatabaseName": "sales", "Name": "orders", "Classification": "internal"}
    plan = migrate_glue_catalog_to_unity_catalog([seed, {**seed, **table("fine")}])
    assert [step.full_name for step in plan.steps] == [
        "migrated_from_glue.sales",
        "migrated_from_glue.sales.fine",
    ]
    assert plan.refused == ["sales.orders: no external table reads the SerDe 'none'"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("{}", "is no answer of Glue"),
        ('{"TableList": [{"Name": "x"}]}', "without `DatabaseName`"),
        ('{"DatabaseList": [{}]}', "without `Name`"),
    ],
)
def test_what_is_no_answer_of_glue(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_glue([tmp_path / "x.json"])
