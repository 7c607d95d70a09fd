"""CREATE and DROP of catalogs, schemas and volumes, and DROP of everything else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack

from lakestead.core.names import quote_name
from lakestead.workspace.access import MANAGE, Access, create_access
from lakestead.workspace.catalog import catalogs, functions, objects, schemas, volumes
from lakestead.workspace.catalog.lookup import DEPTH, find, get, not_found
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.commands.tables import drop_table
from lakestead.workspace.sql.commands.target import Target
from lakestead.workspace.sql.context import Context, Verb, done
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind, Securable


def new_path(ctx: Context, kind: Kind, name: ast.Name) -> tuple[str, ...]:
    """Return the full name of an object about to be made, in lower case.

    Raises:
        ApiError: INVALID_NAME when the name has too many parts.
    """
    path = ctx.full_name(name, DEPTH[kind])
    if len(path) != DEPTH[kind]:
        raise ApiError(ErrorCode.INVALID_NAME, f"{quote_name(*name)} is not the name of a {kind.lower()}.")
    return path


def create_catalog(ctx: Context, command: ast.CreateCatalog) -> Outcome:
    """Carry out CREATE CATALOG."""
    path = new_path(ctx, Kind.CATALOG, command.name)
    with ctx.store.write() as tx:
        if not (command.if_not_exists and find(tx, Kind.CATALOG, path)):
            catalogs.create(
                tx, ctx.principal, path[0], comment=command.comment, location=command.managed_location
            )
    return done()


def create_schema(ctx: Context, command: ast.CreateSchema) -> Outcome:
    """Carry out CREATE SCHEMA."""
    catalog, schema = new_path(ctx, Kind.SCHEMA, command.name)
    with ctx.store.write() as tx:
        if not (command.if_not_exists and find(tx, Kind.SCHEMA, (catalog, schema))):
            schemas.create(
                tx,
                ctx.principal,
                (catalog, schema),
                comment=command.comment,
                properties=dict(command.properties),
                location=command.managed_location,
            )
    return done()


def create_volume(ctx: Context, command: ast.CreateVolume) -> Outcome:
    """Carry out CREATE VOLUME."""
    catalog, schema, volume = new_path(ctx, Kind.VOLUME, command.name)
    with ctx.store.write() as tx:
        if not (command.if_not_exists and find(tx, Kind.VOLUME, (catalog, schema, volume))):
            volumes.create(
                tx,
                ctx.storage,
                ctx.principal,
                (catalog, schema, volume),
                volume_type="EXTERNAL" if command.external else "MANAGED",
                location=command.location,
                comment=command.comment,
            )
    return done()


def drop(ctx: Context, command: ast.Drop) -> Outcome:
    """Carry out DROP of any kind of object."""
    if command.temporary:
        raise unsupported("DROP TEMPORARY FUNCTION")
    if _is_temporary_view(ctx, command):
        view = ctx.session.temporary_views.pop(command.name[0].lower())
        ctx.session.engine.command(f"DROP VIEW IF EXISTS {quote_name(view.name)}")
        return done()
    target = Target.of(ctx, command.kind, command.name)
    try:
        _drop(ctx, target, command)
    except ApiError as error:
        # Another session may have dropped it since it was found.
        if not command.if_exists or error.code is not not_found(target.kind, target.path).code:
            raise
    return done()


def _drop(ctx: Context, target: Target, command: ast.Drop) -> None:
    with ctx.store.read() as tx:
        found = target.find(tx)
        if found is None and command.if_exists:
            return
        found = found or get(tx, target.kind, target.path)
        _check_command(found, command.kind)
        locations = _locations(objects.below(tx, found)) if command.cascade else []
    if target.kind is Kind.TABLE:
        drop_table(ctx, target.path)
        return
    with ExitStack() as held:
        # In one order, so that two such statements do not wait for each other.
        for location in sorted(locations):
            held.enter_context(ctx.hold(location))
        _remove(ctx, target, command.cascade)


def _is_temporary_view(ctx: Context, command: ast.Drop) -> bool:
    names = ctx.session.temporary_views
    return command.kind is ast.Kind.VIEW and len(command.name) == 1 and command.name[0].lower() in names


def _locations(inside: list[Securable]) -> list[str]:
    return [one.location for one in inside if one.kind is Kind.TABLE and one.location is not None]


def _check_command(found: Securable, kind: ast.Kind) -> None:
    """Refuse DROP TABLE of a view and DROP VIEW of a table."""
    if found.kind is not Kind.TABLE or found.is_view == (kind is ast.Kind.VIEW):
        return
    is_one = "VIEW" if found.is_view else found.spec["table_type"]
    instead = "VIEW" if found.is_view else "TABLE"
    raise ApiError(
        ErrorCode.VIEW_EXPECTED,
        f"The operation DROP {kind} requires a {kind}. But {quote_name(*found.path)} is a {is_one}. "
        f"Use DROP {instead} instead.",
        condition="WRONG_COMMAND_FOR_OBJECT_TYPE",
        sqlstate="42809",
    )


def _remove(ctx: Context, target: Target, cascade: bool) -> None:
    gone: list[Securable] = []
    with ctx.store.write() as tx:
        found = target.get(tx)
        if target.kind is Kind.CATALOG:
            gone = catalogs.drop(tx, found, cascade=cascade)
        elif target.kind is Kind.SCHEMA:
            gone = schemas.drop(tx, found, cascade=cascade)
        elif target.kind is Kind.VOLUME:
            gone = volumes.drop(tx, found)
        else:
            functions.drop(tx, found)
    for one in gone:
        ctx.storage.remove(ctx.storage.managed(one.kind, one.id))


# What the principal needs


def _create_catalog_access(ctx: Context, command: ast.CreateCatalog) -> Iterable[Access]:
    yield create_access(Kind.CATALOG, ())


def _create_schema_access(ctx: Context, command: ast.CreateSchema) -> Iterable[Access]:
    yield create_access(Kind.SCHEMA, new_path(ctx, Kind.SCHEMA, command.name)[:1])


def _create_volume_access(ctx: Context, command: ast.CreateVolume) -> Iterable[Access]:
    yield create_access(Kind.VOLUME, new_path(ctx, Kind.VOLUME, command.name)[:2])
    if command.external:
        # Files that are not the workspace's own: there are no external locations on which to grant this, so
        # only who administers the metastore has it.
        yield Access("CREATE_EXTERNAL_VOLUME", Kind.METASTORE, ())


def _drop_access(ctx: Context, command: ast.Drop) -> Iterable[Access]:
    if command.temporary or _is_temporary_view(ctx, command):
        return
    target = Target.of(ctx, command.kind, command.name)
    with ctx.store.read() as tx:
        missing = command.if_exists and target.find(tx) is None
    if not missing:
        yield Access(MANAGE, target.kind, target.path)


VERBS: dict[type, Verb] = {
    ast.CreateCatalog: Verb(_create_catalog_access, create_catalog, "CREATE"),
    ast.CreateSchema: Verb(_create_schema_access, create_schema, "CREATE"),
    ast.CreateVolume: Verb(_create_volume_access, create_volume, "CREATE"),
    ast.Drop: Verb(_drop_access, drop, "DROP"),
}
