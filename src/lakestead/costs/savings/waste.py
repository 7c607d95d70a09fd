"""Work of statements that was for nothing, or took more than it had to.

Each kind of waste is SQL over one row of `statements` (what the columns are is seen below). A statement is
of the first kind that it fits: so no two kinds count the same money. What a statement cost is its part of
what its warehouse cost while statements ran:

    savings = cost while statements ran × wasted task time ÷ all statements' task time

Statements whose task time is not known waste nothing that could be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lakestead.costs.savings.finding import Basis, Recommendation
from lakestead.costs.savings.survey import Use
from lakestead.costs.usage import Ledger, Period

_SHOWN = 5  # groups of statements, the costliest


@dataclass(frozen=True, slots=True)
class Waste:
    """A kind of waste.

    Args:
        kind: its name.
        condition: which statements waste so.
        wasted: how much of a statement's task time, in milliseconds.
        advice: what to do; `{times}` statements of the warehouse `{name}`.
        basis: what the savings rest on.
        label: what statements are grouped by, to be shown.
        tables: table expressions that the others refer to, beginning with a comma.
        joins: how these meet `statements AS s`.
    """

    kind: str
    condition: str
    wasted: str
    advice: str
    basis: Basis
    label: str = "CAST(xxhash64(s.statement_text) AS STRING)"
    tables: str = ""
    joins: str = ""


def find(
    ledger: Ledger, period: Period, uses: Sequence[Use], wastes: Sequence[Waste]
) -> Iterator[Recommendation]:
    """Yield what would be saved without each kind of waste, by warehouse.

    Args:
        ledger: has the history.
        period: the days.
        uses: of its warehouses.
        wastes: the kinds; of two that a statement fits, the first counts.

    Raises:
        databricks.sql.Error: when the history cannot be read.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in ledger.query(_query(ledger, wastes), period):
        groups.setdefault((row["warehouse"], row["kind"]), []).append(row)
    by_id = {use.warehouse: use for use in uses if use.task_ms}
    by_kind = {waste.kind: waste for waste in wastes}
    for (warehouse, kind), rows in groups.items():
        if warehouse in by_id:
            yield _recommendation(by_id[warehouse], by_kind[kind], rows)


def _recommendation(use: Use, waste: Waste, rows: Sequence[dict[str, Any]]) -> Recommendation:
    price = use.work_money / use.task_ms
    times = rows[0]["all_times"]
    shown = [
        {
            "statement_id": row["example"],
            "label": row["label"],
            "times": row["times"],
            "savings": round(price * Decimal(row["wasted"]), 4),
        }
        for row in rows
    ]
    return Recommendation(
        waste.kind,
        use.warehouse,
        waste.advice.format(name=use.name, times=f"{times:,}"),
        price * Decimal(rows[0]["all_wasted"]),
        waste.basis,
        {"statements": times, "task_hours": round(rows[0]["all_wasted"] / 3_600_000, 3), "of": shown},
    )


def _query(ledger: Ledger, wastes: Sequence[Waste]) -> str:
    fits = [(one, f"WHEN {one.condition} AND {one.wasted} > 0 THEN") for one in wastes]
    kind = " ".join(f"{fit} '{one.kind}'" for one, fit in fits)
    wasted = " ".join(f"{fit} CAST({one.wasted} AS BIGINT)" for one, fit in fits)
    label = " ".join(f"{fit} {one.label}" for one, fit in fits)
    return f"""
        , statements AS (
            SELECT statement_id, compute.warehouse_id AS warehouse, statement_text, statement_type,
                execution_status AS status, error_message, coalesce(from_result_cache, FALSE) AS cached,
                total_task_duration_ms AS task_ms, read_files, pruned_files, read_bytes, read_rows,
                produced_rows, spilled_local_bytes AS spilled, start_time
            FROM {ledger.name("query", "history")}
            WHERE end_time > :since AND start_time < :until AND compute.warehouse_id IS NOT NULL
                AND total_task_duration_ms > 0
        )
        {"".join(one.tables for one in wastes)},
        wasteful AS (
            SELECT s.warehouse, s.statement_id, CASE {kind} END AS kind,
                CASE {wasted} END AS wasted, CASE {label} END AS label
            FROM statements AS s {" ".join(one.joins for one in wastes)}
        ),
        labelled AS (
            SELECT warehouse, kind, label, count(*) AS times, sum(wasted) AS wasted,
                max_by(statement_id, wasted) AS example
            FROM wasteful WHERE kind IS NOT NULL GROUP BY warehouse, kind, label
        ),
        ranked AS (
            SELECT *, sum(times) OVER (PARTITION BY warehouse, kind) AS all_times,
                sum(wasted) OVER (PARTITION BY warehouse, kind) AS all_wasted,
                row_number() OVER (PARTITION BY warehouse, kind ORDER BY wasted DESC, label) AS place
            FROM labelled
        )
        SELECT * FROM ranked WHERE place <= {_SHOWN} ORDER BY warehouse, kind, place"""
