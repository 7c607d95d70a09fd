from __future__ import annotations

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace
from tests.contract.conftest import Reader, Sql
from tests.contract.guarded import READS, REFUSED, kept, make

SECRETS = ("alpha", "bravo", "charlie")


@pytest.fixture
def people(sql: Sql, schema: str) -> str:
    """The full name of a table whose secrets are stars to all but admins."""
    make(sql)
    sql("ALTER TABLE people ALTER COLUMN secret SET MASK starred")
    return f"{schema}.people"


@pytest.mark.parametrize("path", READS)
def test_no_way_of_reading_shows_masked_values(people: str, path: str, schema: str, reader: Reader) -> None:
    *before, last = (one.format(schema=schema) for one in READS[path])
    for statement in before:
        reader.sql(statement)
    shown = repr(reader.sql(last))
    assert not any(secret in shown for secret in SECRETS)
    # A row that has none of the secrets cannot be deleted for having one.
    assert "***" in shown or path == "delete"


@pytest.mark.parametrize("path", READS)
def test_who_may_see_the_values_does(people: str, path: str, schema: str, sql: Sql) -> None:
    *before, last = (one.format(schema=schema) for one in READS[path])
    for statement in before:
        sql(statement)
    shown = repr(sql(last))
    assert "alpha" in shown
    assert "***" not in shown or path == "in"


@pytest.mark.parametrize("statement", REFUSED)
def test_what_would_show_more_is_refused(people: str, statement: str, reader: Reader) -> None:
    with pytest.raises(ServerOperationError, match=rf"\[{REFUSED[statement]}") as caught:
        reader.sql(statement)
    assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("secret = 'bravo'", 0),
        ("secret = '***'", 3),
        ("secret LIKE 'b%'", 0),
        ("length(secret) = 3", 3),
        ("secret IN (SELECT 'alpha')", 0),
    ],
)
def test_conditions_see_what_is_shown(people: str, condition: str, found: int, reader: Reader) -> None:
    assert reader.sql(f"SELECT count(*) FROM people WHERE {condition}") == [(found,)]


def test_a_join_compares_what_is_shown(people: str, sql: Sql, reader: Reader) -> None:
    join = "SELECT count(*) FROM people JOIN VALUES ('alpha') AS t(s) ON people.secret = t.s"
    assert reader.sql(join) == [(0,)]
    assert sql(join) == [(1,)]


def test_changes_see_what_is_shown(people: str, sql: Sql, reader: Reader) -> None:
    assert reader.sql("UPDATE people SET id = 9 WHERE secret = 'bravo'") == [(0,)]
    assert reader.sql("DELETE FROM people WHERE people.secret = 'bravo'") == [(0,)]
    assert reader.sql("DELETE FROM people WHERE secret IN (SELECT 'bravo')") == [(0,)]
    assert reader.sql("UPDATE people p SET region = p.secret WHERE id = 1") == [(1,)]
    for star in ("to_json(struct(*))", "to_json(struct(people.*))", "(SELECT to_json(struct(people.*)))"):
        with pytest.raises(ServerOperationError):
            reader.sql(f"UPDATE people SET region = {star} WHERE id = 3")
    assert reader.sql("UPDATE people SET region = (SELECT max(secret) FROM people) WHERE id = 3") == [(1,)]
    assert kept(sql) == [
        (1, "***", "alpha"),
        (2, "us", "bravo"),
        (3, "***", "charlie"),
    ]
    assert reader.sql("UPDATE people SET secret = 'new' WHERE id = 1") == [(1,)]
    assert reader.sql("DELETE FROM people WHERE id = 3 AND secret = '***'") == [(1,)]
    assert kept(sql) == [(1, "***", "new"), (2, "us", "bravo")]


def test_a_change_that_names_no_masked_column_touches_only_its_files(
    people: str, sql: Sql, reader: Reader
) -> None:
    reader.sql("UPDATE people SET region = 'asia' WHERE people.id = 1")
    reader.sql("DELETE FROM people WHERE id = 2")
    assert kept(sql) == [(1, "asia", "alpha"), (3, "eu", "charlie")]
    assert [row[4] for row in sql("DESCRIBE HISTORY people")][:2] == ["DELETE", "UPDATE"]


def test_merge_works_unless_it_uses_a_masked_column(people: str, sql: Sql, reader: Reader) -> None:
    source = "(SELECT 2 AS id, 'us' AS region, 'new' AS secret UNION ALL SELECT 4, 'eu', 'delta') AS s"
    merged = reader.sql(
        f"MERGE INTO people USING {source} ON people.id = s.id"
        " WHEN MATCHED THEN UPDATE SET secret = s.secret WHEN NOT MATCHED THEN INSERT *"
    )
    assert merged == [(2, 1, 0, 1)]
    assert kept(sql)[1:] == [(2, "us", "new"), (3, "eu", "charlie"), (4, "eu", "delta")]
    for on, clause in (
        ("people.secret = s.secret", "DELETE"),
        ("people.id = s.id AND secret = 'new'", "DELETE"),
        ("people.id = s.id", "UPDATE SET region = people.secret"),
    ):
        with pytest.raises(ServerOperationError, match="COLUMN_MASKS_MERGE_UNSUPPORTED_TARGET"):
            reader.sql(f"MERGE INTO people USING {source} ON {on} WHEN MATCHED THEN {clause}")
    with pytest.raises(ServerOperationError, match="COLUMN_MASKS_MERGE_UNSUPPORTED_TARGET"):
        reader.sql(
            f"MERGE INTO people AS p USING {source} ON p.id = s.id"
            " WHEN NOT MATCHED BY SOURCE AND p.secret = 'charlie' THEN DELETE"
        )
    # Who sees the values merges by them.
    assert sql(f"MERGE INTO people USING {source} ON people.secret = s.secret WHEN MATCHED THEN DELETE") == [
        (2, 0, 2, 0)
    ]


def test_broken_rules_do_not_show_masked_values(sql: Sql, schema: str, reader: Reader) -> None:
    make(sql)
    sql("ALTER TABLE people ADD CONSTRAINT known CHECK (region IN ('eu', 'us'))")
    sql("ALTER TABLE people ALTER COLUMN secret SET MASK starred")
    for change in ("region = 'asia'", "region = secret"):
        with pytest.raises(ServerOperationError, match="DELTA_VIOLATE_CONSTRAINT") as caught:
            reader.sql(f"UPDATE people SET {change} WHERE id = 1")
        assert "alpha" not in str(caught.value)
    with pytest.raises(ServerOperationError, match="COLUMN_MASKS_CHECK_CONSTRAINT_UNSUPPORTED"):
        sql("ALTER TABLE people ADD CONSTRAINT short CHECK (length(secret) < 3)")
    assert len(kept(sql)) == 3


def test_a_mask_takes_other_columns_and_constants(sql: Sql, schema: str, reader: Reader) -> None:
    make(sql)
    sql(
        "CREATE FUNCTION local(value STRING, place STRING, home STRING)"
        " RETURN IF(place = home OR is_account_group_member('admins'), value, left(value, 1))"
    )
    sql("ALTER TABLE people ALTER COLUMN secret SET MASK local USING COLUMNS (region, 'eu')")
    assert reader.sql("SELECT id, secret FROM people ORDER BY id") == [(1, "alpha"), (2, "b"), (3, "charlie")]
    # A mask sees the values of other columns, not what is shown of them.
    sql("ALTER TABLE people ALTER COLUMN region SET MASK starred")
    assert reader.sql("SELECT region, secret FROM people ORDER BY id")[1] == ("***", "b")


@pytest.mark.parametrize(
    ("kind", "value", "body", "shown"),
    [
        ("INT", "7", "0", 0),
        ("DECIMAL(10,2)", "12.34", "value - value", 0),
        ("BOOLEAN", "true", "NULL", None),
        ("DATE", "DATE '2020-02-03'", "date_trunc('year', value)", "2020-01-01"),
        ("VARCHAR(10)", "'abc'", "left(value, 1)", "a"),
        ("ARRAY<STRING>", "array('a', 'b')", "transform(value, x -> '*')", ["*", "*"]),
        (
            "STRUCT<a: INT, b: STRING>",
            "named_struct('a', 1, 'b', 'x')",
            "named_struct('a', 0, 'b', 'y')",
            '"a":0',
        ),
        ("STRING", "'1'", "7", "7"),
    ],
)
def test_a_mask_keeps_the_type(
    sql: Sql, schema: str, kind: str, value: str, body: str, shown: object
) -> None:
    returned = "INT" if body == "7" else "DATE" if kind == "DATE" else kind
    sql(f"CREATE FUNCTION masking(value {kind}) RETURNS {returned} RETURN {body}")
    sql(f"CREATE TABLE typed (id INT, v {kind} MASK masking)")
    sql(f"INSERT INTO typed VALUES (1, {value})")
    (found,) = sql("SELECT v FROM typed")
    if isinstance(shown, list):
        assert list(found[0]) == shown
    else:
        assert found[0] is None if shown is None else str(shown) in str(found[0]).replace("'a': 0", '"a":0')
    plain = kind.replace("VARCHAR(10)", "STRING")
    sql(f"CREATE TABLE plain (v {plain})")
    assert sql.columns("SELECT v FROM typed") == sql.columns("SELECT v FROM plain")


def test_filter_and_mask_together(people: str, sql: Sql, reader: Reader) -> None:
    sql("ALTER TABLE people SET ROW FILTER european ON (region)")
    assert reader.sql("SELECT * FROM people ORDER BY id") == [(1, "eu", "***"), (3, "eu", "***")]
    assert reader.sql("UPDATE people SET region = secret WHERE secret = '***'") == [(2,)]
    assert kept(sql) == [(1, "***", "alpha"), (2, "us", "bravo"), (3, "***", "charlie")]
    # Filters see the columns' own values.
    sql("CREATE FUNCTION first(s STRING) RETURN s < 'b'")
    sql("ALTER TABLE people SET ROW FILTER first ON (secret)")
    assert reader.sql("SELECT id, secret FROM people") == [(1, "***")]


@pytest.mark.parametrize(
    ("statement", "condition"),
    [
        ("ALTER COLUMN secret SET MASK nothing", "ROUTINE_NOT_FOUND"),
        ("ALTER COLUMN nothing SET MASK starred", "UNRESOLVED_COLUMN"),
        ("ALTER COLUMN secret SET MASK starred USING COLUMNS (region)", "WRONG_NUM_ARGS"),
        ("ALTER COLUMN secret SET MASK two USING COLUMNS (secret)", "SAME_AS_TARGET_COLUMN"),
        ("ALTER COLUMN secret SET MASK three USING COLUMNS (region, region)", "DUPLICATE_USING_COLUMN_NAME"),
        ("ALTER COLUMN secret SET MASK two USING COLUMNS (a.b)", "MULTI_PART_USING_COLUMN_NAME"),
        ("ALTER COLUMN secret SET MASK rows", "INVALID_STATEMENT"),
        ("ADD COLUMN more STRING MASK two USING COLUMNS (nothing)", "UNRESOLVED_COLUMN"),
    ],
)
def test_masks_that_make_no_sense_are_refused(sql: Sql, schema: str, statement: str, condition: str) -> None:
    make(sql)
    sql("CREATE FUNCTION two(a STRING, b STRING) RETURN a")
    sql("CREATE FUNCTION three(a STRING, b STRING, c STRING) RETURN a")
    sql("CREATE FUNCTION rows(a STRING) RETURNS TABLE (a STRING) RETURN SELECT a")
    with pytest.raises(ServerOperationError, match=condition):
        sql(f"ALTER TABLE people {statement}")
    assert len(sql("SELECT * FROM people")) == 3
    assert sql("SELECT * FROM information_schema.column_masks WHERE table_name = 'people'") == []


def test_a_table_whose_mask_makes_no_sense_is_not_replaced(sql: Sql, schema: str) -> None:
    make(sql)
    with pytest.raises(ServerOperationError, match="WRONG_NUM_ARGS"):
        sql("CREATE OR REPLACE TABLE people (secret STRING MASK starred USING COLUMNS (more), more INT)")
    assert len(kept(sql)) == 3


def test_masks_are_set_by_who_manages_the_table(people: str, sql: Sql, reader: Reader) -> None:
    for change in ("SET MASK starred", "DROP MASK"):
        with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
            reader.sql(f"ALTER TABLE people ALTER COLUMN secret {change}")
    with pytest.raises(ServerOperationError, match="INSUFFICIENT_PERMISSIONS"):
        reader.sql("ALTER TABLE people ADD COLUMN more STRING MASK starred")
    sql("ALTER TABLE people ADD COLUMN more STRING MASK starred")
    sql("UPDATE people SET more = 'x'")
    assert reader.sql("SELECT DISTINCT secret, more FROM people") == [("***", "***")]
    sql("ALTER TABLE people ALTER COLUMN more DROP MASK")
    assert reader.sql("SELECT DISTINCT secret, more FROM people") == [("***", "x")]


def test_what_a_mask_needs_stays(people: str, sql: Sql, workspace_session: Workspace, schema: str) -> None:
    sql("CREATE FUNCTION two(a STRING, b STRING) RETURN a")
    sql("ALTER TABLE people ALTER COLUMN secret SET MASK two USING COLUMNS (region)")
    for column in ("secret", "region"):
        for change in (f"DROP COLUMN {column}", f"RENAME COLUMN {column} TO other"):
            with pytest.raises(ServerOperationError, match="COLUMN_MASKS_INCOMPATIBLE_SCHEMA_CHANGE"):
                sql(f"ALTER TABLE people {change}")
    with pytest.raises(ServerOperationError, match="ROUTINE_IN_USE"):
        sql("DROP FUNCTION two")
    with pytest.raises(BadRequest, match="masks a column"):
        workspace_session.client().functions.delete(f"{schema}.two")
    sql("ALTER TABLE people DROP COLUMN id")
    assert len(sql("SELECT * FROM people")) == 3


def test_a_mask_outlives_its_column(sql: Sql, schema: str, reader: Reader) -> None:
    make(sql)
    sql("ALTER TABLE people ADD COLUMN extra STRING")
    sql("UPDATE people SET extra = 'delta'")
    sql("ALTER TABLE people ALTER COLUMN extra SET MASK starred")
    sql("RESTORE TABLE people TO VERSION AS OF 1")
    assert reader.sql("SELECT * FROM people WHERE id = 1") == [(1, "eu", "alpha")]
    sql("RESTORE TABLE people TO VERSION AS OF 3")
    assert reader.sql("SELECT DISTINCT extra FROM people") == [("***",)]


def test_masks_are_described_everywhere(
    people: str, sql: Sql, workspace_session: Workspace, schema: str
) -> None:
    sql("CREATE FUNCTION two(a STRING, b STRING, c STRING) RETURN a")
    sql("ALTER TABLE people ALTER COLUMN region SET MASK two USING COLUMNS (secret, 'x')")
    assert sql(
        "SELECT column_name, mask_name, using_columns FROM system.information_schema.column_masks"
        f" WHERE table_schema = '{schema[5:]}' ORDER BY 1"
    ) == [("region", f"{schema}.two", "secret, 'x'"), ("secret", f"{schema}.starred", "")]
    assert ("secret", f"{schema}.starred", "") in sql("DESCRIBE TABLE EXTENDED people")
    assert (
        f'{{"column_name": "secret", "function_name": "{schema}.starred", "arguments": []}}'
        in (sql("DESCRIBE TABLE EXTENDED people AS JSON")[0][0])
    )
    columns = {one.name: one for one in workspace_session.client().tables.get(people).columns or ()}
    assert columns["id"].mask is None
    assert columns["region"].mask
    assert columns["region"].mask.function_name == f"{schema}.two"
    assert columns["region"].mask.using_column_names == ["secret"]
    assert [one.constant for one in columns["region"].mask.using_arguments or ()] == [None, "'x'"]
    (statement,) = sql("SHOW CREATE TABLE people")[0]
    sql("DROP TABLE people")
    sql(statement)
    assert sql("SHOW CREATE TABLE people") == [(statement,)]


def test_rest_does_not_make_tables_with_masks(workspace_session: Workspace, sql: Sql, schema: str) -> None:
    catalog, name = schema.split(".")
    body = {
        "name": "t",
        "catalog_name": catalog,
        "schema_name": name,
        "table_type": "EXTERNAL",
        "data_source_format": "DELTA",
        "storage_location": "/tmp/nowhere",
        "columns": [{"name": "a", "type_text": "string", "mask": {"function_name": f"{schema}.f"}}],
    }
    with pytest.raises(InvalidParameterValue, match="mask"):
        workspace_session.client().api_client.do("POST", "/api/2.1/unity-catalog/tables", body=body)
    assert sql("SHOW TABLES") == []
