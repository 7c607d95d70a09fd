"""Statements that failed or were cancelled: all their task time was for nothing."""

from __future__ import annotations

from lakestead.costs.savings.finding import Basis
from lakestead.costs.savings.waste import Waste

FAILED = Waste(
    "failed",
    condition="s.status IN ('FAILED', 'CANCELED')",
    wasted="s.task_ms",
    advice="mend the {times} statements that failed or were cancelled on the warehouse '{name}'",
    basis=Basis.MEASURED,
    # The error's class: `[DIVIDE_BY_ZERO] …`.
    label=r"coalesce(nullif(regexp_extract(s.error_message, '^\\[([A-Z0-9_.]+)\\]', 1), ''), s.status)",
)
