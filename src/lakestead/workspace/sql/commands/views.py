"""CREATE VIEW, temporary or not, and ALTER VIEW … AS."""

from __future__ import annotations

from collections.abc import Iterable

from lakestead.core.names import quote, quote_name
from lakestead.workspace.access import MANAGE, Access, create_access
from lakestead.workspace.catalog import tables
from lakestead.workspace.catalog.lookup import find, get
from lakestead.workspace.catalog.objects import checked_name, checked_properties
from lakestead.workspace.catalog.tables import ColumnRecord, TableRecord
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.analysis import analyse
from lakestead.workspace.sql.binder import Binder, qualified
from lakestead.workspace.sql.context import Context, Verb, done
from lakestead.workspace.sql.grammar.ast import AlterViewQuery, CreateView, ViewColumn
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.session import TemporaryView
from lakestead.workspace.sql.words import describe_bound, understood
from lakestead.workspace.store.objects import Kind


def create_view(ctx: Context, command: CreateView) -> Outcome:
    """Carry out CREATE VIEW."""
    if command.temporary:
        return _create_temporary(ctx, command)
    path = ctx.full_name(command.name)
    if len(path) != 3:
        raise unsupported(f"A view named {quote_name(*command.name)}")
    path = (path[0], path[1], checked_name(Kind.TABLE, path[2]))
    with ctx.store.read() as tx:
        get(tx, Kind.SCHEMA, path[:2])
        existing = find(tx, Kind.TABLE, path)
    if existing is not None:
        if command.if_not_exists:
            return done()
        if not command.or_replace:
            raise ApiError(ErrorCode.TABLE_EXISTS, f"The table or view {quote_name(*path)} already exists.")
        if not existing.is_view:
            raise ApiError(ErrorCode.VIEW_EXPECTED, f"{quote_name(*path)} is a table; a view is expected.")
    record = _record(ctx, command.query.text, command.columns, path)
    record = TableRecord(
        record.columns,
        record.spec,
        comment=command.comment,
        properties=checked_properties(dict(command.properties)),
    )
    ctx.trace.makes("VIEW", path, [column.name for column in record.columns])
    with ctx.store.write() as tx:
        if existing is None:
            tables.create(tx, ctx.principal, (path[0], path[1], path[2]), record)
        else:
            tables.replace(tx, ctx.principal, get(tx, Kind.TABLE, path), record)
    return done()


def alter_view(ctx: Context, command: AlterViewQuery) -> Outcome:
    """Carry out ALTER VIEW … AS."""
    path = ctx.full_name(command.name)
    with ctx.store.read() as tx:
        view = get(tx, Kind.TABLE, path)
        if not view.is_view:
            raise ApiError(ErrorCode.VIEW_EXPECTED, f"{quote_name(*path)} is a table; a view is expected.")
    record = _record(ctx, command.query.text, (), path)
    record = TableRecord(record.columns, record.spec, comment=view.comment, properties=view.properties)
    ctx.trace.makes("VIEW", path, [column.name for column in record.columns])
    with ctx.store.write() as tx:
        tables.replace(tx, ctx.principal, get(tx, Kind.TABLE, path), record)
    return done()


def _record(ctx: Context, text: str, named: tuple[ViewColumn, ...], path: tuple[str, ...]) -> TableRecord:
    """Return a view's record; the query is bound once, to see that it runs and what it gives."""
    with ctx.store.read() as tx:
        binder = Binder(ctx, tx)
        bound = binder.query(text)
        definition = qualified(ctx, text)
        sources = [".".join(one) for one in sorted(binder.sources)]
    if ".".join(path) in sources:
        raise ApiError(ErrorCode.INVALID_STATEMENT, f"Recursive view {quote_name(*path)} detected.")
    found = describe_bound(ctx, understood(ctx, bound))
    if named and len(named) != len(found):
        raise ApiError(
            ErrorCode.INSERT_ARITY,
            f"The view has {len(named)} column names, its query gives {len(found)} columns.",
            condition="CREATE_VIEW_COLUMN_ARITY_MISMATCH",
            sqlstate="21S01",
        )
    columns = tuple(
        ColumnRecord(
            named[place].name if named else column.name,
            column.type.ddl,
            comment=named[place].comment if named else None,
        )
        for place, column in enumerate(found)
    )
    names = [column.name.lower() for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ApiError(ErrorCode.COLUMN_EXISTS, f"The column {quote(twice)} already exists.")
    spec = {
        "table_type": "VIEW",
        "view_definition": definition,
        "view_text": text,
        "dependencies": sources,
        "query_columns": [column.name for column in found],
    }
    return TableRecord(columns, spec)


def _create_temporary(ctx: Context, command: CreateView) -> Outcome:
    name = command.name[-1].lower()
    if len(command.name) > 1:
        raise unsupported("A temporary view with a qualified name")
    known = ctx.session.temporary_views
    if name in known and not command.or_replace:
        if command.if_not_exists:
            return done()
        raise ApiError(ErrorCode.TABLE_EXISTS, f"The temporary view {quote(name)} already exists.")
    definition = qualified(ctx, command.query.text, temporary=True)
    _refuse_recursion(ctx, name, definition)
    with ctx.store.read() as tx:
        bound = understood(ctx, Binder(ctx, tx).query(definition))
    found = describe_bound(ctx, bound)
    names = [column.name for column in command.columns] or [column.name for column in found]
    columns = tuple((one, column.type.ddl) for one, column in zip(names, found, strict=True))
    # Not in ``known``: the engine may have been started anew since. It is made there when it is used.
    selected = tuple(column.name for column in found)
    view = TemporaryView(name, command.query.text, columns, definition, query_columns=selected)
    ctx.session.temporary_views[name] = view
    ctx.session.engine.pin(True)
    return done()


def _refuse_recursion(ctx: Context, name: str, definition: str) -> None:
    """Refuse a temporary view that would read itself, though by way of others."""
    views, pending = ctx.session.temporary_views, [definition]
    while pending:
        for reference in analyse(pending.pop()).references:
            if len(reference.parts) > 1 or reference.parts[0].lower() not in views:
                continue
            if reference.parts[0].lower() == name:
                raise ApiError(
                    ErrorCode.INVALID_STATEMENT,
                    f"Recursive view {quote(name)} detected.",
                    condition="RECURSIVE_VIEW",
                    sqlstate="42K0H",
                )
            pending.append(views[reference.parts[0].lower()].definition)


def _access(ctx: Context, command: CreateView) -> Iterable[Access]:
    if command.temporary:
        return
    path = ctx.full_name(command.name)
    with ctx.store.read() as tx:
        existing = find(tx, Kind.TABLE, path) if len(path) == 3 else None
    if existing is not None and command.or_replace:
        yield Access(MANAGE, Kind.TABLE, path)
    else:
        yield create_access(Kind.TABLE, path[:2])


def _alter_access(ctx: Context, command: AlterViewQuery) -> Iterable[Access]:
    yield Access(MANAGE, Kind.TABLE, ctx.full_name(command.name))


VERBS: dict[type, Verb] = {
    CreateView: Verb(_access, create_view, "CREATE"),
    AlterViewQuery: Verb(_alter_access, alter_view, "ALTER"),
}
