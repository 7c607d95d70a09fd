"""What clients of the Lakeview API send."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lakestead.workspace.http import Body


class DashboardBody(Body):
    """A dashboard. What the server alone decides may be sent back as it was given, and changes nothing."""

    display_name: str | None = Field(default=None, min_length=1, max_length=255)
    parent_path: str | None = None
    serialized_dashboard: str | None = None
    warehouse_id: str | None = None
    etag: str | None = None
    dashboard_id: str | None = None
    path: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    lifecycle_state: str | None = None


class Datasets(Body):
    """Query parameters: where datasets look for names that are not full."""

    dataset_catalog: str | None = None
    dataset_schema: str | None = None


class Listed(Body):
    """Query parameters of the list."""

    page_size: int | None = Field(default=None, ge=0)
    page_token: str | None = None
    show_trashed: bool = False
    view: Literal["DASHBOARD_VIEW_BASIC"] = "DASHBOARD_VIEW_BASIC"


class Publish(Body):
    """How a dashboard is published."""

    embed_credentials: bool = False
    warehouse_id: str | None = None
