"""Where a command writes: what it gives to standard output, what it says about it to standard error."""

from __future__ import annotations

import json
import sys
from typing import Any


def give(text: str) -> None:
    """Write a line to standard output at once, also when it is a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def give_json(value: Any) -> None:
    """Write a value as one line of JSON."""
    give(json.dumps(value))


def complain(problem: object) -> None:
    """Write a problem to standard error."""
    sys.stderr.write(f"lakestead: {problem}\n")
