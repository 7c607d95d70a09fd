"""What declares a monitor: the fields of the data-quality API that a client writes, and that are recorded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from lakestead.workspace.http import Body
from lakestead.workspace.monitors.spec import ProfileType

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# How many e-mail addresses hear of a refresh that failed, at most.
MAX_ADDRESSES = 5
# What the metrics depend on: when one of these changes, all of them are computed again.
_OF_METRICS = frozenset(
    {
        "output_schema_id",
        "baseline_table_name",
        "custom_metrics",
        "slicing_exprs",
        *ProfileType,
    }
)


class Granularity(StrEnum):
    """How long the windows of time series are."""

    MINUTES_5 = "AGGREGATION_GRANULARITY_5_MINUTES"
    MINUTES_30 = "AGGREGATION_GRANULARITY_30_MINUTES"
    HOUR = "AGGREGATION_GRANULARITY_1_HOUR"
    DAY = "AGGREGATION_GRANULARITY_1_DAY"
    WEEK = "AGGREGATION_GRANULARITY_1_WEEK"
    WEEKS_2 = "AGGREGATION_GRANULARITY_2_WEEKS"
    WEEKS_3 = "AGGREGATION_GRANULARITY_3_WEEKS"
    WEEKS_4 = "AGGREGATION_GRANULARITY_4_WEEKS"
    MONTH = "AGGREGATION_GRANULARITY_1_MONTH"
    YEAR = "AGGREGATION_GRANULARITY_1_YEAR"

    @property
    def text(self) -> str:
        """As the metric tables have it, such as ``1 day``."""
        return self.removeprefix("AGGREGATION_GRANULARITY_").replace("_", " ").lower()


class Snapshot(Body):
    """The table as it is."""


class TimeSeries(Body):
    """The table by windows of time."""

    timestamp_column: Name
    granularities: list[Granularity] = Field(min_length=1)


class InferenceLog(TimeSeries):
    """Predictions of a model, by windows of time. The newer API has no field for probabilities."""

    problem_type: Literal["INFERENCE_PROBLEM_TYPE_CLASSIFICATION", "INFERENCE_PROBLEM_TYPE_REGRESSION"]
    prediction_column: Name
    model_id_column: Name
    label_column: Name | None = None
    probability_column: Name | None = None


class CustomMetric(Body):
    """A metric that the user defines."""

    type: Literal[
        "DATA_PROFILING_CUSTOM_METRIC_TYPE_AGGREGATE",
        "DATA_PROFILING_CUSTOM_METRIC_TYPE_DERIVED",
        "DATA_PROFILING_CUSTOM_METRIC_TYPE_DRIFT",
    ]
    name: Name
    input_columns: list[Name] = Field(min_length=1)
    definition: Name
    output_data_type: Name


class Schedule(Body):
    """When the monitor is refreshed."""

    quartz_cron_expression: Name
    timezone_id: Name
    pause_status: Literal["CRON_SCHEDULE_PAUSE_STATUS_PAUSED", "CRON_SCHEDULE_PAUSE_STATUS_UNPAUSED"] = (
        "CRON_SCHEDULE_PAUSE_STATUS_UNPAUSED"
    )

    @property
    def paused(self) -> bool:
        """Whether it does nothing for now."""
        return self.pause_status == "CRON_SCHEDULE_PAUSE_STATUS_PAUSED"


class Destination(Body):
    """Who is told."""

    email_addresses: list[Name] = Field(default_factory=list, max_length=MAX_ADDRESSES)


class NotificationSettings(Body):
    """Who is told of what."""

    on_failure: Destination | None = None


class Config(Body):
    """The definition of a monitor.

    Attributes:
        output_schema_id: id of the schema of the metric tables.
        assets_dir: folder of the dashboard; of the workspace's tree.
        baseline_table_name: table that the monitored one is compared with.
        slicing_exprs: SQL expressions that divide the rows.
        skip_builtin_dashboard: whether no dashboard is wanted.
        warehouse_id: the warehouse of its statements.
    """

    output_schema_id: Name
    assets_dir: Name | None = None
    baseline_table_name: Name | None = None
    custom_metrics: list[CustomMetric] = Field(default_factory=list)
    inference_log: InferenceLog | None = None
    notification_settings: NotificationSettings | None = None
    schedule: Schedule | None = None
    skip_builtin_dashboard: bool = False
    slicing_exprs: list[Name] = Field(default_factory=list)
    snapshot: Snapshot | None = None
    time_series: TimeSeries | None = None
    warehouse_id: Name | None = None

    @property
    def profile_types(self) -> list[ProfileType]:
        """The types of profile that are declared; one in a definition that stands."""
        return [one for one in ProfileType if getattr(self, one) is not None]

    @property
    def series(self) -> TimeSeries | None:
        """What a time series and an inference log have in common."""
        return self.inference_log or self.time_series

    @property
    def email_addresses(self) -> list[str]:
        """Who is told of a refresh that failed."""
        settings = self.notification_settings
        return settings.on_failure.email_addresses if settings and settings.on_failure else []

    def stored(self) -> dict[str, Any]:
        """Return it as JSON, without what was not declared."""
        return self.model_dump(mode="json", exclude_none=True)

    def same_metrics(self, other: Config) -> bool:
        """Return whether metrics under one definition are metrics under the other."""
        return self.model_dump(include=set(_OF_METRICS)) == other.model_dump(include=set(_OF_METRICS))
