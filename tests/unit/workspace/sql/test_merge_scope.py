"""Whose columns the expressions of a MERGE name."""

from __future__ import annotations

import pytest

from lakestead.workspace.sql.dml import clauses
from lakestead.workspace.sql.dml.scope import Scope
from lakestead.workspace.store.objects import TableColumn


def scope(alias: str = "AS t") -> Scope:
    """Return the scope of a MERGE into main.raw.orders (id, note, s, item) with a source s (id, n, other)."""
    merge = clauses.parse(f"MERGE INTO orders {alias} USING u AS s ON true WHEN MATCHED THEN DELETE")
    types = {"Id": "bigint", "note": "string", "S": "int", "item": "struct<n:int>"}
    columns = [TableColumn(name=name, type=kind) for name, kind in types.items()]
    return Scope(merge, ("main", "raw", "orders"), columns, frozenset({"id", "n", "other"}))


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("a = b", ["a = b"]),
        ("(a = b)", ["a = b"]),
        ("(a = b) AND (c and (d))", ["a = b", "c", "d"]),
        ("a = b OR c AND d", ["a = b OR c AND d"]),
        ("(a OR b) AND c", ["(a OR b)", "c"]),
        (
            "a BETWEEN 1 AND 2 AND b BETWEEN (1 AND 2) AND 3 AND c",
            ["a BETWEEN 1 AND 2", "b BETWEEN (1 AND 2) AND 3", "c"],
        ),
        (
            "CASE WHEN a AND b THEN c END = d AND 'x AND y' = e",
            ["CASE WHEN a AND b THEN c END = d", "'x AND y' = e"],
        ),
    ],
)
def test_conjuncts(condition: str, parts: list[str]) -> None:
    assert scope().conjuncts(condition) == parts


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("t.id = s.id", ("Id", "s.id", False)),
        ("s.id + 1 <=> T.ID", ("Id", "s.id + 1", True)),
        ("note == upper(other)", ("note", "upper(other)", False)),
        ("`t`.`note` = 'x = y'", ("note", "'x = y'", False)),
        ("t.s = CASE WHEN s.n > 1 THEN 2 END", ("S", "CASE WHEN s.n > 1 THEN 2 END", False)),
        ("t.id = (SELECT 1)", None),
        ("id = s.id", None),
        ("t.id + 0 = s.id", None),
        ("t.item.n = s.n", None),
        ("t.id = s.id = true", None),
        ("t.id = s.id IS NULL", None),
        ("NOT t.id = s.id", None),
        ("t.id = note", None),
        ("t.id = t.s", None),
        ("t.id > s.id", None),
        ("orders.id = s.id", None),
        ("t.id", None),
    ],
)
def test_equalities(condition: str, expected: tuple[str, str, bool] | None) -> None:
    found = scope().equality(condition)
    assert (found and (found.column.name, found.value, found.null_safe)) == expected


@pytest.mark.parametrize("name", ["orders.id", "raw.orders.id", "MAIN.raw.orders.id"])
def test_a_table_without_alias_goes_by_its_name(name: str) -> None:
    found = scope("").equality(f"{name} = s.id")
    assert found is not None
    assert found.column.name == "Id"
    assert scope("").equality(f"other.{name} = s.id") is None


@pytest.mark.parametrize(
    ("expression", "of_source"),
    [
        ("s.id", True),
        ("n * 2 + s.other", True),
        ("upper('note')", True),
        ("s.note.item", True),
        ("s.list[0].note", True),
        ("current_date()", True),
        ("note", False),
        ("id", False),
        ("t.id", False),
        ("raw.orders.id", False),
        ("item.n", False),
        ("max(n) OVER ()", False),
        ("explode(s.other)", False),
        ("n IN (SELECT 1)", False),
        ("CAST(n AS s)", False),
    ],
)
def test_what_needs_the_source_only(expression: str, of_source: bool) -> None:
    assert scope().of_source(expression) is of_source


def test_one_alias_for_both() -> None:
    assert not scope("AS s").of_source("s.id")
