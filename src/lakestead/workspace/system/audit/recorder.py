"""The audit's rows: made from requests and statements in the log's own thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.history.redaction import redacted
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.store.base import new_id, now_ms
from lakestead.workspace.system.audit.actions import Action
from lakestead.workspace.system.audit.commands import action_of_command
from lakestead.workspace.system.audit.params import MAX_BODY, request_params
from lakestead.workspace.system.log import Entries, Log, Row

STREAM = "access.audit"
_MAX_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit needs to know of a request.

    Attributes:
        principal: who asks; empty for nobody, None when that is not known.
        path: parameters of its path.
        query: its query string.
        body: what was sent; empty where it is a stream.
        address: where it comes from.
        user_agent: the client's own words.
        request_id: the client's own id of it.
    """

    principal: str | None
    path: Mapping[str, Any]
    query: bytes
    body: bytes
    address: str | None
    user_agent: str | None
    request_id: str | None


class Audit:
    """Writes the audit.

    Args:
        log: where rows go.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def called(self, action: Action, request: Audited, status: int, error: ApiError | None) -> None:
        """Record a request that was answered; returns at once.

        Args:
            action: what it asked for.
            request: the request.
            status: of the answer.
            error: why it was refused, if it was.
        """
        if action.only_refused and error is None:
            return
        if len(request.body) > MAX_BODY:
            request = replace(request, body=b"")
        at_ms = now_ms()
        self._log.append_later(lambda: _called(action, request, at_ms, status, error))

    def submitted(self, statement: Statement) -> None:
        """Record that a statement begins; returns at once."""
        at_ms = now_ms()
        self._log.append_later(lambda: _submitted(statement, at_ms))

    def finished(self, statement: Statement) -> None:
        """Record how a statement ended, and the tables that it read or wrote; returns at once."""
        at_ms = now_ms()
        self._log.append_later(lambda: _finished(statement, at_ms))


def _called(action: Action, request: Audited, at_ms: int, status: int, error: ApiError | None) -> Entries:
    params = request_params(request.path, request.query, request.body, action.renamed)
    if action.service == "filesystem" and "path" in request.path:
        # Signed links have the volumes' folder in the route.
        params["path"] = "/Volumes/" + params["path"].removeprefix("/").removeprefix("Volumes/")
    message = None if error is None else error.message
    row = _row(at_ms, request.principal or None, action.service, action.name, params, status, message)
    row["source_ip_address"] = request.address
    row["user_agent"] = request.user_agent
    row["request_id"] = request.request_id or new_id()
    yield STREAM, row


def _submitted(statement: Statement, at_ms: int) -> Entries:
    params = {
        "commandId": statement.id,
        "commandText": redacted(statement.text)[:_MAX_TEXT],
        "warehouseId": statement.client.warehouse_id,
    }
    yield STREAM, _of_statement(statement, at_ms, "databrickssql", "commandSubmit", params, None)


def _finished(statement: Statement, at_ms: int) -> Entries:
    error = statement.error
    for path in sorted(statement.touched):
        params = {"full_name_arg": ".".join(path), "commandId": statement.id}
        yield STREAM, _of_statement(statement, at_ms, "unityCatalog", "getTable", params, None)
    found = None if statement.trace is None else action_of_command(statement.trace)
    if found is not None:
        action, about = found
        about = about | {"commandId": statement.id}
        yield STREAM, _of_statement(statement, at_ms, "unityCatalog", action, about, error)
    cancelled = error is not None and error.code is ErrorCode.CANCELLED
    params = {
        "commandId": statement.id,
        "warehouseId": statement.client.warehouse_id,
        "statementType": statement.statement_type,
        "status": "CANCELED" if cancelled else "FINISHED" if error is None else "FAILED",
    }
    yield STREAM, _of_statement(statement, at_ms, "databrickssql", "commandFinish", params, error)


def _of_statement(
    statement: Statement,
    at_ms: int,
    service: str,
    action: str,
    params: Mapping[str, str],
    error: ApiError | None,
) -> Row:
    status = 200 if error is None else error.code.http_status
    message = None if error is None else error.sql_message
    row = _row(at_ms, statement.session.principal.name, service, action, params, status, message)
    client = {
        "session_id": statement.session.id,
        "user_agent": statement.client.application or None,
        "source_ip_address": statement.client.address,
        "request_id": statement.id,
    }
    return row | client


def _row(
    at_ms: int,
    name: str | None,
    service: str,
    action: str,
    params: Mapping[str, str],
    status: int,
    message: str | None,
) -> dict[str, Any]:
    return {
        "version": "2.0",
        "event_time": at_ms,
        "user_identity": {"email": name},
        "service_name": service,
        "action_name": action,
        "request_params": params,
        "response": {"status_code": status, "error_message": message},
        "audit_level": "WORKSPACE_LEVEL",
        "event_id": new_id(),
        "identity_metadata": {"run_by": name, "run_as": name},
    }
