"""What spans tell of statements."""

from __future__ import annotations

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from benchmarks.tpch.queries import NUMBERS, statements
from lakestead.telemetry.statements import analyse


@pytest.mark.parametrize(
    ("text", "kind", "tables", "target"),
    [
        ("select 1", "sql_warehouse.query", (), None),
        ("SELECT * FROM a.b.c x, d JOIN `e f`.g ON true", "table.query", ("a.b.c", "d", "e f.g"), None),
        ("SELECT * FROM range(10), u", "table.query", ("u",), None),
        (
            "SELECT (SELECT max(x) FROM y), z FROM (SELECT 1 FROM v) w, m",
            "table.query",
            ("y", "v", "m"),
            None,
        ),
        (
            "WITH q AS (SELECT * FROM a), r(x) AS (SELECT 1) SELECT * FROM q, r, t",
            "table.query",
            ("a", "t"),
            None,
        ),
        ("WITH q AS (SELECT * FROM a) INSERT INTO t SELECT * FROM q", "table.insert", ("a", "t"), "t"),
        ("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')", "table.insert", ("t",), "t"),
        ("INSERT OVERWRITE TABLE t SELECT * FROM u", "table.insert", ("t", "u"), "t"),
        (
            "MERGE INTO t USING (SELECT * FROM s) x ON t.i = x.i WHEN MATCHED THEN UPDATE SET *",
            "table.merge",
            ("t", "s"),
            "t",
        ),
        ("UPDATE t SET a = (SELECT max(b) FROM u)", "table.update", ("t", "u"), "t"),
        ("DELETE FROM t WHERE a IS NOT DISTINCT FROM b", "table.delete", ("t",), "t"),
        ("SELECT extract(year FROM d), trim(both 'x' FROM y) FROM t", "table.query", ("t",), None),
        ("CREATE OR REPLACE TABLE a.b.c AS SELECT * FROM d", "table.create", ("a.b.c", "d"), "a.b.c"),
        ("CREATE TABLE IF NOT EXISTS t (id INT) USING delta LOCATION 's3://x'", "table.create", ("t",), "t"),
        ("CREATE VIEW v AS SELECT * FROM t", "view.create", ("v", "t"), "v"),
        ("DROP SCHEMA s CASCADE", "schema.drop", (), None),
        ("COPY INTO t FROM '/Volumes/a/b/c' FILEFORMAT = CSV", "table.copy", ("t",), "t"),
        ("OPTIMIZE t", "sql_warehouse.optimize", ("t",), None),
        ("SELECT * FROM t JOIN u USING (id)", "table.query", ("t", "u"), None),
        ("SHOW TABLES", "sql_warehouse.show", (), None),
        ("", "sql_warehouse.statement", (), None),
    ],
)
def test_what_a_statement_does(text: str, kind: str, tables: tuple[str, ...], target: str | None) -> None:
    found = analyse(text)
    assert (found.kind, found.tables, found.target) == (kind, tables, target)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SELECT 'it''s', \"x\", 1.5e3, x1 FROM t -- secret", "SELECT ?, ?, ?, x1 FROM t"),
        ("SELECT /* 'secret' */ r'\\' , a", "SELECT ? , a"),
        ("SELECT 'a\\'secret'", "SELECT ?"),
        ("SELECT * FROM t WHERE a IN (1, 2, 3) AND b = :b", "SELECT * FROM t WHERE a IN (?) AND b = :b"),
        ("INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES (?)"),
        ("SELECT 'unfinished secret", "SELECT ?"),
        ("COPY INTO t FROM 'abfss://x' WITH (CREDENTIAL (AZURE_SAS_TOKEN = 'secret'))",
         "COPY INTO t FROM ? WITH (CREDENTIAL (AZURE_SAS_TOKEN = ?))"),
    ],
)  # fmt: skip
def test_values_are_not_shown(text: str, shown: str) -> None:
    assert analyse(text).text == shown


@pytest.mark.parametrize("number", NUMBERS)
def test_tables_of_tpch_are_those_of_a_parser(number: int) -> None:
    for text in statements(number):
        tree = sqlglot.parse_one(text, dialect="databricks")
        defined = {one.alias for one in tree.find_all(exp.CTE)}
        parsed = {table.name for table in tree.find_all(exp.Table)} - defined
        assert set(analyse(text).tables) == parsed


@given(st.text(max_size=200))
def test_any_text_is_analysed(text: str) -> None:
    found = analyse(text)
    assert len(found.summary) <= 255


@given(st.text(alphabet="ab'\\\"`-/* \n", max_size=30))
def test_no_string_is_ever_shown(value: str) -> None:
    quoted = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "SECRET'"
    assert "SECRET" not in analyse(f"SELECT * FROM t WHERE a = {quoted} AND b = 2").text
