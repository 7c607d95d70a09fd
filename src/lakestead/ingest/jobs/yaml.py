"""Jobs in YAML: `defaults:` and a list of `jobs:`, with the same fields as the sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from lakestead.core.config import Declaration, read_yaml

from .entry import Declared, Entry, declare


class _Jobs(Declaration):
    defaults: dict[str, Any] = Field(default_factory=dict)
    jobs: list[dict[str, Any]]


def read_jobs(path: Path, key: str | None = None) -> Declared:
    """Read the jobs of a YAML file.

    Args:
        path: the file.
        key: the one whose value has `defaults` and `jobs`; None if it is the file itself that has them.

    Raises:
        ConfigError: when the file cannot be read, or is no list of jobs. Mistakes in the jobs are findings.
    """
    document = read_yaml(path) if key is None else read_yaml(path).inside(key)
    content = document.read_as(_Jobs)
    defaults = {key: document.place("defaults", key) for key in content.defaults}
    entries = [
        Entry(
            {key: value for key, value in {**content.defaults, **job}.items() if value is not None},
            document.place("jobs", index),
            defaults | {key: document.place("jobs", index, key) for key in job},
        )
        for index, job in enumerate(content.jobs)
    ]
    declared = declare(entries)
    # What is wrong with a default is wrong with every job that has it.
    return Declared(declared.jobs, tuple(dict.fromkeys(declared.findings)), declared.entries)
