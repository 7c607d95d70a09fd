"""How a monitor reads a table: which columns and expressions say what of a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lakestead.core.names import quote
from lakestead.engine.profiles import Definition, Granularity, Inference, Problem, Slice, Window
from lakestead.workspace.monitors.refreshes.expressions import column_named, enclosed, is_name
from lakestead.workspace.monitors.refreshes.relation import Relation
from lakestead.workspace.monitors.spec import MonitorSpec, ProblemType

# No column of a Delta table has a space in its name.
_TIME = "time of the row"
_SLICE = "slice {}"
# More spans of time than this are not told apart in a condition.
_MAX_SPANS = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a table is profiled, and how its rows are grouped.

    Attributes:
        relation: the table.
        time: the SQL expression of a row's instant; None when there are no windows.
        model: the column that says of which model a row is; None when there is none.
        slices: the SQL expressions of the slices, by their keys.
        computed: expressions that are not columns, by the names that they get in the source.
        definition: as the profiler takes it.
    """

    relation: Relation
    time: str | None
    model: str | None
    slices: Mapping[str, str]
    computed: Mapping[str, str]
    definition: Definition


def inference_of(monitor: MonitorSpec) -> Inference | None:
    """Return the columns of a model that is monitored."""
    if monitor.problem_type is None or monitor.prediction_column is None:
        return None
    classifies = monitor.problem_type is ProblemType.CLASSIFICATION
    return Inference(
        Problem.CLASSIFICATION if classifies else Problem.REGRESSION,
        monitor.prediction_column,
        monitor.label_column,
        monitor.probability_column,
    )


def reading_of(monitor: MonitorSpec, relation: Relation, *, baseline: bool = False) -> Reading:
    """Return how a monitor reads a table.

    Args:
        monitor: the monitor.
        relation: its table, or the baseline.
        baseline: whether it is that: then it has no windows, and may lack columns.

    Raises:
        ApiError: the table has no such column (any more); an expression is none.
    """

    def column(setting: str, name: str) -> str:
        return (relation.find(name) or name) if baseline else relation.column(name, setting)

    def optional(setting: str, name: str | None) -> str | None:
        return None if name is None else column(setting, name)

    inference = inference_of(monitor)
    if inference is not None:
        inference = replace(
            inference,
            prediction=column("prediction_column", inference.prediction),
            label=optional("label_column", inference.label),
            prediction_proba=optional("prediction_proba_column", inference.prediction_proba),
        )
    slices, places, computed = _slices(monitor, relation, baseline=baseline)
    time = timestamp = None
    if not baseline and monitor.timestamp_column is not None:
        timestamp = relation.column(monitor.timestamp_column, "timestamp_column")
        time = quote(timestamp)
        if not relation.columns[timestamp].lower().startswith(("timestamp", "date")):
            timestamp, time = _TIME, f"CAST({time} AS TIMESTAMP)"
            computed[_TIME] = time
    model_id = optional("model_id_column", monitor.model_id_column)
    definition = Definition(
        timestamp=timestamp,
        granularities=tuple(map(Granularity.parse, monitor.granularities)) if timestamp else (),
        slices=places,
        model_id=model_id,
        inference=inference,
        columns=tuple(relation.columns),
    )
    model = model_id if model_id in relation.columns else None
    return Reading(relation, time, model, slices, computed, definition)


def _slices(
    monitor: MonitorSpec, relation: Relation, *, baseline: bool
) -> tuple[dict[str, str], tuple[Slice, ...], dict[str, str]]:
    """Return the expressions of the slices, where their values are, and those that are computed."""
    slices, places, computed = {}, [], {}
    for number, text in enumerate(monitor.slicing_exprs):
        column = column_named(text, tuple(relation.columns))
        if column is not None:
            slices[text] = quote(column)
        elif is_name(text):
            if baseline:
                continue
            column = relation.column(text, "slicing_exprs")
        else:
            column = _SLICE.format(number)
            computed[column] = slices[text] = enclosed(text, "slicing_exprs")
        places.append(Slice(text, column))
    return slices, tuple(places), computed


def condition(time: str, windows: Collection[Window]) -> str:
    """Return the SQL condition for the instants in some windows, or between them when they are many."""
    spans: list[tuple[datetime, datetime]] = []
    for window in sorted(windows):
        if spans and window.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], window.end))
        else:
            spans.append((window.start, window.end))
    if len(spans) > _MAX_SPANS:
        spans = [(spans[0][0], spans[-1][1])]
    return " OR ".join(f"({time} >= {_instant(start)} AND {time} < {_instant(end)})" for start, end in spans)


def _instant(at: datetime) -> str:
    return f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S+00:00}'"
