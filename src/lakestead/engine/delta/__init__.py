"""Delta tables: made, written, changed and kept without the engine's SQL.

Functions take a table's location and work on its newest version; none takes a lock. A caller that writes
holds the table with :class:`Locks` and wraps what can meet writers outside the process in :func:`retry`.
"""

from __future__ import annotations

from .create import Definition, create
from .errors import DeltaError, DeltaErrorKind
from .history import Version, commit_metrics, history
from .locks import Locks, is_transient, retry
from .log import Commit
from .rules import Query
from .table import DeltaColumn, TableState, exists, latest_version, open_table, state
from .write import Written, write

__all__ = [
    "Commit",
    "Definition",
    "DeltaColumn",
    "DeltaError",
    "DeltaErrorKind",
    "Locks",
    "Query",
    "TableState",
    "Version",
    "Written",
    "commit_metrics",
    "create",
    "exists",
    "history",
    "is_transient",
    "latest_version",
    "open_table",
    "retry",
    "state",
    "write",
]
