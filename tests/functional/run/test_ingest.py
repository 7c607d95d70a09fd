"""A project's jobs and services: tables are filled from files, a database and an API."""

from __future__ import annotations

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError, SourceError
from lakestead.run.ingestion import JobsFailed

from .conftest import Shop

LIMIT = 120  # seconds; only a hang takes as long

PROJECT = """\
name: shop
schema: {schema}
services: [web.py]
ingest:
  defaults: {{strategy: mirror, retries: 0}}
  jobs:
  - source_type: filesystem
    source_name: crm
    table_name: customers
    path: files/customers*.csv
    primary_key: [id]
  - source_type: sqlite
    source_name: till
    table_name: orders
    load_type: INCREMENTAL
    strategy: merge
    watermark_column: id
  - source_type: api
    source_name: web
    table_name: visits
    api_endpoint: visits
    primary_key: [id]
tables:
  customers:
    comment: Who buys
    primary_key: [id]
    columns:
      id: {{type: int, comment: Number}}
      name: {{type: string, required: true, tags: {{pii: name}}}}
      city: string
  orders:
    primary_key: [id]
    foreign_keys: [{{columns: [customer], references: customers}}]
    columns: {{id: int, customer: int, amount: "decimal(10,2)"}}
statements: [derive.sql]
"""

# Serves visits.json. A fifo that it has written to has an end when the service has one.
SERVICE = """\
import os, sys, threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

if os.path.exists("alive"):
    alive = open("alive", "w")
    print("begun", file=alive, flush=True)

class Web(SimpleHTTPRequestHandler):
    extensions_map = {"": "application/json"}
    def log_message(self, *_):
        pass

with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("what is no variable is passed over")
    print(f"DLT_WEB_BASE_URL=http://127.0.0.1:{server.server_port}")
    print("DLT_TILL_PATH=" + os.path.abspath("till.db"))
    print("ready")
    sys.stdin.read()
    server.shutdown()
"""

DERIVED = """\
-- name: spent
-- table: spent
CREATE OR REPLACE TABLE spent AS
SELECT c.name, sum(o.amount) AS amount, (SELECT count(*) FROM visits AS v WHERE v.customer = c.id) AS visits
FROM customers AS c JOIN orders AS o ON o.customer = c.id GROUP BY c.id, c.name
"""

TABLES = ["create table customers", "tag customers.name", "create table orders"]
JOBS = [
    "ingest customers from filesystem crm",
    "ingest orders from sqlite till",
    "ingest visits from api web",
]
DERIVE = "derive spent (spent)"


def sell(shop: Shop, *rows: tuple[int, int, str]) -> None:
    """Add orders to the till."""
    with sqlite3.connect(shop.folder / "till.db") as till:
        till.execute(
            "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer INT, amount NUMERIC)"
        )
        till.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)
    till.close()


@pytest.fixture
def fed(shop: Shop) -> Shop:
    """A project whose tables are filled by jobs; it has not run yet."""
    shop.write("lakestead.yaml", PROJECT.format(schema=shop.schema))
    shop.write("web.py", SERVICE)
    shop.write("derive.sql", DERIVED)
    shop.write("visits", json.dumps([{"id": 1, "customer": 1}, {"id": 2, "customer": 1}]))
    sell(shop, (10, 1, "25.00"), (11, 1, "14.50"), (12, 2, "5.25"))
    return shop


def test_a_first_run_fills_everything_and_a_second_changes_nothing(fed: Shop) -> None:
    first = fed.run()
    assert [step.title for step in first.steps] == [f"create schema {fed.schema}", *TABLES, *JOBS, DERIVE]
    assert {step.title: step.rows for step in first.steps}[JOBS[1]] == 3
    assert fed.rows("SELECT * FROM spent ORDER BY name") == [
        ("Ada", Decimal("39.50"), 2),
        ("Grace", Decimal("5.25"), 0),
    ]
    names = [table.name.rpartition(".")[2] for table in first.tables]
    assert names == ["customers", "orders", "visits", "spent"]
    second = fed.run()
    assert not second.changed
    assert second.tables == first.tables
    assert [title.partition(":")[0] for title in fed.preview()] == JOBS
    assert fed.preview()[1] == f"{JOBS[1]}: merge, id ≥ 12"


def test_only_what_is_new_is_loaded_and_what_is_derived_follows(fed: Shop) -> None:
    fed.run()
    sell(fed, (13, 2, "1.00"))
    second = fed.run()
    assert [(step.title, step.rows) for step in second.steps] == [(JOBS[1], 1), (DERIVE, None)]
    fed.write("files/customers.csv", "id,name,city\n1,Ada,London\n2,Grace,Arlington\n")
    assert fed.titles() == [JOBS[0], DERIVE]
    assert fed.rows("SELECT city FROM customers WHERE id = 2") == [("Arlington",)]


def test_a_table_keeps_what_is_declared(fed: Shop) -> None:
    fed.run()
    customers = fed.workspace.client().tables.get(f"main.{fed.schema}.customers")
    assert customers.comment == "Who buys"
    assert [(c.name, c.type_text, c.nullable, c.comment) for c in customers.columns or []] == [
        ("id", "int", False, "Number"),
        ("name", "string", False, None),
        ("city", "string", True, None),
    ]
    orders = fed.workspace.client().tables.get(f"main.{fed.schema}.orders")
    assert [c.type_text for c in orders.columns or []] == ["int", "int", "decimal(10,2)"]
    assert len(orders.table_constraints or []) == 2


def test_a_table_that_was_dropped_is_filled_anew(fed: Shop) -> None:
    fed.run()
    fed.rows("DROP TABLE orders")
    assert fed.titles() == ["create table orders", JOBS[1], DERIVE]
    assert fed.rows("SELECT count(*) FROM orders") == [(3,)]


def test_a_job_that_fails_keeps_the_others_running(fed: Shop) -> None:
    fed.write("files/customers.csv", "id,name,city\none,Ada,London\n")
    with pytest.raises(JobsFailed, match=r"crm\.customers: .*one"):
        fed.run()
    assert fed.rows("SELECT count(*) FROM orders") == [(3,)]
    with pytest.raises(Exception, match="TABLE_OR_VIEW_NOT_FOUND"):
        fed.rows("SELECT * FROM spent")
    fed.write("files/customers.csv", "id,name,city\n1,Ada,London\n2,Grace,\n")
    assert fed.titles() == [JOBS[0], DERIVE]


def test_jobs_in_a_file_of_their_own(fed: Shop) -> None:
    text = (fed.folder / "lakestead.yaml").read_text(encoding="utf-8")
    before, _, rest = text.partition("ingest:\n")
    jobs, _, after = rest.partition("tables:\n")
    fed.write("jobs/all.yaml", "\n".join(line.removeprefix("  ") for line in jobs.splitlines()))
    fed.write("lakestead.yaml", f"{before}ingest: jobs/all.yaml\ntables:\n{after}")
    assert set(JOBS) < set(fed.titles())
    assert fed.titles() == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("    strategy: merge", "    strategy: marge", r"lakestead\.yaml:16:15: strategy 'marge': .*merge"),
        (
            "    api_endpoint: visits\n    primary_key: [id]\n",
            "",
            r"lakestead\.yaml:18:5: primary_key: is needed",
        ),
        ("  jobs:", "  job:", r"lakestead\.yaml:6:3: unknown key 'job'; did you mean 'jobs'"),
        ("services: [web.py]", "services: [wab.py]", r"the project's service .*wab\.py does not exist"),
    ],
)
def test_a_declaration_that_is_wrong(fed: Shop, before: str, after: str, message: str) -> None:
    fed.edit("lakestead.yaml", before, after)
    with pytest.raises(ConfigError, match=message):
        fed.run()


def test_services_without_jobs_are_a_mistake(shop: Shop) -> None:
    shop.edit("lakestead.yaml", "stage: files", "stage: files\nservices: [web.py]")
    with pytest.raises(ConfigError, match="'services' are for 'ingest', which is missing"):
        shop.run()


def test_a_service_that_ends_too_early_says_why(fed: Shop) -> None:
    fed.write("web.py", "raise SystemExit('no disk today')")
    with pytest.raises(
        SourceError, match=r"web\.py ended \(exit code 1\) before it was ready:\nno disk today"
    ):
        fed.run()


@pytest.mark.slow
def test_a_service_that_does_not_end_is_ended_with_all_that_it_started(fed: Shop) -> None:
    stubborn = """
    import subprocess
    subprocess.Popen(["sleep", "1000"], pass_fds=[alive.fileno()])
    threading.Event().wait()"""
    fed.edit("web.py", "    server.shutdown()", stubborn)
    with fifo(fed.folder / "alive") as alive:
        fed.run()
        assert heard(alive) == b"begun\n"
        assert heard(alive) == b""


@pytest.mark.slow
def test_commands_in_the_project_folder_mean_its_jobs(fed: Shop) -> None:
    assert "3 of 3 jobs are enabled" in lakestead(fed.folder, "ingest", "check")
    assert "DLT_WEB_BASE_URL" in lakestead(fed.folder, "ingest", "secrets")
    planned = json.loads(lakestead(fed.folder, "ingest", "plan", "--json"))
    assert [job["target"] for job in planned] == [
        f"main.{fed.schema}.{name}" for name in ("customers", "orders", "visits")
    ]
    done = json.loads(lakestead(fed.folder, "ingest", "run", "--json"))
    assert [job["status"] for job in done["jobs"]] == ["loaded"] * 3
    after = json.loads(lakestead(fed.folder, "run", "--json"))
    assert [step["title"] for step in after["steps"]] == [DERIVE]


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_ends_early_leaves_no_service_behind(fed: Shop, ending: signal.Signals) -> None:
    # The service is never ready: the run waits for it.
    fed.edit("web.py", '    print("ready")\n', "")
    command = [sys.executable, "-m", "lakestead.cli", "run", str(fed.folder)]
    with fifo(fed.folder / "alive") as alive, (fed.folder / "said").open("w+") as said:
        # A shell's background job, which these tests may be, ignores Ctrl-C, and so would its children.
        running = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, preexec_fn=interruptible)
        try:
            assert heard(alive) == b"begun\n", (fed.folder / "said").read_text()
            running.send_signal(ending)
            assert heard(alive) == b""
            running.wait(LIMIT)
        finally:
            running.kill()
            running.wait(LIMIT)


def interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def fifo(path: Path) -> Iterator[int]:
    """Make a fifo and open it for reading; nobody has written to it yet."""
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def heard(descriptor: int) -> bytes | None:
    """Wait for what is written to a fifo; nothing when its writers have ended, None when none comes."""
    return os.read(descriptor, 1000) if select.select([descriptor], [], [], LIMIT)[0] else None


def lakestead(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lakestead.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
