"""The database servers of the tests run, and refuse whom real ones refuse."""

from __future__ import annotations

import dataclasses

import pytest

from tests.servers.mariadb import MariaDBServer
from tests.servers.postgres import PostgresServer


def test_postgres_takes_the_right_password_only(postgres_server: PostgresServer) -> None:
    assert postgres_server.sql("SELECT 1, NULL") == "1|∅"
    wrong = dataclasses.replace(postgres_server, password="wrong")
    with pytest.raises(OSError, match="password authentication failed"):
        wrong.sql("SELECT 1")


def test_mariadb_takes_the_right_password_only(mariadb_server: MariaDBServer) -> None:
    assert mariadb_server.sql("SELECT 1, NULL") == "1\tNULL"
    wrong = dataclasses.replace(mariadb_server, password="wrong")
    with pytest.raises(OSError, match="Access denied"):
        wrong.sql("SELECT 1")
