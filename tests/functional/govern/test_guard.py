from __future__ import annotations

from collections.abc import Callable

import pytest

from lakestead.client import Warehouse
from lakestead.core.attribution import Attribution
from lakestead.core.guards import Attempt, Outcome, Verdict
from lakestead.govern.policies import Governance, PolicyGuard

Declared = Callable[[str], Governance]

BLOCKING = """
classification: {everyone: internal, clearance: {admins: confidential}}
policies:
  cleared: {rule: clearance, scope: SCHEMA, mode: block}
  masked: {rule: masked, scope: SCHEMA, mode: block}
  named: {rule: naming, scope: SCHEMA, mode: block, pattern: "[a-z]+"}
  placed: {rule: regions, scope: SCHEMA, mode: block, storage: ["s3://eu-*"]}
  documented: {rule: documented, scope: SCHEMA, mode: warn}
  shared: {rule: grants, scope: SCHEMA, mode: block}
  owned: {rule: ownership, scope: SCHEMA, mode: block}
  tagged: {rule: required_tags, scope: SCHEMA, mode: block, tags: {team: []}}
  reported: {rule: naming, scope: SCHEMA, pattern: "nothing"}
"""


@pytest.fixture
def tables(warehouse: Warehouse, schema: str) -> str:
    for statement in (
        f"CREATE TABLE {schema}.open (id INT)",
        f"CREATE TABLE {schema}.secret (id INT, classification STRING)",
        f"ALTER TABLE {schema}.secret SET TAGS ('classification' = 'restricted')",
        f"CREATE TABLE {schema}.half (id INT, salary INT)",
        f"ALTER TABLE {schema}.half ALTER COLUMN salary SET TAGS ('classification' = 'restricted')",
        f"CREATE TABLE {schema}.people (id INT, email STRING)",
        f"ALTER TABLE {schema}.people ALTER COLUMN email SET TAGS ('pii' = 'email')",
    ):
        warehouse.rows(statement)
    return schema


@pytest.fixture
def judge(warehouse: Warehouse, tables: str, declared: Declared) -> Callable[..., dict[str, str]]:
    """Return the policies that a statement breaks, with what they say of it."""
    guard = PolicyGuard(warehouse, declared(BLOCKING))

    def ask(text: str, user: str | None = None) -> dict[str, str]:
        attempt = Attempt(text.replace("SCHEMA", tables), warehouse.profile.url, None, user, Attribution())
        verdicts = guard.judge(attempt)
        assert {one.rule for one in verdicts} >= {"cleared", "masked", "named"}
        assert "reported" not in {one.rule for one in verdicts}
        return {one.rule: str(one.outcome) for one in verdicts if one.outcome is not Outcome.PASSED}

    return ask


STATEMENTS: list[tuple[str, set[str]]] = [
    ("SELECT * FROM SCHEMA.open", set()),
    ("SELECT id FROM SCHEMA.secret", {"cleared"}),
    ("WITH a AS (SELECT 1), b AS (SELECT id FROM SCHEMA.secret) SELECT * FROM a, b", {"cleared"}),
    ("CREATE TABLE SCHEMA.copy COMMENT 'x' AS SELECT * FROM SCHEMA.secret", {"cleared"}),
    ("INSERT INTO SCHEMA.open SELECT id FROM SCHEMA.secret", {"cleared"}),
    ("UPDATE SCHEMA.open SET id = (SELECT max(id) FROM SCHEMA.secret)", {"cleared"}),
    ("SELECT id FROM SCHEMA.half", set()),
    ("SELECT count(*) FROM SCHEMA.half", set()),
    ("SELECT id FROM SCHEMA.half WHERE SALARY > 1", {"cleared"}),
    ("SELECT * FROM SCHEMA.half", {"cleared"}),
    ("SELECT id FROM SCHEMA.people", set()),
    ("SELECT email FROM SCHEMA.people", {"masked"}),
    ("INSERT INTO SCHEMA.people VALUES (1, 'a@b.c')", {"masked"}),
    ("INSERT INTO SCHEMA.people (id) VALUES (1)", set()),
    ("CREATE TABLE SCHEMA.copy COMMENT 'x' AS SELECT email AS e FROM SCHEMA.people", {"masked"}),
    ("CREATE TABLE SCHEMA.wrong_name (id INT) COMMENT 'x'", {"named"}),
    ("CREATE TABLE SCHEMA.x (id INT) COMMENT 'x' LOCATION 's3://us-1/x'", {"placed"}),
    ("CREATE TABLE SCHEMA.x (id INT) COMMENT 'x' LOCATION 's3://eu-1/x'", set()),
    ("CREATE TABLE SCHEMA.x (id INT)", {"documented"}),
    ("GRANT SELECT ON TABLE SCHEMA.open TO `account users`", {"shared"}),
    ("GRANT SELECT ON TABLE SCHEMA.secret TO admins", set()),
    ("ALTER TABLE SCHEMA.open OWNER TO `bob@example.com`", {"owned"}),
    ("ALTER TABLE SCHEMA.open OWNER TO admins", set()),
    ("ALTER TABLE SCHEMA.open UNSET TAGS ('team')", {"tagged"}),
    ("ALTER TABLE SCHEMA.people ALTER COLUMN email SET MASK SCHEMA.f", set()),
    ("SELECT * FROM IDENTIFIER(concat('SCHEMA.sec', 'ret'))", {"cleared", "masked"}),
    ("SELECT 1", set()),
]


def test_a_statement_breaks_what_it_breaks(judge: Callable[..., dict[str, str]]) -> None:
    assert {text: set(judge(text)) for text, _ in STATEMENTS} == dict(STATEMENTS)


def test_a_name_without_its_schema_may_be_that_of_any(
    judge: Callable[..., dict[str, str]], tables: str
) -> None:
    assert judge("SELECT id FROM secret") == {"cleared": "blocked"}
    assert judge(f"SELECT id FROM {tables.split('.')[1]}.secret") == {"cleared": "blocked"}


def test_warnings_do_not_block(judge: Callable[..., dict[str, str]]) -> None:
    assert judge("CREATE VIEW SCHEMA.v AS SELECT 1 AS x") == {"documented": "warning"}


def test_the_clearance_is_that_of_who_sends_it(
    judge: Callable[..., dict[str, str]], warehouse: Warehouse, tables: str, somebody: tuple[str, Warehouse]
) -> None:
    warehouse.rows(f"ALTER TABLE {tables}.open SET TAGS ('classification' = 'confidential')")
    assert judge("SELECT * FROM SCHEMA.open") == {}
    assert judge("SELECT * FROM SCHEMA.open", somebody[0]) == {"cleared": "blocked"}
    assert judge("SELECT * FROM SCHEMA.open", "nobody@example.com") == {"cleared": "blocked"}


def test_what_is_known_of_a_table_is_looked_up_anew(
    warehouse: Warehouse, tables: str, declared: Declared
) -> None:
    guard = PolicyGuard(warehouse, declared(BLOCKING))
    attempt = Attempt(f"SELECT id FROM {tables}.open", "", None, None, Attribution())

    def blocked() -> list[Verdict]:
        return [one for one in guard.judge(attempt) if one.outcome is Outcome.BLOCKED]

    assert blocked() == []
    warehouse.rows(f"ALTER TABLE {tables}.open SET TAGS ('classification' = 'restricted')")
    assert blocked() == []
    guard.forget()
    (verdict,) = blocked()
    assert verdict.rule == "cleared"
    assert verdict.message.endswith(".open is 'restricted', and you are cleared for 'confidential'")


def test_masked_columns_may_be_used_but_not_copied(
    judge: Callable[..., dict[str, str]], warehouse: Warehouse, tables: str
) -> None:
    warehouse.rows(f"CREATE FUNCTION {tables}.f(v STRING) RETURNS STRING RETURN '***'")
    warehouse.rows(f"ALTER TABLE {tables}.people ALTER COLUMN email SET MASK {tables}.f")
    assert judge("SELECT email FROM SCHEMA.people") == {}
    assert judge("INSERT INTO SCHEMA.people VALUES (1, 'a@b.c')") == {}
    assert set(judge("CREATE TABLE SCHEMA.copy COMMENT 'x' AS SELECT email FROM SCHEMA.people")) == {"masked"}
