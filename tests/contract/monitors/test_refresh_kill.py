"""A refresh whose process is killed between the two metric tables: the next one completes them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.dataquality import Refresh

from lakestead.testing import serve
from tests.contract.conftest import Sql
from tests.contract.monitors.monitored import DAY, Monitored, monitor, series, succeeded

_ROWS = "SELECT count(*), count(DISTINCT window, granularity, column_name) FROM days_{}_metrics"


def test_killed_between_the_tables(tmp_path: Path) -> None:
    with serve(tmp_path) as workspace, workspace.connect() as connection:
        sql = Sql(connection)
        sql(
            "CREATE TABLE days AS"
            " SELECT timestampadd(DAY, id, TIMESTAMP '2024-01-01') AS at, id FROM range(30)"
        )
        made = monitor(workspace.client(), "main.default.days", time_series=series("at", DAY))
        succeeded(made.first())
        assert sql(_ROWS.format("drift")) == [(29 * 3, 29 * 3)]
        sql("INSERT INTO days SELECT timestampadd(DAY, id, TIMESTAMP '2024-01-31'), id FROM range(2)")
        drift_id = workspace.client().tables.get("main.default.days_drift_metrics").table_id
        log = tmp_path / "tables" / str(drift_id) / "_delta_log"
        versions = len(list(log.glob("*.json")))

    command = [Path(sys.executable).with_name("lakestead"), "up", str(tmp_path), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        environment = json.loads(server.stdout.readline())["env"]
        client = WorkspaceClient(
            host=environment["DATABRICKS_HOST"], token=environment["DATABRICKS_TOKEN"], auth_type="pat"
        )
        client.data_quality.create_refresh("table", made.table_id, Refresh("table", made.table_id))
        deadline = time.monotonic() + 120
        while len(list(log.glob("*.json"))) == versions:
            assert time.monotonic() < deadline, "the refresh writes nothing"
        os.kill(server.pid, signal.SIGKILL)

    with serve(tmp_path) as workspace, workspace.connect() as connection:
        sql = Sql(connection)
        again = Monitored(workspace.client(), made.table_id)
        succeeded(again.refresh())
        assert sql(_ROWS.format("profile")) == [(32 * 3, 32 * 3)]
        assert sql(_ROWS.format("drift")) == [(31 * 3, 31 * 3)]
        last = "SELECT max(window.start) FROM days_{}_metrics"
        assert sql(last.format("profile")) == sql(last.format("drift"))
