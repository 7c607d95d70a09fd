"""What a program says of its own operations on Unity Catalog."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lakestead.telemetry import attributes as names
from lakestead.telemetry.billing import bill
from lakestead.telemetry.operations import Operation, attributes_of
from lakestead.telemetry.recorder import Recorder

if TYPE_CHECKING:
    from lakestead.govern.compliance.auditing import Report

_NO_WORD = re.compile(r"[^a-z0-9]+")


class GenOpsDatabricksUnityCatalogAdapter:
    """Makes spans and metrics of operations that a program tells of. Many threads may use it.

    `track_…` tells of what has happened. `…_operation` is for what happens within a `with` block: its time is
    measured, what is called inside belongs to it, and its error is told.

    Keywords: `team`, `project`, `environment`, `cost_center`, `data_classification`, `user` say who it is
    for, in the place of `attribution()` and of GENOPS_* variables; `row_count`, `data_size_bytes`, `cost`,
    `currency`, `resource_type` (sql_warehouse, compute_cluster, storage), `lineage_upstream` and
    `lineage_downstream` say what it did; any other becomes an attribute `genops.custom.…`. None counts as not
    given. A value that no attribute can hold raises a TypeError.

    Args:
        recorder: makes the spans and metrics.
        workspace_url: the workspace.
    """

    def __init__(self, recorder: Recorder, workspace_url: str | None = None) -> None:
        self.recorder = recorder
        self.workspace_url = workspace_url

    def catalog_operation(self, operation: str, catalog_name: str, **governance_attrs: Any) -> Operation:
        """Begin an operation on a catalog.

        Args:
            operation: what is done, such as `read`.
            catalog_name: the catalog.
            governance_attrs: see the class.
        """
        return self._begin("catalog", operation, {names.GENOPS_CATALOG_NAME: catalog_name}, governance_attrs)

    def table_operation(
        self, operation: str, catalog_name: str, schema_name: str, table_name: str, **metrics: Any
    ) -> Operation:
        """Begin an operation on a table.

        Args:
            operation: what is done, such as `query`, `write`, `migrate`.
            catalog_name: the table's catalog.
            schema_name: the table's schema.
            table_name: the table.
            metrics: see the class.
        """
        table = {
            names.GENOPS_CATALOG_NAME: catalog_name,
            names.GENOPS_SCHEMA_NAME: schema_name,
            names.GENOPS_TABLE_NAME: table_name,
        }
        return self._begin("table", operation, table, metrics)

    def sql_warehouse_operation(
        self,
        sql_warehouse_id: str | None = None,
        query_type: str = "query",
        *,
        warehouse_id: str | None = None,
        query_duration_ms: float | None = None,
        **performance_metrics: Any,
    ) -> Operation:
        """Begin the use of a SQL warehouse.

        Its cost is reported to the cost aggregator, and shown, when it can be known: from `cost`, from
        `compute_units` (DBUs), or from `warehouse_size` and the time that it took, by list prices.

        Args:
            sql_warehouse_id: the warehouse.
            query_type: what it is used for, such as `transform`.
            warehouse_id: the same as `sql_warehouse_id`.
            query_duration_ms: how long it took, if it has happened already.
            performance_metrics: see the class.

        Raises:
            TypeError: when no warehouse is named, or two are.
        """
        if (sql_warehouse_id is None) == (warehouse_id is None):
            raise TypeError("give sql_warehouse_id or warehouse_id")
        warehouse = {
            names.GENOPS_WAREHOUSE_ID: sql_warehouse_id or warehouse_id,
            "genops.query.type": query_type,
            names.GENOPS_COST_RESOURCE_TYPE: "sql_warehouse",
        }
        told = {**performance_metrics, "query_duration_ms": query_duration_ms}
        return self._begin("sql_warehouse", query_type, warehouse, told, (query_duration_ms or 0) / 1000)

    def track_catalog_operation(
        self, operation: str, catalog_name: str, **governance_attrs: Any
    ) -> Operation:
        """Tell of an operation on a catalog, as `catalog_operation`; return it, ended."""
        return _ended(self.catalog_operation(operation, catalog_name, **governance_attrs))

    def track_table_operation(
        self, operation: str, catalog_name: str, schema_name: str, table_name: str, **metrics: Any
    ) -> Operation:
        """Tell of an operation on a table, as `table_operation`; return it, ended."""
        return _ended(self.table_operation(operation, catalog_name, schema_name, table_name, **metrics))

    def track_sql_warehouse_operation(
        self,
        sql_warehouse_id: str | None = None,
        query_type: str = "query",
        **performance_metrics: Any,
    ) -> Operation:
        """Tell of the use of a SQL warehouse, as `sql_warehouse_operation`; return it, ended."""
        return _ended(self.sql_warehouse_operation(sql_warehouse_id, query_type, **performance_metrics))

    def record_budget(self, name: str, spent: Decimal | float, limit: Decimal | float) -> None:
        """Tell how much of a budget is spent, as the metric `genops.budget.used`.

        Args:
            name: the budget's.
            spent: money.
            limit: money in the same currency, more than 0.
        """
        self.recorder.instruments.budget(name, Decimal(str(spent)), Decimal(str(limit)))

    def record_data_quality(self, score: float, catalog_name: str, schema_name: str, table_name: str) -> None:
        """Tell the quality of a table's data, as the metric `genops.databricks.data_quality_score`.

        Args:
            score: from 0 to 100.
            catalog_name: the table's catalog.
            schema_name: the table's schema.
            table_name: the table.
        """
        table = {
            names.GENOPS_CATALOG_NAME: catalog_name,
            names.GENOPS_SCHEMA_NAME: schema_name,
            names.GENOPS_TABLE_NAME: table_name,
        }
        self.recorder.instruments.quality(score, table)

    def record_compliance_rate(self, percent: float, metastore_id: str | None = None) -> None:
        """Tell which part of the checks was passed, as `genops.databricks.governance_compliance_rate`.

        Args:
            percent: from 0 to 100.
            metastore_id: what was checked.
        """
        what = {names.GENOPS_METASTORE_ID: metastore_id} if metastore_id else {}
        self.recorder.instruments.compliance(percent, what)

    def check_compliance(self) -> Report:
        """Ask the workspace what the `compliance_frameworks` ask for, and record the rate of checks passed.

        Raises:
            ConfigError: when there is no workspace, or the governance file is wrong.
            MissingExtra: without `lakestead[govern]`.
            databricks.sql.Error: when the workspace refuses a query.
        """
        from lakestead.govern.compliance import AuditStatus
        from lakestead.telemetry.enterprise import compliance

        report = compliance(self.recorder.settings, self.workspace_url)
        judged = [
            one.result.status
            for requirement in report.requirements
            for one in requirement.checks
            if one.result.status is not AuditStatus.UNKNOWN
        ]
        if judged:
            self.record_compliance_rate(100 * judged.count(AuditStatus.PASS) / len(judged))
        return report

    def flush(self, seconds: float = 30.0) -> bool:
        """Send what has gathered; return whether that was done within the time."""
        return self.recorder.pipeline.flush(seconds)

    def close(self) -> None:
        """Send what has gathered, end the exporters made for this adapter, and leave log records be."""
        self.recorder.close()
        if self.recorder.settings.enable_trace_correlation:
            from lakestead.telemetry.correlation import uncorrelate

            uncorrelate()

    def _begin(
        self,
        what: str,
        operation: str,
        attributes: dict[str, Any],
        keywords: dict[str, Any],
        seconds_ago: float = 0.0,
    ) -> Operation:
        word = _NO_WORD.sub("_", operation.lower()).strip("_")
        if not word or word[0].isdigit():
            raise ValueError(f"'{operation}' is no name of an operation; 'query' is one")
        told = {**attributes, **attributes_of(keywords)}
        costs = names.GENOPS_COST_TOTAL in told
        if costs:
            told.setdefault(names.GENOPS_COST_CURRENCY, "USD")
            told.setdefault(names.GENOPS_COST_RESOURCE_TYPE, "sql_warehouse")
        billing: Callable[[Operation], None] | None = bill if costs or what == "sql_warehouse" else None
        return self.recorder.start(f"{what}.{word}", told, seconds_ago=seconds_ago, before_end=billing)


def _ended(operation: Operation) -> Operation:
    operation.end()
    return operation
