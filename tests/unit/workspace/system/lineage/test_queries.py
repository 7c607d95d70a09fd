"""What the columns of queries are made of."""

from __future__ import annotations

import pytest

from lakestead.workspace.sql.session import TemporaryView
from lakestead.workspace.system.lineage.statement import extract
from tests.unit.workspace.system.lineage.statements import edges, function, lineage, made, sources, trace

XY = {"x": "t.a", "y": "t.b"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT a, b FROM t", XY),
        ("SELECT T.A, `b` FROM main.d.T", XY),
        ("SELECT d.t.a, main.d.t.b FROM main.d.t", XY),
        ("SELECT q.a + 1, q.b FROM t AS q", XY),
        ("SELECT a.a, b.b FROM t a, t b", XY),
        ("FROM t SELECT a, b", XY),
        ("SELECT DISTINCT a, b FROM t ORDER BY c LIMIT 3", XY),
        ("SELECT 1, count(*) FROM t", {}),
        ("SELECT a, b FROM t WHERE c > (SELECT max(d) FROM u)", XY),
        ("SELECT a, (SELECT max(d) FROM u WHERE u.a = t.a) FROM t", {"x": "t.a", "y": "u.d"}),
        ("SELECT a, b IN (SELECT d FROM u) FROM t", XY),
        ("SELECT a, EXISTS (SELECT d FROM u WHERE u.a = t.a) FROM t", {"x": "t.a"}),
        ("SELECT a, CASE WHEN b > 0 THEN c ELSE 0 END FROM t", {"x": "t.a", "y": "t.b t.c"}),
        ("SELECT a AS q, q * 2 + b FROM t", {"x": "t.a", "y": "t.a t.b"}),
        # The column of the table stands before the alias of the same name.
        ("SELECT b AS a, a FROM t", {"x": "t.b", "y": "t.a"}),
        ("SELECT sum(a) FILTER (WHERE c > 0), max(b) FROM t GROUP BY S", {"x": "t.a t.c", "y": "t.b"}),
        ("SELECT sum(a) OVER (PARTITION BY c), b FROM t", {"x": "t.a t.c", "y": "t.b"}),
        ("SELECT sum(a) OVER w, b FROM t WINDOW w AS (ORDER BY c)", {"x": "t.a t.c", "y": "t.b"}),
        ("SELECT s.f, t.s.g.h FROM t", {"x": "t.S", "y": "t.S"}),
        ("SELECT s:f.g::int, arr[0].f FROM t", {"x": "t.S", "y": "t.arr"}),
        ("SELECT transform(arr, a -> a + b), a FROM t", {"x": "t.arr t.b", "y": "t.a"}),
        ("SELECT struct(w.*), 1 FROM w", {"x": "w.k w.v"}),
        ("SELECT a, z FROM other.x.t", {"x": "t.a", "y": "t.z"}),
        ("SELECT a, b FROM t VERSION AS OF 3", XY),
        ("SELECT a, b FROM t TABLESAMPLE (5 ROWS) AS s", XY),
    ],
)
def test_expressions(query: str, expected: dict[str, str]) -> None:
    assert made(query, "x y") == expected


@pytest.mark.parametrize(
    ("query", "columns", "expected"),
    [
        ("SELECT * FROM w", "k v", {"k": "w.k", "v": "w.v"}),
        ("SELECT * EXCEPT (S, arr) FROM t", "a b c", {"a": "t.a", "b": "t.b", "c": "t.c"}),
        ("SELECT u.*, w.k FROM u, w", "a d e k", {"a": "u.a", "d": "u.d", "e": "u.e", "k": "w.k"}),
        ("SELECT u.* EXCEPT (d) FROM u CROSS JOIN w", "a e", {"a": "u.a", "e": "u.e"}),
        (
            "SELECT * FROM w JOIN u ON k = a",
            "k v a d e",
            {"k": "w.k", "v": "w.v", "a": "u.a", "d": "u.d", "e": "u.e"},
        ),
        (
            "SELECT * FROM u JOIN other.x.t USING (a)",
            "a d e z",
            {"a": "u.a", "d": "u.d", "e": "u.e", "z": "t.z"},
        ),
        (
            "SELECT * FROM u RIGHT JOIN other.x.t USING (a)",
            "a d e z",
            {"a": "t.a", "d": "u.d", "e": "u.e", "z": "t.z"},
        ),
        ("SELECT a, z FROM u FULL JOIN other.x.t USING (a)", "a z", {"a": "t.a u.a", "z": "t.z"}),
        ("SELECT u.a, t.a FROM u JOIN other.x.t USING (a)", "x y", {"x": "u.a", "y": "t.a"}),
        (
            "SELECT * FROM u NATURAL JOIN other.x.t",
            "a d e z",
            {"a": "u.a", "d": "u.d", "e": "u.e", "z": "t.z"},
        ),
        ("SELECT * FROM w LEFT SEMI JOIN u ON k = a", "k v", {"k": "w.k", "v": "w.v"}),
        ("SELECT * FROM w ANTI JOIN u ON k = a", "k v", {"k": "w.k", "v": "w.v"}),
        (
            "SELECT * FROM (w JOIN u ON k = a)",
            "k v a d e",
            {"k": "w.k", "v": "w.v", "a": "u.a", "d": "u.d", "e": "u.e"},
        ),
        ("SELECT w.k, u.d FROM (w JOIN u ON k = a)", "x y", {"x": "w.k", "y": "u.d"}),
    ],
)
def test_stars_and_joins(query: str, columns: str, expected: dict[str, str]) -> None:
    assert made(query, columns) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("WITH q AS (SELECT a, b FROM t) SELECT * FROM q", XY),
        ("WITH q(i, j) AS (SELECT a, b FROM t) SELECT i, j FROM q", XY),
        ("WITH q AS (SELECT a, b FROM t), r AS (SELECT b AS n, a AS m FROM q) SELECT m, n FROM r", XY),
        # An expression of the same name inside stands before the one outside, and before the table.
        ("WITH u AS (SELECT a, b FROM t) SELECT * FROM u", XY),
        ("WITH q AS (SELECT 1) SELECT * FROM (WITH q AS (SELECT a, b FROM t) SELECT * FROM q)", XY),
        ("WITH t AS (SELECT * FROM t) SELECT a, b FROM t", XY),
        ("WITH q AS (SELECT * FROM main.d.u) SELECT t.a, t.b FROM t", XY),
        (
            "WITH RECURSIVE r(i, j) AS (SELECT a, 0 FROM t UNION ALL SELECT i, j + b FROM r JOIN t ON i = c) "
            "SELECT * FROM r",
            XY,
        ),
        ("SELECT a, b FROM t UNION ALL SELECT d, e FROM u", {"x": "t.a u.d", "y": "t.b u.e"}),
        ("SELECT a, b FROM t UNION BY NAME SELECT d AS b, e AS a FROM u", {"x": "t.a u.e", "y": "t.b u.d"}),
        ("FROM t |> EXTEND a + b AS z |> SELECT z AS x, c AS y", {"x": "t.a t.b", "y": "t.c"}),
        ("(SELECT a, b FROM t) EXCEPT (SELECT d, e FROM u)", XY),
        ("SELECT a, b FROM t INTERSECT SELECT d, e FROM u", XY),
        ("SELECT i, j FROM (SELECT a, b FROM t) AS q(i, j)", XY),
        ("SELECT q.* FROM (SELECT a, b FROM t) q", XY),
        ("SELECT CAST(a AS STRING), (b) FROM (SELECT CAST(a AS INT), b FROM t)", XY),
        ("SELECT t.a, l.m FROM t, LATERAL (SELECT max(d) + t.b AS m FROM u) l", {"x": "t.a", "y": "t.b u.d"}),
        ("SELECT a, e FROM t LATERAL VIEW explode(arr) v AS e", {"x": "t.a", "y": "t.arr"}),
        ("SELECT k, x FROM w LATERAL VIEW OUTER posexplode(v) AS p, x", {"x": "w.k", "y": "w.v"}),
        ("SELECT a, explode(arr) AS e FROM t", {"x": "t.a", "y": "t.arr"}),
        ("SELECT posexplode(arr) AS (p, e) FROM t", {"x": "t.arr", "y": "t.arr"}),
        ("SELECT i, j FROM VALUES (1, 2) AS q(i, j)", {}),
        ("SELECT id, a FROM range(5) CROSS JOIN t", {"y": "t.a"}),
        ("SELECT table_name, a FROM main.information_schema.tables, t", {"y": "t.a"}),
    ],
)
def test_queries_in_queries(query: str, expected: dict[str, str]) -> None:
    assert made(query, "x y") == expected


@pytest.mark.parametrize(
    ("query", "columns", "expected"),
    [
        (
            "SELECT * FROM u PIVOT (sum(d) FOR e IN ('p', 'q' AS r))",
            "a p r",
            {"a": "u.a", "p": "u.d", "r": "u.d"},
        ),
        (
            "SELECT * FROM u PIVOT (sum(d) AS s, max(a) AS m FOR e IN (1 AS p, 2 AS q))",
            "p_s p_m q_s q_m",
            {"p_s": "u.d", "p_m": "u.a", "q_s": "u.d", "q_m": "u.a"},
        ),
        ("SELECT v.a, r FROM u PIVOT (sum(d) FOR e IN (2 AS r)) AS v", "a r", {"a": "u.a", "r": "u.d"}),
        ("SELECT * FROM u UNPIVOT (v FOR n IN (d, e))", "a n v", {"a": "u.a", "v": "u.d u.e"}),
        (
            "SELECT v, w, n FROM t UNPIVOT ((v, w) FOR n IN ((a, b) AS ab, (b, c)))",
            "v w n",
            {"v": "t.a t.b", "w": "t.b t.c"},
        ),
    ],
)
def test_pivots(query: str, columns: str, expected: dict[str, str]) -> None:
    assert made(query, columns) == expected


def test_what_only_filters_is_read_but_makes_no_column() -> None:
    found = lineage("SELECT a FROM t WHERE b IN (SELECT d FROM u) AND EXISTS (SELECT 1 FROM w)")
    assert sources(found) == ["t", "u", "w"]
    assert found.target is None
    assert edges(found) == {"None": "t.a"}


def test_an_expression_that_nothing_uses_reads_nothing() -> None:
    assert sources(lineage("WITH q AS (SELECT * FROM u) SELECT a FROM t")) == ["t"]


def test_files_are_sources_by_their_path() -> None:
    found = lineage("CREATE TABLE n AS SELECT * FROM parquet.`/Volumes/v/p`", "n", "i j")
    assert sources(found) == ["/Volumes/v/p"]
    assert edges(found) == {"i": "/Volumes/v/p.i", "j": "/Volumes/v/p.j"}
    found = lineage("SELECT q.i, t.a FROM read_files('/Volumes/v/q', format => 'csv') q, t")
    assert sources(found) == ["/Volumes/v/q", "t"]
    assert edges(found) == {"None": "/Volumes/v/q.i t.a"}


def test_a_column_that_may_be_one_of_several_files_has_no_edge() -> None:
    assert made("SELECT i AS x, a AS y FROM csv.`/p`, csv.`/q`, t", "x y") == {"y": "t.a"}
    inner = "(SELECT max(b) FROM csv.`/p`)"
    assert made(f"SELECT a, {inner} FROM t", "x y") == {"x": "t.a"}


def test_where_places_are_not_known_names_tell() -> None:
    # How many columns a generator gives depends on its type.
    assert made("SELECT a, explode(arr) FROM t", "a col") == {"a": "t.a", "col": "t.arr"}
    assert made("SELECT a, b + 1, explode(arr) FROM t", "a sum col") == {"a": "t.a"}
    assert edges(lineage("INSERT INTO n SELECT a, inline(arr) FROM t")) == {}


def test_temporary_views_are_followed_to_their_tables() -> None:
    columns = (("i", "int"), ("j", "int"))
    views = {
        "v": TemporaryView(
            "v",
            "SELECT a, b FROM t",
            columns,
            definition="SELECT a, b FROM main.d.t",
            query_columns=("a", "b"),
        ),
        # Its table had these two columns alone when it was made.
        "w": TemporaryView(
            "w", "SELECT * FROM t", columns, definition="SELECT * FROM main.d.t", query_columns=("a", "b")
        ),
    }
    assert made("SELECT * FROM v", "x y", views=views) == XY
    assert made("SELECT j AS y, i AS x FROM v", "y x", views=views) == XY
    assert made("SELECT * FROM w", "x y", views=views) == XY


def test_sql_functions_are_followed_to_their_arguments() -> None:
    functions = {
        ("main", "d", "f"): function("p q", "p + 1"),
        ("main", "d", "g"): function("p", "(SELECT max(d) FROM u WHERE a = p)"),
        ("main", "d", "pairs"): function("p", "SELECT a, p FROM main.d.t", "i j"),
    }
    assert made("SELECT f(a, b), d.f(q => a, p => b) FROM t", "x y", functions=functions) == XY
    assert made("SELECT g(a), b FROM t", "x y", functions=functions) == {"x": "u.d", "y": "t.b"}
    query = "SELECT i, j FROM w, LATERAL pairs(w.k)"
    assert made(query, "x y", functions=functions) == {"x": "t.a", "y": "w.k"}
    assert made("SELECT i, j FROM main.d.pairs(3)", "x y", functions=functions) == {"x": "t.a"}


def test_long_unions() -> None:
    query = " UNION ALL ".join(["SELECT a, b FROM t"] * 1500)
    assert made(query, "x y") == XY


def test_queries_without_tables_have_no_lineage() -> None:
    assert extract(trace("SELECT 1 AS a, 2 AS b")) is None
