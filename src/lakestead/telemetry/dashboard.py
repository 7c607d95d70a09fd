"""A dashboard for Grafana over what Prometheus gathers."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def dashboard() -> dict[str, Any]:
    """Return the dashboard, as Grafana imports it."""
    found: dict[str, Any] = json.loads(
        files(__package__).joinpath("grafana.json").read_text(encoding="utf-8")
    )
    return found
