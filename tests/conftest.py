"""What all tests share: servers that the workspace and the toolkit talk to."""

from __future__ import annotations

from .servers.azurite import azurite
from .servers.s3 import s3_server

__all__ = ["azurite", "s3_server"]
