"""The configuration of monitoring: which tables, how, and who is told.

catalog_name: prod
monitored_tables:
  prod.sales.orders:
    profile_type: SNAPSHOT
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from lakestead.core.config import Declaration, load_yaml
from lakestead.core.names import InvalidName, canonical, split_name
from lakestead.profiling.checks.rules import Checks
from lakestead.profiling.settings import ProfileSettings, Quartz, TableSettings, Timezone

DEFAULT_GROUP = "default"


def _tag_value(value: Any) -> Any:
    """YAML takes `true` and `1` for more than text; values of tags are text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


TagValue = Annotated[str, BeforeValidator(_tag_value)]


class Mode(StrEnum):
    """How much is deployed: monitors, views, alerts and dashboards, or monitors alone."""

    FULL = "full"
    BULK = "bulk_provision_only"


class Discovery(Declaration):
    """Which tables are found by their tags.

    Args:
        include_tags: tags that a table must have, all of them; `*` is any value.
        exclude_tags: tags that it must not have, none of them.
        include_schemas: patterns of schemas (`*` and `?`) to look in; all if empty.
        exclude_schemas: patterns of schemas to leave out.
        exclude_tables: patterns of `schema.table` to leave out.
        priority_tag: the tag that says which tables come first: `critical`, `high`, `medium`, `low`, or a
            number, of which the smallest comes first.
    """

    include_tags: dict[str, TagValue] = Field(min_length=1)
    exclude_tags: dict[str, TagValue] = Field(default_factory=dict)
    include_schemas: tuple[str, ...] = ()
    exclude_schemas: tuple[str, ...] = ()
    exclude_tables: tuple[str, ...] = ()
    priority_tag: str = "monitor_priority"


class EffectSizes(Declaration):
    """How far a distribution must have moved to be called drift, beside `drift_threshold`.

    Args:
        ks_statistic: for numbers, the largest distance between the two cumulative distributions, 0 to 1.
        population_stability_index: for numbers; 0.1 to 0.2 is a moderate shift, more a significant one.
        performance_drop: for models, the fall in quality relative to the window before, 0 to 1.
    """

    ks_statistic: float = Field(default=0.2, ge=0, le=1)
    population_stability_index: float = Field(default=0.2, ge=0)
    performance_drop: float = Field(default=0.1, ge=0, le=1)


class Alerting(Declaration):
    """What is alerted on, and who is told.

    Args:
        enable_aggregated_alerts: whether there are alerts, on the unified views of each group.
        drift_threshold: the Jensen-Shannon distance of categories that is drift, 0 to 1.
        effect_sizes: the same for the other statistics.
        minimum_count: of windows with fewer rows, drift and models' quality are not looked at.
        exclude_columns: patterns (`*` and `?`) of columns, or of `catalog.schema.table.column`, the drift and
            nulls of which are not looked at: what follows the calendar, or counts up, drifts by nature.
        null_rate_threshold: the share of nulls in a column that is too much, 0 to 1; none if not given.
        row_count_min: the rows that a window must have; any if not given.
        freshness_hours: how old the newest window may be; any age if not given.
        quartz_cron_schedule: when the alerts are evaluated.
        timezone_id: of the schedule.
        default_notifications: e-mail addresses and notification destinations, for groups without their own.
        group_notifications: the same for each group.
    """

    enable_aggregated_alerts: bool = True
    drift_threshold: float = Field(default=0.2, ge=0, le=1)
    effect_sizes: EffectSizes = EffectSizes()
    minimum_count: int = Field(default=100, ge=0)
    exclude_columns: tuple[str, ...] = ()
    null_rate_threshold: float | None = Field(default=None, ge=0, le=1)
    row_count_min: int | None = Field(default=None, ge=0)
    freshness_hours: float | None = Field(default=None, gt=0)
    quartz_cron_schedule: Quartz = "0 0 * * * ?"
    timezone_id: Timezone = "UTC"
    default_notifications: tuple[str, ...] = ()
    group_notifications: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Dashboards(Declaration):
    """Where dashboards and the monitors' other assets are kept.

    Args:
        enabled: whether groups have dashboards.
        folder: the workspace folder. It also marks the monitors of this configuration: configurations that
            share a catalog need a folder each.
        executive_rollup: whether there is a dashboard over all groups when there are several.
    """

    enabled: bool = True
    folder: str = "/Shared/lakestead-profiling"
    executive_rollup: bool = True

    @field_validator("folder")
    @classmethod
    def _absolute(cls, folder: str) -> str:
        if not folder.startswith("/") or folder == "/":
            raise ValueError("must be the path of a folder, such as /Shared/monitoring")
        return folder.rstrip("/")


class Policy(Declaration):
    """What every monitored table must keep to; a table that does not is refused.

    Args:
        table_names: patterns of `schema.table`, one of which each table must match; any if empty.
        output_schema_names: patterns, one of which each output schema must match; any if empty.
        require_baseline: whether each must have a baseline table.
        require_slicing: whether each must have slicing expressions.
        require_tags: names of tags that each must have.
        max_tables: the most tables; those of the highest priority are kept.
    """

    table_names: tuple[str, ...] = ()
    output_schema_names: tuple[str, ...] = ()
    require_baseline: bool = False
    require_slicing: bool = False
    require_tags: tuple[str, ...] = ()
    max_tables: int | None = Field(default=None, ge=1)


class Provisioning(Declaration):
    """How hard the workspace's API is worked.

    Args:
        concurrency: requests at once; the SDK has 20 connections.
        requests_per_second: requests that are begun in a second, at most.
        patience_seconds: how long a run waits for monitors to be active.
    """

    concurrency: int = Field(default=16, ge=1, le=20)
    requests_per_second: float = Field(default=200.0, gt=0)
    patience_seconds: float = Field(default=900.0, gt=0)


class OrchestratorConfig(Declaration):
    """The whole configuration.

    Args:
        catalog_name: all tables are in this catalog.
        warehouse_id: the SQL warehouse that runs statements; else what the workspace's profile or
            DATABRICKS_WAREHOUSE_ID names.
        mode: everything, or monitors alone.
        include_tagged_tables: whether tables are also found by their tags.
        discovery: by which tags.
        monitored_tables: tables by their full names, with their own settings.
        profile_defaults: what they inherit.
        alerting: what is alerted on.
        dashboards: where dashboards are kept.
        policy: what tables must keep to.
        provisioning: how hard the API is worked.
        checks: rules that rows must keep, by table.
        group_tag: the tag that says a table's monitor group.
        owner_tag: the tag that says who answers for a table.
    """

    catalog_name: str
    warehouse_id: str | None = None
    mode: Mode = Mode.FULL
    include_tagged_tables: bool = False
    discovery: Discovery | None = None
    monitored_tables: dict[str, TableSettings] = Field(default_factory=dict)
    profile_defaults: ProfileSettings = ProfileSettings()
    alerting: Alerting = Alerting()
    dashboards: Dashboards = Dashboards()
    policy: Policy = Policy()
    provisioning: Provisioning = Provisioning()
    checks: Checks = Checks()
    group_tag: str = "monitor_group"
    owner_tag: str = "owner"

    @field_validator("catalog_name")
    @classmethod
    def _canonical_catalog(cls, name: str) -> str:
        return canonical(name)

    @field_validator("monitored_tables", mode="before")
    @classmethod
    def _tables(cls, tables: Any) -> Any:
        """A table of which nothing is said but its name inherits everything."""
        if tables is None:
            return {}
        if isinstance(tables, dict):
            return {name: {} if settings is None else settings for name, settings in tables.items()}
        return tables

    @field_validator("monitored_tables")
    @classmethod
    def _canonical_tables(cls, tables: dict[str, TableSettings]) -> dict[str, TableSettings]:
        found: dict[str, TableSettings] = {}
        problems = []
        for name, settings in tables.items():
            try:
                full_name = table_name(name)
            except InvalidName as error:
                problems.append(str(error))
                continue
            if full_name in found:
                problems.append(f"the table '{full_name}' is given twice")
            found[full_name] = settings
        if problems:
            raise ValueError("; ".join(problems))
        return found

    @model_validator(mode="after")
    def _says_which_tables(self) -> OrchestratorConfig:
        if self.include_tagged_tables and self.discovery is None:
            raise ValueError("include_tagged_tables needs `discovery`, which says the tags")
        if not self.include_tagged_tables and not self.monitored_tables and not self.checks.root:
            raise ValueError("name tables in `monitored_tables`, or set `include_tagged_tables: true`")
        named = [*self.monitored_tables, *self.checks.root]
        elsewhere = [name for name in named if split_name(name)[0] != self.catalog_name]
        if elsewhere:
            raise ValueError(
                f"all tables must be in the catalog '{self.catalog_name}'; not in it: {', '.join(elsewhere)}"
            )
        return self


def table_name(text: str) -> str:
    """Return a table's full name as Unity Catalog has it.

    Raises:
        InvalidName: it is not catalog.schema.table.
    """
    parts = split_name(text)
    if len(parts) != 3:
        raise InvalidName(f"'{text}' is not a table's full name: write catalog.schema.table")
    return ".".join(canonical(part) for part in parts)


def load_config(path: str | os.PathLike[str]) -> OrchestratorConfig:
    """Read a configuration from a YAML file.

    Args:
        path: the file.

    Raises:
        ConfigError: it cannot be read, or is wrong; all mistakes at once, each with file, line and column.
    """
    return load_yaml(Path(path), OrchestratorConfig)
