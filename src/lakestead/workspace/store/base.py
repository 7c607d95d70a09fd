"""The database under the workspace: one transaction per change."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

# Where a transaction that only reads keeps what it has found already.
KNOWN = "known"


class Base(DeclarativeBase):
    """The parent of every stored record."""


def new_id() -> str:
    """Return a new random identifier."""
    return str(uuid.uuid4())


def now_ms() -> int:
    """Return the time in milliseconds since the epoch, as Databricks' APIs give it."""
    return time.time_ns() // 1_000_000


class Store:
    """The workspace's database.

    Args:
        path: the SQLite file; made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        # It holds secrets; SQLite gives the files beside it the same mode.
        path.touch(0o600)
        path.chmod(0o600)
        self._engine = _sqlite(path)
        # SQLite has one writer at a time: waiting here is fair, waiting inside SQLite is not.
        self._writing = threading.RLock()
        Base.metadata.create_all(self._engine)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that may change things: committed at the end, rolled back on an error."""
        with self._writing, Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that sees one consistent state and changes nothing."""
        with Session(self._engine, expire_on_commit=False, autoflush=False, info={KNOWN: {}}) as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=16,
        max_overflow=48,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    def connected(connection: Any, _record: object) -> None:
        # SQLAlchemy opens the transactions: the driver would open none for reads, which then see two states.
        connection.isolation_level = None
        cursor = connection.cursor()
        # A commit survives a killed process in WAL mode without a sync for each one.
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)
    return engine
