"""How long data is kept, what is overdue, and its deletion."""

from __future__ import annotations

from lakestead.govern.retention.declared import Period, Retention

__all__ = ["Period", "Retention"]
