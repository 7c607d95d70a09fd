"""The one maker of SDK and SQL clients: which workspace, and as whom."""

from __future__ import annotations

from lakestead.client.embedded import EmbeddedWorkspace
from lakestead.client.found import FoundWorkspace, find_workspace
from lakestead.client.profile import Profile

__all__ = ["EmbeddedWorkspace", "FoundWorkspace", "Profile", "find_workspace"]
