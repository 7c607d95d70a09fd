"""The `lakestead` command: it parses and calls, nothing else."""

from __future__ import annotations

from lakestead.cli.app import main

__all__ = ["main"]
