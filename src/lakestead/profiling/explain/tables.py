"""Explanations of a table of a configuration."""

from __future__ import annotations

import datetime as dt

from lakestead.client import Warehouse
from lakestead.core.config import unknown
from lakestead.core.errors import ConfigError
from lakestead.profiling.config import OrchestratorConfig, table_name
from lakestead.profiling.discovery import resolve
from lakestead.profiling.explain.drifts import find_drifts
from lakestead.profiling.explain.explanation import Explanation, explain
from lakestead.profiling.pacing import Requests
from lakestead.profiling.views import find_metrics


def explain_table(
    config: OrchestratorConfig,
    table: str,
    warehouse: Warehouse,
    *,
    column: str | None = None,
    window: dt.datetime | None = None,
    slice_value: str | None = None,
    most: int = 5,
) -> list[Explanation]:
    """Explain measured drift of a table, the largest first.

    Args:
        config: the configuration that the table is in.
        table: its full name.
        warehouse: is asked.
        column: only of this column.
        window: only of the window that begins then; else the newest.
        slice_value: only of slices with this value; else only of all rows.
        most: so many at most.

    Raises:
        ConfigError: the configuration has no such table.
    """
    targets = {
        one.full_name: one for one in resolve(config, warehouse, Requests(config.provisioning)).targets
    }
    name = table_name(table)
    if name not in targets:
        raise ConfigError(unknown("monitored table", name, list(targets)))
    found = []
    for metrics in find_metrics(warehouse, [targets[name]]):
        if metrics.drift:
            for drift in find_drifts(warehouse, metrics, column, window, slice_value, most):
                explained = explain(warehouse, metrics, drift)
                if explained is not None:
                    found.append(explained)
    return found
