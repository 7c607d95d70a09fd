"""REST APIs as sources: dlt's client for pages, log-ins and retries; rows with types that lose nothing."""

from __future__ import annotations

from .source import RestApi

__all__ = ["RestApi"]
