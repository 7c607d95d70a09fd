"""Where the rows of a system table come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lakestead.workspace.system.log import Log, Row

_CHUNK = 20_000


class Source(Protocol):
    """Rows in an order that never changes; a mark is a place in that order."""

    def newest(self) -> int:
        """Return the mark up to which all rows can be read now, those included that were just made."""

    def oldest(self) -> int:
        """Return the mark before the oldest row that is kept; 0 when none was ever removed."""

    def rows(self, after: int, until: int) -> Iterator[Sequence[Row]]:
        """Give the rows behind one mark, up to another, in parts."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of the event log."""

    log: Log
    name: str

    def newest(self) -> int:
        """See :class:`Source`."""
        self.log.flush()
        return self.log.extent(self.name)[1]

    def oldest(self) -> int:
        """See :class:`Source`."""
        return self.log.extent(self.name)[0]

    def rows(self, after: int, until: int) -> Iterator[Sequence[Row]]:
        """See :class:`Source`."""
        while after < until:
            found = self.log.rows_after(self.name, after, min(_CHUNK, until - after))
            if not found:
                return
            after = found[-1][0]
            yield [row for _, row in found]


@dataclass(frozen=True, slots=True)
class Constant:
    """Rows that do not change while the workspace runs.

    Attributes:
        content: the rows.
        version: grows whenever the rows are others than before.
    """

    content: Sequence[Row]
    version: int

    def newest(self) -> int:
        """See :class:`Source`."""
        return self.version

    def oldest(self) -> int:
        """See :class:`Source`."""
        return self.version - 1

    def rows(self, after: int, until: int) -> Iterator[Sequence[Row]]:
        """See :class:`Source`."""
        if after < until:
            yield self.content
