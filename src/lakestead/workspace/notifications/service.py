"""Sends notifications in the background, and records what became of each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lakestead.workspace.notifications.message import Message
from lakestead.workspace.notifications.smtp import SmtpServer
from lakestead.workspace.store.base import Store, now_ms
from lakestead.workspace.store.notifications import NotificationDestination, WaitingNotification
from lakestead.workspace.system.log import Log

logger = logging.getLogger(__name__)

STREAM = "lakestead.notifications"
"""The system table that has a row for every message and place."""

# Seconds between the tries of a message that was not taken.
_WAITS = (1.0, 5.0, 25.0)
_SENDERS = 4
# Messages that wait to be sent; of more it is recorded that they were not.
_MAX_WAITING = 1_000
# What could not be sent for so long, because the workspace was down, is no news.
_STALE_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message goes."""

    type: str
    name: str
    config: dict[str, Any]
    destination_id: str | None = None


class Notifications:
    """Messages on their way: kept in the store until they are sent, over the end of the workspace too.

    Args:
        store: has the destinations, and the messages that wait.
        log: what became of messages is recorded there.
        smtp: takes e-mail; None when the workspace has no mail server.
        waits: seconds between the tries of a message that was not taken.
    """

    def __init__(
        self, store: Store, log: Log, smtp: SmtpServer | None, waits: Sequence[float] = _WAITS
    ) -> None:
        self._store = store
        self._log = log
        self._smtp = smtp
        self._waits = waits
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(_SENDERS, thread_name_prefix="notifications")
        with store.read() as tx:
            left = tx.scalars(select(WaitingNotification.id).order_by(WaitingNotification.id)).all()
        for number in left:
            self._pool.submit(self._send, number)

    def send(self, message: Message) -> None:
        """Send a message to each of its recipients and destinations; returns at once.

        What becomes of it is in the system table ``system.lakestead.notifications``.

        Args:
            message: the message.
        """
        with self._store.write() as tx:
            waiting = self.put(tx, message)
        self.deliver(waiting)

    def put(self, tx: Session, message: Message) -> list[WaitingNotification]:
        """Keep a message that is about a transaction, to be sent only if that is committed.

        Args:
            tx: the transaction.
            message: the message.

        Returns:
            What :meth:`deliver` takes after the commit.
        """
        content = message.content()
        rows = [WaitingNotification(message=content, address=one) for one in message.recipients]
        rows += [WaitingNotification(message=content, destination_id=one) for one in message.destinations]
        waiting = tx.scalar(select(func.count()).select_from(WaitingNotification)) or 0
        taken = rows[: max(_MAX_WAITING - waiting, 0)]
        tx.add_all(taken)
        for row in rows[len(taken) :]:
            self._record(row, "NOT_SENT", 0, f"{_MAX_WAITING} notifications wait to be sent already")
        return taken

    def deliver(self, waiting: Iterable[WaitingNotification]) -> None:
        """Send what was put; returns at once."""
        if self._closing.is_set():
            return
        for row in waiting:
            self._pool.submit(self._send, row.id)

    def close(self) -> None:
        """Stop sending; what waits is sent when the workspace starts again."""
        self._closing.set()
        self._pool.shutdown(cancel_futures=True)

    def _send(self, number: int) -> None:
        with self._store.read() as tx:
            row = tx.get_one(WaitingNotification, number)
        try:
            self._try(row)
        except Exception:
            # The edge of a background thread: nobody else would tell, and the next process would fail too.
            logger.exception("a notification could not be sent")
            self._settle(row, "NOT_SENT", 1, "the workspace failed; see its log")

    def _try(self, row: WaitingNotification) -> None:
        # Mail and HTTP clients are loaded by the first message, not by every start of a workspace.
        from lakestead.workspace.notifications.channels import CHANNELS
        from lakestead.workspace.notifications.delivery import Undelivered

        if row.created_at < now_ms() - _STALE_MS:
            self._settle(row, "NOT_SENT", 0, "the workspace was down for a day")
            return
        message = Message(**row.message)
        for tries, wait in enumerate((0.0, *self._waits), start=1):
            if self._closing.wait(wait):
                return
            place = self._place(row)
            if place is None:
                self._settle(row, "NOT_SENT", tries - 1, "the destination does not exist")
                return
            try:
                CHANNELS[place.type](place.config, message, self._smtp)
            except Undelivered as error:
                if error.again and tries <= len(self._waits):
                    continue
                self._settle(row, "NOT_SENT", tries, error.reason)
                return
            self._settle(row, "SENT", tries, None)
            return

    def _place(self, row: WaitingNotification) -> _Place | None:
        if row.address is not None:
            return _Place("EMAIL", row.address, {"addresses": [row.address]})
        with self._store.read() as tx:
            found = tx.get(NotificationDestination, row.destination_id)
        if found is None:
            return None
        return _Place(found.type, found.display_name, found.config, found.id)

    def _settle(self, row: WaitingNotification, outcome: str, tries: int, error: str | None) -> None:
        self._record(row, outcome, tries, error)
        with self._store.write() as tx:
            tx.delete(tx.get_one(WaitingNotification, row.id))

    def _record(self, row: WaitingNotification, outcome: str, tries: int, error: str | None) -> None:
        place = self._place(row)
        self._log.append(
            STREAM,
            {
                "time": now_ms(),
                "kind": row.message["kind"],
                "subject": row.message["subject"],
                "link": row.message["link"] or None,
                "destination_type": None if place is None else place.type,
                "destination_id": row.destination_id,
                "destination": None if place is None else place.name,
                "recipients": None if place is None else place.config.get("addresses"),
                "outcome": outcome,
                "tries": tries,
                "error": error,
            },
        )
