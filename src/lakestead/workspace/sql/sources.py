"""Where statements read files: volumes, and for workspace admins local folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.engine.files import FilesError, FilesErrorKind, Root
from lakestead.engine.files.globs import has_wildcard
from lakestead.workspace.access import authorise
from lakestead.workspace.catalog import locations
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.files import paths
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.objects import Securable

_CODES = {
    FilesErrorKind.NOT_FOUND: ErrorCode.FILE_NOT_FOUND,
    FilesErrorKind.OPTION: ErrorCode.INVALID_REQUEST,
    FilesErrorKind.MALFORMED: ErrorCode.FAILED_READ_FILE,
    FilesErrorKind.SCHEMA: ErrorCode.SCHEMA_MISMATCH,
    FilesErrorKind.UNSUPPORTED: ErrorCode.NOT_IMPLEMENTED,
}


@contextmanager
def explained() -> Iterator[None]:
    """Raise why files could not be read as a statement's error."""
    try:
        yield
    except FilesError as error:
        raise ApiError(_CODES[error.kind], error.message) from None


def is_volume_path(path: str) -> bool:
    """Return whether a path is in a volume."""
    return path.removeprefix("dbfs:").startswith("/Volumes/")


def resolve(tx: Session, storage: Storage, principal: Principal, path: str) -> Root:
    """Return where a path lies, for a principal that may read it.

    Args:
        tx: an open transaction.
        storage: the workspace's folders.
        principal: who reads.
        path: ``/Volumes/…``, or for an admin an absolute local path or ``file:`` URL; it may have wildcards.

    Raises:
        ApiError: PERMISSION_DENIED; INVALID_REQUEST when it is no path; LOCATION_OVERLAP for a path where the
            workspace or one of its tables or volumes keeps files; NOT_IMPLEMENTED for object stores.
    """
    if is_volume_path(path):
        return _in_volume(tx, storage, principal, path)
    if urlsplit(path).scheme not in ("", "file"):
        raise unsupported(f"Reading files from {urlsplit(path).scheme}:// (there are no external locations)")
    location = locations.parse(path)
    if not principal.is_admin:
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"Insufficient privileges: User does not have READ FILES on '{path}': only a workspace admin may "
            "read local paths; use a volume.",
        )
    kept = tx.execute(select(Securable.location).where(Securable.location.is_not(None))).scalars()
    if any(locations.overlap(location, one) for one in (str(storage.root), *kept) if one):
        raise ApiError(
            ErrorCode.LOCATION_OVERLAP, f"Input path {path} overlaps with managed storage, tables or volumes."
        )
    return Root(Path(location), path, Path("/"))


def _in_volume(tx: Session, storage: Storage, principal: Principal, path: str) -> Root:
    authorise(tx, principal, [paths.read_access(path)])
    plain = path.removeprefix("dbfs:").rstrip("/")
    parts = plain.split("/")
    fixed = next((place for place, part in enumerate(parts) if has_wildcard(part)), len(parts))
    at = paths.resolve(tx, storage, "/".join(parts[: max(fixed, 5)]))
    return Root(at.path.joinpath(*parts[max(fixed, 5) :]), plain, at.root)
