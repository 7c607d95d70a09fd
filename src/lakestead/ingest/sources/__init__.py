"""Where rows come from. A new source is one file here and one line in `registry.py`."""

from __future__ import annotations

from .source import Column, Request, Shape, Source, Staged, Window

__all__ = ["Column", "Request", "Shape", "Source", "Staged", "Window"]
