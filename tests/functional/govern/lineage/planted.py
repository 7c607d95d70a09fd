"""Lineage tables as `system.access` has them, with rows that tests put there."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from lakestead.client import Warehouse

NOON = dt.datetime(2026, 1, 10, 12, tzinfo=dt.UTC)

_PARTS = ["_table_full_name", "_table_catalog", "_table_schema", "_table_name", "_path", "_type"]
_ENTITY = (
    "entity_metadata STRUCT<job_info: STRUCT<job_id: STRING, job_run_id: STRING>, dashboard_id: STRING,"
    " legacy_dashboard_id: STRING, notebook_id: STRING, sql_query_id: STRING,"
    " dlt_pipeline_info: STRUCT<dlt_pipeline_id: STRING, dlt_update_id: STRING>>"
)


@dataclass(frozen=True)
class Planted:
    """A copy of the lineage tables.

    Attributes:
        warehouse: where it is.
        catalog: which has it.
    """

    warehouse: Warehouse
    catalog: str

    def __post_init__(self) -> None:
        self.warehouse.execute(f"CREATE SCHEMA {self.catalog}.access").close()
        for level in ("table", "column"):
            columns = [
                "account_id",
                "metastore_id",
                "workspace_id",
                "entity_type",
                "entity_id",
                "entity_run_id",
            ]
            for side in ("source", "target"):
                columns += [side + part for part in _PARTS]
                columns += [f"{side}_column_name"] if level == "column" else []
            columns += ["created_by"]
            texts = ", ".join(f"{name} STRING" for name in columns)
            self.warehouse.execute(
                f"CREATE TABLE {self.catalog}.access.{level}_lineage ({texts}, event_time TIMESTAMP,"
                f" event_date DATE, record_id STRING, event_id STRING, statement_id STRING, {_ENTITY})"
            ).close()

    def add(self, *edges: tuple[str, str], when: dt.datetime = NOON) -> None:
        """Plant lineage of tables, or of columns where names have four parts; the workspace's own SQL."""
        for source, target in edges:
            level = "column" if source.count(".") == 3 and "/" not in source else "table"
            values = _values("source", source) | _values("target", target)
            values |= {"record_id": str(uuid.uuid4()), "created_by": "ada@example.com"}
            names = ", ".join([*values, "event_time", "event_date"])
            markers = ", ".join([*(f":{name}" for name in values), ":time", "CAST(:time AS DATE)"])
            self.warehouse.execute(
                f"INSERT INTO {self.catalog}.access.{level}_lineage ({names}) VALUES ({markers})",
                **values,
                time=when,
            ).close()

    def history(self) -> None:
        """Make the table of queries that were run; of its columns, those that are read here."""
        self.warehouse.execute(f"CREATE SCHEMA {self.catalog}.query").close()
        self.warehouse.execute(
            f"CREATE TABLE {self.catalog}.query.history (statement_id STRING, statement_text STRING,"
            " executed_by STRING, execution_status STRING, start_time TIMESTAMP)"
        ).close()

    def ran(self, text: str, by: str, when: dt.datetime, read: str | None = None) -> None:
        """Plant a query that was run, and the lineage of what it read, if that is known."""
        name = str(uuid.uuid4())
        if read is not None:
            self.warehouse.execute(
                f"INSERT INTO {self.catalog}.access.table_lineage"
                " (statement_id, source_table_full_name, event_time) VALUES (:name, :read, :when)",
                name=name,
                read=read,
                when=when,
            ).close()
        self.warehouse.execute(
            f"INSERT INTO {self.catalog}.query.history VALUES (:name, :text, :by, 'FINISHED', :when)",
            name=name,
            text=text,
            by=by,
            when=when,
        ).close()


def _values(side: str, name: str) -> dict[str, str]:
    if "/" in name:
        return {f"{side}_path": name, f"{side}_type": "PATH"}
    catalog, schema, table, *column = name.split(".")
    values = {
        f"{side}_table_full_name": f"{catalog}.{schema}.{table}",
        f"{side}_table_catalog": catalog,
        f"{side}_table_schema": schema,
        f"{side}_table_name": table,
        f"{side}_type": "TABLE",
    }
    return values | ({f"{side}_column_name": column[0]} if column else {})
