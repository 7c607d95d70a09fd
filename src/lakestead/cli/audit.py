"""`lakestead audit`: whether the record of an embedded workspace is as it was written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.options import JsonOption
from lakestead.cli.output import complain, give, give_json
from lakestead.core.errors import ConfigError

app = typer.Typer(name="audit", help="The audit of an embedded workspace.", no_args_is_help=True)
_LOG = "system.db"


@app.callback()
def audit() -> None:
    """The audit of an embedded workspace."""


@app.command(epilog="Example: lakestead audit verify .lakestead --contains 5f0c…")
def verify(
    path: Annotated[Path, typer.Argument(help="The workspace's folder; it may be running.")] = Path(
        ".lakestead"
    ),
    contains: Annotated[
        str | None, typer.Option(help="A hash that an earlier run printed: it must still be in the record.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that no row of the record was removed, changed or inserted, and print its newest hashes.

    The record is chained by hash. Who keeps a printed hash elsewhere can find out later, by `--contains`,
    that nothing before it was written anew.
    """
    from lakestead.workspace.system.chain import Chain
    from lakestead.workspace.system.chain import verify as check

    try:
        chains: list[Chain] = check(path / _LOG, contains)
    except FileNotFoundError:
        raise ConfigError(f"There is no embedded workspace in {path}: it has no {_LOG}.") from None
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"{path / _LOG} cannot be read: {error}.") from None
    found = contains is None or any(chain.known for chain in chains)
    faults = [fault for chain in chains for fault in chain.faults]
    if as_json:
        give_json(
            {
                "streams": [
                    {"stream": one.stream, "first": one.first, "last": one.last, "head": one.head}
                    for one in chains
                ],
                "faults": [
                    {"stream": one.stream, "number": one.number, "problem": one.problem} for one in faults
                ],
                "contains": found if contains is not None else None,
            }
        )
    else:
        for chain in chains:
            rows = f"rows {chain.first} to {chain.last}" if chain.last >= chain.first else "no rows"
            give(f"{chain.stream}: {rows}, head {chain.head}")
        for fault in faults:
            complain(f"{fault.stream}: row {fault.number} {fault.problem}")
        if not found:
            complain(f"no row has the hash {contains}")
    if faults or not found:
        raise typer.Exit(Exit.FAILED)
