"""Volumes in local folders."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files.place import Content, Entry

# What is being uploaded to an external volume; in its root, so that it is on the same file system.
STAGING = ".lakestead-uploads"
_PART_BYTES = 1024 * 1024


class LocalPlace:
    """A path in a volume that is a local folder.

    Args:
        name: as users write it, ``/Volumes/catalog/schema/volume/…``.
        root: the volume's folder, without symbolic links.
        path: the path itself, inside ``root``.
    """

    def __init__(self, name: str, root: Path, path: Path) -> None:
        self.name = name
        self.root = root
        self.path = path

    def status(self) -> Entry:
        """Return what lies here."""
        with explained(self.name):
            return _entry(self.name, self.path)

    def names(self) -> list[str]:
        """Return the names of what is in this folder, in order."""
        with explained(self.name):
            names = sorted(os.listdir(self.path))
        return [name for name in names if self.path != self.root or name != STAGING]

    def entries(self, names: Iterable[str]) -> list[Entry]:
        """Return what is in this folder by these names."""
        found = []
        for name in names:
            try:
                found.append(_entry(f"{self.name}/{name}", self.path / name))
            except OSError:
                continue  # deleted since, or a symbolic link to nothing
        return found

    def open(self) -> Content:
        """Open this file."""
        with explained(self.name):
            return _Opened(self.path.open("rb"))

    def put(self, draft: Path, overwrite: bool) -> None:
        """Make a file of the same file system the file here."""
        with explained(self.name):
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a directory", str(self.path))
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if overwrite:
                draft.replace(self.path)
            else:
                # Unlike a rename, a link fails when something is there.
                os.link(draft, self.path)

    def delete(self) -> None:
        """Remove this file."""
        with explained(self.name):
            self.path.unlink()

    def make_directory(self) -> None:
        """Make this folder and those above it; one that is there already stays."""
        with explained(self.name):
            self.path.mkdir(parents=True, exist_ok=True)

    def delete_directory(self) -> None:
        """Remove this folder, which must be empty."""
        if self.path == self.root:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"{self.name} is a volume, not a directory in one.")
        with explained(self.name):
            self.path.rmdir()


class _Opened:
    """An open local file."""

    def __init__(self, file: BinaryIO) -> None:
        found = os.fstat(file.fileno())
        self._file = file
        self.size = found.st_size
        self.modified = found.st_mtime

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield a range of the file."""
        self._file.seek(start)
        left = end - start
        while left > 0 and (part := self._file.read(min(_PART_BYTES, left))):
            left -= len(part)
            yield part

    def close(self) -> None:
        """Close the file."""
        self._file.close()


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
def explained(name: str) -> Iterator[None]:
    """Turn what the operating system says into an error that names the path in the volume.

    Args:
        name: the path, as users write it.

    Raises:
        ApiError: FILE_NOT_FOUND, FILE_EXISTS, DIRECTORY_NOT_EMPTY, INVALID_REQUEST, PERMISSION_DENIED,
            FILE_NOT_ACCESSIBLE.
    """
    try:
        yield
    except FileNotFoundError:
        raise ApiError(ErrorCode.FILE_NOT_FOUND, f"The path {name} does not exist.") from None
    except IsADirectoryError:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{name} is a directory, not a file.") from None
    except NotADirectoryError:
        raise ApiError(ErrorCode.FILE_NOT_FOUND, f"The directory {name} does not exist.") from None
    except FileExistsError:
        raise ApiError(ErrorCode.FILE_EXISTS, f"A file already exists at {name}.") from None
    except PermissionError:
        raise ApiError(
            ErrorCode.PERMISSION_DENIED, f"The workspace's process may not access {name}."
        ) from None
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            raise ApiError(ErrorCode.DIRECTORY_NOT_EMPTY, f"The directory {name} is not empty.") from None
        raise ApiError(
            ErrorCode.FILE_NOT_ACCESSIBLE, f"{name} cannot be accessed: {error.strerror}."
        ) from None
