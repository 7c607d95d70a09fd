"""system.compute and system.billing: when warehouses ran, what they used, and what that costs by list."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from databricks.sdk.service.sql import EndpointTagPair, EndpointTags, State

from lakestead.testing import Workspace, serve
from lakestead.workspace.server import WorkspaceServer
from tests.contract.conftest import Sql

Row = dict[str, Any]


def events(sql: Sql, warehouse_id: str) -> list[tuple[str, int]]:
    rows = sql(
        "SELECT event_type, cluster_count FROM system.compute.warehouse_events"
        f" WHERE warehouse_id = '{warehouse_id}' ORDER BY event_time, event_type IN ('RUNNING', 'STOPPED')"
    )
    return [(name, count) for name, count in rows]


STARTS = [("STARTING", 0), ("RUNNING", 1)]
STOPS = [("STOPPING", 1), ("STOPPED", 0)]


def test_what_a_warehouse_is_and_was(workspace: Workspace, admin: Sql) -> None:
    api = workspace.client().warehouses
    tags = EndpointTags(custom_tags=[EndpointTagPair("team", "data")])
    made = api.create_and_wait(
        name="w", cluster_size="2X-Small", auto_stop_mins=20, tags=tags, enable_serverless_compute=True
    )
    api.edit(made.id or "", cluster_size="Medium", max_num_clusters=3)
    api.delete(made.id or "")
    rows = admin.records(
        f"SELECT * FROM system.compute.warehouses WHERE warehouse_id = '{made.id}' ORDER BY change_time"
    )
    assert [row["warehouse_size"] for row in rows] == ["2X_SMALL", "MEDIUM", "MEDIUM"]
    assert [row["max_clusters"] for row in rows] == [1, 3, 3]
    assert [row["delete_time"] is None for row in rows] == [True, True, False]
    first = rows[0]
    assert (first["warehouse_name"], first["warehouse_type"]) == ("w", "SERVERLESS")
    assert (first["auto_stop_minutes"], first["warehouse_channel"]) == (20, "CURRENT")
    assert dict(first["tags"]) == {"team": "data"}
    assert first["created_by"] == workspace.client().current_user.me().user_name
    assert events(admin, made.id or "") == STARTS + STOPS


def test_a_warehouse_is_started_by_its_first_statement(workspace: Workspace) -> None:
    api = workspace.client().warehouses
    assert api.get(workspace.warehouse_id).state is State.STOPPED
    with workspace.connect() as connection:
        sql = Sql(connection)
        assert events(sql, workspace.warehouse_id) == STARTS
        assert api.get(workspace.warehouse_id).state is State.RUNNING
        api.stop_and_wait(workspace.warehouse_id)
        # The session is still there: its next statement starts the warehouse again.
        assert events(sql, workspace.warehouse_id) == STARTS + STOPS + STARTS


def test_what_has_nothing_to_do_stops_after_its_minutes(tmp_path: Path) -> None:
    with WorkspaceServer(tmp_path) as server:
        warehouses = server.workspace.warehouses
        warehouse_id = server.warehouse_id
        warehouses.use(warehouse_id)
        warehouses.stop_idle(time.monotonic() + 119 * 60)
        assert warehouses.get(warehouse_id).running
        warehouses.stop_idle(time.monotonic() + 121 * 60)
        assert not warehouses.get(warehouse_id).running


def test_usage_is_billed_once_with_the_tags_of_the_warehouse(workspace: Workspace, admin: Sql) -> None:
    api = workspace.client().warehouses
    tags = EndpointTags(custom_tags=[EndpointTagPair("team", "data")])
    made = api.create_and_wait(name="w", cluster_size="Large", tags=tags, enable_serverless_compute=True)
    query = f"SELECT * FROM system.billing.usage WHERE usage_metadata.warehouse_id = '{made.id}'"
    api.stop_and_wait(made.id or "")
    (first, *more) = admin.records(f"{query} ORDER BY usage_start_time")
    assert admin.records(f"{query} ORDER BY usage_start_time") == [first, *more]
    assert first["sku_name"] == "PREMIUM_SERVERLESS_SQL_COMPUTE_US_EAST_N_VIRGINIA"
    assert (first["usage_unit"], first["usage_type"]) == ("DBU", "COMPUTE_TIME")
    assert (first["record_type"], first["billing_origin_product"]) == ("ORIGINAL", "SQL")
    assert dict(first["custom_tags"]) == {"team": "data"}
    assert first["product_features"]["is_serverless"] is True
    assert first["usage_date"] == first["usage_start_time"].date()
    milliseconds = round((first["usage_end_time"] - first["usage_start_time"]).total_seconds() * 1000)
    assert abs(first["usage_quantity"] - Decimal(40) * milliseconds / 3_600_000) < Decimal("1e-15")
    api.start_and_wait(made.id or "")
    api.stop_and_wait(made.id or "")
    again = admin.records(f"{query} ORDER BY usage_start_time")
    assert again[: 1 + len(more)] == [first, *more]
    assert len({row["record_id"] for row in again}) == len(again) > 1 + len(more)


def test_usage_has_a_price(workspace: Workspace, admin: Sql) -> None:
    api = workspace.client().warehouses
    for number, (kind, serverless) in enumerate([("CLASSIC", False), ("PRO", False), ("PRO", True)]):
        body = {"name": f"w{number}", "warehouse_type": kind, "enable_serverless_compute": serverless}
        made = workspace.client().api_client.do("POST", "/api/2.0/sql/warehouses", body=body)
        assert isinstance(made, dict)
        api.stop_and_wait(made["id"])
    priced = admin(
        "SELECT DISTINCT u.sku_name, p.pricing.effective_list.default FROM system.billing.usage u"
        " LEFT JOIN system.billing.list_prices p ON u.sku_name = p.sku_name AND u.cloud = p.cloud"
        " AND u.usage_unit = p.usage_unit AND u.usage_end_time >= p.price_start_time"
        " AND (p.price_end_time IS NULL OR u.usage_end_time < p.price_end_time) ORDER BY 1"
    )
    assert priced == [
        ("PREMIUM_SERVERLESS_SQL_COMPUTE_US_EAST_N_VIRGINIA", Decimal("0.70")),
        ("PREMIUM_SQL_COMPUTE", Decimal("0.22")),
        ("PREMIUM_SQL_PRO_COMPUTE_US_EAST_N_VIRGINIA", Decimal("0.55")),
    ]


def test_closing_the_workspace_stops_what_runs(tmp_path: Path) -> None:
    with serve(tmp_path / "w") as first, first.connect() as connection:
        Sql(connection)("SELECT 1")
    with serve(tmp_path / "w") as second, second.connect() as connection:
        sql = Sql(connection)
        assert second.warehouse_id == first.warehouse_id
        assert events(sql, second.warehouse_id) == STARTS + STOPS + STARTS
        assert sql("SELECT count(*) > 0 FROM system.billing.usage") == [(True,)]
        assert sql("SELECT count(*) FROM system.compute.warehouses") == [(1,)]
