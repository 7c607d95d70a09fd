"""Keeps what ran, without making statements wait for it."""

from __future__ import annotations

from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.store.base import Store


class Recorder:
    """Records statements when they have ended.

    Args:
        store: where the records go.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(self, statement: Statement) -> None:
        """Record a statement that has ended."""

    def close(self) -> None:
        """Write what has not been written yet."""
