"""What all tests share: servers that the workspace and the toolkit talk to."""

from __future__ import annotations

from .servers.api import api_server
from .servers.azurite import azurite
from .servers.inbox import mails, webhooks
from .servers.mariadb import mariadb_server
from .servers.postgres import postgres_server
from .servers.s3 import s3_server

__all__ = ["api_server", "azurite", "mails", "mariadb_server", "postgres_server", "s3_server", "webhooks"]
