"""Config-driven ingestion: a sheet of jobs, sources, and where their rows go."""

from __future__ import annotations
