"""Rules of definitions: what a monitor of a table may declare. All that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.datatypes import (
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    Char,
    DataType,
    Decimal,
    Map,
    Primitive,
    Varchar,
    parse_type,
)
from lakestead.workspace.catalog.lookup import find
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors import resolve
from lakestead.workspace.monitors.config import Config, InferenceLog
from lakestead.workspace.monitors.spec import MonitorSpec, ProfileType
from lakestead.workspace.schedules.quartz import parse as parse_cron
from lakestead.workspace.store.monitors import Monitor
from lakestead.workspace.store.objects import Kind, Securable
from lakestead.workspace.store.warehouses import Warehouse

_TIMES = frozenset({TIMESTAMP, TIMESTAMP_NTZ, DATE})
_NUMBERS = frozenset({BYTE, SHORT, INT, LONG, FLOAT, DOUBLE})
_Columns = Mapping[str, DataType]


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the rules look at: a definition, and the table that it is for."""

    tx: Session
    table: Securable
    config: Config
    columns: _Columns
    stem: str


def check(tx: Session, table: Securable, config: Config, stem: str) -> None:
    """Check what a definition declares of itself and of a table, but for its custom metrics.

    Args:
        tx: an open transaction.
        table: the table that is to be monitored.
        config: the definition.
        stem: what the names of its metric tables begin with.

    Raises:
        ApiError: INVALID_REQUEST naming each thing that is wrong.
    """
    columns = {one.name.lower(): parse_type(one.type) for one in table.columns}
    checked = _Checked(tx, table, config, columns, stem)
    rules = (_of_table, _of_profile, _of_slices, _of_baseline, _of_schedule, _of_places)
    _refuse([problem for rule in rules for problem in rule(checked)])


def check_metrics(table: Securable, monitor: MonitorSpec) -> None:
    """Check a monitor's custom metrics; errors as of :func:`check`."""
    if monitor.custom_metrics:
        # Here, as it loads what computes metrics, which takes its time.
        from lakestead.workspace.monitors.metrics import metric_problems

        _refuse(list(metric_problems(monitor, [one.name.lower() for one in table.columns])))


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise ApiError(ErrorCode.INVALID_REQUEST, "\n".join(problems))


def _of_table(it: _Checked) -> Iterator[str]:
    if not it.table.is_view and it.table.spec.get("format", "delta").lower() != "delta":
        yield f"Table '{it.table.full_name}' is not a Delta table or a view, and cannot be monitored."


def _of_profile(it: _Checked) -> Iterator[str]:
    declared = it.config.profile_types
    if len(declared) != 1:
        found = f"found {' and '.join(declared)}" if declared else "found none"
        yield f"Exactly one of {', '.join(ProfileType)} must be present: {found}."
    for series in filter(None, (it.config.time_series, it.config.inference_log)):
        yield from _has_time(it, series.timestamp_column)
        if len(set(series.granularities)) < len(series.granularities):
            yield "granularities: the same one is there twice."
    if it.config.inference_log is not None:
        yield from _of_model(it, it.config.inference_log)


def _has_time(it: _Checked, name: str) -> Iterator[str]:
    kind = it.columns.get(name.lower())
    if kind is None:
        yield _missing("timestamp_column", name, it.columns)
    elif not (kind in _TIMES or _is_text(kind)):
        yield (
            f"timestamp_column: column '{name}' has the type {kind.sql}; needed is TIMESTAMP, or a type that "
            "can be converted to it: TIMESTAMP_NTZ, DATE or STRING."
        )


def _of_model(it: _Checked, log: InferenceLog) -> Iterator[str]:
    named = {
        "prediction_column": log.prediction_column,
        "model_id_column": log.model_id_column,
        "label_column": log.label_column,
        "probability_column": log.probability_column,
    }
    for field, name in named.items():
        if name is not None and name.lower() not in it.columns:
            yield _missing(field, name, it.columns)
    for field in ("prediction_column", "label_column"):
        name = named[field]
        kind = it.columns.get(name.lower()) if name else None
        if kind is None:
            continue
        if log.problem_type.endswith("REGRESSION") and not _is_number(kind):
            yield f"{field}: column '{name}' has the type {kind.sql}; regression needs a number."
        elif not isinstance(kind, Primitive | Decimal | Char | Varchar):
            yield f"{field}: column '{name}' has the type {kind.sql}, which names no class."
    chances = it.columns.get(log.probability_column.lower()) if log.probability_column else None
    if chances is not None and not isinstance(chances, Map):
        yield (
            f"prediction_proba_col: column '{log.probability_column}' has the type {chances.sql}; needed is "
            "a MAP from class to probability."
        )
    if _is_metric(log.model_id_column):
        yield f"model_id_column: the metric tables have a column '{log.model_id_column}' of their own."
    if log.problem_type.endswith("REGRESSION") and log.probability_column is not None:
        yield "prediction_proba_col: only classification has probabilities of classes."


def _is_metric(name: str) -> bool:
    # Here, as it loads what computes metrics.
    from lakestead.engine.profiles.schema import DRIFT_SCHEMA, PROFILE_SCHEMA

    return name.lower() in {*PROFILE_SCHEMA.names, *DRIFT_SCHEMA.names}


def _of_slices(it: _Checked) -> Iterator[str]:
    if len(set(it.config.slicing_exprs)) < len(it.config.slicing_exprs):
        yield "slicing_exprs: the same expression is there twice."
    if it.config.slicing_exprs:
        # Here, for the same reason as above.
        from lakestead.workspace.monitors.metrics import slice_problems
    for text in dict.fromkeys(it.config.slicing_exprs):
        yield from slice_problems(text, it.columns)


def _of_baseline(it: _Checked) -> Iterator[str]:
    if it.config.baseline_table_name is None:
        return
    try:
        baseline = find(it.tx, Kind.TABLE, resolve.table_name(it.config.baseline_table_name))
    except ApiError as error:
        yield f"baseline_table_name: {error.message}"
        return
    if baseline is None:
        yield f"baseline_table_name: the table or view '{it.config.baseline_table_name}' cannot be found."
        return
    theirs = {one.name.lower(): parse_type(one.type) for one in baseline.columns}
    shared = [name for name in it.columns if name in theirs]
    if not shared:
        yield (
            f"baseline_table_name: '{baseline.full_name}' has no column of the monitored table; the two "
            "shall have the same schema."
        )
    for name in shared:
        if theirs[name] != it.columns[name] and not (
            _is_number(theirs[name]) and _is_number(it.columns[name])
        ):
            yield (
                f"baseline_table_name: column '{name}' is {theirs[name].sql} in '{baseline.full_name}' and "
                f"{it.columns[name].sql} in the monitored table."
            )


def _of_schedule(it: _Checked) -> Iterator[str]:
    schedule = it.config.schedule
    if schedule is None:
        return
    try:
        parse_cron(schedule.quartz_cron_expression, schedule.timezone_id)
    except ApiError as error:
        yield f"schedule: {error.message}"


def _of_places(it: _Checked) -> Iterator[str]:
    try:
        resolve.output_schema(it.tx, it.config.output_schema_id)
    except ApiError as error:
        yield f"output_schema_id: {error.message}"
    there = select(Monitor).where(
        Monitor.output_schema_id == it.config.output_schema_id,
        Monitor.stem == it.stem,
        Monitor.table_id != it.table.id,
    )
    if (other := it.tx.scalars(there).first()) is not None:
        yield (
            f"output_schema_id: the metric tables of '{other.table.full_name}' have the same names there; "
            "choose another schema."
        )
    if it.config.warehouse_id is not None and it.tx.get(Warehouse, it.config.warehouse_id) is None:
        yield f"warehouse_id: there is no SQL warehouse '{it.config.warehouse_id}'."
    if it.config.assets_dir is not None and not it.config.assets_dir.startswith("/"):
        yield f"assets_dir: '{it.config.assets_dir}' is not an absolute path."
    for address in it.config.email_addresses:
        if "@" not in address.strip("@"):
            yield f"notification_settings: '{address}' is not an e-mail address."


def _missing(field: str, name: str, columns: Collection[str]) -> str:
    return f"{field}: the table has no column '{name}'. Available columns: {', '.join(sorted(columns))}."


def _is_text(kind: DataType) -> bool:
    return kind == STRING or isinstance(kind, Char | Varchar)


def _is_number(kind: DataType) -> bool:
    return kind in _NUMBERS or isinstance(kind, Decimal)
