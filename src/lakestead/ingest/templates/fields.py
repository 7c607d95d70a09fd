"""What a template says of each field of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from lakestead.ingest.jobs import Job
from lakestead.ingest.sources.registry import SOURCES


@dataclass(frozen=True, slots=True)
class Described:
    """A field.

    Attributes:
        name: the column's, and YAML's key.
        about: one or two sentences.
        choices: the words it can be; empty if it is free.
        default: as it would be written; empty if there is none.
        required: whether it has to be given.
    """

    name: str
    about: str
    choices: tuple[str, ...]
    default: str
    required: bool


def described() -> list[Described]:
    """Return all fields in the order of the sheet."""
    fields = []
    for name, field in Job.model_fields.items():
        default = field.get_default() if not field.is_required() else None
        choices = _CHOICES.get(name, _choices(field.annotation))
        required = field.is_required() and name != "name"
        fields.append(Described(name, field.description or "", choices, _written(default), required))
    return fields


def _choices(kind: Any) -> tuple[str, ...]:
    """Return the words of a type that has some, within a union or not."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return next((words for inner in get_args(kind) if (words := _choices(inner))), ())


def _written(default: Any) -> str:
    if isinstance(default, bool):
        return "Y" if default else "N"
    return "" if default in (None, (), {}) else str(default)


_CHOICES = {"enabled": ("Y", "N"), "source_type": tuple(SOURCES.names)}
