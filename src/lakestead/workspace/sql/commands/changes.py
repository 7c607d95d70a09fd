"""What every kind of object takes: RENAME, OWNER, COMMENT ON, tags and properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeAlias

from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.engine.delta import alter
from lakestead.engine.delta.errors import DeltaError
from lakestead.engine.delta.log import Commit
from lakestead.workspace.access import MANAGE, Access, get_visible_path, has
from lakestead.workspace.catalog import objects, tables, tags
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.commands.target import Target
from lakestead.workspace.sql.context import Context, Verb, done
from lakestead.workspace.sql.dml.write import delta_failure
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind, Securable


def rename(ctx: Context, command: ast.Rename) -> Outcome:
    """Carry out ALTER … RENAME TO."""
    target = Target.of(ctx, command.kind, command.name)
    # A new name with less parts is meant to be in the same place, wherever the session is.
    missing = max(len(target.path) - len(command.new_name), 0)
    new_path = tuple(part.lower() for part in (*target.path[:missing], *command.new_name))
    if new_path[:-1] != target.path[:-1]:
        raise unsupported(f"Moving a {command.kind.lower()} to another schema or catalog by RENAME")
    with ctx.store.write() as tx:
        objects.rename(tx, ctx.principal, target.get(tx), new_path[-1])
    return done()


def set_owner(ctx: Context, command: ast.SetOwner) -> Outcome:
    """Carry out ALTER … OWNER TO."""
    with ctx.store.write() as tx:
        target = Target.of(ctx, command.kind, command.name).get(tx)
        objects.set_owner(tx, ctx.principal, target, command.owner)
    return done()


def set_tags(ctx: Context, command: ast.SetTags) -> Outcome:
    """Carry out SET TAGS on an object or column."""
    target = Target.of(ctx, command.kind, command.name)
    with ctx.store.write() as tx:
        tags.set(tx, target.get(tx), target.column, dict(command.tags))
    return done()


def unset_tags(ctx: Context, command: ast.UnsetTags) -> Outcome:
    """Carry out UNSET TAGS on an object or column."""
    target = Target.of(ctx, command.kind, command.name)
    with ctx.store.write() as tx:
        tags.unset(tx, target.get(tx), target.column, command.keys)
    return done()


def comment_on(ctx: Context, command: ast.CommentOn) -> Outcome:
    """Carry out COMMENT ON; of tables and their columns, the log has the comment too."""
    target = Target.of(ctx, command.kind, command.name)
    comment = objects.checked_comment(command.comment)
    if target.column is None:
        in_log = partial(alter.set_comment, comment=comment)
        with _changed(ctx, target, "CHANGE TABLE COMMENT", in_log) as (tx, it):
            objects.set_comment(tx, ctx.principal, it, comment)
        return done()
    with ctx.store.read() as tx:
        column = tables.column(target.get(tx), target.column).name
    in_log = partial(alter.set_column_comment, column=column, comment=comment)
    with _changed(ctx, target, "CHANGE COLUMN", in_log) as (tx, it):
        tables.column(it, column).comment = comment
        objects.stamp(ctx.principal, it)
    return done()


def set_properties(ctx: Context, command: ast.SetProperties) -> Outcome:
    """Carry out SET TBLPROPERTIES and SET DBPROPERTIES."""
    target = Target.of(ctx, command.kind, command.name)
    given = objects.checked_properties(dict(command.properties))
    in_log = partial(alter.set_properties, properties=given)
    with _changed(ctx, target, "SET TBLPROPERTIES", in_log) as (tx, it):
        objects.set_properties(tx, ctx.principal, it, given)
    return done()


def unset_properties(ctx: Context, command: ast.UnsetProperties) -> Outcome:
    """Carry out UNSET TBLPROPERTIES and UNSET DBPROPERTIES."""
    target = Target.of(ctx, command.kind, command.name)
    with ctx.store.read() as tx:
        missing = [key for key in command.keys if key not in target.get(tx).properties]
    if missing and not command.if_exists:
        raise ApiError(
            ErrorCode.PROPERTY_NOT_FOUND,
            f"Attempted to unset non-existent properties [{', '.join(missing)}] in "
            f"{quote_name(*target.path)}.",
        )
    in_log = partial(alter.unset_properties, keys=command.keys)
    with _changed(ctx, target, "UNSET TBLPROPERTIES", in_log) as (tx, it):
        objects.unset_properties(tx, ctx.principal, it, command.keys, if_exists=True)
    return done()


@contextmanager
def _changed(
    ctx: Context, target: Target, operation: str, in_log: Callable[..., int]
) -> Iterator[tuple[Session, Securable]]:
    """Change an object's record, and before it a table's log.

    Args:
        ctx: the statement.
        target: what it changes.
        operation: what the table's history calls it.
        in_log: changes the log of a table; called with its location and the commit.

    Yields:
        The transaction and the record, to be changed.
    """
    with ctx.store.read() as tx:
        found = target.get(tx)
    location = found.location if found.kind is Kind.TABLE else None
    if location is None:
        with ctx.store.write() as tx:
            yield tx, target.get(tx)
        return
    with ctx.hold(location), ctx.intent(found):
        try:
            in_log(location, commit=Commit(operation, user=ctx.principal.name))
        except DeltaError as error:
            raise delta_failure(error) from None
        with ctx.store.write() as tx:
            yield tx, target.get(tx)


_Managed: TypeAlias = ast.Rename | ast.SetOwner | ast.SetProperties | ast.UnsetProperties

# What the principal needs


def _manage(ctx: Context, command: _Managed) -> Iterable[Access]:
    """Yield what changing an object needs."""
    target = Target.of(ctx, command.kind, command.name)
    yield Access(MANAGE, target.kind, target.path)


def _apply_tag(ctx: Context, command: ast.SetTags | ast.UnsetTags) -> Iterable[Access]:
    target = Target.of(ctx, command.kind, command.name)
    yield Access("APPLY_TAG", target.kind, target.path)


def _comment(ctx: Context, command: ast.CommentOn) -> Iterable[Access]:
    """Yield MANAGE, or MODIFY for who may change a table's rows."""
    target = Target.of(ctx, command.kind, command.name)
    privilege = MANAGE
    if target.kind is Kind.TABLE:
        with ctx.store.read() as tx:
            found = get_visible_path(tx, ctx.principal, target.kind, target.path)
            privilege = "MODIFY" if has(tx, ctx.principal, "MODIFY", found) else MANAGE
    yield Access(privilege, target.kind, target.path)


VERBS: dict[type, Verb] = {
    ast.Rename: Verb(_manage, rename, "ALTER"),
    ast.SetOwner: Verb(_manage, set_owner, "ALTER"),
    ast.SetTags: Verb(_apply_tag, set_tags, "ALTER"),
    ast.UnsetTags: Verb(_apply_tag, unset_tags, "ALTER"),
    ast.CommentOn: Verb(_comment, comment_on, "ALTER"),
    ast.SetProperties: Verb(_manage, set_properties, "ALTER"),
    ast.UnsetProperties: Verb(_manage, unset_properties, "ALTER"),
}
