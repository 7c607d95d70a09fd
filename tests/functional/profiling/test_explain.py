"""Why a column drifted: the right values, and the right slices."""

from __future__ import annotations

import datetime as dt

import pytest

from lakestead.client import Warehouse
from lakestead.profiling.explain import explain, find_drifts
from lakestead.profiling.views import find_metrics
from tests.functional.profiling import planted
from tests.functional.profiling.planted import Planted, Row


def rows(day: int, column: str, values: dict[str | None, tuple[int, str]], field: str) -> list[Row]:
    """Profiles of a column by airline; None is all rows."""
    return [
        {"window": planted.window(day), "column_name": f"'{column}'", "count": f"{count}L", field: value}
        | ({"slice_key": "'airline'", "slice_value": f"'{airline}'"} if airline else {})
        for airline, (count, value) in values.items()
    ]


def test_numbers_that_moved_and_the_slice_that_moved_them(warehouse: Warehouse, metrics: Planted) -> None:
    """AA's delays doubled, and B6 only grew: AA carries the drift."""
    flights = metrics.table("flights")
    low, high = planted.grid(0, 10), planted.grid(10, 20)
    mixed = f"array_sort(concat(slice({low}, 1, 500), slice({high}, 1, 500)))"
    metrics.profile(
        flights,
        rows(1, "delay", {None: (200, low), "AA": (100, low), "B6": (100, low)}, "quantiles")
        + rows(2, "delay", {None: (400, mixed), "AA": (200, high), "B6": (200, low)}, "quantiles"),
    )
    window = {"window": planted.window(2), "window_cmp": planted.window(1), "column_name": "'delay'"}
    metrics.drift(flights, [{**window, "ks_test": planted.outcome(0.5, 1e-9)}])
    (there,) = find_metrics(warehouse, [flights])
    (drift,) = find_drifts(warehouse, there)
    assert drift.start == dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    explained = explain(warehouse, there, drift)
    assert explained is not None
    assert explained.moved.name == "values above 9.98999"
    assert explained.moved.change == pytest.approx(0.5, abs=0.01)
    assert explained.deciles[8].now == pytest.approx(14, abs=0.1)
    assert [(one.slice, round(one.share, 2)) for one in explained.slices] == [
        ("airline = AA", 1.0),
        ("airline = B6", 0.0),
    ]
    assert explained.sentences[-1] == "Slices that carry it: airline = AA 100% (50% of the rows)."


def test_categories_against_the_baseline(warehouse: Warehouse, metrics: Planted) -> None:
    """The baseline has no window; the slices that it lacks are taken for empty."""
    orders = metrics.table("orders")
    before, now = planted.items({"CH": 80, "DE": 20}), planted.items({"CH": 30, "DE": 50, "FR": 20})
    baseline = {"column_name": "'country'", "log_type": "'BASELINE'", "granularity": "NULL", "count": "100L"}
    metrics.profile(
        orders,
        [*rows(2, "country", {None: (100, now)}, "frequent_items"), {**baseline, "frequent_items": before}],
    )
    row = {"window": planted.window(2), "column_name": "'country'", "drift_type": "'BASELINE'"}
    metrics.drift(
        orders,
        [
            {**row, "js_distance": "0.4D"},
            {**row, "js_distance": "0.9D", "slice_key": "'shop'", "slice_value": "'Bern'"},
        ],
    )
    (there,) = find_metrics(warehouse, [orders])
    (drift,) = find_drifts(warehouse, there, column="COUNTRY", window=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    explained = explain(warehouse, there, drift)
    assert explained is not None
    assert [(one.name, round(one.change, 2)) for one in explained.categories] == [
        ("CH", -0.5),
        ("DE", 0.3),
        ("FR", 0.2),
    ]
    assert explained.sentences == [
        "What changed the most: CH from 80.0% to 30.0%; DE from 20.0% to 50.0%; FR from 0.0% to 20.0%."
    ]
    (sliced,) = find_drifts(warehouse, there, slice_value="Bern")
    assert sliced.slice == "shop = Bern"
    assert explain(warehouse, there, sliced) is None
