from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakestead.engine.profiles import (
    BASELINE,
    PROFILE_SCHEMA,
    Cancelled,
    DataFile,
    Definition,
    Granularity,
    ParquetSource,
    Slice,
    TableSource,
    Window,
    computed,
    profile,
)

DAY = Granularity.parse("1 day")
NUMERIC = {"quantiles", "avg", "min", "max", "stddev", "num_zeros", "num_nan", "median", "distinct_count"}
NUMERIC |= {"percent_nan", "percent_null", "percent_zeros", "percent_distinct"}
TEMPORAL = {"min", "max", "median", "distinct_count", "percent_null", "percent_distinct"}
TEXT = {"min_length", "max_length", "avg_length"}
COUNTED = {"frequent_items", "distinct_count", "percent_null", "percent_distinct"}


def found(table: pa.Table, definition: Definition | None = None, **options: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = profile(
        TableSource(table), definition or Definition(), **options
    ).metrics.to_pylist()
    return rows


def metrics(values: pa.Array) -> dict[str, Any]:
    return found(pa.table({"x": values}))[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.floats(-1e6, 1e6),
            st.integers(-20, 20).map(float),
            st.integers(-500, 500).map(lambda cents: cents / 100),
            st.just(float("nan")),
        ),
        max_size=60,
    )
)
def test_numbers_are_as_numpy_sees_them(values: list[float | None]) -> None:
    row = metrics(pa.array(values, pa.float64()))
    known = np.array([one for one in values if one is not None and one == one])
    nan = sum(one is not None and one != one for one in values)
    assert (row["count"], row["num_nulls"], row["num_nan"]) == (len(known) + nan, values.count(None), nan)
    assert row["num_zeros"] == np.count_nonzero(known == 0)
    assert row["distinct_count"] == len(np.unique(known)) + (nan > 0)
    if not len(known):
        assert [row[name] for name in ("avg", "min", "max", "median", "quantiles", "stddev")] == [None] * 6
        return
    assert (row["min"], row["max"]) == (known.min(), known.max())
    assert row["median"] == pytest.approx(np.median(known), rel=1e-12, abs=1e-12)
    assert row["avg"] == pytest.approx(known.mean(), rel=1e-12, abs=1e-9)
    if len(known) > 1:
        assert row["stddev"] == pytest.approx(known.std(ddof=1), rel=1e-9, abs=1e-9)
    else:
        assert row["stddev"] is None
    expected = np.quantile(known, (np.arange(1000) + 0.5) / 1000, method="inverted_cdf")
    # Where the rank is whole, both neighbours are quantiles.
    above = np.quantile(known, (np.arange(1000) + 0.5) / 1000 + 1e-12, method="inverted_cdf")
    assert all(
        one in pair for one, pair in zip(row["quantiles"], zip(expected, above, strict=True), strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("aäß ", max_size=3)), max_size=40))
def test_strings_are_counted_and_measured(values: list[str | None]) -> None:
    row = metrics(pa.array(values, pa.string()))
    known = Counter(one for one in values if one is not None)
    assert (row["count"], row["num_nulls"], row["distinct_count"]) == (
        known.total(),
        values.count(None),
        len(known),
    )
    assert {one["item"]: one["count"] for one in row["frequent_items"]} == dict(known)
    counts = [one["count"] for one in row["frequent_items"]]
    assert counts == sorted(counts, reverse=True)
    if known:
        measured = [len(one) for one in known.elements()]
        assert (row["min_length"], row["max_length"]) == (min(measured), max(measured))
        assert row["avg_length"] == pytest.approx(sum(measured) / len(measured))


def test_each_type_has_its_metrics_and_no_others() -> None:
    instant = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    kinds: dict[str, tuple[pa.Array, set[str]]] = {
        "double": (pa.array([1.5, None, 2.5]), NUMERIC),
        "float": (pa.array([1, 0, 3], pa.float32()), NUMERIC),
        "int": (pa.array([1, 2, 3], pa.int32()), NUMERIC),
        "decimal(10,2)": (pa.array([1.0, 2.0, 3.0]).cast(pa.decimal128(10, 2)), NUMERIC),
        "boolean": (pa.array([True, None, False]), COUNTED),
        "string": (pa.array(["a", "b", None]), COUNTED | TEXT),
        "binary": (pa.array([b"a", b"\xff", None]), COUNTED | TEXT),
        "timestamp": (pa.array([instant, instant, None], pa.timestamp("us", "UTC")), TEMPORAL),
        "date": (pa.array([instant.date()] * 3), TEMPORAL),
        "array<bigint>": (pa.array([[1], None, []]), {"percent_null"}),
        "void": (pa.nulls(3), {"percent_null"}),
    }
    rows = found(pa.table({name: values for name, (values, _) in kinds.items()}))
    keys = {"log_type", "column_name", "count", "data_type", "num_nulls"}
    for row, (name, (_, expected)) in zip(rows, kinds.items(), strict=False):
        assert row["data_type"] == name
        assert {key for key, value in row.items() if value is not None} == keys | expected, name
    whole = rows[-1]
    assert {key for key, value in whole.items() if value is not None} == {
        "log_type",
        "column_name",
        "count",
        "non_null_columns",
    }
    assert (whole["column_name"], whole["count"]) == (":table", 3)
    assert whole["non_null_columns"] == [name for name in kinds if name != "void"]
    by_name = {row["column_name"]: row for row in rows}
    assert by_name["timestamp"]["median"] == by_name["date"]["min"] == instant.timestamp()
    assert by_name["binary"]["frequent_items"][1]["item"] == "\ufffd"
    assert by_name["double"]["percent_null"] == pytest.approx(100 / 3)


def test_columns_are_those_of_the_metric_tables() -> None:
    empty = profile(TableSource(pa.table({"x": pa.array([], pa.float64())})), Definition()).metrics
    assert empty.schema == computed(PROFILE_SCHEMA)
    assert [row["count"] for row in empty.to_pylist()] == [0, 0]
    modelled = Definition(model_id="model")
    table = pa.table({"model": ["a"]})
    names = profile(TableSource(table), modelled).metrics.schema.names
    assert names[names.index("slice_key") - 1] == "model"


def days(rows: int) -> pa.Table:
    random = np.random.default_rng(rows)
    start = np.datetime64("2026-01-01", "us")
    offsets = random.integers(0, 4 * 86_400_000_000, rows).astype("timedelta64[us]")
    return pa.table(
        {
            "at": pa.array(start + offsets, pa.timestamp("us", "UTC"), mask=random.random(rows) < 0.1),
            "x": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.1),
            "n": pa.array(random.integers(0, 9, rows), pa.int32()),
            "s": pa.array(random.choice(["a", "b", "c"], rows), mask=random.random(rows) < 0.1),
            "big": pa.array(random.random(rows) < 0.3, mask=random.random(rows) < 0.1),
            "model": pa.array(random.choice(["m1", "m2"], rows)),
        }
    )


def test_groups_are_profiles_of_their_rows() -> None:
    """Each window × slice × model says what a profile of those rows alone says."""
    table = days(600)
    definition = Definition(
        "at", (DAY, Granularity.parse("1 week")), (Slice("x > 1", "big"), Slice("s", "s")), "model"
    )
    rows = found(table, definition)
    frame = table.to_pandas()
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        window, key = row["window"], (row["granularity"], row["slice_key"], row["slice_value"], row["model"])
        groups.setdefault((window["start"], window["end"], *key), {})[row["column_name"]] = row
    windows = {(start, end) for start, end, *_ in groups}
    assert len(windows) in (5, 6)
    assert len(groups) == len(windows) * (1 + 2 + 3) * (1 + 2)
    for (start, end, _, slice_key, slice_value, model), of_column in groups.items():
        chosen = (frame["at"] >= start) & (frame["at"] < end)
        if slice_key is not None:
            values = frame["big"] if slice_key == "x > 1" else frame["s"]
            chosen &= values.map(lambda value: str(value).lower()) == slice_value
        if model != "*":
            chosen &= frame["model"] == model
        alone = {row["column_name"]: row for row in found(table.filter(pa.array(chosen)))}
        for name, row in of_column.items():
            for metric in ("count", "num_nulls", "min", "max", "distinct_count", "median", "quantiles"):
                assert row[metric] == alone[name][metric], (name, metric)


def test_only_the_windows_that_are_wanted() -> None:
    start = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    rows = found(days(300), Definition("at", (DAY,)), windows=[DAY.window(start)])
    assert {row["window"]["start"] for row in rows} == {start}
    assert found(days(300), Definition("at", (DAY,)), windows=[]) == []


def test_a_snapshot_carries_its_window_and_a_baseline_none() -> None:
    now = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
    [row, *_] = found(days(10), windows=[Window(now, now)])
    assert row["window"] == {"start": now, "end": now}
    definition = Definition("at", (DAY,), (Slice("s", "s"), Slice("gone", "gone")), "absent")
    rows = found(days(50), definition, log_type=BASELINE)
    assert {(row["window"], row["granularity"], row["log_type"]) for row in rows} == {(None, None, BASELINE)}
    assert {row["slice_value"] for row in rows} == {None, "a", "b", "c"}


def test_the_hundred_most_frequent_values_make_slices() -> None:
    values = [f"v{number:03}" for number in range(150) for _ in range(1 + (number >= 50))]
    rows = found(pa.table({"s": values}), Definition(slices=(Slice("s", "s"),)))
    assert {row["slice_value"] for row in rows if row["slice_key"]} == {f"v{n:03}" for n in range(50, 150)}


def test_files_have_partition_values_renamed_and_missing_columns(tmp_path: Path) -> None:
    schema = pa.schema([("s", pa.string()), ("n", pa.int64()), ("part", pa.string()), ("new", pa.float64())])
    for number in range(2):
        # The physical name, and a narrower type that was widened later.
        table = pa.table({"col-1": [f"a{number}", "b", None], "n": pa.array([1, 2, 3], pa.int32())})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    files = [DataFile(str(tmp_path / f"{n}.parquet"), 3, {"part": f"p{n}"}) for n in range(2)]
    source = ParquetSource(files, schema, {"s": "col-1"})
    rows = {row["column_name"]: row for row in profile(source, Definition()).metrics.to_pylist()}
    assert rows["s"]["frequent_items"][0] == {"item": "b", "count": 2}
    assert (rows["s"]["num_nulls"], rows["n"]["avg"], rows["new"]["num_nulls"]) == (2, 2.0, 6)
    assert [one["item"] for one in rows["part"]["frequent_items"]] == ["p0", "p1"]


def test_a_profile_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        profile(TableSource(days(5)), Definition(), cancelled=lambda: True)


def test_what_is_no_time_makes_no_windows() -> None:
    with pytest.raises(ValueError, match="'x' is no date or timestamp"):
        found(days(5), Definition("x", (DAY,)))


def test_rows_come_group_after_group_however_many_there_are() -> None:
    """More than are taken at once."""
    days = np.random.default_rng(0).integers(0, 3, 700_000)
    at = np.datetime64("2026-01-01", "us") + days.astype("timedelta64[D]")
    values = np.arange(len(days))
    table = pa.table({"at": pa.array(at, pa.timestamp("us", "UTC"), mask=days == 1), "x": values})
    rows = [row for row in found(table, Definition("at", (DAY,))) if row["column_name"] == "x"]
    assert [row["count"] for row in rows] == [np.count_nonzero(days == day) for day in (0, 2)]
    assert [row["avg"] for row in rows] == pytest.approx([values[days == day].mean() for day in (0, 2)])
    assert [row["median"] for row in rows] == [np.median(values[days == day]) for day in (0, 2)]
