"""Metric tables of different columns as one relation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from lakestead.core.names import quote, quote_string
from lakestead.profiling.views.quality import measures
from lakestead.profiling.views.sources import Metrics

HEADER = ("source_table_name", "monitor_group", "owner", "priority", "tags", "model_id")
"""The columns that come first: which monitored table a row is about, and which model."""

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_FRACTIONS = ("float", "double", "decimal")
_SCORE = {
    "drift_statistic": "CASE WHEN `js_distance` IS NOT NULL THEN 'js_distance'"
    " WHEN `ks_test`.`statistic` IS NOT NULL THEN 'ks_test' END",
    "drift_score": "coalesce(`js_distance`, `ks_test`.`statistic`)",
}
"""One number of drift for every type of column, from 0 (none) to 1."""


_WINDOW = ("window", "granularity", "slice_key", "slice_value", "count")
_MEASURE = ("metric", "value", "better")


class Kind(StrEnum):
    """What a relation is made of."""

    DRIFT = "drift"
    PROFILE = "profile"
    PERFORMANCE = "performance"


def relevant(kind: Kind, metrics: Iterable[Metrics]) -> list[Metrics]:
    """Return the metric tables that such a relation can be made of."""
    if kind is Kind.DRIFT:
        return [one for one in metrics if one.drift]
    if kind is Kind.PERFORMANCE:
        return [one for one in metrics if one.model_id_column and measures(one.profile)]
    return list(metrics)


def union(kind: Kind, metrics: Sequence[Metrics], types: Mapping[str, str] | None = None) -> str:
    """Return a query of all rows of metric tables, with the columns of `HEADER` first.

    A column that a table lacks is NULL there; one of different types is cast to what holds both. Only rows of
    the monitor's present definition are in it.

    Args:
        kind: which metrics.
        metrics: at least one; all are `relevant`.
        types: of the columns; else `common_types` of the metrics. Parts of one union need the same.
    """
    if types is None:
        types = common_types(kind, metrics)
    return "\nUNION ALL\n".join(_branch(kind, one, types) for one in metrics)


def common_types(kind: Kind, metrics: Iterable[Metrics]) -> dict[str, str]:
    """Return the columns that any of the tables has, beside those of `HEADER`, with a type that holds all."""
    if kind is Kind.PERFORMANCE:
        return {}
    found: dict[str, list[str]] = {}
    for one in metrics:
        for name, data_type in _columns(kind, one).items():
            if name != one.model_id_column:
                found.setdefault(name, []).append(data_type)
    return {name: _common(set(data_types)) for name, data_types in found.items()}


def columns_of(kind: Kind, types: Mapping[str, str]) -> list[str]:
    """Return the columns of such a relation, in order.

    Args:
        kind: which metrics.
        types: the `common_types` of its tables.
    """
    if kind is Kind.PERFORMANCE:
        return [*HEADER, *_WINDOW, *_MEASURE]
    return [*HEADER, *map(_alias, types), *(_SCORE if kind is Kind.DRIFT else ())]


def _columns(kind: Kind, metrics: Metrics) -> Mapping[str, str]:
    return metrics.drift if kind is Kind.DRIFT else metrics.profile


def _common(data_types: set[str]) -> str:
    if len(data_types) == 1:
        return data_types.pop()
    if all(one in _WHOLE for one in data_types):
        return max(data_types, key=_WHOLE.index)
    if all(one in _WHOLE or one.startswith(_FRACTIONS) for one in data_types):
        return "double"
    return "string"


def _branch(kind: Kind, metrics: Metrics, types: Mapping[str, str]) -> str:
    table = metrics.drift_table if kind is Kind.DRIFT else metrics.profile_table
    condition = f"`monitor_version` = (SELECT max(`monitor_version`) FROM {metrics.profile_table})"
    header = ", ".join(_header(metrics, _columns(kind, metrics)))
    if kind is Kind.PERFORMANCE:
        return _performance(metrics, header, condition)
    present = _columns(kind, metrics)
    values = [
        f"{_value(name, present.get(name), data_type)} AS {quote(_alias(name))}"
        for name, data_type in types.items()
    ]
    if kind is Kind.DRIFT:
        values += [f"{expression} AS `{name}`" for name, expression in _SCORE.items()]
    return f"SELECT {header}, {', '.join(values)} FROM {table} WHERE {condition}"


def _performance(metrics: Metrics, header: str, condition: str) -> str:
    """One row for each measure of quality, so that models of all kinds fit into one relation."""
    structs = ", ".join(
        f"named_struct('metric', {quote_string(one.name)}, 'value', CAST({one.expression} AS DOUBLE),"
        f" 'better', '{one.better}')"
        for one in measures(metrics.profile)
    )
    window = ", ".join(map(quote, _WINDOW))
    return (
        f"SELECT {', '.join(map(quote, HEADER))}, {window}, {', '.join(f'm.{name}' for name in _MEASURE)}"
        f" FROM (SELECT {header}, {window}, explode(array({structs})) AS m FROM {metrics.profile_table}"
        f" WHERE {condition} AND `column_name` = ':table' AND `log_type` = 'INPUT')"
        " WHERE m.value IS NOT NULL"
    )


def _header(metrics: Metrics, columns: Mapping[str, str]) -> list[str]:
    target = metrics.target
    model = metrics.model_id_column
    values = (
        quote_string(target.full_name),
        quote_string(target.group),
        quote_string(target.owner) if target.owner else "CAST(NULL AS STRING)",
        str(target.priority),
        _map(target.tags),
        f"CAST({quote(model)} AS STRING)" if model and model in columns else "CAST(NULL AS STRING)",
    )
    return [f"{value} AS `{name}`" for value, name in zip(values, HEADER, strict=True)]


def _map(tags: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{quote_string(key)}, {quote_string(tags[key])}" for key in sorted(tags))
    return f"CAST(map({pairs}) AS MAP<STRING, STRING>)"


def _alias(name: str) -> str:
    """A metric of one's own may be named like one of the columns that come first."""
    return f"{name}_metric" if name in HEADER else name


def _value(name: str, present: str | None, wanted: str) -> str:
    if present is None:
        return f"CAST(NULL AS {wanted})"
    if present == wanted:
        return quote(name)
    if wanted == "string" and present.startswith(("struct", "array", "map")):
        return f"to_json({quote(name)})"
    return f"CAST({quote(name)} AS {wanted})"
