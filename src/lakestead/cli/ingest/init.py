"""`lakestead ingest init`: templates to fill in."""

from __future__ import annotations

from pathlib import Path

from lakestead.cli.output import give
from lakestead.ingest.templates import write_templates


def init(folder: Path, file_format: str, *, force: bool) -> None:
    """Write the templates and say what to do next.

    Args:
        folder: the project's.
        file_format: `xlsx`, `yaml` or `both`.
        force: write over files that are there.
    """
    formats = ("xlsx", "yaml") if file_format == "both" else (file_format,)
    for path in write_templates(folder, formats, force=force):
        give(f"wrote {path}")
    secrets = folder / ".dlt" / "secrets.toml"
    give(f"\nNext: name your tables in it; then\n  cp {secrets}.template {secrets} && chmod 600 {secrets}")
    give("and fill that in; then\n  lakestead ingest check")
