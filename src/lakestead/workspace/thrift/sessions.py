"""Opening and closing sessions, and what the server tells about itself."""

from __future__ import annotations

from collections.abc import Callable

from databricks.sql.thrift_api.TCLIService.ttypes import (
    TCloseSessionReq,
    TCloseSessionResp,
    TGetInfoReq,
    TGetInfoResp,
    TGetInfoType,
    TGetInfoValue,
    TNamespace,
    TOpenSessionReq,
    TOpenSessionResp,
    TProtocolVersion,
)

from lakestead.core.names import MAX_NAME_LENGTH
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.http import Call
from lakestead.workspace.thrift.handles import find_session, session_handle
from lakestead.workspace.thrift.status import OK, Refused

# Spark's versions count from 0xA501; V8 brought parameters, V9 metadata calls that run by themselves.
_SPARK = TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V1
_NEWEST_SPARK = TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V9
# Before this, results were rows, which are not served.
_OLDEST_HIVE = TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V6
_NEWEST_HIVE = TProtocolVersion.HIVE_CLI_SERVICE_PROTOCOL_V10


def open_session(call: Call, request: TOpenSessionReq) -> TOpenSessionResp:
    """Open a session; its initial catalog and schema need not exist."""
    use_warehouse(call)
    version = _version(request)
    namespace = request.initialNamespace or TNamespace()
    session = call.workspace.sql.open_session(
        call.principal,
        catalog=namespace.catalogName,
        schema=namespace.schemaName,
        configuration=request.configuration,
    )
    return TOpenSessionResp(
        status=OK,
        serverProtocolVersion=version,
        sessionHandle=session_handle(session, version),
        configuration={},
        initialNamespace=TNamespace(catalogName=session.catalog, schemaName=session.schema),
        canUseMultipleCatalogs=True,
        getInfos=[_info(call, kind) for kind in request.getInfos] if request.getInfos else None,
    )


def close_session(call: Call, request: TCloseSessionReq) -> TCloseSessionResp:
    """Close a session with all its operations."""
    call.workspace.sql.close_session(find_session(call, request.sessionHandle))
    return TCloseSessionResp(status=OK)


def get_info(call: Call, request: TGetInfoReq) -> TGetInfoResp:
    """Tell one thing about the server."""
    find_session(call, request.sessionHandle)
    return TGetInfoResp(status=OK, infoValue=_info(call, request.infoType))


def use_warehouse(call: Call) -> None:
    """Start the warehouse that a call came to, if it is stopped; clusters have no life of their own here.

    Raises:
        Refused: there is no such warehouse.
    """
    warehouse_id = call.path.get("warehouse_id")
    if warehouse_id is None:
        return
    try:
        call.workspace.warehouses.use(warehouse_id)
    except ApiError as error:
        raise Refused(error.code, error.message) from None


def _version(request: TOpenSessionReq) -> int:
    asked = request.client_protocol_i64
    if asked is None:
        asked = request.client_protocol
    # Spark's clients are told the newest version, whatever their own: they find in it what they may use.
    if asked >= _SPARK:
        return int(_NEWEST_SPARK)
    if asked < _OLDEST_HIVE:
        raise ApiError(
            ErrorCode.NOT_IMPLEMENTED,
            f"Protocol version {asked} is not supported; HIVE_CLI_SERVICE_PROTOCOL_V6 and newer ones are.",
        )
    return int(min(asked, _NEWEST_HIVE))


def _info(call: Call, kind: int | None) -> TGetInfoValue:
    value = _INFO.get(kind)
    if value is None:
        name = TGetInfoType._VALUES_TO_NAMES.get(kind or 0, kind)
        raise ApiError(ErrorCode.INVALID_REQUEST, f"Unrecognized GetInfoType value: {name}.")
    return value(call)


def _text(value: str) -> Callable[[Call], TGetInfoValue]:
    return lambda _: TGetInfoValue(stringValue=value)


def _length(value: int) -> Callable[[Call], TGetInfoValue]:
    return lambda _: TGetInfoValue(lenValue=value)


_INFO: dict[int | None, Callable[[Call], TGetInfoValue]] = {
    TGetInfoType.CLI_SERVER_NAME: _text("Spark SQL"),
    TGetInfoType.CLI_DBMS_NAME: _text("Spark SQL"),
    # What drivers compare versions with; the engine speaks this Spark's SQL.
    TGetInfoType.CLI_DBMS_VER: _text("4.0.0"),
    TGetInfoType.CLI_IDENTIFIER_QUOTE_CHAR: _text("`"),
    TGetInfoType.CLI_SEARCH_PATTERN_ESCAPE: _text("\\"),
    TGetInfoType.CLI_USER_NAME: lambda call: TGetInfoValue(stringValue=call.principal.name),
    TGetInfoType.CLI_DATA_SOURCE_READ_ONLY: _text("N"),
    TGetInfoType.CLI_TXN_CAPABLE: lambda _: TGetInfoValue(smallIntValue=0),
    TGetInfoType.CLI_MAX_CATALOG_NAME_LEN: _length(MAX_NAME_LENGTH),
    TGetInfoType.CLI_MAX_SCHEMA_NAME_LEN: _length(MAX_NAME_LENGTH),
    TGetInfoType.CLI_MAX_TABLE_NAME_LEN: _length(MAX_NAME_LENGTH),
    TGetInfoType.CLI_MAX_COLUMN_NAME_LEN: _length(MAX_NAME_LENGTH),
    TGetInfoType.CLI_MAX_IDENTIFIER_LEN: _length(MAX_NAME_LENGTH),
}
