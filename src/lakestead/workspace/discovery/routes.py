"""Routes that clients call on their own account."""

from __future__ import annotations

from typing import Any

from lakestead.workspace.catalog.lookup import metastore
from lakestead.workspace.catalog.rest.metastores import workspace_id
from lakestead.workspace.http import Call, Route

# How long clients keep what they were told, as on Databricks.
_FLAGS_SECONDS = 900


def databricks_config(call: Call) -> dict[str, Any]:
    """Tell what this host is."""
    with call.workspace.store.read() as tx:
        number = workspace_id(metastore(tx))
    return {"oidc_endpoint": f"{call.workspace.url}/oidc", "workspace_id": str(number)}


def feature_flags(_: Call) -> dict[str, Any]:
    """Tell that no feature is switched: clients stay with their defaults, which send no telemetry."""
    return {"flags": [], "ttl_seconds": _FLAGS_SECONDS}


def telemetry(_: Call) -> dict[str, Any]:
    """Tell that no telemetry was kept: there is nobody to read it."""
    return {"errors": [], "numSuccess": 0, "numProtoSuccess": 0, "numRealtimeSuccess": 0}


_DISCARDED = "telemetry is taken and discarded"
ROUTES = [
    Route(
        "GET",
        "/.well-known/databricks-config",
        databricks_config,
        witness="databricks-sdk: WorkspaceClient",
        public=True,
    ),
    Route(
        "GET",
        "/api/2.0/connector-service/feature-flags/{client}/{version}",
        feature_flags,
        witness="databricks-sql-connector: connect",
        partial="no flag is set",
    ),
    Route(
        "POST",
        "/telemetry-ext",
        telemetry,
        witness="databricks-sql-connector: connect, force_enable_telemetry",
        partial=_DISCARDED,
    ),
    Route(
        "POST",
        "/telemetry-unauth",
        telemetry,
        witness="databricks-sql-connector: connect, telemetry before login",
        partial=_DISCARDED,
        public=True,
    ),
]
