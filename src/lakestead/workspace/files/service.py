"""Files and folders in volumes.

``resolve(tx, storage, "/Volumes/…")`` gives the :class:`VolumePath`, whose ``place`` lists, reads and changes
what lies there. Nothing here authorises: that is for ``read_access(path)`` and ``write_access(path)``.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files.local import STAGING, explained
from lakestead.workspace.files.paths import VolumePath, read_access, resolve, split, write_access
from lakestead.workspace.files.place import Entry
from lakestead.workspace.store.objects import Securable

__all__ = [
    "Entry",
    "VolumePath",
    "exists",
    "read_access",
    "resolve",
    "split",
    "sweep",
    "write",
    "write_access",
]


def exists(at: VolumePath) -> bool:
    """Return whether there is a file or folder at a path."""
    try:
        at.place.status()
    except ApiError as error:
        if error.code is not ErrorCode.FILE_NOT_FOUND:
            raise
        return False
    return True


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
    with explained(at.name):
        at.staging.mkdir(exist_ok=True, parents=True)
        draft = at.staging / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                size = file.tell()
            at.place.put(draft, overwrite)
        finally:
            draft.unlink(missing_ok=True)
    return size


def sweep(volumes: Iterable[Securable]) -> None:
    """Remove what a killed process left of uploads to external volumes; others use the scratch folder."""
    for volume in volumes:
        if volume.spec["volume_type"] == "EXTERNAL" and (volume.location or "").startswith("/"):
            shutil.rmtree(Path(volume.location or "") / STAGING, ignore_errors=True)
