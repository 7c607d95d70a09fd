"""Apache Atlas: lineage, classifications and owners of its exports."""

from __future__ import annotations

from lakestead.govern.imports.atlas.export import AtlasExport, read_atlas
from lakestead.govern.imports.atlas.plan import AtlasPlan, plan_atlas

__all__ = ["AtlasExport", "AtlasPlan", "plan_atlas", "read_atlas"]
