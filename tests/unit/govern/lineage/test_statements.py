"""Which tables and columns statements read."""

from __future__ import annotations

import pytest

from lakestead.govern.lineage.impact.statements import Reads, Statement

COLUMNS = {"c.s.t": ["id", "name", "note"], "c.s.u": ["id", "label"]}


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("SELECT id FROM c.s.t", Reads.YES),
        ("SELECT id FROM `C`.S.`t` AS x", Reads.YES),
        ("SELECT id FROM t", Reads.YES),
        ("SELECT id FROM s.t", Reads.YES),
        ("SELECT id FROM d.s.t", Reads.NO),
        ("SELECT id FROM other.t", Reads.NO),
        ("SELECT 't' FROM c.s.u -- t", Reads.NO),
        ("WITH t AS (SELECT 1 AS id) SELECT * FROM t", Reads.NO),
        ("WITH x AS (SELECT * FROM c.s.t) SELECT * FROM x", Reads.YES),
        ("SELECT * FROM c.s.u WHERE id IN (SELECT id FROM c.s.t)", Reads.YES),
        ("MERGE INTO c.s.u USING c.s.t ON u.id = t.id WHEN MATCHED THEN DELETE", Reads.YES),
        ("SELECT (((", Reads.NO),
        ("SELECT ((( FROM t", Reads.PERHAPS),
    ],
)
def test_tables(text: str, reads: Reads) -> None:
    assert Statement(text, "c", "s").reads_table("c.s.t") is reads


@pytest.mark.parametrize(
    ("text", "reads"), [("SELECT 1 FROM t", Reads.PERHAPS), ("SELECT 1 FROM x.t", Reads.NO)]
)
def test_names_that_do_not_say_all(text: str, reads: Reads) -> None:
    assert Statement(text).reads_table("c.s.t") is reads


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("SELECT name FROM t", Reads.YES),
        ("SELECT id FROM t", Reads.NO),
        ("SELECT id AS name FROM t", Reads.NO),
        ("SELECT * FROM t", Reads.YES),
        ("SELECT count(*) FROM t", Reads.NO),
        ("SELECT id FROM t WHERE upper(name) = 'X'", Reads.YES),
        ("SELECT t.id FROM t JOIN u ON t.name = u.label", Reads.YES),
        ("SELECT name, label FROM t JOIN u USING (id)", Reads.YES),
        ("SELECT label FROM t JOIN u USING (id)", Reads.NO),
        ("SELECT u.label AS name FROM u", Reads.NO),
        ("WITH x AS (SELECT name AS n FROM t) SELECT n FROM x", Reads.YES),
        ("WITH x AS (SELECT id AS name FROM t) SELECT name FROM x", Reads.NO),
        ("SELECT id FROM u WHERE EXISTS (SELECT 1 FROM t WHERE t.name = u.label)", Reads.YES),
        ("SELECT id, row_number() OVER (PARTITION BY name ORDER BY id) FROM t", Reads.YES),
        ("SELECT id FROM t UNION ALL SELECT id FROM u", Reads.NO),
        ("SELECT id FROM u UNION ALL SELECT name FROM t", Reads.YES),
        ("CREATE OR REPLACE TABLE c.s.x AS SELECT name FROM t", Reads.YES),
        ("CREATE OR REPLACE TABLE c.s.x AS SELECT id FROM t", Reads.NO),
        ("INSERT INTO c.s.x SELECT name FROM t", Reads.PERHAPS),
        ("INSERT INTO t VALUES (1, 'a', 'b')", Reads.NO),
        ("UPDATE t SET name = 'x'", Reads.PERHAPS),
        ("SELECT nope( FROM t WHERE name", Reads.PERHAPS),
        ("SELECT nope( FROM t WHERE names", Reads.NO),
        ("SELECT name FROM u", Reads.NO),
    ],
)
def test_columns(text: str, reads: Reads) -> None:
    assert Statement(text, "c", "s").reads_column("c.s.t", "name", COLUMNS) is reads


def test_columns_of_tables_that_nobody_knows() -> None:
    known = {"c.s.t": ["id", "name"]}
    text = "SELECT name FROM t JOIN c.s.unknown USING (id)"
    assert Statement(text, "c", "s").reads_column("c.s.t", "name", {}) is Reads.PERHAPS
    assert Statement("SELECT name FROM t", "c", "s").reads_column("c.s.t", "name", known) is Reads.YES
    assert Statement("SELECT * FROM t", "c", "s").reads_column("c.s.t", "name", {}) is Reads.PERHAPS
