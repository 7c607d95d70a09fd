"""Rules of row checks: what may be declared, and the SQL that they become."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from lakestead.core.errors import ConfigError
from lakestead.profiling.checks.conditions import broken, literal
from lakestead.profiling.checks.rules import Allowed, NotNull, Range, RowRule, TableChecks
from lakestead.profiling.config import load_config

_NAMES = st.text(min_size=1).filter(lambda text: "\0" not in text)


def _declared(tmp_path: Path, checks: str) -> TableChecks:
    file = tmp_path / "profiling.yaml"
    file.write_text(f"catalog_name: main\nchecks:\n{checks}")
    (found,) = load_config(file).checks.root.values()
    return found


def test_rules_are_named_after_what_they_say(tmp_path: Path) -> None:
    checks = _declared(
        tmp_path,
        """
  Main.Sales.Orders:
    - {kind: not_null, columns: id}
    - {kind: unique, columns: [id, day]}
    - {kind: range, column: n, max: 3, name: small}
    - {kind: row_count, min: 1}
    - {kind: sql, expression: a > b}
""",
    )
    assert [rule.title for rule in checks.rules] == [
        "not_null(id)",
        "unique(id, day)",
        "small",
        "row_count",
        "sql(a > b)",
    ]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{kind: range, column: n}", "give min, max or both"),
        ("{kind: range, column: n, mn: 3}", "unknown key 'mn'; did you mean 'min'?"),
        ("{kind: foreign_key, column: n, references: other.id}", "no catalog.schema.table.column"),
        ("{kind: set, column: n, values: []}", "at least 1 item"),
        ("{kind: set, column: n, values: [.nan]}", "finite"),
        ("{kind: freshness, column: n, max_age_hours: 0}", "greater than 0"),
        ("{kind: row_count, min: 1, quarantine: true}", "unknown key 'quarantine'"),
        ("{kind: range, column: n, min: 1, threshold: 1.5}", "less than or equal to 1"),
        ("{kind: like, column: n}", "'like'"),
    ],
)
def test_what_is_declared_wrongly_is_told_with_its_place(tmp_path: Path, rule: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=r"profiling.yaml:5:\d+: ") as raised:
        _declared(tmp_path, f"\n  main.a.b:\n    - {rule}\n")
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("checks", "problem"),
    [
        ("  main.a.b: []", "there are no rules"),
        ("  a.b: [{kind: row_count, min: 1}]", "no catalog.schema.table"),
        ("  other.a.b: [{kind: row_count, min: 1}]", "must be in the catalog 'main'"),
        ("  main.a.b: [{kind: row_count, min: 1}, {kind: row_count, max: 1}]", "called 'row_count'"),
    ],
)
def test_tables_that_cannot_be_checked_are_refused(tmp_path: Path, checks: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        _declared(tmp_path, checks)


@given(_NAMES, st.text())
def test_names_and_values_never_leave_their_place(name: str, value: str) -> None:
    rules: list[RowRule] = [
        NotNull(kind="not_null", columns=(name,)),
        Range(kind="range", column=name, min=value),
        Allowed(kind="set", column=name, values=(value,)),
    ]
    for rule in rules:
        tree = parse_one(f"SELECT {broken(rule)} FROM t", dialect="databricks")
        assert {column.name for column in tree.find_all(exp.Column)} == {name}
        assert not tree.find(exp.Subquery)
    assert parse_one(f"SELECT {literal(value)}", dialect="databricks").expressions[0].is_string
