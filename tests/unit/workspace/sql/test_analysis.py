"""Which tables a query names, and where."""

from __future__ import annotations

import pytest

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.analysis import analyse, subqueries


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", []),
        ("SELECT * FROM t", ["t"]),
        ("SELECT * FROM a.b.c AS x JOIN `d e`.f USING (id)", ["a.b.c", "`d e`.f"]),
        (
            "SELECT * FROM t, u WHERE x IN (SELECT y FROM v) AND EXISTS (SELECT 1 FROM w)",
            ["t", "u", "v", "w"],
        ),
        ("SELECT (SELECT max(x) FROM t) FROM range(3)", ["t"]),
        ("SELECT * FROM csv.`/tmp/x`", ["csv.`/tmp/x`"]),
        ("FROM t SELECT a", ["t"]),
        ("SELECT * FROM t LATERAL VIEW explode(x) e AS y", ["t"]),
        ("SELECT * FROM t VERSION AS OF 1", ["t"]),
        ("(SELECT * FROM t) UNION ALL SELECT * FROM u", ["t", "u"]),
        # Common table expressions hide tables of the same name where they are in scope, and only there.
        ("WITH t AS (SELECT 1) SELECT * FROM t", []),
        ("WITH T AS (SELECT 1) SELECT * FROM t JOIN s.t AS u", ["s.t"]),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", ["t"]),
        ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b", ["b"]),
        ("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT * FROM t) SELECT * FROM t", []),
        ("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) JOIN t", ["t"]),
        ("WITH a AS (WITH b AS (SELECT * FROM c) SELECT * FROM b) SELECT * FROM a, b", ["c", "b"]),
    ],
)
def test_references(text: str, expected: list[str]) -> None:
    found = sorted(analyse(text).references, key=lambda one: one.start)
    assert [text[one.start : one.end] for one in found] == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; SELECT 2",
        "SELECT FROM WHERE",
        "DROP TABLE t",
        "SELECT 1; DROP TABLE t",
        "INSERT INTO t SELECT 1",
        "SELECT * FROM t WHERE (",
        "(" * 3000 + "SELECT 1" + ")" * 3000,
    ],
)
def test_what_is_not_one_query_is_a_syntax_error(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        analyse(text)
    assert caught.value.code is ErrorCode.SYNTAX_ERROR


def test_subqueries_gives_the_outermost() -> None:
    text = (
        "x IN (SELECT a FROM b WHERE c = (SELECT 1)) AND y = (1 + 2) AND z = (WITH q AS (SELECT 1) SELECT 2)"
    )
    assert [text[start:end] for start, end in subqueries(text)] == [
        "SELECT a FROM b WHERE c = (SELECT 1)",
        "WITH q AS (SELECT 1) SELECT 2",
    ]
