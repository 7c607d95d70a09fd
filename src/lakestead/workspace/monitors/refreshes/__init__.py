"""Refreshes of monitors: from the monitored table to its two metric tables."""

from __future__ import annotations

from .refresh import Outcome, run

__all__ = ["Outcome", "run"]
