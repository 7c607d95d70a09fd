"""Config-driven ingestion: a sheet of jobs, sources, and where their rows go."""

from __future__ import annotations

from .config import ConfigLoader
from .jobs.entry import Finding
from .jobs.job import Job

__all__ = ["ConfigLoader", "Finding", "Job"]
