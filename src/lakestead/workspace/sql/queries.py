"""Queries: bound, run, and their results brought into the form in which Databricks gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from lakestead.core.datatypes import from_arrow
from lakestead.core.names import quote
from lakestead.engine.arrow import Stream
from lakestead.engine.sail import EngineError
from lakestead.workspace.access import MANAGE, has
from lakestead.workspace.catalog.lookup import find
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql import dialect, information_schema
from lakestead.workspace.sql.binder import Binder
from lakestead.workspace.sql.conditions import engine_error
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.statement import Column
from lakestead.workspace.store.objects import Kind

_EXPLAIN = re.compile(r"\s*EXPLAIN(?:\s+(EXTENDED|FORMATTED|CODEGEN|COST))?\s+(?=\w|\()", re.IGNORECASE)


def run_query(ctx: Context, text: str) -> Outcome:
    """Run a query.

    Args:
        ctx: the statement.
        text: SELECT, WITH, VALUES, or EXPLAIN of one, with parameters already put in.

    Raises:
        ApiError: it does not parse, may not be run, or fails before its first row.
    """
    explain = _EXPLAIN.match(text)
    if explain:
        # The tables that it names are not read.
        ctx.statement.trace = None
        mode = explain.group(1) or ""
        return outcome(open_stream(ctx, f"EXPLAIN {mode} " + _bind_explained(ctx, text[explain.end() :])))
    return outcome(open_stream(ctx, bind(ctx, text)))


def bind(ctx: Context, text: str) -> str:
    """Return a query as the engine can run it, its tables authorised and registered."""
    with ctx.store.read() as tx:
        return Binder(ctx, tx).query(text)


def _bind_explained(ctx: Context, text: str) -> str:
    """Bind a query whose plan will be shown.

    Raises:
        ApiError: also PERMISSION_DENIED: the plan would show policies, and values in the names of files.
    """
    with ctx.store.read() as tx:
        binder = Binder(ctx, tx)
        bound = binder.query(text)
        for table in binder.guarded:
            if not has(tx, ctx.principal, MANAGE, table):
                raise ApiError(
                    ErrorCode.PERMISSION_DENIED,
                    f"Insufficient privileges: User is not an owner of Table '{table.full_name}': what "
                    "EXPLAIN shows of a table with a row filter or column mask is for those who manage it.",
                )
    return bound


def open_stream(ctx: Context, text: str) -> OpenStream:
    """Start a bound query; where the engine lacks some syntax, once more in the words it has.

    Raises:
        ApiError: it fails.
    """
    try:
        return OpenStream(text, ctx.run(text))
    except EngineError as error:
        first = engine_error(str(error))
    for words in dialect.candidates(text, lambda path: column_types(ctx, path), first.code):
        try:
            return OpenStream(words, ctx.run(words))
        except EngineError as error:
            # The first message speaks of the text that the user wrote, unless it was about words of it that
            # these are free of.
            again = engine_error(str(error))
            first = again if first.code in (ErrorCode.SYNTAX_ERROR, ErrorCode.UNRESOLVED_FUNCTION) else first
    raise first


def understood(ctx: Context, text: str) -> str:
    """Return a bound query in words that the engine understands, for use inside a larger statement.

    Raises:
        ApiError: it understands the query in no words.
    """
    return text if text.lstrip()[:6].upper() == "VALUES" else described(ctx, text)[0]


def described(ctx: Context, text: str) -> tuple[str, Sequence[Column]]:
    """Return a bound query in words that the engine understands, and the columns that it gives.

    Raises:
        ApiError: the engine understands it in no words.
    """
    try:
        return text, columns(ctx.query(f"SELECT * FROM ({text}) LIMIT 0").schema)
    except EngineError as error:
        first = engine_error(str(error))
    for words in dialect.candidates(text, lambda path: column_types(ctx, path), first.code):
        try:
            return words, columns(ctx.query(f"SELECT * FROM ({words}) LIMIT 0").schema)
        except EngineError:
            continue
    raise first


def column_types(ctx: Context, path: tuple[str, ...]) -> dict[str, str] | None:
    """Return the columns of what a query reads, as name → DDL type; None when the name is not known."""
    if len(path) == 1:
        view = ctx.session.temporary_views.get(path[0].lower())
        return dict(view.columns) if view else None
    if len(path) == 3 and path[1] == "information_schema":
        view_schema = information_schema.VIEWS.get(path[2].lower())
        return dict.fromkeys(view_schema.names, "string") if view_schema else None
    with ctx.store.read() as tx:
        table = find(tx, Kind.TABLE, path) if len(path) == 3 else None
        return {column.name.lower(): column.type for column in table.columns} if table else None


class OpenStream:
    """A running query: its engine text, and its result as it comes."""

    def __init__(self, text: str, stream: Stream) -> None:
        self.text = text
        self.stream = stream


def outcome(opened: OpenStream) -> Outcome:
    """Return the outcome of a running query."""
    return Outcome(columns(opened.stream.schema), opened.stream)


def columns(schema: pa.Schema) -> tuple[Column, ...]:
    """Return an Arrow schema as Databricks describes it."""
    return tuple(Column(field.name, from_arrow(field.type, field.metadata)) for field in schema)


def describe_query(ctx: Context, text: str) -> Sequence[Column]:
    """Return the columns that a query gives, without running it.

    Args:
        ctx: the statement.
        text: a query in Databricks' dialect.
    """
    return describe_bound(ctx, bind(ctx, text))


def describe_bound(ctx: Context, text: str) -> Sequence[Column]:
    """Return the columns that a bound query gives."""
    opened = open_stream(ctx, f"SELECT * FROM ({text}) LIMIT 0")
    for _ in opened.stream.batches:
        pass
    return columns(opened.stream.schema)


def unknown_column(name: str) -> ApiError:
    """Return the error for a column that is not there."""
    return ApiError(
        ErrorCode.COLUMN_NOT_FOUND,
        f"A column, variable, or function parameter with name {quote(name)} cannot be resolved.",
    )
