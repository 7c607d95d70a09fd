"""What people call SQL warehouses and statements."""

from __future__ import annotations

from collections.abc import Sequence

from lakestead.costs.dimensions import By
from lakestead.costs.usage import Ledger

_TEXT = 80  # characters of a statement


def read_labels(ledgers: Sequence[Ledger], by: By, ids: Sequence[str]) -> dict[str, str]:
    """Return names of warehouses, or users and the beginning of statements, by id; nothing for others.

    Args:
        ledgers: their tables.
        by: what the ids are of.
        ids: few.

    Raises:
        databricks.sql.Error: when a table cannot be read.
    """
    reading = {
        By.WAREHOUSE: ("compute.warehouses", _warehouses),
        By.STATEMENT: ("query.history", _statements),
    }
    if by not in reading or not ids:
        return {}
    table, query = reading[by]
    rows = [
        row
        for ledger in ledgers
        if table in ledger.tables
        for row in ledger.warehouse.rows(query(ledger), ids=list(ids))
    ]
    return {row["id"]: " ".join(row["label"].split()) for row in rows if row["label"]}


def _warehouses(ledger: Ledger) -> str:
    return f"""
        SELECT warehouse_id AS id, max_by(warehouse_name, change_time) AS label
        FROM {ledger.name("compute", "warehouses")} WHERE array_contains(:ids, warehouse_id)
        GROUP BY warehouse_id"""


def _statements(ledger: Ledger) -> str:
    return f"""
        SELECT statement_id AS id, concat_ws(': ', executed_by, left(statement_text, {_TEXT})) AS label
        FROM {ledger.name("query", "history")} WHERE array_contains(:ids, statement_id)"""
