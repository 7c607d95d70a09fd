"""Where notifications go, and those that are still to be sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, new_id, now_ms


class NotificationDestination(Base):
    """A place outside of the workspace that notifications are sent to.

    ``config`` has secrets: the database's file, which its owner alone can read, is what guards them.
    """

    __tablename__ = "notification_destinations"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    display_name: Mapped[str]
    type: Mapped[str] = mapped_column(String(20))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(default=now_ms)


class WaitingNotification(Base):
    """A message on its way to one place: gone from here once it is known what became of it."""

    __tablename__ = "notifications_waiting"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[str | None] = mapped_column(default=None)
    destination_id: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[int] = mapped_column(default=now_ms)
