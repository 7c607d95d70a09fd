from __future__ import annotations

import pytest

from lakestead.core.datatypes import parse_type
from lakestead.core.errors import PolicyError
from lakestead.ingest.loading.evolution import Fit, fitted, goes_into
from lakestead.ingest.loading.package import StagedColumn
from lakestead.ingest.loading.table import Column

POLICIES = ("evolve", "freeze", "discard_value", "discard_row")


def fit(staged: dict[str, str], table: dict[str, str], policy: str) -> Fit:
    return fitted(
        [StagedColumn(name, name, kind) for name, kind in staged.items()],
        [Column(name, parse_type(kind)) for name, kind in table.items()],
        policy,
        "main.raw.t",
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_columns_alike_go_in_as_they_are(policy: str) -> None:
    found = fit({"id": "INT", "name": "STRING"}, {"id": "INT", "name": "STRING"}, policy)

    assert found.as_they_are
    assert [(value.name, value.expression) for value in found.values] == [("id", "`id`"), ("name", "`name`")]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_narrower_type_is_cast_and_nothing_is_lost(policy: str) -> None:
    found = fit({"id": "INT"}, {"id": "BIGINT"}, policy)

    assert found.values[0].expression == "CAST(`id` AS BIGINT)"
    assert not found.as_they_are
    assert not found.widened
    assert not found.rejects


@pytest.mark.parametrize("policy", POLICIES)
def test_a_column_that_the_source_has_no_more_gets_no_value(policy: str) -> None:
    found = fit({"id": "INT"}, {"id": "INT", "old": "STRING"}, policy)

    assert [value.name for value in found.values] == ["id"]
    assert found.as_they_are


def test_a_new_column() -> None:
    staged, table = {"id": "INT", "new": "DATE"}, {"id": "INT"}

    assert [column.definition for column in fit(staged, table, "evolve").added] == ["`new` DATE"]
    with pytest.raises(PolicyError, match=r"has no column 'new'.*freeze"):
        fit(staged, table, "freeze")
    discarded = fit(staged, table, "discard_value")
    assert [value.name for value in discarded.values] == ["id"]
    assert not discarded.as_they_are
    assert fit(staged, table, "discard_row").rejects[0].condition == "`new` IS NOT NULL"


def test_a_wider_type() -> None:
    staged, table = {"n": "BIGINT"}, {"n": "INT"}

    assert [(name, kind.sql) for name, kind in fit(staged, table, "evolve").widened] == [("n", "BIGINT")]
    with pytest.raises(PolicyError, match="'n' is INT, the source's is BIGINT now"):
        fit(staged, table, "freeze")
    assert fit(staged, table, "discard_value").values[0].expression == "TRY_CAST(`n` AS INT)"
    rejected = fit(staged, table, "discard_row").rejects[0]
    assert rejected.condition == "`n` IS NOT NULL AND TRY_CAST(`n` AS INT) IS NULL"


def test_a_type_that_is_another_cannot_evolve() -> None:
    with pytest.raises(PolicyError, match="cast it at the source"):
        fit({"n": "STRING"}, {"n": "INT"}, "evolve")


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        ("INT", "BIGINT", True),
        ("BIGINT", "INT", False),
        ("INT", "DECIMAL(10,0)", True),
        ("INT", "DECIMAL(11,2)", False),
        ("DECIMAL(8,2)", "DECIMAL(10,4)", True),
        ("DECIMAL(8,2)", "DECIMAL(9,4)", False),
        ("FLOAT", "DOUBLE", True),
        ("BIGINT", "DOUBLE", False),
        ("DATE", "TIMESTAMP_NTZ", True),
        ("TIMESTAMP_NTZ", "TIMESTAMP", False),
        ("VARCHAR(5)", "STRING", True),
        ("INT", "STRING", False),
    ],
)
def test_what_goes_into_what(kind: str, target: str, expected: bool) -> None:
    assert goes_into(parse_type(kind), parse_type(target)) is expected
