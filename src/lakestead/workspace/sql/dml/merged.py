"""What a MERGE that the engine carries out makes of rows, and whether the table takes them.

The engine does not verify CHECK constraints and generated columns of rows that a MERGE changes or inserts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lakestead.core.names import quote, quote_name
from lakestead.engine.delta.log import Metadata
from lakestead.engine.delta.rules import has_rules, verify_rows
from lakestead.engine.delta.table import open_table
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.dml import expressions
from lakestead.workspace.sql.dml.clauses import Clause, Merge
from lakestead.workspace.sql.dml.write import Target, refusals
from lakestead.workspace.sql.words import describe_bound
from lakestead.workspace.store.objects import TableColumn

# The column that numbers the source's rows for identity values.
NUMBER = "lakestead_row_number"


def verify(ctx: Context, target: Target, merge: Merge, source: str, columns: Sequence[TableColumn]) -> None:
    """Verify that the rows of a MERGE will keep the table's rules. The table is held.

    Args:
        ctx: the statement.
        target: its table.
        merge: as it was read.
        source: its source, a bound query.
        columns: those of the table, ready to be numbered.

    Raises:
        ApiError: CHECK_VIOLATION.
    """
    metadata = Metadata.of(open_table(target.location))
    if has_rules(metadata):
        for rows in _Rows(ctx, target, merge, source, columns).changed():
            with refusals():
                verify_rows(f"({rows})", metadata, ctx.query)


class _Rows:
    """The rows of a MERGE, as queries."""

    def __init__(
        self, ctx: Context, target: Target, merge: Merge, source: str, columns: Sequence[TableColumn]
    ) -> None:
        self._ctx, self._target, self._merge = ctx, target, merge
        self._source, self._columns = source, columns
        alias = target.called(merge.alias)
        self._table = f"{target.name} AS {quote(alias)}" if alias else target.name
        self._called = alias or target.table.name

    def changed(self) -> Iterator[str]:
        """Yield the rows that each clause changes or inserts, as they will be."""
        for kind in ("MATCHED", "NOT MATCHED", "NOT MATCHED BY SOURCE"):
            earlier: list[str] = []
            for clause in (one for one in self._merge.clauses if one.rows == kind):
                condition = self._target.binder.expression(clause.condition) or "true"
                where = [f"({condition})", *(f"NOT coalesce(({one}), false)" for one in earlier)]
                earlier.append(condition)
                if clause.action != "DELETE":
                    yield self._after(clause, f"{self._joined(kind)} WHERE {' AND '.join(where)}")

    def _joined(self, kind: str) -> str:
        source = f"({self._source}) AS {quote(self._merge.source_alias)}"
        on = f"ON {self._target.binder.expression(self._merge.condition)}"
        if kind == "NOT MATCHED":
            return f"{source} LEFT ANTI JOIN {self._table} {on}"
        return f"{self._table} {'JOIN' if kind == 'MATCHED' else 'LEFT ANTI JOIN'} {source} {on}"

    def _after(self, clause: Clause, rows: str) -> str:
        if clause.action == "UPDATE":
            values = {
                one.name.lower(): quote_name(self._called, one.name)
                for one in self._columns
                if one.generation is None
            } | self._updated(clause)
        else:
            values = inserted(self._ctx, self._target, self._merge, clause, self._source, self._columns)
        query = f"SELECT {self._listed(values)} FROM {rows}"
        # The engine makes the values of generated columns anew, also in rows that change.
        made = "".join(
            f", {one.generation} AS {quote(one.name)}"
            for one in self._columns
            if one.generation is not None and one.name.lower() not in values
        )
        return f"SELECT *{made} FROM ({query})" if made else query

    def _listed(self, values: dict[str, str]) -> str:
        return ", ".join(
            f"{values[one.name.lower()]} AS {quote(one.name)}"
            for one in self._columns
            if one.name.lower() in values
        )

    def _updated(self, clause: Clause) -> dict[str, str]:
        if clause.everything:
            known = {one.name.lower(): one for one in self._columns}
            found = [one.name for one in describe_bound(self._ctx, self._source) if one.name.lower() in known]
            return {
                name.lower(): expressions.cast(
                    known[name.lower()], quote_name(self._merge.source_alias, name)
                )
                for name in found
            }
        values: dict[str, str] = {}
        for one in expressions.assignments(self._merge.text, clause.assigned):
            column = self._target.column(one.column)
            values[column.name.lower()] = (
                expressions.default(column)
                if one.value is None
                else expressions.cast(column, f"({self._target.binder.expression(one.value)})")
            )
        return values


def inserted(
    ctx: Context,
    target: Target,
    merge: Merge,
    clause: Clause,
    source: str,
    columns: Sequence[TableColumn],
) -> dict[str, str]:
    """Return the values that an INSERT clause gives rows, by column in lower case, defaults among them.

    Raises:
        ApiError: it gives more or fewer values than it names columns, or some that the column makes itself.
    """
    values = _given(ctx, target, merge, clause, source)
    for column in columns:
        if column.name.lower() in values:
            continue
        if column.identity is not None:
            number = quote_name(merge.source_alias, NUMBER)
            values[column.name.lower()] = expressions.identity(column, number)
        elif column.generation is None:
            values[column.name.lower()] = expressions.default(column)
    return values


def _given(ctx: Context, target: Target, merge: Merge, clause: Clause, source: str) -> dict[str, str]:
    """Return the values that an INSERT clause gives, by column in lower case."""
    if clause.everything:
        found = [column.name for column in describe_bound(ctx, source) if column.name != NUMBER]
        known = {column.name.lower(): column for column in target.columns}
        new = [name for name in found if name.lower() not in known]
        if new and merge.evolves:
            raise unsupported("MERGE WITH SCHEMA EVOLUTION into a table with defaults or identity columns")
        names = [name for name in found if name.lower() in known]
        for name in names:
            expressions.refuse_explicit(known[name.lower()])
        return {
            name.lower(): expressions.cast(known[name.lower()], quote_name(merge.source_alias, name))
            for name in names
        }
    names = list(clause.columns) or [column.name for column in target.columns]
    if len(names) != len(clause.values):
        raise ApiError(
            ErrorCode.INSERT_ARITY,
            f"The INSERT clause names {len(names)} columns and gives {len(clause.values)} values.",
        )
    values: dict[str, str] = {}
    for name, value in zip(names, clause.values, strict=True):
        column = target.column(name)
        if value is None:
            values[name.lower()] = expressions.default(column)
            continue
        expressions.refuse_explicit(column)
        values[name.lower()] = expressions.cast(column, f"({target.binder.expression(value)})")
    return values
