"""The rows that break rules, copied into a table of their own.

That table has the columns of the source, and `MARKS`. It holds what the last run found: a run takes the place
of what runs before it found among the same rows, so that none is there twice, however often it runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from lakestead.core.datatypes import STRING, TIMESTAMP, Array, DataType
from lakestead.core.errors import SourceError
from lakestead.core.names import quote, quote_name, quote_string
from lakestead.profiling.checks.conditions import asked_alone, broken, literal
from lakestead.profiling.checks.counting import Table, several
from lakestead.profiling.checks.rules import ForeignKey, RowRule, Unique
from lakestead.profiling.checks.source import Source, find

FAILED, CHECKED, RUN = MARKS = ("_failed_checks", "_checked_at", "_run_id")
_MARK_TYPES: dict[str, DataType] = {FAILED: Array(STRING), CHECKED: TIMESTAMP, RUN: STRING}
_PROPERTY = "lakestead.quarantine_of"


class Quarantine:
    """The quarantine table of a source.

    Args:
        table: the source, as statements refer to it.
        source: its columns.
        parts: the quarantine table's name: catalog, schema, table.
    """

    def __init__(self, table: Table, source: Source, parts: tuple[str, ...]) -> None:
        self._table = table
        self._source = source
        self._parts = parts

    @property
    def full_name(self) -> str:
        """catalog.schema.table."""
        return ".".join(self._parts)

    def replace(self, rules: Sequence[RowRule], run_id: str, now: dt.datetime) -> int | None:
        """Put the rows that break rules in the place of those that runs before found.

        Args:
            rules: those that rows are known to break; may be none.
            run_id: marks the rows.
            now: the time that marks them.

        Returns:
            The number of rows; None if there is no table, as there never was such a row.

        Raises:
            SourceError: the table is not of this source, or does not fit it any more.
            databricks.sql.Error, DatabricksError: the workspace refuses.
        """
        there = find(self._table.warehouse, self._parts)
        if there is None and not rules:
            return None
        fitted = self._fitted(there)
        scope = self._table.scope
        name = quote_name(*self._parts)
        if not rules:
            self._table.warehouse.repeat(f"DELETE FROM {name} WHERE {scope.condition}").close()
            return 0
        into = f"OVERWRITE {name}" if scope.is_all else f"INTO {name} REPLACE WHERE {scope.condition}"
        values = {
            **{column.lower(): quote(column) for column in (*self._source.columns, FAILED)},
            CHECKED: literal(now),
            RUN: quote_string(run_id),
        }
        columns = ", ".join(
            f"{values.get(column.lower(), f'CAST(NULL AS {kind.ddl})')} AS {quote(column)}"
            for column, kind in fitted.columns.items()
        )
        rows = _broken_rows(self._table, self._source, rules)
        statement = f"INSERT {into} SELECT {columns} FROM ({rows}) WHERE size({FAILED}) > 0"
        return self._table.warehouse.changed(statement).get("num_inserted_rows")

    def expire(self, before: dt.datetime) -> None:
        """Delete the rows that were found before a time.

        Raises:
            databricks.sql.Error: the workspace refuses.
        """
        name = quote_name(*self._parts)
        self._table.warehouse.repeat(f"DELETE FROM {name} WHERE {CHECKED} < {literal(before)}").close()

    def _fitted(self, there: Source | None) -> Source:
        """Return the table as it is when it has been made, or got the columns that the source has by now."""
        wanted = {**self._source.columns, **_MARK_TYPES}
        if there is None:
            there = self._made("CREATE TABLE IF NOT EXISTS", wanted)
        if there.properties.get(_PROPERTY) != self._source.full_name:
            raise SourceError(
                f"'{self.full_name}' is no quarantine table of '{self._source.full_name}': rename it"
            )
        changed = [column for column, kind in wanted.items() if there.column(column) not in (None, kind)]
        if changed and not self._table.scope.is_all:
            raise SourceError(
                f"the columns {', '.join(changed)} have other types in '{self.full_name}': rename or drop it"
            )
        if changed:
            there = self._made("CREATE OR REPLACE TABLE", wanted)
        return self._widened(there, wanted)

    def _made(self, create: str, columns: Mapping[str, DataType]) -> Source:
        self._table.warehouse.repeat(
            f"{create} {quote_name(*self._parts)} ({_declared(columns)}) COMMENT 'Rows that break rules'"
            f" TBLPROPERTIES ({quote_string(_PROPERTY)} = {quote_string(self._source.full_name)})"
        ).close()
        return self._found()

    def _widened(self, there: Source, wanted: Mapping[str, DataType]) -> Source:
        missing = {column: kind for column, kind in wanted.items() if there.column(column) is None}
        if not missing:
            return there
        from databricks.sql.exc import Error

        try:
            self._table.warehouse.repeat(
                f"ALTER TABLE {quote_name(*self._parts)} ADD COLUMNS ({_declared(missing)})"
            ).close()
        except Error:
            # Another run may have been faster.
            if any(self._found().column(column) is None for column in missing):
                raise
        return self._found()

    def _found(self) -> Source:
        there = find(self._table.warehouse, self._parts)
        if there is None:
            raise SourceError(f"'{self.full_name}' was dropped while rows were put into it")
        return there


def _declared(columns: Mapping[str, DataType]) -> str:
    return ", ".join(f"{quote(column)} {kind.ddl}" for column, kind in columns.items())


def _broken_rows(table: Table, source: Source, rules: Sequence[RowRule]) -> str:
    """Return a query for the rows in scope, with the names of the rules that each breaks."""
    columns = [f"here.{quote(column)}" for column in source.columns]
    joins = []
    failed = []
    for number, rule in enumerate(rules):
        condition = None if asked_alone(rule) else f"_lakestead_broken_{number}"
        if isinstance(rule, Unique):
            joins.append(_several(table, rule, number))
            columns.append(f"there_{number}.key_0 IS NOT NULL AS {condition}")
        elif isinstance(rule, ForeignKey):
            joins.append(_referenced(rule, number))
            columns.append(
                f"here.{quote(rule.column)} IS NOT NULL AND there_{number}.key_0 IS NULL AS {condition}"
            )
        failed.append(f"CASE WHEN {broken(rule, condition)} THEN {quote_string(rule.title)} END")
    rows = f"SELECT {', '.join(columns)} FROM {table.text} AS here {' '.join(joins)}"
    return (
        f"SELECT *, array_compact(array({', '.join(failed)})) AS {FAILED} FROM ({rows})"
        f" WHERE {table.scope.condition}"
    )


def _several(table: Table, rule: Unique, number: int) -> str:
    keys = {f"key_{place}": quote(column) for place, column in enumerate(rule.columns)}
    selected = ", ".join(f"{column} AS {key}" for key, column in keys.items())
    same = " AND ".join(f"here.{column} = there_{number}.{key}" for key, column in keys.items())
    return f"LEFT JOIN (SELECT {selected} FROM {table.text} {several(rule)}) AS there_{number} ON {same}"


def _referenced(rule: ForeignKey, number: int) -> str:
    parts, referenced = rule.referenced
    column = quote(referenced)
    keys = f"SELECT DISTINCT {column} AS key_0 FROM {quote_name(*parts)} WHERE {column} IS NOT NULL"
    return f"LEFT JOIN ({keys}) AS there_{number} ON here.{quote(rule.column)} = there_{number}.key_0"
