"""`lakestead govern import …`: what other catalogs know."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakestead.cli.govern.opened import GovernanceOption, WorkspaceOption
from lakestead.cli.options import JsonOption
from lakestead.core.errors import ConfigError
from lakestead.core.governance import DEFAULT_PATH

app = typer.Typer(
    name="import",
    help=(
        "Bring in what other catalogs know. Without --apply it is only shown.\n\n"
        "  lakestead govern import atlas export.zip --catalog main   lineage, tags and owners\n\n"
        "  lakestead govern import glue tables.json --catalog main   schemas, tables and views"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

FilesArgument = Annotated[
    list[Path], typer.Argument(help="JSON files, or zip archives of them.", exists=True, dir_okay=False)
]
CatalogOption = Annotated[str, typer.Option(help="The catalog that databases become schemas of.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it.")]


@app.command(epilog="Example: lakestead govern import atlas lineage.json --catalog main --apply")
def atlas(
    files: FilesArgument,
    catalog: CatalogOption,
    cluster: Annotated[
        list[str] | None, typer.Option(help="The catalog of one cluster.", metavar="CLUSTER=CATALOG")
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option(help="Who an owner in Atlas is here.", metavar="OWNER=PRINCIPAL")
    ] = None,
    apply: ApplyOption = False,
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over lineage, classifications (as tags) and owners from exports of Apache Atlas.

    Files are answers of its REST API on lineage and on entities, or archives of its export. With --apply,
    governance.yaml must say where lineage is kept. A second time nothing is taken over again.
    """
    from lakestead.cli.govern.monitored import monitored
    from lakestead.cli.output import give_json
    from lakestead.govern.imports.atlas import plan_atlas, read_atlas

    export = read_atlas(files)
    clusters, owners = _pairs(cluster, "--cluster"), _pairs(owner, "--owner")
    with monitored(governance, workspace) as (warehouse, monitor):
        if apply and not monitor.settings.keeps:
            raise ConfigError(
                "say where lineage is kept: `lineage: {table_in: catalog.schema}`", where=str(governance)
            )
        plan = plan_atlas(export, warehouse, monitor.store, catalog=catalog, clusters=clusters, owners=owners)
        if apply:
            plan.apply(warehouse, monitor.store)
    if as_json:
        give_json(plan.to_json())
        return
    lineage = [f"{one.source} → {one.target} ({one.lineage_type})" for one in plan.lineage]
    _print([*lineage, *plan.statements], plan.skipped, applied=apply)


@app.command(epilog="Example: aws glue get-tables --database-name sales > sales.json")
def glue(
    files: FilesArgument,
    catalog: CatalogOption,
    partly: Annotated[
        bool, typer.Option("--partly", help="Make the rest when something is refused.")
    ] = False,
    apply: ApplyOption = False,
    governance: GovernanceOption = DEFAULT_PATH,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the databases, tables and views of AWS Glue schemas, external tables and views of a catalog.

    Files are answers of `aws glue get-databases` and `aws glue get-tables`. With --apply all is made, or
    nothing: what is refused is named, with its reason. Files in storage are not touched.
    """
    from lakestead.cli.govern.monitored import monitored
    from lakestead.cli.output import give_json
    from lakestead.govern.imports.glue import plan_glue, read_glue

    tables = read_glue(files)
    with monitored(governance, workspace) as (warehouse, _):
        plan = plan_glue(tables, catalog, warehouse)
        if apply:
            plan.apply(warehouse, partly=partly)
    if as_json:
        give_json(plan.to_json())
    else:
        _print([one.statement for one in plan.steps], plan.refused, applied=apply)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """Return what NAME=VALUE options say."""
    pairs = [one.partition("=") for one in given or []]
    for name, _, value in pairs:
        if not name or not value:
            raise ConfigError(f"{option} is NAME=VALUE, not '{name}'")
    return {name: value for name, _, value in pairs}


def _print(changes: Sequence[str], left_out: Sequence[str], *, applied: bool) -> None:
    console = Console(highlight=False)
    for change in changes:
        console.print(change, markup=False, soft_wrap=True)
    for one in left_out:
        console.print(f"left out: {one}", style="yellow", markup=False, soft_wrap=True)
    if not changes:
        console.print("Nothing to change.")
    else:
        console.print(f"{len(changes)} changes{'' if applied else ', not made: --apply makes them'}.")
