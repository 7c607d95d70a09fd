"""Many clients on one table: every acknowledged change is there exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from databricks.sql.exc import ServerOperationError

from lakestead.testing import Workspace

THREADS = 32
ROUNDS = 2


def together(work: Callable[[int], None], threads: int = THREADS) -> None:
    """Run work(0) … work(n-1) at the same time; raise what any of them raises."""
    start = threading.Barrier(threads)

    def run(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, number) for number in range(threads)]:
            done.result()


def rows(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]


def test_inserts_merges_and_reads_of_one_table(workspace: Workspace) -> None:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE hits (id BIGINT NOT NULL, n BIGINT, CONSTRAINT positive CHECK (n > 0))")
        cursor.execute("INSERT INTO hits VALUES (-1, 1)")

    def work(number: int) -> None:
        with workspace.connect() as connection, connection.cursor() as cursor:
            seen = 0
            for turn in range(ROUNDS):
                cursor.execute("INSERT INTO hits VALUES (?, 1)", [number * ROUNDS + turn])
                assert cursor.fetchone().num_inserted_rows == 1
                cursor.execute(
                    "MERGE INTO hits USING (SELECT -1 AS id) AS source ON hits.id = source.id "
                    "WHEN MATCHED THEN UPDATE SET n = hits.n + 1"
                )
                assert cursor.fetchone().num_updated_rows == 1
                cursor.execute("SELECT count(*), min(n) FROM hits")
                count, least = cursor.fetchone()
                assert count >= seen + 1
                assert least > 0
                seen = count
                with pytest.raises(ServerOperationError, match="DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"):
                    cursor.execute("INSERT INTO hits VALUES (0, -5)")

    together(work)
    total = THREADS * ROUNDS
    assert rows(workspace, "SELECT n FROM hits WHERE id = -1") == [(total + 1,)]
    found = rows(workspace, "SELECT id FROM hits WHERE id >= 0 ORDER BY id")
    assert found == [(number,) for number in range(total)]


def test_identity_values_are_given_out_once(workspace: Workspace) -> None:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE numbered (id BIGINT GENERATED ALWAYS AS IDENTITY, who BIGINT)")

    def work(number: int) -> None:
        with workspace.connect() as connection, connection.cursor() as cursor:
            for _ in range(3):
                cursor.execute("INSERT INTO numbered (who) VALUES (:who), (:who)", {"who": number})
            cursor.execute(
                "MERGE INTO numbered USING (SELECT :who + 1000 AS who) AS new ON numbered.who = new.who "
                "WHEN NOT MATCHED THEN INSERT (who) VALUES (new.who)",
                {"who": number},
            )

    together(work, 8)
    assert rows(workspace, "SELECT count(*), count(DISTINCT id) FROM numbered") == [(56, 56)]


def test_one_of_many_creates_a_table(workspace: Workspace) -> None:
    refused: list[str] = []

    def work(number: int) -> None:
        with workspace.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS shared AS SELECT {number} AS who FROM range(10)")
            try:
                cursor.execute(f"CREATE TABLE contested AS SELECT {number} AS who FROM range(10)")
            except ServerOperationError as error:
                refused.append(str(error))

    together(work, 8)
    assert rows(workspace, "SELECT count(*), count(DISTINCT who) FROM shared") == [(10, 1)]
    assert rows(workspace, "SELECT count(*), count(DISTINCT who) FROM contested") == [(10, 1)]
    assert len(refused) == 7
    assert all("TABLE_OR_VIEW_ALREADY_EXISTS" in text for text in refused)


def test_a_table_is_dropped_while_others_write_it(workspace: Workspace) -> None:
    with workspace.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE fleeting (id BIGINT)")

    def work(number: int) -> None:
        with workspace.connect() as connection, connection.cursor() as cursor:
            if number == 3:
                cursor.execute("DROP TABLE fleeting")
                return
            try:
                for _ in range(10):
                    cursor.execute("INSERT INTO fleeting VALUES (1)")
            except ServerOperationError as error:
                assert "TABLE_OR_VIEW_NOT_FOUND" in str(error)  # noqa: PT017

    together(work, 6)
    with pytest.raises(ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
        rows(workspace, "SELECT * FROM fleeting")
