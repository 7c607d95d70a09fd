"""`python -m benchmarks [NAMES] [--quick] [--markdown] [--update FILE]`."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks import report
from benchmarks.harness import Group, Size
from benchmarks.machine import load, machine
from benchmarks.measures import (
    audit,
    checks,
    costs,
    fetch,
    ingest,
    lineage,
    lineage_graph,
    pii,
    profile,
    provisioning,
    records,
    select_one,
    startup,
    telemetry,
    tpch,
)

RESULTS = Path(__file__).parent / "results.json"
MEASURES: dict[str, Callable[[Size], list[Group]]] = {
    "audit": audit.run,
    "checks": checks.run,
    "costs": costs.run,
    "startup": startup.run,
    "select_one": select_one.run,
    "fetch": fetch.run,
    "ingest": ingest.run,
    "tpch": tpch.run,
    "records": records.run,
    "lineage": lineage.run,
    "lineage_graph": lineage_graph.run,
    "pii": pii.run,
    "profile": profile.run,
    "provisioning": provisioning.run,
    "telemetry": telemetry.run,
}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure lakestead beside the bare engine and minilake."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"some of {', '.join(MEASURES)}; all by default"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything works")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument(
        "--update", type=Path, metavar="FILE", help="put the figures between a document's markers"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(MEASURES)
    if unknown:
        parser.error(f"no measure is named {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")

    # minilake has no host metadata, and the SDK warns of it each time.
    logging.getLogger("databricks.sdk").setLevel(logging.ERROR)
    console = Console(stderr=True, highlight=False)
    console.print(
        f"{machine()}\n{load():.1f} processes wanted a processor in the last minute: none is best.\n"
    )
    groups: list[Group] = []
    for name in arguments.names or MEASURES:
        console.print(f"{name} …", style="dim")
        measured = MEASURES[name](Size(arguments.quick))
        report.show(measured, console)
        groups += measured
    report.save(groups, RESULTS, quick=arguments.quick)
    if arguments.markdown:
        print(report.markdown(groups))
    if arguments.update:
        report.update(arguments.update, groups)


if __name__ == "__main__":
    main()
