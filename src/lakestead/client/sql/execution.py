"""Statements on pooled sessions: parameters bound, failures survived where that is safe, time logged."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from databricks.sql.exc import Error, RequestError

from lakestead.client.sql.parameters import translate
from lakestead.client.sql.pool import Pool, Session
from lakestead.client.sql.results import Result
from lakestead.client.sql.retries import is_broken, is_gone, pause, repeatable

_BROKEN = (
    "The connection broke before the statement's answer came: look whether it was carried out before you"
    " repeat it ({})"
)

logger = logging.getLogger("lakestead.client.sql")


@dataclass(frozen=True)
class Settings:
    """What holds for every statement.

    Args:
        timeout: the seconds after which the service ends a statement; None for the warehouse's own limit.
        tags: what query history shows beside a statement.
    """

    timeout: int | None = None
    tags: Mapping[str, str | None] = field(default_factory=dict)


def execute(pool: Pool, settings: Settings, query: str, params: Mapping[str, Any] | None) -> Result:
    """Run a statement.

    Raises:
        databricks.sql.Error: what the service or the connector says, unchanged; a RequestError when the
            connection broke, for which the connector has no error of its own.
    """
    text, values = translate(query, params)
    start = time.perf_counter()
    attempt = 1
    while True:
        try:
            result = _attempt(pool, settings, text, values)
        except Exception as error:
            seconds = pause(error, attempt, may_repeat=repeatable(query))
            _log("failed", query, start, f": {type(error).__name__}")
            if seconds is None:
                if is_broken(error) and not isinstance(error, Error):
                    raise RequestError(_BROKEN.format(error)) from error  # type: ignore[no-untyped-call]
                raise
            threading.Event().wait(seconds)
            attempt += 1
        else:
            _log("executed", query, start)
            return result


def _attempt(pool: Pool, settings: Settings, text: str, values: list[Any] | None) -> Result:
    session = pool.take()
    try:
        session.cursor = session.connection.cursor()
        _limit(session, settings.timeout)
        tags = {"query_tags": dict(settings.tags)} if settings.tags else {}
        session.cursor.execute(text, values, **tags)
    except BaseException as error:
        lost = is_gone(error) or is_broken(error)
        if lost:
            pool.forget_idle()
        # What was interrupted in the middle, by Ctrl-C say, leaves a session in no known state.
        _end(pool, session, broken=lost or not isinstance(error, Error))
        raise
    return Result(session.cursor, _release(pool, session))


def _limit(session: Session, seconds: int | None) -> None:
    """Have the service end what takes longer; it ends it even if this program is gone by then."""
    if session.timeout == seconds:
        return
    assert session.cursor is not None
    if seconds is None:
        session.cursor.execute("RESET STATEMENT_TIMEOUT")
    else:
        session.cursor.execute(f"SET STATEMENT_TIMEOUT = {seconds}")
    session.timeout = seconds


def _release(pool: Pool, session: Session) -> Callable[[], None]:
    return lambda: _end(pool, session, broken=False)


def _end(pool: Pool, session: Session, *, broken: bool) -> None:
    cursor, session.cursor = session.cursor, None
    if cursor is not None and not broken:
        with contextlib.suppress(Error, OSError):
            cursor.close()
    pool.give_back(session, broken=broken)


def _log(what: str, query: str, start: float, reason: str = "") -> None:
    """Tell of a statement by its first word: the rest may hold what is nobody's business."""
    word = query.split(maxsplit=1)[0].upper() if query.strip() else "nothing"
    logger.debug("%s %s in %.3f s%s", word, what, time.perf_counter() - start, reason)
