"""System tables with planted contents: Databricks' columns and types, in a catalog of a test's own."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lakestead.client import Warehouse

_TIME = pa.timestamp("us", "UTC")
_DECIMAL = pa.decimal128(38, 18)
_TAGS = pa.map_(pa.string(), pa.string())


def _strings(names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names.split()]


def _numbers(names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.int64()) for name in names.split()]


_IDS = _strings(
    "cluster_id job_id warehouse_id instance_pool_id node_type job_run_id notebook_id dlt_pipeline_id"
    " endpoint_name endpoint_id dlt_update_id dlt_maintenance_id run_name job_name notebook_path"
    " central_clean_room_id source_region destination_region app_id app_name metastore_id"
    " private_endpoint_name storage_api_type budget_policy_id ai_runtime_pool_id ai_runtime_workload_id"
    " uc_table_catalog uc_table_schema uc_table_name database_instance_id sharing_materialization_id"
    " schema_id usage_policy_id base_environment_id agent_bricks_id index_id catalog_id"
)
_PRICE = pa.struct([("default", _DECIMAL)])
SCHEMAS = {
    "billing.usage": pa.schema(
        [
            *_strings("account_id workspace_id record_id sku_name cloud"),
            ("usage_start_time", _TIME),
            ("usage_end_time", _TIME),
            ("usage_date", pa.date32()),
            ("custom_tags", _TAGS),
            ("usage_unit", pa.string()),
            ("usage_quantity", _DECIMAL),
            ("usage_metadata", pa.struct(_IDS)),
            ("identity_metadata", pa.struct(_strings("run_as created_by owned_by"))),
            ("record_type", pa.string()),
            ("ingestion_date", pa.date32()),
            *_strings("billing_origin_product usage_type"),
        ]
    ),
    "billing.list_prices": pa.schema(
        [
            ("account_id", pa.string()),
            ("price_start_time", _TIME),
            ("price_end_time", _TIME),
            *_strings("sku_name cloud currency_code usage_unit"),
            (
                "pricing",
                pa.struct([("default", _DECIMAL), ("promotional", _PRICE), ("effective_list", _PRICE)]),
            ),
        ]
    ),
    "query.history": pa.schema(
        [
            *_strings("account_id workspace_id statement_id executed_by session_id execution_status"),
            ("compute", pa.struct(_strings("type cluster_id warehouse_id"))),
            *_strings("executed_by_user_id statement_text statement_type error_message client_application"),
            ("client_driver", pa.string()),
            *_numbers(
                "total_duration_ms waiting_for_compute_duration_ms waiting_at_capacity_duration_ms"
                " execution_duration_ms compilation_duration_ms total_task_duration_ms"
                " result_fetch_duration_ms"
            ),
            ("start_time", _TIME),
            ("end_time", _TIME),
            ("update_time", _TIME),
            *_numbers("read_partitions pruned_files read_files read_rows produced_rows read_bytes"),
            ("read_io_cache_percent", pa.int8()),
            ("from_result_cache", pa.bool_()),
            *_numbers("spilled_local_bytes written_bytes shuffle_read_bytes written_rows written_files"),
            ("query_tags", _TAGS),
        ]
    ),
    "compute.warehouses": pa.schema(
        [
            *_strings("warehouse_id workspace_id account_id warehouse_name warehouse_type"),
            *_strings("warehouse_channel warehouse_size"),
            ("min_clusters", pa.int32()),
            ("max_clusters", pa.int32()),
            ("auto_stop_minutes", pa.int32()),
            ("tags", _TAGS),
            ("change_time", _TIME),
            ("delete_time", _TIME),
            ("created_by", pa.string()),
        ]
    ),
    "compute.warehouse_events": pa.schema(
        [
            *_strings("account_id workspace_id warehouse_id event_type"),
            ("cluster_count", pa.int32()),
            ("event_time", _TIME),
        ]
    ),
    "lakeflow.job_run_timeline": pa.schema(
        [
            *_strings("account_id workspace_id job_id run_id"),
            ("period_start_time", _TIME),
            ("period_end_time", _TIME),
            *_strings("trigger_type result_state run_type run_name"),
            ("compute_ids", pa.list_(pa.string())),
            ("termination_code", pa.string()),
        ]
    ),
    "access.table_lineage": pa.schema(
        [
            *_strings("account_id metastore_id workspace_id entity_type source_table_full_name"),
            *_strings("target_table_full_name statement_id"),
            ("event_time", _TIME),
            ("event_date", pa.date32()),
        ]
    ),
}
SKU = "PREMIUM_SERVERLESS_SQL_COMPUTE_US_EAST"
STORAGE_SKU = "PREMIUM_DATABRICKS_STORAGE_US_EAST"
DBUS = {"2X-Small": 4, "X-Small": 6, "Small": 12, "Medium": 24}  # an hour


@dataclass
class System:
    """What the system tables are to say; `write` makes them.

    Args:
        price: of a DBU, in USD.
    """

    price: Decimal = Decimal("0.70")
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})

    def __post_init__(self) -> None:
        for sku in (SKU, STORAGE_SKU):
            self.add_price(sku, self.price)

    def add_price(self, sku: str, price: Decimal, start: str = "2020-01-01", end: str | None = None) -> None:
        amount = {"default": price}
        self._add(
            "billing.list_prices",
            sku_name=sku,
            cloud="AWS",
            usage_unit="DBU",
            currency_code="USD",
            price_start_time=at(start),
            price_end_time=None if end is None else at(end),
            pricing={"default": price, "promotional": None, "effective_list": amount},
        )

    def add_warehouse(self, name: str, size: str = "Small", **settings: Any) -> None:
        given = {"auto_stop_minutes": 60, "min_clusters": 1, "max_clusters": 1, "tags": {}}
        given |= {"warehouse_type": "SERVERLESS", **settings}
        self._add(
            "compute.warehouses",
            warehouse_id=name,
            warehouse_name=name,
            warehouse_size=size,
            workspace_id="1",
            change_time=at("2020-01-01"),
            **given,
        )

    def run_warehouse(
        self, name: str, start: dt.datetime, end: dt.datetime, tags: dict[str, str] | None = None
    ) -> None:
        """Let a warehouse run: its events, and usage for every hour of the clock."""
        for event, count, moment in (("RUNNING", 1, start), ("STOPPED", 0, end)):
            self._add(
                "compute.warehouse_events",
                workspace_id="1",
                warehouse_id=name,
                event_type=event,
                cluster_count=count,
                event_time=moment,
            )
        sizes = {row["warehouse_id"]: row["warehouse_size"] for row in self.rows["compute.warehouses"]}
        while start < end:
            until = min(end, start.replace(minute=0, second=0) + dt.timedelta(hours=1))
            hours = Decimal((until - start) // dt.timedelta(seconds=1)) / 3600
            quantity = (hours * DBUS[sizes[name]]).quantize(Decimal("1e-18"))
            self.add_usage(start, until, quantity, tags=tags, warehouse_id=name)
            start = until

    def add_usage(
        self,
        start: dt.datetime,
        end: dt.datetime,
        quantity: Decimal,
        *,
        sku: str = SKU,
        tags: dict[str, str] | None = None,
        kind: str = "COMPUTE_TIME",
        **metadata: str,
    ) -> None:
        self._add(
            "billing.usage",
            record_id=uuid.uuid4().hex,
            workspace_id="1",
            sku_name=sku,
            cloud="AWS",
            usage_unit="DBU",
            usage_start_time=start,
            usage_end_time=end,
            usage_date=start.date(),
            custom_tags=tags or {},
            usage_quantity=quantity,
            usage_metadata={**{name: None for name, _ in _IDS}, **metadata},
            record_type="ORIGINAL",
            usage_type=kind,
            billing_origin_product="SQL",
        )

    def run_statement(
        self, warehouse: str, start: dt.datetime, seconds: float, text: str = "SELECT 1", **figures: Any
    ) -> str:
        """Let a statement run; return its id. One core works for it all the time unless figures differ."""
        milliseconds = int(seconds * 1000)
        given = {
            "execution_status": "FINISHED",
            "statement_type": "SELECT",
            "total_duration_ms": milliseconds,
            "execution_duration_ms": milliseconds,
            "total_task_duration_ms": milliseconds,
            "waiting_at_capacity_duration_ms": 0,
            "from_result_cache": False,
            "spilled_local_bytes": 0,
            "statement_id": uuid.uuid4().hex,
            "executed_by": "ada@example.com",
            "query_tags": {},
            **figures,
        }
        end = start + dt.timedelta(milliseconds=milliseconds)
        self._add(
            "query.history",
            workspace_id="1",
            statement_text=text,
            compute={"type": "WAREHOUSE", "cluster_id": None, "warehouse_id": warehouse},
            start_time=start,
            end_time=end,
            update_time=end,
            **given,
        )
        return str(given["statement_id"])

    def add_lineage(self, table: str, statement: str, moment: dt.datetime) -> None:
        self._add(
            "access.table_lineage",
            source_table_full_name=table,
            statement_id=statement,
            event_time=moment,
            event_date=moment.date(),
        )

    def add_job_run(self, job: str, run: str, start: dt.datetime, end: dt.datetime, result: str) -> None:
        self._add(
            "lakeflow.job_run_timeline",
            workspace_id="1",
            job_id=job,
            run_id=run,
            period_start_time=start,
            period_end_time=end,
            result_state=result,
        )

    def _add(self, table: str, **values: Any) -> None:
        self.rows[table].append(values)

    def write(self, warehouse: Warehouse, catalog: str, tables: Sequence[str] = tuple(SCHEMAS)) -> None:
        """Make the tables anew in a catalog that is there."""
        for name in tables:
            schema = name.partition(".")[0]
            warehouse.rows(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{schema}")
            warehouse.rows(f"CREATE VOLUME IF NOT EXISTS {catalog}.{schema}.files")
            path = f"/Volumes/{catalog}/{schema}/files/{uuid.uuid4().hex}.parquet"
            content = io.BytesIO()
            pq.write_table(pa.Table.from_pylist(self.rows[name], SCHEMAS[name]), content)
            content.seek(0)
            warehouse.client.files.upload(path, content)
            warehouse.rows(f"CREATE OR REPLACE TABLE {catalog}.{name} AS SELECT * FROM parquet.`{path}`")


def at(text: str) -> dt.datetime:
    """Return a moment in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
