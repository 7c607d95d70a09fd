"""The upkeep of Delta tables: statements of their history, layout and old files."""

from __future__ import annotations

from collections.abc import Sequence

from lakestead.core.names import quote, quote_name, split_name


def history(table: str, limit: int | None) -> str:
    """Return the statement that lists a table's versions, the newest first."""
    return f"DESCRIBE HISTORY {_name(table)}" + (f" LIMIT {int(limit)}" if limit is not None else "")


def optimize(table: str, zorder_by: Sequence[str] | str | None, where: str | None) -> str:
    """Return the statement that rewrites a table's small files.

    Args:
        table: its name.
        zorder_by: columns that rows are then near each other by.
        where: partitions only.
    """
    columns = [zorder_by] if isinstance(zorder_by, str) else list(zorder_by or ())
    predicate = f" WHERE {where}" if where else ""
    order = f" ZORDER BY ({', '.join(map(quote, columns))})" if columns else ""
    return f"OPTIMIZE {_name(table)}{predicate}{order}"


def vacuum(table: str, retention_hours: float, *, dry_run: bool) -> str:
    """Return the statement that removes files that no version of the last hours needs."""
    if not retention_hours >= 0:
        raise ValueError(f"retention_hours is a number of hours, not {retention_hours!r}")
    return f"VACUUM {_name(table)} RETAIN {retention_hours:g} HOURS" + (" DRY RUN" if dry_run else "")


def _name(table: str) -> str:
    return quote_name(*split_name(table))
