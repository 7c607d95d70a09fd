"""Memory does not grow with the table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lakestead.testing import Workspace
from tests.servers.postgres import PostgresServer

from .tables import Shop

ROWS = 1_000_000
_PROGRAM = """
import json
from pathlib import Path
from lakestead.ingest import IngestionOrchestrator
from lakestead.ingest.sources import postgres
from databricks import sdk, sql

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000

before = peak()
orchestrator = IngestionOrchestrator("jobs.yaml", "secrets.toml")
(entry,) = orchestrator.run().entries
orchestrator.close()
print(json.dumps({"before": before, "after": peak(), "rows": entry.rows_inserted, "error": entry.error}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
def test_a_million_rows(
    postgres_server: PostgresServer, workspace_session: Workspace, tmp_path: Path
) -> None:
    database = postgres_server.database()
    postgres_server.sql(
        "CREATE TABLE t AS SELECT n::bigint AS id, repeat(md5(n::text), 4) AS text,"
        " n * 0.01::numeric(12,2) AS amount, timestamptz '2024-01-01' + n * interval '1 second' AS at"
        f" FROM generate_series(1, {ROWS}) n",
        database,
    )
    shop = Shop(tmp_path, workspace_session)
    settings = postgres_server.settings(database)
    shop.secrets.write_text(
        "[sources.erp]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in settings.items())
    )
    shop.jobs({"source_type": "postgres", "source_name": "erp", "table_name": "t", "reconcile": "none"})
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            cwd=tmp_path,
            env={**os.environ, **workspace_session.env()},
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        shop.remove()
    found = json.loads(done.stdout.strip().splitlines()[-1])

    assert found["error"] is None
    assert found["rows"] == ROWS
    assert found["after"] - found["before"] < 300  # MB; the table has more than 150 bytes in each row
