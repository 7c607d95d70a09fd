"""A server killed while it loads files: each is in the table once, however often COPY INTO is repeated."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from databricks.sql.exc import Error
from urllib3.exceptions import HTTPError

from .test_kill import Server

KILLS = 5
ROWS = 20_000


class Loader(threading.Thread):
    """Loads files into a table until the server is gone or all are in."""

    def __init__(self, server: Server, statement: str) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.statement = statement
        self.started = threading.Event()

    def run(self) -> None:
        try:
            with self.server.connect() as connection, connection.cursor() as cursor:
                self.started.set()
                cursor.execute(self.statement)
        except (Error, OSError, HTTPError):
            return


def add_file(source: Path, number: int) -> None:
    first = number * ROWS
    lines = "".join(f"{value},name {value}\n" for value in range(first, first + ROWS))
    (source / f"{number}.csv").write_text(lines)


@pytest.mark.slow
def test_each_file_is_loaded_once_whatever_is_killed(tmp_path: Path) -> None:
    chance = random.Random(8)
    source = tmp_path / "source"
    source.mkdir()
    copy = f"COPY INTO kept BY POSITION FROM '{source}' FILEFORMAT = CSV"
    server = Server(tmp_path / "workspace")
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id BIGINT, name STRING)")
    for number in range(KILLS):
        add_file(source, number)
        loader = Loader(server, copy)
        loader.start()
        assert loader.started.wait(60)
        threading.Event().wait(chance.uniform(0, 0.6))
        server.kill()
        loader.join(60)
        assert not loader.is_alive()
        server = Server(tmp_path / "workspace")
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(copy)
        cursor.execute("SELECT count(*), count(DISTINCT id), min(id), max(id) FROM kept")
        total = KILLS * ROWS
        assert [tuple(row) for row in cursor.fetchall()] == [(total, total, 0, total - 1)]
        cursor.execute("DESCRIBE HISTORY kept")
        operations = [row.operation for row in cursor.fetchall()]
    assert operations.count("COPY INTO") <= KILLS + 1
    server.stop()
