"""Where rows go: tables of Unity Catalog, or folders of files."""

from __future__ import annotations

from .databricks import DatabricksDestination
from .destination import Destination, Reporter

__all__ = [
    "DatabricksDestination",
    "Destination",
    "Reporter",
]
