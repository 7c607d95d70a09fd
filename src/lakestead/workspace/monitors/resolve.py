"""From what was declared to what a refresh needs: ids become names, words of the API become values."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lakestead.core.names import InvalidName, split_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.monitors.config import Config
from lakestead.workspace.monitors.spec import CustomMetric, MetricType, MonitorSpec, ProblemType
from lakestead.workspace.store.monitors import Monitor
from lakestead.workspace.store.objects import Kind, Securable

_METRIC = "DATA_PROFILING_CUSTOM_METRIC_TYPE_"
_PROBLEM = "INFERENCE_PROBLEM_TYPE_"


def config_of(monitor: Monitor) -> Config:
    """Return what was declared of a monitor."""
    return Config.model_validate(monitor.config)


def spec_of(tx: Session, monitor: Monitor, default_warehouse_id: str) -> MonitorSpec:
    """Return a monitor's definition with the names that its table and schema have now.

    Args:
        tx: an open transaction.
        monitor: the record.
        default_warehouse_id: where statements run when it names no warehouse.

    Raises:
        ApiError: SCHEMA_NOT_FOUND when the schema of the metric tables is no more.
    """
    schema = output_schema(tx, monitor.output_schema_id)
    config = config_of(monitor)
    log, series = config.inference_log, config.series
    return MonitorSpec(
        table_id=monitor.table_id,
        table=monitor.table.path,
        owner=monitor.owner,
        output_schema=schema.path,
        profile_table=(*schema.path, f"{monitor.stem}_profile_metrics"),
        drift_table=(*schema.path, f"{monitor.stem}_drift_metrics"),
        profile_type=config.profile_types[0],
        timestamp_column=series.timestamp_column if series else None,
        granularities=tuple(one.text for one in series.granularities) if series else (),
        problem_type=ProblemType(log.problem_type.removeprefix(_PROBLEM)) if log else None,
        prediction_column=log.prediction_column if log else None,
        label_column=log.label_column if log else None,
        model_id_column=log.model_id_column if log else None,
        probability_column=log.probability_column if log else None,
        slicing_exprs=tuple(config.slicing_exprs),
        custom_metrics=custom_metrics(config),
        baseline_table=table_name(config.baseline_table_name) if config.baseline_table_name else None,
        monitor_version=monitor.version,
        warehouse_id=config.warehouse_id or default_warehouse_id,
    )


def custom_metrics(config: Config) -> tuple[CustomMetric, ...]:
    """Return the custom metrics of a definition."""
    return tuple(
        CustomMetric(
            MetricType(one.type.removeprefix(_METRIC)),
            one.name,
            tuple(one.input_columns),
            one.definition,
            one.output_data_type,
        )
        for one in config.custom_metrics
    )


def output_schema(tx: Session, schema_id: str) -> Securable:
    """Return the schema of the metric tables.

    Raises:
        ApiError: SCHEMA_NOT_FOUND.
    """
    found = tx.get(Securable, schema_id)
    if found is None or found.kind is not Kind.SCHEMA:
        raise ApiError(ErrorCode.SCHEMA_NOT_FOUND, f"There is no schema with the id '{schema_id}'.")
    return found


def table_name(text: str) -> tuple[str, ...]:
    """Return the full name of a table in parts.

    Raises:
        ApiError: INVALID_NAME when it has not three.
    """
    try:
        parts = split_name(text)
    except InvalidName as error:
        raise ApiError(ErrorCode.INVALID_NAME, f"Invalid table name: {error}.") from None
    if len(parts) != 3:
        raise ApiError(ErrorCode.INVALID_NAME, f"'{text}' is not a name in the form catalog.schema.table.")
    return parts
