"""Tables of the system tables' columns, in a catalog of their own, with what a test writes into them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lakestead.client import Warehouse

_METADATA = (
    "warehouse_id",
    "cluster_id",
    "job_id",
    "dlt_pipeline_id",
    "endpoint_id",
    "app_id",
    "database_instance_id",
    "metastore_id",
)
_TYPES = {
    "billing.usage": (
        "account_id STRING, workspace_id STRING, record_id STRING, sku_name STRING, cloud STRING,"
        " usage_start_time TIMESTAMP, usage_end_time TIMESTAMP, usage_date DATE,"
        " custom_tags MAP<STRING, STRING>, usage_unit STRING, usage_quantity DECIMAL(38, 18),"
        f" usage_metadata STRUCT<{', '.join(f'{name}: STRING' for name in _METADATA)}>,"
        " identity_metadata STRUCT<run_as: STRING>, record_type STRING, billing_origin_product STRING,"
        " usage_type STRING"
    ),
    "billing.list_prices": (
        "price_start_time TIMESTAMP, price_end_time TIMESTAMP, sku_name STRING, cloud STRING,"
        " currency_code STRING, usage_unit STRING, pricing STRUCT<default: DECIMAL(38, 18),"
        " effective_list: STRUCT<default: DECIMAL(38, 18)>>"
    ),
    "billing.account_prices": (
        "account_id STRING, price_start_time TIMESTAMP, price_end_time TIMESTAMP, sku_name STRING,"
        " cloud STRING, currency_code STRING, usage_unit STRING, pricing STRUCT<default: DECIMAL(38, 18)>"
    ),
    "billing.cloud_infra_cost": (
        "cloud STRING, record_id STRING, account_id STRING, workspace_id STRING,"
        " usage_start_time TIMESTAMP, usage_end_time TIMESTAMP, usage_date DATE, cost DECIMAL(38, 18),"
        " currency_code STRING,"
        " usage_metadata STRUCT<cluster_id: STRING, warehouse_id: STRING, instance_pool_id: STRING>"
    ),
    "query.history": (
        "account_id STRING, workspace_id STRING, statement_id STRING, executed_by STRING,"
        " execution_status STRING, compute STRUCT<type: STRING, cluster_id: STRING, warehouse_id: STRING>,"
        " statement_text STRING, execution_duration_ms BIGINT, total_task_duration_ms BIGINT,"
        " start_time TIMESTAMP, end_time TIMESTAMP, read_bytes BIGINT, read_rows BIGINT, read_files BIGINT,"
        " query_tags MAP<STRING, STRING>"
    ),
    "compute.warehouse_events": (
        "account_id STRING, workspace_id STRING, warehouse_id STRING, event_type STRING, cluster_count INT,"
        " event_time TIMESTAMP"
    ),
}


@dataclass(frozen=True)
class Books:
    """A catalog with such tables.

    Attributes:
        warehouse: asks.
        catalog: its name.
    """

    warehouse: Warehouse
    catalog: str

    def keep(self, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Make tables of rows; what a row does not say is NULL."""
        for table, rows in tables.items():
            schema = table.split(".")[0]
            self.warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {self.catalog}.{schema}").close()
            name, columns = f"{self.catalog}.{table}", _TYPES[table]
            self.warehouse.execute(f"CREATE TABLE {name} ({columns})").close()
            fields = [part.split(" ")[0] for part in _columns(columns)]
            text = _columns(columns)
            kinds = ", ".join(f"{field}:{kind}" for field, kind in (part.split(" ", 1) for part in text))
            values = [dict(row) for row in rows]
            if values:
                self.warehouse.execute(
                    f"INSERT INTO {name} SELECT {', '.join(f'r.{field}' for field in fields)} FROM"
                    f" (SELECT explode(from_json(:rows, 'array<struct<{kinds}>>')) AS r)",
                    rows=json.dumps(values, default=_text),
                ).close()


def _text(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, dt.datetime) else str(value)


def _columns(text: str) -> list[str]:
    """Split a list of columns at its outer commas."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text + ","):
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return parts
