"""Names of tables, as loading uses them."""

from __future__ import annotations

from dataclasses import dataclass

from lakestead.core.names import quote_name


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its full name."""

    catalog: str
    schema: str
    name: str

    @property
    def full_name(self) -> str:
        """Its name as people and the SDK write it."""
        return f"{self.catalog}.{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """Its name in a statement."""
        return quote_name(self.catalog, self.schema, self.name)

    def beside(self, name: str) -> Table:
        """Return another table of the same schema."""
        return Table(self.catalog, self.schema, name)
