"""Engine sessions for statements that come without a session of their own."""

from __future__ import annotations

import threading
from collections import OrderedDict

from lakestead.engine.sail import Engine
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql.service import DEFAULT_CATALOG, DEFAULT_SCHEMA
from lakestead.workspace.sql.session import SqlSession
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.store.base import new_id

_MAX_IDLE = 32
# What a session of the engine knows of the metastore stays in memory as long as the session does.
_MAX_REGISTERED = 200


class EnginePool:
    """Gives every statement a session of its own, over engine sessions used again where nothing can leak.

    To open a session of the engine takes longer than a small query. One that has only run queries, all of one
    principal, is as good as new; any other is closed after its statement.

    Args:
        engine: where sessions are opened.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: OrderedDict[str, SqlSession] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, principal: Principal, catalog: str | None, schema: str | None) -> SqlSession:
        """Return a session for one statement.

        Args:
            principal: whose privileges count.
            catalog: where two-part names look, by default ``main``.
            schema: where one-part names look, by default ``default``.
        """
        used = self._reuse(principal)
        session = SqlSession(
            id=new_id(),
            principal=principal,
            engine=used.engine if used else self._engine.session(principal.name),
            catalog=(catalog or DEFAULT_CATALOG).lower(),
            schema=(schema or DEFAULT_SCHEMA).lower(),
        )
        if used:
            session.lock = used.lock
        return session

    def give_back(self, statement: Statement, succeeded: bool) -> None:
        """Keep the engine session of a statement in which nothing runs any more, or close it."""
        session = statement.session
        surplus = session
        if succeeded and _is_clean(statement):
            with self._lock:
                self._idle[session.id] = session
                if len(self._idle) <= _MAX_IDLE:
                    return
                _, surplus = self._idle.popitem(last=False)
        surplus.engine.close()

    def _reuse(self, principal: Principal) -> SqlSession | None:
        with self._lock:
            for key, session in reversed(self._idle.items()):
                if session.principal == principal:
                    return self._idle.pop(key)
        return None


def _is_clean(statement: Statement) -> bool:
    """Return whether a statement that succeeded can have left nothing behind in its session."""
    session, result = statement.session, statement.result
    return (
        result is not None
        and result.is_query
        and not session.temporary_views
        and not session.configuration
        and len(session.registered) <= _MAX_REGISTERED
    )
