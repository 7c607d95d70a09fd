"""What is declared of a table's monitor: the settings of one table, and those that all inherit."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from lakestead.core.config import Declaration, unknown

# Databricks' aggregation windows, as people write them and as the API does.
GRANULARITIES = {
    "5 minutes": "AGGREGATION_GRANULARITY_5_MINUTES",
    "30 minutes": "AGGREGATION_GRANULARITY_30_MINUTES",
    "1 hour": "AGGREGATION_GRANULARITY_1_HOUR",
    "1 day": "AGGREGATION_GRANULARITY_1_DAY",
    "1 week": "AGGREGATION_GRANULARITY_1_WEEK",
    "2 weeks": "AGGREGATION_GRANULARITY_2_WEEKS",
    "3 weeks": "AGGREGATION_GRANULARITY_3_WEEKS",
    "4 weeks": "AGGREGATION_GRANULARITY_4_WEEKS",
    "1 month": "AGGREGATION_GRANULARITY_1_MONTH",
    "1 year": "AGGREGATION_GRANULARITY_1_YEAR",
}


class ProfileType(StrEnum):
    """What a monitor takes its table for."""

    SNAPSHOT = "SNAPSHOT"
    TIMESERIES = "TIMESERIES"
    INFERENCE = "INFERENCE"


class ProblemType(StrEnum):
    """What the model does whose predictions a table logs."""

    CLASSIFICATION = "CLASSIFICATION"
    REGRESSION = "REGRESSION"


class MetricType(StrEnum):
    """What a custom metric is computed from: the rows, other metrics, or two windows."""

    AGGREGATE = "AGGREGATE"
    DERIVED = "DERIVED"
    DRIFT = "DRIFT"


def _problem_type(value: Any) -> Any:
    """Databricks' own names of the problem types are as good as ours."""
    if isinstance(value, str):
        return value.upper().removeprefix("INFERENCE_").removeprefix("PROBLEM_TYPE_")
    return value


def _granularities(value: Any) -> Any:
    """One granularity or several; a week may be `1 weeks`, as Databricks' older API writes it."""
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list | tuple) or not all(isinstance(one, str) for one in several):
        return value
    found = tuple("1 week" if one == "1 weeks" else one for one in several)
    for one in found:
        if one not in GRANULARITIES:
            raise ValueError(unknown("granularity", one, list(GRANULARITIES)))
    return found


def _quartz(text: str) -> str:
    """The service reads the fields; that there are as many as Quartz has is known before."""
    if len(text.split()) not in (6, 7):
        raise ValueError(f"'{text}' is no Quartz expression: write 6 or 7 fields, such as 0 0 6 * * ?")
    return " ".join(text.split())


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"'{text}' is no time zone: write one such as Europe/Zurich") from None
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Quartz = Annotated[str, AfterValidator(_quartz)]
Timezone = Annotated[str, AfterValidator(_timezone)]
ProblemTypeField = Annotated[ProblemType, BeforeValidator(_problem_type)]
ProfileTypeField = Annotated[
    ProfileType, BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)
]
Granularities = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_granularities)]


class CustomMetric(Declaration):
    """A metric of one's own, beside the built-in ones.

    Args:
        name: its column in the metric tables.
        type: what it is computed from.
        input_columns: the columns that it is computed for; `:table` for one that concerns several at once.
        definition: a Jinja template of a SQL expression.
        output_data_type: the type of its column, e.g. `double`.
    """

    name: Text
    type: MetricType
    input_columns: tuple[Text, ...] = Field(min_length=1)
    definition: Text
    output_data_type: Text


class Schedule(Declaration):
    """When a monitor is refreshed.

    Args:
        quartz_cron_expression: e.g. `0 0 6 * * ?`.
        timezone_id: e.g. `Europe/Zurich`.
    """

    quartz_cron_expression: Quartz
    timezone_id: Timezone = "UTC"


class TableSettings(Declaration):
    """The settings of one table; what is not set is inherited from `profile_defaults`.

    Args:
        profile_type: SNAPSHOT, TIMESERIES or INFERENCE.
        output_schema_name: the schema, in the same catalog, where the metric tables are created.
        baseline_table_name: the table that data is compared with.
        granularity: the aggregation windows, one (`1 day`) or several.
        timestamp_column: when a prediction was made, in inference profiles.
        timeseries_timestamp_column: when a row happened, in time series profiles.
        prediction_column: what the model said.
        label_column: what turned out to be true.
        model_id_column: which model, or version of it, said so.
        problem_type: CLASSIFICATION or REGRESSION.
        slicing_exprs: columns and predicates that metrics are broken down by.
        custom_metrics: metrics beside the built-in ones.
        schedule: when the monitor is refreshed; only on demand without.
        create_builtin_dashboard: whether the monitor gets a dashboard of its own.
        group: the monitor group; else the tag says it.
        owner: who answers for the table; else the tag or the catalog says it.
    """

    profile_type: ProfileTypeField | None = None
    output_schema_name: Text | None = None
    baseline_table_name: Text | None = None
    granularity: Granularities | None = None
    timestamp_column: Text | None = None
    timeseries_timestamp_column: Text | None = None
    prediction_column: Text | None = None
    label_column: Text | None = None
    model_id_column: Text | None = None
    problem_type: ProblemTypeField | None = None
    slicing_exprs: tuple[Text, ...] | None = None
    custom_metrics: tuple[CustomMetric, ...] | None = None
    schedule: Schedule | None = None
    create_builtin_dashboard: bool | None = None
    group: Text | None = None
    owner: Text | None = None


class ProfileSettings(TableSettings):
    """Settings that say everything: what all tables inherit, and what one table comes to.

    `timeseries_timestamp_column` is `timestamp_column` where it is not set.
    """

    profile_type: ProfileTypeField = ProfileType.INFERENCE
    output_schema_name: Text = "monitoring_results"
    granularity: Granularities = ("1 day",)
    timestamp_column: Text = "timestamp"
    prediction_column: Text = "prediction"
    model_id_column: Text = "model_version"
    problem_type: ProblemTypeField = ProblemType.CLASSIFICATION
    slicing_exprs: tuple[Text, ...] = ()
    custom_metrics: tuple[CustomMetric, ...] = ()
    create_builtin_dashboard: bool = False

    @property
    def time_column(self) -> tuple[str, str] | None:
        """The setting that names the column of windows, and the column; None for snapshots."""
        if self.profile_type is ProfileType.SNAPSHOT:
            return None
        if self.profile_type is ProfileType.TIMESERIES and self.timeseries_timestamp_column:
            return "timeseries_timestamp_column", self.timeseries_timestamp_column
        return "timestamp_column", self.timestamp_column

    def overridden(self, *levels: TableSettings) -> ProfileSettings:
        """Return these settings with what the levels set in their place; later levels win."""
        values = self.model_dump(exclude_unset=True)
        for level in levels:
            values |= level.model_dump(exclude_unset=True, exclude_none=True)
        return ProfileSettings.model_validate(values)
