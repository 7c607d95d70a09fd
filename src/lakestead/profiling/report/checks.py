"""The newest results of row checks, as `lakestead profile rows` records them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_name, quote_string


def newest_checks(warehouse: Warehouse, catalog: str, schemas: Iterable[str]) -> list[dict[str, Any]]:
    """Return the newest result of each check of each table.

    Args:
        warehouse: is asked.
        catalog: of the schemas.
        schemas: where results may be.
    """
    names = ", ".join(quote_string(name.lower()) for name in sorted(set(schemas)))
    there = warehouse.rows(
        f"SELECT table_schema FROM {quote(catalog)}.information_schema.tables"
        f" WHERE table_name = 'row_checks' AND table_schema IN ({names})"
    )
    order = "PARTITION BY table_name, check_name ORDER BY checked_at DESC"
    found: list[dict[str, Any]] = []
    for row in there:
        found += warehouse.rows(
            f"""SELECT table_name, check_name, check_kind, severity, failed_count, pass_rate, threshold,
  passed, problem, quarantine_table
FROM (SELECT *, row_number() OVER ({order}) AS age
  FROM {quote_name(catalog, row["table_schema"], "row_checks")})
WHERE age = 1 ORDER BY passed, table_name, check_name"""
        )
    return found
