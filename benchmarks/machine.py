"""The machine and the versions that figures come from."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "lakestead",
    "pysail",
    "deltalake",
    "databricks-sql-connector",
    "databricks-sdk",
    "pyarrow",
    "duckdb",
)


def machine() -> str:
    """Return one line on the hardware and the operating system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def versions() -> dict[str, str]:
    """Return the versions of the packages that matter."""
    return {name: version(name) for name in PACKAGES}


def load() -> float:
    """Return the number of processes that want the processors, averaged over the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
