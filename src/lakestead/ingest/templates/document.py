"""The YAML file: every field explained above, examples below."""

from __future__ import annotations

import textwrap
from pathlib import Path

import yaml

from .examples import EXAMPLES
from .fields import Described, described

_HEAD = """\
# Jobs of `lakestead ingest`: what is read, and where and how it is loaded.
# `lakestead ingest check` finds mistakes; secrets are in .dlt/secrets.toml, never here.
#
# Each job has these keys:
"""


def write_document(path: Path) -> None:
    """Write the template."""
    jobs = [{**example, "enabled": False} for example in EXAMPLES]
    body = yaml.safe_dump({"jobs": jobs}, sort_keys=False, width=100)
    spaced = body.replace("\n- ", "\n\n- ").replace("jobs:\n\n", "jobs:\n")
    head = _HEAD + "".join(map(_explained, described()))
    defaults = "\n# What all jobs have, unless they say otherwise.\ndefaults:\n  retries: 3\n\n"
    path.write_text(head + defaults + spaced, encoding="utf-8")


def _explained(field: Described) -> str:
    choices = f" One of: {', '.join(field.choices)}." if field.choices else ""
    default = f" Else {field.default}." if field.default else ""
    needed = " Needed." if field.required else ""
    about = f"{field.about}{choices}{default}{needed}"
    first, *rest = textwrap.wrap(about, 88)
    lines = [f"#   {field.name:<17} {first}", *(f"#   {'':<17} {line}" for line in rest)]
    return "\n".join(lines) + "\n"
