"""Runs of jobs that failed: what their own compute cost was for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from lakestead.costs.money import MONEY
from lakestead.costs.savings.finding import Basis, Recommendation
from lakestead.costs.usage import Ledger, Period


def find(ledger: Ledger, period: Period, rates: Mapping[str, Decimal]) -> Iterator[Recommendation]:
    """Yield what the failed runs of each job cost.

    Args:
        ledger: its catalog has `lakeflow.job_run_timeline`.
        period: the days.
        rates: what a unit of each currency is worth.

    Raises:
        databricks.sql.Error: when a table cannot be read.
    """
    for row in ledger.query(_query(ledger), period):
        yield Recommendation(
            "failed runs",
            row["job_id"],
            f"mend the job {row['job_id']}: {row['runs']:,} of its runs failed",
            row["money"] * rates[row["currency"]],
            Basis.MEASURED,
            {"runs": row["runs"], "run_ids": row["run_ids"]},
        )


def _query(ledger: Ledger) -> str:
    return f"""
        , failed AS (
            SELECT DISTINCT workspace_id, job_id, run_id
            FROM {ledger.name("lakeflow", "job_run_timeline")}
            WHERE result_state IN ('FAILED', 'ERROR', 'TIMEDOUT', 'TIMED_OUT', 'CANCELLED')
                AND period_end_time > :since AND period_start_time < :until
        )
        SELECT f.job_id, p.currency, sum({MONEY.replace("usage_quantity", "p.usage_quantity")}) AS money,
            count(DISTINCT f.run_id) AS runs, slice(array_sort(collect_set(f.run_id)), 1, 5) AS run_ids
        FROM priced AS p JOIN {ledger.name("billing", "usage")} AS u ON u.record_id = p.record_id
            JOIN failed AS f ON f.workspace_id = p.workspace_id AND f.run_id = u.usage_metadata.job_run_id
        WHERE p.currency IS NOT NULL
        GROUP BY f.job_id, p.currency HAVING sum(p.usage_quantity) > 0"""
