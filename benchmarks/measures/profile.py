"""Profiles of a table of 16 columns, whole and by 30 days, their memory, and their drift, beside others.

The scan is the limit: DuckDB's minimum and maximum of every column. Each contender has a process of its own,
on one processor. Those that compute less than a profile of Databricks say in their note what; those that take
minutes for ten million rows are measured on fewer, beside this project's time for the same rows.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.environments import NotThere, installed
from benchmarks.harness import CACHE, Figure, Goal, Group, Size
from benchmarks.profiles.data import written

_SCRIPT = Path(__file__).parents[1] / "profiles" / "contenders.py"
_OURS = "lakestead, all metrics"
_SCAN = "DuckDB, min and max of each column"
_SLOW = {
    "whylogs": ("whylogs==1.6.4", "numpy<2", "pandas<3", "pyarrow<23", "setuptools<81"),
    "ydata": ("ydata-profiling==4.*", "pyarrow", "setuptools<81"),
    "evidently": ("evidently==0.7.23", "pandas<3", "pyarrow"),
}
_NOTES = {
    "whylogs": "sketches",
    "ydata": "ydata-profiling, minimal",
    "evidently": "data summary",
    "summarize": "3 quantiles, no frequent items",
    "polars": "3 quantiles, no distinct counts, no frequent items",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run took."""

    seconds: float
    megabytes: float


def run(size: Size) -> list[Group]:
    """Measure."""
    rows = size(10_000_000, 200_000)
    files = written(CACHE / f"profile-{rows}", rows)
    rounds = size(3, 1)
    names = ["scan", "whole", "days", "summarize", "polars"]
    found: dict[str, list[Measured]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(_measured(sys.executable, name, files))
    seconds = {name: median(one.seconds for one in runs) for name, runs in found.items()}
    memory = {name: max(one.megabytes for one in runs) for name, runs in found.items()}
    drift = median(_measured(sys.executable, "drift", files).seconds for _ in range(rounds))
    # Ten times the same files: reading does not know.
    long = _measured(sys.executable, "days", files * 10)
    title = f"Profile of {rows:,} rows × 16 columns, on one processor"
    return [
        Group(title, _times(seconds)),
        Group(
            f"{title}: memory of the process",
            [
                Figure(f"{_OURS}, whole", memory["whole"], "MB", goal=Goal(1024)),
                Figure(f"{_OURS}, by 30 days", memory["days"], "MB", goal=Goal(1024)),
                Figure(f"{_OURS}, {rows * 10:,} rows by 30 days", long.megabytes, "MB", goal=Goal(1024)),
                Figure("polars, describe", memory["polars"], "MB"),
            ],
        ),
        *(_slow(name, size) for name in _SLOW),
        Group(
            "Drift of 59 pairs of windows × 16 columns",
            [Figure(_OURS, drift, "s", goal=Goal(1.3), note="with p-values")],
        ),
    ]


def _times(seconds: dict[str, float]) -> list[Figure]:
    peer = seconds["scan"]
    figures = [Figure(_SCAN, peer, "s")]
    for name, subject, goal in (
        ("whole", f"{_OURS}, whole", Goal(3.0, of_ratio=True)),
        ("days", f"{_OURS}, by 30 days", Goal(3.5, of_ratio=True)),
        ("summarize", "DuckDB, SUMMARIZE", None),
        ("polars", "polars, describe", None),
    ):
        value = seconds[name]
        figures.append(Figure(subject, value, "s", value / peer, goal, _NOTES.get(name, "")))
    return figures


def _slow(name: str, size: Size) -> Group:
    rows = size(100_000 if name == "evidently" else 1_000_000, 20_000)
    files = written(CACHE / f"profile-{rows}", rows)
    ours = _measured(sys.executable, "whole", files).seconds
    title = f"Profile of {rows:,} rows × 16 columns, on one processor, beside {name}"
    try:
        theirs = _measured(str(installed(f"profile-{name}", _SLOW[name])), name, files).seconds
    except NotThere as error:
        return Group(title, [Figure(name, None, "s", note=str(error)), Figure(_OURS, ours, "s")])
    goal = None if name == "evidently" else Goal(0.1, of_ratio=True)
    return Group(
        title,
        [Figure(name, theirs, "s", note=_NOTES[name]), Figure(_OURS, ours, "s", ours / theirs, goal)],
    )


def _measured(python: str, name: str, files: Sequence[Path]) -> Measured:
    done = subprocess.run(
        [python, str(_SCRIPT), name, *map(str, files)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotThere(f"failed: {(done.stderr.strip().splitlines() or ['killed'])[-1][:200]}")
    return Measured(**json.loads(done.stdout.strip().splitlines()[-1]))
