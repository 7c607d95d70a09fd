"""Jobs that a template shows; none is enabled."""

from __future__ import annotations

from typing import Any

EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "source_type": "postgres",
        "source_name": "erp",
        "schema_name": "public",
        "table_name": "customers",
        "load_type": "FULL",
        "enabled": "N",
    },
    {
        "source_type": "postgres",
        "source_name": "erp",
        "schema_name": "public",
        "table_name": "orders",
        "load_type": "INCREMENTAL",
        "watermark_column": "updated_at",
        "last_watermark": "2024-01-01",
        "lag": "2 hours",
        "primary_key": "order_id",
        "enabled": "N",
    },
    {
        "source_type": "mysql",
        "source_name": "shop",
        "schema_name": "sales",
        "table_name": "*",
        "load_type": "FULL",
        "target_schema": "shop",
        "enabled": "N",
    },
    {
        "source_type": "api",
        "source_name": "crm",
        "table_name": "contacts",
        "load_type": "INCREMENTAL",
        "watermark_column": "modified",
        "primary_key": "id",
        "api_endpoint": "v1/contacts",
        "pagination_type": "page_number",
        "auth_type": "bearer",
        "page_size": 100,
        "data_selector": "data",
        "enabled": "N",
    },
    {
        "source_type": "filesystem",
        "source_name": "landing",
        "load_type": "INCREMENTAL",
        "strategy": "append",
        "incremental_by": "modified",
        "path": "az://landing@account.dfs.core.windows.net/events/*.parquet",
        "target_table": "events",
        "enabled": "N",
    },
)
