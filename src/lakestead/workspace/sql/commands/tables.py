"""CREATE TABLE in all its forms, and DROP TABLE."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from lakestead.core.names import quote_name
from lakestead.engine.delta.create import create
from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.log import Commit
from lakestead.engine.delta.table import CHECK_PREFIX, TableState, exists, state
from lakestead.engine.delta.write import write
from lakestead.workspace.access import MANAGE, WORKSPACE_ADMIN, Access, create_access
from lakestead.workspace.catalog import constraints, locations, tables
from lakestead.workspace.catalog.lookup import find, get
from lakestead.workspace.catalog.objects import checked_name, checked_properties
from lakestead.workspace.catalog.policies import refuse_without
from lakestead.workspace.catalog.tables import ColumnRecord, TableRecord
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.binder import Binder
from lakestead.workspace.sql.commands import policies
from lakestead.workspace.sql.commands.definition import Plan, declared, planned, selected
from lakestead.workspace.sql.context import Context, Verb, done, rows
from lakestead.workspace.sql.dml.write import delta_failure
from lakestead.workspace.sql.grammar.ast import (
    CreateTable,
    CreateTableLike,
    ForeignKey,
    PrimaryKey,
)
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.words import open_stream
from lakestead.workspace.store.base import new_id
from lakestead.workspace.store.objects import Kind, Securable

# Delta's own rule for columns that are not mapped to other names.
_FEATURE = "delta.feature."
_BAD_IN_COLUMN = re.compile(r"[ ,;{}()\n\t=]")


def create_table(ctx: Context, command: CreateTable) -> Outcome:
    """Carry out CREATE TABLE, CREATE OR REPLACE TABLE and REPLACE TABLE, with AS or without."""
    _refuse(command)
    path = _path(ctx, command.name)
    with ctx.store.read() as tx:
        get(tx, Kind.SCHEMA, path[:2])
        existing = find(tx, Kind.TABLE, path)
        if existing is not None and command.mode == "CREATE":
            if command.if_not_exists:
                return done()
            raise ApiError(
                ErrorCode.TABLE_EXISTS,
                f"Cannot create table or view {quote_name(*path)} because it already exists. Choose a "
                "different name, drop or replace the existing object, or add the IF NOT EXISTS clause.",
            )
        if existing is not None and existing.is_view:
            raise ApiError(ErrorCode.TABLE_EXPECTED, f"{quote_name(*path)} is a view and cannot be replaced.")
        if existing is None and command.mode == "REPLACE":
            raise ApiError(ErrorCode.TABLE_NOT_FOUND, f"The table {quote_name(*path)} cannot be found.")
    stream = None
    keys = {
        name.lower() for one in command.constraints if isinstance(one, PrimaryKey) for name in one.columns
    }
    # Declaring a primary key with the table makes its columns NOT NULL.
    columns = tuple(
        replace(column, nullable=column.nullable and column.name.lower() not in keys)
        for column in map(declared, command.columns)
    )
    if command.query is not None:
        stream = _query(ctx, command)
        columns = tuple(selected(field) for field in stream.schema)
        ctx.trace.makes("TABLE", path, [column.name for column in columns])
    plan = planned(path, command, columns)
    policies.check(ctx, plan.columns, command)
    if existing is not None:
        with ctx.store.read() as tx:
            refuse_without(get(tx, Kind.TABLE, path), [column.name for column in columns], command.mode)
        return _replace(ctx, command, plan, existing, stream)
    return _create(ctx, command, plan, stream)


def _refuse(command: CreateTable) -> None:
    if command.using is not None and command.using.lower() != "delta":
        raise unsupported(f"CREATE TABLE … USING {command.using.upper()}")
    if command.options:
        raise unsupported("CREATE TABLE … OPTIONS")
    if command.collation is not None and command.collation.upper() != "UTF8_BINARY":
        raise unsupported(f"The collation {command.collation}")
    if command.query is not None and command.columns:
        raise ApiError(
            ErrorCode.SYNTAX_ERROR,
            "Columns may not be specified in a Create Table As Select (CTAS) statement.",
        )
    if command.partitioned_by and command.cluster_by is not None:
        raise ApiError(ErrorCode.INVALID_STATEMENT, "CLUSTER BY and PARTITIONED BY cannot both be specified.")
    if command.external and command.location is None:
        raise ApiError(ErrorCode.INVALID_STATEMENT, "CREATE EXTERNAL TABLE must be accompanied by LOCATION.")


def _path(ctx: Context, name: Sequence[str]) -> tuple[str, str, str]:
    path = ctx.full_name(name)
    if len(path) != 3 or "/" in path[2]:
        raise unsupported(f"A table named {quote_name(*name)}")
    return path[0], path[1], checked_name(Kind.TABLE, path[2])


def _query(ctx: Context, command: CreateTable) -> pa.RecordBatchReader:
    assert command.query is not None
    with ctx.store.read() as tx:
        bound = Binder(ctx, tx).query(command.query.text)
    return open_stream(ctx, bound).stream.reader()


def _create(ctx: Context, command: CreateTable, plan: Plan, reader: pa.RecordBatchReader | None) -> Outcome:
    """Make a table that is not there: its files first, in a folder that only its record makes known."""
    table_id = new_id()
    managed = command.location is None
    location = str(ctx.storage.managed(Kind.TABLE, table_id)) if managed else external(ctx, command.location)
    found = state(location) if not managed and exists(location) else None
    try:
        with ctx.hold(location):
            written = _files(ctx, command, plan, location, found, reader)
            record = plan.record(location, "MANAGED" if managed else "EXTERNAL")
            if found is not None and reader is None:
                record = _registered(plan, found, location)
            with ctx.store.write() as tx:
                table = tables.create(tx, ctx.principal, plan.path, record, table_id)
                _keys(ctx, tx, table, command)
                policies.declare(ctx, tx, table, command)
    except ApiError as error:
        if managed:
            ctx.storage.remove(ctx.storage.managed(Kind.TABLE, table_id))
        if error.code is ErrorCode.TABLE_EXISTS and command.if_not_exists:
            return done()
        raise
    except DeltaError as error:
        if managed:
            ctx.storage.remove(ctx.storage.managed(Kind.TABLE, table_id))
        raise delta_failure(error) from None
    return _written(ctx, written)


def _files(
    ctx: Context,
    command: CreateTable,
    plan: Plan,
    location: str,
    found: TableState | None,
    reader: pa.RecordBatchReader | None,
) -> int | None:
    """Make the table's files; return how many rows were written, None without AS."""
    who = ctx.principal.name
    if reader is not None:
        if found is not None:
            raise ApiError(
                ErrorCode.TABLE_EXISTS,
                f"There already is a Delta table at '{location}'; it is not overwritten.",
            )
        commit = Commit("CREATE TABLE AS SELECT", user=who)
        return write(location, reader, commit, definition=plan.definition(), query=ctx.query).rows
    if found is None:
        if not plan.columns and command.location is not None:
            raise ApiError(
                ErrorCode.FILE_NOT_FOUND, f"There is no Delta table at '{location}'; give its columns."
            )
        create(location, plan.definition(), Commit("CREATE TABLE", user=who))
    return None


def _registered(plan: Plan, found: TableState, location: str) -> TableRecord:
    """Return the record of an external table that is already there.

    Raises:
        ApiError: SCHEMA_MISMATCH when the statement describes another one.
    """
    columns = tuple(ColumnRecord.of(column) for column in found.columns)
    given = [(column.name.lower(), column.type) for column in plan.columns]
    if given and given != [(column.name.lower(), column.type) for column in columns]:
        raise ApiError(
            ErrorCode.SCHEMA_MISMATCH,
            f"The specified schema does not match the existing schema at {location}.",
            condition="DELTA_CREATE_TABLE_SCHEME_MISMATCH",
            sqlstate="42KD7",
        )
    spec = {
        "table_type": "EXTERNAL",
        "format": "DELTA",
        "partition_columns": list(found.partition_columns),
        "clustering_columns": list(plan.clustering),
    }
    properties = {k: v for k, v in found.configuration.items() if not k.startswith(CHECK_PREFIX)}
    return TableRecord(
        columns,
        spec,
        location,
        plan.comment or found.comment,
        {**properties, **plan.properties},
        found.checks,
    )


def external(ctx: Context, location: str | None) -> str:
    """Return the path of an external table.

    Raises:
        ApiError: INVALID_REQUEST for a relative path; LOCATION_OVERLAP for one in the workspace's
        own folders; NOT_IMPLEMENTED for object stores.
    """
    with ctx.store.read() as tx:
        return locations.external_table(tx, ctx.storage, location or "")


def _keys(ctx: Context, tx: Any, table: Securable, command: CreateTable) -> None:
    """Declare the primary and foreign keys."""
    for constraint in sorted(command.constraints, key=lambda one: isinstance(one, ForeignKey)):
        add_key(ctx, tx, table, constraint)


def add_key(ctx: Context, tx: Any, table: Securable, constraint: object) -> None:
    """Declare a primary or foreign key; CHECK constraints are the log's."""
    if isinstance(constraint, PrimaryKey):
        constraints.add_primary_key(
            tx,
            ctx.principal,
            table,
            constraint.name,
            constraint.columns,
            timeseries_columns=(constraint.timeseries,) if constraint.timeseries else (),
            rely=constraint.rely,
        )
    elif isinstance(constraint, ForeignKey):
        parent = get(tx, Kind.TABLE, ctx.full_name(constraint.parent))
        constraints.add_foreign_key(
            tx,
            ctx.principal,
            table,
            constraint.name,
            constraint.columns,
            parent,
            constraint.parent_columns,
            rely=constraint.rely,
        )


def _replace(
    ctx: Context, command: CreateTable, plan: Plan, existing: Securable, reader: pa.RecordBatchReader | None
) -> Outcome:
    """Make another table of one that is there, in one commit of its log, so that its history goes on."""
    location = existing.location or ""
    if command.location is not None and external(ctx, command.location) != location:
        raise unsupported("CREATE OR REPLACE TABLE with another LOCATION")
    operation = command.mode + " TABLE" + (" AS SELECT" if reader is not None else "")
    commit = Commit(operation, user=ctx.principal.name)
    try:
        with ctx.hold(location), ctx.intent(existing):
            written = None
            if reader is not None:
                made = write(
                    location, reader, commit, mode="overwrite", definition=plan.definition(), query=ctx.query
                )
                written = made.rows
            else:
                create(location, plan.definition(), commit, replace=True)
            with ctx.store.write() as tx:
                table = get(tx, Kind.TABLE, plan.path)
                tables.replace(tx, ctx.principal, table, plan.record(location, existing.spec["table_type"]))
                _keys(ctx, tx, table, command)
                policies.declare(ctx, tx, table, command)
    except DeltaError as error:
        raise delta_failure(error) from None
    return _written(ctx, written)


def _written(ctx: Context, count: int | None) -> Outcome:
    if count is None:
        return done()
    ctx.statement.rows_affected = count
    return rows([("num_affected_rows", "bigint"), ("num_inserted_rows", "bigint")])


def create_like(ctx: Context, command: CreateTableLike) -> Outcome:
    """Carry out CREATE TABLE … LIKE: the columns of another table or view, without its rows."""
    source_path = ctx.full_name(command.source)
    with ctx.store.read() as tx:
        source = get(tx, Kind.TABLE, source_path)
        columns = tuple(
            ColumnRecord(
                one.name,
                one.type,
                one.nullable,
                one.comment,
                one.default,
                {**one.identity, "next": one.identity["start"]} if one.identity else None,
                one.generation,
            )
            for one in source.columns
        )
        checks = {one.name: one.expression for one in source.constraints if one.kind == tables.CHECK}
        plan = Plan(
            _path(ctx, command.name),
            columns,
            tuple(source.spec.get("partition_columns", ())),
            tuple(source.spec.get("clustering_columns", ())),
            source.comment,
            {**source.properties, **checked_properties(dict(command.properties))},
            {name: text or "" for name, text in checks.items()},
        )
        if find(tx, Kind.TABLE, plan.path) is not None:
            if command.if_not_exists:
                return done()
            raise ApiError(ErrorCode.TABLE_EXISTS, f"The table {quote_name(*plan.path)} already exists.")
    made = CreateTable(
        command.name, if_not_exists=command.if_not_exists, using=command.using, location=command.location
    )
    _refuse(made)
    return _create(ctx, made, plan, None)


def drop_table(ctx: Context, path: tuple[str, ...]) -> None:
    """Remove a table or view; a managed table's files go with it.

    Raises:
        ApiError: TABLE_NOT_FOUND.
    """
    with ctx.store.read() as tx:
        location = get(tx, Kind.TABLE, path).location
    if location is None:
        _drop_record(ctx, path)
        return
    with ctx.hold(location):
        _drop_record(ctx, path)


def _drop_record(ctx: Context, path: tuple[str, ...]) -> None:
    with ctx.store.write() as tx:
        gone = tables.drop(tx, get(tx, Kind.TABLE, path))
    for table in gone:
        ctx.storage.remove(ctx.storage.managed(Kind.TABLE, table.id))


def _create_access(ctx: Context, command: CreateTable) -> Iterable[Access]:
    path = ctx.full_name(command.name)
    with ctx.store.read() as tx:
        existing = find(tx, Kind.TABLE, path) if len(path) == 3 else None
    if existing is not None and command.mode != "CREATE":
        yield Access(MANAGE, Kind.TABLE, path)
    else:
        yield create_access(Kind.TABLE, path[:2])
    if command.location is not None:
        yield WORKSPACE_ADMIN
    yield from policies.declared_access(ctx, command)
    for constraint in command.constraints:
        if isinstance(constraint, ForeignKey):
            yield Access("SELECT", Kind.TABLE, ctx.full_name(constraint.parent))


def _like_access(ctx: Context, command: CreateTableLike) -> Iterable[Access]:
    yield create_access(Kind.TABLE, ctx.full_name(command.name)[:2])
    yield Access("SELECT", Kind.TABLE, ctx.full_name(command.source))
    if command.location is not None:
        yield WORKSPACE_ADMIN


VERBS: dict[type, Verb] = {
    CreateTable: Verb(_create_access, create_table, "CREATE"),
    CreateTableLike: Verb(_like_access, create_like, "CREATE"),
}
