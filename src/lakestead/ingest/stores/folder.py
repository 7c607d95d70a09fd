"""A local folder as a store."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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

    def local(self, key: str) -> Path:
        """Return the file of a key.

        Raises:
            SourceError: when the key leads out of the folder.
        """
        if ".." in key.split("/"):
            raise SourceError(f"the key '{key}' leads out of {self._root}")
        return self._root / key.strip("/")

    def url(self, key: str = "") -> str:
        return self.location.join(key).url

    def put_file(self, local: Path, key: str) -> None:
        with self._part(key) as part:
            shutil.copyfile(local, part)
            os.replace(part, self.local(key))

    def get_file(self, key: str, local: Path) -> None:
        try:
            shutil.copyfile(self.local(key), local)
        except FileNotFoundError:
            raise SourceError(f"{self.url(key)} is not there") from None

    def create(self, key: str, content: bytes) -> bool:
        with self._part(key) as part:
            part.write_bytes(content)
            try:
                # Unlike a rename, a link is not made where there is a file.
                os.link(part, self.local(key))
            except FileExistsError:
                return False
        return True

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        try:
            with self.local(key).open("rb") as file:
                file.seek(start)
                return file.read() if end is None else file.read(end - start)
        except FileNotFoundError:
            raise SourceError(f"{self.url(key)} is not there") from None

    def move(self, key: str, to: str) -> None:
        target = self.local(to)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(self.local(key), target)
        except FileNotFoundError:
            if not target.exists():
                raise SourceError(f"{self.url(key)} is not there") from None
        _remove_if_empty(self.local(key).parent)

    @contextmanager
    def _part(self, key: str) -> Iterator[Path]:
        """Yield a file beside that of a key, for what becomes the latter's content."""
        folder = self.local(key).parent
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{uuid.uuid4().hex}.part"
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    def list(self, pattern: str = "**") -> Iterator[Entry]:
        glob = Glob(pattern)
        start = self._root / glob.folder
        for folder, _, names in os.walk(start):
            inner = Path(folder).relative_to(self._root).as_posix()
            for name in names:
                key = name if inner == "." else f"{inner}/{name}"
                if glob.matches(key):
                    # Another process may have deleted it meanwhile.
                    with suppress(FileNotFoundError):
                        yield self._entry(key)

    def _entry(self, key: str) -> Entry:
        stat = self.local(key).stat()
        return Entry(key, self.url(key), stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.local(key).unlink(missing_ok=True)
            _remove_if_empty(self.local(key).parent)

    def exists(self, key: str) -> bool:
        return self.local(key).is_file()

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


def _remove_if_empty(folder: Path) -> None:
    """In a store a folder is no more than a part of keys: without files it is not there."""
    with suppress(OSError):
        folder.rmdir()
