"""The table that records go to, as the service describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lakestead.client.sql.results import Result
from lakestead.core.datatypes import DataType, TypeSyntaxError, parse_type
from lakestead.core.errors import SourceError
from lakestead.core.names import quote_name, split_name

Execute = Callable[[str, dict[str, Any] | None], Result]


@dataclass(frozen=True)
class Target:
    """A table.

    Args:
        parts: its name, of one to three parts.
        columns: the types of its columns by their names, in order.
    """

    parts: tuple[str, ...]
    columns: dict[str, DataType]

    @property
    def sql(self) -> str:
        """Its name in a statement."""
        return quote_name(*self.parts)

    @property
    def name(self) -> str:
        """Its name in a message."""
        return ".".join(self.parts)

    def find(self, name: str) -> str | None:
        """Return a column's name as the table has it, found without regard to case; None if there is none."""
        return self._names.get(name.lower())

    def require(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return columns' names as the table has them.

        Raises:
            SourceError: the table has no such column; says which it has that is nearest.
        """
        return tuple(self._one(name) for name in names)

    def _one(self, name: str) -> str:
        found = self.find(name)
        if found is None:
            raise SourceError(self.unknown(name))
        return found

    def unknown(self, name: str) -> str:
        """Say that there is no such column, and which is nearest."""
        near = get_close_matches(name.lower(), self._names, n=1)
        hint = f"did you mean '{self._names[near[0]]}'?" if near else f"it has {', '.join(self.columns)}"
        return f"table {self.name} has no column '{name}'; {hint}"

    @property
    def _names(self) -> dict[str, str]:
        return {name.lower(): name for name in self.columns}


def describe(execute: Execute, name: str) -> Target:
    """Ask for a table's columns.

    Args:
        execute: runs a statement.
        name: of one to three parts, as SQL writes it.

    Raises:
        databricks.sql.Error: there is no such table, or it may not be seen.
    """
    parts = split_name(name)
    columns: dict[str, DataType] = {}
    for row in execute(f"DESCRIBE TABLE {quote_name(*parts)}", None).records():
        # After the columns come partitions and what else there is to say.
        if not row["col_name"] or row["col_name"].startswith("#"):
            break
        try:
            columns[row["col_name"]] = parse_type(row["data_type"])
        except TypeSyntaxError as error:
            raise SourceError(f"table {name}, column '{row['col_name']}': {error}") from None
    return Target(parts, columns)


def primary_key(execute: Execute, full_name: tuple[str, str, str]) -> tuple[str, ...]:
    """Return the columns of a table's primary key, in their order; none if it has none."""
    catalog, schema, table = (part.lower() for part in full_name)
    rows = execute(
        "SELECT k.column_name FROM system.information_schema.table_constraints AS c"
        " JOIN system.information_schema.key_column_usage AS k"
        " ON k.constraint_catalog = c.constraint_catalog AND k.constraint_schema = c.constraint_schema"
        " AND k.constraint_name = c.constraint_name AND k.table_name = c.table_name"
        " WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_catalog = %(catalog)s"
        " AND c.table_schema = %(schema)s AND c.table_name = %(table)s ORDER BY k.ordinal_position",
        {"catalog": catalog, "schema": schema, "table": table},
    ).records()
    return tuple(row["column_name"] for row in rows)
