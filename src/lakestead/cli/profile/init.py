"""`lakestead profile init`: a configuration to fill in."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from lakestead.cli.output import give
from lakestead.core.errors import ConfigError


def init(path: Path, *, force: bool) -> None:
    """Write the configuration and say what to do next.

    Args:
        path: where.
        force: write over a file that is there.

    Raises:
        ConfigError: there is a file, and it is not to be written over.
    """
    if path.exists() and not force:
        raise ConfigError("is there already; --force writes over it", where=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    template = files("lakestead.profiling").joinpath("template.yaml")
    path.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
    give(f"wrote {path}\n\nNext: name your catalog and tables in it; then\n  lakestead profile check {path}")
