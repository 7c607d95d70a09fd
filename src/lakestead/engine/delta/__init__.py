"""Delta tables: made, written, changed and kept without the engine's SQL.

Functions take a table's location and work on its newest version; none takes a lock. A caller that writes
holds the table with :class:`Locks` and wraps what can meet writers outside the process in :func:`retry`.
"""

from __future__ import annotations

from .adopt import adopt
from .alter import (
    add_check,
    add_columns,
    drop_check,
    move_column,
    set_column_comment,
    set_comment,
    set_nullable,
    set_properties,
    unset_properties,
)
from .create import Definition, create
from .errors import DeltaError, DeltaErrorKind
from .history import Version, commit_metrics, history
from .locks import Locks, is_transient, retry
from .log import Commit
from .maintain import Filter, Optimized, Restored, optimize, restore, truncate, vacuum, version_at
from .rewrite import drop_columns, rename_column
from .rules import Query
from .table import DeltaColumn, TableState, exists, latest_version, open_table, state
from .write import Written, write

__all__ = [
    "Commit",
    "Definition",
    "DeltaColumn",
    "DeltaError",
    "DeltaErrorKind",
    "Filter",
    "Locks",
    "Optimized",
    "Query",
    "Restored",
    "TableState",
    "Version",
    "Written",
    "add_check",
    "add_columns",
    "adopt",
    "commit_metrics",
    "create",
    "drop_check",
    "drop_columns",
    "exists",
    "history",
    "is_transient",
    "latest_version",
    "move_column",
    "open_table",
    "optimize",
    "rename_column",
    "restore",
    "retry",
    "set_column_comment",
    "set_comment",
    "set_nullable",
    "set_properties",
    "state",
    "truncate",
    "unset_properties",
    "vacuum",
    "version_at",
    "write",
]
