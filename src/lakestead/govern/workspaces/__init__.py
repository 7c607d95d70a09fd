"""Several workspaces as one, and one that stands in for another."""

from __future__ import annotations

from lakestead.govern.workspaces.configuration import configure_unity_catalog_governance
from lakestead.govern.workspaces.failover import Failover, Member, Switch
from lakestead.govern.workspaces.lineage import unified_lineage
from lakestead.govern.workspaces.recorder import Recorder
from lakestead.govern.workspaces.spool import Spool

__all__ = [
    "Failover",
    "Member",
    "Recorder",
    "Spool",
    "Switch",
    "configure_unity_catalog_governance",
    "unified_lineage",
]
