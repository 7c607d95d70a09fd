"""Operations under way: their status, cancelling and closing them, and results in the first answer."""

from __future__ import annotations

import time

from databricks.sql.thrift_api.TCLIService.ttypes import (
    TCancelOperationReq,
    TCancelOperationResp,
    TCloseOperationReq,
    TCloseOperationResp,
    TFetchResultsReq,
    TGetOperationStatusReq,
    TGetOperationStatusResp,
    TOperationState,
    TSparkDirectResults,
    TSparkGetDirectResults,
    TSparkRowSetType,
)

from lakestead.workspace.errors import ApiError
from lakestead.workspace.http import Call
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.thrift.handles import find_statement
from lakestead.workspace.thrift.results import fetch, metadata
from lakestead.workspace.thrift.status import OK, operation_status

# Clients poll without a pause and hold a lock meanwhile, which a cancel from another thread has to wait for.
POLL_SECONDS = 1.0
AT_ONCE_SECONDS = 0.01


def get_operation_status(call: Call, request: TGetOperationStatusReq) -> TGetOperationStatusResp:
    """Tell where an operation stands; waits a little for one that runs."""
    statement = find_statement(call, request.operationHandle)
    readable = wait(statement, POLL_SECONDS)
    return operation_status(statement, readable, bool(request.getProgressUpdate))


def cancel_operation(call: Call, request: TCancelOperationReq) -> TCancelOperationResp:
    """Stop an operation; one that has ended stays as it is."""
    find_statement(call, request.operationHandle).cancel()
    return TCancelOperationResp(status=OK)


def close_operation(call: Call, request: TCloseOperationReq) -> TCloseOperationResp:
    """Stop an operation if it runs, and forget its result."""
    call.workspace.sql.close(find_statement(call, request.operationHandle))
    return TCloseOperationResp(status=OK)


def wait(statement: Statement, timeout: float | None) -> bool:
    """Wait until a statement has failed, or has a result that can be read.

    A small result can be read when all of it is there, so that what fails on the way fails as the statement,
    not when its rows are fetched.

    Args:
        statement: the operation.
        timeout: seconds; None waits as long as it takes.

    Returns:
        Whether that is so.
    """
    # Most statements end at once: to wait for just that spares a change of threads for each step on the way.
    if statement.wait(AT_ONCE_SECONDS):
        return True
    deadline = None if timeout is None else time.monotonic() + timeout

    def left() -> float | None:
        return None if deadline is None else deadline - time.monotonic()

    if not statement.wait_result(left()):
        return False
    result = statement.result
    if result is None or statement.state.terminal:
        return True
    if not result.spool.wait(left()):
        return False
    return statement.wait(left()) if result.spool.finished else True


def direct_results(
    call: Call, statement: Statement, wanted: TSparkGetDirectResults, timeout: float | None
) -> TSparkDirectResults:
    """Return what is there of a statement within a time: its status and, if it can be read, its first rows.

    An operation whose rows are all in the answer is closed with it.
    """
    readable = wait(statement, timeout)
    direct = TSparkDirectResults(operationStatus=operation_status(statement, readable))
    if direct.operationStatus.operationState != TOperationState.FINISHED_STATE:
        return direct
    try:
        direct.resultSetMetadata = metadata(call, statement)
        first = TFetchResultsReq(maxRows=wanted.maxRows, maxBytes=wanted.maxBytes)
        direct.resultSet = fetch(call, statement, first)
    except ApiError:
        # It failed since: the status says so, and the rest is not there.
        return TSparkDirectResults(operationStatus=operation_status(statement, True))
    linked = direct.resultSetMetadata.resultFormat == TSparkRowSetType.URL_BASED_SET
    if not direct.resultSet.hasMoreRows and not linked:
        call.workspace.sql.close(statement)
        direct.closeOperation = TCloseOperationResp(status=OK)
    return direct
