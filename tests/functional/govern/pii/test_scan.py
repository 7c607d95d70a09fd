"""Tables of a workspace scanned, results kept, tags planned and set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakestead.client import Warehouse
from lakestead.core.errors import ConfigError
from lakestead.govern.pii import PiiSettings, Scanner, Suppression, TableScan, apply_tags, plan_tags

PEOPLE = """
SELECT id, concat('person', id, '@example.org') AS contact,
    concat('+49 30 90182', lpad(id % 100, 2, '0')) AS t,
    CASE WHEN id % 2 = 0 THEN 'DE89370400440532013000' ELSE 'GB29NWBK60161331926819' END AS account,
    id * 37 AS points, DATE'1980-01-01' AS dob, 4111111111111111 AS card,
    named_struct('mail', concat('a', id, '@example.org'), 'n', id) AS inner,
    array(concat('10.0.0.', id % 250)) AS hosts,
    concat('{"who": {"ssn": "536-90-', lpad(id % 9000 + 1000, 4, '0'), '"}, "n": 1}') AS document
FROM range(300)"""


@pytest.fixture
def tables(warehouse: Warehouse, schema: str) -> str:
    """The name, in `main`, of a schema with people and with things."""
    for statement in (
        f"CREATE TABLE {schema}.people AS {PEOPLE}",
        f"CREATE TABLE {schema}.things AS SELECT id AS number, concat('thing ', id) AS title FROM range(50)",
        f"CREATE VIEW {schema}.seen AS SELECT * FROM {schema}.people",
    ):
        warehouse.execute(statement).close()
    return schema.removeprefix("main.")


def kinds(scans: list[TableScan]) -> dict[str, str]:
    return {finding.column: finding.kind for scan in scans for finding in scan.findings}


EXPECTED = {
    "contact": "email", "t": "phone", "account": "iban", "dob": "date_of_birth", "card": "credit_card",
    "inner.mail": "email", "hosts.element": "ip_address", "document.who.ssn": "us_ssn",
}  # fmt: skip


def test_columns_are_found_whatever_they_are_in(warehouse: Warehouse, tables: str) -> None:
    scans = Scanner(warehouse).scan(("main", tables))
    assert [scan.table[2] for scan in scans] == ["people", "things"]
    assert kinds(scans) == EXPECTED
    assert [scan.rows for scan in scans] == [300, 50]
    samples = [sample for scan in scans for finding in scan.findings for sample in finding.samples]
    assert samples
    assert not any("person" in sample or "4111" in sample for sample in samples)


def test_any_rows_may_be_sampled(warehouse: Warehouse, tables: str) -> None:
    settings = PiiSettings(sampling="random", sample_rows=40)
    (scan,) = Scanner(warehouse, settings).scan(("main", tables, "people"))
    assert scan.rows == 40
    assert kinds([scan]) == EXPECTED


def test_what_is_known_to_be_none_is_left_out(warehouse: Warehouse, tables: str) -> None:
    settings = PiiSettings(
        suppressions=(
            Suppression(columns="main.*.people.contact", reason="role addresses"),
            Suppression(columns="*.t", reason="made up", kinds=("phone",)),
            Suppression(columns="*.account", reason="not a phone", kinds=("phone",)),
        )
    )
    found = kinds(Scanner(warehouse, settings).scan(("main", tables)))
    assert set(EXPECTED) - set(found) == {"contact", "t"}


def test_a_table_that_is_not_there_is_named(warehouse: Warehouse, tables: str) -> None:
    with pytest.raises(ConfigError, match=f"no table main.{tables}.nothing"):
        Scanner(warehouse).scan(("main", tables, "nothing"))


def test_only_what_has_changed_is_read_again(warehouse: Warehouse, tables: str, schema: str) -> None:
    scanner = Scanner(warehouse, PiiSettings(results=f"{schema}"))

    def read() -> set[str]:
        scans = scanner.scan(("main", tables))
        assert {key: kinds(scans)[key] for key in EXPECTED} == EXPECTED
        return {scan.table[2] for scan in scans if scan.rows is not None}

    read()
    assert read() <= {"_lakestead_pii", "_lakestead_pii_scans"}
    assert read() == set()
    warehouse.execute(f"ALTER TABLE {schema}.things ADD COLUMN email STRING").close()
    warehouse.execute(f"UPDATE {schema}.things SET email = 'a@example.org'").close()
    assert read() == {"things"}
    kept = warehouse.rows(f"SELECT column_name, class_tag, confidence FROM {schema}._lakestead_pii")
    assert ("email", "email", "HIGH") in [tuple(row.values()) for row in kept]
    # What is gone from a table goes from the results.
    warehouse.execute(f"CREATE OR REPLACE TABLE {schema}.things AS SELECT 1 AS number").close()
    assert read() == {"things"}
    left = warehouse.rows(f"SELECT * FROM {schema}._lakestead_pii WHERE table_name = 'things'")
    assert left == []
    assert {
        scan.table[2] for scan in scanner.scan(("main", tables), again=True) if scan.rows is not None
    } >= {
        "people",
        "things",
    }


def test_tags_are_set_and_those_of_people_stay(warehouse: Warehouse, tables: str) -> None:
    people = f"main.{tables}.people"
    warehouse.execute(f"ALTER TABLE {people} ALTER COLUMN t SET TAGS ('pii' = 'desk phone')").close()
    warehouse.execute(
        f"ALTER TABLE {people} ALTER COLUMN card SET TAGS ('pii_reviewed' = 'test data')"
    ).close()
    settings = PiiSettings()
    scans = Scanner(warehouse, settings).scan(("main", tables))
    planned = plan_tags(warehouse, scans, settings)
    assert {change.column for change in planned if change.action == "keep"} == {"t", "card"}
    assert apply_tags(warehouse, planned) == 6
    tags = {
        row["column_name"]: row["tag_value"]
        for row in warehouse.rows(
            "SELECT column_name, tag_value FROM system.information_schema.column_tags"
            " WHERE schema_name = :schema AND tag_name = 'pii'",
            schema=tables,
        )
    }
    assert tags == {
        "contact": "email", "t": "desk phone", "account": "iban", "dob": "date_of_birth", "inner": "email",
        "hosts": "ip_address", "document": "us_ssn",
    }  # fmt: skip
    again = plan_tags(warehouse, scans, settings)
    assert apply_tags(warehouse, again) == 0


def test_settings_come_from_governance_yaml(tmp_path: Path) -> None:
    from lakestead.core.governance import section

    file = tmp_path / "governance.yaml"
    file.write_text("pii: {tag: personal, suppressions: [{columns: '*.x', reason: known, kinds: [phon]}]}\n")
    with pytest.raises(ConfigError, match=r"governance\.yaml:1:.*unknown kind 'phon'; did you mean 'phone'"):
        section(file, "pii", PiiSettings)
    file.write_text("pii: {tag: personal}\n")
    assert section(file, "pii", PiiSettings).tag == "personal"
    assert json.loads(section(file, "pii", PiiSettings).model_dump_json())["sample_rows"] == 2000
