"""The metric tables that there are, with their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_name, quote_string
from lakestead.profiling.settings import ProfileType
from lakestead.profiling.targets import Target

_PROFILE, _DRIFT = "_profile_metrics", "_drift_metrics"


@dataclass(frozen=True)
class Metrics:
    """The metric tables of one monitored table.

    Attributes:
        target: the table.
        profile: the columns of its profile metrics and their types, in order.
        drift: those of its drift metrics; empty if it has none.
    """

    target: Target
    profile: Mapping[str, str]
    drift: Mapping[str, str] = field(default_factory=dict)

    @property
    def profile_table(self) -> str:
        """The quoted full name of its profile metrics."""
        return self._table(_PROFILE)

    @property
    def drift_table(self) -> str:
        """The quoted full name of its drift metrics."""
        return self._table(_DRIFT)

    @property
    def model_id_column(self) -> str | None:
        """The column that tells a model's rows apart, if it is a model's table."""
        settings = self.target.settings
        inference = settings.profile_type is ProfileType.INFERENCE
        return settings.model_id_column.lower() if inference else None

    def _table(self, suffix: str) -> str:
        target = self.target
        return quote_name(target.catalog, target.settings.output_schema_name, target.name + suffix)


def find_metrics(warehouse: Warehouse, targets: Sequence[Target]) -> list[Metrics]:
    """Return the metric tables of those targets that have them, by one query for each catalog.

    Args:
        warehouse: is asked.
        targets: the monitored tables.
    """
    columns: dict[tuple[str, str, str], dict[str, str]] = {}
    schemas: dict[str, set[str]] = defaultdict(set)
    for target in targets:
        schemas[target.catalog].add(target.settings.output_schema_name.lower())
    for catalog, names in schemas.items():
        columns |= _columns(warehouse, catalog, names)
    found = []
    for target in targets:
        place = target.catalog, target.settings.output_schema_name.lower()
        profile = columns.get((*place, target.name + _PROFILE))
        if profile:
            found.append(Metrics(target, profile, columns.get((*place, target.name + _DRIFT), {})))
    return found


def _columns(
    warehouse: Warehouse, catalog: str, schemas: set[str]
) -> dict[tuple[str, str, str], dict[str, str]]:
    rows = warehouse.rows(
        "SELECT table_schema, table_name, lower(column_name) AS column_name, full_data_type"
        f" FROM {quote(catalog)}.information_schema.columns"
        f" WHERE table_schema IN ({', '.join(quote_string(name) for name in sorted(schemas))})"
        f" AND (endswith(table_name, '{_PROFILE}') OR endswith(table_name, '{_DRIFT}'))"
        " ORDER BY table_schema, table_name, ordinal_position"
    )
    found: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        table = catalog, row["table_schema"], row["table_name"]
        found[table][row["column_name"]] = row["full_data_type"].lower()
    return found
