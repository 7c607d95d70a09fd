"""What a workspace says of the tables that are checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakestead.client import Warehouse
from lakestead.core.datatypes import DataType, parse_type
from lakestead.core.names import quote_name

if TYPE_CHECKING:
    from databricks.sdk.service.catalog import TableInfo

_STORED = ("MANAGED", "EXTERNAL")


@dataclass(frozen=True)
class Source:
    """A table, or a view.

    Args:
        parts: its name: catalog, schema, table.
        columns: the types of its columns by their names, in order.
        has_versions: whether one version of it can be asked for, so that all statements see the same rows.
        properties: its table properties.
    """

    parts: tuple[str, ...]
    columns: dict[str, DataType]
    has_versions: bool
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """catalog.schema.table."""
        return ".".join(self.parts)

    def column(self, name: str) -> DataType | None:
        """Return the type of a column; None if there is none. Case does not count."""
        found = {one.lower(): kind for one, kind in self.columns.items()}
        return found.get(name.lower())

    def version(self, warehouse: Warehouse) -> int | None:
        """Return the newest version; None if versions cannot be asked for.

        Raises:
            databricks.sql.Error: the workspace refuses to say.
        """
        if not self.has_versions:
            return None
        (newest,) = warehouse.rows(f"DESCRIBE HISTORY {quote_name(*self.parts)} LIMIT 1")
        return int(newest["version"])

    def at(self, version: int | None) -> str:
        """Return how statements refer to a version of it."""
        return quote_name(*self.parts) + ("" if version is None else f" VERSION AS OF {version}")


def find(warehouse: Warehouse, parts: Sequence[str]) -> Source | None:
    """Return a table or view; None if there is none, or none that the principal may know of.

    Raises:
        DatabricksError: the workspace refuses for another reason.
    """
    from databricks.sdk.errors import NotFound, PermissionDenied

    try:
        info = warehouse.client.tables.get(".".join(parts))
    except (NotFound, PermissionDenied):
        return None
    columns = {str(one.name): parse_type(str(one.type_text)) for one in info.columns or ()}
    return Source(tuple(parts), columns, _has_versions(info), info.properties or {})


def _has_versions(info: TableInfo) -> bool:
    """Databricks has versions of Delta tables alone, and not where rows are filtered or columns masked."""
    kind = info.table_type.value if info.table_type else ""
    layout = info.data_source_format.value if info.data_source_format else ""
    guarded = info.row_filter is not None or any(one.mask for one in info.columns or ())
    return kind in _STORED and layout == "DELTA" and not guarded
