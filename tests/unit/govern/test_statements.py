from __future__ import annotations

import pytest

from lakestead.govern.policies.statements import read


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("SELECT 1", set()),
        ("SELECT * FROM A.B.C", {("a", "b", "c")}),
        ("SELECT * FROM t JOIN `s`.`u v` USING (id)", {("t",), ("s", "u v")}),
        ("SELECT * FROM t WHERE id IN (SELECT id FROM u)", {("t",), ("u",)}),
        ("SELECT * FROM t TIMESTAMP AS OF '2026-01-01'", {("t",)}),
        ("WITH c AS (SELECT * FROM t) SELECT * FROM c", {("t",)}),
        ("WITH c AS (SELECT 1), d AS (SELECT * FROM c) SELECT * FROM d, c", set()),
        # A common table expression means something only behind its definition, and only there.
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", {("t",)}),
        ("WITH d AS (SELECT * FROM c), c AS (SELECT 1) SELECT * FROM d", {("c",)}),
        ("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) AS x, t", {("t",)}),
        ("WITH c AS (SELECT 1) SELECT * FROM s.c", {("s", "c")}),
        ("CREATE TABLE n AS SELECT * FROM t", {("t",)}),
        ("CREATE OR REPLACE TEMP VIEW n AS SELECT * FROM t", {("t",)}),
        ("INSERT INTO n SELECT * FROM t", {("t",)}),
        ("UPDATE n SET a = 1 WHERE b = 2", {("n",)}),
        ("DELETE FROM n WHERE a IN (SELECT a FROM t)", {("n",), ("t",)}),
        ("MERGE INTO n USING t ON n.a = t.a WHEN MATCHED THEN DELETE", {("n",), ("t",)}),
        ("GRANT SELECT ON TABLE t TO bob", set()),
        ("ALTER TABLE t ALTER COLUMN a SET MASK s.f", set()),
    ],
)
def test_what_a_statement_reads(text: str, tables: set[tuple[str, ...]]) -> None:
    assert read(text).reads == tables


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("INSERT INTO a.n VALUES (1)", {("a", "n")}),
        ("INSERT OVERWRITE n SELECT * FROM t", {("n",)}),
        ("MERGE INTO n USING t ON n.a = t.a WHEN MATCHED THEN DELETE", {("n",)}),
        ("DELETE FROM n", {("n",)}),
        ("SELECT * FROM n", set()),
    ],
)
def test_what_a_statement_writes(text: str, tables: set[tuple[str, ...]]) -> None:
    assert read(text).writes == tables


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("SELECT a FROM t", False),
        ("SELECT count(*) FROM t", False),
        ("SELECT a FROM t WHERE SECRET = 1", True),
        ("SELECT a FROM t ORDER BY `secret`", True),
        ("SELECT a FROM t JOIN u USING (secret)", True),
        ("SELECT * FROM t", True),
        ("SELECT to_json(struct(*)) FROM t", True),
        ("INSERT INTO t (a) VALUES (1)", False),
        ("INSERT INTO t VALUES (1)", True),
        ("FROM t |> WHERE whatever ??", True),
    ],
)
def test_whether_a_statement_uses_a_column(text: str, uses: bool) -> None:
    assert read(text).uses("secret") is uses


def test_what_cannot_be_parsed_may_read_everything_that_it_names() -> None:
    statement = read("CREATE TABLE x SOMEHOW FROM `a`.`b c` WHERE y = 'quoted.name' -- comment.name")
    assert {("x",), ("a", "b c")} <= statement.reads
    assert ("quoted", "name") not in statement.reads
    assert ("comment", "name") not in statement.reads


def test_names_that_only_the_warehouse_knows_are_told() -> None:
    assert read("SELECT * FROM IDENTIFIER('a.' || 'b')").hidden
    assert read("EXECUTE IMMEDIATE 'SELECT * FROM t'").hidden
    assert not read("SELECT 'IDENTIFIER(x)' FROM t").hidden


def test_what_a_statement_makes() -> None:
    made = read(
        "CREATE TABLE A.b (Id INT, `x y` STRING) USING delta COMMENT 'c' LOCATION 's3://bucket/x'"
    ).made
    assert made is not None
    assert made.parts == ("a", "b")
    assert made.columns == ("id", "x y")
    assert made.commented
    assert made.location == "s3://bucket/x"
    bare = read("CREATE VIEW v AS SELECT 1 AS x").made
    assert bare is not None
    assert (bare.parts, bare.commented, bare.location) == (("v",), False, None)
    assert read("CREATE SCHEMA s").made is None
