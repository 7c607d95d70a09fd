"""What a governed run ends with."""

from __future__ import annotations

import pytest

from lakestead.core.errors import ConfigError
from lakestead.run import load_project, run
from lakestead.run.governing import Governed
from lakestead.testing import Workspace

from .conftest import Memory, Shop

GOVERNANCE = """
policies:
  described: {rule: documented, scope: [main.SCHEMA.*]}
"""


@pytest.fixture
def governed(shop: Shop) -> Shop:
    shop.edit(
        "lakestead.yaml",
        "statements:",
        "attribution: {team: sellers, project: till}\ngovernance: governance.yaml\nstatements:",
    )
    shop.write("governance.yaml", GOVERNANCE.replace("SCHEMA", shop.schema))
    shop.edit("files/customers.csv", "city\n1,Ada,London", "city\n1,Ada,ada@example.org")
    shop.edit("files/customers.csv", "2,Grace,", "2,Grace,grace@example.org")
    return shop


def test_a_run_ends_with_what_governance_says(governed: Shop) -> None:
    made = governed.run().governed
    assert made is not None
    place = f"main.{governed.schema}"
    assert made.lineage[f"{place}.revenue"] == (f"{place}.customers", f"{place}.orders")
    assert made.lineage[f"{place}.best"] == (f"{place}.revenue",)
    assert all("landing" in source for source in made.lineage[f"{place}.orders"])
    assert (f"{place}.customers.city", "email") in [(one.column, one.kind) for one in made.personal]
    described = {one.resource for one in made.violations}
    assert f"{place}.revenue" in described
    assert f"{place}.orders" not in described
    assert made.policies == 1


def test_statements_are_accounted_to_the_project(governed: Shop) -> None:
    governed.run()
    found = governed.rows(
        "SELECT DISTINCT query_tags['team'], query_tags['project'] FROM system.query.history"
        " WHERE statement_text LIKE '%TABLE revenue%' AND statement_text LIKE 'CREATE%'"
    )
    assert ("sellers", "till") in found


def test_a_workspace_of_its_own_tells_the_cost(governed: Shop, workspace: Workspace) -> None:
    summary = run(load_project(governed.folder), governed.folder, workspace.profile, Memory(), own=True)
    made = summary.governed
    assert isinstance(made, Governed)
    costs = {cost.team: float(cost.amount) for cost in made.costs}
    assert costs["sellers"] > 0
    assert made.unpriced == ()


def test_a_governance_file_that_is_wrong_is_named(governed: Shop) -> None:
    governed.write("governance.yaml", "policy: {}\n")
    with pytest.raises(ConfigError, match=r"governance\.yaml:1:\d+: unknown section 'policy'"):
        governed.run()


def test_without_governance_there_is_none(shop: Shop) -> None:
    assert shop.run().governed is None
