"""MariaDB, from the system's packages, on a TCP port with a password."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from .databases import Account, folder, free_port

_CLIENT = ("mariadb", "--no-defaults", "--batch", "--skip-column-names", "--default-character-set=utf8mb4")


@dataclass(frozen=True)
class MariaDBServer:
    """A running MariaDB server and a user who may do everything.

    Attributes:
        port: on 127.0.0.1.
        username: the user.
        password: the user's.
    """

    port: int
    username: str = "tester"
    password: str = field(default="p@ss word'1", repr=False)
    host: str = "127.0.0.1"

    def settings(self, database: str) -> dict[str, Any]:
        """Return a source's settings for a database."""
        return {
            "host": self.host,
            "port": self.port,
            "database": database,
            "username": self.username,
            "password": self.password,
        }

    def sql(self, text: str, database: str = "mysql") -> str:
        """Run SQL statements, and return the values as MariaDB writes them: tabs between columns."""
        done = subprocess.run(
            [*_CLIENT, "-h", self.host, "-P", str(self.port), "-u", self.username, "-D", database],
            input=text,
            env={**os.environ, "MYSQL_PWD": self.password},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise OSError(f"mariadb: {done.stderr[-2000:]}")
        return done.stdout.removesuffix("\n")

    def database(self) -> str:
        """Make a database and return its name."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return name


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """One MariaDB server that the whole session shares; make a database for each test or module."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    install = shutil.which("mariadb-install-db")
    if found is None or install is None:
        why = "MariaDB is not installed: `apt-get install mariadb-server`"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    account = Account()
    with folder(account) as place:
        data, port = place / "data", free_port()
        account.run(
            [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        )
        server = MariaDBServer(port)
        first = place / "first.sql"
        quoted = server.password.replace("'", "''")
        # The anonymous user of a new server would be taken for anyone on localhost.
        first.write_text(
            "DELETE FROM mysql.global_priv WHERE User = '';\nFLUSH PRIVILEGES;\n"
            f"CREATE USER '{server.username}'@'%' IDENTIFIED BY '{quoted}';\n"
            f"GRANT ALL ON *.* TO '{server.username}'@'%' WITH GRANT OPTION;\n"
        )
        account.own(first)
        options = [f"--datadir={data}", f"--port={port}", f"--bind-address={server.host}"]
        options += [f"--socket={place}/socket", f"--pid-file={place}/pid", f"--init-file={first}"]
        options += ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]
        # So that a program that relies on the server's zone is found out.
        options += ["--default-time-zone=+05:30"]
        with account.serving([found, "--no-defaults", *options], "ready for connections", signal.SIGKILL):
            yield server
