from __future__ import annotations

import io

import pytest
from databricks.sdk.errors import BadRequest, DatabricksError, NotImplemented
from databricks.sdk.service.catalog import TableOperation
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql
from tests.contract.guarded import READS, REFUSED, kept, make

ALL = [(1, "eu", "alpha"), (2, "us", "bravo"), (3, "eu", "charlie")]


@pytest.fixture
def people(sql: Sql, schema: str) -> str:
    """The full name of a table whose row filter hides from all but admins what is not European."""
    make(sql)
    sql("ALTER TABLE people SET ROW FILTER european ON (region)")
    return f"{schema}.people"


@pytest.mark.parametrize("path", READS)
def test_no_way_of_reading_shows_hidden_rows(people: str, path: str, schema: str, reader: Reader) -> None:
    *before, last = (one.format(schema=schema) for one in READS[path])
    for statement in before:
        reader.sql(statement)
    shown = repr(reader.sql(last))
    assert "bravo" not in shown
    assert "us" not in shown
    assert "alpha" in shown


@pytest.mark.parametrize("path", READS)
def test_who_may_see_all_rows_does(people: str, path: str, schema: str, sql: Sql) -> None:
    *before, last = (one.format(schema=schema) for one in READS[path])
    for statement in before:
        sql(statement)
    shown = repr(sql(last))
    assert "bravo" in shown
    assert "alpha" in shown


@pytest.mark.parametrize("statement", REFUSED)
def test_what_would_show_more_is_refused(people: str, statement: str, reader: Reader) -> None:
    with pytest.raises(ServerOperationError, match=rf"\[{REFUSED[statement]}") as caught:
        reader.sql(statement)
    assert "bravo" not in str(caught.value)


def test_views_and_functions_of_others_show_what_their_user_may_see(
    people: str, sql: Sql, reader: Reader, schema: str
) -> None:
    sql("CREATE VIEW seen AS SELECT * FROM people")
    sql("CREATE FUNCTION look() RETURNS TABLE (secret STRING) RETURN SELECT secret FROM people")
    sql(f"GRANT EXECUTE ON SCHEMA {schema} TO `{reader.name}`")
    assert len(sql("SELECT * FROM seen")) == len(sql("SELECT * FROM look()")) == 3
    assert reader.sql("SELECT secret FROM seen ORDER BY 1") == [("alpha",), ("charlie",)]
    assert reader.sql("SELECT secret FROM look() ORDER BY 1") == [("alpha",), ("charlie",)]


def test_a_temporary_view_made_before_the_filter_is_filtered(sql: Sql, reader: Reader) -> None:
    make(sql)
    reader.sql("CREATE TEMPORARY VIEW seen AS SELECT * FROM people")
    assert len(reader.sql("SELECT * FROM seen")) == 3
    sql("ALTER TABLE people SET ROW FILTER european ON (region)")
    assert len(reader.sql("SELECT * FROM seen")) == 2
    sql("ALTER TABLE people DROP ROW FILTER")
    assert len(reader.sql("SELECT * FROM seen")) == 3


@pytest.mark.parametrize(
    "condition",
    [
        "WHERE 1 / (id - 2) < 100",
        "WHERE CAST(replace(secret, 'alpha', '1') AS INT) IS NULL OR id IN (1, 3)",
        "JOIN VALUES (1), (2) AS t(n) ON 1 / (people.id - 2) < n",
        "WHERE assert_true(region = 'eu', secret) IS NULL",
        "WHERE region = 'eu' OR raise_error(secret) IS NULL",
        "GROUP BY id HAVING 1 / (id - 2) < 100",
    ],
)
def test_no_expression_is_evaluated_for_a_hidden_row(people: str, condition: str, reader: Reader) -> None:
    try:
        reader.sql(f"SELECT count(*) FROM people {condition}")
    except ServerOperationError as error:
        # Only values of rows that are seen can be what is wrong.
        assert "charlie" in str(error)  # noqa: PT017
        assert "bravo" not in str(error)  # noqa: PT017


def test_rows_that_are_hidden_are_neither_changed_nor_deleted(people: str, sql: Sql, reader: Reader) -> None:
    assert reader.sql("UPDATE people SET secret = 'new'") == [(2,)]
    assert kept(sql) == [(1, "eu", "new"), (2, "us", "bravo"), (3, "eu", "new")]
    assert reader.sql("UPDATE people p SET secret = concat(p.secret, '!') WHERE p.id IN (2, 3)") == [(1,)]
    assert kept(sql) == [(1, "eu", "new"), (2, "us", "bravo"), (3, "eu", "new!")]
    assert reader.sql("DELETE FROM people WHERE id = 2 OR secret = 'bravo'") == [(0,)]
    assert reader.sql("DELETE FROM people WHERE id IN (SELECT id FROM people WHERE id > 1)") == [(1,)]
    assert kept(sql) == [(1, "eu", "new"), (2, "us", "bravo")]
    assert reader.sql("DELETE FROM people") == [(1,)]
    assert kept(sql) == [(2, "us", "bravo")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people SET id = 9 WHERE 1 / (id - 2) < 100",
        "UPDATE people SET id = 1 / (id - 2)",
        "DELETE FROM people WHERE 1 / (id - 2) < 100",
        "DELETE FROM people p WHERE EXISTS (SELECT 1 FROM VALUES (1) AS t(n) WHERE n > 1 / (p.id - 2))",
    ],
)
def test_changes_evaluate_nothing_for_hidden_rows(
    people: str, statement: str, sql: Sql, reader: Reader
) -> None:
    (changed,) = reader.sql(statement)
    assert changed[0] <= 2
    assert (2, "us", "bravo") in kept(sql)


def test_changes_of_generated_columns(sql: Sql, schema: str, reader: Reader) -> None:
    sql("CREATE TABLE t (a INT, twice INT GENERATED ALWAYS AS (a * 2), b STRING DEFAULT 'x')")
    sql("INSERT INTO t (a) VALUES (1), (2)")
    sql("CREATE FUNCTION odd(a INT) RETURN a % 2 = 1")
    sql("ALTER TABLE t SET ROW FILTER odd ON (a)")
    assert reader.sql("UPDATE t SET a = a + 4, b = DEFAULT") == [(1,)]
    with pytest.raises(ServerOperationError, match="makes its own values"):
        reader.sql("UPDATE t SET twice = 7")
    sql("ALTER TABLE t DROP ROW FILTER")
    assert sql("SELECT * FROM t ORDER BY a") == [(2, 4, "x"), (5, 10, "x")]


def test_rows_can_be_written_that_are_hidden_afterwards(people: str, sql: Sql, reader: Reader) -> None:
    reader.sql("INSERT INTO people VALUES (4, 'us', 'delta'), (5, 'eu', 'echo')")
    assert reader.sql("SELECT id FROM people ORDER BY id") == [(1,), (3,), (5,)]
    assert (4, "us", "delta") in kept(sql)


@pytest.mark.parametrize(
    ("statement", "condition"),
    [
        (
            "MERGE INTO people USING (SELECT 2 AS id) s ON people.id = s.id WHEN MATCHED THEN DELETE",
            "ROW_LEVEL_SECURITY_MERGE_UNSUPPORTED_TARGET",
        ),
        ("TRUNCATE TABLE people", "UNSUPPORTED_FEATURE"),
        ("INSERT OVERWRITE people VALUES (1, 'eu', 'x')", "UNSUPPORTED_FEATURE"),
        ("INSERT INTO people REPLACE WHERE id = 2 VALUES (2, 'us', 'x')", "UNSUPPORTED_FEATURE"),
    ],
)
def test_changes_of_rows_that_are_hidden_are_refused(
    people: str, statement: str, condition: str, sql: Sql, reader: Reader
) -> None:
    with pytest.raises(ServerOperationError, match=condition):
        reader.sql(statement)
    assert kept(sql) == ALL


def test_who_sees_all_rows_changes_them_as_ever(people: str, sql: Sql) -> None:
    merged = sql(
        "MERGE INTO people USING (SELECT 2 AS id, 'new' AS secret) s ON people.id = s.id"
        " WHEN MATCHED THEN UPDATE SET secret = s.secret"
    )
    assert merged == [(1, 1, 0, 0)]
    assert sql("UPDATE people SET secret = 'other' WHERE people.region = 'us'") == [(1,)]
    assert sql("DELETE FROM people WHERE region = 'eu'") == [(2,)]
    assert kept(sql) == [(2, "us", "other")]
    sql("INSERT OVERWRITE people VALUES (1, 'us', 'x')")
    assert kept(sql) == [(1, "us", "x")]
    sql("TRUNCATE TABLE people")
    assert kept(sql) == []


def test_a_filter_reads_tables_with_the_rights_of_its_owner(
    sql: Sql, schema: str, workspace_session: Workspace, reader: Reader
) -> None:
    make(sql)
    # Its column has the name of the table's, and its alias is one that a statement can use for the table.
    sql("CREATE SCHEMA IF NOT EXISTS main.test_rights")
    sql("CREATE OR REPLACE TABLE main.test_rights.m (who STRING, region STRING)")
    sql(f"INSERT INTO main.test_rights.m VALUES ('{reader.name}', 'us'), ('nobody', 'eu')")
    sql(
        "CREATE FUNCTION mapped(r STRING) RETURN EXISTS"
        " (SELECT 1 FROM main.test_rights.m people WHERE people.who = current_user() AND people.region = r)"
    )
    sql("ALTER TABLE people SET ROW FILTER mapped ON (region)")
    try:
        with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
            reader.sql("SELECT * FROM main.test_rights.m")
        assert reader.sql("SELECT id FROM people") == [(2,)]
        assert kept(sql) == []
        assert reader.sql("UPDATE people AS people SET secret = 'new'") == [(1,)]
        assert reader.sql("DELETE FROM people AS m WHERE m.id > 0") == [(1,)]
        sql("UPDATE main.test_rights.m SET who = 'nobody'")
        assert reader.sql("SELECT id FROM people") == []
        sql("DROP TABLE main.test_rights.m")
        with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
            reader.sql("SELECT id FROM people")
    finally:
        sql("ALTER TABLE people DROP ROW FILTER")
        sql("DROP SCHEMA main.test_rights CASCADE")
    assert len(kept(sql)) == 2


def test_a_filter_follows_its_function_and_groups(people: str, sql: Sql, reader: Reader) -> None:
    assert len(reader.sql("SELECT * FROM people")) == 2
    sql("CREATE OR REPLACE FUNCTION european(region STRING) RETURN region = 'us'")
    assert reader.sql("SELECT id FROM people") == [(2,)]
    assert sql("SELECT id FROM people") == [(2,)]
    sql("CREATE OR REPLACE FUNCTION european(region STRING, more INT) RETURNS BOOLEAN RETURN true")
    with pytest.raises(ServerOperationError, match=r"INCOMPATIBLE_WITH_ROW_LEVEL_SECURITY_POLICY.*428HD"):
        reader.sql("SELECT id FROM people")
    sql("CREATE OR REPLACE FUNCTION european(region STRING) RETURNS BOOLEAN RETURN NULL")
    assert sql("SELECT id FROM people") == []


@pytest.mark.parametrize(
    ("statement", "condition"),
    [
        ("ALTER TABLE people SET ROW FILTER starred ON (region)", "DATATYPE_MISMATCH"),
        ("ALTER TABLE people SET ROW FILTER european ON ()", "WRONG_NUM_ARGS"),
        ("ALTER TABLE people SET ROW FILTER european ON (region, id)", "WRONG_NUM_ARGS"),
        ("ALTER TABLE people SET ROW FILTER two ON (id, ID)", "ROW_LEVEL_SECURITY_DUPLICATE_COLUMN_NAME"),
        ("ALTER TABLE people SET ROW FILTER european ON (people.region)", "MULTI_PART_COLUMN_NAME"),
        ("ALTER TABLE people SET ROW FILTER european ON (upper(region))", "UNRESOLVED_COLUMN"),
        ("ALTER TABLE people SET ROW FILTER european ON (id + 1)", "UNSUPPORTED_CONSTANT_AS_PARAMETER"),
        ("ALTER TABLE people SET ROW FILTER european ON (nothing)", "UNRESOLVED_COLUMN"),
        ("ALTER TABLE people SET ROW FILTER nothing ON (region)", "ROUTINE_NOT_FOUND"),
        ("ALTER TABLE people SET ROW FILTER rows ON ()", "INVALID_STATEMENT"),
        ("ALTER TABLE people SET ROW FILTER circular ON (region)", "reads the table itself"),
        ("ALTER TABLE seen SET ROW FILTER european ON (region)", "EXPECT_TABLE_NOT_VIEW"),
        ("CREATE TABLE t (a INT) WITH ROW FILTER european ON (b)", "UNRESOLVED_COLUMN"),
    ],
)
def test_filters_that_make_no_sense_are_refused(
    sql: Sql, schema: str, statement: str, condition: str
) -> None:
    make(sql)
    sql("CREATE FUNCTION two(a INT, b INT) RETURN a = b")
    sql("CREATE FUNCTION rows() RETURNS TABLE (a INT) RETURN SELECT 1")
    sql("CREATE FUNCTION circular(r STRING) RETURN EXISTS (SELECT 1 FROM people WHERE region = r)")
    sql("CREATE VIEW seen AS SELECT * FROM people")
    with pytest.raises(ServerOperationError, match=condition):
        sql(statement)
    assert kept(sql) == ALL


def test_constants_can_be_arguments(sql: Sql, schema: str) -> None:
    make(sql)
    sql(
        "CREATE FUNCTION among(r STRING, a STRING, n INT, w BOOLEAN, z STRING) RETURN r = a OR (w AND n = -2)"
    )
    sql("ALTER TABLE people SET ROW FILTER among ON (region, 'us', -1, TRUE, NULL)")
    assert sql("SELECT id FROM people") == [(2,)]
    assert "WITH ROW FILTER" in sql("SHOW CREATE TABLE people")[0][0]
    assert sql("SELECT target_columns FROM information_schema.row_filters WHERE table_name = 'people'") == [
        ("region, 'us', -1, TRUE, NULL",)
    ]


def test_only_who_manages_a_table_and_may_call_the_function_filters_it(
    sql: Sql, schema: str, reader: Reader
) -> None:
    make(sql)
    statement = "ALTER TABLE people SET ROW FILTER european ON (region)"
    with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
        reader.sql(statement)
    sql(f"GRANT MANAGE ON TABLE people TO `{reader.name}`")
    with pytest.raises(ServerOperationError, match="does not have EXECUTE"):
        reader.sql(statement)
    with pytest.raises(ServerOperationError, match="does not have EXECUTE"):
        reader.sql("CREATE TABLE t (region STRING) WITH ROW FILTER european ON (region)")
    sql(f"GRANT EXECUTE ON FUNCTION european TO `{reader.name}`")
    reader.sql(statement)
    sql(f"REVOKE EXECUTE ON FUNCTION european FROM `{reader.name}`")
    # Who reads needs no privilege on the function, and its owner is subject to the filter too.
    assert len(reader.sql("SELECT * FROM people")) == 2
    reader.sql("ALTER TABLE people DROP ROW FILTER")
    assert len(reader.sql("SELECT * FROM people")) == 3


def test_what_a_filter_needs_stays(people: str, sql: Sql, workspace_session: Workspace, schema: str) -> None:
    for change in ("DROP COLUMN region", "RENAME COLUMN region TO place"):
        with pytest.raises(ServerOperationError, match="ROW_LEVEL_SECURITY_INCOMPATIBLE_SCHEMA_CHANGE"):
            sql(f"ALTER TABLE people {change}")
    with pytest.raises(ServerOperationError, match="ROW_LEVEL_SECURITY_INCOMPATIBLE_SCHEMA_CHANGE"):
        sql("CREATE OR REPLACE TABLE people (id INT)")
    with pytest.raises(ServerOperationError, match="ROW_LEVEL_SECURITY_CHECK_CONSTRAINT_UNSUPPORTED"):
        sql("ALTER TABLE people ADD CONSTRAINT positive CHECK (id > 0)")
    with pytest.raises(ServerOperationError, match="ROUTINE_IN_USE"):
        sql("DROP FUNCTION european")
    with pytest.raises(BadRequest, match="filters rows"):
        workspace_session.client().functions.delete(f"{schema}.european")
    assert kept(sql) == ALL
    sql("ALTER TABLE people DROP ROW FILTER")
    sql("DROP FUNCTION european")


def test_a_schema_whose_functions_are_used_elsewhere_stays(sql: Sql, schema: str) -> None:
    make(sql)
    sql("CREATE SCHEMA main.test_functions")
    try:
        sql("CREATE FUNCTION main.test_functions.f(r STRING) RETURN r = 'eu'")
        sql("ALTER TABLE people SET ROW FILTER main.test_functions.f ON (region)")
        with pytest.raises(ServerOperationError, match="ROUTINE_IN_USE"):
            sql("DROP SCHEMA main.test_functions CASCADE")
        assert len(sql("SELECT * FROM people")) == 2
        sql("DROP TABLE people")
    finally:
        sql("DROP SCHEMA main.test_functions CASCADE")


def test_a_filter_stays_when_the_table_is_replaced_or_renamed(people: str, sql: Sql, reader: Reader) -> None:
    sql("CREATE OR REPLACE TABLE people AS SELECT id, region, secret, 1 AS more FROM people")
    assert len(reader.sql("SELECT * FROM people")) == 2
    sql("ALTER TABLE people RENAME TO persons")
    assert len(reader.sql("SELECT * FROM persons")) == 2
    sql("ALTER TABLE persons RENAME COLUMN id TO number")
    assert reader.sql("SELECT number FROM persons ORDER BY 1") == [(1,), (3,)]


def test_partitions_of_a_filtered_table_are_not_shown(sql: Sql, schema: str, reader: Reader) -> None:
    make(sql, partitioned=True)
    sql("ALTER TABLE people SET ROW FILTER european ON (region)")
    for statement, condition in (
        ("SHOW PARTITIONS people", "ROW_LEVEL_SECURITY_SHOW_PARTITIONS_UNSUPPORTED"),
        ("VACUUM people DRY RUN", "INSUFFICIENT_PERMISSIONS"),
        ("OPTIMIZE people WHERE 1 / (length(region) - 2) > 0", "UNSUPPORTED_FEATURE"),
    ):
        with pytest.raises(ServerOperationError, match=condition) as caught:
            reader.sql(statement)
        assert "region=us" not in str(caught.value)
    assert reader.sql("SELECT region FROM people WHERE id > 0") == [("eu",), ("eu",)]


def test_a_filter_is_described_everywhere(
    people: str, sql: Sql, workspace_session: Workspace, schema: str
) -> None:
    assert sql(f"SELECT * FROM main.information_schema.row_filters WHERE table_schema = '{schema[5:]}'") == [
        ("main", schema[5:], "people", f"{schema}.european", "region")
    ]
    assert sql(
        f"SELECT filter_name FROM system.information_schema.row_filters WHERE table_schema = '{schema[5:]}'"
    ) == [(f"{schema}.european",)]
    report = sql("DESCRIBE TABLE EXTENDED people")
    assert ("Function", f"{schema}.european", "") in report
    assert (
        f'"row_filter": {{"function_name": "{schema}.european", "arguments": ["region"]}}'
        in (sql("DESCRIBE TABLE EXTENDED people AS JSON")[0][0])
    )
    (statement,) = sql("SHOW CREATE TABLE people")[0]
    assert statement.endswith(f"WITH ROW FILTER {schema}.european ON (region)")
    found = workspace_session.client().tables.get(people)
    assert found.row_filter
    assert found.row_filter.function_name == f"{schema}.european"
    assert found.row_filter.input_column_names == ["region"]
    sql("DROP TABLE people")
    sql(statement)
    assert sql("SHOW CREATE TABLE people") == [(statement,)]


def test_a_table_can_be_made_with_a_filter(sql: Sql, schema: str, reader: Reader) -> None:
    make(sql)
    sql("CREATE TABLE copied WITH ROW FILTER european ON (region) AS SELECT * FROM people")
    assert reader.sql("SELECT id FROM copied ORDER BY id") == [(1,), (3,)]
    assert len(sql("SELECT * FROM copied")) == 3


def test_the_files_of_a_filtered_table_are_not_read_around_the_filter(
    people: str, sql: Sql, workspace_session: Workspace, reader: Reader
) -> None:
    found = reader.client.tables.get(people)
    assert found.storage_location
    folder = found.storage_location.removeprefix("file://")
    for query in (
        f"SELECT * FROM delta.`{folder}`",
        f"SELECT * FROM parquet.`{folder}`",
        f"SELECT * FROM read_files('{folder}', format => 'parquet')",
    ):
        with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
            reader.sql(query)
        # Admins may read paths, but not those of tables.
        with pytest.raises(ServerOperationError, match="LOCATION_OVERLAP"):
            sql(query)
    with pytest.raises(NotImplemented):
        reader.client.temporary_table_credentials.generate_temporary_table_credentials(
            operation=TableOperation.READ, table_id=found.table_id
        )
    with pytest.raises(DatabricksError):
        reader.client.files.download(folder)


def test_files_are_loaded_into_a_filtered_table(
    people: str, sql: Sql, workspace_session: Workspace, schema: str, reader: Reader
) -> None:
    sql("CREATE VOLUME files")
    sql(f"GRANT READ VOLUME ON VOLUME files TO `{reader.name}`")
    path = f"/Volumes/{schema.replace('.', '/')}/files/new.csv"
    workspace_session.client().files.upload(path, io.BytesIO(b"id,region,secret\n4,us,delta\n5,eu,echo\n"))
    copied = reader.sql(f"COPY INTO people FROM '{path}' FILEFORMAT = CSV FORMAT_OPTIONS ('header' = 'true')")
    assert copied == [(2, 2, 0)]
    assert reader.sql("SELECT id FROM people ORDER BY id") == [(1,), (3,), (5,)]
    assert (4, "us", "delta") in kept(sql)


def test_who_manages_a_table_sees_how_its_policies_are_evaluated(people: str, sql: Sql) -> None:
    (plan,) = sql("EXPLAIN SELECT * FROM people WHERE id = 2")[0]
    assert "Physical Plan" in plan


def test_the_statement_api_filters_too(people: str, workspace_session: Workspace, reader: Reader) -> None:
    done = reader.client.statement_execution.execute_statement(
        f"SELECT secret FROM {people} ORDER BY id", workspace_session.warehouse_id
    )
    assert done.result
    assert done.result.data_array == [["alpha"], ["charlie"]]
