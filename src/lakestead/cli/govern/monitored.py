"""The governance monitor that `lakestead govern` asks for lineage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakestead.cli.govern.opened import opened
from lakestead.client import Warehouse
from lakestead.core.governance import section
from lakestead.govern import DatabricksGovernanceMonitor, LineageSettings


@contextmanager
def monitored(
    governance: Path, profile: str | None
) -> Iterator[tuple[Warehouse, DatabricksGovernanceMonitor]]:
    """Yield a workspace and its monitor; Databricks' refusals end the program with their message.

    Args:
        governance: the file of declarations; may be missing.
        profile: of ~/.databrickscfg; the usual workspace if None.
    """
    settings = section(governance, "lineage", LineageSettings) if governance.exists() else LineageSettings()
    with opened(profile) as warehouse:
        yield warehouse, DatabricksGovernanceMonitor(warehouse=warehouse, settings=settings)
