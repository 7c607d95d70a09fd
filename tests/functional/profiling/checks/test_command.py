"""`lakestead profile rows` and `run_checks` by the environment."""

from __future__ import annotations

import json
import threading

import yaml

from lakestead.profiling import load_config, run_bulk_provisioning, wait_for_monitors
from lakestead.testing import Workspace
from tests.functional.command import lakestead
from tests.functional.profiling.checks.conftest import Checked


def test_the_command_ends_as_the_checks_do(checked: Checked, workspace_session: Workspace) -> None:
    for table in ("good", "bad"):
        checked.sql(f"CREATE TABLE LAKE.{table} AS SELECT * FROM VALUES (1), (2) AS t(n)")
    checked.declare("""
  LAKE.good:
    - {kind: range, column: n, min: 1}
    - {kind: unique, columns: n, severity: warn}
  LAKE.bad:
    - {name: most, kind: range, column: n, max: 1}
""")

    def rows(*options: str) -> tuple[int, str, str]:
        done = lakestead("profile", "rows", str(checked.file), *options, environment=workspace_session.env())
        return done.returncode, done.stdout, done.stderr

    code, shown, complaints = rows()
    assert (code, complaints) == (1, "")
    assert "50.00%" in shown
    assert f"set aside in main.{checked.schema}_out.bad_quarantine: 1" in shown
    code, shown, _ = rows("--table", f"main.{checked.schema}.good", "--json")
    report = json.loads(shown)
    assert (code, report["passed"], len(report["tables"])) == (0, True, 1)
    assert [result["pass_rate"] for result in report["tables"][0]["results"]] == [1.0, 1.0]

    code, _, complaints = rows("--table", "main.other.t")
    assert (code, "no checks are declared for main.other.t" in complaints) == (2, True)
    checked.declare("  LAKE.bad: [{kind: range, column: m, min: 1}]")
    code, _, complaints = rows()
    assert (code, "Available columns: ['n']" in complaints) == (2, True)


def test_rules_are_suggested_by_what_the_monitor_measured(
    checked: Checked, workspace_session: Workspace
) -> None:
    checked.sql(
        "CREATE TABLE LAKE.t AS SELECT id, concat('v', id % 3) AS kind, IF(id % 5 = 0, NULL, id / 4) AS share"
        " FROM range(60)"
    )
    table = f"main.{checked.schema}.t"
    defaults = {"profile_type": "SNAPSHOT", "output_schema_name": f"{checked.schema}_out"}
    config = {"catalog_name": "main", "profile_defaults": defaults, "monitored_tables": {table: {}}}
    checked.file.write_text(json.dumps(config))
    orchestrated = load_config(checked.file)
    run_bulk_provisioning(orchestrated, warehouse=checked.warehouse)
    wait_for_monitors(orchestrated, warehouse=checked.warehouse)
    monitors = checked.warehouse.client.quality_monitors
    refresh = monitors.run_refresh(table)
    ended = threading.Event()
    while monitors.get_refresh(table, refresh.refresh_id).end_time_ms is None:
        ended.wait(0.05)

    done = lakestead("profile", "suggest", table, str(checked.file), environment=workspace_session.env())
    suggested = yaml.safe_load(done.stdout)
    assert suggested["checks"][table] == [
        {"kind": "not_null", "columns": ["id", "kind"]},
        {"kind": "unique", "columns": "id"},
        {"kind": "set", "column": "kind", "values": ["v0", "v1", "v2"]},
        {"kind": "range", "column": "share", "min": 0.25, "max": 14.75},
    ]
    checked.file.write_text(yaml.safe_dump({**config, **suggested}))
    done = lakestead("profile", "rows", str(checked.file), environment=workspace_session.env())
    assert done.returncode == 0
    monitors.delete(table)
