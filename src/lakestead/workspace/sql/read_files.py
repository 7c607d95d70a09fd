"""Files read in queries: read_files('…') and paths in the place of a table's name."""

from __future__ import annotations

from sqlglot import exp

from lakestead.workspace.errors import unsupported
from lakestead.workspace.sql.context import Context

_FORMATS = frozenset({"delta", "parquet", "csv", "json", "text", "binaryfile"})


def is_path(form: str, name: str) -> bool:
    """Return whether a two-part name is a format and a path, such as ``csv.`/Volumes/…```."""
    return form in _FORMATS and "/" in name


def path_relation(ctx: Context, form: str, path: str) -> str:
    """Return the engine's name of files given by format and path."""
    raise unsupported(f"{form}.`{path}`")


def register(ctx: Context, call: exp.Expr) -> str:
    """Return the engine's name of the files that a read_files call reads."""
    raise unsupported("read_files")
