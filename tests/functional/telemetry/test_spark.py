"""Statements of Spark Connect's client, instrumented when it is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import warnings

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lakestead.telemetry import auto_instrument_databricks, uninstrument

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
auto_instrument_databricks(tracer_provider=provider)

from pysail.spark import SparkConnectServer
from pyspark.sql.connect.session import SparkSession

server = SparkConnectServer()
server.start()
_, port = server.listening_address
session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()
print(session.sql("SELECT 41 + 1 AS n").toArrow().to_pylist())
(span,) = exporter.get_finished_spans()
print(span.name, span.attributes["db.query.text"], span.attributes["server.address"])
uninstrument()
session.sql("SELECT 1")
print(len(exporter.get_finished_spans()))
session.stop()
server.stop()
"""


def test_sql_of_a_session_is_a_span(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "[{'n': 42}]",
        "genops.databricks.unity_catalog.sql_warehouse.query SELECT ? + ? AS n 127.0.0.1",
        "1",
    ]
