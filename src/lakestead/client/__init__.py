"""The one maker of SDK and SQL clients: which workspace, and as whom."""

from __future__ import annotations

from lakestead.client.profile import Profile

__all__ = ["Profile"]
