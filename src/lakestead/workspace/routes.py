"""Every route of the workspace, service by service."""

from __future__ import annotations

from lakestead.workspace.http import Route

ALL: list[Route] = []
