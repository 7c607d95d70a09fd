"""SQL warehouses."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from lakestead.workspace.store.base import Base, now_ms

# What a warehouse has when its maker does not say, as in the SQL warehouses API.
_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "cluster_size": "2X-Small",
        "min_num_clusters": 1,
        "auto_stop_mins": 120,
        "enable_photon": True,
        "enable_serverless_compute": False,
        "warehouse_type": "PRO",
        "spot_instance_policy": "COST_OPTIMIZED",
        "channel": {"name": "CHANNEL_NAME_CURRENT"},
        "tags": {},
    }
)


class Warehouse(Base):
    """A SQL warehouse: settings that were given, and whether it runs. All share the one embedded engine."""

    __tablename__ = "warehouses"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    running: Mapped[bool] = mapped_column(default=False)
    creator: Mapped[str]
    created_at: Mapped[int] = mapped_column(default=now_ms)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def effective(self) -> dict[str, Any]:
        """All its settings."""
        settings = {**_DEFAULTS, **self.settings}
        settings.setdefault("max_num_clusters", settings["min_num_clusters"])
        return settings
