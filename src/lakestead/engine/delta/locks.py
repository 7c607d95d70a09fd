"""One writer at a time for each table, and another try when writers outside this process came between."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlparse
from weakref import WeakValueDictionary

from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind, delta_error
from lakestead.engine.sail import EngineError

T = TypeVar("T")

DEFAULT_TIMEOUT = 600.0
_CHECK_INTERVAL = 0.05
_ATTEMPTS = 12


class _Lock:
    """A lock that lives as long as someone holds or waits for it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()


class Locks:
    """Writers' locks, one for each location.

    They are re-entrant: a command that holds a table may call another that takes it.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
        self._guard = threading.Lock()

    @contextmanager
    def hold(
        self,
        location: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[None]:
        """Keep every other writer of this process from a table.

        Args:
            location: the table's folder or URL.
            timeout: seconds to wait for the one who holds it.
            check: called while waiting; raises when the wait is to end, e.g. for a cancelled statement.

        Raises:
            DeltaError: LOCKED when the time is over.
        """
        with self._guard:
            entry = self._locks.setdefault(_key(location), _Lock())
        deadline = time.monotonic() + timeout
        while not entry.lock.acquire(timeout=_CHECK_INTERVAL):
            check()
            if time.monotonic() > deadline:
                raise DeltaError(
                    DeltaErrorKind.LOCKED,
                    f"Another statement has held the table for more than {timeout:g} s.",
                )
        try:
            yield
        finally:
            entry.lock.release()


def _key(location: str) -> str:
    """Return the same text for all ways to write a location."""
    parsed = urlparse(location)
    if parsed.scheme in ("", "file"):
        return os.path.realpath(parsed.path if parsed.scheme else location)
    return location.rstrip("/")


def is_transient(error: Exception) -> bool:
    """Return whether an error only says that another writer was faster."""
    if isinstance(error, EngineError):
        error = delta_error(error)
    return isinstance(error, DeltaError) and error.kind is DeltaErrorKind.CONFLICT


def retry(work: Callable[[], T], *, check: Callable[[], None] = lambda: None, attempts: int = _ATTEMPTS) -> T:
    """Carry out a change of a table, again when another writer came between.

    Args:
        work: reads the table's newest version and makes the change, whole or not at all.
        check: called before each further try; raises when there is to be none.
        attempts: how often to try at the most.

    Raises:
        Exception: what ``work`` raises, when it is not a conflict or there were too many.
    """
    for attempt in range(attempts):
        try:
            return work()
        except (DeltaError, EngineError) as error:
            if attempt + 1 == attempts or not is_transient(error):
                raise
            check()
            # 10 ms doubling to 1 s, at random, so that writers who met do not meet again.
            time.sleep(random.uniform(0.5, 1.0) * min(0.01 * 2**attempt, 1.0))
    raise AssertionError("unreachable")
