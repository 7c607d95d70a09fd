"""What ALTER, DROP and COMMENT ON do to tables and views that they do to every kind of object."""

from __future__ import annotations

from lakestead.core.names import quote_name
from lakestead.engine.delta import alter as delta
from lakestead.engine.delta.log import Commit
from lakestead.workspace.catalog import objects, tables
from lakestead.workspace.catalog.lookup import find, get, not_found
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.commands.alter import changing
from lakestead.workspace.sql.commands.tables import drop_table
from lakestead.workspace.sql.context import Context, done
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind, Securable


def expect(table: Securable, kind: ast.Kind) -> None:
    """Check that a statement about tables is not about a view, and the reverse.

    Raises:
        ApiError: TABLE_EXPECTED, VIEW_EXPECTED.
    """
    if kind is ast.Kind.VIEW and not table.is_view:
        raise ApiError(ErrorCode.VIEW_EXPECTED, f"{quote_name(*table.path)} is a table; a view is expected.")
    if kind is ast.Kind.TABLE and table.is_view:
        raise ApiError(ErrorCode.TABLE_EXPECTED, f"{quote_name(*table.path)} is a view; a table is expected.")


def drop(ctx: Context, command: ast.Drop) -> Outcome:
    """Carry out DROP TABLE and DROP VIEW."""
    name = command.name
    if len(name) == 1 and name[0].lower() in ctx.session.temporary_views:
        ctx.session.temporary_views.pop(name[0].lower())
        ctx.session.engine.command(f"DROP VIEW IF EXISTS {quote_name(name[0].lower())}")
        return done()
    path = ctx.full_name(name)
    with ctx.store.read() as tx:
        table = find(tx, Kind.TABLE, path)
    if table is None:
        if command.if_exists:
            return done()
        raise not_found(Kind.TABLE, path)
    expect(table, command.kind)
    drop_table(ctx, path)
    return done()


def rename(ctx: Context, command: ast.Rename) -> Outcome:
    """Carry out ALTER TABLE … RENAME TO, within a catalog and schema."""
    path = ctx.full_name(command.name)
    new = command.new_name
    if tuple(part.lower() for part in (*path[: 3 - len(new)], *new))[:-1] != path[:-1]:
        raise unsupported("Moving a table to another schema")
    with ctx.store.write() as tx:
        table = get(tx, Kind.TABLE, path)
        expect(table, command.kind)
        objects.rename(tx, ctx.principal, table, new[-1])
    return done()


def set_properties(ctx: Context, command: ast.SetProperties) -> Outcome:
    """Carry out SET TBLPROPERTIES."""
    properties = dict(command.properties)
    path = ctx.full_name(command.name)
    if command.kind is ast.Kind.VIEW:
        with ctx.store.write() as tx:
            objects.set_properties(tx, ctx.principal, get(tx, Kind.TABLE, path), properties)
        return done()
    with changing(ctx, command.name) as (tx, table, location):
        objects.checked_properties(properties)
        commit = Commit("SET TBLPROPERTIES", user=ctx.principal.name)
        delta.set_properties(location, properties, commit)
        objects.set_properties(tx, ctx.principal, table, properties)
    return done()


def unset_properties(ctx: Context, command: ast.UnsetProperties) -> Outcome:
    """Carry out UNSET TBLPROPERTIES."""
    path = ctx.full_name(command.name)
    if command.kind is ast.Kind.VIEW:
        with ctx.store.write() as tx:
            view = get(tx, Kind.TABLE, path)
            objects.unset_properties(tx, ctx.principal, view, command.keys, command.if_exists)
        return done()
    with changing(ctx, command.name) as (tx, table, location):
        objects.unset_properties(tx, ctx.principal, table, command.keys, command.if_exists)
        commit = Commit("UNSET TBLPROPERTIES", user=ctx.principal.name)
        delta.unset_properties(location, list(command.keys), commit)
    return done()


def comment(ctx: Context, command: ast.CommentOn) -> Outcome:
    """Carry out COMMENT ON TABLE, VIEW and COLUMN."""
    column = command.name[-1] if command.kind is ast.Kind.COLUMN else None
    name = command.name[:-1] if column else command.name
    path = ctx.full_name(name)
    with ctx.store.read() as tx:
        table = get(tx, Kind.TABLE, path)
    if table.is_view:
        with ctx.store.write() as tx:
            view = get(tx, Kind.TABLE, path)
            if column:
                tables.column(view, column).comment = objects.checked_comment(command.comment)
                objects.stamp(ctx.principal, view)
            else:
                objects.set_comment(tx, ctx.principal, view, command.comment)
        return done()
    text = objects.checked_comment(command.comment)
    with changing(ctx, name) as (tx, table, location):
        if column:
            commit = Commit("CHANGE COLUMN", user=ctx.principal.name)
            delta.set_column_comment(location, column, text, commit)
        else:
            delta.set_comment(location, text, Commit("SET COMMENT", user=ctx.principal.name))
            objects.set_comment(tx, ctx.principal, table, text)
    return done()
