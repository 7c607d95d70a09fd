"""Whole programs: instrumented without a line, by one line, by both, and what becomes of their providers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lakestead.telemetry.attributes import SPAN_PREFIX
from lakestead.testing import Workspace
from tests.servers.otlp import Collector, attributes, collector

PROGRAM = """
from databricks.sdk import WorkspaceClient
from lakestead.client import Profile

list(WorkspaceClient().catalogs.list())
with Profile().sql_connection() as connection, connection.cursor() as cursor:
    print(cursor.execute("SELECT 41 + 1 AS n").fetchone()[0])
"""
ONE_LINE = "from lakestead.telemetry import auto_instrument_databricks; auto_instrument_databricks()\n"
LIMIT = 120  # seconds; only a hang takes as long


@pytest.fixture(scope="module")
def receiving() -> Iterator[Collector]:
    with collector() as running:
        yield running


def run(folder: Path, text: str, *before: str, **environment: str) -> str:
    """Run a program and return what it prints."""
    program = folder / "program.py"
    program.write_text(text, encoding="utf-8")
    scripts = Path(sys.executable).parent
    command = [str(scripts / before[0]), *before[1:]] if before else []
    done = subprocess.run(
        [*command, sys.executable, str(program)],
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sent(receiving: Collector, name: str) -> list[dict[str, Any]]:
    """Return the spans of a service."""
    return [
        span
        for request in receiving.received()
        for resource in request.get("resourceSpans", ())
        if attributes(resource["resource"])["service.name"] == name
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


@pytest.mark.parametrize(
    ("name", "text", "before"),
    [
        ("no-line", PROGRAM, ("opentelemetry-instrument",)),
        ("one-line", ONE_LINE + PROGRAM, ()),
        ("both", ONE_LINE + PROGRAM, ("opentelemetry-instrument",)),
    ],
)
def test_a_program_is_instrumented_once(
    name: str,
    text: str,
    before: tuple[str, ...],
    receiving: Collector,
    workspace_session: Workspace,
    tmp_path: Path,
) -> None:
    printed = run(
        tmp_path,
        text,
        *before,
        **workspace_session.env(),
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiving.grpc_port}",
        OTEL_SERVICE_NAME=name,
        GENOPS_TEAM="data",
    )
    assert printed == "42\n"
    names = sorted(span["name"].removeprefix(SPAN_PREFIX) for span in sent(receiving, name))
    assert names == ["catalog.list", "sql_warehouse.query"]
    assert all(attributes(span)["genops.team"] == "data" for span in sent(receiving, name))


def test_a_programs_own_provider_is_used_and_not_replaced(
    tmp_path: Path, workspace_session: Workspace
) -> None:
    text = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

own = TracerProvider()
own.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=lambda span: span.name + "\\n")))
trace.set_tracer_provider(own)
"""
    printed = run(
        tmp_path,
        text + ONE_LINE + PROGRAM + "assert trace.get_tracer_provider() is own",
        **workspace_session.env(),
    )
    assert printed.splitlines() == [
        "genops.databricks.unity_catalog.catalog.list",
        "genops.databricks.unity_catalog.sql_warehouse.query",
        "42",
    ]


def test_ours_goes_on_after_it_was_taken_away_and_installed_again(
    tmp_path: Path, workspace_session: Workspace
) -> None:
    text = """
from lakestead.telemetry import auto_instrument_databricks, uninstrument

auto_instrument_databricks(export_traces_to_console=True)
uninstrument()
auto_instrument_databricks()
"""
    printed = run(tmp_path, text + PROGRAM, **workspace_session.env())
    assert printed.count('"name": "genops.databricks.unity_catalog.catalog.list"') == 1


def test_arguments_are_above_the_context_and_that_above_the_environment(tmp_path: Path) -> None:
    text = """
import json
from lakestead.telemetry import attribution, instrument_databricks_unity_catalog

adapter = instrument_databricks_unity_catalog()
with attribution(team="context", project="context"):
    operation = adapter.track_catalog_operation("read", "main", team="argument")
print(json.dumps([operation.attributes[f"genops.{name}"] for name in ("team", "project", "cost_center")]))
"""
    environment = dict.fromkeys(("GENOPS_TEAM", "GENOPS_PROJECT", "GENOPS_COST_CENTER"), "environment")
    assert json.loads(run(tmp_path, text, **environment)) == ["argument", "context", "environment"]
