"""Workspaces in processes of their own, with an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lakestead.testing import Workspace

# What the machine itself may have, and a workspace of a test must not see.
_CLOUDS = ("AWS_", "AZURE_", "AZURITE_", "GOOGLE_")


@contextmanager
def workspace_with(environment: Mapping[str, str], path: Path) -> Iterator[Workspace]:
    """Run `lakestead up` and give the workspace.

    Args:
        environment: what the server's process has beside the tests' own environment, without any cloud's.
        path: the workspace's folder; its log will be beside it, with the suffix `.log`.
    """
    plain = {key: value for key, value in os.environ.items() if not key.startswith(_CLOUDS)}
    with path.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("lakestead"), "up", str(path), "--json"],
            env=plain | dict(environment),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.readline()
        assert said, "the workspace did not start"
        known = json.loads(said)
        try:
            yield Workspace(known["host"], known["token"], known["warehouse_id"], known["http_path"])
        finally:
            process.terminate()
            assert process.wait(60) == 0
