"""One run of `lakestead ingest`'s jobs in a process of its own: `python -m benchmarks.ingest.jobs FOLDER`.

It prints the seconds and the most memory that the process had, as JSON; importing does not count.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from benchmarks.servers.process import Memory
from lakestead.ingest import IngestionOrchestrator


def main() -> None:
    """Run the jobs of a folder."""
    folder = Path(sys.argv[1])
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
