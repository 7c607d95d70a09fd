"""Routes of the Statement Execution API and of its sessions."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route
from lakestead.workspace.statements.answers import answer, chunk_answer
from lakestead.workspace.statements.requests import CreateSession, ExecuteStatement, StatementReference

_STATEMENTS = "/api/2.0/sql/statements"
_SESSIONS = "/api/2.0/sql/sessions"


def execute(call: Call) -> Response:
    """Run a statement."""
    request = call.parse(ExecuteStatement)
    workspace = call.workspace
    workspace.warehouses.use(request.warehouse_id)
    user_agent = call.request.headers.get("user-agent", "")
    submission = workspace.statements.execute(call.principal, request, user_agent, call.address)
    return answer(call, submission)


def get(call: Call) -> Response:
    """Return how a statement stands."""
    submission = call.workspace.statements.get(call.path["statement_id"], call.principal)
    return answer(call, submission)


def chunk(call: Call) -> Response:
    """Return a chunk of a result."""
    submission = call.workspace.statements.get(call.path["statement_id"], call.principal)
    try:
        index = int(call.path["index"])
    except ValueError:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"'{call.path['index']}' is not a chunk index.") from None
    return chunk_answer(call, submission, index)


def cancel(call: Call) -> None:
    """Stop a statement."""
    call.parse(StatementReference)
    call.workspace.statements.get(call.path["statement_id"], call.principal).statement.cancel()


def close(call: Call) -> None:
    """Stop a statement and drop its result."""
    statements = call.workspace.statements
    statements.close(statements.get(call.path["statement_id"], call.principal))


def create_session(call: Call) -> dict[str, Any]:
    """Open a session."""
    request = call.parse(CreateSession)
    call.workspace.warehouses.use(request.warehouse_id)
    session = call.workspace.sql.open_session(
        call.principal, request.catalog, request.schema_name, request.session_confs
    )
    return {"session_id": session.id}


def delete_session(call: Call) -> None:
    """Close a session with its statements."""
    sql = call.workspace.sql
    sql.close_session(sql.session(call.path["session_id"], call.principal))


def _both(method: str, path: str, handler: Any, witness: str) -> list[Route]:
    """Return a route twice: clients write these two paths with or without a slash at the end."""
    return [
        Route(method, path, handler, witness=witness),
        Route(method, f"{path}/", handler, witness=witness),
    ]


_ONE = f"{_STATEMENTS}/{{statement_id}}"
ROUTES = [
    *_both("POST", _STATEMENTS, execute, "databricks-sdk: statement_execution.execute_statement"),
    Route("GET", _ONE, get, witness="databricks-sdk: statement_execution.get_statement"),
    Route("DELETE", _ONE, close, witness="databricks-sql-connector, use_sea: Cursor.close"),
    Route("POST", f"{_ONE}/cancel", cancel, witness="databricks-sdk: statement_execution.cancel_execution"),
    Route(
        "GET",
        f"{_ONE}/result/chunks/{{index}}",
        chunk,
        witness="databricks-sdk: statement_execution.get_statement_result_chunk_n",
    ),
    *_both("POST", _SESSIONS, create_session, "databricks-sql-connector, use_sea: connect"),
    Route(
        "DELETE",
        f"{_SESSIONS}/{{session_id}}",
        delete_session,
        witness="databricks-sql-connector, use_sea: Connection.close",
    ),
]
