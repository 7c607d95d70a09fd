"""Graphs and impact from what the workspace itself recorded of statements that really ran."""

from __future__ import annotations

import pytest

from lakestead.client import Warehouse
from lakestead.govern import DatabricksGovernanceMonitor
from lakestead.govern.lineage.edges import Node
from lakestead.govern.lineage.impact import Kind


@pytest.fixture
def monitor(warehouse: Warehouse) -> DatabricksGovernanceMonitor:
    return DatabricksGovernanceMonitor("one", warehouse=warehouse)


@pytest.fixture
def sales(warehouse: Warehouse, catalog: str) -> str:
    """A schema: orders → totals → report (a view)."""
    schema = f"{catalog}.s"
    for statement in (
        f"CREATE TABLE {schema}.orders (id INT, price INT, tax INT, region STRING)",
        f"CREATE TABLE {schema}.totals AS SELECT id, price + tax AS total FROM {schema}.orders",
        f"CREATE VIEW {schema}.report AS SELECT sum(total) AS all_of_it FROM {schema}.totals",
    ):
        warehouse.execute(statement).close()
    return schema


def test_statements_that_ran(monitor: DatabricksGovernanceMonitor, sales: str) -> None:
    graph = monitor.get_lineage_graph(f"{sales}.orders", direction="downstream")
    assert graph.distances(f"{sales}.orders") == {
        Node(f"{sales}.orders"): 0,
        Node(f"{sales}.totals"): 1,
        Node(f"{sales}.report"): 2,
    }
    assert graph.types[Node(f"{sales}.report")] == "VIEW"
    assert not any(graph.is_missing(one) for one in graph.nodes)
    columns = monitor.get_lineage_graph(f"{sales}.report.all_of_it", direction="upstream")
    assert {str(one).removeprefix(sales) for one in columns.nodes} == {
        ".report.all_of_it",
        ".totals.total",
        ".orders.price",
        ".orders.tax",
    }


def test_a_dropped_table_is_marked(
    monitor: DatabricksGovernanceMonitor, warehouse: Warehouse, sales: str
) -> None:
    warehouse.execute(f"DROP TABLE {sales}.orders").close()
    graph = monitor.get_lineage_graph(f"{sales}.totals", direction="upstream")
    assert [str(one) for one in graph.nodes if graph.is_missing(one)] == [f"{sales}.orders"]


def test_impact_of_a_column(monitor: DatabricksGovernanceMonitor, warehouse: Warehouse, sales: str) -> None:
    warehouse.rows(f"SELECT max(price) FROM {sales}.orders")
    warehouse.rows(f"SELECT max(id) FROM {sales}.orders")
    done = monitor.impact(f"{sales}.orders.price")
    # Other tests may have run statements on tables of the same name without saying which schema's they are.
    ours = [one for one in done.broken if one.kind is not Kind.QUERY or sales in one.name or one.certain]
    found = {(one.kind, one.name.removeprefix(sales)) for one in ours}
    assert found == {
        (Kind.COLUMN, ".totals.total"),
        (Kind.COLUMN, ".report.all_of_it"),
        (Kind.QUERY, f"SELECT max(price) FROM {sales}.orders"),
        (Kind.QUERY, f"CREATE TABLE {sales}.totals AS SELECT id, price + tax AS total FROM {sales}.orders"),
    }
    assert [one for one in done.unseen if not one.startswith("monitors")] == []


def test_masks_and_row_filters(
    monitor: DatabricksGovernanceMonitor, warehouse: Warehouse, sales: str
) -> None:
    for statement in (
        f"CREATE FUNCTION {sales}.hide(price INT, region STRING) RETURNS INT"
        " RETURN CASE WHEN region = 'EU' THEN price END",
        f"CREATE FUNCTION {sales}.ours(region STRING) RETURNS BOOLEAN RETURN region = 'EU'",
        f"ALTER TABLE {sales}.orders ALTER COLUMN price SET MASK {sales}.hide USING COLUMNS (region)",
        f"ALTER TABLE {sales}.orders SET ROW FILTER {sales}.ours ON (region)",
    ):
        warehouse.execute(statement).close()
    kinds = (Kind.MASK, Kind.ROW_FILTER)
    region = [one for one in monitor.impact(f"{sales}.orders.region").broken if one.kind in kinds]
    assert [(one.kind, one.why) for one in region] == [
        (Kind.MASK, "it masks price by it"),
        (Kind.ROW_FILTER, "it filters rows by it"),
    ]
    price = [one for one in monitor.impact(f"{sales}.orders.price").broken if one.kind in kinds]
    assert [(one.kind, one.why) for one in price] == [(Kind.MASK, "it masks the column")]
    assert [one for one in monitor.impact(f"{sales}.orders.tax").broken if one.kind in kinds] == []
