"""`governance.yaml`: one file of declarations, each section read by the room that it configures."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from lakestead.core.config import read_yaml, unknown
from lakestead.core.errors import ConfigError

M = TypeVar("M", bound=BaseModel)

DEFAULT_PATH = Path("governance.yaml")
SECTIONS = (
    "attribution",     # costs: which tags say team, project and cost centre
    "budgets",         # costs
    "classification",  # govern: levels, and who is cleared for which
    "compliance",      # govern: frameworks and what they concern
    "lineage",         # govern
    "pii",             # govern
    "policies",        # govern
    "prices",          # costs: what the price lists do not say
    "retention",       # govern
    "telemetry",       # telemetry
    "workspaces",      # govern and costs: several workspaces as one
)  # fmt: skip


def section(path: Path, name: str, model: type[M]) -> M:
    """Return a section of a governance file; a model of nothing if the file has no such section.

    Args:
        path: the file.
        name: one of `SECTIONS`.
        model: what the section must be; all its fields have defaults, or it is a root model of a list.

    Raises:
        ConfigError: when the file cannot be read or is wrong; says where.
    """
    document = read_yaml(path)
    if not isinstance(document.data, dict):
        raise ConfigError("must be a mapping of sections", where=str(path))
    for key in document.data:
        if key not in SECTIONS:
            raise ConfigError(unknown("section", str(key), SECTIONS), where=document.place(key))
    return document.inside(name).read_as(model) if name in document.data else model()
