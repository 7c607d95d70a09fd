from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lakestead.workspace.sql.grammar.ast import (
    CommentOn,
    CreateCatalog,
    CreateFunction,
    CreateSchema,
    CreateVolume,
    Drop,
    Fragment,
    Grant,
    Kind,
    Parameter,
    Revoke,
    SetTags,
    ShowGrants,
    UnsetTags,
    Unsupported,
)

C = ("c",)
S = ("c", "s")
OBJ = ("c", "s", "o")

OBJECTS = [
    ("CREATE CATALOG c", CreateCatalog(C)),
    ("CREATE CATALOG IF NOT EXISTS c MANAGED LOCATION 'u' COMMENT 'x'", CreateCatalog(C, True, "u", "x")),
    ("CREATE CATALOG c COMMENT 'x' MANAGED LOCATION 'u'", CreateCatalog(C, False, "u", "x")),
    ("create schema if not exists c.s", CreateSchema(S, True)),
    (
        "CREATE DATABASE c.s COMMENT 'x' MANAGED LOCATION 'u' WITH DBPROPERTIES (a = 'b')",
        CreateSchema(S, False, "u", "x", (("a", "b"),)),
    ),
    ("CREATE VOLUME IF NOT EXISTS c.s.o COMMENT 'x'", CreateVolume(OBJ, False, True, None, "x")),
    ("CREATE EXTERNAL VOLUME c.s.o LOCATION 's3://b'", CreateVolume(OBJ, True, False, "s3://b")),
    ("DROP CATALOG c", Drop(Kind.CATALOG, C)),
    ("DROP CATALOG IF EXISTS c CASCADE", Drop(Kind.CATALOG, C, True, True)),
    ("DROP SCHEMA c.s RESTRICT", Drop(Kind.SCHEMA, S)),
    ("DROP DATABASE IF EXISTS c.s CASCADE", Drop(Kind.SCHEMA, S, True, True)),
    ("DROP TABLE c.s.o", Drop(Kind.TABLE, OBJ)),
    ("DROP TABLE IF EXISTS c.s.o PURGE", Drop(Kind.TABLE, OBJ, True)),
    ("DROP VIEW IF EXISTS c.s.o", Drop(Kind.VIEW, OBJ, True)),
    ("DROP VOLUME c.s.o", Drop(Kind.VOLUME, OBJ)),
    ("DROP FUNCTION IF EXISTS c.s.o", Drop(Kind.FUNCTION, OBJ, True)),
    ("DROP TEMPORARY FUNCTION o", Drop(Kind.FUNCTION, ("o",), temporary=True)),
    ("COMMENT ON CATALOG c IS 'x'", CommentOn(Kind.CATALOG, C, "x")),
    ("COMMENT ON DATABASE c.s IS NULL", CommentOn(Kind.SCHEMA, S, None)),
    ("COMMENT ON TABLE c.s.o IS ''", CommentOn(Kind.TABLE, OBJ, "")),
    ("COMMENT ON COLUMN c.s.o.`x y` IS 'z'", CommentOn(Kind.COLUMN, (*OBJ, "x y"), "z")),
    ('COMMENT ON VOLUME c.s.o IS "z"', CommentOn(Kind.VOLUME, OBJ, "z")),
    ("SET TAG ON TABLE c.s.o cost = high", SetTags(Kind.TABLE, OBJ, (("cost", "high"),))),
    ("SET TAG ON COLUMN c.s.o.x `k e y` = 'v'", SetTags(Kind.COLUMN, (*OBJ, "x"), (("k e y", "v"),))),
    ("SET TAG ON CATALOG c pii", SetTags(Kind.CATALOG, C, (("pii", ""),))),
    ("UNSET TAG ON SCHEMA c.s cost", UnsetTags(Kind.SCHEMA, S, ("cost",))),
    ("CREATE CATALOG c USING SHARE p.s", Unsupported("CREATE CATALOG … USING SHARE")),
    ("CREATE FOREIGN CATALOG c USING CONNECTION x", Unsupported("CREATE FOREIGN CATALOG")),
    ("CREATE SCHEMA s LOCATION '/x'", Unsupported("CREATE SCHEMA … LOCATION")),
    ("DROP EXTERNAL LOCATION x", Unsupported("DROP EXTERNAL LOCATION")),
    ("DROP TEMPORARY VARIABLE x", Unsupported("DROP TEMPORARY VARIABLE")),
    ("COMMENT ON CONNECTION x IS 'y'", Unsupported("COMMENT ON CONNECTION")),
]


@pytest.mark.parametrize(("sql", "expected"), OBJECTS)
def test_objects(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected


def test_column_needs_its_table(read: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="PARSE_SYNTAX_ERROR"):
        read("COMMENT ON COLUMN c IS 'x'")


def body(text: str) -> Fragment:
    return Fragment(text, 0)


FUNCTIONS = [
    ("CREATE FUNCTION f() RETURN 1", CreateFunction(("f",), (), body("1"))),
    (
        "CREATE OR REPLACE FUNCTION c.s.f(a INT, b decimal(5,2) DEFAULT 1 + 1 COMMENT 'x') RETURNS STRING\n"
        "LANGUAGE SQL NOT DETERMINISTIC READS SQL DATA COMMENT 'y' RETURN concat(a, ';', b);",
        CreateFunction(
            ("c", "s", "f"),
            (Parameter("a", "INT"), Parameter("b", "decimal(5,2)", body("1 + 1"), "x")),
            body("concat(a, ';', b)"),
            returns="STRING",
            or_replace=True,
            deterministic=False,
            data_access="READS SQL DATA",
            comment="y",
        ),
    ),
    (
        "CREATE FUNCTION IF NOT EXISTS f(a INT)\n"
        "RETURNS TABLE (x INT COMMENT 'c', y STRING) RETURN SELECT a, 'b'",
        CreateFunction(
            ("f",),
            (Parameter("a", "INT"),),
            body("SELECT a, 'b'"),
            columns=(Parameter("x", "INT", comment="c"), Parameter("y", "STRING")),
            if_not_exists=True,
        ),
    ),
    (
        "CREATE FUNCTION f() RETURNS TABLE RETURN SELECT 1",
        CreateFunction(("f",), (), body("SELECT 1"), columns=()),
    ),
    (
        "CREATE TEMPORARY FUNCTION f(a INT) RETURNS INT DETERMINISTIC CONTAINS SQL RETURN a",
        CreateFunction(
            ("f",),
            (Parameter("a", "INT"),),
            body("a"),
            returns="INT",
            temporary=True,
            deterministic=True,
            data_access="CONTAINS SQL",
        ),
    ),
    (
        "CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE PYTHON AS $$\n  return a + 1  # it's\n$$",
        CreateFunction(
            ("f",),
            (Parameter("a", "INT"),),
            body("\n  return a + 1  # it's\n"),
            returns="INT",
            language="PYTHON",
        ),
    ),
    (
        "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON AS $py$return '$$'$py$",
        CreateFunction(("f",), (), body("return '$$'"), returns="INT", language="PYTHON"),
    ),
    ("CREATE FUNCTION f AS 'com.Class' USING JAR 'x'", Unsupported("CREATE FUNCTION … AS 'class'")),
    (
        "CREATE FUNCTION f() RETURNS INT LANGUAGE scala AS $$1$$",
        Unsupported("CREATE FUNCTION … LANGUAGE SCALA"),
    ),
    (
        "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON ENVIRONMENT (a = 'b') AS $$1$$",
        Unsupported("CREATE FUNCTION … ENVIRONMENT"),
    ),
]


@pytest.mark.parametrize(("sql", "expected"), FUNCTIONS)
def test_create_function(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected


SELECT = ("SELECT",)
GRANTS = [
    ("GRANT SELECT ON TABLE c.s.o TO u", Grant(SELECT, Kind.TABLE, OBJ, "u")),
    ("GRANT SELECT ON c.s.o TO `u@x.y`", Grant(SELECT, Kind.TABLE, OBJ, "u@x.y")),
    ("GRANT SELECT ON VIEW c.s.o TO u", Grant(SELECT, Kind.VIEW, OBJ, "u")),
    (
        "grant use  catalog, Create\nSchema, ALL PRIVILEGES on catalog c to `account users`",
        Grant(("USE CATALOG", "CREATE SCHEMA", "ALL PRIVILEGES"), Kind.CATALOG, C, "account users"),
    ),
    ("GRANT USE SCHEMA ON DATABASE c.s TO u", Grant(("USE SCHEMA",), Kind.SCHEMA, S, "u")),
    ("GRANT EXECUTE ON FUNCTION c.s.o TO u", Grant(("EXECUTE",), Kind.FUNCTION, OBJ, "u")),
    ("GRANT READ VOLUME ON VOLUME c.s.o TO u", Grant(("READ VOLUME",), Kind.VOLUME, OBJ, "u")),
    ("GRANT CREATE CATALOG ON METASTORE TO u", Grant(("CREATE CATALOG",), Kind.METASTORE, (), "u")),
    ("GRANT USE CATALOG ON CATALOG TO u", Grant(("USE CATALOG",), Kind.CATALOG, (), "u")),
    ("GRANT SELECT ON CATALOG schema TO u", Grant(SELECT, Kind.CATALOG, ("schema",), "u")),
    ("GRANT SELECT ON schema TO u", Grant(SELECT, Kind.TABLE, ("schema",), "u")),
    ("GRANT SELECT ON catalog.t TO u", Grant(SELECT, Kind.TABLE, ("catalog", "t"), "u")),
    ("GRANT SELECT ON share.t TO u", Grant(SELECT, Kind.TABLE, ("share", "t"), "u")),
    ("REVOKE MODIFY, SELECT ON SCHEMA s FROM u;", Revoke(("MODIFY", "SELECT"), Kind.SCHEMA, ("s",), "u")),
    ("REVOKE ALL PRIVILEGES ON t FROM u", Revoke(("ALL PRIVILEGES",), Kind.TABLE, ("t",), "u")),
    ("SHOW GRANTS ON TABLE c.s.o", ShowGrants(Kind.TABLE, OBJ)),
    ("SHOW GRANTS `u@x` ON CATALOG c", ShowGrants(Kind.CATALOG, C, "u@x")),
    ("SHOW GRANT u ON METASTORE", ShowGrants(Kind.METASTORE, (), "u")),
    ("GRANT SELECT ON SHARE x TO RECIPIENT y", Unsupported("GRANT … ON SHARE")),
    ("REVOKE CREATE TABLE ON EXTERNAL LOCATION x FROM y", Unsupported("REVOKE … ON EXTERNAL LOCATION")),
    ("GRANT SELECT ON ANY FILE TO u", Unsupported("GRANT … ON ANY FILE")),
    ("GRANT SELECT ON t TO u WITH GRANT OPTION", Unsupported("GRANT … WITH GRANT OPTION")),
]


@pytest.mark.parametrize(("sql", "expected"), GRANTS)
def test_grants(read: Callable[..., Any], sql: str, expected: object) -> None:
    assert read(sql) == expected
