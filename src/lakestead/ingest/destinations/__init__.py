"""Where rows go: tables of Unity Catalog, or folders of files."""

from __future__ import annotations

from .databricks import DatabricksDestination
from .destination import Destination, Reporter
from .filesystem import ADLSGen2Destination, FilesystemDestination

__all__ = [
    "ADLSGen2Destination",
    "DatabricksDestination",
    "Destination",
    "FilesystemDestination",
    "Reporter",
]
