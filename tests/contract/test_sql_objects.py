"""CREATE, ALTER, COMMENT ON, tags and DROP of every kind of object, in SQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from databricks.sql.exc import DatabaseError
from deltalake import DeltaTable

from lakestead.testing import Workspace, serve
from tests.contract.conftest import Sql


def test_a_catalog_has_a_default_schema_and_goes_only_when_empty(admin: Sql) -> None:
    admin("CREATE CATALOG lake COMMENT 'what there is'")
    assert admin("DESCRIBE CATALOG lake")[:2] == [("Catalog Name", "lake"), ("Comment", "what there is")]
    assert ("default",) in admin("SHOW SCHEMAS IN lake")
    with pytest.raises(DatabaseError, match=r"\[CATALOG_ALREADY_EXISTS\].*42710"):
        admin("CREATE CATALOG Lake")
    admin("CREATE CATALOG IF NOT EXISTS lake COMMENT 'another'")
    admin("CREATE TABLE lake.default.t (a INT)")
    with pytest.raises(DatabaseError, match=r"\[CATALOG_NOT_EMPTY\].*2BP01"):
        admin("DROP CATALOG lake")
    admin("DROP CATALOG lake CASCADE")
    assert ("lake",) not in admin("SHOW CATALOGS")


def test_dropping_with_cascade_removes_the_files_of_what_was_managed(tmp_path: Path) -> None:
    def folders(kind: str) -> int:
        return len(list((tmp_path / kind).iterdir()))

    with serve(tmp_path) as workspace, workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA main.s")
        cursor.execute("CREATE TABLE main.s.t AS SELECT 1 AS a")
        cursor.execute("CREATE VOLUME main.s.v")
        assert (folders("tables"), folders("volumes")) == (1, 1)
        with pytest.raises(DatabaseError, match=r"\[SCHEMA_NOT_EMPTY\]"):
            cursor.execute("DROP SCHEMA main.s RESTRICT")
        assert (folders("tables"), folders("volumes")) == (1, 1)
        cursor.execute("DROP SCHEMA main.s CASCADE")
        assert (folders("tables"), folders("volumes")) == (0, 0)


def test_a_schema_keeps_its_properties(sql: Sql, schema: str) -> None:
    sql(f"ALTER SCHEMA {schema} SET DBPROPERTIES ('a' = '1', 'b' = '2')")
    assert sql(f"DESCRIBE SCHEMA EXTENDED {schema}")[-1] == ("Properties", "((a,1), (b,2))")


@pytest.mark.parametrize(
    ("kind", "made", "name"),
    [
        ("TABLE", "CREATE TABLE x (a INT)", "x"),
        ("VIEW", "CREATE VIEW x AS SELECT 1 AS a", "x"),
        ("VOLUME", "CREATE VOLUME x", "x"),
        ("FUNCTION", "CREATE FUNCTION x() RETURNS INT RETURN 1", "x"),
        ("SCHEMA", "CREATE SCHEMA {schema}_more", "{schema}_more"),
    ],
)
def test_if_exists_and_if_not_exists(sql: Sql, schema: str, kind: str, made: str, name: str) -> None:
    made, name = made.format(schema=schema), name.format(schema=schema)
    again = made.replace(f"CREATE {kind}", f"CREATE {kind} IF NOT EXISTS")
    sql(made)
    sql(again)
    with pytest.raises(DatabaseError, match="ALREADY_EXISTS"):
        sql(made)
    sql(f"DROP {kind} {name}")
    sql(f"DROP {kind} IF EXISTS {name}")
    with pytest.raises(DatabaseError, match="NOT_FOUND"):
        sql(f"DROP {kind} {name}")


def test_drop_if_exists_still_wants_the_catalog(sql: Sql) -> None:
    with pytest.raises(DatabaseError, match=r"\[NO_SUCH_CATALOG_EXCEPTION\]"):
        sql("DROP SCHEMA IF EXISTS nowhere.s")


@pytest.mark.parametrize(("made", "dropped"), [("TABLE", "VIEW"), ("VIEW", "TABLE")])
def test_tables_and_views_are_dropped_as_what_they_are(
    sql: Sql, schema: str, made: str, dropped: str
) -> None:
    sql("CREATE VIEW x AS SELECT 1 AS a" if made == "VIEW" else "CREATE TABLE x (a INT)")
    with pytest.raises(DatabaseError, match=rf"\[WRONG_COMMAND_FOR_OBJECT_TYPE\].*Use DROP {made}"):
        sql(f"DROP {dropped} x")
    assert sql("SELECT count(*) FROM x")


def test_a_temporary_view_is_dropped_before_one_of_the_schema(sql: Sql, schema: str) -> None:
    sql("CREATE VIEW x AS SELECT 'stored' AS a")
    sql("CREATE TEMPORARY VIEW x AS SELECT 'temporary' AS a")
    assert sql("SELECT a FROM x") == [("temporary",)]
    sql("DROP VIEW x")
    assert sql("SELECT a FROM x") == [("stored",)]


def test_comments_of_every_kind(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (a INT, b INT)")
    sql("CREATE VIEW v AS SELECT a FROM t")
    sql("CREATE VOLUME files")
    sql("CREATE FUNCTION f() RETURNS INT RETURN 1")
    view, name = "main.information_schema", schema.split(".")[1]
    for kind, target in (
        ("SCHEMA", schema),
        ("TABLE", "t"),
        ("VIEW", "v"),
        ("VOLUME", "files"),
        ("FUNCTION", "f"),
        ("COLUMN", "t.b"),
    ):
        sql(f"COMMENT ON {kind} {target} IS 'it\\'s {kind}'")
    seen = dict(
        sql(
            f"""
            SELECT 'SCHEMA', comment FROM {view}.schemata WHERE schema_name = '{name}'
            UNION ALL SELECT table_type, comment FROM {view}.tables WHERE table_schema = '{name}'
            UNION ALL SELECT 'VOLUME', comment FROM {view}.volumes WHERE volume_schema = '{name}'
            UNION ALL SELECT 'FUNCTION', comment FROM {view}.routines WHERE routine_schema = '{name}'
            UNION ALL SELECT column_name, comment FROM {view}.columns
                WHERE table_schema = '{name}' AND table_name = 't'
            """
        )
    )
    assert seen == {
        "SCHEMA": "it's SCHEMA",
        "MANAGED": "it's TABLE",
        "VIEW": "it's VIEW",
        "VOLUME": "it's VOLUME",
        "FUNCTION": "it's FUNCTION",
        "a": None,
        "b": "it's COLUMN",
    }
    where = f"table_schema = '{name}' AND table_name = 't'"
    (place,) = sql(f"SELECT storage_path FROM {view}.tables WHERE {where}")
    table = DeltaTable(place[0])
    assert table.metadata().description == "it's TABLE"
    assert table.schema().fields[1].metadata == {"comment": "it's COLUMN"}
    sql("COMMENT ON TABLE t IS NULL")
    assert "Comment" not in dict(row[:2] for row in sql("DESCRIBE EXTENDED t"))


def test_tags_of_objects_and_columns(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (a INT, mail STRING)")
    sql("ALTER TABLE t SET TAGS ('layer' = 'raw', 'checked')")
    sql("ALTER TABLE t ALTER COLUMN mail SET TAGS ('pii' = 'yes')")
    sql(f"ALTER SCHEMA {schema} SET TAGS ('team' = 'data')")
    sql("ALTER TABLE t SET TAGS ('layer' = 'bronze')")
    name = schema.split(".")[1]
    view = "main.information_schema"
    where = f"WHERE schema_name = '{name}'"
    assert sql(f"SELECT tag_name, tag_value FROM {view}.table_tags {where} ORDER BY 1") == [
        ("checked", ""),
        ("layer", "bronze"),
    ]
    assert sql(f"SELECT column_name, tag_name, tag_value FROM {view}.column_tags {where}") == [
        ("mail", "pii", "yes")
    ]
    assert sql(f"SELECT tag_name, tag_value FROM {view}.schema_tags {where}") == [("team", "data")]
    sql("ALTER TABLE t UNSET TAGS ('layer', 'checked')")
    sql("ALTER TABLE t ALTER COLUMN mail UNSET TAGS ('pii')")
    assert sql(f"SELECT * FROM {view}.table_tags {where}") == []
    assert sql(f"SELECT * FROM {view}.column_tags {where}") == []
    with pytest.raises(DatabaseError, match=r"\[UNRESOLVED_COLUMN"):
        sql("ALTER TABLE t ALTER COLUMN nope SET TAGS ('x' = 'y')")


def test_properties_are_set_and_unset(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (a INT) TBLPROPERTIES ('mine' = '1')")
    sql("ALTER TABLE t SET TBLPROPERTIES ('mine' = '2', 'more' = 'x')")
    assert dict(sql("SHOW TBLPROPERTIES t"))["mine"] == "2"
    with pytest.raises(DatabaseError, match=r"\[UNSET_NONEXISTENT_PROPERTIES\]"):
        sql("ALTER TABLE t UNSET TBLPROPERTIES ('mine', 'nope')")
    assert dict(sql("SHOW TBLPROPERTIES t"))["mine"] == "2"
    sql("ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('mine', 'nope')")
    assert "mine" not in dict(sql("SHOW TBLPROPERTIES t"))


def test_a_renamed_table_keeps_its_rows_and_a_view_is_no_table(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE old AS SELECT 7 AS a")
    sql("ALTER TABLE old RENAME TO new")
    assert sql("SELECT a FROM new") == [(7,)]
    with pytest.raises(DatabaseError, match=r"\[TABLE_OR_VIEW_NOT_FOUND\]"):
        sql("SELECT a FROM old")
    with pytest.raises(DatabaseError, match=r"\[EXPECT_VIEW_NOT_TABLE"):
        sql("ALTER VIEW new RENAME TO newer")
    with pytest.raises(DatabaseError, match=r"\[UNSUPPORTED_FEATURE\]"):
        sql("ALTER TABLE new RENAME TO main.default.new")


def test_functions_are_checked_when_they_are_made(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE prices (item STRING, price DECIMAL(8,2))")
    sql("INSERT INTO prices VALUES ('tea', 2.5), ('cake', 4)")
    sql("CREATE FUNCTION price_of(what STRING) RETURN (SELECT max(price) FROM prices WHERE item = what)")
    sql("CREATE FUNCTION twice(x INT, times INT DEFAULT 2) RETURNS BIGINT COMMENT 'more' RETURN x * times")
    assert sql("SELECT price_of('tea'), twice(4), twice(4, times => 3)")[0][1:] == (8, 12)
    assert str(sql("SELECT price_of('tea')")[0][0]) == "2.50"
    with pytest.raises(DatabaseError, match=r"\[UNRESOLVED_COLUMN"):
        sql("CREATE FUNCTION broken(x INT) RETURNS INT RETURN x + y")
    with pytest.raises(DatabaseError, match=r"\[ROUTINE_NOT_FOUND\]"):
        sql("DROP FUNCTION broken")
    sql("CREATE OR REPLACE FUNCTION twice(x INT) RETURNS INT RETURN x + x")
    assert sql("SELECT twice(4)") == [(8,)]
    sql(
        "CREATE FUNCTION below(top DECIMAL(8,2)) RETURNS TABLE (name STRING) "
        "RETURN SELECT item FROM prices WHERE price < top"
    )
    assert sql("SELECT name FROM below(3)") == [("tea",)]


def test_what_is_not_served_is_refused(sql: Sql, schema: str) -> None:
    for statement in (
        "CREATE CATALOG x MANAGED LOCATION 's3://b/p'",
        "CREATE TABLE x (n INT) LOCATION 's3://bucket/path'",
        "CREATE TABLE x LOCATION 'abfss://data@account.dfs.core.windows.net/path' AS SELECT 1 AS n",
        "CREATE FUNCTION x() RETURNS INT LANGUAGE PYTHON AS $$ return 1 $$",
        "CREATE TEMPORARY FUNCTION x() RETURNS INT RETURN 1",
    ):
        with pytest.raises(DatabaseError, match=r"\[UNSUPPORTED_FEATURE\].*0A000"):
            sql(statement)


@pytest.mark.parametrize("name", ["a/b", "x" * 256, "has space", "dot.`in.side`"])
def test_names_that_unity_catalog_refuses(sql: Sql, schema: str, name: str) -> None:
    quoted = name if name.startswith("dot") else f"`{name}`"
    with pytest.raises(DatabaseError, match=r"\[(INVALID_IDENTIFIER|SCHEMA_NOT_FOUND|UNSUPPORTED_FEATURE)"):
        sql(f"CREATE VOLUME {quoted}")


def test_an_external_volume_is_the_admins_to_make(
    admin: Sql, somebody: tuple[str, Sql], tmp_path: Path
) -> None:
    name, theirs = somebody
    admin(f"GRANT CREATE VOLUME ON SCHEMA main.default TO {name}")
    theirs("CREATE VOLUME main.default.own")
    statement = f"CREATE EXTERNAL VOLUME main.default.files LOCATION '{tmp_path}'"
    with pytest.raises(DatabaseError, match=r"\[INSUFFICIENT_PERMISSIONS\].*CREATE EXTERNAL VOLUME"):
        theirs(statement)
    admin(statement)
    (described,) = admin.records("DESCRIBE VOLUME main.default.files")
    assert described["storageLocation"] == tmp_path.as_uri()
    assert described["volumeType"] == "EXTERNAL"


def test_many_sessions_make_and_drop_the_same_things(workspace_session: Workspace, schema: str) -> None:
    def work(_: int) -> None:
        with workspace_session.connect(catalog="main", schema=schema.split(".")[1]) as connection:
            run = Sql(connection)
            for _ in range(4):
                run("CREATE TABLE IF NOT EXISTS t (a INT)")
                run("CREATE VOLUME IF NOT EXISTS v")
                run(f"CREATE SCHEMA IF NOT EXISTS {schema}_shared")
                run("DROP TABLE IF EXISTS t")
                run("DROP VOLUME IF EXISTS v")
                run(f"DROP SCHEMA IF EXISTS {schema}_shared CASCADE")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
