"""ALTER TABLE: columns, constraints, clustering. The log changes first; the record follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy.orm import Session

from lakestead.core.datatypes import is_wider, parse_type
from lakestead.core.names import quote, quote_name
from lakestead.engine.delta import alter as delta
from lakestead.engine.delta import rewrite
from lakestead.engine.delta.errors import DeltaError, DeltaErrorKind
from lakestead.engine.delta.log import Commit
from lakestead.engine.delta.table import DeltaColumn, state
from lakestead.workspace.access import MANAGE, Access
from lakestead.workspace.catalog import constraints, tables
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.catalog.objects import stamp
from lakestead.workspace.catalog.policies import Policies, refuse_without
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.commands import policies
from lakestead.workspace.sql.commands.definition import checked_column, column_type
from lakestead.workspace.sql.commands.tables import add_key
from lakestead.workspace.sql.context import Context, Verb, done
from lakestead.workspace.sql.dml.identity import after_rows
from lakestead.workspace.sql.dml.write import delta_failure, hold
from lakestead.workspace.sql.grammar.ast import (
    AddColumns,
    AddConstraint,
    AlterColumns,
    Check,
    ClusterBy,
    ColumnChange,
    DropColumns,
    DropConstraint,
    DropForeignKey,
    DropPrimaryKey,
    Name,
    Position,
    RenameColumn,
    SetComment,
    SetDefault,
    SetMask,
    SetNullable,
    SetType,
    SyncIdentity,
)
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind, Securable, TableConstraint

_TYPE_WIDENING = "delta.enableTypeWidening"


@contextmanager
def changing(ctx: Context, name: Name) -> Iterator[tuple[Session, Securable, str]]:
    """Hold a table while its log and its record change together.

    Gives a transaction, the table's record, and its location. At the end the record follows the log.
    """
    path = ctx.full_name(name)
    with ctx.store.read() as tx:
        table = get(tx, Kind.TABLE, path)
    if table.location is None:
        raise ApiError(ErrorCode.TABLE_EXPECTED, f"{quote_name(*path)} is a view; a table is expected.")
    try:
        with ctx.hold(table.location), ctx.intent(table), ctx.store.write() as tx:
            table = get(tx, Kind.TABLE, path)
            location = table.location or ""
            yield tx, table, location
            tables.follow(tx, ctx.principal, table, state(location))
    except DeltaError as error:
        if error.kind is DeltaErrorKind.EXISTS:
            raise ApiError(ErrorCode.CONSTRAINT_EXISTS, error.message) from None
        raise delta_failure(error) from None


def _commit(ctx: Context, operation: str) -> Commit:
    return Commit(operation, user=ctx.principal.name)


def add_columns(ctx: Context, command: AddColumns) -> Outcome:
    """Carry out ALTER TABLE … ADD COLUMNS."""
    for new in command.columns:
        if new.parent:
            raise unsupported("Adding a field to a struct")
        if new.column.generated or new.column.identity:
            raise unsupported("Adding a generated or identity column to a table")
        if new.column.default is not None:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                "A column cannot be added with a default value: add it, then ALTER COLUMN … SET DEFAULT.",
                condition="WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED",
                sqlstate="0AKDC",
            )
    with changing(ctx, command.table) as (tx, table, location):
        known = {column.name.lower() for column in table.columns}
        previous: str | None = None
        for new in command.columns:
            name = checked_column(new.column.name)
            if name.lower() in known:
                raise ApiError(ErrorCode.COLUMN_EXISTS, f"The column {quote(name)} already exists.")
            known.add(name.lower())
            column = DeltaColumn(
                name, column_type(new.column.type), not new.column.not_null, new.column.comment
            )
            after, first = _position(new.position)
            if new.position is None and previous is not None:
                after = None
            delta.add_columns(location, [column], _commit(ctx, "ADD COLUMNS"), after=after, first=first)
            previous = name
        tables.follow(tx, ctx.principal, table, state(location))
        for new in command.columns:
            tables.column(table, new.column.name).type = column_type(new.column.type).ddl
            if new.column.mask is not None:
                policies.declare_mask(ctx, tx, table, new.column.name, new.column.mask)
        policies.verify(ctx, tx, table)
        for constraint in command.constraints:
            _add_constraint(ctx, tx, table, location, constraint)
    return done()


def _position(position: Position | None) -> tuple[str | None, bool]:
    if position is None:
        return None, False
    return position.after, position.after is None


def drop_columns(ctx: Context, command: DropColumns) -> Outcome:
    """Carry out ALTER TABLE … DROP COLUMNS."""
    if any(len(name) > 1 for name in command.columns):
        raise unsupported("Dropping a field of a struct")
    with changing(ctx, command.table) as (_, table, location):
        known = {column.name.lower() for column in table.columns}
        names = [name[0] for name in command.columns]
        if command.if_exists:
            names = [name for name in names if name.lower() in known]
        for name in names:
            tables.column(table, name)
            _refuse_in_key(table, name)
        refuse_without(table, [name for name in known if name not in map(str.lower, names)], "DROP COLUMN")
        if names:
            rewrite.drop_columns(location, names, _commit(ctx, "DROP COLUMNS"))
    return done()


def _refuse_in_key(table: Securable, name: str) -> None:
    for constraint in table.constraints:
        if name.lower() in (column.lower() for column in constraint.columns):
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                f"Column {quote(name)} is part of the constraint {quote(constraint.name)}: drop that first.",
            )


def rename_column(ctx: Context, command: RenameColumn) -> Outcome:
    """Carry out ALTER TABLE … RENAME COLUMN."""
    if len(command.column) > 1:
        raise unsupported("Renaming a field of a struct")
    old, new = command.column[0], checked_column(command.new_name)
    with changing(ctx, command.table) as (tx, table, location):
        column = tables.column(table, old)
        taken = {one.name.lower() for one in table.columns if one is not column}
        if new.lower() in taken:
            raise ApiError(ErrorCode.COLUMN_EXISTS, f"The column {quote(new)} already exists.")
        kept = [one.name for one in table.columns if one is not column]
        refuse_without(table, kept, "RENAME COLUMN")
        rewrite.rename_column(location, column.name, new, _commit(ctx, "RENAME COLUMN"))
        for constraint in table.constraints:
            constraint.columns = [new if one == column.name else one for one in constraint.columns]
        # The record is renamed before it follows the log, so that defaults and tags stay with the column.
        tables.rename_column(tx, table, column, new)
    return done()


def alter_columns(ctx: Context, command: AlterColumns) -> Outcome:
    """Carry out ALTER TABLE … ALTER COLUMN."""
    if any(len(change.column) > 1 for change in command.changes):
        raise unsupported("Changing a field of a struct")
    sync = [one for one in command.changes if isinstance(one.change, SyncIdentity)]
    if sync:
        return _sync_identity(ctx, command.table, [one.column[0] for one in sync])
    with changing(ctx, command.table) as (tx, table, location):
        for change in command.changes:
            _alter_column(ctx, tx, table, location, change)
    return done()


def _alter_column(ctx: Context, tx: Session, table: Securable, location: str, one: ColumnChange) -> None:
    column, change, commit = tables.column(table, one.column[0]), one.change, _commit(ctx, "CHANGE COLUMN")
    if isinstance(change, SetComment):
        delta.set_column_comment(location, column.name, change.comment or None, commit)
    elif isinstance(change, SetNullable):
        if change.nullable and any(
            column.name in key.columns and key.kind == constraints.PRIMARY_KEY for key in table.constraints
        ):
            raise ApiError(
                ErrorCode.INVALID_STATEMENT, f"Column {quote(column.name)} is part of the primary key."
            )
        delta.set_nullable(location, column.name, change.nullable, commit)
    elif isinstance(change, SetDefault):
        if change.default is not None and (column.generation or column.identity):
            raise ApiError(ErrorCode.INVALID_STATEMENT, f"Column {quote(column.name)} makes its own values.")
        column.default = change.default.text if change.default else None
        tx.flush()
    elif isinstance(change, Position):
        delta.move_column(location, column.name, commit, after=change.after, first=change.after is None)
    elif isinstance(change, SetType):
        _set_type(ctx, table, location, column.name, change.type)
    elif isinstance(change, SetMask):
        policies.declare_mask(ctx, tx, table, column.name, change.mask)
        policies.verify(ctx, tx, table)


def _set_type(ctx: Context, table: Securable, location: str, name: str, text: str) -> None:
    column, new = tables.column(table, name), column_type(text)
    old = parse_type(column.type)
    if new.ddl == old.ddl:
        return
    widening = table.properties.get(_TYPE_WIDENING, "false").lower() == "true"
    if not widening or not is_wider(new, old):
        remedy = (
            "it does not hold all values of the other"
            if widening
            else f"set the table property '{_TYPE_WIDENING}' to true first"
        )
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"ALTER TABLE CHANGE COLUMN is not supported for changing column {quote(name)} from"
            f" {old.sql} to {new.sql}: {remedy}.",
            condition="DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP",
            sqlstate="0AKDC",
        )
    _refuse_in_foreign_key(table, column.name)
    rewrite.widen_column(location, column.name, new, _commit(ctx, "CHANGE COLUMN"))


def _refuse_in_foreign_key(table: Securable, name: str) -> None:
    for key in table.constraints:
        if key.kind == constraints.FOREIGN_KEY and name in key.columns:
            raise ApiError(
                ErrorCode.INVALID_STATEMENT,
                f"Column {quote(name)} is part of the foreign key {quote(key.name)}: drop that first.",
            )


def _sync_identity(ctx: Context, name: Name, names: list[str]) -> Outcome:
    with hold(ctx, name) as target:
        for one in names:
            column = target.column(one)
            if column.identity is None:
                raise ApiError(ErrorCode.INVALID_STATEMENT, f"{quote(one)} is not an identity column.")
            after_rows(ctx, target, column)
    return done()


def add_constraint(ctx: Context, command: AddConstraint) -> Outcome:
    """Carry out ALTER TABLE … ADD CONSTRAINT."""
    with changing(ctx, command.table) as (tx, table, location):
        _add_constraint(ctx, tx, table, location, command.constraint)
    return done()


def _add_constraint(ctx: Context, tx: Session, table: Securable, location: str, constraint: object) -> None:
    if not isinstance(constraint, Check):
        add_key(ctx, tx, table, constraint)
        return
    if constraint.name is None:
        raise ApiError(ErrorCode.SYNTAX_ERROR, "A CHECK constraint must have a name.")
    if constraints.find(table, constraint.name) is not None:
        raise ApiError(ErrorCode.CONSTRAINT_EXISTS, f"Constraint {quote(constraint.name)} already exists.")
    if Policies.of(table):
        # The rows that would break it are shown with their values.
        prefix = "ROW_LEVEL_SECURITY" if Policies.of(table).row_filter else "COLUMN_MASKS"
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            f"Creating a CHECK constraint on the table {quote_name(*table.path)} is not supported, as it has "
            "a row filter or column mask.",
            condition=f"{prefix}_CHECK_CONSTRAINT_UNSUPPORTED",
            sqlstate="0A000",
        )
    delta.add_check(
        location, constraint.name, constraint.expression.text, _commit(ctx, "ADD CONSTRAINT"), ctx.query
    )


def drop_constraint(ctx: Context, command: DropConstraint) -> Outcome:
    """Carry out ALTER TABLE … DROP CONSTRAINT."""
    with changing(ctx, command.table) as (tx, table, location):
        found = constraints.find(table, command.name)
        if found is None and command.if_exists:
            return done()
        if found is not None and found.kind == tables.CHECK:
            delta.drop_check(location, found.name, _commit(ctx, "DROP CONSTRAINT"))
        else:
            constraints.drop(tx, ctx.principal, table, command.name, cascade=command.cascade)
    return done()


def drop_primary_key(ctx: Context, command: DropPrimaryKey) -> Outcome:
    """Carry out ALTER TABLE … DROP PRIMARY KEY."""
    return _drop_key(ctx, command.table, constraints.primary_key, command.if_exists, command.cascade)


def drop_foreign_key(ctx: Context, command: DropForeignKey) -> Outcome:
    """Carry out ALTER TABLE … DROP FOREIGN KEY."""
    return _drop_key(
        ctx, command.table, lambda table: constraints.foreign_key(table, command.columns), command.if_exists
    )


def _drop_key(
    ctx: Context,
    name: Name,
    find: Callable[[Securable], TableConstraint | None],
    if_exists: bool,
    cascade: bool = False,
) -> Outcome:
    with ctx.store.write() as tx:
        table = get(tx, Kind.TABLE, ctx.full_name(name))
        found = find(table)
        if found is not None:
            constraints.drop(tx, ctx.principal, table, found.name, cascade=cascade)
        elif not if_exists:
            raise ApiError(ErrorCode.CONSTRAINT_NOT_FOUND, f"{quote_name(*table.path)} has no such key.")
    return done()


def cluster_by(ctx: Context, command: ClusterBy) -> Outcome:
    """Carry out ALTER TABLE … CLUSTER BY: OPTIMIZE orders rows by these columns from now on."""
    if command.clustering.auto:
        raise unsupported("CLUSTER BY AUTO")
    with ctx.store.write() as tx:
        table = get(tx, Kind.TABLE, ctx.full_name(command.table))
        if table.spec.get("partition_columns"):
            raise ApiError(ErrorCode.INVALID_STATEMENT, "A partitioned table cannot be clustered.")
        for name in command.clustering.columns:
            tables.column(table, name[0])
        table.spec = {
            **table.spec,
            "clustering_columns": [".".join(name) for name in command.clustering.columns],
        }
        stamp(ctx.principal, table)
    return done()


class _OfTable(Protocol):
    """A command about a table."""

    @property
    def table(self) -> Name: ...


def _modify(ctx: Context, command: _OfTable) -> Iterable[Access]:
    path = ctx.full_name(command.table)
    yield Access("MODIFY", Kind.TABLE, path)


def _manage(ctx: Context, command: _OfTable) -> Iterable[Access]:
    yield Access(MANAGE, Kind.TABLE, ctx.full_name(command.table))


def _alter_columns_access(ctx: Context, command: AlterColumns) -> Iterable[Access]:
    masks = [one.change.mask for one in command.changes if isinstance(one.change, SetMask)]
    if len(masks) < len(command.changes):
        yield from _modify(ctx, command)
    if masks:
        yield from policies.manage(ctx, command.table, masks)


def _add_columns_access(ctx: Context, command: AddColumns) -> Iterable[Access]:
    yield from _modify(ctx, command)
    masks = [one.column.mask for one in command.columns if one.column.mask is not None]
    if masks:
        yield from policies.manage(ctx, command.table, masks)


VERBS: dict[type, Verb] = {
    AddColumns: Verb(_add_columns_access, add_columns, "ALTER"),
    DropColumns: Verb(_modify, drop_columns, "ALTER"),
    RenameColumn: Verb(_modify, rename_column, "ALTER"),
    AlterColumns: Verb(_alter_columns_access, alter_columns, "ALTER"),
    AddConstraint: Verb(_manage, add_constraint, "ALTER"),
    DropConstraint: Verb(_manage, drop_constraint, "ALTER"),
    DropPrimaryKey: Verb(_manage, drop_primary_key, "ALTER"),
    DropForeignKey: Verb(_manage, drop_foreign_key, "ALTER"),
    ClusterBy: Verb(_manage, cluster_by, "ALTER"),
}
