"""What is wrong with monitored tables, as queries over the unified metrics.

Alerts, dashboards and the report all ask these queries, so that they never disagree.
"""

from __future__ import annotations

from lakestead.profiling.findings.breaches import Finding, breaches
from lakestead.profiling.findings.measures import (
    ALL_ROWS,
    SIGNIFICANCE,
    Relations,
    drift,
    performance,
    quality,
)
from lakestead.profiling.findings.moves import moves

__all__ = [
    "ALL_ROWS",
    "SIGNIFICANCE",
    "Finding",
    "Relations",
    "breaches",
    "drift",
    "moves",
    "performance",
    "quality",
]
