"""What a job is, and what it cannot be."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from lakestead.core.datatypes import parse_type
from lakestead.ingest.jobs import Job

TABLE = {"source_type": "postgres", "source_name": "erp", "table_name": "orders"}
API = {"source_type": "api", "source_name": "crm", "table_name": "contacts", "api_endpoint": "v1/contacts"}
FILES = {"source_type": "filesystem", "source_name": "landing", "path": "in/*.csv", "target_table": "events"}


def job(**fields: Any) -> Job:
    return Job.model_validate(TABLE | fields)


def mistakes(fields: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong, by field."""
    with pytest.raises(ValidationError) as raised:
        Job.model_validate(fields)
    return {str(detail["loc"][0]): detail["msg"] for detail in raised.value.errors()}


def test_a_job_of_three_fields() -> None:
    found = job()
    assert found.name == "erp.orders"
    assert (found.load_type, found.strategy, found.enabled, found.chunk_size) == ("FULL", None, True, 100_000)
    assert (found.evolution, found.reconcile, found.partitions) == ("evolve", "count", 1)
    assert found.target_name == "orders"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"schema_name": "sales"}, "erp.sales.orders"),
        ({"table_name": "sales.orders"}, "erp.sales.orders"),
        ({"name": "mine"}, "mine"),
        ({"table_name": None, "query": "SELECT 1", "target_table": "one"}, "erp.one"),
    ],
)
def test_the_name(fields: dict[str, Any], name: str) -> None:
    assert job(**fields).name == name


def test_cells_give_what_yaml_gives() -> None:
    cell = job(
        primary_key="id, line ,",
        columns="id,line,at",
        types="id: decimal(20,0); at: timestamp_ntz",
        tags="owner: sales; tier: gold: really",
        load_type="incremental",
        strategy="MERGE",
        watermark_column="at",
        lag="2 days",
        enabled="N",
    )
    yaml = job(
        primary_key=["id", "line"],
        columns=["id", "line", "at"],
        types={"id": "decimal(20,0)", "at": "timestamp_ntz"},
        tags={"owner": "sales", "tier": "gold: really"},
        load_type="INCREMENTAL",
        strategy="merge",
        watermark_column="at",
        lag=timedelta(days=2),
        enabled=False,
    )
    assert cell == yaml
    assert cell.types["id"] == parse_type("decimal(20,0)")


def test_options_of_a_cell_have_yamls_types() -> None:
    found = Job.model_validate(FILES | {"format_options": "header: false; skip: 2; delimiter: |"})
    assert found.format_options == {"header": False, "skip": 2, "delimiter": "|"}
    found = Job.model_validate(API | {"params": '{"sort": "a;b", "status": ["open"]}'})
    assert found.params == {"sort": "a;b", "status": ["open"]}
    assert "JSON object" in mistakes(FILES | {"format_options": "delimiter: ;"})["format_options"]
    assert "not valid JSON" in mistakes(API | {"params": '{"a": '})["params"]


@pytest.mark.parametrize(
    ("given", "lag"),
    [
        ("2 days", timedelta(days=2)),
        ("1h 30m", timedelta(minutes=90)),
        ("1 week, 1 day", timedelta(days=8)),
        ("45 MIN", timedelta(minutes=45)),
        ("1.5h", timedelta(minutes=90)),
        (time(1, 30), timedelta(minutes=90)),
        (timedelta(hours=30), timedelta(hours=30)),
        ("500", 500),
        (500.0, 500),
        (0.5, Decimal("0.5")),
        (0, 0),
    ],
)
def test_lags(given: object, lag: object) -> None:
    found = job(load_type="INCREMENTAL", watermark_column="at", lag=given).lag
    assert found == lag
    assert type(found) is type(lag)


@pytest.mark.parametrize(
    "given",
    [
        "soon",
        "2 moons",
        "days",
        "1 day and a bit",
        -1,
        "-1",
        timedelta(-1),
        True,
        "",
        "9999999999 weeks",
        float("nan"),
        float("inf"),
    ],
)
def test_lags_that_are_none(given: object) -> None:
    assert "lag" in mistakes(TABLE | {"load_type": "INCREMENTAL", "watermark_column": "at", "lag": given})


@pytest.mark.parametrize(
    "value",
    [5, 5.5, Decimal("5.5"), "2024-01-01", date(2024, 1, 1), datetime.fromisoformat("2024-01-01 12:00")],
)
def test_watermarks_stay_as_they_are_written(value: object) -> None:
    found = job(load_type="INCREMENTAL", watermark_column="at", last_watermark=value, end_value=value)
    assert (found.last_watermark, type(found.last_watermark)) == (value, type(value))
    assert found.end_value == value


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        (
            {"load_type": "INCREMENTALL"},
            "load_type",
            "must be FULL or INCREMENTAL; did you mean 'INCREMENTAL'?",
        ),
        ({"strategy": "merg"}, "strategy", "did you mean 'merge'?"),
        ({"enabled": "maybe"}, "enabled", "must be Y or N"),
        ({"chunk_size": 0}, "chunk_size", "greater than or equal to 1"),
        ({"types": "a: strin"}, "types", "unknown type 'strin'"),
        ({"target_table": "a.b"}, "target_table", "'.'"),
        ({"query": "SELECT 1"}, "query", "table_name"),
        ({"table_name": None}, "table_name", "is needed"),
        ({"table_name": None, "query": "SELECT 1"}, "target_table", "is needed"),
        ({"load_type": "INCREMENTAL"}, "watermark_column", "is needed for load_type INCREMENTAL"),
        ({"lag": "1h"}, "lag", "watermark_column"),
        ({"last_watermark": 0}, "last_watermark", "watermark_column"),
        ({"end_value": 0}, "end_value", "watermark_column"),
        (
            {"load_type": "INCREMENTAL", "watermark_column": "a", "strategy": "mirror"},
            "strategy",
            "would remove all rows that are not new",
        ),
        (
            {"load_type": "INCREMENTAL", "watermark_column": "a", "strategy": "replace"},
            "strategy",
            "would remove all rows that are not new",
        ),
        (
            {"table_name": None, "query": "SELECT 1", "target_table": "t", "strategy": "scd2"},
            "primary_key",
            "needed for strategy scd2",
        ),
        ({"columns": "a,b", "primary_key": "c"}, "primary_key", "'columns' leaves out"),
        ({"columns": "a,b", "watermark_column": "c"}, "watermark_column", "'columns' leaves out"),
        ({"columns": "a,A"}, "columns", "'a' twice"),
        ({"table_name": "*", "target_table": "t"}, "target_table", "all tables like '*'"),
        ({"partition_column": "id"}, "partition_column", "partitions to 2 or more"),
        ({"destination_type": "databricks", "target_format": "delta"}, "target_format", "filesystem"),
        ({"api_endpoint": "v1"}, "api_endpoint", "not for source type postgres"),
        ({"path": "x"}, "path", "not for source type postgres"),
        ({"page_sise": 3}, "page_sise", "Extra"),
    ],
)
def test_what_a_table_cannot_have(fields: dict[str, Any], field: str, message: str) -> None:
    assert message in mistakes(TABLE | fields)[field]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"strategy": "merge"}, "strategy", "use append or replace, or destination_type databricks"),
        ({"strategy": "mirror"}, "strategy", "which a filesystem cannot"),
        ({"load_type": "INCREMENTAL", "watermark_column": "a"}, "primary_key", "add strategy append"),
        ({"target_catalog": "main"}, "target_catalog", "not for a filesystem"),
        ({"tags": "a: b"}, "tags", "not for a filesystem"),
        ({"cluster_by": "a"}, "cluster_by", "not for a filesystem"),
        ({"comment": "a"}, "comment", "not for a filesystem"),
    ],
)
def test_what_files_cannot_have(fields: dict[str, Any], field: str, message: str) -> None:
    given = TABLE | {"primary_key": "id"} | fields
    assert message in mistakes(given | {"destination_type": "filesystem"})[field]
    assert Job.model_validate(given)


def test_a_comment_is_for_delta_files_too() -> None:
    files = TABLE | {"destination_type": "filesystem", "target_format": "delta", "comment": "a"}
    assert Job.model_validate(files).comment == "a"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        (
            API | {"api_endpoint": None, "table_name": None, "target_table": "t"},
            "api_endpoint",
            "is needed for source type api",
        ),
        (API | {"query": "SELECT 1", "table_name": None, "target_table": "t"}, "query", "for databases"),
        (API | {"partitions": 2}, "partitions", "for databases"),
        (API | {"strategy": "merge"}, "primary_key", "needed for strategy merge"),
        (FILES | {"path": None}, "path", "is needed for source type filesystem"),
        (FILES | {"load_type": "INCREMENTAL"}, "incremental_by", "modified, name or folder_date"),
        (FILES | {"page_size": 3}, "page_size", "for APIs"),
        (FILES | {"file_format": "cvs"}, "file_format", "did you mean 'csv'?"),
    ],
)
def test_what_apis_and_files_cannot_have(fields: dict[str, Any], field: str, message: str) -> None:
    assert message in mistakes(fields)[field]


def test_another_packages_kind_of_source_may_have_all_fields() -> None:
    fields = {"source_type": "kafka", "api_endpoint": "topic", "params": "group: x", "query": "filter"}
    assert Job.model_validate({**fields, "source_name": "bus", "target_table": "t"}).params == {"group": "x"}


def test_a_wrong_field_does_not_hide_what_is_wrong_between_others() -> None:
    found = mistakes(TABLE | {"load_type": "no", "lag": "1h", "table_name": "*", "target_table": "t", "x": 1})
    assert set(found) == {"load_type", "lag", "target_table", "x"}


def test_the_strategy_follows_from_load_type_and_key() -> None:
    assert job().strategy_for(["id"]) == "replace"
    incremental = {"load_type": "INCREMENTAL", "watermark_column": "at"}
    assert job(**incremental).strategy_for(["id"]) == "merge"
    assert job(**incremental).strategy_for([]) == "append"
    assert job(**incremental, strategy="append").strategy_for(["id"]) == "append"


def test_a_pattern_stands_for_tables() -> None:
    pattern = job(table_name="sales.*", chunk_size=5)
    assert pattern.is_pattern
    table = pattern.for_table("orders")
    assert (table.name, table.schema_name, table.table_name) == ("erp.sales.orders", "sales", "orders")
    assert table.chunk_size == 5
    assert not table.is_pattern
    assert job(table_name="sales.*", name="all of it").for_table("orders").name == "all of it.orders"


@pytest.mark.parametrize(("given", "enabled"), [(" y ", True), ("No", False), (0, False), (True, True)])
def test_what_switches_a_job_on(given: object, enabled: bool) -> None:
    assert job(enabled=given).enabled is enabled


def test_a_job_cannot_be_changed_and_goes_into_json_and_back() -> None:
    found = job(types="a: decimal(20,4)", load_type="INCREMENTAL", watermark_column="at", lag="1h")
    with pytest.raises(ValidationError):
        found.name = "x"  # type: ignore[misc]
    assert found.model_dump(mode="json")["types"] == {"a": "DECIMAL(20,4)"}
