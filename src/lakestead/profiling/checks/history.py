"""The results of all runs, in the table `row_checks` beside the metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote_name, quote_string
from lakestead.profiling.checks.conditions import literal
from lakestead.profiling.checks.results import CheckResult, TableReport
from lakestead.profiling.checks.source import find

_NAME = "row_checks"
_COLUMNS = {
    "run_id": "STRING",
    "table_name": "STRING",
    "check_name": "STRING",
    "check_kind": "STRING",
    "severity": "STRING",
    "row_count": "BIGINT",
    "failed_count": "BIGINT",
    "pass_rate": "DOUBLE",
    "threshold": "DOUBLE",
    "observed": "DOUBLE",
    "passed": "BOOLEAN",
    "problem": "STRING",
    "checked_at": "TIMESTAMP",
    "source_version": "BIGINT",
    "watermark": "TIMESTAMP",
    "quarantine_table": "STRING",
}


class History:
    """The table `row_checks` of a schema.

    Args:
        warehouse: runs the statements.
        schema: the schema's name: catalog, schema. It is made when it is needed.
    """

    def __init__(self, warehouse: Warehouse, schema: tuple[str, str]) -> None:
        self._warehouse = warehouse
        self._schema = schema
        self._name = quote_name(*schema, _NAME)

    def prepare(self) -> None:
        """Make the table, and its schema, if they are not there.

        Raises:
            databricks.sql.Error, DatabricksError: the workspace refuses.
        """
        if find(self._warehouse, (*self._schema, _NAME)) is not None:
            return
        if not self._has_schema():
            self._warehouse.repeat(f"CREATE SCHEMA IF NOT EXISTS {quote_name(*self._schema)}").close()
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        self._warehouse.repeat(
            f"CREATE TABLE IF NOT EXISTS {self._name} ({columns}) COMMENT 'Results of row checks'"
        ).close()

    def watermark(self, table: str, checks: Iterable[str]) -> dt.datetime | None:
        """Return up to where all of some checks have seen a table; None if one of them has not seen it.

        Raises:
            databricks.sql.Error: the workspace refuses.
        """
        rows = self._warehouse.rows(
            f"SELECT check_name, max(watermark) AS watermark FROM {self._name}"
            " WHERE table_name = :table GROUP BY check_name",
            table=table,
        )
        seen = {row["check_name"]: row["watermark"] for row in rows}
        marks = [seen.get(check) for check in checks]
        return None if None in marks else min(mark for mark in marks if mark is not None)

    def record(self, run_id: str, report: TableReport) -> None:
        """Write what came of a table's rules, in the place of what the same run wrote before.

        Raises:
            databricks.sql.Error: the workspace refuses.
        """
        rows = ", ".join(f"({_row(run_id, report, result)})" for result in report.results)
        same = f"run_id = {quote_string(run_id)} AND table_name = {quote_string(report.table)}"
        self._warehouse.repeat(f"INSERT INTO {self._name} REPLACE WHERE {same} VALUES {rows}").close()

    def _has_schema(self) -> bool:
        from databricks.sdk.errors import NotFound

        try:
            self._warehouse.client.schemas.get(".".join(self._schema))
        except NotFound:
            return False
        return True


def _row(run_id: str, report: TableReport, result: CheckResult) -> str:
    # What could not be checked is seen again the next time.
    watermark = None if result.problem else report.watermark
    values: tuple[Any, ...] = (
        run_id,
        report.table,
        result.check,
        result.kind,
        result.severity,
        result.rows,
        result.failed,
        result.pass_rate,
        result.threshold,
        result.observed,
        result.passed,
        result.problem,
        report.checked_at,
        report.source_version,
        watermark,
        report.quarantine_table,
    )
    return ", ".join(
        f"CAST({'NULL' if value is None else literal(value)} AS {kind})"
        for value, kind in zip(values, _COLUMNS.values(), strict=True)
    )
