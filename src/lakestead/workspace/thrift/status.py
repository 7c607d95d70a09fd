"""Errors and states of statements in the protocol's terms."""

from __future__ import annotations

from databricks.sql.thrift_api.TCLIService.ttypes import (
    TGetOperationStatusResp,
    TJobExecutionStatus,
    TOperationState,
    TProgressUpdateResp,
    TStatus,
    TStatusCode,
)

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.statement import State, Statement

OK = TStatus(statusCode=TStatusCode.SUCCESS_STATUS)
_STATES = {
    State.PENDING: TOperationState.PENDING_STATE,
    State.RUNNING: TOperationState.RUNNING_STATE,
    State.SUCCEEDED: TOperationState.FINISHED_STATE,
    State.FAILED: TOperationState.ERROR_STATE,
    State.CANCELED: TOperationState.CANCELED_STATE,
    State.CLOSED: TOperationState.CLOSED_STATE,
}


class InvalidHandle(ApiError):
    """A handle of a session or operation that is not there, or is not the caller's."""

    def __init__(self, kind: str, handle: str) -> None:
        super().__init__(ErrorCode.NOT_FOUND, f"Invalid {kind}Handle: {kind}Handle [{handle}]")


class Refused(ApiError):
    """An error that is told by HTTP's status, not in an answer of the protocol."""


def failure(error: ApiError) -> TStatus:
    """Return an error as the status of a call."""
    invalid = isinstance(error, InvalidHandle)
    return TStatus(
        statusCode=TStatusCode.INVALID_HANDLE_STATUS if invalid else TStatusCode.ERROR_STATUS,
        sqlState=error.sqlstate,
        errorCode=0,
        errorMessage=error.message if invalid else error.sql_message,
        displayMessage=error.message if invalid else error.sql_message,
    )


def operation_status(statement: Statement, readable: bool, progress: bool = False) -> TGetOperationStatusResp:
    """Return where a statement stands.

    Args:
        statement: the operation.
        readable: whether its result can be fetched, though more of it may still be coming.
        progress: whether the client asked for progress; how far a statement is, is not known.
    """
    response = TGetOperationStatusResp(
        status=OK,
        operationState=_state(statement, readable),
        hasResultSet=True,
        operationStarted=int(statement.submitted_at * 1000),
        operationCompleted=int(statement.finished_at * 1000) if statement.finished_at else None,
        numModifiedRows=statement.rows_affected,
    )
    if progress:
        response.progressUpdateResponse = TProgressUpdateResp(
            headerNames=[],
            rows=[],
            progressedPercentage=0.0,
            status=TJobExecutionStatus.NOT_AVAILABLE,
            footerSummary="",
            startTime=int(statement.submitted_at * 1000),
        )
    if statement.error is not None:
        response.sqlState = statement.error.sqlstate
        response.errorCode = 0
        response.errorMessage = response.displayMessage = statement.error.sql_message
    return response


def _state(statement: Statement, readable: bool) -> int:
    state = statement.state
    if state is State.FAILED and statement.error is not None and statement.error.code is ErrorCode.TIMED_OUT:
        return int(TOperationState.TIMEDOUT_STATE)
    if readable and not state.terminal:
        return int(TOperationState.FINISHED_STATE)
    return int(_STATES[state])
