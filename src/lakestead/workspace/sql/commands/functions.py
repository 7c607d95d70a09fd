"""CREATE FUNCTION: the function is called once, with sample values, before it is there for others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from lakestead.core.datatypes import TypeSyntaxError, UnsupportedType, parse_type
from lakestead.core.names import quote, quote_name
from lakestead.workspace.access import MANAGE, Access, create_access
from lakestead.workspace.catalog import functions
from lakestead.workspace.catalog.functions import Function, Parameter
from lakestead.workspace.catalog.lookup import find
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.sql.analysis import analyse
from lakestead.workspace.sql.binder import Binder, qualified
from lakestead.workspace.sql.commands.objects import new_path
from lakestead.workspace.sql.context import Context, Verb, done
from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.sql.queries import describe_query
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.words import describe_bound
from lakestead.workspace.store.objects import Kind

# What makes a scalar function's expression a query, so that its names can be looked at.
_BEFORE, _AFTER = "SELECT (", ")"


def create_function(ctx: Context, command: ast.CreateFunction) -> Outcome:
    """Carry out CREATE FUNCTION."""
    if command.temporary:
        raise unsupported("CREATE TEMPORARY FUNCTION")
    if command.language != "SQL":
        raise unsupported(f"CREATE FUNCTION … LANGUAGE {command.language}")
    catalog, schema, name = new_path(ctx, Kind.FUNCTION, command.name)
    function = _function(ctx, command)
    with ctx.store.write() as tx:
        if command.if_not_exists and find(tx, Kind.FUNCTION, (catalog, schema, name)):
            return done()
        functions.create(
            tx,
            ctx.principal,
            (catalog, schema, name),
            function,
            comment=command.comment,
            or_replace=command.or_replace,
        )
        _call(ctx, tx, (catalog, schema, name), function)
    return done()


def _function(ctx: Context, command: ast.CreateFunction) -> Function:
    parameters = tuple(_parameter(one) for one in command.parameters)
    columns = None if command.columns is None else tuple(_parameter(one) for one in command.columns)
    if columns == ():
        raise unsupported("RETURNS TABLE without its columns")
    text = command.body.text
    if columns is None:
        body = qualified(ctx, f"{_BEFORE}{text}{_AFTER}")
        reads_data = bool(analyse(body).references)
        body = body.removeprefix(_BEFORE).removesuffix(_AFTER)
    else:
        body = qualified(ctx, text)
        reads_data = bool(analyse(body).references)
    if reads_data and command.data_access == "CONTAINS SQL":
        raise ApiError(
            ErrorCode.INVALID_STATEMENT,
            "Cannot create a SQL function with CONTAINS SQL that accesses a table or view.",
            condition="INVALID_SQL_FUNCTION_DATA_ACCESS",
            sqlstate="42K0E",
        )
    returns = _type(command.returns) if command.returns is not None else None
    if columns is None and returns is None:
        returns = _inferred(ctx, text, parameters)
    return Function(
        parameters,
        body,
        returns,
        columns,
        deterministic=command.deterministic is not False,
        reads_data=reads_data or command.data_access == "READS SQL DATA",
    )


def _parameter(one: ast.Parameter) -> Parameter:
    return Parameter(one.name, _type(one.type), one.default.text if one.default else None, one.comment)


def _type(text: str) -> str:
    try:
        return parse_type(text).ddl
    except (TypeSyntaxError, UnsupportedType) as error:
        raise ApiError(
            ErrorCode.DATATYPE_MISMATCH, f"{error}.", condition="UNSUPPORTED_DATATYPE", sqlstate="0A000"
        ) from None


def _inferred(ctx: Context, body: str, parameters: Sequence[Parameter]) -> str:
    """Return the type that a function's expression has."""
    nulls = ", ".join(f"CAST(NULL AS {one.type}) AS {quote(one.name)}" for one in parameters)
    source = f" FROM (SELECT {nulls})" if nulls else ""
    (column,) = describe_query(ctx, f"SELECT ({body}) AS result{source}")
    return column.type.ddl


_NUMERIC = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")


def _call(ctx: Context, tx: Session, path: tuple[str, ...], function: Function) -> None:
    """Call a function as queries will, to see that its body means something.

    Raises:
        ApiError: it does not.
    """
    # Table functions such as range refuse a null where they need a number.
    samples = ", ".join(
        f"CAST({'1' if parse_type(one.type).ddl.startswith(_NUMERIC) else 'NULL'} AS {one.type})"
        for one in function.parameters
    )
    call = f"{quote_name(*path)}({samples})"
    probe = f"SELECT {call} AS result" if function.returns_table is None else f"SELECT * FROM {call}"
    describe_bound(ctx, Binder(ctx, tx).query(probe))


def _access(ctx: Context, command: ast.CreateFunction) -> Iterable[Access]:
    path = new_path(ctx, Kind.FUNCTION, command.name)
    with ctx.store.read() as tx:
        existing = find(tx, Kind.FUNCTION, path)
    if existing is not None and command.or_replace:
        yield Access(MANAGE, Kind.FUNCTION, path)
    else:
        yield create_access(Kind.FUNCTION, path[:2])


VERBS: dict[type, Verb] = {ast.CreateFunction: Verb(_access, create_function, "CREATE")}
