"""Rows that are kept for longer than they should be: found, and deleted on approval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_name, split_name
from lakestead.govern.policies.view import View
from lakestead.govern.retention.declared import Period, Retention

_TIMES = ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ")
_AT_A_TIME = 4
_CONCERNED = """
SELECT s.catalog_name, s.schema_name, s.table_name, s.full_name, c.column_name, c.full_data_type
FROM scoped AS s LEFT JOIN {schema}.columns AS c ON c.table_catalog = s.catalog_name
    AND c.table_schema = s.schema_name AND c.table_name = s.table_name AND lower(c.column_name) =
    lower(:column)
WHERE s.table_type <> 'VIEW' ORDER BY s.full_name"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """What was seen of a table.

    Args:
        table: its full name.
        entry: the entry of `retention`.
        column: from when a row counts.
        before: rows from before this are overdue, in UTC.
        rows: how many they are; None if that cannot be told.
        oldest: from when the oldest is; None if none is.
        vacuum_hours: how long the files of deleted rows are kept; None for as long as the table says.
        problem: why it cannot be told, and what to do.
    """

    table: str
    entry: str
    column: str
    before: dt.datetime
    rows: int | None
    oldest: dt.datetime | dt.date | None
    vacuum_hours: int | None
    problem: str | None = None

    @property
    def statements(self) -> tuple[str, ...]:
        """What deletes the rows, and then their files; nothing if there are none."""
        if not self.rows:
            return ()
        table = quote_name(*split_name(self.table))
        moment = self.before.strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"DELETE FROM {table} WHERE {quote(self.column)} < TIMESTAMP '{moment}'",
            f"VACUUM {table}" + ("" if self.vacuum_hours is None else f" RETAIN {self.vacuum_hours} HOURS"),
        )

    def values(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        oldest = None if self.oldest is None else self.oldest.isoformat()
        return {**asdict(self), "before": self.before.isoformat(), "oldest": oldest}


def overdue(view: View, retention: Retention, now: dt.datetime) -> list[Overdue]:
    """Return what was seen of every table that an entry of `retention` is about.

    Args:
        view: the workspace's metadata.
        retention: the entries.
        now: the time from which periods are counted back; in UTC, whole days.

    Raises:
        databricks.sql.Error: when the workspace refuses a query.
    """
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Overdue] = []
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for name, period in retention.root.items():
            before = midnight - dt.timedelta(days=period.days)
            rows = view.rows(_CONCERNED, period.scope, column=period.column)
            found += pool.map(
                lambda row, n=name, p=period, b=before: _look(view.warehouse, n, p, row, b), rows
            )
    return found


def delete(warehouse: Warehouse, tables: Iterable[Overdue]) -> Iterator[Overdue]:
    """Delete the overdue rows of tables, and their files when those have been kept long enough.

    Yields each when that is done. One that was interrupted is done by doing it again.

    Raises:
        databricks.sql.Error: when the workspace refuses it; those before are done.
    """
    for one in tables:
        for statement in one.statements:
            warehouse.repeat(statement).close()
        yield one


def _look(
    warehouse: Warehouse, entry: str, period: Period, row: dict[str, Any], before: dt.datetime
) -> Overdue:
    def seen(rows: int | None, oldest: Any = None, problem: str | None = None) -> Overdue:
        return Overdue(
            row["full_name"], entry, period.column, before, rows, oldest, period.vacuum_hours, problem
        )

    kind = row["full_data_type"]
    if kind is None:
        return seen(None, problem=f"it has no column '{period.column}': name another, or narrow the scope")
    if kind.upper() not in _TIMES:
        return seen(None, problem=f"'{period.column}' is {kind.upper()}: name a column of DATE or TIMESTAMP")
    table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
    column = quote(row["column_name"])
    (counted,) = warehouse.rows(
        f"SELECT count(*) AS rows, min({column}) AS oldest FROM {table} WHERE {column} < :before",
        before=before,
    )
    return seen(counted["rows"], counted["oldest"])
