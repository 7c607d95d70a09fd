"""The rows that statements answer."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from databricks.sql.client import Cursor

BATCH_ROWS = 10_000
"""Rows of a batch, unless the caller wants another number."""


class Result:
    """The rows of a statement, fetched as they are asked for, once.

    It holds a session of the connector's pool until its rows are read, it is closed, or nobody refers to it.

    Args:
        cursor: has executed the statement.
        release: gives its session back; called once.
    """

    def __init__(self, cursor: Cursor, release: Callable[[], None]) -> None:
        self._cursor = cursor
        self._finalizer = weakref.finalize(self, release)

    def __enter__(self) -> Result:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.batches():
            yield from _records(batch)

    def close(self) -> None:
        """Give the session back; rows that were not read are lost."""
        self._finalizer()

    def table(self) -> pa.Table:
        """Return all rows that were not read yet, as Arrow, and close."""
        with self:
            return self._cursor.fetchall_arrow() if self._cursor.description else pa.table({})

    def records(self) -> list[dict[str, Any]]:
        """Return all rows that were not read yet, and close."""
        return _records(self.table())

    def batches(self, size: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """Yield Arrow tables of at most `size` rows, and close at the end; few are in memory."""
        with self:
            while self._cursor.description:
                batch = self._cursor.fetchmany_arrow(size)
                if not batch.num_rows:
                    return
                yield batch


def _records(table: pa.Table) -> list[dict[str, Any]]:
    """Return rows as dicts; a map is a dict, too.

    Not by the connector's own rows: it goes through pandas, which makes integers beside nulls floats.
    """
    rows: list[dict[str, Any]] = table.to_pylist(maps_as_pydicts="strict")
    return rows
