"""Policies: what every monitored table must keep to."""

from __future__ import annotations

from collections.abc import Sequence

from lakestead.profiling.config import OrchestratorConfig, Policy
from lakestead.profiling.discovery import matches
from lakestead.profiling.settings import ProfileSettings
from lakestead.profiling.targets import Target


def violations(policy: Policy, target: Target) -> list[str]:
    """Return what a table does not keep to, in words; nothing if it keeps to all."""
    _, _, own_name = target.full_name.partition(".")
    found = settings_violations(policy, own_name, target.settings)
    missing = [tag for tag in policy.require_tags if tag not in target.tags]
    if missing:
        found.append(f"lacks the tags that policy requires: {', '.join(missing)}")
    return found


def settings_violations(policy: Policy, name: str, settings: ProfileSettings) -> list[str]:
    """Return what can be said without asking the workspace.

    Args:
        policy: the policies.
        name: `schema.table`.
        settings: of the table.
    """
    found = []
    if policy.table_names and not matches(name, policy.table_names):
        found.append(f"its name matches none of: {', '.join(policy.table_names)}")
    output = settings.output_schema_name
    if policy.output_schema_names and not matches(output, policy.output_schema_names):
        found.append(f"its output schema '{output}' matches none of: {', '.join(policy.output_schema_names)}")
    if policy.require_baseline and not settings.baseline_table_name:
        found.append("has no baseline_table_name, which policy requires")
    if policy.require_slicing and not settings.slicing_exprs:
        found.append("has no slicing_exprs, which policy requires")
    return found


def refusals(policy: Policy, targets: Sequence[Target]) -> dict[str, str]:
    """Return the tables that are refused, by full names, with the reasons.

    Args:
        policy: the policies.
        targets: the tables, those of the highest priority first.
    """
    found: dict[str, str] = {}
    kept = 0
    for target in targets:
        reasons = violations(policy, target)
        if not reasons and policy.max_tables is not None and kept >= policy.max_tables:
            reasons = [f"is one more than the {policy.max_tables} tables that policy allows"]
        if reasons:
            found[target.full_name] = "; ".join(reasons)
        else:
            kept += 1
    return found


def offline_violations(config: OrchestratorConfig) -> list[str]:
    """Return what the tables named in a configuration do not keep to, as far as their tags do not matter."""
    found = []
    for name, own in config.monitored_tables.items():
        settings = config.profile_defaults.overridden(own)
        _, _, own_name = name.partition(".")
        found += [f"{name}: {text}" for text in settings_violations(config.policy, own_name, settings)]
    most = config.policy.max_tables
    if most is not None and len(config.monitored_tables) > most:
        found.append(f"{len(config.monitored_tables)} tables are named; policy allows {most}")
    return found
