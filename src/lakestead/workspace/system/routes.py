"""Route of the API of system schemas."""

from __future__ import annotations

from typing import Any

from lakestead.workspace.access import WORKSPACE_ADMIN
from lakestead.workspace.catalog.rest import metastores
from lakestead.workspace.catalog.rest.common import PREFIX
from lakestead.workspace.http import Call, Route
from lakestead.workspace.paging import Paging, page
from lakestead.workspace.system.tables import declared


def list_schemas(call: Call) -> dict[str, Any]:
    """List the schemas of the system catalog: all are there from the start."""
    metastores.get(call)
    request = call.arguments(Paging)
    names = sorted({table.split(".")[0] for table in declared()})
    found, following = page(names, str, request.max_results, request.page_token)
    body: dict[str, Any] = {"schemas": [{"schema": name, "state": "MANAGED"} for name in found]}
    return body if following is None else {**body, "next_page_token": following}


ROUTES = [
    Route(
        "GET",
        f"{PREFIX}/metastores/{{name}}/systemschemas",
        list_schemas,
        lambda _call, _tx: [WORKSPACE_ADMIN],
        "databricks-sdk: system_schemas.list",
    )
]
