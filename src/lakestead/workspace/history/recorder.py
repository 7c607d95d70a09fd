"""Keeps what ran, without making statements wait for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lakestead.workspace.errors import ErrorCode
from lakestead.workspace.history.clients import application, driver
from lakestead.workspace.history.redaction import HIDDEN, redacted
from lakestead.workspace.sql.statement import Statement
from lakestead.workspace.store.base import Store, now_ms
from lakestead.workspace.store.queries import Query

logger = logging.getLogger(__name__)

# Records that wait to be written; more are lost, and the log says how many.
_MAX_WAITING = 10_000
_BATCH = 500
# Seconds that a record waits for others to be written with.
_GATHER_SECONDS = 0.2
# Longer texts are cut in the record.
_MAX_TEXT = 100_000
# What is kept: 30 days, as in Databricks' query history, and no more than so many statements.
_KEEP_MS = 30 * 24 * 3600 * 1000
_KEEP_RECORDS = 200_000

# A record to be written, or a flag to be set when all before it are.
_Item = dict[str, Any] | threading.Event


class Recorder:
    """Records statements when they have ended, in batches, from a thread of its own.

    Args:
        store: where the records go.
        keep: how many records are kept.
    """

    def __init__(self, store: Store, keep: int = _KEEP_RECORDS) -> None:
        self._store = store
        self._keep = keep
        self._items: queue.Queue[_Item] = queue.Queue(_MAX_WAITING)
        self._lost = 0
        self._hurried = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="query-history", daemon=True)
        self._thread.start()

    def record(self, statement: Statement) -> dict[str, Any]:
        """Record a statement that has ended; returns at once, what is recorded."""
        values = _values(statement)
        try:
            self._items.put_nowait(values)
        except queue.Full:
            self._lost += 1
        return values

    def flush(self) -> None:
        """Wait until all that was recorded before can be read."""
        written = threading.Event()
        self._hurry(written)
        written.wait()

    def close(self) -> None:
        """Write what has not been written yet, and stop."""
        self._hurry(self._closing)
        self._thread.join()

    def _hurry(self, flag: threading.Event) -> None:
        self._items.put(flag)
        self._hurried.set()

    def _work(self) -> None:
        while not self._closing.is_set():
            batch, flags = self._gather()
            try:
                if batch:
                    self._write(batch)
            except Exception:
                logger.exception("the records of %d statements were lost", len(batch))
            for flag in flags:
                flag.set()

    def _gather(self) -> tuple[list[dict[str, Any]], list[threading.Event]]:
        """Return what waits, having waited a little for more, unless somebody waits for it to be written."""
        items = [self._items.get()]
        # Asleep, not in the queue: to be woken by each record would cost the statements a change of threads.
        if not isinstance(items[0], threading.Event):
            self._hurried.wait(_GATHER_SECONDS)
        self._hurried.clear()
        while len(items) < _BATCH and not self._items.empty():
            items.append(self._items.get())
        batch = [item for item in items if not isinstance(item, threading.Event)]
        return batch, [item for item in items if isinstance(item, threading.Event)]

    def _write(self, batch: Sequence[dict[str, Any]]) -> None:
        lost, self._lost = self._lost, 0
        if lost:
            logger.warning("the records of %d statements were lost: more came than could be written", lost)
        with self._store.write() as tx:
            tx.execute(insert(Query), list(batch))
            _prune(tx, self._keep)


def _prune(tx: Session, keep: int) -> None:
    """Remove what is not kept any longer."""
    newest = tx.execute(select(func.max(Query.number))).scalar_one()
    tx.execute(delete(Query).where(Query.number <= newest - keep))
    tx.execute(delete(Query).where(Query.submitted_at < now_ms() - _KEEP_MS))


def _values(statement: Statement) -> dict[str, Any]:
    """Return the record of a statement."""
    error, result, principal = statement.error, statement.result, statement.session.principal
    status = "FINISHED" if error is None else "CANCELED" if error.code is ErrorCode.CANCELLED else "FAILED"
    spool = result.spool if result is not None and error is None else None
    text = redacted(statement.text)
    # Credentials may be bound to markers.
    secret = text != statement.text
    return {
        "statement_id": statement.id,
        "session_id": statement.session.id,
        "warehouse_id": statement.client.warehouse_id,
        "user_id": principal.id,
        "user_name": principal.name,
        "status": status,
        "statement_type": statement.statement_type,
        "text": text[:_MAX_TEXT],
        "parameters": [
            {"name": one.name, "type": one.type, "value": HIDDEN if secret else one.value}
            for one in statement.parameters
        ],
        "error_message": error and error.sql_message,
        "error_condition": error and error.code.condition,
        "client_application": application(statement.client.application),
        "client_driver": driver(statement.client.application),
        "protocol": statement.client.protocol,
        "query_tags": statement.client.query_tags,
        "submitted_at": _ms(statement.submitted_at),
        "started_at": None if statement.started_at is None else _ms(statement.started_at),
        "ended_at": _ms(statement.finished_at or statement.submitted_at),
        "rows_produced": None if spool is None else spool.rows,
        "bytes_produced": None if spool is None else spool.size,
        "rows_affected": statement.rows_affected,
        "truncated": statement.truncated,
    }


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
