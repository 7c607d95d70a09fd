"""Bound queries in words that the engine understands, and the columns that they give."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from lakestead.core.datatypes import from_arrow
from lakestead.engine.arrow import Stream
from lakestead.engine.sail import EngineError
from lakestead.workspace.catalog.lookup import find
from lakestead.workspace.errors import ErrorCode
from lakestead.workspace.sql import dialect, information_schema
from lakestead.workspace.sql.conditions import engine_error
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.statement import Column
from lakestead.workspace.store.objects import Kind


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


def describe_bound(ctx: Context, text: str) -> Sequence[Column]:
    """Return the columns that a bound query gives."""
    opened = open_stream(ctx, f"SELECT * FROM ({text}) LIMIT 0")
    for _ in opened.stream.batches:
        pass
    return columns(opened.stream.schema)


def columns(schema: pa.Schema) -> tuple[Column, ...]:
    """Return an Arrow schema as Databricks describes it."""
    return tuple(Column(field.name, from_arrow(field.type, field.metadata)) for field in schema)
