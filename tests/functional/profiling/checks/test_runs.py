"""Runs again, at once, interrupted, of part of the rows, and where something is not allowed."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lakestead.client import Warehouse
from lakestead.profiling.checks.running import run_checks
from lakestead.testing import Workspace
from tests.functional.profiling.checks.conftest import Checked

_RULES = """
  LAKE.t:
    - {name: positive, kind: range, column: n, min: 0}
    - {name: distinct, kind: unique, columns: n}
"""
_SINCE = """
  LAKE.t:
    since: at
    quarantine_days: 30
    rules:
      - {name: positive, kind: range, column: v, min: 0}
      - {name: distinct, kind: unique, columns: v}
"""


def test_a_run_takes_the_place_of_the_one_before(checked: Checked) -> None:
    checked.sql("CREATE TABLE LAKE.t AS SELECT * FROM VALUES (1), (-1), (-2) AS t(n)")
    first = checked.run(_RULES)
    assert set(checked.quarantined()) == {-1, -2}

    checked.sql("DELETE FROM LAKE.t WHERE n = -2", "INSERT INTO LAKE.t VALUES (-3)")
    for _ in range(2):
        second = checked.run(_RULES, run_id="again")
        assert set(checked.quarantined()) == {-1, -3}
    assert second.tables[0].quarantined == 2
    runs = checked.history("run_id, check_name, failed_count, source_version")
    version = first.tables[0].source_version
    assert version is not None
    assert runs == [
        (first.run_id, "distinct", 0, version),
        (first.run_id, "positive", 2, version),
        ("again", "distinct", 0, version + 2),
        ("again", "positive", 2, version + 2),
    ]

    checked.sql("DELETE FROM LAKE.t WHERE n < 0")
    clean = checked.run(_RULES)
    assert clean.passed
    assert checked.quarantined() == {}
    assert clean.tables[0].quarantined == 0


def test_the_quarantine_follows_the_columns_of_its_source(checked: Checked) -> None:
    checked.sql("CREATE TABLE LAKE.t AS SELECT * FROM VALUES (1, 'a'), (-1, 'b') AS t(n, gone)")
    checked.run(_RULES)
    checked.sql("CREATE OR REPLACE TABLE LAKE.t AS SELECT -5 AS n, array(1) AS `née``'s`")
    assert checked.run(_RULES).tables[0].problem is None
    (row,) = checked.sql("SELECT * FROM LAKE_out.t_quarantine")
    assert (row["n"], row["née`'s"], row["gone"]) == (-5, [1], None)

    checked.sql("CREATE OR REPLACE TABLE LAKE.t AS SELECT -7000000000 AS n")
    assert checked.run(_RULES).tables[0].problem is None
    assert set(checked.quarantined()) == {-7000000000}


def test_only_new_rows_are_checked_against_all(checked: Checked) -> None:
    checked.sql(
        "CREATE TABLE LAKE.t (n INT, v INT, at TIMESTAMP)",
        "INSERT INTO LAKE.t VALUES (0, 1, TIMESTAMP'2026-01-01'), (1, -1, TIMESTAMP'2026-01-02')",
    )
    assert [result.rows for _, result in checked.run(_SINCE).results] == [2, 2]
    # A row like an old one, a good one, one without a time, and one whose time is yet to come.
    checked.sql(
        "INSERT INTO LAKE.t VALUES (2, 1, TIMESTAMP'2026-01-03'), (3, 5, TIMESTAMP'2026-01-03'),"
        " (4, -4, NULL), (5, -5, TIMESTAMP'2999-01-01')",
        "UPDATE LAKE_out.t_quarantine SET _checked_at = current_timestamp() - INTERVAL 29 DAYS",
    )
    second = checked.run(_SINCE)
    assert [(result.rows, result.failed) for _, result in second.results] == [(4, 2), (4, 1)]
    assert checked.quarantined() == {
        1: ["positive"],
        2: ["distinct"],
        4: ["positive"],
        5: ["positive"],
    }

    checked.sql("INSERT INTO LAKE.t VALUES (6, -6, TIMESTAMP'2026-01-04')")
    third = checked.run(_SINCE)
    assert [result.rows for _, result in third.results] == [3, 3]
    assert set(checked.quarantined()) == {1, 2, 4, 5, 6}
    # What nobody looked for before is looked for everywhere; and so it is on demand.
    more = _SINCE + "      - {name: even, kind: sql, expression: 'n % 2 = 0'}\n"
    assert [result.rows for _, result in checked.run(more).results] == [7, 7, 7]
    assert [result.rows for _, result in checked.run(_SINCE, full=True).results] == [7, 7]
    assert set(checked.quarantined()) == {0, 1, 2, 4, 5, 6}

    checked.sql("UPDATE LAKE_out.t_quarantine SET _checked_at = _checked_at - INTERVAL 31 DAYS WHERE n < 4")
    checked.run(_SINCE)
    assert set(checked.quarantined()) == {4, 5, 6}


def test_a_view_is_checked_and_its_names_may_be_anything(checked: Checked) -> None:
    checked.sql(
        "CREATE TABLE LAKE.base AS SELECT * FROM VALUES (1, 'a'), (2, 'b'), (3, NULL) AS t(n, v)",
        """CREATE VIEW LAKE.t AS
        SELECT n, n AS `select``"'`, v AS `x-y`, v AS `größe%`, n AS key_0 FROM LAKE.base""",
    )
    report = checked.run("""
  LAKE.t:
    - {name: "it's \\\\ `;--", kind: range, column: "select`\\"'", min: 2}
    - {kind: unique, columns: ["select`\\"'", key_0]}
    - {kind: set, column: x-y, values: ["'; DROP TABLE LAKE.base; --", b, "\\\\"]}
    - {kind: not_null, columns: größe%}
    - {kind: foreign_key, column: key_0, references: LAKE.base.n}
""")
    (table,) = report.tables
    assert (table.problem, table.source_version) == (None, None)
    assert [result.failed for result in table.results] == [1, 0, 1, 1, 0]
    assert checked.quarantined() == {
        1: ["it's \\ `;--", "set(x-y)"],
        3: ["not_null(größe%)"],
    }


def test_runs_at_once_beside_a_writer_each_see_one_state(checked: Checked) -> None:
    checked.sql("CREATE TABLE LAKE.t AS SELECT -1 AS n", "CREATE TABLE LAKE.u AS SELECT 1 AS n")
    config = checked.declare(_RULES + _RULES.replace("LAKE.t", "LAKE.u"))

    def write() -> None:
        for number in range(2, 16):
            checked.sql(f"INSERT INTO LAKE.t VALUES (-{number})")

    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(write)
        running = [pool.submit(run_checks, config, warehouse=checked.warehouse) for _ in range(3)]
        writing.result()
        reports = [run.result() for run in running]
    for report in reports:
        assert [table.problem for table in report.tables] == [None, None]
        positive, distinct = report.tables[0].results
        assert positive.rows == positive.failed == distinct.rows == report.tables[0].quarantined
    rows = checked.sql(
        "SELECT _run_id, count(*) AS n, count(DISTINCT n) AS d FROM LAKE_out.t_quarantine GROUP BY 1"
    )
    (last,) = rows
    counted = {report.run_id: report.tables[0].quarantined for report in reports}
    assert last["n"] == last["d"] == counted[last["_run_id"]]
    assert len(checked.history("run_id")) == 6


_PROGRAM = """
import sys
from lakestead.profiling.checks.running import run_checks
from lakestead.profiling.config import load_config
run_checks(load_config(sys.argv[1]), progress=lambda report: print(report.table, flush=True))
"""


def test_a_run_that_was_killed_leaves_nothing_that_the_next_does_not_mend(
    checked: Checked, workspace_session: Workspace
) -> None:
    names = [f"t{number}" for number in range(5)]
    for name in names:
        checked.sql(f"CREATE TABLE LAKE.{name} AS SELECT id - 50 AS n FROM range(100)")
    config = checked.declare("".join(_RULES.replace("LAKE.t", f"LAKE.{name}") for name in names))
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(checked.file)],
        env=workspace_session.env(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline()
        program.send_signal(signal.SIGKILL)
    report = run_checks(config, warehouse=checked.warehouse)
    assert [table.problem for table in report.tables] == [None] * 5
    for name in names:
        assert set(checked.quarantined(name)) == set(range(-50, 0))
        assert len(checked.history("run_id", name)) in (2, 4)


def test_what_is_not_allowed_is_told_of_its_table_and_spares_the_others(
    checked: Checked, somebody: tuple[str, Warehouse]
) -> None:
    name, theirs = somebody
    for table in ("t", "u", "mine"):
        checked.sql(f"CREATE TABLE LAKE.{table} AS SELECT -1 AS n")
    checked.sql(
        "CREATE SCHEMA LAKE_out",
        "CREATE TABLE LAKE_out.t_quarantine AS SELECT 'precious' AS n",
        f"GRANT USE SCHEMA, SELECT ON SCHEMA LAKE TO `{name}`",
        f"GRANT USE SCHEMA, SELECT, MODIFY, CREATE TABLE ON SCHEMA LAKE_out TO `{name}`",
    )
    config = checked.declare(_RULES + _RULES.replace("LAKE.t", "LAKE.u"))
    report = run_checks(config, warehouse=theirs)
    first, second = report.tables
    assert not report.passed
    assert first.problem is not None
    assert "no quarantine table" in first.problem
    assert second.problem is None
    assert checked.sql("SELECT n FROM LAKE_out.t_quarantine") == [{"n": "precious"}]
    # The results are kept.
    mine = replace(checked, warehouse=theirs)
    assert mine.history("check_name, failed_count, quarantine_table") == [
        ("distinct", 0, None),
        ("positive", 1, None),
    ]

    checked.sql(f"REVOKE CREATE TABLE ON SCHEMA LAKE_out FROM `{name}`")
    (refused,) = run_checks(checked.declare(_RULES.replace("LAKE.t", "LAKE.mine")), warehouse=theirs).tables
    assert refused.problem is not None
    assert [result.failed for result in refused.results] == [1, 0]
