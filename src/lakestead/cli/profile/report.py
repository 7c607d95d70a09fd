"""`lakestead profile report`: the state of all monitors as a page."""

from __future__ import annotations

from pathlib import Path

from lakestead.cli.output import give
from lakestead.cli.profile.opened import opened
from lakestead.profiling.report import page, read_contents


def report(path: Path, output: Path, workspace: str | None) -> None:
    """Write the page.

    Args:
        path: the configuration.
        output: the file to write.
        workspace: a profile of ~/.databrickscfg.
    """
    with opened(path, workspace) as (config, warehouse):
        contents = read_contents(config, warehouse)
    output.write_text(page(contents), encoding="utf-8")
    give(f"{output}: {len(contents.targets)} tables")
