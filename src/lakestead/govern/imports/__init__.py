"""What other catalogs know: lineage, tags and owners of Apache Atlas, tables of AWS Glue."""

from __future__ import annotations

from lakestead.govern.imports.migrations import (
    migrate_atlas_lineage_to_genops,
    migrate_glue_catalog_to_unity_catalog,
)

__all__ = ["migrate_atlas_lineage_to_genops", "migrate_glue_catalog_to_unity_catalog"]
