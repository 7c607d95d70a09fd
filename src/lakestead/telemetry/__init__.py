"""OpenTelemetry for Databricks programs: spans, metrics, exporters, and guards before statements.

from lakestead.telemetry import attribution, auto_instrument_databricks

auto_instrument_databricks()
with attribution(team="data-engineering", project="customer-insights"):
    ...  # databricks-sdk, databricks-sql-connector, pyspark
"""

from __future__ import annotations

from lakestead.core.attribution import Attribution, attribution
from lakestead.telemetry.adapter import GenOpsDatabricksUnityCatalogAdapter
from lakestead.telemetry.operations import Operation
from lakestead.telemetry.settings import Protocol, Settings
from lakestead.telemetry.setup import (
    auto_instrument_databricks,
    install_guard,
    instrument_databricks_unity_catalog,
    remove_guard,
    uninstrument,
)

__all__ = [
    "Attribution",
    "GenOpsDatabricksUnityCatalogAdapter",
    "Operation",
    "Protocol",
    "Settings",
    "attribution",
    "auto_instrument_databricks",
    "install_guard",
    "instrument_databricks_unity_catalog",
    "remove_guard",
    "uninstrument",
]
