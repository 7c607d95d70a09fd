"""The peers' environment, and runs in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from benchmarks.environments import NotThere, installed

# ingestr wants its own versions of what the others use; from 1 on it is a program that it downloads itself.
_OWN = {"ingestr": ("ingestr<1",)}
_PACKAGES = (
    "connectorx",
    "dlt[filesystem,sql_database,deltalake,parquet]==1.31.*",
    "pandas",
    "psycopg2-binary",
    "sqlalchemy>=2",
    "duckdb==1.5.5",
    "duckdb-extension-postgres==1.5.5",
    "deltalake==1.6.*",
)
_LIMIT = 3600


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        seconds: its duration.
        peak: the most resident memory of its process, MB; None where that is not known.
    """

    seconds: float
    peak: float | None


def peer(name: str, **given: Any) -> Measured:
    """Run a peer once.

    Raises:
        NotThere: it cannot be installed, or fails.
    """
    python = installed(name if name in _OWN else "ingest-peers", _OWN.get(name, _PACKAGES))
    script = Path(__file__).with_name("peers.py")
    return _measured([str(python), str(script), name, json.dumps(given)], {})


def jobs(folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run the jobs of a folder once.

    Raises:
        NotThere: they fail.
    """
    return _measured([sys.executable, "-m", "benchmarks.ingest.jobs", str(folder)], environment)


def job_folder(folder: Path, job: Mapping[str, Any], secrets: Mapping[str, Any]) -> Path:
    """Return a folder with one job and its source's secrets."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs.yaml").write_text(yaml.safe_dump({"jobs": [{"source_name": "bench", **job}]}))
    lines = [f"{key} = {json.dumps(value)}" for key, value in secrets.items()]
    path = folder / "secrets.toml"
    path.write_text("\n".join(["[sources.bench]", *lines]) + "\n")
    path.chmod(0o600)
    return folder


def extension(name: str) -> Path:
    """Return DuckDB's extension from its wheel, under the name that DuckDB wants."""
    spec = find_spec(f"duckdb_extension_{name}")
    assert spec is not None
    assert spec.origin is not None
    (found,) = Path(spec.origin).parent.rglob(f"{name}.duckdb_extension")
    link = Path(mkdtemp(prefix="duckdb-")) / f"{name}_scanner.duckdb_extension"
    link.symlink_to(found)
    return link


def _measured(command: list[str], environment: Mapping[str, str]) -> Measured:
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT,
    )
    if done.returncode:
        # Not the command itself, which has a password.
        said = (done.stderr or done.stdout).strip().splitlines()[-1].partition(": Command '")[0]
        raise NotThere(f"failed: {said[:200]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Measured(found["seconds"], found["peak"])
