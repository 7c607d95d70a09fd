"""Exit codes of the `lakestead` command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended. `lakestead exec` returns its program's own code instead."""

    DONE = 0
    FAILED = 1  # the workspace refused something, or a check found a difference
    USAGE = 2  # the command line or a declaration is wrong
    LOCKED = 3  # another server has the workspace's folder
    MISSING = 4  # an optional part is not installed
    NOT_EXECUTABLE = 126  # exec: the program cannot be run
    NOT_FOUND = 127  # exec: there is no such program
    SIGNALLED = 128  # exec: plus the number of the signal that ended the program
