"""Many connections at once: none waits for the others, each gets its own results."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from lakestead.testing import Workspace

# More than the threads that a web server has for requests unless it is told otherwise.
WAITING = 48


def test_connections_that_wait_leave_room_for_others(workspace_session: Workspace) -> None:
    gate = threading.Barrier(WAITING + 1)

    def wait() -> str:
        with workspace_session.connect() as connection, connection.cursor() as cursor:
            cursor.execute_async("SELECT id FROM range(3000000) WHERE id % 1000 = 3 ORDER BY id DESC")
            gate.wait()
            cursor.get_async_execution_result()
            return str(cursor.fetchone()[0])

    with ThreadPoolExecutor(WAITING) as pool:
        waiting = [pool.submit(wait) for _ in range(WAITING)]
        gate.wait()
        with workspace_session.connect() as connection, connection.cursor() as cursor:
            assert cursor.execute("SELECT 1").fetchall() == [(1,)]
        assert {one.result() for one in waiting} == {"2999003"}


def test_each_connection_reads_its_own_rows(workspace_session: Workspace) -> None:
    def read(number: int) -> bool:
        with workspace_session.connect() as connection, connection.cursor() as cursor:
            return all(
                [row.x for row in cursor.execute(f"SELECT id * {number} AS x FROM range(3)").fetchall()]
                == [0, number, 2 * number]
                for _ in range(5)
            )

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(read, range(16)))


def test_two_cursors_of_one_connection_read_at_the_same_time(workspace_session: Workspace) -> None:
    with workspace_session.connect() as connection, connection.cursor() as one, connection.cursor() as two:
        one.execute("SELECT id FROM range(200000) ORDER BY id")
        two.execute("SELECT -id AS id FROM range(200000) ORDER BY id DESC")
        pairs = [(one.fetchmany(40000), two.fetchmany(40000)) for _ in range(5)]
    assert all(mine[0].id == -theirs[0].id for mine, theirs in pairs)
    assert sum(len(mine) for mine, _ in pairs) == 200_000
