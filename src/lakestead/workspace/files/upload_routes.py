"""REST: uploads in parts and signed links, as the SDK uses them for large files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from xml.sax.saxutils import escape

from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from lakestead.workspace.access import Access
from lakestead.workspace.catalog.info import Json
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files import service
from lakestead.workspace.files.addressing import PREFIX, resolve, writing
from lakestead.workspace.files.links import file_link
from lakestead.workspace.files.uploads import MAX_PARTS, Upload
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.store.base import now_ms

_PARTS = "/uploads/{token}"
MAX_LIFETIME_MS = 24 * 3600 * 1000


class Asked(Body):
    """Query parameters of beginning or completing an upload."""

    action: Literal["initiate-upload", "complete-upload"]
    overwrite: bool = True
    upload_type: Literal["multipart"] = "multipart"
    session_token: str = ""


class Part(Body):
    """A part that was sent."""

    part_number: int
    etag: str


class Parts(Body):
    """Body of completing an upload."""

    parts: tuple[Part, ...]


class Urls(Body):
    """Body of asking for links for parts."""

    path: str
    session_token: str
    start_part_number: int = Field(ge=1)
    count: int = Field(ge=1, le=1000)
    expire_time: AwareDatetime


class Abort(Body):
    """Body of asking for a link that aborts."""

    path: str
    session_token: str
    expire_time: AwareDatetime


class Download(Body):
    """Query parameters of asking for a link to a file; it is good for 15 minutes at most."""

    path: str
    expire_time: AwareDatetime | None = None


def reading_asked(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: READ VOLUME for the file that the query names."""
    return [service.read_access(call.arguments(Download).path)]


def begin_or_complete(call: Call) -> Json | None:
    """POST the begin or the end of an upload."""
    asked = call.arguments(Asked)
    at = resolve(call)
    if asked.action == "initiate-upload":
        upload = call.workspace.uploads.begin(call.principal, at, asked.overwrite)
        return {"multipart_upload": {"session_token": upload.token}}
    upload = _own(call, asked.session_token)
    parts = [(one.part_number, one.etag) for one in call.parse(Parts).parts]
    call.workspace.uploads.complete(upload.token, at, parts)
    return None


def part_links(call: Call) -> Json:
    """POST for links for parts."""
    asked = call.parse(Urls)
    upload = _own(call, asked.session_token)
    last = asked.start_part_number + asked.count - 1
    if last > MAX_PARTS:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"An upload has at most {MAX_PARTS} parts.")
    links = [
        {
            "part_number": number,
            "url": _link(call, "PUT", upload, str(number), asked.expire_time),
            "headers": [],
        }
        for number in range(asked.start_part_number, last + 1)
    ]
    return {"upload_part_urls": links}


def abort_link(call: Call) -> Json:
    """POST for a link that aborts an upload."""
    asked = call.parse(Abort)
    upload = _own(call, asked.session_token)
    return {"abort_upload_url": {"url": _link(call, "DELETE", upload, "", asked.expire_time), "headers": []}}


def download_link(call: Call) -> Json:
    """POST for a link to a file."""
    return {"url": file_link(call, "GET", call.arguments(Download).path), "headers": []}


def put_part(call: Call) -> Response:
    """PUT a part, by a link."""
    _check(call)
    tag = call.workspace.uploads.add(call.path["token"], int(call.path["number"]), call.stream())
    return Response(headers={"etag": tag})


def abort(call: Call) -> Response:
    """DELETE an upload, by a link."""
    _check(call)
    call.workspace.uploads.abort(call.path["token"])
    return Response()


def as_cloud_storage(error: ApiError) -> Response:
    """Return an error as cloud storage words it, by which clients tell a link that has expired."""
    code = "AccessDenied" if error.code is ErrorCode.PERMISSION_DENIED else error.code.error_code
    body = f"<Error><Code>{code}</Code><Message>{escape(error.message)}</Message></Error>"
    return Response(body, error.code.http_status, media_type="application/xml")


def _own(call: Call, token: str) -> Upload:
    """Return an upload that the principal itself began."""
    upload = call.workspace.uploads.get(token)
    if upload.principal.id != call.principal.id:
        raise ApiError(ErrorCode.PERMISSION_DENIED, "The upload session is another principal's.")
    return upload


def _link(call: Call, method: str, upload: Upload, number: str, expires: datetime) -> str:
    path = _PARTS.format(token=upload.token) + (f"/{number}" if number else "")
    expires_at = min(int(expires.timestamp() * 1000), now_ms() + MAX_LIFETIME_MS)
    return call.workspace.url + call.workspace.signer.sign(method, path, {}, expires_at)


def _check(call: Call) -> None:
    call.workspace.signer.check(call.request.method, call.request.scope["path"], call.query)


_SDK = "databricks-sdk: files.upload of a large file"
ROUTES = [
    Route("POST", f"{PREFIX}/files/{{path:path}}", begin_or_complete, writing, _SDK),
    Route("POST", f"{PREFIX}/create-upload-part-urls", part_links, witness=_SDK),
    Route("POST", f"{PREFIX}/create-abort-upload-url", abort_link, witness=_SDK),
    Route(
        "POST",
        f"{PREFIX}/create-download-url",
        download_link,
        reading_asked,
        "databricks-sdk: files.download",
        "links are good for 15 minutes at most",
    ),
    Route(
        "PUT",
        f"{_PARTS}/{{number:int}}",
        put_part,
        witness=_SDK,
        public=True,
        streams=True,
        refuse=as_cloud_storage,
    ),
    Route("DELETE", _PARTS, abort, witness=_SDK, public=True, refuse=as_cloud_storage),
]
