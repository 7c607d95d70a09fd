"""Signed links to files in volumes, with which SQL drivers carry out PUT, GET and REMOVE.

Who may have a link was decided when it was made, as for links to cloud storage: it is good for one method on
one file.
"""

from __future__ import annotations

from starlette.responses import Response

from lakestead.workspace.files import download, service
from lakestead.workspace.files.service import VolumePath
from lakestead.workspace.http import Call, Route
from lakestead.workspace.signing import LIFETIME_MS
from lakestead.workspace.store.base import now_ms

_PREFIX = "/files"


def file_link(call: Call, method: str, path: str, *, overwrite: bool = False) -> str:
    """Return a link for one operation on one file, which needs no token and expires.

    Args:
        call: by whom it is made; the link says who that is, for the records.
        method: ``PUT``, ``GET`` or ``DELETE``.
        path: ``/Volumes/…``.
        overwrite: whether a PUT replaces a file that is there.
    """
    query = {"principal": call.principal.name, "overwrite": str(overwrite).lower()}
    signed = call.workspace.signer.sign(method, _PREFIX + path, query, now_ms() + LIFETIME_MS)
    return call.workspace.url + signed


def put(call: Call) -> Response:
    """Write the file."""
    at = _resolve(call)
    service.write(at, call.stream(), overwrite=call.query["overwrite"] == "true")
    return Response(status_code=201)


def get(call: Call) -> Response:
    """Read the file, or a range of it."""
    return download.send(call.request, _resolve(call))


def delete(call: Call) -> Response:
    """Delete the file, or the folder if it is empty."""
    place = _resolve(call).place
    if place.status().is_directory:
        place.delete_directory()
    else:
        place.delete()
    return Response(status_code=204)


def _resolve(call: Call) -> VolumePath:
    path: str = call.request.scope["path"]
    call.workspace.signer.check(call.request.method, path, call.query)
    with call.workspace.store.read() as tx:
        return service.resolve(tx, call.workspace.storage, path.removeprefix(_PREFIX))


_PATH = _PREFIX + "/Volumes/{path:path}"
ROUTES = [
    Route("PUT", _PATH, put, witness="databricks-sql-connector: execute PUT", public=True, streams=True),
    Route("GET", _PATH, get, witness="databricks-sql-connector: execute GET", public=True),
    Route("DELETE", _PATH, delete, witness="databricks-sql-connector: execute REMOVE", public=True),
]
