"""Monitors of many tables, on an API that takes 50 ms for each request.

The peer is a program that creates one monitor after another by the SDK, and looks at nothing before. Ours
reads tables, columns, tags and privileges, checks them, and creates the monitors many at a time; the second
time it finds that nothing is to be done. The workspace runs in a process of its own, and starts to refresh
monitors as they are made.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from databricks.sdk.service.dataquality import DataProfilingConfig, Monitor, SnapshotConfig

from benchmarks.harness import Figure, Goal, Group, Size
from benchmarks.servers.process import process
from lakestead.client import Profile, Warehouse
from lakestead.profiling import OrchestratorConfig, run_bulk_provisioning

_SERVER = """
import json, signal
from lakestead.testing import Faults, serve
with serve(faults=Faults(latency_seconds=0.05)) as workspace:
    said = {"host": workspace.host, "token": workspace.token, "warehouse_id": workspace.warehouse_id}
    print(json.dumps(said), flush=True)
    signal.sigwait([signal.SIGINT])
"""
_SCHEMA = "main.monitored"


def run(size: Size) -> list[Group]:
    """Measure."""
    tables = [f"{_SCHEMA}.t{number}" for number in range(size(1000, 20))]
    with _workspace(tables) as warehouse:
        one_by_one = _seconds(lambda: _one_by_one(warehouse, tables))
    config = OrchestratorConfig.model_validate(
        {
            "catalog_name": "main",
            "profile_defaults": {"profile_type": "SNAPSHOT", "output_schema_name": "monitored"},
            "monitored_tables": dict.fromkeys(tables),
        }
    )
    with _workspace(tables) as warehouse:
        ours = _seconds(lambda: _provisioned(config, warehouse, created=len(tables)))
        again = _seconds(lambda: _provisioned(config, warehouse, created=0))
    figures = [
        Figure("the SDK, one monitor after another", one_by_one, "s"),
        Figure(
            "lakestead.profiling: planned, checked and applied",
            ours,
            "s",
            ours / one_by_one,
            Goal(1 / 8, of_ratio=True),
        ),
        Figure("the same again: all unchanged", again, "s", again / one_by_one),
    ]
    return [Group(f"{len(tables):,} monitors, an API that takes 50 ms", figures)]


@contextmanager
def _workspace(tables: list[str]) -> Iterator[Warehouse]:
    """Run a workspace that has these tables (views, which cost less to make)."""
    with process([sys.executable, "-c", _SERVER]) as running:
        assert running.stdout is not None
        with closing(Warehouse(Profile(**json.loads(running.stdout.readline())))) as warehouse:
            warehouse.rows(f"CREATE SCHEMA {_SCHEMA}")
            warehouse.rows(f"CREATE TABLE {_SCHEMA}.source (id BIGINT)")
            for table in tables:
                warehouse.rows(f"CREATE VIEW {table} AS SELECT * FROM {_SCHEMA}.source")
            yield warehouse


def _one_by_one(warehouse: Warehouse, tables: list[str]) -> None:
    client = warehouse.client
    schema_id = client.schemas.get(_SCHEMA).schema_id or ""
    for table in tables:
        profile = DataProfilingConfig(schema_id, snapshot=SnapshotConfig(), skip_builtin_dashboard=True)
        table_id = client.tables.get(table).table_id or ""
        client.data_quality.create_monitor(Monitor("table", table_id, data_profiling_config=profile))


def _provisioned(config: OrchestratorConfig, warehouse: Warehouse, *, created: int) -> None:
    report = run_bulk_provisioning(config, warehouse=warehouse)
    if (report.monitors_created, report.monitors_failed) != (created, 0):
        raise RuntimeError(
            f"{report.monitors_created} monitors were created, {report.monitors_failed} failed"
        )


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
