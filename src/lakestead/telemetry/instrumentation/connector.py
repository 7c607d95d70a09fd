"""databricks-sql-connector: a span for each statement of a cursor, by Thrift or by Statement Execution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from inspect import signature
from typing import Any

from databricks.sql.client import Cursor

from lakestead.telemetry import attributes as names
from lakestead.telemetry.instrumentation.patches import Patches
from lakestead.telemetry.instrumentation.statements import Place, Statements, place, query_tags
from lakestead.telemetry.operations import Operation

_PORT = re.compile(r":\d+$")

# `executemany` calls `execute` for each set of parameters; it is one span.
_many: ContextVar[bool] = ContextVar("lakestead_executemany", default=False)


class Cursors:
    """Wraps `Cursor.execute`, `execute_async` and `executemany`.

    Args:
        statements: makes the spans.
    """

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def install(self, patches: Patches) -> None:
        """Wrap them."""
        for name, wrapper in {
            "execute": self._execute,
            "execute_async": self._execute,
            "executemany": self._execute_many,
        }.items():
            parameters = tuple(signature(getattr(Cursor, name)).parameters)[1:]
            patches.wrap(Cursor, name, partial(wrapper, parameters))

    def _execute(
        self,
        parameters: tuple[str, ...],
        wrapped: Callable[..., Any],
        cursor: Cursor,
        given: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Any:
        if _many.get():
            return wrapped(*given, **keywords)
        call = dict(zip(parameters, given, strict=False)) | keywords
        text = str(call.get("operation", ""))
        where = _place(cursor)
        with self._statements.start(text, where, call.get("parameters")) as operation:
            self._statements.ask(text, where, operation)
            answer = wrapped(**_tagged(call, parameters, operation))
            _show(cursor, operation)
            return answer

    def _execute_many(
        self,
        parameters: tuple[str, ...],
        wrapped: Callable[..., Any],
        cursor: Cursor,
        given: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Any:
        call = dict(zip(parameters, given, strict=False)) | keywords
        text = str(call.get("operation", ""))
        where = _place(cursor)
        counted = _Counted(call.get("seq_of_parameters") or ())
        with self._statements.start(text, where) as operation:
            self._statements.ask(text, where, operation)
            token = _many.set(True)
            try:
                answer = wrapped(**_tagged({**call, "seq_of_parameters": counted}, parameters, operation))
            finally:
                _many.reset(token)
                if counted.number != 1:  # OpenTelemetry: a batch of one is none
                    operation.put({names.DB_BATCH_SIZE: counted.number})
            _show(cursor, operation)
            return answer


class _Counted:
    """Sets of parameters, counted as they are taken; they may come from a generator."""

    def __init__(self, inner: Iterable[Any]) -> None:
        self._inner = inner
        self.number = 0

    def __iter__(self) -> Iterator[Any]:
        for one in self._inner:
            self.number += 1
            yield one


def _place(cursor: Cursor) -> Place:
    session = cursor.connection.session
    host = session.host
    if session.port not in (None, 443) and not _PORT.search(host):
        host = f"{host}:{session.port}"
    return place(host, session.http_path)


def _tagged(call: dict[str, Any], parameters: tuple[str, ...], operation: Operation) -> dict[str, Any]:
    """Return a call with tags; older connectors take none, and query history then has none."""
    if "query_tags" not in parameters:
        return call
    own = call.get("query_tags") or {}
    return {**call, "query_tags": {**query_tags(operation, own), **own}}


def _show(cursor: Cursor, operation: Operation) -> None:
    told: dict[str, Any] = {}
    if cursor.query_id:
        told["genops.statement_id"] = cursor.query_id
    if cursor.rowcount >= 0:
        told[names.GENOPS_ROW_COUNT] = cursor.rowcount
    if told:
        operation.put(told)
