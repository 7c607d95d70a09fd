"""Every route of the workspace, service by service."""

from __future__ import annotations

from lakestead.workspace.catalog import rest as catalog
from lakestead.workspace.http import Route
from lakestead.workspace.identity import oauth, scim, token_routes
from lakestead.workspace.results import links as result_links

ALL: list[Route] = [*result_links.ROUTES, *catalog.ROUTES, *scim.ROUTES, *token_routes.ROUTES, *oauth.ROUTES]
