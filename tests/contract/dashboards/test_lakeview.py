from __future__ import annotations

import json

import pytest
from databricks.sdk.errors import (
    DatabricksError,
    InvalidParameterValue,
    NotFound,
    NotImplemented,
    PermissionDenied,
    ResourceAlreadyExists,
    ResourceConflict,
)
from databricks.sdk.service.dashboards import Dashboard, LifecycleState
from databricks.sdk.service.sql import (
    AlertV2,
    AlertV2Evaluation,
    AlertV2Operand,
    AlertV2OperandColumn,
    AlertV2OperandValue,
    ComparisonOperator,
    CreateQueryRequestQuery,
    CronSchedule,
)

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql
from tests.contract.dashboards.documents import dataset, page, query, serialized, text, widget


def orders(schema: str) -> str:
    """A dashboard of a table of orders, as an exported one looks."""
    total = query("orders", ("sum(amount)", "SUM(`amount`)"), ("count(*)", "COUNT(`*`)"))
    return serialized(
        [dataset("orders", "SELECT *\n", f"FROM {schema}.orders -- all of them\n", ";")],
        page(
            "overview",
            text("head", "# Orders", at=(0, 0, 6, 1)),
            widget("total", "counter", {"value": {"fieldName": "sum(amount)"}}, total, at=(0, 1, 2, 2)),
            widget(
                "by-region",
                "filter-multi-select",
                {"fields": [{"fieldName": "region", "queryName": "regions"}]},
                query(
                    "orders",
                    "region",
                    ("region_associativity", "COUNT_IF(`associative_filter_predicate_group`)"),
                    name="regions",
                ),
                at=(2, 1, 2, 1),
            ),
        ),
    )


def test_a_dashboard_from_its_making_to_the_trash(
    workspace_session: Workspace, sql: Sql, schema: str
) -> None:
    sql(f"CREATE TABLE {schema}.orders AS SELECT 'north' AS region, 10.5 AS amount")
    w = workspace_session.client()
    folder = f"/Shared/{schema}"
    w.workspace.mkdirs(folder)
    document = orders(schema)
    made = w.lakeview.create(
        Dashboard(display_name="Orders", parent_path=f"/Workspace{folder}", serialized_dashboard=document)
    )
    assert made.dashboard_id
    got = w.lakeview.get(made.dashboard_id)
    assert (got.path, got.lifecycle_state) == (f"{folder}/Orders.lvdash.json", LifecycleState.ACTIVE)
    assert json.loads(got.serialized_dashboard or "") == json.loads(document)
    assert w.workspace.get_status(got.path or "").resource_id == made.dashboard_id
    with pytest.raises(ResourceAlreadyExists):
        w.lakeview.create(Dashboard(display_name="Orders", parent_path=folder))

    renamed = w.lakeview.update(made.dashboard_id, Dashboard(display_name="Sales", etag=got.etag))
    assert renamed.path == f"{folder}/Sales.lvdash.json"
    assert renamed.etag != got.etag
    with pytest.raises(ResourceConflict, match="has changed"):
        w.lakeview.update(made.dashboard_id, Dashboard(display_name="Mine", etag=got.etag))

    with pytest.raises(NotFound):
        w.lakeview.get_published(made.dashboard_id)
    shown = w.lakeview.publish(made.dashboard_id, embed_credentials=True)
    assert (shown.display_name, shown.embed_credentials) == ("Sales", True)
    w.lakeview.update(made.dashboard_id, Dashboard(display_name="Draft"))
    assert w.lakeview.get_published(made.dashboard_id).display_name == "Sales"
    w.lakeview.unpublish(made.dashboard_id)

    w.lakeview.trash(made.dashboard_id)
    assert list(w.workspace.list(folder)) == []
    assert w.lakeview.get(made.dashboard_id).lifecycle_state is LifecycleState.TRASHED
    assert made.dashboard_id not in {one.dashboard_id for one in w.lakeview.list(page_size=2)}
    assert made.dashboard_id in {one.dashboard_id for one in w.lakeview.list(page_size=2, show_trashed=True)}
    with pytest.raises(NotImplemented):
        w.lakeview.migrate("legacy")


def test_all_that_is_wrong_is_said_at_once(workspace_session: Workspace, schema: str) -> None:
    asked = query("good", "a", ("missing", "`nowhere`"))
    wrong = serialized(
        [dataset("good", "SELECT 1 AS a"), dataset("bad", f"SELECT * FROM {schema}.nothing")],
        page(
            "first",
            widget("one", "counter", {"value": {"fieldName": "a"}}, asked, at=(0, 0, 1, 1)),
            widget(
                "two",
                "bar",
                {"x": {"fieldName": "a"}},
                query("good", "a", ("b", "FROBNICATE(`a`)")),
                at=(1, 0, 1, 1),
            ),
        ),
    )
    w = workspace_session.client()
    with pytest.raises(InvalidParameterValue) as data:
        w.lakeview.create(Dashboard(display_name="wrong", serialized_dashboard=wrong))
    assert "dataset 'Bad': [TABLE_OR_VIEW_NOT_FOUND]" in str(data.value)
    assert "page 'First', widget 'one': field 'missing'" in str(data.value)
    assert "page 'First', widget 'two': its fields do not resolve" in str(data.value)

    shapeless = serialized(
        [dataset("good", "SELECT 1 AS a"), dataset("good")],
        page(
            "first",
            widget("one", "counter", {"value": {"fieldName": "b"}}, query("other", "a"), at=(0, 0, 1, 1)),
            widget("one", "bar", {"x": {"fieldName": "c"}}, query("good", "a"), at=(0, 0, 1, 1)),
        ),
    )
    with pytest.raises(InvalidParameterValue) as shape:
        w.lakeview.create(Dashboard(display_name="wrong", serialized_dashboard=shapeless))
    for problem in (
        "dataset name 'good' is used 2 times",
        "widget name 'one' is used 2 times",
        "neither queryLines nor query",
        "there is no dataset 'other'",
        "the field 'c', which its query has not; fields: 'a'",
    ):
        assert problem in str(shape.value)
    with pytest.raises(InvalidParameterValue, match="Invalid JSON"):
        w.lakeview.create(Dashboard(display_name="wrong", serialized_dashboard="{"))
    assert not [one for one in w.lakeview.list() if one.display_name == "wrong"]


def test_a_draft_is_its_owners_and_what_is_published_is_everybodys(
    workspace_session: Workspace, sql: Sql, schema: str, reader: Reader
) -> None:
    sql(f"CREATE TABLE {schema}.orders AS SELECT 'north' AS region, 10.5 AS amount")
    w = workspace_session.client()
    made = w.lakeview.create(Dashboard(display_name=schema, serialized_dashboard=orders(schema)))
    assert made.dashboard_id
    try:
        with pytest.raises(PermissionDenied):
            reader.client.lakeview.get(made.dashboard_id)
        assert made.dashboard_id not in {one.dashboard_id for one in reader.client.lakeview.list()}
        w.lakeview.publish(made.dashboard_id)
        assert reader.client.lakeview.get_published(made.dashboard_id).display_name == schema
        assert made.dashboard_id in {one.dashboard_id for one in reader.client.lakeview.list()}
        for forbidden in (reader.client.lakeview.publish, reader.client.lakeview.trash):
            with pytest.raises(PermissionDenied):
                forbidden(made.dashboard_id)
        with pytest.raises(PermissionDenied):
            reader.client.lakeview.create(
                Dashboard(display_name="mine", parent_path="/Users/admin@lakestead.local")
            )
        own = reader.client.lakeview.create(Dashboard(display_name="mine"))
        assert own.parent_path == f"/Users/{reader.name}"
        assert own.dashboard_id
        reader.client.lakeview.trash(own.dashboard_id)
        with pytest.raises(DatabricksError, match="is in the trash"):
            reader.client.lakeview.publish(own.dashboard_id)
    finally:
        w.lakeview.trash(made.dashboard_id)


def test_a_folder_goes_with_the_dashboards_alerts_and_queries_in_it(
    workspace_session: Workspace, schema: str, reader: Reader
) -> None:
    w = workspace_session.client()
    folder = f"/Shared/{schema}"
    w.workspace.mkdirs(f"{folder}/deep")
    mine = w.lakeview.create(Dashboard(display_name="mine", parent_path=f"{folder}/deep"))
    query = CreateQueryRequestQuery(
        display_name="q",
        query_text="SELECT 1 AS n",
        warehouse_id=workspace_session.warehouse_id,
        parent_path=folder,
    )
    saved = w.queries.create(query=query)
    above = AlertV2Evaluation(
        comparison_operator=ComparisonOperator.GREATER_THAN,
        source=AlertV2OperandColumn(name="n"),
        threshold=AlertV2Operand(value=AlertV2OperandValue(double_value=5)),
    )
    alert = w.alerts_v2.create_alert(
        AlertV2(
            display_name="a",
            query_text="SELECT 1 AS n",
            warehouse_id=workspace_session.warehouse_id,
            parent_path=folder,
            evaluation=above,
            schedule=CronSchedule(quartz_cron_schedule="0 0 9 * * ?", timezone_id="UTC"),
        )
    )
    # All or nothing: the dashboard in it is another's.
    with pytest.raises(PermissionDenied):
        reader.client.workspace.delete(folder, recursive=True)
    assert w.lakeview.get(mine.dashboard_id or "").lifecycle_state is LifecycleState.ACTIVE
    w.workspace.delete(folder, recursive=True)
    with pytest.raises(NotFound):
        w.workspace.get_status(folder)
    assert w.lakeview.get(mine.dashboard_id or "").lifecycle_state is LifecycleState.TRASHED
    assert alert.id not in {one.id for one in w.alerts_v2.list_alerts()}
    assert saved.id not in {one.id for one in w.queries.list()}
