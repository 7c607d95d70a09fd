"""TPC-H through the SQL connector: the same answers as another engine gives over the same data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sql.client import Cursor

from benchmarks.tpch.answers import Answer, Reference, answer, difference
from benchmarks.tpch.data import generate
from benchmarks.tpch.queries import NUMBERS
from lakestead.testing import Workspace

# Enough that all queries but one have rows to give: that one wants a customer larger than this scale has.
SCALE = 0.05
EMPTY = 18


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return generate(SCALE, tmp_path_factory.mktemp("tpch"))


@pytest.fixture(scope="module")
def cursor(workspace_session: Workspace, files: dict[str, Path]) -> Iterator[Cursor]:
    with workspace_session.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA main.tpch")
        cursor.execute("USE main.tpch")
        for table, file in files.items():
            cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM parquet.`{file}`")
        yield cursor
        cursor.execute("DROP SCHEMA main.tpch CASCADE")


@pytest.fixture(scope="module")
def reference(files: dict[str, Path]) -> Iterator[Reference]:
    duckdb = Reference(files)
    yield duckdb
    duckdb.close()


@pytest.mark.parametrize("number", NUMBERS)
def test_answers_are_those_of_another_engine(number: int, cursor: Cursor, reference: Reference) -> None:
    def execute(statement: str) -> Answer:
        cursor.execute(statement)
        columns: list[Any] = cursor.description or []
        return Answer(tuple(column[0] for column in columns), [tuple(row) for row in cursor.fetchall()])

    expected = answer(number, reference)
    assert bool(expected.rows) == (number != EMPTY)
    assert difference(number, answer(number, execute), expected) is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("MOZAMBIQUE", 2.0), ("KENYA", 1.0)], None),
        ([("MOZAMBIQUE", 2.0)], "1 rows instead of 2"),
        ([("MOZAMBIQUE", 2.1), ("KENYA", 1.0)], "('MOZAMBIQUE', 2.1) instead of ('MOZAMBIQUE', 2.0)"),
        (
            [("KENYA", 1.0), ("MOZAMBIQUE", 2.0)],
            "('KENYA', 1.0) in row 0, where ('MOZAMBIQUE', 2.0) should be",
        ),
    ],
    ids=["same", "missing", "wrong", "unsorted"],
)
def test_a_wrong_answer_is_told(rows: list[tuple[Any, ...]], words: str | None) -> None:
    columns = ("n_name", "revenue")  # query 5's, which sorts by revenue
    expected = Answer(columns, [("MOZAMBIQUE", 2.0), ("KENYA", 1.0)])
    assert difference(5, Answer(columns, rows), expected) == words
