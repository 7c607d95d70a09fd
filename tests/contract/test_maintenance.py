"""OPTIMIZE, VACUUM, RESTORE, TRUNCATE, DESCRIBE HISTORY and DETAIL by the official connector."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from databricks.sql.exc import ServerOperationError
from deltalake import write_deltalake

from .conftest import Sql

CHECK = "spark.databricks.delta.retentionDurationCheck.enabled"


@pytest.fixture
def table(sql: Sql, schema: str) -> str:
    """A table of two partitions with three files each."""
    sql(
        "CREATE TABLE t (Id INT NOT NULL, name STRING, part STRING) PARTITIONED BY (part) "
        "COMMENT 'what it is' TBLPROPERTIES ('team' = 'ours')"
    )
    for number in range(3):
        sql(f"INSERT INTO t VALUES ({number}, 'n', 'a'), ({number}, 'm', 'b')")
    return f"{schema}.t"


def metrics(sql: Sql, statement: str) -> dict[str, object]:
    (row,) = sql.records(statement)
    assert str(row["path"]).startswith("file:///")
    found = row["metrics"]
    loaded: dict[str, object] = json.loads(found) if isinstance(found, str) else found
    return loaded


def test_optimize_joins_files(sql: Sql, table: str) -> None:
    one = metrics(sql, f"OPTIMIZE {table} WHERE part >= 'a' AND part < 'b'")
    assert (one["numFilesRemoved"], one["numFilesAdded"], one["partitionsOptimized"]) == (3, 1, 1)
    both = metrics(sql, f"OPTIMIZE {table} ZORDER BY (ID, name)")
    assert (both["numFilesRemoved"], both["numFilesAdded"], both["numTableColumns"]) == (4, 2, 3)
    assert both["zOrderStats"]["inputOtherFiles"]["num"] == 4  # type: ignore[index]
    again = metrics(sql, f"OPTIMIZE {table}")
    assert (again["numFilesRemoved"], again["numFilesAdded"], again["zOrderStats"]) == (0, 0, None)
    assert sql(f"SELECT count(*) FROM {table}") == [(6,)]
    history = sql.records(f"DESCRIBE HISTORY {table} LIMIT 2")
    assert [row["operation"] for row in history] == ["OPTIMIZE", "OPTIMIZE"]


def test_optimize_refuses_what_it_cannot_do(sql: Sql, table: str) -> None:
    for statement, condition in [
        (f"OPTIMIZE {table} WHERE id > 1", "Id.*|partition columns"),
        (f"OPTIMIZE {table} ZORDER BY part", "DELTA_ZORDERING_ON_PARTITION_COLUMN"),
        (f"OPTIMIZE {table} ZORDER BY nothing", "UNRESOLVED_COLUMN"),
        ("OPTIMIZE nothing", "TABLE_OR_VIEW_NOT_FOUND"),
    ]:
        with pytest.raises(ServerOperationError, match=condition):
            sql(statement)


def test_vacuum_guards_recent_files(sql: Sql, table: str) -> None:
    sql(f"OPTIMIZE {table}")
    assert len(sql(f"VACUUM {table}")) == 1
    assert sql(f"SELECT count(*) FROM {table} VERSION AS OF 3") == [(6,)]
    with pytest.raises(ServerOperationError, match=r"DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT.*168 hours"):
        sql(f"VACUUM {table} RETAIN 0 HOURS")
    sql(f"SET {CHECK} = false")
    found = sql(f"VACUUM {table} RETAIN 0 HOURS DRY RUN")
    assert len(found) == 6
    assert all(path.startswith("file:///") and path.endswith(".parquet") for (path,) in found)
    sql(f"VACUUM {table} RETAIN 0 HOURS")
    sql(f"RESET {CHECK}")
    assert sql(f"SELECT count(*) FROM {table}") == [(6,)]
    with pytest.raises(ServerOperationError):
        sql(f"SELECT * FROM {table} VERSION AS OF 3")


def test_restore_by_version_and_time(sql: Sql, table: str) -> None:
    sql(f"ALTER TABLE {table} ADD COLUMN extra INT")
    sql(f"INSERT INTO {table} VALUES (9, 'n', 'a', 1)")
    (row,) = sql.records(f"RESTORE TABLE {table} TO VERSION AS OF 3")
    assert (row["num_removed_files"], row["num_restored_files"], row["num_of_files_after_restore"]) == (
        1,
        0,
        6,
    )
    assert sql(f"SELECT count(*) FROM {table}") == [(6,)]
    assert [one[0] for one in sql(f"DESCRIBE TABLE {table}")][:3] == ["Id", "name", "part"]
    assert "extra" not in [one[0] for one in sql(f"DESCRIBE TABLE {table}")]
    second = sql.records(f"DESCRIBE HISTORY {table}")[-2]
    assert second["version"] == 1
    at = second["timestamp"]
    sql(f"RESTORE {table} TIMESTAMP AS OF '{at:%Y-%m-%dT%H:%M:%S.%f}'")
    assert sql(f"SELECT count(*) FROM {table}") == [(2,)]
    for target in ("VERSION AS OF 99", f"TIMESTAMP AS OF '{at - timedelta(days=1):%Y-%m-%d %H:%M:%S}'"):
        with pytest.raises(ServerOperationError, match="VERSION"):
            sql(f"RESTORE {table} TO {target}")


def test_truncate(sql: Sql, table: str) -> None:
    assert sql(f"TRUNCATE TABLE {table}") == []
    assert sql(f"SELECT count(*) FROM {table}") == [(0,)]
    assert sql(f"SELECT count(*) FROM {table} VERSION AS OF 3") == [(6,)]


def test_history(sql: Sql, table: str) -> None:
    names = [name for name, _ in sql.columns(f"DESCRIBE HISTORY {table}")]
    assert names == [
        "version",
        "timestamp",
        "userId",
        "userName",
        "operation",
        "operationParameters",
        "job",
        "notebook",
        "clusterId",
        "readVersion",
        "isolationLevel",
        "isBlindAppend",
        "operationMetrics",
        "userMetadata",
        "engineInfo",
    ]
    history = sql.records(f"DESCRIBE HISTORY {table}")
    assert [row["version"] for row in history] == [3, 2, 1, 0]
    assert [row["operation"] for row in history] == ["WRITE", "WRITE", "WRITE", "CREATE TABLE"]
    assert dict(history[0]["operationMetrics"])["numOutputRows"] == "2"
    assert history[-1]["userName"]


def test_detail(sql: Sql, table: str) -> None:
    (row,) = sql.records(f"DESCRIBE DETAIL {table}")
    assert (row["format"], row["name"], row["description"]) == ("delta", table, "what it is")
    assert (list(row["partitionColumns"]), list(row["clusteringColumns"])) == (["part"], [])
    assert (row["numFiles"], row["minReaderVersion"], row["minWriterVersion"]) == (6, 1, 2)
    assert row["sizeInBytes"] > 0
    assert dict(row["properties"])["team"] == "ours"
    assert list(row["tableFeatures"]) == ["appendOnly", "invariants"]
    assert row["location"].startswith("file:///")


@pytest.mark.parametrize(
    "statement",
    [
        "ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS",
        "CACHE TABLE t",
        "UNCACHE TABLE t",
        "CLEAR CACHE",
        "REFRESH TABLE t",
    ],
)
def test_what_has_nothing_to_do_says_so(sql: Sql, table: str, statement: str) -> None:
    ((text,),) = sql(statement)
    assert "there is nothing to" in text


@pytest.mark.parametrize("statement", ["REFRESH TABLE {}", "MSCK REPAIR TABLE {} SYNC METADATA"])
def test_refresh_sees_what_other_programs_did(sql: Sql, schema: str, tmp_path: Path, statement: str) -> None:
    folder = tmp_path / "external"
    write_deltalake(folder, pa.table({"a": [1]}))
    sql(f"CREATE TABLE t LOCATION '{folder}'")
    assert sql("SELECT * FROM t") == [(1,)]
    write_deltalake(folder, pa.table({"a": [2], "b": ["x"]}), mode="append", schema_mode="merge")
    sql(statement.format("t"))
    assert [row[0] for row in sql("DESCRIBE TABLE t")] == ["a", "b"]
    assert sql("SELECT * FROM t ORDER BY a") == [(1, None), (2, "x")]


def test_upkeep_of_what_is_not_there_fails(sql: Sql, schema: str) -> None:
    for statement in ("ANALYZE TABLE t COMPUTE STATISTICS", "CACHE TABLE t", "REFRESH TABLE t", "VACUUM t"):
        with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
            sql(statement)


def test_versions_from_before_a_checkpoint_can_be_read(sql: Sql, schema: str) -> None:
    """A checkpoint is made every ten commits."""
    sql(f"CREATE TABLE {schema}.past AS SELECT 0 AS n")
    for number in range(1, 13):
        sql(f"INSERT INTO {schema}.past VALUES ({number})")
    for version in (0, 1, 5, 9, 10, 12):
        assert sql(f"SELECT count(*) FROM {schema}.past VERSION AS OF {version}") == [(version + 1,)]
    sql(f"CREATE TABLE {schema}.kept AS SELECT * FROM {schema}.past@v7")
    assert sql(f"SELECT max(n) FROM {schema}.kept") == [(7,)]
