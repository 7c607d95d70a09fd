"""Rules that rows must keep: checked in the warehouse, the rows that break them set aside."""

from __future__ import annotations

from lakestead.profiling.checks.results import CheckReport, CheckResult, TableReport
from lakestead.profiling.checks.rules import Checks, TableChecks

__all__ = ["CheckReport", "CheckResult", "Checks", "TableChecks", "TableReport"]
