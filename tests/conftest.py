"""What all tests share: servers that the workspace and the toolkit talk to."""

from __future__ import annotations

from .servers.azurite import azurite
from .servers.mariadb import mariadb_server
from .servers.postgres import postgres_server
from .servers.s3 import s3_server

__all__ = ["azurite", "mariadb_server", "postgres_server", "s3_server"]
