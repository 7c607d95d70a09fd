"""What must hold between jobs: one function for each rule. Only enabled jobs are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import combinations
from typing import TypeAlias

from .entry import Entry, Finding
from .job import Job

Placed: TypeAlias = tuple[Job, Entry]

# Strategies that leave other jobs' rows alone.
_SHARING = ("append", "merge", "delete+insert")


def names_differ(jobs: Sequence[Placed]) -> Iterator[Finding]:
    """A job's state and logs go by its name."""
    first: dict[str, Entry] = {}
    for job, entry in jobs:
        other = first.setdefault(job.name.lower(), entry)
        if other is not entry:
            field = "name" if "name" in entry.values else "table_name"
            yield entry.finding(
                field, f"the job at {_spot(other)} is also called '{job.name}'; give one another name"
            )


def sources_are_of_one_type(jobs: Sequence[Placed]) -> Iterator[Finding]:
    """A source has one section of the secrets, which is that of one type."""
    first: dict[str, Placed] = {}
    for job, entry in jobs:
        other, place = first.setdefault(job.source_name, (job, entry))
        if other.source_type != job.source_type:
            yield entry.finding(
                "source_type",
                f"the source '{job.source_name}' is {other.source_type} at {_spot(place)}; it has one type",
            )


def targets_are_shared_in_peace(jobs: Sequence[Placed]) -> Iterator[Finding]:
    """Several jobs may fill one table if none of them removes the others' rows."""
    for (one, place), (other, entry) in combinations(jobs, 2):
        if _target(one) != _target(other):
            continue
        name = ".".join(part for part in (other.target_schema, other.target_name) if part)
        both = f"the job '{one.name}' ({_spot(place)}) fills the table {name} too"
        remover = next((job for job in (one, other) if job.strategy_for(()) not in _SHARING), None)
        field = "target_table" if "target_table" in entry.values else "table_name"
        if remover is not None:
            yield entry.finding(
                field,
                f"{both}, and '{remover.name}' with strategy '{remover.strategy_for(())}' would remove its"
                " rows; give one another target_table, or let both append or merge",
            )
        elif one.primary_key and other.primary_key and _lower(one.primary_key) != _lower(other.primary_key):
            yield entry.finding("primary_key", f"{both}, by another primary key; both must have the same")


def patterns_leave_single_tables(jobs: Sequence[Placed]) -> Iterator[Finding]:
    """A table that a pattern matches is loaded by the pattern's job."""
    for pattern, place in jobs:
        for job, entry in jobs if pattern.is_pattern else ():
            same = (job.source_name, job.schema_name) == (pattern.source_name, pattern.schema_name)
            if job is pattern or not same or not job.table_name or job.is_pattern:
                continue
            if fnmatchcase(job.table_name.lower(), str(pattern.table_name).lower()):
                yield entry.finding(
                    "table_name",
                    f"the pattern '{pattern.table_name}' of '{pattern.name}' ({_spot(place)}) loads it too;"
                    " narrow the pattern, or disable this job",
                )


def _target(job: Job) -> tuple[object, ...]:
    if job.is_pattern:
        return (id(job),)  # its tables are not known yet
    return (job.destination_type, job.target_catalog, job.target_schema, job.target_name.lower())


def _lower(names: tuple[str, ...]) -> list[str]:
    return sorted(name.lower() for name in names)


def _spot(entry: Entry) -> str:
    """Return a row or a line, without the file's name, which is the same."""
    return entry.place.rpartition(" ")[2].rpartition("!")[2] if "!" in entry.place else entry.place


RULES: tuple[Callable[[Sequence[Placed]], Iterator[Finding]], ...] = (
    names_differ,
    sources_are_of_one_type,
    targets_are_shared_in_peace,
    patterns_leave_single_tables,
)


def between(jobs: Sequence[Placed]) -> list[Finding]:
    """Return what is wrong between jobs."""
    enabled = [(job, entry) for job, entry in jobs if job.enabled]
    return [finding for rule in RULES for finding in rule(enabled)]
