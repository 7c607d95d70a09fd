"""A server killed in the middle of writes: what it acknowledged is there, metastore and files agree."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from databricks import sql
from databricks.sql.client import Connection
from databricks.sql.exc import Error
from deltalake import DeltaTable
from urllib3.exceptions import HTTPError

KILLS = 12


class Server:
    """`lakestead up` in a process of its own."""

    def __init__(self, path: Path, environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("lakestead"), "up", str(path), "--json"],
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server did not start"
        self.environment: dict[str, str] = json.loads(line)["env"]

    def connect(self) -> Connection:
        host, path = self.environment["DATABRICKS_HOST"], self.environment["DATABRICKS_HTTP_PATH"]
        return sql.connect(
            server_hostname=host,
            http_path=path,
            access_token=self.environment["DATABRICKS_TOKEN"],
            _connection_uri=host + path,
            _retry_stop_after_attempts_count=1,
            _retry_delay_min=0.05,
            _retry_delay_max=0.05,
            enable_telemetry=False,
        )

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(30) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()


class Writer(threading.Thread):
    """Writes until the server is gone; remembers what was acknowledged, and what was under way."""

    def __init__(self, server: Server, name: str, first: int) -> None:
        super().__init__(name=name, daemon=True)
        self.server = server
        self.next = first
        self.acknowledged: set[int] = set()
        self.unsure: set[int] = set()
        self.started = threading.Event()

    def run(self) -> None:
        try:
            with self.server.connect() as connection, connection.cursor() as cursor:
                while True:
                    number, self.next = self.next, self.next + 1
                    self.unsure.add(number)
                    self.write(cursor, number)
                    self.acknowledged.add(number)
                    self.unsure.discard(number)
                    self.started.set()
        except (Error, OSError, HTTPError):
            return

    def write(self, cursor: sql.client.Cursor, number: int) -> None:
        raise NotImplementedError


class Inserts(Writer):
    def write(self, cursor: sql.client.Cursor, number: int) -> None:
        cursor.execute("INSERT INTO kept (id) VALUES (?)", [number])


class Tables(Writer):
    def write(self, cursor: sql.client.Cursor, number: int) -> None:
        cursor.execute(f"CREATE OR REPLACE TABLE made_{number} AS SELECT {number} AS id FROM range(1000)")
        cursor.execute(f"ALTER TABLE made_{number} ADD COLUMN extra STRING")
        if number % 3 == 0:
            cursor.execute(f"DROP TABLE made_{number}")


@pytest.mark.slow
def test_kills(tmp_path: Path) -> None:
    chance = random.Random(20)
    inserted: set[int] = set()
    unsure: set[int] = set()
    made: set[int] = set()
    server = Server(tmp_path)
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id BIGINT, number BIGINT GENERATED ALWAYS AS IDENTITY)")
    following = 0
    for _ in range(KILLS):
        writers: list[Writer] = [
            Inserts(server, "one", following),
            Inserts(server, "two", following + 10_000),
            Tables(server, "tables", following),
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            assert writer.started.wait(60), f"{writer.name} wrote nothing"
        threading.Event().wait(chance.uniform(0, 0.3))
        server.kill()
        for writer in writers:
            writer.join(60)
            assert not writer.is_alive()
        for writer in writers[:2]:
            inserted |= writer.acknowledged
            unsure |= writer.unsure
        made |= writers[2].acknowledged
        following += 20_000
        agree_with_files(tmp_path, server := Server(tmp_path))
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, number FROM kept")
        found = [tuple(row) for row in cursor.fetchall()]
        ids = [one[0] for one in found]
        assert len(ids) == len(set(ids)), "a row is there twice"
        assert inserted <= set(ids) <= inserted | unsure
        assert len({one[1] for one in found}) == len(found), "an identity value was given out twice"
        for number in sorted(made)[:: max(1, len(made) // 20)]:
            if number % 3:
                cursor.execute(f"SELECT count(*), max(id), max(extra) FROM made_{number}")
                assert tuple(cursor.fetchone()) == (1000, number, None)
    server.stop()


def agree_with_files(path: Path, server: Server) -> None:
    """Check that every table has its files, with the columns it is said to have, and no folder is left."""
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, collect_list(column_name) FROM main.information_schema.columns "
            "WHERE table_schema = 'default' GROUP BY table_name"
        )
        columns = {row[0]: set(row[1]) for row in cursor.fetchall()}
    with sqlite3.connect(path / "metastore.db") as database:
        records = dict(
            database.execute(
                "SELECT id, name FROM securables WHERE kind = 'TABLE' AND location LIKE '%/tables/%'"
            ).fetchall()
        )
    database.close()
    assert {folder.name for folder in (path / "tables").iterdir()} == set(records)
    for table_id, name in records.items():
        schema = DeltaTable(path / "tables" / table_id).schema()
        assert {field.name for field in schema.fields} == columns[name]
    assert re.fullmatch(r"[0-9a-f-]{36}", next(iter(records)))
