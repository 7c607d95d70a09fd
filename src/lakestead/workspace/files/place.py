"""What can be done at a path in a volume, whatever the volume's files are kept in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder.

    Attributes:
        path: ``/Volumes/…``.
        name: its last part.
        is_directory: whether it is a folder.
        size: bytes; 0 for folders.
        modified: milliseconds since the epoch; 0 for folders of object stores, which do not know.
    """

    path: str
    name: str
    is_directory: bool
    size: int
    modified: int


class Content(Protocol):
    """A file that was opened: what is read is what was there then, whatever is written later.

    Attributes:
        size: bytes.
        modified: seconds since the epoch.
    """

    size: int
    modified: float

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``end``, once."""

    def close(self) -> None:
        """Let go of the file."""


class Place(Protocol):
    """A path in a volume, where there may be a file, a folder or nothing. All methods raise ApiError."""

    def status(self) -> Entry:
        """Return what lies here; FILE_NOT_FOUND for nothing."""

    def names(self) -> list[str]:
        """Return the names of what is in this folder, in order; FILE_NOT_FOUND when it is none."""

    def entries(self, names: Iterable[str]) -> list[Entry]:
        """Return what is in this folder by these names, without what is gone since."""

    def open(self) -> Content:
        """Open this file; FILE_NOT_FOUND, INVALID_REQUEST for a folder."""

    def put(self, draft: Path, overwrite: bool) -> None:
        """Make a local file of the volume's staging folder the file here, in one step.

        FILE_EXISTS when there is one and ``overwrite`` is False; INVALID_REQUEST when a folder is in the way.
        """

    def delete(self) -> None:
        """Remove this file; FILE_NOT_FOUND, INVALID_REQUEST for a folder."""

    def make_directory(self) -> None:
        """Make this folder and those above it; INVALID_REQUEST when a file is in the way."""

    def delete_directory(self) -> None:
        """Remove this folder; DIRECTORY_NOT_EMPTY, FILE_NOT_FOUND, INVALID_REQUEST for the volume's own."""
