"""Rows out of tables, in every form."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from databricks.sql import Error

from lakestead.records import DatabricksConnector


def test_forms(connector: DatabricksConnector, people: str) -> None:
    rows = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]
    query = f"SELECT id, name FROM {people} WHERE age > %(age)s ORDER BY id"
    params = {"age": 1}
    assert connector.read_records(query, params) == rows
    assert list(connector.read_batches(query, params, size=1)) == [[rows[0]], [rows[1]]]
    assert connector.read_arrow(query, params).to_pylist() == rows
    assert [batch.num_rows for batch in connector.read_arrow_batches(query, params, size=1)] == [1, 1]
    assert connector.read_polars(query, params).to_dicts() == rows
    frame = connector.read_pandas(query, params)
    assert frame.to_dict("records") == rows
    assert str(frame.dtypes["id"]) == "int64[pyarrow]"
    with connector.execute(query, params) as result:
        assert list(result) == rows


def test_integers_beside_nulls_stay_integers(connector: DatabricksConnector) -> None:
    query = "SELECT * FROM VALUES (9007199254740993, named_struct('a', 1)), (NULL, NULL) AS t(n, s)"
    assert connector.read_records(query) == [{"n": 2**53 + 1, "s": {"a": 1}}, {"n": None, "s": None}]


def test_no_rows(connector: DatabricksConnector, people: str) -> None:
    assert connector.read_records(people, limit=0) == []
    assert list(connector.read_batches(people, where="false")) == []
    assert connector.read_arrow(people, where="false").schema.names == ["id", "name", "age"]
    with connector.execute("CREATE TABLE other (a INT)") as result:
        assert result.records() == []


def test_choices(connector: DatabricksConnector, people: str) -> None:
    found = connector.read_records(
        people, {"name": "Ada"}, columns=["NAME"], where="name = %(name)s", limit=5
    )
    assert [list(row.values()) for row in found] == [["Ada"]]
    assert connector.read_records(f"SELECT id FROM {people} -- all", limit=1, where="id = 2") == [{"id": 2}]


def test_time_travel(connector: DatabricksConnector, people: str) -> None:
    versions = connector.history(people)
    connector.delete_records(None, people, where="true")
    assert connector.read_records(people) == []
    assert len(connector.read_records(people, version=versions[0]["version"])) == 2
    assert len(connector.read_records(people, timestamp=versions[0]["timestamp"])) == 2
    assert connector.read_arrow(people, version=0).num_rows == 0
    with pytest.raises(Error):
        connector.read_records(people, timestamp=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))


def test_many_batches(connector: DatabricksConnector) -> None:
    sizes, last = [], None
    for batch in connector.read_batches("SELECT id, repeat('x', 100) AS s FROM range(300000)", size=50_000):
        sizes.append(len(batch))
        last = batch[-1]["id"]
    assert (sum(sizes), max(sizes)) == (300_000, 50_000)
    assert last is not None


def test_upkeep(connector: DatabricksConnector, people: str) -> None:
    connector.write_records([{"id": 3}], people)
    assert connector.optimize(people, zorder_by="id")["metrics"]["numFilesRemoved"] == 2
    assert connector.vacuum(people)
    assert connector.vacuum(people, 200, dry_run=True) is not None
    operations = [one["operation"] for one in connector.history(people)]
    assert "OPTIMIZE" in operations
    assert len(connector.history(people, limit=1)) == 1


def test_parameters_are_values(connector: DatabricksConnector, people: str) -> None:
    evil = "x' OR '1'='1"
    assert connector.read_records(people, {"name": evil}, where="name = %(name)s") == []
    found = connector.read_records("SELECT %(a)s AS a, '%(a)s' AS b -- %(c)s", {"a": evil})
    assert found == [{"a": evil, "b": "%(a)s"}]


@pytest.mark.parametrize("value", [b"\x00\xff", [1, 2], {"k": 1}, float("inf"), 2**80, dt.date(2024, 1, 1)])
def test_parameters_come_back(connector: DatabricksConnector, value: Any) -> None:
    assert connector.read_records("SELECT %(v)s AS v", {"v": value})[0]["v"] == value


def test_statements_are_logged_without_their_text(
    connector: DatabricksConnector, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="lakestead.client.sql"):
        connector.read_records("SELECT 'a secret', %(b)s", {"b": "another"})
    said = [one.getMessage() for one in caplog.records if one.name == "lakestead.client.sql"]
    assert len(said) == 1
    assert said[0].startswith("SELECT executed in ")
    assert "secret" not in said[0]


def test_a_size_that_is_none(connector: DatabricksConnector) -> None:
    with pytest.raises(ValueError, match="number of rows"):
        list(connector.read_batches("SELECT 1", size=0))


@pytest.mark.parametrize("extra", ["pandas", "polars"])
def test_a_missing_extra_is_named(extra: str) -> None:
    program = f"""
import sys
sys.modules["{extra}"] = None
from lakestead.core.errors import MissingExtra
from lakestead.records import DatabricksConnector
connector = DatabricksConnector("localhost", "x", "y")
try:
    connector.read_{extra}("SELECT 1")
except MissingExtra as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert f"pip install 'lakestead[{extra}]'" in done.stdout


def test_an_empty_table_is_arrow(connector: DatabricksConnector) -> None:
    table = connector.execute("CREATE TABLE nothing (a INT)").table()
    assert table == pa.table({})
