"""Many monitors, on an API that refuses and loses answers, by a run that is killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from lakestead.client import Warehouse
from lakestead.profiling import get_monitor_statuses, load_config, run_bulk_provisioning
from lakestead.testing import Faults, serve

TABLES = 100
KILLED_AFTER = 25
SCRIPT = """
import sys
from lakestead.profiling import load_config, run_bulk_provisioning
run_bulk_provisioning(load_config(sys.argv[1]), progress=lambda one: print(one.table, one.error, flush=True))
"""


def test_a_run_that_was_killed_is_resumed(tmp_path: Path) -> None:
    names = [f"main.many.t{number:03}" for number in range(TABLES)]
    file = tmp_path / "monitoring.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "catalog_name": "main",
                "profile_defaults": {"profile_type": "SNAPSHOT", "output_schema_name": "many"},
                "monitored_tables": dict.fromkeys(names),
            }
        )
    )
    config = load_config(file)
    faults = Faults(rate=0.1, lost=0.05, retry_after_seconds=0, seed=7)
    with serve(faults=faults) as workspace:
        warehouse = Warehouse(workspace.profile)
        warehouse.rows("CREATE SCHEMA main.many")
        warehouse.rows("CREATE TABLE main.many.source (id BIGINT)")
        for name in names:  # views cost less to make, and are monitored like tables
            warehouse.rows(f"CREATE VIEW {name} AS SELECT * FROM main.many.source")

        done = killed_run(file, {**os.environ, **workspace.env()})
        assert done >= KILLED_AFTER
        resumed = run_bulk_provisioning(config, warehouse=warehouse)
        assert resumed.monitors_failed == 0
        assert resumed.monitors_unchanged >= done
        assert resumed.monitors_created >= 1
        assert resumed.monitors_unchanged + resumed.monitors_created == TABLES

        again = run_bulk_provisioning(config, warehouse=warehouse)
        assert (again.monitors_unchanged, again.applied) == (TABLES, [])
        statuses = get_monitor_statuses(config, warehouse=warehouse)
        assert [one.table_name for one in statuses] == names
        assert {one.status for one in statuses} <= {"ACTIVE", "PENDING"}
        warehouse.close()


def killed_run(file: Path, environment: dict[str, str]) -> int:
    """Start a run in a process of its own, kill it, and return how many monitors it said it had made."""
    command = [sys.executable, "-c", SCRIPT, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout is not None
        lines = [run.stdout.readline() for _ in range(KILLED_AFTER)]
        run.send_signal(signal.SIGKILL)
        lines += run.stdout.readlines()
    assert all(line.rstrip().endswith(" None") for line in lines), lines
    return len(lines)
