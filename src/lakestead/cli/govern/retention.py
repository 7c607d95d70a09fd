"""`lakestead govern retention`: rows that are kept for too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakestead.cli.exits import Exit
from lakestead.cli.govern.opened import declared, opened
from lakestead.cli.output import complain, give_json
from lakestead.govern.policies.view import View
from lakestead.govern.retention.overdue import Overdue, overdue
from lakestead.govern.retention.overdue import delete as delete_rows


def retention(
    governance: Path, workspace: str | None, system: str, *, delete: bool, yes: bool, as_json: bool
) -> None:
    """Print what is overdue, and delete it if agreed to; end with `Exit.FAILED` if something is left."""
    known = declared(governance)
    with opened(workspace) as warehouse:
        view = View(warehouse, known.classification, known.retention, system)
        seen = overdue(view, known.retention, dt.datetime.now(dt.UTC))
        late = [one for one in seen if one.rows]
        if as_json:
            give_json([one.values() for one in seen])
        else:
            Console(highlight=False).print(_table(seen))
        if delete and late:
            rows = sum(one.rows or 0 for one in late)
            question = f"Delete {rows} rows of {len(late)} tables, and the files of rows deleted earlier?"
            if not yes and not typer.confirm(question, err=True):
                raise typer.Exit(Exit.FAILED)
            for one in delete_rows(warehouse, late):
                complain(f"{one.table}: {one.rows} rows deleted")
    if (late and not delete) or any(one.problem for one in seen):
        raise typer.Exit(Exit.FAILED)


def _table(seen: Sequence[Overdue]) -> Table:
    shown = Table(title=f"{len(seen)} tables")
    for name in ("table", "entry", "kept since"):
        shown.add_column(name, overflow="fold")
    shown.add_column("overdue rows", justify="right")
    shown.add_column("oldest", overflow="fold")
    for one in seen:
        rows = f"[yellow]{escape(one.problem)}[/]" if one.problem else f"{one.rows:,}"
        oldest = "" if one.oldest is None else f"{one.oldest:%Y-%m-%d}"
        shown.add_row(escape(one.table), escape(one.entry), f"{one.before:%Y-%m-%d}", rows, oldest)
    return shown
