"""The first page: dashboards, alerts and monitored tables, as far as one may see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from lakestead.workspace.access import visible
from lakestead.workspace.assets import rights
from lakestead.workspace.dashboards import service as dashboards
from lakestead.workspace.http import Call
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.alerts import Alert
from lakestead.workspace.store.dashboards import Dashboard
from lakestead.workspace.store.monitors import Monitor, MonitorRefresh
from lakestead.workspace.ui.pages import page
from lakestead.workspace.ui.times import at

Json = dict[str, Any]


def show(call: Call) -> Response:
    """GET what there is to see."""
    with call.workspace.store.read() as tx:
        shown = {
            "dashboards": [_dashboard(one) for one in dashboards.visible(tx, call.principal)],
            "alerts": list(_alerts(tx, call.principal)),
            "monitors": list(_monitors(tx, call.principal)),
        }
    for found in shown.values():
        found.sort(key=lambda one: one["name"].casefold())
    return page("index", {"principal": call.principal.name, **shown})


def _dashboard(one: Dashboard) -> Json:
    return {"name": one.display_name, "path": f"/dashboards/{one.id}", "owner": one.owner}


def _alerts(tx: Session, principal: Principal) -> Iterator[Json]:
    for one in tx.scalars(select(Alert).where(~Alert.trashed)):
        if rights.sees(tx, principal, one):
            yield {
                "name": one.display_name,
                "path": f"/alerts/{one.id}",
                "state": one.state,
                "at": at(one.evaluated_at),
            }


def _monitors(tx: Session, principal: Principal) -> Iterator[Json]:
    monitors = {one.table_id: one for one in tx.scalars(select(Monitor))}
    ended = select(MonitorRefresh.table_id, func.max(MonitorRefresh.ended_at))
    latest = {row[0]: row[1] for row in tx.execute(ended.group_by(MonitorRefresh.table_id))}
    for table in visible(tx, principal, [one.table for one in monitors.values()]):
        monitor = monitors[table.id]
        yield {
            "name": table.full_name,
            "state": monitor.status,
            "at": at(latest.get(table.id)),
            "path": f"/dashboards/{monitor.dashboard_id}" if monitor.dashboard_id else "",
        }
