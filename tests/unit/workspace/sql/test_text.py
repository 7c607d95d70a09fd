"""Parameters, comments, IDENTIFIER and time travel in the text of a statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.grammar.lexer import string_value, tokenize
from lakestead.workspace.sql.statement import Parameter
from lakestead.workspace.sql.text import Edit, apply, blanked, literal, normalise, spelt_out


def named(**values: tuple[str | None, str]) -> list[Parameter]:
    return [Parameter(value, kind, name) for name, (value, kind) in values.items()]


@pytest.mark.parametrize(
    ("text", "parameters", "expected"),
    [
        ("SELECT :x", named(x=("5", "INT")), "SELECT CAST(5 AS INT)"),
        ("SELECT :`a b`, c:`a b`", [Parameter("1", "INT", "a b")], "SELECT CAST(1 AS INT), c:`a b`"),
        ("SELECT :x", named(x=("-7", "BIGINT")), "SELECT CAST(-7 AS BIGINT)"),
        ("SELECT :x", named(x=(None, "DATE")), "SELECT CAST(NULL AS DATE)"),
        ("SELECT :x", named(x=(None, "VOID")), "SELECT NULL"),
        ("SELECT :x", named(x=("a'b\\c", "STRING")), r"SELECT 'a\'b\\c'"),
        ("SELECT :x", named(x=("1.50", "DECIMAL(10,2)")), "SELECT CAST('1.50' AS DECIMAL(10,2))"),
        ("SELECT ?, ?", [Parameter("1", "INT"), Parameter("b")], "SELECT CAST(1 AS INT), 'b'"),
        # A marker is no path into a column, no type of a struct's field, and nothing inside a literal.
        ("SELECT c:x, :x", named(x=("1", "INT")), "SELECT c:x, CAST(1 AS INT)"),
        ("SELECT `c d`:x FROM t", (), "SELECT `c d`:x FROM t"),
        ("SELECT CAST(a AS STRUCT<b:INT>)", (), "SELECT CAST(a AS STRUCT<b:INT>)"),
        ("SELECT ':x', \"?\", `?`", (), "SELECT ':x', \"?\", `?`"),
        ("SELECT a[:x]", named(x=("1", "INT")), "SELECT a[CAST(1 AS INT)]"),
        ("SELECT * FROM IDENTIFIER(:t)", named(t=("main.s.t", "STRING")), "SELECT * FROM `main`.`s`.`t`"),
        ("SELECT * FROM identifier('a.`b.c`')", (), "SELECT * FROM `a`.`b.c`"),
        ("SELECT * FROM t@v3 AS x", (), "SELECT * FROM t VERSION AS OF 3 AS x"),
    ],
)
def test_normalise(text: str, parameters: list[Parameter], expected: str) -> None:
    assert normalise(text, parameters) == expected


@pytest.mark.parametrize(
    ("text", "parameters", "code"),
    [
        ("SELECT :x", [], ErrorCode.UNBOUND_PARAMETER),
        ("SELECT ?", named(x=("1", "INT")), ErrorCode.UNBOUND_PARAMETER),
        ("SELECT 1", [Parameter("1", "INT")], ErrorCode.INVALID_REQUEST),
        ("SELECT :x", named(x=("1", "NONSENSE")), ErrorCode.INVALID_REQUEST),
        ("SELECT * FROM IDENTIFIER('a..b')", [], ErrorCode.INVALID_NAME),
        ("SELECT * FROM t@yesterday", [], ErrorCode.SYNTAX_ERROR),
        ("SELECT 'open", [Parameter("1", "INT", "x")], ErrorCode.SYNTAX_ERROR),
    ],
)
def test_normalise_refuses(text: str, parameters: list[Parameter], code: ErrorCode) -> None:
    with pytest.raises(ApiError) as caught:
        normalise(text, parameters)
    assert caught.value.code is code


@given(st.text(max_size=40))
def test_a_bound_string_is_one_literal_with_that_value(value: str) -> None:
    tokens = tokenize(literal(Parameter(value)))
    assert [token.kind for token in tokens] == ["string", "end"]
    expected = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert string_value(literal(Parameter(value))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1 -- one\n, 2", "SELECT 1       \n, 2"),
        ("SELECT /* a /* b */ c */ 1", "SELECT                   1"),
        ("SELECT '-- no', \"/* no */\"", "SELECT '-- no', \"/* no */\""),
    ],
)
def test_comments_become_blanks_of_the_same_length(text: str, expected: str) -> None:
    assert blanked(text) == expected


def test_edits_are_made_from_left_to_right() -> None:
    assert apply("abcdef", [Edit(4, 5, "E"), Edit(0, 2, "")]) == "cdEf"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TABLE t", "SELECT * FROM t"),
        ("SELECT * FROM (table a.`b c`) x", "SELECT * FROM (SELECT * FROM a.`b c`) x"),
        ("TABLE a UNION ALL TABLE b LIMIT 1", "SELECT * FROM a UNION ALL SELECT * FROM b LIMIT 1"),
        ("TABLE t |> WHERE a", "SELECT * FROM t |> WHERE a"),
        *[
            (text, text)
            for text in (
                "SELECT 'TABLE t'",
                "SELECT table FROM t",
                "SELECT `table` t FROM x",
                "SELECT f(TABLE t, 1)",
                "SELECT (table x y)",
                "SELECT * FROM table",
            )
        ],
    ],
)
def test_table_as_a_query(text: str, expected: str) -> None:
    assert spelt_out(text) == expected
