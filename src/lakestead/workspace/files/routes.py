"""REST: the Files API."""

from __future__ import annotations

from starlette.responses import Response

from lakestead.workspace.catalog.info import Json
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files import download, service, upload_routes
from lakestead.workspace.files.addressing import PREFIX, reading, resolve, writing
from lakestead.workspace.files.service import Entry
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.paging import MAX_SIZE, page

_NO_CONTENT = 204


class Put(Body):
    """Query parameter of an upload."""

    overwrite: bool = True


class Listed(Body):
    """Query parameters of a list."""

    page_size: int = 0
    page_token: str | None = None


def put_file(call: Call) -> Response:
    """PUT a file, from the request's body."""
    asked = call.arguments(Put)
    service.write(resolve(call), call.stream(), asked.overwrite)
    return Response(status_code=_NO_CONTENT)


def get_file(call: Call) -> Response:
    """GET a file or a range of it."""
    return download.send(call.request, resolve(call))


def head_file(call: Call) -> Response:
    """HEAD: size and time of a file."""
    found = _entry(call, is_directory=False)
    return download.describe(found)


def delete_file(call: Call) -> Response:
    """DELETE a file."""
    resolve(call).place.delete()
    return Response(status_code=_NO_CONTENT)


def put_directory(call: Call) -> Response:
    """PUT a folder, and those above it."""
    resolve(call).place.make_directory()
    return Response(status_code=_NO_CONTENT)


def get_directory(call: Call) -> Json:
    """GET what is in a folder."""
    asked = call.arguments(Listed)
    place = resolve(call).place
    names, token = page(place.names(), str, asked.page_size or MAX_SIZE, asked.page_token)
    answer: Json = {"contents": [_shown(one) for one in place.entries(names)]}
    return answer if token is None else answer | {"next_page_token": token}


def head_directory(call: Call) -> Response:
    """HEAD: whether there is such a folder."""
    _entry(call, is_directory=True)
    return Response()


def delete_directory(call: Call) -> Response:
    """DELETE an empty folder."""
    resolve(call).place.delete_directory()
    return Response(status_code=_NO_CONTENT)


def _entry(call: Call, *, is_directory: bool) -> Entry:
    found = resolve(call).place.status()
    if found.is_directory is not is_directory:
        what = "directory" if is_directory else "file"
        raise ApiError(ErrorCode.FILE_NOT_FOUND, f"There is no {what} at {found.path}.")
    return found


def _shown(entry: Entry) -> Json:
    form: Json = {
        "path": entry.path,
        "name": entry.name,
        "is_directory": entry.is_directory,
    }
    if entry.modified:
        form["last_modified"] = entry.modified
    return form if entry.is_directory else form | {"file_size": entry.size}


_FILE = f"{PREFIX}/files/{{path:path}}"
_DIRECTORY = f"{PREFIX}/directories/{{path:path}}"
_SDK = "databricks-sdk: files"
# HEAD stands before GET, which would answer it too.
ROUTES = [
    Route("HEAD", _FILE, head_file, reading, f"{_SDK}.get_metadata"),
    Route("GET", _FILE, get_file, reading, f"{_SDK}.download"),
    Route("PUT", _FILE, put_file, writing, f"{_SDK}.upload", streams=True),
    Route("DELETE", _FILE, delete_file, writing, f"{_SDK}.delete"),
    Route("HEAD", _DIRECTORY, head_directory, reading, f"{_SDK}.get_directory_metadata"),
    Route("GET", _DIRECTORY, get_directory, reading, f"{_SDK}.list_directory_contents"),
    Route("PUT", _DIRECTORY, put_directory, writing, f"{_SDK}.create_directory"),
    Route("DELETE", _DIRECTORY, delete_directory, writing, f"{_SDK}.delete_directory"),
    *upload_routes.ROUTES,
]
