"""How a client reads the result of one statement, and how far it has got."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from databricks.sql.thrift_api.TCLIService.ttypes import TSparkRowSetType

from lakestead.workspace.results.arrow import ArrowTypes
from lakestead.workspace.sql.statement import Statement

# A result up to this size is quicker inside the answer than by a link.
INLINE_BYTES = 1024 * 1024
# Below this compressing costs more than it saves.
_WORTH_COMPRESSING = 64 * 1024


@dataclass(slots=True)
class Reader:
    """The reading side of an operation.

    Attributes:
        types: what the client reads as Arrow's own types.
        arrow: whether it reads Arrow at all; else results come as columns of values.
        links: whether it downloads large results by links.
        lz4: whether it reads compressed batches.
        row: the next row to give.
        chunk: the chunk that has it, or one before.
        lock: held while rows are given.
    """

    types: ArrowTypes = field(default_factory=ArrowTypes)
    arrow: bool = False
    links: bool = False
    lz4: bool = False
    row: int = 0
    chunk: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def form(self, first_chunk_size: int) -> int:
        """Return the protocol's format for a result, which stays the same until its end.

        Args:
            first_chunk_size: bytes of its first chunk, which is the only one of a small result.
        """
        if not self.arrow:
            return int(TSparkRowSetType.COLUMN_BASED_SET)
        large = self.links and first_chunk_size > INLINE_BYTES
        return int(TSparkRowSetType.URL_BASED_SET if large else TSparkRowSetType.ARROW_BASED_SET)

    def compressed(self, first_chunk_size: int) -> bool:
        """Return whether batches are compressed: only inside answers, as links are faster without."""
        inside = self.form(first_chunk_size) == TSparkRowSetType.ARROW_BASED_SET
        return self.lz4 and inside and first_chunk_size > _WORTH_COMPRESSING


class Readers:
    """The readers of all statements that came by this protocol; each is forgotten with its statement."""

    def __init__(self) -> None:
        self._readers: WeakKeyDictionary[Statement, Reader] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def add(self, statement: Statement, reader: Reader) -> None:
        """Keep the reader of a statement."""
        with self._lock:
            self._readers[statement] = reader

    def of(self, statement: Statement) -> Reader:
        """Return the reader of a statement; one that came by another protocol is read by columns."""
        with self._lock:
            return self._readers.setdefault(statement, Reader())
