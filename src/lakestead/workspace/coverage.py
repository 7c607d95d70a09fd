"""COVERAGE.md: what of Databricks' APIs the workspace serves, generated from the routes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby

from lakestead.workspace import routes
from lakestead.workspace.http import Route

_HEAD = """\
# What the embedded workspace serves

Generated from the routes by `lakestead coverage`; `make check` compares it. Each operation is shown by a test
that makes it with the unmodified client named last. What is not here answers 501 and names itself; where an
operation differs from Databricks, [DEVIATIONS.md](DEVIATIONS.md) says how.
"""
# Databricks' services that programs ask for, by the paths of their APIs.
_KNOWN = {
    "Alerts": ("/api/2.0/alerts", "/api/2.0/sql/alerts"),
    "Apps": ("/api/2.0/apps",),
    "Artifact allowlists": ("/api/2.1/unity-catalog/artifact-allowlists",),
    "Clean rooms": ("/api/2.0/clean-rooms",),
    "Cluster policies": ("/api/2.0/policies/clusters",),
    "Clusters": ("/api/2.1/clusters",),
    "Command execution": ("/api/1.2/commands", "/api/1.2/contexts"),
    "Connections": ("/api/2.1/unity-catalog/connections",),
    "Credentials": ("/api/2.1/unity-catalog/credentials", "/api/2.1/unity-catalog/storage-credentials"),
    "Dashboards": ("/api/2.0/lakeview",),
    "Data quality monitors": ("/api/data-quality",),
    "Database instances": ("/api/2.0/database",),
    "DBFS": ("/api/2.0/dbfs",),
    "Delta Sharing": (
        "/api/2.1/unity-catalog/shares",
        "/api/2.1/unity-catalog/recipients",
        "/api/2.1/unity-catalog/providers",
    ),
    "External locations": ("/api/2.1/unity-catalog/external-locations",),
    "Genie": ("/api/2.0/genie",),
    "Git credentials and folders": ("/api/2.0/git-credentials", "/api/2.0/repos"),
    "Global init scripts": ("/api/2.0/global-init-scripts",),
    "Instance pools": ("/api/2.0/instance-pools",),
    "IP access lists": ("/api/2.0/ip-access-lists",),
    "Jobs": ("/api/2.2/jobs",),
    "Libraries": ("/api/2.0/libraries",),
    "Lineage": ("/api/2.0/lineage-tracking",),
    "MLflow experiments and models": ("/api/2.0/mlflow",),
    "Model serving": ("/api/2.0/serving-endpoints",),
    "Models in Unity Catalog": ("/api/2.1/unity-catalog/models",),
    "Permissions of workspace objects": ("/api/2.0/permissions",),
    "Pipelines": ("/api/2.0/pipelines",),
    "Policies (ABAC)": ("/api/2.1/unity-catalog/policies",),
    "Quality monitors": ("/api/2.1/unity-catalog/tables/{name}/monitor",),
    "Queries": ("/api/2.0/sql/queries",),
    "Secrets": ("/api/2.0/secrets",),
    "Settings": ("/api/2.0/settings", "/api/2.0/workspace-conf"),
    "System schemas": ("/api/2.1/unity-catalog/metastores/{metastore_id}/systemschemas",),
    "Tag policies": ("/api/2.1/tag-policies",),
    "Temporary credentials": (
        "/api/2.1/unity-catalog/temporary-table-credentials",
        "/api/2.1/unity-catalog/temporary-path-credentials",
    ),
    "Vector search": ("/api/2.0/vector-search",),
    "Workspace bindings": ("/api/2.1/unity-catalog/bindings",),
    "Workspace files and notebooks": ("/api/2.0/workspace",),
}


def markdown() -> str:
    """Return COVERAGE.md: served operations by room, then the well-known services that are absent."""
    served = sorted(_unique(routes.ALL), key=_room)
    sections = [_section(room, list(group)) for room, group in groupby(served, _room)]
    return "\n".join([_HEAD, *sections, _absent(served)])


def _unique(served: Iterable[Route]) -> list[Route]:
    """Return each operation once, also when its path is served with and without a slash at the end."""
    return list({(route.method, route.path.rstrip("/")): route for route in reversed(list(served))}.values())[
        ::-1
    ]


def _room(route: Route) -> str:
    """Return the name of the room that a route's handler lies in."""
    return route.handler.__module__.split(".")[2]


def _section(room: str, served: Sequence[Route]) -> str:
    package = sys.modules[f"lakestead.workspace.{room}"]
    about = inspect.getdoc(package) or ""
    rows = [
        (
            f"`{route.method} {route.path}`",
            "partial" if route.partial else "supported",
            route.partial,
            route.witness,
        )
        for route in served
    ]
    return "\n".join(
        [
            f"## {room.capitalize()}",
            "",
            about,
            "",
            _table(("Operation", "State", "What is missing", "Shown by"), rows),
            "",
        ]
    )


def _absent(served: Sequence[Route]) -> str:
    paths = [route.path for route in served]
    rows = [
        (name, ", ".join(f"`{prefix}`" for prefix in prefixes))
        for name, prefixes in _KNOWN.items()
        if not any(path.startswith(prefix) for path in paths for prefix in prefixes)
    ]
    return "\n".join(["## Absent", "", "These answer 501.", "", _table(("Service", "Paths"), rows), ""])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
