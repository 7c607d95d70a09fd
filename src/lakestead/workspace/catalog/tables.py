"""Tables and views: their records. A table's files are made before, and removed after, its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from lakestead.core.names import quote
from lakestead.engine.delta.table import DeltaColumn, TableState
from lakestead.workspace.catalog import objects, policies
from lakestead.workspace.catalog.lookup import get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Kind, Securable, TableColumn, TableConstraint, Tag

CHECK = "CHECK"


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A column as the metastore keeps it; see :class:`TableColumn`."""

    name: str
    type: str
    nullable: bool = True
    comment: str | None = None
    default: str | None = None
    identity: Mapping[str, Any] | None = None
    generation: str | None = None

    @staticmethod
    def of(column: DeltaColumn) -> ColumnRecord:
        """Return a column of a Delta table."""
        return ColumnRecord(
            column.name, column.type.ddl, column.nullable, column.comment, generation=column.generation
        )


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table or view as the metastore keeps it; see :class:`Securable`."""

    columns: Sequence[ColumnRecord]
    spec: Mapping[str, Any]
    location: str | None = None
    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)


def create(
    tx: Session,
    actor: Principal,
    path: tuple[str, str, str],
    record: TableRecord,
    table_id: str | None = None,
) -> Securable:
    """Record a new table or view.

    Args:
        tx: the transaction.
        actor: who makes it and owns it.
        path: its full name.
        record: what it is.
        table_id: the id that its folder is named by.

    Raises:
        ApiError: SCHEMA_NOT_FOUND, TABLE_EXISTS, INVALID_NAME.
    """
    schema = get(tx, Kind.SCHEMA, path[:2])
    given = {"id": table_id} if table_id else {}
    table = objects.create(tx, actor, Kind.TABLE, schema, path[2], **given)
    _fill(table, record)
    tx.flush()
    return table


def replace(tx: Session, actor: Principal, table: Securable, record: TableRecord) -> None:
    """Make a table or view another one of the same name; owner, grants, policies and its own tags stay.

    Args:
        tx: the transaction.
        actor: who replaces it.
        table: what is there.
        record: what it becomes.
    """
    table.columns.clear()
    table.constraints.clear()
    tx.flush()
    kept = {key: value for key, value in table.spec.items() if key == policies.KEY}
    _fill(table, record)
    table.spec = {**table.spec, **kept}
    objects.stamp(actor, table)
    tx.flush()


def _fill(table: Securable, record: TableRecord) -> None:
    table.spec = dict(record.spec)
    table.location = record.location
    table.comment = objects.checked_comment(record.comment)
    table.properties = dict(record.properties)
    table.columns.extend(_column(position, one) for position, one in enumerate(record.columns))
    table.constraints.extend(
        TableConstraint(name=name, kind=CHECK, expression=expression)
        for name, expression in record.checks.items()
    )


def _column(position: int, record: ColumnRecord) -> TableColumn:
    return TableColumn(
        position=position,
        name=record.name,
        type=record.type,
        nullable=record.nullable,
        comment=record.comment,
        default=record.default,
        identity=dict(record.identity) if record.identity else None,
        generation=record.generation,
    )


def follow(tx: Session, actor: Principal, table: Securable, state: TableState) -> None:
    """Make a table's record agree with its log: columns, partitioning, CHECK constraints.

    What only the metastore has (defaults, identities) stays with columns that stay.

    Args:
        tx: the transaction.
        actor: who changed the table.
        table: its record.
        state: what its log says.
    """
    known = {column.name.lower(): column for column in table.columns}
    kept: list[TableColumn] = []
    for position, column in enumerate(state.columns):
        record = known.pop(column.name.lower(), None)
        if record is None:
            record = _column(position, ColumnRecord.of(column))
        record.position, record.name, record.nullable = position, column.name, column.nullable
        # The log knows character types with a length as strings; their record is more exact.
        if not (record.type.startswith(("char", "varchar")) and column.type.ddl == "string"):
            record.type = column.type.ddl
        record.comment, record.generation = column.comment, column.generation
        kept.append(record)
    for gone in known.values():
        table.columns.remove(gone)
    tx.flush()
    table.columns[:] = kept
    checks = {one.name: one for one in table.constraints if one.kind == CHECK}
    for name, expression in state.checks.items():
        if name in checks:
            checks.pop(name).expression = expression
        else:
            table.constraints.append(TableConstraint(name=name, kind=CHECK, expression=expression))
    for dropped in checks.values():
        table.constraints.remove(dropped)
    table.spec = {**table.spec, "partition_columns": list(state.partition_columns)}
    objects.stamp(actor, table)
    tx.flush()


def rename_column(tx: Session, table: Securable, target: TableColumn, new_name: str) -> None:
    """Rename a column's record, and with it its tags."""
    tx.execute(
        update(Tag).where(Tag.securable_id == table.id, Tag.column == target.name).values(column=new_name)
    )
    target.name = new_name
    tx.flush()


def column(table: Securable, name: str) -> TableColumn:
    """Return a table's column by its name in any case.

    Raises:
        ApiError: COLUMN_NOT_FOUND.
    """
    for one in table.columns:
        if one.name.lower() == name.lower():
            return one
    raise ApiError(
        ErrorCode.COLUMN_NOT_FOUND,
        f"A column with name {quote(name)} cannot be resolved. Did you mean one of the following? "
        f"[{', '.join(quote(one.name) for one in table.columns[:5])}]",
    )


def drop(tx: Session, table: Securable) -> list[Securable]:
    """Remove a table's or view's record.

    Returns:
        The table itself if it is managed, as :func:`objects.remove` says.
    """
    return objects.remove(tx, table)
