"""Object stores as trees of files: listed where they lie, brought here to be read."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

from lakestead.engine.files.globs import has_wildcard
from lakestead.engine.files.listing import SourceFile
from lakestead.engine.files.tree import Entry
from lakestead.engine.objects.errors import StoreError, StoreErrorKind
from lakestead.engine.objects.store import Object, Store

# Requests at a time: stores answer slowly and take many.
_AT_A_TIME = 8
T = TypeVar("T")
R = TypeVar("R")


class ObjectTree:
    """A bucket as a tree of files.

    Args:
        store: the bucket.
        folder: where objects are brought to; whoever made it removes it.
        check: called again and again while objects are brought; raises to stop it.
    """

    def __init__(self, store: Store, folder: Path, check: Callable[[], None]) -> None:
        self.store = store
        self._folder = folder
        self._check = check

    def status(self, paths: Sequence[str]) -> Iterable[Entry | None]:
        """Return what lies at each path.

        Raises:
            StoreError: the store cannot be asked.
        """
        return _each(self._status, paths)

    def entries(self, folders: Sequence[str]) -> Iterable[Sequence[Entry]]:
        """Return what is in each folder.

        Raises:
            StoreError: the store cannot be asked.
        """
        return _each(self._entries, folders)

    def local(self, path: str) -> Path:
        """Return where an object will be once it was fetched."""
        return self._folder / hashlib.sha256(path.encode()).hexdigest()

    def fetch(self, files: Sequence[SourceFile]) -> None:
        """Bring objects here.

        Raises:
            StoreError: CHANGED when one is not what it was when it was listed, or is gone.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        stopped = threading.Event()
        with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="objects") as pool:
            running = [pool.submit(self._fetch, file, stopped) for file in files]
            try:
                for one in as_completed(running):
                    one.result()
            except BaseException:
                stopped.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _status(self, path: str) -> Entry | None:
        # A pattern is no folder's name; looked up as one it would be listed in vain.
        found = self.store.head(path) if has_wildcard(path) else self.store.find(path)
        if found is None:
            return None
        if isinstance(found, Object):
            return _entry(found)
        return Entry(path.rpartition("/")[2], is_folder=True)

    def _entries(self, folder: str) -> Sequence[Entry]:
        listing = self.store.list(folder)
        if listing is None:
            return ()
        folders = (Entry(key.rpartition("/")[2], is_folder=True) for key in listing.folders)
        return (*folders, *(_entry(one) for one in listing.objects))

    def _fetch(self, file: SourceFile, stopped: threading.Event) -> None:
        listed = Object(file.key, file.size, file.modified, file.version)
        try:
            with file.path.open("wb") as target:
                for chunk in self.store.read(listed):
                    self._check()
                    if stopped.is_set():
                        return
                    target.write(chunk)
        except StoreError as error:
            if error.kind not in (StoreErrorKind.NOT_FOUND, StoreErrorKind.CHANGED):
                raise
            raise StoreError(
                StoreErrorKind.CHANGED,
                f"{file.name} was changed or removed since the files were listed; try again.",
            ) from None


def _entry(found: Object) -> Entry:
    return Entry(
        found.key.rpartition("/")[2],
        is_folder=False,
        size=found.size,
        modified=found.modified,
        version=found.version,
    )


def _each(ask: Callable[[T], R], values: Sequence[T]) -> Iterable[R]:
    if len(values) == 1:
        return [ask(values[0])]
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="objects") as pool:
        return list(pool.map(ask, values))
