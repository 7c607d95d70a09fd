"""What is read: a query, or a table of which columns, rows and time are chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lakestead.core.names import InvalidName, quote, quote_name, quote_string, split_name


@dataclass(frozen=True)
class Selection:
    """What of a query or table is wanted.

    Args:
        columns: their names; all if None.
        where: a predicate in SQL; it may have the query's parameters.
        limit: at most so many rows.
        version: of the table.
        timestamp: of which the table is read: a time (without a zone: UTC), or text that SQL takes for one.
    """

    columns: Sequence[str] | None = None
    where: str | None = None
    limit: int | None = None
    version: int | None = None
    timestamp: dt.datetime | str | None = None

    def statement(self, query: str) -> str:
        """Return the statement that reads it.

        Args:
            query: a query, or the name of a table.

        Raises:
            ValueError: the choices contradict each other, or cannot be made of a query.
        """
        table = _table(query)
        time = self._time(query if table is None else None)
        if table is None and self == Selection():
            return query
        source = table if table is not None else f"({query.strip().rstrip(';')}\n)"
        columns = ", ".join(map(quote, self.columns)) if self.columns is not None else "*"
        if not columns:
            raise ValueError("columns is empty: name at least one")
        where = f" WHERE {self.where}" if self.where else ""
        limit = "" if self.limit is None else f" LIMIT {self._limit()}"
        return f"SELECT {columns} FROM {source}{time}{where}{limit}"

    def _limit(self) -> int:
        if isinstance(self.limit, bool) or not isinstance(self.limit, int) or self.limit < 0:
            raise ValueError(f"limit is a number of rows, not {self.limit!r}")
        return self.limit

    def _time(self, query: str | None) -> str:
        if self.version is None and self.timestamp is None:
            return ""
        if query is not None:
            raise ValueError("version and timestamp are of a table: name one, or put them into the query")
        if self.version is not None and self.timestamp is not None:
            raise ValueError("a table is read at a version or at a timestamp, not at both")
        if self.version is not None:
            return f" VERSION AS OF {int(self.version)}"
        time = self.timestamp
        if isinstance(time, dt.datetime):
            time = (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat(" ")
        return f" TIMESTAMP AS OF {quote_string(str(time))}"


def _table(query: str) -> str | None:
    """Return the quoted name if the text is one; a query has words."""
    try:
        return quote_name(*split_name(query))
    except InvalidName:
        return None
