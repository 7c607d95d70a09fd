"""USE, SET and RESET."""

from __future__ import annotations

import pytest
from databricks.sql.exc import DatabaseError

from lakestead.testing import Workspace
from tests.contract.conftest import Sql

WHERE = "SELECT current_catalog(), current_schema()"


def test_use_says_where_names_look(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t AS SELECT 5 AS a")
    name = schema.split(".")[1]
    sql("USE CATALOG main")
    assert sql(WHERE) == [("main", "default")]
    sql(f"USE SCHEMA {name}")
    assert sql(WHERE) == [("main", name)]
    assert sql("SELECT a FROM t") == [(5,)]
    sql("USE CATALOG system")
    sql(f"USE main.{name}")
    assert sql(WHERE) == sql("SHOW CURRENT SCHEMA") == [("main", name)]
    sql("USE system.information_schema")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("USE CATALOG nowhere", r"\[NO_SUCH_CATALOG_EXCEPTION\]"),
        ("USE SCHEMA nothing", r"\[SCHEMA_NOT_FOUND\]"),
        ("USE main.nothing", r"\[SCHEMA_NOT_FOUND\]"),
        ("USE a.b.c", r"\[INVALID_IDENTIFIER\]"),
    ],
)
def test_use_wants_what_is_there(sql: Sql, schema: str, statement: str, words: str) -> None:
    before = sql(WHERE)
    with pytest.raises(DatabaseError, match=words):
        sql(statement)
    assert sql(WHERE) == before


def test_the_time_zone_holds_for_the_session(workspace_session: Workspace) -> None:
    noon = "SELECT CAST(TIMESTAMP'2024-07-01T12:00:00Z' AS STRING)"
    with workspace_session.connect() as one, workspace_session.connect() as other:
        first, second = Sql(one), Sql(other)
        assert first("SET TIME ZONE 'America/New_York'") == [("TIMEZONE", "America/New_York")]
        assert first(noon) == [("2024-07-01 08:00:00",)]
        assert second(noon) == [("2024-07-01 12:00:00",)]
        with pytest.raises(DatabaseError, match=r"\[INVALID_TIMEZONE\].*22009"):
            first("SET timezone = 'Mars/Olympus'")
        assert first(noon) == [("2024-07-01 08:00:00",)]
        first("RESET timezone")
        assert first(noon) == [("2024-07-01 12:00:00",)]


def test_a_connection_may_bring_settings(workspace_session: Workspace) -> None:
    given = {"timezone": "+02:00", "STATEMENT_TIMEOUT": 60, "ansi_mode": True}
    with workspace_session.connect(session_configuration=given) as connection:
        settings = dict(Sql(connection)("SET"))
    assert settings["TIMEZONE"] == "+02:00"
    assert settings["STATEMENT_TIMEOUT"] == "60"
    with workspace_session.connect(session_configuration={"spark.sql.session.timeZone": "UTC"}) as connection:
        assert Sql(connection)("SET timezone") == [("TIMEZONE", "UTC")]


def test_a_statement_that_runs_too_long_is_stopped(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection:
        run = Sql(connection)
        run("SET STATEMENT_TIMEOUT = 1")
        with pytest.raises(DatabaseError, match=r"\[STATEMENT_TIMEOUT\].*57KD0"):
            run("SELECT count(*) FROM range(1000000) a CROSS JOIN range(1000000) b WHERE a.id * b.id % 7 = 1")
        run("RESET STATEMENT_TIMEOUT")
        assert run("SET STATEMENT_TIMEOUT") == [("STATEMENT_TIMEOUT", "172800")]


def test_set_lists_every_setting(sql: Sql) -> None:
    listed = dict(sql("SET"))
    assert listed["ANSI_MODE"] == "true"
    assert listed["USE_CACHED_RESULT"] == "true"
    meanings = {name: meaning for name, _, meaning in sql("SET -v")}
    assert meanings.keys() == listed.keys()
    assert all(meanings.values())


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SET spark.sql.shuffle.partitions = 5", r"\[CONFIG_NOT_AVAILABLE\].*42K0I"),
        ("SET nonsense", r"\[CONFIG_NOT_AVAILABLE\]"),
        ("RESET nonsense", r"\[CONFIG_NOT_AVAILABLE\]"),
        ("SET ansi_mode = false", r"\[UNSUPPORTED_FEATURE\]"),
        ("SET ansi_mode = perhaps", r"\[INVALID_CONF_VALUE\]"),
        ("SET legacy_time_parser_policy = LEGACY", r"\[UNSUPPORTED_FEATURE\]"),
        ("SET statement_timeout = -1", r"\[INVALID_CONF_VALUE\]"),
        ("SET statement_timeout = 172801", r"\[INVALID_CONF_VALUE\]"),
    ],
)
def test_settings_that_cannot_be(sql: Sql, statement: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        sql(statement)


def test_the_word_table_in_a_text_is_a_text(sql: Sql) -> None:
    assert sql("SELECT 'ALTER TABLE shops' LIKE '%TABLE shops%', 'a TABLE b'") == [(True, "a TABLE b")]
