"""How many rows keep their rules: all rules that a row can be asked about alone in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_name
from lakestead.profiling.checks.conditions import asked_alone, broken, concerned
from lakestead.profiling.checks.rules import (
    AnyRule,
    ForeignKey,
    Freshness,
    Query,
    RowCount,
    RowRule,
    TableRule,
    Unique,
)
from lakestead.profiling.checks.scope import Scope

_HOUR_MICROSECONDS = 3.6e9


@dataclass(frozen=True)
class Count:
    """What was counted for a rule.

    Args:
        rows: the rows that it is about; 1 for a rule about the table as a whole.
        failed: how many of them break it.
        observed: the age in hours, or the number of rows, that a rule about the table looks at.
    """

    rows: int
    failed: int
    observed: float | None = None


@dataclass(frozen=True)
class Table:
    """A table to count in.

    Args:
        warehouse: runs the statements.
        text: how statements refer to the table, and to the version of it.
        scope: which rows are checked.
    """

    warehouse: Warehouse
    text: str
    scope: Scope


def count(table: Table, rules: Sequence[AnyRule]) -> dict[str, Count | Exception]:
    """Return what was counted for each rule, by its name, or why it cannot be.

    All are counted together; if the warehouse refuses that, each by itself, to find whose fault it is.
    """
    from databricks.sql.exc import Error

    try:
        return dict(_counted(table, rules))
    except Error as error:
        if len(rules) == 1:
            return {rules[0].title: error}
    return {title: found for rule in rules for title, found in count(table, [rule]).items()}


def _counted(table: Table, rules: Sequence[AnyRule]) -> dict[str, Count]:
    of_rows = [rule for rule in rules if isinstance(rule, RowRule)]
    of_table = [rule for rule in rules if isinstance(rule, TableRule)]
    found: dict[str, Count] = {}
    if table.scope.is_all:
        found |= _pass(table, [*of_rows, *of_table], "true")
    else:
        found |= _pass(table, of_rows, table.scope.condition)
        found |= _pass(table, of_table, "true")
    for rule in rules:
        if isinstance(rule, Unique | ForeignKey):
            statement = _duplicated(table, rule) if isinstance(rule, Unique) else _orphaned(table, rule)
            found[rule.title] = Count(found[rule.title].rows, _number(table, statement))
        elif isinstance(rule, Query):
            failed = _number(table, f"SELECT count(*) FROM ({rule.query}\n)")
            found[rule.title] = Count(max(failed, 1), failed)
    return found


def _pass(table: Table, rules: Sequence[RowRule | TableRule], condition: str) -> dict[str, Count]:
    """Count for many rules in one statement."""
    if not rules:
        return {}
    aggregates = [
        f"{aggregate} AS {name}_{number}"
        for number, rule in enumerate(rules)
        for name, aggregate in _aggregates(rule).items()
    ]
    (row,) = table.warehouse.rows(f"SELECT {', '.join(aggregates)} FROM {table.text} WHERE {condition}")
    return {
        rule.title: _count(rule, {name: row[f"{name}_{number}"] for name in _aggregates(rule)})
        for number, rule in enumerate(rules)
    }


def _aggregates(rule: RowRule | TableRule) -> Mapping[str, str]:
    about = concerned(rule)
    if isinstance(rule, Freshness):
        newest = f"max(CASE WHEN {about} THEN CAST({quote(rule.column)} AS TIMESTAMP) END)"
        return {"age": f"unix_micros(current_timestamp()) - unix_micros({newest})"}
    counts = {"counted": "count(*)" if rule.where is None else f"count_if({about})"}
    if isinstance(rule, RowRule) and asked_alone(rule):
        counts["failed"] = f"count_if({broken(rule)})"
    return counts


def _count(rule: RowRule | TableRule, row: Mapping[str, Any]) -> Count:
    if isinstance(rule, Freshness):
        hours = None if row["age"] is None else row["age"] / _HOUR_MICROSECONDS
        return Count(1, int(hours is None or hours > rule.max_age_hours), hours)
    rows = int(row["counted"])
    if isinstance(rule, RowCount):
        least, most = rule.min or 0, rows if rule.max is None else rule.max
        return Count(1, int(not least <= rows <= most), float(rows))
    return Count(rows, int(row.get("failed", 0)))


def _duplicated(table: Table, rule: Unique) -> str:
    """Return what counts the rows in scope that another row, in scope or not, is like."""
    new = f"SELECT count_if({table.scope.condition}) AS n FROM {table.text}"
    return f"SELECT coalesce(sum(n), 0) FROM ({new} {several(rule)})"


def several(rule: Unique) -> str:
    """Return the end of a query for the keys that several rows have."""
    keys = [quote(column) for column in rule.columns]
    given = " AND ".join([concerned(rule), *(f"{key} IS NOT NULL" for key in keys)])
    return f"WHERE {given} GROUP BY {', '.join(keys)} HAVING count(*) > 1"


def _orphaned(table: Table, rule: ForeignKey) -> str:
    """Return what counts the rows in scope whose value the other table lacks."""
    parts, referenced = rule.referenced
    column = quote(rule.column)
    given = f"{table.scope.condition} AND {concerned(rule)} AND {column} IS NOT NULL"
    return (
        f"SELECT count(*) FROM (SELECT {column} AS value FROM {table.text} WHERE {given}) AS here"
        f" LEFT ANTI JOIN {quote_name(*parts)} AS there ON here.value = there.{quote(referenced)}"
    )


def _number(table: Table, statement: str) -> int:
    (row,) = table.warehouse.rows(statement)
    (number,) = row.values()
    return int(number)
