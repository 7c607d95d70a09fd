"""What each run of each job did: one line in a file of the day, one row in a table beside the target."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote_string
from lakestead.ingest.loading.names import Table

AUDIT_TABLE = "_lakestead_audit"
_TYPES = {"int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "dt.datetime": "TIMESTAMP"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of one job.

    Attributes:
        run_id: names the run of all jobs.
        job: the job's name.
        source_type: the kind of source.
        source_name: the source.
        source_object: the table, query, resource or path that was read.
        target: the table or URL that was written.
        load_type: FULL or INCREMENTAL.
        strategy: what happened to the target's rows.
        status: `loaded`, `unchanged` or `failed`.
        rows_read: rows that came from the source.
        rows_inserted: rows that the target gained.
        rows_updated: rows of the target that were changed.
        rows_deleted: rows that the target lost.
        rows_rejected: rows that went to the table of rejects.
        source_rows: rows that the source counted after the extraction; None if it was not asked.
        bytes_staged: of the staged files.
        files: staged files.
        watermark_before: how far the job had come.
        watermark_after: how far it has come.
        resumed: whether a load that an earlier run left unfinished was finished first.
        attempts: how often it was tried.
        started_at: UTC.
        seconds: how long it took.
        error: why it failed, without secrets.
    """

    run_id: str
    job: str
    source_type: str
    source_name: str
    source_object: str
    target: str
    load_type: str
    strategy: str
    status: str
    rows_read: int
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    rows_rejected: int
    source_rows: int | None
    bytes_staged: int
    files: int
    watermark_before: str | None
    watermark_after: str | None
    resumed: bool
    attempts: int
    started_at: dt.datetime
    seconds: float
    error: str | None

    @property
    def values(self) -> Mapping[str, Any]:
        """Its values by name, in order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def to_file(entry: Entry, folder: Path) -> Path:
    """Add an entry to the file of its day, `audit_YYYYMMDD.csv`; return the file.

    A line is written by one call, so that processes do not write into each other's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"audit_{entry.started_at:%Y%m%d}.csv"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        if os.fstat(file).st_size == 0:
            writer.writerow(entry.values)
        writer.writerow(
            value.isoformat() if isinstance(value, dt.datetime) else value for value in entry.values.values()
        )
        os.write(file, text.getvalue().encode())
    finally:
        os.close(file)
    return path


def prepare(warehouse: Warehouse, target: Table) -> None:
    """Make the table of audit beside a target if it is not there."""
    columns = ", ".join(f"{field.name} {_sql_type(str(field.type))}" for field in fields(Entry))
    warehouse.rows(
        f"CREATE TABLE IF NOT EXISTS {target.beside(AUDIT_TABLE).sql} ({columns})"
        f" COMMENT {quote_string('What each run of lakestead ingest did')}"
    )


def to_table(entry: Entry, warehouse: Warehouse, target: Table) -> None:
    """Add an entry to the table of audit beside a target."""
    table = target.beside(AUDIT_TABLE)
    values = {name: value for name, value in entry.values.items() if value is not None}
    # An entry is named by its run and job: sent twice, it is one.
    warehouse.changed(
        f"MERGE INTO {table.sql} t USING (SELECT :run_id AS run_id, :job AS job) s"
        " ON t.run_id = s.run_id AND t.job = s.job"
        f" WHEN NOT MATCHED THEN INSERT ({', '.join(values)})"
        f" VALUES ({', '.join(':' + name for name in values)})",
        **values,
    )


def _sql_type(kind: str) -> str:
    return _TYPES.get(kind.removesuffix(" | None"), "STRING")
