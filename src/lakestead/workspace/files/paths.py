"""Paths under ``/Volumes``: which volume, which file, and that it stays inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from lakestead.engine.objects import ObjectUrl
from lakestead.workspace.access import Access
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files.local import STAGING, LocalPlace
from lakestead.workspace.files.place import Place
from lakestead.workspace.files.remote import MARKER, RemotePlace
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.objects import Kind, Securable

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 3000


@dataclass(frozen=True, slots=True)
class VolumePath:
    """A file or folder in a volume, which may exist or not.

    Attributes:
        volume: the volume's record.
        name: as users write it, ``/Volumes/catalog/schema/volume/…``.
        place: what can be done there.
        staging: a local folder for what is being uploaded; for a local volume on the same file system.
    """

    volume: Securable
    name: str
    place: Place
    staging: Path


def split(path: str) -> tuple[tuple[str, str, str], tuple[str, ...]]:
    """Return the full name of the volume and the parts of the path inside it.

    Args:
        path: ``/Volumes/catalog/schema/volume/…``; it may have ``dbfs:`` before it and a slash at its end.

    Raises:
        ApiError: INVALID_REQUEST when it is no path in a volume, or has parts that could lead out of one.
    """
    parts = path.removeprefix("dbfs:").removesuffix("/").split("/")
    if len(parts) < 5 or parts[0] or parts[1] != "Volumes":
        raise _invalid(path, "it does not start with /Volumes/<catalog>/<schema>/<volume>")
    if "\0" in path:
        raise _invalid(path, "it has a NUL character")
    if len(path.encode(errors="surrogateescape")) > MAX_PATH_BYTES:
        raise _invalid(path, f"it is longer than {MAX_PATH_BYTES} bytes")
    for part in parts[2:]:
        if part in ("", ".", ".."):
            raise _invalid(path, "it has an empty part, '.' or '..' in it")
        if len(part.encode(errors="surrogateescape")) > MAX_NAME_BYTES:
            raise _invalid(path, f"a part of it is longer than {MAX_NAME_BYTES} bytes")
    inside = tuple(parts[5:])
    own = next((part for part in inside if part in (STAGING, MARKER)), None)
    if own is not None:
        raise _invalid(path, f"{own} is used by the workspace itself")
    return (parts[2].lower(), parts[3].lower(), parts[4].lower()), inside


def resolve(tx: Session, storage: Storage, path: str) -> VolumePath:
    """Return where a path in a volume lies. Authorises nothing.

    Args:
        tx: an open transaction.
        storage: the workspace's folders.
        path: as in :func:`split`.

    Raises:
        ApiError: INVALID_REQUEST, also when symbolic links lead out of the volume; the NOT_FOUND of volume,
            schema or catalog.
    """
    volume_name, inside = split(path)
    volume = get(tx, Kind.VOLUME, volume_name)
    location = volume.location or ""
    name = "/".join(("/Volumes", *volume_name, *inside))
    if not location.startswith("/"):
        place = RemotePlace(name, ObjectUrl.parse(location), inside)
        return VolumePath(volume, name, place, storage.scratch)
    root = Path(location).resolve()
    local = root.joinpath(*inside).resolve()
    if not local.is_relative_to(root):
        raise _invalid(path, "a symbolic link leads out of the volume")
    managed = volume.spec["volume_type"] == "MANAGED"
    staging = storage.scratch if managed else root / STAGING
    return VolumePath(volume, name, LocalPlace(name, root, local), staging)


def read_access(path: str) -> Access:
    """Return what reading a path needs."""
    return Access("READ_VOLUME", Kind.VOLUME, split(path)[0])


def write_access(path: str) -> Access:
    """Return what changing a path needs."""
    return Access("WRITE_VOLUME", Kind.VOLUME, split(path)[0])


def _invalid(path: str, why: str) -> ApiError:
    shown = path if len(path) <= 200 else path[:200] + "…"
    return ApiError(ErrorCode.INVALID_REQUEST, f"'{shown!s}' is not a valid path: {why}.")
