"""Python scripts of a project, run to their end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lakestead.core.errors import SourceError


def run_script(script: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a script by the Python that runs lakestead, in the project's folder.

    Args:
        script: relative to the folder.
        folder: the project's.
        environment: variables beside those that there are.

    Raises:
        SourceError: when it fails; says what it said.
    """
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SourceError(f"{script} failed (exit code {done.returncode}):\n{done.stdout.strip()}")
