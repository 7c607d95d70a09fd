"""Why a column drifted: which values or quantiles moved, and which slices carry it."""

from __future__ import annotations

from lakestead.profiling.explain.drifts import Drift, find_drifts
from lakestead.profiling.explain.explanation import Explanation, explain

__all__ = ["Drift", "Explanation", "explain", "find_drifts"]
