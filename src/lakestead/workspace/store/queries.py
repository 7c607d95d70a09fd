"""The record of statements that have ended, for query history and usage."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base


class Query(Base):
    """A statement that has ended; times are milliseconds since the epoch.

    ``started_at`` is empty for a statement that was cancelled before it had a thread; ``parameters``
    are the values bound to
    it, each with ``name``, ``type`` and ``value``; ``bytes_produced`` counts the result as it is stored.
    """

    __tablename__ = "queries"
    __table_args__ = (Index("queries_by_time", "submitted_at", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    statement_id: Mapped[str] = mapped_column(unique=True)
    session_id: Mapped[str]
    warehouse_id: Mapped[str]
    user_id: Mapped[int]
    user_name: Mapped[str]
    status: Mapped[str]  # FINISHED, FAILED, CANCELED
    statement_type: Mapped[str]
    text: Mapped[str]
    parameters: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    error_message: Mapped[str | None]
    error_condition: Mapped[str | None]
    client_application: Mapped[str]
    client_driver: Mapped[str]
    protocol: Mapped[str]
    query_tags: Mapped[dict[str, str]] = mapped_column(JSON)
    submitted_at: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int] = mapped_column(BigInteger)
    rows_produced: Mapped[int | None] = mapped_column(BigInteger)
    bytes_produced: Mapped[int | None] = mapped_column(BigInteger)
    rows_affected: Mapped[int | None] = mapped_column(BigInteger)
    truncated: Mapped[bool]
