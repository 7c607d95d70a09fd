"""Dashboards: their drafts, and what of them is published."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms


def _id() -> str:
    return uuid.uuid4().hex


class Dashboard(Base):
    """A dashboard's draft; ``revision`` counts its changes."""

    __tablename__ = "dashboards"

    id: Mapped[str] = mapped_column(primary_key=True, default=_id)
    display_name: Mapped[str]
    serialized: Mapped[str]
    warehouse_id: Mapped[str | None]
    dataset_catalog: Mapped[str | None]
    dataset_schema: Mapped[str | None]
    owner: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    trashed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    updated_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)


class PublishedDashboard(Base):
    """A dashboard as it was published; ``publisher`` is whose privileges may be embedded in it."""

    __tablename__ = "dashboards_published"

    dashboard_id: Mapped[str] = mapped_column(
        ForeignKey("dashboards.id", ondelete="CASCADE"), primary_key=True
    )
    display_name: Mapped[str]
    serialized: Mapped[str]
    warehouse_id: Mapped[str | None]
    dataset_catalog: Mapped[str | None]
    dataset_schema: Mapped[str | None]
    embed_credentials: Mapped[bool]
    publisher: Mapped[str]
    published_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
