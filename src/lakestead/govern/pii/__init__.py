"""Personal data: columns found by sampling, a plan of tags, and tags set on approval."""

from __future__ import annotations

from lakestead.govern.pii.finding import ColumnFinding, TableScan
from lakestead.govern.pii.scanning import Scanner
from lakestead.govern.pii.settings import PiiSettings, Suppression
from lakestead.govern.pii.tagging import TagChange, apply_tags, plan_tags

__all__ = [
    "ColumnFinding",
    "PiiSettings",
    "Scanner",
    "Suppression",
    "TableScan",
    "TagChange",
    "apply_tags",
    "plan_tags",
]
