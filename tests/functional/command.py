"""The `lakestead` command, run in the process of the tests: what it imports is imported once.

It is the command's own entry point, with its own arguments, folder, environment and outputs. Where it is the
process that matters (signals, a lifeline, the log of a fresh start), tests start one.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from lakestead.cli import main

# Nothing of the machine's own configuration.
_FOREIGN = ("DATABRICKS_", "DLT_", "OTEL_", "GENOPS_")


def lakestead(
    *arguments: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run `lakestead` with these arguments, as in a shell of its own.

    Args:
        arguments: after the command's name.
        folder: the working folder.
        environment: variables beside those of the tests, of which those that name a workspace are taken away.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    with (
        patch.dict(os.environ, {**kept, "COLUMNS": "200", **(environment or {})}, clear=True),
        patch.object(sys, "argv", ["lakestead", *arguments]),
        chdir(folder or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return CompletedProcess(list(arguments), int(code or 0), out.getvalue(), err.getvalue())
