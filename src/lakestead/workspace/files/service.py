"""Files and folders in volumes: read, write, list, delete.

``resolve(tx, storage, "/Volumes/…")`` gives the :class:`VolumePath` that everything here takes. Nothing here
authorises: what a path needs is ``read_access(path)`` and ``write_access(path)``.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files.paths import STAGING, VolumePath, read_access, resolve, split, write_access
from lakestead.workspace.store.objects import Securable

__all__ = [
    "Entry",
    "VolumePath",
    "delete",
    "delete_directory",
    "list_directory",
    "list_names",
    "make_directory",
    "open_read",
    "put_in_place",
    "read_access",
    "resolve",
    "split",
    "status",
    "sweep",
    "write",
    "write_access",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder.

    Attributes:
        path: ``/Volumes/…``.
        name: its last part.
        is_directory: whether it is a folder.
        size: bytes; 0 for folders.
        modified: milliseconds since the epoch.
    """

    path: str
    name: str
    is_directory: bool
    size: int
    modified: int


def status(at: VolumePath) -> Entry:
    """Return what lies at a path.

    Raises:
        ApiError: FILE_NOT_FOUND.
    """
    with _explained(at):
        return _entry(at.name, at.path)


def list_names(at: VolumePath) -> list[str]:
    """Return the names of what is in a folder, in order.

    Raises:
        ApiError: FILE_NOT_FOUND when there is no such folder.
    """
    with _explained(at):
        names = sorted(os.listdir(at.path))
    return [name for name in names if at.path != at.root or name != STAGING]


def list_directory(at: VolumePath, names: Iterable[str] | None = None) -> list[Entry]:
    """Return what is in a folder, by name.

    Args:
        at: the folder.
        names: only these, from :func:`list_names`.

    Raises:
        ApiError: FILE_NOT_FOUND when there is no such folder.
    """
    found = []
    for name in list_names(at) if names is None else names:
        try:
            found.append(_entry(f"{at.name}/{name}", at.path / name))
        except OSError:
            continue  # deleted since, or a symbolic link to nothing
    return found


def open_read(at: VolumePath) -> BinaryIO:
    """Open a file; what is read is what was there now, whatever is written later.

    Raises:
        ApiError: FILE_NOT_FOUND.
    """
    with _explained(at):
        return at.path.open("rb")


def write(at: VolumePath, chunks: Iterable[bytes], overwrite: bool = True) -> int:
    """Write a file: all of it or, when ``chunks`` fail, nothing.

    Args:
        at: where.
        chunks: its content in pieces.
        overwrite: replace a file that is there already.

    Returns:
        How many bytes were written.

    Raises:
        ApiError: FILE_EXISTS; INVALID_REQUEST when a folder is in the way.
    """
    with _explained(at):
        at.staging.mkdir(exist_ok=True, parents=True)
        draft = at.staging / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                size = file.tell()
            put_in_place(at, draft, overwrite)
        finally:
            draft.unlink(missing_ok=True)
    return size


def put_in_place(at: VolumePath, draft: Path, overwrite: bool) -> None:
    """Make a finished file of the same file system the file at a path, in one step.

    Raises:
        ApiError: FILE_EXISTS when there is one and ``overwrite`` is False; INVALID_REQUEST when a folder is
            in the way.
    """
    with _explained(at):
        if at.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory", str(at.path))
        at.path.parent.mkdir(parents=True, exist_ok=True)
        if overwrite:
            draft.replace(at.path)
        else:
            # Unlike a rename, a link fails when something is there.
            os.link(draft, at.path)


def delete(at: VolumePath) -> None:
    """Delete a file.

    Raises:
        ApiError: FILE_NOT_FOUND; INVALID_REQUEST for a folder.
    """
    with _explained(at):
        at.path.unlink()


def sweep(volumes: Iterable[Securable]) -> None:
    """Remove what a killed process left of uploads to external volumes; others use the scratch folder."""
    for volume in volumes:
        if volume.spec["volume_type"] == "EXTERNAL" and (volume.location or "").startswith("/"):
            shutil.rmtree(Path(volume.location or "") / STAGING, ignore_errors=True)


def make_directory(at: VolumePath) -> None:
    """Make a folder and those above it; one that is there already stays.

    Raises:
        ApiError: INVALID_REQUEST when a file is in the way.
    """
    with _explained(at):
        at.path.mkdir(parents=True, exist_ok=True)


def delete_directory(at: VolumePath) -> None:
    """Delete an empty folder.

    Raises:
        ApiError: FILE_NOT_FOUND; DIRECTORY_NOT_EMPTY; INVALID_REQUEST for the volume's own folder.
    """
    if at.path == at.root:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{at.name} is a volume, not a directory in one.")
    with _explained(at):
        at.path.rmdir()


def _entry(name: str, path: Path) -> Entry:
    found = path.stat()
    is_directory = path.is_dir()
    return Entry(
        path=name,
        name=name.rsplit("/", 1)[-1],
        is_directory=is_directory,
        size=0 if is_directory else found.st_size,
        modified=found.st_mtime_ns // 1_000_000,
    )


@contextmanager
def _explained(at: VolumePath) -> Iterator[None]:
    """Turn what the operating system says into an error that names the path in the volume."""
    try:
        yield
    except FileNotFoundError:
        raise ApiError(ErrorCode.FILE_NOT_FOUND, f"The path {at.name} does not exist.") from None
    except IsADirectoryError:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{at.name} is a directory, not a file.") from None
    except NotADirectoryError:
        raise ApiError(ErrorCode.FILE_NOT_FOUND, f"The directory {at.name} does not exist.") from None
    except FileExistsError:
        raise ApiError(ErrorCode.FILE_EXISTS, f"A file already exists at {at.name}.") from None
    except PermissionError:
        raise ApiError(
            ErrorCode.PERMISSION_DENIED, f"The workspace's process may not access {at.name}."
        ) from None
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            raise ApiError(ErrorCode.DIRECTORY_NOT_EMPTY, f"The directory {at.name} is not empty.") from None
        raise ApiError(
            ErrorCode.FILE_NOT_ACCESSIBLE, f"{at.name} cannot be accessed: {error.strerror}."
        ) from None
