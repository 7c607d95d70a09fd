"""Jobs: what a sheet or a YAML file says is to be ingested."""

from __future__ import annotations

from .job import Job

__all__ = ["Job"]
