"""What statements that write make of what they read."""

from __future__ import annotations

import pytest

from lakestead.workspace.sql.grammar.ast import Dml
from lakestead.workspace.system.lineage.statement import NoLineage, extract, tables_alone
from tests.unit.workspace.system.lineage.statements import edges, lineage, sources, trace

AB = {"a": "t.a", "b": "t.b"}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("INSERT INTO n SELECT a, b, c FROM t", {**AB, "c": "t.c"}),
        ("INSERT INTO n (b, a) SELECT b, a FROM t", AB),
        ("INSERT INTO n BY NAME SELECT b, a FROM t", AB),
        ("INSERT INTO n BY NAME SELECT * EXCEPT (c, s, arr) FROM t", AB),
        ("INSERT OVERWRITE n SELECT a, b, 1 FROM t", AB),
        ("INSERT OVERWRITE n PARTITION (c = 3) SELECT a, b FROM t", AB),
        ("INSERT INTO n PARTITION (a) SELECT a, b, 1 FROM t", AB),
        ("INSERT INTO n REPLACE WHERE c = 1 SELECT a, b, 1 FROM t", AB),
        ("WITH q AS (SELECT * FROM t) INSERT INTO n SELECT a, b, 1 FROM q", AB),
        ("INSERT INTO n WITH q AS (SELECT * FROM t) SELECT a, b, 1 FROM q", AB),
        ("INSERT INTO n SELECT *, 0 FROM csv.`/p`", {}),
        ("INSERT INTO n VALUES (1, 2, 3)", {}),
        ("INSERT INTO n VALUES (1, 2, (SELECT max(a) FROM t))", {"c": "t.a"}),
    ],
)
def test_insert(statement: str, expected: dict[str, str]) -> None:
    assert edges(lineage(statement)) == expected


def test_rows_that_are_written_out_have_a_target_and_no_source() -> None:
    found = lineage("INSERT INTO n VALUES (1, 2, 3)")
    assert found.sources == ()
    assert found.target is not None
    assert found.target.name == ("main", "d", "n")


def test_rows_by_the_thousand_are_not_read_again() -> None:
    # What is no SQL would not be understood if it were read.
    noted = trace("INSERT INTO n VALUES (1, 2, 3)", parsed=Dml("INSERT", "INSERT INTO n VALUES ((("))
    noted.relations = {}
    found = extract(noted)
    assert found is not None
    assert (found.sources, found.columns) == ((), ())


def test_texts_without_end_have_their_tables_alone() -> None:
    noted = trace(f"SELECT a FROM t WHERE a IN ({', '.join(['12345'] * 40_000)})")
    with pytest.raises(NoLineage, match="200000 characters"):
        extract(noted)


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("WHEN MATCHED THEN UPDATE SET *", {"a": "u.a"}),
        ("WHEN NOT MATCHED THEN INSERT *", {"a": "u.a"}),
        ("WHEN MATCHED THEN UPDATE SET n.b = s.d, c = n.c + e", {"b": "u.d", "c": "n.c u.e"}),
        ("WHEN NOT MATCHED THEN INSERT (a, c) VALUES (s.a, s.d + e)", {"a": "u.a", "c": "u.d u.e"}),
        ("WHEN NOT MATCHED THEN INSERT (a, b) VALUES (a, DEFAULT)", {"a": "u.a"}),
        ("WHEN NOT MATCHED BY SOURCE THEN UPDATE SET b = a", {"b": "n.a"}),
        ("WHEN NOT MATCHED BY SOURCE AND n.b > 1 THEN DELETE", {}),
        (
            "WHEN MATCHED AND s.d > 1 THEN DELETE WHEN MATCHED THEN UPDATE SET b = d "
            "WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)",
            {"a": "u.a", "b": "u.d"},
        ),
    ],
)
@pytest.mark.parametrize("source", ["u AS s", "(SELECT * FROM u) s", "(SELECT d, e, a FROM u) AS s(d, e, a)"])
def test_merge(source: str, clauses: str, expected: dict[str, str]) -> None:
    found = lineage(f"MERGE INTO n USING {source} ON n.a = s.a {clauses}")
    assert edges(found) == expected
    assert "u" in sources(found)


def test_merge_with_aliases_and_tables_in_its_conditions() -> None:
    found = lineage(
        "MERGE WITH SCHEMA EVOLUTION INTO n AS x USING u ON x.a = u.a AND u.d IN (SELECT k FROM w) "
        "WHEN MATCHED THEN UPDATE SET x.b = u.e"
    )
    assert sources(found) == ["u", "w"]
    assert edges(found) == {"b": "u.e"}
    found = lineage("MERGE WITH SCHEMA EVOLUTION INTO n USING u ON n.a = u.a WHEN NOT MATCHED THEN INSERT *")
    assert edges(found) == {"a": "u.a", "d": "u.d", "e": "u.e"}


def test_update_and_delete() -> None:
    found = lineage(
        "UPDATE n SET a = b + 1, c = (SELECT max(d) FROM u WHERE u.a = n.a) WHERE b IN (SELECT k FROM w)"
    )
    assert sources(found) == ["n", "u", "w"]
    assert edges(found) == {"a": "n.b", "c": "u.d"}
    found = lineage("UPDATE n AS x SET b = x.c, a = DEFAULT")
    assert (sources(found), edges(found)) == (["n"], {"b": "n.c"})
    found = lineage("DELETE FROM n AS x WHERE EXISTS (SELECT 1 FROM u WHERE u.a = x.a)")
    assert (sources(found), edges(found)) == (["u"], {})
    assert lineage("DELETE FROM n").sources == ()


@pytest.mark.parametrize(
    ("statement", "loaded", "expected"),
    [
        ("COPY INTO n FROM '/v/p' FILEFORMAT = JSON", ("a", "b"), {"a": "/v/p.a", "b": "/v/p.b"}),
        ("COPY INTO n (b, a) FROM '/v/p' FILEFORMAT = CSV", ("b", "a"), {"a": "/v/p._c1", "b": "/v/p._c0"}),
        (
            "COPY INTO n BY POSITION FROM '/v/p' FILEFORMAT = CSV",
            ("a", "b"),
            {"a": "/v/p._c0", "b": "/v/p._c1"},
        ),
        (
            "COPY INTO n FROM (SELECT i + j AS a, b FROM '/v/p') FILEFORMAT = PARQUET",
            ("a", "b"),
            {"a": "/v/p.i /v/p.j", "b": "/v/p.b"},
        ),
        (
            "COPY INTO n (c, a) FROM (SELECT i::int, j FROM '/v/p') FILEFORMAT = PARQUET",
            ("c", "a"),
            {"a": "/v/p.j", "c": "/v/p.i"},
        ),
    ],
)
def test_copy(statement: str, loaded: tuple[str, ...], expected: dict[str, str]) -> None:
    noted = trace(statement, loaded=loaded)
    noted.written = noted.relation(("n",))
    found = extract(noted)
    assert found is not None
    assert sources(found) == ["/v/p"]
    assert edges(found) == expected


def test_views() -> None:
    found = lineage("CREATE VIEW n (x, y COMMENT 'z') AS SELECT a, b FROM t", columns="x y")
    assert edges(found) == {"x": "t.a", "y": "t.b"}
    found = lineage("CREATE VIEW n AS SELECT k, explode(v) FROM w", columns="k key value")
    assert edges(found) == {"k": "w.k", "key": "w.v", "value": "w.v"}
    found = lineage("CREATE VIEW n (i, j, l) AS SELECT k, explode(v) FROM w", columns="i j l")
    assert (sources(found), edges(found)) == (["w"], {})


@pytest.mark.parametrize("statement", ["CREATE TABLE n (a INT)", "SHOW TABLES", "OPTIMIZE n"])
def test_statements_that_move_no_data(statement: str) -> None:
    assert extract(trace(statement, columns="a")) is None


def test_what_is_not_understood_has_its_tables_alone() -> None:
    noted = trace(f"CREATE TABLE n AS SELECT {'(' * 5000}1{')' * 5000} FROM t", columns="a")
    noted.relations = {path: one for path, one in noted.relations.items() if path[-1] == "t"}
    with pytest.raises(NoLineage):
        extract(noted)
    found = tables_alone(noted)
    assert (sources(found)[:1], edges(found)) == (["t"], {})
