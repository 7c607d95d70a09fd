"""The one maker of SDK and SQL clients: which workspace, and as whom."""

from __future__ import annotations

from lakestead.client.embedded import EmbeddedWorkspace
from lakestead.client.found import FoundWorkspace, find_workspace, standing_workspace
from lakestead.client.profile import Profile
from lakestead.client.warehouse import Warehouse

__all__ = [
    "EmbeddedWorkspace",
    "FoundWorkspace",
    "Profile",
    "Warehouse",
    "find_workspace",
    "standing_workspace",
]
