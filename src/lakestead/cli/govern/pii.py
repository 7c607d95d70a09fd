"""`lakestead govern pii …`: personal data found, planned to be tagged, and tagged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakestead.cli.exits import Exit
from lakestead.cli.failures import explained_refusals
from lakestead.cli.options import JsonOption
from lakestead.cli.output import complain, give_json
from lakestead.core.governance import DEFAULT_PATH

if TYPE_CHECKING:
    from lakestead.client import Warehouse
    from lakestead.govern.pii import PiiSettings, TableScan, TagChange

app = typer.Typer(
    name="pii",
    help=(
        "Find columns with personal data, and tag them.\n\n"
        "  lakestead govern pii scan main     what is found, with what speaks for it\n\n"
        "  lakestead govern pii plan main     which tags it would get\n\n"
        "  lakestead govern pii apply main    sets them; tags that people have set stay"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

ScopeArgument = Annotated[
    str,
    typer.Argument(metavar="[CATALOG[.SCHEMA[.TABLE]]]", help="What to look at; all catalogs by default."),
]
FileOption = Annotated[
    Path, typer.Option("--governance", help="The file whose section `pii` says how.", dir_okay=False)
]
SampleOption = Annotated[
    int | None, typer.Option(help="Rows of each table that are looked at.", min=1, show_default="2000")
]
AgainOption = Annotated[bool, typer.Option("--again", help="Look at tables that were scanned already, too.")]
SystemOption = Annotated[str, typer.Option(help="The catalog that has the information schema of all.")]


@dataclass(frozen=True)
class Request:
    """What is asked of every command.

    Args:
        settings: how it is done.
        again: look at all tables.
        system: the catalog that has the information schema.
    """

    settings: PiiSettings
    again: bool
    system: str


@app.callback()
def asked(
    context: typer.Context,
    sample: SampleOption = None,
    again: AgainOption = False,
    governance: FileOption = DEFAULT_PATH,
    system: SystemOption = "system",
) -> None:
    """Take the options that all commands have; they stand before the command."""
    context.obj = Request(_settings(governance, sample), again, system)


@app.command(epilog="Exit codes: 0 nothing found, 1 personal data found, 2 wrong usage or declaration.")
def scan(context: typer.Context, scope: ScopeArgument = "", as_json: JsonOption = False) -> None:
    """Look at rows of tables and say which columns hold personal data. Values are shown masked."""
    with _opened() as warehouse:
        scans = _scan(warehouse, context.obj, scope)
    if as_json:
        give_json([asdict(one) | {"time": one.time.isoformat()} for one in scans])
    else:
        _show(scans)
    raise typer.Exit(Exit.FAILED if any(one.findings for one in scans) else Exit.DONE)


@app.command()
def plan(context: typer.Context, scope: ScopeArgument = "", as_json: JsonOption = False) -> None:
    """Show which tags columns would get, and which stay as people have set them."""
    with _opened() as warehouse:
        _give(_planned(warehouse, context.obj, scope), as_json=as_json)


@app.command()
def apply(
    context: typer.Context,
    scope: ScopeArgument = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Set the tags of the plan, once you have agreed to it."""
    from lakestead.govern.pii import apply_tags

    with _opened() as warehouse:
        changes = _planned(warehouse, context.obj, scope)
        _give(changes, as_json=as_json)
        wanted = sum(change.action == "set" for change in changes)
        if wanted and not yes and not typer.confirm(f"Set {wanted} tags?", err=True):
            raise typer.Exit(Exit.FAILED)
        complain(f"{apply_tags(warehouse, changes)} tags set")


def _planned(warehouse: Warehouse, request: Request, scope: str) -> list[TagChange]:
    from lakestead.govern.pii import plan_tags

    scans = _scan(warehouse, request, scope)
    return plan_tags(warehouse, scans, request.settings, request.system)


@contextmanager
def _opened() -> Iterator[Warehouse]:
    from lakestead.client import Profile, Warehouse, find_workspace

    with (
        explained_refusals(),
        closing(find_workspace(Profile())) as workspace,
        closing(Warehouse(workspace.profile, {"lakestead": "govern"})) as warehouse,
    ):
        yield warehouse


def _settings(path: Path, sample: int | None) -> PiiSettings:
    from lakestead.core.governance import section
    from lakestead.govern.pii import PiiSettings

    settings = section(path, "pii", PiiSettings) if path.exists() else PiiSettings()
    return settings if sample is None else settings.model_copy(update={"sample_rows": sample})


def _scan(warehouse: Warehouse, request: Request, scope: str) -> list[TableScan]:
    from rich.console import Console
    from rich.progress import Progress

    from lakestead.core.names import split_name
    from lakestead.govern.pii import Scanner

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("tables", total=None)
        return Scanner(warehouse, request.settings, request.system).scan(
            split_name(scope) if scope else (),
            again=request.again,
            progress=lambda _, total: progress.update(task, advance=1, total=total),
        )


def _show(scans: Sequence[TableScan]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    shown = Table(title="Personal data")
    for name in ("column", "kind", "sure", "values", "like", "because"):
        shown.add_column(name, overflow="fold", justify="right" if name in ("sure", "values") else "left")
    for one in scans:
        for finding in one.findings:
            shown.add_row(
                finding.full_name,
                finding.kind,
                f"{finding.confidence:.0%}",
                f"{finding.frequency:.0%}",
                "\n".join(finding.samples[:2]),
                "; ".join(finding.reasons),
            )
    if shown.row_count:
        console.print(shown)
    failed = [one for one in scans if one.error]
    for one in failed:
        complain(f"{'.'.join(one.table)} was not scanned: {one.error}")
    columns = sum(one.columns for one in scans)
    console.print(f"{shown.row_count} of {columns} columns in {len(scans) - len(failed)} tables")


def _give(changes: Sequence[TagChange], *, as_json: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    if as_json:
        give_json([asdict(change) for change in changes])
        return
    shown = Table(title="Tags")
    for name in ("column", "tag", "action"):
        shown.add_column(name, overflow="fold")
    for change in changes:
        action = "set" if change.action == "set" else f"stays {change.present or 'as it was reviewed'}"
        shown.add_row(".".join((*change.table, change.column)), f"{change.key} = {change.value}", action)
    Console(highlight=False).print(shown)
