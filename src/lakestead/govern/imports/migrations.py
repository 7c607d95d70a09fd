"""The two migrations by the names and shapes that programs already use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lakestead.core.errors import SourceError
from lakestead.govern.imports.glue.catalog import parse_glue
from lakestead.govern.imports.glue.plan import GluePlan, plan_glue
from lakestead.govern.lineage.event import LineageMetrics
from lakestead.govern.monitor import DatabricksGovernanceMonitor, get_governance_monitor

_PARTS = ("catalog", "schema", "table")


def migrate_atlas_lineage_to_genops(
    atlas_lineage_data: Iterable[Mapping[str, Any]], monitor: DatabricksGovernanceMonitor | None = None
) -> list[LineageMetrics]:
    """Track lineage that was taken out of Atlas, one entry for each input and output of a process.

    For Atlas' own exports see `lakestead.govern.imports.atlas`.

    Args:
        atlas_lineage_data: entries with `process_type`, `input_dataset` and `output_dataset` (`catalog`,
            `schema`, `table`), and perhaps `process_sql` and `classification`.
        monitor: gets it; else the monitor of the usual metastore.

    Raises:
        SourceError: when an entry lacks something; those before it were tracked.
        InvalidName: for a name that no table can have.
    """
    monitor = monitor or get_governance_monitor()
    tracked = []
    for number, entry in enumerate(atlas_lineage_data):
        try:
            source, target, kind = entry["input_dataset"], entry["output_dataset"], entry["process_type"]
            given = {f"source_{part}": source[part] for part in _PARTS}
            given |= {f"target_{part}": target[part] for part in _PARTS}
        except (KeyError, TypeError) as error:
            raise SourceError(f"entry {number} of the lineage is not as Atlas' are: no {error}") from None
        tracked.append(
            monitor.track_data_lineage(
                kind,
                **given,
                transformation_logic=entry.get("process_sql"),
                data_classification=entry.get("classification", "internal"),
            )
        )
    return tracked


def migrate_glue_catalog_to_unity_catalog(
    glue_tables: Sequence[Mapping[str, Any]], catalog: str = "migrated_from_glue"
) -> GluePlan:
    """Return what makes Glue's tables tables of Unity Catalog; `apply` of the plan does it.

    Args:
        glue_tables: as the `TableList` of `GetTables` has them.
        catalog: of Unity Catalog; gets each database as a schema.

    Raises:
        SourceError: when a table has no name or database.
    """
    return plan_glue(parse_glue([("the tables", list(glue_tables))]), catalog)
