from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakestead.workspace.sql.grammar import SqlSyntaxError, parse
from lakestead.workspace.sql.grammar.ast import (
    CommentOn,
    CreateCatalog,
    Dml,
    Kind,
    PutFile,
    Query,
    Truncate,
    Unsupported,
    UseCatalog,
)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "  -- a comment\n/* another /* nested */ one */ SELECT 1;",
        "VALUES (1)",
        "TABLE a.b",
        "(SELECT 1) UNION (SELECT 2)",
        "EXPLAIN EXTENDED INSERT INTO t VALUES (1)",
        "FROM t |> WHERE a = 1",
        "FROM t SELECT a",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "WITH RECURSIVE x (a) MAX RECURSION LEVEL 10 AS (SELECT 1), y AS (SELECT ')') FROM y",
        "WITH insert AS (SELECT 1), merge AS (SELECT 2) SELECT * FROM insert",
    ],
)
def test_queries(sql: str) -> None:
    assert parse(sql) == Query(sql)


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("INSERT", "insert into t values (1)"),
        ("INSERT", "INSERT OVERWRITE t SELECT 1"),
        ("UPDATE", "UPDATE t SET a = 1"),
        ("DELETE", "DELETE FROM t"),
        ("MERGE", "MERGE WITH SCHEMA EVOLUTION INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE"),
        ("INSERT", "WITH x AS (SELECT (1)) INSERT INTO t SELECT * FROM x"),
        ("MERGE", "with x as (select 1) merge into t using x on true when matched then delete"),
        ("INSERT", "FROM s INSERT INTO t SELECT a INSERT INTO u SELECT b"),
    ],
)
def test_dml(kind: str, sql: str) -> None:
    assert parse(sql) == Dml(kind, sql)  # type: ignore[arg-type]


def test_a_query_or_dml_is_not_read_beyond_its_first_word() -> None:
    text = "INSERT INTO t VALUES ('unclosed"
    assert parse(text) == Dml("INSERT", text)
    text = "WITH x AS (SELECT 1) INSERT INTO t VALUES ('unclosed"
    assert parse(text) == Dml("INSERT", text)


@pytest.mark.parametrize(
    ("sql", "feature"),
    [
        ("CREATE CONNECTION c TYPE mysql", "CREATE CONNECTION"),
        ("CREATE SHARE s", "CREATE SHARE"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW"),
        ("CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW"),
        ("CREATE OR REFRESH STREAMING TABLE t", "CREATE STREAMING TABLE"),
        ("CREATE STREAMING TABLE t", "CREATE STREAMING TABLE"),
        ("CREATE POLICY p ON TABLE t", "CREATE POLICY"),
        ("CREATE PROCEDURE p() AS BEGIN END", "CREATE PROCEDURE"),
        ("EXECUTE IMMEDIATE 'select 1'", "EXECUTE IMMEDIATE"),
        ("BEGIN SELECT 1; SELECT 2; END", "BEGIN … END and transactions"),
        ("CALL p(1)", "CALL"),
        ("DECLARE x INT", "DECLARE VARIABLE"),
        ("UNDROP TABLE t", "UNDROP"),
        ("CONVERT TO DELTA parquet.`/p`", "CONVERT TO DELTA"),
        ("LOAD DATA INPATH 'x' INTO TABLE t", "LOAD DATA"),
        ("DENY SELECT ON TABLE t TO u", "DENY"),
        ("REORG TABLE t APPLY (PURGE)", "REORG TABLE"),
    ],
)
def test_unserved_statements_are_named(sql: str, feature: str) -> None:
    assert parse(sql) == Unsupported(feature)


def test_identifier_clause() -> None:
    assert parse("TRUNCATE TABLE IDENTIFIER('a.`b.c`.d')") == Truncate(("a", "b.c", "d"))
    assert parse("TRUNCATE TABLE IDENTIFIER(:s || '.t')", {"s": "a.b"}) == Truncate(("a", "b", "t"))
    assert parse("USE CATALOG IDENTIFIER(:c)", {"c": "main"}) == UseCatalog("main")
    assert parse("TRUNCATE TABLE IDENTIFIER(:c).s.t", {"c": "x"}) == Truncate(("x", "s", "t"))
    assert parse("TRUNCATE TABLE identifier") == Truncate(("identifier",))


def test_parameters_stand_for_strings() -> None:
    assert parse("PUT ? INTO ? OVERWRITE", {}, ("a", "b")) == PutFile("a", "b", overwrite=True)
    named = parse("COMMENT ON TABLE t IS :words", {"words": "it's"})
    assert named == CommentOn(Kind.TABLE, ("t",), "it's")


@pytest.mark.parametrize("sql", ["COMMENT ON TABLE t IS :x", "COMMENT ON TABLE IDENTIFIER(?) IS 'x'"])
def test_parameter_without_value(sql: str) -> None:
    with pytest.raises(SqlSyntaxError, match=r"^\[UNBOUND_SQL_PARAMETER\]") as caught:
        parse(sql)
    assert caught.value.sqlstate == "42P02"


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'a' 'b'", "ab"),
        ("'a''b'", "ab"),
        ('"it\'s"', "it's"),
        ("'it\\'s'", "it's"),
        ("r'a\\n'", "a\\n"),
        ('R"a\\\'"', "a\\'"),
        (r"'\n\t\r\b\0\Z\%\_\\\q'", "\n\t\r\b\0\x1a\\%\\_\\q"),
        (r"'\u0041\U0001F44D\101'", "A👍A"),
        (r"'\ud83d\udc4d'", "👍"),
        (r"'\ud83d'", "\ufffd"),
        ("'-- no /* comment'", "-- no /* comment"),
    ],
)
def test_string_literals(literal: str, value: str) -> None:
    assert parse(f"CREATE CATALOG c COMMENT {literal}") == CreateCatalog(("c",), comment=value)


@pytest.mark.parametrize(
    ("sql", "offset", "near"),
    [
        ("SELEC 1", 0, "near 'SELEC'."),
        ("CREATE TABEL t (a INT)", 7, "near 'TABEL'."),
        ("CREATE TABLE t (a)", 17, "near ')'."),
        ("CREATE TABLE t (a INT", 21, "near end of input."),
        ("CREATE TABLE t (a INT,)", 22, "near ')'."),
        ("CREATE TABLE t (a INT b)", 22, "near 'b'."),
        ("CREATE TABLE t (a INT) nonsense", 23, "near 'nonsense'."),
        ("CREATE TABLE t (a INT DEFAULT)", 29, "near ')'."),
        ("CREATE TABLE t (a INT FIRST)", 27, "near ')'."),
        ("CREATE TABLE t (a ARRAY<INT)", 27, "near ')'."),
        ("CREATE TABLE t (a INT GENERATED ALWAYS AS IDENTITY (START 1))", 52, "near 'START'."),
        ("CREATE TABLE t (a INT CHECK (a > 0)", 35, "near end of input."),
        ("CREATE TABLE t AS DROP TABLE t", 18, "near 'DROP'."),
        ("CREATE TABLE t AS SELECT (1", 27, "near end of input."),
        ("CREATE TABLE t AS SELECT 1)", 26, "near ')'."),
        ("CREATE TABLE t AS SELECT 1; SELECT 2", 28, "near 'SELECT'."),
        ("CREATE TABLE t TBLPROPERTIES ('a')", 33, "near ')'."),
        ("CREATE TABLE t TBLPROPERTIES (a = b)", 34, "near 'b'."),
        ("CREATE TABLE IF NOT EXISTS", 26, "near end of input."),
        ("CREATE OR REPLACE SCHEMA s", 18, "near 'SCHEMA'."),
        ("CREATE VIEW v", 13, "near end of input."),
        ("CREATE FUNCTION f() RETURNS INT", 31, "near end of input."),
        ("ALTER TABLE t FROB", 14, "near 'FROB'."),
        ("ALTER TABLE t ADD x INT", 18, "near 'x'."),
        ("ALTER TABLE t ALTER COLUMN a", 28, "near end of input."),
        ("ALTER TABLE t ALTER COLUMN a TYPE INT, b", 40, "near end of input."),
        ("DROP TABLE t u", 13, "near 'u'."),
        ("DROP TABLE", 10, "near end of input."),
        ("DROP TABLE a.", 13, "near end of input."),
        ("DROP TABLE ``", 11, "near '``'."),
        ("GRANT ON TABLE t TO u", 6, "near 'ON'."),
        ("GRANT SELECT ON t FROM u", 18, "near 'FROM'."),
        ("GRANT SELECT ON t TO 'u'", 21, "near ''u''."),
        ("SHOW NONSENSE", 5, "near 'NONSENSE'."),
        ("SHOW TABLES LIKE", 16, "near end of input."),
        ("DESCRIBE", 8, "near end of input."),
        ("DESCRIBE HISTORY t LIMIT many", 25, "near 'many'."),
        ("VACUUM t RETAIN x HOURS", 16, "near 'x'."),
        ("RESTORE t TO", 12, "near end of input."),
        ("COPY INTO t FROM '/x'", 21, "near end of input."),
        ("COPY INTO t FROM (SELECT FROM '/x') FILEFORMAT = CSV", 25, "near 'FROM'."),
        ("PUT 'a'", 7, "near end of input."),
        ("USE", 3, "near end of input."),
        ("USE CATALOG a.b", 12, "near 'a'."),
        ("SET TIME ZONE nowhere", 14, "near 'nowhere'."),
        ("DROP TABLE 'unclosed", 11, "near '''."),
        ("DROP TABLE `unclosed", 11, "near '`'."),
        ("DROP TABLE $x", 11, "near '$'."),
        ("DROP TABLE t #", 13, "near '#'."),
        (")", 0, "near ')'."),
        ("1", 0, "near '1'."),
    ],
)
def test_syntax_errors(sql: str, offset: int, near: str) -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse(sql)
    error = caught.value
    assert str(error) == f"[PARSE_SYNTAX_ERROR] Syntax error at or {near}"
    assert (error.condition, error.sqlstate) == ("PARSE_SYNTAX_ERROR", "42601")
    assert (error.offset, error.line, error.column) == (offset, 1, offset)


@pytest.mark.parametrize(
    ("sql", "condition", "sqlstate", "offset"),
    [
        ("", "PARSE_EMPTY_STATEMENT", "42617", 0),
        (" -- only a comment", "PARSE_EMPTY_STATEMENT", "42617", 18),
        (";", "PARSE_EMPTY_STATEMENT", "42617", 0),
        ("DROP TABLE t /* open", "UNCLOSED_BRACKETED_COMMENT", "42601", 13),
        ("USE CATALOG my-catalog", "INVALID_IDENTIFIER", "42602", 12),
        ("DROP TABLE größe", "INVALID_IDENTIFIER", "42602", 11),
        ("DROP TABLE IDENTIFIER('a..b')", "INVALID_IDENTIFIER", "42602", 11),
        ("CREATE TABLE t COMMENT 'a' COMMENT 'b'", "DUPLICATE_CLAUSES", "42614", 27),
        ("CREATE TABLE t (a INT NOT NULL NOT NULL)", "DUPLICATE_CLAUSES", "42614", 31),
        ("CREATE VIEW v COMMENT 'a' COMMENT 'b' AS SELECT 1", "DUPLICATE_CLAUSES", "42614", 26),
    ],
)
def test_other_conditions(sql: str, condition: str, sqlstate: str, offset: int) -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse(sql)
    assert (caught.value.condition, caught.value.sqlstate, caught.value.offset) == (
        condition,
        sqlstate,
        offset,
    )


def test_error_gives_line_and_column() -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse("CREATE TABLE t (\n  a INT,\n  b\n)")
    assert (caught.value.line, caught.value.column) == (4, 0)


WORDS = """
    CREATE OR REPLACE TABLE VIEW SCHEMA CATALOG VOLUME FUNCTION EXTERNAL TEMPORARY IF NOT EXISTS
    NULL ALTER ADD DROP COLUMN COLUMNS CONSTRAINT PRIMARY FOREIGN KEY REFERENCES CHECK SET UNSET
    TAGS TAG TBLPROPERTIES RENAME TO OWNER TYPE COMMENT DEFAULT FIRST AFTER ROW FILTER MASK USING ON
    IS AS SELECT WITH FROM INSERT IN LIKE SHOW DESCRIBE TABLES FUNCTIONS GRANTS EXTENDED HISTORY
    DETAIL QUERY JSON LIMIT GRANT REVOKE ALL PRIVILEGES OPTIMIZE WHERE ZORDER BY VACUUM RETAIN HOURS
    RESTORE VERSION TIMESTAMP OF COPY INTO FILEFORMAT FILES PATTERN FORMAT_OPTIONS VALIDATE USE
    RESET CACHE REFRESH REPAIR PUT GET LIST REMOVE IDENTIFIER INT STRING ARRAY STRUCT MAP INTERVAL
    DAY DECIMAL COLLATE GENERATED ALWAYS IDENTITY START INCREMENT RETURNS RETURN LANGUAGE PYTHON
    CLUSTER PARTITIONED a b.c `d` 'text' "text" r'raw' $$body$$ 1 2.5 -3 1L :p ? ( ) [ ] { } < > <>
    , ; . = == || :: -> * + - / @ 'open `open $ /* -- /*x*/ é
"""
TOKENS = st.lists(st.sampled_from(["\n", *WORDS.split()]), max_size=25)


def _parses_or_raises_syntax_error(sql: str) -> None:
    caught = None
    try:
        parse(sql, {"p": "x"}, ("y",))
    except SqlSyntaxError as error:
        caught = error
    if caught:
        assert 0 <= caught.offset <= len(sql)
        assert str(caught).startswith(f"[{caught.condition}] ")


@given(TOKENS)
def test_any_tokens_parse_or_are_refused(tokens: list[str]) -> None:
    _parses_or_raises_syntax_error(" ".join(tokens))


STARTS = st.sampled_from(
    [
        *(
            "CREATE TABLE t (",
            "CREATE TABLE t (a INT) ",
            "CREATE FUNCTION f(",
            "CREATE VIEW v ",
            "ALTER TABLE t ",
        ),
        *(
            "ALTER TABLE t ADD COLUMN a ",
            "ALTER TABLE t ALTER COLUMN a ",
            "DROP ",
            "GRANT ",
            "SHOW ",
            "DESCRIBE ",
        ),
        *(
            "COPY INTO t FROM ",
            "OPTIMIZE ",
            "VACUUM ",
            "RESTORE ",
            "SET ",
            "USE ",
            "COMMENT ON ",
            "LIST ",
            "CACHE ",
        ),
    ]
)


@given(STARTS, TOKENS)
def test_any_continuation_parses_or_is_refused(start: str, tokens: list[str]) -> None:
    _parses_or_raises_syntax_error(start + " ".join(tokens))


@given(STARTS, st.text(max_size=40))
def test_any_text_parses_or_is_refused(start: str, text: str) -> None:
    _parses_or_raises_syntax_error(text)
    _parses_or_raises_syntax_error(start + text)


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE " + "(" * 50_000,
        "CREATE TABLE t AS SELECT " + "(" * 50_000 + ")" * 50_000,
        "CREATE TABLE t (a " + "ARRAY<" * 50_000 + ")",
        "DROP TABLE " + "1" * 50_000 + "x.",
        "SET a" + " " * 50_000 + "b",
        "DROP TABLE t " + "/*" * 50_000,
        "DROP TABLE t '" + "\\'" * 50_000,
        "DROP TABLE " + "a." * 50_000,
    ],
    ids=[
        "open brackets",
        "nested brackets",
        "nested types",
        "digits",
        "spaces",
        "comments",
        "escapes",
        "dots",
    ],
)
def test_hostile_length_ends(sql: str) -> None:
    _parses_or_raises_syntax_error(sql)
