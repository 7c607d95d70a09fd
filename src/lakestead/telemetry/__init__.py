"""OpenTelemetry for Databricks programs: spans, metrics, exporters, and guards before statements.

from lakestead.telemetry import attribution, auto_instrument_databricks

auto_instrument_databricks()
with attribution(team="data-engineering", project="customer-insights"):
    ...  # databricks-sdk, databricks-sql-connector, pyspark
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from lakestead.telemetry.validation import (
    Check,
    Status,
    ValidationResult,
    print_validation_result,
    validate_setup,
)

if TYPE_CHECKING:
    from lakestead.govern.workspaces import configure_unity_catalog_governance

__all__ = [
    "Attribution",
    "Check",
    "GenOpsDatabricksUnityCatalogAdapter",
    "Operation",
    "Protocol",
    "Settings",
    "Status",
    "ValidationResult",
    "attribution",
    "auto_instrument_databricks",
    "configure_unity_catalog_governance",
    "install_guard",
    "instrument_databricks_unity_catalog",
    "print_validation_result",
    "remove_guard",
    "uninstrument",
    "validate_setup",
]


def __getattr__(name: str) -> Any:
    """Import what is govern's when it is asked for: it brings Databricks' clients with it."""
    if name == "configure_unity_catalog_governance":
        from lakestead.govern.workspaces import configure_unity_catalog_governance

        return configure_unity_catalog_governance
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
