"""Monitors and refreshes in the shapes of the data-quality API, and the changes that a mask names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import explain
from lakestead.workspace.monitors import resolve
from lakestead.workspace.monitors.config import Config
from lakestead.workspace.store.monitors import Monitor, MonitorRefresh

Json = dict[str, Any]
ROOT = "data_profiling_config"
# What is shown of a definition beside what was declared; who sends back what was got sends it too.
READ_ONLY = frozenset(
    {
        "dashboard_id",
        "drift_metrics_table_name",
        "effective_warehouse_id",
        "latest_monitor_failure_message",
        "monitor_version",
        "monitored_table_name",
        "profile_metrics_table_name",
        "status",
    }
)


def monitor(tx: Session, one: Monitor, default_warehouse_id: str) -> Json:
    """Return a monitor as ``Monitor``.

    Args:
        tx: an open transaction.
        one: the record.
        default_warehouse_id: where statements run when it names no warehouse.
    """
    config = dict(one.config)
    if "inference_log" in config:
        # Only the older API has a field for it.
        config["inference_log"] = {
            key: value for key, value in config["inference_log"].items() if key != "probability_column"
        }
    shown = config | {
        "effective_warehouse_id": config.get("warehouse_id", default_warehouse_id),
        "monitor_version": one.version,
        "monitored_table_name": one.table.full_name,
        "status": f"DATA_PROFILING_STATUS_{one.status}",
        **metric_tables(tx, one),
    }
    if one.dashboard_id is not None:
        shown["dashboard_id"] = one.dashboard_id
    if one.failure is not None:
        shown["latest_monitor_failure_message"] = one.failure
    return {"object_type": "table", "object_id": one.table_id, ROOT: shown}


def metric_tables(tx: Session, one: Monitor) -> dict[str, str]:
    """Return the names of a monitor's metric tables; none when their schema is no more."""
    try:
        schema = resolve.output_schema(tx, one.output_schema_id).full_name
    except ApiError:
        return {}
    return {
        "profile_metrics_table_name": f"{schema}.{one.stem}_profile_metrics",
        "drift_metrics_table_name": f"{schema}.{one.stem}_drift_metrics",
    }


def refresh(one: MonitorRefresh) -> Json:
    """Return a refresh as ``Refresh``."""
    shown: Json = {
        "object_type": "table",
        "object_id": one.table_id,
        "refresh_id": one.id,
        "state": f"MONITOR_REFRESH_STATE_{one.state}",
        "trigger": f"MONITOR_REFRESH_TRIGGER_{one.trigger}",
        "start_time_ms": one.started_at,
    }
    return shown | ended(one)


def ended(one: MonitorRefresh) -> Json:
    """Return what only refreshes that are over have; both APIs call it the same."""
    more = {"end_time_ms": one.ended_at, "message": one.message}
    return {key: value for key, value in more.items() if value is not None}


def read(declared: Json) -> Config:
    """Return a definition that a client sent.

    Raises:
        ApiError: INVALID_REQUEST naming the field that is wrong.
    """
    try:
        return Config.model_validate({key: value for key, value in declared.items() if key not in READ_ONLY})
    except ValidationError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, explain(error)) from None


def changed(before: Json, sent: Json, mask: str) -> Json:
    """Return a definition with the fields that a mask names taken from another; what it lacks is removed.

    Args:
        before: the definition so far.
        sent: what the client sent.
        mask: paths of fields, separated by commas; ``*`` for all.

    Raises:
        ApiError: INVALID_REQUEST for a path that names nothing that can be changed.
    """
    result: Json = {ROOT: before}
    for path in [one.strip() for one in mask.split(",")]:
        if path not in _MASKS:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"update_mask: '{path}' cannot be changed.")
        result = _put(result, {ROOT: sent}, [ROOT] if path == "*" else path.split("."))
    found: Json = result.get(ROOT, {})
    return found


def _put(into: Json, source: Json, steps: list[str]) -> Json:
    name, *deeper = steps
    kept = {key: value for key, value in into.items() if key != name}
    if name not in source:
        return kept
    if not deeper:
        return kept | {name: source[name]}
    if not isinstance(source[name], dict):
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Field '{name}' is no object.")
    return kept | {name: _put(into.get(name) or {}, source[name], deeper)}


def _paths(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Give the paths of all fields that a definition can have; those inside lists have none."""
    yield prefix
    for name, field in model.model_fields.items():
        path = f"{prefix}.{name}"
        inner = [one for one in get_args(field.annotation) if isinstance(one, type)]
        models = [one for one in inner if issubclass(one, BaseModel)]
        if models and get_origin(field.annotation) is not list:
            yield from _paths(models[0], path)
        else:
            yield path


_MASKS = frozenset({"*", *_paths(Config, ROOT)})
