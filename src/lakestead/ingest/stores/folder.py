"""A local folder as a store."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from lakestead.core.errors import SourceError

from .globs import Glob
from .location import Location
from .store import Entry


class Folder:
    """A local folder.

    Args:
        location: of kind ``file``.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        self._root = Path(location.prefix)

    def path(self, key: str) -> Path:
        """Return where a key's file is.

        Raises:
            SourceError: when the key leads out of the folder.
        """
        if ".." in key.split("/"):
            raise SourceError(f"the key '{key}' leads out of {self._root}")
        return self._root / key.strip("/")

    def url(self, key: str = "") -> str:
        return self.location.join(key).url

    def put_file(self, local: Path, key: str) -> None:
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
        os.close(handle)
        try:
            shutil.copyfile(local, name)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise

    def get_file(self, key: str, local: Path) -> None:
        try:
            shutil.copyfile(self.path(key), local)
        except FileNotFoundError:
            raise SourceError(f"{self.url(key)} is not there") from None

    def list(self, pattern: str = "**") -> Iterator[Entry]:
        glob = Glob(pattern)
        start = self._root / glob.folder
        for folder, _, names in os.walk(start):
            inner = Path(folder).relative_to(self._root).as_posix()
            for name in names:
                key = name if inner == "." else f"{inner}/{name}"
                if glob.matches(key):
                    yield self._entry(key)

    def _entry(self, key: str) -> Entry:
        stat = self.path(key).stat()
        return Entry(key, self.url(key), stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.path(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        return self.path(key).is_file()

    def check(self) -> None:
        if self._root.exists() and not self._root.is_dir():
            raise SourceError(f"{self._root} is a file, not a folder")

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
