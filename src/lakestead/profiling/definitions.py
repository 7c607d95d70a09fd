"""What monitors are like, as Databricks' API has it: what is wanted, and how what there is differs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lakestead.profiling.settings import GRANULARITIES, ProfileSettings, ProfileType
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from databricks.sdk.service.dataquality import DataProfilingConfig

_WRITTEN = {value: text for text, value in GRANULARITIES.items()}
# What cannot be changed in a monitor that stands.
_FIXED = frozenset({"profile_type", "output_schema_name"})
# Where the API keeps what; the rest is in the part of the profile type.
_OWN_FIELDS = {
    "baseline_table_name": "baseline_table_name",
    "slicing_exprs": "slicing_exprs",
    "custom_metrics": "custom_metrics",
    "schedule": "schedule",
    "assets_dir": "assets_dir",
    "create_builtin_dashboard": "skip_builtin_dashboard",
}
_PARTS = {ProfileType.TIMESERIES: "time_series", ProfileType.INFERENCE: "inference_log"}


@dataclass(frozen=True)
class Difference:
    """A setting that a monitor has otherwise than it is wanted.

    Args:
        setting: its name in the configuration.
        found: what it is.
        wanted: what it shall be.
    """

    setting: str
    found: Any
    wanted: Any


def wanted(
    target: Target, folder: str, output_schema_id: str, warehouse_id: str | None
) -> DataProfilingConfig:
    """Return the monitor that a table shall have.

    Args:
        target: the table.
        folder: where the configuration keeps its assets.
        output_schema_id: of the schema of the metric tables.
        warehouse_id: what makes the built-in dashboard.
    """
    from databricks.sdk.service import dataquality as api

    settings = target.settings
    return api.DataProfilingConfig(
        output_schema_id=output_schema_id,
        assets_dir=assets_dir(folder, target),
        baseline_table_name=settings.baseline_table_name,
        custom_metrics=_metrics(settings),
        schedule=_schedule(settings),
        skip_builtin_dashboard=not settings.create_builtin_dashboard,
        slicing_exprs=list(settings.slicing_exprs) or None,
        warehouse_id=warehouse_id,
        **_analysis(settings),
    )


def assets_dir(folder: str, target: Target) -> str:
    """Return where a monitor keeps its assets; by it, ours are known."""
    return f"{folder}/{target.schema}.{target.name}"


def is_ours(config: DataProfilingConfig, folder: str) -> bool:
    """Return whether a monitor was made by a configuration with this folder."""
    return _bare(config.assets_dir or "").startswith(_bare(folder) + "/")


def _analysis(settings: ProfileSettings) -> dict[str, Any]:
    from databricks.sdk.service import dataquality as api

    time = settings.time_column
    if time is None:
        return {"snapshot": api.SnapshotConfig()}
    granularities = [api.AggregationGranularity(GRANULARITIES[one]) for one in settings.granularity]
    if settings.profile_type is ProfileType.TIMESERIES:
        return {"time_series": api.TimeSeriesConfig(time[1], granularities)}
    problem = api.InferenceProblemType(f"INFERENCE_PROBLEM_TYPE_{settings.problem_type}")
    return {
        "inference_log": api.InferenceLogConfig(
            problem_type=problem,
            timestamp_column=time[1],
            granularities=granularities,
            prediction_column=settings.prediction_column,
            model_id_column=settings.model_id_column,
            label_column=settings.label_column,
        )
    }


def _metrics(settings: ProfileSettings) -> list[Any] | None:
    from databricks.sdk.service import dataquality as api

    return [
        api.DataProfilingCustomMetric(
            name=metric.name,
            definition=metric.definition,
            input_columns=list(metric.input_columns),
            output_data_type=metric.output_data_type,
            type=api.DataProfilingCustomMetricType(f"DATA_PROFILING_CUSTOM_METRIC_TYPE_{metric.type}"),
        )
        for metric in settings.custom_metrics
    ] or None


def _schedule(settings: ProfileSettings) -> Any:
    from databricks.sdk.service import dataquality as api

    if settings.schedule is None:
        return None
    return api.CronSchedule(settings.schedule.quartz_cron_expression, settings.schedule.timezone_id)


def differences(target: Target, found: DataProfilingConfig, want: DataProfilingConfig) -> list[Difference]:
    """Return what of a monitor is not as it is wanted, setting by setting.

    Args:
        target: the table.
        found: the monitor it has.
        want: the monitor it shall have.
    """
    before, after = _settings_of(found), _settings_of(want)
    if found.output_schema_id != want.output_schema_id:
        before["output_schema_name"] = _output_schema_name(found)
        after["output_schema_name"] = target.settings.output_schema_name
    if found.skip_builtin_dashboard is None:  # a service that does not say it cannot be compared with
        after["create_builtin_dashboard"] = before["create_builtin_dashboard"]
    return [
        Difference(setting, before.get(setting), after.get(setting))
        for setting in dict.fromkeys([*after, *before])
        if before.get(setting) != after.get(setting)
    ]


def must_recreate(differing: Collection[Difference]) -> bool:
    """Return whether differences are such that only a new monitor can do away with them."""
    return any(one.setting in _FIXED for one in differing)


def update_mask(target: Target, differing: Collection[Difference]) -> str:
    """Return the fields to update, as the API names them."""
    part = _PARTS.get(target.settings.profile_type)
    fields = [_OWN_FIELDS.get(one.setting, part) for one in differing]
    return ",".join(f"data_profiling_config.{field}" for field in dict.fromkeys(fields) if field)


def _settings_of(config: DataProfilingConfig) -> dict[str, Any]:
    """Return what a monitor says, by the names of our settings."""
    said: dict[str, Any] = {
        "profile_type": _profile_type(config).value,
        "baseline_table_name": config.baseline_table_name or None,
        "slicing_exprs": list(config.slicing_exprs or ()),
        "custom_metrics": [metric.as_dict() for metric in config.custom_metrics or ()],
        "schedule": None,
        "assets_dir": _bare(config.assets_dir or ""),
        "create_builtin_dashboard": not config.skip_builtin_dashboard,
    }
    if config.schedule is not None:
        said["schedule"] = f"{config.schedule.quartz_cron_expression} {config.schedule.timezone_id}"
    windowed = config.inference_log or config.time_series
    if windowed is not None:
        said["timestamp_column"] = windowed.timestamp_column
        said["granularity"] = [_WRITTEN[one.value] for one in windowed.granularities]
    if config.inference_log is not None:
        log = config.inference_log
        said["problem_type"] = log.problem_type.value.rpartition("_")[2]
        said["prediction_column"] = log.prediction_column
        said["label_column"] = log.label_column or None
        said["model_id_column"] = log.model_id_column
    return said


def _profile_type(config: DataProfilingConfig) -> ProfileType:
    if config.inference_log is not None:
        return ProfileType.INFERENCE
    return ProfileType.TIMESERIES if config.time_series is not None else ProfileType.SNAPSHOT


def _output_schema_name(config: DataProfilingConfig) -> str | None:
    parts = (config.profile_metrics_table_name or "").split(".")
    return parts[1] if len(parts) == 3 else None


def _bare(path: str) -> str:
    """A path with and without /Workspace is the same."""
    return path.removeprefix("/Workspace").rstrip("/")
