from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakestead.engine.profiles import (
    BASELINE,
    DataFile,
    Definition,
    Granularity,
    Inference,
    ParquetSource,
    Problem,
    Profile,
    Slice,
    TableSource,
    drift,
    profile,
)

ROWS = 60_000
DAY = Granularity.parse("1 day")
DEFINITION = Definition(
    "at", (DAY,), (Slice("flag", "flag"),), None, Inference(Problem.CLASSIFICATION, "said", "y")
)
KEYS = ("window", "granularity", "slice_key", "slice_value", "column_name")
# What sketches give exactly.
EXACT = [
    "count",
    "num_nulls",
    "num_nan",
    "num_zeros",
    "min",
    "max",
    "min_length",
    "max_length",
    "non_null_columns",
]
EXACT += ["confusion_matrix", "accuracy_score"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> ParquetSource:
    folder: Path = tmp_path_factory.mktemp("source")
    random = np.random.default_rng(3)
    schema = None
    files = []
    for number in range(2):
        rows = ROWS // 2
        day = random.choice(4, rows, p=[0.1, 0.1, 0.1, 0.7])
        at = np.datetime64("2026-01-01", "us") + day.astype("timedelta64[D]")
        table = pa.table(
            {
                "at": pa.array(at, pa.timestamp("us", "UTC")),
                "x": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.1),
                "id": random.integers(0, 1 << 50, rows),
                "s": random.choice([f"value {n}" for n in range(3000)], rows),
                "flag": random.random(rows) < 0.5,
                "nested": pa.array([[1]] * rows),
                "y": random.choice(["a", "b"], rows),
                "said": random.choice(["a", "b"], rows),
            }
        )
        schema = table.schema
        pq.write_table(table, folder / f"{number}.parquet", row_group_size=7000)
        files.append(DataFile(str(folder / f"{number}.parquet"), rows))
    return ParquetSource(files, schema)


def by_key(found: Profile) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(str(row[key]) for key in KEYS): row for row in found.metrics.to_pylist()}


def test_windows_that_do_not_fit_together_are_read_one_after_another(source: ParquetSource) -> None:
    """With room for a day of 42,000 rows, but not for all."""
    whole = by_key(profile(source, DEFINITION))
    assert by_key(profile(source, DEFINITION, budget_bytes=45_000 * 56)) == whole


def test_a_window_that_does_not_fit_is_sketched(source: ParquetSource) -> None:
    """The three small days are exact, the large one is not."""
    exact = by_key(profile(source, DEFINITION))
    little = by_key(profile(source, DEFINITION, budget_bytes=20_000 * 56))
    assert exact.keys() == little.keys()
    for key, row in little.items():
        other = exact[key]
        if row["window"]["start"].day < 4:
            assert row == other
            continue
        for name in EXACT:
            assert row[name] == other[name], (key, name)
        for name in ("avg", "stddev", "avg_length"):
            assert row[name] == (other[name] and pytest.approx(other[name], rel=1e-9, abs=1e-12))
        if row["distinct_count"] is not None:
            assert row["distinct_count"] == pytest.approx(other["distinct_count"], rel=0.03)


def test_sketched_quantiles_are_within_a_thousandth_of_their_ranks(source: ParquetSource) -> None:
    found = profile(source, Definition(columns=("x", "id", "s")), budget_bytes=1)
    rows = {row["column_name"]: row for row in found.metrics.to_pylist()}
    values = pa.concat_tables(pq.read_table(file.file) for file in source.files)
    for name in ("x", "id"):
        ascending = np.sort(values[name].drop_null().to_numpy())
        ranks = np.searchsorted(ascending, rows[name]["quantiles"], "right") / len(ascending)
        assert np.abs(ranks - (np.arange(1000) + 0.5) / 1000).max() < 0.001
    assert rows["s"]["distinct_count"] == 3000
    baseline = profile(source, Definition(columns=("x", "id", "s")), log_type=BASELINE)
    drifts = {
        row["column_name"]: row
        for row in drift(found.distributions, baseline.distributions, Definition()).to_pylist()
    }
    assert drifts["x"]["ks_test"]["statistic"] <= 0.002
    assert drifts["s"]["tv_distance"] == 0


def test_the_rarest_of_very_many_values_are_not_told_apart() -> None:
    class Many:
        """Three values that are there often, and 300,000 that are there once."""

        schema = pa.schema([("s", pa.string())])
        rows = 450_000

        def column(self, name: str) -> Iterator[pa.Array]:
            for start in range(0, self.rows, 3000):
                rare = [f"{start + number}" for number in range(2000)]
                yield pa.array(rare + ["often", "öfter", "am öftesten"] * 333 + ["often"])

    [row, _] = profile(Many(), Definition(), budget_bytes=1).metrics.to_pylist()
    assert row["count"] == 450_000
    assert row["distinct_count"] == pytest.approx(300_003, rel=0.03)
    assert {one["item"]: one["count"] for one in row["frequent_items"][:3]} == {
        "often": 334 * 150,
        "öfter": 333 * 150,
        "am öftesten": 333 * 150,
    }


def test_slices_are_the_most_frequent_of_all_blocks() -> None:
    class Blocks:
        """Values that are frequent in the second half alone."""

        schema = pa.schema([("s", pa.int64())])
        rows = 2 * 300_000

        def column(self, name: str) -> Iterator[pa.Array]:
            yield pa.array(np.arange(300_000) % 150)
            yield pa.array(1000 + np.arange(300_000) % 100)

    found = profile(Blocks(), Definition(slices=(Slice("s", "s"),)), budget_bytes=1).metrics.to_pylist()
    values = {row["slice_value"] for row in found if row["slice_key"]}
    assert values == {str(1000 + number) for number in range(100)}


def test_a_column_of_too_many_long_strings_is_sketched_by_itself() -> None:
    names = [f"{number:0100}" for number in range(20_000)]
    table = pa.table({"wide": names, "x": np.arange(20_000) % 7, "s": np.arange(20_000) % 3})
    definition = Definition(slices=(Slice("s", "s"),))
    exact = profile(TableSource(table), definition).metrics.to_pylist()
    found = profile(TableSource(table), definition, budget_bytes=2_000_000).metrics.to_pylist()
    assert found == exact
