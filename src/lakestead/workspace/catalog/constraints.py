"""Primary and foreign keys: informational, checked for consistency when they are declared."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lakestead.core.names import InvalidName, canonical, quote_name
from lakestead.workspace.catalog.objects import stamp
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Securable, TableColumn, TableConstraint

PRIMARY_KEY = "PRIMARY KEY"
FOREIGN_KEY = "FOREIGN KEY"


def add_primary_key(
    tx: Session,
    actor: Principal,
    table: Securable,
    name: str | None,
    columns: Sequence[str],
    *,
    timeseries_columns: Sequence[str] = (),
    rely: bool = False,
) -> TableConstraint:
    """Declare the primary key of a table.

    Args:
        tx: the transaction.
        actor: who declares it.
        table: the table.
        name: of the constraint; None for ``<table>_pk``.
        columns: its columns, which must be NOT NULL.
        timeseries_columns: those of them that are TIMESERIES; at most one.
        rely: whether the optimizer may rely on it.

    Raises:
        ApiError: TABLE_EXPECTED, COLUMN_NOT_FOUND, CONSTRAINT_EXISTS, INVALID_CONSTRAINT.
    """
    parts = _columns(table, columns)
    if primary_key(table) is not None:
        raise ApiError(
            ErrorCode.CONSTRAINT_EXISTS, f"Table {quote_name(*table.path)} already has a primary key."
        )
    name = _name(tx, table, name, f"{table.name}_pk")
    nullable = [one.name for one in parts if one.nullable]
    if nullable:
        raise ApiError(
            ErrorCode.INVALID_CONSTRAINT,
            f"Cannot create the primary key `{name}` because its child column(s) {_list(nullable)} is "
            "nullable. Please change the column nullability and retry.",
        )
    series = [one.name for one in _columns(table, timeseries_columns)] if timeseries_columns else []
    if len(series) > 1 or not {one.name for one in parts}.issuperset(series):
        raise ApiError(
            ErrorCode.INVALID_CONSTRAINT, f"At most one column of the primary key `{name}` can be TIMESERIES."
        )
    constraint = TableConstraint(
        name=name,
        kind=PRIMARY_KEY,
        columns=[one.name for one in parts],
        timeseries_columns=series,
        rely=rely,
    )
    return _add(tx, actor, table, constraint)


def add_foreign_key(
    tx: Session,
    actor: Principal,
    table: Securable,
    name: str | None,
    columns: Sequence[str],
    parent: Securable,
    parent_columns: Sequence[str] = (),
    *,
    rely: bool = False,
) -> TableConstraint:
    """Declare a foreign key of a table.

    Args:
        tx: the transaction.
        actor: who declares it.
        table: the table that refers.
        name: of the constraint; None for ``<table>_<parent>_fk``.
        columns: the columns that refer.
        parent: the table that is referred to.
        parent_columns: its columns; its primary key when left out.
        rely: whether the optimizer may rely on it.

    Raises:
        ApiError: TABLE_EXPECTED, COLUMN_NOT_FOUND, CONSTRAINT_EXISTS, INVALID_CONSTRAINT.
    """
    parts = _columns(table, columns)
    name = _name(tx, table, name, f"{table.name}_{parent.name}_fk")
    key = primary_key(parent)
    referred = _columns(parent, parent_columns or (key.columns if key else ()))
    if key is None or sorted(key.columns) != sorted(one.name for one in referred):
        raise ApiError(
            ErrorCode.INVALID_CONSTRAINT,
            f"Cannot create the foreign key `{name}`: {_list([one.name for one in referred])} is not the "
            f"primary key of {quote_name(*parent.path)}.",
        )
    if [one.type.upper() for one in parts] != [one.type.upper() for one in referred]:
        raise ApiError(
            ErrorCode.INVALID_CONSTRAINT,
            f"Cannot create the foreign key `{name}`: its columns and the primary key of "
            f"{quote_name(*parent.path)} differ in number or type.",
        )
    constraint = TableConstraint(
        name=name,
        kind=FOREIGN_KEY,
        columns=[one.name for one in parts],
        rely=rely,
        parent_table_id=parent.id,
        parent_columns=[one.name for one in referred],
    )
    return _add(tx, actor, table, constraint)


def drop(tx: Session, actor: Principal, table: Securable, name: str, *, cascade: bool = False) -> None:
    """Drop a constraint by name.

    Args:
        tx: the transaction.
        actor: who drops it.
        table: the table it is on.
        name: its name.
        cascade: with a primary key, drop the foreign keys that refer to it.

    Raises:
        ApiError: CONSTRAINT_NOT_FOUND; CONSTRAINT_IN_USE for a primary key that is referred to,
            without ``cascade``.
    """
    found = find(table, name)
    if found is None:
        raise ApiError(
            ErrorCode.CONSTRAINT_NOT_FOUND,
            f"Constraint `{name}` does not exist on table {quote_name(*table.path)}.",
        )
    referring = references(tx, table) if found.kind == PRIMARY_KEY else []
    if referring and not cascade:
        raise ApiError(
            ErrorCode.CONSTRAINT_IN_USE,
            f"Cannot drop the primary key `{found.name}`: the foreign key(s) "
            f"{_list([one.name for one in referring])} refer to it. Use CASCADE to drop them too.",
        )
    for one in referring:
        tx.delete(one)
    table.constraints.remove(found)
    stamp(actor, table)
    tx.flush()


def find(table: Securable, name: str) -> TableConstraint | None:
    """Return a table's constraint of any kind by name, or None."""
    return next((one for one in table.constraints if one.name == name.lower()), None)


def primary_key(table: Securable) -> TableConstraint | None:
    """Return a table's primary key, or None."""
    return next((one for one in table.constraints if one.kind == PRIMARY_KEY), None)


def foreign_key(table: Securable, columns: Sequence[str]) -> TableConstraint | None:
    """Return a table's foreign key on just these columns, or None."""
    wanted = sorted(one.lower() for one in columns)
    return next(
        (
            one
            for one in table.constraints
            if one.kind == FOREIGN_KEY and sorted(column.lower() for column in one.columns) == wanted
        ),
        None,
    )


def references(tx: Session, table: Securable) -> list[TableConstraint]:
    """Return the foreign keys of all tables that refer to this one."""
    query = select(TableConstraint).where(TableConstraint.parent_table_id == table.id)
    return list(tx.execute(query.order_by(TableConstraint.name)).scalars())


def _add(tx: Session, actor: Principal, table: Securable, constraint: TableConstraint) -> TableConstraint:
    table.constraints.append(constraint)
    stamp(actor, table)
    tx.flush()
    return constraint


def _columns(table: Securable, names: Sequence[str]) -> list[TableColumn]:
    if table.is_view:
        raise ApiError(
            ErrorCode.TABLE_EXPECTED, f"{quote_name(*table.path)} is a view; only tables have constraints."
        )
    known = {one.name.lower(): one for one in table.columns}
    missing = [name for name in names if name.lower() not in known]
    if missing:
        raise ApiError(
            ErrorCode.COLUMN_NOT_FOUND, f"Column `{missing[0]}` does not exist in {quote_name(*table.path)}."
        )
    if len({name.lower() for name in names}) != len(names):
        raise ApiError(ErrorCode.INVALID_CONSTRAINT, "A column is given twice in a constraint.")
    return [known[name.lower()] for name in names]


def _name(tx: Session, table: Securable, name: str | None, default: str) -> str:
    """Return the name of a new constraint: unique in the schema, as Unity Catalog asks."""
    try:
        name = canonical(name or default[:255])
    except InvalidName as error:
        raise ApiError(ErrorCode.INVALID_NAME, f"Invalid constraint name: {error}.") from None
    query = (
        select(TableConstraint.id)
        .join(Securable, TableConstraint.table_id == Securable.id)
        .where(Securable.parent_id == table.parent_id, TableConstraint.name == name)
    )
    if tx.execute(query).first() is not None:
        raise ApiError(
            ErrorCode.CONSTRAINT_EXISTS,
            f"Constraint `{name}` already exists in the schema of {quote_name(*table.path)}.",
        )
    return name


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
