"""SQL sessions, opened when needed, used again, and given up when idle for too long."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks.sql.exc import Error

if TYPE_CHECKING:
    from databricks.sql.client import Connection, Cursor


@dataclass(eq=False)
class Session:
    """An open session and what runs in it.

    Args:
        connection: of `databricks.sql`.
        timeout: the seconds after which the service ends a statement in it; None for its own limit.
        cursor: of the statement that runs or whose rows are being read.
        used: when it was given back, on the monotonic clock.
        holder: the thread that took it.
    """

    connection: Connection
    timeout: int | None = None
    cursor: Cursor | None = None
    used: float = field(default_factory=time.monotonic)
    holder: int = 0


class Pool:
    """Sessions that threads take and give back.

    Args:
        connect: opens a connection.
        size: how many there are at most.
        idle_seconds: one that nobody used for so long is not used again.
    """

    def __init__(self, connect: Callable[[], Connection], size: int, idle_seconds: float) -> None:
        if size < 1:
            raise ValueError(f"a pool needs at least one session, not {size}")
        self._connect = connect
        self._size = size
        self._idle_seconds = idle_seconds
        self._changed = threading.Condition()
        self._idle: list[Session] = []
        self._leased: set[Session] = set()
        self._opening = 0
        self._closed = False

    def open(self) -> None:
        """Let a pool that was closed be used again."""
        with self._changed:
            self._closed = False

    def take(self) -> Session:
        """Return a session that nobody else has; wait for one if all are taken.

        Raises:
            RuntimeError: the pool is closed, or this thread itself holds all sessions.
        """
        with self._changed:
            stale = self._take_stale()
            while not self._idle and len(self._leased) + self._opening >= self._size:
                if self._closed:
                    break
                self._refuse_to_wait_for_oneself()
                self._changed.wait()
            if self._closed:
                raise RuntimeError("the connector is closed")
            found = self._idle.pop() if self._idle else None
            if found:
                self._lend(found)
            else:
                self._opening += 1
        _close(stale)
        return found or self._open()

    def give_back(self, session: Session, *, broken: bool = False) -> None:
        """Take a session back.

        Args:
            session: from `take`.
            broken: it is not to be used again.
        """
        with self._changed:
            self._leased.discard(session)
            keep = not (broken or self._closed)
            if keep:
                session.used = time.monotonic()
                self._idle.append(session)
            self._changed.notify()
        if not keep:
            _close([session])

    def forget_idle(self) -> None:
        """Close what is idle: when the service has lost one session, it has likely lost all."""
        with self._changed:
            idle, self._idle = self._idle, []
        _close(idle)

    def cancel(self) -> int:
        """Cancel what runs in any session; return how many statements that were."""
        with self._changed:
            running = [session.cursor for session in self._leased if session.cursor is not None]
        for cursor in running:
            cursor.cancel()
        return len(running)

    def close(self) -> None:
        """Close what is idle now, and the rest as it is given back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        _close(idle)

    def _open(self) -> Session:
        try:
            session = Session(self._connect())
        except BaseException:
            with self._changed:
                self._opening -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._opening -= 1
            self._lend(session)
        return session

    def _lend(self, session: Session) -> None:
        session.holder = threading.get_ident()
        self._leased.add(session)

    def _take_stale(self) -> list[Session]:
        oldest = time.monotonic() - self._idle_seconds
        stale = [session for session in self._idle if session.used < oldest]
        self._idle = [session for session in self._idle if session.used >= oldest]
        return stale

    def _refuse_to_wait_for_oneself(self) -> None:
        """All sessions are held by results that the waiting thread itself has not read to their end."""
        me = threading.get_ident()
        if not self._opening and all(session.holder == me for session in self._leased):
            raise RuntimeError(
                f"this thread holds all {self._size} sessions of the connector by results that are open:"
                " read them to the end, close them, or give the connector a larger pool_size"
            )


def _close(sessions: list[Session]) -> None:
    for session in sessions:
        # A session that the service has lost cannot be closed there, and is gone all the same.
        with contextlib.suppress(Error, OSError):
            session.connection.close()
