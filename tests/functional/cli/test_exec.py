"""`lakestead exec`: a workspace around any program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 120  # seconds; only a hang takes as long
EXEC = [sys.executable, "-m", "lakestead.cli", "exec"]


def execute(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*EXEC, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def test_a_program_finds_the_workspace_and_no_other(tmp_path: Path) -> None:
    program = (
        "import os; from databricks.sdk import WorkspaceClient as W;"
        "print(W().current_user.me().active, W().warehouses.get(os.environ['DATABRICKS_WAREHOUSE_ID']).id"
        " == os.environ['DATABRICKS_WAREHOUSE_ID'], 'DATABRICKS_ACCOUNT_ID' in os.environ)"
    )
    done = execute("--", sys.executable, "-c", program, DATABRICKS_ACCOUNT_ID="other", TMPDIR=str(tmp_path))
    assert done.stdout == "True True False\n", done.stderr
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == [], "the temporary workspace is removed"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["sh", "-c", "exit 42"], 42),
        (["sh", "-c", "kill -KILL $$"], 128 + signal.SIGKILL),
        (["there-is-no-such-program"], 127),
        (["/"], 126),
    ],
)
def test_the_programs_exit_code_is_returned(command: list[str], code: int) -> None:
    done = execute("--", *command)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_signals_are_passed_on() -> None:
    program = """
import signal, sys
def end(number, frame):
    sys.exit(40 + number)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, end)
print("ready", flush=True)
while True:
    signal.pause()
"""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        command = [*EXEC, "--", sys.executable, "-c", program]
        # A session of its own has no terminal, which would send SIGINT to the program too.
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as outer:
            assert outer.stdout is not None
            assert outer.stdout.readline() == "ready\n"
            outer.send_signal(number)
            assert outer.wait(timeout=LIMIT) == 40 + number


def test_a_folder_that_is_kept(tmp_path: Path) -> None:
    program = (
        "import sys; from lakestead.client import Profile\n"
        "with Profile().sql_connection() as c, c.cursor() as cursor:\n"
        "    cursor.execute(sys.argv[1]); print(cursor.fetchall())"
    )
    command = ["--path", str(tmp_path / "ws"), "--", sys.executable, "-c", program]
    first = execute(*command, "CREATE TABLE main.default.kept AS SELECT 5 AS x")
    assert first.returncode == 0, first.stderr
    second = execute(*command, "SELECT x FROM main.default.kept")
    assert second.stdout == "[Row(x=5)]\n", second.stderr
