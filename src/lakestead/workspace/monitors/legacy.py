"""The older API of monitors, of the same monitors: other names for the same fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import Field
from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.catalog import lookup
from lakestead.workspace.catalog.rest.common import PREFIX, parts
from lakestead.workspace.errors import unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.monitors import dashboard, privileges, resolve, service, shapes, words
from lakestead.workspace.monitors.shapes import Json
from lakestead.workspace.monitors.spec import RefreshTrigger
from lakestead.workspace.store.monitors import Monitor, MonitorRefresh
from lakestead.workspace.store.objects import Kind, Securable

_ONE = f"{PREFIX}/tables/{{name}}/monitor"
_REFRESHES = f"{_ONE}/refreshes"
_REFRESH = f"{_REFRESHES}/{{refresh_id:int}}"
_DASHBOARD = "/api/2.1/quality-monitoring/tables/{name}/monitor/dashboard"
# As many as Databricks lists.
_MOST_REFRESHES = 25
# What the older API has no field for.
_NOT_SHOWN = ("output_schema_id", "skip_builtin_dashboard", "warehouse_id")


class Regenerate(Body):
    """The body that makes a dashboard anew."""

    warehouse_id: str | None = None


class Declared(Body):
    """What making and changing a monitor have in common; what is inside is read as the newer API's."""

    output_schema_name: str
    assets_dir: str | None = None
    baseline_table_name: str | None = None
    custom_metrics: list[Json] = Field(default_factory=list)
    data_classification_config: Json | None = None
    inference_log: Json | None = None
    notifications: Json | None = None
    schedule: Json | None = None
    slicing_exprs: list[str] = Field(default_factory=list)
    snapshot: Json | None = None
    time_series: Json | None = None


class Create(Declared):
    """The body that makes a monitor."""

    assets_dir: str
    skip_builtin_dashboard: bool = False
    warehouse_id: str | None = None


class Update(Declared):
    """The body that changes a monitor: what is not in it is not declared any more."""

    dashboard_id: str | None = None
    latest_monitor_failure_msg: str | None = None


def needs(rule: privileges.Rule) -> Callable[[Call, Session], Iterable[Access]]:
    """Return the access rule of routes whose path names the table."""

    def checked(call: Call, tx: Session) -> Iterable[Access]:
        rule(tx, call.principal, _table(call, tx))
        return ()

    return checked


def create(call: Call) -> Json:
    """POST a monitor."""
    sent = call.parse(Create)
    with call.workspace.store.write() as tx:
        table = _table(call, tx)
        config = shapes.read(_config(tx, sent, {"assets_dir", "skip_builtin_dashboard", "warehouse_id"}))
        first = service.create(tx, call.principal, table, config, call.workspace.default_warehouse_id)
        shown = _monitor(tx, service.get(tx, table))
    call.workspace.monitors.schedule(table.id, config.schedule)
    call.workspace.monitors.make(first)
    return shown


def get(call: Call) -> Json:
    """GET a monitor."""
    with call.workspace.store.read() as tx:
        return _monitor(tx, _found(call, tx))


def update(call: Call) -> Json:
    """PUT another definition; what it cannot say stays."""
    sent = call.parse(Update)
    with call.workspace.store.write() as tx:
        monitor = _found(call, tx)
        if sent.dashboard_id not in (None, monitor.dashboard_id):
            raise unsupported("Giving a monitor another dashboard")
        stays = {"assets_dir", "skip_builtin_dashboard", "warehouse_id"} & monitor.config.keys()
        config = shapes.read(_config(tx, sent, set()) | {name: monitor.config[name] for name in stays})
        service.update(tx, call.principal, monitor, config, call.workspace.default_warehouse_id)
        shown = _monitor(tx, monitor)
    call.workspace.monitors.schedule(monitor.table_id, config.schedule)
    return shown


def delete(call: Call) -> None:
    """DELETE a monitor."""
    with call.workspace.store.write() as tx:
        call.workspace.monitors.delete(tx, _found(call, tx))


def run_refresh(call: Call) -> Json:
    """POST a refresh."""
    with call.workspace.store.write() as tx:
        made = service.add_refresh(tx, _found(call, tx), RefreshTrigger.MANUAL)
    call.workspace.monitors.submit(made)
    return _refresh(made)


def list_refreshes(call: Call) -> Json:
    """GET the newest refreshes."""
    with call.workspace.store.read() as tx:
        found = service.refreshes(tx, _found(call, tx), limit=_MOST_REFRESHES)
        return {"refreshes": [_refresh(one) for one in found]}


def get_refresh(call: Call) -> Json:
    """GET a refresh."""
    with call.workspace.store.read() as tx:
        return _refresh(service.get_refresh(tx, _found(call, tx), int(call.path["refresh_id"])))


def cancel_refresh(call: Call) -> None:
    """POST that a refresh shall end."""
    with call.workspace.store.write() as tx:
        refresh = service.get_refresh(tx, _found(call, tx), int(call.path["refresh_id"]))
        call.workspace.monitors.cancel(tx, refresh)


def regenerate_dashboard(call: Call) -> Json:
    """POST that a monitor gets its dashboard, or has it as it was at first."""
    asked = call.parse(Regenerate)
    with call.workspace.store.write() as tx:
        monitor = _found(call, tx)
        spec = resolve.spec_of(tx, monitor, asked.warehouse_id or call.workspace.default_warehouse_id)
        dashboard.put(tx, call.principal, monitor, spec)
        return {"dashboard_id": monitor.dashboard_id, "parent_folder": dashboard.folder(monitor)}


def _table(call: Call, tx: Session) -> Securable:
    return lookup.get(tx, Kind.TABLE, parts(call.path["name"]))


def _found(call: Call, tx: Session) -> Monitor:
    return service.get(tx, _table(call, tx))


def _config(tx: Session, sent: Declared, more: set[str]) -> Json:
    """Return a definition in the fields of the newer API."""
    if (sent.data_classification_config or {}).get("enabled"):
        raise unsupported("Data classification by a monitor")
    named = {*Declared.model_fields} - {
        "assets_dir",
        "data_classification_config",
        "output_schema_name",
    } | more
    declared: Json = words.newer(sent.model_dump(include=named, exclude_none=True))
    return declared | {
        "output_schema_id": lookup.get(tx, Kind.SCHEMA, parts(sent.output_schema_name)).id,
    }


def _monitor(tx: Session, one: Monitor) -> Json:
    """Return a monitor as ``MonitorInfo``."""
    config = {key: value for key, value in one.config.items() if key not in _NOT_SHOWN}
    schema = tx.get(Securable, one.output_schema_id)
    shown = words.older(config) | {
        "table_name": one.table.full_name,
        "output_schema_name": schema.full_name if schema else None,
        "status": f"MONITOR_STATUS_{one.status}",
        "monitor_version": one.version,
        "dashboard_id": one.dashboard_id,
        "latest_monitor_failure_msg": one.failure,
        **shapes.metric_tables(tx, one),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _refresh(one: MonitorRefresh) -> Json:
    """Return a refresh as ``MonitorRefreshInfo``."""
    return {
        "refresh_id": one.id,
        "state": one.state,
        "trigger": one.trigger,
        "start_time_ms": one.started_at,
    } | shapes.ended(one)


_CLIENT = "databricks-sdk: quality_monitors"
_MANAGES, _READS = needs(privileges.may_change), needs(privileges.may_read)
ROUTES = [
    Route("POST", _ONE, create, needs(privileges.may_create), f"{_CLIENT}.create"),
    Route("GET", _ONE, get, _READS, f"{_CLIENT}.get"),
    Route("PUT", _ONE, update, _MANAGES, f"{_CLIENT}.update"),
    Route("DELETE", _ONE, delete, _MANAGES, f"{_CLIENT}.delete"),
    Route("POST", _REFRESHES, run_refresh, _MANAGES, f"{_CLIENT}.run_refresh"),
    Route("GET", _REFRESHES, list_refreshes, _READS, f"{_CLIENT}.list_refreshes"),
    Route("GET", _REFRESH, get_refresh, _READS, f"{_CLIENT}.get_refresh"),
    Route("POST", f"{_REFRESH}/cancel", cancel_refresh, _MANAGES, f"{_CLIENT}.cancel_refresh"),
    Route("POST", _DASHBOARD, regenerate_dashboard, _MANAGES, f"{_CLIENT}.regenerate_dashboard"),
]
