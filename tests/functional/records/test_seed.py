"""The connector as it was first documented: every snippet as it stands there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Dict, Optional  # noqa: UP035  (as documented)

import pytest
from databricks import sql

from lakestead.records import DatabricksConnector
from lakestead.testing import Workspace

logger = logging.getLogger(__name__)


class CustomDatabricksConnector(DatabricksConnector):
    def execute_with_history(self, query: str) -> Dict[str, Any]:  # noqa: UP006
        result = self.read_records(query)
        history = self.read_records("DESCRIBE HISTORY customers")
        return {"data": result, "history": history}


class DeltaLakeConnector(DatabricksConnector):
    def optimize_table(self, table: str) -> None:
        self._cursor.execute(f"OPTIMIZE {table}")

    def vacuum_table(self, table: str, retention_hours: int = 168) -> None:
        self._cursor.execute(f"VACUUM {table} RETAIN {retention_hours} HOURS")


class MonitoredDatabricksConnector(DatabricksConnector):
    def execute(self, query: str, params: Optional[Dict] = None):  # type: ignore[no-untyped-def,type-arg,override]  # noqa: UP006,UP045
        start_time = time.time()
        try:
            result = super().execute(query, params)
            duration = time.time() - start_time
            logger.info(f"Query executed in {duration:.2f}s")
            return result
        except Exception:
            logger.error(f"Query failed after {time.time() - start_time:.2f}s")
            raise


@pytest.fixture
def customers(connector: DatabricksConnector) -> str:
    connector.execute(
        "CREATE TABLE customers (id STRING, name STRING, region STRING, status STRING, email STRING)"
    )
    return "customers"


def test_operations(connector: DatabricksConnector, customers: str) -> None:
    success = connector.connect()
    assert success is True
    count = connector.write_records(
        records=[
            {"id": "1", "name": "John Smith", "region": "WEST"},
            {"id": "2", "name": "Jane Doe", "region": "EAST"},
        ],
        target="customers",
    )
    assert count == 2
    count = connector.update_records(
        records=[{"id": "1", "name": "John Smith", "email": "john@example.com"}], target="customers"
    )
    assert count == 1
    connector.write_records([{"id": "3", "region": "WEST", "status": "ACTIVE"}], "customers")
    assert len(connector.read_records("SELECT * FROM customers")) == 3
    records = connector.read_records(
        """
        SELECT *
        FROM customers
        WHERE region = %(region)s
        AND status = %(status)s
        """,
        params={"region": "WEST", "status": "ACTIVE"},
    )
    assert records == [{"id": "3", "name": None, "region": "WEST", "status": "ACTIVE", "email": None}]
    assert connector.delete_records(record_ids=["1", "2", "3"], target="customers") == 3
    assert connector.read_records("SELECT * FROM customers") == []


def test_errors(connector: DatabricksConnector) -> None:
    with pytest.raises(sql.Error, match="TABLE_OR_VIEW_NOT_FOUND"):
        connector.read_records("SELECT * FROM nowhere")
    with pytest.raises(sql.Error, match="TABLE_OR_VIEW_NOT_FOUND"):
        connector.write_records([{"id": 1}], "nowhere")
    with pytest.raises(sql.Error, match="PARSE_SYNTAX_ERROR"):
        connector.execute("SELEC 1")


def test_the_environment(workspace_session: Workspace, schema: str) -> None:
    env = workspace_session.env()
    config = {
        "server_hostname": env.get("DATABRICKS_HOST"),
        "http_path": env.get("DATABRICKS_HTTP_PATH"),
        "access_token": env.get("DATABRICKS_TOKEN"),
    }
    with DatabricksConnector(**config) as connector:
        assert connector.read_records("SELECT 1 AS one") == [{"one": 1}]


def test_subclasses(
    connect: Callable[..., DatabricksConnector], customers: str, caplog: pytest.LogCaptureFixture
) -> None:
    custom = connect(CustomDatabricksConnector)
    assert isinstance(custom, CustomDatabricksConnector)
    found = custom.execute_with_history("SELECT * FROM customers")
    assert found["data"] == []
    assert [one["operation"] for one in found["history"]] == ["CREATE TABLE"]

    delta = connect(DeltaLakeConnector)
    assert isinstance(delta, DeltaLakeConnector)
    delta.optimize_table("customers")
    delta.vacuum_table("customers")

    monitored = connect(MonitoredDatabricksConnector)
    with caplog.at_level(logging.INFO, logger=__name__):
        monitored.write_records([{"id": "1"}], "customers")
        assert monitored.read_records("customers", columns=["id"]) == [{"id": "1"}]
    assert [one.message.startswith("Query executed in ") for one in caplog.records] == [True] * 3
    with caplog.at_level(logging.ERROR, logger=__name__), pytest.raises(sql.Error):
        monitored.read_records("SELECT nothing")
    assert "Query failed after" in caplog.text


def test_a_connector_can_be_opened_again(connector: DatabricksConnector) -> None:
    for _ in range(2):
        with connector:
            assert connector.read_records("SELECT 1 AS one") == [{"one": 1}]
    with pytest.raises(RuntimeError, match="is closed"):
        connector.read_records("SELECT 1")
