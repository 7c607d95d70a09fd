"""Files as a source: Parquet, CSV, JSON Lines and Excel, in local folders, S3, Azure and Google."""

from __future__ import annotations

from .source import Files

__all__ = ["Files"]
