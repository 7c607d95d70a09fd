"""Routes of the SQL warehouses API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.paging import page
from lakestead.workspace.store.warehouses import Warehouse
from lakestead.workspace.warehouses.requests import CreateWarehouse, EditWarehouse, ListWarehouses
from lakestead.workspace.warehouses.service import find

_PATH = "/api/2.0/sql/warehouses"
_ONE = f"{_PATH}/{{id}}"
_SETTINGS_ONLY = (
    "size, clusters and type are kept, shown and billed; the one embedded engine serves all warehouses"
)


def admins_create(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: only administrators create warehouses."""
    if not call.principal.is_admin:
        raise ApiError(ErrorCode.PERMISSION_DENIED, "Only workspace admins can create SQL warehouses.")
    return ()


def manages(call: Call, tx: Session) -> Iterable[Access]:
    """Access rule: administrators and the warehouse's creator manage it."""
    warehouse = find(tx, call.path["id"])
    if not call.principal.is_admin and warehouse.creator != call.principal.name:
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"{call.principal.name} does not have CAN_MANAGE on SQL warehouse {warehouse.id}.",
        )
    return ()


def show(warehouse: Warehouse, url: str) -> dict[str, Any]:
    """Return a warehouse as the API shows it.

    Args:
        warehouse: the record.
        url: where the workspace is served.
    """
    host, path = urlsplit(url), f"/sql/1.0/warehouses/{warehouse.id}"
    return {
        "id": warehouse.id,
        "name": warehouse.name,
        **warehouse.effective,
        "creator_name": warehouse.creator,
        "state": "RUNNING" if warehouse.running else "STOPPED",
        "num_clusters": 1 if warehouse.running else 0,
        "health": {"status": "HEALTHY"},
        "odbc_params": {
            "hostname": host.hostname,
            "path": path,
            "protocol": host.scheme,
            "port": host.port,
        },
        "jdbc_url": f"jdbc:databricks://{host.netloc}/default;transportMode=http;ssl=0;AuthMech=3;httpPath={path};",
    }


def list_all(call: Call) -> dict[str, Any]:
    """List the warehouses by name."""
    request = call.arguments(ListWarehouses)
    warehouses = call.workspace.warehouses.list()
    found, following = page(warehouses, lambda one: one.name, request.page_size, request.page_token)
    body: dict[str, Any] = {"warehouses": [show(one, call.workspace.url) for one in found]}
    return body if following is None else {**body, "next_page_token": following}


def get(call: Call) -> dict[str, Any]:
    """Return one warehouse."""
    return show(call.workspace.warehouses.get(call.path["id"]), call.workspace.url)


def create(call: Call) -> dict[str, Any]:
    """Create a warehouse."""
    warehouse = call.workspace.warehouses.create(call.principal, call.parse(CreateWarehouse))
    return {"id": warehouse.id}


def edit(call: Call) -> None:
    """Change a warehouse."""
    call.workspace.warehouses.edit(call.path["id"], call.parse(EditWarehouse))


def delete(call: Call) -> None:
    """Delete a warehouse."""
    call.workspace.warehouses.delete(call.path["id"])


def start(call: Call) -> None:
    """Start a warehouse."""
    call.workspace.warehouses.start(call.path["id"])


def stop(call: Call) -> None:
    """Stop a warehouse."""
    call.workspace.warehouses.stop(call.path["id"])


def workspace_config(_: Call) -> dict[str, Any]:
    """Return what all warehouses have in common."""
    kinds = [{"warehouse_type": kind, "enabled": True} for kind in ("CLASSIC", "PRO")]
    return {
        "security_policy": "NONE",
        "channel": {"name": "CHANNEL_NAME_CURRENT"},
        "enabled_warehouse_types": kinds,
        "enable_serverless_compute": True,
        "sql_configuration_parameters": {},
    }


_CLIENT = "databricks-sdk: warehouses"
ROUTES = [
    Route("GET", _PATH, list_all, witness=f"{_CLIENT}.list"),
    Route("POST", _PATH, create, admins_create, f"{_CLIENT}.create_and_wait", _SETTINGS_ONLY),
    Route("GET", _ONE, get, witness=f"{_CLIENT}.get"),
    Route("POST", f"{_ONE}/edit", edit, manages, f"{_CLIENT}.edit", _SETTINGS_ONLY),
    Route("DELETE", _ONE, delete, manages, f"{_CLIENT}.delete"),
    Route("POST", f"{_ONE}/start", start, witness=f"{_CLIENT}.start_and_wait"),
    Route("POST", f"{_ONE}/stop", stop, manages, f"{_CLIENT}.stop_and_wait"),
    Route(
        "GET",
        "/api/2.0/sql/config/warehouses",
        workspace_config,
        witness=f"{_CLIENT}.get_workspace_warehouse_config",
        partial="answers what holds for the embedded workspace; cannot be set",
    ),
]
