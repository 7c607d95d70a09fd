"""What scans have found, kept in tables, so that the next scan need not look again.

`_lakestead_pii` has the columns of `system.data_classification.results`, and more; `_lakestead_pii_scans`
says which tables were scanned when, and with which columns.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.core.names import InvalidName, quote_name, split_name
from lakestead.govern.pii.finding import ColumnFinding, TableScan
from lakestead.govern.pii.sampling import Table

TABLE, SCANS = "_lakestead_pii", "_lakestead_pii_scans"
_COLUMNS = (
    "catalog_name STRING, schema_name STRING, table_name STRING, column_name STRING, data_type STRING,"
    " class_tag STRING, samples ARRAY<STRING>, confidence STRING, frequency DOUBLE, score DOUBLE,"
    " reasons ARRAY<STRING>, first_detected_time TIMESTAMP, latest_detected_time TIMESTAMP"
)
_SCANNED = (
    "catalog_name STRING, schema_name STRING, table_name STRING, fingerprint STRING, columns INT,"
    " rows BIGINT, error STRING, scan_time TIMESTAMP"
)
_SINCE = "catalog_name STRING, schema_name STRING, table_name STRING, since TIMESTAMP"
_NAMES = ("catalog_name", "schema_name", "table_name")
_PLACE = " AND ".join(f"kept.{name} <=> new.{name}" for name in _NAMES)
# As Databricks does, `confidence` says HIGH or LOW.
_HIGH = 0.85


@dataclass(frozen=True, slots=True)
class Known:
    """A kept scan of a table, and the fingerprint of the columns that it had."""

    fingerprint: str
    scan: TableScan


class Results:
    """Keeps results in a schema; the tables are made with the first of them.

    Args:
        warehouse: writes and reads them.
        schema: `catalog.schema`.

    Raises:
        ConfigError: when that is no name of a schema.
    """

    def __init__(self, warehouse: Warehouse, schema: str) -> None:
        try:
            catalog, name = split_name(schema)
        except (InvalidName, ValueError):
            raise ConfigError(f"pii.results: '{schema}' is no schema: give catalog.schema") from None
        self._warehouse = warehouse
        self._table = quote_name(catalog, name, TABLE)
        self._scans = quote_name(catalog, name, SCANS)

    def known(self, days: int) -> dict[tuple[str, str, str], Known]:
        """Return the scans that succeeded in the last days, by table."""
        self._make()
        found: dict[tuple[str, str, str], list[ColumnFinding]] = {}
        for row in self._warehouse.rows(f"SELECT * FROM {self._table}"):
            finding = _finding(row)
            found.setdefault(finding.table, []).append(finding)
        oldest = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        rows = self._warehouse.rows(
            f"SELECT * FROM {self._scans} WHERE error IS NULL AND scan_time >= :oldest", oldest=oldest
        )
        scans = {}
        for row in rows:
            name = (row["catalog_name"], row["schema_name"], row["table_name"])
            scan = TableScan(name, row["columns"], None, tuple(found.get(name, ())), None, row["scan_time"])
            scans[name] = Known(row["fingerprint"], scan)
        return scans

    def keep(self, scans: Sequence[tuple[Table, TableScan]]) -> None:
        """Keep scans in the place of earlier ones of the same tables.

        Findings first: a scan that is killed in between is done again.
        """
        self._make()
        places = [_place(scan.table) for _, scan in scans]
        findings = [_row(finding, scan.time) for _, scan in scans for finding in scan.findings]
        self._warehouse.repeat(
            f"MERGE INTO {self._table} AS kept USING ({_rows(_COLUMNS)}) AS new"
            f" ON {_PLACE} AND kept.column_name <=> new.column_name"
            " WHEN MATCHED THEN UPDATE SET data_type = new.data_type, class_tag = new.class_tag,"
            " samples = new.samples, confidence = new.confidence, frequency = new.frequency,"
            " score = new.score, reasons = new.reasons, latest_detected_time = new.latest_detected_time"
            " WHEN NOT MATCHED THEN INSERT *",
            rows=json.dumps(findings),
        ).close()
        # What was found earlier in these tables and now is not.
        self._warehouse.repeat(
            f"MERGE INTO {self._table} AS kept USING"
            f" ({_rows(_SINCE)}) AS new"
            f" ON {_PLACE} WHEN MATCHED AND kept.latest_detected_time < new.since THEN DELETE",
            rows=json.dumps(
                [
                    place | {"since": scan.time.isoformat()}
                    for place, (_, scan) in zip(places, scans, strict=True)
                ]
            ),
        ).close()
        self._warehouse.repeat(
            f"MERGE INTO {self._scans} AS kept USING ({_rows(_SCANNED)}) AS new ON {_PLACE}"
            " WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
            rows=json.dumps([_scan_row(table, scan) for table, scan in scans]),
        ).close()

    def _make(self) -> None:
        for name, columns, comment in (
            (self._table, _COLUMNS, "Columns with personal data"),
            (self._scans, _SCANNED, "When tables were scanned for personal data"),
        ):
            self._warehouse.repeat(
                f"CREATE TABLE IF NOT EXISTS {name} ({columns}) COMMENT '{comment}'"
            ).close()


def _rows(columns: str) -> str:
    """Return a query of rows that are bound as JSON in the parameter `rows`."""
    named = [one.split() for one in columns.split(", ")]
    # Times are read by CAST, which takes ISO 8601 everywhere.
    fields = ", ".join(f"{name}: {'STRING' if kind == 'TIMESTAMP' else kind}" for name, kind in named)
    values = ", ".join(f"CAST(r.{name} AS {kind}) AS {name}" for name, kind in named)
    return f"SELECT {values} FROM (SELECT explode(from_json(:rows, 'ARRAY<STRUCT<{fields}>>')) AS r)"


def _place(table: Iterable[str]) -> dict[str, str]:
    return dict(zip(_NAMES, table, strict=True))


def _row(finding: ColumnFinding, time: dt.datetime) -> dict[str, Any]:
    return {
        **_place(finding.table),
        "column_name": finding.column,
        "data_type": finding.type,
        "class_tag": finding.kind,
        "samples": list(finding.samples),
        "confidence": "HIGH" if finding.confidence >= _HIGH else "LOW",
        "frequency": finding.frequency,
        "score": finding.confidence,
        "reasons": list(finding.reasons),
        "first_detected_time": time.isoformat(),
        "latest_detected_time": time.isoformat(),
    }


def _scan_row(table: Table, scan: TableScan) -> dict[str, Any]:
    return {
        **_place(scan.table),
        "fingerprint": table.fingerprint,
        "columns": scan.columns,
        "rows": scan.rows,
        "error": scan.error,
        "scan_time": scan.time.isoformat(),
    }


def _finding(row: dict[str, Any]) -> ColumnFinding:
    return ColumnFinding(
        table=(row["catalog_name"], row["schema_name"], row["table_name"]),
        column=row["column_name"],
        type=row["data_type"],
        kind=row["class_tag"],
        confidence=row["score"],
        frequency=row["frequency"],
        samples=tuple(row["samples"]),
        reasons=tuple(row["reasons"]),
    )
