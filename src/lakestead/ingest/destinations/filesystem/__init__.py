"""Folders of Parquet files or Delta tables, local or in S3, Azure and Google Cloud Storage."""

from __future__ import annotations

from .destination import ADLSGen2Destination, FilesystemDestination

__all__ = ["ADLSGen2Destination", "FilesystemDestination"]
