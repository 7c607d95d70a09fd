"""Row filters and column masks: which functions stand between a table's rows and who reads them.

They lie in a table's ``spec``, so that tables without any pay nothing, and are kept by the names of their
columns, so that a mask outlives the moment in which a table lacks its column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.names import quote, quote_name
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.store.objects import Kind, Securable

KEY = "policies"


@dataclass(frozen=True, slots=True)
class Argument:
    """What a function is given: a column of the table, or a constant as SQL text."""

    column: str | None = None
    constant: str | None = None

    @property
    def text(self) -> str:
        """It as a statement writes it."""
        return quote(self.column) if self.column is not None else self.constant or "NULL"


@dataclass(frozen=True, slots=True)
class Policy:
    """A row filter or column mask.

    Attributes:
        function: the id of a SQL function.
        arguments: what it is given; for a mask, after the masked column itself.
    """

    function: str
    arguments: tuple[Argument, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is given."""
        return tuple(one.column for one in self.arguments if one.column is not None)


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies of a table.

    Attributes:
        row_filter: None without one.
        masks: by column.
    """

    row_filter: Policy | None = None
    masks: Mapping[str, Policy] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Securable) -> Policies:
        """Return what a table has."""
        stored: dict[str, Any] | None = table.spec.get(KEY)
        if not stored:
            return _NONE
        row_filter = stored["row_filter"]
        return cls(
            _read(row_filter) if row_filter else None,
            {column: _read(one) for column, one in stored["masks"].items()},
        )

    def __bool__(self) -> bool:
        return self.row_filter is not None or bool(self.masks)

    def mask(self, column: str) -> Policy | None:
        """Return a column's mask, by its name in any case."""
        return next((one for name, one in self.masks.items() if name.lower() == column.lower()), None)


_NONE = Policies()


def _read(stored: dict[str, Any]) -> Policy:
    return Policy(stored["function"], tuple(Argument(**one) for one in stored["arguments"]))


def set_row_filter(table: Securable, policy: Policy | None) -> None:
    """Give a table a row filter instead of what it has; None removes it."""
    _keep(table, Policies(policy, Policies.of(table).masks))


def set_mask(table: Securable, column: str, policy: Policy | None) -> None:
    """Give a column a mask instead of what it has; None removes it."""
    have = Policies.of(table)
    masks = {name: one for name, one in have.masks.items() if name.lower() != column.lower()}
    if policy is not None:
        masks[column] = policy
    _keep(table, Policies(have.row_filter, masks))


def _keep(table: Securable, policies: Policies) -> None:
    spec = {key: value for key, value in table.spec.items() if key != KEY}
    table.spec = {**spec, KEY: asdict(policies)} if policies else spec


def function_of(tx: Session, policy: Policy) -> Securable | None:
    """Return a policy's function; None when it is not there."""
    return tx.get(Securable, policy.function)


def function_name(tx: Session, policy: Policy) -> tuple[str, ...]:
    """Return the full name of a policy's function; of one that is not there, its id."""
    function = function_of(tx, policy)
    return (policy.function,) if function is None else function.path


def refuse_without(table: Securable, names: Sequence[str], statement: str) -> None:
    """Check that a table keeps the columns that its policies need.

    Args:
        table: the table as it is.
        names: the columns that it would have.
        statement: what would change them, e.g. ``DROP COLUMN``.

    Raises:
        ApiError: INVALID_STATE with Databricks' condition.
    """
    have = Policies.of(table)
    known = {name.lower() for name in names}
    for column in have.row_filter.columns if have.row_filter else ():
        if column.lower() not in known:
            raise _incompatible("ROW_LEVEL_SECURITY", statement, column, table, "a row level security policy")
    for masked, mask in have.masks.items():
        for column in (masked, *mask.columns):
            if column.lower() not in known:
                policy = f"a column mask policy for column {quote(masked)}"
                raise _incompatible("COLUMN_MASKS", statement, column, table, policy)


def _incompatible(prefix: str, statement: str, column: str, table: Securable, policy: str) -> ApiError:
    return ApiError(
        ErrorCode.INVALID_STATE,
        f"Unable to {statement} {quote(column)} from table {quote_name(*table.path)} because it's referenced "
        f"in {policy}. The table owner must remove or alter this policy before proceeding.",
        condition=f"{prefix}_INCOMPATIBLE_SCHEMA_CHANGE",
        sqlstate="0A000",
    )


def refuse_used(tx: Session, gone: Sequence[Securable]) -> None:
    """Check that no table that stays is filtered or masked by a function that goes.

    Args:
        tx: an open transaction.
        gone: everything that would be removed together.

    Raises:
        ApiError: FUNCTION_IN_USE.
    """
    functions = {one.id: one for one in gone if one.kind is Kind.FUNCTION}
    if not functions:
        return
    removed = {one.id for one in gone}
    for table in tx.execute(select(Securable).where(Securable.spec[KEY].as_string().is_not(None))).scalars():
        have = Policies.of(table)
        policies = [*([have.row_filter] if have.row_filter else []), *have.masks.values()]
        used = next((functions[one.function] for one in policies if one.function in functions), None)
        if used is not None and table.id not in removed:
            raise ApiError(
                ErrorCode.FUNCTION_IN_USE,
                f"The function {quote_name(*used.path)} filters rows or masks a column of the table "
                f"{quote_name(*table.path)}: remove that first.",
            )
