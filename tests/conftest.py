"""What all tests share: servers that the workspace and the toolkit talk to."""

from __future__ import annotations

import os
from pathlib import Path

from .servers.api import api_server
from .servers.azurite import azurite
from .servers.inbox import mails, webhooks
from .servers.mariadb import mariadb_server
from .servers.postgres import postgres_server
from .servers.s3 import s3_server

# The SQL connector reads the machine's certificates for each connection, in 30 ms, although the workspace
# speaks plain HTTP and no test leaves the machine. One that signs nothing is as good.
_SERVERS = Path(__file__).with_name("servers")
os.environ["SSL_CERT_FILE"], os.environ["SSL_CERT_DIR"] = str(_SERVERS / "authority.pem"), str(_SERVERS)

__all__ = ["api_server", "azurite", "mails", "mariadb_server", "postgres_server", "s3_server", "webhooks"]
