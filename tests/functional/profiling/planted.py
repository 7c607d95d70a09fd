"""Metric tables with what a test wants in them, of the columns that monitors write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakestead.client import Warehouse
from lakestead.core.names import quote_string
from lakestead.profiling.settings import ProfileSettings
from lakestead.profiling.targets import Target

PROFILE = {
    "window": "struct<start:timestamp,end:timestamp>",
    "log_type": "string",
    "logging_table_commit_version": "int",
    "monitor_version": "bigint",
    "granularity": "string",
    "slice_key": "string",
    "slice_value": "string",
    "column_name": "string",
    "count": "bigint",
    "data_type": "string",
    "num_nulls": "bigint",
    "avg": "double",
    "quantiles": "array<double>",
    "min": "double",
    "max": "double",
    "stddev": "double",
    "num_zeros": "bigint",
    "num_nan": "bigint",
    "min_length": "double",
    "max_length": "double",
    "avg_length": "double",
    "non_null_columns": "array<string>",
    "frequent_items": "array<struct<item:string,count:bigint>>",
    "median": "double",
    "distinct_count": "bigint",
    "percent_nan": "double",
    "percent_null": "double",
    "percent_zeros": "double",
    "percent_distinct": "double",
}
DRIFT = {
    "window": "struct<start:timestamp,end:timestamp>",
    "granularity": "string",
    "monitor_version": "bigint",
    "slice_key": "string",
    "slice_value": "string",
    "column_name": "string",
    "data_type": "string",
    "window_cmp": "struct<start:timestamp,end:timestamp>",
    "drift_type": "string",
    "count_delta": "bigint",
    "avg_delta": "double",
    "percent_null_delta": "double",
    "percent_zeros_delta": "double",
    "percent_distinct_delta": "double",
    "non_null_columns_delta": "struct<added:int,missing:int>",
    "js_distance": "double",
    "ks_test": "struct<statistic:double,pvalue:double>",
    "wasserstein_distance": "double",
    "population_stability_index": "double",
    "chi_squared_test": "struct<statistic:double,pvalue:double>",
    "tv_distance": "double",
    "l_infinity_distance": "double",
}
QUALITY = {
    "model_version": "string",
    "accuracy_score": "double",
    "f1_score": "struct<macro:double,weighted:double>",
}

Row = Mapping[str, str]


def window(day: int) -> str:
    """Return a day of January 2026 as a window."""
    start = dt.date(2026, 1, day)
    times = f"TIMESTAMP'{start} 00:00:00'", f"TIMESTAMP'{start + dt.timedelta(days=1)} 00:00:00'"
    return f"named_struct('start', {times[0]}, 'end', {times[1]})"


def pair(names: tuple[str, str], statistic: float, pvalue: float) -> str:
    """Return a struct of two numbers."""
    return f"named_struct('{names[0]}', {statistic}D, '{names[1]}', {pvalue}D)"


def outcome(statistic: float, pvalue: float = 0.0) -> str:
    """Return the outcome of a test of drift."""
    return pair(("statistic", "pvalue"), statistic, pvalue)


def items(counts: Mapping[str, int]) -> str:
    """Return frequent items."""
    structs = (
        f"named_struct('item', {quote_string(item)}, 'count', {count}L)" for item, count in counts.items()
    )
    return f"array({', '.join(structs)})"


def grid(low: float, high: float) -> str:
    """Return the 1000 quantiles of numbers that are evenly between two others."""
    return f"transform(sequence(0, 999), i -> {low}D + i * {(high - low) / 999}D)"


@dataclass
class Planted:
    """A schema of metric tables.

    Attributes:
        warehouse: runs the statements.
        schema: the schema's full name.
        targets: the tables that have been planted.
    """

    warehouse: Warehouse
    schema: str
    targets: list[Target] = field(default_factory=list)

    def table(
        self, name: str, group: str = "default", kind: str = "TIMESERIES", **more: Mapping[str, str]
    ) -> Target:
        """Make the empty metric tables of a monitored table.

        Args:
            name: the table's own name.
            group: its monitor group.
            kind: its profile type.
            more: `profile` and `drift`: further columns.
        """
        target = self.target(name, group, kind)
        for table, columns in (
            (target.profile_metrics_table, PROFILE | dict(more.get("profile", {}))),
            (target.drift_metrics_table, DRIFT | dict(more.get("drift", {}))),
        ):
            described = ", ".join(f"`{column}` {data_type}" for column, data_type in columns.items())
            self.warehouse.rows(f"CREATE TABLE {table} ({described})")
        self.targets.append(target)
        return target

    def target(self, name: str, group: str = "default", kind: str = "TIMESERIES") -> Target:
        """Return a monitored table without metric tables, with all that views tell of it."""
        catalog, schema = self.schema.split(".")
        settings = ProfileSettings(profile_type=kind, output_schema_name=schema)
        return Target(
            catalog,
            "shop",
            name,
            name,
            settings,
            group,
            owner="Ada",
            tags={"domain": "it's sales"},
            priority=5,
        )

    def profile(self, target: Target, rows: Sequence[Row]) -> None:
        """Add rows of profile metrics: expressions by their columns."""
        usual = {"log_type": "'INPUT'", "monitor_version": "1L", "granularity": "'1 day'"}
        self._insert(target.profile_metrics_table, PROFILE, usual, rows)

    def drift(self, target: Target, rows: Sequence[Row]) -> None:
        """Add rows of drift metrics: expressions by their columns."""
        usual = {"monitor_version": "1L", "granularity": "'1 day'", "drift_type": "'CONSECUTIVE'"}
        self._insert(target.drift_metrics_table, DRIFT, usual, rows)

    def _insert(self, table: str, types: Row, usual: Row, rows: Sequence[Row]) -> None:
        names = sorted({name for row in rows for name in row} | set(usual))
        types = {**types, **QUALITY}
        selects = []
        for row in rows:
            values = {**usual, **row}
            cast = (f"CAST({values.get(name, 'NULL')} AS {types.get(name, 'string')})" for name in names)
            selects.append(f"SELECT {', '.join(cast)}")
        columns = ", ".join(f"`{name}`" for name in names)
        self.warehouse.rows(f"INSERT INTO {table} ({columns}) {' UNION ALL '.join(selects)}")
