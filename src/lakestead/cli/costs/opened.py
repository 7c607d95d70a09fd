"""The workspaces that `lakestead costs` asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from lakestead.cli.failures import explained_refusals
from lakestead.client import Profile, Warehouse, find_workspace

_TAGS = {"project": "lakestead-costs"}  # what asking costs is to be found, too


@contextmanager
def opened(profiles: list[str] | None) -> Iterator[list[Warehouse]]:
    """Yield the warehouses to ask; Databricks' refusals end the program with their message.

    Args:
        profiles: of ~/.databrickscfg; the usual workspace if there is none.
    """
    with explained_refusals(), ExitStack() as stack:
        names: list[str | None] = list(profiles) if profiles else [None]
        warehouses = []
        for name in names:
            found = stack.enter_context(closing(find_workspace(Profile(name=name))))
            warehouses.append(stack.enter_context(closing(Warehouse(found.profile, tags=_TAGS))))
        yield warehouses
