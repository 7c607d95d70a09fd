"""Jobs of a YAML file and secrets of a TOML file end up as files."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path

import pytest

from lakestead.core.errors import ConnectionFailed
from lakestead.ingest import ConfigLoader, IngestionOrchestrator
from lakestead.ingest.destinations import FilesystemDestination

from .places import Database, Place

_JOBS = """
jobs:
- {source_type: duckdb, source_name: shop, table_name: "i*"}
- {source_type: duckdb, source_name: shop, table_name: orders, target_schema: sales, target_format: delta,
   load_type: INCREMENTAL, watermark_column: changed, comment: What was ordered}
- {source_type: duckdb, source_name: shop, table_name: gone, retries: 0}
"""


def _orchestrator(folder: Path, place: Place, database: Database, jobs: str = _JOBS) -> IngestionOrchestrator:
    (folder / "jobs.yaml").write_text(jobs, encoding="utf-8")
    secrets = {
        "destination": {"type": "filesystem"},
        "destination.filesystem": {"bucket_url": place.url},
        "destination.filesystem.credentials": place.credentials,
        "sources.shop": {"database": str(database.path)},
    }
    lines = [
        line
        for section, values in secrets.items()
        for line in (f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    ]
    (folder / "secrets.toml").write_text("\n".join(lines), encoding="utf-8")
    (folder / "secrets.toml").chmod(0o600)
    loader = ConfigLoader(folder / "jobs.yaml", folder / "secrets.toml", environment={})
    return IngestionOrchestrator(loader=loader, folder=folder)


def test_jobs_are_planned_run_and_noted(tmp_path: Path, database: Database) -> None:
    place = Place(str(tmp_path / "lake"))
    database.run("CREATE TABLE orders AS SELECT id, changed FROM items; CREATE TABLE invoices AS FROM items")
    with closing(_orchestrator(tmp_path, place, database)) as orchestrator:
        assert isinstance(orchestrator.destination, FilesystemDestination)
        planned = orchestrator.plan(["shop.orders"])
        assert [(one.strategy, one.target) for one in planned] == [
            ("append", f"file://{tmp_path}/lake/sales/orders")
        ]
        report = orchestrator.run(parallel=2)
        again = orchestrator.run()
    assert {entry.job: (entry.status, entry.strategy, entry.rows_inserted) for entry in report.entries} == {
        "shop.invoices": ("loaded", "replace", 5),
        "shop.items": ("loaded", "replace", 5),
        "shop.orders": ("loaded", "append", 5),
        "shop.gone": ("failed", "", 0),
    }
    assert [entry.status for entry in again.entries if entry.job == "shop.orders"] == ["unchanged"]
    assert place.rows("items") == database.rows("SELECT * FROM items ORDER BY ALL")
    orders = Place(place.url, form="delta")
    assert orders.rows("sales/orders") == database.rows("SELECT * FROM orders ORDER BY ALL")
    noted = [json.loads(place.store().read(key)) for key in place.keys("_lakestead/audit/**")]
    assert len(noted) == 8
    [order] = [one for one in noted if one["job"] == "shop.orders" and one["rows_inserted"]]
    assert order["watermark_after"] == "2024-01-01T04:00:00+00:00"
    [file] = (tmp_path / "metadata").iterdir()
    assert len(list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))) == 8


def test_what_files_cannot_hold_is_found_before_anything_runs(tmp_path: Path, database: Database) -> None:
    job = "{source_type: duckdb, source_name: shop, table_name: items, strategy: scd2, primary_key: id}"
    place = Place(str(tmp_path / "lake"))
    with closing(_orchestrator(tmp_path, place, database, f"jobs: [{job}]")) as orchestrator:
        loader = ConfigLoader(tmp_path / "jobs.yaml", tmp_path / "secrets.toml", environment={})
        assert ["'scd2' changes rows" in str(finding) for finding in loader.check()] == [True]
        [entry] = orchestrator.run().entries
    assert entry.status == "failed"
    assert "strategy 'scd2' changes rows that are there, which a filesystem cannot" in str(entry.error)


def test_a_destination_that_cannot_be_written_stops_the_run(tmp_path: Path, database: Database) -> None:
    place = Place(
        "s3://nowhere",
        {"aws_access_key_id": "a", "aws_secret_access_key": "b", "endpoint_url": "http://127.0.0.1:9"},
    )
    with (
        closing(_orchestrator(tmp_path, place, database)) as orchestrator,
        pytest.raises(ConnectionFailed, match="the bucket 'nowhere' cannot be reached"),
    ):
        orchestrator.run()
    assert not (tmp_path / "metadata").exists()
