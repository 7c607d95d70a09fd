"""Rules that a table keeps by what its monitor has measured, to begin with."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from lakestead.client import Profile, Warehouse
from lakestead.core.names import quote, quote_name
from lakestead.profiling.config import OrchestratorConfig, table_name
from lakestead.profiling.opening import opened
from lakestead.profiling.settings import ProfileSettings, ProfileType, TableSettings

_MOST_VALUES = 20
_WHOLE_NUMBERS = ("tinyint", "smallint", "int", "bigint", "byte", "short", "integer", "long")
_FRACTIONS = ("float", "double", "decimal")

_MEASURED = """
SELECT column_name, lower(max(data_type)) AS kind, sum(count) AS rows, sum(num_nulls) AS nulls,
    min(min) AS least, max(max) AS most, bool_and(distinct_count = count) AS distinct, granularity,
    array_distinct(flatten(collect_list(transform(frequent_items, one -> one.item)))) AS items
FROM {metrics} WHERE slice_key IS NULL AND log_type = 'INPUT' AND column_name <> ':table' AND {models}
    AND monitor_version = (SELECT max(monitor_version) FROM {metrics})
GROUP BY column_name, granularity ORDER BY granularity, column_name"""


def suggest_rules(
    config: OrchestratorConfig,
    table: str,
    *,
    profile: Profile | None = None,
    warehouse: Warehouse | None = None,
) -> list[dict[str, Any]]:
    """Return rules that all rows that were profiled keep.

    They are `not_null` for columns without nulls, `unique` where a snapshot has as many whole numbers or
    texts as rows, else `set` for text of at most 20 values and `range` for numbers.

    Args:
        config: says where the table's metrics are.
        table: its full name.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: the same, when there is already one to use.

    Raises:
        InvalidName: the table's name is none.
        databricks.sql.Error: there are no metrics, or they may not be read.
    """
    name = table_name(table)
    settings = config.profile_defaults.overridden(config.monitored_tables.get(name, TableSettings()))
    with opened(config, profile, warehouse) as used:
        metrics = quote_name(
            *name.split(".")[:1], settings.output_schema_name, f"{name.split('.')[2]}_profile_metrics"
        )
        measured = used.rows(_MEASURED.format(metrics=metrics, models=_all_models(settings)))
    # One granularity's windows have all the rows.
    first = [row for row in measured if row["granularity"] == measured[0]["granularity"] and row["rows"]]
    return list(_rules(first))


def _all_models(settings: ProfileSettings) -> str:
    """Return which rows are about all models."""
    if settings.profile_type is not ProfileType.INFERENCE:
        return "true"
    return f"{quote(settings.model_id_column)} = '*'"


def _rules(measured: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    complete = [row["column_name"] for row in measured if not row["nulls"]]
    if complete:
        yield {"kind": "not_null", "columns": complete}
    for row in measured:
        column, kind = row["column_name"], row["kind"]
        is_key = row["granularity"] is None and row["distinct"] and not row["nulls"] and row["rows"] > 1
        if is_key and kind in (*_WHOLE_NUMBERS, "string"):
            yield {"kind": "unique", "columns": column}
        elif kind == "string" and row["items"] and len(row["items"]) <= _MOST_VALUES:
            yield {"kind": "set", "column": column, "values": sorted(row["items"])}
        elif kind.startswith((*_WHOLE_NUMBERS, *_FRACTIONS)) and _is_finite(row):
            convert = int if kind in _WHOLE_NUMBERS else float
            yield {
                "kind": "range",
                "column": column,
                "min": convert(row["least"]),
                "max": convert(row["most"]),
            }


def _is_finite(row: dict[str, Any]) -> bool:
    return all(row[end] is not None and math.isfinite(row[end]) for end in ("least", "most"))
