"""The dashboard that a monitor comes with: what its metric tables say, window by window."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from lakestead.core.names import quote, quote_name, quote_string
from lakestead.workspace.assets import service as assets
from lakestead.workspace.assets.paths import home
from lakestead.workspace.dashboards import service as dashboards
from lakestead.workspace.dashboards.requests import DashboardBody, Datasets, Publish
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.monitors.spec import MonitorSpec, ProblemType, ProfileType
from lakestead.workspace.store.monitors import Monitor

# Where dashboards of monitors are when their makers do not say, in the home of each.
_FOLDER = "databricks_lakehouse_monitoring"


def put(tx: Session, actor: Principal, monitor: Monitor, spec: MonitorSpec) -> None:
    """Give a monitor its dashboard, or bring the one that it has up to date, and publish it.

    Args:
        tx: the transaction.
        actor: who does, and owns a new one.
        monitor: the record, which gets the dashboard's id.
        spec: its definition.

    Raises:
        ApiError: PERMISSION_DENIED on the folder; ALREADY_EXISTS of something else in its place.
    """
    body = DashboardBody(serialized_dashboard=serialized(spec), warehouse_id=spec.warehouse_id)
    if monitor.dashboard_id is not None and _stands(tx, monitor.dashboard_id):
        dashboards.update(tx, actor, monitor.dashboard_id, body, Datasets())
    else:
        where = folder(monitor)
        assets.make_folders(tx, actor, where)
        named = body.model_copy(update={"display_name": _name(tx, monitor, where), "parent_path": where})
        monitor.dashboard_id = dashboards.create(tx, actor, named, Datasets()).id
    dashboards.publish(tx, actor, monitor.dashboard_id, Publish())


def folder(monitor: Monitor) -> str:
    """Return the folder of a monitor's dashboard."""
    assets_dir = monitor.config.get("assets_dir") or f"{home(monitor.owner)}/{_FOLDER}"
    return f"{assets_dir.rstrip('/')}/{monitor.table.full_name}"


def serialized(spec: MonitorSpec) -> str:
    """Return a monitor's dashboard in Databricks' format."""
    text = files(__package__).joinpath("dashboard.json").read_text(encoding="utf-8")
    quality = "Accuracy" if spec.problem_type is ProblemType.CLASSIFICATION else "R²"
    pages = json.loads(text.replace("%quality%", quality))
    queries = {"columns": _columns(spec), "newest": f"SELECT * FROM ({_columns(spec)}) WHERE newest"}
    queries["drift"] = _drift(spec)
    if spec.profile_type is ProfileType.INFERENCE_LOG:
        queries["quality"] = _quality(spec)
    shown = [{"name": name, "displayName": name, "queryLines": [query]} for name, query in queries.items()]
    content: dict[str, Any] = {"datasets": shown, "pages": pages if "quality" in queries else pages[:1]}
    return json.dumps(content)


def _columns(spec: MonitorSpec) -> str:
    """Return the query of each column's profile in each window, beside the number of rows."""
    inside = f"log_type = 'INPUT' AND {_whole(spec)}{_all_models(spec)}"
    return (
        "SELECT * FROM (SELECT `window`.start AS window_start, granularity, column_name, data_type, count, "
        "num_nulls, percent_null, percent_distinct, min, avg, max, stddev, "
        "max(if(column_name = ':table', count, NULL)) OVER (PARTITION BY `window`) AS row_count, "
        "`window`.start = max(`window`.start) OVER () AS newest "
        f"FROM {quote_name(*spec.profile_table)} WHERE {inside}) WHERE column_name <> ':table'"
    )


def _drift(spec: MonitorSpec) -> str:
    """Return the query of how far each column is from the window before, by the statistic of its type."""
    return (
        "SELECT `window`.start AS window_start, column_name, "
        "coalesce(js_distance, ks_test.statistic) AS distance "
        f"FROM {quote_name(*spec.drift_table)} WHERE drift_type = 'CONSECUTIVE' AND {_whole(spec)}"
        f"{_all_models(spec)} AND coalesce(js_distance, ks_test.statistic) IS NOT NULL"
    )


def _quality(spec: MonitorSpec) -> str:
    """Return the query of how good each model's predictions are."""
    metric = "accuracy_score" if spec.problem_type is ProblemType.CLASSIFICATION else "r2_score"
    return (
        f"SELECT `window`.start AS window_start, {quote(str(spec.model_id_column))} AS model, count, "
        f"{metric} AS value FROM {quote_name(*spec.profile_table)} "
        f"WHERE log_type = 'INPUT' AND column_name = ':table' AND {_whole(spec)}"
    )


def _whole(spec: MonitorSpec) -> str:
    """Return the condition of rows that are of no slice, in windows of the first granularity."""
    by = f" AND granularity = {quote_string(spec.granularities[0])}" if spec.granularities else ""
    return f"slice_key IS NULL{by}"


def _all_models(spec: MonitorSpec) -> str:
    return f" AND {quote(spec.model_id_column)} = '*'" if spec.model_id_column else ""


def _stands(tx: Session, dashboard_id: str) -> bool:
    try:
        return not dashboards.find(tx, dashboard_id).trashed
    except ApiError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        return False


def _name(tx: Session, monitor: Monitor, where: str) -> str:
    """Return a name that is free in the folder: dashboards of monitors that were deleted stay there."""
    name, number = f"{monitor.table.name} Monitoring", 1
    taken = {one.path.rsplit("/", 1)[-1] for one in assets.inside(tx, where)}
    while f"{name}{dashboards.EXTENSION}" in taken:
        number += 1
        name = f"{monitor.table.name} Monitoring ({number})"
    return name
