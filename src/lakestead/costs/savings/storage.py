"""Tables that nobody reads: what their storage costs.

Only storage that Databricks bills by table counts; what a cloud bills for a bucket names no tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from lakestead.costs.money import MONEY
from lakestead.costs.savings.finding import Basis, Recommendation
from lakestead.costs.usage import Ledger, Period

LEAST_DAYS = 30
"""In fewer days a table may well not be read, and be needed."""


def find(ledger: Ledger, period: Period, rates: Mapping[str, Decimal]) -> Iterator[Recommendation]:
    """Yield what each table cost that lineage knows no reader of.

    Args:
        ledger: its catalog has `access.table_lineage`.
        period: the days, at least `LEAST_DAYS`.
        rates: what a unit of each currency is worth.

    Raises:
        databricks.sql.Error: when a table cannot be read.
    """
    for row in ledger.query(_query(ledger), period):
        yield Recommendation(
            "unused table",
            row["name"],
            f"drop or archive the table {row['name']}: nobody read it from {period.since} on",
            row["money"] * rates[row["currency"]],
            Basis.MEASURED,
            {"days": (period.until - period.since).days},
        )


def _query(ledger: Ledger) -> str:
    return f"""
        , stored AS (
            SELECT concat_ws('.', u.usage_metadata.uc_table_catalog, u.usage_metadata.uc_table_schema,
                u.usage_metadata.uc_table_name) AS name, p.currency, p.usage_quantity, p.price
            FROM priced AS p JOIN {ledger.name("billing", "usage")} AS u ON u.record_id = p.record_id
            WHERE p.usage_type = 'STORAGE_SPACE' AND u.usage_metadata.uc_table_name IS NOT NULL
                AND p.currency IS NOT NULL
        )
        SELECT s.name, s.currency, sum({MONEY}) AS money
        FROM stored AS s LEFT ANTI JOIN {ledger.name("access", "table_lineage")} AS l
            ON l.source_table_full_name = s.name AND l.event_time >= :since AND l.event_time < :until
        GROUP BY s.name, s.currency HAVING sum(s.usage_quantity) > 0"""
