"""system.query.history: what the query history API lists, with what was read and written."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from databricks.sdk.service.sql import QueryFilter
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Sql

Row = dict[str, Any]


def history(sql: Sql, marker: str) -> list[Row]:
    """Return the rows on statements with a marker in their text, but those that ask for it."""
    return sql.records(
        f"SELECT * FROM system.query.history WHERE statement_text LIKE '%{marker}%'"
        " AND statement_text NOT LIKE '%system.query.history%' ORDER BY start_time"
    )


@pytest.fixture
def marker() -> str:
    """A text that no other statement has."""
    return uuid.uuid4().hex


def test_a_statement_is_there_as_the_api_shows_it(
    sql: Sql, workspace_session: Workspace, marker: str
) -> None:
    sql(f"SELECT id AS x{marker} FROM range(7)")
    (row,) = history(sql, marker)
    client = workspace_session.client()
    wanted = QueryFilter(statement_ids=[row["statement_id"]])
    (shown,) = client.query_history.list(filter_by=wanted, include_metrics=True).res or []
    assert shown.metrics
    assert row["execution_status"] == "FINISHED"
    assert row["statement_text"] == shown.query_text
    assert row["executed_by"] == shown.user_name == client.current_user.me().user_name
    assert row["executed_by_user_id"] == str(shown.user_id)
    assert row["total_duration_ms"] == shown.metrics.total_time_ms
    assert row["produced_rows"] == shown.metrics.rows_produced_count == 7
    assert row["compute"]["warehouse_id"] == shown.warehouse_id == workspace_session.warehouse_id
    assert row["compute"]["type"] == "WAREHOUSE"
    assert row["statement_type"] == "SELECT"
    assert row["client_driver"] == "Databricks SQL Connector for Python"
    assert int(row["start_time"].timestamp() * 1000) == shown.query_start_time_ms
    parts = ("waiting_at_capacity_duration_ms", "compilation_duration_ms", "execution_duration_ms")
    assert sum(row[part] for part in parts) <= row["total_duration_ms"] + 1
    assert 0 <= row["total_task_duration_ms"] <= row["total_duration_ms"]
    assert row["from_result_cache"] is False


def test_failures_and_tags(workspace: Workspace, marker: str) -> None:
    tags = {"query_tags": "team:data,cost_center:42"}
    with workspace.connect(session_configuration=tags) as connection:
        sql = Sql(connection)
        with pytest.raises(ServerOperationError):
            sql(f"SELECT no_such_column_{marker}")
        (row,) = history(sql, marker)
    assert row["execution_status"] == "FAILED"
    assert "UNRESOLVED_COLUMN" in row["error_message"]
    assert dict(row["query_tags"]) == {"team": "data", "cost_center": "42"}


def test_what_is_read_and_written_is_counted(sql: Sql, schema: str, marker: str) -> None:
    sql(f"CREATE TABLE a_{marker} AS SELECT id, CAST(id AS STRING) AS s FROM range(1000)")
    sql(f"CREATE TABLE b_{marker} (id BIGINT, s STRING)")
    sql(f"INSERT INTO b_{marker} SELECT * FROM a_{marker} WHERE id < 10")
    sql(f"SELECT count(*) FROM a_{marker}")
    (files,) = sql.records(f"DESCRIBE DETAIL a_{marker}")
    made, empty, insert, read = [one for one in history(sql, marker) if one["statement_type"] != "DESCRIBE"]
    assert (made["written_rows"], made["written_files"]) == (1000, files["numFiles"])
    assert made["written_bytes"] == files["sizeInBytes"]
    assert (empty["written_rows"], empty["written_files"]) == (0, 0)
    assert (insert["written_rows"], insert["read_rows"]) == (10, 1000)
    assert insert["read_bytes"] == read["read_bytes"] == files["sizeInBytes"]
    assert (read["read_files"], read["read_rows"]) == (files["numFiles"], 1000)
    assert read["written_rows"] is None


def test_parameters(sql: Sql, marker: str) -> None:
    with sql.connection.cursor() as cursor:
        cursor.execute(f"SELECT :price AS x{marker}", {"price": Decimal("1.50")})
    (row,) = history(sql, marker)
    assert dict(row["query_parameters"]["named_parameters"])["price"]["exprs"] == ["1.50"]
