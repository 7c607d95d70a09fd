"""Config-driven ingestion: a sheet of jobs, sources, and where their rows go.

from lakestead.ingest import IngestionOrchestrator

report = IngestionOrchestrator("config/ingestion_config.xlsx").run(parallel=4)
"""

from __future__ import annotations

from .audit import Entry
from .config import ConfigLoader
from .destinations import DatabricksDestination, Destination, Reporter
from .jobs.entry import Finding
from .jobs.job import Job
from .loading.windows import Backfill
from .orchestrator import IngestionOrchestrator, Planned, Report

__all__ = [
    "Backfill",
    "ConfigLoader",
    "DatabricksDestination",
    "Destination",
    "Entry",
    "Finding",
    "IngestionOrchestrator",
    "Job",
    "Planned",
    "Report",
    "Reporter",
]
