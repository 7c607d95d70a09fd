"""Files as HTTP answers: whole or a range, as they were when the answer began."""

from __future__ import annotations

import re
from email.utils import formatdate, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from lakestead.workspace.files import service
from lakestead.workspace.files.place import Content
from lakestead.workspace.files.service import VolumePath

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_TYPE = "application/octet-stream"


class _FileResponse(StreamingResponse):
    """A file's answer; the file is closed even when nobody reads the answer."""

    def __init__(self, file: Content, start: int, end: int, status: int, headers: dict[str, str]) -> None:
        super().__init__(file.read(start, end), status, headers, media_type=_TYPE)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def send(request: Request, at: VolumePath) -> Response:
    """Answer a GET of a file.

    Args:
        request: its headers ``Range`` (one range) and ``If-Unmodified-Since`` count.
        at: the file.

    Raises:
        ApiError: FILE_NOT_FOUND; INVALID_REQUEST for a folder.
    """
    file = at.place.open()
    headers = {
        "last-modified": formatdate(file.modified, usegmt=True),
        "accept-ranges": "bytes",
        "content-length": str(file.size),
    }
    if _modified_since(request.headers.get("if-unmodified-since"), file.modified):
        file.close()
        return Response(status_code=412)
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    if wanted is None or wanted.group() == "bytes=-":
        return _FileResponse(file, 0, file.size, 200, headers)
    start, end = _bounds(wanted[1], wanted[2], file.size)
    if start >= end:
        file.close()
        return Response(status_code=416, headers={"content-range": f"bytes */{file.size}"})
    headers["content-range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["content-length"] = str(end - start)
    return _FileResponse(file, start, end, 206, headers)


def describe(entry: service.Entry) -> Response:
    """Answer a HEAD of a file."""
    headers = {
        "content-length": str(entry.size),
        "content-type": _TYPE,
        "last-modified": formatdate(entry.modified // 1000, usegmt=True),
        "accept-ranges": "bytes",
    }
    return Response(headers=headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return where a range starts, and where it ends (exclusive)."""
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _modified_since(date: str | None, modified: float) -> bool:
    """Return whether a file is newer than an HTTP date, in whole seconds; a malformed date does not count."""
    if not date:
        return False
    try:
        return int(modified) > parsedate_to_datetime(date).timestamp()
    except ValueError:
        return False
