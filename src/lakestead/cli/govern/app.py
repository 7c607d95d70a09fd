"""The commands of `lakestead govern`, put together."""

from __future__ import annotations

import typer

from lakestead.cli.govern.commands import app as policies
from lakestead.cli.govern.imports import app as imports
from lakestead.cli.govern.origins import app as origins
from lakestead.cli.govern.pii import app as pii

app = typer.Typer(
    name="govern",
    help=(
        "Lineage, personal data, policies, retention and compliance.\n\n"
        "[bold]Start here[/bold]\n\n"
        "  lakestead govern lineage main.sales.orders    where its data comes from and goes to\n\n"
        "  lakestead govern impact main.sales.orders     what breaks when it is dropped\n\n"
        "  lakestead govern pii scan                     where personal data is\n\n"
        "  lakestead govern check                        what breaks the policies of governance.yaml\n\n"
        "  lakestead govern plan                         the grants, masks, filters and tags they ask for\n\n"
        "  lakestead govern apply                        make them\n\n"
        "  lakestead govern audit                        what GDPR, CCPA, SOX and HIPAA ask for"
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
)

app.add_typer(origins)
app.add_typer(policies)
app.add_typer(pii)
app.add_typer(imports)
