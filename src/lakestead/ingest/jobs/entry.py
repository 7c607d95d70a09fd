"""What a file says of one job, where it says it, and what is found wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lakestead.core.config import unknown

from .job import Job
from .values import switch

_SHOWN = 60  # characters of a value in a message


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake, or what is worth knowing.

    Attributes:
        place: file, sheet and cell, or line and column, or the name of a variable.
        text: what is wrong and what to do.
        fatal: whether nothing can run before it is mended.
    """

    place: str
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One job as a file has it.

    Attributes:
        values: by the fields' names; what is empty is left out.
        places: where each value is written.
        place: where a missing value would be.
    """

    values: Mapping[str, Any]
    place: str
    places: Mapping[str, str] = field(default_factory=dict)

    def finding(self, name: str, text: str, *, fatal: bool = True) -> Finding:
        """Return a finding about a field of this entry, with the value that was given."""
        given = self.values.get(name)
        shown = f"{name} {_quoted(given)}" if given is not None else name
        return Finding(self.places.get(name, self.place), f"{shown}: {text}", fatal)


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that a file says.

    Attributes:
        jobs: those that are right, each with its entry; disabled ones too.
        findings: what is wrong with the others.
        entries: all of them.
    """

    jobs: tuple[tuple[Job, Entry], ...] = ()
    findings: tuple[Finding, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def source_names(self) -> set[str]:
        """The names of all sources, also of jobs that have mistakes."""
        return {str(entry.values["source_name"]) for entry in self.entries if "source_name" in entry.values}


def declare(entries: Iterable[Entry], findings: Iterable[Finding] = ()) -> Declared:
    """Make jobs of entries.

    Args:
        entries: in the file's order.
        findings: what is wrong with the file itself.
    """
    entries = tuple(entries)
    jobs: list[tuple[Job, Entry]] = []
    found = list(findings)
    for entry in entries:
        try:
            jobs.append((Job.model_validate(dict(entry.values)), entry))
        except ValidationError as error:
            details = [_explain(detail, entry) for detail in error.errors()]
            found += [_excused(finding, entry) for finding in details]
    return Declared(tuple(jobs), tuple(found), entries)


def _explain(detail: ErrorDetails, entry: Entry) -> Finding:
    name = str(detail["loc"][0])
    if detail["type"] == "missing":
        return entry.finding(name, "is missing")
    if detail["type"] == "extra_forbidden":
        return Finding(entry.places.get(name, entry.place), unknown("key", name, list(Job.model_fields)))
    inside = "".join(f"{part}: " for part in detail["loc"][1:] if part not in ("[key]",))
    message = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return entry.finding(name, inside + message)


def _excused(finding: Finding, entry: Entry) -> Finding:
    """A job that is switched off, perhaps because it is not ready, keeps none of the others from running."""
    try:
        enabled = switch(entry.values.get("enabled", True))
    except ValueError:
        enabled = True
    return finding if enabled else replace(finding, text=f"{finding.text} (not enabled)", fatal=False)


def _quoted(value: Any) -> str:
    text = value.isoformat(" ") if isinstance(value, datetime.datetime) else str(value)
    return f"'{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}'"
