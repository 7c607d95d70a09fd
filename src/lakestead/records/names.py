"""Where names without a catalog or schema are."""

from __future__ import annotations

from lakestead.core.names import InvalidName, canonical, split_name
from lakestead.records.target import Execute


class Names:
    """Completes names as the sessions of a connector do.

    Args:
        catalog: where names without one are; None for the session's own.
        schema: where names without one are; None for the session's own.
    """

    def __init__(self, catalog: str | None, schema: str | None) -> None:
        self.catalog = catalog
        self.schema = schema

    def full(self, parts: tuple[str, ...], execute: Execute) -> tuple[str, str, str]:
        """Return a name of three parts.

        Args:
            parts: one to three.
            execute: asks the service for what neither the name nor the connector says.

        Raises:
            InvalidName: there are more.
        """
        catalog, schema = self.catalog, self.schema
        if (len(parts) == 1 and schema is None) or (len(parts) < 3 and catalog is None):
            row = execute("SELECT current_catalog() AS c, current_schema() AS s", None).records()[0]
            catalog, schema = catalog or row["c"], schema or row["s"]
        return _three((str(catalog), str(schema))[: 3 - len(parts)] + parts)


def volume_name(text: str) -> tuple[str, str, str]:
    """Return the parts of a volume's full name, or of its path.

    Args:
        text: `catalog.schema.volume` or `/Volumes/catalog/schema/volume`.

    Raises:
        InvalidName: it is neither.
    """
    if text.startswith("/Volumes/"):
        parts = tuple(text.removeprefix("/Volumes/").rstrip("/").split("/"))
    else:
        parts = split_name(text)
    return _three(parts)


def _three(parts: tuple[str, ...]) -> tuple[str, str, str]:
    if len(parts) != 3:
        raise InvalidName(f"'{'.'.join(parts)}' is no name of catalog, schema and object")
    catalog, schema, name = map(canonical, parts)
    return catalog, schema, name
