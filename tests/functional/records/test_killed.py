"""Programs that are killed while they write, and programs that write more than they could hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from lakestead.records import DatabricksConnector
from lakestead.testing import Workspace

LIMIT = 300  # seconds; only a hang takes as long

ENDLESS = """
import itertools, sys
from lakestead.records import DatabricksConnector

def rows():
    for number in itertools.count():
        if number == 200_000:
            print("many", flush=True)
        yield {"id": number, "name": f"name {number:060}"}

connector = DatabricksConnector(schema=sys.argv[1])
connector.write_records(rows(), "people")
"""

TWO_MILLION = """
import resource, sys
from lakestead.records import DatabricksConnector

connector = DatabricksConnector(schema=sys.argv[1])
connector.write_records(({"id": n, "name": f"n{n}"} for n in range(20_000)), "people")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = ({"id": n, "name": f"name {n}", "age": n % 100} for n in range(2_000_000))
done = connector.write_records(rows, "people")
seen = sum(len(batch) for batch in connector.read_batches("people"))
connector.close()
print(int(done), seen, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def start(workspace: Workspace, schema: str, text: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", text, schema],
        env={**os.environ, **workspace.env()},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_killed_program_leaves_nothing_half_written(
    workspace_session: Workspace, connector: DatabricksConnector, people: str, schema: str
) -> None:
    with start(workspace_session, schema, ENDLESS) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "many\n"
        program.send_signal(signal.SIGKILL)
        program.wait(LIMIT)
    assert len(connector.read_records(people)) == 2
    assert [one["operation"] for one in connector.history(people)] == ["WRITE", "CREATE TABLE"]
    # Its files are in nobody's way, and are swept when they are a day old.
    connector.write_records(({"id": number} for number in range(20_000)), people)
    assert connector.read_records(f"SELECT count(*) AS n FROM {people}") == [{"n": 20_002}]


@pytest.mark.slow
def test_two_million_records_take_little_memory(
    workspace_session: Workspace, connector: DatabricksConnector, people: str, schema: str
) -> None:
    with start(workspace_session, schema, TWO_MILLION) as program:
        output, _ = program.communicate(timeout=LIMIT)
    written, seen, megabytes = map(int, output.split())
    assert (written, seen) == (2_000_000, 2_020_002)
    assert megabytes < 250
    assert connector.read_records(f"SELECT count(DISTINCT id) AS n FROM {people}") == [{"n": 2_000_000}]
