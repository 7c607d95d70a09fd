"""Handles: what clients name sessions and operations by."""

from __future__ import annotations

from uuid import UUID

from databricks.sql.thrift_api.TCLIService.ttypes import (
    THandleIdentifier,
    TOperationHandle,
    TSessionHandle,
)

from lakestead.workspace.errors import ApiError
from lakestead.workspace.http import Call
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.thrift.status import InvalidHandle

# Requests carry a token, so a handle needs no secret of its own; the field is required.
_SECRET = bytes(16)


def session_handle(session: SqlSession, version: int) -> TSessionHandle:
    """Return the handle of a session."""
    return TSessionHandle(sessionId=_identifier(session.id), serverProtocolVersion=version)


def operation_handle(statement: Statement, operation_type: int) -> TOperationHandle:
    """Return the handle of a statement."""
    return TOperationHandle(
        operationId=_identifier(statement.id), operationType=operation_type, hasResultSet=True
    )


def find_session(call: Call, handle: TSessionHandle | None) -> SqlSession:
    """Return the caller's session.

    Raises:
        InvalidHandle: there is none, or it is somebody else's.
    """
    session_id = _id("Session", handle.sessionId if handle else None)
    try:
        return call.workspace.sql.session(session_id, call.principal)
    except ApiError:
        raise InvalidHandle("Session", session_id) from None


def find_statement(call: Call, handle: TOperationHandle | None) -> Statement:
    """Return the caller's statement.

    Raises:
        InvalidHandle: there is none, or it is somebody else's.
    """
    statement_id = _id("Operation", handle.operationId if handle else None)
    try:
        statement = call.workspace.sql.statement(statement_id, call.principal)
    except ApiError:
        raise InvalidHandle("Operation", statement_id) from None
    # Admins may follow anybody's statement by other ways; a handle is its session's own.
    if statement.session.principal.name != call.principal.name:
        raise InvalidHandle("Operation", statement_id)
    return statement


def _identifier(service_id: str) -> THandleIdentifier:
    return THandleIdentifier(guid=UUID(service_id).bytes, secret=_SECRET)


def _id(kind: str, identifier: THandleIdentifier | None) -> str:
    guid = identifier.guid if identifier else None
    if guid is None or len(guid) != 16:
        raise InvalidHandle(kind, guid.hex() if guid else "missing")
    return str(UUID(bytes=guid))
