"""Alerts, and the saved queries that older ones look at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, new_id, now_ms


class SavedQuery(Base):
    """A query with a name; ``definition`` is what its API calls so."""

    __tablename__ = "saved_queries"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    display_name: Mapped[str]
    owner: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    trashed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(default=now_ms)
    updated_at: Mapped[int] = mapped_column(default=now_ms)
    updated_by: Mapped[str]


class Alert(Base):
    """An alert: what was declared of it, and how it stands.

    ``legacy`` ones look at a saved query, others have their own. ``notified_at`` is when the notification of
    the present trouble was last sent; there is none while all is well.
    """

    __tablename__ = "alerts"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    legacy: Mapped[bool]
    display_name: Mapped[str]
    owner: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    trashed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(default=now_ms)
    updated_at: Mapped[int] = mapped_column(default=now_ms)
    state: Mapped[str] = mapped_column(String(12), default="UNKNOWN")
    evaluated_at: Mapped[int | None] = mapped_column(default=None)
    triggered_at: Mapped[int | None] = mapped_column(default=None)
    notified_at: Mapped[int | None] = mapped_column(default=None)
