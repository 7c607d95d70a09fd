"""The service's HTTP side: one endpoint under three paths, and every method it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from databricks.sql.thrift_api.TCLIService import ttypes
from databricks.sql.thrift_api.TCLIService.ttypes import TOperationType
from starlette.responses import Response

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call, Route, render
from lakestead.workspace.sql.service import Outcome
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.thrift import keys, metadata, operations, results, sessions, statements
from lakestead.workspace.thrift.handles import find_session, operation_handle
from lakestead.workspace.thrift.protocol import Malformed, Method, answer
from lakestead.workspace.thrift.status import OK

_MEDIA_TYPE = "application/x-thrift"
Listing = Callable[[Call, SqlSession, Any], Outcome]


def serve(call: Call) -> Response:
    """Carry out one request of the protocol."""
    try:
        return Response(answer(METHODS, call), media_type=_MEDIA_TYPE)
    except Malformed as error:
        if error.answer:
            return Response(error.answer, status_code=400, media_type=_MEDIA_TYPE)
        return refuse(ApiError(ErrorCode.MALFORMED_REQUEST, str(error)))


def refuse(error: ApiError) -> Response:
    """Render an error for SQL drivers: they look for its message in a header."""
    response = render(error)
    # A header is one line of Latin-1 text.
    line = " ".join(error.message.split()).encode("latin-1", "replace").decode("latin-1")
    response.headers["x-thriftserver-error-message"] = line
    response.headers["x-databricks-reason-phrase"] = error.code.error_code
    return response


def _listing(name: str, list_: Listing, operation_type: int) -> Method:
    """Return the method for a metadata call, which runs as a statement and is read as one."""
    response_type = getattr(ttypes, f"T{name}Resp")

    def method(call: Call, request: Any) -> Any:
        session = find_session(call, request.sessionHandle)
        statement = call.workspace.sql.submit(
            session,
            name,
            client=statements.client(call, session, {}),
            execute=lambda _: list_(call, session, request),
        )
        response = response_type(status=OK, operationHandle=operation_handle(statement, operation_type))
        timeout = operations.POLL_SECONDS if request.runAsync else None
        if request.getDirectResults is not None:
            wanted = request.getDirectResults
            response.directResults = operations.direct_results(call, statement, wanted, timeout)
        elif timeout is None:
            operations.wait(statement, None)
        return response

    return method


METHODS: dict[str, Method] = {
    "OpenSession": sessions.open_session,
    "CloseSession": sessions.close_session,
    "GetInfo": sessions.get_info,
    "ExecuteStatement": statements.execute_statement,
    "GetTypeInfo": _listing("GetTypeInfo", keys.get_type_info, TOperationType.GET_TYPE_INFO),
    "GetCatalogs": _listing("GetCatalogs", metadata.get_catalogs, TOperationType.GET_CATALOGS),
    "GetSchemas": _listing("GetSchemas", metadata.get_schemas, TOperationType.GET_SCHEMAS),
    "GetTables": _listing("GetTables", metadata.get_tables, TOperationType.GET_TABLES),
    "GetTableTypes": _listing("GetTableTypes", metadata.get_table_types, TOperationType.GET_TABLE_TYPES),
    "GetColumns": _listing("GetColumns", metadata.get_columns, TOperationType.GET_COLUMNS),
    "GetFunctions": _listing("GetFunctions", metadata.get_functions, TOperationType.GET_FUNCTIONS),
    "GetPrimaryKeys": _listing("GetPrimaryKeys", keys.get_primary_keys, TOperationType.UNKNOWN),
    "GetCrossReference": _listing("GetCrossReference", keys.get_cross_reference, TOperationType.UNKNOWN),
    "GetOperationStatus": operations.get_operation_status,
    "CancelOperation": operations.cancel_operation,
    "CloseOperation": operations.close_operation,
    "GetResultSetMetadata": results.get_result_set_metadata,
    "FetchResults": results.fetch_results,
}

ROUTES = [
    Route(
        "POST",
        path,
        serve,
        witness="databricks-sql-connector: connect",
        partial="no delegation tokens, no statements without a session",
        refuse=refuse,
    )
    for path in (
        "/sql/1.0/warehouses/{warehouse_id}",
        "/sql/1.0/endpoints/{warehouse_id}",
        "/sql/protocolv1/o/{org}/{cluster}",
    )
]
