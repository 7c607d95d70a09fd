"""What calls of the REST API do."""

from __future__ import annotations

import re

import pytest

from lakestead.telemetry.instrumentation.paths import target
from lakestead.telemetry.schema import schema

CATALOG = "genops.catalog_name"
SCHEMA = "genops.schema_name"
TABLE = "genops.table_name"


@pytest.mark.parametrize(
    ("method", "path", "kind", "attributes"),
    [
        ("GET", "/api/2.1/unity-catalog/catalogs", "catalog.list", {}),
        ("GET", "/api/2.1/unity-catalog/catalogs/main", "catalog.get", {CATALOG: "main"}),
        ("POST", "/api/2.1/unity-catalog/schemas", "schema.create", {}),
        (
            "PATCH",
            "/api/2.1/unity-catalog/schemas/main.raw",
            "schema.update",
            {CATALOG: "main", SCHEMA: "raw"},
        ),
        (
            "DELETE",
            "/api/2.1/unity-catalog/tables/main.raw.t",
            "table.delete",
            {CATALOG: "main", SCHEMA: "raw", TABLE: "t"},
        ),
        (
            "GET",
            "/api/2.1/unity-catalog/volumes/main.raw.v",
            "volume.get",
            {CATALOG: "main", SCHEMA: "raw", "genops.volume_name": "v"},
        ),
        (
            "POST",
            "/api/2.1/unity-catalog/tables/main.raw.t/monitor",
            "table_monitor.create",
            {CATALOG: "main", SCHEMA: "raw", TABLE: "t"},
        ),
        (
            "PATCH",
            "/api/2.1/unity-catalog/permissions/table/main.raw.t",
            "permission.update",
            {CATALOG: "main", SCHEMA: "raw", TABLE: "t"},
        ),
        ("GET", "/api/2.0/sql/warehouses/abc", "sql_warehouse.get", {"genops.sql_warehouse_id": "abc"}),
        (
            "POST",
            "/api/2.0/sql/warehouses/abc/start",
            "sql_warehouse.start",
            {"genops.sql_warehouse_id": "abc"},
        ),
        ("GET", "/api/2.0/sql/statements/123", "statement.get", {}),
        ("POST", "/api/2.0/sql/statements/123/cancel", "statement.cancel", {}),
        ("GET", "/api/2.0/preview/scim/v2/Me", "current_user.get", {}),
        ("GET", "/api/2.0/preview/scim/v2/Users", "users.list", {}),
        ("GET", "/api/2.2/jobs/list", "jobs.list", {}),
        ("POST", "/api/2.1/jobs/run-now", "jobs.run_now", {}),
        (
            "PUT",
            "/api/2.0/fs/files/Volumes/main/raw/v/a.csv",
            "file.replace",
            {CATALOG: "main", SCHEMA: "raw", "genops.volume_name": "v"},
        ),
        ("GET", "/oidc/.well-known/oauth", "oidc.get", {}),
        ("GET", "", "api.get", {}),
    ],
)
def test_a_call(method: str, path: str, kind: str, attributes: dict[str, str]) -> None:
    found = target(method, path)
    assert (found.kind, dict(found.attributes)) == (kind, attributes)
    allowed = schema()["properties"]["attributes"]["properties"]["genops.operation_type"]["pattern"]
    assert re.match(allowed, found.kind)
