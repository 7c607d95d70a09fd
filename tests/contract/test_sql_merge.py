"""MERGE by equal keys, which passes by the engine's join over the whole table and must not differ from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from databricks.sql.exc import ServerOperationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import Sql

OURS, ENGINE = "lakestead", "sail-delta-lake"

# id, name, n, note
Row = tuple[int | None, str | None, int | None, str | None]
Test = Callable[[Row], bool]
Match = Callable[[Row, Row], bool]


def same(one: object, other: object) -> bool:
    """Compare as ``=`` does."""
    return one is not None and one == other


MATCHES: dict[str, Match] = {
    "t.id = s.id": lambda t, s: same(t[0], s[0]),
    "s.name = name_of AND (t.id = s.id)": lambda t, s: same(t[1], s[1]) and same(t[0], s[0]),
    "T.ID <=> S.ID": lambda t, s: t[0] == s[0],
    "t.id == s.id AND s.n BETWEEN 0 AND 2 AND s.note = 'x'": lambda t, s: (
        same(t[0], s[0]) and s[2] is not None and 0 <= s[2] <= 2 and s[3] == "x"
    ),
    "s.n + 1 = t.id": lambda t, s: s[2] is not None and t[0] == s[2] + 1,
    "t.id = 3 AND t.name_of = upper(s.name)": lambda t, s: (
        t[0] == 3 and s[1] is not None and t[1] == s[1].upper()
    ),
}
TESTS: dict[str, Test] = {
    "s.n > 0": lambda s: s[2] is not None and s[2] > 0,
    "s.n IS NULL": lambda s: s[2] is None,
    "name = 'a' OR s.id = 1": lambda s: s[1] == "a" or s[0] == 1,
}
UPDATES: dict[str, Callable[[Row, Row], Row | None]] = {
    "UPDATE SET *": lambda t, s: s,
    "UPDATE SET t.n = s.n * 2, name_of = upper(s.note)": lambda t, s: (
        t[0],
        None if s[3] is None else s[3].upper(),
        None if s[2] is None else s[2] * 2,
        t[3],
    ),
    "DELETE": lambda t, s: None,
}
INSERTS: dict[str, Callable[[Row], Row]] = {
    "INSERT *": lambda s: s,
    "INSERT (note, id) VALUES ('new', s.id + 10)": lambda s: (
        None if s[0] is None else s[0] + 10,
        None,
        None,
        "new",
    ),
}


@dataclass(frozen=True)
class Clause:
    """A WHEN clause: for matched rows or for those that match none, with a condition or none."""

    matched: bool
    test: str
    action: str

    def __str__(self) -> str:
        rows = "MATCHED" if self.matched else "NOT MATCHED"
        return f"WHEN {rows} {'AND ' + self.test if self.test else ''} THEN {self.action}"

    def holds(self, source: Row) -> bool:
        return not self.test or TESTS[self.test](source)


@st.composite
def clauses(draw: st.DrawFn) -> list[Clause]:
    found: list[Clause] = []
    for matched, actions in ((True, UPDATES), (False, INSERTS)):
        count = draw(st.integers(0 if matched or found else 1, 2))
        tests = draw(st.lists(st.sampled_from(list(TESTS)), min_size=count, max_size=count))
        if count and draw(st.booleans()):
            tests[-1] = ""
        found += [Clause(matched, test, draw(st.sampled_from(list(actions)))) for test in tests]
    return found


def rows(unique: Callable[[Row], object] | None = None) -> st.SearchStrategy[list[Row]]:
    row = st.tuples(
        st.sampled_from([0, 1, 2, 3, 4, 5, None]),
        st.sampled_from(["A", "b", None]),
        st.sampled_from([-1, 0, 1, 2, 3, None]),
        st.sampled_from(["x", "y"]),
    )
    return st.lists(row, max_size=8, min_size=2, unique_by=unique)


def expected(table: Sequence[Row], source: Sequence[Row], on: Match, merge: Sequence[Clause]) -> object:
    """Return the table's rows afterwards and the counts; None where several source rows match one row."""
    after: list[Row] = []
    updated = deleted = inserted = 0
    matching = [one for one in merge if one.matched]
    for row in table:
        matches = [one for one in source if on(row, one)]
        if matching and len(matches) > 1:
            return None
        clause = next((one for one in matching if matches and one.holds(matches[0])), None)
        new = UPDATES[clause.action](row, matches[0]) if clause else row
        updated += clause is not None and new is not None
        deleted += new is None
        after += [new] if new is not None else []
    for one in source:
        clause = next((c for c in merge if not c.matched and c.holds(one)), None)
        if clause and not any(on(row, one) for row in table):
            after.append(INSERTS[clause.action](one))
            inserted += 1
    return [(updated + deleted + inserted, updated, deleted, inserted)], sorted(after, key=repr)


def query(rows: Sequence[Row]) -> str:
    listed = [f"({', '.join('NULL' if one is None else repr(one) for one in row)})" for row in rows]
    relation = f"VALUES {', '.join(listed)} AS v(id, name, n, note)"
    columns = (
        "CAST(id AS BIGINT) AS id, CAST(name AS STRING) AS name, CAST(n AS INT) AS n, CAST(note AS STRING)"
    )
    return f"SELECT {columns} AS note FROM {relation}"


def result(sql: Sql, statement: str, table: str) -> tuple[object, list[object]]:
    """Return what a statement gives, counts or an error's condition, and a table's rows afterwards."""
    try:
        given: object = sql(statement)
    except ServerOperationError as error:
        given = str(error).split("]")[0].lstrip("[")
    return given, sorted(sql(f"SELECT * FROM {table}"), key=repr)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    table=rows(),
    source=st.one_of(
        rows(lambda row: row[0]),
        rows(lambda row: row[2]),
        rows(),
    ),
    on=st.sampled_from(list(MATCHES)),
    merge=clauses(),
)
def test_any_merge(
    sql: Sql, schema: str, table: list[Row], source: list[Row], on: str, merge: list[Clause]
) -> None:
    for name in ("ours", "theirs"):
        sql(f"CREATE OR REPLACE TABLE {name} (id BIGINT, name_of STRING, n INT, note STRING NOT NULL)")
        for part in (table[:4], table[4:]):
            if part:
                sql(f"INSERT INTO {name} {query(part)}")
    # `*` needs columns of the table's names; otherwise `name_of` is the table's alone.
    stars = any(one.action.endswith("*") for one in merge)
    chosen = f"SELECT *{', name AS name_of' if stars else ''} FROM ({query(source)})"
    match = MATCHES[on]
    on = on.replace("name_of AND", "t.name_of AND") if stars else on
    words = f"t USING ({chosen}) s ON {{}}{on} " + " ".join(map(str, merge))
    # With a condition on the table's rows the engine's own MERGE carries it out.
    theirs = result(sql, f"MERGE INTO theirs {words.format('(t.id = t.id OR true) AND ')}", "theirs")
    ours = result(sql, f"MERGE INTO ours {words.format('')}", "ours")
    assert ours == theirs
    model = expected(table, source, match, merge)
    assert model is None or ours == model


def executor(sql: Sql, table: str) -> str:
    """Return what made the newest version of a table."""
    (newest,) = sql.records(f"DESCRIBE HISTORY {table} LIMIT 1")
    return str(newest["engineInfo"]).split(":")[0]


UPSERT = "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
INSERT_ALL = "WHEN NOT MATCHED THEN INSERT *"


@pytest.mark.parametrize(
    ("on", "clauses", "made_by"),
    [
        ("t.id = s.id", UPSERT, OURS),
        ("s.id <=> t.id", UPSERT, OURS),
        ("(t.id = s.id) AND (s.n > 0 OR s.note IS NULL)", UPSERT, OURS),
        ("schema.t.id = s.id", UPSERT, OURS),
        ("t.id = s.id + 0 AND t.note = 'x'", UPSERT, OURS),
        ("t.id = s.id", "WHEN MATCHED AND s.n = 1 THEN DELETE " + UPSERT, OURS),
        (
            "t.id = s.id",
            "WHEN MATCHED THEN UPDATE SET t.note = upper(concat(s.note, other)), n = DEFAULT",
            OURS,
        ),
        ("t.id = s.id", "WHEN NOT MATCHED BY TARGET AND s.n > 1 THEN INSERT (id) VALUES (s.n)", OURS),
        # What needs the table's rows, or more than equal keys.
        ("t.id = s.id", "WHEN MATCHED AND t.n < s.n THEN UPDATE SET *", ENGINE),
        ("t.id = s.id", "WHEN MATCHED THEN UPDATE SET n = t.n + s.n", ENGINE),
        ("t.id = s.id", UPSERT + " WHEN NOT MATCHED BY SOURCE THEN DELETE", ENGINE),
        ("t.id = s.id OR t.n = s.n", UPSERT, ENGINE),
        ("t.id = s.id AND t.n > 0", UPSERT, ENGINE),
        ("t.id > s.id", INSERT_ALL, ENGINE),
        ("NOT t.id = s.id", INSERT_ALL, ENGINE),
        ("t.id = t.n AND s.n = 1", INSERT_ALL, ENGINE),
        ("CAST(t.id AS STRING) = s.id", INSERT_ALL, ENGINE),
        ("t.id = CAST(s.id AS STRING)", INSERT_ALL, ENGINE),
        ("t.id <=> nullif(s.id, 3)", INSERT_ALL, ENGINE),
    ],
)
def test_who_carries_it_out(sql: Sql, schema: str, on: str, clauses: str, made_by: str) -> None:
    sql("CREATE TABLE t (id BIGINT, n INT, note STRING)")
    sql("INSERT INTO t VALUES (1, 1, 'x'), (2, 2, 'x')")
    source = "SELECT id, CAST(id AS INT) AS n, 'y' AS note, 'z' AS other FROM range(2, 4)"
    on = on.replace("schema.", f"{schema}.")
    sql(f"MERGE INTO t USING ({source}) s ON {on} {clauses}")
    assert executor(sql, "t") == made_by


def test_what_is_the_engines_for_the_tables_sake(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE made (id BIGINT, double BIGINT GENERATED ALWAYS AS (id * 2))")
    sql("CREATE TABLE counted (id BIGINT, number BIGINT GENERATED ALWAYS AS IDENTITY)")
    for table in ("made", "counted"):
        merge = f"MERGE INTO {table} USING range(3) s ON {table}.id = s.id WHEN NOT MATCHED THEN"
        assert sql(f"{merge} INSERT (id) VALUES (s.id)") == [(3, 0, 0, 3)]
        assert executor(sql, table) == ENGINE
    assert sql("SELECT id, double FROM made ORDER BY id") == [(0, 0), (1, 2), (2, 4)]


def test_history_says_who_merged_what(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t AS SELECT id, 'x' AS note FROM range(3)")
    sql(
        "MERGE INTO t USING (SELECT 1L AS id, 'y' AS note UNION ALL SELECT 7L, 'z') s ON t.id = s.id "
        "WHEN MATCHED AND s.note = 'y' THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    (newest,) = sql.records("DESCRIBE HISTORY t LIMIT 1")
    assert (newest["operation"], newest["userName"]) == ("MERGE", sql("SELECT current_user()")[0][0])
    assert dict(newest["operationParameters"]) == {
        "predicate": "t.id = s.id",
        "matchedPredicates": '[{"predicate": "s.note = \'y\'", "actionType": "update"}]',
        "notMatchedPredicates": '[{"actionType": "insert"}]',
        "notMatchedBySourcePredicates": "[]",
    }
    metrics = dict(newest["operationMetrics"])
    names = ("Source", "Inserted", "Updated", "Deleted", "Copied")
    counted = [metrics.get(f"numTargetRows{name}", metrics["numSourceRows"]) for name in names]
    assert counted == ["2", "1", "1", "0", "2"]


def test_constraints(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t (id BIGINT, n INT NOT NULL DEFAULT 5, CONSTRAINT small CHECK (n < 10))")
    merge = "MERGE INTO t USING (SELECT 1L AS id, {}) s ON t.id = s.id {}"
    insert = "WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)"
    assert sql(merge.format("1 AS n", insert)) == [(1, 0, 0, 1)]
    assert sql("SELECT * FROM t") == [(1, 5)]
    for value, condition in (
        ("10 AS n", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"),
        ("CAST(NULL AS INT) AS n", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED"),
        ("3000000000 AS n", "CAST_OVERFLOW"),
        ("'abc' AS n", r"\["),
    ):
        with pytest.raises(ServerOperationError, match=condition):
            sql(merge.format(value, UPSERT))
    assert sql("SELECT * FROM t") == [(1, 5)]


def test_values_that_only_some_rows_have(sql: Sql, schema: str) -> None:
    sql("CREATE TABLE t AS SELECT 1L AS id, 1 AS n")
    # The engine would divide by zero for the row that matches, which is not inserted.
    merge = "MERGE INTO t USING (SELECT id, id - 1 AS d FROM range(1, 3)) s ON t.id = s.id"
    assert sql(f"{merge} WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, 10 / s.d)") == [(1, 0, 0, 1)]
    assert sql("SELECT * FROM t ORDER BY id") == [(1, 1), (2, 10)]


def test_names_of_any_kind(sql: Sql, schema: str) -> None:
    columns = "`Mixed.Case` STRING, `ä` INT, `select` STRUCT<a: INT, b: STRING>"
    sql(f"CREATE TABLE t ({columns}) PARTITIONED BY (`ä`)")
    source = "SELECT 'k' AS `mixed.case`, {} AS `Ä`, CAST(NULL AS STRUCT<a: INT, b: STRING>) AS `select`"
    on = "t.`Mixed.Case` = `a source`.`MIXED.CASE`"
    for number, counts in ((1, (1, 0, 0, 1)), (2, (1, 1, 0, 0))):
        assert sql(f"MERGE INTO t USING ({source.format(number)}) AS `a source` ON {on} {UPSERT}") == [counts]
    (row,) = sql.records("SELECT * FROM t")
    assert (row["Mixed.Case"], row["ä"], row["select"]) == ("k", 2, None)
    assert executor(sql, "t") == OURS


RULED = "CREATE TABLE t (id INT, v INT, twice INT GENERATED ALWAYS AS (v * 2), CONSTRAINT some CHECK (v > 0))"
NEW = "(SELECT 1 AS id, -5 AS v UNION ALL SELECT 9, 3) AS s ON t.id = s.id AND t.v < 100"


@pytest.mark.parametrize(
    "clauses",
    [
        "WHEN MATCHED THEN UPDATE SET v = s.v + t.v",
        "WHEN MATCHED THEN UPDATE SET *",
        "WHEN MATCHED AND s.v > 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v",
        "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, -s.v)",
        "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET v = t.v - 2",
    ],
)
def test_a_merge_by_any_condition_keeps_the_rules(sql: Sql, schema: str, clauses: str) -> None:
    sql(RULED)
    sql("INSERT INTO t (id, v) VALUES (1, 1), (2, 2)")
    with pytest.raises(ServerOperationError, match="DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"):
        sql(f"MERGE INTO t USING {NEW} {clauses}")
    assert sql("SELECT * FROM t ORDER BY id") == [(1, 1, 2), (2, 2, 4)]


def test_a_merge_makes_generated_columns_anew(sql: Sql, schema: str) -> None:
    sql(RULED)
    sql("INSERT INTO t (id, v) VALUES (1, 1), (9, 2)")
    merged = sql(f"MERGE INTO t USING {NEW} WHEN MATCHED THEN UPDATE SET v = s.v + t.v + 10")
    assert merged == [(2, 2, 0, 0)]
    assert sql("SELECT * FROM t ORDER BY id") == [(1, 6, 12), (9, 15, 30)]
    source = "(SELECT 1 AS id, 3 AS v, 7 AS twice) AS s ON t.id = s.id AND t.v < 100"
    with pytest.raises(ServerOperationError, match="DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"):
        sql(f"MERGE INTO t USING {source} WHEN MATCHED THEN UPDATE SET *")


def test_a_merge_is_verified_clause_by_clause(sql: Sql, schema: str) -> None:
    sql(RULED)
    sql("INSERT INTO t (id, v) VALUES (1, 1), (2, 2)")
    merged = sql(
        f"MERGE INTO t USING {NEW} WHEN MATCHED AND s.v < 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v"
        " WHEN NOT MATCHED AND s.v < 0 THEN INSERT (id, v) VALUES (s.id, s.v)"
        " WHEN NOT MATCHED THEN INSERT *"
        " WHEN NOT MATCHED BY SOURCE AND t.v > 2 THEN UPDATE SET v = -1"
    )
    assert merged == [(2, 0, 1, 1)]
    assert sql("SELECT * FROM t ORDER BY id") == [(2, 2, 4), (9, 3, 6)]
