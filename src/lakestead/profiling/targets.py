"""A table that is to be monitored, with everything about it resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lakestead.profiling.settings import ProfileSettings

UNRANKED = 100


@dataclass(frozen=True)
class Target:
    """A table with its settings: those of the defaults, its tags and the YAML, merged.

    Args:
        catalog: the catalog it is in.
        schema: the schema it is in.
        name: the table's own name.
        table_id: its id in Unity Catalog; monitors are known by it.
        settings: what its monitor is like.
        group: its monitor group.
        owner: who answers for it.
        table_owner: who owns it in Unity Catalog.
        tags: its tags.
        priority: the smallest comes first.
        source: whether the YAML names it or tags found it.
    """

    catalog: str
    schema: str
    name: str
    table_id: str
    settings: ProfileSettings
    group: str
    owner: str | None = None
    table_owner: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    priority: int = UNRANKED
    source: Literal["yaml", "tags"] = "yaml"

    @property
    def full_name(self) -> str:
        """catalog.schema.table."""
        return f"{self.catalog}.{self.schema}.{self.name}"

    @property
    def output_schema(self) -> str:
        """The full name of the schema of its metric tables."""
        return f"{self.catalog}.{self.settings.output_schema_name.lower()}"

    @property
    def profile_metrics_table(self) -> str:
        """The full name of its table of profile metrics."""
        return f"{self.output_schema}.{self.name}_profile_metrics"

    @property
    def drift_metrics_table(self) -> str:
        """The full name of its table of drift metrics."""
        return f"{self.output_schema}.{self.name}_drift_metrics"
