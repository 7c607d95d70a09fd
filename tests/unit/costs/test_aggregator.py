"""What programs report of their operations, added up."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.core.attribution import attribution
from lakestead.core.errors import ConfigError
from lakestead.costs import (
    DatabricksUnityCatalogCostAggregator,
    create_workspace_cost_context,
    current_workspace,
    get_cost_aggregator,
)
from lakestead.costs.declared import Prices
from lakestead.costs.rates import WAREHOUSE_DBUS

HOUR = 3_600_000


@pytest.fixture
def aggregator() -> DatabricksUnityCatalogCostAggregator:
    return DatabricksUnityCatalogCostAggregator()


@pytest.mark.parametrize(
    ("size", "kind", "region", "cost"),
    [
        ("2X-Small", "SERVERLESS", "us-east-1", "2.80"),
        ("MEDIUM", "SERVERLESS", "eu-west-1", "21.84"),
        ("2X_SMALL", "PRO", "ap-northeast-1", "3.12"),
        ("4X-Large", "CLASSIC", "us-west-2", "116.16"),
    ],
)
def test_an_hour_of_a_warehouse(
    aggregator: DatabricksUnityCatalogCostAggregator, size: str, kind: str, region: str, cost: str
) -> None:
    made = aggregator.add_sql_warehouse_cost("w", size, HOUR, warehouse_type=kind, region=region)
    assert made.cost == Decimal(cost)
    assert made.currency == "USD"


def test_what_has_no_price_is_listed_and_in_no_sum(aggregator: DatabricksUnityCatalogCostAggregator) -> None:
    aggregator.add_sql_warehouse_cost("w", "Small", HOUR)
    aggregator.add_sql_warehouse_cost("w", "Small", HOUR, region="moon-1")
    aggregator.add_compute_cluster_cost("w", "nobody.knows", 3, HOUR)
    aggregator.add_storage_cost("w", 100)
    summary = aggregator.get_summary()
    assert summary.total_cost == Decimal("8.40")
    assert summary.operation_count == 4
    assert [cost.sku for cost in summary.unpriced] == [
        "PREMIUM_SERVERLESS_SQL_COMPUTE_MOON-1",
        "PREMIUM_JOBS_COMPUTE on nobody.knows",
        "STORAGE",
    ]


def test_declared_prices_fill_the_gaps() -> None:
    declared = Prices.model_validate(
        {
            "currency": "USD",
            "nodes": {"nobody.knows": "2.5"},
            "storage_gb_month": "0.03",
            "list": [
                {"sku": "PREMIUM_SERVERLESS_SQL_COMPUTE_MOON-1", "price": "2"},
                {"sku": "PREMIUM_JOBS_COMPUTE", "price": "99"},
            ],
        }
    )
    aggregator = DatabricksUnityCatalogCostAggregator(declared=declared)
    moon = aggregator.add_sql_warehouse_cost("w", "Small", HOUR, region="moon-1")
    # A listed price goes before a declared one.
    cluster = aggregator.add_compute_cluster_cost("w", "nobody.knows", 4, HOUR)
    storage = aggregator.add_storage_cost("w", 1000, duration_ms=30 * 24 * HOUR)
    assert (moon.cost, cluster.cost, storage.cost) == (Decimal(24), Decimal("1.5"), Decimal(30))


def test_sums_by_what_they_are_asked_by(aggregator: DatabricksUnityCatalogCostAggregator) -> None:
    with attribution(team="a", project="p"):
        aggregator.add_sql_warehouse_cost("one", "2X-Small", HOUR)
        aggregator.add_sql_warehouse_cost("two", "2X-Small", HOUR, team="b", operation="transform")
    aggregator.add_compute_cluster_cost("two", "i3.xlarge", 2, HOUR, workload="ALL_PURPOSE")
    summary = aggregator.get_summary()
    assert aggregator.get_workspace_costs() == {"one": Decimal("2.80"), "two": Decimal("3.90")}
    assert aggregator.get_team_costs() == {
        "a": Decimal("2.80"),
        "b": Decimal("2.80"),
        "unattributed": Decimal("1.10"),
    }
    assert summary.cost_by_project == {"p": Decimal("5.60"), "unattributed": Decimal("1.10")}
    assert summary.cost_by_resource_type == {
        "sql_warehouse": Decimal("5.60"),
        "compute_cluster": Decimal("1.10"),
    }
    assert summary.cost_by_operation == {"query": Decimal("3.90"), "transform": Decimal("2.80")}


def test_contexts_nest_and_end(aggregator: DatabricksUnityCatalogCostAggregator) -> None:
    with create_workspace_cost_context("outer", "etl") as outer:
        aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR)
        with create_workspace_cost_context("inner", "load") as inner:
            assert current_workspace() == "inner"
            aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR)
    aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR)
    assert current_workspace() is None
    assert outer.total_cost == Decimal("5.60")
    assert inner.total_cost == Decimal("2.80")
    assert aggregator.get_summary().total_cost == Decimal("8.40")


def test_threads_share_a_context_they_are_given_and_no_other(
    aggregator: DatabricksUnityCatalogCostAggregator,
) -> None:
    def report() -> None:
        for _ in range(100):
            aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR)

    with create_workspace_cost_context("w", "pool") as context, ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(contextvars.copy_context().run, report)
        stranger = threading.Thread(target=report)
        stranger.start()
        stranger.join()
    assert context.get_summary().operation_count == 800
    assert aggregator.get_summary().operation_count == 900


def test_the_score_falls_with_failures_and_repetitions(
    aggregator: DatabricksUnityCatalogCostAggregator,
) -> None:
    aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR, key="a")
    assert aggregator.get_summary().get_cost_efficiency_score() == 100
    aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR, key="a")
    aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR, failed=True)
    aggregator.add_sql_warehouse_cost("w", "2X-Small", HOUR, key="b")
    assert aggregator.get_summary().get_cost_efficiency_score() == 50


def test_mistakes_are_refused(aggregator: DatabricksUnityCatalogCostAggregator) -> None:
    with pytest.raises(ConfigError, match="unknown size of warehouse 'Hug'"):
        aggregator.add_sql_warehouse_cost("w", "Hug", HOUR)
    with pytest.raises(TypeError, match="tean"):
        aggregator.add_sql_warehouse_cost("w", "Small", HOUR, tean="x")
    with pytest.raises(ValueError, match="not negative"):
        aggregator.add_sql_warehouse_cost("w", "Small", -1)
    aggregator.add_sql_warehouse_cost("w", "Small", 1, cost="1", currency="EUR")
    aggregator.add_sql_warehouse_cost("w", "Small", 1)
    with pytest.raises(ConfigError, match="EUR and USD"):
        aggregator.get_summary()


def test_there_is_one_aggregator() -> None:
    assert get_cost_aggregator() is get_cost_aggregator()
    with create_workspace_cost_context("w", "x") as context:
        get_cost_aggregator().add_sql_warehouse_cost("w", "Small", HOUR)
    assert f"{context.total_cost:.4f}" == "8.4000"
    get_cost_aggregator().reset()
    assert get_cost_aggregator().get_workspace_costs() == {}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["one", "two"]),
            st.sampled_from(sorted(WAREHOUSE_DBUS)),
            st.integers(0, 10 * HOUR),
            st.sampled_from(["a", "b", None]),
        )
    )
)
def test_sums_agree(operations: list[tuple[str, str, int, str | None]]) -> None:
    aggregator = DatabricksUnityCatalogCostAggregator()
    for workspace, size, duration, team in operations:
        aggregator.add_sql_warehouse_cost(workspace, size, duration, team=team)
    summary = aggregator.get_summary()
    places = Decimal("1e-18")
    total = summary.total_cost.quantize(places)
    for sums in (summary.cost_by_workspace, summary.cost_by_team, summary.cost_by_resource_type):
        assert abs(sum(sums.values(), Decimal(0)).quantize(places) - total) <= places
    assert summary.total_duration_ms == sum(duration for _, _, duration, _ in operations)
