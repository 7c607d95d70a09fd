"""What breaks when a table or a column of it is dropped."""

from __future__ import annotations

from lakestead.govern.lineage.impact.analysis import impact
from lakestead.govern.lineage.impact.finding import Broken, Impact, Kind

__all__ = ["Broken", "Impact", "Kind", "impact"]
