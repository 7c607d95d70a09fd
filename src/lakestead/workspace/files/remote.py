"""Volumes in object stores.

Object stores have no folders: one is there as long as something is in it. So that folders can be made and do
not vanish with their last file, an empty one holds a marker, which nobody gets to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from lakestead.engine.objects import (
    Listing,
    Object,
    ObjectUrl,
    Store,
    StoreError,
    StoreErrorKind,
    open_store,
)
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.files.failures import store_failure
from lakestead.workspace.files.place import Content, Entry

# Hidden from engines too, as all names with a dot before them.
MARKER = ".lakestead-directory"


class RemotePlace:
    """A path in a volume that is a folder of an object store.

    Args:
        name: as users write it, ``/Volumes/catalog/schema/volume/…``.
        root: where the volume lies.
        inside: the path's parts in the volume.
    """

    def __init__(self, name: str, root: ObjectUrl, inside: tuple[str, ...]) -> None:
        self.name = name
        self._root = root
        self.key = "/".join(part for part in (root.key, *inside) if part)

    @cached_property
    def store(self) -> Store:
        """The bucket, with the credentials of the environment."""
        return open_store(self._root)

    def status(self) -> Entry:
        """Return what lies here."""
        with self._explained():
            found = self._look()
        if isinstance(found, Object):
            return _entry(self.name, found)
        return Entry(self.name, self.name.rpartition("/")[2], is_directory=True, size=0, modified=0)

    def names(self) -> list[str]:
        """Return the names of what is in this folder, in order."""
        return sorted(self._within)

    def entries(self, names: Iterable[str]) -> list[Entry]:
        """Return what is in this folder by these names."""
        return [self._within[name] for name in names if name in self._within]

    def open(self) -> Content:
        """Open this file."""
        with self._explained():
            found = self._look()
            if not isinstance(found, Object):
                raise self._is_directory()
            return _Opened(self.store, found)

    def put(self, draft: Path, overwrite: bool) -> None:
        """Make a local file the object here."""
        with self._explained():
            if self.key == self._root.key or self.store.list(self.key) is not None:
                raise self._is_directory()
            self.store.write(self.key, draft, overwrite=overwrite)

    def delete(self) -> None:
        """Remove this object; the folder that it was in stays."""
        with self._explained():
            if not isinstance(self._look(), Object):
                raise self._is_directory()
            self.store.delete(self.key)
            self._keep(self.key.rpartition("/")[0])

    def make_directory(self) -> None:
        """Make this folder, with a marker in it."""
        with self._explained():
            if self.key == self._root.key:
                return
            found = self.store.find(self.key)
            if isinstance(found, Object):
                raise ApiError(ErrorCode.FILE_EXISTS, f"A file already exists at {self.name}.")
            self._keep(self.key)

    def delete_directory(self) -> None:
        """Remove this folder, in which nothing but the marker may be."""
        if self.key == self._root.key:
            raise ApiError(ErrorCode.INVALID_REQUEST, f"{self.name} is a volume, not a directory in one.")
        if self._within:
            raise ApiError(ErrorCode.DIRECTORY_NOT_EMPTY, f"The directory {self.name} is not empty.")
        with self._explained():
            if self.store.head(f"{self.key}/{MARKER}") is None:
                raise ApiError(
                    ErrorCode.FILE_NOT_ACCESSIBLE,
                    f"The directory {self.name} was made by another program, which has to remove it.",
                )
            self.store.delete(f"{self.key}/{MARKER}")
            self._keep(self.key.rpartition("/")[0])

    @cached_property
    def _within(self) -> dict[str, Entry]:
        with self._explained():
            found = self.store.list(self.key)
            if found is None and self.key != self._root.key:
                raise ApiError(ErrorCode.FILE_NOT_FOUND, f"The directory {self.name} does not exist.")
        if found is None:
            return {}
        folders = (key.rpartition("/")[2] for key in found.folders)
        entries = [
            Entry(f"{self.name}/{name}", name, is_directory=True, size=0, modified=0) for name in folders
        ]
        entries += [_entry(f"{self.name}/{one.key.rpartition('/')[2]}", one) for one in found.objects]
        return {entry.name: entry for entry in entries if entry.name != MARKER}

    def _look(self) -> Object | Listing:
        """Return what lies here; the volume's own folder is always there."""
        if self.key == self._root.key:
            return Listing((), ())
        found = self.store.find(self.key)
        if found is None:
            raise ApiError(ErrorCode.FILE_NOT_FOUND, f"The path {self.name} does not exist.")
        return found

    def _keep(self, folder: str) -> None:
        """Put a marker in a folder of the volume in which nothing is."""
        if folder != self._root.key and self.store.list(folder) is None:
            self.store.write(f"{folder}/{MARKER}", b"", overwrite=True)

    def _is_directory(self) -> ApiError:
        return ApiError(ErrorCode.INVALID_REQUEST, f"{self.name} is a directory, not a file.")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the store says into an error that names the path in the volume."""
        try:
            yield
        except StoreError as error:
            if error.kind is StoreErrorKind.EXISTS:
                raise ApiError(ErrorCode.FILE_EXISTS, f"A file already exists at {self.name}.") from None
            raise store_failure(error) from None


class _Opened:
    """An object as it was when it was opened."""

    def __init__(self, store: Store, found: Object) -> None:
        self._store = store
        self._found = found
        self.size = found.size
        self.modified = found.modified

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """Yield a range of the object."""
        return self._store.read(self._found, start, end)

    def close(self) -> None:
        """Do nothing: connections end with what is read."""


def _entry(name: str, found: Object) -> Entry:
    return Entry(name, name.rpartition("/")[2], False, found.size, int(found.modified * 1000))
