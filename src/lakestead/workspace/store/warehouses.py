"""SQL warehouses."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms


class Warehouse(Base):
    """A SQL warehouse: settings, and whether it runs. All share the one embedded engine."""

    __tablename__ = "warehouses"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    running: Mapped[bool] = mapped_column(default=True)
    creator: Mapped[str]
    created_at: Mapped[int] = mapped_column(default=now_ms)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
