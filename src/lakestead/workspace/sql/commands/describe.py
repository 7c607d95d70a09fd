"""DESCRIBE CATALOG, SCHEMA, VOLUME, FUNCTION and QUERY."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from lakestead.core.names import quote_name
from lakestead.engine.sail import EngineError
from lakestead.workspace.access import BROWSE, Access
from lakestead.workspace.catalog import locations
from lakestead.workspace.catalog.functions import Function, Parameter
from lakestead.workspace.catalog.lookup import find, get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql import information_schema
from lakestead.workspace.sql.commands.describe_table import INFO, REPORT
from lakestead.workspace.sql.commands.details import java_date
from lakestead.workspace.sql.commands.listing import enter
from lakestead.workspace.sql.commands.show import schema_path
from lakestead.workspace.sql.context import Context, Verb, rows
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.information_schema.scope import SYSTEM_USER
from lakestead.workspace.sql.queries import describe_query
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.store.objects import Kind, Securable


def describe_catalog(ctx: Context, command: ast.DescribeCatalog) -> Outcome:
    """Carry out DESCRIBE CATALOG."""
    name = ctx.full_name(command.catalog, 1)
    if name == (information_schema.SYSTEM,):
        values = [("Catalog Name", name[0]), ("Comment", "System catalog"), ("Owner", SYSTEM_USER)]
    else:
        with ctx.store.read() as tx:
            catalog = get(tx, Kind.CATALOG, name)
        values = [
            ("Catalog Name", catalog.name),
            ("Comment", catalog.comment or ""),
            ("Owner", catalog.owner),
        ]
    return rows(INFO, [*values, ("Catalog Type", "Regular")] if command.extended else values)


def describe_schema(ctx: Context, command: ast.DescribeSchema) -> Outcome:
    """Carry out DESCRIBE SCHEMA."""
    catalog, name = schema_path(ctx, command.schema)
    properties: dict[str, str] = {}
    comment, owner = "", SYSTEM_USER
    if name != information_schema.NAME:
        with ctx.store.read() as tx:
            schema = get(tx, Kind.SCHEMA, (catalog, name))
        properties, comment, owner = schema.properties, schema.comment or "", schema.owner
    values = [("Catalog Name", catalog), ("Namespace Name", name), ("Comment", comment), ("Location", "")]
    values.append(("Owner", owner))
    if command.extended:
        pairs = ", ".join(f"({key},{value})" for key, value in sorted(properties.items()))
        values.append(("Properties", f"({pairs})" if pairs else ""))
    columns = [("database_description_item", "string"), ("database_description_value", "string")]
    return rows(columns, values)


def describe_volume(ctx: Context, command: ast.DescribeVolume) -> Outcome:
    """Carry out DESCRIBE VOLUME."""
    with ctx.store.read() as tx:
        volume = get(tx, Kind.VOLUME, ctx.full_name(command.volume))
        catalog, schema, name = volume.path
    values = {
        "name": name,
        "catalog": catalog,
        "database": schema,
        "owner": volume.owner,
        "storageLocation": locations.url(volume.location or ""),
        "volumeType": volume.spec["volume_type"],
        "comment": volume.comment,
    }
    return rows([(key, "string") for key in values], [list(values.values())])


def describe_function(ctx: Context, command: ast.DescribeFunction) -> Outcome:
    """Carry out DESCRIBE FUNCTION, of a SQL function or of one of the engine's own."""
    with ctx.store.read() as tx:
        found = _function(ctx, tx, command)
        lines = list(_function_lines(found, command.extended)) if found is not None else None
    if lines is None:
        lines = _built_in(ctx, command)
    return rows([("function_desc", "string")], [[line] for line in lines])


def _function(ctx: Context, tx: Session, command: ast.DescribeFunction) -> Securable | None:
    path = ctx.full_name(command.function)
    if len(command.function) > 1:
        return get(tx, Kind.FUNCTION, path)
    return find(tx, Kind.FUNCTION, path)


def _function_lines(found: Securable, extended: bool) -> Iterator[str]:
    function = Function.of(found)
    width = 15 if extended else 10

    def lines(label: str, values: Iterable[str]) -> Iterator[str]:
        for value in values:
            yield f"{label:<{width}}{value}"
            label = ""

    yield from lines("Function:", [found.full_name])
    yield from lines("Type:", ["SCALAR" if function.returns_table is None else "TABLE"])
    yield from lines("Input:", [_parameter(one) for one in function.parameters] or ["()"])
    if function.returns_table is None:
        yield from lines("Returns:", [(function.returns or "").upper()])
    else:
        yield from lines("Returns:", [_parameter(one) for one in function.returns_table])
    if not extended:
        return
    if found.comment:
        yield from lines("Comment:", [found.comment])
    yield from lines("Deterministic:", [str(function.deterministic).lower()])
    yield from lines("Data Access:", ["READS SQL DATA" if function.reads_data else "CONTAINS SQL"])
    yield from lines("Owner:", [found.owner])
    yield from lines("Create Time:", [java_date(found.created_at)])
    yield from lines("Body:", [function.body])


def _parameter(one: Parameter) -> str:
    default = f" DEFAULT {one.default}" if one.default is not None else ""
    comment = f" '{one.comment}'" if one.comment else ""
    return f"{one.name} {one.type.upper()}{default}{comment}"


def _built_in(ctx: Context, command: ast.DescribeFunction) -> list[str]:
    name = command.function[0]
    extended = "EXTENDED " if command.extended else ""
    try:
        lines = ctx.query(f"DESCRIBE FUNCTION {extended}{quote_name(name)}").column(0).to_pylist()
    except EngineError:
        raise ApiError(
            ErrorCode.FUNCTION_NOT_FOUND, f"The routine {quote_name(name)} cannot be found."
        ) from None
    return [str(line) for line in lines]


def describe_columns(ctx: Context, command: ast.DescribeQuery) -> Outcome:
    """Carry out DESCRIBE QUERY: the columns that a query would give."""
    found = describe_query(ctx, command.query.text)
    return rows(REPORT, [(column.name, column.type.ddl, None) for column in found])


# What the principal needs


def _catalog(ctx: Context, command: ast.DescribeCatalog) -> Iterable[Access]:
    name = ctx.full_name(command.catalog, 1)
    if name != (information_schema.SYSTEM,):
        yield Access(BROWSE, Kind.CATALOG, name)


def _schema(ctx: Context, command: ast.DescribeSchema) -> Iterable[Access]:
    path = schema_path(ctx, command.schema)
    if path[1] == information_schema.NAME:
        yield from enter(ctx, path[:1])
    else:
        yield Access(BROWSE, Kind.SCHEMA, path)


def _volume(ctx: Context, command: ast.DescribeVolume) -> Iterable[Access]:
    yield Access(BROWSE, Kind.VOLUME, ctx.full_name(command.volume))


def _describe_function(ctx: Context, command: ast.DescribeFunction) -> Iterable[Access]:
    with ctx.store.read() as tx:
        found = _function(ctx, tx, command)
    if found is not None:
        yield Access(BROWSE, Kind.FUNCTION, ctx.full_name(command.function))


def _query(_ctx: Context, _command: ast.DescribeQuery) -> Iterable[Access]:
    # What the query reads is authorised when it is bound.
    return ()


VERBS: dict[type, Verb] = {
    ast.DescribeCatalog: Verb(_catalog, describe_catalog, "DESCRIBE"),
    ast.DescribeSchema: Verb(_schema, describe_schema, "DESCRIBE"),
    ast.DescribeVolume: Verb(_volume, describe_volume, "DESCRIBE"),
    ast.DescribeFunction: Verb(_describe_function, describe_function, "DESCRIBE"),
    ast.DescribeQuery: Verb(_query, describe_columns, "DESCRIBE"),
}
