"""How INSERT and MERGE are read."""

from __future__ import annotations

import pytest

from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.sql.dml import clauses, insert


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT INTO t VALUES (1)", (("t",), False, (), None, False, None, "VALUES (1)")),
        ("insert into table a.b.c select 1", (("a", "b", "c"), False, (), None, False, None, "select 1")),
        (
            "INSERT INTO t (a, `b c`) SELECT 1, 2;",
            (("t",), False, (), ("a", "b c"), False, None, "SELECT 1, 2"),
        ),
        ("INSERT INTO t (SELECT 1)", (("t",), False, (), None, False, None, "(SELECT 1)")),
        ("INSERT INTO t BY NAME SELECT 1 a", (("t",), False, (), None, True, None, "SELECT 1 a")),
        ("INSERT OVERWRITE TABLE t FROM u", (("t",), True, (), None, False, None, "FROM u")),
        (
            "INSERT OVERWRITE t PARTITION (p = 'x', q) SELECT 1, 2",
            (("t",), True, (("p", "'x'"), ("q", None)), None, False, None, "SELECT 1, 2"),
        ),
        (
            "INSERT INTO t REPLACE WHERE a > (1) AND b = 'x' SELECT 2",
            (("t",), False, (), None, False, "a > (1) AND b = 'x'", "SELECT 2"),
        ),
        (
            "WITH c AS (SELECT 1) INSERT INTO t SELECT * FROM c",
            (("t",), False, (), None, False, None, "WITH c AS (SELECT 1) SELECT * FROM c"),
        ),
    ],
)
def test_insert(text: str, expected: tuple[object, ...]) -> None:
    assert insert.parse(text) == insert.Insert(*expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT t VALUES (1)",
        "INSERT INTO t",
        "INSERT INTO t (a",
        "INSERT INTO 5 VALUES (1)",
        "INSERT INTO t (a+b) SELECT 1",
    ],
)
def test_a_broken_insert_is_a_syntax_error(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        insert.parse(text)
    assert caught.value.code is ErrorCode.SYNTAX_ERROR


def test_merge() -> None:
    found = clauses.parse(
        "MERGE WITH SCHEMA EVOLUTION INTO a.t AS x USING (VALUES (1, 2)) AS s(k, v) ON x.k = s.k "
        "WHEN MATCHED AND CASE WHEN s.v > 1 THEN true END THEN UPDATE SET x.v = s.v, w = DEFAULT "
        "WHEN MATCHED THEN DELETE "
        "WHEN NOT MATCHED BY TARGET THEN INSERT (k, x.v) VALUES (s.k, DEFAULT) "
        "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET *"
    )
    assert found.evolves
    assert (found.table, found.alias, found.source_alias) == (("a", "t"), "x", "s")
    assert found.source == "SELECT * FROM (VALUES (1, 2)) AS `s`(`k`, `v`)"
    assert found.condition == "x.k = s.k"
    assert [clause.action for clause in found.clauses] == ["UPDATE", "DELETE", "INSERT", "UPDATE"]
    assert found.clauses[0].when == "WHEN MATCHED AND CASE WHEN s.v > 1 THEN true END"
    assert (found.clauses[2].columns, found.clauses[2].values) == (("k", "v"), ("s.k", None))
    assert found.clauses[3].everything


@pytest.mark.parametrize(
    ("text", "source", "alias"),
    [
        ("USING s.u ON true", "SELECT * FROM s.u", "u"),
        ("USING s.u AS w ON true", "SELECT * FROM s.u", "w"),
        ("USING u VERSION AS OF 3 AS w ON true", "SELECT * FROM u VERSION AS OF 3", "w"),
        ("USING range(5) r ON true", "SELECT * FROM range(5)", "r"),
        ("USING (SELECT 1 AS a) ON true", "SELECT 1 AS a", "source"),
    ],
)
def test_merge_sources(text: str, source: str, alias: str) -> None:
    found = clauses.parse(f"MERGE INTO t {text} WHEN MATCHED THEN DELETE")
    assert (found.source, found.source_alias) == (source, alias)


@pytest.mark.parametrize(
    "text",
    [
        "MERGE INTO t USING u ON true",
        "MERGE INTO t USING u WHEN MATCHED THEN DELETE",
        "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE nonsense",
        "MERGE INTO t USING u ON true WHEN NOT MATCHED THEN INSERT (a) SELECT 1",
    ],
)
def test_a_broken_merge_is_a_syntax_error(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        clauses.parse(text)
    assert caught.value.code is ErrorCode.SYNTAX_ERROR
