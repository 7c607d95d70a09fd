"""databricks-sql-connector: a span for each statement of a cursor, by Thrift or by Statement Execution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
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
        patches.wrap(Cursor, "execute", self._execute)
        patches.wrap(Cursor, "execute_async", self._execute)
        patches.wrap(Cursor, "executemany", self._execute_many)

    def _execute(
        self, wrapped: Callable[..., Any], cursor: Cursor, given: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        if _many.get():
            return wrapped(*given, **keywords)
        text = str(given[0] if given else keywords.get("operation", ""))
        parameters = given[1] if len(given) > 1 else keywords.get("parameters")
        where = _place(cursor)
        with self._statements.start(text, where, parameters) as operation:
            self._statements.ask(text, where, operation)
            answer = wrapped(*given, **_tagged(keywords, operation))
            _show(cursor, operation)
            return answer

    def _execute_many(
        self, wrapped: Callable[..., Any], cursor: Cursor, given: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        call = {**dict(zip(("operation", "seq_of_parameters"), given, strict=False)), **keywords}
        text = str(call.get("operation", ""))
        where = _place(cursor)
        counted = _Counted(call.get("seq_of_parameters") or ())
        with self._statements.start(text, where) as operation:
            self._statements.ask(text, where, operation)
            token = _many.set(True)
            try:
                answer = wrapped(**_tagged({**call, "seq_of_parameters": counted}, operation))
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


def _tagged(keywords: dict[str, Any], operation: Operation) -> dict[str, Any]:
    own = keywords.get("query_tags") or {}
    return {**keywords, "query_tags": {**query_tags(operation, own), **own}}


def _show(cursor: Cursor, operation: Operation) -> None:
    if cursor.query_id:
        operation.put({"genops.statement_id": cursor.query_id})
    if cursor.rowcount >= 0:
        operation.put({names.GENOPS_ROW_COUNT: cursor.rowcount})
