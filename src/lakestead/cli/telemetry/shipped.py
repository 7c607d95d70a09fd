"""`lakestead telemetry schema` and `dashboard`: files that the package ships."""

from __future__ import annotations

import json

from lakestead.cli.output import give
from lakestead.telemetry.dashboard import dashboard as shipped_dashboard
from lakestead.telemetry.schema import schema as shipped_schema


def schema() -> None:
    """Print the JSON Schema of spans."""
    give(json.dumps(shipped_schema(), indent=2, ensure_ascii=False))


def dashboard() -> None:
    """Print the dashboard."""
    give(json.dumps(shipped_dashboard(), indent=2))
