"""SCIM: users, groups and service principals as identity providers and the SDK manage them."""

from __future__ import annotations

from lakestead.workspace.http import Route
from lakestead.workspace.identity.scim import me, routes

ROUTES: list[Route] = [*me.ROUTES, *routes.ROUTES]
