"""Runs of jobs, and of the tasks in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms


class JobRun(Base):
    """A run, or a task of one: those have ``parent_id``, ``task`` and, at last, ``output``."""

    __tablename__ = "job_runs"
    # The number of a run that is forgotten is never given again.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("job_runs.id", ondelete="CASCADE"), index=True, default=None
    )
    name: Mapped[str]
    creator: Mapped[str]
    token: Mapped[str | None] = mapped_column(default=None)
    task: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    output: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    state: Mapped[str] = mapped_column(String(20), default="PENDING")
    result: Mapped[str | None] = mapped_column(String(20), default=None)
    message: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int] = mapped_column(default=now_ms)
    started_at: Mapped[int | None] = mapped_column(default=None)
    ended_at: Mapped[int | None] = mapped_column(default=None)
