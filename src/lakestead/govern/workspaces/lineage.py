"""The lineage of several workspaces as one graph."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack, closing

from lakestead.client import Warehouse
from lakestead.client.workspaces import Workspaces, named_workspaces
from lakestead.core.errors import ConfigError
from lakestead.govern.lineage.edges import Direction, Level, Window
from lakestead.govern.lineage.edges import root as parse_root
from lakestead.govern.lineage.graph import LineageGraph
from lakestead.govern.lineage.reading import read
from lakestead.govern.lineage.system import SystemLineage


def unified_lineage(
    root: str | None = None,
    *,
    level: str = "table",
    direction: str = "both",
    hops: int | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    system: str = "system",
    workspaces: Workspaces | None = None,
) -> LineageGraph:
    """Return what the lineage tables of several workspaces say, as one graph.

    A table is the same in all of them if its full name is: workspaces of one metastore agree on that; those
    of several do if their catalogs have names of their own.

    Args:
        root: a catalog, schema, table or column; everything if None.
        level: `table` or `column`.
        direction: `upstream`, `downstream` or `both`.
        hops: how far from the root; to the end if None.
        since: from when lineage counts.
        until: until when it counts.
        system: the catalog that holds the lineage tables.
        workspaces: which; else those for which `enable_cross_workspace_lineage` was said.

    Raises:
        ConfigError: there are none.
        databricks.sql.Error: one of them does not tell.
    """
    known = (workspaces or named_workspaces()).for_lineage()
    if not known:
        raise ConfigError(
            "no workspaces are known: name them by"
            " configure_unity_catalog_governance(…, enable_cross_workspace_lineage=True)"
        )
    with ExitStack() as stack:
        warehouses = [stack.enter_context(closing(Warehouse(one.profile))) for one in known]
        return read(
            [SystemLineage(warehouse, system) for warehouse in warehouses],
            None if root is None else parse_root(root),
            level=Level(level),
            direction=Direction(direction),
            hops=hops,
            window=Window(since, until),
        )
