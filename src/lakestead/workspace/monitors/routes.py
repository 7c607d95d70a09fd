"""Routes of the data-quality API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.monitors import legacy, privileges, service, shapes
from lakestead.workspace.monitors.shapes import Json
from lakestead.workspace.monitors.spec import RefreshTrigger
from lakestead.workspace.paging import DEFAULT_SIZE, MAX_SIZE, decode, encode
from lakestead.workspace.store.monitors import MonitorRefresh
from lakestead.workspace.store.objects import Securable

_PATH = "/api/data-quality/v1/monitors"
_ONE = f"{_PATH}/{{object_type}}/{{object_id}}"
_REFRESHES = f"{_ONE}/refreshes"
_REFRESH = f"{_REFRESHES}/{{refresh_id:int}}"


class Anomalies(Body):
    """Anomaly detection of a schema; it is read to be refused by name."""

    excluded_table_full_names: list[str] = Field(default_factory=list)


class Sent(Body):
    """A monitor as clients send it."""

    object_type: str = "table"
    object_id: str = ""
    anomaly_detection_config: Anomalies | None = None
    data_profiling_config: dict[str, Any] | None = None


class Mask(Body):
    """Query parameter of an update."""

    update_mask: str = Field(min_length=1)


class Listed(Body):
    """Query parameters of lists."""

    page_size: int | None = Field(default=None, ge=0)
    page_token: str | None = None


class SentRefresh(Body):
    """A refresh as clients send it: nothing in it is theirs to say."""

    object_type: str = "table"
    object_id: str = ""
    refresh_id: int | None = None
    state: str | None = None
    trigger: str | None = None
    message: str | None = None
    start_time_ms: int | None = None
    end_time_ms: int | None = None


def needs(rule: privileges.Rule) -> Callable[[Call, Session], Iterable[Access]]:
    """Return the access rule of routes whose path has the table."""

    def checked(call: Call, tx: Session) -> Iterable[Access]:
        rule(tx, call.principal, _table(tx, call.path["object_type"], call.path["object_id"]))
        return ()

    return checked


def creates(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule of making a monitor: its table is in the body."""
    sent = call.parse(Sent)
    privileges.may_create(tx, call.principal, _table(tx, sent.object_type, sent.object_id))
    return ()


def create(call: Call) -> Json:
    """POST a monitor."""
    sent = call.parse(Sent)
    config = shapes.read(_profiling(sent))
    with call.workspace.store.write() as tx:
        table = service.table_by_id(tx, sent.object_id)
        warehouse_id = call.workspace.default_warehouse_id
        first = service.create(tx, call.principal, table, config, warehouse_id)
        shown = shapes.monitor(tx, service.get(tx, table), warehouse_id)
    call.workspace.monitors.schedule(table.id, config.schedule)
    call.workspace.monitors.make(first)
    return shown


def get(call: Call) -> Json:
    """GET a monitor."""
    with call.workspace.store.read() as tx:
        monitor = service.get(tx, service.table_by_id(tx, call.path["object_id"]))
        return shapes.monitor(tx, monitor, call.workspace.default_warehouse_id)


def update(call: Call) -> Json:
    """PATCH the fields of a monitor that the mask names."""
    sent, mask = call.parse(Sent), call.arguments(Mask).update_mask
    if sent.object_id not in ("", call.path["object_id"]):
        raise ApiError(ErrorCode.INVALID_REQUEST, "object_id: the monitor of a table stays with the table.")
    with call.workspace.store.write() as tx:
        monitor = service.get(tx, service.table_by_id(tx, call.path["object_id"]))
        config = shapes.read(shapes.changed(monitor.config, _profiling(sent), mask))
        warehouse_id = call.workspace.default_warehouse_id
        service.update(tx, call.principal, monitor, config, warehouse_id)
        shown = shapes.monitor(tx, monitor, warehouse_id)
    call.workspace.monitors.schedule(monitor.table_id, config.schedule)
    return shown


def delete(call: Call) -> None:
    """DELETE a monitor."""
    with call.workspace.store.write() as tx:
        table = service.table_by_id(tx, call.path["object_id"])
        call.workspace.monitors.delete(tx, service.get(tx, table))


def list_all(call: Call) -> Json:
    """GET the monitors that the principal may see, by the ids of their tables."""
    asked = call.arguments(Listed)
    size = min(asked.page_size or DEFAULT_SIZE, MAX_SIZE)
    with call.workspace.store.read() as tx:
        after = service.all_after(tx, decode(asked.page_token) if asked.page_token else "")
        sees = privileges.seeing(tx, call.principal)
        found = list(islice((one for one in after if sees(one.table)), size + 1))
        shown = [shapes.monitor(tx, one, call.workspace.default_warehouse_id) for one in found[:size]]
    token = {"next_page_token": encode(found[size - 1].table_id)} if len(found) > size else {}
    return {"monitors": shown, **token}


def create_refresh(call: Call) -> Json:
    """POST a refresh."""
    call.parse(SentRefresh)
    with call.workspace.store.write() as tx:
        monitor = service.get(tx, service.table_by_id(tx, call.path["object_id"]))
        made = service.add_refresh(tx, monitor, RefreshTrigger.MANUAL)
        shown = shapes.refresh(made)
    call.workspace.monitors.submit(made)
    return shown


def get_refresh(call: Call) -> Json:
    """GET a refresh."""
    with call.workspace.store.read() as tx:
        return shapes.refresh(_refresh(call, tx))


def list_refreshes(call: Call) -> Json:
    """GET the refreshes of a monitor, the newest first."""
    asked = call.arguments(Listed)
    size = min(asked.page_size or DEFAULT_SIZE, MAX_SIZE)
    with call.workspace.store.read() as tx:
        monitor = service.get(tx, service.table_by_id(tx, call.path["object_id"]))
        found = service.refreshes(tx, monitor, before=_before(asked.page_token), limit=size + 1)
        return {
            "refreshes": [shapes.refresh(one) for one in found[:size]],
            **({"next_page_token": encode(str(found[size - 1].id))} if len(found) > size else {}),
        }


def _before(token: str | None) -> int | None:
    if not token:
        return None
    key = decode(token)
    if not (key.isascii() and key.isdigit()) or int(key) > service.MAX_ID:
        raise ApiError(ErrorCode.INVALID_REQUEST, "The page_token is not valid.")
    return int(key)


def cancel_refresh(call: Call) -> Json:
    """POST that a refresh shall end."""
    with call.workspace.store.write() as tx:
        refresh = _refresh(call, tx)
        call.workspace.monitors.cancel(tx, refresh)
        return {"refresh": shapes.refresh(refresh)}


def _refresh(call: Call, tx: Session) -> MonitorRefresh:
    monitor = service.get(tx, service.table_by_id(tx, call.path["object_id"]))
    return service.get_refresh(tx, monitor, int(call.path["refresh_id"]))


def _table(tx: Session, object_type: str, object_id: str) -> Securable:
    if object_type == "schema":
        raise unsupported("Anomaly detection of a schema")
    if object_type != "table":
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"object_type: '{object_type}' is neither 'table' nor 'schema'."
        )
    return service.table_by_id(tx, object_id)


def _profiling(sent: Sent) -> Json:
    if sent.anomaly_detection_config is not None:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, "anomaly_detection_config: only monitors of schemas have it."
        )
    if sent.data_profiling_config is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, "data_profiling_config: a monitor of a table needs it.")
    return sent.data_profiling_config


_CLIENT = "databricks-sdk: data_quality"
_MANAGES, _READS = needs(privileges.may_change), needs(privileges.may_read)
_TABLES_ONLY = "monitors of tables; anomaly detection of schemas is refused"
ROUTES = [
    Route("POST", _PATH, create, creates, f"{_CLIENT}.create_monitor", _TABLES_ONLY),
    Route("GET", _PATH, list_all, witness=f"{_CLIENT}.list_monitor"),
    Route("GET", _ONE, get, _READS, f"{_CLIENT}.get_monitor", _TABLES_ONLY),
    Route("PATCH", _ONE, update, _MANAGES, f"{_CLIENT}.update_monitor", _TABLES_ONLY),
    Route("DELETE", _ONE, delete, _MANAGES, f"{_CLIENT}.delete_monitor", _TABLES_ONLY),
    Route("POST", _REFRESHES, create_refresh, _MANAGES, f"{_CLIENT}.create_refresh"),
    Route("GET", _REFRESHES, list_refreshes, _READS, f"{_CLIENT}.list_refresh"),
    Route("GET", _REFRESH, get_refresh, _READS, f"{_CLIENT}.get_refresh"),
    Route("POST", f"{_REFRESH}/cancel", cancel_refresh, _MANAGES, f"{_CLIENT}.cancel_refresh"),
    *legacy.ROUTES,
]
