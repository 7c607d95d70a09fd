"""Trees of files: the local one here; others, such as object stores, do the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lakestead.engine.files.listing import SourceFile


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder.

    Attributes:
        name: the last part of its path.
        is_folder: whether it is a folder.
        size: bytes of a file.
        modified: when a file was written, in seconds since the epoch.
        version: changes with a file's content; "" where nothing tells.
    """

    name: str
    is_folder: bool
    size: int = 0
    modified: float = 0
    version: str = ""


class Tree(Protocol):
    """Files by their paths. What it is asked for many paths it may look up at the same time."""

    def status(self, paths: Sequence[str]) -> Iterable[Entry | None]:
        """Return what lies at each path, or None."""

    def entries(self, folders: Sequence[str]) -> Iterable[Sequence[Entry]]:
        """Return what is in each folder."""

    def local(self, path: str) -> Path:
        """Return where a file can be read once it was fetched."""

    def fetch(self, files: Sequence[SourceFile]) -> None:
        """See to it that files can be read."""


class LocalTree:
    """The local file system.

    Args:
        confine: links that lead out of this folder are not followed.
    """

    def __init__(self, confine: Path) -> None:
        self._confine = confine

    def status(self, paths: Sequence[str]) -> Iterable[Entry | None]:
        """Return what lies at each path, or None."""
        return [self._status(Path(path)) for path in paths]

    def entries(self, folders: Sequence[str]) -> Iterable[Sequence[Entry]]:
        """Return what is in each folder, one folder at a time."""
        return (list(self._entries(folder)) for folder in folders)

    def local(self, path: str) -> Path:
        """Return the path itself."""
        return Path(path)

    def fetch(self, files: Sequence[SourceFile]) -> None:
        """Do nothing: the files are here."""

    def _status(self, path: Path) -> Entry | None:
        if not path.exists() or not self._inside(path):
            return None
        found = path.stat()
        return Entry(path.name, path.is_dir(), found.st_size, found.st_mtime)

    def _entries(self, folder: str) -> Iterator[Entry]:
        for entry in os.scandir(folder):
            if entry.is_symlink() and not (os.path.exists(entry.path) and self._inside(Path(entry.path))):
                continue
            found = entry.stat()
            yield Entry(entry.name, entry.is_dir(), found.st_size, found.st_mtime)

    def _inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._confine)
