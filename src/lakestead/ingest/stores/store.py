"""What every store can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from .location import Location


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored object.

    Attributes:
        key: its name below the store's own place, with `/` between folders.
        url: where it is, as Databricks names it.
        size: in bytes.
        modified: when it was last written, in UTC.
    """

    key: str
    url: str
    size: int
    modified: datetime


class Store(Protocol):
    """A place that holds files under keys. May be used by several threads.

    All methods raise `ConnectionFailed` when the store cannot be reached or refuses the credentials, and
    `SourceError` when it is reached and something is not there.
    """

    @property
    def location(self) -> Location:
        """Where the store is."""
        ...

    def url(self, key: str = "") -> str:
        """Return where a key is, as Databricks names it: ``abfss://…``, ``s3://…``, ``gs://…``, ``file:///…``."""
        ...

    def put_file(self, local: Path, key: str) -> None:
        """Store a file under a key, whole or not at all; what was there is replaced."""
        ...

    def get_file(self, key: str, local: Path) -> None:
        """Write what is stored under a key to a file; memory is bounded."""
        ...

    def create(self, key: str, content: bytes) -> bool:
        """Store bytes under a key that is not taken, whole or not at all; return whether it was free.

        Of several that try at once, one gets it.
        """
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        """Return what is stored under a key, or the bytes from `start` up to, without, `end`."""
        ...

    def move(self, key: str, to: str) -> None:
        """Store under another key what is stored under one; what was there is replaced.

        If nothing is there under `key` but something under `to`, it has been moved already.
        """
        ...

    def list(self, pattern: str = "**") -> Iterator[Entry]:
        """Yield the entries whose keys match a glob (see `Glob`), in no order."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Delete what is stored under keys; keys that are not there are passed over."""
        ...

    def exists(self, key: str) -> bool:
        """Say whether something is stored under a key."""
        ...

    def local(self, key: str) -> Path | None:
        """Return the file of a key, if it is one on this machine."""
        ...

    def check(self) -> None:
        """Find out whether the store can be reached and listed."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
