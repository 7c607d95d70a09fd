"""A table of which not everybody sees everything, and the ways in which its rows can be asked for."""

from __future__ import annotations

from tests.contract.conftest import Sql

# Whom the policies of these tests hide nothing from.
_ALL = "is_account_group_member('admins')"

# Each asks for all rows of ``people``, at the end.
READS = {
    "select": ["SELECT * FROM people"],
    "columns": ["SELECT people.id, people.region, people.secret FROM people"],
    "full name": ["SELECT {schema}.people.secret, people.id FROM {schema}.people"],
    "other case": ["SELECT P.ID, P.Secret FROM People AS P"],
    "table": ["TABLE people"],
    "from first": ["FROM people"],
    "pipe": ["FROM people |> WHERE id > 0"],
    "parentheses": ["SELECT * FROM (TABLE people)"],
    "join": ["SELECT a.id, b.secret FROM people a JOIN people b ON a.id = b.id"],
    "join of names": ["SELECT people.secret, x.region FROM people JOIN (SELECT * FROM people) x USING (id)"],
    "subquery": ["SELECT * FROM (SELECT id, secret FROM people) WHERE id > 0"],
    "with": ["WITH p AS (SELECT * FROM people) SELECT * FROM p"],
    "union": ["SELECT secret FROM people UNION SELECT secret FROM people"],
    "in": [
        "SELECT s FROM VALUES ('alpha'), ('bravo'), ('***') AS t(s) WHERE s IN (SELECT secret FROM people)"
    ],
    "aggregate": ["SELECT region, count(*), array_agg(secret) FROM people GROUP BY region"],
    "window": ["SELECT id, first_value(secret) OVER (PARTITION BY id ORDER BY region) FROM people"],
    "qualify": ["SELECT id, secret FROM people QUALIFY row_number() OVER (PARTITION BY id ORDER BY id) = 1"],
    "except": ["SELECT * EXCEPT (region) FROM people"],
    "json": ["SELECT to_json(struct(*)) FROM people"],
    "lateral": ["SELECT one.id, other.s FROM people one, LATERAL (SELECT one.secret AS s) other"],
    "explode": ["SELECT id, s FROM people LATERAL VIEW explode(array(secret)) AS s"],
    "sample": ["SELECT * FROM people TABLESAMPLE (100 PERCENT)"],
    "pivot": ["SELECT * FROM people PIVOT (max(id) FOR region IN ('eu', 'us'))"],
    "view": ["CREATE VIEW seen AS SELECT * FROM people", "SELECT * FROM seen"],
    "view of a view": [
        "CREATE VIEW seen AS SELECT * FROM people",
        "CREATE VIEW further AS SELECT id, secret FROM seen",
        "SELECT * FROM further",
    ],
    "temporary view": ["CREATE TEMPORARY VIEW seen AS SELECT * FROM people", "SELECT * FROM seen"],
    "function": [
        "CREATE FUNCTION look() RETURNS TABLE (id INT, secret STRING) RETURN SELECT id, secret FROM people",
        "SELECT * FROM look()",
    ],
    "create table as": ["CREATE TABLE copied AS SELECT * FROM people", "SELECT * FROM copied"],
    "insert": [
        "CREATE TABLE copied (id INT, secret STRING)",
        "INSERT INTO copied SELECT id, secret FROM people",
        "SELECT * FROM copied",
    ],
    "update": [
        "CREATE TABLE copied (secret ARRAY<STRING>)",
        "INSERT INTO copied VALUES (array())",
        "UPDATE copied SET secret = (SELECT array_agg(secret) FROM people)",
        "SELECT * FROM copied",
    ],
    "delete": [
        "CREATE TABLE copied (secret STRING)",
        "INSERT INTO copied VALUES ('alpha'), ('bravo'), ('charlie')",
        "CREATE TABLE others AS SELECT * FROM copied",
        "DELETE FROM others WHERE secret IN (SELECT secret FROM people)",
        "SELECT secret FROM copied EXCEPT SELECT secret FROM others",
    ],
    "merge": [
        "CREATE TABLE copied (id INT, secret STRING)",
        "MERGE INTO copied USING people ON copied.id = people.id"
        " WHEN NOT MATCHED THEN INSERT (id, secret) VALUES (people.id, people.secret)",
        "SELECT * FROM copied",
    ],
}

# None of these shows rows or values to who may not see all, and each is refused with its condition.
REFUSED = {
    "SELECT * FROM people VERSION AS OF 1": "UNSUPPORTED_FEATURE",
    "SELECT * FROM people@v1": "UNSUPPORTED_FEATURE",
    "SELECT * FROM people TIMESTAMP AS OF '2100-01-01'": "UNSUPPORTED_FEATURE",
    "EXPLAIN SELECT * FROM people": "INSUFFICIENT_PERMISSIONS",
    "EXPLAIN EXTENDED SELECT * FROM (SELECT * FROM people) WHERE id = 2": "INSUFFICIENT_PERMISSIONS",
    "VACUUM people DRY RUN": "INSUFFICIENT_PERMISSIONS",
    "SELECT * FROM table_changes('people', 0)": "UNRESOLVED_ROUTINE",
}


def make(sql: Sql, *, partitioned: bool = False) -> None:
    """Make the table, and functions that filter and mask it for all but admins."""
    sql(
        "CREATE TABLE people (id INT, region STRING, secret STRING)"
        + (" PARTITIONED BY (region)" if partitioned else "")
    )
    sql("INSERT INTO people VALUES (1, 'eu', 'alpha'), (2, 'us', 'bravo'), (3, 'eu', 'charlie')")
    sql(f"CREATE FUNCTION european(region STRING) RETURN {_ALL} OR region = 'eu'")
    sql(f"CREATE FUNCTION starred(value STRING) RETURN CASE WHEN {_ALL} THEN value ELSE '***' END")


def kept(sql: Sql) -> list[tuple[object, ...]]:
    """Return the rows as who sees all of them finds them, in order."""
    return sql("SELECT * FROM people ORDER BY id, secret")
