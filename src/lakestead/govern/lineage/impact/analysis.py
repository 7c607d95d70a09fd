"""The analysis: everything that may need a table or a column is asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

from databricks.sdk.errors.base import DatabricksError
from databricks.sql.exc import Error

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError, SourceError
from lakestead.govern.lineage.edges import Direction, Level, Node
from lakestead.govern.lineage.edges import root as parse_root
from lakestead.govern.lineage.impact.finding import Broken, Impact, Kind
from lakestead.govern.lineage.impact.metastore import Metastore
from lakestead.govern.lineage.impact.readers import Readers
from lakestead.govern.lineage.impact.rules import Rules
from lakestead.govern.lineage.reading import graph
from lakestead.govern.lineage.stores import LineageStore, MemoryStore


def impact(
    warehouse: Warehouse,
    name: str,
    *,
    system: str = "system",
    store: LineageStore | None = None,
    days: int = 30,
) -> Impact:
    """Return what breaks when a table or a column is dropped.

    Views and SQL functions whose definitions read it; tables and columns that are filled from it, by lineage;
    keys, checks, generated columns, masks, row filters and monitors that need it; queries of the last days
    that read it. What may not be looked at is named in `unseen`.

    Args:
        warehouse: the workspace.
        name: of the table, `catalog.schema.table`, or of a column of it.
        system: the catalog that has the schemas `access` and `query`: `system`, or a copy of it.
        store: has lineage that was tracked, if there is some.
        days: how far back queries count.

    Raises:
        ConfigError: when the name is none of a table or column.
        SourceError: when there is none of this name, or it may not be seen.
    """
    dropped = parse_root(name).node
    if dropped is None or "/" in dropped.table:
        raise ConfigError(f"'{name}' is no table: give catalog.schema.table, or a column of it")
    metastore = Metastore(warehouse, system)
    columns = metastore.columns([dropped.table]).get(dropped.table)
    if columns is None:
        raise SourceError(f"there is no table '{dropped.table}', or it may not be seen")
    if dropped.column is not None and dropped.column not in columns:
        raise SourceError(f"'{dropped.table}' has no column '{dropped.column}'; it has {', '.join(columns)}")
    readers = Readers(metastore, dropped)
    owner = metastore.owners([dropped.table]).get(dropped.table)
    look = _Looking()
    views = look("views", readers.views)
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    filled = _Filled(warehouse, metastore, system, store or MemoryStore())
    found = [
        *views,
        *look("functions", readers.functions),
        *look("lineage", lambda: filled.by(dropped, [one.name for one in views])),
    ]
    for what, rule in Rules(warehouse, metastore, dropped, owner).looks().items():
        found += look(what, rule)
    found += look("queries", lambda: readers.queries(since))
    return Impact(dropped, found, look.unseen)


class _Looking:
    """Looks at one thing after the other, and remembers which it may not."""

    def __init__(self) -> None:
        self.unseen: list[str] = []

    def __call__(self, what: str, look: Callable[[], Iterable[Broken]]) -> list[Broken]:
        try:
            return list(look())
        except (Error, DatabricksError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self.unseen.append(f"{what}: {reason}")
            return []


class _Filled:
    """Finds what is filled from something, by lineage."""

    def __init__(self, warehouse: Warehouse, metastore: Metastore, system: str, store: LineageStore) -> None:
        self._warehouse = warehouse
        self._metastore = metastore
        self._system = system
        self._store = store

    def by(self, dropped: Node, views: Sequence[str]) -> Iterator[Broken]:
        """Yield the tables or columns that are filled from something, or from views that break with it."""
        near = self._distances(dropped) | {
            one: far for view in views for one, far in self._distances(Node(view)).items()
        }
        filled = {one: far for one, far in near.items() if one.table not in (dropped.table, *views)}
        owners = self._metastore.owners({one.table for one in filled}) if filled else {}
        for one, far in sorted(filled.items(), key=lambda item: (item[1], item[0])):
            kind = Kind.TABLE if one.column is None else Kind.COLUMN
            why = "is filled from it" if far == 1 else f"is filled from it in {far} steps"
            yield Broken(kind, str(one), why, owners.get(one.table))

    def _distances(self, start: Node) -> dict[Node, int]:
        """Return what is filled from something and is still there, with the number of steps to it."""
        parts = start.table.split(".") + ([start.column] if start.column is not None else [])
        found = graph(
            self._store,
            self._warehouse,
            self._system,
            ".".join(f"`{part}`" for part in parts),
            level=Level.TABLE,
            direction=Direction.DOWNSTREAM,
            hops=None,
            since=None,
            until=None,
        )
        distances = found.distances(start)
        return {one: far for one, far in distances.items() if far and not found.is_missing(one)}
