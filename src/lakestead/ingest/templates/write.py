"""Writes the templates of a project."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from lakestead.core.errors import ConfigError

from .document import write_document
from .workbook import write_workbook

_IGNORED = ".dlt/secrets.toml"
_WRITERS = {"xlsx": write_workbook, "yaml": write_document}


def write_templates(folder: Path, formats: Iterable[str], *, force: bool = False) -> list[Path]:
    """Write the jobs' and the secrets' templates, and keep the secrets out of Git.

    Args:
        folder: the project's; made if it is not there.
        formats: of the jobs: `xlsx`, `yaml`.
        force: write over files that are there.

    Returns:
        The files that were written or changed.

    Raises:
        ConfigError: when one of them is there and `force` is not given; nothing is written then.
        MissingExtra: when a workbook is asked for and openpyxl is not installed.
    """
    jobs = {folder / "config" / f"ingestion_config.{suffix}": _WRITERS[suffix] for suffix in formats}
    secrets = folder / ".dlt" / "secrets.toml.template"
    template = (files("lakestead.ingest.secrets") / secrets.name).read_text(encoding="utf-8")
    changed = secrets.exists() and secrets.read_text(encoding="utf-8") != template
    there = [path for path in jobs if path.exists()] + ([secrets] if changed else [])
    if there and not force:
        raise ConfigError(f"is there already; --force writes over it: {', '.join(map(str, there))}")
    for path, write in jobs.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
    secrets.parent.mkdir(parents=True, exist_ok=True)
    secrets.write_text(template, encoding="utf-8")
    return [*jobs, secrets, *_ignore(folder / ".gitignore")]


def _ignore(path: Path) -> list[Path]:
    """Add the secrets to `.gitignore`, unless they are there."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if _IGNORED in (line.strip().lstrip("/") for line in text.splitlines()):
        return []
    gap = "" if not text or text.endswith("\n") else "\n"
    path.write_text(f"{text}{gap}{_IGNORED}\n", encoding="utf-8")
    return [path]
