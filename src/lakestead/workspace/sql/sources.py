"""Where statements read files: volumes, object stores, and for workspace admins local folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.engine.files import FilesError, FilesErrorKind, LocalTree, Root
from lakestead.engine.files.globs import has_wildcard
from lakestead.engine.objects import Credentials, ObjectTree, ObjectUrl, Store, StoreError, open_store
from lakestead.workspace.access import Access, authorise
from lakestead.workspace.catalog import locations
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.files import paths
from lakestead.workspace.files.failures import store_failure
from lakestead.workspace.files.local import LocalPlace
from lakestead.workspace.files.remote import RemotePlace
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.context import Context
from lakestead.workspace.store.objects import Kind, Securable

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
    except StoreError as error:
        raise store_failure(error) from None


def is_volume_path(path: str) -> bool:
    """Return whether a path is in a volume."""
    return path.removeprefix("dbfs:").startswith("/Volumes/")


def resolve(
    ctx: Context, tx: Session, principal: Principal, path: str, credentials: Credentials | None = None
) -> Root:
    """Return where a path lies, for a principal that may read it.

    Args:
        ctx: the statement.
        tx: an open transaction.
        principal: who reads.
        path: ``/Volumes/…``; the URL of an object store; for an admin a local path or ``file:`` URL.
            It may have wildcards.
        credentials: with which an object store is read; who has them needs no privilege of the workspace.

    Raises:
        ApiError: PERMISSION_DENIED; INVALID_REQUEST when it is no path; LOCATION_OVERLAP for a path where the
            workspace or one of its tables or volumes keeps files.
        StoreError: the environment's settings for the object store make no sense.
    """
    if is_volume_path(path):
        return _in_volume(tx, ctx, principal, path)
    if ObjectUrl.is_one(path):
        return _in_store(tx, ctx, principal, path, credentials)
    location = locations.parse(path)
    _require_admin(principal, path)
    _refuse_overlap(tx, location, path, str(ctx.storage.root))
    return Root(LocalTree(Path("/")), location, path)


def folder(ctx: Context, tx: Session, principal: Principal, path: str) -> str:
    """Return the local folder that a path is, as :func:`resolve` does.

    Raises:
        ApiError: also NOT_IMPLEMENTED when the path is in an object store.
    """
    with explained():
        root = resolve(ctx, tx, principal, path)
    if not isinstance(root.tree, LocalTree):
        raise unsupported("Reading Delta tables by their path in an object store")
    return root.path


def _in_volume(tx: Session, ctx: Context, principal: Principal, path: str) -> Root:
    authorise(tx, principal, [paths.read_access(path)])
    plain = path.removeprefix("dbfs:").rstrip("/")
    parts = plain.split("/")
    fixed = next((place for place, part in enumerate(parts) if has_wildcard(part)), len(parts))
    at = paths.resolve(tx, ctx.storage, "/".join(parts[: max(fixed, 5)]))
    rest = parts[max(fixed, 5) :]
    if isinstance(at.place, LocalPlace):
        return Root(LocalTree(at.place.root), str(at.place.path.joinpath(*rest)), plain)
    assert isinstance(at.place, RemotePlace)
    key = "/".join(part for part in (at.place.key, *rest) if part)
    return Root(_brought(ctx, at.place.store), key, plain)


def _in_store(
    tx: Session, ctx: Context, principal: Principal, path: str, credentials: Credentials | None
) -> Root:
    url = ObjectUrl.parse(path)
    if credentials is None:
        _authorise_store(tx, principal, url)
    return Root(_brought(ctx, open_store(url, credentials)), url.key, url.text)


def _brought(ctx: Context, store: Store) -> ObjectTree:
    """Return a bucket as a tree whose files are brought to the statement's own folder."""
    return ObjectTree(store, ctx.scratch() / "objects", ctx.statement.check)


def _authorise_store(tx: Session, principal: Principal, url: ObjectUrl) -> None:
    """Check that a principal may read what the environment's credentials open.

    What lies in an external volume is the volume's; all else is the admins'.
    """
    parts = url.key.split("/")
    fixed = next((place for place, part in enumerate(parts) if has_wildcard(part)), len(parts))
    location = url.at("/".join(parts[:fixed])).text
    volumes = tx.execute(select(Securable).where(Securable.kind == Kind.VOLUME)).scalars()
    for volume in volumes:
        if volume.location and locations.inside(location, volume.location):
            authorise(tx, principal, [Access("READ_VOLUME", Kind.VOLUME, volume.path)])
            return
    _require_admin(principal, url.text)
    _refuse_overlap(tx, location, url.text)


def _require_admin(principal: Principal, path: str) -> None:
    if not principal.is_admin:
        raise ApiError(
            ErrorCode.PERMISSION_DENIED,
            f"Insufficient privileges: User does not have READ FILES on '{path}': only a workspace admin may "
            "read paths outside of volumes.",
        )


def _refuse_overlap(tx: Session, location: str, path: str, *others: str) -> None:
    kept = tx.execute(select(Securable.location).where(Securable.location.is_not(None))).scalars()
    if any(locations.overlap(location, one) for one in (*others, *kept) if one):
        raise ApiError(
            ErrorCode.LOCATION_OVERLAP, f"Input path {path} overlaps with managed storage, tables or volumes."
        )
