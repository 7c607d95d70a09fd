"""`lakestead profile explain`: why a table's columns drifted."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lakestead.cli.output import give, give_json
from lakestead.cli.profile.opened import opened
from lakestead.core.errors import ConfigError
from lakestead.profiling.explain import Explanation, explain_table


def explain(
    table: str,
    path: Path,
    workspace: str | None,
    column: str | None,
    window: str | None,
    slice_value: str | None,
    most: int,
    *,
    as_json: bool,
) -> None:
    """Print explanations of drift, the largest first.

    Args:
        table: the monitored table's full name.
        path: the configuration.
        workspace: a profile of ~/.databrickscfg.
        column: only of this column.
        window: only of the window that begins then (ISO 8601, UTC); else the newest.
        slice_value: only of slices with this value.
        most: so many at most.
        as_json: print a list of JSON objects.

    Raises:
        ConfigError: the table is not in the configuration, or the window is no time.
    """
    start = _time(window)
    with opened(path, workspace) as (config, warehouse):
        found = explain_table(
            config, table, warehouse, column=column, window=start, slice_value=slice_value, most=most
        )
    if as_json:
        give_json([_values(one) for one in found])
    elif not found:
        give("no drift was measured there")
    else:
        for one in found:
            _print(one)


def _time(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--window: {text!r} is no time; write it as 2026-01-31 or 2026-01-31T12:00"
        ) from None
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time


def _print(one: Explanation) -> None:
    console = Console(highlight=False)
    console.print(f"\n[bold]{one.drift.title}[/bold]  {one.drift.statistic} {one.drift.value:.3f}")
    for sentence in one.sentences:
        console.print(f"  {sentence}", markup=False)
    shifts = Table(
        "category" if one.categories else "decile", "before", "now", "change", box=None, pad_edge=False
    )
    for shift in one.categories or one.deciles:
        numbers = (shift.before, shift.now, shift.change)
        shown = [f"{number:+.1%}" if one.categories else f"{number:+.6g}" for number in numbers]
        shifts.add_row(shift.name, shown[0].lstrip("+"), shown[1].lstrip("+"), shown[2])
    console.print(shifts)


def _values(one: Explanation) -> dict[str, Any]:
    values = asdict(one)
    for name in ("start", "end", "compared_start"):
        time = getattr(one.drift, name)
        values["drift"][name] = time.isoformat() if time else None
    return {**values, "sentences": one.sentences}
