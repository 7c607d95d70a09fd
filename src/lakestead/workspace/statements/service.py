"""Statements of the Statement Execution API: started, kept for an hour after they end, forgotten later."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.history.tags import session_tags
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.service import SqlService
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.statement import Client, Parameter, State, Statement
from lakestead.workspace.statements.answers import Submission
from lakestead.workspace.statements.pool import EnginePool
from lakestead.workspace.statements.requests import ExecuteStatement, StatementParameter

# Databricks' limit for results that come in the answer itself.
INLINE_BYTES = 25 * 1024 * 1024
_MAX_TAGS = 20
# Results below are as nothing beside what else is known of a statement.
_SMALL_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Retention:
    """How long statements are kept, which their clients do not close.

    Attributes:
        result_seconds: after its end for which a result can be fetched.
        known_seconds: after its end for which a statement is known.
        sweep_seconds: between two looks at what is old enough.
        max_known: statements that are known at a time; the oldest go if there are more.
        memory_bytes: results in memory; older ones go to disk.
    """

    result_seconds: float = 3600
    known_seconds: float = 12 * 3600
    sweep_seconds: float = 60
    max_known: int = 20_000
    memory_bytes: int = 64 * 1024 * 1024


class StatementService:
    """Runs statements for the Statement Execution API.

    Args:
        sql: runs them.
        pool: has engine sessions for those that come without a session.
        retention: how long they are kept.
    """

    def __init__(self, sql: SqlService, pool: EnginePool, retention: Retention | None = None) -> None:
        self._sql = sql
        self._pool = pool
        self._retention = retention or Retention()
        self._known: OrderedDict[str, Submission] = OrderedDict()
        self._in_memory: OrderedDict[Statement, int] = OrderedDict()
        self._memory = 0
        self._lock = threading.Lock()
        self._swept_at = time.time()

    def execute(
        self, principal: Principal, request: ExecuteStatement, user_agent: str, address: str | None = None
    ) -> Submission:
        """Start a statement and wait for its end as long as the request says.

        Args:
            principal: who sends it.
            request: the statement and how it is wanted; its warehouse is known to exist.
            user_agent: the client's own words.
            address: the IP address that it comes from.

        Raises:
            ApiError: INVALID_REQUEST for a combination that the API does not have; NOT_FOUND for an unknown
                session.
        """
        _check(request)
        self._sweep()
        session, own = self._session(principal, request)
        tags = session_tags(session)
        tags |= {tag.key: (tag.value or "").strip() for tag in request.query_tags[:_MAX_TAGS]}
        statement = self._sql.submit(
            session,
            request.statement,
            _parameters(request.parameters),
            client=Client(user_agent, "statements", request.warehouse_id, tags, address),
            row_limit=request.row_limit,
            byte_limit=request.byte_limit,
            max_bytes=INLINE_BYTES if request.disposition == "INLINE" else None,
            finished=self._finished_own if own else self._finished,
        )
        submission = Submission(statement, request.disposition, request.format)
        with self._lock:
            self._known[statement.id] = submission
        if request.wait_seconds and not statement.wait(request.wait_seconds):
            self._over(request, statement)
        return submission

    def get(self, statement_id: str, principal: Principal) -> Submission:
        """Return a statement of this principal (or any, for an admin).

        Raises:
            ApiError: NOT_FOUND when there is none.
        """
        self._sweep()
        submission = self._known.get(statement_id)
        owner = submission.statement.session.principal.name if submission else None
        if submission is None or not (principal.is_admin or owner == principal.name):
            raise ApiError(ErrorCode.NOT_FOUND, f"The statement {statement_id} was not found.")
        return submission

    def close(self, submission: Submission) -> None:
        """Stop a statement if it runs, and forget its result; it is known as CLOSED for a while."""
        self._sql.close(submission.statement)
        with self._lock:
            self._memory -= self._in_memory.pop(submission.statement, 0)

    def _session(self, principal: Principal, request: ExecuteStatement) -> tuple[SqlSession, bool]:
        """Return the session of a statement, and whether it is the statement's own."""
        if request.session_id is None:
            return self._pool.take(principal, request.catalog, request.schema_name), True
        if request.catalog or request.schema_name:
            raise ApiError(
                ErrorCode.INVALID_REQUEST,
                "catalog and schema belong to the session: they cannot be given along with session_id.",
            )
        return self._sql.session(request.session_id, principal), False

    def _over(self, request: ExecuteStatement, statement: Statement) -> None:
        """Do what a request wants when its statement has not ended in time."""
        if request.on_wait_timeout == "CANCEL":
            statement.cancel()
            statement.wait(5)

    def _finished_own(self, statement: Statement, succeeded: bool) -> None:
        self._pool.give_back(statement, succeeded)
        self._finished(statement, succeeded)

    def _finished(self, statement: Statement, succeeded: bool) -> None:
        """Keep the memory that results take within bounds."""
        result = statement.result
        if result is None or not succeeded:
            return
        size = sum(chunk.size for chunk in result.spool.chunks if not chunk.on_disk)
        if size < _SMALL_BYTES:
            return
        moved = []
        with self._lock:
            self._in_memory[statement] = size
            self._memory += size
            while self._memory > self._retention.memory_bytes:
                oldest, size = self._in_memory.popitem(last=False)
                self._memory -= size
                moved.append(oldest)
        for oldest in moved:
            if oldest.result is not None:
                oldest.result.spool.persist()

    def _sweep(self) -> None:
        """Forget what is old enough."""
        now, keep = time.time(), self._retention
        with self._lock:
            surplus = len(self._known) - keep.max_known
            if surplus <= 0 and now - self._swept_at < keep.sweep_seconds:
                return
            self._swept_at = now
            ended = [
                (one, now - one.statement.finished_at)
                for one in self._known.values()
                if one.statement.finished_at is not None
            ]
            gone = [
                one for place, (one, age) in enumerate(ended) if place < surplus or age > keep.known_seconds
            ]
            for one in gone:
                del self._known[one.statement.id]
            old = [one for one, age in ended if age > keep.result_seconds]
        for one in (*gone, *old):
            if one.statement.state is State.SUCCEEDED:
                self.close(one)


def _check(request: ExecuteStatement) -> None:
    """Refuse combinations that the API does not have."""
    if request.disposition == "INLINE" and request.format != "JSON_ARRAY":
        raise ApiError(
            ErrorCode.INVALID_REQUEST,
            f"format={request.format} needs disposition=EXTERNAL_LINKS: INLINE has only format=JSON_ARRAY.",
        )
    if request.disposition == "INLINE_OR_EXTERNAL_LINKS" and request.format == "CSV":
        raise ApiError(ErrorCode.INVALID_REQUEST, "format=CSV needs disposition=EXTERNAL_LINKS.")


def _parameters(given: list[StatementParameter]) -> list[Parameter]:
    """Return the values in the order of the markers they bind.

    Raises:
        ApiError: INVALID_REQUEST naming a parameter that is given twice.
    """
    names = [one.name for one in given if one.name is not None]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"The parameter '{twice}' is given twice.")
    ordered = sorted(given, key=lambda one: one.ordinal or 0)
    return [Parameter(one.value, one.type or "STRING", one.name) for one in ordered]
