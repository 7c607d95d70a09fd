from __future__ import annotations

import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql


@pytest.fixture
def numbers(sql: Sql, schema: str) -> None:
    """A table of numbers."""
    sql("CREATE TABLE numbers (n INT, even BOOLEAN)")
    sql("INSERT INTO numbers VALUES (1, false), (2, true)")


@pytest.mark.parametrize("kind", ["VIEW", "TEMPORARY VIEW"])
def test_a_view_shows_the_rows_that_are_there_now(
    numbers: None, kind: str, sql: Sql, workspace_session: Workspace, schema: str
) -> None:
    sql(f"CREATE {kind} seen AS SELECT n FROM numbers")
    assert sql("SELECT count(*) FROM seen") == [(2,)]
    sql("INSERT INTO numbers VALUES (3, false)")
    assert sql("SELECT count(*) FROM seen") == [(3,)]
    with workspace_session.connect() as other:
        Sql(other)(f"UPDATE {schema}.numbers SET n = 10 * n")
    assert sql("SELECT max(n) FROM seen") == [(30,)]
    sql("DELETE FROM numbers WHERE even")
    assert sql("SELECT count(*) FROM seen JOIN numbers USING (n)") == [(2,)]


def test_a_view_of_a_view_shows_the_rows_that_are_there_now(numbers: None, sql: Sql) -> None:
    sql("CREATE VIEW inner_one AS SELECT * FROM numbers")
    sql("CREATE VIEW outer_one AS SELECT sum(n) AS total FROM inner_one")
    sql("CREATE TEMPORARY VIEW last AS SELECT total + 1 AS more FROM outer_one")
    assert sql("SELECT * FROM last") == [(4,)]
    sql("INSERT INTO numbers VALUES (10, true)")
    assert sql("SELECT * FROM last") == [(14,)]


def test_a_view_of_information_schema_shows_what_is_there_now(sql: Sql, schema: str) -> None:
    name = schema.split(".")[1]
    sql(
        "CREATE VIEW seen AS SELECT table_name FROM main.information_schema.tables"
        f" WHERE table_schema = '{name}' ORDER BY 1"
    )
    assert sql("SELECT * FROM seen") == [("seen",)]
    sql("CREATE TABLE another (a INT)")
    assert sql("SELECT * FROM seen") == [("another",), ("seen",)]


@pytest.mark.parametrize("kind", ["VIEW", "TEMPORARY VIEW"])
@pytest.mark.parametrize(
    "query",
    [
        "SELECT n FROM numbers QUALIFY row_number() OVER (ORDER BY n) = 1",
        "SELECT * EXCEPT (even) FROM numbers WHERE n = 1",
        "SELECT n AS m, m - 1 AS k FROM numbers WHERE n = 1",
        "FROM numbers |> WHERE n = 1 |> SELECT n",
    ],
)
def test_a_view_has_all_of_databricks_syntax(numbers: None, kind: str, query: str, sql: Sql) -> None:
    sql(f"CREATE {kind} seen AS {query}")
    assert sql("SELECT * FROM seen") == sql(query) != []


def test_a_temporary_view_means_the_same_wherever_the_session_is(
    numbers: None, sql: Sql, schema: str
) -> None:
    sql("CREATE TEMPORARY VIEW seen (m) AS SELECT n FROM numbers WHERE even")
    sql("USE main.default")
    assert sql("SELECT m FROM seen") == [(2,)]
    sql(f"USE {schema}")


def test_a_temporary_view_does_not_outlive_a_privilege(numbers: None, sql: Sql, reader: Reader) -> None:
    reader.sql("CREATE TEMPORARY VIEW seen AS SELECT * FROM numbers")
    assert len(reader.sql("SELECT * FROM seen")) == 2
    sql(f"REVOKE SELECT ON SCHEMA {sql('SELECT current_schema()')[0][0]} FROM `{reader.name}`")
    with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
        reader.sql("SELECT * FROM seen")


def test_temporary_views_do_not_read_themselves(numbers: None, sql: Sql) -> None:
    sql("CREATE TEMPORARY VIEW one AS SELECT n FROM numbers")
    sql("CREATE TEMPORARY VIEW two AS SELECT n FROM one")
    for query in ("SELECT * FROM one", "SELECT * FROM two"):
        with pytest.raises(ServerOperationError, match=r"RECURSIVE_VIEW.*42K0H"):
            sql(f"CREATE OR REPLACE TEMPORARY VIEW one AS {query}")
    assert len(sql("SELECT * FROM two")) == 2


def test_a_view_keeps_its_columns(numbers: None, sql: Sql) -> None:
    sql("CREATE VIEW seen AS SELECT * FROM numbers")
    sql("CREATE VIEW named (a, b) AS SELECT * FROM numbers")
    sql("CREATE TEMPORARY VIEW passing AS SELECT * FROM numbers")
    sql("CREATE VIEW twice (a, b) AS SELECT 1, 1")
    sql("CREATE VIEW odd AS SELECT n AS `a name`, n + 1 AS `from`, count(*) OVER () FROM numbers")
    sql("ALTER TABLE numbers ADD COLUMN first STRING FIRST")
    for view in ("seen", "named", "passing"):
        assert sql(f"SELECT * FROM {view} ORDER BY 1") == [(1, False), (2, True)]
    assert sql("SELECT a, b FROM twice") == [(1, 1)]
    assert sql("SELECT * FROM odd ORDER BY `a name`") == [(1, 2, 2), (2, 3, 2)]
    assert sql("SELECT `from` FROM odd WHERE `a name` = 1") == [(2,)]
    sql("ALTER TABLE numbers DROP COLUMN even")
    with pytest.raises(ServerOperationError, match="UNRESOLVED_COLUMN"):
        sql("SELECT * FROM seen")
