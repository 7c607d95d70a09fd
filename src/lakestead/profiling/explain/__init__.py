"""Why a column drifted: which values or quantiles moved, and which slices carry it."""

from __future__ import annotations

from lakestead.profiling.explain.drifts import Drift, find_drifts
from lakestead.profiling.explain.explanation import Explanation, explain
from lakestead.profiling.explain.tables import explain_table

__all__ = ["Drift", "Explanation", "explain", "explain_table", "find_drifts"]
