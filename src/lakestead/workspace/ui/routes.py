"""Routes of the pages."""

from __future__ import annotations

from starlette.responses import Response

from lakestead.workspace.http import Call, Route
from lakestead.workspace.ui import alerts, dashboards, index, signing_in
from lakestead.workspace.ui.pages import refuse, refuse_data, static


def file(call: Call) -> Response:
    """GET a script or a style."""
    return static(call.path["name"], call.request.headers.get("if-none-match", ""))


_WITNESS = "Chromium"
_ONE = "/dashboards/{dashboard_id}"
# Where Databricks has its dashboards.
_ELSEWHERE = ("/dashboardsv3/{dashboard_id}", "/sql/dashboardsv3/{dashboard_id}")
ROUTES = [
    Route("GET", "/", index.show, witness=_WITNESS, browser=True, refuse=refuse),
    Route("GET", "/login", signing_in.show, witness=_WITNESS, public=True, refuse=refuse),
    Route("POST", "/login", signing_in.sign_in, witness=_WITNESS, public=True, refuse=refuse),
    Route("POST", "/login/links", signing_in.invite, witness="lakestead up"),
    Route("POST", "/logout", signing_in.sign_out, witness=_WITNESS, browser=True, refuse=refuse),
    Route("GET", "/ui/static/{name}", file, witness=_WITNESS, public=True),
    Route("GET", "/alerts/{alert_id}", alerts.show, witness=_WITNESS, browser=True, refuse=refuse),
    Route("GET", _ONE, dashboards.show, dashboards.sees, _WITNESS, browser=True, refuse=refuse),
    Route(
        "GET",
        f"{_ONE}/published",
        dashboards.show_published,
        dashboards.sees,
        _WITNESS,
        browser=True,
        refuse=refuse,
    ),
    Route(
        "POST",
        f"{_ONE}/data",
        dashboards.data,
        dashboards.sees,
        _WITNESS,
        browser=True,
        refuse=refuse_data,
    ),
    *(
        Route("GET", path + suffix, dashboards.redirect, witness=_WITNESS, public=True)
        for path in _ELSEWHERE
        for suffix in ("", "/published")
    ),
]
