"""What the report tells, read from a workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lakestead.client import Warehouse
from lakestead.profiling.config import OrchestratorConfig
from lakestead.profiling.coverage import Coverage, coverage
from lakestead.profiling.discovery import resolve
from lakestead.profiling.explain import Drift, Explanation, explain
from lakestead.profiling.findings import Finding
from lakestead.profiling.pacing import Requests
from lakestead.profiling.report import series
from lakestead.profiling.report.checks import newest_checks
from lakestead.profiling.statuses import MonitorStatus, get_monitor_statuses
from lakestead.profiling.targets import Target
from lakestead.profiling.views import Metrics, find_metrics

Row = dict[str, Any]
EXPLAINED = 8
"""Columns whose drift is explained, at most."""

_WORTH = 0.05
"""Less than this is not worth a word."""


@dataclass(frozen=True)
class Contents:
    """What the report tells.

    Attributes:
        config: the configuration.
        at: when it was read, in UTC.
        targets: the monitored tables.
        statuses: how the monitor of each is doing.
        coverage: what of the catalog is monitored.
        findings: what breaks a limit in the newest windows, by kind.
        drift: measured drift of columns, over windows.
        tables: rows and worst null rates of tables, over windows.
        models: quality of models, over windows.
        explanations: of the columns that drifted the most.
        checks: the newest results of row checks.
    """

    config: OrchestratorConfig
    at: dt.datetime
    targets: Sequence[Target]
    statuses: Sequence[MonitorStatus]
    coverage: Coverage
    findings: dict[Finding, list[Row]]
    drift: list[Row]
    tables: list[Row]
    models: list[Row]
    explanations: list[Explanation]
    checks: list[Row]


def read_contents(config: OrchestratorConfig, warehouse: Warehouse) -> Contents:
    """Read what the report tells. Views need not be deployed.

    Args:
        config: the configuration.
        warehouse: is asked.

    Raises:
        databricks.sql.Error, DatabricksError: the workspace refuses something.
    """
    targets = resolve(config, warehouse, Requests(config.provisioning)).targets
    metrics = find_metrics(warehouse, targets)
    schemas = [
        config.profile_defaults.output_schema_name,
        *(one.settings.output_schema_name for one in targets),
    ]
    findings = series.findings(warehouse, metrics, config.alerting)
    drift = series.drifts(warehouse, metrics, config.alerting)
    return Contents(
        config=config,
        at=dt.datetime.now(dt.UTC),
        targets=targets,
        statuses=get_monitor_statuses(targets, warehouse=warehouse),
        coverage=coverage(config, warehouse=warehouse),
        findings=findings,
        drift=drift,
        tables=series.tables(warehouse, metrics),
        models=series.models(warehouse, metrics, config.alerting),
        explanations=_explanations(warehouse, metrics, drift),
        checks=newest_checks(warehouse, config.catalog_name, schemas),
    )


def _explanations(
    warehouse: Warehouse, metrics: Sequence[Metrics], drift: Sequence[Row]
) -> list[Explanation]:
    """Explain what drifted the most in the newest windows, once for each column."""
    of = {one.target.full_name: one for one in metrics}
    worst: dict[tuple[str, str], Row] = {}
    newest = [row for row in drift if row["age"] == 1 and (row["drifted"] or row["value"] >= _WORTH)]
    for row in sorted(newest, key=lambda one: (not one["drifted"], -one["value"])):
        worst.setdefault((row["source_table_name"], row["column_name"]), row)
    found = []
    for (table, column), row in list(worst.items())[:EXPLAINED]:
        drifted = Drift(
            table=table,
            column=column,
            start=row["window_start"],
            end=row["window_end"],
            compared_start=row["compared_start"],
            granularity=row["granularity"],
            slice_key=None,
            slice_value=None,
            statistic=row["statistic"],
            value=row["value"],
            pvalue=row["pvalue"],
        )
        explained = explain(warehouse, of[table], drifted)
        if explained is not None:
            found.append(explained)
    return found
