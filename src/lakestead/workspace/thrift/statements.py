"""Statements: what clients send with them, and starting them."""

from __future__ import annotations

from collections.abc import Mapping

from databricks.sql.thrift_api.TCLIService.ttypes import (
    TExecuteStatementReq,
    TExecuteStatementResp,
    TOperationType,
    TSparkArrowTypes,
    TSparkParameter,
    TSparkParameterValue,
    TSparkParameterValueArg,
)

from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.history.tags import parse_tags, session_tags
from lakestead.workspace.http import Call
from lakestead.workspace.results.arrow import ArrowTypes
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.statement import Client, Parameter, Statement
from lakestead.workspace.thrift.handles import find_session, operation_handle
from lakestead.workspace.thrift.operations import POLL_SECONDS, direct_results, wait
from lakestead.workspace.thrift.reader import Reader
from lakestead.workspace.thrift.sessions import use_warehouse
from lakestead.workspace.thrift.status import OK

_TIMESTAMP_AS_STRING = "spark.thriftserver.arrowBasedRowSet.timestampAsString"
_QUERY_TAGS = "query_tags"
_TIMEOUT = "statement_timeout"
# ``key:value`` pairs between commas, in which a backslash takes the meaning from the character after it.


def execute_statement(call: Call, request: TExecuteStatementReq) -> TExecuteStatementResp:
    """Start a statement; answer with its first rows if they are there soon, else with a handle to them."""
    session = find_session(call, request.sessionHandle)
    use_warehouse(call)
    if request.statement is None:
        raise ApiError(ErrorCode.INVALID_REQUEST, "The request has no statement.")
    if request.statementConf is not None and request.statementConf != type(request.statementConf)():
        raise unsupported("TExecuteStatementReq.statementConf (statements without a session)")
    overlay = {key.lower(): value for key, value in (request.confOverlay or {}).items()}
    statement = call.workspace.sql.submit(
        session,
        request.statement,
        [parameter(one) for one in request.parameters or ()],
        client=client(call, session, overlay),
        row_limit=_row_limit(request),
        timeout=_timeout(request, overlay),
    )
    call.workspace.thrift.add(statement, _reader(request, overlay))
    return _answer(call, request, statement)


def _answer(call: Call, request: TExecuteStatementReq, statement: Statement) -> TExecuteStatementResp:
    response = TExecuteStatementResp(
        status=OK, operationHandle=operation_handle(statement, TOperationType.EXECUTE_STATEMENT)
    )
    timeout = POLL_SECONDS if request.runAsync else None
    if request.getDirectResults is not None:
        response.directResults = direct_results(call, statement, request.getDirectResults, timeout)
    elif timeout is None:
        wait(statement, None)
        if statement.error is not None:
            raise statement.error
    return response


def client(call: Call, session: SqlSession, overlay: Mapping[str, str]) -> Client:
    """Return who sent a statement: the driver, the warehouse, and the tags of session and statement."""
    tags = session_tags(session) | parse_tags(overlay.get(_QUERY_TAGS, ""))
    return Client(
        application=call.request.headers.get("user-agent", ""),
        protocol="thrift",
        warehouse_id=call.path.get("warehouse_id", ""),
        query_tags=tags,
        address=call.address,
    )


def _row_limit(request: TExecuteStatementReq) -> int | None:
    limit: int | None = request.resultRowLimit
    return limit if limit is not None and limit >= 0 else None


def _timeout(request: TExecuteStatementReq, overlay: Mapping[str, str]) -> float | None:
    known = {_TIMESTAMP_AS_STRING.lower(), _QUERY_TAGS, _TIMEOUT}
    for name in overlay:
        if name not in known:
            raise unsupported(f"Setting {name} for one statement")
    try:
        seconds = request.queryTimeout or int(overlay.get(_TIMEOUT, "0"))
    except ValueError:
        raise ApiError(
            ErrorCode.INVALID_REQUEST, f"STATEMENT_TIMEOUT '{overlay[_TIMEOUT]}' is not a number of seconds."
        ) from None
    return seconds if seconds > 0 else None


def _reader(request: TExecuteStatementReq, overlay: Mapping[str, str]) -> Reader:
    types = request.useArrowNativeTypes or TSparkArrowTypes()
    as_text = overlay.get(_TIMESTAMP_AS_STRING.lower(), "false").lower() == "true"
    return Reader(
        types=ArrowTypes(
            timestamps=types.timestampAsArrow is not False and not as_text,
            decimals=bool(types.decimalAsArrow),
            nested=bool(types.complexTypesAsArrow),
            intervals=bool(types.intervalTypesAsArrow),
            nulls=bool(types.nullTypeAsArrow),
        ),
        arrow=bool(request.canReadArrowResult),
        links=bool(request.canDownloadResult),
        lz4=bool(request.canDecompressLZ4Result),
    )


def parameter(sent: TSparkParameter) -> Parameter:
    """Return a parameter as statements take it."""
    kind = sent.type or "STRING"
    if sent.arguments is not None:
        return Parameter(None, kind, sent.name, tuple(map(_argument, sent.arguments)))
    return Parameter(_value(sent.value), kind, sent.name)


def _argument(sent: TSparkParameterValueArg) -> Parameter:
    kind = sent.type or "STRING"
    if sent.arguments is not None:
        return Parameter(None, kind, arguments=tuple(map(_argument, sent.arguments)))
    return Parameter(None if kind.upper() == "VOID" else sent.value, kind)


def _value(sent: TSparkParameterValue | None) -> str | None:
    if sent is None:
        return None
    if sent.doubleValue is not None:
        return repr(sent.doubleValue)
    if sent.booleanValue is not None:
        return str(sent.booleanValue).lower()
    return str(sent.stringValue) if sent.stringValue is not None else None
