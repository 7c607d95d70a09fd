"""The state of all monitors as one HTML page that needs nothing else."""

from __future__ import annotations

from lakestead.profiling.report.contents import Contents, read_contents
from lakestead.profiling.report.page import page

__all__ = ["Contents", "page", "read_contents"]
