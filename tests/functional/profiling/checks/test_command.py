"""`lakestead profile rows` and `run_checks` by the environment."""

from __future__ import annotations

import json

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
