"""The execution service behind all protocols: sessions, and statements that run in threads of their own."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lakestead.engine.arrow import Batch, Stream, decode, encode
from lakestead.engine.sail import Engine, EngineError, Interrupted
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.results.spool import Spool
from lakestead.workspace.sql import settings
from lakestead.workspace.sql.conditions import engine_error
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.statement import (
    Client,
    Column,
    FileTransfer,
    Parameter,
    Result,
    State,
    Statement,
)
from lakestead.workspace.store.base import new_id

logger = logging.getLogger(__name__)

DEFAULT_CATALOG = "main"
DEFAULT_SCHEMA = "default"
# Statements wait for locks and for each other's results in threads, so there are many more than cores.
_THREADS = 128


@dataclass(frozen=True, slots=True)
class Outcome:
    """What carrying out a statement gave.

    Attributes:
        columns: names and types as Databricks reports them.
        stream: the rows, which may still be coming.
        is_query: False for commands and DML.
        transfer: a file for the client to carry.
    """

    columns: tuple[Column, ...]
    stream: Stream
    is_query: bool = True
    transfer: FileTransfer | None = None


Execute = Callable[[Statement], Outcome]
# Takes a statement and whether it succeeded.
Finished = Callable[[Statement, bool], None]


class SqlService:
    """Runs statements.

    Args:
        engine: where they run.
        execute: carries out one statement.
        results: folder for large results; emptied.
        submitted: called with every statement when it comes; must return at once.
        recorded: called with every statement when it has ended; must return at once.
    """

    def __init__(
        self,
        engine: Engine,
        execute: Execute,
        results: Path,
        submitted: Callable[[Statement], None],
        recorded: Callable[[Statement], None],
    ) -> None:
        self._engine = engine
        self._execute = execute
        self._results = results
        self._submitted = submitted
        self._recorded = recorded
        self._sessions: dict[str, SqlSession] = {}
        self._statements: dict[str, Statement] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="statement")
        shutil.rmtree(results, ignore_errors=True)

    # Sessions

    def open_session(
        self,
        principal: Principal,
        catalog: str | None = None,
        schema: str | None = None,
        configuration: Mapping[str, str] | None = None,
    ) -> SqlSession:
        """Open a session; its initial catalog and schema need not exist.

        Args:
            principal: whose privileges count.
            catalog: initial catalog, by default ``main``.
            schema: initial schema, by default ``default``.
            configuration: settings as by SET.

        Raises:
            ApiError: a setting cannot have its value.
        """
        session = SqlSession(
            id=new_id(),
            principal=principal,
            engine=self._engine.session(principal.name),
            catalog=(catalog or DEFAULT_CATALOG).lower(),
            schema=(schema or DEFAULT_SCHEMA).lower(),
        )
        try:
            settings.configure(session, configuration or {})
        except ApiError:
            session.engine.close()
            raise
        with self._lock:
            self._sessions[session.id] = session
        return session

    def session(self, session_id: str, principal: Principal) -> SqlSession:
        """Return an open session of this principal.

        Raises:
            ApiError: NOT_FOUND when there is none with this id that is the principal's.
        """
        session = self._sessions.get(session_id)
        if session is None or session.principal.name != principal.name:
            raise ApiError(ErrorCode.NOT_FOUND, f"Session {session_id} does not exist or was closed.")
        # The same user, but perhaps in other groups than when the session was opened.
        session.principal = principal
        return session

    def close_session(self, session: SqlSession) -> None:
        """Close a session with all its statements."""
        with self._lock:
            self._sessions.pop(session.id, None)
            mine = [statement for statement in self._statements.values() if statement.session is session]
        for statement in mine:
            self.close(statement)
        session.engine.close()

    # Statements

    def submit(
        self,
        session: SqlSession,
        text: str,
        parameters: Sequence[Parameter] = (),
        *,
        client: Client | None = None,
        row_limit: int | None = None,
        byte_limit: int | None = None,
        max_bytes: int | None = None,
        timeout: float | None = None,
        finished: Finished | None = None,
        execute: Execute | None = None,
    ) -> Statement:
        """Start a statement and return at once.

        Args:
            session: where it runs.
            text: one SQL statement.
            parameters: values for its markers.
            client: who sent it.
            row_limit: give at most so many rows.
            byte_limit: give at most so many bytes.
            max_bytes: fail when the result has more.
            timeout: seconds after which it is stopped; by default the session's STATEMENT_TIMEOUT.
            finished: called when nothing of it runs any more, just before it is seen to have ended.
            execute: carries it out instead of the SQL router, for what a protocol has calls of its own for.
        """
        statement = Statement(
            new_id(), session, text, parameters, client, row_limit, byte_limit, max_bytes, self._recorded
        )
        self._submitted(statement)
        with self._lock:
            self._statements[statement.id] = statement
        timeout = timeout or settings.statement_timeout(session)
        self._pool.submit(self._run, statement, timeout, finished, execute or self._execute)
        return statement

    def statement(self, statement_id: str, principal: Principal) -> Statement:
        """Return a statement of this principal (or any, for an admin).

        Raises:
            ApiError: NOT_FOUND when there is none.
        """
        statement = self._statements.get(statement_id)
        if statement is None or not (
            principal.is_admin or statement.session.principal.name == principal.name
        ):
            raise ApiError(ErrorCode.NOT_FOUND, f"The statement {statement_id} was not found.")
        return statement

    def close(self, statement: Statement) -> None:
        """Stop a statement if it runs, and forget it and its result."""
        statement.close()
        with self._lock:
            self._statements.pop(statement.id, None)

    def runs_on(self, warehouse_id: str) -> bool:
        """Return whether a statement is under way on a warehouse."""
        return any(
            statement.client.warehouse_id == warehouse_id and not statement.state.terminal
            for statement in list(self._statements.values())
        )

    def cancel_on(self, warehouse_id: str) -> None:
        """Cancel the statements that run on a warehouse."""
        for statement in list(self._statements.values()):
            if statement.client.warehouse_id == warehouse_id:
                statement.cancel()

    def stop(self) -> None:
        """Close all sessions and statements, and wait for what runs."""
        for session in list(self._sessions.values()):
            self.close_session(session)
        for statement in list(self._statements.values()):
            self.close(statement)
        self._pool.shutdown()
        shutil.rmtree(self._results, ignore_errors=True)

    def _run(
        self,
        statement: Statement,
        timeout: float | None,
        finished: Finished | None,
        execute: Execute,
    ) -> None:
        timer = None
        if timeout:
            over = ApiError(ErrorCode.TIMED_OUT, f"The statement ran longer than {timeout:g} seconds.")
            timer = threading.Timer(timeout, statement.cancel, [over])
            timer.daemon = True
            timer.start()
        error = self._carry_out(statement, execute)
        if timer is not None:
            timer.cancel()
        try:
            if finished is not None:
                finished(statement, error is None)
        except Exception:
            logger.exception("statement %s ended, and what was to follow failed", statement.id)
        finally:
            if error is None:
                statement.succeeded()
            else:
                statement.failed(error)
        if statement.state is State.CLOSED and statement.result is not None:
            # It was closed while rows were still being written.
            statement.result.spool.close()

    def _carry_out(self, statement: Statement, execute: Execute) -> ApiError | None:
        """Run a statement to the end of its result; return why it failed, if it did."""
        try:
            statement.check()
            statement.started()
            with statement.session.engine.held():
                outcome = execute(statement)
                spool = Spool(outcome.stream.schema, self._results / statement.id)
                statement.publish(Result(outcome.columns, spool, outcome.is_query, outcome.transfer))
                spool.write(limited(statement, outcome.stream))
            statement.check()
        except ApiError as error:
            return error
        except EngineError as error:
            return engine_error(str(error))
        except Interrupted:
            return ApiError(ErrorCode.CANCELLED, "The statement was cancelled.")
        except Exception:
            logger.exception("statement %s failed inside the workspace", statement.id)
            return ApiError(
                ErrorCode.INTERNAL, f"Statement {statement.id} failed inside the workspace; see its log."
            )
        return None


def limited(statement: Statement, stream: Stream) -> Iterator[Batch]:
    """Pass on a stream's batches up to the statement's row and byte limits.

    Raises:
        ApiError: RESULT_TOO_LARGE when there is more than the statement may give.
    """
    rows, size, allowed = statement.row_limit, statement.byte_limit, statement.max_bytes
    for batch in stream.batches:
        fitting = batch.rows if rows is None else min(rows, batch.rows)
        if size is not None and len(batch.data) > size:
            fitting = min(fitting, batch.rows * size // len(batch.data))
        if fitting < batch.rows:
            statement.truncated = True
            if fitting:
                table = pa.Table.from_batches(decode(stream.schema, batch), stream.schema)
                yield encode(table.slice(0, fitting).combine_chunks())
            return
        if allowed is not None:
            allowed -= len(batch.data)
            if allowed < 0:
                raise _too_large(statement)
        yield batch
        rows = None if rows is None else rows - batch.rows
        size = None if size is None else size - len(batch.data)


def _too_large(statement: Statement) -> ApiError:
    return ApiError(
        ErrorCode.RESULT_TOO_LARGE,
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result "
        f"size of at most {statement.max_bytes} bytes. Please execute the statement with "
        "disposition=EXTERNAL_LINKS if you want to download the full result.",
    )
