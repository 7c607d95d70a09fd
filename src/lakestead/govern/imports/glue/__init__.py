"""AWS Glue Data Catalog: its databases, tables and views, as Unity Catalog has them."""

from __future__ import annotations

from lakestead.govern.imports.glue.catalog import GlueCatalog, read_glue
from lakestead.govern.imports.glue.plan import GluePlan, plan_glue

__all__ = ["GlueCatalog", "GluePlan", "plan_glue", "read_glue"]
