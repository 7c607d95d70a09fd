"""Every kind of rule, with rows that keep it, rows that break it, and NULL."""

from __future__ import annotations

import pytest

from lakestead.core.errors import ConfigError
from tests.functional.profiling.checks.conftest import Checked

_TABLE = """
CREATE TABLE LAKE.t (n INT, id INT, part STRING, amount DOUBLE, price DECIMAL(10,2), mail STRING, day DATE,
    at TIMESTAMP, ok BOOLEAN)
"""
_ROWS = """
INSERT INTO LAKE.t VALUES
  (0, 1, 'a', 1.5, 1.00, 'a@b.ch', DATE'2026-01-01', TIMESTAMP'2026-01-01 10:00:00', true),
  (1, 1, 'b', 0.5, 9.99, 'a.b.ch', DATE'2026-01-02', TIMESTAMP'2026-01-01 09:59:59', false),
  (2, 1, 'b', 3.0, 9.98, 'it\\'s@c', DATE'2025-12-31', TIMESTAMP'2026-01-02 00:00:01', true),
  (3, 7, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 7, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, NULL, 'c', 2.0, 1.01, '', DATE'2026-01-01', current_timestamp(), true)
"""
_RULES = r"""
  LAKE.t:
    - {name: given, kind: not_null, columns: [id, ok]}
    - {name: distinct, kind: unique, columns: [id, part]}
    - {name: alone, kind: unique, columns: id, where: "part <> 'b'"}
    - {name: amount, kind: range, column: Amount, min: 1, max: 2.0}
    - {name: price, kind: range, column: price, max: 9.98}
    - {name: day, kind: range, column: day, min: 2026-01-01}
    - {name: at, kind: range, column: at, min: 2026-01-01 10:00:00+00:00, max: 2026-01-02 00:00:00+00:00,
       where: n < 5}
    - {name: mail, kind: pattern, column: mail, regex: '^\S+@\S+$'}
    - {name: among, kind: set, column: mail, values: ["a@b.ch", "it's@c", ""]}
    - {name: truth, kind: set, column: ok, values: [true]}
    - {name: known, kind: foreign_key, column: id, references: LAKE.other.key}
    - {name: product, kind: sql, expression: "amount * 2 > price", where: n <> 1}
"""
_BROKEN = {
    "given": {3, 4, 5},
    "distinct": {1, 2},
    "alone": set(),
    "amount": {1, 2},
    "price": {1},
    "day": {2},
    "at": {1, 2},
    "mail": {1, 5},
    "among": {1},
    "truth": {1},
    "known": {3, 4},
    "product": {2},
}


def test_rows_that_break_a_rule_are_counted_and_set_aside_once_with_all_that_they_break(
    checked: Checked,
) -> None:
    checked.sql(_TABLE, _ROWS, "CREATE TABLE LAKE.other AS SELECT * FROM VALUES (1), (1), (NULL) AS o(key)")
    report = checked.run(_RULES)

    (table,) = report.tables
    assert {result.check: result.failed for result in table.results} == {
        check: len(rows) for check, rows in _BROKEN.items()
    }
    rows = {result.check: result.rows for result in table.results}
    assert rows == dict.fromkeys(_BROKEN, 6) | {"alone": 2, "at": 5, "product": 5}
    assert not any(result.problem for result in table.results)
    broken = {n: [check for check, ns in _BROKEN.items() if n in ns] for n in range(6)}
    assert checked.quarantined() == {n: checks for n, checks in broken.items() if checks}
    assert table.quarantined == sum(map(bool, broken.values()))
    assert not report.passed


def test_rules_about_a_table_look_at_all_of_it(checked: Checked) -> None:
    checked.sql(_TABLE, _ROWS)
    report = checked.run("""
  LAKE.t:
    - {name: fresh, kind: freshness, column: at, max_age_hours: 1}
    - {name: stale, kind: freshness, column: at, max_age_hours: 24, where: n < 5}
    - {name: day, kind: freshness, column: day, max_age_hours: 1000000}
    - {name: never, kind: freshness, column: at, max_age_hours: 1, where: n > 100}
    - {name: enough, kind: row_count, min: 6, max: 6}
    - {name: few, kind: row_count, max: 3, where: "part is not null"}
    - {name: nothing, kind: query, query: "SELECT n FROM LAKE.t WHERE n > 5"}
    - {name: something, kind: query, query: "SELECT n FROM LAKE.t WHERE n > 3"}
""")
    (table,) = report.tables
    assert [result.check for result in table.results if result.passed] == [
        "fresh",
        "day",
        "enough",
        "nothing",
    ]
    observed = {result.check: result.observed for result in table.results}
    assert observed["enough"] == 6
    assert observed["few"] == 4
    assert observed["never"] is None
    assert (table.results[-1].rows, table.results[-1].failed) == (2, 2)
    assert table.quarantine_table is None


def test_a_share_of_rows_may_break_a_rule_and_a_warning_is_no_failure(checked: Checked) -> None:
    checked.sql("CREATE TABLE LAKE.t AS SELECT id AS n FROM range(100)")
    report = checked.run("""
  LAKE.t:
    - {name: share, kind: range, column: n, min: 93, threshold: 0.07, quarantine: false}
    - {name: more, kind: range, column: n, min: 94, threshold: 0.07, severity: warn}
""")
    assert [(result.pass_rate, result.passed) for _, result in report.results] == [
        (0.07, True),
        (0.06, False),
    ]
    assert report.passed
    assert set(checked.quarantined()) == set(range(94))
    assert checked.history("check_name, severity, row_count, failed_count, pass_rate, threshold, passed") == [
        ("more", "warn", 100, 94, 0.06, 0.07, False),
        ("share", "error", 100, 93, 0.07, 0.07, True),
    ]


def test_an_empty_table_keeps_all_rules_about_rows(checked: Checked) -> None:
    checked.sql(_TABLE, "CREATE TABLE LAKE.other (key INT)")
    report = checked.run(_RULES)
    assert report.passed
    assert {result.pass_rate for _, result in report.results} == {None}
    assert report.tables[0].quarantine_table is None


def test_one_rule_that_the_warehouse_refuses_leaves_the_others(checked: Checked) -> None:
    checked.sql(_TABLE, _ROWS)
    report = checked.run("""
  LAKE.t:
    - {name: bad, kind: pattern, column: mail, regex: '('}
    - {name: zero, kind: sql, expression: 1 / (n - 1) > 0}
    - {name: good, kind: range, column: n, max: 4}
""")
    bad, zero, good = report.tables[0].results
    assert bad.problem is not None
    assert zero.problem is not None
    assert "DIVIDE_BY_ZERO" in zero.problem
    assert (good.failed, good.problem) == (1, None)
    assert checked.quarantined() == {5: ["good"]}


def test_everything_that_does_not_fit_is_told_at_once_and_nothing_is_checked(checked: Checked) -> None:
    checked.sql(_TABLE)
    with pytest.raises(ConfigError) as raised:
        checked.run("""
  LAKE.t:
    since: day
    rules:
      - {kind: not_null, columns: [id, idd]}
      - {kind: range, column: mail, min: 1}
      - {kind: set, column: day, values: ["2026-01-01"]}
      - {kind: pattern, column: id, regex: x}
      - {kind: freshness, column: mail, max_age_hours: 1}
      - {kind: foreign_key, column: id, references: LAKE.absent.id}
      - {kind: foreign_key, name: text, column: id, references: LAKE.t.mail}
      - {kind: sql, name: typo, expression: "amonut > 1"}
      - {kind: sql, name: two, expression: "id > 1) OR (id < 1"}
      - {kind: sql, name: sum, expression: "sum(id) > 1"}
      - {kind: query, query: "DROP TABLE LAKE.t"}
  LAKE.gone:
    - {kind: row_count, min: 1}
""")
    lines = str(raised.value).splitlines()
    for words in (
        "'day' (from since)", "'idd'", "Available columns: ['n', 'id'", "'mail' is STRING, and 1 is none",
        "'day' is DATE, and '2026-01-01' is none", "'id' is INT, not STRING",
        "'mail' is STRING, neither DATE nor TIMESTAMP", "absent' (from references) not found",
        "t.mail is STRING", "'amonut'", "check 'two'", "check 'sum'", "is not one query",
        "gone' (from checks)",
    ):  # fmt: skip
        assert any(words in line for line in lines), words
    assert len(lines) == 13
    assert not checked.sql(f"SHOW SCHEMAS IN main LIKE '{checked.schema}_out'")
