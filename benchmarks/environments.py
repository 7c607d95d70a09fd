"""Environments for peers, whose packages are not the project's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import CACHE


class NotThere(Exception):
    """Why a peer cannot be run here."""


def installed(name: str, packages: Sequence[str]) -> Path:
    """Return the Python of an environment, which is made when it is not there.

    Args:
        name: of the environment.
        packages: what it has, as pip takes it.

    Raises:
        NotThere: it cannot be made.
    """
    folder = CACHE / name
    python = folder / "bin" / "python"
    if (folder / ".installed").exists():
        return python
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", *packages],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotThere(f"cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    (folder / ".installed").touch()
    return python
