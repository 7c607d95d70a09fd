"""Routes of the Workspace API."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from lakestead.workspace.access import Access
from lakestead.workspace.assets import files, service
from lakestead.workspace.assets.paths import ROOT, USERS, home, may_use, normal, stands
from lakestead.workspace.assets.removal import remove_all
from lakestead.workspace.assets.requests import AtPath, Delete, Export, Listed, imported
from lakestead.workspace.assets.service import Kind
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Call, Route
from lakestead.workspace.store.assets import Asset

Json = dict[str, Any]


def _arguments(body: type[AtPath]) -> Callable[[Call], AtPath]:
    return lambda call: call.arguments(body)


def _body(body: type[AtPath]) -> Callable[[Call], AtPath]:
    return lambda call: call.parse(body)


def needs(asked: Callable[[Call], AtPath]) -> Callable[[Call, Session], Iterable[Access]]:
    """Return the access rule of requests for what is at a path."""

    def rule(call: Call, _: Session) -> Iterable[Access]:
        path = normal(asked(call).path)
        if path not in (ROOT, USERS) and not may_use(call.principal, path):
            raise ApiError(
                ErrorCode.PERMISSION_DENIED, f"{call.principal.name} does not have permissions on {path}."
            )
        return ()

    return rule


def show(asset: Asset) -> Json:
    """Return an asset as the API shows it."""
    shown: Json = {
        "object_id": asset.id,
        "object_type": asset.kind,
        "path": asset.path,
        "resource_id": str(asset.id) if asset.kind == Kind.DIRECTORY else asset.resource_id,
    }
    if asset.kind == Kind.FILE:
        shown |= {"created_at": asset.created_at, "modified_at": asset.modified_at}
    return shown


def _standing(path: str) -> Json:
    """Return a folder that is there by itself; its number is always the same."""
    number = int.from_bytes(hashlib.sha256(path.encode()).digest()[:6], "big")
    return {"object_id": number, "object_type": Kind.DIRECTORY, "path": path, "resource_id": str(number)}


def mkdirs(call: Call) -> None:
    """POST a folder."""
    with call.workspace.store.write() as tx:
        service.make_folders(tx, call.principal, call.parse(AtPath).path)


def get_status(call: Call) -> Json:
    """GET what is at a path."""
    path = normal(call.arguments(AtPath).path)
    with call.workspace.store.read() as tx:
        return _standing(path) if stands(tx, path) else show(service.find(tx, path))


def list_objects(call: Call) -> Json:
    """GET what is in a folder; of something else, itself."""
    path = normal(call.arguments(Listed).path)
    with call.workspace.store.read() as tx:
        if not stands(tx, path) and (there := service.find(tx, path)).kind != Kind.DIRECTORY:
            return {"objects": [show(there)]}
        standing = {ROOT: [USERS, "/Shared"], USERS: [home(call.principal.name)]}.get(path, [])
        return {"objects": [*map(_standing, standing), *map(show, service.inside(tx, path))]}


def delete(call: Call) -> None:
    """POST that something goes."""
    asked = call.parse(Delete)
    path = normal(asked.path)
    with call.workspace.store.write() as tx:
        if stands(tx, path):
            raise ApiError(ErrorCode.PERMISSION_DENIED, f"Path ({path}) cannot be deleted.")
        asset = service.find(tx, path)
        within = service.below(tx, path)
        if within and not asked.recursive:
            raise ApiError(ErrorCode.DIRECTORY_NOT_EMPTY, f"Folder ({path}) is not empty")
        alerts = remove_all(tx, call.principal, [asset, *within])
    for alert in alerts:
        call.workspace.alerts.schedule(alert)


def import_file(call: Call) -> None:
    """POST a file."""
    asked = imported(call)
    _no_notebook(asked.format, asked.language)
    with call.workspace.store.write() as tx:
        files.write(tx, call.principal, asked.path, asked.content, overwrite=asked.overwrite)


def export_file(call: Call) -> Response | Json:
    """GET a file."""
    asked = call.arguments(Export)
    _no_notebook(asked.format, None)
    with call.workspace.store.read() as tx:
        content = files.read(tx, asked.path)
    if asked.direct_download:
        return Response(content, media_type="application/octet-stream")
    return {"content": base64.b64encode(content).decode()}


def _no_notebook(form: str, language: str | None) -> None:
    if language is not None or form not in ("AUTO", "RAW", "SOURCE"):
        raise unsupported("A notebook")


_PATH = "/api/2.0/workspace"
_CLIENT = "databricks-sdk: workspace"
_FILES = "files; no notebooks"
ROUTES = [
    Route("POST", f"{_PATH}/mkdirs", mkdirs, needs(_body(AtPath)), f"{_CLIENT}.mkdirs"),
    Route("GET", f"{_PATH}/get-status", get_status, needs(_arguments(AtPath)), f"{_CLIENT}.get_status"),
    Route("GET", f"{_PATH}/list", list_objects, needs(_arguments(Listed)), f"{_CLIENT}.list"),
    Route("POST", f"{_PATH}/delete", delete, needs(_body(Delete)), f"{_CLIENT}.delete"),
    Route("POST", f"{_PATH}/import", import_file, needs(imported), f"{_CLIENT}.import_", _FILES),
    Route("GET", f"{_PATH}/export", export_file, needs(_arguments(Export)), f"{_CLIENT}.export", _FILES),
]
