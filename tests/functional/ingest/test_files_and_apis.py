"""Files and an API, by jobs, into tables of a workspace: first all, then what is new."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakestead.ingest import IngestionOrchestrator
from lakestead.ingest.audit import Entry
from lakestead.testing import Workspace
from tests.servers.api import ApiServer


class Project:
    """A folder with one job, and the table that it makes."""

    def __init__(self, folder: Path, workspace: Workspace, secrets: dict[str, Any], **job: Any) -> None:
        self.workspace = workspace
        self.schema = f"ingest_{uuid.uuid4().hex[:10]}"
        self.folder = folder
        self.config = folder / "config" / "ingestion_config.yaml"
        self.config.parent.mkdir(parents=True)
        declared = {
            "name": "it",
            "source_name": "feed",
            "target_schema": self.schema,
            "target_table": "items",
        }
        self.config.write_text(yaml.safe_dump({"jobs": [declared | {"retries": 0} | job]}))
        self.secrets = folder / "secrets.toml"
        lines = [f'{key} = "{value}"' for key, value in secrets.items()]
        self.secrets.write_text("\n".join(["[sources.feed]", *lines]))
        self.secrets.chmod(0o600)

    def run(self) -> Entry:
        orchestrator = IngestionOrchestrator(
            self.config, self.secrets, folder=self.folder, profile=self.workspace.profile
        )
        try:
            (entry,) = orchestrator.run().entries
        finally:
            orchestrator.close()
        return entry

    def rows(self, columns: str = "id", table: str = "items") -> list[Any]:
        with self.workspace.connect() as connection, connection.cursor() as cursor:
            found = cursor.execute(f"SELECT {columns} FROM main.{self.schema}.{table} ORDER BY 1").fetchall()
            return [tuple(row) if len(row) > 1 else row[0] for row in found]

    def remove(self) -> None:
        with self.workspace.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS main.{self.schema} CASCADE")


@pytest.fixture
def made() -> Iterator[list[Project]]:
    projects: list[Project] = []
    yield projects
    for project in projects:
        project.remove()


def test_an_api(
    api_server: ApiServer, workspace_session: Workspace, tmp_path: Path, made: list[Project]
) -> None:
    api_server.rows = [{"id": day, "at": f"2025-01-{day:02d}T00:00:00Z"} for day in range(1, 26)]
    project = Project(
        tmp_path,
        workspace_session,
        {"base_url": api_server.url},
        source_type="api",
        api_endpoint="json_link",
        load_type="INCREMENTAL",
        watermark_column="at",
        primary_key="id",
        params={"since": "{watermark}"},
    )
    made.append(project)
    first = project.run()
    assert (first.error, first.rows_inserted, first.source_rows) == (None, 25, 25)
    assert project.rows() == list(range(1, 26))

    api_server.asked.clear()
    api_server.rows.append({"id": 26, "at": "2025-01-26T00:00:00Z"})
    second = project.run()
    assert (second.error, second.rows_inserted) == (None, 1)
    assert [asked.query["since"] for asked in api_server.asked if asked.path == "/json_link"] == [
        "2025-01-25T00:00:00Z"
    ]
    assert project.rows() == list(range(1, 27))

    api_server.rows.clear()
    third = project.run()
    assert (third.error, third.rows_read) == (None, 0)
    assert project.rows() == list(range(1, 27))


def test_new_files(workspace_session: Workspace, tmp_path: Path, made: list[Project]) -> None:
    folder = tmp_path / "in"
    for day in (30, 31):
        (folder / f"dt=2025-01-{day}").mkdir(parents=True)
        (folder / f"dt=2025-01-{day}" / "a.csv").write_text(f"id,price\n{day},{day}.25\n")
    project = Project(
        tmp_path,
        workspace_session,
        {"bucket_url": str(folder)},
        source_type="filesystem",
        path="**/*.csv",
        load_type="INCREMENTAL",
        strategy="append",
        incremental_by="folder_date",
        format_options={"on_bad_lines": "reject"},
    )
    made.append(project)
    assert project.run().error is None
    assert project.rows("id, price") == [(30, Decimal("30.25")), (31, Decimal("31.25"))]
    assert project.run().rows_read == 0

    (folder / "dt=2025-01-31" / "b.csv").write_text("id,price\n32,5\n33,1,2\n")
    (folder / "dt=2025-02-01").mkdir()
    (folder / "dt=2025-02-01" / "a.csv").write_text("id,price\n34,1.5\n")
    third = project.run()
    assert (third.error, third.rows_read, third.rows_rejected) == (None, 2, 1)
    assert project.rows("id, price")[2:] == [(32, Decimal("5.00")), (34, Decimal("1.50"))]
    assert project.rows("row", "items__rejected") == ["33,1,2"]


def test_all_files_as_they_are_now(workspace_session: Workspace, tmp_path: Path, made: list[Project]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jsonl").write_text(f'{{"id": {number}}}\n')
    project = Project(
        tmp_path, workspace_session, {"bucket_url": str(folder)}, source_type="filesystem", path="*.jsonl"
    )
    made.append(project)
    first = project.run()
    assert (first.error, first.source_rows) == (None, 3)
    (folder / "0.jsonl").unlink()
    assert project.run().error is None
    assert project.rows() == [1, 2]
