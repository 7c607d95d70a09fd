from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, kstwo, wasserstein_distance

from lakestead.engine.profiles import (
    BASELINE,
    DRIFT_SCHEMA,
    Definition,
    Distributions,
    Granularity,
    Slice,
    TableSource,
    Window,
    computed,
    drift,
    profile,
)
from lakestead.engine.profiles.kolmogorov import survival

DAY = Granularity.parse("1 day")
SNAPSHOT = Definition()


def shapes(table: pa.Table, definition: Definition = SNAPSHOT, **options: Any) -> Distributions:
    return profile(TableSource(table), definition, **options).distributions


def compared(values: pa.Array, others: pa.Array) -> dict[str, Any]:
    base = shapes(pa.table({"x": others}), log_type=BASELINE)
    rows = drift(shapes(pa.table({"x": values})), base, SNAPSHOT).to_pylist()
    return {row["column_name"]: row for row in rows}["x"]


@pytest.mark.parametrize(
    ("size", "other", "distance", "pvalue"),
    [
        (941, 523, 0.049, 0.3829208808885818),
        (1192, 941, 0.038, 0.4228041687817168),
        (1344, 1192, 0.062, 0.014853915612309707),
    ],
)
def test_published_p_values_are_met_to_the_last_digit(
    size: int, other: int, distance: float, pvalue: float
) -> None:
    assert survival(distance, round(size * other / (size + other))) == pvalue


@settings(max_examples=25, deadline=None)
@given(st.integers(6001, 60_000), st.floats(2.21, 20))
def test_p_values_of_large_samples_are_the_exact_ones(size: int, scaled: float) -> None:
    distance = (scaled / size) ** 0.5
    assert survival(distance, size) == pytest.approx(kstwo.sf(distance, size), rel=1e-6, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 3000), st.integers(2, 3000), st.floats(-2, 2), st.booleans(), st.integers(0, 9))
def test_numbers_drift_as_scipy_says(size: int, other: int, shift: float, tied: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    one, two = random.normal(shift, 1, size), random.normal(0, 1, other)
    if tied:
        one, two = np.round(one), np.round(two)
    row = compared(pa.array(one), pa.array(two))
    assert row["ks_test"]["statistic"] == pytest.approx(
        ks_2samp(one, two, method="asymp").statistic, abs=0.001
    )
    assert row["wasserstein_distance"] == pytest.approx(wasserstein_distance(one, two), abs=0.02)
    assert row["avg_delta"] == pytest.approx(one.mean() - two.mean())
    assert row["population_stability_index"] >= 0
    assert row["chi_squared_test"] is None


def test_population_stability_is_of_the_deciles_of_what_is_compared_with() -> None:
    base = np.arange(1000.0)
    row = compared(pa.array(base[base < 500]), pa.array(base))
    expected = 5 * (0.2 - 0.1) * np.log(0.2 / 0.1) + 5 * (1e-4 - 0.1) * np.log(1e-4 / 0.1)
    assert row["population_stability_index"] == pytest.approx(expected)
    assert compared(pa.array(base), pa.array(base))["population_stability_index"] == 0
    assert compared(pa.array([3.0] * 5), pa.array([3.0] * 9))["population_stability_index"] == 0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40),
    st.lists(st.sampled_from("cdefgh"), min_size=1, max_size=40),
)
def test_strings_drift_as_scipy_says(values: list[str], others: list[str]) -> None:
    row = compared(pa.array(values), pa.array(others))
    names = sorted({*values, *others})
    counts = np.array([[one.count(name) for name in names] for one in (values, others)])
    shares = counts / counts.sum(axis=1, keepdims=True)
    assert row["tv_distance"] == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)
    assert row["l_infinity_distance"] == pytest.approx(np.abs(shares[0] - shares[1]).max())
    assert row["js_distance"] == pytest.approx(jensenshannon(*shares, base=2), abs=1e-7)
    if len(names) > 1:
        test = chi2_contingency(counts, correction=False)
        assert row["chi_squared_test"]["statistic"] == pytest.approx(test.statistic)
        assert row["chi_squared_test"]["pvalue"] == pytest.approx(test.pvalue, abs=1e-12)
    else:
        assert row["chi_squared_test"] is None


def test_drift_of_many_values_is_of_all_of_them() -> None:
    """With the most frequent ones alone, this would be hardly any."""
    random = np.random.default_rng(0)
    names = np.array([f"n{number}" for number in range(20_000)])
    row = compared(pa.array(random.choice(names, 5000)), pa.array(random.choice(names, 5000)))
    assert row["tv_distance"] > 0.7


def days(start: int, number: int, shift: float = 0) -> pa.Table:
    random = np.random.default_rng(start)
    rows = 100 * number
    first = np.datetime64("2026-01-01", "us") + np.timedelta64(start, "D")
    at = first + np.repeat(np.arange(number), 100).astype("timedelta64[D]")
    return pa.table(
        {
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "x": random.normal(size=rows) + shift,
            "s": random.choice(["a", "b"], rows),
            "gone": pa.nulls(rows, pa.string()) if shift else pa.array(["here"] * rows),
            "nested": pa.array([[1]] * rows),
            "flag": random.random(rows) < 0.5,
        }
    )


def test_windows_are_compared_with_the_one_before_and_the_baseline() -> None:
    definition = Definition("at", (DAY,), (Slice("s", "s"),))
    # The third day is missing: the fourth has none before it.
    current = shapes(pa.concat_tables([days(0, 2), days(3, 1, shift=1)]), definition)
    base = shapes(days(9, 1), definition, log_type=BASELINE)
    table = drift(current, base, definition)
    assert table.schema == computed(DRIFT_SCHEMA)
    rows = table.to_pylist()
    pairs = {
        (row["window"]["start"].day, row["window_cmp"] and row["window_cmp"]["start"].day, row["drift_type"])
        for row in rows
    }
    assert pairs == {(2, 1, "CONSECUTIVE"), *((day, None, BASELINE) for day in (1, 2, 4))}
    assert {row["slice_value"] for row in rows} == {None, "a", "b"}
    [whole] = [
        row
        for row in rows
        if row["column_name"] == ":table" and row["window"]["start"].day == 4 and row["slice_key"] is None
    ]
    assert whole["non_null_columns_delta"] == {"added": 0, "missing": 1}
    assert whole["count_delta"] == 0


def test_each_type_has_its_statistics_and_no_others() -> None:
    current, base = shapes(days(0, 1)), shapes(days(1, 2, shift=1), log_type=BASELINE)
    keys = {"column_name", "data_type", "drift_type", "count_delta"}
    counted = {"chi_squared_test", "tv_distance", "l_infinity_distance", "js_distance"}
    common = {"percent_null_delta", "percent_distinct_delta"}
    expected = {
        "at": common,
        "x": common
        | {
            "avg_delta",
            "percent_zeros_delta",
            "ks_test",
            "wasserstein_distance",
            "population_stability_index",
        },
        "s": common | counted,
        "gone": {"percent_null_delta"},
        "nested": {"percent_null_delta"},
        "flag": common | counted,
        ":table": {"non_null_columns_delta"},
    }
    for row in drift(current, base, SNAPSHOT).to_pylist():
        name = row["column_name"]
        filled = {key for key, value in row.items() if value is not None}
        assert filled == (keys - ({"data_type"} if name == ":table" else set())) | expected[name], name


def test_what_was_not_profiled_again_is_given_as_previous() -> None:
    definition = Definition("at", (DAY,))
    rows = drift(shapes(days(1, 1), definition), None, definition, previous=shapes(days(0, 1), definition))
    assert {row["window_cmp"]["start"].day for row in rows.to_pylist()} == {1}
    both = shapes(days(0, 3), definition)
    [second] = [group.window for group in both if group.window and group.window.start.day == 2]
    chosen = drift(both, None, definition, windows=[second]).to_pylist()
    assert {row["window"]["start"].day for row in chosen} == {2}


def test_a_snapshot_is_compared_with_the_one_before() -> None:
    then, now = (dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (1, 2))
    first, second = (shapes(days(0, 1), windows=[Window(one, one)]) for one in (then, now))
    assert drift(first, None, SNAPSHOT).num_rows == 0
    rows = drift(second, None, SNAPSHOT, previous=first).to_pylist()
    assert {(row["drift_type"], row["window_cmp"]["start"]) for row in rows} == {("CONSECUTIVE", then)}


def test_models_are_compared_with_all_of_a_baseline_that_knows_none() -> None:
    definition = Definition(model_id="model")
    current = shapes(pa.table({"x": [1.0, 2.0], "model": ["a", "b"]}), definition)
    base = shapes(pa.table({"x": [1.0, 5.0]}), definition, log_type=BASELINE)
    rows = drift(current, base, definition).to_pylist()
    assert {(row["model"], row["avg_delta"]) for row in rows if row["column_name"] == "x"} == {
        ("*", -1.5),
        ("a", -2.0),
        ("b", -1.0),
    }
