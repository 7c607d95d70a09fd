"""The workspace and the declarations that `lakestead govern` goes by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakestead.cli.failures import explained_refusals
from lakestead.core.errors import ConfigError
from lakestead.core.governance import DEFAULT_PATH

if TYPE_CHECKING:
    from lakestead.client import Warehouse
    from lakestead.govern.policies import Governance

GovernanceOption = Annotated[
    Path, typer.Option("--governance", help="The declarations.", dir_okay=False, show_default=True)
]
WorkspaceOption = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        help="A profile of ~/.databrickscfg. Else what DATABRICKS_* says, or the embedded workspace.",
    ),
]
SystemOption = Annotated[
    str,
    typer.Option("--system", help="The catalog of the system tables; another if you keep copies of them."),
]


@contextmanager
def opened(profile: str | None) -> Iterator[Warehouse]:
    """Yield the warehouse to ask; Databricks' refusals end the program with their message.

    Args:
        profile: of ~/.databrickscfg; the usual workspace if there is none.
    """
    from lakestead.client import Profile, Warehouse, find_workspace

    with (
        explained_refusals(),
        closing(find_workspace(Profile(name=profile))) as workspace,
        closing(Warehouse(workspace.profile, {"lakestead": "govern"})) as warehouse,
    ):
        yield warehouse


def declared(path: Path) -> Governance:
    """Return what a governance file says.

    Raises:
        ConfigError: it is not there, or wrong.
    """
    from lakestead.govern.policies import Governance

    if not path.exists() and path == DEFAULT_PATH:
        raise ConfigError(f"there is no {path} here: write one, or name it by --governance")
    return Governance.load(path)
