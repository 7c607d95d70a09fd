"""Every route of the workspace, service by service."""

from __future__ import annotations

from lakestead.workspace.alerts import routes as alerts
from lakestead.workspace.alerts.legacy import routes as legacy_alerts
from lakestead.workspace.alerts.queries import routes as queries
from lakestead.workspace.assets import routes as assets
from lakestead.workspace.catalog import rest as catalog
from lakestead.workspace.dashboards import routes as dashboards
from lakestead.workspace.discovery import routes as discovery
from lakestead.workspace.files import links as file_links
from lakestead.workspace.files import routes as files
from lakestead.workspace.history import routes as history
from lakestead.workspace.http import Route
from lakestead.workspace.identity import oauth, scim, token_routes
from lakestead.workspace.monitors import routes as monitors
from lakestead.workspace.notifications import routes as notifications
from lakestead.workspace.results import links as result_links
from lakestead.workspace.runs import routes as runs
from lakestead.workspace.secrets import routes as secrets
from lakestead.workspace.statements import routes as statements
from lakestead.workspace.system import routes as system
from lakestead.workspace.system.lineage import routes as lineage
from lakestead.workspace.thrift import routes as thrift
from lakestead.workspace.ui import routes as ui
from lakestead.workspace.warehouses import routes as warehouses

ALL: list[Route] = [
    *thrift.ROUTES,
    *file_links.ROUTES,
    *statements.ROUTES,
    *result_links.ROUTES,
    *history.ROUTES,
    *warehouses.ROUTES,
    *catalog.ROUTES,
    *scim.ROUTES,
    *token_routes.ROUTES,
    *oauth.ROUTES,
    *files.ROUTES,
    *secrets.ROUTES,
    *notifications.ROUTES,
    *alerts.ROUTES,
    *legacy_alerts.ROUTES,
    *queries.ROUTES,
    *runs.ROUTES,
    *assets.ROUTES,
    *dashboards.ROUTES,
    *system.ROUTES,
    *lineage.ROUTES,
    *discovery.ROUTES,
    *ui.ROUTES,
    *monitors.ROUTES,
]
