"""A table's row filter and column masks as SQL: what of its rows a principal may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lakestead.core.names import quote, quote_name
from lakestead.workspace.catalog.policies import Argument, Policies, Policy, function_of
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.dml.expressions import cast
from lakestead.workspace.store.objects import Securable, TableColumn

# More rows than any table has.
_ALL = 2**63 - 1

# Inlines a call of a function, which runs with the privileges of its owner.
Inline = Callable[[Securable, str], str]


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands between a table and the principal of a session.

    Attributes:
        alias: the name, in backticks, by which the expressions call the table: one that no other relation
            has, so that no query inside a function can take the table's columns for its own.
        condition: holds for the rows that the principal sees; None for all.
        masks: what it sees in columns, by their names in lower case.
    """

    alias: str
    condition: str | None
    masks: Mapping[str, str]

    def value(self, column: TableColumn) -> str:
        """Return what is seen in a column."""
        return self.masks.get(column.name.lower()) or self.own(column)

    def own(self, column: TableColumn) -> str:
        """Return a column's own value."""
        return f"{self.alias}.{quote(column.name)}"

    def relation(self, source: str, columns: Sequence[TableColumn]) -> str:
        """Return the query that gives what is seen of a table.

        Args:
            source: the table's name in the engine.
            columns: its columns.
        """
        listed = ", ".join(f"{self.value(one)} AS {quote(one.name)}" for one in columns)
        text = f"SELECT {listed} FROM {source} AS {self.alias}"
        if self.condition is None:
            return text
        # The engine takes no condition of a query through a LIMIT: else it could evaluate that first, for
        # rows that are not to be seen, and fail with a message that shows their values.
        return f"{text} WHERE {self.condition} LIMIT {_ALL}"


def guard(tx: Session, table: Securable, inline: Inline) -> Guard | None:
    """Return what stands between a table and a principal; None when nothing does.

    Args:
        tx: an open transaction.
        table: the table.
        inline: makes an expression of a call.

    Raises:
        ApiError: a policy does not fit the table or its function any more, or may not be evaluated.
    """
    have = Policies.of(table)
    if not have:
        return None
    alias = quote(f"table {table.id}")
    condition = None
    if have.row_filter is not None:
        condition = _expression(tx, table, alias, have.row_filter, (), inline, "ROW_LEVEL_SECURITY")
    masks = {
        column.name.lower(): cast(column, f"({text})")
        for column in table.columns
        if (mask := have.mask(column.name)) is not None
        and (text := _expression(tx, table, alias, mask, (column.name,), inline, "COLUMN_MASK"))
    }
    return Guard(alias, condition, masks)


def _expression(
    tx: Session,
    table: Securable,
    alias: str,
    policy: Policy,
    first: tuple[str, ...],
    inline: Inline,
    kind: str,
) -> str:
    function = function_of(tx, policy)
    if function is None:
        raise _incompatible(table, kind, "its function is not there any more")
    known = {column.name.lower() for column in table.columns}
    given = [*(Argument(column=name) for name in first), *policy.arguments]
    missing = next((one.column for one in given if one.column and one.column.lower() not in known), None)
    if missing is not None:
        raise _incompatible(table, kind, f"the table has no column {quote(missing)}")
    values = ", ".join(f"{alias}.{one.text}" if one.column is not None else one.text for one in given)
    if len(function.spec["parameters"]) != len(given):
        raise _incompatible(table, kind, f"{quote_name(*function.path)} has other parameters by now")
    return inline(function, f"{quote_name(*function.path)}({values})")


def _incompatible(table: Securable, kind: str, reason: str) -> ApiError:
    return ApiError(
        ErrorCode.INVALID_STATE,
        f"Unable to access the table {quote_name(*table.path)}: a policy assigned to it does not fit, as "
        f"{reason}. Its owner has to update the policy.",
        condition=f"QUERIED_TABLE_INCOMPATIBLE_WITH_{kind}_POLICY",
        sqlstate="428HD",
    )
