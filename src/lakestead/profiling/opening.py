"""The workspace that a configuration is deployed to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from lakestead.client import Profile, Warehouse, find_workspace
from lakestead.profiling.config import OrchestratorConfig

_TAGS = {"lakestead": "profiling"}


@contextmanager
def opened(
    config: OrchestratorConfig | None, profile: Profile | None = None, warehouse: Warehouse | None = None
) -> Iterator[Warehouse]:
    """Yield the warehouse that runs statements; its client makes the other requests.

    Args:
        config: may name a warehouse by its id.
        profile: the workspace; else the one that DATABRICKS_* names, or the embedded one.
        warehouse: used as it is, and left open.
    """
    if warehouse is not None:
        yield warehouse
        return
    with closing(find_workspace(profile or Profile())) as workspace:
        found = workspace.profile
        if config is not None and config.warehouse_id is not None:
            found = replace(found, warehouse_id=config.warehouse_id, sql_path=None)
        with closing(Warehouse(found, _TAGS)) as made:
            yield made


def warehouse_id(warehouse: Warehouse) -> str:
    """Return the id of a warehouse."""
    return warehouse.profile.http_path.rpartition("/")[2]
