"""The Unity Catalog REST API."""

from __future__ import annotations

from lakestead.workspace.catalog.rest import (
    catalogs,
    constraints,
    functions,
    grants,
    metastores,
    schemas,
    tables,
    tags,
    volumes,
)
from lakestead.workspace.http import Route

ROUTES: list[Route] = [
    *metastores.ROUTES,
    *catalogs.ROUTES,
    *schemas.ROUTES,
    *tables.ROUTES,
    *constraints.ROUTES,
    *volumes.ROUTES,
    *functions.ROUTES,
    *grants.ROUTES,
    *tags.ROUTES,
]
