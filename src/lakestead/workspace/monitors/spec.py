"""What a monitor is: the values that its API, its refreshes and its records share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from lakestead.core.datatypes import (
    DataType,
    TypeSyntaxError,
    UnsupportedType,
    field_from_delta,
    from_delta,
    parse_type,
)
from lakestead.workspace.errors import ApiError, ErrorCode

# The input column of a metric that is computed from the table as a whole.
TABLE_COLUMN = ":table"


class ProfileType(StrEnum):
    """What a table is taken for."""

    SNAPSHOT = "snapshot"
    TIME_SERIES = "time_series"
    INFERENCE_LOG = "inference_log"


class ProblemType(StrEnum):
    """What the model of an inference log predicts."""

    CLASSIFICATION = "CLASSIFICATION"
    REGRESSION = "REGRESSION"


class MetricType(StrEnum):
    """What a custom metric is computed from: rows, metrics of a window, or metrics of two windows."""

    AGGREGATE = "AGGREGATE"
    DERIVED = "DERIVED"
    DRIFT = "DRIFT"


class MonitorStatus(StrEnum):
    """The state of a monitor.

    PENDING until its metric tables stand, ACTIVE then; ERROR after a refresh that failed, until one succeeds;
    FAILED when the metric tables could not be made.
    """

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    ERROR = "ERROR"
    FAILED = "FAILED"


class RefreshState(StrEnum):
    """The state of a refresh."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


class RefreshTrigger(StrEnum):
    """What started a refresh."""

    MANUAL = "MANUAL"
    SCHEDULE = "SCHEDULE"


@dataclass(frozen=True, slots=True)
class CustomMetric:
    """A metric that a user defines.

    Attributes:
        type: what it is computed from.
        name: of its column in the metric table.
        input_columns: columns it is computed for, each giving a row's value; ``:table`` for the whole table.
        definition: Jinja template of a SQL expression.
        output_data_type: as it was sent: a Spark ``StructField`` or type in JSON, or the type's DDL.
    """

    type: MetricType
    name: str
    input_columns: tuple[str, ...]
    definition: str
    output_data_type: str

    @property
    def output_type(self) -> DataType:
        """The type of its values.

        Raises:
            ApiError: INVALID_REQUEST when the type cannot be read.
        """
        try:
            return _read_type(self.output_data_type)
        except (ValueError, TypeSyntaxError, UnsupportedType):
            raise ApiError(
                ErrorCode.INVALID_REQUEST,
                f"Custom metric '{self.name}': {self.output_data_type!r} is not a type. output_data_type is "
                'the JSON of a Spark StructField, {"name":"output","type":"double","nullable":true,'
                '"metadata":{}}, or a type such as "double".',
            ) from None


@dataclass(frozen=True, slots=True)
class MonitorSpec:
    """The definition of a monitor with all names resolved, as a refresh needs it.

    Attributes:
        table_id: of the table that is monitored.
        table: its full name in parts.
        owner: name of the principal with whose privileges it runs, and who owns the metric tables.
        output_schema: full name, in parts, of the schema with the metric tables.
        profile_table: full name, in parts, of the profile metrics' table.
        drift_table: full name, in parts, of the drift metrics' table.
        profile_type: snapshot, time series or inference log.
        timestamp_column: of time series and inference logs.
        granularities: of time series and inference logs, such as ``1 day`` or ``2 weeks``.
        problem_type: of inference logs, as are the columns that follow.
        prediction_column: what the model said.
        label_column: what was true, if the table has it.
        model_id_column: which model said it.
        probability_column: how likely the model held each class, if the table has it.
        slicing_exprs: SQL expressions over the table's columns.
        custom_metrics: metrics that the user defines.
        baseline_table: full name, in parts, of the table to compare with.
        monitor_version: counts the changes of the definition, from 1.
        warehouse_id: where its statements run.
    """

    table_id: str
    table: tuple[str, ...]
    owner: str
    output_schema: tuple[str, ...]
    profile_table: tuple[str, ...]
    drift_table: tuple[str, ...]
    profile_type: ProfileType
    timestamp_column: str | None
    granularities: tuple[str, ...]
    problem_type: ProblemType | None
    prediction_column: str | None
    label_column: str | None
    model_id_column: str | None
    probability_column: str | None
    slicing_exprs: tuple[str, ...]
    custom_metrics: tuple[CustomMetric, ...]
    baseline_table: tuple[str, ...] | None
    monitor_version: int
    warehouse_id: str


def _read_type(text: str) -> DataType:
    if not text.lstrip().startswith("{"):
        return parse_type(text.strip().strip('"'))
    kind = json.loads(text)
    # A field has its type within; a nested type says by "type" what it is, and never has a name.
    return field_from_delta({"nullable": True, **kind}).type if "name" in kind else from_delta(kind)
