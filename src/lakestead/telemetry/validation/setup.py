"""All checks of a setup, one after the other."""

from __future__ import annotations

from typing import Any

from lakestead.telemetry.settings import settings
from lakestead.telemetry.validation.result import Check, Status, ValidationResult


def validate_setup(
    workspace_url: str | None = None,
    check_connectivity: bool = True,
    check_governance: bool = True,
    **config: Any,
) -> ValidationResult:
    """Check host, token, connectivity, Unity Catalog, warehouse, permissions, attribution and exporter.

    Nothing is started or changed. A check whose condition has failed is skipped.

    Args:
        workspace_url: the workspace; else the one that the environment names.
        check_connectivity: ask the workspace, and connect to the collector.
        check_governance: look whether system tables can be read and who the program works for.
        config: as for `instrument_databricks_unity_catalog`.

    Raises:
        ConfigError: for an unknown key or a value that cannot be.
    """
    from lakestead.client import Profile
    from lakestead.telemetry.validation import checks

    setup = checks.Setup(Profile(host=workspace_url, patience=checks.SECONDS), settings(config))
    asked = [
        (checks.IDENTITY, True),
        (checks.CONNECTIVITY, check_connectivity),
        (checks.GOVERNANCE, check_governance),
        (checks.EXPORTER, check_connectivity),
    ]
    made: list[Check] = []
    for steps, wanted in asked:
        for step in steps:
            bad = [one.name for one in made if one.status in (Status.FAILED, Status.SKIPPED)]
            missing = [name for name in step.needs if name in bad or name not in {one.name for one in made}]
            if not wanted:
                made.append(Check(step.name, Status.SKIPPED, "not asked for"))
            elif missing:
                made.append(Check(step.name, Status.SKIPPED, f"needs {' and '.join(missing)}"))
            else:
                made += checks.attempt(step, setup)
    return ValidationResult(tuple(made))
