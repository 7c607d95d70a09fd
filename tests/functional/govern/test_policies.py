from __future__ import annotations

from collections.abc import Callable

import pytest

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.govern.policies import Finding, Governance, apply, evaluate, plan

Declared = Callable[[str], Governance]


def found(findings: list[Finding], schema: str) -> set[tuple[str, str]]:
    """Return policies and resources, without the schema."""
    return {(one.policy, one.resource.removeprefix(schema + ".")) for one in findings}


def test_each_rule_finds_what_breaks_it_and_nothing_else(
    warehouse: Warehouse, schema: str, declared: Declared
) -> None:
    for statement in (
        f"CREATE TABLE {schema}.bad (`born-on` DATE, email STRING, region STRING)",
        f"ALTER TABLE {schema}.bad ALTER COLUMN email SET TAGS ('pii' = 'email')",
        f"GRANT SELECT ON TABLE {schema}.bad TO `account users`",
        f"CREATE TABLE {schema}.good_one (id INT, at TIMESTAMP) COMMENT 'fine'",
        f"ALTER TABLE {schema}.good_one SET TAGS ('team' = 'core', 'classification' = 'public')",
        f"ALTER TABLE {schema}.good_one OWNER TO admins",
        f"CREATE TABLE {schema}.left_out (id INT)",
    ):
        warehouse.rows(statement)
    governance = declared("""
classification: {everyone: public, clearance: {admins: restricted}}
retention:
  rows: {scope: SCHEMA.good*, column: at, days: 30}
policies:
  tagged: {rule: required_tags, scope: SCHEMA, without: SCHEMA.left_out, tags: {team: [core, web]}}
  cleared: {rule: clearance, scope: SCHEMA, without: SCHEMA.left_out}
  masked: {rule: masked, scope: SCHEMA, without: SCHEMA.left_out}
  rows: {rule: row_filter, scope: SCHEMA, column: region}
  kept: {rule: retention, scope: SCHEMA, without: SCHEMA.left_out}
  placed: {rule: regions, scope: SCHEMA, storage: ["file:*"]}
  columns: {rule: naming, scope: SCHEMA, without: SCHEMA.left_out, of: column, pattern: "[a-z_]+"}
  tables: {rule: naming, scope: SCHEMA, without: SCHEMA.left_out, pattern: "[a-z]+_[a-z]+"}
  owned: {rule: ownership, scope: SCHEMA, without: SCHEMA.left_out}
  shared: {rule: grants, scope: SCHEMA}
  documented: {rule: documented, scope: SCHEMA, without: SCHEMA.left_out}
""")
    assert found(evaluate(warehouse, governance), schema) == {
        ("tagged", "bad"),
        ("cleared", "bad"),
        ("masked", "bad.email"),
        ("rows", "bad"),
        ("kept", "bad"),
        ("columns", "bad.born-on"),
        ("tables", "bad"),
        ("owned", "bad"),
        ("shared", "bad"),
        ("documented", "bad"),
    }


def test_a_tag_of_the_schema_is_the_tables_too(warehouse: Warehouse, schema: str, declared: Declared) -> None:
    warehouse.rows(f"CREATE TABLE {schema}.t (id INT)")
    governance = declared("policies: {tagged: {rule: required_tags, scope: SCHEMA, tags: {tier: [gold]}}}")
    assert [one.what for one in evaluate(warehouse, governance)] == ["the tag 'tier' is missing"]
    warehouse.rows(f"ALTER SCHEMA {schema} SET TAGS ('tier' = 'gold')")
    assert evaluate(warehouse, governance) == []
    warehouse.rows(f"ALTER TABLE {schema}.t SET TAGS ('tier' = 'tin')")
    assert [one.what for one in evaluate(warehouse, governance)] == ["the tag 'tier' is 'tin'"]


GOVERNED = """
classification: {everyone: internal, clearance: {admins: restricted}}
policies:
  tagged: {rule: required_tags, scope: SCHEMA, tags: {team: []}, defaults: {team: "it's core"}}
  owned: {rule: ownership, scope: SCHEMA, to: admins}
  cleared: {rule: clearance, scope: SCHEMA}
  masked: {rule: masked, scope: SCHEMA, functions_in: SCHEMA, show: {pii.email: email, pii.born: year}}
  rows: {rule: row_filter, scope: SCHEMA, column: region, functions_in: SCHEMA, groups: {users: [DE, FR]}}
"""


@pytest.fixture
def people(warehouse: Warehouse, schema: str) -> str:
    """A table of people that nobody looks after."""
    name = f"{schema}.people"
    for statement in (
        f"CREATE TABLE {name} (email STRING, born DATE, card BIGINT, region STRING)",
        f"INSERT INTO {name} VALUES ('ada@example.com', DATE '1815-12-10', 4111, 'DE'),"
        " ('grace@example.org', DATE '1906-12-09', 4222, 'US')",
        f"ALTER TABLE {name} SET TAGS ('classification' = 'restricted')",
        f"ALTER TABLE {name} ALTER COLUMN email SET TAGS ('pii' = 'email')",
        f"ALTER TABLE {name} ALTER COLUMN born SET TAGS ('pii' = 'born')",
        f"ALTER TABLE {name} ALTER COLUMN card SET TAGS ('pii' = 'card')",
        f"GRANT SELECT ON TABLE {name} TO `account users`",
    ):
        warehouse.rows(statement)
    return name


def test_a_plan_changes_nothing_and_applied_it_is_empty(
    warehouse: Warehouse, people: str, declared: Declared
) -> None:
    governance = declared(GOVERNED)
    changes = plan(warehouse, governance)
    assert plan(warehouse, governance) == changes
    assert {change.policy for change in changes} == {"tagged", "owned", "cleared", "masked", "rows"}
    assert list(apply(warehouse, changes)) == changes
    assert plan(warehouse, governance) == []
    assert evaluate(warehouse, governance) == []
    shown = warehouse.rows(f"SELECT * FROM {people}")
    assert [(row["email"], str(row["born"]), row["card"], row["region"]) for row in shown] == [
        ("a***@example.com", "1815-01-01", None, "DE")
    ]


def test_an_apply_that_was_interrupted_is_continued(
    warehouse: Warehouse, people: str, declared: Declared
) -> None:
    governance = declared(GOVERNED)
    changes = plan(warehouse, governance)
    running = apply(warehouse, changes)
    done = [next(running) for _ in range(3)]
    left = plan(warehouse, governance)
    assert left == changes[len(done) :]
    # What is carried out twice is as once.
    list(apply(warehouse, changes))
    assert plan(warehouse, governance) == []


def test_a_policy_that_changes_changes_its_masks_and_leaves_those_of_others(
    warehouse: Warehouse, schema: str, people: str, declared: Declared
) -> None:
    warehouse.rows(f"CREATE FUNCTION {schema}.mine(v BIGINT) RETURNS BIGINT RETURN 0")
    warehouse.rows(f"ALTER TABLE {people} ALTER COLUMN card SET MASK {schema}.mine")
    text = "policies: {masked: {rule: masked, scope: SCHEMA, functions_in: SCHEMA, show: {pii.email: HOW}}}"
    list(apply(warehouse, plan(warehouse, declared(text.replace("HOW", "redact")))))
    list(apply(warehouse, plan(warehouse, declared(text.replace("HOW", "hash")))))
    row = warehouse.rows(f"SELECT email, card FROM {people} WHERE region = 'DE'")[0]
    assert len(row["email"]) == 64
    assert row["card"] == 0


def test_members_of_a_group_see_the_values(warehouse: Warehouse, people: str, declared: Declared) -> None:
    governance = declared(
        "policies: {masked: {rule: masked, scope: SCHEMA, functions_in: SCHEMA, reveal_to: [admins]}}"
    )
    list(apply(warehouse, plan(warehouse, governance)))
    assert warehouse.rows(f"SELECT card FROM {people} WHERE region = 'DE'") == [{"card": 4111}]


def test_a_group_gets_what_it_is_cleared_for(
    warehouse: Warehouse, schema: str, people: str, declared: Declared
) -> None:
    warehouse.rows(f"CREATE TABLE {schema}.open (id INT)")
    governance = declared(
        "classification: {everyone: internal}\n"
        "policies: {cleared: {rule: clearance, scope: SCHEMA, grant_to: [users]}}"
    )
    changes = plan(warehouse, governance)
    assert [(one.what, one.resource.rsplit(".", 1)[-1]) for one in changes] == [
        ("revoke SELECT from 'account users'", "people"),
        ("grant SELECT to 'users'", "open"),
    ]
    list(apply(warehouse, changes))
    assert plan(warehouse, governance) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("policies: {x: {rule: masks}}", "rule"),
        ("policies: {x: {rule: masked, scop: a}}", "unknown key 'scop'; did you mean 'scope'"),
        ("policies: {x: {rule: masked, scope: a.b.c.d}}", "'a.b.c.d' is no scope"),
        ("policies: {x: {rule: masked, functions_in: a}}", "'a' is no schema"),
        ("policies: {x: {rule: naming, pattern: '['}}", "is no regular expression"),
        ("policies: {x: {rule: owned, mode: stop}}", "rule"),
    ],
)
def test_a_wrong_policy_says_where(declared: Declared, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")) as error:
        declared(text)
    assert "governance.yaml:1:" in str(error.value)
