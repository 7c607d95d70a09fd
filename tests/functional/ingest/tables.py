"""A project in a folder, whose jobs load a SQLite file's tables into the shared workspace."""

from __future__ import annotations

import csv
import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from lakestead.ingest import Backfill, IngestionOrchestrator, Report
from lakestead.ingest.audit import Entry
from lakestead.testing import Workspace


class Shop:
    """The project.

    Args:
        folder: gets everything.
        workspace: has the target's schema, a fresh one.
        destination: sections of the secrets beside the source's.
    """

    def __init__(self, folder: Path, workspace: Workspace, destination: str = "") -> None:
        self.folder = folder
        self.workspace = workspace
        self.schema = f"shop_{uuid.uuid4().hex[:10]}"
        self.database = folder / "shop.db"
        self.secrets = folder / "secrets.toml"
        self.secrets.write_text(f"[sources.shop]\npath = '{self.database}'\n{destination}")
        self.secrets.chmod(0o600)

    def source(self, script: str) -> None:
        """Run statements at the source."""
        connection = sqlite3.connect(self.database)
        try:
            connection.executescript(script)
        finally:
            connection.close()

    def jobs(self, *jobs: Mapping[str, Any]) -> Path:
        """Declare the jobs."""
        path = self.folder / "jobs.yaml"
        defaults = {
            "source_type": "sqlite",
            "source_name": "shop",
            "target_schema": self.schema,
            "retries": 0,
        }
        path.write_text(yaml.safe_dump({"defaults": defaults, "jobs": [dict(job) for job in jobs]}))
        return path

    def run(self, *, parallel: int = 1, backfill: Backfill | None = None) -> Report:
        """Run all jobs."""
        orchestrator = self.orchestrator()
        try:
            return orchestrator.run(parallel=parallel, backfill=backfill)
        finally:
            orchestrator.close()

    def orchestrator(self) -> IngestionOrchestrator:
        return IngestionOrchestrator(
            self.folder / "jobs.yaml", self.secrets, folder=self.folder, profile=self.workspace.profile
        )

    def one(self, **options: Any) -> Entry:
        """Run the only job, which does not fail."""
        (entry,) = self.run(**options).entries
        assert entry.error is None
        return entry

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement in the target's schema."""
        connection = self.workspace.connect(catalog="main", schema=self.schema)
        with connection, connection.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(statement).fetchall()]

    def audit(self) -> list[dict[str, str]]:
        """Return the lines of the audit's file."""
        (path,) = (self.folder / "metadata").glob("audit_*.csv")
        with path.open(newline="") as file:
            return list(csv.DictReader(file))

    def logs(self) -> str:
        """Return all that was logged."""
        return "\n".join(path.read_text() for path in (self.folder / "logs").rglob("*.log"))

    def remove(self) -> None:
        """Leave nothing in the workspace."""
        with self.workspace.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS main.{self.schema} CASCADE")
