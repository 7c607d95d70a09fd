"""Policies against a workspace: what they do not allow, and what would make it good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lakestead.client import Warehouse
from lakestead.govern.policies.declared import Governance
from lakestead.govern.policies.findings import Change, Finding
from lakestead.govern.policies.view import View


def evaluate(warehouse: Warehouse, governance: Governance, *, system: str = "system") -> list[Finding]:
    """Return what the policies do not allow, in order of the policies.

    Each is a query or two over `information_schema`, whatever the number of tables.

    Args:
        warehouse: of the workspace; its user must see what is to be judged.
        governance: the policies.
        system: the catalog that has `information_schema` of all catalogs.

    Raises:
        databricks.sql.Error: when the workspace refuses a query.
    """
    view = View(warehouse, governance.classification, governance.retention, system)
    return [
        Finding(problem.resource, name, rule.rule, rule.mode, problem.what, problem.remedy)
        for name, rule in governance.policies.root.items()
        for problem in rule.problems(view)
    ]


def plan(warehouse: Warehouse, governance: Governance, *, system: str = "system") -> list[Change]:
    """Return the statements that bring the workspace nearer to its policies; none if all is as it should be.

    Args:
        warehouse: of the workspace.
        governance: the policies.
        system: the catalog that has `information_schema` of all catalogs.

    Raises:
        databricks.sql.Error: when the workspace refuses a query.
    """
    view = View(warehouse, governance.classification, governance.retention, system)
    changes = [
        Change(step.resource, name, step.what, step.statement)
        for name, rule in governance.policies.root.items()
        for step in rule.steps(view)
    ]
    # Two policies may ask for the same.
    return list({change.statement: change for change in changes}.values())


def apply(warehouse: Warehouse, changes: Sequence[Change]) -> Iterator[Change]:
    """Carry changes out, and yield each when it is done.

    Each is a statement that has no effect when it is repeated, so an `apply` that was interrupted is
    continued by planning and applying again.

    Args:
        warehouse: of the workspace.
        changes: from `plan`.

    Raises:
        databricks.sql.Error: when the workspace refuses one; those before it are done.
    """
    for change in changes:
        warehouse.repeat(change.statement).close()
        yield change
