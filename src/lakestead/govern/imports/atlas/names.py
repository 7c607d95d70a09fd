"""Atlas' names in Unity Catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakestead.core.errors import SourceError
from lakestead.core.names import InvalidName, canonical
from lakestead.govern.imports.atlas.export import COLUMNS, PATHS, TABLES, Entity
from lakestead.govern.lineage.edges import Node


@dataclass(frozen=True, slots=True)
class Names:
    """Gives Atlas' things their names in Unity Catalog: a cluster is a catalog, a database a schema.

    Args:
        catalog: gets the databases of clusters that are not named.
        clusters: the catalogs of clusters, by the clusters' names.
    """

    catalog: str
    clusters: Mapping[str, str]

    def node(self, entity: Entity) -> Node | None:
        """Return the table, column or path that an entity is; None if it is none.

        Raises:
            SourceError: when its name is none that Unity Catalog can have.
        """
        if entity.type_name in PATHS:
            return Node(_path(entity))
        parts = {**dict.fromkeys(TABLES, 2), **dict.fromkeys(COLUMNS, 3)}.get(entity.type_name)
        if parts is None:
            return None
        name, _, cluster = entity.qualified_name.rpartition("@")
        given = (name or cluster).split(".", parts - 1)
        if len(given) != parts:
            raise SourceError(
                f"{entity.type_name} '{entity.qualified_name}' is not named as Atlas names them"
            )
        catalog = self.clusters.get(cluster, self.catalog) if name else self.catalog
        try:
            table = ".".join(canonical(part) for part in (catalog, *given[:2]))
        except InvalidName as error:
            raise SourceError(f"{entity.type_name} '{entity.qualified_name}': {error}") from None
        return Node(table, given[2].lower() if parts == 3 else None)


def _path(entity: Entity) -> str:
    """Return a path's URL, without the cluster that Atlas puts behind it."""
    path = str(
        entity.attributes.get("path") or entity.qualified_name.rpartition("@")[0] or entity.qualified_name
    )
    return path if "/" in path else f"/{path}"
