"""Rows that did not go into a table, in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lakestead.client import Warehouse
from lakestead.core.names import quote_string
from lakestead.ingest.loading.evolution import Reject
from lakestead.ingest.loading.names import Table

SUFFIX = "__rejected"
_COLUMNS = (
    "load_id STRING NOT NULL COMMENT 'The load that the row came with', "
    "job STRING NOT NULL, "
    "reason STRING NOT NULL COMMENT 'Why it was rejected', "
    "row STRING NOT NULL COMMENT 'The row as it came, in JSON', "
    "rejected_at TIMESTAMP NOT NULL"
)


def rejected(
    warehouse: Warehouse,
    target: Table,
    relation: str,
    rejects: Sequence[Reject],
    *,
    job: str,
    load_id: str,
    at: datetime,
) -> int:
    """Put rows into the table of rejects, once for a load; return how many it has of this load.

    Args:
        warehouse: runs statements.
        target: the table that they did not go into.
        relation: what stands behind FROM in a query of the staged files.
        rejects: which rows, and why.
        job: whose rows they are.
        load_id: the load.
        at: when the load began.
    """
    *others, last = rejects
    reasons = " ".join(f"WHEN {one.condition} THEN {quote_string(one.reason)}" for one in others)
    reason = f"CASE {reasons} ELSE {quote_string(last.reason)} END" if others else quote_string(last.reason)
    rows = f"SELECT {reason} AS reason, to_json(struct(*)) AS row FROM {relation} WHERE {any_of(rejects)}"
    return _noted(warehouse, target, rows, job=job, load_id=load_id, at=at)


def unread(
    warehouse: Warehouse, target: Table, relation: str, *, job: str, load_id: str, at: datetime
) -> int:
    """Put what a source could not read as rows into the table of rejects; else as `rejected`.

    Args:
        warehouse: runs statements.
        target: the table that they did not go into.
        relation: what stands behind FROM in a query of the source's files of rejects.
        job: whose rows they are.
        load_id: the load.
        at: when the load began.
    """
    rows = f"SELECT concat(file, ':', line, ': ', error) AS reason, coalesce(row, '') AS row FROM {relation}"
    return _noted(warehouse, target, rows, job=job, load_id=f"{load_id}/read", at=at)


def _noted(warehouse: Warehouse, target: Table, rows: str, *, job: str, load_id: str, at: datetime) -> int:
    table = target.beside(target.name + SUFFIX)
    warehouse.rows(
        f"CREATE TABLE IF NOT EXISTS {table.sql} ({_COLUMNS})"
        f" COMMENT {quote_string('Rows that were not loaded into ' + target.full_name)}"
    )
    known = f"SELECT count(*) AS n FROM {table.sql} WHERE load_id = :load_id"
    if warehouse.rows(known, load_id=load_id)[0]["n"] == 0:
        warehouse.rows(
            f"INSERT INTO {table.sql} (load_id, job, reason, row, rejected_at)"
            f" SELECT :load_id, :job, reason, row, :at FROM ({rows})",
            load_id=load_id,
            job=job,
            at=at,
        )
    return int(warehouse.rows(known, load_id=load_id)[0]["n"])


def any_of(rejects: Sequence[Reject]) -> str:
    """Return the condition of all rows that are rejected."""
    return " OR ".join(f"({one.condition})" for one in rejects)
