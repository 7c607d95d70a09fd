"""`lakestead ingest secrets`: where each secret comes from, never what it is."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from lakestead.cli.failures import explained_refusals
from lakestead.cli.ingest.project import found_jobs
from lakestead.cli.output import complain, give_json
from lakestead.ingest.secrets import Resolved

_PIPE_WIDTH = 400  # so that a line is a line


def secrets(config: Path | None, path: Path | None, *, as_json: bool) -> None:
    """Print a table of sources, keys and origins.

    Args:
        config: the jobs' file, if not the usual: variables and stores are searched for the sources it names.
        path: the secrets' file, if not the usual.
        as_json: print a list of objects instead.
    """
    with explained_refusals(), found_jobs(config, path) as loader:
        found = loader.secrets
    for place, text in found.warnings:
        complain(f"{place}: warning: {text}")
    if as_json:
        give_json([_shown(entry) for entry in found.entries])
        return
    if not found.entries:
        complain(
            f"no secrets: neither {loader.secrets_path} nor variables such as DLT_<SOURCE>_PASSWORD are there"
        )
        return
    table = Table(box=None, pad_edge=False)
    for title in ("source", "key", "comes from", "instead of"):
        table.add_column(title, overflow="fold")
    for entry in found.entries:
        source, key = _address(entry)
        table.add_row(source, key, str(entry.origin), "\n".join(map(str, entry.shadows)))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    console.print(table)


def _address(entry: Resolved) -> tuple[str, str]:
    """Return source, or section, and key."""
    *section, key = entry.path[1:] if entry.path[0] == "sources" else entry.path
    return ".".join(section), key


def _shown(entry: Resolved) -> dict[str, object]:
    return {
        "section": ".".join(entry.path[:-1]),
        "key": entry.path[-1],
        "origin": {
            "kind": entry.origin.kind,
            "place": entry.origin.place,
            "reference": entry.origin.reference,
        },
        "shadows": [{"kind": one.kind, "place": one.place} for one in entry.shadows],
    }
