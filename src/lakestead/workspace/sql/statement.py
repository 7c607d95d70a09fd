"""One statement from submission to the end of its result, as every protocol sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from lakestead.core.datatypes import DataType
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.results.spool import Spool

if TYPE_CHECKING:
    from lakestead.workspace.sql.session import SqlSession
    from lakestead.workspace.system.lineage.trace import Trace


class State(StrEnum):
    """Where a statement stands, in the words of the Statement Execution API."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    CLOSED = "CLOSED"

    @property
    def terminal(self) -> bool:
        """Whether the statement will not change any more by itself."""
        return self not in (State.PENDING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value bound to a statement.

    Attributes:
        value: its text, as the Statement Execution API takes it; None is NULL.
        type: a SQL type such as ``INT`` or ``DECIMAL(10,2)``; ``ARRAY`` or ``MAP`` when it has arguments.
        name: for ``:name`` markers; None binds the next ``?``.
        arguments: the elements of an ARRAY, or the keys and values of a MAP in turn.
    """

    value: str | None
    type: str = "STRING"
    name: str | None = None
    arguments: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """Who sent a statement, for query history.

    Attributes:
        application: the user agent's own words.
        protocol: ``thrift`` or ``statements``.
        warehouse_id: the SQL warehouse it was sent to.
        query_tags: tags that the client put on it.
        address: the IP address that it came from.
    """

    application: str = ""
    protocol: str = "statements"
    warehouse_id: str = ""
    query_tags: dict[str, str] = field(default_factory=dict)
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class FileTransfer:
    """A PUT, GET or REMOVE that the client itself carries out over HTTP.

    Attributes:
        operation: ``PUT``, ``GET`` or ``REMOVE``.
        local_file: path on the client's machine; None for REMOVE.
        path: the file's path in the volume.
        overwrite: whether a PUT replaces a file that is there.
    """

    operation: str
    local_file: str | None
    path: str
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gives.

    Attributes:
        columns: names and types as Databricks reports them.
        spool: the rows, which may still be coming.
        is_query: False for commands and DML, whose rows only tell what was done.
        transfer: set when the client has a file to carry.
    """

    columns: tuple[Column, ...]
    spool: Spool
    is_query: bool = True
    transfer: FileTransfer | None = None

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the rows."""
        return self.spool.schema


class Cancellable(Protocol):
    """Something under way that can be told to stop."""

    def cancel(self) -> None:
        """Stop as soon as possible."""


class Statement:
    """A statement under way or done.

    Attributes:
        id: a UUID in text.
        session: the session it runs in.
        text: as the client sent it.
        parameters: the values bound to it.
        client: who sent it.
        submitted_at: seconds since the epoch.
        started_at: when it got a thread, in seconds since the epoch.
        row_limit: at most so many rows are given.
        byte_limit: at most so many bytes are given.
        max_bytes: it fails when its result has more.
        truncated: whether a limit cut the result.
        statement_type: e.g. ``SELECT``, ``MERGE``; known once it was parsed.
        rows_affected: rows that a DML statement changed; None for others.
        compiled_at: when it first gave the engine something to run, in seconds since the epoch.
        touched: full names of the tables and views that it read or wrote, those under views too, and where
            the data of those lies that it read.
        writes: tables that it held: location, version before, version after.
        trace: what its names mean; None until it is parsed, and for what moves no data.
    """

    def __init__(
        self,
        statement_id: str,
        session: SqlSession,
        text: str,
        parameters: Sequence[Parameter] = (),
        client: Client | None = None,
        row_limit: int | None = None,
        byte_limit: int | None = None,
        max_bytes: int | None = None,
        ended: Callable[[Statement], None] = lambda _: None,
    ) -> None:
        self.id = statement_id
        self.session = session
        self.text = text
        self.parameters = tuple(parameters)
        self.client = client or Client()
        self.row_limit = row_limit
        self.byte_limit = byte_limit
        self.max_bytes = max_bytes
        self._ended = ended
        self.truncated = False
        self.statement_type = "OTHER"
        self.rows_affected: int | None = None
        self.compiled_at: float | None = None
        self.touched: dict[tuple[str, ...], str | None] = {}
        self.writes: list[tuple[str, int, int]] = []
        self.trace: Trace | None = None
        self.submitted_at = time.time()
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self._state = State.PENDING
        self._error: ApiError | None = None
        self._result: Result | None = None
        lock = threading.RLock()
        # Apart, so that who waits for the end is not woken before it.
        self._changed = threading.Condition(lock)
        self._over = threading.Condition(lock)
        self._running: Cancellable | None = None
        self._stop: ApiError | None = None

    @property
    def state(self) -> State:
        """Where it stands now."""
        return self._state

    @property
    def error(self) -> ApiError | None:
        """Why it failed or was cancelled."""
        return self._error

    @property
    def result(self) -> Result | None:
        """Its result, as soon as the schema and the first rows are known."""
        return self._result

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; return whether it has.

        Args:
            timeout: seconds; None waits as long as it takes.
        """
        with self._over:
            return self._over.wait_for(lambda: self._state.terminal, timeout)

    def wait_result(self, timeout: float | None = None) -> bool:
        """Wait until it has a result to read from, or has ended; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state.terminal or self._result is not None, timeout)

    def cancel(self, reason: ApiError | None = None) -> None:
        """Stop it; a statement that has ended is left as it is.

        Args:
            reason: the error it ends with; by default that it was cancelled.
        """
        with self._changed:
            if self._state.terminal or self._stop is not None:
                return
            self._stop = reason or ApiError(ErrorCode.CANCELLED, "The statement was cancelled.")
            running = self._running
        if running is not None:
            running.cancel()

    def close(self) -> None:
        """Cancel it if it runs, and forget its result."""
        self.cancel()
        with self._changed:
            result, self._state = self._result, State.CLOSED
            self._changed.notify_all()
            self._over.notify_all()
        if result is not None:
            result.spool.close()

    # The executing side

    def check(self) -> None:
        """Raise the error with which the statement was stopped, if it was."""
        if self._stop is not None:
            raise self._stop

    def running(self, work: Cancellable | None) -> None:
        """Say what :meth:`cancel` has to stop now; None for nothing."""
        with self._changed:
            self._running = work
        if self._stop is not None and work is not None:
            work.cancel()

    def started(self) -> None:
        """It has a thread and runs."""
        self.started_at = time.time()
        self._move(State.RUNNING)

    def compiled(self) -> None:
        """It is understood, and the engine begins with it."""
        if self.compiled_at is None:
            self.compiled_at = time.time()

    def publish(self, result: Result) -> None:
        """Its result can be read from now on."""
        with self._changed:
            self._result = result
            self._changed.notify_all()

    def succeeded(self) -> None:
        """All of its result is there."""
        self._move(State.SUCCEEDED)

    def failed(self, error: ApiError) -> None:
        """It ended with an error, or was stopped."""
        self._error = self._stop or error
        if self._result is not None:
            self._result.spool.fail(self._error)
        self._move(State.FAILED if self._error.code is not ErrorCode.CANCELLED else State.CANCELED)

    def _move(self, state: State) -> None:
        with self._changed:
            if state.terminal and self.finished_at is None:
                self.finished_at = time.time()
                # Before anybody can see that it has ended: who then asks for its record finds it.
                self._ended(self)
            if not self._state.terminal:
                self._state = state
                if state.terminal:
                    self._changed.notify_all()
                    self._over.notify_all()
