"""One run of `lakestead ingest`'s jobs in a process of its own: `python -m benchmarks.ingest.jobs FOLDER`.

It prints the seconds and the most memory that the process had, as JSON; importing does not count.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.servers.process import Memory
from lakestead.ingest import IngestionOrchestrator

# What is otherwise imported when it is first needed. pyarrow looks for pandas when it makes its first array.
_NEEDED = ("databricks.sdk", "databricks.sql", "duckdb", "pandas", "pyarrow.compute", "pyarrow.parquet")


def main() -> None:
    """Run the jobs of a folder."""
    folder = Path(sys.argv[1])
    for module in _NEEDED:
        import_module(module)
    start = time.perf_counter()
    orchestrator = IngestionOrchestrator(folder / "jobs.yaml", folder / "secrets.toml", folder=folder)
    try:
        report = orchestrator.run()
    finally:
        orchestrator.close()
    seconds = time.perf_counter() - start
    if report.failed:
        raise SystemExit(report.failed[0].error)
    found = {"seconds": seconds, "peak": Memory(os.getpid()).peak()}
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
