"""What clients send to the SQL warehouses API."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakestead.workspace.http import Body

ClusterSize = Literal[
    "2X-Small",
    "X-Small",
    "Small",
    "Medium",
    "Large",
    "X-Large",
    "2X-Large",
    "3X-Large",
    "4X-Large",
    "5X-Large",
]
ChannelName = Literal[
    "CHANNEL_NAME_CURRENT", "CHANNEL_NAME_PREVIEW", "CHANNEL_NAME_PREVIOUS", "CHANNEL_NAME_CUSTOM"
]


Name = Annotated[str, Field(max_length=99, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Channel(Body):
    """The release channel; the embedded engine has one release."""

    name: ChannelName | None = None
    dbsql_version: str | None = None


class TagPair(Body):
    """A custom tag."""

    key: str
    value: str


class Tags(Body):
    """Custom tags."""

    custom_tags: list[TagPair] = Field(default_factory=list, max_length=44)


class WarehouseSettings(Body):
    """Settings that are kept and shown, and which the embedded engine has no use for."""

    cluster_size: ClusterSize | None = None
    min_num_clusters: int | None = Field(default=None, ge=1, le=30)
    max_num_clusters: int | None = Field(default=None, ge=1, le=40)
    auto_stop_mins: int | None = Field(default=None, ge=0, lt=2**31)
    enable_photon: bool | None = None
    enable_serverless_compute: bool | None = None
    warehouse_type: Literal["CLASSIC", "PRO", "TYPE_UNSPECIFIED"] | None = None
    spot_instance_policy: Literal["COST_OPTIMIZED", "RELIABILITY_OPTIMIZED", "POLICY_UNSPECIFIED"] | None = (
        None
    )
    channel: Channel | None = None
    tags: Tags | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_num_clusters and self.max_num_clusters and self.min_num_clusters > self.max_num_clusters:
            raise ValueError("min_num_clusters must not be above max_num_clusters")
        if self.enable_serverless_compute and self.warehouse_type == "CLASSIC":
            raise ValueError("enable_serverless_compute needs warehouse_type PRO")
        if self.auto_stop_mins and self.auto_stop_mins < 10 and not self.enable_serverless_compute:
            raise ValueError("auto_stop_mins must be 0 (never) or at least 10")
        return self


class CreateWarehouse(WarehouseSettings):
    """The body of ``POST /api/2.0/sql/warehouses``."""

    name: Name


class EditWarehouse(WarehouseSettings):
    """The body of ``POST /api/2.0/sql/warehouses/{id}/edit``: what is not given stays."""

    id: str | None = None
    name: Name | None = None


class ListWarehouses(Body):
    """The query of ``GET /api/2.0/sql/warehouses``; ``run_as_user_id`` has no effect on Databricks either."""

    page_size: int | None = Field(default=None, ge=1)
    page_token: str | None = None
    run_as_user_id: int | None = None
