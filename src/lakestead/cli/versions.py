"""`lakestead version`: what is installed."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version

from lakestead.cli.output import give, give_json

_PARTS = (
    "lakestead",
    "databricks-sdk",
    "databricks-sql-connector",
    "pyarrow",
    "pysail",
    "deltalake",
    "sqlglot",
)


def version(*, as_json: bool) -> None:
    """Print the versions of lakestead and of the parts whose versions matter.

    Args:
        as_json: print a JSON object, with null for what is not installed.
    """
    versions = {part: _version(part) for part in _PARTS}
    versions["python"] = platform.python_version()
    if as_json:
        give_json(versions)
        return
    for part, number in versions.items():
        give(f"{part} {number or '(not installed)'}")


def _version(part: str) -> str | None:
    try:
        return installed_version(part)
    except PackageNotFoundError:
        return None
