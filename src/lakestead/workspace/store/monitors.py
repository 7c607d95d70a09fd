"""Monitors of tables, and their refreshes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lakestead.workspace.store.base import Base, now_ms
from lakestead.workspace.store.objects import Securable


class Monitor(Base):
    """A monitor; it goes with its table, and its metric tables stay.

    ``config`` is what was declared, in the fields of the data-quality API; ``stem`` is what the names of the
    metric tables begin with: the table's own name when it was declared.
    """

    __tablename__ = "monitors"

    table_id: Mapped[str] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[str]
    stem: Mapped[str]
    output_schema_id: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(16))
    failure: Mapped[str | None] = mapped_column(default=None)
    dashboard_id: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[int] = mapped_column(default=now_ms)

    table: Mapped[Securable] = relationship(lazy="select", passive_deletes="all")


class MonitorRefresh(Base):
    """A refresh of a monitor's metrics: waiting, running or over."""

    __tablename__ = "monitor_refreshes"
    # No number comes again, even when the newest refresh goes with its monitor while it runs.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    table_id: Mapped[str] = mapped_column(ForeignKey("monitors.table_id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    trigger: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[int] = mapped_column(default=now_ms)
    ended_at: Mapped[int | None] = mapped_column(default=None)
    message: Mapped[str | None] = mapped_column(default=None)


class Refreshed(Base):
    """What the last refresh of a monitor computed; written after the metric tables, so never ahead of them.

    ``definition`` tells definitions apart. ``source`` and ``version`` are the table's identifier in the Delta
    log and the version that was read, ``baseline`` both of the baseline; null when what was read has none.
    ``profile`` and ``drift`` are the ids of the metric tables.
    """

    __tablename__ = "monitors_refreshed"

    table_id: Mapped[str] = mapped_column(ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True)
    definition: Mapped[str]
    source: Mapped[str | None]
    version: Mapped[int | None]
    baseline: Mapped[str | None]
    profile: Mapped[str]
    drift: Mapped[str]
