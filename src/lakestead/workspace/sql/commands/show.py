"""SHOW CATALOGS, SCHEMAS, TABLES, VIEWS, VOLUMES, FUNCTIONS, USERS and GROUPS."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow.compute as pc
from sqlalchemy import select

from lakestead.core.names import quote_name
from lakestead.workspace.access import Access
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.commands.listing import enter, listed, matching, shown
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.information_schema.objects import catalogs, schemata, tables, volumes
from lakestead.workspace.sql.information_schema.routines import routines
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.principals import Identity


def show_catalogs(ctx: Context, command: ast.ShowCatalogs) -> Outcome:
    """Carry out SHOW CATALOGS."""
    return shown(listed(ctx, catalogs, ("catalog_name", command.pattern)), catalog="catalog_name")


def show_schemas(ctx: Context, command: ast.ShowSchemas) -> Outcome:
    """Carry out SHOW SCHEMAS; only the form for all catalogs says which catalog a schema is in."""
    catalog = None if command.all_catalogs else _catalog(ctx, command)
    found = listed(ctx, schemata, ("schema_name", command.pattern), catalog=catalog)
    if command.all_catalogs:
        return shown(found, databaseName="schema_name", catalog="catalog_name")
    return shown(found, databaseName="schema_name")


def _catalog(ctx: Context, command: ast.ShowSchemas) -> str:
    return (command.catalog or ctx.session.catalog).lower()


def show_tables(ctx: Context, command: ast.ShowTables) -> Outcome:
    """Carry out SHOW TABLES and SHOW VIEWS; the session's temporary views are in every schema."""
    catalog, schema = schema_path(ctx, command.schema)
    found = listed(ctx, tables, ("table_name", command.pattern), catalog=catalog, schema=schema)
    if command.views_only:
        found = found.filter(pc.equal(found.column("table_type"), "VIEW"))
    stored = found.column("table_name").to_pylist()
    temporary = matching(sorted(ctx.session.temporary_views), command.pattern)
    values = [(schema, name, False) for name in stored] + [("", name, True) for name in temporary]
    if not command.views_only:
        return rows([("database", "string"), ("tableName", "string"), ("isTemporary", "boolean")], values)
    columns = [("namespace", "string"), ("viewName", "string"), ("isTemporary", "boolean")]
    return rows([*columns, ("isMaterialized", "boolean")], [(*one, False) for one in values])


def show_volumes(ctx: Context, command: ast.ShowVolumes) -> Outcome:
    """Carry out SHOW VOLUMES."""
    catalog, schema = schema_path(ctx, command.schema)
    found = listed(ctx, volumes, ("volume_name", command.pattern), catalog=catalog, schema=schema)
    return shown(found, database="volume_schema", volume_name="volume_name")


def show_functions(ctx: Context, command: ast.ShowFunctions) -> Outcome:
    """Carry out SHOW FUNCTIONS: the engine's own by name, those of the schema by full name."""
    names: list[str] = []
    if command.scope in ("SYSTEM", "ALL"):
        names = matching(ctx.query("SHOW FUNCTIONS").column(0).to_pylist(), command.pattern)
    if command.scope in ("USER", "ALL"):
        catalog, schema = schema_path(ctx, command.schema)
        found = listed(ctx, routines, ("routine_name", command.pattern), catalog=catalog, schema=schema)
        names += [f"{catalog}.{schema}.{name}" for name in found.column("routine_name").to_pylist()]
    return rows([("function", "string")], [[name] for name in names])


def show_users(ctx: Context, command: ast.ShowUsers) -> Outcome:
    """Carry out SHOW USERS."""
    return rows([("name", "string")], [[name] for name in _identities(ctx, "USER", command.pattern)])


def show_groups(ctx: Context, command: ast.ShowGroups) -> Outcome:
    """Carry out SHOW GROUPS; ``directGroup`` is only said of a user's groups."""
    names = _identities(ctx, "GROUP", command.pattern)
    return rows([("name", "string"), ("directGroup", "boolean")], [(name, None) for name in names])


def _identities(ctx: Context, kind: str, pattern: str | None) -> list[str]:
    with ctx.store.read() as tx:
        names = tx.execute(
            select(Identity.name).where(Identity.kind == kind).order_by(Identity.name)
        ).scalars()
        return matching(list(names), pattern)


def show_current_schema(ctx: Context, command: ast.ShowCurrentSchema) -> Outcome:
    """Carry out SHOW CURRENT SCHEMA."""
    return rows([("catalog", "string"), ("namespace", "string")], [(ctx.session.catalog, ctx.session.schema)])


def schema_path(ctx: Context, name: ast.Name | None) -> tuple[str, str]:
    """Return the catalog and schema that a name means; None is the session's.

    Raises:
        ApiError: INVALID_NAME.
    """
    if name is None:
        return ctx.session.catalog, ctx.session.schema
    path = ctx.full_name(name, 2)
    if len(path) != 2:
        raise ApiError(ErrorCode.INVALID_NAME, f"{quote_name(*name)} is not the name of a schema.")
    return path[0], path[1]


# What the principal needs


def _nothing(_ctx: Context, _command: ast.Command) -> Iterable[Access]:
    return ()


def _in_catalog(ctx: Context, command: ast.ShowSchemas) -> Iterable[Access]:
    return () if command.all_catalogs else enter(ctx, (_catalog(ctx, command),))


def _in_schema(ctx: Context, command: ast.ShowTables | ast.ShowVolumes) -> Iterable[Access]:
    return enter(ctx, schema_path(ctx, command.schema))


def _functions(ctx: Context, command: ast.ShowFunctions) -> Iterable[Access]:
    return () if command.scope == "SYSTEM" else enter(ctx, schema_path(ctx, command.schema))


VERBS: dict[type, Verb] = {
    ast.ShowCatalogs: Verb(_nothing, show_catalogs, "SHOW"),
    ast.ShowSchemas: Verb(_in_catalog, show_schemas, "SHOW"),
    ast.ShowTables: Verb(_in_schema, show_tables, "SHOW"),
    ast.ShowVolumes: Verb(_in_schema, show_volumes, "SHOW"),
    ast.ShowFunctions: Verb(_functions, show_functions, "SHOW"),
    ast.ShowUsers: Verb(_nothing, show_users, "SHOW"),
    ast.ShowGroups: Verb(_nothing, show_groups, "SHOW"),
    ast.ShowCurrentSchema: Verb(_nothing, show_current_schema, "SHOW"),
}
