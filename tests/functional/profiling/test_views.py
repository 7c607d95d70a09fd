"""Unified views over metric tables of different columns."""

from __future__ import annotations

import pytest

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.profiling.targets import Target
from lakestead.profiling.views import Kind, ViewChanges, build, find_metrics
from tests.functional.profiling import planted
from tests.functional.profiling.planted import Planted


def built(warehouse: Warehouse, metrics: Planted, targets: list[Target]) -> ViewChanges:
    catalog, schema = metrics.schema.split(".")
    return build(warehouse, catalog, schema, "/Shared/here", find_metrics(warehouse, targets))


def test_views_hold_all_tables_of_their_groups_and_follow_them(
    warehouse: Warehouse, metrics: Planted
) -> None:
    """Columns that a table lacks are NULL; stale groups lose their views; what is right is left alone."""
    orders = metrics.table("orders", "sales", profile={"net": "int"})
    returns = metrics.table("returns", "sales", profile={"net": "double"}, drift={"odd": "string"})
    churn = metrics.table("churn", "ML team", "INFERENCE", profile=planted.QUALITY)
    for number, target in enumerate(metrics.targets):
        metrics.profile(
            target,
            [
                {"window": planted.window(day), "column_name": "':table'", "count": f"{100 + number}L"}
                | ({"model_version": "'*'", "accuracy_score": "0.9D"} if target is churn else {})
                for day in (1, 2)
            ]
            # What an earlier definition of the monitor gave does not count any more.
            + [{"window": planted.window(9), "column_name": "':table'", "monitor_version": "0L"}],
        )
    metrics.drift(
        returns,
        [
            {
                "window": planted.window(2),
                "column_name": "'price'",
                "ks_test": planted.outcome(0.3),
                "js_distance": "NULL",
            }
        ],
    )

    first = built(warehouse, metrics, metrics.targets)
    assert sorted(first.groups) == ["ML team", "sales"]
    sales, models = first.groups["sales"], first.groups["ML team"]
    assert sales.name(Kind.DRIFT) == "unified_drift_metrics_sales"
    assert (sales.kinds, models.kinds) == ({Kind.DRIFT, Kind.PROFILE}, set(Kind))
    assert len(first.written) == 5

    profile = warehouse.rows(
        "SELECT source_table_name, owner, priority, tags['domain'] AS domain,"
        " count(*) AS n, max(count) AS count"
        f" FROM {sales.quoted(Kind.PROFILE)} GROUP BY ALL ORDER BY 1"
    )
    assert profile == [
        {
            "source_table_name": name,
            "owner": "Ada",
            "priority": 5,
            "domain": "it's sales",
            "n": 2,
            "count": count,
        }
        for name, count in (("main.shop.orders", 100), ("main.shop.returns", 101))
    ]
    assert warehouse.rows(f"SELECT drift_statistic, drift_score, odd FROM {sales.quoted(Kind.DRIFT)}") == [
        {"drift_statistic": "ks_test", "drift_score": 0.3, "odd": None}
    ]
    assert warehouse.rows(
        f"SELECT DISTINCT model_id, metric, value, better FROM {models.quoted(Kind.PERFORMANCE)}"
    ) == [{"model_id": "*", "metric": "accuracy_score", "value": 0.9, "better": "higher"}]

    again = built(warehouse, metrics, metrics.targets)
    assert (again.written, sorted(again.unchanged)) == ([], sorted(first.written))

    fewer = built(warehouse, metrics, [orders])
    assert sorted(fewer.removed) == sorted(models.full_name(kind) for kind in Kind)
    assert warehouse.rows(f"SELECT DISTINCT source_table_name AS t FROM {sales.quoted(Kind.PROFILE)}") == [
        {"t": "main.shop.orders"}
    ]


def test_a_view_that_is_not_ours_is_not_replaced(warehouse: Warehouse, metrics: Planted) -> None:
    """Somebody's own view may have the name."""
    metrics.table("orders", "sales")
    warehouse.rows(f"CREATE VIEW {metrics.schema}.unified_profile_metrics_sales AS SELECT 1 AS one")
    with pytest.raises(ConfigError, match="not a view that lakestead made"):
        built(warehouse, metrics, metrics.targets)
    assert warehouse.rows(f"SELECT * FROM {metrics.schema}.unified_profile_metrics_sales") == [{"one": 1}]


def test_hundreds_of_tables_are_views_of_views(warehouse: Warehouse, metrics: Planted) -> None:
    """A statement of hundreds of tables would be too long."""
    target = metrics.target("orders", "sales")
    few = "monitor_version BIGINT, count BIGINT"
    warehouse.rows(f"CREATE TABLE {target.profile_metrics_table} ({few})")
    warehouse.rows(f"INSERT INTO {target.profile_metrics_table} VALUES (1, 7)")
    changes = built(warehouse, metrics, [target] * 51)
    view = changes.groups["sales"]
    assert f"{metrics.schema}.{view.part(Kind.PROFILE, 2)}" in changes.written
    assert warehouse.rows(f"SELECT count(*) AS n, sum(count) AS rows FROM {view.quoted(Kind.PROFILE)}") == [
        {"n": 51, "rows": 357}
    ]
