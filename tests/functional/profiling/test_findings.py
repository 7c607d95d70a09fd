"""What counts as a finding, and what does not."""

from __future__ import annotations

import pytest

from lakestead.client import Warehouse
from lakestead.profiling.config import Alerting
from lakestead.profiling.findings import Finding, Relations, breaches, moves
from lakestead.profiling.views import Kind, find_metrics, union
from lakestead.profiling.views.unions import relevant
from tests.functional.profiling import planted
from tests.functional.profiling.planted import Planted, Row

LIMITS = Alerting(null_rate_threshold=0.1, row_count_min=50, freshness_hours=24)


def found(
    warehouse: Warehouse, metrics: Planted, finding: Finding, limits: Alerting = LIMITS
) -> list[dict[str, object]]:
    there = find_metrics(warehouse, metrics.targets)
    relations = Relations(*(f"({union(kind, relevant(kind, there))})" for kind in (Kind.PROFILE, Kind.DRIFT)))
    query = breaches(finding, relations, limits)
    assert query is not None
    return warehouse.rows(query)


def profiled(day: int, column: str, count: int, **more: str) -> Row:
    return {"window": planted.window(day), "column_name": f"'{column}'", "count": f"{count}L", **more}


def test_drift_is_large_and_significant_and_of_many_rows(warehouse: Warehouse, metrics: Planted) -> None:
    """A p-value alone is no drift, nor is a large shift of few rows, nor one of an older window."""
    orders = metrics.table("orders")
    columns = ("price", "many", "few", "country", "chance")
    metrics.profile(
        orders,
        [profiled(day, column, 40 if column == "few" else 500) for day in (1, 2, 3) for column in columns]
        + [profiled(day, ":table", 500) for day in (1, 2, 3)]
        + [profiled(3, "price", 300, slice_key="'shop'", slice_value="'Bern'")],
    )
    window = {"window": planted.window(3), "window_cmp": planted.window(2), "count_delta": "-20L"}
    metrics.drift(
        orders,
        [
            {**window, "column_name": "'price'", "ks_test": planted.outcome(0.4, 1e-9)},
            {**window, "column_name": "'price'", "ks_test": planted.outcome(0.5, 1e-9)}
            | {"slice_key": "'shop'", "slice_value": "'Bern'"},
            {**window, "column_name": "'many'", "ks_test": planted.outcome(0.05, 1e-9)},
            {**window, "column_name": "'few'", "ks_test": planted.outcome(0.6, 1e-4)},
            {**window, "column_name": "'chance'", "ks_test": planted.outcome(0.3, 0.2)},
            {**window, "column_name": "'country'", "js_distance": "0.25D"}
            | {"chi_squared_test": planted.outcome(90, 1e-9), "drift_type": "'BASELINE'"},
            {
                **window,
                "window": planted.window(2),
                "column_name": "'many'",
                "ks_test": planted.outcome(0.9, 0),
            },
        ],
    )
    assert [row["finding"] for row in found(warehouse, metrics, Finding.DRIFT)] == [
        "main.shop.orders, price, 2026-01-03 00:00 to 2026-01-04 00:00, shop = Bern:"
        " ks_test 0.5 against the window before, 300 values against 320",
        "main.shop.orders, price, 2026-01-03 00:00 to 2026-01-04 00:00:"
        " ks_test 0.4 against the window before, 500 values against 520",
        "main.shop.orders, country, 2026-01-03 00:00 to 2026-01-04 00:00:"
        " js_distance 0.25 against the baseline, 500 values against 520",
    ]


def test_excluded_columns_and_windows_of_few_rows_are_not_judged(
    warehouse: Warehouse, metrics: Planted
) -> None:
    """The newest window that is judged is the newest with enough rows."""
    orders = metrics.table("orders")
    columns = ("price", "month", "ship_day", "ship%day")
    metrics.profile(
        orders,
        [profiled(day, column, 500) for day in (2, 3) for column in (*columns, ":table")]
        + [profiled(4, ":table", 3)],
    )
    window = {"window": planted.window(3), "window_cmp": planted.window(2), "count_delta": "0L"}
    metrics.drift(
        orders,
        [{**window, "column_name": f"'{name}'", "ks_test": planted.outcome(0.4, 1e-9)} for name in columns],
    )

    def drifted(*excluded: str) -> set[object]:
        limits = Alerting(exclude_columns=excluded)
        return {row["column_name"] for row in found(warehouse, metrics, Finding.DRIFT, limits)}

    assert drifted() == set(columns)
    assert drifted("month", "ship_*") == {"price", "ship%day"}
    assert drifted("main.shop.orders.*") == set()
    assert drifted("main.shop.other.*", "ship%day") == {"price", "month", "ship_day"}


def test_nulls_rows_and_freshness(warehouse: Warehouse, metrics: Planted) -> None:
    """Each limit finds what breaks it in the newest window."""
    orders, returns = metrics.table("orders"), metrics.table("returns")
    metrics.profile(
        orders,
        [
            profiled(1, ":table", 10),
            profiled(2, ":table", 60),
            profiled(2, "price", 30, num_nulls="30L", percent_null="50D"),
            profiled(2, "tax", 60, num_nulls="3L", percent_null="5D"),
        ],
    )
    metrics.profile(returns, [profiled(2, ":table", 49)])
    nulls = found(warehouse, metrics, Finding.NULLS)
    assert [(row["column_name"], row["value"], row["limit_value"]) for row in nulls] == [("price", 0.5, 0.1)]
    assert str(nulls[0]["finding"]).endswith(": 50.0 % nulls, at most 10 % expected")
    (rows,) = found(warehouse, metrics, Finding.ROWS)
    assert (rows["source_table_name"], rows["value"]) == ("main.shop.returns", 49.0)
    stale = found(warehouse, metrics, Finding.FRESHNESS)
    assert [row["source_table_name"] for row in stale] == ["main.shop.orders", "main.shop.returns"]
    assert "hours ago, at most 24 expected" in str(stale[0]["finding"])


def test_quality_falls_against_the_better_of_first_and_previous(
    warehouse: Warehouse, metrics: Planted
) -> None:
    """A slow decline is found as well as a sudden one."""
    quality = {"profile": {"model_version": "string", "accuracy_score": "double", "log_loss": "double"}}
    churn = metrics.table("churn", kind="INFERENCE", **quality)
    metrics.profile(
        churn,
        [
            profiled(
                day, ":table", 200, model_version=model, accuracy_score=f"{accuracy}D", log_loss=f"{loss}D"
            )
            for day, accuracy, loss in ((1, 0.9, 0.3), (2, 0.85, 0.31), (3, 0.8, 0.32))
            for model in ("'*'", "'7'", "'8'")
        ],
    )
    there = find_metrics(warehouse, metrics.targets)
    performance = f"({union(Kind.PERFORMANCE, relevant(Kind.PERFORMANCE, there))})"
    query = breaches(
        Finding.PERFORMANCE, Relations(f"({union(Kind.PROFILE, there)})", performance=performance), Alerting()
    )
    assert query is not None
    rows = warehouse.rows(query)
    assert [(row["measure"], row["slice"]) for row in rows] == [
        ("accuracy_score", "model = 7"),
        ("accuracy_score", "model = 8"),
        ("accuracy_score", "all rows"),
    ]
    assert rows[0]["value"] == pytest.approx(0.8)
    assert "0.8, 11.1 % worse than 0.9" in rows[0]["finding"]


def test_what_moved(warehouse: Warehouse, metrics: Planted) -> None:
    """Shares and deciles before and now, of when a column drifted; the baseline has no window."""
    orders = metrics.table("orders")
    low, high = planted.grid(0, 10), planted.grid(10, 20)
    country = {day: planted.items({"CH": 90 - day * 30, "DE": 10 + day * 30}) for day in (1, 2)}
    metrics.profile(
        orders,
        [profiled(day, "country", 100, frequent_items=country[day]) for day in (1, 2)]
        + [profiled(day, "price", 100, quantiles=high if day == 2 else low) for day in (1, 2)]
        + [profiled(2, "price", 50, quantiles=low, slice_key="'shop'", slice_value="'Bern'")]
        + [
            {"column_name": "'price'", "log_type": "'BASELINE'", "granularity": "NULL", "count": "100L"}
            | {"quantiles": planted.grid(0, 5)}
        ],
    )
    window = {"window": planted.window(2), "count_delta": "0L"}
    metrics.drift(
        orders,
        [
            {**window, "window_cmp": planted.window(1), "column_name": "'country'", "js_distance": "0.5D"},
            {
                **window,
                "drift_type": "'BASELINE'",
                "column_name": "'price'",
                "ks_test": planted.outcome(1, 0),
            },
        ],
    )
    there = find_metrics(warehouse, metrics.targets)
    relations = Relations(*(f"({union(kind, there)})" for kind in (Kind.PROFILE, Kind.DRIFT)))
    rows = warehouse.rows(f"SELECT * FROM ({moves(relations, LIMITS)}) ORDER BY column_name, what")
    assert [(row["what"], row["earlier"], row["now"]) for row in rows[:2]] == [
        ("CH", "60.0 %", "30.0 %"),
        ("DE", "40.0 %", "70.0 %"),
    ]
    assert len(rows) == 11
    assert rows[6]["what"] == "50 % of the values up to"
    assert (float(rows[6]["earlier"]), float(rows[6]["now"])) == pytest.approx((2.5, 15), abs=0.01)
