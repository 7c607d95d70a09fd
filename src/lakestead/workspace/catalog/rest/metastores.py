"""REST: the metastore."""

from __future__ import annotations

from uuid import UUID

from lakestead.workspace.catalog.info import Json
from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.catalog.rest.common import PREFIX
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.paging import Paging
from lakestead.workspace.store.objects import Securable


def workspace_id(target: Securable) -> int:
    """Return the number of the workspace that a metastore belongs to; there is one, so the id gives it."""
    return UUID(target.id).int % 10**16


def _info(target: Securable) -> Json:
    return {
        "metastore_id": target.id,
        "global_metastore_id": f"local:embedded:{target.id}",
        "name": target.name,
        "owner": target.owner,
        "cloud": "local",
        "region": "embedded",
        "privilege_model_version": "1.0",
        "delta_sharing_scope": "INTERNAL",
        "created_at": target.created_at,
        "created_by": target.created_by,
        "updated_at": target.updated_at,
        "updated_by": target.updated_by,
    }


def summary(call: Call) -> Json:
    """GET the metastore's summary."""
    with call.workspace.store.read() as tx:
        return _info(metastore(tx))


def current(call: Call) -> Json:
    """GET which metastore the workspace is assigned to."""
    with call.workspace.store.read() as tx:
        target = metastore(tx)
        return {
            "metastore_id": target.id,
            "workspace_id": workspace_id(target),
            "default_catalog_name": "main",
        }


def list_(call: Call) -> Json:
    """GET all metastores: there is one."""
    call.arguments(Paging)
    return {"metastores": [summary(call)]}


def get(call: Call) -> Json:
    """GET a metastore by id."""
    found = summary(call)
    if call.path["name"] != found["metastore_id"]:
        raise ApiError(ErrorCode.METASTORE_NOT_FOUND, f"Metastore '{call.path['name']}' does not exist.")
    return found


ROUTES = [
    Route("GET", f"{PREFIX}/metastore_summary", summary, witness="databricks-sdk: metastores.summary"),
    Route(
        "GET", f"{PREFIX}/current-metastore-assignment", current, witness="databricks-sdk: metastores.current"
    ),
    Route("GET", f"{PREFIX}/metastores", list_, witness="databricks-sdk: metastores.list"),
    Route("GET", f"{PREFIX}/metastores/{{name}}", get, witness="databricks-sdk: metastores.get"),
]
