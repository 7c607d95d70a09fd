"""Databricks' constructs in the engine's words."""

from __future__ import annotations

import pytest

from lakestead.workspace.errors import ErrorCode
from lakestead.workspace.sql.dialect import candidates

COLUMNS = {("main", "s", "t"): {"a": "int", "b": "string", "v": "variant"}}


def rewritten(text: str, code: ErrorCode = ErrorCode.SYNTAX_ERROR) -> list[str]:
    return list(candidates(text, COLUMNS.get, code))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT b:x.y FROM main.s.t", "SELECT get_json_object(b, '$.x.y') FROM main.s.t"),
        ("SELECT v:x[0].y::int FROM main.s.t", "SELECT variant_get(v, '$.x[0].y', 'INT') FROM main.s.t"),
        ("SELECT a, count(*) FROM main.s.t GROUP BY ALL", "SELECT a, COUNT(*) FROM main.s.t GROUP BY 1"),
        ("SELECT sum(a) FROM main.s.t GROUP BY ALL", "SELECT SUM(a) FROM main.s.t"),
        ("SELECT a, b FROM main.s.t ORDER BY ALL", "SELECT a, b FROM main.s.t ORDER BY 1, 2"),
        ("FROM main.s.t SELECT a", "SELECT a FROM main.s.t"),
        (
            "SELECT a FROM main.s.t WHERE b LIKE ANY ('x%', 'y%')",
            "SELECT a FROM main.s.t WHERE (b LIKE 'x%' OR b LIKE 'y%')",
        ),
        (
            "SELECT * FROM main.s.t PIVOT (sum(a) FOR b IN ('x', 'y'))",
            "SELECT * FROM main.s.t PIVOT(SUM(a) FOR (b) IN ('x', 'y'))",
        ),
        (
            "SELECT a FROM main.s.t TABLESAMPLE (2 ROWS)",
            "SELECT a FROM (SELECT * FROM main.s.t LIMIT 2) AS t",
        ),
    ],
)
def test_first_candidate(text: str, expected: str) -> None:
    assert rewritten(text)[0].lower() == expected.lower()


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * EXCEPT (b) FROM main.s.t", {"a", "v"}),
        ("SELECT t.* REPLACE (1 AS a) FROM main.s.t", {"a", "b", "v"}),
    ],
)
def test_stars_are_expanded(text: str, columns: set[str]) -> None:
    from sqlglot import parse_one

    assert {
        one.alias_or_name for one in parse_one(rewritten(text)[-1], dialect="databricks").expressions
    } == columns


def test_lateral_aliases_are_expanded() -> None:
    found = rewritten("SELECT a + 1 AS x, x * 2 AS y FROM main.s.t", ErrorCode.COLUMN_NOT_FOUND)
    assert "(t.a + 1) * 2" in found[-1].replace("`", "")


def test_qualify_does_not_add_a_column() -> None:
    found = rewritten("SELECT * FROM main.s.t QUALIFY row_number() OVER (ORDER BY a) = 1")
    assert found
    assert "SELECT `a`, `b`, `v` FROM" in found[-1].replace("t.", "") or "_w" in found[-1]


def test_nothing_for_errors_that_are_the_statements_own() -> None:
    assert rewritten("SELECT 1/0", ErrorCode.DIVIDE_BY_ZERO) == []


def test_nothing_that_would_change_a_result() -> None:
    assert rewritten("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM main.s.t GROUP BY ALL") == []
