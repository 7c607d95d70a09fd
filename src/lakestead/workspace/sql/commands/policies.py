"""Row filters and column masks: declared, verified by binding them once, and kept with the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from lakestead.core.datatypes import parse_type
from lakestead.core.names import InvalidName, quote, quote_name, split_name
from lakestead.workspace.access import MANAGE, Access
from lakestead.workspace.catalog import policies, tables
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.objects import stamp
from lakestead.workspace.catalog.policies import Argument, Policies
from lakestead.workspace.catalog.tables import ColumnRecord
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.binder import Binder
from lakestead.workspace.sql.context import Context, Verb, done
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.grammar.ast import CreateTable, Name, SetRowFilter
from lakestead.workspace.sql.registry import engine_name_of
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.text import tokens_of
from lakestead.workspace.sql.words import describe_bound
from lakestead.workspace.store.objects import Kind, Securable, TableColumn

_NUMBER = r"[+-]?\s*(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(y|s|l|f|d|bd)?"
_WORD = re.compile(rf"(?is)null|true|false|{_NUMBER}")


def set_row_filter(ctx: Context, command: SetRowFilter) -> Outcome:
    """Carry out ALTER TABLE … SET ROW FILTER and DROP ROW FILTER."""
    with ctx.store.write() as tx:
        table = get(tx, Kind.TABLE, ctx.full_name(command.table))
        if table.is_view:
            raise ApiError(
                ErrorCode.TABLE_EXPECTED, f"{quote_name(*table.path)} is a view; a table is expected."
            )
        declare_row_filter(ctx, tx, table, command.filter)
        stamp(ctx.principal, table)
        verify(ctx, tx, table)
    return done()


def check(ctx: Context, columns: Sequence[ColumnRecord], command: CreateTable) -> None:
    """Check what a statement declares before it makes a table, as far as can be seen without one.

    Raises:
        ApiError: a policy's function is not there, or does not take what it is given.
    """
    kept = [TableColumn(name=column.name, type=column.type) for column in columns]
    path = ctx.full_name(command.name)
    parent = Securable(kind=Kind.SCHEMA, name=path[-2])
    table = Securable(kind=Kind.TABLE, name=path[-1], parent=parent, spec={}, columns=kept)
    with ctx.store.read() as tx:
        _declare(ctx, tx, table, command)


def declare(ctx: Context, tx: Session, table: Securable, command: CreateTable) -> None:
    """Give a new table the policies that its statement declares.

    Raises:
        ApiError: as `check` and `verify`.
    """
    _declare(ctx, tx, table, command)
    verify(ctx, tx, table)


def _declare(ctx: Context, tx: Session, table: Securable, command: CreateTable) -> None:
    if command.row_filter is not None:
        declare_row_filter(ctx, tx, table, command.row_filter)
    for column in command.columns:
        if column.mask is not None:
            declare_mask(ctx, tx, table, column.name, column.mask)


def declare_row_filter(ctx: Context, tx: Session, table: Securable, policy: ast.Policy | None) -> None:
    """Set or remove a table's row filter; `verify` comes afterwards.

    Raises:
        ApiError: the function is none that can filter, or does not take what it is given.
    """
    if policy is None:
        policies.set_row_filter(table, None)
        return
    arguments = _arguments(table, policy, "ROW_LEVEL_SECURITY")
    function = _function(ctx, tx, policy, len(arguments))
    if parse_type(function.spec["returns"]).ddl != "boolean":
        raise ApiError(
            ErrorCode.DATATYPE_MISMATCH,
            f"The function {quote_name(*function.path)} cannot filter rows: it has to return BOOLEAN, not "
            f"{parse_type(function.spec['returns']).sql}.",
        )
    policies.set_row_filter(table, policies.Policy(function.id, arguments))


def declare_mask(ctx: Context, tx: Session, table: Securable, name: str, policy: ast.Policy | None) -> None:
    """Set or remove the mask of a column; `verify` comes afterwards.

    Raises:
        ApiError: the function is none that can mask, or does not take what it is given.
    """
    column = tables.column(table, name).name
    if policy is None:
        policies.set_mask(table, column, None)
        return
    arguments = _arguments(table, policy, "COLUMN_MASKS")
    if any(one.column == column for one in arguments):
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"The column {quote(column)} had the same name as the target column, which is invalid: remove it "
            "from the USING COLUMNS list.",
            condition="COLUMN_MASKS_USING_COLUMN_NAME_SAME_AS_TARGET_COLUMN",
            sqlstate="42734",
        )
    function = _function(ctx, tx, policy, len(arguments) + 1)
    policies.set_mask(table, column, policies.Policy(function.id, arguments))


def verify(ctx: Context, tx: Session, table: Securable) -> None:
    """Read a table through its policies, to see that they can be evaluated.

    Raises:
        ApiError: they cannot; the transaction must not be committed.
    """
    if Policies.of(table):
        tx.flush()
        Binder(ctx, tx).register(table, 0)
        describe_bound(ctx, f"SELECT * FROM {engine_name_of(table.path)}")


def _function(ctx: Context, tx: Session, policy: ast.Policy, given: int) -> Securable:
    function = get(tx, Kind.FUNCTION, ctx.full_name(policy.function))
    if function.spec["returns"] is None:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"{quote_name(*function.path)} returns a table; row filters and masks are scalar functions.",
        )
    wanted = len(function.spec["parameters"])
    if wanted != given:
        raise ApiError(
            ErrorCode.WRONG_ARGUMENTS,
            f"The {quote_name(*function.path)} requires {wanted} parameters but the actual number is "
            f"{given}.",
        )
    return function


def _arguments(table: Securable, policy: ast.Policy, kind: str) -> tuple[Argument, ...]:
    given = tuple(_argument(table, text.strip(), kind) for text in policy.arguments)
    names = [one.column for one in given if one.column is not None]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        using = "USING_" if kind == "COLUMN_MASKS" else ""
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"The policy refers to the column {quote(twice)} twice, which is invalid.",
            condition=f"{kind}_DUPLICATE_{using}COLUMN_NAME",
            sqlstate="42734",
        )
    return given


def _argument(table: Securable, text: str, kind: str) -> Argument:
    if _is_constant(text):
        return Argument(constant=text)
    try:
        parts = split_name(text)
    except InvalidName:
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"'{text}' is no argument of a row filter or column mask: give a column or a constant.",
            condition=f"{kind}_UNSUPPORTED_CONSTANT_AS_PARAMETER",
            sqlstate="0AKD1",
        ) from None
    if len(parts) > 1:
        using = "USING_" if kind == "COLUMN_MASKS" else ""
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"The policy refers to the column {quote_name(*parts)} by multiple name parts: that is invalid.",
            condition=f"{kind}_MULTI_PART_{using}COLUMN_NAME",
            sqlstate="42K05",
        )
    return Argument(column=tables.column(table, parts[0]).name)


def _is_constant(text: str) -> bool:
    """Return whether a text is a literal: a number, NULL, a boolean, a string or an interval."""
    if _WORD.fullmatch(text):
        return True
    first, *more = tokens_of(text)
    if first.key == "INTERVAL" and len(more) > 1:
        first, *more = more
        return first.kind in ("string", "number") and all(one.kind in ("word", "end") for one in more)
    return first.kind == "string" and len(more) == 1


def execute(ctx: Context, policy: ast.Policy | None) -> Iterable[Access]:
    """Yield what using a function as a policy needs."""
    if policy is not None:
        yield Access("EXECUTE", Kind.FUNCTION, ctx.full_name(policy.function))


def declared_access(ctx: Context, command: CreateTable) -> Iterable[Access]:
    """Yield what the policies of a new table need."""
    for policy in (command.row_filter, *(column.mask for column in command.columns)):
        yield from execute(ctx, policy)


def manage(ctx: Context, table: Name, given: Sequence[ast.Policy | None]) -> Iterable[Access]:
    """Yield what changing a table's policies needs."""
    yield Access(MANAGE, Kind.TABLE, ctx.full_name(table))
    for policy in given:
        yield from execute(ctx, policy)


def _row_filter_access(ctx: Context, command: SetRowFilter) -> Iterable[Access]:
    return manage(ctx, command.table, [command.filter])


VERBS: dict[type, Verb] = {SetRowFilter: Verb(_row_filter_access, set_row_filter, "ALTER")}
