"""The workspaces that `lakestead costs` asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from lakestead.cli.failures import explained_refusals
from lakestead.client import Profile, Warehouse, find_workspace
from lakestead.client.workspaces import DeclaredWorkspaces
from lakestead.core.governance import section

_TAGS = {"project": "lakestead-costs"}  # what asking costs is to be found, too


@contextmanager
def opened(profiles: list[str] | None, governance: Path) -> Iterator[list[Warehouse]]:
    """Yield the warehouses to ask; Databricks' refusals end the program with their message.

    Args:
        profiles: of ~/.databrickscfg; if there is none, the section `workspaces` of the governance file, or
            else the usual workspace.
        governance: the file.
    """
    with explained_refusals(), ExitStack() as stack:
        found = _declared(governance) if not profiles and governance.exists() else []
        if not found:
            places = [find_workspace(Profile(name=name)) for name in profiles or (None,)]
            found = [stack.enter_context(closing(place)).profile for place in places]
        yield [stack.enter_context(closing(Warehouse(profile, tags=_TAGS))) for profile in found]


def _declared(governance: Path) -> list[Profile]:
    known = section(governance, "workspaces", DeclaredWorkspaces).known()
    return [one.profile for one in known if one.costs]
