"""Queries: bound, run, and their results brought into the form in which Databricks gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lakestead.core.names import quote
from lakestead.workspace.access import MANAGE, has
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.binder import Binder
from lakestead.workspace.sql.context import Context
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.statement import Column
from lakestead.workspace.sql.words import OpenStream, columns, describe_bound, open_stream

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


def outcome(opened: OpenStream) -> Outcome:
    """Return the outcome of a running query."""
    return Outcome(columns(opened.stream.schema), opened.stream)


def describe_query(ctx: Context, text: str) -> Sequence[Column]:
    """Return the columns that a query gives, without running it.

    Args:
        ctx: the statement.
        text: a query in Databricks' dialect.
    """
    return describe_bound(ctx, bind(ctx, text))


def unknown_column(name: str) -> ApiError:
    """Return the error for a column that is not there."""
    return ApiError(
        ErrorCode.COLUMN_NOT_FOUND,
        f"A column, variable, or function parameter with name {quote(name)} cannot be resolved.",
    )
