"""MERGE by equal keys, without the engine's join over the whole table.

The engine evaluates the source and everything that the clauses make of it, in one query; its rows are then
merged by their keys. That serves statements whose clauses need nothing of the table's rows, and sources that
fit into memory; all others are left to the engine's own MERGE.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from lakestead.core.datatypes import BYTE, INT, LONG, SHORT, DataType, Decimal, parse_type
from lakestead.core.names import quote, quote_name
from lakestead.engine.arrow import decode
from lakestead.engine.delta.locks import retry
from lakestead.engine.delta.log import Commit
from lakestead.engine.delta.merge import (
    INSERT,
    JOINS,
    UPDATE,
    NotMergeable,
    Rules,
    merge,
    refuse_unmergeable,
)
from lakestead.engine.delta.table import open_table
from lakestead.engine.sail import EngineError
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions
from lakestead.workspace.sql.dml.clauses import Clause, Merge
from lakestead.workspace.sql.dml.scope import Scope
from lakestead.workspace.sql.dml.write import Target, refusals
from lakestead.workspace.sql.statement import Column
from lakestead.workspace.store.objects import TableColumn

# Larger sources are left to the engine, which joins them piece by piece.
_MOST_BYTES = 128 << 20
_INTEGERS = (BYTE, SHORT, INT, LONG)
_NO_CLAUSE = "CAST(NULL AS INT)"


def run(
    ctx: Context, target: Target, statement: Merge, source: str, columns: Sequence[Column]
) -> dict[str, int]:
    """Carry out a MERGE, if it is of this kind.

    Args:
        ctx: the statement.
        target: its table, held.
        statement: as it was read.
        source: its source, a bound query.
        columns: those of the source.

    Returns:
        The commit's ``operationMetrics``; empty when nothing was committed.

    Raises:
        NotMergeable: it is the engine's; nothing was changed.
        ApiError: it fails; nothing was changed.
        Interrupted: it was cancelled; nothing was changed.
    """
    names = frozenset(column.name.lower() for column in columns)
    scope = Scope(statement, target.table.path, target.columns, names)
    plan = _Planner(statement, target, columns, scope).plan(source)
    commit = Commit("MERGE", _parameters(statement), ctx.principal.name)
    check = ctx.statement.check

    def attempt() -> dict[str, int]:
        # Opened first: what others commit from here on is a conflict, as the source may read the table too.
        table = open_table(target.location)
        refuse_unmergeable(table)
        rows = _evaluated(ctx, plan)
        return merge(table, rows, plan.rules, commit, query=ctx.query, check=check) if rows.num_rows else {}

    with refusals():
        return retry(attempt, check=check)


def _evaluated(ctx: Context, plan: _Plan) -> pa.Table:
    """Return the rows of a source, as a plan wants them.

    Raises:
        NotMergeable: they are too many, or the engine refuses the query. It may well take the statement, as
            that evaluates expressions for fewer rows, and else says best what is wrong.
    """
    size = 0
    batches: list[pa.RecordBatch] = []
    try:
        stream = ctx.run(plan.query)
        for batch in stream.batches:
            size += len(batch.data)
            if size > _MOST_BYTES:
                raise NotMergeable("the source is too large")
            batches.extend(decode(stream.schema, batch))
    except EngineError:
        raise NotMergeable("the engine does not evaluate the query") from None
    rows = pa.Table.from_batches(batches, stream.schema)
    for name in plan.null_safe if batches else ():
        if rows.column(name).filter(rows.column(JOINS)).null_count:
            raise NotMergeable("a key of the source is null, and may be equal to a null")
    return rows


def _parameters(statement: Merge) -> dict[str, str]:
    def predicates(rows: str) -> str:
        listed = [
            {"predicate": one.condition, "actionType": one.action.lower()}
            if one.condition
            else {"actionType": one.action.lower()}
            for one in statement.clauses
            if one.rows == rows
        ]
        return json.dumps(listed)

    return {
        "predicate": statement.condition,
        "matchedPredicates": predicates("MATCHED"),
        "notMatchedPredicates": predicates("NOT MATCHED"),
        "notMatchedBySourcePredicates": predicates("NOT MATCHED BY SOURCE"),
    }


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the engine evaluates, and what becomes of it.

    Attributes:
        query: gives the columns that the rules name.
        rules: how the rows change the table.
        null_safe: columns whose nulls would be equal to the table's.
    """

    query: str
    rules: Rules
    null_safe: tuple[str, ...]


@dataclass(slots=True)
class _Planner:
    """Makes the plan of one statement; raises :class:`NotMergeable` where it is the engine's."""

    statement: Merge
    target: Target
    columns: Sequence[Column]
    scope: Scope
    values: dict[str, str] = field(default_factory=dict)

    def plan(self, source: str) -> _Plan:
        names = [column.name.lower() for column in self.columns]
        own = self.target.columns
        made = any(one.identity is not None or one.generation is not None for one in own)
        if self.statement.evolves or made or len(set(names)) < len(names):
            raise NotMergeable("the statement or the table makes columns of its own")
        clauses = self.statement.clauses
        updates = self._last_unconditional([one for one in clauses if one.rows == "MATCHED"])
        inserts = self._last_unconditional([one for one in clauses if one.rows == "NOT MATCHED"])
        if len(updates) + len(inserts) < len(clauses):
            raise NotMergeable("a clause is for rows that the source lacks")
        keys, joins, null_safe = self._condition()
        rules = Rules(
            keys,
            [self._update(one) for one in updates],
            [self._insert(one) for one in inserts],
        )
        alias = quote(self.statement.source_alias)
        chosen = [
            # Beside a column of a row there can be no aggregate function.
            f"{alias}.{quote(self.columns[0].name)} IS NULL AS each_row",
            f"coalesce({joins}, false) AS {JOINS}",
            f"{self._first(updates)} AS {UPDATE}",
            f"{self._first(inserts)} AS {INSERT}",
            *(f"{value} AS {name}" for value, name in self.values.items()),
        ]
        return _Plan(f"SELECT {', '.join(chosen)} FROM ({source}) AS {alias}", rules, null_safe)

    def _condition(self) -> tuple[dict[str, str], str, tuple[str, ...]]:
        keys: dict[str, str] = {}
        joins: list[str] = []
        null_safe: list[str] = []
        for text in self.scope.conjuncts(self.statement.condition):
            found = self.scope.equality(text)
            if found is None:
                joins.append(f"({self._bound(text)})")
            elif found.column.name in keys:
                raise NotMergeable("a column has two keys")
            else:
                keys[found.column.name] = name = self._value(self._bound(found.value))
                null_safe += [name] if found.null_safe else []
        if not keys:
            raise NotMergeable("there is no key")
        return keys, " AND ".join(joins) or "true", tuple(null_safe)

    def _last_unconditional(self, clauses: Sequence[Clause]) -> Sequence[Clause]:
        if not all(one.condition for one in clauses[:-1]):
            raise NotMergeable("only the last clause may have no condition")
        return clauses

    def _first(self, clauses: Sequence[Clause]) -> str:
        """Return an expression for the number of the clause that a row is for."""
        cases = [
            f"WHEN {self._bound(one.condition) if one.condition else 'true'} THEN {number}"
            for number, one in enumerate(clauses)
        ]
        return f"CAST(CASE {' '.join(cases)} END AS INT)" if cases else _NO_CLAUSE

    def _update(self, clause: Clause) -> dict[str, str] | None:
        if clause.action == "DELETE":
            return None
        if clause.action == "UPDATE" and clause.everything:
            return self._everything()
        found: dict[str, str] = {}
        for one in expressions.assignments(self.statement.text, clause.assigned):
            qualifier = [part.lower() for part in one.qualifier]
            column = self._column(one.column)
            if column is None or column.name in found or not self.scope.qualifies(qualifier):
                raise NotMergeable("a field is set, or a column twice, or there is none")
            found[column.name] = self._cast(column, one.value)
        if not found:
            raise NotMergeable("nothing is set")
        return found

    def _insert(self, clause: Clause) -> dict[str, str]:
        if clause.action != "INSERT":
            raise NotMergeable("rows that are not there cannot be changed")
        if clause.everything:
            return self._everything()
        names = clause.columns or [column.name for column in self.target.columns]
        if len(names) != len(clause.values):
            raise NotMergeable("there are more columns than values, or fewer")
        found: dict[str, str] = {}
        for name, value in zip(names, clause.values, strict=True):
            column = self._column(name)
            if column is None or column.name in found:
                raise NotMergeable("a column is given twice, or there is none")
            found[column.name] = self._cast(column, value)
        for column in self.target.columns:
            if column.default and column.name not in found:
                found[column.name] = self._cast(column, None)
        return found

    def _everything(self) -> dict[str, str]:
        source = {column.name.lower(): column for column in self.columns}
        found: dict[str, str] = {}
        for column in self.target.columns:
            given = source.get(column.name.lower())
            if given is None or not _assignable(given.type, parse_type(column.type)):
                raise NotMergeable("a column of the table has no equal in the source")
            value = quote_name(self.statement.source_alias, given.name)
            found[column.name] = self._value(expressions.cast(column, value))
        return found

    def _column(self, name: str) -> TableColumn | None:
        return next((one for one in self.target.columns if one.name.lower() == name.lower()), None)

    def _cast(self, column: TableColumn, value: str | None) -> str:
        if value is None:
            return self._value(expressions.default(column))
        return self._value(expressions.cast(column, f"({self._bound(value)})"))

    def _bound(self, text: str) -> str:
        if not self.scope.of_source(text):
            raise NotMergeable("an expression needs the table's rows")
        return self.target.binder.expression(text)

    def _value(self, expression: str) -> str:
        """Have the engine evaluate an expression; return the name of its column."""
        return self.values.setdefault(expression, f"v{len(self.values)}")


def _assignable(given: DataType, column: DataType) -> bool:
    """Return whether ``*`` takes a value into a column, and a cast is all that is to be done."""
    numbers = all(kind in _INTEGERS or isinstance(kind, Decimal) for kind in (given, column))
    return given == column or numbers
