"""Errors as the user sees them: a message on standard error and an exit code, no traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from lakestead.cli.exits import Exit
from lakestead.cli.output import complain
from lakestead.core.errors import ConfigError, LakesteadError, MissingExtra, WorkspaceLocked
from lakestead.core.names import InvalidName

_CODES: dict[type[Exception], Exit] = {
    ConfigError: Exit.USAGE,
    InvalidName: Exit.USAGE,
    WorkspaceLocked: Exit.LOCKED,
    MissingExtra: Exit.MISSING,
}


@contextmanager
def explained() -> Iterator[None]:
    """End the process with a message for errors that are the user's to mend. Others show all."""
    try:
        yield
    except (LakesteadError, InvalidName, OSError) as error:
        _fail(error, next((code for kind, code in _CODES.items() if isinstance(error, kind)), Exit.FAILED))


@contextmanager
def explained_refusals() -> Iterator[None]:
    """Do the same for what Databricks' clients raise, in commands that use them."""
    try:
        yield
    except _refusals() as error:
        _fail(error, Exit.FAILED)


def _refusals() -> tuple[type[Exception], ...]:
    """Return what Databricks' clients raise; importing them is slow, and waits until something was raised."""
    from databricks.sdk.errors.base import DatabricksError
    from databricks.sql.exc import Error

    return (DatabricksError, Error)


def _fail(error: Exception, code: Exit) -> NoReturn:
    complain(error)
    sys.exit(code)
