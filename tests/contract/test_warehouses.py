"""SQL warehouses by the SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from databricks.sdk.errors import (
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
    ResourceAlreadyExists,
)
from databricks.sdk.service.sql import (
    Channel,
    ChannelName,
    CreateWarehouseRequestWarehouseType,
    EndpointTagPair,
    EndpointTags,
    SpotInstancePolicy,
    State,
    StatementState,
)
from databricks.sql.exc import RequestError

from lakestead.testing import Workspace


def test_a_workspace_starts_with_a_warehouse_that_runs_when_it_is_used(workspace: Workspace) -> None:
    client = workspace.client()
    warehouse = client.warehouses.get(workspace.warehouse_id)
    assert warehouse.state is State.STOPPED
    assert warehouse.num_clusters == 0
    assert warehouse.creator_name
    client.statement_execution.execute_statement("SELECT 1", workspace.warehouse_id)
    warehouse = client.warehouses.get(workspace.warehouse_id)
    assert warehouse.state is State.RUNNING
    assert warehouse.num_clusters == 1


def test_how_drivers_reach_it(workspace_session: Workspace) -> None:
    warehouse = workspace_session.client().warehouses.get(workspace_session.warehouse_id)
    assert warehouse.odbc_params is not None
    assert warehouse.odbc_params.path == workspace_session.http_path
    host, port = workspace_session.host.removeprefix("http://").split(":")
    assert (warehouse.odbc_params.hostname, warehouse.odbc_params.port) == (host, int(port))
    assert warehouse.jdbc_url is not None
    assert f"httpPath={workspace_session.http_path};" in warehouse.jdbc_url


def test_create_edit_delete(workspace: Workspace) -> None:
    api = workspace.client().warehouses
    made = api.create_and_wait(
        name="reports",
        cluster_size="Small",
        min_num_clusters=1,
        max_num_clusters=3,
        auto_stop_mins=15,
        enable_photon=False,
        warehouse_type=CreateWarehouseRequestWarehouseType.PRO,
        spot_instance_policy=SpotInstancePolicy.RELIABILITY_OPTIMIZED,
        channel=Channel(name=ChannelName.CHANNEL_NAME_PREVIEW),
        tags=EndpointTags(custom_tags=[EndpointTagPair("team", "eng")]),
    )
    assert made.id
    assert made.state is State.RUNNING
    assert (made.name, made.cluster_size, made.max_num_clusters) == ("reports", "Small", 3)
    assert (made.auto_stop_mins, made.enable_photon) == (15, False)
    assert made.tags is not None
    assert made.tags.custom_tags == [EndpointTagPair("team", "eng")]
    api.edit(made.id, name="figures", cluster_size="Large")
    edited = api.get(made.id)
    assert (edited.name, edited.cluster_size, edited.max_num_clusters) == ("figures", "Large", 3)
    assert sorted(one.name or "" for one in api.list()) == ["Starter Warehouse", "figures"]
    api.delete(made.id)
    with pytest.raises(NotFound, match=f"SQL warehouse {made.id} does not exist"):
        api.get(made.id)
    assert [one.name for one in api.list()] == ["Starter Warehouse"]


def test_defaults(workspace: Workspace) -> None:
    made = workspace.client().warehouses.create_and_wait(name="plain")
    assert (made.cluster_size, made.auto_stop_mins, made.enable_photon) == ("2X-Small", 120, True)
    assert (made.min_num_clusters, made.max_num_clusters) == (1, 1)


def test_names_are_unique(workspace: Workspace) -> None:
    api = workspace.client().warehouses
    made = api.create_and_wait(name="one")
    with pytest.raises(ResourceAlreadyExists, match="SQL warehouse with name `one` already exists"):
        api.create(name="one")
    with pytest.raises(ResourceAlreadyExists):
        api.edit(workspace.warehouse_id, name="one")
    api.edit(made.id or "", name="one")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 100}, "name"),
        ({"name": "a", "cluster_size": "Gigantic"}, "cluster_size"),
        ({"name": "a", "min_num_clusters": 3, "max_num_clusters": 2}, "min_num_clusters"),
        ({"name": "a", "max_num_clusters": 41}, "max_num_clusters"),
        ({"name": "a", "auto_stop_mins": 5}, "auto_stop_mins"),
        ({"name": "a", "auto_stop_mins": -1}, "auto_stop_mins"),
        ({"name": "a", "instance_profile_arn": "arn:aws:iam::1:x"}, "instance_profile_arn"),
        ({"name": "a", "max_dbu": 3}, "max_dbu"),
        (
            {
                "name": "a",
                "enable_serverless_compute": True,
                "warehouse_type": CreateWarehouseRequestWarehouseType.CLASSIC,
            },
            "enable_serverless_compute",
        ),
    ],
)
def test_what_a_warehouse_cannot_be(
    workspace_session: Workspace, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidParameterValue, match=message):
        workspace_session.client().warehouses.create(**options)


def test_stop_and_start(workspace: Workspace) -> None:
    api = workspace.client().warehouses
    assert api.stop_and_wait(workspace.warehouse_id).state is State.STOPPED
    assert api.get(workspace.warehouse_id).num_clusters == 0
    assert api.start_and_wait(workspace.warehouse_id).state is State.RUNNING


def test_a_statement_starts_a_stopped_warehouse(workspace: Workspace) -> None:
    client = workspace.client()
    client.warehouses.stop_and_wait(workspace.warehouse_id)
    response = client.statement_execution.execute_statement("SELECT 1", workspace.warehouse_id)
    assert response.status is not None
    assert response.status.state is StatementState.SUCCEEDED
    assert client.warehouses.get(workspace.warehouse_id).state is State.RUNNING
    client.warehouses.stop_and_wait(workspace.warehouse_id)
    with workspace.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert client.warehouses.get(workspace.warehouse_id).state is State.RUNNING


def test_to_stop_a_warehouse_cancels_what_runs_on_it(workspace: Workspace) -> None:
    client = workspace.client()
    running = client.statement_execution.execute_statement(
        "SELECT sum(id) FROM range(1000000000000)", workspace.warehouse_id, wait_timeout="0s"
    )
    client.warehouses.stop_and_wait(workspace.warehouse_id)
    states = (StatementState.PENDING, StatementState.RUNNING)
    while True:
        status = client.statement_execution.get_statement(running.statement_id or "").status
        assert status is not None
        if status.state not in states:
            break
    assert status.state is StatementState.CANCELED


def test_a_deleted_warehouse_is_gone_for_every_protocol(workspace: Workspace) -> None:
    client = workspace.client()
    made = client.warehouses.create_and_wait(name="short-lived")
    warehouse_id = made.id or ""
    client.statement_execution.execute_statement("SELECT 1", warehouse_id)
    client.warehouses.delete(warehouse_id)
    with pytest.raises(NotFound, match="does not exist"):
        client.statement_execution.execute_statement("SELECT 1", warehouse_id)
    with pytest.raises(NotFound, match="does not exist"):
        client.warehouses.start(warehouse_id)
    uri = f"{workspace.host}/sql/1.0/warehouses/{warehouse_id}"
    with pytest.raises(RequestError, match="does not exist"):
        workspace.connect(_connection_uri=uri)


def test_pages(workspace: Workspace) -> None:
    api = workspace.client().warehouses
    for name in "abcd":
        api.create(name=name)
    assert [one.name for one in api.list(page_size=2)] == ["Starter Warehouse", *"abcd"]


def test_who_may_do_what(workspace: Workspace, robot: Callable[[], Any]) -> None:
    api = robot().client.warehouses
    assert [one.id for one in api.list()] == [workspace.warehouse_id]
    with pytest.raises(PermissionDenied, match="Only workspace admins"):
        api.create(name="mine")
    for forbidden in (
        lambda: api.edit(workspace.warehouse_id, name="mine"),
        lambda: api.stop(workspace.warehouse_id),
        lambda: api.delete(workspace.warehouse_id),
    ):
        with pytest.raises(PermissionDenied, match="does not have CAN_MANAGE"):
            forbidden()
    workspace.client().warehouses.stop_and_wait(workspace.warehouse_id)
    assert api.start_and_wait(workspace.warehouse_id).state is State.RUNNING


@pytest.mark.parametrize("warehouse_id", ["nonsense", "ABCDEF0123456789", "0" * 17])
def test_what_is_no_id(workspace_session: Workspace, warehouse_id: str) -> None:
    with pytest.raises(InvalidParameterValue, match="is not a valid endpoint id"):
        workspace_session.client().warehouses.get(warehouse_id)


def test_the_configuration_of_all(workspace_session: Workspace) -> None:
    config = workspace_session.client().warehouses.get_workspace_warehouse_config()
    assert config.enabled_warehouse_types


def test_a_workspace_without_warehouses_starts_with_a_new_one(tmp_path: Any) -> None:
    from lakestead.testing import serve

    with serve(tmp_path) as first:
        first.client().warehouses.delete(first.warehouse_id)
    with serve(tmp_path) as second:
        assert [one.id for one in second.client().warehouses.list()] == [second.warehouse_id]
        assert second.warehouse_id != first.warehouse_id
