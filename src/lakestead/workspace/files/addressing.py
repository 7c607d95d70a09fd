"""Which file or folder a request is for, and what it needs for that."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files import service
from lakestead.workspace.files.service import VolumePath
from lakestead.workspace.http import Call

PREFIX = "/api/2.0/fs"


def path_of(call: Call) -> str:
    """Return the path that a request names.

    Raises:
        ApiError: INVALID_REQUEST when it has a slash in disguise.
    """
    if b"%2f" in call.request.scope["raw_path"].lower():
        raise ApiError(ErrorCode.INVALID_REQUEST, "A path must not have an encoded slash in it.")
    return "/" + call.path["path"]


def reading(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: READ VOLUME."""
    return [service.read_access(path_of(call))]


def writing(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: WRITE VOLUME."""
    return [service.write_access(path_of(call))]


def resolve(call: Call) -> VolumePath:
    """Return where the file or folder that a request names lies."""
    with call.workspace.store.read() as tx:
        return service.resolve(tx, call.workspace.storage, path_of(call))
